"""Which sources speak with one voice, so that nobody votes twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from consilience.model.observation import Observation
from consilience.model.source import Source
from consilience.model.when import span
from consilience.vocab import Vocabulary

GRADES = "ABCFDE"
"""Grades from the best; F, which cannot be judged, ranks below C and above D."""

UNDATED = "9999"
_WORD = re.compile(r"\w+")
_SHINGLE = 3
_QUOTED_WORDS = 8


@dataclass(frozen=True, slots=True)
class Origins:
    """Origin and effective grade of every source: `of` maps voices to origins, `grades` to reliabilities.

    A source that repeats another is of that one's origin, and no better graded than it. Where nothing says which of
    two like sources came first, each keeps its own grade.
    """

    of: Mapping[str, str]
    grades: Mapping[str, str]

    def origin(self, seen: Observation) -> str:
        """The origin of a statement."""
        return self.of[voice(seen.source)]

    def grade(self, seen: Observation) -> str:
        """The grade at which a statement counts."""
        return self.grades[voice(seen.source)]

    def first(self, seen: Iterable[Observation]) -> list[str]:
        """The origins of statements of one fact, the first to state it first, undated ones late, copies last.

        Of several on one day, equally graded, the same one is first for every fact: or else what one report says would
        be shared out among those that repeat it, and each share have a cap of its own.
        """
        ordered = sorted(
            (bool(each.source.derived_from), each.published or UNDATED, self._rank(each), self.origin(each))
            for each in seen
        )
        return list(dict.fromkeys(origin for *_, origin in ordered))

    def _rank(self, seen: Observation) -> int:
        return GRADES.index(self.grade(seen))

    def best_grade(self, seen: Iterable[Observation]) -> str:
        """The best grade among statements; F (cannot be judged) ranks below C and above D."""
        return min((self.grade(each) for each in seen), key=GRADES.index, default="F")

    def all(self, seen: Iterable[Observation]) -> tuple[str, ...]:
        """The origins of statements, sorted."""
        return tuple(sorted({self.origin(each) for each in seen}))


def voice(source: Source) -> str:
    """A document, or the part of it that repeats one other: a digest of two reports is two voices, not a bridge."""
    return f"{source.key} after {source.derived_from}" if source.derived_from else source.key


def origins_of(observations: Iterable[Observation], vocabulary: Vocabulary) -> Origins:
    """The origins of the sources of these observations.

    Two sources are one origin when one repeats the other by its own word, both repeat a third, they print the same
    words, or the same list of indicators within days.
    """
    rules = vocabulary.counting["origins"]
    by_source: dict[str, list[Observation]] = {}
    for seen in observations:
        by_source.setdefault(voice(seen.source), []).append(seen)
    sources = {key: rows[0].source for key, rows in by_source.items()}
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    def join(left: str, right: str) -> None:
        first, second = sorted((root(left), root(right)))
        parent[second] = first

    for left, right in (*_repeated(sources), *_alike(by_source, rules, vocabulary)):
        join(left, right)
    members: dict[str, list[str]] = {}
    for key in sorted(sources):
        members.setdefault(root(key), []).append(key)
    of: dict[str, str] = {}
    grades: dict[str, str] = {}
    for keys in members.values():
        first = min(
            keys,
            key=lambda key: (
                bool(sources[key].derived_from),
                _published(by_source[key]),
                GRADES.index(sources[key].reliability),
                key,
            ),
        )
        for key in keys:
            of[key] = sources[first].derived_from or first
            grades[key] = _grade(by_source[key], by_source[first])
    return Origins(of, grades)


def _repeated(sources: Mapping[str, Source]) -> Iterator[tuple[str, str]]:
    """Pairs of one origin by their own word: who repeats whom, and documents with the one source that speaks there."""
    voices: dict[str, list[str]] = {}
    for key, source in sources.items():
        voices.setdefault(source.key, []).append(key)
        if source.derived_from:
            yield key, source.derived_from
    for document, keys in voices.items():
        if len(keys) == 1:
            yield document, keys[0]


def _grade(rows: list[Observation], first: list[Observation]) -> str:
    """The grade of a source: no better than that of the first of its origin, when it repeats it or is later."""
    source = rows[0].source
    is_later = bool(source.derived_from) or _published(first) < _published(rows) < UNDATED
    return _no_better(source, first[0].source) if is_later else source.reliability


def _no_better(source: Source, first: Source) -> str:
    """The grade of a source, no better than that of the source it repeats."""
    return max(source.reliability, first.reliability, key=GRADES.index)


def _published(rows: list[Observation]) -> str:
    return min((seen.published for seen in rows if seen.published), default=UNDATED)


def _alike(
    by_source: Mapping[str, list[Observation]], rules: Mapping[str, Any], vocabulary: Vocabulary
) -> Iterable[tuple[str, str]]:
    """Pairs of sources that print the same words or the same indicators."""
    words = {key: _shingles(rows) for key, rows in by_source.items()}
    lists = {
        key: {
            (seen.trait.kind, seen.trait.value)
            for seen in rows
            if seen.trait.kind in vocabulary.kinds and vocabulary.kinds[seen.trait.kind].group == "net"
        }
        for key, rows in by_source.items()
    }
    return [
        *_pairs(words, rules["similar_words"], 1),
        *(
            pair
            for pair in _pairs(lists, rules["same_list"], rules["same_list_least"])
            if _within(by_source[pair[0]], by_source[pair[1]], rules["same_list_days"])
        ),
    ]


def _within(left: list[Observation], right: list[Observation], days: int) -> bool:
    first, second = _published(left), _published(right)
    return first == second == UNDATED or (UNDATED not in (first, second) and span(first).gap(span(second)) <= days)


def _pairs(sets: Mapping[str, set[Any]], likeness: float, least: int) -> list[tuple[str, str]]:
    """Pairs of keys whose sets are at least this alike (Jaccard), found through shared members only."""
    holders: dict[Any, list[str]] = {}
    for key in sorted(sets):
        if len(sets[key]) >= least:
            for member in sets[key]:
                holders.setdefault(member, []).append(key)
    common: dict[tuple[str, str], int] = {}
    for keys in holders.values():
        for place, left in enumerate(keys):
            for right in keys[place + 1 :]:
                common[left, right] = common.get((left, right), 0) + 1
    return sorted(
        pair for pair, count in common.items() if count / (len(sets[pair[0]]) + len(sets[pair[1]]) - count) >= likeness
    )


def _shingles(rows: list[Observation]) -> set[tuple[str, ...]]:
    """The runs of three words of what a source prints about claims, where it prints enough words to tell."""
    found: set[tuple[str, ...]] = set()
    for seen in rows:
        words = _WORD.findall(seen.note.casefold())
        if len(words) >= _QUOTED_WORDS:
            found.update(tuple(words[place : place + _SHINGLE]) for place in range(len(words) - _SHINGLE + 1))
    return found
