"""Configurations in files of any kind: samples, MACO records, and this program's own records as JSON.

An own record is what `consilience config FILE --json` prints, or one of its configurations alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from consilience.analyse.containers.recognised import is_program
from consilience.decode.record import configuration_from
from consilience.model.configuration import Configuration
from consilience.model.digest import digest
from consilience.model.errors import MissingInput, Notice, Refusal, Rejected
from consilience.model.protocols import Progress
from consilience.model.reading import Reading
from consilience.read.configuration_traits import layout_of, lines_of
from consilience.read.json_document import outline, whole
from consilience.read.maco import MacoRecords, configurations_of
from consilience.read.reading_builder import ReadingBuilder
from consilience.read.samples.decoder_folders import descriptions_in
from consilience.read.samples.unknown_file import UnknownFile
from consilience.sandbox.content import Content, head_of
from consilience.sandbox.strict_json import is_too_deep, strict_value

LARGEST_RECORD = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """The configurations of one file, each with how it was found (empty where the file is a record)."""

    file: str
    format: str
    records: tuple[tuple[Configuration, Mapping[str, object]], ...]
    refusals: tuple[Refusal, ...] = ()
    notices: tuple[Notice, ...] = ()


class ConfigurationFile:
    """Reads configurations that this program wrote as JSON."""

    name = "configuration"

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the file begins with configurations, or with the entries of one."""
        found = outline(head)
        keys = {path[0] for path in found if len(path) == 1}
        return ("configurations", "entries") in found or {"family", "entries"} <= keys

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """The settings of every configuration as observations of its family, or of the subject that is named."""
        content, builder = Content(raw), ReadingBuilder(filename, defaults)
        for place, (configuration, _) in enumerate(_own(whole(content), builder)):
            source = {"title": f"configuration of {configuration.family}, {digest(configuration.as_record())[:12]}"}
            base = {"source": source, "where": f"/configurations/{place}"}
            if not defaults.get("subject"):
                base |= {"subject": configuration.family, "subject_type": "malware"}
            lines = [line for _, line in lines_of(configuration)]
            for line in dict.fromkeys(filter(None, (layout_of(configuration), *lines))):
                builder.take({**base, **line.as_record()}, 0, str(place))
        return builder.reading(f"{self.name}.gz" if content.packed else self.name, raw)


def configurations_at(path: str, folders: Sequence[str] = ()) -> Configured:
    """The configurations of a file, those of samples decoded by the shipped descriptions and those of these folders.

    Raises MissingInput when the file is not there or cannot be opened, DecoderError when a description is wrong.
    """
    try:
        raw = Path(path).read_bytes()
    except OSError as fault:
        raise MissingInput(f"cannot be opened: {fault.strerror}", path, "check the path and its rights") from None
    head, builder = head_of(raw), ReadingBuilder(path, {})
    is_sample = is_program(head)
    if not is_sample and ConfigurationFile().recognises(head, path):
        own = _own(whole(Content(raw)), builder)
        return _configured(path, ConfigurationFile.name, own, builder)
    if not is_sample and MacoRecords().recognises(head, path):
        found, builder = configurations_of(raw, path)
        return _configured(path, MacoRecords.name, [(each, {}) for each in found], builder)
    content = Content(raw)
    data = content.stream.read(UnknownFile.largest + 1) if content.packed else raw
    decoded = UnknownFile(descriptions_in(folders)).found(data, path)
    builder.notices += [Notice(path, 0, "configuration", note) for note in decoded.notes]
    records = [(each.configuration, each.found) for each in decoded.records]
    return _configured(path, "program" if is_sample else UnknownFile.name, records, builder)


def _configured(
    path: str, form: str, records: Sequence[tuple[Configuration, Mapping[str, object]]], builder: ReadingBuilder
) -> Configured:
    return Configured(
        file=path,
        format=form,
        records=tuple(records),
        refusals=tuple(builder.refusals),
        notices=tuple(builder.notices),
    )


def _own(text: bytes, builder: ReadingBuilder) -> list[tuple[Configuration, Mapping[str, object]]]:
    """The configurations of a document with how each was found; a wrong one is refused and the others are kept."""
    records: list[tuple[Configuration, Mapping[str, object]]] = []
    try:
        if len(text) > LARGEST_RECORD or is_too_deep(text):
            raise Rejected("the document is too long, or nested too deep", todo="get the file again from its author")
        document = strict_value(text)
    except Rejected as rejected:
        builder.refuse(0, "", rejected)
        return records
    listed = document.get("configurations", [document]) if isinstance(document, dict) else document
    for place, record in enumerate(listed if isinstance(listed, list) else [listed]):
        try:
            if not isinstance(record, dict):
                raise ValueError("it is not an object")
            found = record.get("found", {})
            records.append((configuration_from(record), found if isinstance(found, dict) else {}))
        except ValueError as fault:
            todo = "write it as `consilience config FILE --json` does"
            builder.refuse(0, f"/configurations/{place}", Rejected(f"is not a configuration: {fault}", todo=todo))
    return records
