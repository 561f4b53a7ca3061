"""Files of Lua, compiled or written: read as every program is, in a locked process."""

from __future__ import annotations

from consilience.analyse.lua.recognised import begins_as_dump, holds_dump, is_source
from consilience.read.samples.program_file import ProgramFile


class LuaFile(ProgramFile):
    """Reads dumps of Lua, bundles of them, sources, and other bytes that hold dumps."""

    name = "lua"

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether a file begins as a dump, holds the header of one near its beginning, or is a source."""
        return begins_as_dump(head) or holds_dump(head) or is_source(head, filename)
