"""Whether the first bytes of a file are those of a dump or of a source of Lua, seen without reading either."""

from __future__ import annotations

import re

SIGNATURES = b"\x1bLJ", b"\x1bLua"
_WITHIN = re.compile(b"\x1b(?:LJ[\x01\x02\x80-\xff][\x00-\x1f]|Lua[\x51-\x55]\\0)")
_PROGRAM = re.compile(rb"\A#![^\n]*\blua(?:jit)?[0-9.]*\s*\n", re.IGNORECASE)
_BLOCK = re.compile(rb"^[ \t]*end[ \t]*(?:[,;)}]+[ \t]*)?(?:--[^\n]*)?\r?$", re.MULTILINE)
_LOCAL = re.compile(rb"^[ \t]*local[ \t]+(?:function[ \t]+)?[A-Za-z_]", re.MULTILINE)
_TELLING = re.compile(
    rb"^[ \t]*local[ \t]+function[ \t]+[A-Za-z_]\w*[ \t]*\(|^[ \t]*local[ \t]+\w+[ \t]*=[ \t]*require\b"
    rb"|\bin[ \t]+i?pairs[ \t]*\(|^[ \t]*(?:else)?if\b[^\n;]*\bthen\b",
    re.MULTILINE,
)
FEWEST_LINES = 2
ENDINGS = (".lua", ".nse")


def begins_as_dump(head: bytes) -> bool:
    """Whether the first bytes are the signature of LuaJIT or of PUC Lua."""
    return head.startswith(SIGNATURES)


def holds_dump(head: bytes) -> bool:
    """Whether the header of a dump seems to stand somewhere in the first bytes of a file."""
    return _WITHIN.search(head) is not None


def is_source(head: bytes, filename: str) -> bool:
    """Whether a file is a source of Lua: by its name, by a first line that names lua, or by several marks of its own.

    By content alone it must be text, declare locals and close blocks on lines of their own, twice each, and hold
    something that only Lua writes so. Lists and tables never do.
    """
    if b"\0" in head or not head.strip():
        return False
    if filename.lower().removesuffix(".gz").endswith(ENDINGS) or _PROGRAM.match(head):
        return True
    return all(len(each.findall(head)) >= FEWEST_LINES for each in (_BLOCK, _LOCAL)) and bool(_TELLING.search(head))
