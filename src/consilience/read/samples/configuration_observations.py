"""The configurations of a sample as observations, out of a locked process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from consilience.decode.decoding import DecodedConfiguration, FoundConfigurations
from consilience.decode.descriptions import DecoderDescription, shipped_descriptions
from consilience.decode.sandboxed import configurations_from_answer, pack_request
from consilience.model.errors import Notice, Rejected
from consilience.model.printable import escaped
from consilience.read.configuration_traits import Line, layout_of, lines_of
from consilience.read.reading_builder import ReadingBuilder
from consilience.sandbox import Analysis, Pool

_OWN = ("malware", "tool")


def find_configurations(
    worker: Pool, descriptions: Sequence[DecoderDescription], data: bytes, filename: str
) -> FoundConfigurations:
    """What the descriptions (the shipped ones where there are none) find in a sample; a failure is a note."""
    return configurations_of_analysis(
        worker.analyse("configurations", pack_request(data, descriptions or shipped_descriptions()), filename)
    )


def configurations_of_analysis(ended: Analysis) -> FoundConfigurations:
    """The configurations that an analysis found; a failure is a note."""
    try:
        return (
            FoundConfigurations((), (f"configurations were not looked for: {escaped(ended.failed)}",))
            if ended.failed
            else (configurations_from_answer(ended.answer))
        )
    except Rejected as rejected:
        return FoundConfigurations((), (rejected.what,))


def add_configurations(
    builder: ReadingBuilder, found: FoundConfigurations, stated: Mapping[str, object], member: str = ""
) -> None:
    """Adds what configurations show to what a sample shows, and says which were found; `stated` goes with each.

    `member` is the name of the sample where it lies in an archive.
    """
    builder.notices += [Notice(builder.file, 0, "configuration", note) for note in found.notes]
    is_family = builder.defaults.get("subject_type", "") in _OWN
    for each in found.records:
        configuration = each.configuration
        under = f" under the one-byte key {each.key:02x}" if each.key else ""
        what = f"of {configuration.family} ({configuration.layout}), by {escaped(each.decoder)}{under}"
        builder.notices.append(Notice(builder.file, 0, "configuration", f"{what}, at {each.offset:#x}"))
        where = f"{escaped(member)}: " * bool(member) + f"configuration at {each.offset:#x}"
        for line in _lines(each, is_family):
            record: dict[str, object] = {**line.as_record(), "value": escaped(line.value)}
            note = f"configuration {what}, as published by {each.source}"
            builder.take({**stated, **record, "where": where, "note": note}, 0, where)


def _lines(found: DecodedConfiguration, is_family: bool) -> Iterator[Line]:
    """What a configuration shows, each line once; a subject that is not a family itself uses this one."""
    shown = [] if is_family else [Line("malware", found.configuration.family, "")]
    if layout := layout_of(found.configuration):
        shown.append(layout)
    shown += [line for _, line in lines_of(found.configuration)]
    yield from dict.fromkeys(shown)
