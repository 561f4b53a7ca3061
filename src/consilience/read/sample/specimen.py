"""Files of no known format in which a configuration is found: dumps, decrypted stages, pieces of samples."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from consilience.model.errors import InputError
from consilience.model.reading import Reading
from consilience.read.content import Content, Progress
from consilience.read.gathering import Gathering
from consilience.read.sample.analyser import ANALYSER, LARGEST
from consilience.read.sample.configuration.decoding import Found
from consilience.read.sample.configuration.folder import Described
from consilience.read.sample.configuration.taking import found_by, take
from consilience.read.sample.taken import OWN

UNKNOWN = "unknown"


class SpecimenFile:
    """Reads what no other reader knows, where a description of a decoder finds a configuration in it.

    The subject is the one named, or the file itself under its SHA-256. `told` are the descriptions, the shipped ones
    where there are none.
    """

    name = "specimen"
    largest = LARGEST

    def __init__(self, told: Sequence[Described] = ()) -> None:
        self._told = told

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the file holds anything: it is asked by name and last, when no other reader knows the file."""
        return bool(head) and bool(filename)

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """What the configurations in a file show; a reading of format *unknown*, without anything, where none is."""
        content = Content(raw)
        data = content.stream.read(LARGEST) if content.packed else raw
        found = self.found(data, filename)
        if not found.records:
            return Reading(file=filename, format=UNKNOWN, raw=b"", observations=())
        sha256 = hashlib.sha256(data).hexdigest()
        stated = {"publisher": OWN, **defaults}
        if not stated.get("subject"):
            stated |= {"subject": sha256, "subject_type": "sample"}
        gathered = Gathering(filename, stated)
        source = {"title": f"sample {sha256}", "publisher": stated["publisher"], "id": f"sample:{sha256}"}
        gathered.take({"kind": "file:sha256", "value": sha256, "where": "the whole file", "source": source}, 0)
        take(gathered, found, {"source": source})
        return gathered.reading(f"{self.name}.gz" if content.packed else self.name, raw)

    def found(self, data: bytes, filename: str) -> Found:
        """The configurations in these bytes, found in a locked process; none where this system has no such process."""
        if len(data) > LARGEST:
            return Found((), (f"it is longer than {LARGEST:,} bytes",))
        try:
            return found_by(ANALYSER.worker(), self._told, data, filename)
        except InputError as error:
            return Found((), (error.what,))
