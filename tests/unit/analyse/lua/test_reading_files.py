"""Files of Lua as the product reads them: what is recognised, what is observed, and what is left alone."""

import hashlib
import json
import random

import numpy as np
import pytest
from tests.unit.analyse.conftest import portable_executable

from consilience.analyse.containers.bounds import Damaged
from consilience.analyse.lua import read_dump, read_source
from consilience.analyse.lua.code_profile import dumps_profile, source_profile
from consilience.analyse.lua.conformance import Allowed, is_raw_next
from consilience.analyse.lua.dialects import dialects
from consilience.analyse.lua.feature_text import SET, feature_of, text_of
from consilience.analyse.lua.impossible_operands import impossible_instructions
from consilience.analyse.lua.instructions import words
from consilience.analyse.lua.recognised import is_source
from consilience.analyse.sample import analyse, profile_in
from consilience.model.code import CodeProfile, profile_from
from consilience.read import read_content, read_path

from .inert import PARTS, assembled, bundle
from .test_mutations import damaged

SUBJECT = {"publisher": "P", "subject": "S", "subject_type": "malware"}
STRINGS = b"a text of the first", b"distinct_name", b"another text", b"require"
MUTATIONS = 2_000
SEVERAL = 25

NOT_LUA = {
    "list.txt": b"# seen\n192.0.2.7\n198.51.100.9\nhxxps://a[.]example/login\n",
    "table.csv": b"actor,indicator,type\nlocal,a[.]example,domain\nend,192.0.2.7,ip\nend,192.0.2.8,ip\n",
    "lines.jsonl": b'{"kind": "mutex", "value": "local x = require", "subject": "S", "publisher": "P"}\n',
    "script.sh": b"local a=1\nlocal b=2\nif true; then\necho end\nfi\nend\nend\n",
    "script.rb": b"def a\n  if b\n    c\n  end\nend\nrequire 'x'\n",
    "script.jl": b"function f(x)\n  local y = x\n  local z = y\n  return z\nend\nfor i in 1:3\nend\n",
    "prose.md": b"The end\nof a local matter.\nlocal food\nlocal people\nend\nend\n",
}


@pytest.mark.parametrize("name", sorted(NOT_LUA))
def test_other_texts_are_not_taken_for_lua(name, tmp_path):
    """Lists, tables, observations, prose and scripts of other languages are read as what they are, or not at all."""
    (tmp_path / name).write_bytes(NOT_LUA[name])
    (reading,) = read_path(tmp_path / name, SUBJECT)
    assert reading.format != "lua"


def test_sources_are_recognised_by_name_and_with_care_by_content():
    """A file is a source where it is called so or names lua first, and else only with several marks of Lua's own."""
    source = PARTS["core"].encode()
    assert is_source(source, "") and is_source(b"return 1", "a.LUA") and is_source(b"#!/usr/bin/env lua5.3\nx()", "")
    assert not is_source(b"return 1", "") and not is_source(source + b"\0", "a.lua") and not is_source(b"", "a.lua")


def test_a_dump_made_of_bytes_is_read():
    """A dump gives its digests, its language, and a profile whose features can be shown as they stand in the file."""
    raw = assembled(*STRINGS)
    reading = read_content(raw, "x", SUBJECT)
    assert (reading.format, reading.refusals) == ("lua", ())
    told = {seen.trait.kind: seen for seen in reading.observations}
    assert told["code:language"].trait.value == "luajit 2.1" and "stripped" in told["code:language"].note
    assert {"file:sha256", "file:sha1", "file:md5"} <= told.keys()
    (code,) = reading.codes
    texts = {
        feature_of(code.profile, raw, name, value, place)
        for name in ("constant", "string")
        for value, place in zip(*_columns(code.profile, name), strict=True)
    }
    assert texts == {"'a text of the first'", "'distinct_name'", "'another text'"}
    assert any("names that Lua itself gives" in notice.what for notice in reading.notices)


def _columns(profile, name):
    return profile.channel(name).value.tolist(), profile.channel(name).address.tolist()


