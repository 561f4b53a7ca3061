"""ATT&CK releases through the product's own reader, and rounds from one release to the next (protocol A).

A question is a citation with three or more relations on a group's page in the later release. `release` asks only
citations that no relation of the earlier release cites; `page` those that the page and the profile of the group did
not cite; `address` asks what `release` asks, without sources whose address the page of the group already gave (a
citation under a new name). The answer is the group, by its number; none of these when the earlier release has no
relations of it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from consilience.attribute.activity import Activity, activities
from consilience.attribute.reports.traits import report_traits
from consilience.calibrate.rounds import Round, RoundQuestion
from consilience.model.names import resolved_names
from consilience.model.subject import CLUSTER_TYPES, TOOL_TYPES
from consilience.read.stix import StixBundle
from consilience.read.stix.citation import named_citations
from consilience.vocab import vocabulary

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "attack"
FILE = re.compile(r"attack-([0-9]+(?:\.[0-9]+)*)\.json\.gz")
LEAST = 3
LEAST_RELEASES = 2
GROUP = re.compile(r"G[0-9]{4}")


@dataclass(frozen=True)
class Release:
    """One release: what its groups and tools are reported to do, by source."""

    name: str
    raw: bytes

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()

    @cached_property
    def objects(self) -> list[dict]:
        return json.loads(gzip.decompress(self.raw))["objects"]

    @cached_property
    def day(self) -> int:
        """The day of the newest change."""
        newest = max(item.get("modified", "")[:10] for item in self.objects)
        return date.fromisoformat(newest).toordinal()

    @cached_property
    def observations(self):
        return StixBundle().read(self.raw, f"attack-{self.name}.json.gz", {}).observations

    @cached_property
    def names(self):
        return resolved_names(self.observations)

    @cached_property
    def numbers(self) -> dict[str, str]:
        """The number of each group by its full name: what says that two releases mean one group."""
        return {
            seen.subject.key: seen.object
            for seen in self.observations
            if seen.subject.type in CLUSTER_TYPES and seen.trait.kind.startswith("name:") and GROUP.match(seen.object)
        }

    @cached_property
    def clusters(self) -> tuple[Activity, ...]:
        return self._of(CLUSTER_TYPES)

    @cached_property
    def tools(self) -> tuple[Activity, ...]:
        return self._of(TOOL_TYPES)

    @cached_property
    def cited(self) -> set[str]:
        """The names of the sources that any statement of use cites, also one that was given up."""
        uses = (item for item in self.objects if item.get("relationship_type") == "uses")
        read = {each.origin for each in (*self.clusters, *self.tools)}
        return read | {name for item in uses for name in self._sources(item)}

    @cached_property
    def pages(self) -> dict[str, set[str]]:
        """The sources on the page of each group, by its number: of its relations, and of its profile."""
        found: dict[str, set[str]] = {}
        for each in self.clusters:
            found.setdefault(self.numbers.get(each.subject, ""), set()).add(each.origin)
        for item in self.objects:
            if item["type"] == "intrusion-set":
                found.setdefault(_number(item), set()).update(self._sources(item))
        return found

    @cached_property
    def living(self) -> set[tuple[str, str]]:
        """Number and source of what is on the page of a group that was not given up for another."""
        number = {item["id"]: _number(item) for item in self.objects if not item.get("revoked")}
        uses = (item for item in self.objects if item.get("relationship_type") == "uses")
        return {(number.get(item["source_ref"], ""), name) for item in uses for name in self._sources(item)}

    @cached_property
    def addresses(self) -> dict[str, str]:
        """The address of each source."""
        return {seen.source.key: seen.source.url for seen in self.observations if seen.source.url}

    @cached_property
    def page_addresses(self) -> dict[str, set[str]]:
        """The addresses of the sources on the page of each group, by its number."""
        return {
            number: {self.addresses[name] for name in names if name in self.addresses}
            for number, names in self.pages.items()
        }

    @cached_property
    def _referenced(self) -> set[str]:
        """The names of all sources that any object refers to."""
        return {name for item in self.objects for name in _references(item)}

    def _sources(self, item: dict) -> set[str]:
        """The names that an object cites, in its references and in its text."""
        return {*_references(item), *named_citations(item.get("description", ""), self._referenced)}

    def _of(self, types) -> tuple[Activity, ...]:
        found = activities((seen for seen in self.observations if seen.subject.type in types), vocabulary())
        return tuple(each for each in found if report_traits(each, self.names))


def _number(item: dict) -> str:
    numbers = (ref.get("external_id", "") for ref in item.get("external_references", []))
    return next(filter(None, numbers), "")


def _references(item: dict) -> list[str]:
    refs = item.get("external_references", [])
    return [" ".join(ref["source_name"].split()) for ref in refs if not ref.get("external_id")]


def releases(folder: Path = DATA) -> list[Release]:
    """The releases of a folder, its files `attack-X.Y.json.gz` by their version, oldest first (9.0 before 10.1)."""
    names = {path: found[1] for path in folder.glob("attack-*.json.gz") if (found := FILE.fullmatch(path.name))}
    if len(names) < LEAST_RELEASES:
        raise SystemExit(f"{folder} holds {len(names)} releases attack-X.Y.json.gz; {LEAST_RELEASES} are needed")
    order = sorted(names, key=lambda path: [int(part) for part in names[path].split(".")])
    return [Release(names[path], path.read_bytes()) for path in order]


def between(earlier: Release, later: Release, rule: str = "release") -> Round:
    """The round of a pair of releases; sources dated after the earlier release are no part of what is known."""
    of_number = {number: key for key, number in earlier.numbers.items()}
    known = tuple(each for each in earlier.clusters if each.day <= earlier.day)
    tools = tuple(each for each in earlier.tools if each.day <= earlier.day)
    subjects = {each.subject for each in known}
    questions = []
    for each in later.clusters:
        number = later.numbers.get(each.subject, "")
        old = earlier.pages.get(number, set()) if rule == "page" else earlier.cited
        if (
            each.origin in old
            or (number, each.origin) not in later.living
            or len(report_traits(each, later.names)) < LEAST
        ):
            continue
        answer = of_number.get(number, "")
        if rule == "address" and later.addresses.get(each.origin, "-") in earlier.page_addresses.get(number, ()):
            continue
        questions.append(RoundQuestion(replace(each, subject=""), answer if answer in subjects else ""))
    return Round(f"{earlier.name} to {later.name}", earlier.day, known, tools, tuple(questions))
