"""What readers of Lua raise: one error, whatever the bytes."""

from __future__ import annotations

from consilience.model.errors import InputError


class DumpError(InputError):
    """Bytes that are not a whole Lua or LuaJIT dump; `offset` says where reading had to stop."""

    def __init__(self, what: str, offset: int = 0) -> None:
        self.offset = offset
        super().__init__(what, f"byte {offset:,}", "read another file, or only the part of this one that is a dump")
