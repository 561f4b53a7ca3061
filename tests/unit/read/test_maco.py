"""MACO records as observations, and what decoys weigh."""

import json

import pytest

from consilience.attribute.activity import activities
from consilience.case import Case
from consilience.keep import MemoryKeeper
from consilience.read.maco import MacoRecords
from consilience.vocab import vocabulary

READER = MacoRecords()


def read(*records, **defaults):
    raw = json.dumps(records[0] if len(records) == 1 else records).encode()
    return READER.read(raw, "f.json", {"publisher": "Lab"} | defaults)


def lines(record):
    return [(str(seen.trait), seen.role) for seen in read({"family": "Beak"} | record).observations]


def test_a_record_is_known_by_its_fields():
    """A record and a list of records are recognised; observations, bundles and layers are not."""
    one = {"family": "Beak", "mutex": ["m"], "tcp": [{"server_ip": "192.0.2.7"}]}
    for content in (one, [one, one], {"family": "Beak", "other": {}}):
        assert READER.recognises(json.dumps(content).encode(), "")
    for other in ({"family": "Beak", "x": 1}, {"type": "bundle"}, {"kind": "mutex", "value": "m"}, [], 7):
        assert not READER.recognises(json.dumps(other).encode(), "")


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            {"tcp": [{"server_domain": "a.example", "server_port": 443, "usage": "c2"}]},
            [("endpoint a.example:443", "c2")],
        ),
        ({"udp": [{"server_ip": "2001:db8::a", "server_port": 53}]}, [("endpoint [2001:db8::a]:53", "")]),
        ({"tcp": [{"server_port": 443}]}, [("c2:port 443", "")]),
        (
            {"ftp": [{"hostname": "a.example", "username": "u"}]},
            [("domain-name a.example", ""), ("config:field ftp.username=u", "")],
        ),
        ({"http": [{"uri": "https://a.example/x"}]}, [("url a.example/x", "")]),
        (
            {"http": [{"uri": "https://a.example/x", "usage": "dead_drop_resolver"}]},
            [("dead-drop https://a.example/x", "dead_drop_resolver")],
        ),
        (
            {"http": [{"hostname": "a.example", "port": 81, "path": "x", "query": "y=1"}]},
            [("url a.example:81/x?y=1", "")],
        ),
        ({"http": [{"protocol": "wss"}]}, [("c2:protocol wss", "")]),
        ({"http": [{"hostname": "a.example"}]}, [("domain-name a.example", "")]),
        ({"http": [{"path": "x.php", "user_agent": "UA"}]}, [("url:path /x.php", ""), ("c2:user-agent UA", "")]),
        ({"proxy": [{"hostname": "192.0.2.7", "usage": "c2"}]}, [("ipv4-addr 192.0.2.7", "proxy")]),
        ({"proxy": [{"hostname": "192.0.2.7", "usage": "decoy"}]}, [("ipv4-addr 192.0.2.7", "decoy")]),
        ({"paths": [{"path": "/gate", "usage": "c2"}]}, [("c2:uri /gate", "c2")]),
        ({"encryption": [{"key": "00", "iv": "01"}]}, [("crypto:key 00", ""), ("config:field encryption.iv=01", "")]),
        ({"sleep_delay": 5, "pipe": ["p"]}, [("config:field sleep_delay=5", ""), ("config:field pipe=p", "")]),
        ({"other": {"a": [1, True], "b": {"c": 1}}}, [("config:field a=1", ""), ("config:field a=true", "")]),
    ],
)
def test_what_settings_are(record, expected):
    """Every setting is a trait under the role of its usage, in the order of the record."""
    assert lines(record) == expected


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"family": "B", "surprise": 1}, "/0/surprise"),
        ({"family": "B", "tcp": [{"server_ip": "192.0.2.7", "colour": "red"}]}, "/0/tcp/0/colour"),
        ({"family": "B", "mutex": "m"}, "/0/mutex"),
        ({"family": "B", "mutex": [["m"]]}, "/0/mutex/0"),
        ({"family": "B", "tcp": ["x"]}, "/0/tcp/0"),
        ({"mutex": ["m"]}, "/0/family"),
    ],
)
def test_what_the_standard_forbids_is_refused_and_the_rest_read(record, place):
    """A field MACO does not name, or of another form, is refused with its place; what else stands there is read."""
    found = read(record | {"pipe": ["p"]})
    assert [refusal.field for refusal in found.refusals] == [place]
    assert any(seen.printed == "pipe=p" for seen in found.observations) == ("family" in record)


@pytest.mark.parametrize("raw", [b'{"family": "B", ', b'{"family": 1, "family": 2}', b"[" * 99, b"[7]"])
def test_what_is_no_record_is_refused(raw):
    """A broken, doubled, deep or other document gives a refusal and nothing else."""
    found = READER.read(raw, "f.json", {"publisher": "Lab"})
    assert found.observations == () and len(found.refusals) == 1


def test_whose_and_how_marked():
    """The family is the subject, the option its publisher; unmarked but for what `other` or an option says."""
    (seen,) = read({"family": ["Beak", "Bill"], "mutex": ["m"]}).observations
    assert (seen.subject.key, seen.subject.type, seen.tlp) == ("Lab/Beak", "malware", "")
    assert seen.source.title.startswith("configuration of Beak, ")
    (seen,) = read({"family": "Beak", "mutex": ["m"], "other": {"tlp": "red"}}, tlp="clear").observations
    assert seen.tlp == "red"
    unknown = read({"family": "Beak", "mutex": ["m"], "other": {"tlp": "mauve"}}, tlp="clear")
    assert unknown.observations == () and "not a TLP label" in unknown.refusals[0].what


def test_two_samples_are_two_sources():
    """Records that differ are different documents, and the same record read again is the same one."""
    one, other = ({"family": "Beak", "mutex": [name]} for name in "mn")
    sources = [read(record).observations[0].source for record in (one, other, one)]
    assert sources[0] == sources[2] != sources[1]


def test_a_decoy_is_kept_and_weighs_nothing(tmp_path):
    """What a configuration never uses is a statement like others, and moves neither a relation nor an attribution."""
    servers = [{"server_domain": "news.example", "server_port": 8443}, {"server_ip": "192.0.2.7"}]

    def case_with(usage):
        case = Case(MemoryKeeper())
        for name in ("Beak", "Claw"):
            path = tmp_path / f"{name}{usage}.json"
            path.write_text(json.dumps({"family": name, "tcp": [{**each, "usage": usage} for each in servers]}))
            assert case.read([str(path)], publisher=f"Lab of {name}")[0].refusals == ()
        return case

    used, shown = case_with("c2"), case_with("decoy")
    assert len(list(shown.keeper.observations())) == 4
    weights = [
        [
            value
            for item in case.assess("Beak", "Claw").relation.evidence
            for row in item.weights.values()
            for value in row.values()
        ]
        for case in (used, shown)
    ]
    assert any(weights[0]) and not any(weights[1])
    traits = [
        {trait for each in activities(case.keeper.observations(), vocabulary()) for trait in each.traits}
        for case in (used, shown)
    ]
    assert traits[0] and not traits[1]
