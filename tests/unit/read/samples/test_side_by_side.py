"""Samples read side by side: the same readings, in the same order, whatever one of them does."""

import threading
import zipfile

import pytest
from tests.unit.analyse.conftest import portable_executable
from tests.unit.analyse.marks.test_elf import elf

from consilience.decode.descriptions import shipped_descriptions
from consilience.read import read_path
from consilience.read.samples import side_by_side
from consilience.read.samples.analyser import ANALYSER
from consilience.read.samples.side_by_side import Job, in_order
from consilience.sandbox import Limits, Pool


@pytest.fixture
def folder(tmp_path):
    """Programs, one of them damaged, text, an archive of programs, and a file of no known format."""
    code = [bytes([0xB8, number, 0, 0, 0, 0xC3]) * 20 for number in range(6)]
    programs = [portable_executable(each, imports=[("a.dll", ["b"])]) for each in code]
    for number, raw in enumerate(programs):
        (tmp_path / f"{number}.exe").write_bytes(raw)
    (tmp_path / "2-broken.exe").write_bytes(programs[0][:200])
    (tmp_path / "3.elf").write_bytes(elf())
    (tmp_path / "1.txt").write_text("evil.example\n192.0.2.1\n")
    (tmp_path / "4.bin").write_bytes(b"\x01\x02\x03nothing that is known")
    with zipfile.ZipFile(tmp_path / "5.zip", "w") as packed:
        for number, raw in enumerate([*programs[:3], programs[0]]):
            packed.writestr(f"m{number}", raw)
    return tmp_path


def told(folder, progress=None):
    """All that readings say; arrays of code are compared as bytes."""
    return [
        (each.file, each.format, each.sha256, each.observations, each.refusals, each.notices, codes)
        for each in read_path(folder, {}, progress)
        for codes in [[(code.subject, code.profile.bytes) for code in each.codes]]
    ]


def test_side_by_side_gives_what_one_after_another_gives(folder, monkeypatch):
    """A folder read with many at a time gives the readings of one at a time, and counts the same bytes."""
    found, counts = [], []
    for many in (1, 4):
        monkeypatch.setattr(side_by_side, "processors", lambda many=many: many)
        words = []
        found.append(told(folder, lambda done, total, words=words: words.append((done, total))))
        counts.append(words)
    assert found[0] == found[1] and len(found[0]) == 11
    assert [each[1] for each in found[0]].count("program") == 8
    for words in counts:
        assert words == sorted(words) and words[-1][0] == words[-1][1]


def test_results_come_in_the_order_of_the_jobs():
    """A job that is done before an earlier one waits for it, and no more are begun than may be."""
    gate, begun = threading.Event(), []

    def first():
        gate.wait(60)
        return "first"

    def later(number):
        begun.append(number)
        gate.set()
        return number

    jobs = [Job(first), *(Job(lambda number=number: later(number)) for number in range(20))]
    given = in_order(iter(jobs), many=2)
    assert next(given) == "first" and len(begun) < 5
    assert list(given) == list(range(20))


def test_what_a_job_raises_is_raised_at_its_turn():
    """The job before one that fails still gives its value."""

    def fail():
        raise ValueError("this one")

    given = in_order([Job(lambda: 1), Job(fail), Job(lambda: 2)], many=2)
    assert next(given) == 1
    with pytest.raises(ValueError, match="this one"):
        next(given)


def test_what_may_not_be_early_waits_for_its_turn():
    """Such work is done in the thread that asks, when all before it was taken."""
    seen = []
    jobs = [Job(lambda: 1), Job(lambda: seen.append(threading.get_ident()), early=False)]
    given = in_order(jobs, many=2)
    assert next(given) == 1 and not seen
    assert list(given) == [None] and seen == [threading.get_ident()]


def test_large_samples_are_not_held_together(monkeypatch):
    """Jobs that hold more bytes than may be held are done one after another."""
    monkeypatch.setattr(side_by_side, "MOST_BYTES", 100)
    begun = []
    jobs = (Job(lambda number=number: begun.append(number), size=60) for number in range(3))
    given = in_order(jobs, many=4)
    next(given)
    assert len(begun) <= 2


def test_a_process_that_fails_costs_no_other_its_sample():
    """While the process of one sample is killed, the samples beside it are read."""
    pool = Pool({"program": "consilience.analyse.sample:analyse"}, Limits(wall=240.0), many=2)
    raw = portable_executable(b"\xc3" * 32)
    try:
        assert not pool.analyse("program", raw).failed
        pool._idle.queue[-1]._process.kill()
        jobs = [Job(lambda: pool.analyse("program", raw)) for _ in range(6)]
        failed = [each.failed for each in in_order(jobs, many=2)]
        assert len([each for each in failed if each]) <= 1 and len(failed) == 6
    finally:
        pool.close()


def test_a_process_outlives_the_thread_that_asked_first():
    """What a thread that has ended started reads the next sample too."""
    pool = Pool({"program": "consilience.analyse.sample:analyse"}, Limits(wall=240.0), many=1)
    try:
        pids = []
        for _ in range(2):
            asking = threading.Thread(target=lambda: pool.analyse("program", b""))
            asking.start()
            asking.join()
            pids.append(pool._workers[0]._process.pid)
        assert pool.analyse("program", portable_executable(b"\xc3" * 32)).answer
        assert pids == [pool._workers[0]._process.pid] * 2
    finally:
        pool.close()


def test_one_after_another_starts_one_process():
    """A pool that is never asked by two at once has one process."""
    pool = Pool({"program": "consilience.analyse.sample:analyse"}, Limits(wall=240.0), many=3)
    try:
        for _ in range(3):
            pool.analyse("program", b"")
        assert [worker._process is not None for worker in pool._workers].count(True) == 1
    finally:
        pool.close()


@pytest.mark.parametrize("descriptions", [(), shipped_descriptions()], ids=["shipped_descriptions", "told"])
def test_one_process_reads_both_parts(descriptions):
    """A program and the configurations in it come out of one process, and damage to one part leaves the other."""
    raw = portable_executable(b"\xc3" * 32)
    found, configurations = ANALYSER.sample(raw, "x", descriptions)
    assert set(found.answer) == {"profile", "marks", "notes"} and configurations.notes == ()
    broken, configurations = ANALYSER.sample(raw[:200], "x", descriptions)
    assert broken.failed.startswith("Damaged") and broken.answer is None and configurations.notes == ()
