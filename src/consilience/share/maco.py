"""Statements on malware as MACO records: one for each family or sample, source, date and marking.

MACO has no place for sources, dates and markings, and leaves `other` to whoever writes: they stand there, so that a
record read again is the word of its source and no further voice.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping

from consilience.model.json import Json, JsonObject, list_in
from consilience.model.observation import Observation
from consilience.model.parcel import Conversion, Loss, Parcel

SUBJECTS = frozenset({"malware", "tool", "sample"})
LISTS: Mapping[str, str] = {
    "attack-pattern": "attack",
    "campaign-id": "campaign_id",
    "code:string": "decoded_strings",
    "mutex": "mutex",
}
"""The lists of texts that a kind of trait goes to."""

ENTRIES: Mapping[str, tuple[str, str]] = {
    "c2:protocol": ("http", "protocol"),
    "c2:uri": ("paths", "path"),
    "c2:user-agent": ("http", "user_agent"),
    "crypto:algorithm": ("encryption", "algorithm"),
    "crypto:key": ("encryption", "key"),
    "dead-drop": ("http", "uri"),
    "domain-name": ("tcp", "server_domain"),
    "email-addr": ("smtp", "mail_to"),
    "file:path": ("paths", "path"),
    "ipv4-addr": ("tcp", "server_ip"),
    "ipv6-addr": ("tcp", "server_ip"),
    "url": ("http", "uri"),
    "url:path": ("http", "path"),
}
"""The list of objects that a kind goes to, and the field there."""

FIELD_LISTS = frozenset({"capability_disabled", "capability_enabled", "identifier", "inject_exe", "password", "pipe"})
NUMBERS = frozenset({"sleep_delay", "sleep_delay_jitter"})
NETWORK = ("c2", "upload", "dead_drop_resolver", "download", "propagate", "tunnel", "ransom", "decoy", "other")
USAGES: Mapping[str, tuple[str, ...]] = {
    "http": NETWORK,
    "proxy": NETWORK,
    "smtp": NETWORK,
    "tcp": NETWORK,
    "encryption": ("config", "communication", "binary", "ransom", "other"),
    "paths": ("c2", "config", "install", "plugins", "logs", "storage", "other"),
}
OURS = "consilience"
TEXTS = frozenset(
    {
        ("registry", "key"),
        ("http", "method"),
        ("smtp", "subject"),
        *(("encryption", name) for name in ("provider", "mode", "iv", "seed", "nonce", "password", "salt")),
        *((section, name) for section in ("ftp", "http", "proxy", "smtp", "ssh") for name in ("username", "password")),
    }
)
"""Settings that MACO has a text for, beside those that are a kind of their own."""

_SERVERS = frozenset({"domain-name", "endpoint", "ipv4-addr", "ipv6-addr"})
_FIELDS = (
    *("first_seen", "last_seen", "public_since", "key_role", "exclusive", "scope", "confidence", "note", "pap"),
    *("embargo", "recipients", "source_hidden", "match_only", "where"),
)

Record = JsonObject


class MacoWriter:
    """Writes a list of MACO records, which its `ExtractorModel` takes one by one."""

    name = "maco"

    def convert(self, parcel: Parcel) -> Conversion:
        """The records in the order of subject, source, date and marking; what MACO cannot hold is a loss."""
        records: dict[tuple[str, ...], Record] = {}
        lost: list[tuple[str, str, str]] = []
        for seen in parcel.observations:
            if why := _unfit(seen):
                lost.append((*why, seen.id))
                continue
            key = (seen.subject.key, seen.source.key, seen.published, seen.tlp)
            record = records.setdefault(key, _opened(seen))
            lost += [(*each, seen.id) for each in _put(record, seen)]
        if parcel.assessments:
            lost += [("assessments", "a record holds one configuration", made.id) for made in parcel.assessments]
        listed = [records[key] for key in sorted(records)]
        text = json.dumps(listed, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
        return Conversion(content=text.encode() + b"\n", losses=_losses(lost))


def _unfit(seen: Observation) -> tuple[str, str] | None:
    """What cannot be in a record at all, and why."""
    kind = seen.trait.kind
    if seen.subject.type not in SUBJECTS:
        return f"statements on {seen.subject.type} subjects", "a record is of malware"
    if not seen.present:
        return "what was looked for and not found", "a record says what a configuration holds"
    if seen.withheld:
        return "withheld values", "a record holds values"
    if kind == "c2:port" and _is_port(seen.trait.value):
        return None
    if kind == "config:field" or kind in LISTS or kind in ENTRIES or kind in ("endpoint", "code:version"):
        return None
    return f"statements of kind {kind}", "MACO has no field for it"


def _opened(seen: Observation) -> Record:
    subject, source = seen.subject, seen.source.as_record()
    kept: JsonObject = {"publisher": subject.publisher, "subject_type": subject.type, "source": source}
    if seen.published:
        kept["published"] = seen.published
    other: JsonObject = {OURS: kept}
    if seen.tlp:
        other["tlp"] = seen.tlp
    return {"family": subject.name, "other": other}


def _put(record: Record, seen: Observation) -> Iterator[tuple[str, str]]:
    """Puts a statement into a record, and gives what is lost of it."""
    kind, value = seen.trait.kind, seen.printed or seen.trait.value
    section = ""
    if kind in LISTS:
        _append(record, LISTS[kind], seen.trait.value if kind == "attack-pattern" else value)
    elif kind == "code:version":
        if record.setdefault("version", value) != value:
            yield "further versions", "a record has one version"
    elif kind == "config:field":
        _field(record, value)
    else:
        section = _entry(record, seen, value)
    if kind in _SERVERS and section == "tcp":
        yield "over what a server is reached", "the statement does not say, and MACO asks: it stands under tcp"
    if seen.role and not (section and seen.role in (*USAGES[section], section)):
        yield f"role {seen.role}", "MACO has no such usage here"
    for name in _FIELDS:
        if getattr(seen, name):
            yield f"field {name}", "MACO has no place for it"


def _entry(record: Record, seen: Observation, value: str) -> str:
    """The name of the list of objects in which the statement was put."""
    kind = seen.trait.kind
    if kind == "endpoint":
        section, entry = "tcp", _endpoint(seen.trait.value)
    elif kind == "c2:port":
        section, entry = "tcp", {"server_port": int(seen.trait.value)}
    else:
        section, field = ENTRIES[kind]
        entry = {field: [value] if field == "mail_to" else value}
    if seen.role == "proxy" and section == "tcp":
        section = "proxy"
        names = {"server_domain": "hostname", "server_ip": "hostname", "server_port": "port"}
        entry = {names[name]: each for name, each in entry.items()}
    if seen.role in USAGES[section]:
        entry["usage"] = seen.role
    elif kind == "c2:uri":
        entry["usage"] = "c2"
    elif kind == "dead-drop":
        entry["usage"] = "dead_drop_resolver"
    _append(record, section, entry)
    return section


def _endpoint(value: str) -> JsonObject:
    host, _, port = value.rpartition(":")
    bare = host.strip("[]")
    is_address = ":" in bare or bare.replace(".", "").isdigit()
    return {"server_ip" if is_address else "server_domain": bare, "server_port": int(port)}


def _is_port(value: str) -> bool:
    return value.isascii() and value.isdecimal() and 0 < int(value[:6]) < 65_536


def _field(record: Record, value: str) -> None:
    """Puts `name=value` into the field of this name, else under `other`."""
    name, _, text = value.partition("=")
    section, _, field = name.partition(".")
    if name in FIELD_LISTS:
        _append(record, name, text)
    elif name in NUMBERS and text.isdecimal() and name not in record:
        record[name] = int(text)
    elif (section, field) in TEXTS:
        _append(record, section, {field: text})
    else:
        _append(_other(record), f"{name} " if name in ("tlp", OURS) else name, text)


def _other(record: Record) -> JsonObject:
    found = record["other"]
    assert isinstance(found, dict)
    return found


def _append(record: Record, name: str, value: Json) -> None:
    listed = list_in(record, name)
    if value not in listed:
        listed.append(value)


def _losses(lost: list[tuple[str, str, str]]) -> tuple[Loss, ...]:
    counts = Counter((what, why) for what, why, _ in lost)
    return tuple(
        Loss(
            what=what,
            count=count,
            why=why,
            remedy="jsonl keeps it",
            examples=tuple(id for one, _, id in lost if one == what)[:5],
        )
        for (what, why), count in sorted(counts.items())
    )
