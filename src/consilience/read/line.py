"""From one line, of whatever file format, to one observation, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
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
    record: Mapping[str, object], file: str, line: int, defaults: Mapping[str, str]
) -> Observation | list[Refusal]:
    """The observation that a line states, or one refusal for each thing wrong with it.

    `defaults` fill fields that the line leaves out. A field that is null or empty is left out.
    """
    faults: Faults = []
    stated = _with_defaults(record, defaults)
    accepted = _accepted(stated, fields.LINE, "", faults)
    texts = {name: value for name, value in accepted.items() if isinstance(value, str)}
    others: dict[str, Any] = {name: value for name, value in accepted.items() if name not in texts}
    _required(stated, texts, faults)
    printed = value = ""
    if "kind" in texts and _is_stated(stated.get("value")):
        try:
            printed, value = _value(stated["value"], texts)
        except Rejected as fault:
            faults.append(("value", fault))
    _order_of_dates(texts, faults)
    source = _source(stated.get("source"), texts.get("publisher", ""), faults)
    if faults:
        return [Refusal(file, line, field, fault.what, fault.todo) for field, fault in faults]
    subject = Subject(texts.pop("publisher"), texts.pop("subject"), texts.pop("subject_type", "intrusion-set"))
    trait, polarity = Trait(texts.pop("kind"), value), Polarity(texts.pop("polarity", "present"))
    others |= texts
    return Observation(subject=subject, trait=trait, printed=printed, polarity=polarity, source=source, **others)


def _is_stated(value: object) -> bool:
    return value is not None and value != ""


def _with_defaults(record: Mapping[str, object], defaults: Mapping[str, str]) -> Mapping[str, object]:
    missing = {field: value for field, value in defaults.items() if not _is_stated(record.get(field))}
    return {**record, **missing} if missing else record


def _accepted(
    stated: Mapping[str, object], forms: Mapping[str, fields.Form], prefix: str, faults: Faults
) -> dict[str, fields.Value]:
    """The fields in their forms; a field that does not fit is a fault."""
    accepted: dict[str, fields.Value] = {}
    for key, value in stated.items():
        form = forms.get(key)
        if form is None or value is None:
            continue
        try:
            found = _short_text(form, value) if type(value) is str and len(value) < _SHORT else form(value)
        except Rejected as fault:
            faults.append((prefix + key, fault))
        else:
            if found != "":
                accepted[key] = found
    return accepted


@lru_cache(maxsize=16_384)
def _short_text(form: fields.Form, value: str) -> fields.Value:
    """What a form makes of short text, nothing of nothing; the lines of a file repeat most of theirs."""
    return form(value) if value else ""


def _required(stated: Mapping[str, object], texts: Mapping[str, str], faults: Faults) -> None:
    faulty = {field for field, _ in faults}
    for field, todo in _REQUIRED.items():
        is_there = _is_stated(stated.get(field)) if field == "value" else field in texts or field in faulty
        if not is_there:
            faults.append((field, Rejected("is missing", todo=todo)))
    kind = vocabulary().kinds.get(texts.get("kind", ""))
    if kind is not None and kind.needs_object and "object" not in texts and "object" not in faulty:
        faults.append(("object", Rejected(f"is missing, and {kind.name} compares two", todo="name the other subject")))


def _value(value: object, texts: Mapping[str, str]) -> tuple[str, str]:
    """The value of a line as printed and in its canonical form."""
    name = texts["kind"]
    printed = _printed(value, name)
    if printed.casefold() == WITHHELD:
        owner = f"{texts.get('publisher')}/{texts.get('subject')} {name}"
        return WITHHELD, f"{WITHHELD}:{texts.get('withheld_id') or owner}"
    if printed.casefold().startswith(f"{WITHHELD}:"):
        raise Rejected("only withheld itself stands for a withheld value", todo="give its id in withheld_id")
    kind = vocabulary().kinds.get(name)
    return printed, canonical(kind.canonical if kind else "exact", printed, name)


def _printed(value: object, kind: str) -> str:
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


def _list(value: list[object], kind: str) -> str:
    known = vocabulary().kinds.get(kind)
    if known is not None and not known.ordered:
        raise Rejected(f"{kind} takes one value", todo="write one line for each value of the list")
    items = [fields.stated(item) for item in value]
    if any("," in item for item in items):
        raise Rejected("an item of the list holds a comma, which divides items", todo="write the item without it")
    return fields.name(",".join(item for item in items if item))


def _order_of_dates(texts: Mapping[str, str], faults: Faults) -> None:
    first, last = texts.get("first_seen"), texts.get("last_seen")
    if first and last and first != last and span(last).last < span(first).first:
        faults.append(
            ("last_seen", Rejected(f"{last} is before first_seen, {first}", todo="give both as the source does"))
        )


def _source(value: object, publisher: str, faults: Faults) -> Source:
    """The source an object, JSON text or plain title describes; the publisher of the line where it names none."""
    if value is None:
        return Source(publisher=publisher)
    if isinstance(value, str):
        value = _source_text(value, faults)
    if not isinstance(value, Mapping):
        unfit = Rejected("is neither object nor title", todo="write an object with title, url and publisher")
        faults.append(("source", unfit))
        return Source(publisher=publisher)
    return _built_source(tuple(_accepted(value, fields.SOURCE, "source.", faults).items()), publisher)


@lru_cache(maxsize=4_096)
def _built_source(accepted: tuple[tuple[str, fields.Value], ...], publisher: str) -> Source:
    named: dict[str, Any] = {"publisher": publisher, **dict(accepted)}
    return Source(**named)


def _source_text(value: str, faults: Faults) -> Mapping[str, object]:
    if not value.lstrip().startswith("{"):
        return {"title": value}
    try:
        return strict_object(value.encode("utf-8", "surrogatepass"))
    except Rejected as fault:
        faults.append(("source", fault))
        return {}
