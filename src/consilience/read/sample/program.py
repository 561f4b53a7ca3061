"""Program files, read in a locked process: marks become observations, and the code becomes a profile."""

from __future__ import annotations

import atexit
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from consilience.model.code import SampleCode
from consilience.model.errors import Notice
from consilience.model.reading import Reading
from consilience.model.subject import Subject
from consilience.read.content import Content, Progress
from consilience.read.gathering import Gathering
from consilience.read.locked import Analysis, Limits, Worker
from consilience.read.locked.limits import MIB
from consilience.read.sample.marks import Mark
from consilience.read.sample.measured import profile_in
from consilience.read.unfit import Unfit, printable

OWN = "own analysis"
"""The publisher of what is measured here, where the user names none."""

LARGEST = 128 * MIB
LIMITS = Limits(cpu=120, wall=240.0, memory=3072 * MIB, answer=96 * MIB)
"""An answer holds twelve bytes a feature, in base 64: some ten MiB for the largest programs people ship. It is still
checked column by column. Memory is for addresses, most of which the libraries of columns only set aside."""

_MARK_LIMIT = 1_024


class ProgramFile:
    """Reads a PE or ELF. The subject is the one named, or the sample itself under its SHA-256."""

    name = "program"

    def __init__(self) -> None:
        self._worker: Worker | None = None

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the first bytes are those of an ELF, or of a DOS header that names a PE header."""
        if head.startswith(b"\x7fELF"):
            return True
        at = int.from_bytes(head[0x3C:0x40], "little")
        return head.startswith(b"MZ") and len(head) >= 0x40 and (at + 4 > len(head) or head[at : at + 4] == b"PE\0\0")

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """The marks of a program as observations, and its code profile.

        A program that cannot be analysed keeps its bytes and digests, and a refusal tells why.
        """
        content = Content(raw)
        data = content.stream.read(LARGEST + 1) if content.packed else raw
        sha256 = hashlib.sha256(data).hexdigest()
        stated = {"publisher": OWN, **defaults}
        if not stated.get("subject"):
            stated |= {"subject": sha256, "subject_type": "sample"}
        gathered = Gathering(filename, stated)
        source = {"title": f"sample {sha256}", "publisher": stated["publisher"], "id": f"sample:{sha256}"}
        for kind in ("sha256", "sha1", "md5"):
            value = hashlib.new(kind, data, usedforsecurity=False).hexdigest()
            gathered.take({"kind": f"file:{kind}", "value": value, "where": "the whole file", "source": source}, 0)
        found = self._analysed(data, filename)
        code = None
        if found.failed:
            gathered.refuse(0, "", Unfit(found.failed, todo="its bytes are kept; nothing of its code is known"))
        else:
            code = _take(gathered, found.answer, sha256, source)
        form = f"{self.name}.gz" if content.packed else self.name
        reading = gathered.reading(form, raw)
        if code is None or not reading.observations:
            return reading
        return replace(reading, codes=(SampleCode(_subject_of(reading), code),))

    def _analysed(self, data: bytes, filename: str) -> Analysis:
        if len(data) > LARGEST:
            return Analysis(failed=f"it is longer than {LARGEST:,} bytes")
        if self._worker is None:
            self._worker = Worker({"program": "consilience.read.sample.measured:analyse"}, LIMITS)
            atexit.register(self._worker.close)
        return self._worker.analyse("program", data, filename)


def _subject_of(reading: Reading) -> Subject:
    return reading.observations[0].subject


def _take(gathered: Gathering, answer: Any, sha256: str, source: Mapping[str, str]) -> Any:
    """The profile of an answer whose marks were added; None, with a refusal, when it is not what one must be."""
    try:
        profile = profile_in(answer, sha256)
        marks = [Mark(*map(str, mark)) for mark in answer["marks"]]
        notes = [printable(str(note))[:200] for note in answer["notes"]]
    except (ValueError, LookupError, TypeError) as fault:
        gathered.refuse(0, "", Unfit(f"the answer of the analysis cannot be used: {printable(str(fault))[:200]}"))
        return None
    for mark in marks:
        told = {name: printable(text[:_MARK_LIMIT]) for name, text in mark._asdict().items() if text}
        if told.get("value", "").strip():
            gathered.take({**told, "source": source}, 0)
    gathered.notices += [Notice(gathered.file, 0, "program", note) for note in notes]
    if not profile.instructions:
        what = f"no code that can be compared was found ({profile.machine}); strings and imports are"
        gathered.notices.append(Notice(gathered.file, 0, "program", what))
    return profile
