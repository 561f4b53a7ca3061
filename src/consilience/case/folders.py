"""The folders within a case that hold what its owner adds: descriptions of decoders, and YARA rules."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

DECODERS = "decoders"
RULES = "rules"


def decoder_folders(location: str, more: Sequence[str] = ()) -> list[str]:
    """The folders of descriptions that hold for a case: its own, if it is a folder and has one, and these."""
    return [*_own(location, DECODERS), *more]


def rule_folders(location: str, more: str = "") -> list[str]:
    """The folders of rules that hold for a case: this one, if any is named, and its own."""
    return [*([more] if more else []), *_own(location, RULES)]


def _own(location: str, name: str) -> list[str]:
    own = Path(location) / name
    return [str(own)] if location and "://" not in location and own.is_dir() else []
