"""Sources to observations, one file per format.

`content` unpacks and divides into lines · `strict_json` one line · `fields` what each field may hold · `canonical`
the forms of values · `line` one observation, or its refusals · `gathering` one file · `counts` what a file holds too
often to tell one by one · `observation_file`, `parquet`, `golden` (over `yaml_text`), `stix`, `galaxy` and `misp` (over
`json_document`), `capa`, `table` and `indicator_list` (over `indicator`) the formats · `configuration` what settings
show, `configuration_record` and `configuration_file` configurations as JSON and in any file · `walk` files and
folders · `queries` activities somebody asks about · `rules` what a team looks for in samples · `model_file` fitted
models · `unfit` the error behind refusals.
"""

from consilience.read.configuration_file import Configured, configurations_at
from consilience.read.golden import Expectation, GoldenCase, Wanted, golden_case
from consilience.read.line import observation_from_line
from consilience.read.model_file import read_model
from consilience.read.queries import read_queries
from consilience.read.reading_builder import ReadingBuilder
from consilience.read.rules import Matcher, rule_set
from consilience.read.walk import READERS, read_content, read_path, readers_with

__all__ = [
    "READERS",
    "Configured",
    "Expectation",
    "GoldenCase",
    "Matcher",
    "ReadingBuilder",
    "Wanted",
    "configurations_at",
    "golden_case",
    "observation_from_line",
    "read_content",
    "read_model",
    "read_path",
    "read_queries",
    "readers_with",
    "rule_set",
]
