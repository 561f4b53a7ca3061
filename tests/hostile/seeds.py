"""A small good file of each format, for damaging; together they use most of what the formats have."""

import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
from tests.hostile.programs import CODE, small_elf
from tests.unit.analyse.conftest import portable_executable
from tests.unit.analyse.test_archives import ONE, TWO, tarred, zipped
from tests.unit.analyse.test_dotnet import PLAIN, SWITCHED, assembly
from tests.unit.analyse.test_macho import ARM64, WHOLE, X64, universal

TIMES = {"spec_version": "2.1", "created": "2024-01-01T00:00:00.000Z", "modified": "2024-02-01T00:00:00.000Z"}
PATTERN = "[domain-name:value = 'b.example' AND file:hashes.'SHA-256' = 'ab'] FOLLOWEDBY [url:value LIKE 'x%']"
CITED = [
    {"source_name": "mitre-attack", "external_id": "G0001", "url": "https://a.example/G0001"},
    {"source_name": "A paper", "description": "A. (2023, May 4). Paper.", "url": "https://b.example/paper"},
]
AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
ROW = {
    "publisher": "P",
    "subject": "S",
    "subject_type": "campaign",
    "kind": "domain-name",
    "value": "a.example",
    "published": "2024-01-02",
    "first_seen": "2023",
    "polarity": "present",
    "confidence": "low",
    "tlp": "green",
    "note": "n",
    "source": {
        "id": "s",
        "title": "t",
        "publisher": "Q",
        "reliability": "B",
        "derived_from": "x",
        "url": "https://q.example",
    },
}
CASE = """\
id: grey-heron
title: Two herons
class: same-operator
pair: [P/Grey, Q/Tin]
sources:
  nl: {publisher: P, title: Harbour, url: "https://n.example/h", reliability: B, published: 2021-03-02}
  cc: {publisher: Q, title: Copy, derived_from: nl}
defaults: {subject_type: campaign}
observations:
  - {subject: P/Grey, kind: campaign-id, value: 0012:30, first_seen: 2021-01-10,
     exclusive: true, source: nl, where: 1.1}
  - {subject: Q/Tin, kind: code:overlap, value: x, object: P/Grey, polarity: absent, scope: all, source: cc}
expect:
  - as_of: 2021-05-11
    because: kept apart
    axes: {operator: [undetermined, coordinated], supply: shared, developer: {not: [same]}}
    tracking: watch
"""


def _id(type, number):
    return f"{type}--{number:08d}-0000-4000-8000-000000000000"


def _bundle():
    objects = [
        {"type": "intrusion-set", "id": _id("intrusion-set", 1), "name": "Fox", "aliases": ["Fox", "Den"], **TIMES},
        {
            "type": "malware",
            "id": _id("malware", 2),
            "name": "Rat",
            "is_family": True,
            "x_mitre_aliases": ["R"],
            **TIMES,
        },
        {
            "type": "attack-pattern",
            "id": _id("attack-pattern", 3),
            "name": "Phish",
            "external_references": [{"source_name": "mitre-attack", "external_id": "T1566"}],
            **TIMES,
        },
        {
            "type": "indicator",
            "id": _id("indicator", 4),
            "pattern": PATTERN,
            "pattern_type": "stix",
            "valid_from": "2024-01-01T00:00:00Z",
            "object_marking_refs": [AMBER],
            "granular_markings": [{"marking_ref": AMBER, "selectors": ["pattern"]}],
            **TIMES,
        },
        {
            "type": "relationship",
            "id": _id("relationship", 5),
            "relationship_type": "uses",
            "source_ref": _id("intrusion-set", 1),
            "target_ref": _id("malware", 2),
            "description": "(Citation: A paper)",
            "external_references": CITED,
            **TIMES,
        },
        {
            "type": "relationship",
            "id": _id("relationship", 6),
            "relationship_type": "indicates",
            "source_ref": _id("indicator", 4),
            "target_ref": _id("intrusion-set", 1),
            "start_time": "2023-01-01T00:00:00Z",
            **TIMES,
        },
        {"type": "ipv4-addr", "id": _id("ipv4-addr", 7), "value": "192.0.2.1", "spec_version": "2.1"},
        {"type": "observed-data", "id": _id("observed-data", 8), "object_refs": [_id("ipv4-addr", 7)], **TIMES},
        {
            "type": "sighting",
            "id": _id("sighting", 9),
            "sighting_of_ref": _id("intrusion-set", 1),
            "observed_data_refs": [_id("observed-data", 8)],
            "count": 3,
            **TIMES,
        },
        {"type": "marking-definition", "id": AMBER, "definition_type": "tlp", "definition": {"tlp": "amber"}, **TIMES},
    ]
    return {"type": "bundle", "id": _id("bundle", 0), "objects": objects}


