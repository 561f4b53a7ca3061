"""The pipeline, top to bottom: read, keep, weigh, relate, assess, share. Composition only, no arithmetic."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from itertools import islice
from typing import Any

from consilience.assess import assess as assess_pair
from consilience.assess import judged
from consilience.keep import open_case
from consilience.model.assessment import Assessment, evidence_record
from consilience.model.canonical import digest
from consilience.model.errors import InputError, Notice, Refusal, UnknownId
from consilience.model.marking import COLOURS, OURSELVES
from consilience.model.names import find
from consilience.model.observation import Observation
from consilience.model.partner import Disclosure, Partner
from consilience.model.protocols import Keeper
from consilience.model.relation import Judgement, Relation
from consilience.model.ruling import MAPPED, PARTNER, RELABELLED, RETIRED, RETRACTED, Policy, Ruling, policy_of
from consilience.model.snapshot import Snapshot, snapshot_of
from consilience.model.subject import Subject
from consilience.model.when import span
from consilience.read import read_path
from consilience.relate import heaviest
from consilience.relate import relate as relate_pair
from consilience.share import write as write_assessment
from consilience.share.preview import compared
from consilience.share.release import Released, release
from consilience.share.withdrawal import stale_of, told_of, withdrawals
from consilience.vocab import Vocabulary, vocabulary
from consilience.vocab.reference import reference_document
from consilience.weigh import Corpus, Counts, corpus_from, counts_of, weigh

DEMO_PAIR = ("SentinelLabs/Sandman", "Microsoft/STORM-0866/Red Dev 40")
DEMO_AS_OF = "2023-12-11"
FOREVER = 10**9


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What reading and keeping one file gave."""

    file: str
    format: str
    new: int
    known: int
    refusals: tuple[Refusal, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Shared:
    """A document for a partner, the assessment that it tells, and its entry in the ledger."""

    assessment: Assessment
    content: bytes
    disclosure: Disclosure


@lru_cache(maxsize=1)
def reference_corpus() -> Corpus:
    """The reference corpus that stands beside what a case counts for itself."""
    return corpus_from(reference_document())


def counted(snapshot: Snapshot) -> Counts:
    """The counts that weighing needs, as of the date of a snapshot."""
    limit = span(snapshot.as_of).last if snapshot.as_of else FOREVER
    return counts_of(snapshot, reference_corpus(), limit, vocabulary())


def known_subjects(snapshot: Snapshot) -> list[Subject]:
    """The subjects a name can mean: those observed, and those other statements name in full."""
    known = dict(snapshot.subjects)
    for seen in snapshot.observations:
        publisher, slash, name = seen.object.partition("/")
        if slash and publisher and name and seen.object not in known:
            known[seen.object] = Subject(publisher, name)
    return list(known.values())


def relation_in(snapshot: Snapshot, a: str, b: str, rules: Vocabulary | None = None) -> tuple[Relation, str]:
    """The relation and the tracking decision of a pair in a snapshot, without keeping anything.

    `rules` stands in for the vocabulary that the package ships, to see what a rule costs.
    """
    known = known_subjects(snapshot)
    return judged(snapshot, find(a, known), find(b, known), counted(snapshot), rules or vocabulary())


def assessment_in(snapshot: Snapshot, a: str, b: str) -> Assessment:
    """The assessment of a pair in a snapshot, without keeping anything."""
    left, right = _pair(snapshot, a, b)
    software = {"name": "consilience", "version": version("consilience")}
    return assess_pair(snapshot, left, right, counted(snapshot), vocabulary(), software)


class Case:
    """A case: what was read, and what can be asked of it."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper

    @classmethod
    def open(cls, location: str) -> Case:
        """The case in a folder (made if absent) or at a database URL."""
        return cls(open_case(location))

    def __enter__(self) -> Case:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of files and connections."""
        self.keeper.close()

    def read(
        self,
        paths: Sequence[str],
        *,
        publisher: str = "",
        subject: str = "",
        subject_type: str = "",
        tlp: str = "",
        progress: Callable[[int, int], None] | None = None,
    ) -> list[ReadResult]:
        """What reading these files and folders gave, file by file; each file is one transaction."""
        given = {"publisher": publisher, "subject": subject, "subject_type": subject_type, "tlp": tlp}
        defaults = {name: value for name, value in given.items() if value}
        recorded = datetime.now(UTC).isoformat(timespec="seconds")
        results = []
        for path in paths:
            for reading in read_path(path, defaults, progress):
                receipt = self.keeper.add(reading, recorded)
                results.append(
                    ReadResult(
                        reading.file, reading.format, receipt.new, receipt.known, reading.refusals, reading.notices
                    )
                )
        return results

    def snapshot(self, as_of: str = "") -> Snapshot:
        """Everything the case knew by a date and nobody retracted, each statement under the colour that holds of it."""
        policy, kept = self.policy(), self.keeper.observations()
        return snapshot_of((policy.marked(seen) for seen in kept if policy.stands(seen)), as_of)

    def subject(self, name: str, as_of: str = "") -> Subject:
        """The subject of this name. Raises UnknownName or AmbiguousName."""
        return find(name, known_subjects(self.snapshot(as_of)))

    def show(self, name: str, as_of: str = "") -> dict[str, Any]:
        """The traits of a subject, rarest first, and the claims about it, with their sources."""
        snapshot = self.snapshot(as_of)
        subject, counts, vocab = find(name, known_subjects(snapshot)), counted(snapshot), vocabulary()
        traits: dict[tuple[str, str, str], list[Observation]] = {}
        claims = []
        for seen in snapshot.of(subject.key):
            if seen.object:
                claims.append(_claim(seen))
            else:
                traits.setdefault((seen.trait.kind, seen.trait.value, str(seen.polarity)), []).append(seen)
        rows = []
        for (kind, value, polarity), group in traits.items():
            known = vocab.kinds.get(kind)
            rarity = counts.rarity(known, value, (subject.key, subject.key), vocab, False) if known else None
            rows.append((rarity.share if rarity else 1.0, kind, value, _trait(kind, polarity, rarity, group)))
        rows.sort(key=lambda row: row[:3])
        return {
            "subject": subject.key,
            "type": subject.type,
            "as_of": as_of,
            "traits": [row[3] for row in rows],
            "claims": claims,
        }

    def names(self, name: str = "", as_of: str = "") -> dict[str, Any]:
        """The names of the case, the claims that relate them, and where claims contradict each other."""
        snapshot = self.snapshot(as_of)
        wanted = find(name, known_subjects(snapshot)).key if name else ""
        claims = [
            _claim(seen)
            for seen in snapshot.observations
            if seen.trait.kind.startswith("name:") and (not wanted or wanted in (seen.subject.key, seen.object))
        ]
        said: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for claim in claims:
            first, second = sorted((str(claim["subject"]), str(claim["object"])))
            said.setdefault((first, second), []).append(claim)
        conflicts = [
            {"name": pair[0], "claims": rows, "what": f"{pair[0]} and {pair[1]}: publishers differ on how they relate"}
            for pair, rows in sorted(said.items())
            if len({(row["kind"], row["polarity"]) for row in rows}) > 1
        ]
        return {
            "subjects": [
                {"name": key, "type": subject.type, "observations": len(snapshot.of(key))}
                for key, subject in snapshot.subjects.items()
                if not wanted or key == wanted
            ],
            "claims": claims,
            "conflicts": conflicts,
        }

    def weigh(self, a: str, b: str, as_of: str = "") -> dict[str, Any]:
        """The evidence of a pair, strongest first."""
        snapshot = self.snapshot(as_of)
        left, right = _pair(snapshot, a, b)
        found = weigh(snapshot, left, right, counted(snapshot), vocabulary())
        return {
            "a": left.key,
            "b": right.key,
            "as_of": as_of or snapshot.latest(),
            "evidence": [evidence_record(item) for item in found.evidence],
        }

    def relate(
        self,
        subject: str = "",
        *,
        top: int = 20,
        as_of: str = "",
        progress: Callable[[int, int], None] | None = None,
    ) -> list[dict[str, Any]]:
        """The pairs worth a look, those with the heaviest evidence first."""
        snapshot = self.snapshot(as_of)
        counts, vocab = counted(snapshot), vocabulary()
        wanted = find(subject, known_subjects(snapshot)).key if subject else ""

        def weighed(a: str, b: str) -> Relation:
            return relate_pair(snapshot, snapshot.subjects[a], snapshot.subjects[b], counts, vocab)

        return [
            {
                "a": found.a,
                "b": found.b,
                "level": found.level,
                "weight": weight,
                "axes": {name: view.position for name, view in found.axes.items()},
            }
            for weight, found in heaviest(snapshot, counts, vocab, weighed, wanted, top, progress)
        ]

    def assess(self, a: str, b: str, as_of: str = "") -> Assessment:
        """The assessment of a pair, kept in the case so that its numbers can be walked later."""
        done = assessment_in(self.snapshot(as_of), a, b)
        self.keeper.keep_result(done.id, done.as_record())
        return done

    def why(self, id: str) -> dict[str, Any]:
        """The walk from an assessment, axis, evidence or observation down to what its sources say, and where.

        `stale` tells that it rests on what was retracted, or was retracted itself.
        """
        for result_id, document in self.keeper.results():
            chain = list(_walk(id, result_id, document))
            if chain:
                return {"id": id, "what": chain[0]["text"], "stale": result_id in self._stale(), "chain": chain}
        for seen in self.keeper.observations():
            if seen.id == id:
                stale = not self.policy().stands(seen)
                return {"id": id, "what": str(seen.trait), "stale": stale, "chain": [_step(seen.id, seen.as_record())]}
        raise UnknownId(f"nothing in the case has the id {id!r}", "why", "run `consilience assess A B` first")

    def judge(self, a: str, b: str, level: str, because: str, by: str) -> Judgement:
        """An analyst's word on a pair, signed and kept beside the machine's."""
        if level not in vocabulary().levels:
            raise InputError(f"{level!r} is no level", "judge", "one of: " + ", ".join(vocabulary().levels))
        if not because.strip() or not by.strip():
            raise InputError("a judgement needs a reason and a name", "judge", "give --because and --by")
        first, second = _pair(self.snapshot(), a, b)
        recorded = datetime.now(UTC).isoformat(timespec="seconds")
        name = "ju-" + digest([first.key, second.key, level, because, by, recorded])[:16]
        word = Judgement(a=first.key, b=second.key, level=level, because=because, by=by, recorded=recorded, id=name)
        self.keeper.judge(word)
        return word

    def judgements(self, a: str = "", b: str = "") -> list[Judgement]:
        """The judgements on the pair, or the subject, of these full names, or all of them; oldest first."""
        return list(self.keeper.judgements(a, b))

    def audit(self, top: int) -> list[dict[str, Any]]:
        """The newest entries of the audit chain, with what they are about and when it was recorded."""
        told = {("import", row["id"]): (row["file"], row["recorded"]) for row in self.keeper.imports()}
        for word in self.keeper.judgements():
            told["judgement", word.id] = (f"{word.a} and {word.b}: {word.level}, by {word.by}", word.recorded)
        for ruling in self.keeper.rulings():
            told["ruling", ruling.id] = (f"{ruling.kind} {ruling.about}, by {ruling.by or 'nobody'}", ruling.recorded)
        for entry in self.keeper.disclosures():
            told["disclosure", entry.id] = (f"{entry.assessment} to {entry.partner}", entry.recorded)
        rows = []
        for row in islice(self.keeper.audit(), top):
            about, recorded = told.get((row.act, row.of), ("", ""))
            rows.append({**asdict(row), "about": about, "recorded": recorded})
        return rows

    def verify(self) -> dict[str, Any]:
        """Whether the case is as it was written: what does not hold, and the length and newest hash of its chain."""
        faults, newest = self.keeper.verify(), next(iter(self.keeper.audit()), None)
        return {
            "sound": not faults,
            "entries": newest.seq if newest else 0,
            "newest": newest.hash if newest else "",
            "faults": [asdict(fault) for fault in faults],
        }

    def write(self, assessment: Assessment, format: str, judgements: Sequence[Judgement] = ()) -> bytes:
        """An assessment as a document, with these judgements of analysts beside it."""
        return write_assessment(assessment, format, judgements)

    def policy(self) -> Policy:
        """Who may be told what, as the rulings of the case have it."""
        return policy_of(self.keeper.rulings())

    def release(self, partner: str, as_of: str = "") -> Snapshot:
        """What this partner may know, by a date: the only road out. Raises InputError when nobody is called so."""
        return snapshot_of(self._released(partner).observations, as_of)

    def share(self, a: str, b: str, to: str, format: str, *, as_of: str = "", by: str = "") -> Shared:
        """The document on a pair for a partner, computed on what they may know; the ledger has it when this returns.

        Raises UnknownName when they may know nothing about one of the pair, as for a name that nobody has.
        """
        partner, released = self.policy().partner(to), self._released(to)
        done = assessment_in(snapshot_of(released.observations, as_of), a, b)
        content = self.write(done, format)
        told = {
            "partner": partner.name,
            "assessment": done.id,
            "a": done.relation.a,
            "b": done.relation.b,
            "as_of": as_of,
            "format": format,
            "sha256": hashlib.sha256(content).hexdigest(),
            "recorded": _now(),
            "by": by,
        }
        name = "di-" + digest([told, len(self.keeper.disclosures())])[:16]
        entry = Disclosure(id=name, observations=released.kept_ids(done.observations), **told)
        self.keeper.disclose(entry, done.as_record())
        return Shared(done, content, entry)

    def preview(self, a: str, b: str, to: str, as_of: str = "") -> dict[str, Any]:
        """What a partner would conclude of a pair, beside what we conclude: for us, and never for them."""
        partner, ours, theirs = self.policy().partner(to), self.snapshot(as_of), self.release(to, as_of)
        internal = assessment_in(ours, a, b)
        try:
            external = assessment_in(theirs, a, b)
        except InputError as unknown:
            return compared(partner, internal, None, str(unknown))
        return compared(partner, internal, external)

    def partners(self) -> list[Partner]:
        """The partners of the case, those of former times among them."""
        return list(self.policy().partners.values())

    def add_partner(self, name: str, communities: Sequence[str] = (), client: bool = False, by: str = "") -> Partner:
        """The partner that was added; one of this name that was there is now as told here."""
        known = " ".join(name.split())
        if not known or "," in known or known.casefold() == OURSELVES:
            raise InputError(f"{name!r} is no name for a partner", "partner", "a name without commas")
        terms = {"communities": sorted({" ".join(each.split()) for each in communities} - {""}), "client": client}
        self._rule(PARTNER, known, terms, "", by)
        return self.policy().partner(known)

    def retire_partner(self, name: str, by: str = "") -> Partner:
        """The partner who is one no more; what they were told stays in the ledger."""
        partner = self.policy().partner(name)
        self._rule(RETIRED, partner.name, {}, "", by)
        return self.policy().partners[partner.principal]

    def ledger(self, partner: str = "") -> list[dict[str, Any]]:
        """What was told to whom, oldest first; `stale` when it rests on what was retracted since."""
        policy = self.policy()
        if partner and partner.casefold() not in policy.partners:
            policy.partner(partner)
        name = policy.partners[partner.casefold()].name if partner else ""
        stale = self._stale()
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
        return self._rule(MAPPED, publisher.strip(), given, because, by)

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
        ruling = self._rule(RELABELLED, about, {"tlp": tlp, "from": before, "publishers": publishers}, because, by)
        policy, today = self.policy(), _now()[:10]
        told = [
            entry
            for entry in told_of(self.keeper.disclosures(), concerned)
            if not all(
                policy.label(policy.marked(seen)).releasable(entry.partner.casefold(), today)
                for seen in concerned
                if seen.id in entry.observations
            )
        ]
        return {"ruling": ruling.as_record(), "observations": len(concerned), **_consequences(told, [])}

    def retract(self, what: str, because: str, by: str) -> dict[str, Any]:
        """What follows from taking back an observation, or a source: stale assessments, and who must be told.

        It is used nowhere from now on. `withdrawals` writes what must be sent.
        """
        about, concerned = self._meant(what, because, by, "retract")
        told = told_of(self.keeper.disclosures(), concerned)
        stale = stale_of(self.keeper.results(), told, concerned)
        terms = {"stale": stale, "told": [entry.id for entry in told]}
        ruling = self._rule(RETRACTED, about, terms, because, by)
        return {"ruling": ruling.as_record(), "observations": len(concerned), **_consequences(told, stale)}

    def withdrawals(self, disclosures: Sequence[str]) -> dict[str, bytes]:
        """What must be sent after a retraction, by the name of its file: for each partner a notice and revocations."""
        entries = [told for told in self.keeper.disclosures() if told.id in set(disclosures)]
        needed = {told.assessment for told in entries}
        documents = {id: document for id, document in self.keeper.results() if id in needed}
        return withdrawals(entries, documents, _now())

    def _stale(self) -> set[str]:
        """The assessments that rest on what was retracted."""
        return {each for ruling in self.keeper.rulings() for each in ruling.terms.get("stale", ())}

    def _released(self, partner: str) -> Released:
        policy = self.policy()
        found = policy.partner(partner)
        return release(self.keeper.observations(), policy, found, self.keeper.secret(), _now()[:10])

    def _rule(self, kind: str, about: str, terms: dict[str, Any], because: str, by: str) -> Ruling:
        recorded, before = _now(), len(self.keeper.rulings())
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

    def digest(self) -> str:
        """A digest of what the case holds, the same in any order of reading."""
        return self.keeper.digest()


def _pair(snapshot: Snapshot, a: str, b: str) -> tuple[Subject, Subject]:
    known = known_subjects(snapshot)
    left, right = find(a, known), find(b, known)
    if left.key == right.key:
        raise InputError(f"{left.key} is both sides", "assess", "name two different subjects")
    return left, right


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _consequences(told: Sequence[Disclosure], stale: Sequence[str]) -> dict[str, Any]:
    """The ledger entries concerned, by partner, and the assessments that are stale."""
    return {
        "stale": list(stale),
        "told": {
            name: [entry.as_record() for entry in told if entry.partner == name]
            for name in sorted({entry.partner for entry in told})
        },
    }


def _claim(seen: Observation) -> dict[str, Any]:
    return {
        "subject": seen.subject.key,
        "kind": seen.trait.kind,
        "object": seen.object,
        "value": seen.printed,
        "publisher": seen.source.publisher,
        "confidence": seen.confidence,
        "published": seen.published,
        "polarity": str(seen.polarity),
        "where": seen.where,
    }


def _trait(kind: str, polarity: str, rarity: object, group: list[Observation]) -> dict[str, Any]:
    return {
        "kind": kind,
        "value": group[0].printed or group[0].trait.value,
        "polarity": polarity,
        "rarity": str(rarity) if rarity else "unknown kind",
        "first_seen": min((seen.first_seen for seen in group if seen.first_seen), default=""),
        "last_seen": max((seen.last_seen for seen in group if seen.last_seen), default=""),
        "sources": [
            {
                "publisher": seen.source.publisher,
                "title": seen.source.title,
                "where": seen.where,
                "published": seen.published,
            }
            for seen in group
        ],
        "observations": [seen.id for seen in group],
    }


def _walk(id: str, result_id: str, document: Any) -> Iterator[dict[str, Any]]:
    """The steps from an id of a kept assessment down to its sources; none when the id is not of it."""
    items = {item["id"]: item for item in document["evidence"]}
    if id == result_id:
        yield {"level": "assessment", "id": id, "text": document["sentences"][0]["text"]}
        chosen = list(items.values())
    elif id in document["axes"]:
        view = document["axes"][id]
        yield {"level": "axis", "id": id, "text": f"{id}: {view['position']} ({view['because']})"}
        chosen = [item for item in items.values() if id in item["counted"]]
    elif id in items:
        chosen = [items[id]]
    else:
        return
    for item in chosen:
        yield {"level": "evidence", "id": item["id"], "text": item["why"], "counted": item["counted"]}
        for seen in item["observations"]:
            yield _step(seen, document["observations"][seen])


def _step(id: str, record: Any) -> dict[str, Any]:
    source = record["source"]
    place = f" ({record['where']})" if record.get("where") else ""
    return {
        "level": "observation",
        "id": id,
        "text": f"{record['publisher']}/{record['subject']} {record['polarity']}: {record['kind']} {record['value']}",
        "source": f"{source['publisher']}: {source.get('title', '')}{place}",
        "url": source.get("url", ""),
        "record": record,
    }


def demo_paths() -> list[str]:
    """The observation files of the packaged Sandman case."""
    folder = files("consilience").joinpath("examples/sandman")
    return sorted(str(entry) for entry in folder.iterdir() if entry.name.endswith(".jsonl"))


def kinds() -> list[dict[str, Any]]:
    """Every kind of trait with its meaning."""
    return [
        {
            "kind": kind.name,
            "form": kind.form,
            "vertex": kind.vertex,
            "group": kind.group,
            "forging": kind.forging,
            "meaning": kind.because,
            "cap_operator": kind.cap_operator / 1000,
            "cap_other": kind.cap_other / 1000,
        }
        for kind in vocabulary().kinds.values()
    ]
