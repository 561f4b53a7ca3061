"""The command line without the engine: what it prints where, with which exit status, and what it imports."""

import importlib.util
import json
import os
import pty
import shlex
import subprocess
import sys
import types
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest
from click.testing import CliRunner

from consilience.attribute import shipped_models
from consilience.cli import main
from consilience.cli.verbs import VERBS
from consilience.model.attribution import Attribution, Ranked, Reason
from consilience.model.audit import Fault
from consilience.model.channel import ApiKey
from consilience.model.errors import CaseError, InputError, Notice, Refusal, UnknownName
from consilience.model.feed import Feed
from consilience.model.knowledge import Knowledge
from consilience.model.parcel import Conversion, Loss, Parcel
from consilience.model.partner import Disclosure, Partner
from consilience.model.relation import Judgement, judgement_records
from consilience.model.ruling import Ruling
from consilience.model.shift import Shift
from consilience.model.snapshot import snapshot_of
from consilience.model.terms import MarkingTerms, RelabelTerms, RetractionTerms
from consilience.release.consequences import Consequences

ROOT = Path(__file__).resolve().parents[3]
HEAVY = ("sqlalchemy", "numpy", "pyarrow", "jinja2", "yaml", "rich", "consilience.case")
AXES = {
    "operator": ("same", "coordinated", "separate"),
    "developer": ("same", "shared-practice", "independent"),
    "supply": ("shared", "own"),
    "infrastructure": ("same-management", "shared-service", "separate"),
    "requirement": ("shared", "separate"),
    "sincerity": ("genuine", "imitated", "taken-over"),
    "name": ("same-referent", "part-of", "overlaps", "different"),
}


def evidence(number, weight):
    return {
        "id": f"ev-{number:02}",
        "kind": "mutex",
        "counted": {"operator": {"same": weight, "coordinated": 0.0}, "developer": {"same": weight / 2}},
        "why": f"reason {number}",
    }


def axis(hypotheses):
    even = dict.fromkeys(hypotheses, 1 / len(hypotheses))
    return {"position": hypotheses[0], "probabilities": even, "prior": even, "words": "likely", "because": "rule"}


EDGE = {
    "axis": "operator",
    "evidence": "ev-03",
    "kind": "mutex",
    "values": ["m"],
    "why": "same mutex m",
    "doubt": "one source",
    "removal": 2.0,
    "hypothesis": "same",
}
RECORD = {
    "id": "as-1",
    "a": "P/A",
    "b": "Q/B\x1b[31m",
    "as_of": "2023-12-11",
    "level": "shared-supplier",
    "level_because": "supply is settled",
    "tracking": "keep-distinct",
    "tracking_because": "two crews",
    "axes": {name: axis(hypotheses) for name, hypotheses in AXES.items()},
    "confidence": {"level": "low", "limited_by": ["one origin"]},
    "evidence": [evidence(number, float(number - 8)) for number in range(1, 15)],
    "sentences": [{"text": "A and B are likely apart.", "rests_on": ["ev-01"]}],
    "conflicts": [{"evidence": "ev-01", "kind": "mutex", "what": "P: shown; Q: not shown"}],
    "withheld": [
        {
            "observation": f"obs-{note}",
            "subject": "P/A",
            "kind": "mutex",
            "publisher": "P",
            "key_role": "",
            "note": note,
        }
        for note in ("", "two of them")
    ],
    "weakest_edge": EDGE | {"by_axis": {"operator": EDGE}},
    "runner_up": {
        "axis": "operator",
        "hypothesis": "coordinated",
        "account": "two teams run them",
        "probability": 0.25,
        "behind": "same",
    },
    "would_decide": [{"axis": "operator", "look_for": "mutex", "gain_bits": 0.5}],
}


DISCLOSURE = Disclosure(
    id="di-1",
    partner="Vendor B",
    assessment="as-1",
    a="P/A",
    b="Q/B",
    as_of="",
    format="html",
    sha256="5" * 64,
    recorded="2024-01-01T00:00:00Z",
    by="Ann",
    observations=("obs-1",),
)


SHARED = {
    "probability": 0.934,
    "said": "same operator",
    "reports": [
        {"subject": "P/A", "source": "R 2020", "published": "2020-03-01"},
        {"subject": "Q/B", "source": "S", "published": ""},
    ],
    "pairs": 3,
    "reasons": [{"kind": "baseline", "values": [], "weight": -9.5, "why": "what such a pair weighs alone"}],
}


CONFIGURATION = {
    "family": "Beak\x1b[2J",
    "layout": "direct",
    "found": {"offset": 16, "xor_key": "5a", "decoder": "beak.toml", "source": "Lab, 2024"},
    "entries": [{"name": "tcp", "settings": [["server_ip", "host", "192.0.2.7"]], "usage": "c2"}],
}
COMPARED = {
    "a": "x",
    "b": "y",
    "compared": [
        {
            "families": ["Beak", "Beak"],
            "fields": [
                {"field": "sleep", "type": "number", "state": state, "a": "5", "b": "6"}
                for state in ("same", "changed", "only in a", "only in b", "another order")
            ],
        }
    ],
    "counts": {"same": 1, "changed": 0},
    "keys_that_differ": ["encryption.key"],
}


class FakeAssessment:
    id = "as-1"
    relation = types.SimpleNamespace(a=RECORD["a"], b=RECORD["b"])

    def as_record(self):
        return dict(RECORD)


