"""Values as stored text, and back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypedDict

import msgspec

from consilience.model.observation import Observation, Polarity
from consilience.model.relation import Judgement
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait

StoredRow = Mapping[str, str | int | bool | bytes]
"""A row of a table, to be inserted."""

# Records repeat few sources and subjects; sharing the values saves memory and most of the time of building them.
_SHARED = 4_096
_encoder = msgspec.json.Encoder(order="sorted")
_sources = msgspec.json.Decoder(dict[str, Any])


class _Stored(TypedDict, total=False):
    """The record of an observation; of its source the text alone, which is read once for all that repeat it."""

    publisher: str
    subject: str
    subject_type: str
    kind: str
    value: str
    polarity: Polarity
    source: msgspec.Raw
    object: str
    first_seen: str
    last_seen: str
    published: str
    public_since: str
    where: str
    role: str
    key_role: str
    scope: str
    confidence: str
    note: str
    tlp: str
    pap: str
    embargo: str
    recipients: str
    exclusive: bool
    source_hidden: bool
    match_only: bool
    withheld_id: str


# As plain as any record to the type checker: what is left of it when its named parts are taken goes on as it is.
_observations: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_Stored)


def canonical_text(record: Mapping[str, object]) -> str:
    """The record as canonical JSON: what `model.canonical` gives for it, in a fifth of the time.

    Only for records without floats, which the two spell differently.
    """
    return _encoder.encode(record).decode()


def observation_from_text(text: str, value: str | None = None, printed: bool = True, id: str = "") -> Observation:
    """The observation whose `as_record` gave this stored text.

    A record has one `value`, the printed one. What it does not say is given beside it: the canonical `value` of the
    trait (the recorded one when None), whether the observation had a `printed` value at all, and the id it had.
    """
    stored = _observations.decode(text)
    written = stored.pop("value")
    return Observation(
        subject=_subject(stored.pop("publisher"), stored.pop("subject"), stored.pop("subject_type")),
        trait=Trait(stored.pop("kind"), written if value is None else value),
        source=_source(bytes(stored.pop("source"))),
        printed=written if printed else "",
        polarity=stored.pop("polarity"),
        id=id,
        **stored,
    )


def judgement_record(judgement: Judgement) -> dict[str, str]:
    """All fields of a judgement by name."""
    return {name: getattr(judgement, name) for name in ("a", "b", "level", "because", "by", "recorded", "id")}


@lru_cache(_SHARED)
def _subject(publisher: str, name: str, type: str) -> Subject:
    return Subject(publisher, name, type)


@lru_cache(_SHARED)
def _source(text: bytes) -> Source:
    """The source of a record, in which an absent field is an empty one and not the default of `Source`."""
    return Source(**{"publisher": "", "reliability": "", **_sources.decode(text)})
