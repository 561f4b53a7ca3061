"""What a program file shows by itself: its code profile and its marks, out of bytes that may be hostile.

`analyse` runs in the locked process; what it answers is JSON, and `profile_in` checks it on this side.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from consilience.model.code import Channel, CodeProfile, no_features, profile_from
from consilience.read.sample.bounds import Damaged
from consilience.read.sample.code.features import code_of
from consilience.read.sample.elf import Elf
from consilience.read.sample.image import Image
from consilience.read.sample.mixing import distinct
from consilience.read.sample.pe import PortableExecutable
from consilience.read.sample.strings import strings_of

MAX_IMPORTS = 20_000
MAX_TOOLS = 40
FIRST_YEAR, LAST_YEAR = 1995, 2037
REPRODUCIBLE = "the debug directory says that the build is reproducible: the field is a hash and no time"
_LIBRARY = re.compile(r"\.(?:dll|ocx|sys)$")
_BY_NUMBER = ("ws2_32", "wsock32", "oleaut32")
"""Libraries whose functions the usual import hash names from tables of its own."""


def analyse(data: bytes, name: str) -> dict[str, Any]:
    """What a sample shows, as JSON: `profile` in base 64, `marks` as [kind, value, note], and `notes`.

    Raises Damaged when it is neither a PE nor an ELF whose headers can be read.
    """
    parsed = _parsed(data)
    image = parsed.image()
    marks = _marks_of_pe(parsed, image) if isinstance(parsed, PortableExecutable) else _marks_of_elf(parsed)
    profile = profile_of(image)
    return {
        "profile": base64.b64encode(profile.bytes).decode(),
        "marks": marks,
        "notes": list(dict.fromkeys((*image.notes, *parsed.notes)))[:20],
    }


def image_of(data: bytes) -> Image:
    """The parts of a PE or ELF. Raises Damaged when it is neither, or its headers cannot be read."""
    return _parsed(data).image()


def profile_of(image: Image) -> CodeProfile:
    """The code profile of a program."""
    channels, instructions = code_of(image)
    names = sorted({each.partition("!")[2] or each for each in image.imports})[:MAX_IMPORTS]
    channels |= {"string": strings_of(image), "import": _imports(names)}
    return CodeProfile(
        sample=hashlib.sha256(image.data).hexdigest(),
        format=image.format,
        machine=image.machine,
        channels=channels,
        functions=np.sort(image.functions[:, 0]),
        imports=tuple(names),
        instructions=instructions,
        size=len(image.data),
    )


def profile_in(answer: Any, sha256: str) -> CodeProfile:
    """The profile of an answer of `analyse` on the sample of this digest. Raises ValueError when it is not one."""
    profile = profile_from(base64.b64decode(answer["profile"], validate=True))
    if profile.sample != sha256:
        raise ValueError("the answer is about another sample")
    return profile


def _parsed(data: bytes) -> PortableExecutable | Elf:
    if data.startswith(b"\x7fELF"):
        return Elf(data)
    if data.startswith(b"MZ"):
        return PortableExecutable(data)
    raise Damaged("it begins neither as a PE nor as an ELF does")


def _imports(names: Sequence[str]) -> Channel:
    if not names:
        return no_features()
    told = [hashlib.blake2b(name.encode(), digest_size=8).digest() for name in names]
    value = np.frombuffer(b"".join(told), dtype="<u8").astype(np.uint64)
    return Channel(*distinct(value, np.arange(len(value))))


def _marks_of_pe(parsed: PortableExecutable, image: Image) -> list[list[str]]:
    marks = []
    if told := import_hash(image.imports):
        marks.append(["file:imphash", told, ""])
    path, identity = parsed.pdb()
    if path:
        marks.append(["file:pdb-path", path, f"debug file {identity}"])
    if rich := parsed.rich():
        told = " ".join(f"{tool}.{build}x{count}" for tool, build, count in rich[:MAX_TOOLS])
        marks.append(["build:rich-header", told, "product.build and how many objects it made"])
    if when := _compiled(parsed.header.stamp):
        marks.append(["build:compile-time", when, REPRODUCIBLE if parsed.reproducible() else ""])
    major, minor = parsed.header.linker
    marks.append(["build:toolchain", f"linker {major}.{minor}", ""])
    return marks


def _marks_of_elf(parsed: Elf) -> list[list[str]]:
    marks = [["build:toolchain", told[:200], ""] for told in parsed.comments()[:MAX_TOOLS]]
    if identity := parsed.build_id():
        marks.append(["build:id", identity, ""])
    return marks


def _compiled(stamp: int) -> str:
    """The date and time of a PE's stamp; empty where it can be no time at which a PE was built."""
    when = datetime.fromtimestamp(stamp, UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ") if FIRST_YEAR <= when.year <= LAST_YEAR else ""


def import_hash(imports: Sequence[str]) -> str:
    """The import hash that other tools know; empty without imports, and where others take names from own tables."""
    told = []
    for each in imports:
        library, _, name = each.partition("!")
        library = _LIBRARY.sub("", library.lower())
        if name.startswith("#"):
            if library in _BY_NUMBER:
                return ""
            name = f"ord{name[1:]}"
        told.append(f"{library}.{name.lower()}")
    return hashlib.md5(",".join(told).encode(), usedforsecurity=False).hexdigest() if told else ""
