"""MISP galaxies: collections of names with their synonyms and how they relate.

Whoever compiled a galaxy, the names in it are those of "MISP galaxy", so that readings of later versions say the same
of the same subjects; a galaxy other than that of threat actors adds its own name. What a cluster refers to stands in
the note of the claim that gives its UUID, because a galaxy does not say which reference supports which statement.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from consilience.model.errors import Rejected
from consilience.model.protocols import Progress
from consilience.model.reading import Reading
from consilience.model.subject import Subject
from consilience.read.fields import MAX_TEXT
from consilience.read.json_document import members, outline, whole
from consilience.read.notice_counts import NoticeCounts
from consilience.read.reading_builder import ReadingBuilder
from consilience.sandbox.content import Content
from consilience.sandbox.strict_json import strict_value

PUBLISHER = "MISP galaxy"
ACTORS = "threat-actor"
TYPES: Mapping[str, str] = {
    ACTORS: "intrusion-set",
    "microsoft-activity-group": "intrusion-set",
    "360net-threat-actor": "intrusion-set",
    "mitre-intrusion-set": "intrusion-set",
    "mitre-enterprise-attack-intrusion-set": "intrusion-set",
    "mitre-mobile-attack-intrusion-set": "intrusion-set",
    "malpedia": "malware",
    "ransomware": "malware",
    "rat": "malware",
    "banker": "malware",
    "botnet": "malware",
    "stealer": "malware",
    "backdoor": "malware",
    "android": "malware",
    "cryptominers": "malware",
    "mitre-malware": "malware",
    "mitre-enterprise-attack-malware": "malware",
    "mitre-mobile-attack-malware": "malware",
    "tool": "tool",
    "exploit-kit": "tool",
    "mitre-tool": "tool",
    "mitre-enterprise-attack-tool": "tool",
    "mitre-mobile-attack-tool": "tool",
}
"""The types of subjects that galaxies hold, by the type of the galaxy; the others hold no subjects."""

RELATIONS: Mapping[str, str] = {
    "similar": "name:overlaps",
    "overlaps": "name:overlaps",
    "overlaps-with": "name:overlaps",
    "synonym": "name:same-referent",
    "synonym-of": "name:same-referent",
    "is-synonym": "name:same-referent",
    "alias-of": "name:same-referent",
    "same-as": "name:same-referent",
    "duplicate-of": "name:same-referent",
    "part-of": "name:part-of",
    "subgroup-of": "name:part-of",
    "subset-of": "name:part-of",
    "member-of": "name:part-of",
    "different-from": "name:different",
    "attributed-to": "claim:same-operator",
    "authored-by": "claim:same-developer",
    "variant-of": "code:similar",
}
"""What a relation between two clusters of one galaxy says."""

TRAITS: Mapping[str, str] = {
    "cfr-suspected-state-sponsor": "sponsor",
    "cfr-target-category": "sector",
    "targeted-sector": "sector",
    "cfr-suspected-victims": "region",
    "suspected-victims": "region",
}
"""What the fields of a cluster's meta data say; the country where a group sits is not a trait, and is not read."""

_OPERATIONS = frozenset({"campaign", "operation"})
_NOTHING = frozenset({"unknown", "global", "other", "none", "n/a", ""})
_LIKELIHOOD = re.compile(r'estimative-language:likelihood-probability="([a-z-]+)"')
_NUMBERED = re.compile(r"(.+?) - ([GSC][0-9]{4})\Z")
_REMEDY = "write it as galaxies have it"
_CLUSTERS_A_STEP = 512


class _Related(msgspec.Struct, rename={"uuid": "dest-uuid"}):
    uuid: str = ""
    type: str = ""
    tags: list[str] = []


class _Cluster(msgspec.Struct):
    value: str
    uuid: str = ""
    meta: dict[str, object] = {}
    related: list[_Related] = []


class _Galaxy(msgspec.Struct):
    name: str = ""
    type: str = ""
    values: list[msgspec.Raw] = []


