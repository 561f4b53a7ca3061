"""Rules that a team brings, held against samples: a match is a trait of the sample.

`ruleset` finds the files · `matching` compiles and matches them in a locked process · `matcher` asks it and makes
observations of what it answers.
"""

from consilience.read.rules.matcher import Matcher
from consilience.read.rules.ruleset import RuleFile, RuleSet, rule_set

__all__ = ["Matcher", "RuleFile", "RuleSet", "rule_set"]
