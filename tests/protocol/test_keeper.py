"""What every keeper must do, whatever it keeps the case in.

PostgreSQL takes part when CONSILIENCE_TEST_POSTGRESQL holds the address of a database in which schemas can be made, as
`.ci/postgresql COMMAND` arranges. Every case is in a schema of its own, so that tests can run beside each other.
"""

import dataclasses
import os
import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consilience.keep import MemoryKeeper, open_case, schema
from consilience.model.channel import ApiKey, LogEntry
from consilience.model.code import Channel, CodeProfile, SampleCode
from consilience.model.errors import CaseError, InputError, Refusal, UnknownId
from consilience.model.observation import Observation, Polarity
from consilience.model.partner import Disclosure
from consilience.model.reading import Reading
from consilience.model.relation import Judgement
from consilience.model.ruling import Ruling
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.terms import PartnerTerms
from consilience.model.trait import Trait

EARLY, LATE = "2024-01-01T00:00:00Z", "2024-02-01T12:00:00Z"
ADDRESS = os.environ.get("CONSILIENCE_TEST_POSTGRESQL", "")

few = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Memory:
    """Makes cases in memory."""

    def new(self):
        return MemoryKeeper()


class Sqlite:
    """Makes cases in folders."""

    def __init__(self, root):
        self.root = root

    def reserve(self):
        self.location = str(self.root / uuid.uuid4().hex)

    def new(self):
        self.reserve()
        return open_case(self.location)

    def tamper(self, statement):
        with closing(sqlite3.connect(f"{self.location}/case.db")) as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute(statement)
            connection.commit()


class Postgresql:
    """Makes cases in schemas of one database."""

    def __init__(self):
        self.names = []

    def reserve(self):
        self.names.append("case_" + uuid.uuid4().hex)
        self.run(f"CREATE SCHEMA {self.names[-1]}")
        sign = "&" if "?" in ADDRESS else "?"
        self.location = f"{ADDRESS}{sign}options=-csearch_path%3D{self.names[-1]}"

    def new(self):
        self.reserve()
        return open_case(self.location)

    def tamper(self, statement):
        table = statement.split()[1]
        self.run(f"SET search_path = {self.names[-1]}; DROP TRIGGER {table}_refuses_change ON {table}; {statement}")

    def run(self, statement):
        import psycopg

        with psycopg.connect(ADDRESS.replace("+psycopg", ""), autocommit=True) as connection:
            # A test that failed may have left a transaction open, for which dropping its schema would wait for ever.
            connection.execute("SET lock_timeout = '10s'")
            connection.execute(statement)

    def clear(self):
        for name in self.names:
            self.run(f"DROP SCHEMA {name} CASCADE")


# The mark `skip` and no call of it, because pytest then tells most of these tests in one line.
SKIPPED = pytest.mark.skip(
    reason="no keeper was tested on PostgreSQL: run `.ci/postgresql make test`, or set CONSILIENCE_TEST_POSTGRESQL"
)
POSTGRESQL = pytest.param("postgresql", marks=() if ADDRESS else SKIPPED)


def places(kind, root):
    found = {"memory": Memory, "sqlite": lambda: Sqlite(root), "postgresql": Postgresql}[kind]()
    yield found
    if kind == "postgresql":
        found.clear()


@pytest.fixture(params=["memory", "sqlite", POSTGRESQL])
def place(request, tmp_path):
    yield from places(request.param, tmp_path)


@pytest.fixture(params=["sqlite", POSTGRESQL])
def database(request, tmp_path):
    yield from places(request.param, tmp_path)


@pytest.fixture
def keeper(place):
    kept = place.new()
    yield kept
    kept.close()


def seen(value, **fields):
    return Observation(
        subject=Subject("Vendor", "Alpha"),
        trait=Trait("domain-name", value),
        printed=value.replace(".", "[.]"),
        source=Source(publisher="Vendor", title="Report"),
        **fields,
    )


def reading(*values, raw=b"", **fields):
    return Reading(
        file="a.jsonl",
        format="jsonl",
        raw=raw or repr(values).encode(),
        observations=tuple(seen(value) for value in values),
        **fields,
    )


def sample(value="a.example", name="Alpha", constants=(7, 70_000)):
    """The reading of a sample, with what its code is made of."""
    column = Channel(np.array(constants, dtype=np.uint64), np.arange(len(constants)))
    profile = CodeProfile(sample="5" * 64, format="pe", machine="x86_64", channels={"constant": column})
    code = SampleCode(Subject("Vendor", name, "malware"), profile)
    found = reading(value)
    return dataclasses.replace(found, format="program", codes=(code,))


