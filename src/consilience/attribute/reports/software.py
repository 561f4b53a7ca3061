"""The software of the query, by how often each subject is known to use it."""

from __future__ import annotations

import numpy as np

from consilience.attribute.reports.model import ReportsModel
from consilience.attribute.reports.past import Floats, Past


def software_log_odds(past: Past, sizes: Floats, trait: int, model: ReportsModel) -> Floats:
    """For each subject the log-likelihood ratio of showing one tool, against the rate over all reports.

    Rates are drawn towards the background as by `software_prior_reports` further reports, so that one report on a
    small subject is no certainty.
    """
    reports = len(past.owners)
    background = (int(past.reports.spread[trait]) + 0.5) / (reports + 1)
    drawn = model.software_prior_reports
    counts = np.zeros(len(past.subjects))
    places, shown = past.holders.of(trait)
    counts[places] = shown
    return np.asarray(np.log((counts + drawn * background) / (sizes + drawn) / background))
