"""The events of a file, however they are packed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from consilience.model.errors import Rejected
from consilience.read.json_document import members
from consilience.read.misp.objects import Event
from consilience.read.reading_builder import ReadingBuilder
from consilience.sandbox.strict_json import MAX_DEPTH, is_too_deep, strict_value

REMEDY = "write it as MISP exports it"

Form = TypeVar("Form", bound=msgspec.Struct)


class _Response(msgspec.Struct):
    response: list[msgspec.Raw] = []


def events_of(raw: bytes, damage: str, builder: ReadingBuilder) -> Iterator[tuple[str, Event]]:
    """Each good event with its JSON pointer; of a response that breaks off, those before the break."""
    if raw.lstrip().startswith(b"["):
        wrapped = b'{"response":' + raw + b"}"
        _, parts = members(wrapped, "response", _Response, damage, builder)
        found = [(f"/{place}", bytes(part)) for place, part in enumerate(parts)]
    elif b'"response"' in raw[:4096] and (listed := _response(raw, damage, builder)) is not None:
        found = [(f"/response/{place}", part) for place, part in enumerate(listed)]
    else:
        found = [("", raw)]
    for pointer, part in found:
        try:
            yield _event(pointer, part)
        except Rejected as unfit:
            builder.refuse(0, pointer, Rejected(damage or unfit.what, todo=unfit.todo))


def formed(record: object, form: type[Form]) -> Form:
    """The part as a value of this form. Raises Rejected where a field does not fit."""
    try:
        return msgspec.convert(record, form)
    except msgspec.ValidationError as fault:
        raise Rejected(str(fault), todo=REMEDY) from None


def _response(raw: bytes, damage: str, builder: ReadingBuilder) -> list[bytes] | None:
    """The members of a response; None where the word stands for something else."""
    try:
        top = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        top = None
    if top is not None and "response" not in top:
        return None
    if top is not None and bytes(top["response"]).lstrip().startswith(b"{"):
        return [bytes(top["response"])]
    _, parts = members(raw, "response", _Response, damage, builder)
    return [bytes(part) for part in parts]


def _event(pointer: str, part: bytes) -> tuple[str, Event]:
    if is_too_deep(part):
        raise Rejected(
            f"the event is nested deeper than {MAX_DEPTH} levels", todo="get the file again from who made it"
        )
    record = strict_value(part)
    if isinstance(record, dict) and "Event" in record:
        record, pointer = record["Event"], f"{pointer}/Event"
    if not isinstance(record, dict):
        raise Rejected("is not an event", todo=REMEDY)
    return pointer, formed(record, Event)
