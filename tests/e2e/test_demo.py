"""The demo as a new user runs it."""

import json
import os
import subprocess
import sys

import pytest

from consilience.case import DEMO_AS_OF, DEMO_PAIR, Case, demo_paths


def consilience(*args, **env):
    return subprocess.run(
        [sys.executable, "-m", "consilience", *args], capture_output=True, env={**os.environ, **env}, check=False
    )


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    with Case.open(str(tmp_path_factory.mktemp("demo") / "case")) as opened:
        opened.read(demo_paths())
        yield opened


@pytest.fixture(scope="module")
def done(case):
    return case.assess(*DEMO_PAIR, as_of=DEMO_AS_OF)


def test_five_positions(done):
    """The published joint assessment comes out of the raw observations."""
    axes = done.relation.axes
    assert axes["developer"].probabilities["same"] <= 0.15
    assert axes["developer"].leading == "shared-practice"
    assert axes["requirement"].leading == "shared"
    assert axes["supply"].leading == "shared"
    assert axes["infrastructure"].leading == "same-management"
    assert done.words["infrastructure"] == "likely"
    assert max(axes["operator"].probabilities.values()) < 0.80
    assert done.relation.level not in ("same", "unrelated")
    assert done.tracking == "keep-distinct"


def test_the_gap_is_the_weakest_edge(done):
    """The address with its gap of months is named as the weakest edge of the infrastructure axis."""
    edge = done.weakest_edge["by_axis"]["infrastructure"]
    assert edge["values"] == ["185.51.134.27"]
    assert edge["doubt"] == "seen 93 days apart"


def test_withheld_keys_are_shown(done):
    """Keys that only the assessors know are shown as withheld and weigh nothing."""
    assert {row["kind"] for row in done.withheld} == {"crypto:key"}


def test_inverted_digests_lose(case):
    """Digests that print the opposite of the primary are shown as a conflict, and the primary's negative holds."""
    done = case.assess("LuaDream", "Mandiant/KEYPLUG", as_of="2024-01-01")
    assert done.relation.axes["developer"].probabilities["same"] <= 0.25
    conflict = next(row for row in done.conflicts if row["kind"] == "crypto-key:identical")
    assert "shown" in conflict["what"]
    item = next(item for item in done.relation.evidence if item.id == conflict["evidence"])
    assert item.form == "negative"


def test_why_walks_to_the_source(case, done):
    """Every evidence id of the assessment walks to at least one observation with its source and place."""
    for item in done.relation.evidence:
        steps = case.why(item.id)["chain"]
        assert any(step["level"] == "observation" and step["source"] for step in steps)


def test_same_bytes_under_other_surroundings(tmp_path):
    """Two runs under other locales, time zones and hash seeds write the same bytes."""
    written = []
    for place, env in enumerate(
        (
            {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "1"},
            {"LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "2"},
        )
    ):
        folder = tmp_path / str(place)
        assert consilience("demo", "-o", str(folder), **env).returncode == 0
        written.append({path.name: path.read_bytes() for path in sorted(folder.iterdir())})
    assert written[0] == written[1]
    assert written[0].keys() == {"assessment.json", "bundle.stix.json", "report.html"}


def test_the_bundle_is_accepted(case, done):
    """The independent STIX parser and the strict validator accept the bundle of the demo."""
    stix2 = pytest.importorskip("stix2")
    validator = pytest.importorskip("stix2validator")
    bundle = case.write(done, "stix").decode()
    stix2.parse(bundle)
    options = validator.ValidationOptions(strict=True, disabled=["103"], version="2.1")
    assert validator.validate_string(bundle, options).is_valid


def test_judgements_stand_beside_the_assessment(tmp_path):
    """Judging changes neither the id nor a byte of the assessment; every word is printed beside it, and kept."""
    folder = str(tmp_path / "case")
    consilience("read", *demo_paths(), "--case", folder)
    before, after = [], []
    for told in (before, after):
        record = json.loads(consilience("assess", *DEMO_PAIR, "--case", folder, "--json").stdout)
        told.extend([record.pop("judgements"), record])
        for level in ("same", "coordinated"):
            given = ("judge", *reversed(DEMO_PAIR), level, "--because", "one loader", "--by", "Ann", "--case", folder)
            assert consilience(*given).returncode == 0
    assert before[0] == []
    assert sorted(word["level"] for word in after[0]) == ["coordinated", "same"]
    assert after[1] == before[1]
    assert len(json.loads(consilience("judge", "--list", "Sandman", "--case", folder, "--json").stdout)) == 4


def test_bad_names_get_one_line(tmp_path):
    """A truncated name is refused in one line that says what was meant."""
    folder = str(tmp_path / "case")
    assert consilience("read", *demo_paths(), "--case", folder).returncode == 0
    refused = consilience("assess", "Sandman", "STORM-08", "--case", folder)
    assert refused.returncode == 2
    assert refused.stderr.decode().count("\n") == 1
    assert "STORM-0866" in refused.stderr.decode()


def test_reading_twice_changes_nothing(tmp_path):
    """The same files read again leave the digest as it was, and so does another order."""
    folder, other = str(tmp_path / "a"), str(tmp_path / "b")
    first = json.loads(consilience("read", *demo_paths(), "--case", folder, "--json").stdout)
    again = json.loads(consilience("read", *demo_paths(), "--case", folder, "--json").stdout)
    reverse = json.loads(consilience("read", *reversed(demo_paths()), "--case", other, "--json").stdout)
    assert first["digest"] == again["digest"] == reverse["digest"]
    assert again["new"] == 0