def ruling(id="ru-1", about="Vendor B", recorded=EARLY):
    terms = PartnerTerms(("forum",), False)
    return Ruling(id=id, kind="partner", about=about, terms=terms, because="ünlike", by="Ann", recorded=recorded)


def disclosure(id="di-1", partner="Vendor B", assessment="as-1", recorded=EARLY):
    return Disclosure(
        id=id,
        partner=partner,
        assessment=assessment,
        a="V/A",
        b="V/B",
        as_of="2023",
        format="stix",
        sha256="5" * 64,
        recorded=recorded,
        by="Ann",
        observations=("obs-1", "obs-2"),
    )


def fill(kept):
    """One write of every kind."""
    kept.add(reading("a.example"), EARLY)
    kept.judge(word("j1"))
    kept.keep_result("as-1", {"p": 1})
    kept.rule(ruling())
    kept.disclose(disclosure(), {"p": 1})
    kept.secret()


def word(id, a="V/A", b="V/B", recorded=EARLY, **fields):
    return Judgement(a=a, b=b, level="overlaps", because="ünlike", by="Ann", recorded=recorded, id=id, **fields)


# NUL is left out: PostgreSQL holds no text with it, and no reader lets it in.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
observed = st.builds(
    Observation,
    subject=st.builds(Subject, texts, texts, st.sampled_from(["intrusion-set", "malware"])),
    trait=st.builds(Trait, texts, texts),
    source=st.builds(
        Source,
        publisher=texts,
        title=texts,
        url=texts,
        id=texts,
        derived_from=texts,
        reliability=st.sampled_from(["A", "F", ""]),
        credibility=st.integers(1, 6),
    ),
    printed=texts,
    polarity=st.sampled_from(Polarity),
    exclusive=st.booleans(),
    **dict.fromkeys(["object", "first_seen", "last_seen", "published", "public_since", "where", "role"], texts),
    **dict.fromkeys(["key_role", "scope", "confidence", "note", "tlp", "withheld_id"], texts),
)
readings = st.builds(
    Reading,
    file=texts,
    format=st.just("jsonl"),
    raw=st.binary(max_size=8),
    observations=st.lists(observed, max_size=4).map(tuple),
)


def test_a_receipt_tells_new_from_known(keeper):
    """The first reading is all new, a second one that overlaps is new in part."""
    first = keeper.add(reading("a.example", "b.example"), EARLY)
    second = keeper.add(reading("b.example", "c.example"), LATE)
    assert (first.new, first.known, second.new, second.known) == (2, 0, 1, 1)
    assert first.sha256 == reading("a.example", "b.example").sha256


def test_a_statement_twice_in_one_file_counts_once(keeper):
    """Repeated lines are one observation."""
    receipt = keeper.add(reading("a.example", "a.example"), EARLY)
    assert (receipt.new, receipt.known) == (1, 0)


def test_reading_twice_changes_nothing(keeper):
    """The same file again adds no observation and no import, and leaves the digest as it is."""
    keeper.add(reading("a.example", "b.example"), EARLY)
    before = keeper.digest(), keeper.imports(), list(keeper.observations())
    receipt = keeper.add(reading("a.example", "b.example"), LATE)
    assert (receipt.new, receipt.known) == (0, 2)
    assert (keeper.digest(), keeper.imports(), list(keeper.observations())) == before


def test_the_same_bytes_read_anew_with_other_defaults_are_a_second_import(keeper):
    """An import is written when the bytes are known and an observation is not."""
    keeper.add(reading("a.example", raw=b"same"), EARLY)
    keeper.add(reading("b.example", raw=b"same"), LATE)
    assert [row["recorded"] for row in keeper.imports()] == [EARLY, LATE]


def test_other_bytes_with_known_observations_are_a_second_import(keeper):
    """A file is kept although it tells nothing new."""
    keeper.add(reading("a.example", raw=b"one"), EARLY)
    keeper.add(reading("a.example", raw=b"two"), LATE)
    assert len(keeper.imports()) == 2
    assert keeper.raw(reading(raw=b"two").sha256) == b"two"


@few
@given(first=readings, second=readings)
def test_the_order_of_reading_does_not_matter(place, first, second):
    """A then B is B then A: the same digest and the same observations."""
    one, other = place.new(), place.new()
    for kept, pair in ((one, (first, second)), (other, (second, first))):
        for each in pair:
            kept.add(each, EARLY)
    assert one.digest() == other.digest()
    assert [row.id for row in one.observations()] == [row.id for row in other.observations()]
    one.close()
    other.close()


