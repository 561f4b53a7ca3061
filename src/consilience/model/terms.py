"""The terms of a ruling, one type for each kind of ruling; each is the JSON that is kept, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from consilience.model.json import JsonObject

PARTNER, RETIRED, MAPPED, RELABELLED, RETRACTED = "partner", "partner-retired", "mapping", "relabelling", "retraction"
FEED = "feed"


@dataclass(frozen=True, slots=True)
class NoTerms:
    """The terms of a ruling that says all by its kind."""

    def as_record(self) -> JsonObject:
        """The terms as JSON."""
        return {}


@dataclass(frozen=True, slots=True)
class PartnerTerms:
    """What a partner is: the communities they are a member of, and whether they are our client."""

    communities: tuple[str, ...]
    client: bool

    def as_record(self) -> JsonObject:
        """The terms as JSON."""
        return {"communities": list(self.communities), "client": self.client}


@dataclass(frozen=True, slots=True)
class MarkingTerms:
    """What holds of the sources of a publisher; what is empty or None is left as it was."""

    tlp: str = ""
    community: str = ""
    source_hidden: bool | None = None

    def as_record(self) -> JsonObject:
        """The terms as JSON, without those that are left as they were."""
        return {name: value for name, value in asdict(self).items() if value not in ("", None)}

    def superseded_by(self, later: MarkingTerms) -> MarkingTerms:
        """What holds when these terms are followed by later ones."""
        hidden = self.source_hidden if later.source_hidden is None else later.source_hidden
        return MarkingTerms(later.tlp or self.tlp, later.community or self.community, hidden)


@dataclass(frozen=True, slots=True)
class RelabelTerms:
    """Another colour for statements, with the colours that they had and the publishers of their sources."""

    tlp: str
    before: tuple[str, ...]
    publishers: tuple[str, ...]

    def as_record(self) -> JsonObject:
        """The terms as JSON."""
        return {"tlp": self.tlp, "from": list(self.before), "publishers": list(self.publishers)}


@dataclass(frozen=True, slots=True)
class RetractionTerms:
    """The assessments that were stale after a retraction, and the ledger entries of what showed the retracted."""

    stale: tuple[str, ...] = ()
    disclosures: tuple[str, ...] = ()

    def as_record(self) -> JsonObject:
        """The terms as JSON."""
        return {"stale": list(self.stale), "told": list(self.disclosures)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedTerms:
    """Where a feed is, how it is reached, and what stands where an object does not say it."""

    root: str
    collection: str
    publisher: str
    tlp: str = ""
    user: str = ""
    password_env: str = ""
    plain: bool = False
    private: tuple[str, ...] = ()

    def as_record(self) -> JsonObject:
        """The terms as JSON."""
        return {**asdict(self), "private": list(self.private)}


Terms = NoTerms | PartnerTerms | MarkingTerms | RelabelTerms | RetractionTerms | FeedTerms


def terms_from(kind: str, record: Mapping[str, Any]) -> Terms:
    """The terms of a ruling of this kind, from the JSON that is kept."""
    if kind == PARTNER:
        return PartnerTerms(tuple(record["communities"]), record["client"])
    if kind == MAPPED:
        return MarkingTerms(**record)
    if kind == RELABELLED:
        return RelabelTerms(record["tlp"], tuple(record["from"]), tuple(record["publishers"]))
    if kind == RETRACTED:
        return RetractionTerms(tuple(record.get("stale", ())), tuple(record.get("told", ())))
    if kind == FEED:
        return FeedTerms(**{**record, "private": tuple(record["private"])})
    return NoTerms()
