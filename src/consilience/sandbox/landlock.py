"""No files, no network, no signals: Linux Landlock for this process and all it starts, without any privilege.

Source: the kernel's own user-space interface of Landlock (ABI 1 to 7), called directly: no C library has it.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import lru_cache

CREATE_RULESET, RESTRICT_SELF = 444, 446
GET_VERSION = 1
NEWEST = 7
"""The newest ABI whose rights are known here; a newer kernel is used as this one."""

FS_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16, 6: 16, 7: 16}
"""How many rights over files each ABI knows; they are the lowest bits."""

TCP_SINCE, SCOPES_SINCE = 4, 6
BIND_AND_CONNECT, SOCKETS_AND_SIGNALS = 0b11, 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


def abi() -> int:
    """The version of Landlock that this kernel offers; 0 when it offers none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(_libc().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(GET_VERSION))))


def forbid_all() -> int:
    """The version by which opening any file, TCP, and signals to others are forbidden from now on.

    Raises OSError when the kernel refuses; descriptors that are open stay usable.
    """
    found = min(abi(), NEWEST)
    if not found:
        return 0
    rules = _Ruleset(fs=(1 << FS_RIGHTS[found]) - 1)
    if found >= TCP_SINCE:
        rules.net = BIND_AND_CONNECT
    if found >= SCOPES_SINCE:
        rules.scoped = SOCKETS_AND_SIGNALS
    size = 24 if found >= SCOPES_SINCE else 16 if found >= TCP_SINCE else 8
    libc = _libc()
    made = libc.syscall(CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if made < 0:
        raise OSError(ctypes.get_errno(), "the kernel refused the Landlock rules")
    try:
        if libc.syscall(RESTRICT_SELF, ctypes.c_int(made), ctypes.c_uint32(0)) != 0:
            raise OSError(ctypes.get_errno(), "the kernel refused to apply the Landlock rules")
    finally:
        os.close(made)
    return found


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