@dataclass
class FakeReading:
    file: str
    format: str = "jsonl"
    new: int = 2
    known: int = 1
    refusals: tuple = ()
    notices: tuple = ()
    held: tuple = ()


class FakeCase:
    """Answers every verb with a fixed value; `error` is raised instead; `refusals`, `faults`, `held` are told."""

    error = None
    refusals = ()
    held = ()
    faults = ()
    configurations = (CONFIGURATION,)
    models = shipped_models()
    opened: ClassVar[list[str]] = []

    @classmethod
    def open(cls, location):
        cls.opened.append(location)
        if cls.error:
            raise cls.error
        return cls()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def use_model(self, path):
        if not Path(path).exists():
            raise InputError("is missing", path, "fit one")

    def read(
        self,
        paths,
        *,
        publisher="",
        subject="",
        subject_type="",
        tlp="",
        despite_shift=None,
        decoders=(),
        rules="",
        progress=None,
    ):
        notices, held = (Notice("f", 1, "kind", "unknown kind"),), () if despite_shift else self.held
        return [FakeReading(path, refusals=self.refusals, notices=notices, held=held) for path in paths]

    def digest(self):
        return "d" * 64

    def attribute(self, paths, *, among="intrusion-set", top=5, cited=5, as_of="", progress=None):
        reason = Reason("mutex", ("m",), 3.2, "on 1 of 9")
        answer = Attribution("one", (Ranked("P/A", 0.75, 3.2, (reason,)),), 0.25)
        return types.SimpleNamespace(answers=(answer,), refusals=self.refusals, notices=())

    def snapshot(self, as_of=""):
        return snapshot_of([])

    def show(self, name, as_of=""):
        source = {"publisher": "P", "title": "T", "where": "p. 1", "published": "2023"}
        trait = {
            "kind": "mutex",
            "value": "zürich",
            "polarity": "absent",
            "rarity": "on 1 of 9",
            "first_seen": "2023",
            "last_seen": "2023",
            "sources": [source],
            "observations": ["obs-1"],
        }
        claim = {
            "kind": "same-as",
            "object": "Q/B",
            "confidence": "high",
            "publisher": "P",
            "where": "",
            "polarity": "present",
        }
        return {"subject": name, "type": "intrusion-set", "as_of": as_of, "traits": [trait], "claims": [claim]}

    def names(self, name="", as_of=""):
        claim = {
            "subject": "P/A",
            "kind": "same-as",
            "object": "Q/B",
            "publisher": "P",
            "confidence": "",
            "published": "2023",
            "polarity": "absent",
        }
        subject = {"name": "P/A", "type": "malware", "observations": 3}
        conflict = {"name": "A", "claims": [claim], "what": "two meanings"}
        return {"subjects": [subject], "claims": [claim], "conflicts": [conflict]}

    def weigh(self, a, b, as_of=""):
        return {"a": a, "b": b, "as_of": as_of, "evidence": RECORD["evidence"], "shared_software": SHARED}

    def relate(self, subject="", *, top=20, by="weight", as_of="", progress=None):
        axes = {"operator": "separate", "name": "undetermined"}
        row = {"a": "P/A", "b": "Q/B", "level": "unrelated", "weight": 4.2, "axes": axes}
        chances = (0.934, None) if by == "weight" else (0.934,)
        return [{**row, "same_operator": chance} for chance in chances][:top]

    def assess(self, a, b, as_of=""):
        return FakeAssessment()

    def assessment_record(self, a, b, as_of=""):
        record = FakeAssessment().as_record()
        words = judgement_records(self.judgements(record["a"], record["b"]))
        return {**record, "shared_software": SHARED, "judgements": words}

    def write(self, assessment, form, judgements=()):
        return f"{form} é\n".encode() + b"judged\n" * len(judgements)

    def why(self, id):
        chain = [
            {"level": "evidence", "id": id, "text": "same mutex"},
            {"level": "observation", "id": "obs-1", "text": "P says"},
        ]
        return {"id": id, "what": "evidence", "chain": chain}

    def audit(self, top):
        entry = {"seq": 1, "act": "import", "of": "1", "content": "c", "previous": "p", "hash": "h"}
        return [{**entry, "about": "a.jsonl", "recorded": "2024-01-01T00:00:00Z"}][:top]

    def verify(self, head=""):
        faults = [asdict(fault) for fault in self.faults]
        return {"sound": not faults, "entries": 1, "newest": "h", "faults": faults}

    @property
    def rulings(self):
        return self

    def partners(self):
        return [
            Partner(name="Vendor\x1b[2J", communities=("forum",), recorded="2024"),
            Partner(name="V", retired="2025"),
        ]

    def add_partner(self, name, communities=(), client=False, by=""):
        return Partner(name=name, communities=tuple(communities), client=client, recorded="2024", by=by)

    def retire_partner(self, name, by=""):
        return Partner(name=name, retired="2025")

    def ledger(self, partner=""):
        return [DISCLOSURE.as_record() | {"stale": stale} for stale in (False, True)]

    def map_marking(self, publisher, *, tlp="", community="", hide_source=None, because="", by):
        terms = MarkingTerms(tlp, community, hide_source)
        return Ruling(id="ru-1", kind="mapping", about=publisher, terms=terms, because=because, by=by, recorded="2024")

    def markings(self):
        return [{"publisher": "P", "printed": "", "tlp": tlp, "observations": 2, "mapped": {}} for tlp in ("", "green")]

    def relabel(self, what, tlp, because, by):
        return self.ruled("relabelling", what, RelabelTerms(tlp, ("",), ()), ())

    def retract(self, what, because, by):
        return self.ruled("retraction", what, RetractionTerms(), ("as-1",))

    def ruled(self, kind, about, terms, stale):
        ruling = Ruling(id="ru-1", kind=kind, about=about, terms=terms, because="so", by="Ann", recorded="2024")
        return Consequences(ruling, 2, (DISCLOSURE,), stale, Knowledge(None))

    def withdrawals(self, disclosures, known):
        return {f"{id}.md": b"withdrawn" for id in disclosures}

    def share(self, a, b, to, form, *, as_of="", by=""):
        return types.SimpleNamespace(content=f"{form} for {to}\n".encode(), disclosure=DISCLOSURE)

    @property
    def channels(self):
        return FakeChannels()

    @property
    def feeds(self):
        return FakeFeeds()

    def share_all(self, to, form, *, as_of="", by=""):
        parcel = Parcel(observations=(), to=to)
        entry = DISCLOSURE if to else None
        made = self.converted(to, form)
        return types.SimpleNamespace(content=made.content, losses=made.losses, parcel=parcel, disclosure=entry)

    def converted(self, to, form, *, as_of=""):
        lost = (Loss(what="shades", count=2, why="no place\x1b[2J", examples=("obs-1",)),) if to else ()
        return Conversion(content=f"all as {form} for {to}\n".encode(), losses=lost)

    def preview(self, a, b, to, as_of=""):
        axes = {"operator": {"position": "same", "probabilities": {"same": 0.9, "separate": 0.1}}}
        view = dict.fromkeys(("level", "tracking", "confidence", "marking", "evidence", "observations"), "x")
        views = {"ours": view | {"axes": axes}, "theirs": view | {"axes": axes} if to != "nobody" else None}
        differs = [{"what": "level", "ours": "same", "theirs": "unrelated"}]
        return {"a": a, "b": b, "as_of": as_of, "partner": to, "refused": "no subject", "differs": differs, **views}

    def judge(self, a, b, level, because, by):
        return Judgement(a=a, b=b, level=level, because=because, by=by, recorded="2024-01-01T00:00:00Z", id="ju-1")

    def full_names(self, *names):
        return [f"P/{name}" for name in names]

    def judgements(self, *names):
        common = {"a": "P/A", "b": "Q/B", "because": "so\x1b[2J", "by": "Ann", "recorded": "2024-01-01T00:00:00Z"}
        words = [Judgement(level=level, id=f"ju-{level}", **common) for level in ("same", "unrelated")]
        return [word for word in words if {"P/A"}.issuperset(names) or names == ("P/A", "Q/B\x1b[31m")]


