"""The techniques of the query, by the part they have in what is known of each subject."""

from __future__ import annotations

import numpy as np

from consilience.attribute.reports.known_reports import KnownReports
from consilience.attribute.reports.model import ReportsModel
from consilience.model.arrays import Floats

_UNSEEN = 0.05


def backgrounds(known: KnownReports, totals: Floats) -> Floats:
    """The share of each technique, every subject counted by the root of its size so that big ones do not rule."""
    owners = known.holders.places
    rows = np.repeat(np.arange(len(known.is_software)), known.holders.spread)
    part = known.holders.counts / np.sqrt(np.maximum(totals[owners], 1))
    found = np.bincount(rows, part, minlength=len(known.is_software)) + _UNSEEN
    found[known.is_software] = 0
    whole = found.sum()
    return np.asarray(found / whole if whole else found)


def totals(known: KnownReports) -> Floats:
    """How many mentions of techniques the reports of each subject hold."""
    rows = np.repeat(np.arange(len(known.is_software)), known.holders.spread)
    mentions = np.where(known.is_software[rows], 0, known.holders.counts)
    return np.bincount(known.holders.places, mentions, minlength=len(known.subjects)).astype(float)


def without_technique(mentions: Floats, model: ReportsModel) -> Floats:
    """For subjects of these numbers of mentions, the log-likelihood ratio of one technique that none of them shows."""
    return np.asarray(np.log(model.technique_prior_tokens / (mentions + model.technique_prior_tokens)))


def technique_gain(counts: Floats, background: float, model: ReportsModel) -> Floats:
    """What subjects gain over that by their mentions of one technique, against its share of the background."""
    return np.asarray(np.log1p(counts / (model.technique_prior_tokens * background)))
