"""A case in memory: for tests, for a demonstration, and as the plain statement of what a keeper does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import chain
from typing import Any

from consilience.keep.chain import BEGINNING, content_digest, entry_after, faults_of, raw_fault
from consilience.keep.channels import check_place, release_act
from consilience.keep.secret import PSEUDONYMS, new_secret
from consilience.keep.timestamps import end, instant
from consilience.model.audit import AuditEntry, Fault
from consilience.model.channel import ApiKey, LogEntry
from consilience.model.code import SampleCode
from consilience.model.digest import canonical_json, digest
from consilience.model.errors import Refusal, UnknownId
from consilience.model.observation import Observation
from consilience.model.partner import Disclosure
from consilience.model.reading import ImportRow, Reading, Receipt
from consilience.model.relation import Judgement
from consilience.model.ruling import Ruling, ruling_from


class MemoryKeeper:
    """A case that lasts as long as the process."""

    def __init__(self) -> None:
        self._observations: dict[str, tuple[Observation, str]] = {}
        self._observed_by: dict[str, list[str]] = {}
        self._codes: dict[str, SampleCode] = {}
        self._codes_by: dict[str, list[str]] = {}
        self._imports: list[ImportRow] = []
        self._refusals: list[tuple[str, tuple[Refusal, ...]]] = []
        self._raw: dict[str, bytes] = {}
        self._judgements: dict[str, Judgement] = {}
        self._results: dict[str, bytes] = {}
        self._rulings: dict[str, bytes] = {}
        self._disclosures: dict[str, Disclosure] = {}
        self._secrets: dict[str, bytes] = {}
        self._releases: dict[str, list[LogEntry]] = {}
        self._acts: dict[str, list[LogEntry]] = {}
        self._keys: dict[str, ApiKey] = {}
        self._entries: list[AuditEntry] = []

    def add(self, reading: Reading, recorded: str) -> Receipt:
        """What keeping this reading changed."""
        when, sha256 = instant(recorded), reading.sha256
        held = {seen.id: seen for seen in reading.observations}
        new = held.keys() - self._observations.keys()
        codes = {code.id: code for code in reading.codes if code.id not in self._codes}
        if new or codes or sha256 not in self._raw:
            self._raw[sha256] = reading.raw
            place = str(len(self._imports) + 1)
            self._observations |= {id: (held[id], when) for id in new}
            self._observed_by[place] = sorted(new)
            self._codes |= codes
            self._codes_by[place] = list(codes)
            self._refusals.append((sha256, reading.refusals))
            self._imports.append(
                {
                    "id": place,
                    "file": reading.file,
                    "format": reading.format,
                    "sha256": sha256,
                    "recorded": when,
                    "observations": len(held),
                    "refused": len(reading.refusals),
                }
            )
            self._note("import", place)
        return Receipt(file=reading.file, sha256=sha256, new=len(new), known=len(held) - len(new))

    def observations(self, recorded_by: str = "") -> Iterator[Observation]:
        """The observations recorded up to and including this time, in the order of their ids."""
        limit = end(recorded_by) if recorded_by else ""
        kept = sorted(self._observations.items())
        return iter([seen for _, (seen, recorded) in kept if not limit or recorded <= limit])

    def codes(self) -> Iterator[SampleCode]:
        """What the code of the samples of this case is made of, in the order of their ids."""
        return iter([code for _, code in sorted(self._codes.items())])

    def imports(self) -> Sequence[ImportRow]:
        """What was read, oldest first."""
        return tuple(row.copy() for row in self._imports)

    def refusals(self, sha256: str) -> tuple[Refusal, ...]:
        """What was refused of the file with this digest, at each reading that was kept."""
        return tuple(refusal for digest, refusals in self._refusals if digest == sha256 for refusal in refusals)

    def raw(self, sha256: str) -> bytes:
        """The raw bytes kept under this digest."""
        if sha256 not in self._raw:
            raise UnknownId(f"no file was read with the digest {sha256!r}", "memory", "read the file first")
        return self._raw[sha256]

    def digest(self) -> str:
        """A digest of the set of observations and judgements."""
        return content_digest(sorted(self._observations), sorted(self._judgements))

    def judge(self, judgement: Judgement) -> None:
        """Keep a named analyst's judgement on a pair."""
        instant(judgement.recorded)
        if judgement.id not in self._judgements:
            self._judgements[judgement.id] = judgement
            self._note("judgement", judgement.id)

    def judgements(self, a: str = "", b: str = "") -> Sequence[Judgement]:
        """The judgements on a pair in either order, oldest first."""
        wanted = {a, b} - {""}
        kept = [word for word in self._judgements.values() if wanted <= {word.a, word.b}]
        return tuple(sorted(kept, key=lambda word: (instant(word.recorded), word.id)))

    def keep_result(self, id: str, document: Mapping[str, object]) -> None:
        """Keep a result document under its id."""
        if id not in self._results:
            self._results[id] = canonical_json(document)
            self._note("result", id)

    def results(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The kept result documents with their ids, newest first."""
        return iter([(id, json.loads(document)) for id, document in reversed(self._results.items())])

    def rule(self, ruling: Ruling) -> None:
        """Keep a decision of a named person."""
        instant(ruling.recorded)
        if ruling.id not in self._rulings:
            self._rulings[ruling.id] = canonical_json(ruling.as_record())
            self._note("ruling", ruling.id)

    def rulings(self) -> Sequence[Ruling]:
        """The rulings in the order in which they were kept."""
        return tuple(ruling_from(json.loads(record)) for record in self._rulings.values())

    def disclose(self, disclosure: Disclosure, document: Mapping[str, object]) -> None:
        """Keep the result that is sent, and to whom."""
        instant(disclosure.recorded)
        self.keep_result(disclosure.assessment, document)
        if disclosure.id not in self._disclosures:
            self._disclosures[disclosure.id] = disclosure
            self._note("disclosure", disclosure.id)

    def disclosures(self, partner: str = "") -> Sequence[Disclosure]:
        """What was sent, to this partner or to anybody, in the order in which it was sent."""
        return tuple(entry for entry in self._disclosures.values() if not partner or entry.partner == partner)

    def secret(self) -> bytes:
        """The secret of this case, made at the first call."""
        if PSEUDONYMS not in self._secrets:
            self._secrets[PSEUDONYMS] = new_secret()
            self._note("secret", PSEUDONYMS)
        return self._secrets[PSEUDONYMS]

    def publish(self, partner: str, entries: Sequence[LogEntry]) -> None:
        """Add entries to what this partner may fetch."""
        log = self._releases.setdefault(partner, [])
        check_place(partner, len(log), entries)
        if entries:
            act = release_act(partner, entries)
            log.extend(entries)
            self._acts[act] = list(entries)
            self._note("release", act)

    def release_log(self, partner: str, after: int = 0) -> Iterator[LogEntry]:
        """What was added for this partner beyond this place, in order."""
        return iter(self._releases.get(partner, [])[after:])

    def keep_key(self, key: ApiKey) -> None:
        """Keep this state of a key of a partner."""
        if key.row_id not in self._keys:
            self._keys[key.row_id] = key
            self._note("key", key.row_id)

    def api_keys(self) -> Sequence[ApiKey]:
        """The keys as they now are, in the order of their ids."""
        newest = {key.id: key for key in self._keys.values()}
        return tuple(newest[id] for id in sorted(newest))

    def audit(self) -> Iterator[AuditEntry]:
        """The entries of the audit chain, newest first."""
        return iter(self._entries[::-1])

    def verify(self) -> tuple[Fault, ...]:
        """What does not hold of the audit chain, the rows or the raw bytes; empty when all holds."""
        held = {"import": len(self._imports), **{act: len(kept) for act, kept in self._written().items()}}
        faults = (raw_fault(row["sha256"], self._raw.get(row["sha256"])) for row in self._imports)
        return (*faults_of(self._entries, self._content, held), *chain.from_iterable(faults))

    def close(self) -> None:
        """Do nothing: there are no files or connections to let go of."""

    def _note(self, act: str, of: str) -> None:
        last = self._entries[-1] if self._entries else BEGINNING
        self._entries.append(entry_after(last, act, of, self._content(act, of)))

    def _content(self, act: str, of: str) -> str:
        """The digest of what one act wrote, as it now is."""
        if act != "import":
            found = self._written()[act].get(of, b"")
            if isinstance(found, bytes):
                return hashlib.sha256(found).hexdigest()
            return digest([asdict(row) for row in (found if isinstance(found, list) else [found])])
        came = [self._observations[id] for id in self._observed_by.get(of, ()) if id in self._observations]
        written = [*self._imports[int(of) - 1 : int(of)], *((seen.as_record(), when) for seen, when in came)]
        return digest([*written, *self._codes_by.get(of, ())])

    def _written(self) -> Mapping[str, Mapping[str, Judgement | Disclosure | ApiKey | list[LogEntry] | bytes]]:
        """What each act but an import wrote, by id."""
        return {
            "judgement": self._judgements,
            "result": self._results,
            "ruling": self._rulings,
            "disclosure": self._disclosures,
            "secret": self._secrets,
            "release": self._acts,
            "key": self._keys,
        }
