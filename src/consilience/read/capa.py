"""What capa found in a sample, as `capa --json` writes it: capabilities and the techniques they stand for.

capa itself is not run here: it takes minutes and gigabytes a sample, ships no rules, and its result is a file that
any of its versions writes. Rules that only serve others, and those that capa makes itself, are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from consilience.model.errors import Rejected
from consilience.model.protocols import Progress
from consilience.model.reading import Reading
from consilience.read.json_document import outline, whole
from consilience.read.reading_builder import ReadingBuilder
from consilience.sandbox.content import Content

CAPABILITY, TECHNIQUE = "code:rule", "attack-pattern"
PREFIX = "capa:"
HASHES = ("sha256", "sha1", "md5")
OWN = "own analysis"
"""The publisher of what is measured here, where the user names none."""

MAX_PLACES = 5
_TODO = "run capa again with --json, and give its output as it is"


class _Sample(msgspec.Struct):
    md5: str = ""
    sha1: str = ""
    sha256: str = ""


class _Meta(msgspec.Struct):
    sample: _Sample
    version: str = ""


class _Attack(msgspec.Struct):
    id: str = ""


class _About(msgspec.Struct):
    name: str = ""
    namespace: str | None = None
    lib: bool = False
    subscope: bool = msgspec.field(default=False, name="is_subscope_rule")
    older_subscope: bool = msgspec.field(default=False, name="capa/subscope")
    attack: list[_Attack] = []
    older_attack: list[_Attack] = msgspec.field(default_factory=list, name="att&ck")


class _Rule(msgspec.Struct):
    meta: _About
    matches: list[list[msgspec.Raw]] = []


class _Result(msgspec.Struct):
    meta: _Meta
    rules: dict[str, msgspec.Raw]


class CapaResult:
    """Reads the result of capa. The subject is the one named, or the sample itself under its SHA-256."""

    name = "capa"

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the file is one object whose `meta` tells of a sample and an analysis with rules."""
        found = outline(head)
        wanted = (("meta", "sample"), ("meta", "analysis"), ("meta", "sample", "sha256"))
        return all(path in found for path in wanted) and ("meta", "version") in found

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """The digests of the sample, each capability as a rule that matched, and each technique."""
        content = Content(raw)
        builder = ReadingBuilder(filename, defaults)
        try:
            if content.damage:
                raise Rejected(content.damage, todo="get the file again")
            result = msgspec.json.decode(whole(content), type=_Result)
        except Rejected as unfit:
            builder.refuse(0, "", unfit)
        except (msgspec.DecodeError, RecursionError) as fault:
            builder.refuse(0, "", Rejected(f"is not a result of capa: {fault}"[:300], todo=_TODO))
        else:
            _take(result, builder, defaults)
        return builder.reading(f"{self.name}.gz" if content.packed else self.name, raw)


def _take(result: _Result, builder: ReadingBuilder, defaults: Mapping[str, str]) -> None:
    sample = result.meta.sample
    source = {"title": f"capa {result.meta.version} on {sample.sha256}".strip(), "id": f"capa:{sample.sha256}"}
    base: dict[str, object] = {"source": {**source, "publisher": defaults.get("publisher") or OWN}}
    if not defaults.get("publisher"):
        base["publisher"] = OWN
    if not defaults.get("subject"):
        base |= {"subject": sample.sha256, "subject_type": "sample"}
    for kind in HASHES:
        if value := getattr(sample, kind):
            builder.take({**base, "kind": f"file:{kind}", "value": value, "where": f"meta.sample.{kind}"}, 0)
    for name, text in result.rules.items():
        try:
            rule = msgspec.json.decode(text, type=_Rule)
        except (msgspec.DecodeError, RecursionError) as fault:
            builder.refuse(0, f"rules.{name[:80]}", Rejected(f"is not a rule of capa: {fault}"[:300], todo=_TODO))
            continue
        if not (rule.meta.lib or rule.meta.subscope or rule.meta.older_subscope):
            for told in _told(name, rule):
                builder.take({**base, **told}, 0, f"rules.{name[:80]}")


def _told(name: str, rule: _Rule) -> Iterator[dict[str, str]]:
    where = _places(rule) or "the whole file"
    named = rule.meta.name or name
    yield {"kind": CAPABILITY, "value": f"{PREFIX}{named}", "where": where, "note": rule.meta.namespace or ""}
    for attack in (*rule.meta.attack, *rule.meta.older_attack):
        if attack.id:
            yield {"kind": TECHNIQUE, "value": attack.id, "where": where, "note": f"capability: {named}"}


def _places(rule: _Rule) -> str:
    """Where a rule matched; addresses that are not plain numbers stand for the whole file."""
    found = []
    for match in rule.matches[: MAX_PLACES + 1]:
        try:
            address = msgspec.json.decode(match[0]) if match else None
        except (msgspec.DecodeError, RecursionError):
            continue
        value = address.get("value") if isinstance(address, Mapping) else None
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            found.append(f"{value:#x}")
    more = len(rule.matches) - MAX_PLACES
    return ", ".join(found[:MAX_PLACES]) + (f" and {more} more" if found and more > 0 else "")
