"""Hostile text files: each function gives names with makers of bytes. Nothing here is more than text that lies."""

import gzip
import json

LEVELS = 100_000
MANY = 100_000
DOCUMENTS = {
    "observations.jsonl": '{{"publisher": "P", "subject": "S", "kind": "mutex", "value": "v", "note": {0}}}\n',
    "bundle.stix.json": '{{"type": "bundle", "objects": [{{"type": "tool", "id": "tool--1", "x": {0}}}]}}',
    "event.misp.json": '{{"Event": {{"info": "i", "Attribute": [{{"type": "mutex", "value": "v", "comment": {0}}}]}}}}',
    "galaxy.json": '{{"name": "g", "type": "threat-actor", "values": [{{"value": "Fox", "meta": {0}}}]}}',
    "layer.json": '{{"domain": "enterprise-attack", "techniques": [{{"techniqueID": "T1001", "comment": {0}}}]}}',
    "record.maco.json": '{{"family": "Fam", "version": "1", "mutex": ["m"], "other": {0}}}',
    "query.jsonl": '{{"id": "q", "observations": [{{"kind": "mutex", "value": {0}}}]}}\n',
}
"""One document of each JSON format, with a hole for a value."""

VALUES = {
    "lists in lists": lambda: "[" * LEVELS + "]" * LEVELS,
    "objects in objects": lambda: '{"a":' * LEVELS + "1" + "}" * LEVELS,
    "lists never closed": lambda: "[" * LEVELS,
    "a number of 5,000 digits": lambda: "9" * 5_000,
    "a number too large": lambda: "1e400",
    "no number": lambda: "NaN",
    "without end": lambda: "-Infinity",
    "a key twice": lambda: '{"tlp": "red", "tlp": "clear"}',
    "half a character": lambda: '"\\ud800"',
    "control characters": lambda: '"\x1b[2J\x00\x07"',
    "10 MB of text": lambda: '"' + "a" * 10_000_000 + '"',
    "unknown keys by the thousand": lambda: "{" + ",".join(f'"k{each}":{each}' for each in range(MANY)) + "}",
    "empty objects by the thousand": lambda: "[" + ",".join(["{}"] * MANY) + "]",
    "text that turns round": lambda: '"\u202e\u2066exe.fdp"',
}


def json_files():
    """Each hostile value in a document of each format, and each document cut off, not UTF-8, and packed as a bomb."""
    for name, form in DOCUMENTS.items():
        for what, value in VALUES.items():
            yield f"{what} {name}", lambda form=form, value=value: form.format(value()).encode()
        yield f"cut off {name}", lambda form=form: form.format('"x"').encode()[:-9]
        yield f"no UTF-8 {name}", lambda form=form: form.format('"\xff\xfe"').encode("latin-1")
        yield (
            f"100 MB of spaces {name}.gz",
            lambda form=form: gzip.compress(form.format(" " * 100_000_000 + "1").encode(), 1),
        )


def _bundle(*objects):
    return json.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}).encode()


def _indicator(pattern, number=0):
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{number:08d}-0000-4000-8000-000000000000",
        "created": "2024-01-01T00:00:00Z",
        "modified": "2024-01-01T00:00:00Z",
        "valid_from": "2024-01-01T00:00:00Z",
        "pattern_type": "stix",
        "pattern": pattern,
    }


def _tied(count):
    """Intrusion sets each of which is attributed to the next, the last to the first."""
    ids = [f"intrusion-set--{each:08d}-0000-4000-8000-000000000000" for each in range(count)]
    times = {"spec_version": "2.1", "created": "2024-01-01T00:00:00Z", "modified": "2024-01-01T00:00:00Z"}
    groups = [{"type": "intrusion-set", "id": id, "name": id[-40:-20], **times} for id in ids]
    ties = [
        {
            "type": "relationship",
            "id": id.replace("intrusion-set", "relationship"),
            "relationship_type": kind,
            "source_ref": id,
            "target_ref": ids[(place + 1) % count],
            **times,
        }
        for kind in ("attributed-to", "revoked-by")
        for place, id in enumerate(ids)
    ]
    return _bundle(*groups, *ties)


def stix_files():
    """Bundles whose patterns, references and versions lie."""
    whole = "[domain-name:value = 'a.example']"
    yield "two thousand alternatives.stix.json", lambda: _bundle(_indicator(" OR ".join([whole] * 2_000)))
    yield "brackets in a pattern.stix.json", lambda: _bundle(_indicator("(" * 50_000 + whole + ")" * 50_000))
    yield "a pattern of 1 MB.stix.json", lambda: _bundle(_indicator("[file:name MATCHES '" + "(a+)+" * 200_000 + "']"))
    yield "a pattern without end.stix.json", lambda: _bundle(_indicator("[domain-name:value = '" + "\\'" * 100_000))
    yield "a circle of groups.stix.json", lambda: _tied(2_000)
    yield "a group its own parent.stix.json", lambda: _tied(1)
    yield (
        "one id ten thousand times.stix.json",
        lambda: _bundle(*({**_indicator(whole), "name": str(each)} for each in range(10_000))),
    )
    yield (
        "references to nothing.stix.json",
        lambda: _bundle(
            {"type": "report", "id": "report--1", "object_refs": [f"tool--{each}" for each in range(50_000)]}
        ),
    )
    yield "objects that are no objects.stix.json", lambda: _bundle(*range(1_000), None, "x", [])
    yield "types that are no text.stix.json", lambda: _bundle({"type": ["tool"], "id": {"a": 1}}, {"type": None})


