"""The raw bytes that were read, under their SHA-256: as files in the folder of a case, or as rows of its database."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, insert, select

from consilience.keep import schema


class Blobs(Protocol):
    """Where raw bytes are kept."""

    def keep(self, connection: Connection, sha256: str, raw: bytes) -> None:
        """Keep these bytes, so that they are there when the transaction of this connection is committed."""

    def get(self, connection: Connection, sha256: str) -> bytes | None:
        """The bytes kept under this digest, or None when there are none."""


class BlobFolder:
    """Raw bytes as files `ab/abcdef…`, each written whole under another name and then renamed.

    A file may outlive a transaction that failed: it is harmless, and used when the same bytes come again.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def keep(self, connection: Connection, sha256: str, raw: bytes) -> None:
        """Keep these bytes; when this returns they are on the disk."""
        path = self._path(sha256)
        if _holds(path, sha256):
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            Path(unfinished).replace(path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        for folder in (path.parent, self.root, self.root.parent):
            _sync(folder)

    def get(self, connection: Connection, sha256: str) -> bytes | None:
        """The bytes kept under this digest, or None when there are none."""
        path = self._path(sha256)
        return path.read_bytes() if path.is_file() else None

    def _path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256


class BlobTable:
    """Raw bytes as rows, for a database that several machines share."""

    def keep(self, connection: Connection, sha256: str, raw: bytes) -> None:
        """Keep these bytes as part of the transaction."""
        if self.get(connection, sha256) is None:
            connection.execute(insert(schema.blobs).values(sha256=sha256, bytes=raw))

    def get(self, connection: Connection, sha256: str) -> bytes | None:
        """The bytes kept under this digest, or None when there are none."""
        found = connection.scalar(select(schema.blobs.c.bytes).where(schema.blobs.c.sha256 == sha256))
        return None if found is None else bytes(found)


def _holds(path: Path, sha256: str) -> bool:
    """Whether the file is there and undamaged; a damaged one is to be written again."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def _sync(folder: Path) -> None:
    """Put the names in a folder on the disk, where the system can: a rename alone may be lost with the power."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
