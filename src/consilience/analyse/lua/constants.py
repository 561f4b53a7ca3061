"""The strings and numbers of functions as features: which channel each belongs to, and where it stands in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from struct import Struct
from typing import TypeAlias

import numpy as np

from consilience.analyse.hashing import distinct, mixed, texts
from consilience.analyse.lua.comparable_sets import FEWEST_STRINGS, strings_and_numbers
from consilience.analyse.lua.dialects import dialects
from consilience.analyse.lua.dump import Dump, Prototype
from consilience.analyse.lua.features import LONGEST, SHORTEST, SMALL
from consilience.analyse.lua.names import is_name, standard_names
from consilience.model.code import Channel, Numbers, Places, no_features

Pairs: TypeAlias = "tuple[Numbers, Places]"
"""Features and their places, in any order."""

MOST = 1_000_000
_REACH = 4_096
_REAL = Struct("<d")
_WORD = (1 << 64) - 1
_NAME_SALT = np.uint64(0x6C75616E616D6573)
_SET_SALT = np.uint64(0x6C75617365747321)


class ConstantCollector:
    """The strings and numbers of functions, each with the place at which it is first seen."""

    def __init__(self, data: bytes, prototypes: Iterable[Prototype]) -> None:
        self.data = data
        starts = sorted([each.offset for each in prototypes])
        self.functions = np.array(starts, dtype=np.int64)
        self.ends = dict(zip(starts, [*starts[1:], len(data)], strict=True))
        self.texts: dict[bytes, int] = {}
        self.numbers: dict[int, int] = {}
        self.sets: list[set[bytes]] = []
        self.owners: list[int] = []

    def take(self, dump: Dump) -> None:
        """Adds what the functions of a dump hold, without what Lua itself names."""
        standard, numbers = standard_names(), self.numbers
        backwards = dialects()[dump.dialect].is_luajit
        for prototype in dump.prototypes:
            strings, found = strings_and_numbers(prototype)
            for number in found:
                if is_distinctive(number):
                    numbers.setdefault(_bits(number), prototype.offset)
            own = set(strings)
            own -= standard
            if not own:
                continue
            if not own <= self.texts.keys():
                self._add(strings[::-1] if backwards else strings, own, prototype.offset)
            if len(own) >= FEWEST_STRINGS:
                self.sets.append(own)
                self.owners.append(prototype.offset)

    def _add(self, strings: Iterable[bytes], own: set[bytes], start: int) -> None:
        """Takes note of where new strings stand: each behind the last one, or where that was when it is elsewhere."""
        known, at, end, find = self.texts, start, self.ends[start], self.data.find
        for text in strings:
            if text not in known and text in own:
                at = max(at, find(text, at, min(at + len(text) + _REACH, end)))
                known[text] = at

    def channels(self, imports: Sequence[str], loaded: Sequence[Pairs]) -> dict[str, Channel]:
        """The constants, strings, sets of both that functions hold, and imports, whose places are their rows.

        `loaded` are more numbers with their places, which go among the constants.
        """
        every = list(self.texts)
        value = hashed([*every, *[name.encode() for name in imports]])
        channels = constants_and_strings(every, value[: len(every)], list(self.texts.values()), self.numbers, loaded)
        channels["block"] = self._sets(dict(zip(every, value.tolist(), strict=False)))
        channels["import"] = channel(value[len(every) :], np.arange(len(imports))) if imports else no_features()
        return channels

    def _sets(self, value: Mapping[bytes, int]) -> Channel:
        if not self.sets:
            return no_features()
        many = np.array([len(each) for each in self.sets], dtype=np.int64)
        flat = np.array([value[text] for each in self.sets for text in each], dtype=np.uint64)
        total = np.add.reduceat(mixed(flat ^ _SET_SALT), np.cumsum(many) - many)
        return channel(mixed(total), np.array(self.owners, dtype=np.int64))


def constants_and_strings(
    every: Sequence[bytes],
    value: Numbers,
    places: Sequence[int],
    numbers: Mapping[int, int],
    loaded: Sequence[Pairs] = (),
) -> dict[str, Channel]:
    """The channels of texts and of numbers of 64 bits, each with its place; `value` are the numbers of the texts."""
    place = np.array(places, dtype=np.int64)
    names = np.array([is_name(text) is not None for text in every], dtype=bool)
    is_string = ~names
    is_string &= np.array([len(text) >= SHORTEST for text in every], dtype=bool)
    wide, at = np.array(list(numbers), dtype=np.uint64), np.array(list(numbers.values()), dtype=np.int64)
    pairs = [(as_names(value[names]), place[names]), (wide, at), *loaded]
    return {
        "constant": joined(pairs),
        "string": channel(value[is_string], place[is_string]),
    }


def joined(parts: Sequence[Pairs]) -> Channel:
    """A channel of the features of all parts."""
    if not parts:
        return no_features()
    return channel(np.concatenate([each for each, _ in parts]), np.concatenate([each for _, each in parts]))


def hashed(every: Sequence[bytes]) -> Numbers:
    """A number for each text, as the strings of machine programs have it; of long ones the beginning counts."""
    if not every:
        return np.empty(0, dtype=np.uint64)
    cut = [text[:LONGEST] for text in every]
    size = np.array([len(text) for text in cut], dtype=np.int64)
    raw = np.frombuffer(b"".join(cut) + bytes(8), dtype=np.uint8)
    return texts(raw, np.cumsum(size) - size, size)


def as_names(value: Numbers) -> Numbers:
    """The same numbers for texts that are names, which are not compared with other texts."""
    return mixed(value ^ _NAME_SALT)


def channel(value: Numbers, place: Places) -> Channel:
    """A channel of these features; of more than a million those with the lowest numbers, which chance chose."""
    value, place = distinct(value, place)
    return Channel(value[:MOST], place[:MOST])


def numbers_at(held: Mapping[int | float, int]) -> dict[int, int]:
    """Numbers that tell something, as 64 bits, with their places."""
    return {_bits(number): place for number, place in held.items() if is_distinctive(number)}


def is_distinctive(number: int | float) -> bool:
    """Whether a number is neither small and whole, nor infinite or none at all."""
    return number not in SMALL if isinstance(number, int) else isfinite(number)


def _bits(number: int | float) -> int:
    """A number as 64 bits: an integer as it is, a fraction as a double."""
    return number & _WORD if isinstance(number, int) else int.from_bytes(_REAL.pack(number), "little")
