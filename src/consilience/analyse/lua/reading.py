"""Finds out which dialect a dump is of, and has it read."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from consilience.analyse.lua import luajit, puc
from consilience.analyse.lua.dump import Dump, DumpBudget, DumpLimits
from consilience.analyse.lua.errors import DumpError

LIMITS = DumpLimits()
_PUC = b"\x1bLua"
_HEADER = 6
_BEGINNING = re.compile(b"\x1b(?:LJ[\x01\x02\x80-\xff]|Lua[\x51-\x55]\\0)")
_WASTE = 8


def read_dump(data: bytes, limits: DumpLimits = LIMITS) -> Dump:
    """The dump that these bytes are, from the first to the last.

    Raises:
        DumpError: when they are none, are damaged, go on behind its end, or hold more than the limits allow.
    """
    dump = read_dump_at(data, 0, limits)
    if dump.size != len(data):
        raise DumpError(f"{len(data) - dump.size:,} more bytes follow the end of the dump", dump.size)
    return dump


def read_dump_at(data: bytes, start: int, limits: DumpLimits = LIMITS) -> Dump:
    """The dump that begins at `start`, whatever follows it.

    Raises:
        DumpError: as of `read_dump`.
    """
    return _read(data, start, limits, DumpBudget(limits))


def _read(data: bytes, start: int, limits: DumpLimits, budget: DumpBudget) -> Dump:
    if len(data) - start > limits.size:
        raise DumpError(f"{len(data) - start:,} bytes are more than the {limits.size:,} a reader may take", start)
    try:
        if data.startswith(luajit.SIGNATURE, start):
            return luajit.read(data, start, budget)
        if data.startswith(_PUC, start):
            return _puc(data, start, budget)
    except (IndexError, struct.error):
        raise DumpError("the dump ends too early", len(data)) from None
    raise DumpError("no dump of Lua or LuaJIT begins here", start)


def find_dumps(data: bytes, limits: DumpLimits = LIMITS) -> Iterator[tuple[int, Dump]]:
    """The dumps that are somewhere in these bytes, each with its offset; what only begins as one is passed over.

    Raises:
        DumpError: when so much only begins as a dump that the search would take too long.
    """
    wasted = at = 0
    while found := _BEGINNING.search(data, at):
        at = found.start()
        budget = DumpBudget(limits)
        try:
            dump = _read(data, at, limits, budget)
        except DumpError as error:
            # Where functions were read before it turned out to be none, all that follows may have been.
            wasted += (error.offset if budget.prototypes == limits.prototypes else len(data)) - at
            at += 1
            if wasted > _WASTE * len(data):
                raise DumpError("too much begins as a dump and is not one", at) from None
            continue
        yield at, dump
        at += dump.size


def _puc(data: bytes, start: int, budget: DumpBudget) -> Dump:
    if len(data) - start < _HEADER:
        raise DumpError("the dump ends too early", len(data))
    return puc.read(data, start, budget)
