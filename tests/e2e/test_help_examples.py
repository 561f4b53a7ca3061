"""Every example of a help text runs on the demo case."""

import json
import re
import shlex
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from consilience.case import demo_paths
from consilience.cli import main
from consilience.cli.verbs import VERBS

RECORD = {"family": "KEYPLUG", "tcp": [{"server_domain": "c2.example", "server_port": 443, "usage": "c2"}]}
REPR = re.compile(r"\b[A-Z][A-Za-z]+\([a-z_]+=")
"""A value of the program, printed as Python prints it."""

QUERY = {"id": "one", "date": "2023-12", "observations": [{"kind": "ipv4-addr", "value": "185.51.134.27"}]}


def examples(verb):
    """The commands of the examples in a help text."""
    block = CliRunner().invoke(main, [verb, "--help"]).output.partition("Examples:\n")[2].partition("\n\n")[0]
    return [line.strip() for line in block.splitlines()]


COMMANDS = [command for verb in VERBS for command in examples(verb)]


def consilience(args, folder):
    """What a verb prints in a folder, as the shell would call it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        patched.delenv("CONSILIENCE_CASE", raising=False)
        return CliRunner().invoke(main, args, prog_name="consilience")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """A folder with the demo case as ./case, one partner, and the files of its user."""
    folder = tmp_path_factory.mktemp("examples")
    assert consilience(["demo", "--case", "case"], folder).exit_code == 0
    assert consilience(["partner", "add", "Vendor B"], folder).exit_code == 0
    shutil.copy(demo_paths()[0], folder / "observations.jsonl")
    (folder / "reports").mkdir()
    shutil.copy(demo_paths()[1], folder / "reports" / "report.jsonl")
    (folder / "activity.jsonl").write_text(json.dumps(QUERY) + "\n", "utf-8")
    for name in ("sample.bin", "record.json"):
        (folder / name).write_text(json.dumps(RECORD), "utf-8")
    return folder


@pytest.mark.parametrize("command", [each for each in COMMANDS if " serve" not in each])
def test_an_example_runs(command, prepared, tmp_path):
    """The example ends with 0, prints its result to standard output, and no trace of an error."""
    folder = tmp_path / "work"
    shutil.copytree(prepared, folder)
    program, *args = shlex.split(command.partition(" > ")[0])
    done = consilience(args, folder)
    assert (program, done.exit_code) == ("consilience", 0), done.output
    assert done.stdout or "-o" in args
    assert done.exception is None
    assert not REPR.search(done.output)


@pytest.mark.parametrize("command", [each for each in COMMANDS if " serve" in each])
def test_serving_starts(command, prepared, tmp_path):
    """The server of the example says where it serves, and ends when it is interrupted."""
    folder = tmp_path / "work"
    shutil.copytree(prepared, folder)
    args = shlex.split(command)[1:]
    child = subprocess.Popen(
        [sys.executable, "-m", "consilience", *args], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        assert child.stderr.readline().startswith(b"serving http://127.0.0.1:")
    finally:
        child.terminate()
        child.stderr.close()
        child.wait(timeout=30)


def test_examples_name_the_demo(prepared):
    """The subjects that examples name are those of the demo case."""
    known = json.loads(consilience(["names", "--json"], prepared).stdout)["subjects"]
    names = {name for row in known for name in (row["name"], row["name"].partition("/")[2])}
    for verb in ("show", "weigh", "assess"):
        for command in examples(verb):
            subjects = [each for each in shlex.split(command)[2:] if not each.startswith("-") and not each[0].isdigit()]
            assert set(subjects) <= names, command
