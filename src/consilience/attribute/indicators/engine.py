"""The engine for indicators: log-odds per known subject as a sum of named items, size-fair and calibrated."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from consilience.attribute.activity import Activity
from consilience.attribute.engine import LogOdds, Reason
from consilience.attribute.indicators.activity_prior import ActivityPrior
from consilience.attribute.indicators.discriminant import RidgeDiscriminant
from consilience.attribute.indicators.features import FeatureCounts, QueryFeatures, ReportFeatures, feature_counts
from consilience.attribute.indicators.model import IndicatorModel
from consilience.attribute.indicators.nearest import NEAR, RAREST, NearestReports
from consilience.attribute.indicators.open_set import softmax
from consilience.attribute.indicators.profiles import SubjectProfiles
from consilience.attribute.indicators.single_query import WeightedSums, nearest_sum, profile_sum, rarest_terms
from consilience.attribute.indicators.subset_evidence import nearest_evidence, profile_evidence, rarest_evidence
from consilience.model.arrays import Floats, Ints
from consilience.model.units import DECIBANS
from consilience.model.when import iso
from consilience.vocab import Vocabulary
from consilience.weigh.secondary import SECONDARY

EVIDENCE = (*SubjectProfiles.names, *NearestReports.names, *RidgeDiscriminant.names)
PRIOR = ActivityPrior.names
NAMES = (*EVIDENCE, *PRIOR)
"""The names of all terms, in the order of their places."""

COVERED = ("host:label", "host:segment", "host:4-gram", "host:suffix", "address:24", "path:token")
_NEAREST = [NAMES.index(f"nearest {kind}") for kind in NEAR]
_RAREST = [NAMES.index(f"rarest {family}") for family in RAREST]
_SHOWN_VALUES = 5
_SPECK = 1e-9
_FAR = 6.0
"""Log-odds of the first beyond which more says nothing: what is then still wrong is wrong for other reasons."""
_CACHED_CASES = 4
_CACHED_QUERIES = 32


@dataclass(frozen=True)
class PreparedCase:
    """A case ready to be asked: its columns and the families of terms."""

    case: ReportFeatures
    profiles: SubjectProfiles
    nearest: NearestReports
    discriminant: RidgeDiscriminant
    activity_prior: ActivityPrior

    @classmethod
    def of(cls, case: ReportFeatures) -> PreparedCase:
        """A case with everything derived once."""
        return cls.over(case, SubjectProfiles.of(case), NearestReports.of(case), RidgeDiscriminant.of(case))

    @classmethod
    def over(
        cls, case: ReportFeatures, profiles: SubjectProfiles, nearest: NearestReports, discriminant: RidgeDiscriminant
    ) -> PreparedCase:
        """A case of which everything was derived before."""
        return cls(case, profiles, nearest, discriminant, ActivityPrior.of(case))

    def rows(self, queries: Sequence[FeatureCounts]) -> QueryFeatures:
        """Queries over this case; one without a date is asked as of the last report."""
        latest = int(self.case.days.max())
        dated = [each if each.activity.day else _dated(each, latest) for each in queries]
        return QueryFeatures.of(dated, self.case)

    def terms(self, rows: QueryFeatures, wanted: Collection[str] = NAMES) -> Floats:
        """Queries by subjects by NAMES, before the learned weights; 0 for what is not wanted."""
        families = (
            self.profiles.terms(rows, wanted),
            self.nearest.terms(rows, wanted),
            self.discriminant.terms(rows),
            self.activity_prior.terms(rows),
        )
        return np.concatenate(families, axis=2)

    def sums(self, rows: QueryFeatures, weights: Mapping[str, float]) -> WeightedSums:
        """What the terms of one query sum to by the learned weights."""
        near = nearest_sum(self.nearest, rows, weights)
        rarest = rarest_terms(self.nearest, rows)
        discriminant = self.discriminant.terms(rows)[0, :, 0]
        activity_prior = self.activity_prior.terms(rows)[0]
        evidence = profile_sum(self.profiles, rows, weights, len(self.case.subjects)) + near
        evidence += weights.get("discriminant", 0.0) * discriminant
        for family, found in rarest.items():
            evidence += weights.get(f"rarest {family}", 0.0) * found
        prior = activity_prior @ np.array([weights.get(name, 0.0) for name in PRIOR])
        overall, gap = activity_prior[:, PRIOR.index("prior overall")], activity_prior[:, PRIOR.index("prior gap")]
        bare = np.sum(list(rarest.values()), axis=0)
        return WeightedSums(evidence, prior, near, bare, discriminant, overall, gap, self.discriminant.recognition)

    def evidence(self, rows: QueryFeatures, weights: Mapping[str, float], subjects: Ints) -> Floats:
        """The evidence of several queries for a few subjects, queries by these subjects."""
        found = profile_evidence(self.profiles, rows, weights, subjects)
        found += nearest_evidence(self.nearest, rows, weights, subjects)
        found += rarest_evidence(self.nearest, rows, weights, subjects)
        return np.asarray(found + weights.get("discriminant", 0.0) * self.discriminant.evidence(rows, subjects))


def _dated(undated: FeatureCounts, day: int) -> FeatureCounts:
    return replace(undated, activity=replace(undated.activity, day=day))


@dataclass
class IndicatorEngine:
    """Compares the indicators of a query with every known subject. Made by `of`; a value but for its memory of cases.

    A query whose own source is in the case is compared with the case without what that source says of anybody, or
    else it would find itself.
    """

    vocabulary: Vocabulary
    model: IndicatorModel
    case: ReportFeatures
    origins: frozenset[str]
    name: str = "indicators"
    _cases: OrderedDict[str, PreparedCase] = field(default_factory=OrderedDict, repr=False)
    _counts: OrderedDict[int, tuple[Activity, FeatureCounts]] = field(default_factory=OrderedDict, repr=False)

    @classmethod
    def of(cls, activities: Iterable[Activity], vocabulary: Vocabulary, model: IndicatorModel) -> IndicatorEngine:
        """The engine for the activities of known subjects; those that show no indicator are left out."""
        reports = (feature_counts(each, vocabulary) for each in sorted(each for each in activities if each.subject))
        return cls.on(ReportFeatures.from_sorted(each for each in reports if each.counts), vocabulary, model)

    @classmethod
    def over(cls, reports: Iterable[FeatureCounts], vocabulary: Vocabulary, model: IndicatorModel) -> IndicatorEngine:
        """The engine for activities that were taken apart before."""
        return cls.on(ReportFeatures.of(reports), vocabulary, model)

    @classmethod
    def on(
        cls, case: ReportFeatures, vocabulary: Vocabulary, model: IndicatorModel, prepared: PreparedCase | None = None
    ) -> IndicatorEngine:
        """The engine for a case that is in columns, or was even prepared before."""
        made = cls(vocabulary, model, case, frozenset(each.origin for each in case.activities))
        if prepared:
            made._cases[""] = prepared
        return made

    @property
    def subjects(self) -> tuple[str, ...]:
        """The full names of the known subjects, sorted."""
        return self.case.subjects

    def extended(self, activities: Iterable[Activity]) -> IndicatorEngine:
        """The engine with more reports and the same learned weights: what a refresh of the case is."""
        more = IndicatorEngine.of(activities, self.vocabulary, self.model)
        return self.on(self.case.extended(more.case), self.vocabulary, self.model)

    def reads(self, query: Activity) -> bool:
        """Whether the query shows an indicator that is not everybody's."""
        return bool(self.subjects) and bool(self._feature_counts(query).counts)

    def terms(self, query: Activity) -> LogOdds:
        """The log-odds of every subject for a query."""
        prepared = self.prepared(query.origin)
        rows = prepared.rows([self._feature_counts(query)])
        return self._spread(prepared, _terms(prepared.sums(rows, self.model.weights), rows, 0))

    def evidence(self, queries: Sequence[Activity], subjects: Sequence[int]) -> Floats:
        """What `terms` weighs for a few subjects, for several queries of one source: queries by these subjects."""
        prepared = self.prepared(queries[0].origin)
        if prepared.case.subjects != self.subjects:
            return np.stack([self.terms(query).weight[list(subjects)] for query in queries])
        rows = prepared.rows([self._feature_counts(query) for query in queries])
        return prepared.evidence(rows, self.model.weights, np.array(subjects, dtype=np.int64))

    def probabilities(self, query: Activity) -> Floats:
        """One probability per subject and, last, one for none of these or not enough to tell."""
        terms = self.terms(query)
        return self.model.open_set.probabilities(terms.weight + terms.prior, terms.features)

    def _feature_counts(self, query: Activity) -> FeatureCounts:
        """The query taken apart: once, though an answer and its reasons are asked for one after the other."""
        if id(query) not in self._counts:
            self._counts[id(query)] = (query, feature_counts(query, self.vocabulary))
            if len(self._counts) > _CACHED_QUERIES:
                self._counts.popitem(last=False)
        return self._counts[id(query)][1]

    def prepared(self, origin: str = "") -> PreparedCase:
        """The case without what one source says, derived once and cached for the last few sources."""
        own = origin if origin in self.origins else ""
        if own not in self._cases:
            self._cases[own] = PreparedCase.of(self.case.without(own) if own else self.case)
            for old in [key for key in self._cases if key][:-_CACHED_CASES]:
                del self._cases[old]
        return self._cases[own]

    def _spread(self, prepared: PreparedCase, terms: LogOdds) -> LogOdds:
        """Terms over all subjects: one known only from the query's own source gets the least of all."""
        if prepared.case.subjects == self.subjects:
            return terms
        place = {subject: number for number, subject in enumerate(prepared.case.subjects)}
        columns = [place.get(subject, -1) for subject in self.subjects]
        spread = [
            np.array([part[column] if column >= 0 else part.min() for column in columns])
            for part in (terms.weight, terms.prior)
        ]
        return LogOdds(spread[0], spread[1], terms.features)

    def reasons(self, query: Activity, subject: int, top: int) -> tuple[Reason, ...]:
        """The strongest items of one subject's log-odds in decibans; all of them sum to its weight.

        What everybody shows stands last, with the weight 0 and the reason.
        """
        prepared = self.prepared(query.origin)
        rows = prepared.rows([self._feature_counts(query)])
        if self.subjects[subject] not in prepared.case.subjects:
            return ()
        place = prepared.case.subjects.index(self.subjects[subject])
        reasons = sorted(
            self._reasons(prepared, rows, place), key=lambda each: (-abs(each.weight), each.kind, each.values)
        )
        left = (Reason(kind, (value,), 0.0, reason) for kind, value, reason in rows.queries[0].left_out)
        return (*reasons[:top], *left)

    def _reasons(self, prepared: PreparedCase, rows: QueryFeatures, subject: int) -> Iterator[Reason]:
        yield from _of_profiles(prepared, rows, subject, self.model.weights)
        yield from _of_nearest(prepared, rows, subject, self.model.weights)
        yield from _of_rarest(prepared, rows, subject, self.model.weights)
        yield from _of_lines(prepared, rows, subject, self.model.weights)


