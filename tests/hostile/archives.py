"""Hostile archives, and universal and managed programs whose tables lie."""

import bz2
import gzip
import lzma
import struct

from tests.unit.analyse.test_archives import HOSTILE, ONE, crowded, nested, zipped
from tests.unit.analyse.test_dotnet import PLAIN, assembly
from tests.unit.analyse.test_macho import WHOLE, X64, chained, macho, universal

MIB = 1 << 20


def archive_files():
    """Archives that break each rule, and some that do nearly."""
    for name, (make, _) in HOSTILE.items():
        yield f"{name}.archive", make
    yield "a directory of ten thousand.zip", lambda: crowded(10_000)
    yield "no directory.zip", lambda: zipped(("a", ONE))[:-22]
    yield "a directory of nothing.zip", lambda: b"PK\5\6" + bytes(18)
    yield "members without end.zip", lambda: b"PK\5\6" + bytes(4) + b"\xff\xff" * 2 + bytes(10)
    yield "cut off.tar.xz", lambda: lzma.compress(ONE)[:-12]
    yield "a bomb.bz2", lambda: bz2.compress(bytes(100 * MIB))
    yield "a bomb.xz", lambda: lzma.compress(bytes(50 * MIB))
    yield "a dictionary of gigabytes.zip", _greedy
    yield "packed forty times.gz", lambda: _packed_often(ONE, 40)
    yield "two in one.zip", lambda: zipped(("a", nested(2))) + zipped(("b", ONE))


def _greedy():
    """A zip whose LZMA says that it needs four gigabytes."""
    raw = bytearray(zipped(("a", ONE), method=14))
    at = 30 + 1
    raw[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    return bytes(raw)


def _packed_often(raw, times):
    for _ in range(times):
        raw = gzip.compress(raw, mtime=0)
    return raw


def macho_files():
    """Mach-O files whose commands, tables and names lie."""
    yield "only a mark.macho", lambda: WHOLE[:4]
    yield "commands without end.macho", lambda: WHOLE[:16] + b"\xff\xff\xff\x7f" * 2 + WHOLE[24:]
    yield "commands of nothing.macho", lambda: WHOLE[:36] + bytes(4) + WHOLE[40:]
    yield "starts without end.macho", lambda: macho(starts=b"\xff" * 1_000_000)
    yield "a million starts.macho", lambda: macho(bytes(1_100_000), starts=b"\x80\x20" + b"\1" * 1_000_000)
    yield "a tree of itself.macho", lambda: macho(lc80000033=b"\0\xff" + b"a\0\0" * 255)
    yield "a tree of everything.macho", lambda: macho(lc80000033=b"\0\xffa\0" * 500_000)
    yield "steps without end.macho", lambda: macho(lc22=b"\x90" * 8_000_000)
    yield "one name time and again.macho", lambda: macho(lc22=b"\x40a\0" * 2_000_000)
    yield "names nowhere.macho", lambda: macho(lc80000034=struct.pack("<7I", 0, 0, 28, 1 << 31, 1 << 31, 1, 0))
    yield "many names.macho", lambda: macho(lc80000034=chained([b"_" + b"n" * 500] * 3_000))
    yield "sixteen machines.macho", lambda: universal(*[(X64, WHOLE)] * 16)
    yield "machines of machines.macho", lambda: universal(*[(X64, universal((X64, WHOLE)))] * 8)


def dotnet_files():
    """Assemblies whose streams, tables and bodies lie."""
    fair = assembly(PLAIN)
    at = fair.index(b"BSJB")
    yield "streams without end.dll", lambda: fair[: at + 30] + b"\xff\xff" + fair[at + 32 :]
    yield "no streams.dll", lambda: fair[: at + 30] + bytes(2) + fair[at + 32 :]
    yield "a version without end.dll", lambda: fair[: at + 12] + b"\xff\xff\xff\x7f" + fair[at + 16 :]
    yield "ten thousand methods.dll", lambda: assembly(*[PLAIN] * 2_000)
    yield "a switch without end.dll", lambda: assembly(b"\x45\xff\xff\xff\xff" * 200_000)
    yield "prefixes.dll", lambda: assembly(b"\xfe" * 1_000_000)


FILES = (archive_files, macho_files, dotnet_files)