@few
@given(given_reading=readings)
def test_what_goes_in_comes_out(place, given_reading):
    """Observations come back equal, with equal ids, in the order of their ids."""
    kept = place.new()
    kept.add(given_reading, EARLY)
    expected = {row.id: row for row in reversed(given_reading.observations)}
    came = list(kept.observations())
    assert [row.id for row in came] == sorted(expected)
    # Two statements with one id differ only in what an id does not cover; which of them is kept is not promised.
    assert all(row in given_reading.observations for row in came)
    kept.close()


def test_keepers_agree_on_digests(keeper):
    """A digest depends on the content and not on where it is kept."""
    memory = MemoryKeeper()
    for kept in (keeper, memory):
        kept.add(reading("a.example", "b.example"), EARLY)
        kept.judge(word("j1"))
    assert keeper.digest() == memory.digest()


def test_a_new_observation_and_a_judgement_change_the_digest(keeper):
    """Different content has different digests."""
    digests = [keeper.digest()]
    keeper.add(reading("a.example"), EARLY)
    digests.append(keeper.digest())
    keeper.judge(word("j1"))
    digests.append(keeper.digest())
    assert len(set(digests)) == 3


@pytest.mark.parametrize(
    ("by", "count"),
    [
        ("", 2),
        ("2023", 0),
        ("2023-12-31T23:59:59Z", 0),
        (EARLY, 1),
        ("2024-01-01", 1),
        ("2024-01", 1),
        ("2024-02-01", 2),
        ("2024-02-01T11:59:59Z", 1),
        ("2024-02-01T13:00:00+02:00", 1),
        (LATE, 2),
    ],
)
def test_what_was_known_at_a_time(keeper, by, count):
    """Observations recorded up to and including a time or a whole day; a second reading does not make them younger."""
    keeper.add(reading("a.example"), EARLY)
    keeper.add(reading("a.example", "b.example"), LATE)
    assert len(list(keeper.observations(by))) == count


@pytest.mark.parametrize("written", ["2024-01-01T01:00:00+01:00", "2024-01-01", "2024-01-01T00:00:00.25", " " + EARLY])
def test_recorded_times_are_kept_in_one_spelling(keeper, written):
    """Any ISO spelling of a time is kept as UTC to the second."""
    keeper.add(reading("a.example"), written)
    assert keeper.imports()[0]["recorded"] == EARLY


def test_a_time_that_is_none_is_refused_and_nothing_is_kept(keeper):
    """A text that is not a date is an input error, for recording and for asking."""
    with pytest.raises(InputError, match="not a date"):
        keeper.add(reading("a.example"), "yesterday")
    with pytest.raises(InputError, match="not a date"):
        keeper.observations("yesterday")
    with pytest.raises(InputError, match="not a date"):
        keeper.judge(word("j1", recorded="yesterday"))
    assert not list(keeper.observations()) and not keeper.imports() and not keeper.judgements()


def test_imports_tell_what_was_read(keeper):
    """An import has the documented fields, oldest first, and its refusals can be read again."""
    refusal = Refusal("a.jsonl", 3, "value", "is no domain", "mend it")
    keeper.add(reading("a.example", refusals=(refusal,)), LATE)
    keeper.add(reading("b.example"), EARLY)
    assert keeper.imports()[0] == {
        "id": "1",
        "file": "a.jsonl",
        "format": "jsonl",
        "sha256": reading("a.example").sha256,
        "recorded": LATE,
        "observations": 1,
        "refused": 1,
    }
    assert [row["recorded"] for row in keeper.imports()] == [LATE, EARLY]
    assert keeper.refusals(reading("a.example").sha256) == (refusal,)
    assert keeper.refusals(reading("b.example").sha256) == ()


def test_a_file_without_one_good_line_is_kept(keeper):
    """Raw bytes and refusals are kept although no observation came out."""
    keeper.add(reading(raw=b"broken"), EARLY)
    keeper.add(reading(raw=b"broken"), LATE)
    assert keeper.raw(reading(raw=b"broken").sha256) == b"broken"
    assert len(keeper.imports()) == 1


@pytest.mark.parametrize("raw", [b"\0\xff", b"x" * 300_000])
def test_raw_bytes_come_back_as_they_were(keeper, raw):
    """Any bytes are kept under their digest."""
    receipt = keeper.add(reading("a.example", raw=raw), EARLY)
    assert keeper.raw(receipt.sha256) == raw


