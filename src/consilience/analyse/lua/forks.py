"""Which instruction each number means in a fork that renumbered them, as far as its own dumps tell.

Two things tell. What an instruction's operands may be: a number that always goes with the place of a string among
the constants and a register is one of few. And how real programs use instructions: how often, and what follows what
(`usage.toml`, counted over public sources). Numbers and instructions are matched one to one so that all of it together
is likeliest (Kuhn 1955, in the form with potentials); then what follows what is counted again under that match, until
it stays. A number stays unknown where another instruction is nearly as likely.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from math import inf, log
from struct import pack
from typing import NamedTuple, TypeAlias

from consilience.analyse.lua.assignment import best_assignment
from consilience.analyse.lua.conformance import Allowed, Check
from consilience.analyse.lua.dialects import Dialect, Opcode, Operand, dialects
from consilience.analyse.lua.dump import Dump, Prototype
from consilience.analyse.lua.instructions import words

INSTANCES = 300
ROUNDS = (0.1, 0.2, 0.4, 0.7, 1.0, 1.0, 1.0)
MARGIN = 20.0
FEWEST = 3
_IMPOSSIBLE = -1e6
_BORROWED = {"luajit-2.0": "luajit-2.1", "lua-5.2": "lua-5.3", "lua-5.5": "lua-5.4"}
_RARE = 1e-5
_UNUSED_ZERO = 0.95

Instance: TypeAlias = "tuple[int, int, Allowed]"


class Renumbering(NamedTuple):
    """What the numbers of a dump mean: those that are sure, those that are only best_assignment, and the share of the
    instructions of the dump that the sure ones are."""

    sure: Mapping[int, str]
    likely: Mapping[int, str]
    covered: float


class Usage(NamedTuple):
    """How real programs use the instructions of a dialect: how often each is, and what follows it how often."""

    shares: Mapping[str, float]
    followers: Mapping[str, Mapping[str, float]]


class _Seen(NamedTuple):
    counts: Counter[int]
    pairs: Counter[tuple[int, int]]
    last: frozenset[int]
    instances: Mapping[int, Sequence[Instance]]


@lru_cache(maxsize=8)
def usage(dialect: str) -> Usage:
    """How real programs use the instructions of a dialect; of one that was not counted, its nearest relative's."""
    tables = tomllib.loads(files("consilience.analyse.lua").joinpath("usage.toml").read_text("utf-8"))
    table = tables[_BORROWED.get(dialect, dialect)]
    counts: dict[str, int] = {}
    followers: dict[str, dict[str, float]] = {}
    for name, row in table.items():
        count, *pairs = row.split()
        counts[name] = int(count)
        followers[name] = {
            each: int(times) / max(1, counts[name]) for each, _, times in (pair.partition(":") for pair in pairs)
        }
    total = sum(counts.values())
    return Usage({name: count / total for name, count in counts.items()}, followers)


def renumbering(*dumps: Dump) -> Renumbering:
    """What the numbers of the instructions mean in dumps of one fork, whatever their headers say, as far as they tell.

    The more instructions, the more is sure; below some thousands the rare ones stay unknown.

    Raises:
        ValueError: when the dumps are not of one dialect.
    """
    (name,) = {dump.dialect for dump in dumps}
    dialect = dialects()[name]
    seen = _seen([each for dump in dumps for each in dump.prototypes], dialect)
    numbers = sorted(seen.counts)
    candidates = [opcode for number, opcode in enumerate(dialect.opcodes) if number not in dialect.never]
    known = usage(name)
    operand_scores = [[_operand_score(number, each, seen, dialect, known) for each in candidates] for number in numbers]
    match = best_assignment(operand_scores)
    scores = operand_scores
    for weight_of_neighbours in ROUNDS:
        scores = _with_neighbours(numbers, candidates, match, operand_scores, weight_of_neighbours, seen, known)
        match = best_assignment(scores)
    return _judged(numbers, candidates, match, scores, seen)


def standardised(dump: Dump, found: Renumbering) -> Dump:
    """The dump with standard numbers in place of its own; likely ones are taken too, unknown ones become 255's bits.

    What is read of it rests on the match, so say so wherever it is shown.
    """
    dialect = dialects()[dump.dialect]
    table = {number: dialect.numbers[name] for number, name in {**found.likely, **found.sure}.items()}
    main = renumbered(dump.main, table, dialect)
    return Dump(dump.dialect, main, dump.size, dump.stripped, dump.big_endian, dump.private, dump.chunk, dump.flags)


