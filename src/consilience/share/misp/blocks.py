"""The parts of a MISP event, each with all that the core format requires.

Ids follow from what a part is made of, so that the same statement is the same part in every document; numbers are
text, as the format has them. Every part carries its own TLP label, because converters lose that of the event.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from consilience.model.digest import digest
from consilience.model.json import JsonObject, text_in
from consilience.model.marking import strictest
from consilience.model.when import iso, span
from consilience.vocab.misp import MEANT

NAMESPACE = uuid.UUID("b6f0a6a4-58c5-5d0b-9d0c-0d6a3f2f5c77")
"""Our own."""

MAKER = "Consilience"
INHERITED = "5"
EPOCH = "1970-01-01"

Made = JsonObject
"""A part of an event, as JSON."""

GALAXIES: Mapping[str, tuple[str, str]] = {
    "threat-actor": ("698774c7-8022-42c4-917f-8d6e4f06ada3", "Threat Actor"),
    "tool": ("9b8037f7-bc8f-4de1-a797-37266619bc0b", "Tool"),
    "mitre-attack-pattern": ("c4e851fa-775f-11e7-8163-b774922098cd", "Attack Pattern"),
    "sector": ("e1bb134c-ae4d-11e7-8aa9-f78a37325439", "Sector"),
}
"""The galaxies that we name clusters of: type, then UUID and name."""

TEMPLATES: Mapping[str, tuple[str, str, str]] = {
    "domain-ip": ("43b3b146-77eb-4931-b4cc-b66c60f28734", "11", "network"),
    "x509": ("d1ab756a-26b5-4349-9f43-765630f0911c", "14", "network"),
    "file": ("688c46fb-5edb-40a3-8273-1af7923e2215", "25", "file"),
}
"""The objects of MISP that we use: name, then UUID and version of the template, and its category."""


def misp_id(kind: str, *of: str) -> str:
    """The UUID of the part of this kind that we make of something; the same in every document."""
    return str(uuid.uuid5(NAMESPACE, digest([kind, *of])))


def labels(tlp: str, pap: str = "") -> list[Made]:
    """The tags of a marking; what has no colour leaves under what silence counts as."""
    tags: list[Made] = [{"name": f"tlp:{strictest([tlp])}"}]
    return [*tags, {"name": f"PAP:{pap.upper()}"}] if pap else tags


def epoch(day: str) -> str:
    """Midnight UTC of the last day that a date can mean, in seconds since 1970; 0 where there is none."""
    if not day:
        return "0"
    made = datetime.fromisoformat(iso(span(day).last)).replace(tzinfo=UTC)
    return str(max(0, int(made.timestamp())))


def seen(first: str, last: str) -> Made:
    """When something was seen first and last: the days a date can mean, from the first to the last of them."""
    made: Made = {}
    if first:
        made["first_seen"] = f"{iso(span(first).first)}T00:00:00.000000+00:00"
    if last:
        made["last_seen"] = f"{iso(span(last).last)}T00:00:00.000000+00:00"
    return made


def attribute(id: str, type: str, category: str, value: str, tags: Sequence[Made], **more: Any) -> Made:
    """An attribute; without more it is for no detector, and as visible as the event."""
    return {
        "uuid": id,
        "type": type,
        "category": category,
        "value": value,
        "to_ids": False,
        "distribution": INHERITED,
        "sharing_group_id": "0",
        "comment": "",
        "deleted": False,
        "disable_correlation": False,
        "timestamp": "0",
        "Tag": [dict(tag) for tag in tags],
        **more,
    }


def composed(
    id: str, name: str, template: tuple[str, str, str], attributes: Sequence[Made], points_at: Iterable[str] = ()
) -> Made:
    """An object of these attributes, which describes the parts with these ids."""
    template_id, version, category = template
    return {
        "uuid": id,
        "name": name,
        "meta-category": category,
        "description": "",
        "template_uuid": template_id,
        "template_version": version,
        "distribution": INHERITED,
        "sharing_group_id": "0",
        "comment": "",
        "deleted": False,
        "timestamp": "0",
        "Attribute": list(attributes),
        "ObjectReference": [
            {
                "uuid": misp_id("reference", id, other),
                "object_uuid": id,
                "referenced_uuid": other,
                "relationship_type": "describes",
                "comment": "",
                "deleted": False,
                "timestamp": "0",
            }
            for other in points_at
        ],
    }


def galaxies(named: Iterable[tuple[str, str, str, str]]) -> list[Made]:
    """Galaxies with these clusters, each a type of galaxy, an id, a value and a description."""
    found: dict[str, list[Made]] = {}
    for kind, id, value, description in named:
        cluster: Made = {
            "uuid": id,
            "type": kind,
            "value": value,
            "tag_name": tag_name(kind, value),
            "description": description,
            "source": MAKER,
            "authors": [MAKER],
            "version": "1",
            "galaxy_id": "0",
            "distribution": "0",
            "default": False,
            "meta": {},
        }
        clusters = found.setdefault(kind, [])
        if id not in {each["uuid"] for each in clusters}:
            clusters.append(cluster)
    ordered = {kind: sorted(rows, key=_by_value) for kind, rows in sorted(found.items())}
    return [
        {
            "uuid": GALAXIES[kind][0],
            "name": GALAXIES[kind][1],
            "type": kind,
            "description": GALAXIES[kind][1],
            "version": "1",
            "GalaxyCluster": clusters,
        }
        for kind, clusters in ordered.items()
    ]


def _by_value(cluster: Made) -> tuple[str, str]:
    return text_in(cluster, "value"), text_in(cluster, "uuid")


def tag_name(kind: str, value: str) -> str:
    """The tag of a cluster; a quote within would end its name."""
    return f'misp-galaxy:{kind}="{value.replace(chr(34), chr(39))}"'


def event(id: str, info: str, day: str, tlp: str, tags: Sequence[Made], **parts: Any) -> Made:
    """An event that is not published further by whoever takes it; `day` is the date it tells of, if any."""
    maker = {"uuid": misp_id("organisation", MAKER), "name": MAKER}
    return {
        "Event": {
            "uuid": id,
            "info": info,
            "date": iso(span(day).last) if day else EPOCH,
            "timestamp": epoch(day),
            "publish_timestamp": "0",
            "published": False,
            "analysis": "2",
            "threat_level_id": "4",
            "distribution": MEANT[strictest([tlp])],
            "sharing_group_id": "0",
            "org_id": "0",
            "orgc_id": "0",
            "Org": maker,
            "Orgc": maker,
            "extends_uuid": "",
            "disable_correlation": False,
            "Tag": [dict(tag) for tag in tags],
            **parts,
        }
    }


def document(events: Sequence[Made]) -> bytes:
    """The events as the response of a server, in UTF-8 with sorted keys."""
    return json.dumps({"response": list(events)}, sort_keys=True, indent=1, ensure_ascii=False).encode() + b"\n"
