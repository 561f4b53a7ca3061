"""Reads the tables of vocab/ and checks them against each other; every fault is reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

from consilience.model.digest import digest
from consilience.model.errors import VocabularyError
from consilience.vocab.canonical import FORMS
from consilience.vocab.packaged import packaged_table
from consilience.vocab.tables import Axis, Claim, Commonplace, KeyRole, Kind, Vector, Vocabulary, WordScale

TABLES = ("axes", "kinds", "claims", "key_roles", "counting", "levels", "words", "ignored", "commonplace")
FORGING = ("cheap", "medium", "dear")
VERTICES = ("adversary", "capability", "infrastructure", "victim")
RAMPS = ("narrow", "wide", "none")
NAMED_COVERAGE = 0.7
_COMMONPLACE_LISTS = ("suffixes", "sites", "addresses", "values")


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The vocabulary that the package ships, loaded and checked once."""
    return load({name: packaged_table(name) for name in TABLES})


def load(tables: Mapping[str, Mapping[str, Any]]) -> Vocabulary:
    """The vocabulary made of these tables (one parsed TOML document per name in TABLES).

    Raises:
        VocabularyError: listing every fault of every table.
    """
    faults: list[str] = [f"table {name} is missing" for name in TABLES if name not in tables]
    if faults:
        raise VocabularyError(tuple(faults))
    axes = {name: _axis(name, row, faults) for name, row in tables["axes"].items()}
    reader = _Rows(axes, faults)
    kinds, claims = _kinds_and_claims(tables, reader)
    roles = {name: reader.role(name, row) for name, row in tables["key_roles"].items()}
    scales = _scales(tables["words"], faults)
    levels = tables["levels"]
    if tables["ignored"].keys() != {"roles", "values", "networks"}:
        faults.append("ignored: needs the tables roles, values and networks")
    commonplace = _commonplace(tables["commonplace"], faults)
    if faults:
        raise VocabularyError(tuple(faults))
    return Vocabulary(
        axes=axes,
        kinds=kinds,
        claims=claims,
        key_roles=roles,
        levels=levels["levels"],
        rules={name: levels[name] for name in ("position", "level", "tracking")},
        counting=tables["counting"],
        scales=scales,
        ignored=tables["ignored"],
        commonplace=commonplace,
        digest=digest({name: tables[name] for name in TABLES}),
    )


_CLAIM_ROW: dict[str, Any] = {
    "form": "claim",
    "vertex": "adversary",
    "group": "claim",
    "forging": "medium",
    "canonical": "phrase",
    "usual_share": 0.5,
    "floor": 0.5,
    "floor_public": 0.5,
    "ramp": "none",
    "cap_operator": 10,
    "cap_other": 14,
}


def _axis(name: str, row: Mapping[str, Any], faults: list[str]) -> Axis:
    accounts, priors = row.get("hypotheses", {}), row.get("priors", {})
    if row.get("reference") not in accounts:
        faults.append(f"axes [{name}]: reference {row.get('reference')!r} is not one of its hypotheses")
    if set(priors) != set(accounts):
        faults.append(f"axes [{name}]: priors and hypotheses name different things")
    elif abs(sum(priors.values()) - 1) > 1e-9:
        faults.append(f"axes [{name}]: priors sum to {sum(priors.values())}, not to 1")
    return Axis(
        name=name,
        question=row.get("question", ""),
        reference=row.get("reference", ""),
        accounts=accounts,
        priors=priors,
        because=row.get("because", ""),
    )


def _kinds_and_claims(
    tables: Mapping[str, Mapping[str, Any]], reader: _Rows
) -> tuple[dict[str, Kind], dict[str, Claim]]:
    """The kinds of traits and the claims, each claim as a kind of its own too."""
    kinds = {name: reader.kind(name, row) for name, row in tables["kinds"].items()}
    claims = {name: reader.claim(name, row) for name, row in tables["claims"].items()}
    for name, claim in claims.items():
        kinds[name] = reader.kind(name, _CLAIM_ROW | {"because": claim.because})
    return kinds, claims


def _scales(words: Mapping[str, Mapping[str, Any]], faults: list[str]) -> dict[str, WordScale]:
    """The scales of words: those of the tables that have bands."""
    return {name: _scale(name, row, faults) for name, row in words.items() if "bands" in row}


def _scale(name: str, row: Mapping[str, Any], faults: list[str]) -> WordScale:
    bands = tuple((float(low), float(high), str(word)) for low, high, word in row["bands"])
    edges = [edge for low, high, _ in bands for edge in (low, high)]
    if edges != sorted(edges) or edges[0] != 0 or edges[-1] != 1:
        faults.append(f"words [{name}]: bands must rise from 0 to 1")
    if not row["gaps"] and any(left[1] != right[0] for left, right in pairwise(bands)):
        faults.append(f"words [{name}]: bands leave a gap")
    return WordScale(name=name, title=row["title"], gaps=row["gaps"], bands=bands)


