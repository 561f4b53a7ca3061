"""What traits are shown by."""

from __future__ import annotations

from dataclasses import dataclass

SUBJECT_TYPES = ("intrusion-set", "campaign", "malware", "tool", "sample", "infrastructure")
CLUSTER_TYPES = frozenset({"intrusion-set", "campaign"})
TOOL_TYPES = frozenset({"malware", "tool"})


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """A cluster, family, campaign, sample or infrastructure as one publisher names it.

    A name belongs to its publisher: `SentinelLabs/Sandman` everywhere. The publisher holds no slash; the name may.
    """

    publisher: str
    name: str
    type: str = "intrusion-set"

    @property
    def key(self) -> str:
        """The full name, `publisher/name`; two subjects are one subject when their keys are equal."""
        return f"{self.publisher}/{self.name}"

    def __str__(self) -> str:
        return self.key
