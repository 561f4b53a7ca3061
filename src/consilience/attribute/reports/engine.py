"""The engine for reports: the log-odds of each known subject as a sum of its nearest reports, software, techniques."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace

import numpy as np

from consilience.attribute.activity import Activity
from consilience.attribute.engine import Reason, Terms
from consilience.attribute.reports.common import standing
from consilience.attribute.reports.known_reports import Past, past
from consilience.attribute.reports.model import ReportsModel
from consilience.attribute.reports.nearest import DAYS_A_YEAR, Nearest, likeness, nearest, rarities
from consilience.attribute.reports.software import software_gain, without_software
from consilience.attribute.reports.technique import backgrounds, technique_gain, totals, without_technique
from consilience.attribute.reports.traits import SOFTWARE, Shown, implied, shown
from consilience.model.arrays import Floats, Ints
from consilience.model.units import DECIBANS

NAMED_TRAITS = 4


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query in the numbers of the past: traits somebody has shown, those only implied by its software, those common.

    `length` counts its traits, each by the part of its weight that stands. `own` are known reports from the query's
    own source, which are no evidence for it; `sizes` and `mentions` count the reports and the mentions of techniques
    of each subject without them.
    """

    traits: Ints
    implied: Ints
    common: Ints
    length: float
    day: int
    own: Ints
    sizes: Floats
    mentions: Floats


