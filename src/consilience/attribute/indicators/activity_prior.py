"""What is likely before anything is compared, from how much and how lately each subject was reported.

Two priors of activity, shown apart from the evidence: lately (the gap since the last report, and reports of the last
years fading with age) and overall (the number of reports).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from consilience.attribute.indicators.features import QueryFeatures, ReportFeatures
from consilience.model.arrays import Floats, Ints

_MONTH = 30.0
_FADING_DAYS = 1000.0
_FLOOR = 0.05


@dataclass(frozen=True, slots=True)
class ActivityPrior:
    """When the subjects of a case were reported."""

    days: Ints
    starts: Ints
    reports: Floats

    names = ("prior gap", "prior lately", "prior overall")

    @classmethod
    def of(cls, case: ReportFeatures) -> ActivityPrior:
        """The reports of a case, sorted by subject as `ReportFeatures` keeps them."""
        return cls(case.days, np.searchsorted(case.owner, np.arange(len(case.subjects))), case.report_counts)

    def terms(self, rows: QueryFeatures) -> Floats:
        """Queries by subjects by names."""
        ages = np.maximum(rows.days[:, None] - self.days[None, :], 0)
        last = np.minimum.reduceat(ages, self.starts, axis=1)
        lately = np.add.reduceat(np.exp(-ages / _FADING_DAYS), self.starts, axis=1)
        overall = np.broadcast_to(np.log(self.reports), last.shape)
        return np.stack([-np.log1p(last / _MONTH), np.log(lately + _FLOOR), overall], axis=-1)
