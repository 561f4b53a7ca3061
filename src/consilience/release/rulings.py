"""What people decide about who may know what, and the ledger of what was sent to whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from consilience.model.digest import digest
from consilience.model.errors import InputError, UnknownId
from consilience.model.json import JsonObject
from consilience.model.knowledge import Knowledge
from consilience.model.marking import COLOURS, OURSELVES
from consilience.model.observation import Observation
from consilience.model.partner import Disclosure, Partner
from consilience.model.protocols import Keeper
from consilience.model.ruling import Policy, Ruling, policy_of
from consilience.model.terms import (
    MAPPED,
    PARTNER,
    RELABELLED,
    RETIRED,
    RETRACTED,
    MarkingTerms,
    NoTerms,
    PartnerTerms,
    RelabelTerms,
    RetractionTerms,
    Terms,
)
from consilience.release.consequences import Consequences
from consilience.release.recall import is_bulk, recalled
from consilience.release.withdrawal import entries_showing, stale_of, withdrawals


def now() -> str:
    """This moment, in UTC to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Rulings:
    """What people decide, by name, on partners, markings and retractions of a case."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper

    def policy(self) -> Policy:
        """Who may know what, by the rulings of the case."""
        return policy_of(self.keeper.rulings())

    def partners(self) -> list[Partner]:
        """The partners of the case, those of former times among them."""
        return list(self.policy().partners.values())

    def add_partner(self, name: str, communities: Sequence[str] = (), client: bool = False, by: str = "") -> Partner:
        """The partner that was added; one of this name that was there is now as given here."""
        known = " ".join(name.split())
        if not known or "," in known or known.casefold() == OURSELVES:
            raise InputError(f"{name!r} cannot be the name of a partner", "partner", "use a name without commas")
        if before := self.policy().partners.get(known.casefold()):
            known = before.name
        named = sorted({" ".join(each.split()) for each in communities} - {""})
        self.rule(PARTNER, known, PartnerTerms(tuple(named), client), "", by)
        return self.policy().partner(known)

    def retire_partner(self, name: str, by: str = "") -> Partner:
        """The partner who no longer is one; what was sent to them stays in the ledger."""
        partner = self.policy().partner(name)
        self.rule(RETIRED, partner.name, NoTerms(), "", by)
        return self.policy().partners[partner.principal]

    def ledger(self, partner: str = "") -> list[JsonObject]:
        """What was sent to whom, oldest first; `stale` when it rests on what was retracted since."""
        known = Knowledge(self.keeper)
        partners = known.policy.partners
        if partner and partner.casefold() not in partners:
            known.policy.partner(partner)
        name = partners[partner.casefold()].name if partner else ""
        return [
            entry.as_record() | {"stale": entry.assessment in known.stale} for entry in self.keeper.disclosures(name)
        ]

    def map_marking(
        self,
        publisher: str,
        *,
        tlp: str = "",
        community: str = "",
        hide_source: bool | None = None,
        because: str = "",
        by: str,
    ) -> Ruling:
        """What holds from now on of the sources of a publisher; of what is not given here, what held before."""
        if tlp:
            check_colour(tlp, "marking")
        if not publisher.strip() or not by.strip():
            raise InputError("a mapping needs a publisher and a name", "marking", "give PUBLISHER and --by")
        return self.rule(MAPPED, publisher.strip(), MarkingTerms(tlp, community.strip(), hide_source), because, by)

    def markings(self) -> list[JsonObject]:
        """How many statements of each publisher of sources have which colour, and what was mapped for them."""
        known = Knowledge(self.keeper)
        counts = Counter(
            (seen.source.publisher, seen.tlp, known.policy.marked(seen).tlp) for seen in known.observations
        )
        return [
            {
                "publisher": publisher,
                "printed": printed,
                "tlp": tlp,
                "observations": count,
                "mapped": known.policy.mapped.get(publisher.casefold(), MarkingTerms()).as_record(),
            }
            for (publisher, printed, tlp), count in sorted(counts.items())
        ]

    def relabel(self, what: str, tlp: str, because: str, by: str) -> Consequences:
        """What follows from another colour for an observation, or for a source: who knows what they now may not."""
        check_colour(tlp, "declassify")
        check_signed(because, by, "declassify")
        known = Knowledge(self.keeper)
        about, concerned = statements_called(what, known.observations, "declassify")
        before = tuple(sorted({seen.tlp for seen in map(known.policy.marked, concerned)}))
        publishers = tuple(sorted({seen.source.publisher for seen in concerned}))
        ruling = self.rule(RELABELLED, about, RelabelTerms(tlp, before, publishers), because, by)
        policy = self.policy()
        entries = [
            entry
            for entry in entries_showing(self.keeper.disclosures(), concerned)
            if not all(_may_know(policy, entry.partner, seen) for seen in concerned if seen.id in entry.observations)
        ]
        return Consequences(ruling, len(concerned), tuple(entries), (), known)

    def retract(self, what: str, because: str, by: str) -> Consequences:
        """What follows from taking back an observation, or a source: stale assessments, and who must be informed.

        It is used nowhere from now on. `withdrawals` writes what must be sent.
        """
        check_signed(because, by, "retract")
        known = Knowledge(self.keeper)
        about, concerned = statements_called(what, known.observations, "retract")
        ledger = self.keeper.disclosures()
        entries = entries_showing(ledger, concerned)
        unaffected = _unaffected(ledger, known.policy, concerned)
        stale = stale_of(self.keeper.results(), entries, concerned, unaffected)
        terms = RetractionTerms(tuple(stale), tuple(entry.id for entry in entries))
        ruling = self.rule(RETRACTED, about, terms, because, by)
        return Consequences(ruling, len(concerned), tuple(entries), tuple(stale), known)

    def withdrawals(self, disclosures: Sequence[str], known: Knowledge | None = None) -> dict[str, bytes]:
        """What must be sent after a retraction, by the name of its file: for each partner a notice and revocations.

        `known` is what the case knows, where it was read already.
        """
        known, wanted = known or Knowledge(self.keeper), set(disclosures)
        entries = [entry for entry in self.keeper.disclosures() if entry.id in wanted]
        needed = {entry.assessment for entry in entries}
        documents = {id: document for id, document in self.keeper.results() if id in needed}
        rulings, secret = self.keeper.rulings(), self.keeper.secret()
        parts = {entry.id: recalled(entry, known.observations, rulings, secret) for entry in entries if is_bulk(entry)}
        return withdrawals(entries, documents, now(), parts)

    def rule(self, kind: str, about: str, terms: Terms, because: str, by: str) -> Ruling:
        """The ruling that was kept: of this kind, about this, on these terms, under the name of a person."""
        recorded, before = now(), len(self.keeper.rulings())
        name = "ru-" + digest([kind, about, terms.as_record(), because, by, recorded, before])[:16]
        ruling = Ruling(id=name, kind=kind, about=about, terms=terms, because=because, by=by, recorded=recorded)
        self.keeper.rule(ruling)
        return ruling


def check_colour(tlp: str, verb: str) -> None:
    """Raise InputError for what is not a TLP colour."""
    if tlp not in COLOURS:
        raise InputError(f"{tlp!r} is not a TLP colour", verb, "use one of: " + " ".join(COLOURS))


def check_signed(because: str, by: str, verb: str) -> None:
    """Raise InputError for a ruling without a reason, or without the name of who decides."""
    if not because.strip() or not by.strip():
        raise InputError("a ruling needs a reason and a name", verb, "give --because and --by")


def statements_called(what: str, kept: Sequence[Observation], verb: str) -> tuple[str, list[Observation]]:
    """The observation id or source key that these words stand for, and the statements concerned.

    Raises UnknownId when nothing is called so, and InputError when several sources are.
    """
    if found := [seen for seen in kept if seen.id == what]:
        return what, found
    keys = {seen.source.key for seen in kept if what in (seen.source.key, seen.source.url, seen.source.title)}
    if len(keys) > 1:
        raise InputError(f"{what!r} stands for {len(keys)} sources", verb, "say which: " + ", ".join(sorted(keys)))
    if not keys:
        raise UnknownId(f"no observation and no source is called {what!r}", verb, "`consilience show` has the ids")
    (key,) = keys
    return key, [seen for seen in kept if seen.source.key == key]


def _unaffected(ledger: Sequence[Disclosure], policy: Policy, concerned: Sequence[Observation]) -> set[str]:
    """The assessments that were made only for partners who may know none of these statements."""
    knowing = {
        name
        for name in {entry.partner for entry in ledger}
        if policy.partners[name.casefold()].retired or any(_may_know(policy, name, seen) for seen in concerned)
    }
    return {entry.assessment for entry in ledger} - {entry.assessment for entry in ledger if entry.partner in knowing}


def _may_know(policy: Policy, partner: str, seen: Observation) -> bool:
    """Whether a partner may know a statement today."""
    return not policy.is_retracted(seen) and policy.label(policy.marked(seen)).releasable(
        partner.casefold(), now()[:10]
    )
