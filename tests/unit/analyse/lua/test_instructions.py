"""Instructions as the programs that come with Lua and LuaJIT list them."""

import re
import subprocess

import pytest

from consilience.analyse.lua import conformance, instructions, read_dump
from consilience.analyse.lua.dialects import dialects, family_names

LISTERS = {"lua-5.1": "luac5.1", "lua-5.2": "luac5.2", "lua-5.3": "luac5.3", "lua-5.4": "luac5.4"}


def listed(tool, *arguments):
    done = subprocess.run([tool, *arguments], capture_output=True, check=True)
    return done.stdout.decode("latin-1")


def in_post_order(prototype):
    for child in prototype.children:
        yield from in_post_order(child)
    yield prototype


@pytest.fixture
def dumps(programs_of, written, compile_lua):
    def made(dialect):
        sources = [*programs_of(dialect).values(), *(written(seed) for seed in range(6))]
        return [compile_lua(source, dialect) for source in sources]

    return made


@pytest.mark.parametrize("version", sorted(LISTERS))
def test_luac_lists_the_same(version, dumps, tmp_path, need_tool):
    """`luac -l` names the same instructions in the same order."""
    for made in dumps(version):
        (tmp_path / "listed").write_bytes(made)
        theirs = re.findall(
            r"^\t\d+\t\[[^]]*\]\t([A-Z0-9]+)",
            listed(need_tool(LISTERS[version]), "-l", "-p", tmp_path / "listed"),
            re.M,
        )
        dump = read_dump(made)
        assert [each.name for prototype in dump.prototypes for each in instructions(dump, prototype)] == theirs


def test_luajit_lists_the_same(dumps, tmp_path, need_tool):
    """`luajit -bl` names the same instructions, and jumps lead where it says."""
    for made in dumps("luajit-2.1"):
        (tmp_path / "listed").write_bytes(made)
        text = listed(need_tool("luajit"), "-bl", tmp_path / "listed")
        theirs = re.findall(r"^(\d{4}) (?:=>|  ) ([A-Z0-9]+) .*?(?:=> (\d{4}))?$", text, re.M)
        dump = read_dump(made)
        ours = []
        for prototype in in_post_order(dump.main):
            jumps = {op.name for op in dialects()["luajit-2.1"].opcodes if op.operands[-1].kind == "jump"}
            for each in instructions(dump, prototype):
                leads = f"{each.operands[-1] + 1:04}" if each.name in jumps else ""
                ours.append((f"{each.place + 1:04}", each.name, leads))
        assert ours == [each for each in theirs if not each[1].startswith("FUNC")]


def test_operands_are_in_range(dialect, dumps):
    """What compilers write conforms: no operand of any instruction is out of its range."""
    for made in dumps(dialect):
        assert conformance(read_dump(made)).impossible == 0


def test_every_dialect_numbers_its_family(dialect):
    """Opcodes of one name have one number in all versions of a family, and every dialect's names are its family's."""
    names = family_names()[dialects()[dialect].family]
    assert all(names[opcode.number] == opcode.name for opcode in dialects()[dialect].opcodes)


def test_an_unknown_number_is_named_by_its_digits(compile_lua):
    """An instruction that the dialect does not have is told as its number, without operands."""
    dump = read_dump(compile_lua(b"return 1", "lua-5.1"))
    odd = dump.main._replace(code=b"\x3f\0\0\0")
    assert [(each.name, each.operands) for each in instructions(dump, odd)] == [("63", ())]


def test_what_operands_say(compile_lua):
    """A constant is told by its place, beyond 256 where a register could be meant."""
    dump = read_dump(compile_lua(b"local a = {} a.x = 'some text' return a.x", "lua-5.1"))
    assert [(each.name, each.operands) for each in instructions(dump, dump.main)] == [
        ("NEWTABLE", (0, 0, 0)),
        ("SETTABLE", (0, 256, 257)),
        ("GETTABLE", (1, 0, 256)),
        ("RETURN", (1, 2, 0)),
        ("RETURN", (0, 1, 0)),
    ]