@pytest.mark.parametrize("sha256", ["0" * 64, "", "../case.db", "zz/../../case.db"])
def test_a_digest_that_was_never_read_is_unknown(keeper, sha256):
    """A digest without a file is an unknown id, also one made to look like a path."""
    with pytest.raises(UnknownId):
        keeper.raw(sha256)


def test_judgements_on_a_pair_in_either_order(keeper):
    """Judgements come back equal, oldest first, whichever way round the pair is asked for."""
    words = [word("j3", recorded="2024-03-01T00:00:00+05:00"), word("j1", a="V/B", b="V/A"), word("j2", b="V/C")]
    for each in words:
        keeper.judge(each)
    assert keeper.judgements("V/A", "V/B") == (words[1], words[0])
    assert keeper.judgements("V/B", "V/A") == (words[1], words[0])
    assert keeper.judgements("V/C") == (words[2],)
    assert keeper.judgements() == (words[1], words[2], words[0])
    assert keeper.judgements("V/A", "V/Z") == ()


def test_a_judgement_is_never_replaced(keeper):
    """The same id a second time changes nothing."""
    keeper.judge(word("j1"))
    keeper.judge(word("j1", b="V/C"))
    assert keeper.judgements() == (word("j1"),)


def test_results_newest_first_and_once_only(keeper):
    """Result documents come back newest first, and the first document of an id stays."""
    for id, document in (("as-1", {"p": 0.1, "w": [1, "é", None]}), ("as-2", {"p": 2}), ("as-1", {"p": 3})):
        keeper.keep_result(id, document)
    assert list(keeper.results()) == [("as-2", {"p": 2}), ("as-1", {"p": 0.1, "w": [1, "é", None]})]


def test_a_result_is_kept_as_it_was(keeper):
    """Changing a document after it was kept, or one that came back, does not change what is kept."""
    document = {"rows": [1]}
    keeper.keep_result("as-1", document)
    document["rows"].append(2)
    next(iter(keeper.results()))[1]["rows"].append(3)
    assert list(keeper.results()) == [("as-1", {"rows": [1]})]


def test_rulings_come_back_in_their_order(keeper):
    """Rulings come back equal in the order in which they were kept, and the first of an id stays."""
    rows = [ruling("ru-2", recorded=LATE), ruling("ru-1")]
    for each in (*rows, ruling("ru-2", about="Vendor C")):
        keeper.rule(each)
    assert tuple(keeper.rulings()) == tuple(rows)


def test_what_is_disclosed_is_kept_with_the_result(keeper):
    """A disclosure keeps the result document too, once, and comes back equal, for its partner and among all."""
    rows = [disclosure(), disclosure("di-2", "Vendor C", "as-2")]
    for each in (*rows, disclosure("di-1", "Vendor D")):
        keeper.disclose(each, {"id": each.assessment})
    assert tuple(keeper.disclosures()) == tuple(rows)
    assert tuple(keeper.disclosures("Vendor C")) == (rows[1],)
    assert tuple(keeper.disclosures("Vendor D")) == ()
    assert [id for id, _ in keeper.results()] == ["as-2", "as-1"]
    keeper.keep_result("as-1", {"id": "other"})
    assert dict(keeper.results())["as-1"] == {"id": "as-1"}


def test_a_ruling_or_disclosure_without_a_time_is_refused(keeper):
    """A text that is not a date is an input error, and nothing is kept, not even the result."""
    with pytest.raises(InputError, match="not a date"):
        keeper.rule(ruling(recorded="yesterday"))
    with pytest.raises(InputError, match="not a date"):
        keeper.disclose(disclosure(recorded="yesterday"), {})
    assert not keeper.rulings() and not keeper.disclosures() and not list(keeper.results())


def test_the_secret_is_made_once(place):
    """A case has one secret, of which no other case has the same, and it is in the audit chain once."""
    one, other = place.new(), place.new()
    assert one.secret() == one.secret() != other.secret()
    assert len(one.secret()) == 32
    assert [entry.act for entry in one.audit()] == ["secret"]
    one.close()
    other.close()


def test_writing_while_observations_are_read(keeper):
    """A half read list of observations neither stops a write nor sees it."""
    keeper.add(reading("a.example", "b.example"), EARLY)
    rows = keeper.observations()
    first = next(rows)
    keeper.add(reading("c.example"), LATE)
    assert len([first, *rows]) == 2
    assert len(list(keeper.observations())) == 3


