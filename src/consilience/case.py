"""The pipeline, top to bottom: read, keep, weigh, relate, assess, share. Composition only, no arithmetic."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from itertools import islice
from typing import Any

from consilience.assess import Watch, judged, newest
from consilience.assess import assess as assess_pair
from consilience.assess.naming import claim_record, names_record
from consilience.attribute import Models, asked, attributor, models_from, shipped_models
from consilience.attribute.pairs import ClusterPairs, over_clusters
from consilience.keep import open_case
from consilience.model.assessment import Assessment, evidence_record
from consilience.model.attribution import Attribution
from consilience.model.canonical import digest
from consilience.model.errors import InputError, Notice, Refusal, UnknownId
from consilience.model.names import find
from consilience.model.observation import Observation
from consilience.model.partner import Disclosure
from consilience.model.protocols import Keeper
from consilience.model.reading import Reading, Receipt
from consilience.model.relation import Judgement, Relation
from consilience.model.shift import Decision, Shift
from consilience.model.snapshot import Snapshot, snapshot_of
from consilience.model.subject import Subject
from consilience.model.when import span
from consilience.read import read_model, read_path, read_queries
from consilience.relate import candidates, heaviest, weight_of
from consilience.relate import relate as relate_pair
from consilience.share import write as write_assessment
from consilience.share.desk import Desk, now
from consilience.share.preview import compared
from consilience.share.release import Released, release
from consilience.vocab import Vocabulary, vocabulary
from consilience.vocab.reference import reference_document
from consilience.weigh import Corpus, Counts, corpus_from, counts_of, weigh

DEMO_PAIR = ("SentinelLabs/Sandman", "Microsoft/STORM-0866/Red Dev 40")
DEMO_AS_OF = "2023-12-11"
FOREVER = 10**9
ASSESSMENT, DECISION = "as-", "sh-"


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What reading one file gave; where `held` has a row, it waits for a person and nothing of it was kept."""

    file: str
    format: str
    new: int
    known: int
    refusals: tuple[Refusal, ...]
    notices: tuple[Notice, ...]
    held: tuple[Shift, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Answered:
    """The attributions of the queries that were asked, in order, and what was refused of them."""

    answers: tuple[Attribution, ...]
    refusals: tuple[Refusal, ...]
    notices: tuple[Notice, ...]


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


def over_reports(snapshot: Snapshot, models: Models | None = None) -> ClusterPairs:
    """The reports of the clusters in a snapshot, ready to be asked who shares software with whom."""
    return over_clusters(snapshot, vocabulary(), (models or shipped_models()).pairs)


def relation_in(snapshot: Snapshot, a: str, b: str, rules: Vocabulary | None = None) -> tuple[Relation, str]:
    """The relation and the tracking decision of a pair in a snapshot, without keeping anything.

    `rules` stands in for the vocabulary that the package ships, to see what a rule costs.
    """
    known = known_subjects(snapshot)
    return judged(snapshot, find(a, known), find(b, known), counted(snapshot), rules or vocabulary())


def assessment_in(snapshot: Snapshot, a: str, b: str, rules: Vocabulary | None = None) -> Assessment:
    """The assessment of a pair in a snapshot, without keeping anything; `rules` as in `relation_in`."""
    left, right = _pair(snapshot, a, b)
    software = {"name": "consilience", "version": version("consilience")}
    return assess_pair(snapshot, left, right, counted(snapshot), rules or vocabulary(), software)


class Case:
    """A case: what was read, and what can be asked of it."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self.desk = Desk(keeper)
        self.models = shipped_models()

    @classmethod
    def open(cls, location: str) -> Case:
        """The case in a folder (made if absent) or at a database URL."""
        return cls(open_case(location))

    def __enter__(self) -> Case:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def use_model(self, path: str) -> None:
        """Answer from here on with the models and rates of a file that `consilience calibrate --fit` wrote.

        Raises InputError when it is missing, damaged, of another version, or no model file.
        """
        self.models = models_from(read_model(path), path)

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
        despite_shift: Decision | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[ReadResult]:
        """What reading these files and folders gave, file by file; each file is one transaction.

        A file that would move a probability of an assessment kept in the case by more than .20 is held: nothing of it
        is kept unless a person decides so, which is recorded with the reason.
        """
        given = {"publisher": publisher, "subject": subject, "subject_type": subject_type, "tlp": tlp}
        defaults = {name: value for name, value in given.items() if value}
        recorded = datetime.now(UTC).isoformat(timespec="seconds")
        watch, results = self._watch(), []
        for path in paths:
            for reading in read_path(path, defaults, progress):
                moved = watch.shifts(reading.observations)
                held = moved if despite_shift is None else ()
                receipt = Receipt(file=reading.file, sha256=reading.sha256, new=0, known=0)
                if not held:
                    receipt = self.keeper.add(reading, recorded)
                    watch.took(reading.observations)
                if moved and despite_shift is not None:
                    self._decide(despite_shift, reading, moved, recorded)
                    watch = self._watch()
                results.append(
                    ReadResult(
                        reading.file,
                        reading.format,
                        receipt.new,
                        receipt.known,
                        reading.refusals,
                        reading.notices,
                        held,
                    )
                )
        return results

    def _watch(self) -> Watch:
        theirs = self.desk.partial()
        ours = (row for id, row in self.keeper.results() if id.startswith(ASSESSMENT) and id not in theirs)
        return Watch(newest(ours), lambda: self.snapshot().observations, counted, vocabulary())

    def _decide(self, decision: Decision, reading: Reading, moved: Sequence[Shift], recorded: str) -> None:
        """Keep a decision with what it moved, and each moved assessment as it now is."""
        again = {self.assess(row.a, row.b, row.as_of).id for row in moved}
        document = {
            "file": reading.file,
            "sha256": reading.sha256,
            **asdict(decision),
            "recorded": recorded,
            "moved": [asdict(row) for row in moved],
            "assessed_again": sorted(again),
        }
        self.keeper.keep_result(DECISION + digest(document)[:20], document)

    def snapshot(self, as_of: str = "") -> Snapshot:
        """Everything the case knew by a date and nobody retracted, each statement under the colour that holds of it."""
        policy, kept = self.desk.policy(), self.keeper.observations()
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
                claims.append(claim_record(seen))
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
        return names_record(snapshot, known_subjects(snapshot), name)

    def weigh(self, a: str, b: str, as_of: str = "") -> dict[str, Any]:
        """The evidence of a pair, strongest first."""
        snapshot = self.snapshot(as_of)
        left, right = _pair(snapshot, a, b)
        found = weigh(snapshot, left, right, counted(snapshot), self.models.rules(vocabulary()))
        return {
            "a": left.key,
            "b": right.key,
            "as_of": as_of or snapshot.latest(),
            "evidence": [evidence_record(item) for item in found.evidence],
            "shared_software": _told(over_reports(snapshot, self.models), left.key, right.key),
        }

    def shared_software(self, a: str, b: str, as_of: str = "") -> dict[str, Any] | None:
        """What reports of a pair that share software say of one operator: a fitted figure, beside all evidence."""
        snapshot = self.snapshot(as_of)
        left, right = _pair(snapshot, a, b)
        return _told(over_reports(snapshot, self.models), left.key, right.key)

    def relate(
        self,
        subject: str = "",
        *,
        top: int = 20,
        by: str = "weight",
        as_of: str = "",
        progress: Callable[[int, int], None] | None = None,
    ) -> list[dict[str, Any]]:
        """The pairs worth a look, those with the heaviest evidence first.

        By `operator`, those first whose reports that share software are likeliest to be of one operator.
        """
        snapshot = self.snapshot(as_of)
        counts, vocab = counted(snapshot), self.models.rules(vocabulary())
        wanted = find(subject, known_subjects(snapshot)).key if subject else ""
        shared = over_reports(snapshot, self.models)

        def weighed(a: str, b: str) -> Relation:
            return relate_pair(snapshot, snapshot.subjects[a], snapshot.subjects[b], counts, vocab)

        if by == "operator":
            first = shared.ranked(candidates(snapshot, counts, vocab, wanted), progress)[:top]
            rows = [(weight_of(found), found) for found in (weighed(*pair) for pair in first)]
        else:
            rows = heaviest(snapshot, counts, vocab, weighed, wanted, top, progress)
        return [
            {
                "a": found.a,
                "b": found.b,
                "level": found.level,
                "weight": weight,
                "axes": {name: view.position for name, view in found.axes.items()},
                "same_operator": shared.probability(found.a, found.b),
            }
            for weight, found in rows
        ]

    def attribute(
        self,
        paths: Sequence[str],
        *,
        among: str = "intrusion-set",
        top: int = 5,
        cited: int = 5,
        as_of: str = "",
        progress: Callable[[int, int], None] | None = None,
    ) -> Answered:
        """The known subjects of a type for the queries of these files, and none of these.

        The first `top` get their reasons, with up to `cited` observations each.
        """
        read = [read_queries(path) for path in paths]
        queries = [query for each in read for query in each.queries]
        ranked = attributor(self.snapshot(as_of), vocabulary(), among, self.models)
        answers = []
        for place, query in enumerate(queries):
            answers.append(ranked.attribution(asked(query, vocabulary()), top, cited))
            if progress:
                progress(place + 1, len(queries))
        return Answered(
            answers=tuple(answers),
            refusals=tuple(refusal for each in read for refusal in each.refusals),
            notices=tuple(notice for each in read for notice in each.notices),
        )

    def assess(self, a: str, b: str, as_of: str = "") -> Assessment:
        """The assessment of a pair, kept in the case so that its numbers can be walked later."""
        done = assessment_in(self.snapshot(as_of), a, b, self.models.rules(vocabulary()))
        self.keeper.keep_result(done.id, done.as_record())
        return done

    def why(self, id: str) -> dict[str, Any]:
        """The walk from an assessment, axis, evidence or observation down to what its sources say, and where.

        `stale` tells that it rests on what was retracted, or was retracted itself.
        """
        for result_id, document in self.keeper.results():
            steps = _walk if result_id.startswith(ASSESSMENT) else _decided
            chain = list(steps(id, result_id, document))
            if chain:
                return {"id": id, "what": chain[0]["text"], "stale": result_id in self.desk.stale(), "chain": chain}
        for seen in self.keeper.observations():
            if seen.id == id:
                stale = not self.desk.policy().stands(seen)
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

    def release(self, partner: str, as_of: str = "") -> Snapshot:
        """What this partner may know, by a date: the only road out. Raises InputError when nobody is called so."""
        return snapshot_of(self._released(partner).observations, as_of)

    def share(self, a: str, b: str, to: str, format: str, *, as_of: str = "", by: str = "") -> Shared:
        """The document on a pair for a partner, computed on what they may know; the ledger has it when this returns.

        Raises UnknownName when they may know nothing about one of the pair, as for a name that nobody has.
        """
        partner, released = self.desk.policy().partner(to), self._released(to)
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
            "recorded": now(),
            "by": by,
        }
        whole = self.snapshot(as_of).digest == done.provenance["snapshot"]
        name = "di-" + digest([told, len(self.keeper.disclosures())])[:16]
        entry = Disclosure(id=name, observations=released.kept_ids(done.observations), whole=whole, **told)
        self.keeper.disclose(entry, done.as_record())
        return Shared(done, content, entry)

    def preview(self, a: str, b: str, to: str, as_of: str = "") -> dict[str, Any]:
        """What a partner would conclude of a pair, beside what we conclude: for us, and never for them."""
        partner, ours, theirs = self.desk.policy().partner(to), self.snapshot(as_of), self.release(to, as_of)
        internal = assessment_in(ours, a, b)
        try:
            external = assessment_in(theirs, a, b)
        except InputError as unknown:
            return compared(partner, internal, None, str(unknown))
        return compared(partner, internal, external)

    def _released(self, partner: str) -> Released:
        policy = self.desk.policy()
        found = policy.partner(partner)
        return release(self.keeper.observations(), policy, found, self.keeper.secret(), now()[:10])

    def digest(self) -> str:
        """A digest of what the case holds, the same in any order of reading."""
        return self.keeper.digest()


def _pair(snapshot: Snapshot, a: str, b: str) -> tuple[Subject, Subject]:
    known = known_subjects(snapshot)
    left, right = find(a, known), find(b, known)
    if left.key == right.key:
        raise InputError(f"{left.key} is both sides", "assess", "name two different subjects")
    return left, right


def _told(reports: ClusterPairs, a: str, b: str) -> dict[str, Any] | None:
    shared = reports.shared_software(a, b)
    return shared.as_record() if shared else None


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


def _decided(id: str, result_id: str, document: Any) -> Iterator[dict[str, Any]]:
    """The decision of this id to keep a file, and what the file moved; none when the id is another's."""
    if id != result_id:
        return
    text = f"{document['file']} was kept although it moved assessments, by {document['by']}: {document['because']}"
    yield {"level": "decision", "id": id, "text": text, "record": document}
    for row in document["moved"]:
        yield {"level": "shift", "id": row["assessment"], "text": str(Shift(**row))}


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