def _commonplace(groups: Mapping[str, Mapping[str, Any]], faults: list[str]) -> Commonplace:
    """What everybody uses, each entry with the reason of its group; an entry stands in one group only."""
    found: dict[str, dict[str, str]] = {name: {} for name in _COMMONPLACE_LISTS}
    for group, row in groups.items():
        where = f"commonplace [{group}]"
        if not row.get("reason"):
            faults.append(f"{where}: says no `reason`")
        faults.extend(f"{where}: no list is called {name}" for name in row.keys() - found.keys() - {"reason"})
        for name, entries in found.items():
            for entry in row.get(name, ()):
                if entry in entries:
                    faults.append(f"{where}: {entry} stands twice in {name}")
                if name != "values" and entry != entry.lower().strip(". "):
                    faults.append(f"{where}: {entry!r} is not in its canonical form")
                entries[entry] = row.get("reason", "")
    return Commonplace(**found)


class _Rows:
    """Turns rows into values, noting every fault with its table, row and field."""

    def __init__(self, axes: Mapping[str, Axis], faults: list[str]) -> None:
        slots = [(axis.name, hypothesis) for axis in axes.values() for hypothesis in axis.hypotheses]
        self.axes = axes
        self.place = {slot: index for index, slot in enumerate(slots)}
        self.width = len(slots)
        self.faults = faults

    def numbers(self, where: str, nested: Mapping[str, Mapping[str, float]]) -> list[float]:
        vector = [0.0] * self.width
        for axis, row in nested.items():
            for hypothesis, value in row.items():
                if (axis, hypothesis) not in self.place:
                    self.faults.append(f"{where}: no hypothesis {hypothesis!r} on an axis {axis!r}")
                else:
                    vector[self.place[axis, hypothesis]] = float(value)
        return vector

    def rates(self, where: str, nested: Mapping[str, Mapping[str, float]]) -> tuple[float, ...]:
        vector = self.numbers(where, nested)
        if any(not 0 <= value <= 1 for value in vector):
            self.faults.append(f"{where}: a rate lies between 0 and 1")
        return tuple(vector)

    def absent(self, where: str, nested: Mapping[str, Mapping[str, float]]) -> tuple[float, ...]:
        """Agreement rates under an exhaustive look, from the decibans printed for a named scope."""
        vector = self.numbers(where, nested)
        if any(value > 0 for value in vector):
            self.faults.append(f"{where}: a stated negative weighs 0 or less")
        return tuple((1 - 10 ** (value / 10)) / NAMED_COVERAGE if value else 0.0 for value in vector)

    def decibans(self, where: str, nested: Mapping[str, Mapping[str, float]]) -> Vector:
        return tuple(round(value * 1000) for value in self.numbers(where, nested))

    def kind(self, name: str, row: Mapping[str, Any]) -> Kind:
        where = f"kinds [{name}]"
        checks = (("form", ("trait", "comparison", "claim")), ("vertex", VERTICES), ("forging", FORGING))
        for field, legal in (*checks, ("ramp", RAMPS), ("canonical", tuple(sorted(FORMS)))):
            if row.get(field) not in legal:
                self.faults.append(f"{where}: {field} is {row.get(field)!r}, not one of {', '.join(legal)}")
        for field in ("usual_share", "floor", "floor_public"):
            if not 0 < row.get(field, 0) < 1:
                self.faults.append(f"{where}: {field} must lie between 0 and 1")
        if row.get("floor_public", 1) < row.get("floor", 0):
            self.faults.append(f"{where}: a public value cannot be harder to copy than a private one")
        if not row.get("because"):
            self.faults.append(f"{where}: says no `because`")
        return Kind(
            name=name,
            because=row.get("because", ""),
            form=row.get("form", ""),
            vertex=row.get("vertex", ""),
            group=row.get("group", ""),
            forging=row.get("forging", ""),
            canonical=row.get("canonical", ""),
            usual_share=row.get("usual_share", 0.5),
            floor=row.get("floor", 0.5),
            floor_public=row.get("floor_public", 0.5),
            ramp=row.get("ramp", "none"),
            rates=self.rates(where, row.get("rates", {})),
            exclusive_rates=self.rates(where, row.get("exclusive_rates", {})),
            absent=self.absent(where, row.get("absent", {})),
            contrast=self.decibans(where, row.get("contrast", {})),
            stated=self.decibans(where, row.get("stated", {})),
            denied=self.decibans(where, row.get("denied", {})),
            cap_operator=round(1000 * row.get("cap_operator", 0)),
            cap_other=round(1000 * row.get("cap_other", 0)),
            turnover_days=row.get("turnover_days"),
            ordered=row.get("ordered", False),
            by_key_role=row.get("by_key_role", False),
            needs_object=row.get("form") in ("comparison", "claim") and not row.get("object_optional", False),
            shares=row.get("shares"),
        )

    def claim(self, name: str, row: Mapping[str, Any]) -> Claim:
        """A claim with weights relative to the reference hypothesis of each axis it names."""
        vector = list(self.decibans(f"claims [{name}]", row.get("weights", {})))
        for axis in row.get("weights", {}):
            if axis not in self.axes:
                continue
            reference = vector[self.place[axis, self.axes[axis].reference]]
            for hypothesis in self.axes[axis].hypotheses:
                vector[self.place[axis, hypothesis]] -= reference
        return Claim(name=name, because=row.get("because", ""), weights=tuple(vector))

    def role(self, name: str, row: Mapping[str, Any]) -> KeyRole:
        where = f"key_roles [{name}]"
        return KeyRole(
            name=name,
            because=row.get("because", ""),
            rates=self.rates(where, row.get("rates", {})),
            absent=self.absent(where, row.get("absent", {})),
            cap_operator=round(1000 * row.get("cap_operator", 0)),
        )