def weighed(found: Floats, rows: QueryFeatures, weights: Mapping[str, float], recognition: Floats) -> list[LogOdds]:
    """The log-odds for each of several queries, from the terms of `PreparedCase.terms` and the learned weights.

    `recognition` is how well the subjects of the case were recognised so far (`RidgeDiscriminant.recognition`).
    """
    evidence, prior, near, rarest = np.moveaxis(found @ _sums(weights), 2, 0)
    bare = found[:, :, [NAMES.index(name) for name in ("discriminant", "prior overall", "prior gap")]]
    done = []
    for line in range(len(rows.queries)):
        discriminant, overall, gap = bare[line].T
        sums = WeightedSums(
            evidence[line], prior[line], near[line], rarest[line], discriminant, overall, gap, recognition
        )
        done.append(_terms(sums, rows, line))
    return done


def _terms(sums: WeightedSums, rows: QueryFeatures, line: int) -> LogOdds:
    odds = sums.evidence + sums.prior
    best = int(odds.argmax())
    features = _stands_out(odds, sums.evidence, best) | _covered(rows, line)
    features |= {
        "recognised": _log_odds(float(sums.recognition @ softmax(odds))),
        "nearest": math.log1p(float(sums.near.max())),
        "nearest of best": math.log1p(float(sums.near[best])),
        "rarest": float(sums.rarest.max()),
        "rarest of best": float(sums.rarest[best]),
        "discriminant": float(sums.discriminant[best]),
        "reports of best": float(sums.overall[best]),
        "gap of best": float(sums.gap[best]),
    }
    return LogOdds(sums.evidence, sums.prior, features)


