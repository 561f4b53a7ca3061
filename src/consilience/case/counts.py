"""What is counted in a snapshot before anything is weighed, beside the reference corpus."""

from __future__ import annotations

from functools import lru_cache

from consilience.model.snapshot import Snapshot
from consilience.model.when import span
from consilience.vocab import vocabulary
from consilience.vocab.reference import reference_document
from consilience.weigh import Corpus, Counts, corpus_from, counts_of

_NO_LIMIT = 10**9


@lru_cache(maxsize=1)
def reference_corpus() -> Corpus:
    """The reference corpus that stands beside what a case counts for itself."""
    return corpus_from(reference_document())


def counted(snapshot: Snapshot) -> Counts:
    """The counts that weighing needs, as of the date of a snapshot."""
    limit = span(snapshot.as_of).last if snapshot.as_of else _NO_LIMIT
    return counts_of(snapshot, reference_corpus(), limit, vocabulary())