FEED = Feed(
    name="partner\x1b[2J", root="https://t.example/api", collection="c", publisher="V", tlp="green", added="2024"
)


class FakeChannels:
    def publish(self, to, by=""):
        return {"partner": to, "added": 3, "withdrawn": 1, "held": 2}

    def new_key(self, partner, days=365, by=""):
        return ApiKey(id="wb_1", partner=partner, sha256="0", expires="2030", recorded="2024"), "s3cret"

    def retire_key(self, id):
        return ApiKey(id=id, partner="V", sha256="0", expires="2030", recorded="2024", retired="2025")


class FakeFeeds:
    def all(self):
        return [FEED, replace(FEED, name="other", added="", tlp="")]

    def add(self, feed, by):
        return feed

    def pull(self, name, decision=None, progress=None):
        if progress:
            progress(3, 0)
        row = Shift(assessment="as-1", a="A", b="B", as_of="", axis="operator", hypothesis="same", before=0, after=1)
        read = FakeReading("feed partner", refusals=(), notices=(), held=(row,) if name == "moving" else ())
        nothing = name == "quiet"
        return types.SimpleNamespace(feed=FEED, objects=0 if nothing else 3, pages=1, read=None if nothing else read)


@dataclass
class Protection:
    name: str
    holds: bool
    found: str


KIND = {
    "kind": "mutex",
    "form": "text",
    "vertex": "capability",
    "group": "host",
    "forging": "cheap",
    "meaning": "a name of a lock",
    "cap_operator": 10,
    "cap_other": None,
}


@pytest.fixture(autouse=True)
def case(monkeypatch, tmp_path):
    """A fake case in the place of the real one, and an empty folder to work in."""

    class Case(FakeCase):
        opened: ClassVar[list[str]] = []

    server = types.ModuleType("consilience.server.running")
    server.Address = lambda **given: types.SimpleNamespace(check=lambda: None, **given)
    server.serve = lambda case, place: None
    monkeypatch.setitem(sys.modules, "consilience.server.running", server)
    module = types.ModuleType("consilience.case")
    module.Case = Case
    module.kinds = lambda: [KIND]
    module.protections = lambda: [Protection("files closed", True, "version 7"), Protection("no fork", False, "\x1b")]
    module.relation_in = None
    module.configured = lambda path, location, decoders: types.SimpleNamespace(
        file=path, notices=(), refusals=Case.refusals
    )
    module.configurations_record = lambda found: {"file": found.file, "configurations": Case.configurations}
    module.as_maco = lambda found: b"[]\n"
    module.compared = lambda a, b: COMPARED
    module.demo_paths = lambda: ["one.jsonl"]
    module.DEMO_PAIR = ("P/A", "Q/B")
    module.DEMO_AS_OF = "2023-12-11"
    monkeypatch.setitem(sys.modules, "consilience.case", module)
    monkeypatch.delenv("CONSILIENCE_CASE", raising=False)
    monkeypatch.chdir(tmp_path)
    return Case


