"""Memory that a locked process fills and this one reads: neither can make it larger, in the end nobody can write."""

import errno
import os

import pytest

from consilience.sandbox import Limits, SharedMemory, Worker

pytestmark = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="this system has no memory that can be sealed")

PARSERS = """
import os

def fill(sample, name, memory):
    memory[: len(sample)] = sample
    return len(memory)

def tell(sample, name, memory):
    return list(memory[:4])

def overreach(sample, name, memory):
    told = {}
    for what, attempt in {
        "write a file": lambda: [os.write(at, b"x") for at in range(3, 16) if os.fstat(at).st_size == len(memory)],
        "write behind the end": lambda: memory.__setitem__(len(memory), 1),
        "grow": lambda: memory.resize(2 * len(memory)),
    }.items():
        try:
            attempt()
        except Exception as error:
            told[what] = type(error).__name__
    return told
"""


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parsers")
    (folder / "memory_parsers.py").write_text(PARSERS)
    parsers = {name: f"memory_parsers:{name}" for name in ("fill", "tell", "overreach")}
    with Worker(parsers, Limits(cpu=1, wall=60), [str(folder)]) as made:
        yield made


def test_what_the_parser_writes_is_there_afterwards(worker):
    """The bytes that a parser put into the memory are read here, as many as there are."""
    with SharedMemory(10_000) as memory:
        assert worker.analyse("fill", b"taken out", shared=memory.descriptor).answer == 10_000
        view = memory.view()
    assert bytes(view[:10]) == b"taken out\0" and len(view) == 10_000 and view.readonly


def test_nobody_writes_once_it_is_read(worker):
    """After the view is taken the memory is sealed, and the next parser that is given it cannot map it to write."""
    with SharedMemory(100) as memory:
        memory.view()
        with pytest.raises(OSError) as refused:
            os.pwrite(memory.descriptor, b"x", 0)
        assert refused.value.errno == errno.EPERM
        assert worker.analyse("fill", b"x", shared=memory.descriptor).failed.startswith("PermissionError")


def test_shared_memory_cannot_be_made_larger(worker):
    """Its size is decided before the parser runs, and the parser can neither grow it nor write past it."""
    with SharedMemory(4_096) as memory:
        told = worker.analyse("overreach", b"x", shared=memory.descriptor).answer
        assert set(told) >= {"write behind the end", "grow"}
        assert os.fstat(memory.descriptor).st_size == 4_096 and not any(memory.view())
        with pytest.raises(OSError):
            os.ftruncate(memory.descriptor, 8_192)


def test_shared_memories_share_nothing(worker):
    """What one sample's parser wrote is not in the memory of the next."""
    with SharedMemory(100) as first, SharedMemory(100) as second:
        worker.analyse("fill", b"abcd", shared=first.descriptor)
        assert worker.analyse("tell", b"", shared=second.descriptor).answer == [0, 0, 0, 0]


def test_limits_may_be_others_for_one_analysis(worker):
    """An analysis is held to the limits that it is asked with."""
    with SharedMemory(100) as memory:
        found = worker.analyse("fill", b"abcd", shared=memory.descriptor, limits=Limits(answer=1))
    assert found.failed == "the answer is longer than an answer may be" and found.limits.answer == 1
