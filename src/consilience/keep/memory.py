"""A case in memory: for tests, for a demonstration, and as the plain statement of what a keeper does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from consilience.keep.chain import content_digest
from consilience.keep.instants import end, instant
from consilience.model.canonical import canonical_json
from consilience.model.errors import Refusal, UnknownId
from consilience.model.observation import Observation
from consilience.model.reading import Reading, Receipt
from consilience.model.relation import Judgement


class MemoryKeeper:
    """A case that lasts as long as the process."""

    def __init__(self) -> None:
        self._observations: dict[str, tuple[Observation, str]] = {}
        self._imports: list[Mapping[str, Any]] = []
        self._refusals: list[tuple[str, tuple[Refusal, ...]]] = []
        self._raw: dict[str, bytes] = {}
        self._judgements: dict[str, Judgement] = {}
        self._results: dict[str, bytes] = {}

    def add(self, reading: Reading, recorded: str) -> Receipt:
        """What keeping this reading changed."""
        when, sha256 = instant(recorded), reading.sha256
        held = {seen.id: seen for seen in reading.observations}
        new = held.keys() - self._observations.keys()
        if new or sha256 not in self._raw:
            self._raw[sha256] = reading.raw
            self._observations |= {id: (held[id], when) for id in new}
            self._refusals.append((sha256, reading.refusals))
            self._imports.append(
                {
                    "file": reading.file,
                    "format": reading.format,
                    "sha256": sha256,
                    "recorded": when,
                    "observations": len(held),
                    "refused": len(reading.refusals),
                }
            )
        return Receipt(file=reading.file, sha256=sha256, new=len(new), known=len(held) - len(new))

    def observations(self, recorded_by: str = "") -> Iterator[Observation]:
        """The observations recorded up to and including this time, in the order of their ids."""
        limit = end(recorded_by) if recorded_by else ""
        kept = sorted(self._observations.items())
        return iter([seen for _, (seen, recorded) in kept if not limit or recorded <= limit])

    def imports(self) -> Sequence[Mapping[str, Any]]:
        """What was read, oldest first."""
        return tuple(dict(row) for row in self._imports)

    def refusals(self, sha256: str) -> tuple[Refusal, ...]:
        """What was refused of the file with this digest, at each reading that was kept."""
        return tuple(refusal for digest, refusals in self._refusals if digest == sha256 for refusal in refusals)

    def raw(self, sha256: str) -> bytes:
        """The raw bytes kept under this digest."""
        if sha256 not in self._raw:
            raise UnknownId(f"no file was read with the digest {sha256!r}", "memory", "read the file first")
        return self._raw[sha256]

    def digest(self) -> str:
        """A digest of the set of observations and judgements."""
        return content_digest(sorted(self._observations), sorted(self._judgements))

    def judge(self, judgement: Judgement) -> None:
        """Keep a named analyst's word on a pair."""
        instant(judgement.recorded)
        self._judgements.setdefault(judgement.id, judgement)

    def judgements(self, a: str = "", b: str = "") -> Sequence[Judgement]:
        """The judgements on a pair in either order, oldest first."""
        wanted = {a, b} - {""}
        kept = [word for word in self._judgements.values() if wanted <= {word.a, word.b}]
        return tuple(sorted(kept, key=lambda word: (instant(word.recorded), word.id)))

    def keep_result(self, id: str, document: Mapping[str, Any]) -> None:
        """Keep a result document under its id."""
        self._results.setdefault(id, canonical_json(document))

    def results(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The kept result documents with their ids, newest first."""
        return iter([(id, json.loads(document)) for id, document in reversed(self._results.items())])

    def close(self) -> None:
        """Nothing to let go of."""
