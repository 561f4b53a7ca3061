"""What a configuration shows, out of the locked process, and what it weighs."""

import gzip
import json

import pytest
from tests.unit.decode.specimens import DIRECT, HEADS, RELAYED, filling, specimen
from tests.unit.decode.test_descriptions import FIELDS, FORM, HEAD, MARK

from consilience.case import Case
from consilience.decode import configurations_in, shipped_descriptions
from consilience.decode.sandboxed import analyse, configurations_from_answer, pack_request
from consilience.keep import MemoryKeeper
from consilience.model.errors import Rejected
from consilience.read import configurations_at, read_path, readers_with
from consilience.vocab import vocabulary
from consilience.weigh.commonplace import commonplace

KEYED = """
[[layout]]
name = "keyed"
about = "a record with the name of its key"
source = "lab"
form = "TCP://{host}:{port}|{key}"
[field.key]
type = "key"
[[entry]]
name = "encryption"
usage = "communication"
key_role = "per-operator"
settings = { key = "key" }
fixed = { algorithm = "RC4" }
"""
HIDDEN = '[locate]\nhow = "text"\ntext = "TCP://"\nxor_keys = "01-ff"\n'
UNDONE = '[[decode]]\nstep = "xor"\nkey = "located"\n[[decode]]\nstep = "text"\n'
KEYPLUG = "".join((HEAD.replace("Beak", "KEYPLUG"), HIDDEN, UNDONE, '[split]\nhow = "form"\n', KEYED, FIELDS))


def read(path, data, **defaults):
    path.write_bytes(data)
    (found,) = read_path(path, {"publisher": "Lab"} | defaults)
    return found


@pytest.mark.parametrize("head", HEADS)
def test_a_sample_shows_its_configuration(tmp_path, head):
    """Whatever the file is, its configuration is read for the subject that is named, and a note says which."""
    found = read(tmp_path / "x.bin", specimen(RELAYED, 0x41, HEADS[head]), subject="S", subject_type="intrusion-set")
    told = {(seen.trait.kind, seen.printed, seen.role) for seen in found.observations}
    assert {
        ("malware", "KEYPLUG", ""),
        ("config:layout", "KEYPLUG, relayed", "family-layout"),
        ("ipv4-addr", "104.24.0.0/14", "proxy"),
        ("ipv4-addr", "192.0.2.0/24", "proxy"),
        ("c2:port", "443", "proxy"),
        ("config:field", "sleep=7600", ""),
        ("config:field", "third_number=1", "family-default"),
        ("endpoint", "c2.example.org:8443", "c2"),
    } <= told
    (note,) = [each.what for each in found.notices if each.field == "configuration"]
    assert "KEYPLUG (relayed), by keyplug.toml under the one-byte key 41, at 0x" in note
    assert {seen.subject.key for seen in found.observations} == {"Lab/S"}


def test_a_family_is_not_said_to_use_itself(tmp_path):
    """A sample that is read for the family shows its configuration and not the family."""
    found = read(tmp_path / "x", specimen(DIRECT, 0x41), subject="KEYPLUG", subject_type="malware")
    assert "malware" not in {seen.trait.kind for seen in found.observations}
    assert all(seen.note.endswith("as published by Mandiant, 2022-03-08") for seen in found.observations if seen.note)


def test_a_file_of_no_format_is_still_refused(tmp_path):
    """What no reader knows and no description finds anything in is of no format, as before."""
    found = read(tmp_path / "x", filling(500))
    assert (found.format, found.observations) == ("unknown", ()) and "format is unknown" in found.refusals[0].what
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "y").write_bytes(filling(500))
    (member,) = read_path(tmp_path / "f", {})
    assert member.refusals == () and "format is unknown" in member.notices[0].what


def test_a_packed_specimen_is_read(tmp_path):
    """A specimen under gzip shows the same."""
    plain, packed = (read(tmp_path / "x", data) for data in (specimen(DIRECT, 9), gzip.compress(specimen(DIRECT, 9))))
    assert (plain.format, packed.format) == ("specimen", "specimen.gz")
    assert {seen.id for seen in plain.observations} == {seen.id for seen in packed.observations}


def test_the_answer_of_the_locked_process_is_checked():
    """What comes back is what was found there, and an answer that is none is refused."""
    data = specimen(RELAYED, 0x41)
    answer = json.loads(json.dumps(analyse(pack_request(data, shipped_descriptions()), "x")))
    assert configurations_from_answer(answer) == configurations_in(
        data, [each.decoder for each in shipped_descriptions()]
    )
    (record,) = answer["configurations"]
    for wrong in (
        7,
        {},
        {"configurations": [7], "notes": []},
        {"configurations": [record | {"entries": 7}], "notes": []},
        {"configurations": [record | {"family": ""}], "notes": []},
        {"configurations": [record | {"entries": [{"name": "x", "settings": [["", "what", "x"]]}]}], "notes": []},
        {"configurations": [record | {"found": {"offset": -1, "size": 1}}], "notes": []},
        {"configurations": [], "notes": [7]},
    ):
        with pytest.raises(Rejected):
            configurations_from_answer(wrong)


