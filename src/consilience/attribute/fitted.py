"""One model file: the models of all engines, and agreement rates, as `consilience calibrate --fit` writes them.

A part that a file does not hold is the shipped one, so that a case too small to fit a part of loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from consilience.attribute.indicators import IndicatorModel
from consilience.attribute.pairs import PairModel, model_from
from consilience.attribute.reports import ReportsModel
from consilience.attribute.shipped import indicator_model, pair_model, reports_model
from consilience.model.digest import digest
from consilience.model.errors import InputError
from consilience.model.json import Json, JsonObject
from consilience.vocab import Vocabulary

FILE_FORMAT = 1
PARTS = ("reports", "indicators", "pairs", "rates")
AGAIN = "fit it again with `consilience calibrate --fit`, or leave --model out for the shipped model"


@dataclass(frozen=True, slots=True)
class Models:
    """What attribution and shared software are answered with; `rates` the fitted agreement rates by kind."""

    reports: ReportsModel
    indicators: IndicatorModel
    pairs: PairModel
    rates: Mapping[str, float] = field(default_factory=dict)

    def rules(self, vocabulary: Vocabulary) -> Vocabulary:
        """The vocabulary with the rate of *same operator* of each fitted kind in the place of its own.

        The kind's other rates on the operator axis move in proportion, since answers on one operator or two say
        nothing of coordinated ones. Without fitted rates it is the vocabulary as it is; with them its digest is
        another, so that an assessment says that it was made under other rates.
        """
        place = vocabulary.place["operator", "same"]
        first, last = vocabulary.ranges["operator"]
        kinds = dict(vocabulary.kinds)
        for name, rate in self.rates.items():
            if name in kinds:
                rates = list(kinds[name].rates)
                by = rate / rates[place] if rates[place] else 1.0
                rates[first:last] = [min(1.0, each * by) for each in rates[first:last]]
                kinds[name] = replace(kinds[name], rates=tuple(rates))
        if not self.rates:
            return vocabulary
        return replace(vocabulary, kinds=kinds, digest=digest([vocabulary.digest, dict(self.rates)]))


@lru_cache(maxsize=1)
def shipped_models() -> Models:
    """The models that the package ships, and no fitted rates."""
    return Models(reports_model(), indicator_model(), pair_model())


def document_of(model: Mapping[str, Json], provenance: Mapping[str, Json]) -> JsonObject:
    """A model file as a document: the parts that were fitted, and where they come from, with a digest of the parts."""
    return {
        "format": FILE_FORMAT,
        "model": dict(model),
        "provenance": {**provenance, "model_sha256": digest(dict(model))},
    }


def models_from(document: Mapping[str, Any], where: str) -> Models:
    """The models of a document, as `document_of` made it; `where` names its file in errors.

    Raises:
        InputError: it is of another format, damaged, changed since it was fitted, or of another version's parts.
    """
    model, shipped = _checked_parts(document, where), shipped_models()
    try:
        return Models(
            ReportsModel.from_record(model["reports"]) if "reports" in model else shipped.reports,
            IndicatorModel.from_record(model["indicators"]) if "indicators" in model else shipped.indicators,
            model_from(model["pairs"]) if "pairs" in model else shipped.pairs,
            {name: _rate(row["rate"]) for name, row in model.get("rates", {}).items()},
        )
    except (AttributeError, KeyError, TypeError, ValueError) as fault:
        raise InputError(f"holds a part that is not of this version ({fault})", where, AGAIN) from None


def _checked_parts(document: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The parts of a model file, whose format, names and digest are as they were written."""
    model, provenance = document.get("model"), document.get("provenance")
    found = document.get("format")
    if not isinstance(model, dict) or not isinstance(provenance, dict) or type(found) is not int:
        raise InputError("is not a model file: it needs the keys format, model and provenance", where, AGAIN)
    if found > FILE_FORMAT:
        raise InputError(f"is of format {found}, newer than {FILE_FORMAT} that this program reads", where, AGAIN)
    if found < FILE_FORMAT:
        raise InputError(f"is of format {found}, and this program reads {FILE_FORMAT}", where, AGAIN)
    if other := sorted(model.keys() - set(PARTS)):
        raise InputError(f"holds parts other than {', '.join(PARTS)}: {', '.join(other)}", where, AGAIN)
    if provenance.get("model_sha256") != digest(model):
        raise InputError("is damaged or was changed: its digest is not the one it was written with", where, AGAIN)
    return model


def _rate(value: Any) -> float:
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"the rate {value!r} does not lie between 0 and 1")
    return float(value)