def test_dumps_in_other_bytes_are_found():
    """Dumps within a blob are one profile; within a program they are a second one beside its code."""
    dumps = [assembled(*STRINGS), assembled(b"a text of the second", b"other_name", b"third_name")]
    alone = read_content(bundle(dumps), "x", SUBJECT)
    assert len(alone.codes) == 1 and len(alone.codes[0].profile.channel("string").value) == 3
    program = portable_executable(b"\xc3" * 16, [(0, 16)]) + bundle(dumps)
    within = read_content(program, "x", SUBJECT)
    assert within.format == "program"
    assert [code.profile.format for code in within.codes] == ["pe", "lua"]
    ours, theirs = alone.codes[0].profile, within.codes[1].profile
    assert np.array_equal(ours.channel("constant").value, theirs.channel("constant").value)
    assert any("dumps of Lua in it: 2" in notice.what for notice in within.notices)


def test_a_damaged_dump_keeps_its_bytes():
    """What begins as a dump and is none is refused with the place at fault; its digests are kept."""
    raw = assembled(*STRINGS)
    reading = read_content(raw[:-9], "x", SUBJECT)
    assert reading.codes == () and len(reading.observations) == 3
    assert "byte" in reading.refusals[0].what and "its bytes are kept" in reading.refusals[0].todo
    both = read_content(raw[:20] + raw, "x", SUBJECT)
    assert len(both.codes) == 1 and any("at the beginning is damaged" in each.what for each in both.notices)


def test_what_a_dump_with_debug_information_shows(compile_lua):
    """The modules it is made of and the path of its source are observed, the path as what anybody can set."""
    raw = compile_lua(PARTS["core"].encode(), "luajit-2.1", False, b"@src/parts/core.lua")
    reading = read_content(raw, "x", SUBJECT)
    parts = {seen.trait.value: seen for seen in reading.observations if seen.trait.kind == "code:component"}
    assert parts.keys() == {"parts.timers", "parts.records", "core"}
    assert parts["core"].confidence == "low" and "requires" in parts["parts.timers"].note
    (path,) = [seen for seen in reading.observations if seen.trait.kind == "file:path"]
    assert (path.trait.value, path.confidence) == ("src/parts/core.lua", "low")
    assert {"M.register_part", "M.refresh_part", "register_part"} & {name for _, name in reading.codes[0].profile.names}


def test_two_compilers_share_constants_and_no_operations(compile_lua):
    """LuaJIT's and PUC Lua's dumps of a source have the same names and texts, and not one row of operations."""
    one, two = (
        dumps_profile(raw, [read_dump(raw)], "0" * 64)[0]
        for raw in (compile_lua(PARTS["core"].encode(), dialect, True) for dialect in ("luajit-2.1", "lua-5.4"))
    )
    for name, least in (("constant", 0.9), ("string", 1), ("block", 0.5), ("import", 1)):
        ours, theirs = (set(each.channel(name).value.tolist()) for each in (one, two))
        assert ours and len(ours & theirs) >= least * len(ours | theirs)
    for name in ("gram", "function"):
        ours, theirs = (set(each.channel(name).value.tolist()) for each in (one, two))
        assert ours and theirs and not ours & theirs


def test_a_source_holds_what_its_dump_does(compile_lua):
    """Names, texts, numbers and modules of a source are the features of its dump."""
    text = PARTS["core"].encode()
    raw = compile_lua(text, "lua-5.4", True)
    dump, _ = dumps_profile(raw, [read_dump(raw)], "0" * 64)
    source = source_profile(text, read_source(text), "0" * 64)
    for name in ("constant", "string"):
        ours, theirs = (set(each.channel(name).value.tolist()) for each in (source, dump))
        assert theirs and len(ours & theirs) >= 0.9 * len(ours | theirs)
    assert source.imports == ("parts.records", "parts.timers") and set(source.imports) < set(dump.imports)
    places = zip(*_columns(source, "string"), strict=True)
    shown = {text_of(text, place, value) for value, place in places}
    assert shown == {"part was never registered", "parts.records", "parts.timers"}


