"""Golden cases: published questions about two clusters, written down as YAML (the language is in cases/README.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from consilience.model.errors import Notice, Refusal, Rejected
from consilience.model.observation import Observation
from consilience.model.printable import quoted
from consilience.model.protocols import Progress
from consilience.model.reading import Reading
from consilience.model.relation import UNDETERMINED
from consilience.model.source import Source
from consilience.read import fields
from consilience.read.reading_builder import ReadingBuilder
from consilience.read.yaml_text import YamlText
from consilience.sandbox.content import Content
from consilience.vocab import vocabulary

CLASSES = (
    "same-operator",
    "developer-only",
    "supplier",
    "sub-group",
    "imitation",
    "takeover",
    "shared-code-wrong-actor",
    "undecided",
    "distinct",
    "no-relation",
    "persona",
    "reporting-error",
)
MAX_CASE = 1_048_576
_FIELDS = frozenset(["id", "title", "class", "pair", "sources", "defaults", "observations", "expect", "note"])
_EXPECT_FIELDS = frozenset(["as_of", "because", "axes", "level", "tracking"])
_TELLING = tuple(re.compile(rf"^{key}\s*:".encode(), re.MULTILINE) for key in ("pair", "sources"))
_BEFORE = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*|---)?\r?\n)*")
_TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a position must be: one of `one_of`, or, where that is empty, none of `none_of`."""

    one_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()

    def holds(self, position: str) -> bool:
        """Whether a position is as wanted.

        >>> Wanted(none_of=("same",)).holds("separate")
        True
        """
        return position in self.one_of if self.one_of else position not in self.none_of

    def __str__(self) -> str:
        return " or ".join(self.one_of) if self.one_of else "not " + " nor ".join(self.none_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What was concluded as of a date, by axis, and where the case decides them by level and tracking."""

    as_of: str
    because: str
    axes: Mapping[str, Wanted]
    level: Wanted | None = None
    tracking: Wanted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenCase:
    """A published question about two subjects, the evidence, and what must come out; `faults` lists what is amiss."""

    id: str
    title: str
    klass: str
    pair: tuple[str, str]
    observations: tuple[Observation, ...]
    expectations: tuple[Expectation, ...]
    note: str = ""
    faults: tuple[Refusal, ...] = ()
    notices: tuple[Notice, ...] = ()


class GoldenFile:
    """Reads the observations of a golden case."""

    name = "golden-case"

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the file begins with a key of the language, and holds the keys `pair` and `sources`."""
        before = _BEFORE.match(head)
        first = head[before.end() if before else 0 :].split(b":", 1)[0]
        return first.strip().decode("ascii", "replace") in _FIELDS and all(key.search(head) for key in _TELLING)

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """The observations of the case; faults of its other parts are refusals too."""
        case = golden_case(raw, filename, defaults)
        return Reading(
            file=filename,
            format=self.name,
            raw=raw,
            observations=case.observations,
            refusals=case.faults,
            notices=case.notices,
        )


def golden_case(raw: bytes, filename: str, defaults: Mapping[str, str] | None = None) -> GoldenCase:
    """The case that a file holds, its good parts kept and all faults of the others collected.

    `defaults` fill what neither an observation nor the defaults of the case state.
    """
    builder = ReadingBuilder(filename, defaults or {})
    try:
        text = YamlText(_text(raw))
    except Rejected as unfit:
        builder.refuse(0, "", unfit)
        nothing = GoldenCase(id="", title="", klass="", pair=("", ""), observations=(), expectations=())
        return replace(nothing, faults=tuple(builder.refusals))
    return _Case(builder, text).case()


def _text(raw: bytes) -> str:
    content = Content(raw).stream.read(MAX_CASE + 1)
    if len(content) > MAX_CASE:
        raise Rejected(f"the case is longer than {MAX_CASE:,} bytes", todo="large data belongs into observation files")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Rejected(f"byte {fault.start + 1} is not UTF-8", todo="save the file as UTF-8") from None


class _Case:
    """Takes the parts of one case, noting faults with the line on which the part begins."""

    def __init__(self, builder: ReadingBuilder, text: YamlText) -> None:
        self.builder = builder
        self.text = text
        self.data = text.data

    def case(self) -> GoldenCase:
        for key, line in self.text.twice:
            self.builder.refuse(line, key, Rejected("the key stands twice", todo="keep the one that is meant"))
        self.known("", self.data, _FIELDS)
        self.observations(self.sources())
        case = GoldenCase(
            id=self.words("id"),
            title=self.words("title"),
            klass=self.words("class"),
            pair=self.pair(),
            observations=tuple(self.builder.observations),
            expectations=self.expectations(),
            note=self.words("note") if "note" in self.data else "",
        )
        self.check(case)
        faults = tuple(sorted(self.builder.refusals, key=lambda fault: fault.line))
        return replace(case, faults=faults, notices=tuple(self.builder.notices))

    def fault(self, path: tuple[str | int, ...], what: str, todo: str) -> None:
        """Notes a fault of the part at this path."""
        field = ".".join(step for step in path if isinstance(step, str))
        self.builder.refuse(self.text.line(*path), field, Rejected(what, todo=todo))

    def known(self, where: str, part: Mapping[str, object], legal: Iterable[str]) -> None:
        """Notes keys that the language does not have."""
        for key in sorted(part.keys() - set(legal)):
            path = (where, key) if where else (key,)
            self.fault(path, "the key is unknown", "one of: " + " ".join(sorted(legal)))

    def words(self, key: str) -> str:
        """A text of the case, which must be there."""
        value = self.data.get(key)
        if not isinstance(value, str) or not value.strip():
            self.fault((key,), "is missing, or no text", "cases/README.md shows a complete case")
            return ""
        return value.strip()

    def part(self, key: str, form: type[Any], needed: bool = True) -> Any:
        """A part of the case that must be a mapping or list; an empty one where it is not."""
        value = self.data.get(key)
        if isinstance(value, form) and (value or not needed):
            return value
        if needed or value:
            shape = "mapping" if form is dict else "list"
            self.fault((key,), f"is missing, empty, or no {shape}", "cases/README.md shows a complete case")
        return form()

    def pair(self) -> tuple[str, str]:
        names = self.part("pair", list)
        if len(names) != 2 or not all(isinstance(name, str) and "/" in name for name in names):
            if names:
                self.fault(("pair",), "is not two full names", "write [publisher/subject, publisher/subject]")
            return "", ""
        return names[0], names[1]

    def sources(self) -> dict[str, tuple[dict[str, object], str]]:
        """The sources by key: the source object of the observation format, and the date of publication."""
        found: dict[str, tuple[dict[str, object], str]] = {}
        stated = self.part("sources", dict)
        for key, value in stated.items():
            if not isinstance(value, dict):
                self.fault(("sources", key), "is not a mapping", "write {publisher: ..., title: ..., published: ...}")
                continue
            self.known(f"sources.{key}", value, {*fields.SOURCE, "published"})
            source = {field: each for field, each in value.items() if field != "published"}
            found[key] = source, value.get("published", "")
        for key, (source, _) in found.items():
            origin = source.get("derived_from")
            if origin in found:
                source["derived_from"] = _key_of(found[origin][0])
            elif origin:
                self.fault(
                    ("sources", key, "derived_from"), f"{quoted(origin)} is not a source of the case", "give its key"
                )
        return found

    def observations(self, sources: Mapping[str, tuple[dict[str, object], str]]) -> None:
        defaults = self.part("defaults", dict, needed=False)
        for place, line in enumerate(self.part("observations", list)):
            path = ("observations", place)
            if not isinstance(line, dict):
                self.fault(path, "is not a mapping", "write {subject: ..., kind: ..., value: ..., source: ...}")
                continue
            record = {**defaults, **line}
            key = record.pop("source", "")
            if not isinstance(key, str) or key not in sources:
                self.fault((*path, "source"), f"{quoted(key)} is not a source of the case", "give the key of a source")
                continue
            self.observation(path, record, *sources[key])

    def observation(
        self, path: tuple[str | int, ...], record: dict[str, object], source: dict[str, object], published: str
    ) -> None:
        publisher, slash, subject = str(record.get("subject", "")).partition("/")
        if slash and "publisher" not in record:
            record |= {"publisher": publisher, "subject": subject}
        if not record.get("published"):
            record["published"] = published
        if isinstance(exclusive := record.get("exclusive"), str):
            record["exclusive"] = _TRUTHS.get(exclusive.lower(), exclusive)
        if record.get("polarity") == "absent" and not record.get("scope"):
            self.fault((*path, "polarity"), "absent without a scope", "say in scope where it was looked for")
        self.builder.take(record | {"source": source}, self.text.line(*path))

    def expectations(self) -> tuple[Expectation, ...]:
        found = []
        for place, stated in enumerate(self.part("expect", list)):
            if isinstance(stated, dict):
                self.known("expect", stated, _EXPECT_FIELDS)
                found.append(self.expectation(("expect", place), stated))
            else:
                self.fault(("expect", place), "is not a mapping", "write as_of, because and axes")
        return tuple(found)

    def expectation(self, path: tuple[str | int, ...], stated: Mapping[str, object]) -> Expectation:
        vocab = vocabulary()
        try:
            as_of = fields.date(stated.get("as_of", ""))
        except Rejected as unfit:
            as_of = ""
            self.fault((*path, "as_of"), unfit.what, unfit.todo)
        because = stated.get("because")
        if not as_of or not isinstance(because, str) or not because.strip():
            self.fault(path, "needs as_of and because", "say when, and who concluded what")
        axes = stated.get("axes", {})
        if not isinstance(axes, dict):
            self.fault((*path, "axes"), "is not a mapping", "write {operator: ..., developer: ...}")
            axes = {}
        wanted = {}
        for axis, value in axes.items():
            if axis not in vocab.axes:
                self.fault((*path, "axes", axis), "is not an axis", "one of: " + " ".join(vocab.axes))
                continue
            legal = (*vocab.axes[axis].hypotheses, UNDETERMINED)
            found = self.wanted((*path, "axes", axis), value, legal)
            if found:
                wanted[axis] = found
        tracking = tuple(vocab.rules["tracking"]["words"])
        return Expectation(
            as_of=as_of,
            because=because.strip() if isinstance(because, str) else "",
            axes=wanted,
            level=self.wanted((*path, "level"), stated.get("level"), tuple(vocab.levels)),
            tracking=self.wanted((*path, "tracking"), stated.get("tracking"), tracking),
        )

    def wanted(self, path: tuple[str | int, ...], value: Any, legal: tuple[str, ...]) -> Wanted | None:
        """One of the three forms: a position, a list of them, or `{not: [...]}`."""
        if value is None:
            return None
        negative = isinstance(value, dict) and value.keys() == {"not"}
        named = value["not"] if negative else value
        positions = tuple(named) if isinstance(named, list) else (named,)
        if not positions or not all(isinstance(each, str) and each in legal for each in positions):
            self.fault(path, "names no position, or one that does not exist", "use: " + " ".join(legal))
            return None
        return Wanted(none_of=positions) if negative else Wanted(one_of=positions)

    def check(self, case: GoldenCase) -> None:
        """Notes what the parts of a case say against each other."""
        stem = PurePath(self.builder.file.removesuffix(".gz")).stem
        if case.id and case.id != stem:
            self.fault(("id",), f"is not the name of the file, {stem}", "rename the one or the other")
        if case.klass and case.klass not in CLASSES:
            self.fault(("class",), f"{quoted(case.klass)} is not a class", "one of: " + " ".join(CLASSES))
        subjects = {seen.subject.key for seen in case.observations} | {seen.object for seen in case.observations}
        for name in case.pair:
            if name and name not in subjects:
                self.fault(("pair",), f"no observation names {name}", "write the name as the observations do")
        contrasts: dict[str, set[str]] = {}
        for seen in case.observations:
            if seen.role == "contrast":
                contrasts.setdefault(seen.trait.kind, set()).add(seen.subject.key)
        for kind, sides in contrasts.items():
            if len(sides) < 2:
                self.fault(("observations",), f"{kind} of {min(sides)} contrasts with nothing", "write both sides")


def _key_of(source: Mapping[str, object]) -> str:
    """The key that the source will have once it is read."""
    publisher, title, url, name = (
        str(source.get(field) or "").strip() for field in ("publisher", "title", "url", "id")
    )
    return Source(publisher=publisher, title=title, url=url, id=name).key
