"""The locked process: what it refuses, how it ends, and what of its answer is believed."""

import json
import os
from pathlib import Path

import pytest

from consilience import read
from consilience.sandbox import Limits, Worker, landlock, seccomp
from consilience.sandbox.probe import ATTEMPTS
from consilience.sandbox.protections import protections

PARSERS = '''
import ctypes, os, pickle

def size(sample, name):
    return {"size": len(sample), "name": name}

def pid(sample, name):
    return os.getpid()

def long(sample, name):
    return "x" * (5 * 1024**2)

def crash(sample, name):
    ctypes.string_at(0)

def raw(sample, name):
    """Writes the sample into whatever is open, as a parser that was taken over might."""
    for descriptor in range(16):
        try:
            os.write(descriptor, sample)
        except OSError:
            pass
    os._exit(0)

def silent(sample, name):
    os._exit(0)

def flood(sample, name):
    while True:
        for descriptor in range(3, 16):
            try:
                os.write(descriptor, b"x" * 65536)
            except OSError:
                pass

def deep(sample, name):
    value = []
    for _ in range(100_000):
        value = [value]
    return value

def undeclared(sample, name):
    return sample[1_000_000]

def odd(sample, name):
    return float("nan")

def forever(sample, name):
    while True:
        pass
'''
THREADED = """
import _thread, os

def threads(sample, name):
    def told(what):
        try:
            return what() or "done"
        except (OSError, RuntimeError) as error:
            return "PermissionError" if isinstance(error, RuntimeError) else type(error).__name__

    def thread():
        lock = _thread.allocate_lock()
        lock.acquire()
        _thread.start_new_thread(lock.release, ())
        lock.acquire()
        return "thread"

    return [told(thread), told(os.fork), told(lambda: str(os.open("/", os.O_RDONLY)))]
"""
NAMES = [line.split("(")[0].removeprefix("def ") for line in PARSERS.splitlines() if line.startswith("def ")]


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parsers")
    (folder / "hostile_parsers.py").write_text(PARSERS)
    parsers = {name: f"hostile_parsers:{name}" for name in NAMES}
    probes = {name: f"consilience.sandbox.probe:{name}" for name in ("attempts", "hog")}
    with Worker({**parsers, **probes}, Limits(cpu=1, wall=60), [str(folder)]) as made:
        yield made


def test_an_answer_comes_back(worker):
    """The value that a parser returns is the answer, with what it cost."""
    done = worker.analyse("size", b"abc", "a.bin")
    assert (done.answer, done.failed) == ({"size": 3, "name": "a.bin"}, "")
    assert done.cpu > 0 and done.memory > 0


def test_a_descriptor_is_read_and_stays_open(worker, tmp_path):
    """A sample may be a descriptor that is open for reading; it is read from its beginning and is not closed."""
    (tmp_path / "sample").write_bytes(b"x" * 70_000)
    descriptor = os.open(tmp_path / "sample", os.O_RDONLY)
    try:
        assert worker.analyse("size", descriptor).answer["size"] == 70_000
        assert worker.analyse("size", descriptor).answer["size"] == 70_000
    finally:
        os.close(descriptor)


def test_each_sample_has_a_process_of_its_own(worker):
    """No process reads two samples."""
    assert len({worker.analyse("pid", b"").answer for _ in range(5)}) == 5


@pytest.mark.skipif(not seccomp.known(), reason="this machine has no list of system calls: it cannot be locked")
def test_every_attempt_is_refused(worker):
    """Files, network, children, threads, signals, other processes and runnable memory are refused."""
    told = worker.analyse("attempts", b"").answer
    assert told == dict.fromkeys(ATTEMPTS, "refused") and len(told) >= 10


