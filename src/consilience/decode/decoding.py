"""Every description tried on one sample: the records that came out, and what was odd."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from consilience.analyse.containers.bounds import Damaged
from consilience.decode.description import Decoder, DecodeStep, Layout
from consilience.decode.locating import MOST_PLACES, Location, Sample, locations
from consilience.decode.splitting import (
    RawFields,
    by_form,
    by_names,
    by_sizes,
    leaves_of,
    records,
    sizes,
)
from consilience.decode.steps import BudgetSpent, DecodeBudget, texts, undo_step
from consilience.decode.typed_fields import entries_of, typed_fields
from consilience.model.configuration import Configuration, Entry
from consilience.model.json import JsonObject

MOST_RECORDS = 64
BUDGET_SPENT = "not every place was decoded: the sample has too many of them, or they unpack to too much"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedConfiguration:
    """A configuration as it was found: at which offset, how long it is there, under which one-byte key (0 for none),
    by the description of which file."""

    configuration: Configuration
    offset: int
    size: int
    key: int
    decoder: str
    source: str

    @property
    def found(self) -> JsonObject:
        """How it was found, as JSON."""
        found: JsonObject = {
            "offset": self.offset,
            "size": self.size,
            "decoder": self.decoder,
            "source": self.source,
        }
        return found | ({"xor_key": f"{self.key:02x}"} if self.key else {})

    def as_record(self) -> JsonObject:
        """The record as JSON, with how it was found."""
        return self.configuration.as_record() | {"found": self.found}


@dataclass(frozen=True, slots=True)
class FoundConfigurations:
    """What the descriptions found in one sample."""

    records: tuple[DecodedConfiguration, ...]
    notes: tuple[str, ...] = ()


def configurations_in(data: bytes, decoders: Sequence[Decoder]) -> FoundConfigurations:
    """The configurations that these descriptions find in a sample, each once, in the order of descriptions and places.

    Never raises on hostile bytes; work is bounded by the size of the sample and by a budget, and a note says when the
    budget was used up.
    """
    sample, budget = Sample(data), DecodeBudget()
    found: dict[Configuration, DecodedConfiguration] = {}
    notes = []
    for decoder in decoders:
        try:
            for each in _by_one(sample, decoder, budget):
                found.setdefault(each.configuration, each)
                if len(found) >= MOST_RECORDS:
                    raise BudgetSpent
        except BudgetSpent:
            notes.append(f"{decoder.family}: {BUDGET_SPENT}")
            if len(found) >= MOST_RECORDS:
                break
    return FoundConfigurations(tuple(found.values()), tuple(notes))


def _by_one(sample: Sample, decoder: Decoder, budget: DecodeBudget) -> Iterator[DecodedConfiguration]:
    ends: dict[int, int] = {}
    for count, place in enumerate(locations(sample, decoder.locate), 1):
        if place.found < ends.get(place.key, 0):
            continue
        for tried in _tried(place, decoder):
            if decoded := _at(sample, tried, decoder, budget):
                yield decoded
                ends[place.key] = decoded.offset + decoded.size
                break
        if count == MOST_PLACES:
            raise BudgetSpent


def _tried(place: Location, decoder: Decoder) -> Iterator[Location]:
    """The place under each key that is to be tried."""
    if not any(step.tried for step in decoder.steps):
        yield place
        return
    yield from (Location(place.start, place.end, place.found, key) for key in range(1, 256))


def _at(sample: Sample, place: Location, decoder: Decoder, budget: DecodeBudget) -> DecodedConfiguration | None:
    """The configuration at a place, if one is there."""
    raw = sample.data[place.start : place.end]
    data, last = raw, None
    try:
        for step in decoder.steps:
            if step.name == "text":
                last = step
            else:
                data = undo_step(data, place, step, budget, sample.data)
                raw = raw[step.count :] if step.name == "skip" else raw if step.name == "xor" else data
        for attempt in _attempts(data, raw, place, decoder, last, budget):
            return _decoded(decoder, place, *attempt)
    except Damaged:
        pass
    return None


Fitting = tuple[tuple[Layout, ...], tuple[Entry, ...]]
"""The layouts that fit, in the order of the records, and the entries."""

Attempt = tuple[tuple[Layout, ...], tuple[Entry, ...], int]
"""A fitting, and how many bytes the record is long."""


def _attempts(
    data: bytes, raw: bytes, place: Location, decoder: Decoder, last: DecodeStep | None, budget: DecodeBudget
) -> Iterator[Attempt]:
    if decoder.split == "struct":
        for layout in decoder.layouts:
            found = typed_fields(by_sizes(data, layout, decoder.big), decoder, layout)
            if found and (entries := entries_of(found, decoder)):
                yield (layout,), entries, sizes(layout)
        return
    around = place.found - place.start if decoder.locate.take == "around" else None
    for text in texts(data, raw, last or DecodeStep(name="text", alphabet=bytes(range(1, 256))), around):
        budget.take(len(text))
        found_here = _in_form(text, decoder) if decoder.split == "form" else _in_names(text, decoder)
        if found_here:
            yield (*found_here, len(text))


def _in_form(text: str, decoder: Decoder) -> Fitting | None:
    """What the records of a text hold, all of them or none."""
    layouts: list[Layout] = []
    entries: list[Entry] = []
    for piece in records(text, decoder):
        fitting = _fitting(decoder, ((layout, by_form(piece, layout)) for layout in decoder.layouts))
        if fitting is None:
            return None
        layouts += fitting[0]
        entries += fitting[1]
    return tuple(layouts), tuple(entries)


def _in_names(text: str, decoder: Decoder) -> Fitting | None:
    leaves = leaves_of(text, decoder)
    return _fitting(decoder, ((layout, by_names(leaves, layout)) for layout in decoder.layouts))


def _fitting(decoder: Decoder, tried: Iterator[tuple[Layout, RawFields | None]]) -> Fitting | None:
    for layout, raw in tried:
        found = typed_fields(raw, decoder, layout) if raw else None
        if found and (entries := entries_of(found, decoder)):
            return (layout,), entries
    return None


def _decoded(
    decoder: Decoder, place: Location, layouts: tuple[Layout, ...], entries: tuple[Entry, ...], size: int
) -> DecodedConfiguration:
    sources: Mapping[str, str] = {each.id: f"{each.publisher}, {each.date}" for each in decoder.sources}
    return DecodedConfiguration(
        configuration=Configuration(decoder.family, entries, " + ".join(dict.fromkeys(each.name for each in layouts))),
        offset=place.found,
        size=size,
        key=place.key,
        decoder=decoder.file,
        source=sources[layouts[0].source],
    )
