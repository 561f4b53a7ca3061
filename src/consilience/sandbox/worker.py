"""Parsing in a locked process: what goes in is a read-only descriptor, what comes out is one JSON document.

The document is never pickled, never longer than its limit, and is checked before it is used. An analysis that ends in
any other way is a value that says how, never an error and never silence.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from consilience.model.errors import InputError, Rejected
from consilience.sandbox.limits import Limits
from consilience.sandbox.strict_json import strict_object

STARTING = 60.0
GRACE = 5.0
_PIECE = 1 << 16
_HOME = str(Path(__file__).resolve().parents[2])
_START = "import sys; sys.path.insert(0, sys.argv[3]); from consilience.sandbox.fork_server import main; main()"
"""So that the process that parses runs the very program that asks it, wherever another one may be installed."""

ENVIRONMENT = {
    "GLIBC_TUNABLES": ":".join(
        (
            "glibc.malloc.hugetlb=1",
            "glibc.malloc.mmap_threshold=33554432",
            "glibc.malloc.trim_threshold=268435456",
            "glibc.malloc.top_pad=33554432",
        )
    )
}
"""The whole environment of the process that parses: memory for columns is allocated in large pieces and kept. A page
that is touched for the first time is dear in a process that was forked and ends with its sample. Other C libraries
ignore it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """How one analysis ended: `answer`, or `failed` with the reason; `cpu` in seconds and `memory` in bytes at most."""

    answer: Any = None
    failed: str = ""
    cpu: float = 0.0
    memory: int = 0
    limits: Limits = field(default_factory=Limits)


class Worker:
    """A warm process that forks one locked child for each sample; a context manager, and safe between threads.

    `parsers` are given as `module:function`; each takes the bytes and the name of a sample. `search` are folders in
    which modules are looked for besides those of this program.
    """

    def __init__(self, parsers: Mapping[str, str], limits: Limits | None = None, search: Sequence[str] = ()) -> None:
        if sys.platform == "win32":
            raise InputError(
                "samples are read in a locked process, and this system cannot make one", "worker", "use Linux or macOS"
            )
        self.limits = limits or Limits()
        self._setting = json.dumps({"parsers": dict(parsers), "search": list(search)})
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._ended = threading.Event()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        with self._turn:
            self._end()

    def analyse(
        self,
        parser: str,
        sample: bytes | memoryview | int,
        name: str = "",
        *,
        shared: int = -1,
        limits: Limits | None = None,
    ) -> Analysis:
        """How the analysis of a sample ended; `sample` is its bytes, or a descriptor that is open for reading.

        With `shared`, the descriptor of a `SharedMemory`, the parser gets that memory as a third argument and may
        write there.
        """
        with self._turn:
            descriptor = sample if isinstance(sample, int) else _sealed(sample)
            try:
                return self._request(parser, descriptor, name, shared, limits or self.limits)
            except (OSError, EOFError):
                self._end()
                return Analysis(failed="the process that parses has ended; the next sample gets a new one")
            finally:
                if not isinstance(sample, int):
                    os.close(descriptor)

    def _request(self, parser: str, descriptor: int, name: str, shared: int, limits: Limits) -> Analysis:
        channel = self._channel_to_process()
        request = {"parser": parser, "name": name[:1024], "limits": limits.as_record()}
        reading, writing = os.pipe()
        try:
            socket.send_fds(channel, [json.dumps(request).encode()], [descriptor, writing] + [shared] * (shared >= 0))
            os.close(writing)
            writing = -1
            text = _answer(reading, limits)
        finally:
            os.close(reading)
            if writing >= 0:
                os.close(writing)
        channel.settimeout(limits.wall + GRACE)
        message = channel.recv(_PIECE)
        if not message:
            raise EOFError
        outcome = json.loads(message)
        return _analysis(text, outcome, limits)

    def _channel_to_process(self) -> socket.socket:
        if self._channel is not None and self._process is not None and self._process.poll() is None:
            return self._channel
        self._end()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = self._start_process(theirs.fileno())
        ours.settimeout(STARTING)
        self._channel = ours
        if ours.recv(_PIECE) != b"ready":
            raise EOFError
        return ours

    def _start_process(self, descriptor: int) -> subprocess.Popen[bytes]:
        """The process, started by a thread that stays as long as it is needed.

        The process ends with its parent, which to the kernel is the thread that began it; who asks may be a short one.
        """
        started: Future[subprocess.Popen[bytes]] = Future()
        ended = self._ended = threading.Event()
        command = [sys.executable, "-I", "-c", _START, str(descriptor), self._setting, _HOME]

        def begin() -> None:
            try:
                process = subprocess.Popen(
                    command,
                    pass_fds=(descriptor,),
                    env=ENVIRONMENT,
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            except BaseException as fault:
                started.set_exception(fault)
                return
            started.set_result(process)
            ended.wait()

        threading.Thread(target=begin, name="samples", daemon=True).start()
        return started.result()

    def _end(self) -> None:
        if self._channel is not None:
            self._channel.close()
        if self._process is not None:
            try:
                self._process.wait(timeout=GRACE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._ended.set()
        self._channel = self._process = None


def _answer(reading: int, limits: Limits) -> bytes:
    """What the child wrote, up to one byte more than it may."""
    pieces, left = [], limits.answer + 1
    ends = time.monotonic() + limits.wall + GRACE
    while left > 0:
        ready, _, _ = select.select([reading], [], [], max(0.0, ends - time.monotonic()))
        if not ready:
            break
        piece = os.read(reading, min(_PIECE, left))
        if not piece:
            break
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _analysis(text: bytes, outcome: Mapping[str, Any], limits: Limits) -> Analysis:
    used = Analysis(cpu=float(outcome["cpu"]), memory=int(outcome["memory"]), limits=limits)
    if outcome["timed_out"]:
        return replace(used, failed=f"it took longer than {limits.wall:g} seconds")
    if outcome["signal"] in {signal.SIGXCPU, signal.SIGKILL}:
        return replace(used, failed=f"it used more than {limits.cpu} seconds of processor time, or was killed")
    if len(text) > limits.answer:
        return replace(used, failed="the answer is longer than an answer may be")
    if outcome["signal"]:
        return replace(used, failed=f"the parser ended by signal {signal.Signals(outcome['signal']).name}")
    try:
        document = strict_object(text, limits.answer)
    except Rejected:
        return replace(used, failed="the answer is not what an answer must be")
    if set(document) == {"answer"}:
        return replace(used, answer=document["answer"])
    if set(document) == {"failed"} and isinstance(document["failed"], str):
        return replace(used, failed=document["failed"])
    return replace(used, failed="the answer is not what an answer must be")


def _sealed(sample: bytes | memoryview) -> int:
    """A descriptor of these bytes in memory, open for reading only."""
    if not hasattr(os, "memfd_create"):
        return _temporary(sample)
    made = os.memfd_create("sample", os.MFD_CLOEXEC)
    try:
        view = memoryview(sample)
        while view:
            view = view[os.write(made, view) :]
        return os.open(f"/proc/self/fd/{made}", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(made)


def _temporary(sample: bytes | memoryview) -> int:
    import tempfile

    with tempfile.NamedTemporaryFile() as file:
        file.write(sample)
        file.flush()
        return os.open(file.name, os.O_RDONLY | os.O_CLOEXEC)
