"""The result of capa as observations of a sample."""

import json
import random

import pytest

from consilience.read import READERS, read_content

SHA256 = "ab" * 32


def rule(name, *, attack=(), matches=1, **more):
    address = [{"type": "absolute", "value": 0x401000 + number} for number in range(matches)]
    meta = {"name": name, "namespace": "data-manipulation/encryption", "attack": list(attack), **more}
    return {
        "meta": meta,
        "source": "rule:\n",
        "matches": [[each, {"success": True, "children": []}] for each in address],
    }


def result(**rules):
    sample = {"md5": "12" * 16, "sha1": "34" * 20, "sha256": SHA256, "path": "/tmp/x.exe"}
    analysis = {
        "format": "pe",
        "arch": "amd64",
        "os": "windows",
        "extractor": "VivisectFeatureExtractor",
        "rules": ["r"],
    }
    meta = {"timestamp": "2024-01-01", "version": "7.0.1", "argv": ["-j"], "sample": sample, "analysis": analysis}
    return {"meta": meta, "rules": {each["meta"].get("name", name): each for name, each in rules.items()}}


WHOLE = result(
    a=rule("encrypt data using RC4", attack=[{"id": "T1027", "tactic": "Defense Evasion"}], matches=7),
    b=rule("contain loop", lib=True),
    c=rule("inner", is_subscope_rule=True),
    d=rule("packed with UPX", **{"att&ck": [{"id": "T1027.002"}]}, matches=0),
)


def read(document, **defaults):
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_content(raw, "x.json", defaults)


def test_capabilities_and_techniques_are_observations():
    """Each rule that is told for itself is a capability, each technique it stands for a technique, with its places."""
    found = read(WHOLE)
    told = {(seen.trait.kind, seen.printed): seen for seen in found.observations}
    assert found.format == "capa" and not found.refusals
    assert set(told) == {
        ("file:sha256", SHA256),
        ("file:sha1", "34" * 20),
        ("file:md5", "12" * 16),
        ("code:rule", "capa:encrypt data using RC4"),
        ("code:rule", "capa:packed with UPX"),
        ("attack-pattern", "T1027"),
        ("attack-pattern", "T1027.002"),
    }
    seen = told["code:rule", "capa:encrypt data using RC4"]
    assert seen.where == "0x401000, 0x401001, 0x401002, 0x401003, 0x401004 and 2 more"
    assert seen.source.title == f"capa 7.0.1 on {SHA256}" and seen.note == "data-manipulation/encryption"
    assert told["attack-pattern", "T1027"].note == "capability: encrypt data using RC4"
    assert (seen.subject.publisher, seen.subject.name, seen.subject.type) == ("own analysis", SHA256, "sample")


def test_a_subject_that_is_named_is_used():
    """What the user names stands before the sample."""
    found = read(WHOLE, publisher="V", subject="Fam", subject_type="malware")
    assert {seen.subject.key for seen in found.observations} == {"V/Fam"}


def test_a_rule_that_is_none_costs_no_other():
    """A rule of another shape is refused by name, and the rest is read."""
    broken = {**WHOLE, "rules": {**WHOLE["rules"], "odd": {"meta": 5}}}
    found = read(broken)
    (refusal,) = found.refusals
    assert refusal.field == "rules.odd" and "capa" in refusal.what and len(found.observations) == 7


@pytest.mark.parametrize("cut", [40, 400])
def test_what_breaks_off_is_refused(cut):
    """A result that breaks off is refused whole, with what to do."""
    raw = json.dumps(WHOLE).encode()
    reader = next(each for each in READERS if each.name == "capa")
    found = reader.read(raw[: len(raw) - cut], "x.json", {})
    assert [refusal.todo for refusal in found.refusals] == ["run capa again with --json, and give its output as it is"]


def test_deep_nesting_is_refused():
    """A match nested without end costs its rule, or the file, and never the process."""
    raw = json.dumps(WHOLE).encode().replace(b'"children": []', b'"children": ' + b"[" * 100_000 + b"]" * 100_000, 1)
    assert read(raw).refusals


def test_only_refusals_on_damage():
    """Changed anywhere, a result is read, refused in part, or refused; nothing else happens."""
    raw, picked, refused = json.dumps(WHOLE).encode(), random.Random(2), 0
    reader = next(each for each in READERS if each.name == "capa")
    for _ in range(2_000):
        damaged = bytearray(raw)
        for _ in range(picked.randrange(1, 4)):
            damaged[picked.randrange(len(raw))] = picked.randrange(32, 127)
        refused += bool(reader.read(bytes(damaged), "x.json", {}).refusals)
    assert 200 < refused < 2_000
