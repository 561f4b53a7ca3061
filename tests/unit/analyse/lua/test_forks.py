"""Forks with instructions of their own are recognised, and as much of them read as can be."""

import random
from itertools import permutations

import pytest

from consilience.analyse.lua import (
    comparable_sets,
    conformance,
    features,
    instructions,
    read_dump,
    renumbering,
    standardised,
)
from consilience.analyse.lua.assignment import best_assignment
from consilience.analyse.lua.dialects import dialects
from consilience.analyse.lua.dump import Dump
from consilience.analyse.lua.instructions import words


def renumbered(prototype, table, mask):
    """A prototype with other numbers for its instructions, as a fork would have written it."""
    children = {id(child): renumbered(child, table, mask) for child in prototype.children}
    code = b"".join((word & ~mask | table[word & mask]).to_bytes(4, "little") for word in words(prototype))
    return prototype._replace(
        code=code,
        children=tuple(children.values()),
        constants=tuple(children.get(id(each), each) for each in prototype.constants),
    )


@pytest.fixture
def fork(written, compile_lua):
    """A large dump of a dialect, the same with its instructions renumbered, and the table that did it."""

    def made(dialect, functions=40):
        dump = read_dump(compile_lua(written(1, functions), dialect, dialect not in ("lua-5.1", "lua-5.2")))
        table = list(range(len(dialects()[dialect].opcodes)))
        random.Random(dialect).shuffle(table)
        main = renumbered(dump.main, table, dialects()[dialect].mask)
        return dump, Dump(dump.dialect, main, dump.size, dump.stripped, flags=dump.flags), table

    return made


def test_a_fork_is_recognised(dialect, fork):
    """A dump whose instructions are renumbered does not conform, and its language says so."""
    dump, odd, _ = fork(dialect)
    assert conformance(dump).standard
    assert not conformance(odd).standard
    assert features(odd)[0].value.endswith(" fork")


def test_constants_of_a_fork_are_used(dialect, fork):
    """Of a fork the strings and their keys are features as ever, and nothing that rests on instructions is."""
    dump, odd, _ = fork(dialect)
    assert comparable_sets(odd).strings == comparable_sets(dump).strings
    assert [each.names for each in comparable_sets(odd).functions] == [
        each.names for each in comparable_sets(dump).functions
    ]
    kinds = {each.kind for each in features(odd)}
    assert "code:string" in kinds
    assert not kinds & {"code:opcodes", "code:import"}
    assert not [each for each in features(odd) if each.kind == "code:function" and "-code:" in each.value]


def test_what_is_sure_of_a_fork_fits(dialect, fork):
    """What is sure of a fork's instructions takes the operands that they take, and most instructions are sure.

    Which of several instructions with the same operands is meant rests on how real programs use them, and these
    programs are made by chance: the benchmark has the figures for real ones.
    """
    _, odd, table = fork(dialect)
    operands = {opcode.name: opcode.operands for opcode in dialects()[dialect].opcodes}
    meant = {table[number]: opcode.operands for number, opcode in enumerate(dialects()[dialect].opcodes)}
    found = renumbering(odd)
    mask = dialects()[dialect].mask
    numbers = [word & mask for prototype in odd.prototypes for word in words(prototype)]
    sure = [number for number in numbers if number in found.sure]
    assert found.covered == pytest.approx(len(sure) / len(numbers))
    assert found.covered > 0.5
    assert sum(operands[found.sure[number]] == meant[number] for number in sure) >= 0.8 * len(sure)
    assert not found.sure.keys() & found.likely.keys()


def test_a_fork_in_standard_numbers(fork):
    """With the right meaning of every number a fork's dump becomes the one it was made from."""
    dump, odd, table = fork("lua-5.1")
    opcodes = dialects()["lua-5.1"].opcodes
    meant = {table[number]: opcode.name for number, opcode in enumerate(opcodes)}
    again = standardised(odd, renumbering(odd)._replace(sure=meant, likely={}))
    assert list(instructions(again, again.main)) == list(instructions(dump, dump.main))
    assert again.main.children == dump.main.children


def test_dumps_of_two_dialects_are_no_fork(fork):
    """Dumps of different dialects have no common numbers to find."""
    with pytest.raises(ValueError, match="unpack"):
        renumbering(fork("lua-5.1")[1], fork("lua-5.3")[1])


def test_the_likeliest_match_is_the_greatest_sum():
    """The match of rows with columns is as good as the best of all permutations."""
    chance = random.Random(7)
    for size in range(1, 7):
        scores = [[chance.uniform(-9, 9) for _ in range(6)] for _ in range(size)]
        best = max(
            sum(row[column] for row, column in zip(scores, order, strict=False))
            for order in permutations(range(6), size)
        )
        found = best_assignment(scores)
        assert len(set(found)) == size
        assert sum(row[column] for row, column in zip(scores, found, strict=True)) == pytest.approx(best)
    assert best_assignment([]) == ()
