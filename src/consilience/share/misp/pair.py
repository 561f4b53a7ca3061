"""An assessment as a MISP event: two clusters, how they are related, and the sentences.

Analyst data carries no tags in MISP, so its text begins with the marking; everything else is tagged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from consilience.model.assessment import Assessment
from consilience.model.json import JsonObject, objects_in, text_in
from consilience.model.relation import Judgement
from consilience.model.subject import Subject
from consilience.model.when import iso, span
from consilience.share.marking import marking
from consilience.share.misp.blocks import (
    EPOCH,
    MAKER,
    Made,
    attribute,
    document,
    event,
    galaxies,
    labels,
    misp_id,
)
from consilience.share.misp.visible import SUBJECTS
from consilience.vocab import vocabulary
from consilience.vocab.misp import CONCLUSION

AXIS = "operator"
OVERLAPS = "overlaps"

Side = tuple[str, str, str, str]
"""Galaxy, id, name and full name of one of a pair."""

Likely = tuple[float, str, str]
"""The probability of an account, its estimative tag, and the account."""


class MispWriter:
    """Writes one event with the assessment."""

    name = "misp"

    def write(self, assessment: Assessment, judgements: Sequence[Judgement] = ()) -> bytes:
        """The event in the response of a server; each judgement is a note by its analyst."""
        return document([assessment_event(assessment, judgements)])


def assessment_event(assessment: Assessment, judgements: Sequence[Judgement] = ()) -> Made:
    """The event of an assessment, every part under the strictest marking of what it rests on."""
    relation = assessment.relation
    colour = marking(assessment)
    tags = labels(colour)
    sides = [_side(assessment, key) for key in (relation.a, relation.b)]
    clusters = [(kind, id, name, f"TLP:{colour.upper()}. {key}") for kind, id, name, key in sides]
    made = galaxies(clusters)
    likely = _likelihood(assessment)
    for cluster in (each for galaxy in made for each in objects_in(galaxy, "GalaxyCluster")):
        if cluster["uuid"] == sides[0][1]:
            cluster["Relationship"] = [_relationship(assessment, sides, likely, tags)]
            cluster["GalaxyClusterRelation"] = [_related(sides, likely, tags)]
    id = misp_id("event", assessment.id)
    return event(
        id,
        f"{relation.a} and {relation.b}: {relation.level}",
        relation.as_of,
        colour,
        tags + [{"name": each} for each in (CONCLUSION, *_tags_of(made))],
        Attribute=[_level(assessment, tags)],
        Object=[],
        Galaxy=made,
        Opinion=[_opinion(assessment, id, likely, colour)] if likely else [],
        Note=list(_notes(assessment, judgements, id, colour)),
    )


def _side(assessment: Assessment, key: str) -> Side:
    """Galaxy, id, name and full name of one of the pair; its id is that of its full name in every document."""
    types = sorted(seen.subject.type for seen in assessment.observations.values() if seen.subject.key == key)
    common = max(types, key=types.count, default="intrusion-set")
    publisher, _, name = key.partition("/")
    subject = Subject(publisher, name or key, common)
    return SUBJECTS.get(common, "threat-actor"), misp_id("cluster", key), subject.name, key


def _likelihood(assessment: Assessment) -> Likely | None:
    """The probability of the likeliest account that relates the two, its tag, and the account."""
    view = assessment.relation.axes.get(AXIS)
    if view is None:
        return None
    reference = vocabulary().axes[AXIS].reference
    best = max((name for name in view.probabilities if name != reference), key=lambda name: view.probabilities[name])
    word, _ = vocabulary().scales["icd203"].word(view.probabilities[best])
    tag = f'estimative-language:likelihood-probability="{word.replace(" ", "-")}"'
    return view.probabilities[best], tag, best


def _relationship(assessment: Assessment, sides: Sequence[Side], likely: Likely | None, tags: Sequence[Made]) -> Made:
    """The word of this program, as analyst data on the first cluster."""
    return {
        **_analyst("Relationship", assessment, sides[0][1], "GalaxyCluster", ""),
        "related_object_uuid": sides[1][1],
        "related_object_type": "GalaxyCluster",
        "relationship_type": OVERLAPS,
        "Tag": _worded(likely, tags),
    }


def _related(sides: Sequence[Side], likely: Likely | None, tags: Sequence[Made]) -> Made:
    """The same as a relation within the galaxy, where the estimative word is customary."""
    return {
        "galaxy_cluster_uuid": sides[0][1],
        "referenced_galaxy_cluster_uuid": sides[1][1],
        "referenced_galaxy_cluster_type": OVERLAPS,
        "distribution": "0",
        "default": False,
        "Tag": _worded(likely, tags),
    }


def _worded(likely: Likely | None, tags: Sequence[Made]) -> list[Made]:
    return [dict(each) for each in tags] + ([{"name": likely[1]}] if likely else [])


def _level(assessment: Assessment, tags: Sequence[Made]) -> Made:
    relation = assessment.relation
    text = f"Level: {relation.level}. Tracking: {assessment.tracking}."
    return attribute(misp_id("attribute", assessment.id), "text", "Attribution", text, tags, disable_correlation=True)


def _opinion(assessment: Assessment, about: str, likely: Likely, colour: str) -> Made:
    probability, _, account = likely
    made = _analyst("Opinion", assessment, about, "Event", "")
    comment = (
        f"TLP:{colour.upper()}. The number is 100 times the probability of {AXIS}/{account}, the likeliest account on"
        " the operator axis that relates the two."
    )
    return {**made, "opinion": round(100 * probability), "comment": comment}


def _notes(assessment: Assessment, judgements: Sequence[Judgement], about: str, colour: str) -> Iterator[Made]:
    """The sentences, the confidence apart from them, and the words of analysts."""
    mark = f"TLP:{colour.upper()}."
    limits = ", ".join(assessment.confidence.limited_by)
    confidence = f"Analytic confidence in this assessment: {assessment.confidence.level}."
    texts = [
        ("sentences", MAKER, "\n".join(line.text for line in assessment.sentences)),
        ("confidence", MAKER, confidence + (f" It is limited by: {limits}." if limits else "")),
        *((word.id, word.by, f"{word.by}, {word.recorded}: {word.level}. {word.because}") for word in judgements),
    ]
    for name, by, text in texts:
        made = _analyst("Note", assessment, about, "Event", name)
        yield {**made, "authors": by, "note": f"{mark} {text}", "language": "en"}


def _analyst(kind: str, assessment: Assessment, about: str, type: str, name: str) -> JsonObject:
    maker = misp_id("organisation", MAKER)
    day = assessment.relation.as_of
    moment = f"{iso(span(day).last) if day else EPOCH} 00:00:00"
    return {
        "uuid": misp_id(kind, assessment.id, name),
        "object_uuid": about,
        "object_type": type,
        "authors": MAKER,
        "created": moment,
        "modified": moment,
        "distribution": "0",
        "sharing_group_id": "0",
        "orgc_uuid": maker,
        "org_uuid": maker,
        "locked": False,
        "note_type_name": kind,
    }


def _tags_of(made: Sequence[Made]) -> list[str]:
    return [text_in(each, "tag_name") for galaxy in made for each in objects_in(galaxy, "GalaxyCluster")]
