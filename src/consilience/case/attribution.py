"""The models of a case, and what they answer: which known subjects an activity or a sample is of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from consilience.attribute import Models, attributor, models_from, query_activity, shipped_models
from consilience.attribute.attributor import Attributor
from consilience.attribute.code import Lineage
from consilience.case.cache import FolderCache
from consilience.case.gc_pause import gc_paused
from consilience.case.lineage import lineage_in, sample_attribution
from consilience.model.attribution import Attribution
from consilience.model.digest import digest
from consilience.model.errors import Notice, Refusal
from consilience.model.knowledge import Knowledge
from consilience.model.protocols import Progress
from consilience.model.query import Query
from consilience.model.snapshot import Snapshot
from consilience.read import read_model, read_queries
from consilience.vocab import vocabulary

CLUSTERS = "intrusion-set"
"""The type of the subjects with which an activity is compared where no other is named."""


def models_at(path: str = "") -> Models:
    """The models and rates of a file that `consilience calibrate --fit` wrote; those that ship where none is named.

    Raises InputError when it is missing, damaged, of another version, or not a model file.
    """
    return models_from(read_model(path), path) if path else shipped_models()


@dataclass(frozen=True, slots=True)
class Answered:
    """The attributions of the queries that were asked, in order, and what was refused of them."""

    answers: tuple[Attribution, ...]
    refusals: tuple[Refusal, ...]
    notices: tuple[Notice, ...]


def cache_in(folder: Path, among: str) -> FolderCache:
    """The cache in a folder of what was prepared for subjects of one type."""
    return FolderCache(folder, digest(among)[:12])


@dataclass(frozen=True)
class Questions:
    """How queries are answered: among which type of subjects, with how many reasons and citations.

    `folder` is where arrays are kept that make the next answer sooner; without one nothing is kept.
    """

    known: Knowledge
    models: Models
    folder: Path | None
    among: str = ""
    top: int = 5
    cited: int = 5
    as_of: str = ""

    def answer(self, query: Query) -> Attribution:
        """The known subjects for a query, and none of these."""
        if query.code is None:
            return self._activities.attribution(query_activity(query, vocabulary()), self.top, self.cited)
        return sample_attribution(self._samples, query, self.top, self.cited)

    @property
    def _snapshot(self) -> Snapshot:
        return self.known.snapshot(self.as_of)

    @cached_property
    def _activities(self) -> Attributor:
        kind = self.among or CLUSTERS
        cache = cache_in(self.folder, kind) if self.folder else None
        return attributor(self._snapshot, vocabulary(), kind, self.models, cache)

    @cached_property
    def _samples(self) -> Lineage:
        return lineage_in(self._snapshot, self.known.keeper.codes(), self.among)


@gc_paused()
def attributed(paths: Sequence[str], questions: Questions, progress: Progress | None) -> Answered:
    """The known subjects for the queries of these files, and none of these."""
    read = [read_queries(path) for path in paths]
    queries = [query for each in read for query in each.queries]
    answers = []
    for place, query in enumerate(queries):
        answers.append(questions.answer(query))
        if progress:
            progress(place + 1, len(queries))
    return Answered(
        answers=tuple(answers),
        refusals=tuple(refusal for each in read for refusal in each.refusals),
        notices=tuple(notice for each in read for notice in each.notices),
    )
