"""Which known family a sample's code comes from, or none.

`postings` which samples hold a feature, and how rare it is among families · `common` what programs of many makers hold
· `kinship` how much each family shares with a query · `calibrated` what that is worth as probabilities · `lineage` all
of it as one answer · `shared` the features that carry it.

What is said is shared code. That two samples were made by one team is another statement, and not made here.
"""

from consilience.attribute.code.calibrated import LineageModel, LineageRule
from consilience.attribute.code.common import CommonCode
from consilience.attribute.code.kinship import CODE, WHOLE, Kinship
from consilience.attribute.code.lineage import Lineage

__all__ = ["CODE", "WHOLE", "CommonCode", "Kinship", "Lineage", "LineageModel", "LineageRule"]
