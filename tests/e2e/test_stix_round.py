"""A release of a catalogue like ATT&CK in, out, and in again."""

import json

from consilience.keep import MemoryKeeper
from consilience.model.parcel import Parcel
from consilience.read.stix import StixBundle
from consilience.share import convert

WHEN = "2022-02-03T04:05:06.000Z"


def uid(kind, number):
    return f"{kind}--00000000-0000-4000-8000-{number:012}"


def catalogue():
    """Groups, software and techniques with numbers, other names, dates and citations, some of them gone."""
    maker = {"type": "identity", "id": uid("identity", 1), "created": WHEN, "name": "The MITRE Corporation"}

    def thing(kind, number, **more):
        stamp = {"created": WHEN, "modified": WHEN, "created_by_ref": maker["id"]}
        return {"type": kind, "id": uid(kind, number), **stamp, **more}

    def numbered(text):
        return [{"source_name": "mitre-attack", "external_id": text}]

    groups = [
        thing(
            "intrusion-set",
            n,
            name=f"Group {n}",
            aliases=[f"Group {n}", f"Bird {n}"],
            external_references=numbered(f"G{n}"),
        )
        for n in range(9000, 9012)
    ]
    tools = [
        thing("malware", n, name=f"Tool {n % 5}", x_mitre_aliases=[f"Pick {n}"], external_references=numbered(f"S{n}"))
        for n in range(9000, 9010)
    ]
    techniques = [
        thing("attack-pattern", n, name=f"Doing {n}", external_references=numbered(f"T{n}.00{n % 9 + 1}"))
        for n in range(9000, 9020)
    ]
    gone = thing("intrusion-set", 1, name="Past", revoked=True)
    links = [
        thing(
            "relationship",
            place,
            relationship_type="uses",
            source_ref=source["id"],
            target_ref=target["id"],
            description=f"It did.(Citation: Report {place % 7})",
            external_references=[
                {
                    "source_name": f"Report {place % 7}",
                    "url": f"https://reports.example/{place % 7}",
                    "description": f"Author {place % 3}. (2021, May {1 + place % 7}). Title. Retrieved June 1, 2021.",
                }
            ],
            object_marking_refs=[] if place % 2 else ["marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"],
        )
        for place, (source, target) in enumerate((a, b) for a in (*groups, *tools) for b in (*techniques, *tools[:3]))
        if place % 3 == 0 and source is not target
    ]
    replaced = thing(
        "relationship", 9999, relationship_type="revoked-by", source_ref=gone["id"], target_ref=groups[0]["id"]
    )
    return {
        "type": "bundle",
        "id": "bundle--1",
        "objects": [maker, gone, *groups, *tools, *techniques, *links, replaced],
    }


def kept(reading):
    keeper = MemoryKeeper()
    keeper.add(reading, "2024-01-01T00:00:00Z")
    return keeper


def test_in_out_in_is_the_same_case():
    """What comes back has the digest of what left, under either TLP, and would leave again as the same bytes."""
    first = StixBundle().read(json.dumps(catalogue()).encode(), "release.json", {})
    before = kept(first)
    parcel = Parcel(observations=tuple(before.observations()))
    assert len(parcel.observations) > 150
    assert {seen.tlp for seen in parcel.observations} == {"", "clear"}
    for form in ("stix", "stix-tlp1"):
        made = convert(parcel, form)
        again = StixBundle().read(made.content, "again.json", {})
        assert (again.refusals, again.notices) == ((), ())
        after = kept(again)
        assert after.digest() == before.digest()
        assert convert(Parcel(observations=tuple(after.observations())), form).content == made.content
