"""One row per pair and shared value: its weight on every slot, as the plain comparison of shared values gives it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from consilience.model.arrays import Flags, Floats, Ints
from consilience.vocab import Vocabulary
from consilience.weigh.columns.commonness import shares
from consilience.weigh.columns.table import NO_ROLE, UNDATED, FactTable
from consilience.weigh.origins import GRADES
from consilience.weigh.rarity import Counts


@dataclass(frozen=True, slots=True)
class Rows:
    """What pairs share: `pair` is a place in the list of pairs, `trait` in the table's traits, `vector` decibans."""

    pair: Ints
    trait: Ints
    vector: Floats


def shared_rows(table: FactTable, pairs: Ints, counts: Counts, vocabulary: Vocabulary) -> Rows:
    """The shared values of many pairs (an array of two places in `table.subjects` per pair) and their weights."""
    pair, left, right = _matches(table, pairs)
    if not len(pair):
        return Rows(pair, pair, np.zeros((0, len(vocabulary.slots))))
    trait = table.trait[left]
    sides = table.subject[left], table.subject[right]
    exclusive = table.exclusive[left] | table.exclusive[right]
    share, holders = shares(table, trait, *sides, exclusive, counts, vocabulary)
    kinds = _Kinds(table, vocabulary)
    of = kinds.of[trait]
    days, rented = _gap(table, left, right, of, kinds, vocabulary)
    kept = np.where(kinds.turnover[of] > 0, _decay(days, kinds.turnover[of], vocabulary), 1.0)
    floor, supply = _floors(table, left, right, of, kinds, vocabulary)
    rates, cap = _rates(table, left, right, of, kinds, exclusive & (holders == 0), vocabulary)
    cap = np.where(rented, np.minimum(cap, vocabulary.counting["time"]["rented_gap_cap_operator"]), cap)
    ramp = np.where(table.nothing[left] | table.nothing[right], 0.0, _ramp(share, of, kinds, vocabulary))
    decayed = rates * (ramp * kept)[:, None]
    _next_tenant(decayed, kept, rented, vocabulary)
    weights = _agreement(decayed, share, floor, supply, vocabulary)
    _cap(weights, cap, kinds.cap_other[of], vocabulary)
    return Rows(pair, trait, weights)


class _Kinds:
    """The numbers of every kind in a table, one row per kind; `of` gives the kind of each trait."""

    def __init__(self, table: FactTable, vocabulary: Vocabulary) -> None:
        names = sorted({kind for kind, _ in table.traits})
        kinds = [vocabulary.kinds[name] for name in names]
        place = {name: number for number, name in enumerate(names)}
        self.of = np.array([place[kind] for kind, _ in table.traits], dtype=np.int64)
        self.rates = np.array([kind.rates for kind in kinds])
        self.exclusive = np.array([kind.exclusive_rates for kind in kinds])
        self.floor = np.array([kind.floor for kind in kinds])
        self.floor_public = np.array([kind.floor_public for kind in kinds])
        self.turnover = np.array([kind.turnover_days or 0 for kind in kinds], dtype=float)
        self.cap_operator = np.array([kind.cap_operator / 1000 for kind in kinds])
        self.cap_other = np.array([kind.cap_other / 1000 for kind in kinds])
        self.by_role = np.array([kind.by_key_role for kind in kinds], dtype=bool)
        self.cheap = np.array([kind.forging == "cheap" for kind in kinds], dtype=bool)
        ramps = {name: tuple(map(float, edges)) for name, edges in vocabulary.counting["ramps"].items()}
        self.ramps = np.array([ramps.get(kind.ramp, (np.inf, np.inf)) for kind in kinds])


def _matches(table: FactTable, pairs: Ints) -> tuple[Ints, Ints, Ints]:
    """For every value both sides of a pair show: the pair, and the rows of the two sides in the table."""
    offsets = table.offsets
    found: list[tuple[Ints, Ints, Ints]] = []
    for number, (a, b) in enumerate(pairs):
        first, second = slice(offsets[a], offsets[a + 1]), slice(offsets[b], offsets[b + 1])
        _, left, right = np.intersect1d(table.trait[first], table.trait[second], True, return_indices=True)
        left, right = left + offsets[a], right + offsets[b]
        inside = table.indirect[left] & table.indirect[right]
        if inside.any():
            kept = [
                not (alone and _inside(table, int(one), int(other)))
                for alone, one, other in zip(inside, left, right, strict=True)
            ]
            left, right = left[kept], right[kept]
        found.append((np.full(len(left), number), left, right))
    if not found:
        return (np.zeros(0, dtype=np.int64),) * 3
    one, two, three = (np.concatenate(columns).astype(np.int64) for columns in zip(*found, strict=True))
    return one, two, three


def _inside(table: FactTable, left: int, right: int) -> bool:
    """Whether a value is only the host of addresses that both sides show as a whole."""
    offsets = table.offsets
    shown = [
        {table.traits[trait] for trait in table.trait[offsets[side] : offsets[side + 1]]}
        for side in (table.subject[left], table.subject[right])
    ]
    return all(
        whole[0] in ("url", "endpoint") and whole in shown[0] and whole in shown[1]
        for whole in table.wholes[left] | table.wholes[right]
    )


