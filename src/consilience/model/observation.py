"""One source's statement that a subject showed a trait, or was examined and did not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from consilience.model.digest import canonical_json
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.model.when import Span, showing, span

WITHHELD = "withheld"
_FLAGS = ("exclusive", "source_hidden", "match_only")


KEY_ROLES = ("per-operator", "per-build", "per-builder", "hard-coded", "unknown")


class Polarity(StrEnum):
    """Whether the trait was shown, or looked for and not shown."""

    PRESENT = "present"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One source's statement that a subject showed a trait, or was examined and did not, and where it is written.

    `trait.value` is canonical, `printed` is what the source prints. Dates are ISO text of any precision, empty when
    not stated. `object` is the full or bare name of the other subject, for kinds that compare. `tlp` to `match_only`
    say who may be told (see `marking`); `recipients` are names between commas. `id` is derived from every other field
    that is stated, so the same statement read twice is one observation.
    """

    subject: Subject
    trait: Trait
    source: Source
    printed: str = ""
    polarity: Polarity = Polarity.PRESENT
    object: str = ""
    first_seen: str = ""
    last_seen: str = ""
    published: str = ""
    public_since: str = ""
    where: str = ""
    role: str = ""
    key_role: str = ""
    exclusive: bool = False
    scope: str = ""
    confidence: str = ""
    note: str = ""
    tlp: str = ""
    pap: str = ""
    embargo: str = ""
    recipients: str = ""
    source_hidden: bool = False
    match_only: bool = False
    withheld_id: str = ""
    id: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", "obs-" + hashlib.sha256(canonical_json(self.as_record())).hexdigest()[:20])

    @property
    def present(self) -> bool:
        """True when the trait was shown, False when it was looked for and not shown."""
        return self.polarity is Polarity.PRESENT

    @property
    def withheld(self) -> bool:
        """True when the source knows the value and does not publish it."""
        return self.printed == WITHHELD

    def showing(self) -> Span | None:
        """The days within which the trait was shown, or None when the source states no date."""
        return showing(self.first_seen, self.last_seen)

    def known_from(self) -> int | None:
        """The first day on which the statement can have been public, as an ordinal; None when not dated."""
        return span(self.published).first if self.published else None

    def as_record(self) -> dict[str, Any]:
        """The observation as a line of an observation file: the stated fields only, without the id.

        Reading this record again gives an equal observation.
        """
        record: dict[str, Any] = {
            "publisher": self.subject.publisher,
            "subject": self.subject.name,
            "subject_type": self.subject.type,
            "kind": self.trait.kind,
            "value": self.printed or self.trait.value,
            "polarity": str(self.polarity),
        }
        for name in (
            "first_seen",
            "last_seen",
            "published",
            "public_since",
            "object",
            "role",
            "key_role",
            "scope",
            "confidence",
            "note",
            "tlp",
            "pap",
            "embargo",
            "recipients",
            "withheld_id",
            "where",
        ):
            value = getattr(self, name)
            if value:
                record[name] = value
        for name in _FLAGS:
            if getattr(self, name):
                record[name] = True
        record["source"] = self.source.as_record()
        return record
