"""The Rich header: the tools whose objects a linker of Microsoft's put together, under a key that is a checksum.

Source: what is publicly known of it; nobody has documented it. The key covers the DOS header and stub, without the
place of the PE header, and the list of tools, so that a list taken over from another file rarely fits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from consilience.analyse.containers.pe import PortableExecutable

MAX_TOOLS = 1_000
IMPORTED, UNMARKED = 1, 0
"""The products that count imported names, and objects whose maker left no mark."""

_BEGIN = int.from_bytes(b"DanS", "little")
_PLACE = range(0x3C, 0x40)


@dataclass(frozen=True, slots=True)
class Rich:
    """A Rich header: `tools` are (product, build, objects) in their order, `computed` is what its key should be."""

    tools: tuple[tuple[int, int, int], ...]
    key: int
    computed: int

    def count(self, product: int) -> int:
        """How many objects a product made, of all its builds."""
        return sum(count for tool, _, count in self.tools if tool == product)

    def text(self, most: int) -> str:
        """The tools as text, as they are shown and compared."""
        return " ".join(f"{tool}.{build}x{count}" for tool, build, count in self.tools[:most])


def rich_of(parsed: PortableExecutable) -> Rich | None:
    """The Rich header of a PE; None when there is none, with a note when it has an end and no beginning."""
    start = parsed.bytes.number("I", 0x3C)
    head = parsed.bytes.at(0, start)
    end = head.rfind(b"Rich")
    if end < 0 or end + 8 > start:
        return None
    key = parsed.bytes.number("I", end + 4)
    words = np.frombuffer(head[: end - end % 4], dtype="<u4") ^ np.uint32(key)
    begin = np.flatnonzero(words == _BEGIN)
    if not len(begin):
        parsed.notes.append("the Rich header has an end and no beginning")
        return None
    rows = words[begin[-1] + 4 :].tolist()
    pairs = list(zip(rows[::2], rows[1::2], strict=False))[:MAX_TOOLS]
    at = 4 * int(begin[-1])
    computed = at + sum(_rolled(head[place], place) for place in range(at) if place not in _PLACE)
    computed += sum(_rolled(tool, count) for tool, count in pairs)
    tools = tuple((tool >> 16, tool & 0xFFFF, count) for tool, count in pairs)
    return Rich(tools, key, computed & 0xFFFFFFFF) if tools else None


def _rolled(value: int, by: int) -> int:
    by &= 31
    return ((value << by) | (value >> (32 - by))) & 0xFFFFFFFF
