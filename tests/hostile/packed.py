"""Hostile packed files and columns: bombs, packings within packings, and footers that lie."""

import gzip
import io
import struct
import zlib

import numpy
import pyarrow as pa
import pyarrow.parquet as pq

ROW = b'{"publisher": "P", "subject": "S", "kind": "mutex", "value": "v"}\n'


def _bomb(mebibytes):
    """A gzip file that unpacks to so many mebibytes of zeros: one packed mebibyte, which is repeated."""
    piece = bytes(1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    total = 0
    for _ in range(mebibytes):
        total = zlib.crc32(piece, total)
    head, end = b"\x1f\x8b\x08" + bytes(5) + b"\x02\xff", struct.pack("<2I", total, mebibytes << 20)
    return head + packed * mebibytes + packer.flush() + end


def _packed_often(raw, times):
    for _ in range(times):
        raw = gzip.compress(raw)
    return raw


def gzip_files():
    """Packed files that unpack to too much, to nothing, or to another packed file."""
    yield "a bomb.jsonl.gz", lambda: gzip.compress(ROW) + _bomb(1 << 10)
    yield "bombs in a row.jsonl.gz", lambda: gzip.compress(ROW) + _bomb(1 << 8) * 30
    yield "cut off.jsonl.gz", lambda: gzip.compress(ROW * 1_000)[:-12]
    yield "followed by others.jsonl.gz", lambda: gzip.compress(ROW) + b"something else"
    yield "packed forty times.jsonl.gz", lambda: _packed_often(ROW, 40)
    yield "a wrong sum.jsonl.gz", lambda: gzip.compress(ROW)[:-8] + bytes(8)
    yield "only a head.gz", lambda: b"\x1f\x8b\x08\x18" + bytes(6) + b"a" * 200_000
    yield "a program bomb.exe.gz", lambda: gzip.compress(b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0") + _bomb(1 << 9)


def _table(columns, **options):
    made = io.BytesIO()
    pq.write_table(pa.table(columns), made, **options)
    return made.getvalue()


def _one_word(rows):
    """A column that says one long word in every row, and holds it once."""
    return pa.DictionaryArray.from_arrays(pa.array(numpy.zeros(rows, dtype="i4")), pa.array(["x" * 10_000]))


def _lying(raw, shift):
    """A table whose footer has bytes changed, with its length as it was."""
    size = struct.unpack("<I", raw[-8:-4])[0]
    footer = bytearray(raw[-8 - size : -8])
    for at in range(shift, len(footer), 17):
        footer[at] ^= 0xFF
    return raw[: -8 - size] + bytes(footer) + raw[-8:]


def parquet_files():
    """Tables whose footers lie, and columns that say one thing a hundred million times."""
    fair = {"publisher": ["P"], "subject": ["S"], "kind": ["mutex"], "value": ["v"]}
    yield "only a mark.parquet", lambda: b"PAR1"
    yield "a mark twice.parquet", lambda: b"PAR1" + bytes(1_000) + b"PAR1"
    yield "a footer too long.parquet", lambda: _table(fair)[:-8] + b"\xff\xff\xff\x7fPAR1"
    for shift in (1, 3, 7, 11):
        yield f"a footer that lies {shift}.parquet", lambda shift=shift: _lying(_table(fair), shift)
    yield "cut off.parquet", lambda: _table({"publisher": ["P"] * 1_000})[:-20]
    yield "ten thousand columns.parquet", lambda: _table({f"c{each}": [each] for each in range(10_000)})
    yield "one word time and again.parquet", lambda: _table({"value": _one_word(200_000)})
    yield "numbers for words.parquet", lambda: _table({"publisher": [1], "subject": [2.5], "kind": [True]})


FILES = (gzip_files, parquet_files)
