"""Only the system calls that reading bytes and answering needs: a seccomp filter, without any privilege or library.

The filter is a list of what is allowed; everything else fails with "not permitted". Memory that is both written and
run, or run at all, cannot be asked for any more. Source: the kernel's interface of seccomp filters (classic BPF).
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from collections.abc import Iterator
from functools import lru_cache

X86_64, AARCH64 = 0xC000003E, 0xC00000B7

CALLS: dict[str, tuple[int, dict[str, int]]] = {
    "x86_64": (
        X86_64,
        {
            "read": 0,
            "write": 1,
            "close": 3,
            "fstat": 5,
            "lseek": 8,
            "mmap": 9,
            "mprotect": 10,
            "munmap": 11,
            "brk": 12,
            "rt_sigaction": 13,
            "rt_sigprocmask": 14,
            "rt_sigreturn": 15,
            "pread64": 17,
            "sched_yield": 24,
            "mremap": 25,
            "madvise": 28,
            "getpid": 39,
            "exit": 60,
            "gettimeofday": 96,
            "getrusage": 98,
            "sigaltstack": 131,
            "gettid": 186,
            "futex": 202,
            "clock_gettime": 228,
            "exit_group": 231,
            "getrandom": 318,
            "rseq": 334,
        },
    ),
    "aarch64": (
        AARCH64,
        {
            "close": 57,
            "lseek": 62,
            "read": 63,
            "write": 64,
            "pread64": 67,
            "fstat": 80,
            "exit": 93,
            "exit_group": 94,
            "futex": 98,
            "clock_gettime": 113,
            "sched_yield": 124,
            "sigaltstack": 132,
            "rt_sigaction": 134,
            "rt_sigprocmask": 135,
            "rt_sigreturn": 139,
            "getrusage": 165,
            "gettimeofday": 169,
            "getpid": 172,
            "gettid": 178,
            "brk": 214,
            "munmap": 215,
            "mremap": 216,
            "mmap": 222,
            "mprotect": 226,
            "madvise": 233,
            "getrandom": 278,
            "rseq": 293,
        },
    ),
}
"""The calls that are allowed, by machine, with the kernel's own numbers."""

GUARDED = ("mmap", "mprotect")
"""Allowed, but never for memory that can be run: their third argument must not ask for it."""

THREADS: dict[str, dict[str, int]] = {
    "x86_64": {"clone": 56, "clone3": 435, "set_robust_list": 273, "sched_getaffinity": 204},
    "aarch64": {"clone": 220, "clone3": 435, "set_robust_list": 99, "sched_getaffinity": 123},
}
"""What starting a thread takes; allowed only to a process that compiles. `clone3` hides its flags behind an address, so
that it is said to be missing, and the C library takes `clone`, which must ask for a thread and never for a process."""

THREAD = 0x10000
RUNNABLE = 0x4
_NO_NEW_PRIVILEGES, _SET_FILTER, _FILTER_MODE = 38, 22, 2
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _REFUSE, _MISSING = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
_NUMBER_AT, _ARCH_AT, _FIRST_ARGUMENT_AT, _THIRD_ARGUMENT_AT = 0, 4, 16, 32


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def known() -> bool:
    """Whether the numbers of system calls of this machine are known here."""
    return sys.platform == "linux" and platform.machine() in CALLS and sys.maxsize > 2**32


def forbid_all_but_reading(compiles: bool = False) -> None:
    """From now on this process can read and write what is open, use memory and end; nothing else.

    One that `compiles` may also run what it made in memory, and start threads.

    Raises OSError when the kernel refuses, or the numbers of this machine are not known.
    """
    if not known():
        raise OSError(errno.ENOSYS, f"no list of system calls for {platform.machine()}")
    wanted, libc = _program(compiles), _libc()
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel refused to give up new privileges")
    if libc.prctl(_SET_FILTER, _FILTER_MODE, ctypes.byref(wanted), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel refused the seccomp filter")


def ready() -> None:
    """Make the filters beforehand, so that a process which is about to be locked only has to hand one over."""
    if known():
        _libc()
        for compiles in (False, True):
            _program(compiles)


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


@lru_cache(maxsize=2)
def _program(compiles: bool) -> _Program:
    steps = b"".join(filter_of(platform.machine(), compiles))
    return _Program(length=len(steps) // 8, filter=steps)


def filter_of(machine: str, compiles: bool = False) -> Iterator[bytes]:
    """The filter for a machine, instruction by instruction."""
    arch, calls = CALLS[machine]
    yield _step(_LOAD, _ARCH_AT)
    yield _step(_EQUAL, arch, 1, 0)
    yield _step(_RETURN, _REFUSE)
    yield _step(_LOAD, _NUMBER_AT)
    for name, number in calls.items():
        if name in GUARDED and not compiles:
            yield _step(_EQUAL, number, 0, 4)
            yield _step(_LOAD, _THIRD_ARGUMENT_AT)
            yield _step(_ANY_BIT, RUNNABLE, 0, 1)
            yield _step(_RETURN, _REFUSE)
        else:
            yield _step(_EQUAL, number, 0, 1)
        yield _step(_RETURN, _ALLOW)
    if compiles:
        yield from _threads(THREADS[machine])
    yield _step(_RETURN, _REFUSE)


def _threads(calls: dict[str, int]) -> Iterator[bytes]:
    for name, number in calls.items():
        if name == "clone":
            yield _step(_EQUAL, number, 0, 4)
            yield _step(_LOAD, _FIRST_ARGUMENT_AT)
            yield _step(_ANY_BIT, THREAD, 1, 0)
            yield _step(_RETURN, _REFUSE)
        else:
            yield _step(_EQUAL, number, 0, 1)
        yield _step(_RETURN, _MISSING if name == "clone3" else _ALLOW)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
