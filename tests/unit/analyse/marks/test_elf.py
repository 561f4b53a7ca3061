"""The marks of an ELF that is put together byte by byte."""

import random
import struct

from consilience.analyse.containers.bounds import Damaged
from consilience.analyse.containers.elf import Elf
from consilience.analyse.marks.elf import elf_marks

NAMES = b"\0.dynamic\0.dynstr\0.dynsym\0.gnu_debuglink\0.comment\0.names\0"
TEXTS = b"\0libimplant.so\0/home/dev/lib\0$ORIGIN\0start_it\0needed\0"


def symbols(size):
    def row(name, section):
        pieces = struct.pack("<IBBH", TEXTS.index(name), 0x12, 0, section), struct.pack("<QQ", 0x1000, 16)
        return (
            pieces[0] + pieces[1]
            if size == 8
            else struct.pack("<IIIBBH", TEXTS.index(name), 0x1000, 16, 0x12, 0, section)
        )

    return bytes(24 if size == 8 else 16) + row(b"start_it", 1) + row(b"needed", 0)


def elf(size=8):
    """A file of sections only, for 64 or 32 bits."""
    word = "Q" if size == 8 else "I"
    tags = ((14, b"libimplant.so"), (15, b"/home/dev/lib"), (29, b"$ORIGIN"))
    dynamic = b"".join(struct.pack(f"<2{word}", tag, TEXTS.index(text)) for tag, text in tags) + bytes(2 * size)
    parts = [
        (b".dynamic", 6, dynamic, 2),
        (b".dynstr", 3, TEXTS, 0),
        (b".dynsym", 11, symbols(size), 2),
        (b".gnu_debuglink", 1, b"implant.debug\0\0\0crc!", 0),
        (b".comment", 1, b"GCC: (Test) 1.0\0", 0),
        (b".names", 3, NAMES, 0),
    ]
    head = 64 if size == 8 else 52
    entry = {6: 2 * size, 11: 24 if size == 8 else 16}
    data, rows = bytearray(head), [bytes(64 if size == 8 else 40)]
    for name, kind, raw, link in parts:
        data += bytes(-len(data) % 8)
        form = "<IIQQQQIIQQ" if size == 8 else "<10I"
        rows.append(
            struct.pack(form, NAMES.index(name), kind, 0, 0, len(data), len(raw), link, 0, 8, entry.get(kind, 0))
        )
        data += raw
    data += bytes(-len(data) % 8)
    middle = struct.pack(
        f"<HHI3{word}I6H", 3, 62, 1, 0, 0, len(data), 0, head, 0, 0, len(rows[0]), len(rows), len(rows) - 1
    )
    data[:head] = b"\x7fELF" + bytes((2 if size == 8 else 1, 1, 1)).ljust(12, b"\0") + middle
    return bytes(data) + b"".join(rows)


def told(raw):
    parsed = Elf(raw)
    return [(mark.kind, mark.value) for mark in elf_marks(parsed, parsed.image())], parsed.notes


def test_what_an_elf_tells_of_itself():
    """Its compiler, its own name, where it looks for libraries, its debug file and its exports, in both widths."""
    for size in (8, 4):
        assert told(elf(size)) == (
            [
                ("build:toolchain", "GCC: (Test) 1.0"),
                ("file:name", "libimplant.so"),
                ("file:path", "/home/dev/lib"),
                ("file:name", "implant.debug"),
                ("code:export", "start_it"),
            ],
            [],
        )


def test_damage_gives_marks_or_the_one_error():
    """Changed anywhere, an ELF gives marks, with notes, or the one error, and nothing else."""
    whole, picked, refused = elf(), random.Random(6), 0
    for _ in range(2_000):
        raw = bytearray(whole)
        for _ in range(picked.randrange(1, 5)):
            raw[picked.randrange(len(raw))] = picked.randrange(256)
        try:
            told(bytes(raw))
        except Damaged:
            refused += 1
    assert 0 < refused < 2_000
