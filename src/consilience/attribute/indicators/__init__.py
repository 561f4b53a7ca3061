"""Attribution by indicators: habits of whoever chose the names, addresses and paths.

`features` activities as counts of secondary traits · `profiles` a language model of each subject · `nearest` its
closest earlier reports and the rarest value shared · `discriminant` what tells subjects apart · `activity_prior` how
much and how lately each was reported · `engine` all of them as one sum of named items · `open_set` probabilities with
one for none · `model` learned numbers.

How it is made fast: `postings` inverted lists · `single_query` one query against all subjects · `subset_evidence`
several queries against some subjects · `cached_arrays` a prepared case as arrays · `loading` the engine by way of a
cache of these.
"""

from consilience.attribute.indicators.engine import IndicatorEngine
from consilience.attribute.indicators.model import IndicatorModel

__all__ = ["IndicatorEngine", "IndicatorModel"]
