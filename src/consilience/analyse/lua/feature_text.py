"""Features of a profile of Lua as text again, looked up in the bytes at the places that the profile gives."""

from __future__ import annotations

import numpy as np

from consilience.analyse.hashing import texts
from consilience.analyse.lua.comparable_sets import GRAM
from consilience.analyse.lua.constants import as_names
from consilience.analyse.lua.dialects import dialects, family_names
from consilience.analyse.lua.features import LONGEST
from consilience.analyse.lua.opcode_features import canonical, grams
from consilience.model.code import CodeProfile

SET = "all names and texts of the function"


def text_of(data: bytes, place: int, value: int, name: bool = False) -> str:
    """The text at this place whose number this is; empty when none is."""
    piece = data[place : place + LONGEST]
    if not piece:
        return ""
    raw = np.frombuffer(piece + bytes(8), dtype=np.uint8)
    size = np.arange(1, len(piece) + 1)
    found = texts(raw, np.zeros(len(size), dtype=np.int64), size)
    at = np.flatnonzero((as_names(found) if name else found) == np.uint64(value))
    return piece[: int(size[at[0]])].decode("utf-8", "replace") if len(at) else ""


def feature_of(profile: CodeProfile, data: bytes, channel: str, value: int, place: int) -> str:
    """A feature of a profile of Lua in words; empty where only its number is known."""
    if channel in ("string", "constant"):
        text = text_of(data, place, value, channel == "constant")
        return repr(text) if text else ""
    if channel == "block":
        return SET
    return instructions_at(data, place, value, profile.machine) if channel == "gram" else ""


def instructions_at(data: bytes, place: int, value: int, machine: str) -> str:
    """The names of the six instructions at a place whose number this is; empty when it is of none there."""
    for name in machine.split(", "):
        dialect, code = dialects().get(name), data[place : place + 4 * GRAM]
        if dialect is not None and len(code) == 4 * GRAM:
            numbers = canonical(code, dialect)
            if int(grams(numbers, dialect)[0]) == value:
                return " ".join(family_names()[dialect.family][each] for each in numbers.tolist())
    return ""
