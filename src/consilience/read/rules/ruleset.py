"""The rule files of a folder, with the digest that names them all."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from consilience.model.errors import MissingInput, Refusal
from consilience.model.printable import escaped

SUFFIXES = (".yar", ".yara")
MAX_FILES, MAX_SIZE, MAX_ALL = 4_096, 8 * 1024**2, 64 * 1024**2
"""Files of one folder, bytes of one file, and of all."""

SCAN_SECONDS = 60
"""So long may all rules together take on one sample."""

LENGTH = 8
"""Bytes of the number that stands before compiled rules where a sample follows them."""


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A file of rules: where it lies, its name below the folder without the suffix, and its text."""

    path: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rule files of a folder in the order of their names, and what was wrong with others."""

    files: tuple[RuleFile, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    @property
    def digest(self) -> str:
        """The SHA-256 over the names and texts of all files: two equal ones match alike."""
        hashed = hashlib.sha256()
        for each in self.files:
            for part in (each.name, each.text):
                raw = part.encode()
                hashed.update(len(raw).to_bytes(8, "big") + raw)
        return hashed.hexdigest()


def rule_set(folder: str | os.PathLike[str]) -> RuleSet:
    """The rules below a folder; hidden files and those with another suffix are left out.

    Raises:
        MissingInput: there is no such folder.
    """
    top = Path(folder)
    if not top.is_dir():
        raise MissingInput("there is no such folder of rules", str(folder), "name a folder with .yar files")
    files: list[RuleFile] = []
    refusals: list[Refusal] = []
    left = MAX_ALL
    for path in _paths(top):
        shown = escaped(str(path))
        try:
            raw = path.read_bytes() if path.stat().st_size <= MAX_SIZE else None
        except OSError as fault:
            refusals.append(Refusal(shown, 0, "", f"cannot be opened: {fault.strerror}", "check its rights"))
            continue
        if raw is None or len(raw) > left or len(files) == MAX_FILES:
            refusals.append(Refusal(shown, 0, "", f"is too much: a file may have {MAX_SIZE:,} bytes", "divide it"))
            continue
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as fault:
            line = raw.count(b"\n", 0, fault.start) + 1
            refusals.append(Refusal(shown, line, "", "is not UTF-8", "save it as UTF-8"))
            continue
        left -= len(raw)
        files.append(RuleFile(shown, escaped(path.relative_to(top).with_suffix("").as_posix()), text))
    return RuleSet(tuple(files), tuple(refusals))


def _paths(top: Path) -> list[Path]:
    """The rule files below a folder, links to folders not followed."""
    found = []
    for here, folders, names in os.walk(top):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        wanted = [name for name in names if name.lower().endswith(SUFFIXES) and not name.startswith(".")]
        found += [Path(here) / name for name in wanted]
    return sorted(found, key=lambda path: path.relative_to(top).as_posix())
