"""What holds of a case in a database beyond what every keeper does."""

import sqlite3

import pytest

from consilience.keep import open_case, store
from consilience.model.errors import CaseError
from consilience.model.observation import Observation
from consilience.model.reading import Reading
from consilience.model.relation import Judgement
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait

WHEN = "2024-01-01T00:00:00Z"


def reading(name, number):
    seen = Observation(
        subject=Subject("Vendor", name), trait=Trait("mutex", f"{name} {number}"), source=Source(publisher="Vendor")
    )
    return Reading(
        file=f"{name}.jsonl",
        format="jsonl",
        raw=f"{name} {number}".encode(),
        observations=(seen,) if number >= 0 else (),
    )


@pytest.fixture
def folder(tmp_path):
    case = open_case(str(tmp_path / "case"))
    for number in range(3):
        case.add(reading("a", number), WHEN)
    case.judge(Judgement(a="V/A", b="V/B", level="overlaps", because="so", by="Ann", recorded=WHEN, id="j1"))
    case.keep_result("as-1", {"p": 1})
    case.close()
    return tmp_path / "case"


def faults(folder):
    case = open_case(str(folder))
    found = case.verify()
    case.close()
    return found


def tamper(folder, *statements):
    """Change rows as somebody would who knows the database: without the triggers."""
    connection = sqlite3.connect(folder / "case.db")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_the_chain_of_an_untouched_case_holds(folder):
    """Nothing is found where nothing was done."""
    assert faults(folder) == ()


@pytest.mark.parametrize(
    ("statement", "first"),
    [
        (
            "UPDATE observation SET record = replace(record, 'mutex', 'mutey') WHERE import_id = 2",
            "import 2: is not as",
        ),
        ("UPDATE observation SET value = 'x' WHERE import_id = 2", "import 2: is not as"),
        ("UPDATE observation SET subject = 'x' WHERE import_id = 3", "import 3: is not as"),
        ("DELETE FROM observation WHERE import_id = 1", "import 1: is not as"),
        ("UPDATE import SET recorded = '2020-01-01T00:00:00Z' WHERE id = 2", "import 2: is not as"),
        ("UPDATE judgement SET record = replace(record, 'so', 'no')", "judgement j1: is not as"),
        ("UPDATE result SET document = '{}'", "result as-1: is not as"),
        ("DELETE FROM result", "result as-1: is not as"),
        (
            "INSERT INTO result (id, document) VALUES ('as-9', '{}')",
            "every result: the case holds 2, and the audit chain 1",
        ),
        ("UPDATE audit SET content = 'x' WHERE seq = 2", "audit entry 2: was changed"),
        ("DELETE FROM audit WHERE seq = 2", "audit entry 3: does not follow entry 1"),
        ("DELETE FROM audit WHERE seq = 5", "every result: the case holds 1, and the audit chain 0"),
    ],
)
def test_the_chain_names_what_was_done_to_a_case(folder, statement, first):
    """An edited, removed or added row is named, the earliest first."""
    tamper(folder, statement)
    found = faults(folder)
    assert str(found[0]).startswith(first)
    assert all(fault.todo for fault in found)


def test_replacing_a_row_is_refused(folder):
    """INSERT OR REPLACE does not delete past the triggers."""
    case = open_case(str(folder))
    with pytest.raises(Exception, match="append-only"), case._case.engine.begin() as connection:
        connection.exec_driver_sql("INSERT OR REPLACE INTO result (id, document) VALUES ('as-1', '{}')")
    assert list(case.results()) == [("as-1", {"p": 1})]
    case.close()


@pytest.mark.parametrize("harm", ["write_bytes", "unlink"])
def test_raw_bytes_that_were_harmed(folder, harm):
    """Damaged or missing raw bytes are told, and are mended by keeping the same bytes again."""
    sha256 = reading("a", 1).sha256
    path = folder / "raw" / sha256[:2] / sha256
    path.write_bytes(b"other") if harm == "write_bytes" else path.unlink()
    case = open_case(str(folder))
    (fault,) = case.verify()
    assert fault.where == f"raw {sha256}" and "read the original file again" in fault.todo
    with pytest.raises(CaseError, match=r"are (missing|damaged)"):
        case.raw(sha256)
    assert case.add(reading("a", 1), WHEN).new == 0
    assert case.raw(sha256) == b"a 1"
    assert case.verify() == ()
    case.close()


def test_an_import_that_fails_leaves_the_case_as_it_was(folder, monkeypatch):
    """Nothing is half written; the raw bytes that stay are used when the import is tried again."""
    case = open_case(str(folder))
    before = case.digest(), case.imports(), case.verify()

    def fail(*given):
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(store, "note", fail)
        with pytest.raises(CaseError, match="disk is full"):
            case.add(reading("b", 1), WHEN)
    assert (case.digest(), case.imports(), case.verify()) == before
    assert case.add(reading("b", 1), WHEN).new == 1
    assert case.raw(reading("b", 1).sha256) == b"b 1"
    case.close()


def test_a_disk_that_fails_under_the_raw_bytes(folder, monkeypatch):
    """A fault of the disk is a case error, no unfinished file stays, and the case is as it was."""
    case = open_case(str(folder))
    before = case.digest()

    def fail(handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", fail)
        with pytest.raises(CaseError, match="No space left"):
            case.add(reading("b", 1), WHEN)
    assert case.digest() == before
    assert not [path for path in (folder / "raw").rglob(".*") if path.is_file()]
    case.close()


def test_a_database_that_is_damaged_while_it_is_used(tmp_path):
    """Damage inside the database is a case error that says what to do, or a fault that verifying finds."""
    case = open_case(str(tmp_path))
    many = tuple(one for number in range(3_000) for one in reading("a", number).observations)
    case.add(Reading(file="f", format="jsonl", raw=b"r", observations=many), WHEN)
    case.close()
    content = bytearray((tmp_path / "case.db").read_bytes())
    content[len(content) // 3 :] = b"\xff" * (len(content) - len(content) // 3)
    (tmp_path / "case.db").write_bytes(content)
    case = open_case(str(tmp_path))
    with pytest.raises(CaseError, match="damaged"):
        list(case.observations())
    case.close()
