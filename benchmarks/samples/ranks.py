"""How well the right family is ranked, and what a rule for answering costs in false alarms."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

TIE = 1e-12


@dataclass
class Ranks:
    """The ranks of the right families of some queries; ties get the mean rank."""

    ranks: list[float] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)

    def add(self, scores: np.ndarray, families: tuple[str, ...], right: str, name: str) -> None:
        mine = scores[families.index(right)]
        ahead, level = int((scores > mine + TIE).sum()), int((np.abs(scores - mine) <= TIE).sum())
        self.ranks.append(1 + ahead + (level - 1) / 2)
        if self.ranks[-1] > 1:
            self.wrong.append((name, families[int(np.argmax(scores))]))

    @property
    def first(self) -> float:
        return float(np.mean([rank == 1 for rank in self.ranks]))

    @property
    def mean_reciprocal(self) -> float:
        return float(np.mean([1 / rank for rank in self.ranks]))


def by_family(values: np.ndarray, rows: list[str], families: tuple[str, ...]) -> np.ndarray:
    """For each family the highest value of its files."""
    place = {name: at for at, name in enumerate(families)}
    best = np.full(len(families), -np.inf)
    np.maximum.at(best, [place[row] for row in rows], values)
    return best
