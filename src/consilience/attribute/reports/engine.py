"""The engine for reports: the log-odds of each known subject as a sum of its nearest reports, software, techniques."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace

import numpy as np

from consilience.attribute.activity import Activity
from consilience.attribute.engine import LogOdds, Reason
from consilience.attribute.reports.common import discriminating_share
from consilience.attribute.reports.known_reports import KnownReports, known_reports
from consilience.attribute.reports.model import ReportsModel
from consilience.attribute.reports.nearest import DAYS_A_YEAR, BestReports, nearest, rarities, similarity
from consilience.attribute.reports.software import software_gain, without_software
from consilience.attribute.reports.technique import backgrounds, technique_gain, totals, without_technique
from consilience.attribute.reports.traits import SOFTWARE, ReportTrait, implied, report_traits
from consilience.model.arrays import Floats, Ints
from consilience.model.units import DECIBANS

NAMED_TRAITS = 4


@dataclass(frozen=True, slots=True)
class _ReportQuery:
    """A query in the numbers of the past: traits somebody has shown, those only implied by its software, those common.

    `length` counts its traits, each by the part of its weight that stands. `own` are known reports from the query's
    own source, which are not evidence for it; `sizes` and `mentions` count the reports and the mentions of techniques
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
        known: KnownReports,
        tools: Mapping[ReportTrait, frozenset[ReportTrait]],
        names: Mapping[str, str],
        model: ReportsModel,
    ) -> None:
        self.subjects = known.subjects
        self.model = model
        self._known = known
        self._tools = tools
        self._names = names
        self._traits = tuple(known.traits)
        self._sizes = known.sizes().astype(float)
        self._discriminating = discriminating_share(known, model)
        self._rarity = rarities(known, model) * self._discriminating
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
        return bool(report_traits(query, self._names))

    def parts(self, query: Activity) -> Floats:
        """The unweighted parts of the log-odds, one row per subject, in the columns that `PARTS` names."""
        return self._parts(self._prepared(query))

    def _parts(self, prepared: _ReportQuery) -> Floats:
        columns = np.zeros((len(self.subjects), 4))
        if not len(columns):
            return columns
        near = self._nearest(prepared)
        columns[:, 0] = near.best + self.model.second * near.second
        software, techniques = self._amounts(prepared)
        root = math.sqrt(max(techniques, 1.0))
        columns[:, 1] = software * without_software(prepared.sizes, self.model)
        columns[:, 2] = techniques / root * without_technique(prepared.mentions, self.model)
        for trait in prepared.traits:
            holders, gain, column = self._gain(int(trait), prepared)
            columns[holders, column] += gain if column == 1 else gain / root
        columns[:, 3] = np.log1p(prepared.sizes)
        return columns

    def terms(self, query: Activity) -> LogOdds:
        """The log-odds of every subject, the size prior apart; features: `cover`, `before` and `near`.

        `cover` is the part of the query's rarity that the best subject has shown, `before` the logarithm of one plus
        the years by which the query is older than the newest known report, `near` the largest likeness.
        """
        prepared = self._prepared(query)
        return self._weighted(prepared, self._parts(prepared))

    def evidence(self, queries: Sequence[Activity], subjects: Sequence[int]) -> Floats:
        """The weights that `terms` gives a few subjects, for several queries: queries by these subjects."""
        return np.stack([self.terms(query).weight[list(subjects)] for query in queries])

    def weighted(self, query: Activity, parts: Floats) -> LogOdds:
        """What `terms` gives, from parts that were computed before."""
        return self._weighted(self._prepared(query), parts)

    def _weighted(self, prepared: _ReportQuery, parts: Floats) -> LogOdds:
        *weights, size = self.model.weights()
        weight, prior = parts[:, :3] @ np.array(weights), parts[:, 3] * size
        years = (self._known.newest - prepared.day) / DAYS_A_YEAR if prepared.day else 0.0
        features = {
            "cover": self._cover(prepared, weight + prior),
            "before": math.log1p(max(years, 0.0)),
            "near": float(parts[:, 0].max(initial=0.0)),
        }
        return LogOdds(weight, prior, features)

    def reasons(self, query: Activity, subject: int, top: int) -> tuple[Reason, ...]:
        """The strongest items of one subject's log-odds, in decibans; beyond `top` they are one item, *the rest*.

        All items sum to the subject's weight, the prior left out. An item is part of the sum as it stands; what the
        removal of a trait would change in all, with the nearest report chosen anew, is `removed`.
        """
        prepared = self._prepared(query)
        items = [
            *self._near_reasons(prepared, subject),
            *(self._reason(int(trait), prepared, subject) for trait in prepared.traits),
            *(self._common_reason(int(trait), prepared) for trait in prepared.common),
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

    def _prepared(self, query: Activity) -> _ReportQuery:
        traits = report_traits(query, self._names)
        numbers = self._known.traits
        every = sorted({numbers[each] for each in traits if each in numbers})
        discriminating = [trait for trait in every if self._discriminating[trait] > 0]
        own = np.array(self._from.get(query.origin, ()), dtype=np.int64)
        owners = self._known.owners[own]
        return _ReportQuery(
            traits=np.array(discriminating, dtype=np.int64),
            implied=np.array(sorted(self._implied(traits) - set(every)), dtype=np.int64),
            common=np.array([trait for trait in every if self._discriminating[trait] <= 0], dtype=np.int64),
            length=len(traits) - len(every) + float(self._discriminating[discriminating].sum()),
            day=query.day,
            own=own,
            sizes=self._sizes - np.bincount(owners, minlength=len(self.subjects)),
            mentions=self._mentions - np.bincount(owners, self._known.techniques[own], minlength=len(self.subjects)),
        )

    def _implied(self, traits: Iterable[ReportTrait]) -> set[int]:
        """The techniques that software of a query is known for, where it is not software that everybody uses."""
        if self.model.implied <= 0:
            return set()
        numbers = self._known.traits
        rare = (each for each in traits if each not in numbers or self._discriminating[numbers[each]] > 0)
        techniques = (each for trait in rare for each in self._tools.get(trait, ()))
        return {numbers[each] for each in techniques if each in numbers}

    def _similarities(self, prepared: _ReportQuery) -> Floats:
        every = np.concatenate([prepared.traits, prepared.implied])
        trust = np.repeat([1.0, self.model.implied], [len(prepared.traits), len(prepared.implied)])
        found = similarity(self._known, self._rarity, every, trust, prepared.length, prepared.day, self.model)
        found[prepared.own] = 0
        return found

    def _nearest(self, prepared: _ReportQuery) -> BestReports:
        return nearest(self._known, self._similarities(prepared))

    def _gain(self, trait: int, prepared: _ReportQuery) -> tuple[Ints, Floats, int]:
        """Who shows a trait, what they gain by it, and in which column of the parts."""
        holders, counts = self._known.counts(trait, prepared.own)
        share = self._discriminating[trait]
        if self._known.is_software[trait]:
            return holders, share * software_gain(counts, float(prepared.sizes.sum()), self.model), 1
        return holders, share * technique_gain(counts, float(self._background[trait]), self.model), 2

    def _amounts(self, prepared: _ReportQuery) -> tuple[float, float]:
        """How much software and how many techniques the query shows, each by the part of its weight that stands."""
        share, is_software = self._discriminating[prepared.traits], self._known.is_software[prepared.traits]
        return float(share[is_software].sum()), float(share[~is_software].sum())

    def _cover(self, prepared: _ReportQuery, log_odds: Floats) -> float:
        if not len(prepared.traits):
            return 0.0
        best = int(np.argmax(log_odds))
        shown = np.array([_at(best, *self._known.counts(int(trait), prepared.own)) > 0 for trait in prepared.traits])
        rarity = self._rarity[prepared.traits]
        return float(rarity[shown].sum() / rarity.sum()) if rarity.sum() > 0 else 0.0

    def _near_reasons(self, prepared: _ReportQuery, subject: int) -> Iterable[Reason]:
        near = self._nearest(prepared)
        chosen = (
            (int(near.best_report[subject]), float(near.best[subject]), "the most similar report"),
            (int(near.second_report[subject]), self.model.second * float(near.second[subject]), "the second report"),
        )
        for report, value, what in chosen:
            if report >= 0:
                shared = self._shared(prepared, report)
                names = ", ".join(name for _, name in shared[:NAMED_TRAITS])
                more = f" and {len(shared) - NAMED_TRAITS} more" if len(shared) > NAMED_TRAITS else ""
                why = f"{what} on {self.subjects[subject]} shares {names}{more}"
                yield Reason("report", (self._known.origins[report],), value * self.model.near * DECIBANS, why)

    def _shared(self, prepared: _ReportQuery, report: int) -> list[ReportTrait]:
        """The traits that the query and a report share, the rarest first."""
        every = np.concatenate([prepared.traits, prepared.implied])
        shared = [int(trait) for trait in every if report in self._known.reports.of(int(trait))[0]]
        shared.sort(key=lambda trait: (-self._rarity[trait], self._traits[trait]))
        return [self._traits[trait] for trait in shared]

    def _reason(self, trait: int, prepared: _ReportQuery, subject: int) -> Reason:
        what, name = self._traits[trait]
        holders, counts = self._known.counts(trait, prepared.own)
        gain, share = _at(subject, *self._gain(trait, prepared)[:2]), float(self._discriminating[trait])
        if what == SOFTWARE:
            lost, weight = without_software(prepared.sizes[subject], self.model), self.model.software
        else:
            lost = without_technique(prepared.mentions[subject], self.model)
            weight = self.model.technique / math.sqrt(max(self._amounts(prepared)[1], 1.0))
        own, reports = _at(subject, holders, counts), prepared.sizes[subject]
        here = f"in {own:.0f} of {reports:.0f} reports on {self.subjects[subject]}"
        everywhere = f"in {counts.sum():.0f} of {prepared.sizes.sum():.0f} on anybody"
        return Reason(what, (name,), (share * float(lost) + gain) * weight * DECIBANS, f"{here}, {everywhere}")

    def _common_reason(self, trait: int, prepared: _ReportQuery) -> Reason:
        """A trait that tells nobody apart, at the weight 0."""
        what, name = self._traits[trait]
        holders = len(self._known.holders.of(trait)[0])
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
    return ReportsEngine(known_reports(known, resolve), implied(tools, resolve), resolve, chosen)
