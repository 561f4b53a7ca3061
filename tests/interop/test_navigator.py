"""Our layers in MITRE's own library, and its layers in our reader."""

import json
from importlib.util import find_spec

import pytest

from consilience.model.parcel import Parcel
from consilience.read.navigator import NavigatorLayer
from consilience.share import convert, write

if find_spec("mitreattack") is None:
    pytest.skip("the interop group is not installed", allow_module_level=True)

from mitreattack.navlayers import Layer
from mitreattack.navlayers.core.exceptions import BadInput

from consilience.case import Case
from consilience.keep import MemoryKeeper
from consilience.model.observation import Observation
from consilience.model.reading import Reading
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait


def rows():
    for place, subject in enumerate((Subject("Vendor A", "HERON"), Subject("Vendor B", "STORK", "campaign"))):
        for number in ("T1059", "T1059.001", "T1027.013", f"T100{place + 1}", "T0886"):
            source = Source(publisher=f"P{place}", title="R", url=f"https://p{place}.example/r")
            yield Observation(
                subject=subject, trait=Trait("attack-pattern", number), printed=number, source=source, tlp="green"
            )


def documents():
    told = tuple(rows())
    case = Case(MemoryKeeper())
    case.keeper.add(Reading(file="f", format="jsonl", raw=b"", observations=told), "2024-01-01")
    yield convert(Parcel(observations=told), "navigator").content
    yield write(case.assess("HERON", "STORK"), "navigator")


def test_the_library_loads_every_layer(capsys):
    """Each layer passes the library's own checks without a word, and comes out with every technique and comment."""
    for raw in documents():
        for layer in json.loads(raw):
            out = Layer(layer, strict=True).to_dict()
            assert out is not None
            assert {"name", "description", "metadata", "gradient", "legendItems"} <= out.keys()
            assert [out[name] for name in ("name", "description", "metadata", "gradient", "legendItems")] == [
                layer[name] for name in ("name", "description", "metadata", "gradient", "legendItems")
            ]
            assert out["versions"]["layer"] == "4.5"
            kept = [(each["techniqueID"], each["comment"], each["metadata"]) for each in out["techniques"]]
            assert kept == [(each["techniqueID"], each["comment"], each["metadata"]) for each in layer["techniques"]]
            assert [each["score"] for each in out["techniques"]] == [int(each["score"]) for each in layer["techniques"]]
    assert capsys.readouterr().out == ""


def test_the_library_checks_what_it_loads(capsys):
    """The same checks see a layer that is wrong, so passing them means something."""
    for wrong in ({"domain": "kitchen-attack"}, {"gradient": {"colors": ["#fff"], "minValue": "x", "maxValue": 1}}):
        good = json.loads(next(documents()))[0]
        try:
            refused = Layer(good | wrong, strict=True).to_dict() is None
        except BadInput:
            refused = True
        assert refused
    assert capsys.readouterr().out


def test_what_the_library_writes_is_read():
    """A layer that went through the library, which drops nothing of ours, gives the statements it was made of."""
    (first, *_) = documents()
    through = [Layer(layer).to_dict() for layer in json.loads(first)]
    again = NavigatorLayer().read(json.dumps(through).encode(), "f.json", {})
    assert again.refusals == () and set(again.observations) == set(rows())


def test_a_layer_made_with_the_library_is_read():
    """A layer of nothing but numbers, scores and comments gives a technique for each that is scored."""
    made = Layer(name="Grey Heron (G9999)", domain="enterprise-attack")
    made.layer.techniques = [
        {"techniqueID": "T1059.001", "score": 1, "comment": "(Citation: R)"},
        {"techniqueID": "T1059", "showSubtechniques": True},
    ]
    found = NavigatorLayer().read(made.to_str().encode(), "f.json", {"publisher": "MITRE ATT&CK"})
    assert [(seen.subject.key, seen.trait.value) for seen in found.observations] == [
        ("MITRE ATT&CK/Grey Heron (G9999)", "T1059.001")
    ]
