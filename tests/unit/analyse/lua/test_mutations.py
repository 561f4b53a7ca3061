"""Damaged and hostile dumps: one error, no hang, memory in proportion."""

import random
import tracemalloc

import pytest

from consilience.analyse.lua import (
    DumpError,
    components,
    conformance,
    features,
    find_dumps,
    read_dump,
    read_source,
    renumbering,
    source_features,
)

MUTATIONS = 2_000
RENUMBERED_EVERY = 40
FEWEST_READ = 40
INTERESTING = (0, 1, 2, 4, 5, 0x1B, 0x7F, 0x80, 0xFE, 0xFF)


def damaged(made, chance):
    """A copy with a few bytes changed, cut out, doubled, or with a count that lies."""
    copy = bytearray(made)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(copy))
        kind = chance.randrange(6)
        if kind == 0:
            copy[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            copy[at] = chance.choice(INTERESTING)
        elif kind == 2:
            del copy[at : at + chance.randint(1, 9)]
        elif kind == 3:
            copy[at:at] = copy[at : at + chance.randint(1, 40)]
        elif kind == 4:
            copy[at : at + 5] = b"\xff\xff\xff\xff\x0f"
        else:
            del copy[max(at, 12) :]
        if not copy:
            return b""
    return bytes(copy)


def taken(made, everything):
    """Whether the bytes were read; whatever is made of what was read must work too."""
    try:
        dump = read_dump(made)
    except DumpError as error:
        assert 0 <= error.offset <= len(made)
        return False
    conformance(dump)
    if everything:
        features(dump)
        components(dump)
        renumbering(dump)
    return True


def test_mutations_raise_our_error_only(dialect, programs_of, compile_lua):
    """Two thousand damaged dumps of a dialect are read or refused, and nothing else is raised by any part."""
    chance = random.Random(f"mutations of {dialect}")
    dumps = [compile_lua(source, dialect) for source in programs_of(dialect).values()]
    read = 0
    for number in range(MUTATIONS):
        read += taken(damaged(chance.choice(dumps), chance), number % RENUMBERED_EVERY == 0)
    assert FEWEST_READ <= read <= MUTATIONS - FEWEST_READ


def test_features_of_damaged_code(dialect, programs_of, compile_lua):
    """Dumps whose code alone is damaged are read, and their features are made without an error."""
    chance = random.Random(f"code of {dialect}")
    dump = read_dump(compile_lua(programs_of(dialect)["lists"], dialect))
    for _ in range(200):
        code = bytearray(dump.main.code)
        for _ in range(chance.randint(1, 30)):
            code[chance.randrange(len(code))] = chance.randrange(256)
        odd = type(dump)(dump.dialect, dump.main._replace(code=bytes(code)), dump.size, dump.stripped)
        assert features(odd)
        components(odd)


def test_mutations_within_other_bytes(programs_of, compile_lua):
    """A search for dumps among damaged ones raises our error only."""
    chance = random.Random("within")
    dumps = [compile_lua(programs_of(each)["lists"], each) for each in ("luajit-2.1", "lua-5.4", "lua-5.1")]
    found = 0
    for _ in range(200):
        hidden = b"\0pad".join(damaged(each, chance) if chance.random() < 0.7 else each for each in dumps)
        try:
            found += sum(1 for _ in find_dumps(hidden))
        except DumpError:
            continue
    assert found > 100


def test_mutations_of_sources(programs_of):
    """Damaged sources are scanned or refused, and nothing else is raised."""
    chance = random.Random("sources")
    sources = list(programs_of("lua-5.4").values())
    refused = 0
    for _ in range(MUTATIONS):
        try:
            source_features(read_source(damaged(chance.choice(sources) or b"x", chance)))
        except DumpError:
            refused += 1
    assert refused < MUTATIONS


LIES = {
    "luajit-2.1": b"\x1bLJ\x02\x02" + b"\xff\xff\xff\x7f" + b"\0" * 64,
    "lua-5.1": b"\x1bLua\x51\0\1\4\x08\4\x08\0" + b"\0" * 8 + b"\0" * 12 + b"\xff\xff\xff\x7f" + b"\0" * 64,
    "lua-5.4": b"\x1bLua\x54\0\x19\x93\r\n\x1a\n\4\x08\x08"
    + b"x\x56"
    + b"\0" * 6
    + b"\0\0\0\0\0\x28w@\1\x80\x80\x80\0\0\0\x7f\x7f\x7f\xff",
}


@pytest.mark.parametrize("name", sorted(LIES))
def test_counts_that_lie_take_no_memory(name):
    """A count of hundreds of millions in a file of a hundred bytes is refused before anything is made of it."""
    tracemalloc.start()
    try:
        with pytest.raises(DumpError, match="are left"):
            read_dump(LIES[name])
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_source_of_quotes_is_refused_at_once():
    """A string that never ends, in which every character may begin another, is refused at the first."""
    with pytest.raises(DumpError, match="a string does not end"):
        read_source(b"return " + b'"\\' * 200_000)
    with pytest.raises(DumpError, match="long string"):
        read_source(b"return " + b"[[" * 200_000)


def test_functions_made_many_times_are_followed_once(compile_lua):
    """Instructions changed so that each function makes the next a hundred times cost no more than the first time."""
    source = b"return " + b"function() local a = {} return " * 30 + b"1" + b" end" * 30
    dump = read_dump(compile_lua(source, "lua-5.3"))

    def many(prototype):
        children = tuple(many(child) for child in prototype.children)
        make = prototype.code[:-8] * 100 if children else prototype.code
        return prototype._replace(children=children, code=make + prototype.code[-8:])

    odd = type(dump)(dump.dialect, many(dump.main), dump.size, dump.stripped)
    assert components(odd).required == ()
