"""Our records in MACO's own model, and what it dumps in our reader."""

import json

import pytest

from consilience.model.observation import Observation
from consilience.model.parcel import Parcel
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.read.maco import CREDENTIALS, FIELDS, OBJECTS, MacoRecords
from consilience.share import convert
from consilience.share.maco import ENTRIES, FIELD_LISTS, LISTS, NUMBERS, TEXTS, USAGES

maco = pytest.importorskip("maco.model", reason="the interop group is not installed")
pydantic = pytest.importorskip("pydantic", reason="the interop group is not installed")

BEAK = Subject("Lab", "Beak", "malware")


def said(kind, value, role=""):
    source = Source(publisher="Lab", title="Beaks", url="https://lab.example/b")
    return Observation(
        subject=BEAK,
        trait=Trait(kind, value),
        printed=value,
        source=source,
        role=role,
        tlp="green",
        published="2024-01",
    )


def every_statement():
    """A statement for each place in a record that the writer has."""
    for kind in LISTS:
        yield said(kind, "T1059.001" if kind == "attack-pattern" else f"{kind} x")
    for kind, (section, _) in ENTRIES.items():
        for role in ("", *USAGES[section]):
            yield said(kind, "192.0.2.7" if kind == "ipv4-addr" else "a.example", role)
    for role in ("", "proxy", "decoy"):
        yield said("endpoint", "a.example:443", role)
    for name in (
        *FIELD_LISTS,
        *NUMBERS,
        *(f"{section}.{name}" for section, name in TEXTS),
        "own",
        "tlp",
        "consilience",
    ):
        yield said("config:field", f"{name}=60")
    yield said("code:version", "2.1")


def test_the_model_takes_every_record():
    """MACO's model, which forbids fields it does not name, takes what we write, and gives it back unchanged."""
    records = json.loads(convert(Parcel(observations=tuple(every_statement())), "maco").content)
    assert len(records) == 1
    for record in records:
        kept = maco.ExtractorModel.model_validate(record).model_dump(mode="json", exclude_defaults=True)
        assert kept == record


def test_the_model_refuses_what_is_no_record():
    """The same model refuses a field it does not name, so passing it means something."""
    (record,) = json.loads(convert(Parcel(observations=(said("mutex", "m"),)), "maco").content)
    with pytest.raises(pydantic.ValidationError):
        maco.ExtractorModel.model_validate(record | {"surprise": 1})


def test_our_tables_are_those_of_the_model():
    """The reader knows exactly the fields that the model has, at the top and in each list of objects."""
    schema = maco.ExtractorModel.model_json_schema()
    assert schema["properties"].keys() == FIELDS
    for name, known in OBJECTS.items():
        reference = schema["properties"][name]["items"]["$ref"].rsplit("/", 1)[1]
        assert schema["$defs"][reference]["properties"].keys() - {"usage"} == set(known), name
    assert set(CREDENTIALS) <= set(OBJECTS["ssh"])


def test_what_the_model_dumps_is_read():
    """A configuration built with the model is read without a refusal, every setting of it, and decoys as decoys."""
    model = maco.ExtractorModel(family="Beak", mutex=["m"], campaign_id=["c-7"], sleep_delay=5, version="2")
    model.tcp.append(model.Connection(server_domain="a.example", server_port=443, usage="c2"))
    model.tcp.append(model.Connection(server_ip="192.0.2.7", server_port=80, usage="decoy"))
    model.http.append(model.Http(uri="https://b.example/x", headers={"X-A": "b"}))
    model.encryption.append(model.Encryption(algorithm="RC4", key="00", usage="config"))
    model.paths.append(model.Path(path="C:\\b.exe", usage="install"))
    for dumped in (model.model_dump_json(), model.model_dump_json(exclude_defaults=True)):
        found = MacoRecords().read(dumped.encode(), "f.json", {"publisher": "Lab"})
        assert found.refusals == ()
        assert sorted((seen.trait.kind, seen.role) for seen in found.observations) == [
            ("campaign-id", ""),
            ("code:version", ""),
            ("config:field", ""),
            ("config:field", ""),
            ("crypto:algorithm", "config"),
            ("crypto:key", "config"),
            ("endpoint", "c2"),
            ("endpoint", "decoy"),
            ("file:path", "install"),
            ("mutex", ""),
            ("url", ""),
        ]
