"""Techniques as layers of the ATT&CK Navigator, format 4.5: one for each subject, or three for a pair.

A layer is for eyes: which techniques, by how many sources, and for a pair which of the shared ones tell the most. No
tactic is named, because tactics are renamed between releases of ATT&CK: the Navigator shows a technique under every
tactic that its release has for it. Nor is a release named, because the sources do not say which one they mean.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from consilience.model.assessment import Assessment
from consilience.model.digest import canonical_json
from consilience.model.errors import InputError
from consilience.model.evidence import Evidence
from consilience.model.json import Json, JsonObject, list_in
from consilience.model.marking import UNMARKED, strictest
from consilience.model.observation import Observation
from consilience.model.parcel import Conversion, Loss, Parcel
from consilience.model.printable import visible
from consilience.model.relation import Judgement
from consilience.share.marking import marking
from consilience.share.wording import decibans, web_address

TECHNIQUE = "attack-pattern"
LAYER_FORMAT = "4.5"
NAVIGATOR = "5.0.0"
STATEMENT = "statement"
"""The name under which the metadata of a technique hold what one source says of it, as JSON."""

_NUMBER = re.compile(r"T[0-9]{4}(?:\.[0-9]{3})?\Z")
_PALE, _STRONG = "#dfe9f5", "#1f4e8c"
_OF_LAYER = ("publisher", "subject", "subject_type", "kind", "value", "polarity")

Layer = JsonObject


class NavigatorParcelWriter:
    """Writes a list of layers, one for each subject and domain; the score is the number of sources."""

    name = "navigator"

    def convert(self, parcel: Parcel) -> Conversion:
        """The layers in the order of the subjects' names; each technique holds what its sources say of it."""
        rows = [seen for seen in parcel.observations if _is_coloured(seen)]
        layers = []
        for key in sorted({seen.subject.key for seen in rows}):
            of_one = [seen for seen in rows if seen.subject.key == key]
            colour = strictest(seen.tlp for seen in of_one)
            layers += [_of_subject(key, part, domain, colour, "") for domain, part in _by_domain(of_one)]
        return Conversion(content=_document(layers), losses=tuple(_losses(parcel)))


class NavigatorWriter:
    """Writes three layers of a pair: what each shows, and what both show, by what sharing it is worth."""

    name = "navigator"

    def write(self, assessment: Assessment, judgements: Sequence[Judgement] = ()) -> bytes:
        """The layers as a UTF-8 JSON list; a layer has no place for judgements."""
        if judgements:
            raise InputError("a layer has no place for judgements", "format", "share them as html, markdown or json")
        colour, relation = marking(assessment), assessment.relation
        shown = [assessment.observations[key] for key in sorted(assessment.observations)]
        rows = [seen for seen in shown if _is_coloured(seen)]
        layers: list[Layer] = []
        for key in (relation.a, relation.b):
            of_one = [seen for seen in rows if seen.subject.key == key]
            why = f" Only what the assessment {assessment.id} rests on; a layer of all: share without a pair."
            parts = list(_by_domain(of_one)) or [("enterprise-attack", [])]
            layers += [_of_subject(key, part, domain, colour, why) for domain, part in parts]
        shared = [item for item in relation.evidence if item.kind == TECHNIQUE and item.form == "shared"]
        domains = sorted({_domain(value) for item in shared for value in item.values}) or ["enterprise-attack"]
        layers += [_of_pair(assessment, shared, domain, colour) for domain in domains]
        return _document(layers)


def _is_coloured(seen: Observation) -> bool:
    return seen.trait.kind == TECHNIQUE and seen.present and bool(_NUMBER.match(seen.trait.value))


def _domain(number: str) -> str:
    """The matrix that a technique belongs to; mobile techniques cannot be told by their number from enterprise ones."""
    return "ics-attack" if number.startswith("T0") else "enterprise-attack"


def _by_domain(rows: Sequence[Observation]) -> Iterator[tuple[str, list[Observation]]]:
    for domain in sorted({_domain(seen.trait.value) for seen in rows}):
        yield domain, [seen for seen in rows if _domain(seen.trait.value) == domain]


def _of_subject(key: str, rows: Sequence[Observation], domain: str, colour: str, why: str) -> Layer:
    said = {number: [seen for seen in rows if seen.trait.value == number] for number in _numbers(rows)}
    techniques = [_technique(number, found) for number, found in said.items()]
    most = max((len({seen.source.key for seen in found}) for found in said.values()), default=1)
    layer = _layer(key, domain, colour, f"Techniques of {key}; the score is the number of sources.{why}", techniques)
    identity = rows[0].subject if rows else None
    if identity is not None:
        list_in(layer, "metadata").extend(
            [
                {"name": "publisher", "value": identity.publisher},
                {"name": "subject", "value": identity.name},
                {"name": "subject_type", "value": identity.type},
            ]
        )
    layer["gradient"] = {"colors": [_PALE, _STRONG], "minValue": 1, "maxValue": max(most, 2)}
    layer["legendItems"] = [
        {"label": "one source", "color": _PALE},
        {"label": f"{max(most, 2)} sources", "color": _STRONG},
    ]
    return layer


def _numbers(rows: Sequence[Observation]) -> list[str]:
    return sorted({seen.trait.value for seen in rows})


def _technique(number: str, said: Sequence[Observation]) -> JsonObject:
    sources = sorted({seen.source.key: seen.source for seen in said}.items())
    links = [
        {"label": source.title or source.publisher or key, "url": source.url}
        for key, source in sources
        if web_address(source.url)
    ]
    told: JsonObject = {
        "techniqueID": number,
        "score": len(sources),
        "comment": visible("\n".join(sorted({_sentence(seen) for seen in said}))),
        "enabled": True,
        "metadata": [{"name": STATEMENT, "value": _rest(seen)} for seen in said],
    }
    return {**told, "links": links} if links else told


