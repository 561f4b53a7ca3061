"""What a reader hands over: the observations of one file, and everything that was refused."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from consilience.model.code import SampleCode
from consilience.model.errors import Notice, Refusal
from consilience.model.observation import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What reading one file gave: the good observations, the refused lines, and the raw bytes.

    `format` is what the content was recognised as. `sha256` names `raw`, under which the case keeps it. `codes` is
    what the code of each sample in it is made of; `parts` are the bytes of those that lie in it, by SHA-256, which
    nobody keeps.
    """

    file: str
    format: str
    raw: bytes = field(repr=False)
    observations: tuple[Observation, ...]
    refusals: tuple[Refusal, ...] = ()
    notices: tuple[Notice, ...] = ()
    codes: tuple[SampleCode, ...] = ()
    parts: Mapping[str, bytes | memoryview] = field(default_factory=dict, repr=False, compare=False)

    @property
    def sha256(self) -> str:
        """The SHA-256 of the raw bytes, in hexadecimal."""
        return hashlib.sha256(self.raw).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What keeping one reading changed: observations that were new, and those the case already had."""

    file: str
    sha256: str
    new: int
    known: int


class ImportRow(TypedDict):
    """One reading that was kept: its number, what was read and when, and how many observations and refusals it gave."""

    id: str
    file: str
    format: str
    sha256: str
    recorded: str
    observations: int
    refused: int
