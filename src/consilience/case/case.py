"""What can be asked of a case, one method for each verb: composition only, no arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from consilience.assess.naming import claim_record, names_record
from consilience.attribute import attributor, models_from, query_activity, shipped_models
from consilience.attribute.pairs import ClusterPairs
from consilience.case.cache import FolderCache
from consilience.case.channels import Channels
from consilience.case.configurations import decoder_folders
from consilience.case.disclosures import Disclosures, Shared, SharedParcel
from consilience.case.feeds import Feeds
from consilience.case.gc_pause import gc_paused
from consilience.case.intake import RULES, Intake, ReadResult
from consilience.case.lineage import lineage_in, sample_attribution
from consilience.case.pairs import assessment_in, counted, known_subjects, over_reports, pair_in
from consilience.case.provenance import why
from consilience.keep import cut_off, open_case
from consilience.model.assessment import Assessment, evidence_record
from consilience.model.attribution import Attribution
from consilience.model.digest import digest
from consilience.model.errors import InputError, Notice, Refusal
from consilience.model.evidence import Rarity
from consilience.model.names import find
from consilience.model.observation import Observation
from consilience.model.parcel import Conversion
from consilience.model.protocols import Keeper
from consilience.model.relation import Judgement, Relation
from consilience.model.shift import Decision
from consilience.model.snapshot import Snapshot, snapshot_of
from consilience.model.subject import Subject
from consilience.read import read_model, read_queries, readers_with
from consilience.relate import candidates, heaviest, relate, weight_of
from consilience.release.rulings import Rulings
from consilience.share import write
from consilience.vocab import vocabulary
from consilience.vocab.sentences import rarity_words, sentence
from consilience.weigh import weigh


@dataclass(frozen=True, slots=True)
class Answered:
    """The attributions of the queries that were asked, in order, and what was refused of them."""

    answers: tuple[Attribution, ...]
    refusals: tuple[Refusal, ...]
    notices: tuple[Notice, ...]


class Case:
    """A case: what was read, and what can be asked of it."""

    def __init__(self, keeper: Keeper, location: str = "") -> None:
        self.keeper = keeper
        self.location = "" if "://" in location else location
        self.desk = Rulings(keeper)
        self.models = shipped_models()

    @classmethod
    def open(cls, location: str) -> Case:
        """The case in a folder (made if absent) or at a database URL."""
        return cls(open_case(location), location)

    def __enter__(self) -> Case:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of files and connections."""
        self.keeper.close()

    def use_model(self, path: str) -> None:
        """Answer from here on with the models and rates of a file that `consilience calibrate --fit` wrote.

        Raises InputError when it is missing, damaged, of another version, or no model file.
        """
        self.models = models_from(read_model(path), path)

    def read(
        self,
        paths: Sequence[str],
        *,
        publisher: str = "",
        subject: str = "",
        subject_type: str = "",
        tlp: str = "",
        despite_shift: Decision | None = None,
        decoders: Sequence[str] = (),
        rules: str = "",
        progress: Callable[[int, int], None] | None = None,
    ) -> list[ReadResult]:
        """What reading these files and folders gave, file by file; each file is one transaction.

        Samples are held against the YARA rules of the folder `rules`, and of the folder of that name in the case.

        A file that would move a probability of an assessment kept in the case by more than .20 is held: nothing of it
        is kept unless a person decides so, which is recorded with the reason. `decoders` are folders of descriptions
        by which configurations are decoded, beside those that are shipped and those in the folder of the case.
        """
        given = {"publisher": publisher, "subject": subject, "subject_type": subject_type, "tlp": tlp}
        defaults = {name: value for name, value in given.items() if value}
        readers = readers_with(decoder_folders(self.location, decoders))
        own = Path(self.location) / RULES
        folders = [*([rules] if rules else []), *([str(own)] if self.location and own.is_dir() else [])]
        return self._intake().read(paths, defaults, despite_shift, progress, readers, folders)

    @property
    def feeds(self) -> Feeds:
        """The feeds of the case."""
        return Feeds(self.keeper, self.desk, self._intake())

    def _intake(self) -> Intake:
        return Intake(self.keeper, self.desk, self.snapshot, self.assess)

    def snapshot(self, as_of: str = "") -> Snapshot:
        """Everything the case knew by a date and nobody retracted, each statement under the colour that holds of it."""
        policy, kept = self.desk.policy(), self.keeper.observations()
        if policy.leaves_all:
            return snapshot_of(kept, as_of)
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
        left, right = pair_in(snapshot, a, b)
        found = weigh(snapshot, left, right, counted(snapshot), self.models.rules(vocabulary()))
        return {
            "a": left.key,
            "b": right.key,
            "as_of": as_of or snapshot.latest(),
            "evidence": [evidence_record(item) for item in found.evidence],
            "shared_software": _shared_software(over_reports(snapshot, self.models), left.key, right.key),
        }

    def shared_software(self, a: str, b: str, as_of: str = "") -> dict[str, Any] | None:
        """What reports of a pair that share software say of one operator: a fitted figure, beside all evidence."""
        snapshot = self.snapshot(as_of)
        left, right = pair_in(snapshot, a, b)
        return _shared_software(over_reports(snapshot, self.models), left.key, right.key)

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
            return relate(snapshot, snapshot.subjects[a], snapshot.subjects[b], counts, vocab)

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

    @gc_paused()
    def attribute(
        self,
        paths: Sequence[str],
        *,
        among: str = "",
        top: int = 5,
        cited: int = 5,
        as_of: str = "",
        progress: Callable[[int, int], None] | None = None,
    ) -> Answered:
        """The known subjects of a type for the queries of these files, and none of these.

        Activities are compared with intrusion sets where no type is named, and samples with the families of any type
        whose samples the case holds. The first `top` get their reasons, with up to `cited` observations each.
        """
        read = [read_queries(path) for path in paths]
        queries = [query for each in read for query in each.queries]
        snapshot, kind = self.snapshot(as_of), among or "intrusion-set"
        activities = cache(lambda: attributor(snapshot, vocabulary(), kind, self.models, self._cache(kind)))
        samples = cache(lambda: lineage_in(snapshot, self.keeper.codes(), among))
        answers = []
        for place, query in enumerate(queries):
            if query.code is None:
                answers.append(activities().attribution(query_activity(query, vocabulary()), top, cited))
            else:
                answers.append(sample_attribution(samples(), query, top, cited))
            if progress:
                progress(place + 1, len(queries))
        return Answered(
            answers=tuple(answers),
            refusals=tuple(refusal for each in read for refusal in each.refusals),
            notices=tuple(notice for each in read for notice in each.notices),
        )

    def _cache(self, among: str) -> FolderCache | None:
        return FolderCache(Path(self.location) / "cache", digest(among)[:12]) if self.location else None

    def assess(self, a: str, b: str, as_of: str = "") -> Assessment:
        """The assessment of a pair, kept in the case so that its numbers can be walked later."""
        done = assessment_in(self.snapshot(as_of), a, b, self.models.rules(vocabulary()))
        self.keeper.keep_result(done.id, done.as_record())
        return done

    def why(self, id: str) -> dict[str, Any]:
        """The walk from an assessment, axis, evidence or observation down to what its sources say, and where.

        `stale` tells that it rests on what was retracted, or was retracted itself.
        """
        return why(self.keeper, self.desk, id)

    def judge(self, a: str, b: str, level: str, because: str, by: str) -> Judgement:
        """An analyst's word on a pair, signed and kept beside the machine's."""
        if level not in vocabulary().levels:
            raise InputError(f"{level!r} is no level", "judge", "one of: " + ", ".join(vocabulary().levels))
        if not because.strip() or not by.strip():
            raise InputError("a judgement needs a reason and a name", "judge", "give --because and --by")
        first, second = pair_in(self.snapshot(), a, b)
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

    def verify(self, head: str = "") -> dict[str, Any]:
        """Whether the case is as it was written: what does not hold, and the length and newest hash of its chain.

        `head` is the newest hash of an earlier day, kept elsewhere: with it a chain is found that was cut off.
        """
        faults, newest = list(self.keeper.verify()), next(iter(self.keeper.audit()), None)
        if head and all(entry.hash != head for entry in self.keeper.audit()):
            faults.append(cut_off(newest.seq if newest else 0))
        return {
            "sound": not faults,
            "entries": newest.seq if newest else 0,
            "newest": newest.hash if newest else "",
            "faults": [asdict(fault) for fault in faults],
        }

    def write(self, assessment: Assessment, format: str, judgements: Sequence[Judgement] = ()) -> bytes:
        """An assessment as a document, with these judgements of analysts beside it."""
        return write(assessment, format, judgements)

    def release(self, partner: str, as_of: str = "") -> Snapshot:
        """What this partner may know, by a date: the only road out. Raises InputError when nobody is called so."""
        return self._office().released(partner, as_of)

    def share(self, a: str, b: str, to: str, format: str, *, as_of: str = "", by: str = "") -> Shared:
        """The document on a pair for a partner, computed on what they may know; the ledger has it when this returns.

        Raises UnknownName when they may know nothing about one of the pair, as for a name that nobody has.
        """
        return self._office().share(a, b, to, format, as_of, by)

    def share_all(self, to: str, format: str, *, as_of: str = "", by: str = "") -> SharedParcel:
        """All that a partner may know as one document, in the ledger when this returns; without a partner, ours."""
        return self._office().share_all(to, format, as_of, by)

    def converted(self, to: str, format: str, *, as_of: str = "") -> Conversion:
        """What `share_all` would give, with what its format cannot hold; told to nobody."""
        return self._office().converted(to, format, as_of)

    def preview(self, a: str, b: str, to: str, as_of: str = "") -> dict[str, Any]:
        """What a partner would conclude of a pair, beside what we conclude: for us, and never for them."""
        return self._office().preview(a, b, to, as_of)

    @property
    def channels(self) -> Channels:
        """What goes out to partners over TAXII, and comes in from them and from feeds."""
        return Channels(self._office(), self._intake())

    def _office(self) -> Disclosures:
        return Disclosures(self.keeper, self.desk, self.snapshot)

    def digest(self) -> str:
        """A digest of what the case holds, the same in any order of reading."""
        return self.keeper.digest()


def _shared_software(reports: ClusterPairs, a: str, b: str) -> dict[str, Any] | None:
    shared = reports.shared_software(a, b)
    return shared.as_record() if shared else None


def _trait(kind: str, polarity: str, rarity: Rarity | None, group: list[Observation]) -> dict[str, Any]:
    return {
        "kind": kind,
        "value": group[0].printed or group[0].trait.value,
        "polarity": polarity,
        "rarity": rarity_words(rarity) if rarity else sentence("rarity.unknown"),
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
