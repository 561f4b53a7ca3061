"""The cache of a case: arrays in files of its folder, which may be deleted at any time.

It is internal: nothing of it goes to a partner or into a document. A file names the rules it was made by
and its key, is written beside its place and moved there whole, and is read with its checksums; what is damaged is
deleted, as is what was made by other rules. Nothing in a file is run: it holds numbers alone.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from consilience.model.arrays import Arrays

KEPT = 2
"""So many files by the same rules stay: a case as of today and one as of a date may be asked in turn."""

_NAME = 16
_PART = ".part"
_DAMAGED = (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile)


class FolderCache:
    """Arrays in files of one folder, which is made when the first is kept."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name

    def get(self, rules: str, key: str) -> Arrays | None:
        """The arrays kept by these rules under this key, or nothing where they are missing or damaged."""
        return _read(self._path(rules, key), rules)

    def latest(self, rules: str) -> Arrays | None:
        """The arrays kept last by these rules, or nothing."""
        for path in self._files():
            if path.name.startswith(self._start(rules)) and (found := _read(path, rules)) is not None:
                return found
        return None

    def put(self, rules: str, key: str, arrays: Arrays) -> None:
        """Keep arrays. A folder that cannot be written keeps nothing, and nobody is the worse for it."""
        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            handle, name = tempfile.mkstemp(suffix=_PART, prefix=self._name, dir=self._folder)
            part = Path(name)
            try:
                with os.fdopen(handle, "wb") as file:
                    stated: Any = {"rules": _as_array(rules), "names": _as_array("\n".join(arrays))}
                    stated |= {str(place): each for place, each in enumerate(arrays.values())}
                    np.savez(file, **stated)
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(self._path(rules, key))
            finally:
                part.unlink(missing_ok=True)
            self._tidy(rules)

    def _tidy(self, rules: str) -> None:
        """Delete what was made by other rules, all but the newest files by these, and what a killed writer left."""
        mine = [path for path in self._files() if path.name.startswith(self._start(rules))]
        for path in self._files():
            if path not in mine[:KEPT]:
                path.unlink(missing_ok=True)
        for part in self._folder.glob(f"{self._name}*{_PART}"):
            part.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        """The files of this name, the newest first."""
        found = []
        for path in self._folder.glob(f"{self._name}-*.npz"):
            # Another process may have tidied meanwhile.
            with contextlib.suppress(FileNotFoundError):
                found.append((path.stat().st_mtime_ns, path))
        return [path for _, path in sorted(found, reverse=True)]

    def _start(self, rules: str) -> str:
        return f"{self._name}-{rules[:_NAME]}-"

    def _path(self, rules: str, key: str) -> Path:
        return self._folder / f"{self._start(rules)}{key}.npz"


def _read(path: Path, rules: str) -> Arrays | None:
    try:
        with zipfile.ZipFile(path) as parts:
            if any(part.compress_type != zipfile.ZIP_STORED for part in parts.infolist()):
                raise zipfile.BadZipFile("compressed, which this program never writes")
        with np.load(path, allow_pickle=False) as kept:
            if _as_text(kept["rules"]) != rules:
                return None
            return {name: kept[str(place)] for place, name in enumerate(_as_text(kept["names"]).split("\n"))}
    except FileNotFoundError:
        return None
    except _DAMAGED:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        return None


def _as_array(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _as_text(array: NDArray[Any]) -> str:
    return array.tobytes().decode()