def test_descriptions_of_a_folder_are_asked_too(tmp_path):
    """A description of a folder finds what the shipped ones do not."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "beak.toml").write_text("".join((HEAD, MARK, FORM, FIELDS)))
    (tmp_path / "x.bin").write_bytes(b"\0\xffBEAKa.example.net:443")
    (without,) = read_path(tmp_path / "x.bin", {"publisher": "L"})
    (found,) = read_path(tmp_path / "x.bin", {"publisher": "L"}, readers=readers_with([str(tmp_path / "own")]))
    assert without.observations == () and ("endpoint", "a.example.net:443") in {
        (seen.trait.kind, seen.printed) for seen in found.observations
    }
    ((told, how),) = configurations_at(str(tmp_path / "x.bin"), [str(tmp_path / "own")]).records
    assert (told.family, how["decoder"], how["offset"]) == ("Beak", "beak.toml", 2)


def weighed(tmp_path, first, second, decoders=()):
    """The case of two subjects, each with one of these specimens, and their relation."""
    case = Case(MemoryKeeper())
    for name, data in (("ONE", first), ("TWO", second)):
        path = tmp_path / f"{name}.bin"
        path.write_bytes(data)
        done = case.read([str(path)], publisher=f"Lab {name}", subject=name, decoders=decoders)
        assert done[0].new > 3
    return case.weigh("ONE", "TWO")["evidence"], case.assess("ONE", "TWO").as_record()


def test_a_family_and_its_layout_link_nobody(tmp_path):
    """Two users of one family share it, its layout, its defaults and networks of a delivery service: no operator."""
    other = RELAYED.replace("7600", "60").replace("c2.example.org", "b.example.net")
    evidence, record = weighed(tmp_path, specimen(RELAYED, 0x41), specimen(other, 0x9C))
    counted = {item["kind"]: item["counted"] for item in evidence if item["counted"]}
    assert set(counted) == {"malware"} and "operator" not in counted["malware"]
    nothing = {item["values"][0]: item["why"] for item in evidence if not item["counted"]}
    assert "every user of the family has it" in nothing["keyplug, relayed"]
    assert "a proxy hides whose server it is" in nothing["104.24.0.0/14"]
    assert "every user of the family has" in nothing["third_number=1"]
    operator = record["axes"]["operator"]
    assert operator["position"] == "undetermined" and operator["probabilities"] == operator["prior"]
    assert record["axes"]["infrastructure"]["probabilities"] == record["axes"]["infrastructure"]["prior"]
    assert record["tracking"] != "merge"


def test_only_the_layout(tmp_path):
    """With the family left out, sharing the layout moves no probability on any axis."""
    case = Case(MemoryKeeper())
    for name in ("ONE", "TWO"):
        row = {"publisher": f"Lab {name}", "subject": name, "kind": "config:layout", "value": "KEYPLUG, relayed"}
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row | {"role": "family-layout"}) + "\n")
        case.read([str(tmp_path / f"{name}.jsonl")])
    record = case.assess("ONE", "TWO").as_record()
    assert [item["counted"] for item in record["evidence"]] == [{}]
    assert all(axis["probabilities"] == axis["prior"] for axis in record["axes"].values())


def test_keys_tell_users_of_a_family_apart(tmp_path):
    """Equal keys of a family link its users, other keys do not, and the two records differ in the key alone."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "keyplug.toml").write_text(KEYPLUG)
    folders = [str(tmp_path / "own")]
    text = "TCP://{0}.example.net:443|rc4-{1}"
    one, other, alike = (specimen(text.format(*each), 0x41) for each in (("a", 1), ("b", 2), ("c", 1)))
    apart, record = weighed(tmp_path, one, other, folders)
    assert "crypto:key" not in {item["kind"] for item in apart}
    assert record["axes"]["operator"]["probabilities"] == record["axes"]["operator"]["prior"]
    same, linked = weighed(tmp_path, one, alike, folders)
    assert next(item for item in same if item["kind"] == "crypto:key")["counted"]["operator"]["same"] > 3
    assert linked["axes"]["operator"]["probabilities"]["same"] > linked["axes"]["operator"]["prior"]["same"]


@pytest.mark.parametrize(
    ("value", "is_shared"),
    [
        ("104.24.0.0/14", True),
        ("104.24.5.0/24", True),
        ("104.24.5.1", True),
        ("104.0.0.0/8", False),
        ("2606:4700:1::/48", True),
        ("192.0.2.0/24", False),
        ("no/network", False),
    ],
)
def test_networks_of_delivery_services_are_commonplace(value, is_shared):
    """A network within one of a delivery service links nobody in any role; one that only holds it is its holder's."""
    kind = "ipv6-addr" if ":" in value else "ipv4-addr"
    assert bool(commonplace(kind, value, vocabulary())) is is_shared


def test_the_folder_of_a_case_is_asked(tmp_path):
    """Descriptions in decoders/ of a case hold for what is read into it."""
    (tmp_path / "c" / "decoders").mkdir(parents=True)
    (tmp_path / "c" / "decoders" / "beak.toml").write_text("".join((HEAD, MARK, FORM, FIELDS)))
    (tmp_path / "x.bin").write_bytes(b"\0\xffBEAKa.example.net:443")
    with Case.open(str(tmp_path / "c")) as case:
        assert case.read([str(tmp_path / "x.bin")], publisher="L", subject="S")[0].new == 4
