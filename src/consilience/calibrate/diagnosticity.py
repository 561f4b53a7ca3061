"""How much sharing a trait says, measured: pairs of reports on one subject against pairs on two.

The likelihood ratio of a kind is how much likelier two reports on one subject share a value of it than two reports on
different subjects, by how many reports show the value. A value on very many reports makes too many pairs to count one
by one and is left out; what is left out is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from consilience.attribute.activity import Activity

BANDS = ((2, 3), (4, 10), (11, 200))
"""By how many reports a value is on; values on more than the last are left out."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Pairs of reports that share a value of a kind on so many reports: of one subject (`same`), and of two.

    `ratio` is the likelihood ratio, infinite where no pair of two subjects shares; `given` the part of the sharing
    pairs that are of one subject.
    """

    kind: str
    least: int
    most: int
    same: int
    different: int
    ratio: float
    given: float


def diagnosticity(known: Sequence[Activity]) -> tuple[list[Diagnostic], int]:
    """The rows by kind and band, those that say most first, and how many values were left out as too widespread."""
    sharing: dict[tuple[str, int, int], set[tuple[int, int]]] = {}
    left_out = 0
    for (kind, _), numbers in _holders(known).items():
        band = next((band for band in BANDS if band[0] <= len(numbers) <= band[1]), None)
        if band:
            sharing.setdefault((kind, *band), set()).update(combinations(numbers, 2))
        elif len(numbers) > BANDS[-1][1]:
            left_out += 1
    of_one, of_two = _all_pairs(each.subject for each in known)
    rows = []
    for (kind, least, most), pairs in sharing.items():
        same = sum(known[a].subject == known[b].subject for a, b in pairs)
        rows.append(_row(kind, least, most, same, len(pairs) - same, of_one, of_two))
    return sorted(rows, key=lambda row: (-row.ratio, row.kind, row.least)), left_out


def _holders(known: Sequence[Activity]) -> dict[tuple[str, str], list[int]]:
    """For each trait the numbers of the reports that show it."""
    holders: dict[tuple[str, str], list[int]] = {}
    for number, each in enumerate(known):
        for trait in each.traits:
            holders.setdefault(trait, []).append(number)
    return holders


def _all_pairs(subjects: Iterable[str]) -> tuple[int, int]:
    sizes: dict[str, int] = {}
    for subject in subjects:
        sizes[subject] = sizes.get(subject, 0) + 1
    whole = sum(sizes.values())
    of_one = sum(size * (size - 1) // 2 for size in sizes.values())
    return of_one, whole * (whole - 1) // 2 - of_one


def _row(kind: str, least: int, most: int, same: int, different: int, of_one: int, of_two: int) -> Diagnostic:
    ratio = float("inf") if not different or not of_one else (same / of_one) / (different / of_two)
    return Diagnostic(kind, least, most, same, different, ratio, same / (same + different))
