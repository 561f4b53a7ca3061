"""What leaves a case: every document is made on what its recipient may know, and the ledger has it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from consilience.case.pairs import assessment_in
from consilience.model.assessment import Assessment
from consilience.model.digest import digest
from consilience.model.errors import InputError
from consilience.model.json import JsonObject
from consilience.model.knowledge import Knowledge
from consilience.model.parcel import Conversion, Loss, Parcel
from consilience.model.partner import Disclosure
from consilience.model.snapshot import Snapshot, snapshot_of
from consilience.release.partner_view import Released, release
from consilience.release.preview import compared
from consilience.release.rulings import now
from consilience.share import convert, write


@dataclass(frozen=True, slots=True)
class Shared:
    """A document for a partner, the assessment in it, and its entry in the ledger."""

    assessment: Assessment
    content: bytes
    disclosure: Disclosure


@dataclass(frozen=True, slots=True)
class SharedParcel:
    """Statements as a document, what its format could not hold, and its entry in the ledger when it is a partner's."""

    parcel: Parcel
    content: bytes
    losses: tuple[Loss, ...]
    disclosure: Disclosure | None = None


@dataclass(frozen=True, slots=True)
class Disclosures:
    """Makes documents for partners, on what the case knows now, and enters them in the ledger."""

    known: Knowledge

    def released(self, partner: str, as_of: str = "") -> Snapshot:
        """What this partner may know, by a date. Raises InputError when nobody is called so."""
        return snapshot_of(self._released(partner).observations, as_of)

    def share(self, a: str, b: str, to: str, format: str, as_of: str = "", by: str = "") -> Shared:
        """The document on a pair for a partner, as of `Case.share`."""
        partner, released = self.known.policy.partner(to), self._released(to)
        done = assessment_in(snapshot_of(released.observations, as_of), a, b)
        content = write(done, format)
        entry = self._entry(
            partner=partner.name,
            assessment=done.id,
            a=done.relation.a,
            b=done.relation.b,
            as_of=as_of,
            format=format,
            sha256=hashlib.sha256(content).hexdigest(),
            by=by,
            observations=released.case_ids(done.observations),
            whole=self.known.snapshot(as_of).digest == done.provenance["snapshot"],
        )
        self.known.keeper.disclose(entry, done.as_record())
        return Shared(done, content, entry)

    def preview(self, a: str, b: str, to: str, as_of: str = "") -> JsonObject:
        """What a partner would conclude of a pair, beside what we conclude: for us, and never for them."""
        partner, ours, theirs = self.known.policy.partner(to), self.known.snapshot(as_of), self.released(to, as_of)
        internal = assessment_in(ours, a, b)
        try:
            external = assessment_in(theirs, a, b)
        except InputError as unknown:
            return compared(partner, internal, None, str(unknown))
        return compared(partner, internal, external)

    def parcel(self, to: str = "", as_of: str = "") -> Parcel:
        """All that a partner may know by a date; without a partner all that we know, for ourselves."""
        snapshot = self.released(to, as_of) if to else self.known.snapshot(as_of)
        name = self.known.policy.partner(to).name if to else ""
        return Parcel(observations=snapshot.observations, to=name, as_of=as_of)

    def converted(self, to: str, format: str, as_of: str = "") -> Conversion:
        """The parcel in this format and what it cannot hold, sent to nobody: to look before anything leaves."""
        return convert(self.parcel(to, as_of), format)

    def share_all(self, to: str, format: str, as_of: str = "", by: str = "") -> SharedParcel:
        """All that a partner may know, as a document; the ledger has it when this returns."""
        parcel = self.parcel(to, as_of)
        made = convert(parcel, format)
        if not to:
            return SharedParcel(parcel, made.content, tuple(made.losses))
        entry = self.enter(parcel, format, hashlib.sha256(made.content).hexdigest(), by)
        return SharedParcel(parcel, made.content, tuple(made.losses), entry)

    def enter(self, parcel: Parcel, format: str, sha256: str, by: str = "") -> Disclosure:
        """Enter in the ledger that a parcel went to the partner it is for; the entry."""
        entry = self._entry(
            partner=parcel.to,
            assessment=parcel.id,
            a="",
            b="",
            as_of=parcel.as_of,
            format=format,
            sha256=sha256,
            by=by,
            observations=self._released(parcel.to).case_ids(seen.id for seen in parcel.observations),
            whole=False,
        )
        statements = [{"id": seen.id, **seen.as_record()} for seen in parcel.observations]
        self.known.keeper.disclose(entry, {"id": parcel.id, "as_of": parcel.as_of, "statements": statements})
        return entry

    def _entry(self, *, observations: tuple[str, ...], whole: bool, **described: str) -> Disclosure:
        described["recorded"] = now()
        name = "di-" + digest([described, len(self.known.keeper.disclosures())])[:16]
        return Disclosure(id=name, observations=observations, whole=whole, **described)

    def _released(self, partner: str) -> Released:
        known = self.known
        return release(
            known.observations, known.policy, known.policy.partner(partner), known.keeper.secret(), now()[:10]
        )
