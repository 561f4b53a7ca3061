"""The release desk: what people decide about who may be told what, and the ledger of what was told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from consilience.model.digest import digest
from consilience.model.errors import InputError, UnknownId
from consilience.model.marking import COLOURS, OURSELVES
from consilience.model.observation import Observation
from consilience.model.partner import Disclosure, Partner
from consilience.model.protocols import Keeper
from consilience.model.ruling import MAPPED, PARTNER, RELABELLED, RETIRED, RETRACTED, Policy, Ruling, policy_of
from consilience.release.recall import is_bulk, recalled
from consilience.release.withdrawal import stale_of, told_of, withdrawals


def now() -> str:
    """This moment, in UTC to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Rulings:
    """Where people rule, by name, on partners, markings and retractions of a case."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper

    def policy(self) -> Policy:
        """Who may be told what, as the rulings of the case have it."""
        return policy_of(self.keeper.rulings())

    def partners(self) -> list[Partner]:
        """The partners of the case, those of former times among them."""
        return list(self.policy().partners.values())

    def add_partner(self, name: str, communities: Sequence[str] = (), client: bool = False, by: str = "") -> Partner:
        """The partner that was added; one of this name that was there is now as told here."""
        known = " ".join(name.split())
        if not known or "," in known or known.casefold() == OURSELVES:
            raise InputError(f"{name!r} is no name for a partner", "partner", "a name without commas")
        if before := self.policy().partners.get(known.casefold()):
            known = before.name
        terms = {"communities": sorted({" ".join(each.split()) for each in communities} - {""}), "client": client}
        self.rule(PARTNER, known, terms, "", by)
        return self.policy().partner(known)

    def retire_partner(self, name: str, by: str = "") -> Partner:
        """The partner who is one no more; what they were told stays in the ledger."""
        partner = self.policy().partner(name)
        self.rule(RETIRED, partner.name, {}, "", by)
        return self.policy().partners[partner.principal]

    def ledger(self, partner: str = "") -> list[dict[str, Any]]:
        """What was told to whom, oldest first; `stale` when it rests on what was retracted since."""
        policy = self.policy()
        if partner and partner.casefold() not in policy.partners:
            policy.partner(partner)
        name = policy.partners[partner.casefold()].name if partner else ""
        stale = self.stale()
        return [told.as_record() | {"stale": told.assessment in stale} for told in self.keeper.disclosures(name)]

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
        if tlp and tlp not in COLOURS:
            raise InputError(f"{tlp!r} is no colour", "marking", "one of: " + " ".join(COLOURS))
        if not publisher.strip() or not by.strip():
            raise InputError("a mapping needs a publisher and a name", "marking", "give PUBLISHER and --by")
        terms: dict[str, Any] = {"tlp": tlp, "community": community.strip(), "source_hidden": hide_source}
        given = {name: value for name, value in terms.items() if value not in ("", None)}
        return self.rule(MAPPED, publisher.strip(), given, because, by)

    def markings(self) -> list[dict[str, Any]]:
        """How many statements of each publisher of sources stand under which colour, and what was mapped for them."""
        policy = self.policy()
        counts = Counter(
            (seen.source.publisher, seen.tlp, policy.marked(seen).tlp) for seen in self.keeper.observations()
        )
        return [
            {
                "publisher": publisher,
                "printed": printed,
                "tlp": tlp,
                "observations": count,
                "mapped": dict(policy.mapped.get(publisher.casefold(), {})),
            }
            for (publisher, printed, tlp), count in sorted(counts.items())
        ]

    def relabel(self, what: str, tlp: str, because: str, by: str) -> dict[str, Any]:
        """What follows from another colour for an observation, or for a source: who knows what they now may not."""
        if tlp not in COLOURS:
            raise InputError(f"{tlp!r} is no colour", "declassify", "one of: " + " ".join(COLOURS))
        about, concerned = self._meant(what, because, by, "declassify")
        before = sorted({seen.tlp for seen in map(self.policy().marked, concerned)})
        publishers = sorted({seen.source.publisher for seen in concerned})
        ruling = self.rule(RELABELLED, about, {"tlp": tlp, "from": before, "publishers": publishers}, because, by)
        policy = self.policy()
        told = [
            entry
            for entry in told_of(self.keeper.disclosures(), concerned)
            if not all(_may_know(policy, entry.partner, seen) for seen in concerned if seen.id in entry.observations)
        ]
        return {"ruling": ruling.as_record(), "observations": len(concerned), **_consequences(told, [])}

    def retract(self, what: str, because: str, by: str) -> dict[str, Any]:
        """What follows from taking back an observation, or a source: stale assessments, and who must be told.

        It is used nowhere from now on. `withdrawals` writes what must be sent.
        """
        about, concerned = self._meant(what, because, by, "retract")
        told = told_of(self.keeper.disclosures(), concerned)
        stale = stale_of(self.keeper.results(), told, concerned, self._unaware(concerned))
        terms = {"stale": stale, "told": [entry.id for entry in told]}
        ruling = self.rule(RETRACTED, about, terms, because, by)
        return {"ruling": ruling.as_record(), "observations": len(concerned), **_consequences(told, stale)}

    def withdrawals(self, disclosures: Sequence[str]) -> dict[str, bytes]:
        """What must be sent after a retraction, by the name of its file: for each partner a notice and revocations."""
        entries = [told for told in self.keeper.disclosures() if told.id in set(disclosures)]
        needed = {told.assessment for told in entries}
        documents = {id: document for id, document in self.keeper.results() if id in needed}
        kept, rulings = list(self.keeper.observations()), self.keeper.rulings()
        parts = {told.id: recalled(told, kept, rulings, self.keeper.secret()) for told in entries if is_bulk(told)}
        return withdrawals(entries, documents, now(), parts)

    def partial(self) -> set[str]:
        """The assessments made for partners on less than the case knew: what they would conclude, and not we."""
        return {entry.assessment for entry in self.keeper.disclosures() if not entry.whole}

    def stale(self) -> set[str]:
        """The assessments that rest on what was retracted."""
        return {each for ruling in self.keeper.rulings() for each in ruling.terms.get("stale", ())}

    def _unaware(self, concerned: Sequence[Observation]) -> set[str]:
        """The assessments that were made only for partners who may know none of these statements."""
        entries, policy = self.keeper.disclosures(), self.policy()
        knowing = {
            name
            for name in {entry.partner for entry in entries}
            if policy.partners[name.casefold()].retired or any(_may_know(policy, name, seen) for seen in concerned)
        }
        return {entry.assessment for entry in entries} - {e.assessment for e in entries if e.partner in knowing}

    def rule(self, kind: str, about: str, terms: dict[str, Any], because: str, by: str) -> Ruling:
        """The ruling that was kept: of this kind, about this, on these terms, under the name of a person."""
        recorded, before = now(), len(self.keeper.rulings())
        name = "ru-" + digest([kind, about, terms, because, by, recorded, before])[:16]
        ruling = Ruling(id=name, kind=kind, about=about, terms=terms, because=because, by=by, recorded=recorded)
        self.keeper.rule(ruling)
        return ruling

    def _meant(self, what: str, because: str, by: str, verb: str) -> tuple[str, list[Observation]]:
        """The observation id or source key that was meant, and the statements it stands for."""
        if not because.strip() or not by.strip():
            raise InputError("a ruling needs a reason and a name", verb, "give --because and --by")
        kept = list(self.keeper.observations())
        if found := [seen for seen in kept if seen.id == what]:
            return what, found
        keys = {seen.source.key for seen in kept if what in (seen.source.key, seen.source.url, seen.source.title)}
        if len(keys) > 1:
            raise InputError(f"{what!r} stands for {len(keys)} sources", verb, "say which: " + ", ".join(sorted(keys)))
        if not keys:
            raise UnknownId(f"no observation and no source is called {what!r}", verb, "`consilience show` has the ids")
        (key,) = keys
        return key, [seen for seen in kept if seen.source.key == key]


def _may_know(policy: Policy, partner: str, seen: Observation) -> bool:
    """Whether a partner may know a statement today."""
    return policy.stands(seen) and policy.label(policy.marked(seen)).releasable(partner.casefold(), now()[:10])


def _consequences(told: Sequence[Disclosure], stale: Sequence[str]) -> dict[str, Any]:
    """The ledger entries concerned, by partner, and the assessments that are stale."""
    return {
        "stale": list(stale),
        "told": {
            name: [entry.as_record() for entry in told if entry.partner == name]
            for name in sorted({entry.partner for entry in told})
        },
    }
