"""Many statements as MISP events: one for each subject and marking, so that an event is as strict as all in it.

What MISP has no field for stands in an object of our own template, which holds the statement whole and points at the
attribute or object that shows it to others. Reading the document again gives equal statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from consilience.model.digest import canonical_json
from consilience.model.json import text_in
from consilience.model.marking import strictest
from consilience.model.observation import Observation
from consilience.model.parcel import Conversion, Parcel
from consilience.model.subject import Subject
from consilience.share.misp.blocks import (
    Made,
    attribute,
    composed,
    document,
    event,
    galaxies,
    labels,
    misp_id,
    tag_name,
)
from consilience.share.misp.losses import losses_of
from consilience.share.misp.pair import assessment_event
from consilience.share.misp.visible import cluster_of, merged, shown, subject_cluster
from consilience.vocab.misp import RECORD, RECORD_RELATION

TEMPLATE = (misp_id("template", RECORD), "1", "misc")

Group = tuple[Subject, str, str]
"""A subject, and the TLP and PAP of what is said of it."""


class MispParcelWriter:
    """Writes the response of a MISP server, an event for each subject and marking."""

    name = "misp"

    def convert(self, parcel: Parcel) -> Conversion:
        """The events in the order of their subjects, then those of the assessments."""
        groups: dict[Group, list[Observation]] = {}
        for said in parcel.observations:
            groups.setdefault((said.subject, said.tlp, said.pap), []).append(said)
        events = [_event(group, groups[group], parcel) for group in sorted(groups)]
        events += [assessment_event(made) for made in parcel.assessments]
        return Conversion(content=document(events), losses=losses_of(parcel))


def _event(group: Group, statements: Sequence[Observation], parcel: Parcel) -> Made:
    subject, tlp, pap = group
    tags = labels(tlp, pap)
    parts: dict[str, dict[str, Made]] = {"Attribute": {}, "Object": {}}
    records = []
    for said in statements:
        points_at = []
        if (found := shown(said, tags)) is not None:
            listed, part = found
            part_id = text_in(part, "uuid")
            held = parts[listed].get(part_id)
            parts[listed][part_id] = part if held is None else _joined(listed, held, part)
            points_at = [part_id]
        records.append(_record(said, tags, points_at))
    named = list(_named(subject, statements, tlp))
    own = subject_cluster(subject)
    id = misp_id("event", parcel.to, subject.key, subject.type, strictest([tlp]) if tlp else "", pap)
    return event(
        id,
        f"Statements about {subject.key}",
        parcel.as_of or max((said.published for said in statements), default=""),
        tlp,
        tags + ([{"name": tag_name(*own)}] if own else []),
        Attribute=[parts["Attribute"][id] for id in sorted(parts["Attribute"])],
        Object=[*(parts["Object"][id] for id in sorted(parts["Object"])), *records],
        Galaxy=galaxies(named),
    )


def _joined(listed: str, one: Made, other: Made) -> Made:
    """One part for two statements of one value: the whole time in which either saw it."""
    if listed == "Object":
        return merged(one, other)
    first = min((text_in(each, "first_seen") for each in (one, other) if "first_seen" in each), default="")
    last = max((text_in(each, "last_seen") for each in (one, other) if "last_seen" in each), default="")
    made = {**one, "timestamp": max(text_in(one, "timestamp"), text_in(other, "timestamp"), key=int)}
    return {**made, **({"first_seen": first} if first else {}), **({"last_seen": last} if last else {})}


def _record(said: Observation, tags: Sequence[Made], points_at: Iterable[str]) -> Made:
    """The statement whole, its kind and value beside it for whoever reads the object by eye."""
    id = misp_id("statement", said.id)
    texts = {
        "kind": said.trait.kind,
        "value": said.printed or said.trait.value,
        "polarity": str(said.polarity),
        RECORD_RELATION: canonical_json(said.as_record()).decode(),
    }
    parts = [
        attribute(
            misp_id("attribute", id, relation),
            "text",
            "Other",
            text,
            tags,
            object_relation=relation,
            disable_correlation=True,
        )
        for relation, text in texts.items()
    ]
    return composed(id, RECORD, TEMPLATE, parts, points_at)


def _named(subject: Subject, statements: Iterable[Observation], tlp: str) -> Iterable[tuple[str, str, str, str]]:
    """The clusters of an event: its subject, and what it uses and targets."""
    colour = f"TLP:{strictest([tlp]).upper()}"
    if (own := subject_cluster(subject)) is not None:
        yield own[0], misp_id("cluster", subject.key), own[1], f"{colour}. {subject.key}"
    for said in statements:
        if (found := cluster_of(said)) is not None:
            yield found[0], misp_id("cluster", *found), found[1], f"{colour}. {said.trait}"