class ReportsEngine:
    """Ranks known subjects by what their reports tell of software and techniques; made by `prepare`."""

    name = "reports"

    def __init__(
        self,
        known: Past,
        tools: Mapping[Shown, frozenset[Shown]],
        names: Mapping[str, str],
        model: ReportsModel,
    ) -> None:
        self.subjects = known.subjects
        self.model = model
        self._past = known
        self._tools = tools
        self._names = names
        self._traits = tuple(known.traits)
        self._sizes = known.sizes().astype(float)
        self._standing = standing(known, model)
        self._rarity = rarities(known, model) * self._standing
        self._mentions = totals(known)
        self._from = _places(known.origins)
        self._background = backgrounds(known, self._mentions)

    def refitted(self, model: ReportsModel) -> ReportsEngine:
        """The same engine with other weights; the shape of the parts stays as it was prepared."""
        other = copy(self)
        other.model = model
        return other

    def reads(self, query: Activity) -> bool:
        """Whether the query names any software or technique."""
        return bool(shown(query, self._names))

    def parts(self, query: Activity) -> Floats:
        """The unweighted parts of the log-odds, one row per subject, in the columns that `PARTS` names."""
        return self._parts(self._asked(query))

    def _parts(self, asked: _Asked) -> Floats:
        columns = np.zeros((len(self.subjects), 4))
        if not len(columns):
            return columns
        near = self._nearest(asked)
        columns[:, 0] = near.best + self.model.second * near.second
        software, techniques = self._amounts(asked)
        root = math.sqrt(max(techniques, 1.0))
        columns[:, 1] = software * without_software(asked.sizes, self.model)
        columns[:, 2] = techniques / root * without_technique(asked.mentions, self.model)
        for trait in asked.traits:
            holders, gain, column = self._gain(int(trait), asked)
            columns[holders, column] += gain if column == 1 else gain / root
        columns[:, 3] = np.log1p(asked.sizes)
        return columns

    def terms(self, query: Activity) -> Terms:
        """The log-odds of every subject, the size prior apart; features: `cover`, `before` and `near`.

        `cover` is the part of the query's rarity that the best subject has shown, `before` the logarithm of one plus
        the years by which the query is older than the newest known report, `near` the largest likeness.
        """
        asked = self._asked(query)
        return self._weighted(asked, self._parts(asked))

    def evidence(self, queries: Sequence[Activity], subjects: Sequence[int]) -> Floats:
        """The weights that `terms` gives a few subjects, for several queries: queries by these subjects."""
        return np.stack([self.terms(query).weight[list(subjects)] for query in queries])

    def weighted(self, query: Activity, parts: Floats) -> Terms:
        """What `terms` gives, from parts that were computed before."""
        return self._weighted(self._asked(query), parts)

    def _weighted(self, asked: _Asked, parts: Floats) -> Terms:
        *weights, size = self.model.weights()
        weight, prior = parts[:, :3] @ np.array(weights), parts[:, 3] * size
        years = (self._past.newest - asked.day) / DAYS_A_YEAR if asked.day else 0.0
        features = {
            "cover": self._cover(asked, weight + prior),
            "before": math.log1p(max(years, 0.0)),
            "near": float(parts[:, 0].max(initial=0.0)),
        }
        return Terms(weight, prior, features)

    def because(self, query: Activity, subject: int, top: int) -> tuple[Reason, ...]:
        """The strongest items of one subject's log-odds, in decibans; beyond `top` they are one item, *the rest*.

        All items sum to the subject's weight, the prior left out. An item is part of the sum as it stands; what the
        removal of a trait would change in all, with the nearest report chosen anew, is `removed`.
        """
        asked = self._asked(query)
        items = [
            *self._near_reasons(asked, subject),
            *(self._reason(int(trait), asked, subject) for trait in asked.traits),
            *(self._common_reason(int(trait), asked) for trait in asked.common),
        ]
        items.sort(key=lambda item: (-abs(item.weight), item.kind, item.values))
        if len(items) <= top:
            return tuple(items)
        rest = items[max(top - 1, 0) :]
        what = f"{len(rest)} weaker items together"
        return (*items[: max(top - 1, 0)], Reason("rest", (), math.fsum(item.weight for item in rest), what))

    def removed(self, query: Activity, subject: int, traits: Iterable[tuple[str, str]]) -> float:
        """By how much a subject's weight changes, in decibans, when the query loses these kinds and values."""
        gone = set(traits)
        less = replace(query, traits=tuple(each for each in query.traits if each not in gone))
        before, after = self.terms(query).weight[subject], self.terms(less).weight[subject]
        return float(before - after) * DECIBANS

    def _asked(self, query: Activity) -> _Asked:
        traits = shown(query, self._names)
        known = self._past.traits
        every = sorted({known[each] for each in traits if each in known})
        told = [trait for trait in every if self._standing[trait] > 0]
        more: set[int] = set()
        if self.model.implied > 0:
            telling = (each for each in traits if each not in known or self._standing[known[each]] > 0)
            hinted = (each for trait in telling for each in self._tools.get(trait, ()))
            more = {known[each] for each in hinted if each in known} - set(every)
        own = np.array(self._from.get(query.origin, ()), dtype=np.int64)
        owners = self._past.owners[own]
        return _Asked(
            traits=np.array(told, dtype=np.int64),
            implied=np.array(sorted(more), dtype=np.int64),
            common=np.array([trait for trait in every if self._standing[trait] <= 0], dtype=np.int64),
            length=len(traits) - len(every) + float(self._standing[told].sum()),
            day=query.day,
            own=own,
            sizes=self._sizes - np.bincount(owners, minlength=len(self.subjects)),
            mentions=self._mentions - np.bincount(owners, self._past.techniques[own], minlength=len(self.subjects)),
        )

    def _likeness(self, asked: _Asked) -> Floats:
        every = np.concatenate([asked.traits, asked.implied])
        trust = np.repeat([1.0, self.model.implied], [len(asked.traits), len(asked.implied)])
        found = likeness(self._past, self._rarity, every, trust, asked.length, asked.day, self.model)
        found[asked.own] = 0
        return found

    def _nearest(self, asked: _Asked) -> Nearest:
        return nearest(self._past, self._likeness(asked))

    def _gain(self, trait: int, asked: _Asked) -> tuple[Ints, Floats, int]:
        """Who shows a trait, what they gain by it, and in which column of the parts."""
        holders, counts = self._past.counts(trait, asked.own)
        stands = self._standing[trait]
        if self._past.is_software[trait]:
            return holders, stands * software_gain(counts, float(asked.sizes.sum()), self.model), 1
        return holders, stands * technique_gain(counts, float(self._background[trait]), self.model), 2

    def _amounts(self, asked: _Asked) -> tuple[float, float]:
        """How much software and how many techniques the query shows, each by the part of its weight that stands."""
        stands, is_software = self._standing[asked.traits], self._past.is_software[asked.traits]
        return float(stands[is_software].sum()), float(stands[~is_software].sum())

    def _cover(self, asked: _Asked, log_odds: Floats) -> float:
        if not len(asked.traits):
            return 0.0
        best = int(np.argmax(log_odds))
        held = np.array([_at(best, *self._past.counts(int(trait), asked.own)) > 0 for trait in asked.traits])
        rarity = self._rarity[asked.traits]
        return float(rarity[held].sum() / rarity.sum()) if rarity.sum() > 0 else 0.0

    def _near_reasons(self, asked: _Asked, subject: int) -> Iterable[Reason]:
        near = self._nearest(asked)
        chosen = (
            (int(near.best_report[subject]), float(near.best[subject]), "the most similar report"),
            (int(near.second_report[subject]), self.model.second * float(near.second[subject]), "the second report"),
        )
        for report, value, what in chosen:
            if report >= 0:
                shared = self._shared(asked, report)
                names = ", ".join(name for _, name in shared[:NAMED_TRAITS])
                more = f" and {len(shared) - NAMED_TRAITS} more" if len(shared) > NAMED_TRAITS else ""
                why = f"{what} on {self.subjects[subject]} shares {names}{more}"
                yield Reason("report", (self._past.origins[report],), value * self.model.near * DECIBANS, why)

    def _shared(self, asked: _Asked, report: int) -> list[Shown]:
        """The traits that the query and a report share, the rarest first."""
        every = np.concatenate([asked.traits, asked.implied])
        shared = [int(trait) for trait in every if report in self._past.reports.of(int(trait))[0]]
        shared.sort(key=lambda trait: (-self._rarity[trait], self._traits[trait]))
        return [self._traits[trait] for trait in shared]

    def _reason(self, trait: int, asked: _Asked, subject: int) -> Reason:
        what, name = self._traits[trait]
        holders, counts = self._past.counts(trait, asked.own)
        gain, stands = _at(subject, *self._gain(trait, asked)[:2]), float(self._standing[trait])
        if what == SOFTWARE:
            lost, weight = without_software(asked.sizes[subject], self.model), self.model.software
        else:
            lost = without_technique(asked.mentions[subject], self.model)
            weight = self.model.technique / math.sqrt(max(self._amounts(asked)[1], 1.0))
        here = (
            f"in {_at(subject, holders, counts):.0f} of {asked.sizes[subject]:.0f} reports on {self.subjects[subject]}"
        )
        everywhere = f"in {counts.sum():.0f} of {asked.sizes.sum():.0f} on anybody"
        return Reason(what, (name,), (stands * float(lost) + gain) * weight * DECIBANS, f"{here}, {everywhere}")

    def _common_reason(self, trait: int, asked: _Asked) -> Reason:
        """A trait that tells nobody apart, at the weight 0."""
        what, name = self._traits[trait]
        holders = len(self._past.holders.of(trait)[0])
        why = f"{holders} of {len(self.subjects)} subjects show it or its like, which tells nobody apart"
        return Reason(what, (name,), 0.0, why)


def _at(subject: int, holders: Ints, values: Floats) -> float:
    """The value of one subject among those of the holders, 0 for who is none."""
    place = int(np.searchsorted(holders, subject))
    return float(values[place]) if place < len(holders) and holders[place] == subject else 0.0


def _places(origins: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for report, origin in enumerate(origins):
        found.setdefault(origin, []).append(report)
    return found


def prepare(
    known: Iterable[Activity],
    tools: Iterable[Activity] = (),
    model: ReportsModel | None = None,
    names: Mapping[str, str] | None = None,
) -> ReportsEngine:
    """The engine over the activities of known subjects.

    `tools` are activities whose subjects are software: what each does itself. `names` resolves numbers and other
    names of software to families (`consilience.model.names.resolved_names`).
    """
    resolve = names or {}
    chosen = model or ReportsModel()
    return ReportsEngine(past(known, resolve), implied(tools, resolve), resolve, chosen)
