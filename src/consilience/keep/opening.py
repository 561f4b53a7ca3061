"""Opening the database of a case: making it, upgrading it, or saying why neither can be done."""

from __future__ import annotations

import importlib.util
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, inspect, make_url, select, table
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.sql import column

from consilience.keep import schema
from consilience.keep.blobs import BlobFolder, Blobs, BlobTable
from consilience.model.errors import CaseError

POSTGRESQL = "postgresql+psycopg://"
BUSY_SECONDS = 30
_PAUSE_SECONDS = 0.01
_WRITING = "writing"
# Any number would do, as long as every version of this program takes the same.
_WRITERS_LOCK = 4_716_240_921
DAMAGED = "restore the case from a copy, or read the files in its folder raw/ into a new case"
_VERSION = table("alembic_version", column("version_num"))
_PRAGMAS = (
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",  # else INSERT OR REPLACE deletes past the triggers that refuse DELETE
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA cache_size=-131072",
)
_REMEDIES = (
    (
        ("not a database", "malformed", "corrupt"),
        "the database is damaged",
        DAMAGED,
    ),
    (("locked",), "another process is writing to the case", "try again when it has finished"),
    (("full", "no space"), "the disk is full", "free some space and try again; nothing was half written"),
    (
        ("readonly", "unable to open"),
        "the database cannot be written",
        "look at the rights of the folder and its files",
    ),
    (("connect", "refused", "authentication"), "the database cannot be reached", "look at the address and its server"),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A database with the newest tables, where bytes that were read go, and the name of the place to show."""

    engine: Engine
    blobs: Blobs
    where: str


def opened(location: str) -> Opened:
    """The case at this place, made or upgraded where needed.

    Raises:
        CaseError: the place cannot be used, the case was made by a newer version, or it is damaged.
    """
    found = _in_database(location) if "://" in location else _in_folder(location)
    try:
        with explained(found.where):
            _bring_up_to_date(found)
    except BaseException:
        found.engine.dispose()
        raise
    return found


@contextmanager
def writing(found: Opened) -> Iterator[Connection]:
    """A transaction that waits for other writers at its beginning, and is committed at the end of the block.

    A transaction that only turned to writing later could find the case changed under it, and would have to fail.
    """
    # PostgreSQL must look at the case anew after it waited for the lock, not as it was before.
    options = {"isolation_level": "READ COMMITTED"} if found.engine.name == "postgresql" else {_WRITING: True}
    with (
        explained(found.where),
        found.engine.connect().execution_options(**options) as connection,
        connection.begin(),
    ):
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_WRITERS_LOCK)))
        yield connection


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Within the block, faults of the database and the disk become errors that say where and what to do."""
    try:
        yield
    except (DBAPIError, sqlite3.Error, OSError) as fault:
        raise _case_error(fault, where) from fault


def _case_error(fault: Exception, where: str) -> CaseError:
    if isinstance(fault, OSError):
        return CaseError(
            f"cannot be read or written: {fault.strerror or fault}", where, "look at the disk and its rights"
        )
    said = str(fault.orig if isinstance(fault, DBAPIError) else fault)
    for words, what, todo in _REMEDIES:
        if any(word in said.casefold() for word in words):
            return CaseError(what, where, todo)
    return CaseError(
        f"the database failed: {said.splitlines()[0] if said else type(fault).__name__}", where, "try again"
    )


def _in_folder(location: str) -> Opened:
    root = Path(location)
    database = root / "case.db"
    if root.exists() and not root.is_dir():
        raise CaseError("is a file and not the folder of a case", location, "name a folder; it is made if absent")
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not database.exists():
            _make_file(database)
        able = os.access(root, os.W_OK) and os.access(database, os.R_OK | os.W_OK)
    except OSError as fault:
        raise CaseError(f"cannot be made: {fault.strerror}", location, "name a folder that you may write to") from fault
    if not able:
        raise CaseError("cannot be written", location, "name a folder that you may write to")
    engine = create_engine(
        URL.create("sqlite", database=str(database)),
        hide_parameters=True,
        paramstyle="named",  # as in PostgreSQL, so that rows go to either driver as they are
        connect_args={"timeout": BUSY_SECONDS},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Opened(engine, BlobFolder(root / "raw"), location)


def _make_file(database: Path) -> None:
    """Make the file for its owner only. A file that is there is not opened: closing it would drop SQLite's locks."""
    try:
        os.close(os.open(database, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None  # the driver begins no transactions of its own; `_begin_sqlite` does
    connection.execute("PRAGMA page_size=16384")  # of a new database; large imports commit in two thirds of the time
    _write_ahead(connection)
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn on the write-ahead log. SQLite does not wait for its lock here, so two that make one case could collide."""
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as fault:
            if "locked" not in str(fault) or time.monotonic() > give_up:
                raise
            time.sleep(_PAUSE_SECONDS)


def _begin_sqlite(connection: Connection) -> None:
    writes = dict(connection.get_execution_options()).get(_WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _in_database(location: str) -> Opened:
    try:
        address = make_url(location)
    except (ArgumentError, ValueError):
        raise CaseError("the address of the case cannot be read", todo=f"write {POSTGRESQL}…") from None
    where = address.render_as_string(hide_password=True)
    if not location.startswith(POSTGRESQL):
        raise CaseError("cannot hold a case", where, f"name a folder, or a database as {POSTGRESQL}…")
    if importlib.util.find_spec("psycopg") is None:
        raise CaseError(
            "the driver for PostgreSQL is not installed",
            where,
            "install the extra: pip install 'consilience[postgresql]'",
        )
    engine = create_engine(address, hide_parameters=True, isolation_level="REPEATABLE READ")
    return Opened(engine, BlobTable(), where)


def _bring_up_to_date(found: Opened) -> None:
    with found.engine.connect() as connection:
        if _revision(connection, found.where) == schema.HEAD:
            return
    with writing(found) as connection:
        # Asked again, because another process may have made or upgraded the case while this one waited.
        if _revision(connection, found.where) != schema.HEAD:
            _upgrade(connection)


def _revision(connection: Connection, where: str) -> str:
    """The revision of the tables, empty when there are none."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return ""
    if _VERSION.name not in tables:
        raise CaseError("holds the tables of another program", where, "name another place for the case")
    revision = str(connection.scalar(select(_VERSION.c.version_num)))
    if revision < schema.REVISIONS[0]:
        raise CaseError(
            f"was made by a development version of consilience (tables {revision}, now {schema.HEAD})",
            where,
            "read the original files into a new case",
        )
    if revision not in schema.REVISIONS:
        raise CaseError(
            f"was made by a newer version of consilience (tables {revision}, this one knows {schema.HEAD})",
            where,
            "install the newer version, or name another case",
        )
    return revision


def _upgrade(connection: Connection) -> None:
    # Imported only here, because a case that is up to date need not pay for it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
