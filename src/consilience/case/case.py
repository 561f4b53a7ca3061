"""What can be asked of a case, one method for each verb: composition only, no arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from consilience.case.attribution import Answered, Questions, attributed, models_at
from consilience.case.channels import Channels
from consilience.case.disclosures import Disclosures, Shared, SharedParcel
from consilience.case.feeds import Feeds
from consilience.case.history import audit_records, verification
from consilience.case.intake import Intake, ReadResult
from consilience.case.pairs import evidence_in, judgement_on, related_pairs, shared_software_in, stored_assessment
from consilience.case.provenance import why
from consilience.case.subjects import full_names, names_in, shown
from consilience.keep import open_case
from consilience.model.assessment import Assessment
from consilience.model.json import JsonObject
from consilience.model.knowledge import Knowledge
from consilience.model.parcel import Conversion
from consilience.model.protocols import Keeper, Progress
from consilience.model.relation import Judgement, judgement_records
from consilience.model.shift import Decision
from consilience.model.snapshot import Snapshot
from consilience.release.rulings import Rulings
from consilience.share import write


class Case:
    """A case: what was read, and what can be asked of it.

    Each verb reads what the case knows once, as one value, and hands it down.
    """

    def __init__(self, keeper: Keeper, location: str = "") -> None:
        self.keeper = keeper
        self.location = "" if "://" in location else location
        self.models = models_at()
        self.rulings = Rulings(keeper)

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

        Raises InputError when it is missing, damaged, of another version, or not a model file.
        """
        self.models = models_at(path)

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
        progress: Progress | None = None,
    ) -> list[ReadResult]:
        """What reading these files and folders gave, file by file; each file is one transaction.

        Samples are compared with the YARA rules of the folder `rules`, and of the folder of that name in the case.

        A file that would move a probability of an assessment kept in the case by more than .20 is held: nothing of it
        is kept unless a person decides so, which is recorded with the reason. `decoders` are folders of descriptions
        by which configurations are decoded, beside those that are shipped and those in the folder of the case.
        """
        given = {"publisher": publisher, "subject": subject, "subject_type": subject_type, "tlp": tlp}
        defaults = {name: value for name, value in given.items() if value}
        return self._intake.read(paths, defaults, despite_shift, progress, decoders, rules)

    @property
    def feeds(self) -> Feeds:
        """The feeds of the case."""
        return Feeds(self.keeper, self._intake)

    @property
    def channels(self) -> Channels:
        """What goes out to partners over TAXII, and comes in from them."""
        return Channels(self.keeper, self._intake)

    @property
    def known(self) -> Knowledge:
        """What the case knows at this moment, as one value."""
        return Knowledge(self.keeper)

    def snapshot(self, as_of: str = "") -> Snapshot:
        """Everything the case knew by a date and nobody retracted, each statement under the colour that holds of it."""
        return self.known.snapshot(as_of)

    def full_names(self, *names: str) -> list[str]:
        """The full names of the subjects that are called so. Raises UnknownName or AmbiguousName."""
        return full_names(self.snapshot(), names) if names else []

    def show(self, name: str, as_of: str = "") -> JsonObject:
        """The traits of a subject, rarest first, and the claims about it, with their sources."""
        return shown(self.snapshot(as_of), name)

    def names(self, name: str = "", as_of: str = "") -> JsonObject:
        """The names of the case, the claims that relate them, and where claims contradict each other."""
        return names_in(self.snapshot(as_of), name)

    def weigh(self, a: str, b: str, as_of: str = "") -> JsonObject:
        """The evidence of a pair, strongest first."""
        return evidence_in(self.snapshot(as_of), a, b, self.models)

    def relate(
        self,
        subject: str = "",
        *,
        top: int = 20,
        by: str = "weight",
        as_of: str = "",
        progress: Progress | None = None,
    ) -> list[JsonObject]:
        """The pairs worth a look, those with the heaviest evidence first.

        By `operator`, those first whose reports that share software are likeliest to be of one operator.
        """
        return related_pairs(self.snapshot(as_of), self.models, subject, top, by, progress)

    def attribute(
        self,
        paths: Sequence[str],
        *,
        among: str = "",
        top: int = 5,
        cited: int = 5,
        as_of: str = "",
        progress: Progress | None = None,
    ) -> Answered:
        """The known subjects of a type for the queries of these files, and none of these.

        Activities are compared with intrusion sets where no type is named, and samples with the families of any type
        whose samples the case holds. The first `top` get their reasons, with up to `cited` observations each.
        """
        folder = Path(self.location) / "cache" if self.location else None
        return attributed(paths, Questions(self.known, self.models, folder, among, top, cited, as_of), progress)

    def assess(self, a: str, b: str, as_of: str = "") -> Assessment:
        """The assessment of a pair, kept in the case so that its numbers can be followed to their sources later."""
        return stored_assessment(self.keeper, self.snapshot(as_of), a, b, self.models)

    def assessment_record(self, a: str, b: str, as_of: str = "") -> JsonObject:
        """As `assess`, as a document: beside the assessment what shared software says, and what analysts judged."""
        snapshot = self.snapshot(as_of)
        done = stored_assessment(self.keeper, snapshot, a, b, self.models)
        first, second = done.relation.a, done.relation.b
        return {
            **done.as_record(),
            "shared_software": shared_software_in(snapshot, first, second, self.models),
            "judgements": judgement_records(self.judgements(first, second)),
        }

    def why(self, id: str) -> JsonObject:
        """The steps from an assessment, axis, evidence or observation down to what its sources say, and where.

        `stale` says that it rests on what was retracted, or was retracted itself.
        """
        return why(self.known, id)

    def judge(self, a: str, b: str, level: str, because: str, by: str) -> Judgement:
        """An analyst's judgement on a pair, signed and kept beside the machine's."""
        made = judgement_on(self.snapshot(), a, b, level, because, by)
        self.keeper.judge(made)
        return made

    def judgements(self, a: str = "", b: str = "") -> list[Judgement]:
        """The judgements on the pair, or the subject, of these full names, or all of them; oldest first."""
        return list(self.keeper.judgements(a, b))

    def audit(self, top: int) -> list[JsonObject]:
        """The newest entries of the audit chain, with what they are about and when it was recorded."""
        return audit_records(self.keeper, top)

    def verify(self, head: str = "") -> JsonObject:
        """Whether the case is as it was written; `head`, a hash kept elsewhere, finds a chain that was cut off."""
        return verification(self.keeper, head)

    def write(self, assessment: Assessment, format: str, judgements: Sequence[Judgement] = ()) -> bytes:
        """An assessment as a document, with these judgements of analysts beside it."""
        return write(assessment, format, judgements)

    def release(self, partner: str, as_of: str = "") -> Snapshot:
        """What this partner may know, by a date: the only road out. Raises InputError when nobody is called so."""
        return self._disclosures.released(partner, as_of)

    def share(self, a: str, b: str, to: str, format: str, *, as_of: str = "", by: str = "") -> Shared:
        """The document on a pair for a partner, computed on what they may know; the ledger has it when this returns.

        Raises UnknownName when they may know nothing about one of the pair, as for a name that nobody has.
        """
        return self._disclosures.share(a, b, to, format, as_of, by)

    def share_all(self, to: str, format: str, *, as_of: str = "", by: str = "") -> SharedParcel:
        """All that a partner may know as one document, in the ledger when this returns; without a partner, ours."""
        return self._disclosures.share_all(to, format, as_of, by)

    def converted(self, to: str, format: str, *, as_of: str = "") -> Conversion:
        """What `share_all` would give, with what its format cannot hold; sent to nobody."""
        return self._disclosures.converted(to, format, as_of)

    def preview(self, a: str, b: str, to: str, as_of: str = "") -> JsonObject:
        """What a partner would conclude of a pair, beside what we conclude: for us, and never for them."""
        return self._disclosures.preview(a, b, to, as_of)

    def digest(self) -> str:
        """A digest of what the case holds, the same in any order of reading."""
        return self.keeper.digest()

    @property
    def _intake(self) -> Intake:
        return Intake(self.keeper, self.models, self.location)

    @property
    def _disclosures(self) -> Disclosures:
        return Disclosures(self.known)
