"""The parts that code names, and the features of a dump as traits."""

import pytest

from consilience.analyse.lua import comparable_sets, components, features, read_dump, read_source, source_features
from consilience.vocab import vocabulary

STRIPPING = pytest.mark.parametrize("strip", [False, True], ids=["whole", "stripped"])


@STRIPPING
def test_modules_and_library_members(dialect, strip, programs_of, compile_lua):
    """Modules required, also through pcall, and members of libraries and of those modules are found."""
    found = components(read_dump(compile_lua(programs_of(dialect)["lists"], dialect, strip)))
    assert [part.name for part in found.required] == ["socket.core", "vendor.codec"]
    assert {part.name for part in found.library} == {"os.time", "string.format", "io.open", "socket.core.gettime"}


@STRIPPING
def test_functions_are_named(dialect, strip, programs_of, compile_lua):
    """Functions kept in fields and globals have names, stripped or not."""
    found = components(read_dump(compile_lua(programs_of(dialect)["lists"], dialect, strip)))
    assert {part.name for part in found.functions} >= {"walk", "measure", "later", "__index"}


def test_local_functions_are_named_where_names_are_kept(dialect, programs_of, compile_lua):
    """With debug information a local function bears the name of its variable."""
    found = components(read_dump(compile_lua(programs_of(dialect)["lists"], dialect)))
    assert "counter" in found.names.values()


@STRIPPING
def test_declared_modules_and_captured_functions(dialect, strip, programs_of, compile_lua):
    """What is put in package.preload is a part, and a require kept in a local variable is one still."""
    found = components(read_dump(compile_lua(programs_of(dialect)["module"], dialect, strip)))
    assert [part.name for part in found.declared] == ["inner.part"]
    assert [part.name for part in found.required] == ["outer.part"]
    assert {part.name for part in found.library} >= {"load", "math.floor", "string.rep", "outer.part.build"}


def test_module_of_5_1_declares(compile_lua):
    """A call of `module` declares a part."""
    found = components(
        read_dump(compile_lua(b"module('old.fashioned', package.seeall) function work() end", "lua-5.1"))
    )
    assert [part.name for part in found.declared] == ["old.fashioned"]


@pytest.mark.parametrize("dialects", [("lua-5.1", "luajit-2.1"), ("lua-5.4", "luajit-2.0"), ("lua-5.3", "lua-5.5")])
def test_strings_survive_every_compiler(dialects, written, compile_lua):
    """A program has the same strings whatever compiled it, and nearly all keys; code that cannot run some leave out."""
    kept = keys = 0
    for seed in range(10):
        first, second = (comparable_sets(read_dump(compile_lua(written(seed), each, True))) for each in dialects)
        assert first.strings == second.strings
        ours, theirs = ({each.names for each in found.functions} for found in (first, second))
        kept, keys = kept + len(ours & theirs), keys + len(ours | theirs)
        assert len(first.functions) == len(second.functions)
    assert kept >= 0.95 * keys


def test_kinds_are_of_the_vocabulary(dialect, programs_of, compile_lua):
    """Every feature has a kind that the product knows, a value to show, and a place; none comes twice."""
    known = vocabulary().kinds
    found = features(read_dump(compile_lua(programs_of(dialect)["lists"], dialect)))
    assert {each.kind for each in found} <= known.keys()
    assert all(each.value.isprintable() and each.value.strip() and each.where for each in found)
    assert len({(each.kind, each.value) for each in found}) == len(found)


def test_what_a_dump_shows(compile_lua):
    """A small chunk's features, one of each sort."""
    source = b"""local http = require 'net.http'
    function fetch(a) return http.get(a, 'status line', 4711, 12) end
    return fetch"""
    found = {
        (each.kind, each.value): each.where
        for each in features(read_dump(compile_lua(source, "luajit-2.1", False, b"@src/net/fetch.lua")))
    }
    assert found["code:language", "LuaJIT 2.1"] == "header"
    assert found["file:path", "src/net/fetch.lua"] == "chunk name"
    assert found["code:component", "fetch"] == "chunk name"
    assert ("code:import", "net.http") in found
    assert ("code:import", "net.http.get") in found
    assert found["code:string", "status line"].endswith(" fetch, lines 2-2")
    assert ("code:constant", "4711") in found
    assert ("code:constant", "12") not in found
    keys = sorted(value.partition(":")[0] for kind, value in found if kind == "code:function")
    assert keys == ["lua-strings", "luajit-code"]


def test_hidden_characters_and_long_strings(compile_lua):
    """Characters that cannot be seen are told as escapes, a long string by its hash, a short one not at all."""
    source = b"return 'a\\0b\\226\\128\\174c', 'abc', '" + b"x" * 2000 + b"'"
    values = [each.value for each in features(read_dump(compile_lua(source, "lua-5.3"))) if each.kind == "code:string"]
    assert values[0].startswith("a\\u0000b\\u202ec")
    assert values[1].startswith("sha256:")
    assert len(values) == 2


def test_a_source_shows_what_its_dump_shows(written, programs_of, compile_lua):
    """Strings, modules and members read from a source are those of its dump."""
    sources = [programs_of("lua-5.1")["lists"], *(written(seed) for seed in range(10))]
    for source in sources:
        compiled = read_dump(compile_lua(source, "lua-5.1"))
        scanned = read_source(source)
        assert scanned.strings == comparable_sets(compiled).strings
        assert set(scanned.required) == {part.name for part in components(compiled).required}


def test_features_of_a_source():
    """A source's comments are not read, its literals and names are, its local names are not."""
    source = b"""#!/usr/bin/lua
    -- nothing of "this"
    --[==[ nor 'of this' ]==]
    local hidden, seen = 0x10001, [[a long one]]
    for index = 1, 2 do print(hidden, seen, "a\\tb\\x41\\u{20AC}\\065 text", index, io.popen, 3.5e2) end
    require("one.module")
    function Tools.make(part) return { field_name = part } end
    """
    found = {(each.kind, each.value) for each in source_features(read_source(source))}
    assert found == {
        ("code:language", "Lua"),
        ("code:import", "one.module"),
        ("code:import", "io.popen"),
        ("code:constant", "65537"),
        ("code:constant", "350"),
        *(("code:string", text) for text in ("a long one", "a\\u0009bA\u20acA text", "print", "popen", "require")),
        *(("code:string", text) for text in ("one.module", "Tools", "make", "field_name")),
    }