def test_a_case_opened_again_is_the_same(database):
    """Everything is there after closing and opening, and the audit chain holds."""
    kept = database.new()
    receipt = kept.add(reading("a.example", "b.example"), EARLY)
    kept.judge(word("j1"))
    kept.keep_result("as-1", {"p": 1})
    kept.rule(ruling())
    kept.disclose(disclosure(), {"p": 1})

    def told(case):
        lists = list(case.observations()), case.imports(), case.judgements(), list(case.results())
        return case.digest(), *lists, case.rulings(), case.disclosures(), case.secret()

    before = told(kept)
    kept.close()
    again = open_case(database.location)
    assert told(again) == before
    assert again.raw(receipt.sha256) == reading("a.example", "b.example").raw
    assert again.verify() == ()
    again.close()


def test_a_case_of_an_early_development_version_is_refused(database):
    """Tables from before the first release that lack some of its own are left alone; the error names the way out."""
    kept = database.new()
    with kept._case.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0003'")
    kept.close()
    with pytest.raises(CaseError) as caught:
        open_case(database.location)
    assert "development version" in caught.value.what and "0003" in caught.value.what
    assert "new case" in caught.value.todo


def test_rows_can_neither_be_changed_nor_deleted(database):
    """The database itself refuses UPDATE and DELETE on every table."""
    kept = database.new()
    fill(kept)
    before = kept.digest(), kept.imports(), list(kept.results())
    for table, name in (
        ("import", "file"),
        ("observation", "record"),
        ("judgement", "record"),
        ("result", "document"),
        ("ruling", "record"),
        ("disclosure", "record"),
        ("secret", "bytes"),
        ("audit", "hash"),
    ):
        for statement in (f"UPDATE \"{table}\" SET {name} = 'x'", f'DELETE FROM "{table}"'):
            with pytest.raises(Exception, match="append-only"), kept._case.engine.begin() as connection:
                connection.exec_driver_sql(statement)
    assert (kept.digest(), kept.imports(), list(kept.results())) == before
    assert kept.verify() == ()
    kept.close()


def test_every_write_is_an_entry_of_the_audit_chain(keeper):
    """Entries come newest first, each on the one before, none for a write that changed nothing, and all hold."""
    assert list(keeper.audit()) == []
    for _ in range(2):
        fill(keeper)
    entries = list(keeper.audit())
    assert [(entry.seq, entry.act, entry.of) for entry in entries] == [
        (6, "secret", "pseudonyms"),
        (5, "disclosure", "di-1"),
        (4, "ruling", "ru-1"),
        (3, "result", "as-1"),
        (2, "judgement", "j1"),
        (1, "import", keeper.imports()[0]["id"]),
    ]
    assert [entry.previous for entry in entries] == [*(entry.hash for entry in entries[1:]), "0" * 64]
    assert list(keeper.verify()) == []


TAMPERING = {
    "import": "UPDATE observation SET value = 'x'",
    "judgement": "UPDATE judgement SET record = replace(record, 'Ann', 'Bob')",
    "result": "UPDATE result SET document = '{}'",
    "ruling": "UPDATE ruling SET about = 'Vendor C'",
    "disclosure": "UPDATE disclosure SET partner = 'Vendor C'",
    "secret": "UPDATE secret SET bytes = ''",
}


@pytest.mark.parametrize("act", TAMPERING)
def test_what_was_changed_past_the_keeper_is_found(database, act):
    """Somebody who drops the triggers can change a row, and the chain names what the row is part of."""
    kept = database.new()
    fill(kept)
    database.tamper(TAMPERING[act])
    (fault,) = kept.verify()
    entry = next(entry for entry in kept.audit() if entry.act == act)
    assert fault.where == f"{act} {entry.of}"
    assert fault.what == f"is not as audit entry {entry.seq} recorded it" and "copy" in fault.todo
    kept.close()


@pytest.mark.parametrize("act", TAMPERING)
def test_what_was_changed_in_memory_is_found(act):
    """The keeper in memory finds what was changed past it, as the others do."""
    kept = MemoryKeeper()
    fill(kept)
    harm = {
        "import": lambda: kept._observations.update(dict.fromkeys(kept._observations, (seen("b.example"), EARLY))),
        "judgement": lambda: kept._judgements.update(j1=word("j1", b="V/C")),
        "result": kept._results.clear,
        "ruling": lambda: kept._rulings.update({"ru-1": b"{}"}),
        "disclosure": kept._disclosures.clear,
        "secret": lambda: kept._secrets.update(pseudonyms=b""),
    }
    harm[act]()
    of = {"import": "1", "judgement": "j1", "result": "as-1", "ruling": "ru-1", "disclosure": "di-1"}
    assert next(iter(kept.verify())).where == f"{act} {of.get(act, 'pseudonyms')}"