@pytest.mark.parametrize(
    ("parser", "said"),
    [
        ("hog", "more memory"),
        ("forever", "processor time"),
        ("long", "longer than an answer"),
        ("crash", "SIGSEGV"),
        ("silent", "not what an answer must be"),
        ("flood", ""),
        ("deep", "nested"),
        ("undeclared", "IndexError"),
        ("odd", "ValueError"),
        ("no such parser", "no parser of this name"),
    ],
)
def test_other_ends_are_told(worker, parser, said):
    """Whatever way an analysis ends, the reason is a value, and the next sample is read."""
    done = worker.analyse(parser, b"x")
    assert done.failed and said in done.failed and done.answer is None
    assert worker.analyse("size", b"next").answer["size"] == 4


@pytest.mark.parametrize(
    "sample",
    [
        b"",
        b"no JSON",
        b'{"answer": 1}{"answer": 2}',
        b'{"answer": 1, "answer": 2}',
        b'{"answer": NaN}',
        b'{"failed": 3}',
        b'{"other": 1}',
        b"[1]",
        b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.",
        b"x" * (4 * 1024**2 + 5),
    ],
    ids=["nothing", "text", "two", "twice", "nan", "number", "other", "list", "pickle", "too long"],
)
def test_only_an_answer_is_an_answer(worker, sample):
    """A taken-over parser that writes anything but one answer gets nothing believed."""
    done = worker.analyse("raw", sample)
    assert done.answer is None and done.failed


def test_nothing_is_unpickled():
    """No file of the reading room knows pickle."""
    files = list(Path(read.__path__[0]).rglob("*.py"))
    assert len(files) > 20
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert "import pickle" not in text and "multiprocessing" not in text, file.name


def test_a_killed_process_is_started_again(worker):
    """When the process that parses is gone, its sample is told as failed or read anew, and the next one is read."""
    worker.analyse("size", b"")
    worker._process.kill()
    worker._process.wait()
    assert worker.analyse("size", b"abc").answer["size"] == 3


def test_filters_allow_no_more_than_is_listed():
    """Each filter ends by refusing, allows each listed call once, and guards memory that can be run."""
    for machine, (_, calls) in seccomp.CALLS.items():
        steps = list(seccomp.filter_of(machine))
        allowing = [step for step in steps if step == seccomp._step(0x06, 0x7FFF0000)]
        assert len(allowing) == len(calls) and steps[-1] == seccomp._step(0x06, 0x00050001)
        assert set(seccomp.GUARDED) <= set(calls) and not {"openat", "socket", "execve", "clone"} & set(calls)


@pytest.mark.skipif(not seccomp.known(), reason="this system has no filter of system calls")
def test_what_compiles_may_start_threads_and_nothing_more(tmp_path):
    """An analysis that compiles may start threads; files, sockets and processes stay out of its reach."""
    (tmp_path / "threaded_parser.py").write_text(THREADED)
    answers = []
    for compiles in (True, False):
        with Worker({"threads": "threaded_parser:threads"}, Limits(compiles=compiles), [str(tmp_path)]) as made:
            answers.append(made.analyse("threads", b"abc").answer)
    assert answers == [["thread", "PermissionError", "PermissionError"], ["PermissionError"] * 3]


def test_filters_of_what_compiles_allow_threads_only():
    """Beside what every filter allows stand the calls that a thread takes, and none that starts a program."""
    for machine, calls in seccomp.THREADS.items():
        steps = list(seccomp.filter_of(machine, compiles=True))
        allowing = [step for step in steps if step == seccomp._step(0x06, 0x7FFF0000)]
        assert len(allowing) == len(seccomp.CALLS[machine][1]) + len(calls) - 1
        assert set(calls) == {"clone", "clone3", "set_robust_list", "sched_getaffinity"}


def test_protections_are_told_as_they_are():
    """The doctor's list names every attempt, and what it says of the kernel is what the kernel says."""
    found = {each.name: each for each in protections()}
    assert found["files and network closed (Landlock)"].holds == bool(landlock.abi())
    assert {f"cannot {what}" for what in ATTEMPTS} <= set(found)
    json.dumps([each.found for each in found.values()])