def test_features_are_shown_as_they_stand(dialect, compile_lua):
    """Names, texts and operations of a dump can be looked up again at the places that its profile tells."""
    raw = compile_lua(PARTS["timers"].encode(), dialect, dialect not in ("lua-5.1", "lua-5.2"))
    profile, _ = dumps_profile(raw, [read_dump(raw)], "0" * 64)
    for name in ("string", "gram", "block"):
        shown = [feature_of(profile, raw, name, *each) for each in zip(*_columns(profile, name), strict=True)]
        assert shown and all(shown) and (name != "block" or set(shown) == {SET})
    names = {feature_of(profile, raw, "constant", *each) for each in zip(*_columns(profile, "constant"), strict=True)}
    assert {"'due_tick'", "'cancelled_flag'", "'slot_width'"} <= names


def test_names_of_functions_are_kept_with_a_profile():
    """A profile comes back from its bytes with the names of its functions, and without them it is as ever."""
    given = {"sample": "a", "format": "lua", "machine": "m", "channels": {}, "functions": np.array([7])}
    named = CodeProfile(**given, names=((7, "M.walk"),))
    assert profile_from(named.bytes).named(7) == "M.walk" and profile_from(named.bytes).named(8) == ""
    assert b'"names"' not in CodeProfile(**given).bytes


def one_by_one(prototype, dialect):
    """The faults of a function as they are defined: operand after operand."""
    allowed, code, found, skip = Allowed(prototype, dialect), words(prototype), 0, -1
    for place, word in enumerate(code):
        if place != skip:
            number = word & dialect.mask
            found += not all(check(word, place) for check in allowed.checks(number))
            skip = place + 1 if is_raw_next(word, number, dialect) else skip
    return found + (not code or code[-1] & dialect.mask not in dialect.ends)


def test_faults_are_counted_as_defined(dialect, programs_of, compile_lua):
    """Counting faults of all functions at once gives what checking operand after operand gives, on damaged code too."""
    chance = random.Random(f"faults of {dialect}")
    counted = 0
    for source in programs_of(dialect).values():
        for prototype in read_dump(compile_lua(source, dialect)).prototypes:
            odd = bytes(chance.randrange(256) if chance.random() < 0.05 else each for each in prototype.code)
            rows = [prototype, prototype._replace(code=odd)]
            expected = [one_by_one(each, dialects()[dialect]) for each in rows]
            assert [impossible_instructions([each], dialects()[dialect]) for each in rows] == expected
            assert impossible_instructions(rows, dialects()[dialect]) == sum(expected)
            counted += sum(expected)
    assert counted > 20


def test_mutations_through_the_reading_path(programs_of, compile_lua):
    """Two thousand damaged dumps, bundles and sources are analysed or refused by the one error, and nothing else."""
    chance = random.Random("the reading path")
    seeds = [compile_lua(programs_of(each)["lists"], each) for each in ("luajit-2.1", "lua-5.1", "lua-5.4", "lua-5.5")]
    seeds += [assembled(*STRINGS), bundle(seeds[:2]), PARTS["core"].encode()]
    refused = 0
    for _ in range(MUTATIONS):
        raw = damaged(chance.choice(seeds), chance)
        try:
            answer = analyse(raw, "x.lua")
        except Damaged:
            refused += 1
            continue
        json.dumps(answer, allow_nan=False)
        assert profile_in(answer, hashlib.sha256(raw).hexdigest()).format == "lua"
    assert MUTATIONS // 20 < refused < MUTATIONS - MUTATIONS // 20


def test_damaged_dumps_through_the_locked_process(programs_of, compile_lua):
    """Damaged dumps read as files are read or refused, never end in an error, and always keep their digests."""
    chance = random.Random("the locked process")
    made = compile_lua(programs_of("luajit-2.1")["lists"], "luajit-2.1")
    for _ in range(SEVERAL):
        raw = made[:4] + damaged(made[4:], chance)
        reading = read_content(raw, "x", SUBJECT)
        assert reading.format == "lua" and bool(reading.codes) != bool(reading.refusals)
        assert {"file:sha256"} <= {seen.trait.kind for seen in reading.observations}


def test_no_more_marks_than_a_case_can_use():
    """Of a bundle whose chunks have hundreds of names two hundred components and paths are observed."""
    chunks = [b"@parts/p%d.lua" % number for number in range(250)]
    raw = bundle([assembled(*STRINGS, chunk=chunk) for chunk in chunks])
    kinds = [seen.trait.kind for seen in read_content(raw, "x", SUBJECT).observations]
    assert kinds.count("code:component") == kinds.count("file:path") == 200
