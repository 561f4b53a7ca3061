"""The fitted models that the package ships, each a JSON document with its provenance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from consilience.attribute.code import CommonCode, LineageModel
from consilience.attribute.indicators import IndicatorModel
from consilience.attribute.pairs import PairModel, model_from
from consilience.attribute.reports import ReportsModel
from consilience.vocab.reference import common_code

FORMAT = 1


@lru_cache(maxsize=1)
def reports_model() -> ReportsModel:
    """The shipped model for techniques and software."""
    return ReportsModel.from_record(model_document("reports")["model"])


@lru_cache(maxsize=1)
def indicator_model() -> IndicatorModel:
    """The shipped model for indicators."""
    return IndicatorModel.from_record(model_document("indicators")["model"])


@lru_cache(maxsize=1)
def pair_model() -> PairModel:
    """The shipped model for two reports that share software."""
    return model_from(model_document("pairs")["model"])


@lru_cache(maxsize=1)
def lineage_model() -> LineageModel:
    """The shipped model for the code of samples."""
    return LineageModel.from_record(model_document("lineage")["model"])


@lru_cache(maxsize=1)
def common_code_reference() -> CommonCode:
    """The shipped reference of common code."""
    return CommonCode.unpacked(common_code()[1])


def model_document(name: str) -> Mapping[str, Any]:
    """A shipped model as it is written: `format`, `model`, and `provenance` (data with digests, command, figures)."""
    document: Mapping[str, Any] = json.loads(
        files("consilience.attribute").joinpath("models", f"{name}.json").read_text("utf-8")
    )
    return document


def model_cards() -> list[dict[str, Any]]:
    """The name and provenance of every model that ships: data with digests, dates, command, figures."""
    folder = files("consilience.attribute").joinpath("models")
    names = sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))
    return [{"name": name, **model_document(name)["provenance"]} for name in names]
