"""The fields of a MACO record, for who reads one and who writes one; see the head of maco.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from consilience.vocab.packaged import packaged_table

NETWORK = frozenset({"ftp", "smtp", "http", "ssh", "proxy", "icmp", "dns", "tcp", "udp", "ipc"})
"""The lists of objects whose usages are those of a network."""

OURS = "consilience"
"""The key under `other` below which this program keeps what MACO has no place for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MacoTables:
    """The tables of maco.toml."""

    lists: tuple[str, ...]
    single: tuple[str, ...]
    numbers: frozenset[str]
    many: frozenset[str]
    own: frozenset[str]
    unread: tuple[str, ...]
    objects: Mapping[str, tuple[str, ...]]
    usages: Mapping[str, tuple[str, ...]]

    @property
    def fields(self) -> frozenset[str]:
        """Every field that a record may have."""
        return frozenset({"family", "other", *self.lists, *self.single, *self.objects, *self.unread})

    def usages_of(self, section: str) -> tuple[str, ...]:
        """What the objects of a list may say they are used for."""
        return self.usages.get("network" if section in NETWORK else section, ())


@lru_cache(maxsize=1)
def maco_tables() -> MacoTables:
    """The tables that the package ships, loaded once."""
    tables = packaged_table("maco")
    return MacoTables(
        lists=tuple(tables["lists"]),
        single=tuple(tables["single"]),
        numbers=frozenset(tables["numbers"]),
        many=frozenset(tables["many"]),
        own=frozenset(tables["own"]),
        unread=tuple(tables["unread"]),
        objects={name: tuple(fields) for name, fields in tables["objects"].items()},
        usages={name: tuple(words) for name, words in tables["usages"].items()},
    )
