"""What a parser that was taken over would try: each attempt is made in a locked process, and should be refused."""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable

_ATTACH = 16


def attempts(sample: bytes, name: str) -> dict[str, str]:
    """For each attempt `refused` or `done`; the sample is not looked at."""
    outcomes = {}
    for what, attempt in ATTEMPTS.items():
        try:
            attempt()
        except (OSError, RuntimeError, LookupError, ValueError, MemoryError):
            outcomes[what] = "refused"
        else:
            outcomes[what] = "done"
    return outcomes


def hog(sample: bytes, name: str) -> int:
    """More memory than an analysis may use."""
    return len(bytearray(1 << 30))


def spin(sample: bytes, name: str) -> None:
    """Never ends."""
    while True:
        pass


def _look_up() -> None:
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as asking:
        asking.connect(("192.0.2.1", 53))


def _fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _thread() -> None:
    started = threading.Thread(target=int)
    started.start()
    started.join()


def _attach() -> None:
    if ctypes.CDLL(None).ptrace(_ATTACH, os.getppid(), 0, 0) != 0:
        raise PermissionError


def _write() -> None:
    with open(f"/tmp/consilience-probe-{os.getpid()}", "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write("written")


ATTEMPTS: dict[str, Callable[[], object]] = {
    "open a file": lambda: os.close(os.open("/etc/passwd", os.O_RDONLY)),
    "write a file": _write,
    "list a folder": lambda: os.listdir("/"),  # noqa: PTH208
    "make a socket": lambda: socket.socket().close(),
    "make a local socket": lambda: socket.socket(socket.AF_UNIX).close(),
    "ask a name server": _look_up,
    "start a child": _fork,
    "run a program": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
    "start a thread": _thread,
    "signal another process": lambda: os.kill(os.getppid(), 0),
    "look into another process": _attach,
    "make memory that can be run": lambda: mmap.mmap(
        -1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    ),
}
