"""What readers of MISP other than ours do not see of a parcel, counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from consilience.model.observation import Observation
from consilience.model.parcel import Loss, Parcel
from consilience.share.misp.visible import cluster_of, is_shown, shown

OURS = "this program reads it back; for others use stix or jsonl"
_NAMED = 5
_FIELDS = ("role", "key_role", "scope", "confidence", "note", "public_since", "where", "exclusive", "withheld_id")


def losses_of(parcel: Parcel) -> tuple[Loss, ...]:
    """One line for each matter that some statement or assessment has, in a fixed order."""
    found = [_loss(what, why, remedy, parcel, applies) for what, why, remedy, applies in _MATTERS]
    lost = [each for each in found if each is not None]
    return (*lost, *_assessments(parcel))


def _loss(what: str, why: str, remedy: str, parcel: Parcel, applies: Callable[[Observation], bool]) -> Loss | None:
    concerned = [said.id for said in parcel.observations if applies(said)]
    if not concerned:
        return None
    return Loss(what=what, count=len(concerned), why=why, remedy=remedy, examples=tuple(concerned[:_NAMED]))


def _assessments(parcel: Parcel) -> Iterator[Loss]:
    if parcel.assessments:
        yield Loss(
            what="numbers of assessments",
            count=len(parcel.assessments),
            why="an event tells an assessment in sentences, one relation and one word; it has no place for evidence",
            remedy="use stix or json",
            examples=tuple(made.id for made in parcel.assessments[:_NAMED]),
        )


def _is_text(said: Observation) -> bool:
    return is_shown(said) and cluster_of(said) is None and shown(said, ()) is None


def _is_rough(said: Observation) -> bool:
    return any(day and len(day) < 10 for day in (said.first_seen, said.last_seen)) and shown(said, ()) is not None


def _is_handled(said: Observation) -> bool:
    return bool(said.embargo or said.recipients or said.source_hidden or said.match_only)


_MATTERS: tuple[tuple[str, str, str, Callable[[Observation], bool]], ...] = (
    ("sources", "an event has one maker, and these statements keep their own sources as text", OURS, lambda _: True),
    (
        "negatives",
        "MISP cannot say that something was looked for and not found; they are text",
        OURS,
        lambda said: not said.present,
    ),
    ("withheld values", "there is no value to write; they are text", OURS, lambda said: said.withheld),
    (
        "comparisons and claims",
        "an attribute is about one thing, and these compare two; they are text",
        OURS,
        lambda said: said.present and not said.withheld and not is_shown(said),
    ),
    ("values without a type", "no type of attribute is of their kind; they are text", OURS, _is_text),
    (
        "rough dates",
        "MISP has full days only; a year or month becomes its first or last day",
        OURS,
        _is_rough,
    ),
    (
        "fields",
        "MISP has no place for them beside a value: " + ", ".join(_FIELDS),
        OURS,
        lambda said: any(getattr(said, field) for field in _FIELDS),
    ),
    (
        "missing markings",
        "they leave as tlp:amber+strict, because others take silence for permission",
        "mark them first",
        lambda said: not said.tlp,
    ),
    (
        "embargoes, recipients, hidden sources",
        "no other program obeys them",
        "send them to nobody; a document for a partner holds none",
        _is_handled,
    ),
)
