"""MISP galaxies as observations."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consilience.read.galaxy import MispGalaxy

READER = MispGalaxy()
HERON, CROW, KITE = (f"00000000-0000-4000-8000-00000000000{place}" for place in range(3))


def cluster(uuid, value, related=(), **meta):
    return {"description": "Some words.", "meta": meta, "related": list(related), "uuid": uuid, "value": value}


def related(uuid, kind="similar", likelihood="likely"):
    tag = f'estimative-language:likelihood-probability="{likelihood}"'
    return {"dest-uuid": uuid, "type": kind, "tags": [tag] if likelihood else []}


def raw(*values, **top):
    galaxy = {"authors": ["A"], "name": "Threat Actor", "type": "threat-actor", "values": list(values), "version": 1}
    return json.dumps(galaxy | top).encode()


def read(*values, **top):
    return READER.read(raw(*values, **top), "f.json", {})


def lines(reading, kind):
    rows = [seen for seen in reading.observations if seen.trait.kind.startswith(kind)]
    return sorted((seen.subject.key, seen.trait.kind, seen.object or seen.printed, seen.confidence) for seen in rows)


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        (raw(cluster(HERON, "Grey Heron")), True),
        (b'\xef\xbb\xbf{\n "authors": [],\n "values": [\n {\n "meta": {},\n "value": "x"', True),
        (b'{"type":"x","values":[{"value":"x"}]}', False),
        (b'{"values":[{"value":"x","uuid":"y"}]}', False),
        (b'{"type":"x","values":["value"]}', False),
        (b'{"kind":"mutex","value":"x"}\n', False),
    ],
)
def test_recognised(content, is_one):
    """A galaxy is known by its top and the first of its values."""
    assert READER.recognises(content, "x") is is_one


def test_names():
    """Synonyms, the UUID and a number are claims with bare names; references and namers stand in notes."""
    heron = cluster(
        HERON,
        "Grey Heron",
        refs=["https://a.example/1", "https://a.example/2"],
        synonyms=["Ash Bird", "ASH BIRD", "grey heron", "Bird/9"],
        **{"origin:Ash Bird": "Vendor A"},
    )
    found = read(heron)
    rows = {seen.object: (seen.subject.key, seen.subject.type, seen.printed, seen.note) for seen in found.observations}
    assert rows == {
        HERON: ("MISP galaxy/Grey Heron", "intrusion-set", "Grey Heron", "https://a.example/1 https://a.example/2"),
        "Ash Bird": ("MISP galaxy/Grey Heron", "intrusion-set", "Grey Heron", "named by Vendor A"),
        "Bird/9": ("MISP galaxy/Grey Heron", "intrusion-set", "Grey Heron", ""),
    }
    assert {(seen.trait.kind, seen.where, seen.published) for seen in found.observations} == {
        ("name:same-referent", HERON, "")
    }


def test_relations():
    """Relations are typed claims with their likelihood; those that lead out of the file are counted by type."""
    found = read(
        cluster(HERON, "Grey Heron", [related(CROW), related("elsewhere"), related("nowhere"), related(CROW, "uses")]),
        cluster(CROW, "Crow", [related(KITE, "part-of", "almost-certain"), related(HERON, "synonym-of", "")]),
        cluster(KITE, "Kite", [related(HERON, "overlaps", "very-likely")]),
    )
    claims = [row for row in lines(found, "name:") if "/" in row[2]]
    assert claims == [
        ("MISP galaxy/Crow", "name:part-of", "MISP galaxy/Kite", "almost certain"),
        ("MISP galaxy/Crow", "name:same-referent", "MISP galaxy/Grey Heron", ""),
        ("MISP galaxy/Grey Heron", "name:overlaps", "MISP galaxy/Crow", "likely"),
        ("MISP galaxy/Kite", "name:overlaps", "MISP galaxy/Grey Heron", "very likely"),
    ]
    assert [notice.what.split(" (")[0] for notice in found.notices] == [
        "relations similar to clusters that the file does not hold: 2",
        "relations uses that are not evidence here, and were not read: 1",
    ]


def test_traits():
    """Sponsors, sectors and victims are traits; where a group sits is none."""
    found = read(
        cluster(
            HERON,
            "Grey Heron",
            country="XX",
            **{
                "attribution-confidence": "50",
                "cfr-suspected-state-sponsor": "Examplia",
                "cfr-target-category": ["Government", "Unknown"],
                "targeted-sector": ["government", "Energy"],
                "cfr-suspected-victims": "Northland",
            },
        ),
        cluster(CROW, "Crow", **{"cfr-suspected-state-sponsor": "Unknown"}),
    )
    assert lines(found, "s") == [
        ("MISP galaxy/Grey Heron", "sector", "Energy", ""),
        ("MISP galaxy/Grey Heron", "sector", "Government", ""),
        ("MISP galaxy/Grey Heron", "sponsor", "Examplia", "50"),
    ]
    assert lines(found, "region") == [("MISP galaxy/Grey Heron", "region", "Northland", "")]
    assert [notice.field for notice in found.notices] == ["country"]


def test_operations():
    """What a galaxy classes as an operation is a campaign."""
    found = read(cluster(HERON, "Operation Heron", **{"threat-actor-classification": ["operation"]}))
    assert {seen.subject.type for seen in found.observations} == {"campaign"}


def test_other_galaxies():
    """Families of other galaxies are named apart, without the numbers behind their names; sectors are no subjects."""
    found = read(cluster(HERON, "NightLamp - S9001"), type="mitre-malware", name="Malware")
    assert {(seen.subject.key, seen.subject.type) for seen in found.observations} == {
        ("MISP galaxy Malware/NightLamp", "malware")
    }
    assert {seen.object for seen in found.observations} == {HERON, "S9001"}
    other = read(cluster(HERON, "Energy"), type="sector", name="Sector")
    assert (len(other.observations), len(other.refusals)) == (0, 1)


def test_broken_clusters():
    """A cluster that does not fit is refused by place and name, and the others are read."""
    found = read({"value": ["x"]}, "x", {"value": " "}, {"value": "Y", "related": 1}, cluster(HERON, "Grey Heron"))
    assert {seen.subject.name for seen in found.observations} == {"Grey Heron"}
    assert [refusal.field for refusal in found.refusals] == ["/values/0", "/values/1", "/values/2", "/values/3 Y"]
    assert all(refusal.what and refusal.todo for refusal in found.refusals)


def test_broken_off():
    """Of a galaxy that breaks off the clusters before the break are read."""
    whole = raw(cluster(HERON, "Grey Heron"), cluster(CROW, "Crow"))
    found = READER.read(whole[:-120], "f", {})
    assert {seen.subject.key for seen in found.observations} == {"MISP galaxy/Grey Heron"}
    assert len(found.refusals) == 1


def test_one_name_twice():
    """Clusters of one name are one subject, and that is said."""
    found = read(cluster(HERON, "Grey Heron"), cluster(CROW, "grey heron"))
    assert [notice.field for notice in found.notices] == ["value"]


def test_order_of_clusters():
    """The order of the clusters changes no observation."""
    values = [cluster(HERON, "Grey Heron", [related(CROW)], synonyms=["Ash"]), cluster(CROW, "Crow", synonyms=["Ash"])]
    assert {seen.id for seen in read(*values).observations} == {seen.id for seen in read(*values[::-1]).observations}


jsons = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(CROW),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["synonyms", "refs", "country", "cfr-suspected-state-sponsor", "targeted-sector", "attribution-confidence"]


PARTS = ["value", "meta", "related"]


@given(st.dictionaries(st.sampled_from(FIELDS), jsons), st.dictionaries(st.sampled_from(PARTS), jsons))
@settings(max_examples=300, deadline=None)
def test_anything_in_any_field(meta, change):
    """Whatever stands in the fields of clusters, clusters are read or refused, and nothing else happens."""
    found = read({**cluster(HERON, "Grey Heron", [related(CROW)], **meta), **change}, cluster(CROW, "Crow"))
    assert "MISP galaxy/Crow" in {seen.subject.key for seen in found.observations}
    assert all(refusal.what and refusal.todo for refusal in found.refusals)
