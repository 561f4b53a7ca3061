"""The same weights for many pairs at once: columns of facts in, totals per pair out.

`table` what every subject shows, as columns · `commonness` rarity · `weights` one row per pair and shared value ·
`totals` discounts and sums per pair. An oracle test holds them equal to the plain comparisons, to the millideciban.
"""

from consilience.weigh.columns.table import FactTable, fact_table
from consilience.weigh.columns.totals import totals
from consilience.weigh.columns.weights import Rows, shared_rows

__all__ = ["FactTable", "Rows", "fact_table", "shared_rows", "totals"]
