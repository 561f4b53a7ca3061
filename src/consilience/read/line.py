"""From one line, of whatever file format, to one observation, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from consilience.model.errors import Refusal, Rejected
from consilience.model.observation import WITHHELD, Observation, Polarity
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.model.when import span
from consilience.read import fields
from consilience.sandbox.strict_json import strict_object
from consilience.vocab import vocabulary
from consilience.vocab.canonical import canonical

DEFAULTS = ("publisher", "subject", "subject_type", "tlp")
_REQUIRED = {
    "publisher": "say whose name the subject is, here or once for all lines",
    "subject": "say what shows the trait, here or once for all lines",
    "kind": "write one of the kinds that `consilience kinds` lists",
    "value": "write the value, or withheld when the source does not publish it",
}
_SHORT = 200

Faults = list[tuple[str, Rejected]]


def observation_from_line(
    record: Mapping[str, Any], file: str, line: int, defaults: Mapping[str, str]
) -> Observation | list[Refusal]:
    """The observation that a line states, or one refusal for each thing wrong with it.

    `defaults` fill fields that the line leaves out. A field that is null or empty is left out.
    """
    faults: Faults = []
    stated = _with_defaults(record, defaults)
    taken: dict[str, Any] = {"subject_type": "intrusion-set", "polarity": "present"}
    taken |= _taken(stated, fields.LINE, "", faults)
    _required(stated, taken, faults)
    if "kind" in taken and _is_stated(stated.get("value")):
        _value(stated["value"], taken, faults)
    _order_of_dates(taken, faults)
    source = _source(stated.get("source"), taken.get("publisher", ""), faults)
    if faults:
        return [Refusal(file, line, field, fault.what, fault.todo) for field, fault in faults]
    return Observation(
        subject=Subject(taken.pop("publisher"), taken.pop("subject"), taken.pop("subject_type")),
        trait=Trait(taken.pop("kind"), taken.pop("canonical")),
        printed=taken.pop("value"),
        polarity=Polarity(taken.pop("polarity")),
        source=source,
        **taken,
    )


def _is_stated(value: Any) -> bool:
    return value is not None and value != ""


def _with_defaults(record: Mapping[str, Any], defaults: Mapping[str, str]) -> Mapping[str, Any]:
    missing = {field: value for field, value in defaults.items() if not _is_stated(record.get(field))}
    return {**record, **missing} if missing else record


def _taken(
    stated: Mapping[str, Any], takers: Mapping[str, Callable[[Any], Any]], prefix: str, faults: Faults
) -> dict[str, Any]:
    taken: dict[str, Any] = {}
    for key, value in stated.items():
        taker = takers.get(key)
        if taker is None or value is None:
            continue
        try:
            found = _text(taker, value) if type(value) is str and len(value) < _SHORT else taker(value)
        except Rejected as fault:
            faults.append((prefix + key, fault))
        else:
            if found != "":
                taken[key] = found
    return taken


@lru_cache(maxsize=16_384)
def _text(taker: Callable[[Any], Any], value: str) -> Any:
    """What a taker makes of short text, nothing of nothing; the lines of a file repeat most of theirs."""
    return taker(value) if value else ""


def _required(stated: Mapping[str, Any], taken: dict[str, Any], faults: Faults) -> None:
    faulty = {field for field, _ in faults}
    for field, todo in _REQUIRED.items():
        is_there = _is_stated(stated.get(field)) if field == "value" else field in taken or field in faulty
        if not is_there:
            faults.append((field, Rejected("is missing", todo=todo)))
    kind = vocabulary().kinds.get(taken.get("kind", ""))
    if kind is not None and kind.needs_object and "object" not in taken and "object" not in faulty:
        faults.append(("object", Rejected(f"is missing, and {kind.name} compares two", todo="name the other subject")))


def _value(value: Any, taken: dict[str, Any], faults: Faults) -> None:
    """Adds `value`, as printed, and `canonical` to what was taken."""
    try:
        printed = _printed(value, taken["kind"])
        if printed.casefold() == WITHHELD:
            owner = f"{taken.get('publisher')}/{taken.get('subject')} {taken['kind']}"
            taken["value"] = WITHHELD
            taken["canonical"] = f"{WITHHELD}:{taken.get('withheld_id') or owner}"
            return
        if printed.casefold().startswith(f"{WITHHELD}:"):
            raise Rejected("only withheld itself stands for a withheld value", todo="give its id in withheld_id")
        kind = vocabulary().kinds.get(taken["kind"])
        taken["value"] = printed
        taken["canonical"] = canonical(kind.canonical if kind else "exact", printed, taken["kind"])
    except Rejected as fault:
        faults.append(("value", fault))


def _printed(value: Any, kind: str) -> str:
    if isinstance(value, str):
        text = fields.name(value)
    elif isinstance(value, int | float):
        text = fields.name(fields.number(value))
    elif isinstance(value, list):
        text = _list(value, kind)
    else:
        raise Rejected("is neither text, number nor list", todo="write the value as text, in quotes")
    if not text:
        raise Rejected("is empty", todo=_REQUIRED["value"])
    return text


def _list(value: list[Any], kind: str) -> str:
    known = vocabulary().kinds.get(kind)
    if known is not None and not known.ordered:
        raise Rejected(f"{kind} takes one value", todo="write one line for each value of the list")
    items = [fields.stated(item) for item in value]
    if any("," in item for item in items):
        raise Rejected("an item of the list holds a comma, which divides items", todo="write the item without it")
    return fields.name(",".join(item for item in items if item))


def _order_of_dates(taken: Mapping[str, Any], faults: Faults) -> None:
    first, last = taken.get("first_seen"), taken.get("last_seen")
    if first and last and first != last and span(last).last < span(first).first:
        faults.append(
            ("last_seen", Rejected(f"{last} is before first_seen, {first}", todo="give both as the source does"))
        )


def _source(value: Any, publisher: str, faults: Faults) -> Source:
    """The source an object, JSON text or plain title describes; the publisher of the line where it names none."""
    if value is None:
        return Source(publisher=publisher)
    if isinstance(value, str):
        value = _source_text(value, faults)
    if not isinstance(value, Mapping):
        unfit = Rejected("is neither object nor title", todo="write an object with title, url and publisher")
        faults.append(("source", unfit))
        return Source(publisher=publisher)
    return _built_source(tuple(_taken(value, fields.SOURCE, "source.", faults).items()), publisher)


@lru_cache(maxsize=4_096)
def _built_source(taken: tuple[tuple[str, Any], ...], publisher: str) -> Source:
    return Source(**{"publisher": publisher} | dict(taken))


def _source_text(value: str, faults: Faults) -> Mapping[str, Any]:
    if not value.lstrip().startswith("{"):
        return {"title": value}
    try:
        return strict_object(value.encode("utf-8", "surrogatepass"))
    except Rejected as fault:
        faults.append(("source", fault))
        return {}
