"""A case that somebody changed by hand, as its owner finds out."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from consilience.case import Case, demo_paths


def consilience(*args):
    done = subprocess.run(
        [sys.executable, "-m", "consilience", *args, "--json"], capture_output=True, text=True, check=False
    )
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("audit") / "case"
    with Case.open(str(place)) as case:
        case.read(demo_paths()[:2])
        case.judge("APT41", "RedGolf", "coordinated", "one loader", "Ann")
    return place


def test_a_case_that_nobody_changed(folder):
    """The command says that a case is sound, and its newest entry is the newest hash."""
    status, told = consilience("audit", "verify", "--case", str(folder))
    assert (status, told["sound"], told["faults"], told["entries"]) == (0, True, [], 3)
    status, again = consilience("audit", "verify", "--case", str(folder), "--head", told["newest"])
    assert (status, again["sound"]) == (0, True)
    status, other = consilience("audit", "verify", "--case", str(folder), "--head", "0" * 64)
    assert (status, [fault["where"] for fault in other["faults"]]) == (1, ["after audit entry 3"])
    status, entries = consilience("audit", "list", "--case", str(folder), "--top", "2")
    assert (status, entries[0]["hash"]) == (0, told["newest"])
    assert [entry["act"] for entry in entries] == ["judgement", "import"]
    assert "coordinated, by Ann" in entries[0]["about"] and entries[1]["about"].endswith(".jsonl")
    assert all(entry["recorded"] for entry in entries)


def test_a_case_that_somebody_changed(folder, tmp_path):
    """Who drops a trigger and changes a row of a copy is found out: the exit status is 1, and the import is named."""
    copy = shutil.copytree(folder, tmp_path / "copy")
    with closing(sqlite3.connect(copy / "case.db")) as connection:
        connection.execute("DROP TRIGGER observation_refuses_update")
        connection.execute("UPDATE observation SET record = replace(record, 'APT41', 'APT14') WHERE import_id = 2")
        assert connection.total_changes
        connection.commit()
    status, told = consilience("audit", "verify", "--case", str(copy))
    assert (status, told["sound"]) == (1, False)
    assert [fault["where"] for fault in told["faults"]] == ["import 2"]
    assert told["faults"][0]["what"] and told["faults"][0]["todo"]
