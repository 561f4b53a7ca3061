"""The software of the query, by how often each subject is known to use it."""

from __future__ import annotations

import numpy as np

from consilience.attribute.reports.model import ReportsModel
from consilience.attribute.reports.past import Floats


def software_log_odds(counts: Floats, sizes: Floats, model: ReportsModel) -> Floats:
    """For each subject the log-likelihood ratio of showing one tool, against the rate over all reports.

    `counts` are the reports of each subject that show it, `sizes` all reports of each. Rates are drawn towards the
    background as by `software_prior_reports` further reports, so that one report on a small subject is no certainty.
    """
    background = (float(counts.sum()) + 0.5) / (float(sizes.sum()) + 1)
    drawn = model.software_prior_reports
    return np.asarray(np.log((counts + drawn * background) / (sizes + drawn) / background))
