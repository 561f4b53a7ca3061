"""Who said it and in what."""

from __future__ import annotations

from dataclasses import dataclass

from consilience.model.json import JsonObject

RELIABILITIES = "ABCDEF"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who said it and in what: publisher, document, reliability A-F, credibility 1-6 (Admiralty scale).

    `id` names the document across files; `derived_from` is the id of a source this one repeats. F and 6 mean
    *cannot be judged*, which is unknown and not bad; they are the defaults.
    """

    publisher: str
    title: str = ""
    url: str = ""
    id: str = ""
    derived_from: str = ""
    reliability: str = "F"
    credibility: int = 6

    @property
    def key(self) -> str:
        """What makes this document one document: its id, else its address, else publisher and title."""
        return self.id or self.url or f"{self.publisher}: {self.title}"

    def as_record(self) -> JsonObject:
        """The source as the object of an observation line, empty fields left out."""
        record: JsonObject = {}
        for name in ("title", "url", "publisher", "reliability", "credibility", "id", "derived_from"):
            value = getattr(self, name)
            if value != "":
                record[name] = value
        return record
