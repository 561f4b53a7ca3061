"""The documents that verbs print with `--json`, as far as their lines for people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from consilience.model.outlook import Conflict, LookFor, SecondHypothesis, WeakestEdge, Withheld

Weights = Mapping[str, Mapping[str, float]]


class EvidenceRow(TypedDict):
    """An item of evidence, with what it counts on each hypothesis of each axis in decibans."""

    id: str
    kind: str
    counted: Weights
    why: str


class ReasonRow(TypedDict):
    """One reason of a fitted figure."""

    kind: str
    weight: float
    why: str


class ReportRow(TypedDict):
    """One of two reports that share software."""

    source: str
    published: str


class SharedSoftwareRow(TypedDict):
    """How likely the likeliest two reports that share software are of one operator."""

    probability: float
    said: str
    reports: list[ReportRow]
    pairs: int
    reasons: list[ReasonRow]


class AxisRow(TypedDict):
    """Where a pair stands on one axis."""

    position: str
    probabilities: Mapping[str, float]
    prior: Mapping[str, float]
    words: str


class ConfidenceRow(TypedDict):
    """The confidence in an assessment, and what limits it."""

    level: str
    limited_by: list[str]


class SentenceRow(TypedDict):
    """One sentence of an assessment."""

    text: str


class AssessmentDocument(TypedDict, total=False):
    """An assessment; the last two keys only where a verb adds them."""

    id: str
    a: str
    b: str
    as_of: str
    level: str
    level_because: str
    tracking: str
    tracking_because: str
    axes: Mapping[str, AxisRow]
    confidence: ConfidenceRow
    evidence: list[EvidenceRow]
    sentences: list[SentenceRow]
    conflicts: list[Conflict]
    withheld: list[Withheld]
    weakest_edge: WeakestEdge
    runner_up: SecondHypothesis
    would_decide: list[LookFor]
    shared_software: SharedSoftwareRow | None
    judgements: list[dict[str, str]]


class Weighed(TypedDict):
    """The evidence on a pair."""

    a: str
    b: str
    evidence: list[EvidenceRow]
    shared_software: SharedSoftwareRow | None


class PairRow(TypedDict):
    """A pair worth a look."""

    a: str
    b: str
    weight: float
    level: str
    axes: Mapping[str, str]
    same_operator: float | None


class StepRow(TypedDict, total=False):
    """One step from a number down to its sources; only observations have a source."""

    level: str
    id: str
    text: str
    source: str


class Walk(TypedDict):
    """The way from an id down to its sources."""

    id: str
    what: str
    stale: bool
    chain: list[StepRow]


class SourceRow(TypedDict):
    """Where a trait is written."""

    publisher: str
    title: str
    where: str
    published: str


class TraitRow(TypedDict):
    """A trait of a subject."""

    kind: str
    value: str
    polarity: str
    rarity: str
    first_seen: str
    last_seen: str
    sources: list[SourceRow]


class ClaimRow(TypedDict):
    """What a publisher claims of two subjects."""

    subject: str
    kind: str
    object: str
    publisher: str
    confidence: str
    published: str
    polarity: str
    where: str


class Shown(TypedDict):
    """The traits of a subject and what is claimed of it."""

    subject: str
    type: str
    as_of: str
    traits: list[TraitRow]
    claims: list[ClaimRow]


class SubjectRow(TypedDict):
    """A subject of the case."""

    name: str
    type: str
    observations: int


class NameConflict(TypedDict):
    """Claims on names that do not fit together."""

    name: str
    what: str
    claims: list[ClaimRow]


class NamesFound(TypedDict):
    """The names of a case."""

    subjects: list[SubjectRow]
    claims: list[ClaimRow]
    conflicts: list[NameConflict]


class FaultRow(TypedDict):
    """Something that does not hold of a case."""

    where: str
    what: str
    todo: str


class AuditVerdict(TypedDict):
    """Whether a case is as it was written."""

    sound: bool
    entries: int
    newest: str
    faults: list[FaultRow]


class AuditRow(TypedDict):
    """One entry of the audit chain."""

    seq: int
    act: str
    of: str
    hash: str
    about: str
    recorded: str


class KindRow(TypedDict):
    """A kind of trait."""

    kind: str
    meaning: str
    form: str
    vertex: str
    group: str
    forging: str
    cap_operator: float | None
    cap_other: float | None


class FeedRow(TypedDict):
    """A collection of another server."""

    name: str
    root: str
    collection: str
    publisher: str
    tlp: str
    added: str


class NoticeRow(TypedDict, total=False):
    """What is said of one piece of a file; `todo` only where it was refused."""

    line: int
    field: str
    what: str
    todo: str


class FileRow(TypedDict):
    """What reading one file gave."""

    file: str
    format: str
    new: int
    known: int
    refused: list[NoticeRow]
    notices: list[NoticeRow]
    held: list[dict[str, str | float]]


class ReadDocument(TypedDict):
    """What reading files gave."""

    files: list[FileRow]
    new: int
    known: int
    refused: int
    held: int
    digest: str


class PulledDocument(ReadDocument):
    """What reading a feed gave."""

    feed: str
    objects: int
    pages: int


class MarkingRow(TypedDict):
    """How many observations of a publisher have a marking, as printed and as it counts."""

    publisher: str
    printed: str
    tlp: str
    observations: int


TermsRow = TypedDict(
    "TermsRow",
    {"tlp": str, "from": list[str], "community": str, "source_hidden": bool | None},
    total=False,
)
"""What a ruling on markings says; `from` are the markings that it changes."""


class RulingRow(TypedDict):
    """A ruling of a person."""

    id: str
    about: str
    by: str
    recorded: str
    terms: TermsRow


class LedgerRow(TypedDict):
    """A document that went to a partner."""

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
    stale: bool


class RulingDone(TypedDict):
    """What a ruling changed: observations, assessments that are out of date, and what partners received before."""

    ruling: RulingRow
    observations: int
    stale: list[str]
    told: Mapping[str, list[LedgerRow]]


class PartnerRow(TypedDict):
    """A partner."""

    name: str
    communities: list[str]
    client: bool
    recorded: str
    by: str
    retired: str


class PublishedDocument(TypedDict):
    """What was published for a partner."""

    partner: str
    added: int
    withdrawn: int
    held: int


class LossRow(TypedDict):
    """Something that a format cannot hold."""

    what: str
    count: int
    why: str
    remedy: str
    examples: list[str]
    text: str


class ViewedAxis(TypedDict):
    """A position and its probabilities, as one side sees it."""

    position: str
    probabilities: Mapping[str, float]


class ViewRow(TypedDict):
    """What one side concludes."""

    level: str
    tracking: str
    confidence: str
    marking: str
    evidence: int
    observations: int
    axes: Mapping[str, ViewedAxis]


class DifferenceRow(TypedDict):
    """A point on which the two sides would differ."""

    what: str
    ours: str
    theirs: str


class Preview(TypedDict):
    """What we conclude beside what a partner would; `theirs` is None where they may not be told."""

    a: str
    b: str
    partner: str
    refused: str
    ours: ViewRow
    theirs: ViewRow | None
    differs: list[DifferenceRow]
