"""The techniques of the query, by the part they have in what is known of each subject."""

from __future__ import annotations

import numpy as np

from consilience.attribute.reports.known_reports import Past
from consilience.attribute.reports.model import ReportsModel
from consilience.model.arrays import Floats

_UNSEEN = 0.05


def backgrounds(past: Past, totals: Floats) -> Floats:
    """The share of each technique, every subject counted by the root of its size so that big ones do not rule."""
    owners = past.holders.places
    rows = np.repeat(np.arange(len(past.is_software)), past.holders.spread)
    part = past.holders.counts / np.sqrt(np.maximum(totals[owners], 1))
    found = np.bincount(rows, part, minlength=len(past.is_software)) + _UNSEEN
    found[past.is_software] = 0
    whole = found.sum()
    return np.asarray(found / whole if whole else found)


def totals(past: Past) -> Floats:
    """How many mentions of techniques the reports of each subject hold."""
    rows = np.repeat(np.arange(len(past.is_software)), past.holders.spread)
    mentions = np.where(past.is_software[rows], 0, past.holders.counts)
    return np.bincount(past.holders.places, mentions, minlength=len(past.subjects)).astype(float)


def without_technique(mentions: Floats, model: ReportsModel) -> Floats:
    """For subjects of these numbers of mentions, the log-likelihood ratio of one technique that none of them shows."""
    return np.asarray(np.log(model.technique_prior_tokens / (mentions + model.technique_prior_tokens)))


def technique_gain(counts: Floats, background: float, model: ReportsModel) -> Floats:
    """What subjects gain over that by their mentions of one technique, against its share of the background."""
    return np.asarray(np.log1p(counts / (model.technique_prior_tokens * background)))
