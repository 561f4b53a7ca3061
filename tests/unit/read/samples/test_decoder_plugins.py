"""Descriptions of configurations that another distribution brings, found by its entry point."""

import sys

import pytest
from tests.unit.decode.test_descriptions import FIELDS, FORM, HEAD, MARK

from consilience.decode import DecoderError, shipped_descriptions
from consilience.read import READERS, read_path, readers_with
from consilience.read.samples.decoder_folders import descriptions_in

BEAK = "".join((HEAD, MARK, FORM, FIELDS))


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Installs a distribution as an installer does: a package, and beside it what its metadata says."""

    def install(package, files, target=None):
        site = tmp_path / "site"
        (site / package).mkdir(parents=True)
        (site / package / "__init__.py").write_text('"""Descriptions of decoders."""\n')
        for name, text in files.items():
            (site / package / name).write_text(text)
        info = site / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package.replace('_', '-')}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[consilience.decoders]\nours = {target or package}\n")
        monkeypatch.syspath_prepend(str(site))

    before = set(sys.modules)
    yield install
    for name in set(sys.modules) - before:
        if name.endswith("_decoders"):
            del sys.modules[name]


def test_without_plugins_nothing_changes():
    """With nothing installed beside this program the descriptions and readers are those that ship."""
    assert descriptions_in(()) == shipped_descriptions() and readers_with(()) == READERS


def test_an_installed_distribution_adds_its_family(installed, tmp_path):
    """Once it is installed, a sample of its family is read with the configuration in it, and nothing else is done."""
    (tmp_path / "sample.bin").write_bytes(bytes(50) + b"BEAKc2.example.net:8443")
    assert "Beak" not in {each.decoder.family for each in descriptions_in(())}
    installed("beak_decoders", {"beak.toml": BEAK, "notes.txt": "not a description"})
    assert {each.decoder.file for each in descriptions_in(())} == {"keyplug.toml", "luadream.toml", "beak.toml"}
    (reading,) = read_path(tmp_path / "sample.bin", {}, None, readers_with(()))
    values = {(seen.trait.kind, seen.trait.value) for seen in reading.observations}
    assert {("malware", "beak"), ("endpoint", "c2.example.net:8443")} <= values


def test_a_folder_comes_after_a_plugin(installed, tmp_path):
    """A plug-in replaces a description that ships, and a folder replaces that of a plug-in."""
    installed("other_decoders", {"ours.toml": BEAK.replace("Beak", "KEYPLUG"), "beak.toml": BEAK})
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "mine.toml").write_text(BEAK)
    found = {each.decoder.family: each.decoder.file for each in descriptions_in([str(tmp_path / "own")])}
    assert found == {"LuaDream": "luadream.toml", "KEYPLUG": "ours.toml", "Beak": "mine.toml"}


@pytest.mark.parametrize(
    ("files", "target", "what"),
    [
        ({"beak.toml": BEAK.replace("format = 1", "format = 2")}, None, "knows format 1"),
        ({}, None, "does not name a package with descriptions"),
        ({"beak.toml": BEAK}, "json:loads", "does not name a package with descriptions"),
        ({"beak.toml": BEAK}, "nowhere_decoders", "No module named"),
    ],
    ids=["wrong", "empty", "function", "missing"],
)
def test_a_plugin_that_cannot_be_used_is_named(installed, files, target, what):
    """What is wrong with a plug-in names its distribution and says what to do; nothing is decoded by halves."""
    installed("wrong_decoders", files, target)
    with pytest.raises(DecoderError, match=what) as error:
        readers_with(())
    (fault,) = error.value.faults
    assert (fault.file, fault.field, fault.todo) == ("wrong-decoders", "ours", "mend or uninstall it")