def misp_files():
    """Events whose parts are of the wrong kind, or too many."""
    event = {"info": "i", "uuid": "5", "date": "2024-01-01"}
    yield "attributes that are text.misp.json", lambda: json.dumps({"Event": {**event, "Attribute": "x"}}).encode()
    yield "tags that are numbers.misp.json", lambda: json.dumps({"Event": {**event, "Tag": [1, None, []]}}).encode()
    yield (
        "objects by the thousand.misp.json",
        lambda: json.dumps({"Event": {**event, "Object": [{"name": "file", "Attribute": []}] * 50_000}}).encode(),
    )
    yield (
        "a sample in an attribute.misp.json",
        lambda: json.dumps(
            {"Event": {**event, "Attribute": [{"type": "malware-sample", "value": "a|b", "data": "A" * 5_000_000}]}}
        ).encode(),
    )


def yaml_files():
    """Cases in YAML: bombs of aliases, depth, circles, and tags that would run something."""
    head = "id: a\ntitle: t\n"
    bomb = "".join(f"l{n}: &l{n} [{', '.join(['*l' + str(n - 1)] * 9)}]\n" for n in range(1, 30))
    for name, text in {
        "aliases of aliases": "l0: &l0 [x, x]\n" + bomb,
        "a list within itself": "observations: &a [*a]\n",
        "depth": "observations: " + "[" * 50_000,
        "a tag that runs": "observations: !!python/object/apply:os.system ['true']\n",
        "a key twice": "id: b\nobservations: []\n",
        "tabs": "observations:\n\t- a\n",
        "long": "observations:\n" + "- {}\n" * 20_000,
    }.items():
        yield f"{name}.yaml", lambda text=text: (head + text).encode()


def table_files():
    """Tables with too many columns, fields without end, and cells that other programs would run."""
    head = b"publisher,subject,kind,value\n"
    yield "a million columns.csv", lambda: head[:-1] + b"," * 1_000_000 + b"\nP,S,mutex,v\n"
    yield "a quote never closed.csv", lambda: head + b'P,S,mutex,"' + b"x" * 20_000_000
    yield "zeros.csv", lambda: head + b"P,S,mutex,\0\0\0\n" * 1_000
    yield "formulas.csv", lambda: head + b"=1+1,@x,mutex,-2\n,,,\n"
    yield "one long line.csv", lambda: head + b"," * 30_000_000
    yield "wide characters.csv", lambda: head.decode().encode("utf-16") + "P,S,mutex,v\n".encode("utf-16")
    yield "rows of other lengths.csv", lambda: head + b"P\nP,S,mutex,v,,,,,\n" * 5_000


def list_files():
    """Lists of indicators with lines that slow programs down."""
    yield "a line of 20 MB.txt", lambda: b"a." * 10_000_000
    yield "labels without end.txt", lambda: b"\n".join(b"a" * 200_000 + b"." for _ in range(20)) + b"!\n"
    yield "dots.txt", lambda: b"." * 500_000 + b"\n" + b"a.example\n"
    yield "encoded characters.txt", lambda: b"http://a.example/" + b"%" * 500_000 + b"\n"
    yield "brackets.txt", lambda: b"[.]" * 300_000 + b"\nhttp://" + b"[" * 100_000 + b"\n"
    yield (
        "other alphabets.txt",
        lambda: b"xn--" * 50_000 + b".example\n" + "\u0130\u00df".encode() * 50_000 + b".example\n",
    )
    yield "half a million lines that say nothing.txt", lambda: b"# nothing\nnot an indicator at all\n" * 250_000
    yield "addresses in odd forms.txt", lambda: b"0x7f.1\n999.999.999.999\n1.2.3.4/99\n::ffff:::1\n[::1\n" * 1_000


def report_files():
    """Pages that cost the programs which read HTML minutes; there is no reader of them here."""
    yield "boxes in boxes.html", lambda: b"<html><body>" + b"<div>" * 128_000 + b"x"
    yield "marks that are never closed.html", lambda: b"<html>" + b"<b><i><u><s>" * 10_000 + b"<p>x"
    yield "a page.pdf", lambda: b"%PDF-1.7\n1 0 obj<</Kids[1 0 R]/Count 1073741824>>endobj\ntrailer<</Root 1 0 R>>"
    yield (
        "a drawing.svg",
        lambda: b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "' + b"x" * 1_000 + b'">]><svg>&b;</svg>',
    )


FILES = (stix_files, misp_files, yaml_files, table_files, list_files, report_files)
