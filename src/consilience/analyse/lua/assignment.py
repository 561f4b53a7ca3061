"""One-to-one matching of rows with columns so that the sum is greatest."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf


def best_assignment(scores: Sequence[Sequence[float]]) -> tuple[int, ...]:
    """The column of each row, no column twice, such that the scores add up to the most.

    Kuhn's method with potentials: shortest augmenting paths, row by row. Needs at least as many columns as rows; where
    there are fewer, the last rows get columns behind the real ones.
    """
    if not scores:
        return ()
    columns = max(len(scores[0]), len(scores))
    costs = [[-each for each in row] + [0.0] * (columns - len(row)) for row in scores]
    row_price = [0.0] * (len(costs) + 1)
    column_price = [0.0] * (columns + 1)
    owner = [0] * (columns + 1)
    for row in range(1, len(costs) + 1):
        _augment(row, costs, row_price, column_price, owner)
    match = [0] * len(costs)
    for column in range(1, columns + 1):
        if owner[column]:
            match[owner[column] - 1] = column - 1
    return tuple(match)


def _augment(
    row: int,
    costs: Sequence[Sequence[float]],
    row_price: list[float],
    column_price: list[float],
    owner: list[int],
) -> None:
    columns = len(owner) - 1
    owner[0] = row
    least = [inf] * (columns + 1)
    way = [0] * (columns + 1)
    used = [False] * (columns + 1)
    column = 0
    while owner[column]:
        used[column] = True
        current = owner[column]
        delta, nearest = inf, 0
        for other in range(1, columns + 1):
            if used[other]:
                continue
            cost = costs[current - 1][other - 1] - row_price[current] - column_price[other]
            if cost < least[other]:
                least[other], way[other] = cost, column
            if least[other] < delta:
                delta, nearest = least[other], other
        for other in range(columns + 1):
            if used[other]:
                row_price[owner[other]] += delta
                column_price[other] -= delta
            else:
                least[other] -= delta
        column = nearest
    while column:
        owner[column] = owner[way[column]]
        column = way[column]
