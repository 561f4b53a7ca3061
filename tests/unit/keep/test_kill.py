"""A case survives kill -9 at any moment of an import: the import is there wholly or not at all."""

import os
import random
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from consilience.keep import open_case

MANY = 2_000
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


@pytest.fixture
def importer():
    """A function that imports into a folder, kills after so many seconds, and gives (acknowledged, seconds)."""
    program = [sys.executable, str(Path(__file__).parent / "importer.py")]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def run(folder, seconds):
            process.stdin.write(f"{folder}\t{seconds}\n")
            process.stdin.flush()
            acknowledged, took = process.stdout.readline().split()
            return acknowledged == "1", float(took)

        yield run
        process.stdin.close()


def moments(count, whole):
    """Before an import, moments spread over its time and half as much again, and when it has finished."""
    draw = random.Random(count)
    return [0.0, *((step + draw.random()) / (count - 2) * whole * 1.5 for step in range(count - 2)), float("inf")]


def survived(folder, acknowledged):
    """How many observations a killed case holds, after checking everything that must hold of it."""
    case = open_case(str(folder))
    held = sum(1 for _ in case.observations())
    assert case.verify() == ()
    assert held in (0, MANY)
    assert len(case.imports()) == (1 if held else 0)
    assert held == MANY or not acknowledged
    case.close()
    return held


def outcomes(importer, tmp_path, count, folder_for):
    """How many kills left nothing and how many left everything, the moments drawn from imports measured before."""
    whole = statistics.median(importer(folder_for(f"measured{n}"), float("inf"))[1] for n in range(3))
    held = []
    for number, seconds in enumerate(moments(count, whole)):
        folder = folder_for(f"killed{number}")
        acknowledged, _ = importer(folder, seconds)
        held.append(survived(folder, acknowledged))
        shutil.rmtree(folder)
    return held.count(0), held.count(MANY)


@pytest.mark.parametrize("count", [20, pytest.param(180, marks=pytest.mark.long)])
def test_no_import_is_ever_half_there(importer, tmp_path, count):
    """Kills during the import into a case leave none or all of it, and both happen."""
    open_case(str(tmp_path / "empty")).close()

    def folder_for(name):
        return shutil.copytree(tmp_path / "empty", tmp_path / name)

    before, after = outcomes(importer, tmp_path, count, folder_for)
    print(f"{count} kills: {before} left nothing, {after} left the whole import")
    assert before + after == count
    assert before and after


@pytest.mark.parametrize("count", [8, pytest.param(40, marks=pytest.mark.long)])
def test_a_case_killed_while_it_is_made_can_be_opened(importer, tmp_path, count):
    """Kills during the making of the case itself leave one that opens, and that holds none or all of the import."""
    before, after = outcomes(importer, tmp_path, count, lambda name: tmp_path / name)
    assert before + after == count
    assert before and after
