"""What objects, properties and relationships of STIX are here, as values; see the head of stix.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from consilience.vocab.packaged import packaged_table

HOST = "host"
"""What a path of a pattern shows whose value is an address or a domain name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRelationship:
    """The kind that a relationship between two subjects states, and the types of objects it may stand between."""

    kind: str
    between: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """A relationship by which objects of some types have targets of some types."""

    name: str
    sources: frozenset[str]
    targets: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class StixTables:
    """The tables of stix.toml."""

    tlp: Mapping[str, str]
    tlp1: Mapping[str, str]
    tlp1_names: Mapping[str, str]
    tlp_published: Mapping[str, str]
    own: Mapping[str, str]
    subjects: Mapping[str, str]
    objects: Mapping[str, Mapping[str, str | bool]]
    named: tuple[str, ...]
    observables: tuple[str, ...]
    properties: Mapping[str, str]
    written: Mapping[str, tuple[str, str]]
    patterns: Mapping[str, str]
    hashes: Mapping[str, tuple[str, str]]
    hashes_read: Mapping[str, tuple[str, str]]
    shown_by: frozenset[str]
    claims: Mapping[str, ClaimRelationship]
    related: frozenset[str]
    verbs: tuple[Verb, ...]
    attack_registers: frozenset[str]
    registers: frozenset[str]
    sectors: frozenset[str]
    regions: frozenset[str]

    @cached_property
    def colours(self) -> Mapping[str, str]:
        """The colour of each published id of a TLP marking, of either version."""
        return {id: colour for table in (self.tlp1, self.tlp) for colour, id in table.items()}

    @cached_property
    def texts_of(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """The properties of each type of observable that hold a value, each with its kind."""
        found: dict[str, tuple[tuple[str, str], ...]] = {}
        for path, kind in self.properties.items():
            form, _, field = path.partition(":")
            found[form] = (*found.get(form, ()), (field, kind))
        return found

    @cached_property
    def _hash_kinds(self) -> Mapping[tuple[str, str], str]:
        rows = {**self.hashes, **self.hashes_read}
        return {(form, _bare(algorithm)): kind for kind, (form, algorithm) in rows.items()}

    def hash_kind(self, of: str, algorithm: str) -> str:
        """The kind of a hash of an observable of this type, empty when there is none.

        >>> stix_tables().hash_kind("file", "SHA-256")
        'file:sha256'
        """
        return self._hash_kinds.get((of, _bare(algorithm)), "")

    def verb(self, source: str, target: str) -> str:
        """The relationship by which an object of one type has a target of another; empty where none fits."""
        return next((each.name for each in self.verbs if source in each.sources and target in each.targets), "")

    def claim_between(self, kind: str, source: str, target: str) -> str:
        """The relationship that states a claim of this kind between objects of these types; empty where none does."""
        found = (name for name, each in self.claims.items() if each.kind == kind and (source, target) in each.between)
        return next(found, "")


@lru_cache(maxsize=1)
def stix_tables() -> StixTables:
    """The tables that the package ships, loaded once."""
    tables = packaged_table("stix")
    registers, forms = tables["registers"], tables["forms"]
    return StixTables(
        tlp=tables["tlp"],
        tlp1=tables["tlp1"],
        tlp1_names=tables["tlp1_names"],
        tlp_published=tables["tlp_published"],
        own=tables["own"],
        subjects=tables["subjects"],
        objects=tables["objects"],
        named=tuple(forms["named"]),
        observables=tuple(forms["observables"]),
        properties=tables["properties"],
        written={kind: _divided(path) for kind, path in tables["written"].items()},
        patterns={**tables["properties"], **tables["patterns"]},
        hashes={kind: (kind.split(":", 1)[0], name) for kind, name in tables["hashes"].items()},
        hashes_read={kind: (kind.split(":", 1)[0], name) for kind, name in tables["hashes_read"].items()},
        shown_by=frozenset(tables["shown_by"]),
        claims={
            name: ClaimRelationship(kind=row["kind"], between=frozenset((one, two) for one, two in row["between"]))
            for name, row in tables["claims"].items()
        },
        related=frozenset(tables["related"]),
        verbs=tuple(
            Verb(name=row["verb"], sources=frozenset(row["from"]), targets=frozenset(row["to"]))
            for row in tables["verbs"]
        ),
        attack_registers=frozenset(registers["attack"]),
        registers=frozenset((*registers["attack"], *registers["others"])),
        sectors=frozenset(tables["sectors"]),
        regions=frozenset(tables["regions"]),
    )


def _divided(path: str) -> tuple[str, str]:
    form, _, field = path.partition(":")
    return form, field


def _bare(algorithm: str) -> str:
    """The name of an algorithm without quotes, hyphens and case, as programs vary them."""
    return algorithm.strip("'\"").replace("-", "").lower()
