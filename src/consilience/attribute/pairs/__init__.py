"""Two reports that share software: the same operator, or a shared tool?

`reports` columns of reports, and third parties · `comparison` two of them side by side · `items` one small function
for each item of the log-odds · `model` what the items weigh · `same_operator` the answer and its reasons ·
`clusters` clusters of several reports.
"""

from consilience.attribute.pairs.clusters import ClusterPairs, SharedSoftware, over_clusters
from consilience.attribute.pairs.items import ITEMS
from consilience.attribute.pairs.model import LEAST_TO_SAY, PairModel, Weights, model_from
from consilience.attribute.pairs.same_operator import ReportPairs, SameOperatorAnswer, prepare, techniques_of_tools

__all__ = [
    "ITEMS",
    "LEAST_TO_SAY",
    "ClusterPairs",
    "PairModel",
    "ReportPairs",
    "SameOperatorAnswer",
    "SharedSoftware",
    "Weights",
    "model_from",
    "over_clusters",
    "prepare",
    "techniques_of_tools",
]
