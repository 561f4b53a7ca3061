"""Archive files: every program in them is a sample; what else lies in them named and not read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from consilience.analyse.archive.kinds import kind_of, unreadable
from consilience.analyse.archive.rules import ELSEWHERE, MAX_MEMBERS
from consilience.decode.descriptions import DecoderDescription
from consilience.model.errors import Notice, Rejected
from consilience.model.printable import escaped
from consilience.model.protocols import Progress
from consilience.model.reading import Reading
from consilience.read.reading_builder import ReadingBuilder
from consilience.read.samples.analyser import ANALYSER
from consilience.read.samples.sample_observations import OWN, Analysed, SampleCollection, add_program
from consilience.read.samples.side_by_side import Job, in_order
from consilience.sandbox.content import GZIP_MAGIC

KEPT = "its bytes are kept; nothing that lies in it is known"
SHOWN = 5


class ArchiveFile:
    """Reads a zip, a tar, or what gzip, bzip2 or xz packed. With a named subject, its programs are samples of it."""

    name = "archive"

    def __init__(self, descriptions: Sequence[DecoderDescription] = ()) -> None:
        self._descriptions = descriptions

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the first bytes, unpacked where gzip packed them, are those of an archive or of a packed file."""
        return bool(kind_of(head) or unreadable(head))

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """What the programs of an archive show, each analysed by itself; `where` names the member.

        The reading keeps the archive as it is. An archive that breaks a rule is refused, and nothing in it is read.
        """
        builder, samples = (
            ReadingBuilder(filename, {"publisher": OWN, **defaults}),
            SampleCollection(self._descriptions),
        )
        if not raw.startswith(GZIP_MAGIC) and (kind := unreadable(raw[:64])):
            builder.refuse(0, "", Rejected(f"archives of this kind are not read ({kind})", todo=ELSEWHERE))
            return builder.reading(self.name, raw)
        found, memory = ANALYSER.archive(raw, filename)
        if found.failed:
            builder.refuse(0, "", Rejected(escaped(found.failed), todo=KEPT))
            return builder.reading(self.name, raw)
        try:
            members = _members(found.answer, len(memory))
            report = _UnpackingReport(found.answer)
        except (ValueError, LookupError, TypeError):
            builder.refuse(0, "", Rejected("the answer of the unpacking cannot be used", todo=KEPT))
            return builder.reading(self.name, raw)
        report.refuse(builder)
        for row, (name, data, first, analysed) in enumerate(in_order(_jobs(members, memory, self._descriptions))):
            if analysed is None:
                builder.notices.append(Notice(filename, 0, name, f"the same bytes as {first}, which is read"))
            else:
                add_program(builder, samples, data, name, name, analysed)
            if progress is not None:
                progress(len(raw) * (row + 1) // len(members), len(raw))
        if not members and not builder.refusals:
            what = (
                f"none of its {report.others:,} members is a program" if report.others != 1 else "it holds no program"
            )
            builder.refuse(0, "", Rejected(what, todo="unpack it, and read its documents by themselves"))
        elif report.others:
            builder.notices.append(Notice(filename, 0, "archive", report.not_read()))
        return replace(builder.reading(self.name, raw), codes=tuple(samples.codes), parts=samples.parts)


class _UnpackingReport:
    """What the unpacking reports besides the programs. Raises ValueError and the like when it is malformed."""

    def __init__(self, answer: Any) -> None:
        self.refusals = [tuple(escaped(str(text))[:500] for text in each) for each in answer["refusals"]]
        if any(len(each) != 3 for each in self.refusals):
            raise ValueError("a refusal has a name, what is wrong and what to do")
        self.others = int(answer["others"])
        self.named = [escaped(str(name))[:200] for name in answer["named"]]

    def refuse(self, builder: ReadingBuilder) -> None:
        for name, what, todo in self.refusals:
            builder.refuse(0, name, Rejected(what, todo=todo))

    def not_read(self) -> str:
        shown = ", ".join(self.named[:SHOWN]) + (", ..." if self.others > SHOWN else "")
        return f"not read, because they are not programs: {self.others:,} of its members ({shown})"


def _jobs(
    members: Sequence[tuple[str, int, int]], memory: memoryview, descriptions: Sequence[DecoderDescription]
) -> Iterator[Job[tuple[str, memoryview, str, Analysed | None]]]:
    """The analysis of each member, with its name, its bytes, and the name of the first that has the same bytes.

    Only that first one is analysed.
    """
    seen: dict[str, str] = {}
    for name, offset, size in members:
        data = memory[offset : offset + size]
        first = seen.setdefault(hashlib.sha256(data).hexdigest(), name)
        yield Job(partial(_analysed, name, data, first, descriptions), size)


def _analysed(
    name: str, data: memoryview, first: str, descriptions: Sequence[DecoderDescription]
) -> tuple[str, memoryview, str, Analysed | None]:
    return name, data, first, ANALYSER.sample(data, name, descriptions) if first == name else None


def _members(answer: Any, size: int) -> list[tuple[str, int, int]]:
    """The programs in an answer, each within the memory."""
    found = []
    for name, offset, many in answer["members"]:
        if not (isinstance(offset, int) and isinstance(many, int) and offset >= 0 and 0 < many <= size - offset):
            raise ValueError("a member lies outside of the memory")
        found.append((escaped(str(name))[:500], offset, many))
    if len(found) > MAX_MEMBERS:
        raise ValueError("there are more members than may be")
    return found