class MispGalaxy:
    """Reads the clusters of a galaxy."""

    name = "misp-galaxy"

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the file begins as one JSON object with the values of a galaxy."""
        found = outline(head)
        tells = {("authors",), ("category",), ("type",), ("uuid",), ("name",)} & found.keys()
        return (
            bool(tells)
            and ("values", "value") in found
            and bool({("values", "uuid"), ("values", "meta")} & found.keys())
        )

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """The names, relations, sponsors and victims that the clusters state; broken clusters are refused."""
        content = Content(raw)
        builder = ReadingBuilder(filename, defaults)
        counts = NoticeCounts(filename)
        top, parts = members(whole(content), "values", _Galaxy, content.damage, builder)
        clusters = [found for place, part in enumerate(parts) if (found := _cluster(part, place, builder)) is not None]
        if top.type not in TYPES:
            builder.refuse(
                0, "type", Rejected(f"a galaxy of type {top.type[:60]!r} names no subjects", todo="leave it out")
            )
            clusters = []
        statements = _Statements(top, clusters, counts)
        for place, cluster in enumerate(clusters):
            for record in statements.of(cluster):
                builder.take(record, 0, f"{cluster.value[:60]} ({cluster.uuid[:60]})")
            if progress is not None and place % _CLUSTERS_A_STEP == 0:
                progress(len(raw) * place // len(clusters), len(raw))
        builder.notices += counts.notices()
        return builder.reading(f"{self.name}.gz" if content.packed else self.name, raw)


class _Statements:
    """What the clusters of one galaxy state."""

    def __init__(self, top: _Galaxy, clusters: Sequence[_Cluster], counts: NoticeCounts) -> None:
        self._counts = counts
        self._publisher = PUBLISHER if top.type == ACTORS else f"{PUBLISHER} {(top.name or top.type).replace('/', '-')}"
        self._source = {"publisher": PUBLISHER, "title": top.name or top.type}
        self._type = TYPES.get(top.type, "")
        self._subjects = {each.uuid: self._subject(each) for each in clusters}
        bearers = Counter(_name_and_number(each.value)[0].casefold() for each in clusters)
        for name in (name for name, count in bearers.items() if count > 1):
            counts.add("value", "names that several clusters bear; they are read as one", name)

    def of(self, cluster: _Cluster) -> Iterator[Mapping[str, object]]:
        """The lines that say what one cluster does."""
        subject = self._subject(cluster)
        name, number = _name_and_number(cluster.value)
        base = {
            "publisher": subject.publisher,
            "subject": subject.name,
            "subject_type": subject.type,
            "source": self._source,
            "where": cluster.uuid,
        }
        claim = {**base, "kind": "name:same-referent", "value": name}
        if cluster.uuid:
            yield {**claim, "object": cluster.uuid, "note": _references(cluster)}
        if number:
            yield {**claim, "object": number}
        for synonym in self._synonyms(cluster, name):
            origin = cluster.meta.get(f"origin:{synonym}")
            yield {**claim, "object": synonym, "note": f"named by {origin}" if isinstance(origin, str) else ""}
        yield from ({**base, **said} for said in self._traits(cluster))
        yield from ({**base, **said} for said in self._relations(cluster))

    def _subject(self, cluster: _Cluster) -> Subject:
        classes = {text.lower() for text in _texts(cluster.meta.get("threat-actor-classification"))}
        is_operation = bool(classes) and classes <= _OPERATIONS and self._type == "intrusion-set"
        return Subject(self._publisher, _name_and_number(cluster.value)[0], "campaign" if is_operation else self._type)

    def _synonyms(self, cluster: _Cluster, name: str) -> Iterator[str]:
        seen = {name.casefold()}
        for synonym in _texts(cluster.meta.get("synonyms")):
            if synonym.casefold() not in seen:
                seen.add(synonym.casefold())
                yield synonym

    def _traits(self, cluster: _Cluster) -> Iterator[Mapping[str, object]]:
        told: set[tuple[str, str]] = set()
        for field, kind in TRAITS.items():
            for value in _texts(cluster.meta.get(field)):
                if value.lower() not in _NOTHING and (kind, value.lower()) not in told:
                    told.add((kind, value.lower()))
                    sure = cluster.meta.get("attribution-confidence") if kind == "sponsor" else None
                    yield {"kind": kind, "value": value, "confidence": str(sure) if sure else ""}
        if cluster.meta.get("country"):
            self._counts.add(
                "country", "countries where groups sit; they are not sponsors, and were not read", cluster.value
            )

    def _relations(self, cluster: _Cluster) -> Iterator[Mapping[str, object]]:
        for related in cluster.related:
            other = self._subjects.get(related.uuid)
            kind = RELATIONS.get(related.type)
            if other is None:
                what = f"relations {related.type} to clusters that the file does not hold"
                self._counts.add("related", what, f"{cluster.value}: {related.uuid}")
            elif kind is None or other.name == cluster.value:
                what = f"relations {related.type} that are not evidence here, and were not read"
                self._counts.add("related", what, f"{cluster.value}: {other.name}")
            else:
                yield {
                    "kind": kind,
                    "value": related.type,
                    "object": other.key,
                    "confidence": _likelihood(related.tags),
                }


def _cluster(part: msgspec.Raw, place: int, builder: ReadingBuilder) -> _Cluster | None:
    record: Any = None
    try:
        record = strict_value(bytes(part))
        found = msgspec.convert(record, _Cluster)
        if not found.value.strip():
            raise Rejected("is missing", "value", "every cluster has a name")
    except msgspec.ValidationError as fault:
        unfit = Rejected(str(fault), todo=_REMEDY)
    except Rejected as fault:
        unfit = fault
    else:
        return found
    name = record.get("value") if isinstance(record, dict) else ""
    builder.refuse(0, f"/values/{place} {name if isinstance(name, str) else ''}"[:120].strip(), unfit)
    return None


def _texts(value: Any) -> list[str]:
    """The texts of a field that holds one or a list of them."""
    listed = value if isinstance(value, list) else [value]
    return [" ".join(each.split()) for each in listed if isinstance(each, str) and each.strip()]


def _name_and_number(value: str) -> tuple[str, str]:
    """The name of a cluster, and the number of ATT&CK that some galaxies put behind it."""
    text = " ".join(value.split())
    found = _NUMBERED.match(text)
    return (found[1], found[2]) if found else (text, "")


def _references(cluster: _Cluster) -> str:
    """The addresses that a cluster refers to, as many as a note holds."""
    note = ""
    for url in _texts(cluster.meta.get("refs")):
        longer = f"{note} {url}".strip()
        if len(longer) > MAX_TEXT:
            break
        note = longer
    return note


def _likelihood(tags: Sequence[str]) -> str:
    """The estimative words of a relation, empty when it states none."""
    found = [match[1] for tag in tags if (match := _LIKELIHOOD.search(tag))]
    return found[0].replace("-", " ") if found else ""
