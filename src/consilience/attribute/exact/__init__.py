"""Every kind that no other engine reads, compared for equality: hashes, keys, certificates, accounts, mutexes, victims.

`reading` which kinds, and which values of a query · `statements` who shows what, by which statements · `engine` what
each known subject's equal values weigh, by the weights that pairs of clusters are weighed with.
"""

from consilience.attribute.exact.engine import ExactEngine, exact_probabilities
from consilience.attribute.exact.reading import exact_kinds

__all__ = ["ExactEngine", "exact_kinds", "exact_probabilities"]
