"""One program, analysed in a locked process: its digests and marks become observations, and its code a profile."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from consilience.analyse.lua.code_profile import FORMAT as LUA
from consilience.analyse.marks import Mark
from consilience.analyse.sample import profile_in
from consilience.decode.decoding import FoundConfigurations
from consilience.decode.descriptions import DecoderDescription
from consilience.model.code import CodeProfile, SampleCode
from consilience.model.errors import Notice, Rejected
from consilience.model.printable import escaped
from consilience.read.reading_builder import ReadingBuilder
from consilience.read.samples.analyser import ANALYSER
from consilience.read.samples.configuration_observations import add_configurations
from consilience.sandbox import Analysis

OWN = "own analysis"
"""The publisher of what is measured here, where the user names none."""

KEPT = "its bytes are kept; nothing of its code is known"
MAX_SLICES = 16
_MARK_LIMIT = 1_024

Piece = bytes | memoryview
Analysed = tuple[Analysis, FoundConfigurations]


@dataclass(slots=True)
class SampleCollection:
    """The samples of one file so far: their codes, and the bytes of those that are parts of the file, by SHA-256.

    `descriptions` are the descriptions of configurations that are looked for, the shipped ones where there are none.
    """

    descriptions: Sequence[DecoderDescription] = ()
    codes: list[SampleCode] = field(default_factory=list)
    parts: dict[str, Piece] = field(default_factory=dict)


def add_program(
    builder: ReadingBuilder,
    samples: SampleCollection,
    data: Piece,
    name: str,
    member: str = "",
    analysed: Analysed | None = None,
) -> None:
    """Add what a program shows; `member` is its name where it lies in an archive, `analysed` how its analysis ended.

    The subject is the one that the user named, or the sample itself under its SHA-256. A universal file is one subject
    with a code for each of its machines. Of a program that cannot be analysed the digests are taken, and a refusal
    says why.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    publisher = builder.defaults.get("publisher") or OWN
    source = {"title": f"sample {sha256}", "publisher": publisher, "id": f"sample:{sha256}"}
    stated: dict[str, object] = {"publisher": publisher, "source": source}
    if not builder.defaults.get("subject"):
        stated |= {"subject": sha256, "subject_type": "sample"}
    before = len(builder.observations)
    for kind in ("sha256", "sha1", "md5"):
        value = hashlib.new(kind, data, usedforsecurity=False).hexdigest()
        where = _where("the whole file", member)
        builder.take({**stated, "kind": f"file:{kind}", "value": value, "where": where}, 0)
    found, configurations = analysed or ANALYSER.sample(data, name, samples.descriptions)
    if found.failed:
        builder.refuse(0, member, Rejected(found.failed, todo=KEPT))
    add_configurations(builder, configurations, stated, member)
    if found.failed:
        return
    for profile, part in _profiles(builder, stated, found.answer, data, member):
        if len(builder.observations) > before:
            samples.codes.append(SampleCode(builder.observations[before].subject, profile))
            if isinstance(part, memoryview):
                samples.parts[profile.sample] = part


def _profiles(
    builder: ReadingBuilder, stated: Mapping[str, object], answer: Any, data: Piece, member: str
) -> Iterator[tuple[CodeProfile, Piece]]:
    """The profile of a program, or of each machine's program in a universal file, with its bytes."""
    try:
        pieces = _slices(answer, len(data))
    except (ValueError, LookupError, TypeError) as fault:
        _unusable(builder, member, fault)
        return
    if not pieces:
        for profile in _add_answer(builder, stated, answer, hashlib.sha256(data).hexdigest(), member):
            yield profile, data
    for machine, offset, size, part_answer in pieces:
        part = memoryview(data)[offset : offset + size]
        place = f"{member}, {machine}" if member else machine
        if isinstance(part_answer, dict) and set(part_answer) == {"failed"}:
            builder.refuse(0, place, Rejected(escaped(str(part_answer["failed"]))[:200], todo=KEPT))
            continue
        sha256 = hashlib.sha256(part).hexdigest()
        where = _where("the whole program", place)
        builder.take({**stated, "kind": "file:sha256", "value": sha256, "where": where}, 0)
        for profile in _add_answer(builder, stated, part_answer, sha256, place):
            yield profile, part


def _slices(answer: Any, size: int) -> list[tuple[str, int, int, Any]]:
    """The slices of an answer, none where it is about a program for one machine. Raises when it is not what it must."""
    if set(answer) != {"slices"}:
        return []
    found = []
    for machine, offset, many, part_answer in answer["slices"][:MAX_SLICES]:
        if not (isinstance(offset, int) and isinstance(many, int) and offset >= 0 and 0 < many <= size - offset):
            raise ValueError("a part lies outside of the file")
        found.append((escaped(str(machine))[:40], offset, many, part_answer))
    return found


def _add_answer(
    builder: ReadingBuilder, stated: Mapping[str, object], answer: Any, sha256: str, member: str
) -> tuple[CodeProfile, ...]:
    """The profile of an answer whose marks were added; none, with a refusal, when it is not what one must be."""
    try:
        profile = profile_in(answer, sha256)
        within = [profile_in({"profile": each}, sha256) for each in answer.get("within", ())[:1]]
        marks = [Mark(*map(str, mark)) for mark in answer["marks"]]
        notes = [escaped(str(note))[:200] for note in answer["notes"]]
    except (ValueError, LookupError, TypeError) as fault:
        _unusable(builder, member, fault)
        return ()
    _add_marks(builder, stated, marks, member)
    place = escaped(member) or "program"
    builder.notices += [Notice(builder.file, 0, place, note) for note in notes]
    if not profile.instructions and profile.format != LUA:
        found = "its code is read as rows of bytes" if len(profile.channel("gram").value) else "no code was found"
        what = f"{found} ({profile.machine}); strings and imports are compared"
        builder.notices.append(Notice(builder.file, 0, place, what))
    return (profile, *within)


def _add_marks(builder: ReadingBuilder, stated: Mapping[str, object], marks: Sequence[Mark], member: str) -> None:
    for mark in marks:
        fields = {name: escaped(text[:_MARK_LIMIT]) for name, text in mark._asdict().items() if text}
        if member:
            fields["where"] = _where(fields.get("where", "the whole file"), member)
        if fields.get("value", "").strip():
            builder.take({**stated, **fields}, 0)


def _unusable(builder: ReadingBuilder, member: str, fault: Exception) -> None:
    what = f"the answer of the analysis cannot be used: {escaped(str(fault))[:200]}"
    builder.refuse(0, member, Rejected(what, todo=KEPT))


def _where(place: str, member: str) -> str:
    """Where in the file something stands, led by the name of the member it stands in."""
    return f"{escaped(member)}: {place}" if member else place
