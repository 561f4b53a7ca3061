"""What people decided about who may be told what: an append-only list of rulings, and the policy it amounts to.

Code never widens an audience. It does what the newest ruling says, else what the source printed, else nobody is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from consilience.model.errors import InputError
from consilience.model.json import JsonObject
from consilience.model.marking import COLOURS, NOBODY, OURSELVES, Audience, Label, strictest
from consilience.model.observation import Observation
from consilience.model.partner import Partner
from consilience.model.terms import (
    RETIRED,
    MarkingTerms,
    NoTerms,
    PartnerTerms,
    RelabelTerms,
    RetractionTerms,
    Terms,
    terms_from,
)
from consilience.model.when import iso, span

_UNMAPPED = MarkingTerms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One decision of a named person: its kind, what it is about, its terms, why and when.

    It is about a partner, the publisher of sources, an observation id, the key of a source, or a feed.
    """

    id: str
    kind: str
    about: str
    terms: Terms = field(default_factory=NoTerms)
    because: str = ""
    by: str = ""
    recorded: str = ""

    def as_record(self) -> JsonObject:
        """The ruling as JSON."""
        return {
            "id": self.id,
            "kind": self.kind,
            "about": self.about,
            "terms": self.terms.as_record(),
            "because": self.because,
            "by": self.by,
            "recorded": self.recorded,
        }


def ruling_from(record: Mapping[str, Any]) -> Ruling:
    """The ruling whose `as_record` gave this record."""
    return Ruling(**{**record, "terms": terms_from(record["kind"], record["terms"])})


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may be told what, as all rulings of a case have it.

    `mapped` are the terms for sources by publisher, `relabelled` the terms of further rulings with their places, by
    observation id or source key, `retracted` observation ids and source keys.
    """

    partners: Mapping[str, Partner] = field(default_factory=dict)
    mapped: Mapping[str, MarkingTerms] = field(default_factory=dict)
    relabelled: Mapping[str, Sequence[tuple[int, RelabelTerms]]] = field(default_factory=dict)
    retracted: frozenset[str] = frozenset()

    def partner(self, name: str) -> Partner:
        """The partner of this name. Raises InputError when nobody has it, or they no longer are a partner."""
        found = self.partners.get(name.strip().casefold())
        if found is None:
            raise InputError(f"no partner is called {name.strip()!r}", "partner", "`consilience partner list` has them")
        if found.retired:
            raise InputError(
                f"{found.name} is no longer a partner", "partner", "add them again with `consilience partner add`"
            )
        return found

    @property
    def changes_nothing(self) -> bool:
        """Whether no statement is retracted, and each has the colour that it was read with."""
        return not (self.retracted or self.relabelled or self.mapped)

    def is_retracted(self, seen: Observation) -> bool:
        """Whether a statement was retracted, or its source."""
        return seen.id in self.retracted or seen.source.key in self.retracted

    def marked(self, seen: Observation) -> Observation:
        """The statement, id and all, with the colour that holds of it: ruled, else printed, else mapped, else none."""
        if not self.relabelled and not self.mapped:
            return seen
        colour = seen.tlp or self._terms(seen).tlp
        ruled = [row for name in (seen.id, seen.source.key) for row in self.relabelled.get(name, ())]
        for _, terms in sorted(ruled, key=lambda row: row[0]):
            if _applies(terms, seen, colour):
                colour = terms.tlp
        return seen if colour == seen.tlp else replace(seen, tlp=colour, id=seen.id)

    def label(self, seen: Observation) -> Label:
        """Who may be told of a statement whose colour is the one that holds."""
        return Label(
            tlp=strictest([seen.tlp]),
            audience=self._audience(seen),
            origins=frozenset({seen.source.key}),
            pap=seen.pap,
            embargo=iso(span(seen.embargo).last) if seen.embargo else "",
            source_hidden=seen.source_hidden or bool(self._terms(seen).source_hidden),
            match_only=seen.match_only,
        )

    def _audience(self, seen: Observation) -> Audience:
        """Who may be told by the colour alone; where the source names recipients, they and nobody else outside."""
        if seen.tlp not in COLOURS:
            return NOBODY
        named = frozenset(name.strip().casefold() for name in seen.recipients.split(",") if name.strip())
        if named:
            return named if seen.tlp == "red" else named | {OURSELVES}
        if seen.tlp == "clear":
            return None
        if seen.tlp == "green":
            community = self._terms(seen).community.casefold()
            return self._those(lambda each: _is_member(each, community))
        if seen.tlp == "amber":
            return self._those(lambda each: each.client)
        return frozenset({OURSELVES}) if seen.tlp == "amber+strict" else NOBODY

    def _those(self, chosen: Callable[[Partner], bool]) -> Audience:
        return frozenset(key for key, each in self.partners.items() if not each.retired and chosen(each)) | {OURSELVES}

    def _terms(self, seen: Observation) -> MarkingTerms:
        return self.mapped.get(seen.source.publisher.casefold(), _UNMAPPED)


def policy_of(rulings: Iterable[Ruling]) -> Policy:
    """The policy that rulings, oldest first, amount to; a later one on the same thing supersedes."""
    partners: dict[str, Partner] = {}
    mapped: dict[str, MarkingTerms] = {}
    relabelled: dict[str, list[tuple[int, RelabelTerms]]] = {}
    retracted: set[str] = set()
    for place, ruling in enumerate(rulings):
        key = ruling.about.casefold()
        match ruling.terms:
            case PartnerTerms(communities, client):
                partners[key] = Partner(
                    name=ruling.about, communities=communities, client=client, recorded=ruling.recorded, by=ruling.by
                )
            case MarkingTerms() as terms:
                mapped[key] = mapped.get(key, _UNMAPPED).superseded_by(terms)
            case RelabelTerms() as terms:
                relabelled.setdefault(ruling.about, []).append((place, terms))
            case RetractionTerms():
                retracted.add(ruling.about)
            case NoTerms() if ruling.kind == RETIRED:
                partners[key] = replace(partners[key], retired=ruling.recorded)
    return Policy(partners, mapped, relabelled, frozenset(retracted))


def _applies(terms: RelabelTerms, seen: Observation, colour: str) -> bool:
    """Whether a ruling is about this statement under this colour.

    Nobody knows what will be read later under the same source id: it loosens only what it was made of, by the
    publisher and under a colour that it names. It tightens everything.
    """
    if colour and strictest([terms.tlp, colour]) == terms.tlp:
        return True
    return colour in terms.before and seen.source.publisher in terms.publishers


def _is_member(partner: Partner, community: str) -> bool:
    """Whether a partner is of the named community; of any, where none is named."""
    names = {each.casefold() for each in partner.communities}
    return community in names if community else bool(names)
