"""From a sample to its configuration, to a record for others and back, through the command line."""

import json

import pytest
from click.testing import CliRunner
from tests.unit.decode.specimens import HEADS, RELAYED, filling, specimen

from consilience.cli import main

KEYED = '{"family": "KEYPLUG", "encryption": [{"algorithm": "RC4", "key": "%s"}]}'


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONSILIENCE_CASE", raising=False)
    other = RELAYED.replace("7600", "60").replace("c2.example.org", "b.example.net")
    (tmp_path / "one.bin").write_bytes(specimen(RELAYED, 0x41, HEADS["PE"]))
    (tmp_path / "two.bin").write_bytes(specimen(other, 0x9C))
    (tmp_path / "none.bin").write_bytes(filling(2_000))
    return tmp_path


def run(*args):
    done = CliRunner().invoke(main, args, prog_name="consilience")
    return done.exit_code, done.stdout


def document(*args):
    return json.loads(run(*args, "--json")[1])


def test_a_sample_becomes_a_record_and_a_maco_record(folder):
    """What a sample holds, its record as JSON and its MACO record are the same configuration, and no case is made."""
    (folder / "one.json").write_text(run("config", "one.bin", "--json")[1])
    (folder / "one.maco.json").write_text(run("config", "one.bin", "--maco")[1])
    for other in ("one.json", "one.maco.json"):
        found = document("config", "--diff", "one.bin", other)
        assert {state for state, count in found["counts"].items() if count} == {"same"}
    assert document("config", "none.bin")["configurations"] == []
    assert not (folder / "case").exists()


def test_two_samples_of_one_family_are_told_apart(folder):
    """The same family and layout, another sleep and server: two fields differ, and reading both links no operator."""
    found = document("config", "--diff", "one.bin", "two.bin")
    (pair,) = found["compared"]
    changed = {row["field"]: (row["a"], row["b"]) for row in pair["fields"] if row["state"] == "changed"}
    assert changed == {"sleep": ("7600", "60"), "http.hostname": ("c2.example.org", "b.example.net")}
    for name in ("one", "two"):
        run("read", f"{name}.bin", "--publisher", name, "--subject", name)
    axes = document("assess", "one", "two")["axes"]
    assert axes["operator"]["probabilities"] == axes["operator"]["prior"]
    assert axes["infrastructure"]["probabilities"] == axes["infrastructure"]["prior"]


def test_keys_of_records_tell_users_apart(folder):
    """Two records of one family with other names of keys differ in the key, which is said in so many words."""
    for name in ("a", "b"):
        (folder / f"{name}.json").write_text(KEYED % f"id-{name}")
    status, text = run("config", "--diff", "a.json", "b.json")
    assert status == 0 and "~ encryption.key           id-a  ->  id-b" in text
    assert "keys that differ: encryption.key" in text


def test_a_file_without_a_configuration_cannot_be_compared(folder):
    """A file in which nothing is found, and one that is not there, are wrong use."""
    assert run("config", "--diff", "one.bin", "none.bin")[0] == 2
    assert run("config", "nowhere.bin")[0] == 2


def test_wrong_descriptions_are_wrong_use(folder):
    """A folder of descriptions with a fault decodes and reads nothing."""
    (folder / "own").mkdir()
    (folder / "own" / "x.toml").write_text("format = 1\n")
    assert run("config", "one.bin", "--decoders", "own")[0] == 2
    assert run("read", "one.bin", "--publisher", "P", "--subject", "S", "--decoders", "own")[0] == 2


def test_a_written_record_is_read_into_a_case(folder):
    """A record as JSON is a source of its own: the family shows what the configuration holds."""
    (folder / "one.json").write_text(run("config", "one.bin", "--json")[1])
    assert run("read", "one.json", "--publisher", "Lab")[0] == 0
    kinds = {trait["kind"] for trait in document("show", "Lab/KEYPLUG")["traits"]}
    assert {"endpoint", "ipv4-addr", "config:layout", "config:field", "c2:protocol"} <= kinds


@pytest.mark.parametrize(
    "record",
    ['{"family": "B", "entries": 7}', '{"family": "", "entries": []}', '{"configurations": [7, {"entries": []}]}'],
)
def test_a_record_that_is_none_is_refused(folder, record):
    """A document of another form is refused with its place, and the exit status says so."""
    (folder / "x.json").write_text(record)
    status, _ = run("config", "x.json")
    assert status in (2, 3)
    assert run("read", "x.json", "--publisher", "Lab", "--subject", "S")[0] in (2, 3)
