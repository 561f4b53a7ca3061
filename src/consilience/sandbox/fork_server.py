"""The process that parses: warm, without secrets, and locked anew for each sample.

It starts knowing nothing else: an environment that only says how memory is allocated, no open files
but one socket. It loads the parsers once, and for each request forks a child that gives up every right it does not
need, parses, writes one JSON document and ends. A child never sees the sample of another.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import mmap
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from consilience.model.json import JsonObject
from consilience.sandbox import landlock, seccomp
from consilience.sandbox.limits import Limits, apply

Parser = Callable[..., Any]
"""What a parser is: from the bytes of a sample and its name to a value that JSON can hold. Where the request brings a
memory, the parser is called with its memory as a third argument, and may write there."""

REQUEST_LIMIT = 65_536
_DIE_WITH_PARENT = 1
_MESSAGE_LIMIT = 400


def serve(channel: socket.socket, parsers: dict[str, Parser]) -> None:
    """Answers requests, one at a time, until the other side goes away.

    A request is JSON `{parser, name, limits}` with descriptors: the sample, where the answer goes, and the shared for
    what the parser takes out of the sample, where there is one. When the child has ended its
    outcome is sent back: `{status, signal, cpu, memory, timed_out}`.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    while True:
        message, descriptors, _, _ = socket.recv_fds(channel, REQUEST_LIMIT, 3)
        if not message:
            return
        request = json.loads(message)
        sample, answer, *shared = descriptors
        limits = Limits(**request["limits"])
        child = os.fork()
        if child == 0:
            channel.close()
            _parse(parsers.get(request["parser"]), request["name"], sample, answer, limits, *shared)
        for descriptor in descriptors:
            os.close(descriptor)
        channel.send(json.dumps(_outcome(child, limits.wall)).encode())


def _outcome(child: int, wall: float) -> JsonObject:
    """How a child ended; one that takes longer than `wall` seconds is killed."""
    timed_out = False
    ends = time.monotonic() + wall
    while True:
        left = ends - time.monotonic()
        if left <= 0 and not timed_out:
            os.kill(child, signal.SIGKILL)
            timed_out = True
        ended, status, used = os.wait4(child, 0 if timed_out else os.WNOHANG)
        if ended:
            break
        signal.sigtimedwait({signal.SIGCHLD}, max(left, 0))
    return {
        "status": os.waitstatus_to_exitcode(status) if not os.WIFSIGNALED(status) else 0,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        "cpu": used.ru_utime + used.ru_stime,
        "memory": used.ru_maxrss * 1024,
        "timed_out": timed_out,
    }


def _parse(parser: Parser | None, name: str, sample: int, answer: int, limits: Limits, shared: int = -1) -> None:
    """Parse in this process and end it; whatever happens, nothing but one document is written."""
    try:
        _die_with_parent()
        size = os.fstat(sample).st_size
        # A mapping is a way to write that no limit on the size of files closes, so it is made before the lock.
        more = [mmap.mmap(shared, os.fstat(shared).st_size)] if shared >= 0 else []
        _lock(limits)
        data = _whole(sample, size)
        none = {"failed": "no parser of this name is loaded"}
        document = {"answer": parser(data, name, *more)} if parser else none
        text = json.dumps(document, allow_nan=False).encode()
    except MemoryError:
        text = b'{"failed": "it needs more memory than an analysis may use"}'
    except RecursionError:
        text = b'{"failed": "it is nested too deeply"}'
    except BaseException as error:
        # Parsers of hostile bytes raise what they never declared; the sample's name or text may be in the message.
        text = json.dumps({"failed": f"{type(error).__name__}: {error}"[:_MESSAGE_LIMIT]}).encode()
    if len(text) > limits.answer:
        text = b'{"failed": "the answer is longer than an answer may be"}'
    view = memoryview(text)
    try:
        while view:
            view = view[os.write(answer, view) :]
    except OSError:
        os._exit(1)
    os._exit(0)


def _lock(limits: Limits) -> None:
    """Give up files, network, other processes, and more memory and time than the limits.

    What this machine cannot lock stays open, and `consilience doctor` says so; what it refuses to lock is an error.
    """
    landlock.forbid_all()
    apply(limits)
    if seccomp.known():
        seccomp.forbid_all_but_reading(limits.compiles)


def _whole(sample: int, size: int) -> bytes:
    pieces = []
    at = 0
    while at < size and (piece := os.pread(sample, size - at, at)):
        pieces.append(piece)
        at += len(piece)
    return b"".join(pieces)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        _libc().prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)


def loaded(names: dict[str, str]) -> dict[str, Parser]:
    """The parsers of these names, each given as `module:function`.

    Where a module has a function `prepare` it is called, so that tables are read while files can still be opened.
    """
    parsers: dict[str, Parser] = {}
    for name, place in names.items():
        module, _, function = place.partition(":")
        found = importlib.import_module(module)
        parsers[name] = getattr(found, function)
        getattr(found, "prepare", bool)()
    seccomp.ready()
    gc.freeze()
    return parsers


def main() -> None:
    """Serve on the descriptor that the first argument names, with the parsers that the second holds as JSON."""
    _die_with_parent()
    descriptor, setting = int(sys.argv[1]), json.loads(sys.argv[2])
    sys.path[:0] = setting["search"]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with socket.socket(fileno=descriptor) as channel:
        parsers = loaded(setting["parsers"])
        channel.send(b"ready")
        serve(channel, parsers)


if __name__ == "__main__":
    main()
