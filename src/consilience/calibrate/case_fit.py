"""Fits every model that the known answers of a case can carry, and judges the fit where it has not looked.

`fitted_parts` the parts of a model file from reports of known subjects · `fit_document` the file, with where it comes
from and its figures · `NEEDED` how much each part needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from consilience.attribute import Models, models_from
from consilience.attribute.activity import Activity
from consilience.attribute.fitted import document_of
from consilience.attribute.pairs import prepare
from consilience.attribute.reports.traits import report_traits
from consilience.attribute.shipped import pair_model
from consilience.calibrate.indicators import LEAST_REPORTS, fit_indicators
from consilience.calibrate.pairs import fitted, pair_record, sharing_pairs
from consilience.calibrate.rates import LEAST_SUBJECTS, fitted_rates
from consilience.calibrate.reports import fit_reports
from consilience.calibrate.rounds import rounds_inside
from consilience.model.errors import InputError
from consilience.model.json import Json, JsonObject
from consilience.vocab import Vocabulary

LEAST_QUESTIONS = 30
LEAST_PAIRS = 30
DIGITS = 8
NEEDED: Mapping[str, str] = {
    "reports": f"{LEAST_QUESTIONS} dated reports of three techniques or software on subjects known by then",
    "indicators": f"more than {LEAST_REPORTS} dated reports of indicators, over two years or more",
    "pairs": f"{LEAST_PAIRS} pairs of reports that share software of one subject, and as many of two",
    "rates": f"a kind that {LEAST_SUBJECTS} subjects or more show in two reports or more",
}


@dataclass(frozen=True, slots=True)
class FitData:
    """What a fit may look at: reports of known subjects, of tools, and what numbers of tools mean."""

    reports: Sequence[Activity]
    tools: Sequence[Activity]
    names: Mapping[str, str]
    techniques: Mapping[str, frozenset[str]]


def fitted_parts(known: FitData, vocabulary: Vocabulary, but: Sequence[str] = ()) -> tuple[JsonObject, dict[str, str]]:
    """The parts that these reports can fit, as plain values, and for each that they cannot what they hold of it.

    Parts named in `but` are left out of both. Deterministic.
    """
    ways = {"reports": _reports, "indicators": _indicators, "pairs": _pairs, "rates": _rates}
    parts: JsonObject = {}
    missing: dict[str, str] = {}
    for name, way in ways.items():
        if name not in but:
            found, held = way(known, vocabulary)
            if found:
                parts[name] = _rounded(found)
            else:
                missing[name] = held
    return parts, missing


def fit_document(
    parts: JsonObject, missing: Mapping[str, str], known: FitData, about: Mapping[str, Json]
) -> JsonObject:
    """The model file of fitted parts; `about` holds the command, the data and the figures.

    Raises:
        InputError: no part could be fitted; it says what each needs and what the case holds.
    """
    if not parts:
        needs = "; ".join(f"{name} need {NEEDED[name]} (here {held})" for name, held in missing.items())
        raise InputError(f"too little to fit on: {needs}", "calibrate --fit", "leave --model out: the shipped model")
    days = [each.day for each in known.reports if each.day]
    provenance = {
        **about,
        "reports": len(known.reports),
        "subjects": len({each.subject for each in known.reports}),
        "first": date.fromordinal(min(days)).isoformat() if days else "",
        "last": date.fromordinal(max(days)).isoformat() if days else "",
        "fitted": sorted(parts),
        "shipped": {name: f"needs {NEEDED[name]}; the case holds {held}" for name, held in missing.items()},
    }
    return document_of(parts, provenance)


def models_of(known: FitData, vocabulary: Vocabulary) -> Models:
    """The models for attribution fitted on these reports, the shipped ones where they do not suffice."""
    parts, _ = fitted_parts(known, vocabulary, but=("pairs", "rates"))
    return models_from(document_of(parts, {}), "a fit")


def _reports(known: FitData, vocabulary: Vocabulary) -> tuple[JsonObject | None, str]:
    years = sorted({date.fromordinal(each.day).year for each in known.reports if each.day})
    rounds = rounds_inside([each for each in known.reports if report_traits(each, {})], known.tools, years)
    answered = sum(bool(asked.answer) for one in rounds for asked in one.questions)
    if answered < LEAST_QUESTIONS:
        return None, f"{answered}"
    return fit_reports(rounds, known.names).as_record(), ""


def _indicators(known: FitData, vocabulary: Vocabulary) -> tuple[JsonObject | None, str]:
    dated = [each for each in known.reports if each.day]
    if len(dated) <= LEAST_REPORTS:
        return None, f"{len(dated)} dated reports of any sort"
    try:
        return fit_indicators(known.reports, vocabulary).as_record(), ""
    except ValueError as fault:
        return None, str(fault)


def _pairs(known: FitData, vocabulary: Vocabulary) -> tuple[JsonObject | None, str]:
    found = sharing_pairs(known.reports)
    same = int(found.same.sum())
    held = f"{same} and {len(found.same) - same}"
    if min(same, len(found.same) - same) < LEAST_PAIRS:
        return None, held
    prepared = prepare(known.reports, pair_model(), known.techniques)
    apart, asked = (fitted(found.values(prepared, each), found.same) for each in (False, True))
    return pair_record(apart, asked), ""


def _rates(known: FitData, vocabulary: Vocabulary) -> tuple[JsonObject | None, str]:
    found = fitted_rates(known.reports, vocabulary)
    return {row.kind: {name: value for name, value in asdict(row).items() if name != "kind"} for row in found}, "none"


def _rounded(value: Json) -> Json:
    """Plain values with numbers of so many digits: the last ones differ between machines and mean nothing."""
    if isinstance(value, Mapping):
        return {str(name): _rounded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
