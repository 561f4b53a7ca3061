"""A verb reads the observations of a case once, however many things it needs of them."""

import json

import pytest
from click.testing import CliRunner

from consilience.case import DEMO_PAIR, Case, demo_paths
from consilience.cli import main
from consilience.keep.store import SqlKeeper

PUBLISHER = "SentinelLabs"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = str(tmp_path_factory.mktemp("once") / "case")
    with Case.open(place) as case:
        case.read(demo_paths(), tlp="clear")
        case.rulings.add_partner("Vendor B", ["forum"])
        case.assess(*DEMO_PAIR)
        case.share_all("Vendor B", "jsonl")
    return place


@pytest.fixture
def read(monkeypatch):
    """How many times the observations were read."""
    times = []
    whole = SqlKeeper.observations

    def counted(self, recorded_by=""):
        times.append(recorded_by)
        return whole(self, recorded_by)

    monkeypatch.setattr(SqlKeeper, "observations", counted)
    return times


def run(folder, *args):
    done = CliRunner().invoke(main, [*args, "--case", folder])
    assert done.exit_code == 0, done.output
    return done


@pytest.mark.parametrize(
    "args",
    [
        ("show", DEMO_PAIR[0]),
        ("names",),
        ("weigh", *DEMO_PAIR),
        ("relate", "--top", "2"),
        ("relate", "--by", "operator", "--top", "2"),
        ("assess", *DEMO_PAIR),
        ("judge", *DEMO_PAIR, "coordinated", "--because", "one loader", "--by", "Ann"),
        ("judge", "--list", *DEMO_PAIR),
        ("share", *DEMO_PAIR, "--format", "json"),
        ("share", *DEMO_PAIR, "--format", "json", "--to", "Vendor B"),
        ("share", *DEMO_PAIR, "--to", "Vendor B", "--preview"),
        ("share", "--format", "jsonl"),
        ("share", "--format", "jsonl", "--to", "Vendor B"),
        ("share", "--format", "jsonl", "--to", "Vendor B", "--losses"),
        ("partner", "publish", "Vendor B"),
        ("marking", "list"),
    ],
    ids=" ".join,
)
def test_a_verb_reads_the_observations_once(folder, read, args):
    """However many documents, views and counts it makes of them."""
    run(folder, *args)
    assert read == [""]


@pytest.mark.parametrize("args", [("partner", "list"), ("partner", "ledger"), ("audit", "list"), ("feed", "list")])
def test_what_needs_no_observation_reads_none(folder, read, args):
    """Partners, the ledger, the audit chain and feeds are shown without them."""
    run(folder, *args)
    assert read == []


def test_a_retraction_and_what_must_be_sent_read_them_once(folder, read, tmp_path):
    """Also where a document of many statements is made anew to know what it told."""
    with Case.open(folder) as case:
        seen = next(each for each in case.snapshot().observations if each.source.publisher == PUBLISHER)
    read.clear()
    done = run(folder, "retract", seen.id, "--because", "wrong", "--by", "Ann", "-o", str(tmp_path), "--json")
    assert read == [""]
    assert "Vendor-B.withdrawn.md" in json.loads(done.stdout)["files"]


def test_an_assessment_is_followed_to_its_sources_without_them(folder, read):
    """What an assessment rests on is kept with it."""
    with Case.open(folder) as case:
        kept = next(id for id, _ in case.keeper.results() if id.startswith("as-"))
    run(folder, "why", kept)
    assert read == []


def test_another_marking_reads_them_once(folder, read):
    """To find what it is about, and who was told."""
    with Case.open(folder) as case:
        seen = next(each for each in case.snapshot().observations if each.source.publisher == PUBLISHER)
    read.clear()
    run(folder, "declassify", seen.id, "--to", "green", "--because", "asked to", "--by", "Ann")
    assert read == [""]