def _sums(weights: Mapping[str, float]) -> Floats:
    """Terms by four sums, taken in one product: the evidence, the priors, the weighed nearest and the bare rarest."""
    learned = np.array([weights.get(name, 0.0) for name in NAMES])
    sums = np.zeros((len(NAMES), 4))
    sums[: len(EVIDENCE), 0] = learned[: len(EVIDENCE)]
    sums[len(EVIDENCE) :, 1] = learned[len(EVIDENCE) :]
    sums[_NEAREST, 2] = learned[_NEAREST]
    sums[_RAREST, 3] = 1
    return sums


def _stands_out(odds: Floats, evidence: Floats, best: int) -> dict[str, float]:
    """How far the first stands out from the second and from all."""
    share = float(softmax(odds)[best])
    second = float(np.partition(odds, -2)[-2]) if len(odds) > 1 else float(odds[best])
    return {
        "share": max(-_FAR, min(_FAR, _log_odds(share))),
        "margin": math.log1p(float(odds[best]) - second),
        "stands out": float(odds[best] - odds.mean()),
        "evidence": float(evidence[best] - evidence.mean()),
    }


def _log_odds(share: float) -> float:
    return math.log(max(share, _SPECK)) - math.log(max(1 - share, _SPECK))


def _covered(rows: QueryFeatures, line: int) -> dict[str, float]:
    """How much of the query anybody has shown, in some kinds, and its number of hosts."""
    features = {"hosts": math.log1p(sum(rows.queries[line].counts.get("host", {}).values()))}
    for kind in COVERED:
        row = rows.kinds[kind]
        seen = float(row.amounts[row.starts[line] : row.starts[line + 1]].sum())
        features[f"cover {kind}"] = seen / (seen + float(row.unseen[line]) + 1.0)
    return features


