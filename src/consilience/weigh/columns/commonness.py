"""How common each shared value is among the subjects outside its pair, for many pairs at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from consilience.model.arrays import Flags, Ints
from consilience.vocab import Vocabulary
from consilience.weigh.columns.table import FactTable
from consilience.weigh.rarity import Counts


@dataclass(frozen=True, slots=True)
class _Holding:
    """Who holds each trait in one population: counts per trait, and packed (trait, name) numbers with counts."""

    total: Ints
    packed: Ints
    count: Ints


def shares(
    table: FactTable, trait: Ints, left: Ints, right: Ints, exclusive: Flags, counts: Counts, vocabulary: Vocabulary
) -> tuple[NDArray[np.float64], Ints]:
    """The base rate of the trait of each row among the subjects that are not its pair, and how many hold it there.

    `left` and `right` are places in `table.subjects`; the plain form is `Counts.rarity`.
    """
    names, of = np.unique([counts.names[key] for key in table.subjects], return_inverse=True)
    tool = np.array([key in counts.tools for key in table.subjects], dtype=bool)
    cluster = np.array([key in counts.clusters for key in table.subjects], dtype=bool)
    among_tools = tool[left] & tool[right]
    holders = np.zeros(len(trait), dtype=np.int64)
    here = np.zeros(len(trait), dtype=np.int64)
    holding = _holdings(table, counts)
    for rows, population in ((among_tools, tool), (~among_tools, cluster)):
        held = _holding(holding, population, of, len(table.traits), len(names))
        holders[rows] = _others(held, trait[rows], of[left[rows]], of[right[rows]], len(names))
        inside = population[left[rows]].astype(np.int64) + (population[right[rows]] & (left[rows] != right[rows]))
        here[rows] = population.sum() - inside
    share = _usual(table, trait, holders, here, exclusive, vocabulary)
    if counts.corpus.clusters:
        _from_corpus(table, (trait, left, right), ~among_tools, counts, share, holders, here)
    return share, holders


def _holdings(table: FactTable, counts: Counts) -> tuple[Ints, Ints]:
    """Every trait of the table and who of the case shows it, as two columns of places."""
    place = {key: number for number, key in enumerate(table.subjects)}
    rows = [
        (number, place[key]) for number, trait in enumerate(table.traits) for key in sorted(counts.counting(*trait))
    ]
    trait, subject = np.array(rows, dtype=np.int64).reshape(len(rows), 2).T
    return trait, subject


def _holding(holding: tuple[Ints, Ints], population: Flags, of: Ints, traits: int, width: int) -> _Holding:
    rows = population[holding[1]]
    trait, subject = holding[0][rows], holding[1][rows]
    packed, count = np.unique(trait * width + of[subject], return_counts=True)
    return _Holding(np.bincount(trait, minlength=traits), packed, count)


def _others(held: _Holding, trait: Ints, left: Ints, right: Ints, width: int) -> Ints:
    """The holders of each trait without the pair and without its namesakes."""
    second = np.where(left == right, 0, _found(held, trait * width + right))
    return held.total[trait] - _found(held, trait * width + left) - second


def _found(held: _Holding, wanted: Ints) -> Ints:
    if not len(held.packed):
        return np.zeros(len(wanted), dtype=np.int64)
    place = np.minimum(np.searchsorted(held.packed, wanted), len(held.packed) - 1)
    return np.where(held.packed[place] == wanted, held.count[place], 0)


def _usual(
    table: FactTable, trait: Ints, holders: Ints, here: Ints, exclusive: Flags, vocabulary: Vocabulary
) -> NDArray[np.float64]:
    """The base rate with the kind's usual share standing for a stated number of clusters' worth of counting."""
    usual = np.array([vocabulary.kinds[kind].usual_share for kind, _ in table.traits])[trait]
    usual = np.where(exclusive & (holders == 0), usual * vocabulary.counting["exclusive"]["share_factor"], usual)
    trust = np.maximum(0.5 / usual, vocabulary.counting["counted"]["trust_in_usual_share"])
    return np.asarray((holders + trust * usual) / (here + trust))


def _from_corpus(
    table: FactTable,
    rows: tuple[Ints, Ints, Ints],
    asked: Flags,
    counts: Counts,
    share: NDArray[np.float64],
    holders: Ints,
    here: Ints,
) -> None:
    """Let the reference corpus speak for the rows it covers; `share` and `holders` are changed in place.

    `rows` are the trait and the two subjects of each row. A cluster of the corpus that goes by a name of the pair, or
    by the name of a subject of the case that was counted already, is no third party.
    """
    trait, left, right = rows
    corpus = counts.corpus
    covered = np.array([corpus.covers(*key) for key in table.traits], dtype=bool)
    meant = [corpus.clusters_named([counts.names[key]]) for key in table.subjects]
    shown = [
        corpus.shown(*key, counts.limit)
        - corpus.clusters_named(counts.names[each] for each in counts.counting(*key) & counts.clusters)
        for key in table.traits
    ]
    count = holders + np.array([len(each) for each in shown], dtype=np.int64)[trait]
    people = np.full(len(trait), len(counts.outside), dtype=np.int64)
    for name in sorted({name for each in meant for name in each}):
        called = np.array([name in each for each in meant], dtype=bool)
        showing = np.array([name in each for each in shown], dtype=bool)
        pair = called[left] | called[right]
        people -= pair & (name in counts.outside)
        count -= pair & showing[trait]
    use = asked & covered[trait] & (people > 0)
    holders[use] = count[use]
    share[use] = np.minimum(1.0, (count + 0.5) / np.maximum(1, people + here))[use]
