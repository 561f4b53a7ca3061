"""MISP events, as a server exports them, alone, in a list, in a response or as the file of a feed.

`document` the events of a file · `objects` their parts · `marking` TLP, PAP and distribution · `clusters` what
galaxies and tags say · `showing` what an attribute shows · `statements` everything an event states.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from consilience.model.protocols import Progress
from consilience.model.reading import Reading
from consilience.read.json_document import outline, whole
from consilience.read.misp.document import events_of
from consilience.read.misp.statements import EventStatements
from consilience.read.notice_counts import NoticeCounts
from consilience.read.reading_builder import ReadingBuilder
from consilience.sandbox.content import Content

_LISTED = re.compile(rb'\[\s*\{\s*"Event"\s*:\s*\{')
_MARK = b"\xef\xbb\xbf"


class MispEvents:
    """Reads what events state of the actor they are about."""

    name = "misp"

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the file begins as an event, a list of events, or the response of a server with events."""
        if _LISTED.match(head.removeprefix(_MARK).lstrip()):
            return True
        found = outline(head).keys()
        if ("Event",) in found:
            return bool({("Event", "info"), ("Event", "uuid"), ("Event", "Attribute")} & found)
        if ("response",) in found:
            return ("response", "Event") in found
        return ("info",) in found and bool({("Attribute",), ("Orgc",), ("threat_level_id",)} & found)

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """The observations of all good attributes, objects and galaxies; bad ones are refused by their pointers."""
        content = Content(raw)
        builder = ReadingBuilder(filename, defaults)
        counts = NoticeCounts(filename)
        events = list(events_of(whole(content), content.damage, builder))
        for place, (pointer, event) in enumerate(events):
            EventStatements(event, pointer, builder, counts).gather()
            if progress is not None:
                progress(len(raw) * place // len(events), len(raw))
        builder.notices += counts.notices()
        return builder.reading(f"{self.name}.gz" if content.packed else self.name, raw)
