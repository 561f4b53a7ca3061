"""Traits of two subjects and base counts in, evidence out: every item with its weight, its share and its reason.

`formula` the arithmetic of one agreement · `facts` what one side shows · `dossier` everything about a pair ·
`rarity` how common a value is · `origins` who speaks with one voice · `comparisons` one small function each ·
`dependence` discounts and caps · `columns` the same weights for many pairs at once.
"""

from consilience.weigh.dossier import dossier_of, relevant_to
from consilience.weigh.evidence import Weighing, weigh
from consilience.weigh.facts import parts
from consilience.weigh.origins import voice
from consilience.weigh.rarity import Corpus, Counts, corpus_from, counts_of

__all__ = [
    "Corpus",
    "Counts",
    "Weighing",
    "corpus_from",
    "counts_of",
    "dossier_of",
    "parts",
    "relevant_to",
    "voice",
    "weigh",
]
