"""The engine for what reports tell of software and techniques.

`traits` which traits count and how they are named · `known_reports` the known reports as columns · `common` how much a
trait that many show still counts · `nearest` the most similar reports of a subject · `software` and `technique` what a
subject is known to use · `model` the fitted numbers · `engine` all of it as one sum.
"""

from consilience.attribute.reports.engine import ReportsEngine, prepare
from consilience.attribute.reports.model import PARTS, ReportsModel

__all__ = ["PARTS", "ReportsEngine", "ReportsModel", "prepare"]
