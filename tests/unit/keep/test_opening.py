"""Opening a case makes it, or says what is wrong, where, and what to do."""

import importlib.util
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

import consilience.keep
from consilience.keep import open_case, schema
from consilience.model.errors import CaseError

HERE = Path(__file__).parent
MIGRATIONS = Path(consilience.keep.__file__).parent / "migrations"


def refused(location):
    with pytest.raises(CaseError) as caught:
        open_case(str(location))
    assert caught.value.what and caught.value.todo
    return caught.value


def execute(folder, statement):
    connection = sqlite3.connect(folder / "case.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_folder_is_made_for_its_owner_only(tmp_path):
    """A new case with its parents is made, and only its owner can read it."""
    open_case(str(tmp_path / "a" / "b")).close()
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "a" / "b" / "case.db").stat().st_mode) == 0o600


def test_a_place_with_odd_characters(tmp_path):
    """Percent signs, spaces and question marks in a path are part of it."""
    open_case(str(tmp_path / "50% a?b #1 ü")).close()
    assert (tmp_path / "50% a?b #1 ü" / "case.db").stat().st_size


def test_a_file_is_no_case(tmp_path):
    """A path that is a file is refused with what to do."""
    (tmp_path / "file").write_text("x")
    assert "is a file" in refused(tmp_path / "file").what
    assert "cannot be made" in refused(tmp_path / "file" / "below").what


def test_a_folder_that_may_not_be_written(tmp_path, monkeypatch):
    """A folder without the right to write is refused before anything is tried in it."""
    open_case(str(tmp_path)).close()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    error = refused(tmp_path)
    assert error.what == "cannot be written" and error.where == str(tmp_path)


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_damaged_database(tmp_path, content):
    """A file that is no database is called damaged, and is left as it is."""
    (tmp_path / "case.db").write_bytes(content)
    error = refused(tmp_path)
    assert error.what == "the database is damaged" and "copy" in error.todo
    assert (tmp_path / "case.db").read_bytes() == content


def test_a_case_of_a_newer_version(tmp_path):
    """Unknown tables are not touched, and the error names the way out."""
    open_case(str(tmp_path)).close()
    execute(tmp_path, "UPDATE alembic_version SET version_num = '0999'")
    error = refused(tmp_path)
    assert "newer version" in error.what and "0999" in error.what and "install" in error.todo


def tables(folder):
    with closing(sqlite3.connect(folder / "case.db")) as connection:
        made = connection.execute("SELECT type, name, sql FROM sqlite_master")
        return {(kind, name, " ".join((sql or "").split())) for kind, name, sql in made}


def test_a_case_of_the_last_development_version(tmp_path):
    """A case that four migrations made has the same tables as a new one, and is used as it is."""
    new, old = tmp_path / "new", tmp_path / "old"
    old.mkdir()
    with closing(sqlite3.connect(old / "case.db")) as connection:
        connection.executescript((HERE / "development_case.sql").read_text("utf-8"))
    for folder in (new, old):
        with closing(open_case(str(folder))) as case:
            case.keep_result("x", {"a": 1})
            assert case.verify() == ()
    assert tables(new) == tables(old)


def test_the_database_of_another_program(tmp_path):
    """Tables that are not a case's are not mixed with one."""
    execute(tmp_path, "CREATE TABLE bookmarks (url TEXT)")
    assert "another program" in refused(tmp_path).what


@pytest.mark.parametrize("location", ["sqlite:///x.db", "postgresql://ann:secret@host/db", "mysql://host/db"])
def test_addresses_that_are_no_place_for_a_case(location):
    """Other addresses are refused with the one form that is right, and without the password."""
    error = refused(location)
    assert "postgresql+psycopg://" in error.todo
    assert "secret" not in str(error)


def test_an_address_that_cannot_be_read():
    """A broken address is refused without repeating it, because it may hold a password."""
    error = refused("postgresql+psycopg://ann:secret@host:port/db")
    assert "postgresql+psycopg://" in error.todo and "secret" not in str(error)


def test_without_the_driver_for_postgresql(monkeypatch):
    """The error names the extra to install and shows no password."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    error = refused("postgresql+psycopg://ann:secret@localhost/case")
    assert "consilience[postgresql]" in error.todo and "secret" not in str(error)


def test_opening_loads_only_what_it_needs(tmp_path):
    """Importing the room loads no database library, and opening a case that is up to date does not load Alembic."""
    open_case(str(tmp_path)).close()
    program = (
        "import sys, consilience.keep\n"
        "assert not {'sqlalchemy', 'alembic', 'msgspec', 'sqlite3'} & sys.modules.keys()\n"
        "consilience.keep.open_case(sys.argv[1]).close()\n"
        "assert 'sqlalchemy' in sys.modules and 'alembic' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)


def test_the_schema_names_the_revisions():
    """The schema names every revision, oldest first; that they give its tables is tested on every database."""
    script = ScriptDirectory(str(MIGRATIONS))
    assert tuple(reversed([step.revision for step in script.walk_revisions()])) == schema.REVISIONS


def test_pragmas_hold_on_every_connection(tmp_path):
    """Write-ahead log, full synchronisation and foreign keys are on, also on a second connection."""
    case = open_case(str(tmp_path))
    with case._case.engine.connect() as first, case._case.engine.connect() as second:
        for connection in (first, second):
            found = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "recursive_triggers")
            ]
            assert found == ["wal", 2, 1, 30_000, 1]
    case.close()
