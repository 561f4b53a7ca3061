"""Plug-ins of a distribution outside the tree, made as docs/reference/plugins.md shows it."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from consilience.model.plugins import Plugins, load_plugins

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "plugins.md").read_text("utf-8")
MODULE, PROJECT = (re.search(rf"```{form}\n(.*?)```", PAGE, re.DOTALL)[1] for form in ("python", "toml"))
LIST = "ACME-LIST\nGREY HERON\tssl.heron.example\nGREY HERON\tnot a domain\n"


def distribution(folder, name, module, entries):
    """A distribution as an installer leaves it: a module, and a folder that declares its entry points."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name.replace('-', '_')}.py").write_text(module)
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    text = "".join(
        f"[{group}]\n" + "".join(f"{each} = {what}\n" for each, what in rows.items()) for group, rows in entries.items()
    )
    (info / "entry_points.txt").write_text(text)


@pytest.fixture
def site(tmp_path):
    """A folder with the distribution of the page and a broken one."""
    folder = tmp_path / "site"
    distribution(folder, "acme-formats", MODULE, tomllib.loads(PROJECT)["project"]["entry-points"])
    faulty = (
        "class Deaf:\n    name = 'a-deaf'\n    def recognises(self, head, filename): raise OSError('no\\nears')\n"
        "    def read(self, *given): pass\n"
        "class Mute:\n    name = 'mute'\n    def write(self, *given): return 'text'\n    convert = write\n"
    )
    readers = {"gone": "broken_formats:Missing", "a-deaf": "broken_formats:Deaf", "csv": "broken_formats:Deaf"}
    writers = {"mute": "broken_formats:Mute", "lost": "no_such_module:Writer"}
    distribution(folder, "broken-formats", faulty, {"consilience.readers": readers, "consilience.writers": writers})
    return folder


def run(site, *words):
    command = [sys.executable, "-m", "consilience", *words]
    path = os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH", ""))))
    return subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)


def test_the_example_of_the_page(site, tmp_path):
    """A format of another distribution is read and written; broken ones beside it are named and stop nothing."""
    (tmp_path / "acme.txt").write_text(LIST)
    case = ("--case", str(tmp_path / "c"))
    done = run(site, "read", str(tmp_path / "acme.txt"), *case, "--json")
    (read,) = json.loads(done.stdout)["files"]
    assert (read["format"], read["new"], len(read["refused"])) == ("acme-list", 1, 1)
    notices = "\n".join(row["what"] for row in read["notices"])
    for told in ("'gone' of broken-formats", "'csv' of broken-formats", "'a-deaf' failed to recognise", "no ears"):
        assert told in notices
    done = run(site, "share", "--format", "acme-lines", *case)
    assert (done.stdout, done.returncode) == ("Acme/GREY HERON\tdomain-name\tssl.heron.example\n", 0)


@pytest.mark.parametrize(
    ("form", "told"),
    [("mute", "the plug-in 'mute' failed: TypeError"), ("lost", "'lost' of broken-formats"), ("none", "'acme-lines'")],
)
def test_broken_writers_say_so(site, tmp_path, form, told):
    """A writer that cannot be loaded, or gives no document, is an error that names it."""
    (tmp_path / "acme.txt").write_text(LIST)
    case = ("--case", str(tmp_path / "c"))
    run(site, "read", str(tmp_path / "acme.txt"), *case)
    done = run(site, "share", "--format", form, *case)
    assert done.returncode == 2 and not done.stdout
    assert told in " ".join(done.stderr.split())


def test_help_loads_no_plugin(site):
    """Help asks for no entry points, so that it stays fast."""
    looked = "import sys; from consilience.cli import main; sys.argv = ['consilience', 'share', '--help']\n"
    looked += "try: main()\nexcept SystemExit: pass\n"
    looked += "assert 'acme_formats' not in sys.modules and 'importlib.metadata' not in sys.modules, 1"
    path = os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH", ""))))
    subprocess.run([sys.executable, "-c", looked], env={**os.environ, "PYTHONPATH": path}, check=True)


def test_every_fault_is_kept_beside_what_works(site, monkeypatch):
    """Loading gives what works in the order of names, and a fault for each of the others."""
    monkeypatch.syspath_prepend(str(site))

    def named(name, loaded):
        return loaded().name

    found = load_plugins("consilience.readers", named, taken={"csv"})
    assert found.found == ("a-deaf", "acme-list")
    assert [(fault.name, fault.distribution) for fault in found.faults] == [
        ("csv", "broken-formats"),
        ("gone", "broken-formats"),
    ]
    assert load_plugins("consilience.nothing", named) == Plugins()
