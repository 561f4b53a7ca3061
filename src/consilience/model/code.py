"""What the code of one sample is made of: reading measures it, the case keeps it, attribution compares it.

A profile holds features as sorted columns of numbers and no byte of the sample. It is written as one JSON line that
tells the columns and then the columns themselves; what is read back is checked, because a hostile sample may have had a
hand in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from consilience.model.subject import Subject

Numbers = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

CODE_CHANNELS = ("function", "block", "gram", "constant")
DATA_CHANNELS = ("string", "import")
CHANNELS = (*CODE_CHANNELS, *DATA_CHANNELS)
VERSION = 1
MAX_FEATURES = 4_000_000
MAX_HEAD = 4 * 1024**2


@dataclass(frozen=True, slots=True)
class Channel:
    """The features of one kind: `value` sorted, each once, and the `address` at which it is first seen.

    Addresses are relative to the base of the image; of strings they are offsets in the file, and of imports rows of
    `CodeProfile.imports`.
    """

    value: Numbers
    address: Places


def no_features() -> Channel:
    """A channel without features."""
    return Channel(np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64))


@dataclass(frozen=True, kw_only=True)
class CodeProfile:
    """The features of one sample, named by the SHA-256 of its bytes.

    `functions` are the addresses at which its functions start, sorted, and `names` those of them that have a name.
    `imports` are the imported names without their libraries. Two profiles are the same when their bytes are.
    """

    sample: str
    format: str
    machine: str
    channels: Mapping[str, Channel] = field(repr=False, compare=False)
    functions: Places = field(default_factory=lambda: np.empty(0, dtype=np.int64), repr=False, compare=False)
    imports: tuple[str, ...] = field(default=(), repr=False)
    names: tuple[tuple[int, str], ...] = field(default=(), repr=False)
    instructions: int = 0
    size: int = 0

    def channel(self, name: str) -> Channel:
        """The features of this name; none when the sample has none."""
        return self.channels.get(name) or no_features()

    def function_at(self, address: int) -> int:
        """The address at which the function starts that this address lies in; -1 when it lies in none."""
        row = int(np.searchsorted(self.functions, address, side="right")) - 1
        return int(self.functions[row]) if row >= 0 else -1

    def named(self, function: int) -> str:
        """The name of the function that starts at an address; empty when it has none."""
        return self._names.get(function, "")

    @cached_property
    def _names(self) -> Mapping[int, str]:
        return dict(self.names)

    @cached_property
    def bytes(self) -> bytes:
        """The profile as bytes, the same for the same profile; `profile_from` reads them."""
        columns: list[tuple[str, npt.NDArray[Any]]] = [("functions", self.functions.astype("<i8"))]
        for name in CHANNELS:
            if len(self.channel(name).value):
                here = self.channel(name)
                columns.append((f"{name}.value", here.value.astype("<u8")))
                columns.append((f"{name}.address", here.address.astype(_place_type(here.address))))
        head = {
            "version": VERSION,
            "sample": self.sample,
            "format": self.format,
            "machine": self.machine,
            "imports": list(self.imports),
            "instructions": self.instructions,
            "size": self.size,
            "columns": [[name, column.dtype.str, len(column)] for name, column in columns],
        }
        if self.names:
            head["names"] = [list(each) for each in self.names]
        told = json.dumps(head, sort_keys=True, separators=(",", ":")).encode()
        return told + b"\n" + b"".join(column.tobytes() for _, column in columns)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the profile's bytes, in hexadecimal."""
        return hashlib.sha256(self.bytes).hexdigest()


@dataclass(frozen=True, slots=True)
class SampleCode:
    """A source's word that a sample is of a subject, with what the sample's code is made of."""

    subject: Subject
    profile: CodeProfile

    @property
    def id(self) -> str:
        """The id under which the case keeps it: the same for the same subject and the same profile."""
        told = json.dumps([self.subject.key, self.subject.type, self.profile.digest])
        return "code-" + hashlib.sha256(told.encode()).hexdigest()[:20]


def profile_from(raw: bytes) -> CodeProfile:
    """The profile that these bytes are of. Raises ValueError when they are of none."""
    end = raw.find(b"\n", 0, MAX_HEAD)
    if end < 0:
        raise ValueError("a code profile begins with a line that tells its columns")
    head = json.loads(raw[:end])
    if not isinstance(head, dict) or head.get("version") != VERSION:
        raise ValueError("the code profile is of another version")
    columns, at = {}, end + 1
    for name, kind, count in head["columns"]:
        column, at = _column(raw, at, kind, count)
        columns[name] = column
    if at != len(raw):
        raise ValueError("bytes follow the columns of a code profile")
    return CodeProfile(
        sample=_text(head["sample"]),
        format=_text(head["format"]),
        machine=_text(head["machine"]),
        channels={name: _channel(columns, name) for name in CHANNELS if f"{name}.value" in columns},
        functions=columns["functions"].astype(np.int64),
        imports=tuple(_text(name) for name in head["imports"]),
        names=tuple((int(at), _text(name)) for at, name in head.get("names", ())),
        instructions=int(head["instructions"]),
        size=int(head["size"]),
    )


def _place_type(address: Places) -> str:
    fits = not len(address) or (int(address.min()) >= 0 and int(address.max()) < 1 << 32)
    return "<u4" if fits else "<i8"


def _column(raw: bytes, at: int, kind: Any, count: Any) -> tuple[npt.NDArray[Any], int]:
    if kind not in ("<u8", "<u4", "<i8") or not isinstance(count, int) or not 0 <= count <= MAX_FEATURES:
        raise ValueError("a column of a code profile is of no known kind or too long")
    end = at + count * np.dtype(kind).itemsize
    if end > len(raw):
        raise ValueError("a column of a code profile ends before it should")
    return np.frombuffer(raw, dtype=kind, count=count, offset=at), end


def _channel(columns: Mapping[str, npt.NDArray[Any]], name: str) -> Channel:
    value, address = columns[f"{name}.value"], columns[f"{name}.address"]
    if value.dtype != np.uint64 or len(value) != len(address) or not bool((value[1:] > value[:-1]).all()):
        raise ValueError(f"the {name} features of a code profile are not sorted, or their places are missing")
    return Channel(value, address.astype(np.int64))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a name in a code profile is not a text")
    return value