def run(*args):
    return CliRunner().invoke(main, args, prog_name="consilience")


USES = {
    "demo": ("demo",),
    "read": ("read", "a.jsonl"),
    "config": ("config", "x"),
    "show": ("show", "A"),
    "kinds": ("kinds",),
    "names": ("names",),
    "weigh": ("weigh", "A", "B"),
    "relate": ("relate", "A", "--top", "1"),
    "assess": ("assess", "A", "B", "--as-of", "2023-12"),
    "attribute": ("attribute", "activity.jsonl"),
    "why": ("why", "ev-1"),
    "judge": ("judge", "A", "B", "same", "--because", "x", "--by", "me"),
    "calibrate": ("calibrate", "--rounds", "2"),
    "audit": ("audit", "verify"),
    "doctor": ("doctor",),
    "serve": ("serve",),
    "feed": ("feed", "pull", "partner"),
    "share": ("share", "A", "B", "--format", "html", "-o", "out.html"),
    "partner": ("partner", "list"),
    "marking": ("marking", "list"),
    "declassify": ("declassify", "obs-1", "--to", "green", "--because", "x", "--by", "me"),
    "retract": ("retract", "obs-1", "--because", "x", "--by", "me"),
}


def test_help_imports_nothing_heavy():
    """`consilience --help` imports no verb, no case and no library that is slow to import."""
    code = (
        "import sys\nfrom consilience.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as end:\n    assert end.code == 0\n"
        f"verbs = ['consilience.cli.' + verb for verb in {list(VERBS)!r}]\n"
        f"sys.exit(' '.join(name for name in [*{HEAVY!r}, *verbs] if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
    assert all(f"  {verb} " in done.stdout for verb in VERBS)


def test_module_is_the_command():
    """`python -m consilience --version` prints the name and the version."""
    done = subprocess.run(
        [sys.executable, "-m", "consilience", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("consilience 0")


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb(verb):
    """The help of every verb opens with its line of the table and shows two examples that call it."""
    text = run(verb, "-h").output
    assert VERBS[verb] in text
    block = text.partition("Examples:\n")[2].partition("\n\n")[0]
    assert [line.split()[:2] for line in block.splitlines()] == [["consilience", verb]] * 2


@pytest.mark.parametrize("verb", VERBS)
def test_examples_can_be_parsed(verb):
    """Every example in a help text is a use that the verb accepts."""
    block = run(verb, "--help").output.partition("Examples:\n")[2].partition("\n\n")[0]
    for line in block.splitlines():
        args = shlex.split(line.partition(" > ")[0])[1:]
        assert run(*args).exit_code == 0, line


def test_reference_is_current():
    """docs/reference/cli.md is what the help texts give, with a line and a section for every verb."""
    spec = importlib.util.spec_from_file_location("reference_cli", ROOT / "benchmarks" / "reference_cli.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    assert page == module.reference()
    assert all(f"## consilience {verb}\n" in page for verb in VERBS)


def test_no_verb_shows_the_help_as_wrong_use():
    """The bare command writes its help to standard error and leaves with 2."""
    done = run()
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Verbs:" in done.stderr


@pytest.mark.parametrize("verb", VERBS)
def test_json_is_one_document(verb):
    """With --json every verb writes exactly one JSON document with sorted keys to standard output."""
    done = run(*USES[verb], "--json")
    assert done.exit_code == 0, done.output
    value = json.loads(done.stdout)
    assert json.dumps(value, sort_keys=True) == json.dumps(value)


@pytest.mark.parametrize("verb", VERBS)
def test_lines_for_people(verb):
    """Without --json every verb but share and serve, which write elsewhere, prints lines without control characters."""
    done = run(*USES[verb])
    assert done.exit_code == 0, done.output
    assert bool(done.stdout) is (verb not in {"share", "serve"})
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_takes_a_case(verb, case):
    """Every verb takes --case; those that work on one open what it names."""
    done = run(*USES[verb], "--case", "elsewhere")
    assert done.exit_code == 0, done.output
    assert case.opened == ([] if verb in {"config", "kinds", "doctor"} else ["elsewhere"])


@pytest.mark.parametrize("verb", ["weigh", "assess"])
def test_shared_software_stands_beside(verb):
    """What two reports that share software say is told with its reports and reasons, and is one key of the document."""
    printed = run(verb, "A", "B").stdout
    assert "93.4% one operator: the program says same operator" in printed
    assert "the likeliest of 3 pairs of reports: R 2020 (2020-03-01)  and  S (undated)" in printed
    assert "-9.5 dB  baseline" in printed
    assert json.loads(run(verb, "A", "B", "--json").stdout)["shared_software"] == SHARED


def test_related_pairs_show_one_operator():
    """A pair whose reports share software says how likely one operator is; another says nothing of it."""
    assert run("relate").stdout.count("reports that share software: 93% one operator") == 1
    assert len(json.loads(run("relate", "--by", "operator", "--json").stdout)) == 1
    assert run("relate", "--by", "name").exit_code == 2


def test_case_from_the_environment(case, monkeypatch):
    """CONSILIENCE_CASE names the case where --case is left out, and the demo leaves that case alone."""
    monkeypatch.setenv("CONSILIENCE_CASE", "winter")
    run("names")
    run("demo")
    assert case.opened[0] == "winter"
    assert "winter" not in case.opened[1]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("it is bad", "here", "mend it"), 2),
        (UnknownName("Sandmn", (("P/Sandman", "spelt much like it"),)), 2),
        (CaseError("two\nlines \x1b[2J", "case", "restore it"), 1),
        (PermissionError(13, "Permission denied", "case"), 1),
    ],
)
@pytest.mark.parametrize("extra", [(), ("--json",)])
def test_an_error_is_one_line(case, error, status, extra):
    """An error is one line on standard error that names the program, with nothing on standard output."""
    case.error = error
    done = run("show", "A", *extra)
    assert (done.exit_code, done.stdout) == (status, "")
    assert done.stderr.startswith("consilience: ")
    assert done.stderr.count("\n") == 1
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    "args",
    [
        ("nothing",),
        ("show",),
        ("show", ""),
        ("read",),
        ("read", "x", "--tlp", "pink"),
        ("assess", "A", "B", "--as-of", "2023-13"),
        ("assess", "A", "B", "--as-of", "yesterday"),
        ("assess", "A", "B", "--as-of", ""),
        ("relate", "--top", "0"),
        ("config",),
        ("config", "x", "--diff"),
        ("config", "x", "y", "z", "--diff"),
        ("config", "x", "y", "--maco"),
        ("config", "x", "--maco", "--json"),
        ("config", "x", "y", "--diff", "--maco"),
        ("judge", "A", "B", "same", "--by", "me"),
        ("judge", "A", "B", "same", "--by", "me", "--because", " "),
        ("judge", "A", "B", "--by", "me", "--because", "x"),
        ("judge",),
        ("judge", "--list", "A", "B", "same"),
        ("judge", "--list", "--by", "me"),
        ("audit",),
        ("audit", "mend"),
        ("share", "A", "B", "--format", "pdf"),
        ("share", "A", "B", "--format", "html", "--json"),
        ("share", "A", "B", "--format", "html", "-o", "no/such/folder/x.html"),
        ("share", "A", "B"),
        ("share", "A", "B", "--preview"),
        ("share", "A", "--format", "html"),
        ("share", "A", " ", "--format", "html"),
        ("share", "--format", "html"),
        ("share",),
        ("share", "A", "B", "--format", "jsonl"),
        ("share", "A", "B", "--format", "stix", "--losses"),
        ("share", "--format", "jsonl", "--judgements"),
        ("share", "--format", "jsonl", "--losses", "-o", "x.jsonl"),
        ("share", "--to", "V", "--preview"),
        ("feed", "pull"),
        ("feed", "add", "x"),
        ("feed", "pull", "x", "--despite-shift"),
        ("share", "A", "B", "--to", "V", "--preview", "--format", "html"),
        ("share", "A", "B", "--to", "V", "--preview", "-o", "x.html"),
        ("share", "A", "B", "--to", "V", "--format", "html", "--judgements"),
        ("partner", "add"),
        ("partner", "remove", " "),
        ("partner", "publish"),
        ("partner", "key", " "),
        ("partner", "list", "--client"),
        ("marking", "map", "P"),
        ("marking", "map", "--tlp", "green"),
        ("marking", "list", "P"),
        ("declassify", "obs-1", "--because", "x", "--by", "me"),
        ("declassify", "obs-1", "--to", "green", "--by", "me"),
        ("retract", "obs-1", "--by", "me"),
        ("--nothing",),
    ],
)
def test_wrong_use(args, case):
    """Wrong use is one line on standard error and exit status 2, before any case is opened."""
    done = run(*args)
    assert (done.exit_code, done.stdout, case.opened) == (2, "", [])
    assert done.stderr.startswith("consilience: ")
    assert done.stderr.count("\n") == 1