WRITER = """
import sys
from consilience.keep import open_case
from consilience.model.observation import Observation, Source, Subject, Trait
from consilience.model.reading import Reading
location, name = sys.argv[1:]
case = open_case(location)
for number in range(15):
    common = {"subject": Subject("Vendor", name), "source": Source(publisher="Vendor")}
    seen = tuple(Observation(trait=Trait("mutex", value), **common) for value in ("shared", f"{name} {number}"))
    case.add(Reading(file=name, format="jsonl", raw=f"{name} {number}".encode(), observations=seen), "2024-01-01")
case.close()
"""


def test_several_processes_write_at_once(database):
    """Four processes that make and fill one case at the same moment all succeed, and nothing is lost or kept twice."""
    database.reserve()
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, database.location, f"writer{number}"]) for number in range(4)
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    case = open_case(database.location)
    assert len(case.imports()) == 60
    assert len(list(case.observations())) == 64
    assert case.verify() == ()
    case.close()


def test_the_tables_are_those_of_the_schema(database):
    """The revisions make exactly the tables, columns and indexes that the schema tells of, in either database."""
    kept = database.new()
    with kept._case.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    kept.close()


def entry(seq, partner="vendor b", **fields):
    told = {"object": f"note--{seq}", "version": LATE, "added": LATE, "sha256": "00", "text": "{}"}
    return LogEntry(seq=seq, partner=partner, **{**told, **fields})


def test_the_log_of_a_partner_is_counted_for_them_alone(keeper):
    """Entries come back in order from any place, each partner's counted from 1, and never out of turn."""
    keeper.publish("vendor b", [entry(1), entry(2)])
    keeper.publish("vendor c", [entry(1, "vendor c", gone=True, text="")])
    keeper.publish("vendor b", [])
    for wrong in ([entry(2)], [entry(4)]):
        with pytest.raises(CaseError):
            keeper.publish("vendor b", wrong)
    with pytest.raises(InputError):
        keeper.publish("vendor b", [entry(3, "vendor c")])
    keeper.publish("vendor b", [entry(3)])
    assert list(keeper.release_log("vendor b")) == [entry(1), entry(2), entry(3)]
    assert list(keeper.release_log("vendor b", 2)) == [entry(3)]
    assert list(keeper.release_log("vendor c")) == [entry(1, "vendor c", gone=True, text="")]
    assert [row.act for row in keeper.audit()] == ["release"] * 3
    assert not keeper.verify()


def test_the_newest_state_of_a_key_holds(keeper):
    """A key that was retired stays so, and the audit chain has both states."""
    key = ApiKey(id="k1", partner="Vendor B", sha256="ab", expires=LATE, recorded=EARLY)
    other = replace(key, id="k0")
    for each in (key, other, replace(key, retired=LATE), replace(key, retired=LATE)):
        keeper.keep_key(each)
    assert keeper.api_keys() == (other, replace(key, retired=LATE))
    assert len(list(keeper.audit())) == 3
    assert not keeper.verify()


def test_what_code_is_made_of_is_kept_with_its_reading(keeper):
    """A code profile comes back as it was, once, and another subject's word on the same sample stands beside it."""
    assert list(keeper.codes()) == []
    keeper.add(sample(), EARLY)
    keeper.add(sample(), LATE)
    (kept,) = keeper.codes()
    assert kept.subject == Subject("Vendor", "Alpha", "malware") and kept.id == sample().codes[0].id
    assert kept.profile.bytes == sample().codes[0].profile.bytes
    assert kept.profile.channel("constant").value.tolist() == [7, 70_000]
    keeper.add(sample(name="Beta"), LATE)
    assert [code.id for code in keeper.codes()] == sorted(sample(name=name).codes[0].id for name in ("Alpha", "Beta"))
    assert len(keeper.imports()) == 2 and not keeper.verify()


def test_changed_code_is_found(database):
    """A code profile that was changed behind the case's back is a fault of its import."""
    kept = database.new()
    kept.add(sample(), EARLY)
    assert not kept.verify()
    database.tamper("UPDATE code SET sha256 = 'other'")
    assert any(fault.where.startswith("import") or "import" in str(fault) for fault in kept.verify())
    kept.close()