def _gap(
    table: FactTable, left: Ints, right: Ints, of: Ints, kinds: _Kinds, vocabulary: Vocabulary
) -> tuple[Floats, Flags]:
    """Days between the nearest showings, as they count, and whether rented things may have changed tenants."""
    rules = vocabulary.counting["time"]
    turnover = kinds.turnover[of]
    rented = (turnover > 0) & (turnover <= rules["rented_turnover_days"])
    days = np.where(rented, rules["undated_rented_days"], rules["undated_held_days"]).astype(float)
    dated = (table.start[left] != UNDATED) & (table.start[right] != UNDATED) & (turnover > 0)
    for row in np.flatnonzero(dated):
        days[row] = min(first.gap(second) for first in table.spans[left[row]] for second in table.spans[right[row]])
    return days, rented & (days > rules["grace_days"])


def _decay(days: Floats, turnover: Floats, vocabulary: Vocabulary) -> Floats:
    late = np.maximum(0.0, days - vocabulary.counting["time"]["grace_days"])
    return np.asarray(np.exp(-late / np.where(turnover > 0, turnover, 1.0)))


def _floors(
    table: FactTable, left: Ints, right: Ints, of: Ints, kinds: _Kinds, vocabulary: Vocabulary
) -> tuple[Floats, Floats]:
    """The floor on all axes but supply, and the one on supply."""
    risks = np.array([vocabulary.counting["grades"]["floors"][grade] for grade in GRADES])
    source = risks[np.maximum(table.grade[left], table.grade[right])]
    starts = table.start[left], table.start[right]
    both = (starts[0] != UNDATED) & (starts[1] != UNDATED)
    latest = np.where(both, np.maximum(*starts), UNDATED)
    stated = np.minimum(table.copyable[left], table.copyable[right])
    printed = np.minimum(table.printed[left], table.printed[right])
    public = ((stated != UNDATED) & (~both | (latest > stated))) | (both & (printed != UNDATED) & (latest > printed))
    own = np.where(public, kinds.floor_public[of], kinds.floor[of])
    return np.maximum(own, source), np.maximum(kinds.floor[of], source)


def _rates(
    table: FactTable, left: Ints, right: Ints, of: Ints, kinds: _Kinds, only: Flags, vocabulary: Vocabulary
) -> tuple[Floats, Floats]:
    """The agreement rates of each row, and its cap on operator in decibans."""
    rates, cap = kinds.rates[of], kinds.cap_operator[of]
    rates = np.where(only[:, None], np.maximum(rates, kinds.exclusive[of]), rates)
    keyed = kinds.by_role[of]
    if keyed.any():
        names = list(vocabulary.key_roles)
        roles = list(vocabulary.key_roles.values())
        one, other = table.role[left], table.role[right]
        agreed = np.where(one == NO_ROLE, other, np.where((other == NO_ROLE) | (one == other), one, NO_ROLE))
        agreed = np.where(agreed < 0, names.index("unknown"), agreed)
        role_cap = np.array([role.cap_operator / 1000 for role in roles])[agreed]
        rates = np.where(keyed[:, None], np.array([role.rates for role in roles])[agreed], rates)
        cap = np.where(keyed, np.where(kinds.cheap[of], np.minimum(role_cap, cap), role_cap), cap)
    return rates, cap


def _ramp(share: Floats, of: Ints, kinds: _Kinds, vocabulary: Vocabulary) -> Floats:
    start, end = kinds.ramps[of].T
    bounded = np.isfinite(end)
    width = np.where(bounded, end - start, 1.0)
    left = np.where(bounded, end - share, 1.0) / width
    return np.clip(left, 0.0, 1.0)


def _next_tenant(decayed: Floats, kept: Floats, rented: Flags, vocabulary: Vocabulary) -> None:
    """With a gap on rented things *same operator* decays again, not below *coordinated*."""
    same, together = vocabulary.place["operator", "same"], vocabulary.place["operator", "coordinated"]
    lowest = np.minimum(decayed[:, same], decayed[:, together])
    decayed[:, same] = np.where(rented, np.maximum(decayed[:, same] * kept, lowest), decayed[:, same])


def _agreement(rates: Floats, share: Floats, floor: Floats, supply: Floats, vocabulary: Vocabulary) -> Floats:
    chance = (1 - (1 - share) * (1 - floor))[:, None] * np.ones(rates.shape[1])
    start, stop = vocabulary.ranges["supply"]
    chance[:, start:stop] = (1 - (1 - share) * (1 - supply))[:, None]
    return np.where(rates > 0, 10 * np.log10(rates / chance + 1 - rates), 0.0)


def _cap(weights: Floats, operator: Floats, other: Floats, vocabulary: Vocabulary) -> None:
    """The caps of each row, each axis for itself."""
    for axis, (start, stop) in vocabulary.ranges.items():
        part, cap = weights[:, start:stop], (operator if axis == "operator" else other)[:, None]
        if vocabulary.counting["item_cap"] == "scale":
            largest = np.maximum(np.abs(part).max(axis=1, keepdims=True), 1e-300)
            weights[:, start:stop] = part * np.minimum(1.0, cap / largest)
        else:
            weights[:, start:stop] = np.clip(part, -cap, cap)