def _of_profiles(
    prepared: PreparedCase, rows: QueryFeatures, subject: int, weights: Mapping[str, float]
) -> Iterator[Reason]:
    for kind in SECONDARY:
        weight = weights.get(f"profile {kind}", 0.0) * DECIBANS
        values = prepared.case.kinds[kind].values
        for place, share in prepared.profiles.items(rows, subject, kind) if weight else ():
            if place < 0:
                yield Reason(kind, (), weight * share, "values that nobody in the case has shown; long profiles lose")
            else:
                more = "more" if share > 0 else "less"
                yield Reason(kind, (values[place],), weight * share, f"it shows this {more} often than others do")


def _of_nearest(
    prepared: PreparedCase, rows: QueryFeatures, subject: int, weights: Mapping[str, float]
) -> Iterator[Reason]:
    for kind in NEAR:
        weight = weights.get(f"nearest {kind}", 0.0) * DECIBANS
        values, places = prepared.case.kinds[kind].values, rows.kinds[kind].places
        for report, adds, parts in prepared.nearest.closest(rows, subject, kind) if weight else ():
            if adds > 0:
                shared = [
                    values[places[at]] for at in np.argsort(-parts, kind="stable")[:_SHOWN_VALUES] if parts[at] > 0
                ]
                source = prepared.case.activities[report]
                when = f" of {iso(source.day)}" if source.day else ""
                why = f"shared with its report{when} ({source.origin}), one of its two closest"
                yield Reason(kind, tuple(shared), weight * adds, why)


def _of_rarest(
    prepared: PreparedCase, rows: QueryFeatures, subject: int, weights: Mapping[str, float]
) -> Iterator[Reason]:
    for family in RAREST:
        weight = weights.get(f"rarest {family}", 0.0) * DECIBANS
        kind, place, surprise = prepared.nearest.rarest(rows, subject, family)
        if weight and surprise > 0:
            value = prepared.case.kinds[kind].values[place]
            yield Reason(kind, (value,), weight * surprise, f"the rarest of the {family} that it has shown too")


def _of_lines(
    prepared: PreparedCase, rows: QueryFeatures, subject: int, weights: Mapping[str, float]
) -> Iterator[Reason]:
    weight = weights.get("discriminant", 0.0) * DECIBANS
    if not weight:
        return
    places, shares = prepared.discriminant.items(rows, subject)
    first = 0
    for kind in SECONDARY:
        values = prepared.case.kinds[kind].values
        inside = (places >= first) & (places < first + len(values))
        for place, share in zip((places[inside] - first).tolist(), shares[inside].tolist(), strict=True):
            tells = "tells it from the others" if share > 0 else "tells others from it"
            yield Reason(kind, (values[place],), weight * share, tells)
        first += len(values)