def _event():
    tag = [{"name": 'misp-galaxy:threat-actor="Grey Heron"'}, {"name": "tlp:amber"}, {"name": "PAP:GREEN"}]
    attributes = [
        {"type": "domain|ip", "value": "c.example|192.0.2.9", "to_ids": True, "Tag": tag, "first_seen": "2023-04-05"},
        {"type": "ssdeep", "value": "3:a:b", "distribution": "5"},
    ]
    file = {"name": "file", "Attribute": [{"type": "sha256", "object_relation": "sha256", "value": "a" * 64}]}
    event = {"uuid": "0" * 8, "info": "Herons", "date": "2023-04-05", "Orgc": {"name": "V"}, "distribution": "1"}
    return {"response": [{"Event": {**event, "Tag": tag, "Attribute": attributes, "Object": [file]}}]}


def _parquet():
    made = io.BytesIO()
    pq.write_table(pa.table({name: [value] * 3 for name, value in ROW.items() if name != "source"}), made)
    return made.getvalue()


def _text(value):
    return json.dumps(value).encode()


GALAXY = {
    "name": "Threat Actor",
    "type": "threat-actor",
    "uuid": "7",
    "values": [
        {
            "value": "Fox",
            "uuid": "1",
            "meta": {"synonyms": ["Den"], "refs": ["https://a.example"], "country": "XX"},
            "related": [{"dest-uuid": "2", "type": "similar", "tags": ['estimative-language:likelihood="likely"']}],
        },
        {"value": "Den Two", "uuid": "2", "meta": {"synonyms": ["Fox"]}},
    ],
}
LAYER = {
    "name": "Heron",
    "domain": "enterprise-attack",
    "versions": {"layer": "4.5"},
    "metadata": [{"name": "TLP", "value": "amber"}],
    "techniques": [{"techniqueID": "T1059.001", "score": 2, "comment": "c", "metadata": [{"name": "a", "value": "b"}]}],
}
RECORD = {
    "family": ["Beak"],
    "version": "1",
    "mutex": ["m"],
    "tcp": [{"server_domain": "d.example", "server_port": 443, "usage": "c2"}],
    "http": [{"hostname": "e.example", "port": 81, "path": "x", "query": "y=1"}],
    "encryption": [{"algorithm": "RC4", "key": "k", "usage": "config"}],
    "other": {"a": [1, True, None, {"b": 1.5}]},
}
QUERY = {"id": "q", "date": "2024-01-01", "observations": [ROW, {"kind": "mutex", "value": "m"}]}
TABLE = b'publisher,subject,kind,value,published\nP,S,domain-name,a.example,2024-01-01\nP,S,mutex,"a,b",\n'
LIST = b"# a list\na.example\n192.0.2.7:443\nhxxps://b[.]example/x\n" + b"d" * 64 + b"\nCVE-2024-1234\n"

DOCUMENTS = {
    "stix": _bundle(),
    "misp": _event(),
    "galaxy": GALAXY,
    "navigator": LAYER,
    "maco": RECORD,
    "observations": ROW,
    "query": QUERY,
}
"""The formats that are JSON, as values."""

SEEDS = {
    "json": _text(ROW),
    "model": _text(RECORD),
    "pattern": PATTERN.encode(),
    "elf": small_elf(),
    **{name: _text(value) for name, value in DOCUMENTS.items()},
    "table": TABLE,
    "list": LIST,
    "golden": CASE.encode(),
    "parquet": _parquet(),
    "macho": universal((X64, WHOLE), (ARM64, WHOLE)),
    "dotnet": assembly(PLAIN, SWITCHED, PLAIN * 5),
    "zip": zipped(("a.zip", zipped(("b", ONE))), ("c.gz", gzip.compress(TWO, mtime=0)), ("d", TWO), method=0),
    "tar": tarred(("a", ONE), ("long/" * 40 + "b", TWO), ("c.zip", zipped(("d", ONE)))),
    "pe": portable_executable(CODE, [(0, 64), (64, 256)], [("a.dll", ["f", "#7"])], "c:\\x.pdb"),
}