def test_a_held_file_gives_three(case):
    """What a held file would move is told on standard error, with the way to keep it, and the exit status is 3."""
    row = Shift(
        assessment="as-1", a="P/A", b="Q/B", as_of="", axis="operator", hypothesis="same", before=0.1, after=0.5
    )
    case.held = (row,)
    done = run("read", "f.jsonl", "--json")
    assert done.exit_code == 3
    record = json.loads(done.stdout)
    assert (record["held"], record["files"][0]["held"][0]["after"]) == (1, 0.5)
    assert "held: f.jsonl: operator same of P/A and Q/B, as of now, would move from 10% to 50%" in done.stderr
    assert "--despite-shift" in done.stderr
    decided = run("read", "f.jsonl", "--despite-shift", "--because", "seen", "--by", "A. Analyst", "--json")
    assert (decided.exit_code, json.loads(decided.stdout)["held"]) == (0, 0)


@pytest.mark.parametrize(
    "flags", [["--despite-shift"], ["--by", "A"], ["--despite-shift", "--because", " ", "--by", "A"]]
)
def test_a_decision_needs_a_reason_and_a_name(case, flags):
    """Without both, or without the decision they belong to, it is wrong use."""
    assert run("read", "f.jsonl", *flags).exit_code == 2


@pytest.mark.parametrize("verb", ["read", "demo"])
def test_refused_input_gives_three(case, verb):
    """Refused lines are told one by one on standard error, fifty at most, and the exit status is 3."""
    case.refusals = tuple(Refusal("f.jsonl", line, "kind", "is missing", "add it") for line in range(1, 61))
    done = run(*USES[verb], "--json")
    assert done.exit_code == 3
    json.loads(done.stdout)
    told = [line for line in done.stderr.splitlines() if line.startswith("refused: ")]
    assert told[0] == "refused: f.jsonl:1 [kind]: is missing; add it"
    assert told[50:] == ["refused: and 10 more"]


