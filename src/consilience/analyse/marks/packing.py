"""Signs of packing and what lies behind the end of a PE, worded as signs: each is also seen in honest programs."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from consilience.analyse.containers.bounds import Damaged
from consilience.analyse.containers.image import Image, Section
from consilience.analyse.containers.pe import SIGNATURES, PortableExecutable
from consilience.analyse.marks.mark import Mark

PACKERS = {
    ".aspack": "ASPack",
    ".adata": "ASPack",
    ".enigma1": "Enigma Protector",
    ".enigma2": "Enigma Protector",
    ".mpress1": "MPRESS",
    ".mpress2": "MPRESS",
    ".nsp0": "NsPack",
    ".nsp1": "NsPack",
    ".packed": "RLPack",
    ".perplex": "Perplex",
    ".petite": "Petite",
    ".themida": "Themida",
    ".winlice": "WinLicense",
    ".vmp0": "VMProtect",
    ".vmp1": "VMProtect",
    "fsg!": "FSG",
    "kkrunchy": "kkrunchy",
    "mew": "MEW",
    "pec1": "PECompact",
    "pec2": "PECompact",
    "pecompact2": "PECompact",
    "upx0": "UPX",
    "upx1": "UPX",
    "yp": "Y0da Protector",
}
"""Names of sections, in lower case, that packers give."""

BEHIND = {
    b"\xef\xbe\xad\xdeNullsoftInst": "NSIS",
    b"zlb\x1a": "Inno Setup",
    b"idska32": "Inno Setup",
    b"MEI\014\013\012\013\016": "PyInstaller",
    b"7z\xbc\xaf\x27\x1c": "7-Zip archive",
    b"PK\x03\x04": "ZIP archive",
    b"Rar!\x1a\x07": "RAR archive",
    b"MSCF": "cabinet",
}
"""How what lies behind a PE begins, or for PyInstaller ends."""

TOOLS = ("NSIS", "Inno Setup", "PyInstaller")
SAMPLED = 65_536
"""How many bytes of a section, from its middle, its entropy is computed from."""

DENSE, FEW = 7.2, 10
_SYMBOL, _ALIGNED = 18, 512
UPX = b"UPX!"


def packing_marks(parsed: PortableExecutable, image: Image) -> Iterator[Mark]:
    """The packers and installers that a PE names; signs without a name become notes."""
    names = {PACKERS[each.name.lower()]: each.name for each in image.sections if each.name.lower() in PACKERS}
    for packer in sorted(names):
        more = _upx(parsed) if packer == "UPX" else ""
        yield Mark("build:packer", packer, "section names", f"a section is called {names[packer]}{more}", "low")
    signs = list(_signs(image))
    if signs:
        parsed.notes.append(f"signs of packing, each also seen in honest programs: {'; '.join(signs)}")
    yield from _behind(parsed, image)


def entropy(raw: bytes) -> float:
    """The entropy of bytes in bits a byte; 0 of none."""
    if not raw:
        return 0.0
    share = np.bincount(np.frombuffer(raw, dtype=np.uint8), minlength=256) / len(raw)
    share = share[share > 0]
    return max(0.0, float(-(share * np.log2(share)).sum()))


def _signs(image: Image) -> Iterator[str]:
    """What is common in packed programs, and also seen in honest ones."""
    runnable = [each for each in image.sections if each.runnable]
    yield from _dense(image, runnable)
    yield from _odd_entry(image)
    for each in runnable:
        if not each.stored and each.size:
            yield f"section {each.name!r} can be run and is empty in the file"
    if runnable and 0 < len(image.imports) <= FEW:
        yield f"it imports only {len(image.imports)} names"


def _dense(image: Image, runnable: list[Section]) -> Iterator[str]:
    dense = [(each, entropy(_middle(image.data, each))) for each in runnable if each.stored >= 1_024]
    for each, bits in dense:
        if bits > DENSE:
            yield f"section {each.name!r} holds code of {math.floor(bits * 10) / 10} bits a byte"


def _odd_entry(image: Image) -> Iterator[str]:
    home = next((each for each in image.sections if each.address <= image.entry < each.address + each.size), None)
    if image.entry and home is not None:
        if home.writable and home.runnable:
            yield f"the program begins in {home.name!r}, which can be written"
        if home is image.sections[-1] and len(image.sections) > 2:
            yield f"the program begins in its last section, {home.name!r}"


def _middle(data: bytes, section: Section) -> bytes:
    begin = section.offset + max(0, (section.stored - SAMPLED) // 2)
    return data[begin : min(begin + SAMPLED, section.offset + section.stored)]


def _upx(parsed: PortableExecutable) -> str:
    at = parsed.bytes.data.find(UPX, 0, 4_096)
    return f", and the header of UPX is at {at:#x}" if at >= 0 else ", and the header of UPX is missing or was changed"


def _behind(parsed: PortableExecutable, image: Image) -> Iterator[Mark]:
    """What lies between the last section and the signatures."""
    data = parsed.bytes.data
    begin = max((each.offset + each.stored for each in image.sections if each.stored), default=len(data))
    begin = max(begin + -begin % _ALIGNED, _after_symbols(parsed))
    at, size = parsed.directory(SIGNATURES)
    end = at if at and at + size >= len(data) - 8 and begin <= at <= len(data) else len(data)
    if end - begin < 16 or not any(data[begin : begin + 4_096]):
        return
    head, tail = data[begin : begin + 64], data[max(begin, end - 4_096) : end]
    what = next((name for sign, name in BEHIND.items() if sign in (tail if name == "PyInstaller" else head)), "")
    if what in TOOLS:
        yield Mark("build:toolchain", what, f"behind the sections at {begin:#x}", "by how it begins or ends", "low")
    content = f" ({what})" if what else f" of {entropy(data[begin : min(end, begin + SAMPLED)]):.1f} bits a byte"
    parsed.notes.append(f"{end - begin:,} bytes lie behind the sections at {begin:#x}{content}")


def _after_symbols(parsed: PortableExecutable) -> int:
    """Where the symbols and their names end that some linkers write behind the sections; 0 without them."""
    try:
        at, count = parsed.bytes.numbers("II", parsed.bytes.number("I", 0x3C) + 12)
        names = at + _SYMBOL * count
        return names + parsed.bytes.number("I", names) if at and count else 0
    except Damaged:
        return 0
