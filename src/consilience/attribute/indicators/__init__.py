"""Attribution by indicators: habits of whoever chose the names, addresses and paths.

`bags` activities as columns of secondary traits · `profiles` a language model of each subject · `nearest` its closest
earlier reports and the rarest thing shared · `telling` what tells subjects apart · `standing` priors of activity ·
`engine` all of them as one sum of named items · `open_set` probabilities with one for none · `model` learned numbers.

How fast: `postings` inverted lists · `alone` one query against all subjects · `few` several queries against a few ·
`kept` a prepared case as arrays · `loading` the engine by way of a cache of these.
"""

from consilience.attribute.indicators.engine import IndicatorEngine
from consilience.attribute.indicators.model import IndicatorModel

__all__ = ["IndicatorEngine", "IndicatorModel"]