@pytest.mark.parametrize("extra", [(), ("--json",)])
def test_a_broken_case_gives_one(case, extra):
    """`audit verify` tells where, what and what to do on standard output, and the exit status is 1."""
    case.faults = (Fault("import 2", "is not as recorded\x1b[2J", "restore it"),)
    done = run("audit", "verify", *extra)
    assert (done.exit_code, done.stderr) == (1, "")
    assert all(told in done.stdout for told in ("import 2", "is not as recorded\\u001b[2J", "restore it"))


def test_audit_list():
    """`audit list` prints the entries with what they are about, when that was recorded, and their hashes."""
    assert run("audit", "list").stdout == "  1  import 1  a.jsonl, 2024-01-01T00:00:00Z\n      h\n"
    assert [entry["seq"] for entry in json.loads(run("audit", "list", "--json").stdout)] == [1]


def test_read_counts(case):
    """`read --json` counts per file and in sum, with the place and the remedy of each refusal."""
    case.refusals = (Refusal("a", 3, "kind", "is missing", "add it"),)
    told = json.loads(run("read", "a", "b", "--json").stdout)
    assert (told["new"], told["known"], told["refused"], told["digest"]) == (4, 2, 2, "d" * 64)
    assert told["files"][0] == {
        "file": "a",
        "format": "jsonl",
        "new": 2,
        "known": 1,
        "refused": [{"line": 3, "field": "kind", "what": "is missing", "todo": "add it"}],
        "notices": [{"line": 1, "field": "kind", "what": "unknown kind"}],
        "held": [],
    }


def test_assessment_for_people():
    """The rendering shows the verdict, the seven axes, twelve items strongest first, and how to go on."""
    lines = run("assess", "A", "B", "--case", "my case").stdout.splitlines()
    text = "\n".join(lines)
    assert lines[0] == "P/A  and  Q/B\\u001b[31m"
    assert "level      shared-supplier (supply is settled)" in text
    assert "tracking   keep-distinct (two crews)" in text
    told = {name: f"likely ({1 / len(hypotheses):.0%})" for name, hypotheses in AXES.items()}
    assert all(f"  {name:<15} {hypotheses[0]}, {told[name]}" in lines for name, hypotheses in AXES.items())
    assert any("██████████··········  at the start 50.0%" in line for line in lines)
    items = [line.split() for line in lines if line.startswith("  ev-")]
    assert len(items) == 12
    assert items[0][:3] == ["ev-01", "-7.0", "operator/same"]
    assert "  and 2 more, which count less (`consilience weigh` prints all)" in lines
    for title, line in (
        ("Sources that disagree", "mutex: P: shown; Q: not shown (ev-01)"),
        ("Known to a source but not published", "P/A: mutex, known to P"),
        ("Weakest evidence", "operator same: ev-03, same mutex m; without it -2.0 dB"),
        ("Second most likely", "operator: second is coordinated (25%; two teams run them), behind same"),
        ("What to look for next", "operator: another shared mutex (0.50 bits of information expected)"),
    ):
        assert lines[lines.index(title) + 1] == f"  - {line}"
    assert lines[-1].endswith("consilience why ev-01 --case 'my case'")


def test_judgements_are_listed():
    """All kept judgements are printed, or those on a subject, and the superseded ones say which word came later."""
    lines = run("judge", "--list").stdout.splitlines()
    assert lines[:2] == ["P/A  and  Q/B: same", "  so\\u001b[2J"]
    assert "  superseded by ju-unrelated" in lines
    assert lines.count("  superseded by ju-unrelated") == 1
    told = json.loads(run("judge", "--list", "A", "--json").stdout)
    assert [(word["id"], word["superseded_by"]) for word in told] == [("ju-same", "ju-unrelated"), ("ju-unrelated", "")]
    assert run("judge", "--list", "C").stdout == "no judgements yet\n"


def test_judgements_stand_beside_the_level():
    """An assessment prints the words of analysts below the machine's level, and its document has them under a key."""
    lines = run("assess", "A", "B").stdout.splitlines()
    place = lines.index("  level      shared-supplier (supply is settled)")
    assert lines[place + 1].startswith(
        "  judged     same, by Ann, 2024-01-01T00:00:00Z, superseded by a later judgement: so"
    )
    assert lines[place + 2].startswith("  judged     unrelated, by Ann, 2024-01-01T00:00:00Z: so")
    told = json.loads(run("assess", "A", "B", "--json").stdout)
    assert [word["level"] for word in told["judgements"]] == ["same", "unrelated"]
    beside = {"judgements", "shared_software"}
    assert {name: value for name, value in told.items() if name not in beside} == RECORD


