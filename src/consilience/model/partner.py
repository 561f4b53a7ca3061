"""Those whom a case may tell something, and what they were told."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """Somebody outside, by name, with the communities they are a member of, and whether they are our client.

    A partner with a community is a peer. `retired` is when they ceased to be a partner, empty while they are one.
    """

    name: str
    communities: tuple[str, ...] = ()
    client: bool = False
    recorded: str = ""
    by: str = ""
    retired: str = ""

    @property
    def principal(self) -> str:
        """The partner as a member of audiences."""
        return self.name.casefold()

    def as_record(self) -> dict[str, Any]:
        """The partner as JSON."""
        return {**asdict(self), "communities": list(self.communities)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One document that went to a partner: which assessment, in which format, its digest, when, and by whom.

    `observations` are the ids, as the case has them, of the statements that the document shows. `whole` tells that
    the partner may know all that the case knew by the date, so that the assessment is ours as well.
    """

    id: str
    partner: str
    assessment: str
    a: str
    b: str
    as_of: str
    format: str
    sha256: str
    recorded: str
    by: str
    observations: tuple[str, ...]
    whole: bool = False

    def as_record(self) -> dict[str, Any]:
        """The disclosure as JSON."""
        return {**asdict(self), "observations": list(self.observations)}
