"""The files of a corpus with a manifest, as code profiles; and the same without the strings that spell out names.

Profiles are kept in a folder of the temporary files, under what was read and by which code, so that a second run takes
seconds.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import time
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

import consilience.analyse
from consilience.analyse.containers.macho import is_universal, slices
from consilience.analyse.sample import image_of, profile_of
from consilience.analyse.strings import text_at
from consilience.model.code import Channel, CodeProfile, SampleCode, profile_from
from consilience.model.subject import Subject

SHORTEST_NAME = 4
READER = Path(consilience.analyse.__file__).parent


@dataclass(frozen=True)
class File:
    """A file of the corpus: `rank` 0 is the newest version of a project, which is asked about; others are known."""

    path: Path
    format: str
    project: str
    rank: int
    team: str
    libraries: tuple[str, ...]
    profile: CodeProfile

    @property
    def sample(self) -> SampleCode:
        return SampleCode(Subject("corpus", self.project, "malware"), self.profile)

    @property
    def family(self) -> str:
        return f"corpus/{self.project}"


def files_of(folder: Path) -> tuple[list[File], float]:
    """The files of a corpus, and how many MB of file a second of processor time were turned into profiles.

    Only files that were not read before count for the speed; it is not a number when there were none.
    """
    rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines()]
    found, size, spent = [], 0, 0.0
    for row in rows:
        raw = program_of((folder / row["file"]).read_bytes())
        started = time.process_time()
        profile, fresh = profile_kept(raw)
        if fresh:
            spent += time.process_time() - started
            size += len(raw)
        told = (row["fmt"], row["project"], row["rank"], row["team"], tuple(row["libs"]))
        found.append(File(folder / row["file"], *told, profile))
    return found, size / 1e6 / spent if spent else float("nan")


def profile_kept(raw: bytes) -> tuple[CodeProfile, bool]:
    """The profile of a program, and whether it had to be measured because none was kept."""
    place = _kept() / f"{hashlib.sha256(raw).hexdigest()}.profile"
    if place.exists():
        return profile_from(place.read_bytes()), False
    profile = profile_of(image_of(raw))
    half = place.with_suffix(f".{os.getpid()}")
    half.write_bytes(profile.bytes)
    half.replace(place)
    return profile, True


@lru_cache(maxsize=1)
def _kept() -> Path:
    """The folder of profiles made by the code of today."""
    code = hashlib.sha256()
    for each in sorted(READER.rglob("*.py")):
        if "lua" not in each.parts and "marks" not in each.parts:
            code.update(each.read_bytes())
    folder = Path(tempfile.gettempdir()) / "consilience-profiles" / code.hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def program_of(raw: bytes) -> bytes:
    """The program of a file: of a universal one that for x86_64."""
    if not is_universal(raw[:8]):
        return raw
    each = next(each for each in slices(raw) if each.machine == "x86_64")
    return raw[each.offset : each.offset + each.size]


def nameless(files: list[File]) -> list[File]:
    """The files without strings and imports that hold the name of any project, or of any module of the corpus."""
    names = {each.project.lower() for each in files} | {"pyinit_"}
    for each in files:
        names |= set(re.split(r"[^a-z0-9]+", each.path.name.lower().split(".")[0]))
    names |= {name.replace("-", "_") for name in names}
    pattern = re.compile("|".join(re.escape(name) for name in sorted(names) if len(name) >= SHORTEST_NAME))
    return [replace(each, profile=_without(each, pattern)) for each in files]


def _without(file: File, pattern: re.Pattern[str]) -> CodeProfile:
    raw, strings = program_of(file.path.read_bytes()), file.profile.channel("string")
    clear = [not pattern.search(text_at(raw, place).lower()) for place in strings.address.tolist()]
    kept = np.array(clear, dtype=bool)
    names = file.profile.channel("import")
    plain = np.array([not pattern.search(file.profile.imports[row].lower()) for row in names.address], dtype=bool)
    channels = {
        **file.profile.channels,
        "string": Channel(strings.value[kept], strings.address[kept]),
        "import": Channel(names.value[plain], names.address[plain]),
    }
    return replace(file.profile, channels=channels)
