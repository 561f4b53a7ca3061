"""Observations, judgements and disclosures as stored text, and back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from consilience.model.observation import Observation, Polarity
from consilience.model.partner import Disclosure
from consilience.model.relation import Judgement
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait

# Records repeat few sources and subjects; sharing the values saves memory and most of the time of building them.
_SHARED = 4_096
_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(dict[str, Any])
# Fields that a record holds under their own names and only when stated.
_STATED = (
    "object",
    "first_seen",
    "last_seen",
    "published",
    "public_since",
    "where",
    "role",
    "key_role",
    "scope",
    "confidence",
    "note",
    "tlp",
    "pap",
    "embargo",
    "recipients",
    "exclusive",
    "source_hidden",
    "match_only",
    "withheld_id",
)


def canonical_text(record: Mapping[str, Any]) -> str:
    """The record as canonical JSON: what `model.canonical` gives for it, in a fifth of the time.

    Only for records without floats, which the two spell differently.
    """
    return _encoder.encode(record).decode()


def record_of(text: str) -> dict[str, Any]:
    """The record that a stored text holds."""
    return _decoder.decode(text)


def observation_from_record(
    record: Mapping[str, Any], value: str | None = None, printed: bool = True, id: str = ""
) -> Observation:
    """The observation whose `as_record` gave this record.

    A record has one `value`, the printed one. What it does not tell is given beside it: the canonical `value` of the
    trait (the recorded one when None), whether the observation had a `printed` value at all, and the id it had.
    """
    written = record["value"]
    return Observation(
        subject=_subject(record["publisher"], record["subject"], record["subject_type"]),
        trait=Trait(record["kind"], written if value is None else value),
        source=_source(**record["source"]),
        printed=written if printed else "",
        polarity=Polarity(record["polarity"]),
        id=id,
        **{name: record[name] for name in _STATED if name in record},
    )


def judgement_record(judgement: Judgement) -> dict[str, str]:
    """All fields of a judgement by name."""
    return {name: getattr(judgement, name) for name in ("a", "b", "level", "because", "by", "recorded", "id")}


def disclosure_from_record(record: Mapping[str, Any]) -> Disclosure:
    """The disclosure whose `as_record` gave this record."""
    return Disclosure(**{**record, "observations": tuple(record["observations"])})


@lru_cache(_SHARED)
def _subject(publisher: str, name: str, type: str) -> Subject:
    return Subject(publisher, name, type)


@lru_cache(_SHARED)
def _source(
    *,
    publisher: str = "",
    title: str = "",
    url: str = "",
    id: str = "",
    derived_from: str = "",
    reliability: str = "",
    credibility: int = 6,
) -> Source:
    """The source of a record, in which an absent field is an empty one and not the default of `Source`."""
    return Source(
        publisher=publisher,
        title=title,
        url=url,
        id=id,
        derived_from=derived_from,
        reliability=reliability,
        credibility=credibility,
    )