def test_judgements_are_shared_when_asked_for():
    """A shared document holds the words of analysts only with --judgements."""
    assert run("share", "A", "B", "--format", "markdown").stdout == "markdown é\n"
    assert run("share", "A", "B", "--format", "markdown", "--judgements").stdout.count("judged") == 2


def test_share_to_a_partner(tmp_path):
    """With --to the document is the partner's, and --json names the entry of the ledger."""
    args = ("share", "A", "B", "--to", "V", "--format", "html")
    assert run(*args).stdout == "html for V\n"
    told = json.loads(run(*args, "-o", "x.html", "--json").stdout)
    assert (told["partner"], told["disclosure"], told["format"]) == ("Vendor B", "di-1", "html")


def test_all_that_may_be_told(tmp_path):
    """Without a pair every statement leaves, and what the format cannot hold is told first and in the document."""
    done = run("share", "--to", "V", "--format", "jsonl")
    assert done.stdout == "all as jsonl for V\n"
    assert "not held by jsonl: shades, 2 times: no place" in done.stderr and "\x1b" not in done.stderr
    told = json.loads(run("share", "--to", "V", "--format", "jsonl", "-o", "x.jsonl", "--json").stdout)
    assert (told["disclosure"], told["losses"][0]["what"]) == ("di-1", "shades")
    ours = json.loads(run("share", "--format", "jsonl", "-o", "x.jsonl", "--json").stdout)
    assert "partner" not in ours and ours["losses"] == []


def test_losses_before_anything_leaves(tmp_path):
    """With --losses only what the format cannot hold is printed, and nothing is written."""
    assert "shades, 2 times" in run("share", "--to", "V", "--format", "jsonl", "--losses").stdout
    assert run("share", "--format", "jsonl", "--losses").stdout == "Nothing is lost.\n"
    assert json.loads(run("share", "--format", "jsonl", "--losses", "--json").stdout) == {
        "format": "jsonl",
        "losses": [],
    }
    assert not list(tmp_path.iterdir())


def test_the_preview_shows_both_sides():
    """The preview prints both conclusions and where they differ, or that the partner may be told nothing."""
    text = run("share", "A", "B", "--to", "V", "--preview").stdout
    assert "For you only" in text
    assert "level: we say same, they would say unrelated" in text
    assert json.loads(run("share", "A", "B", "--to", "V", "--preview", "--json").stdout)["partner"] == "V"
    assert (
        "They may not be told of this pair: no subject" in run("share", "A", "B", "--to", "nobody", "--preview").stdout
    )


def test_partners_and_their_ledger():
    """Partners are printed with what they are, and the ledger says which documents are stale."""
    lines = run("partner", "list").stdout.splitlines()
    assert lines[0] == "Vendor\\u001b[2J"
    assert "of forum" in lines[1] and "no longer a partner since 2025" in lines[3]
    assert "client; of c" in run("partner", "add", "V", "--client", "--community", "c").stdout
    assert "no longer a partner" in run("partner", "remove", "V").stdout
    assert run("partner", "ledger", "V").stdout.count("STALE") == 1


def test_keys_and_what_is_published():
    """A new key prints its secret, an ended one never; publishing says what was added and withdrawn."""
    assert "password  s3cret" in run("partner", "key", "V").stdout
    assert json.loads(run("partner", "key", "V", "--json").stdout)["secret"] == "s3cret"
    ended = run("partner", "end-key", "wb_1").stdout
    assert "ended on 2025 and opens nothing" in ended and "s3cret" not in ended
    assert "3 objects and versions added, 1 withdrawn" in run("partner", "publish", "V").stdout


def test_markings_and_mappings():
    """What is unmarked goes to nobody and says so; a mapping is told in words."""
    text = run("marking", "list").stdout
    assert "P: 2 observations, unmarked: shared with no partner until you map it" in text
    assert "P: 2 observations, green (printed: nothing)" in text
    assert (
        "P: unmarked counts as green; green is for c; the source stays unknown"
        in run("marking", "map", "P", "--tlp", "green", "--community", "c", "--hide-source").stdout
    )


def test_a_retraction_names_who_was_told(tmp_path):
    """Stale assessments and partners are printed, and what must be sent is written where it is asked for."""
    text = run(*USES["retract"], "-o", "send").stdout
    assert "as-1" in text and "Vendor B" in text
    assert (tmp_path / "send" / "di-1.md").read_bytes() == b"withdrawn"
    assert "from unmarked to green" in run(*USES["declassify"]).stdout


def test_demo_writes_three_documents(tmp_path):
    """The demo writes its documents whole, and says where on standard error."""
    done = run("demo", "-o", "deep/er", "--json")
    written = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "deep" / "er").iterdir()}
    assert written == {"report.html": "html é\n", "assessment.json": "json é\n", "bundle.stix.json": "stix é\n"}
    assert all(name in done.stderr for name in written)


def test_share_to_standard_output():
    """A shared document goes to standard output byte for byte."""
    assert run("share", "A", "B", "--format", "markdown").stdout_bytes == "markdown é\n".encode()


