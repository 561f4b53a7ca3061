"""What the galaxies and tags of an event name: actors, tools, techniques, victims."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from consilience.read.misp.objects import MispPart
from consilience.vocab.misp import misp_tables

SUBJECT = "subject"
MISP_ACTORS = "threat-actor"
PUBLISHER = "MISP galaxy"
_TAG = re.compile(r'misp-galaxy:([a-z0-9-]+)="(.+)"\Z', re.IGNORECASE | re.DOTALL)
_NUMBERED = re.compile(r"(.+?) - ([GSC][0-9]{4})\Z", re.DOTALL)
_LIKELIHOOD = re.compile(r'estimative-language:likelihood-probability="([a-z-]+)"', re.IGNORECASE)
_ADMIRALTY = re.compile(r'admiralty-scale:(source-reliability|information-credibility)="([a-f1-6])"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Naming:
    """A cluster that a part is labelled with: the type of its galaxy, its name, and its number in ATT&CK if any."""

    galaxy: str
    name: str
    number: str = ""
    uuid: str = ""

    @property
    def means(self) -> str:
        """What the cluster is to an event: a kind, *subject*, or empty where nothing here says it."""
        return misp_tables().galaxies.get(self.galaxy, "")


def namings(part: MispPart) -> Iterator[Naming]:
    """The clusters of a part, each once, first those that stand in it whole."""
    seen: set[tuple[str, str]] = set()
    for galaxy in part.galaxies:
        for cluster in galaxy.clusters:
            naming = _naming(cluster.type or galaxy.type, cluster.value, cluster.uuid)
            if naming.name and (key := (naming.galaxy, naming.name.casefold())) not in seen:
                seen.add(key)
                yield naming
    for tag in part.tags:
        if found := _TAG.match(tag.name.strip()):
            naming = _naming(found[1].lower(), found[2], "")
            if naming.name and (key := (naming.galaxy, naming.name.casefold())) not in seen:
                seen.add(key)
                yield naming


def actors(part: MispPart) -> list[Naming]:
    """The actors that a part is labelled with; several galaxies may give one actor the same name."""
    found = {each.name.casefold(): each for each in reversed(list(namings(part))) if each.means == SUBJECT}
    return [found[name] for name in sorted(found)]


def likelihood(parts: list[MispPart]) -> str:
    """The estimative words of the innermost part that has some, empty when none has."""
    for part in reversed(parts):
        for tag in part.tags:
            if found := _LIKELIHOOD.search(tag.name):
                return found[1].lower().replace("-", " ")
    return ""


def grades(part: MispPart) -> dict[str, str]:
    """Reliability and credibility on the Admiralty scale, the worse of several."""
    found: dict[str, str] = {}
    for tag in part.tags:
        if match := _ADMIRALTY.search(tag.name):
            field = "reliability" if match[1].lower() == "source-reliability" else "credibility"
            found[field] = max(found.get(field, ""), match[2].upper())
    legal = {"reliability": "ABCDEF", "credibility": "123456"}
    return {field: grade for field, grade in found.items() if grade in legal[field]}


def _naming(galaxy: str, value: str, uuid: str) -> Naming:
    text = " ".join(value.split())
    found = _NUMBERED.match(text)
    return Naming(galaxy, found[1], found[2], uuid) if found else Naming(galaxy, text, "", uuid)
