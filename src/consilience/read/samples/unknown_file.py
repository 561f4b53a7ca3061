"""Files of no known format: dumps, decrypted stages, pieces of samples, with their configurations and rows of bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from consilience.analyse.sample import profile_in
from consilience.decode.decoding import FoundConfigurations
from consilience.decode.descriptions import DecoderDescription
from consilience.model.code import CodeProfile, SampleCode
from consilience.model.errors import InputError, Notice, Rejected
from consilience.model.printable import escaped
from consilience.model.protocols import Progress
from consilience.model.reading import Reading
from consilience.read.reading_builder import ReadingBuilder
from consilience.read.samples.analyser import ANALYSER, LARGEST
from consilience.read.samples.configuration_observations import add_configurations, find_configurations
from consilience.read.samples.sample_observations import KEPT, OWN
from consilience.sandbox.content import Content

UNKNOWN = "unknown"
HEAD = 65_536


class UnknownFile:
    """Reads what no other reader knows, where a configuration is found in it, or it is said whose sample it is.

    The subject is the one named, or the file itself under its SHA-256. `descriptions` are those of
    configurations, the shipped ones where there are none.
    """

    name = "specimen"
    largest = LARGEST

    def __init__(self, descriptions: Sequence[DecoderDescription] = ()) -> None:
        self._descriptions = descriptions

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the file holds anything: it is asked by name and last, when no other reader knows the file."""
        return bool(head) and bool(filename)

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """What the configurations in a file show, and its bytes where a subject is named and it is not text.

        A reading of format *unknown*, without anything, where there is neither.
        """
        content = Content(raw)
        data = content.stream.read(LARGEST) if content.packed else raw
        found = self.found(data, filename)
        is_sample = bool(defaults.get("subject")) and b"\0" in data[:HEAD] and len(data) <= LARGEST
        if not found.records and not is_sample:
            return Reading(file=filename, format=UNKNOWN, raw=b"", observations=())
        sha256 = hashlib.sha256(data).hexdigest()
        stated = {"publisher": OWN, **defaults}
        if not stated.get("subject"):
            stated |= {"subject": sha256, "subject_type": "sample"}
        builder = ReadingBuilder(filename, stated)
        source = {"title": f"sample {sha256}", "publisher": stated["publisher"], "id": f"sample:{sha256}"}
        builder.take({"kind": "file:sha256", "value": sha256, "where": "the whole file", "source": source}, 0)
        add_configurations(builder, found, {"source": source})
        form = f"{self.name}.gz" if content.packed else self.name
        code = _profile(builder, data, sha256) if is_sample else None
        reading = builder.reading(form, raw)
        if code is None or not reading.observations:
            return reading
        return replace(reading, codes=(SampleCode(reading.observations[0].subject, code),))

    def found(self, data: bytes, filename: str) -> FoundConfigurations:
        """The configurations in these bytes, found in a locked process; none where this system has no such process."""
        if len(data) > LARGEST:
            return FoundConfigurations((), (f"it is longer than {LARGEST:,} bytes",))
        try:
            return find_configurations(ANALYSER.worker(), self._descriptions, data, filename)
        except InputError as error:
            return FoundConfigurations((), (error.what,))


def _profile(builder: ReadingBuilder, data: bytes, sha256: str) -> CodeProfile | None:
    """The profile of bytes of no known format; None, with a refusal, where there is none."""
    ended = ANALYSER.rows(data, builder.file)
    try:
        if ended.failed:
            raise ValueError(ended.failed)
        profile = profile_in(ended.answer, sha256)
    except (ValueError, LookupError, TypeError) as fault:
        builder.refuse(0, "", Rejected(escaped(str(fault))[:200], todo=KEPT))
        return None
    what = "it begins as nothing known does: its rows of bytes and strings are compared, and no instructions"
    builder.notices.append(Notice(builder.file, 0, "specimen", what))
    return profile