def test_configurations(case):
    """A configuration is printed entry by entry with how it was found, and its absence is said; several are a list."""
    text = run("config", "x").stdout
    assert (
        "x: Beak\\u001b[2J (direct)" in text and "at 0x10, one-byte key 5a; decoder beak.toml, from Lab, 2024" in text
    )
    assert "tcp              server_ip 192.0.2.7  [c2]" in text
    assert run("config", "x", "--maco").stdout == "[]\n"
    assert len(json.loads(run("config", "x", "y", "--json").stdout)["files"]) == 2
    case.configurations, case.refusals = (), (Refusal("x", 0, "", "is broken", "mend it"),)
    done = run("config", "x")
    assert done.exit_code == 3 and "no decoder finds" in done.stdout and "refused: x: is broken" in done.stderr


def test_two_configurations():
    """Two configurations beside each other have a sign for each way to differ, and keys that differ are named."""
    lines = run("config", "x", "y", "--diff").stdout.splitlines()
    assert [line[:1] for line in lines if " sleep " in line] == ["=", "~", "-", "+", "%"]
    assert lines[-2:] == ["1 same", "keys that differ: encryption.key"]


def test_feeds():
    """Feeds are listed with how far they were read; a pull says what it brought, or that nothing is new, or held."""
    text = run("feed", "list").stdout
    assert "partner\\u001b[2J" in text and "read up to 2024" in text and "not read yet" in text
    args = ("--url", "https://t.example/api", "--collection", "c", "--publisher", "V", "--tlp", "green")
    assert "what is unmarked counts as green" in run("feed", "add", "new", *args).stdout
    assert "3 objects on 1 page; 2 observations new" in run("feed", "pull", "partner").stdout
    assert "nothing new" in run("feed", "pull", "quiet").stdout
    held = run("feed", "pull", "moving")
    assert held.exit_code == 3 and "held" in held.stdout and "--despite-shift" in held.stderr


def test_share_replaces_a_file_and_keeps_a_device(tmp_path):
    """A file is replaced whole, leaving nothing beside it, and a device is never replaced."""
    target = tmp_path / "report.html"
    target.write_text("old")
    run("share", "A", "B", "--format", "html", "-o", str(target))
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert target.read_text(encoding="utf-8") == "html é\n"
    assert run("share", "A", "B", "--format", "html", "-o", os.devnull).exit_code == 0
    assert Path(os.devnull).is_char_device()


def in_a_process(script, **options):
    source = f"import sys\nsys.path.insert(0, {str(ROOT / 'src')!r})\n{script}"
    return subprocess.Popen([sys.executable, "-c", source], **options)


def test_closed_pipe_is_quiet():
    """A reader that goes away early leaves no trace on standard error."""
    script = (
        "import click\nfrom consilience.cli import main\nfrom consilience.cli.output import say\n"
        "main.get_command = lambda ctx, name: "
        "click.Command('x', callback=lambda: [say([('line', '')] * 1000) for _ in range(1000)])\n"
        "main(['x'])"
    )
    child = in_a_process(script, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdout.readline()
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait() == 1


@pytest.mark.parametrize("no_colour", [False, True])
def test_terminal_gets_colour_unless_refused(no_colour):
    """On a terminal the same lines come in colour, and without any where NO_COLOR is set."""
    lead, follow = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm"}
    if no_colour:
        environment["NO_COLOR"] = "1"
    script = "from consilience.cli.output import say\nsay([('[red]Heading', 'cyan'), ('a b\\x1b[2J', '')])"
    child = in_a_process(script, stdout=follow, env=environment)
    assert child.wait() == 0
    os.close(follow)
    shown = os.read(lead, 4096).decode()
    os.close(lead)
    assert "[red]Heading" in shown
    assert "a b\\u001b[2J" in shown
    assert ("\x1b[36m" in shown) is not no_colour


def test_bar_appears_on_long_work_only(monkeypatch, capsys):
    """The bar stays away from short work and from a standard error that nobody watches."""
    from consilience.cli import progress

    with progress.bar("reading") as unwatched:
        assert unwatched is None
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with progress.bar("reading") as shown:
        shown(1, 2)
        assert capsys.readouterr().err == ""
        monkeypatch.setattr(progress, "PATIENCE", 0)
        shown(2, 2)
    assert "reading" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["attribute", "weigh", "assess", "relate", "calibrate"])
def test_a_model_is_named(verb):
    """Verbs that answer with fitted models take --model; one that cannot be used ends with 2 and says why."""
    Path("ours.json").write_text("{}", "utf-8")
    assert run(*USES[verb], "--model", "ours.json").exit_code == 0
    assert run(*USES[verb], "--model", "none.json").exit_code == 2


def test_calibration_page_is_written():
    """--html writes a page beside what is printed; a folder that is not there is wrong use."""
    done = run("calibrate", "--html", "figures.html")
    assert done.exit_code == 0, done.output
    assert Path("figures.html").read_text("utf-8").startswith("<!doctype html>")
    assert run("calibrate", "--html", "none/figures.html").exit_code == 2


@pytest.mark.parametrize("more", [("--ablations",), ("--html", "f.html"), ("--model", "m.json")])
def test_a_fit_stands_alone(more):
    """--fit with what belongs to another run is wrong use, and writes nothing."""
    assert run("calibrate", "--fit", "ours.json", *more).exit_code == 2
    assert not Path("ours.json").exists()
