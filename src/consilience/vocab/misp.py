"""What attributes and galaxies of MISP are here, as values; see the head of misp.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from consilience.vocab.packaged import packaged_table

UNKNOWN = "misp:"
"""What the kind of an attribute begins with whose type is not a kind of the vocabulary."""

RECORD = "consilience-observation"
"""The name of the object that holds a statement whole."""

RECORD_RELATION = "record"

CONCLUSION = 'consilience:document="assessment"'
"""The label of an event that tells a conclusion of this program, which is not evidence."""

STAYS: Mapping[str, str] = {"0": "amber+strict", "1": "green", "2": "green", "3": "clear", "4": "amber+strict"}
"""The freest colour that an event of this distribution can have; a sharing group names others than we know."""

MEANT: Mapping[str, str] = {"clear": "3", "green": "1", "amber": "0", "amber+strict": "0", "red": "0"}
"""The distribution under which a statement of this colour leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How a value of one kind stands in MISP; `relation` is its place in an object for a file."""

    type: str
    category: str
    detect: bool = False
    relation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MispTables:
    """The tables of misp.toml: `read`, `relations` and `galaxies` from MISP, `written` to it."""

    read: Mapping[str, tuple[str, ...]]
    unweighed: Mapping[str, str]
    passed: Mapping[str, str]
    relations: Mapping[str, Mapping[str, str]]
    written: Mapping[str, Written]
    galaxies: Mapping[str, str]


@lru_cache(maxsize=1)
def misp_tables() -> MispTables:
    """The tables that the package ships, loaded once."""
    tables = packaged_table("misp")
    return MispTables(
        read={name: (kinds,) if isinstance(kinds, str) else tuple(kinds) for name, kinds in tables["read"].items()},
        unweighed=tables["unweighed"],
        passed=tables["passed"],
        relations=tables["relations"],
        written={kind: Written(**row) for kind, row in tables["write"].items()},
        galaxies=tables["galaxies"],
    )
