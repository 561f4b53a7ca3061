"""Where in a sample a configuration may lie, found in time that grows with the sample and nothing else.

Two neighbouring bytes under one XOR key differ as the plain ones do, whatever the key is. So a text is looked for
under all keys at once, as the row of its differences in the row of all differences.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from consilience.analyse.containers.bounds import Damaged
from consilience.analyse.containers.elf import Elf
from consilience.analyse.containers.image import Section
from consilience.analyse.containers.pe import PortableExecutable
from consilience.decode.description import Locate, Pattern

MOST_PLACES = 256
MOST_LOOKS = 65_536
"""So often is a place looked at whose first bytes fit, for each text or pattern; a hostile file may fit everywhere."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a sample: where it begins and ends, where in it was found what was looked for, and under which key."""

    start: int
    end: int
    found: int
    key: int = 0


class Sample:
    """The bytes of a sample, and what several decoders need of them."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def differences(self) -> bytes:
        """Each byte XOR the next one."""
        raw = np.frombuffer(self.data, dtype=np.uint8)
        return (raw[:-1] ^ raw[1:]).tobytes() if len(raw) else b""

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections of a PE or ELF; none where it is neither, or damaged."""
        try:
            if self.data.startswith(b"\x7fELF"):
                return Elf(self.data).image().sections
            if self.data.startswith(b"MZ"):
                return PortableExecutable(self.data).image().sections
        except Damaged:
            pass
        return ()


def locations(sample: Sample, locate: Locate) -> Iterator[Location]:
    """The locations where a configuration may lie, sorted, 256 at most."""
    size = len(sample.data)
    if locate.how == "whole":
        yield Location(0, min(size, locate.longest), 0)
        return
    if locate.how == "section":
        for each in sample.sections:
            if each.name in locate.sections and 0 <= each.offset < size:
                start = min(size, max(0, each.offset + locate.offset))
                yield Location(start, min(size, each.offset + each.stored, start + locate.longest), start)
        return
    found = sorted(set(_texts(sample, locate) if locate.how == "text" else _patterns(sample, locate)))
    for at, key in found[:MOST_PLACES]:
        back = locate.longest if locate.take == "around" else 0
        start = min(size, max(0, at + locate.offset - back))
        yield Location(start, min(size, at + max(0, locate.offset) + locate.longest), at, key)


def _texts(sample: Sample, locate: Locate) -> Iterator[tuple[int, int]]:
    for text in locate.texts:
        if locate.keys is None:
            yield from ((at, 0) for at in _each(sample.data, text))
            continue
        row = bytes(one ^ other for one, other in pairwise(text))
        low, high = locate.keys
        for at in _each(sample.differences, row):
            key = sample.data[at] ^ text[0]
            if low <= key <= high:
                yield at, key


def _patterns(sample: Sample, locate: Locate) -> Iterator[tuple[int, int]]:
    for pattern in locate.patterns:
        yield from ((at, 0) for at in _fitting(sample.data, pattern))


def _fitting(data: bytes, pattern: Pattern) -> Iterator[int]:
    for found in _each(data, pattern.anchor):
        at = found - pattern.at
        if 0 <= at <= len(data) - pattern.size and all(data[at + n] == byte for n, byte in pattern.wanted):
            yield at


def _each(data: bytes, wanted: bytes) -> Iterator[int]:
    at = data.find(wanted)
    for _ in range(MOST_LOOKS):
        if at < 0:
            return
        yield at
        at = data.find(wanted, at + 1)