def _sentence(seen: Observation) -> str:
    """Who says it, in what, when, and of which time."""
    source = seen.source
    who = ": ".join(filter(None, (source.publisher, source.title))) or source.key
    times = sorted({day for day in (seen.first_seen, seen.last_seen) if day})
    parts = [who]
    parts += [f"published {seen.published}"] if seen.published else []
    parts += [f"seen {' to '.join(times)}"] if times else []
    return ", ".join(parts)


def _rest(seen: Observation) -> str:
    """What a statement says beyond its subject and technique, so that a layer read again gives the statement."""
    record = {name: value for name, value in seen.as_record().items() if name not in _OF_LAYER}
    return canonical_json(record | {"value": seen.printed or seen.trait.value}).decode()


def _of_pair(assessment: Assessment, shared: Iterable[Evidence], domain: str, colour: str) -> Layer:
    relation = assessment.relation
    numbers = {number: item for item in shared for number in item.values if _domain(number) == domain}
    found = [_shared(number, numbers[number]) for number in sorted(numbers)]
    name = f"{relation.a} and {relation.b}"
    what = (
        f"Techniques that both show. The score is what sharing the technique is worth alone, in decibans, on the"
        f" account it speaks for most; rare ones are worth more. Assessment {assessment.id}."
    )
    layer = _layer(name, domain, colour, what, found)
    about = (("a", relation.a), ("b", relation.b), ("assessment", assessment.id))
    list_in(layer, "metadata").extend({"name": name, "value": value} for name, value in about)
    most = max(1, math.ceil(max((_score(item) for item in numbers.values()), default=1)))
    layer["gradient"] = {"colors": [_PALE, _STRONG], "minValue": 0, "maxValue": most}
    layer["legendItems"] = [
        {"label": "0 dB: tells nobody apart", "color": _PALE},
        {"label": f"{most} dB: the rarest that both show", "color": _STRONG},
    ]
    return layer


def _shared(number: str, item: Evidence) -> JsonObject:
    worth, on = _worth(item)
    counted = item.counted.get(on[0], {}).get(on[1], 0) if on else 0
    weighs = f"{decibans(worth / 1000)} dB{' for ' + '/'.join(on) if on else ''} alone"
    return {
        "techniqueID": number,
        "score": _score(item),
        "comment": visible(
            f"{item.why}: {weighs}, {decibans(counted / 1000)} dB beside the other evidence; {item.because}"
        ),
        "enabled": True,
        "metadata": [{"name": "evidence", "value": item.id}, {"name": "grade", "value": item.grade}],
    }


def _score(item: Evidence) -> float:
    """The largest weight of an item in decibans, to one place."""
    return round(_worth(item)[0] / 1000, 1)


def _worth(item: Evidence) -> tuple[int, tuple[str, ...]]:
    """The largest weight of an item in millidecibans, and the axis and hypothesis it is on."""
    rows = [(value, axis, name) for axis, row in item.weights.items() for name, value in row.items()]
    value, axis, name = max(rows, key=lambda row: (row[0], row[1:]), default=(0, "", ""))
    return (value, (axis, name)) if value > 0 else (0, ())


def _layer(name: str, domain: str, colour: str, what: str, techniques: list[JsonObject]) -> Layer:
    shown = f"TLP:{colour.upper()}"
    return {
        "name": visible(f"{name} ({shown})"),
        "domain": domain,
        "versions": {"navigator": NAVIGATOR, "layer": LAYER_FORMAT},
        "description": visible(f"{shown}. {what}"),
        "metadata": [{"name": "tlp", "value": colour}],
        "techniques": techniques,
        "layout": {"layout": "side", "showID": True, "showName": True, "expandedSubtechniques": "annotated"},
        "hideDisabled": False,
        "sorting": 3,
    }


def _document(layers: Sequence[Mapping[str, Json]]) -> bytes:
    return json.dumps(layers, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _losses(parcel: Parcel) -> Iterator[Loss]:
    others = Counter(seen.trait.kind for seen in parcel.observations if seen.trait.kind != TECHNIQUE)
    for kind, count in sorted(others.items()):
        yield Loss(
            what=f"statements of kind {kind}",
            count=count,
            why="a layer holds techniques only",
            remedy="jsonl keeps them",
            examples=tuple(seen.id for seen in parcel.observations if seen.trait.kind == kind)[:5],
        )
    techniques = [seen for seen in parcel.observations if seen.trait.kind == TECHNIQUE]
    absent = [seen.id for seen in techniques if not seen.present]
    unnumbered = [seen.id for seen in techniques if seen.present and not _is_coloured(seen)]
    looser = [
        seen.id
        for seen in techniques
        if _is_coloured(seen) and strictest([seen.tlp]) != _colour_of(seen.subject.key, techniques)
    ]
    for what, ids, why in (
        ("techniques looked for and not found", absent, "a layer colours what is shown"),
        ("techniques without a number", unnumbered, "a layer names techniques by number"),
        ("markings of single statements", looser, "a reader takes the strictest marking of a layer for all of it"),
    ):
        if ids:
            yield Loss(what=what, count=len(ids), why=why, remedy="jsonl keeps them", examples=tuple(ids[:5]))
    if parcel.assessments:
        made = tuple(each.id for each in parcel.assessments)
        why = "a list of subjects' layers holds no pair"
        yield Loss(what="assessments", count=len(made), why=why, remedy="share A B as navigator", examples=made[:5])


def _colour_of(key: str, rows: Iterable[Observation]) -> str:
    return strictest([seen.tlp for seen in rows if seen.subject.key == key and _is_coloured(seen)] or [UNMARKED])
