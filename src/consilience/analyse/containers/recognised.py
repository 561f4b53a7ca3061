"""How the programs begin that are read as samples."""

from __future__ import annotations

from consilience.analyse.containers.macho import THIN, is_universal
from consilience.analyse.lua.recognised import begins_as_dump

HEAD = 4_096
"""How many bytes of a file are needed to recognise it."""


def is_program(head: bytes) -> bool:
    """Whether a file that begins so is an ELF, a Mach-O, or has a DOS header that names a PE.

    Of a head that ends before the PE header would begin, the DOS header alone decides.
    """
    if head.startswith(b"\x7fELF") or head[:4] in THIN or is_universal(head):
        return True
    at = int.from_bytes(head[0x3C:0x40], "little")
    return head.startswith(b"MZ") and len(head) >= 0x40 and (at + 4 > len(head) or head[at : at + 4] == b"PE\0\0")


def is_sample(head: bytes) -> bool:
    """Whether a member of an archive that begins so is a sample: a program, or compiled Lua."""
    return is_program(head) or begins_as_dump(head)
