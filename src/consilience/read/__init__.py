"""Sources to observations, one file per format.

`content` unpacks and divides into lines · `strict_json` one line · `fields` what each field may hold · `canonical`
the forms of values · `line` one observation, or its refusals · `gathering` one file · `tally` what a file holds too
often to tell one by one · `observation_file`, `parquet`, `golden` (over `yaml_text`), `stix`, `galaxy` and `misp` (over
`json_document`), `capa`, `table` and `indicator_list` (over `indicator`) the formats · `walk` files and folders ·
`queries` activities somebody asks about · `rules` what a team looks for in samples · `model_file` fitted models ·
`unfit` the error behind refusals.
"""

from consilience.read.golden import Expectation, GoldenCase, Wanted, golden_case
from consilience.read.line import observation_from_line
from consilience.read.model_file import read_model
from consilience.read.queries import read_queries
from consilience.read.rules import Matcher, rule_set
from consilience.read.walk import READERS, read_content, read_path

__all__ = [
    "READERS",
    "Expectation",
    "GoldenCase",
    "Matcher",
    "Wanted",
    "golden_case",
    "observation_from_line",
    "read_content",
    "read_model",
    "read_path",
    "read_queries",
    "rule_set",
]
