"""The software of the query, by how often each subject is known to use it.

The log-likelihood ratio of a subject is what it loses by not showing a tool, which depends on its size only, and what
it gains by the reports that show it.
"""

from __future__ import annotations

import numpy as np

from consilience.attribute.reports.model import ReportsModel
from consilience.model.arrays import Floats


def without_software(sizes: Floats, model: ReportsModel) -> Floats:
    """For subjects of these numbers of reports, the log-likelihood ratio of one tool that none of them shows.

    Rates are drawn towards the background as by `software_prior_reports` further reports, so that one report on a
    small subject does not make it certain.
    """
    return np.asarray(np.log(model.software_prior_reports / (sizes + model.software_prior_reports)))


def software_gain(counts: Floats, reports: float, model: ReportsModel) -> Floats:
    """What subjects gain over that by the reports on them that show one tool; `reports` counts those on anybody."""
    background = (float(counts.sum()) + 0.5) / (reports + 1)
    return np.asarray(np.log1p(counts / (model.software_prior_reports * background)))
