"""Layers of the ATT&CK Navigator as observations."""

import json

import pytest

from consilience.read.navigator import NavigatorLayer

READER = NavigatorLayer()


def layer(*techniques, **top):
    return {"name": "Heron", "domain": "mitre-enterprise", "versions": {}, "techniques": list(techniques)} | top


def read(*layers, **defaults):
    raw = json.dumps(layers[0] if len(layers) == 1 else layers).encode()
    return READER.read(raw, "f.json", {"publisher": "Wire"} | defaults)


def test_a_layer_is_known_by_what_it_holds():
    """A layer and a list of layers are recognised, a bundle and an observation are not."""
    one = layer({"techniqueID": "T1001", "score": 1})
    for content in (one, [one, one], layer()):
        assert READER.recognises(json.dumps(content).encode(), "")
    for other in ({"type": "bundle", "objects": []}, {"kind": "mutex", "value": "m"}, {"techniques": []}, [1]):
        assert not READER.recognises(json.dumps(other).encode(), "")


def test_a_key_without_a_name_is_no_layer():
    """A key that is empty is nothing a layer is known by, and stops nobody from asking."""
    for content in ({"": "x"}, {"": [{"": {"": 1}}]}, {"domain": "d", "": []}):
        assert not READER.recognises(json.dumps(content).encode(), "")


def test_what_is_coloured_is_read_and_what_is_grey_is_counted():
    """Scores above 0, colours and comments show a technique; a bare parent, a score of 0 and a disabled one do not."""
    found = read(
        layer(
            {"techniqueID": "T1059.001", "score": 2, "comment": "seen"},
            {"techniqueID": "T1027/013", "color": "#fff"},
            {"techniqueID": "T1059", "showSubtechniques": True},
            {"techniqueID": "T1003", "score": 0, "color": "#fff"},
            {"techniqueID": "T1004", "score": 1, "enabled": False},
        )
    )
    assert [(seen.trait.value, seen.note) for seen in found.observations] == [("T1059.001", "seen"), ("T1027.013", "")]
    assert {seen.subject.key for seen in found.observations} == {"Wire/Heron"}
    assert found.observations[0].source.title == "Heron" and found.observations[0].tlp == ""
    assert sorted(notice.what.rsplit(": ", 1)[1] for notice in found.notices) == ["1 (T1004)", "2 (T1003, T1059)"]


@pytest.mark.parametrize(
    ("top", "defaults", "expected"),
    [
        ({}, {}, ""),
        ({}, {"tlp": "clear"}, "clear"),
        ({"metadata": [{"name": "TLP", "value": "White"}]}, {}, "clear"),
        ({"metadata": [{"name": "tlp", "value": "TLP:AMBER+STRICT"}]}, {"tlp": "clear"}, "amber+strict"),
        ({"metadata": [{"name": "tlp", "value": "clear"}], "description": "TLP:RED, do not pass on"}, {}, "red"),
        ({"metadata": [{"name": "tlp", "value": "ex:chr"}]}, {}, "red"),
        ({"metadata": [{"divider": True}, {"name": "tlp", "value": 1}, 7]}, {}, ""),
    ],
)
def test_markings(top, defaults, expected):
    """The strictest marking of metadata, name and description holds; a default speaks only where there is none."""
    (seen,) = read(layer({"techniqueID": "T1001", "score": 1}, **top), **defaults).observations
    assert seen.tlp == expected


def test_whose_techniques():
    """The option names the subject, else the layer's name does; without a publisher the layer is refused once."""
    one = layer({"techniqueID": "T1001", "score": 1}, {"techniqueID": "T1002", "score": 1})
    assert {seen.subject.name for seen in read(one, subject="Crow").observations} == {"Crow"}
    refused = READER.read(json.dumps(one).encode(), "f.json", {})
    assert (len(refused.refusals), refused.observations) == (1, ())


@pytest.mark.parametrize(
    "bad", [7, {"techniqueID": 7}, {"techniqueID": "T9", "score": 1}, {"techniqueID": "S0001", "score": 1}]
)
def test_a_bad_technique_costs_nothing_else(bad):
    """What is no technique is refused with its place, and the next one is read."""
    found = read(layer(bad, {"techniqueID": "T1001", "score": 1}))
    assert len(found.observations) == 1
    assert [refusal.field.split()[0] for refusal in found.refusals] == ["/0/techniques/0"]


@pytest.mark.parametrize("raw", [b'[{"techniques": ', b'{"a": 1, "a": 2}', b"[" * 99, b"[7]", b'{"name": "x"}'])
def test_what_is_no_layer_is_refused(raw):
    """A broken, doubled, deep or other document gives a refusal and nothing else."""
    found = READER.read(raw, "f.json", {"publisher": "Wire"})
    assert found.observations == () and len(found.refusals) == 1


def test_a_statement_never_loosens_its_layer():
    """A statement within a layer is under the stricter of both markings, and names no other subject."""
    inside = json.dumps({"tlp": "clear", "subject": "Crow", "kind": "mutex", "source": {"publisher": "Mill"}})
    technique = {"techniqueID": "T1001", "score": 1, "metadata": [{"name": "statement", "value": inside}]}
    marked = layer(technique, metadata=[{"name": "tlp", "value": "amber"}])
    (seen,) = read(marked).observations
    assert (seen.tlp, seen.subject.name, seen.trait.kind, seen.source.publisher) == (
        "amber",
        "Heron",
        "attack-pattern",
        "Mill",
    )