def renumbered(prototype: Prototype, table: Mapping[int, int], dialect: Dialect) -> Prototype:
    """A function, and those in it, with its instructions numbered as the table says; numbers it lacks get all bits."""
    mask = dialect.mask
    code = [word & ~mask | table.get(word & mask, mask) for word in words(prototype)]
    children = {id(child): renumbered(child, table, dialect) for child in prototype.children}
    return prototype._replace(
        code=pack(f"<{len(code)}I", *code),
        children=tuple(children[id(child)] for child in prototype.children),
        constants=tuple(children.get(id(each), each) for each in prototype.constants),
    )


def _seen(prototypes: Sequence[Prototype], dialect: Dialect) -> _Seen:
    counts: Counter[int] = Counter()
    pairs: Counter[tuple[int, int]] = Counter()
    last: set[int] = set()
    instances: dict[int, list[Instance]] = {}
    for prototype in prototypes:
        code = words(prototype)
        if not code:
            continue
        allowed = Allowed(prototype, dialect)
        numbers = [word & dialect.mask for word in code]
        counts.update(numbers)
        pairs.update(pairwise(numbers))
        last.add(numbers[-1])
        for place, (number, word) in enumerate(zip(numbers, code, strict=True)):
            kept = instances.setdefault(number, [])
            if len(kept) < INSTANCES:
                kept.append((word, place, allowed))
    return _Seen(counts, pairs, frozenset(last), instances)


def _operand_score(number: int, opcode: Opcode, seen: _Seen, dialect: Dialect, known: Usage) -> float:
    """The logarithm of how likely a number is this instruction, by its operands and how often it is there."""
    if number in seen.last and dialect.numbers[opcode.name] not in dialect.ends:
        return _IMPOSSIBLE
    instances = seen.instances[number]
    total = 0.0
    checks: dict[int, tuple[Check, ...]] = {}
    for word, place, allowed in instances:
        key = id(allowed)
        if key not in checks:
            checks[key] = allowed.checks_of(opcode.operands)
        for check in checks[key]:
            if not check(word, place):
                return _IMPOSSIBLE
        total += sum(_surprise(word, each, allowed) for each in opcode.operands)
    share = seen.counts[number] / seen.counts.total()
    return total - abs(log(share / max(known.shares.get(opcode.name, 0.0), _RARE)))


def _surprise(word: int, operand: Operand, allowed: Allowed) -> float:
    """The logarithm of the probability of an operand: what may be is equally likely, and counts are small."""
    kind, shift, mask = operand
    given = word >> shift & mask
    if kind == "any":
        return -log((given + 1) * (given + 2))
    if kind == "-":
        return log(_UNUSED_ZERO) if not given else log((1 - _UNUSED_ZERO) / mask)
    return -log(allowed.many(kind))


def _with_neighbours(
    numbers: Sequence[int],
    candidates: Sequence[Opcode],
    match: Sequence[int],
    operand_scores: Sequence[Sequence[float]],
    weight_of_neighbours: float,
    seen: _Seen,
    known: Usage,
) -> list[list[float]]:
    """The same with what follows what, the neighbours taken to be what the match says."""
    means = {number: candidates[place].name for number, place in zip(numbers, match, strict=True)}
    behind: dict[int, list[tuple[str, float]]] = {number: [] for number in numbers}
    before: dict[int, list[tuple[str, float]]] = {number: [] for number in numbers}
    for (first, second), times in seen.pairs.items():
        weight = weight_of_neighbours * min(times, INSTANCES)
        behind[first].append((means[second], weight))
        before[second].append((means[first], weight))
    scores = []
    for number, row in zip(numbers, operand_scores, strict=True):
        scores.append(
            [
                own
                if own <= _IMPOSSIBLE
                else own
                + sum(times * log(_follows(each.name, after, known)) for after, times in behind[number])
                + sum(times * log(_follows(ahead, each.name, known)) for ahead, times in before[number])
                for own, each in zip(row, candidates, strict=True)
            ]
        )
    return scores


def _follows(first: str, second: str, known: Usage) -> float:
    return known.followers.get(first, {}).get(second, 0.0) * 0.95 + 0.05 * max(known.shares.get(second, 0.0), _RARE)


def _judged(
    numbers: Sequence[int],
    candidates: Sequence[Opcode],
    match: Sequence[int],
    scores: Sequence[Sequence[float]],
    seen: _Seen,
) -> Renumbering:
    sure: dict[int, str] = {}
    likely: dict[int, str] = {}
    for number, place, row in zip(numbers, match, scores, strict=True):
        if row[place] <= _IMPOSSIBLE:
            continue
        rival = max((each for other, each in enumerate(row) if other != place), default=-inf)
        clear = row[place] - rival >= MARGIN and seen.counts[number] >= FEWEST
        (sure if clear else likely)[number] = candidates[place].name
    share = sum(seen.counts[number] for number in sure) / max(1, seen.counts.total())
    return Renumbering(sure, likely, share)
