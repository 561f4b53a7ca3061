"""What a program file shows by itself: its code profile and its marks, out of bytes that may be hostile.

`analyse` runs in the locked process; what it answers is JSON, and `profile_in` checks it on this side.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from consilience.model.code import Channel, CodeProfile, no_features, profile_from
from consilience.read.sample.bounds import Damaged
from consilience.read.sample.code.features import code_of, ready
from consilience.read.sample.elf import Elf
from consilience.read.sample.image import Image
from consilience.read.sample.marks.elf import elf_marks
from consilience.read.sample.marks.pe import pe_marks
from consilience.read.sample.mixing import distinct
from consilience.read.sample.pe import PortableExecutable
from consilience.read.sample.strings import strings_of

MAX_IMPORTS = 20_000


def warm() -> None:
    """Make the tables that every analysis needs, before there is one."""
    ready()


def analyse(data: bytes, name: str) -> dict[str, Any]:
    """What a sample shows, as JSON: `profile` in base 64, `marks` as the texts of each `Mark`, and `notes`.

    Raises Damaged when it is neither a PE nor an ELF whose headers can be read.
    """
    parsed = _parsed(data)
    image = parsed.image()
    marks = pe_marks(parsed, image) if isinstance(parsed, PortableExecutable) else elf_marks(parsed)
    profile = profile_of(image)
    return {
        "profile": base64.b64encode(profile.bytes).decode(),
        "marks": [list(mark) for mark in marks],
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
