"""The server that CI tests on: there while a command runs, and gone when it has ended."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / ".ci" / "postgresql"
NAME = "CONSILIENCE_TEST_POSTGRESQL"
INSTALLED = list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
ASK = f"""
import os, sys
import psycopg
address = os.environ["{NAME}"]
with psycopg.connect(address.replace("+psycopg", "")) as connection:
    print(address.partition("host=")[2], *connection.execute("SELECT 1 + 1").fetchone())
sys.exit(7)
"""


def beside_a_server(*command, address=""):
    environment = {name: value for name, value in os.environ.items() if name != NAME}
    if address:
        environment[NAME] = address
    return subprocess.run([SCRIPT, *command], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not INSTALLED, reason="no PostgreSQL server is installed: install Debian's package postgresql")
def test_a_command_runs_beside_a_server_that_is_removed_with_it():
    """The command reaches the server at the address it is given, its exit status is the script's, nothing is left."""
    done = beside_a_server(sys.executable, "-c", ASK)
    assert done.returncode == 7, done.stderr
    place, answer = done.stdout.split()
    assert answer == "2"
    assert f"host={place}" in done.stderr
    assert not Path(place).exists()


def test_a_server_named_before_is_used():
    """With an address in the environment no server is made, and the command is given that address."""
    done = beside_a_server("printenv", NAME, address="postgresql+psycopg://elsewhere/cases")
    assert (done.returncode, done.stdout, done.stderr) == (0, "postgresql+psycopg://elsewhere/cases\n", "")


def test_no_command_is_wrong_use():
    """Without a command no server is made, and the exit status is 2."""
    done = beside_a_server()
    assert (done.returncode, done.stdout) == (2, "")
    assert "name the command" in done.stderr


def test_ci_runs_make_check_and_nothing_else():
    """CI runs `make check`, word for word, beside a server, so that none of PostgreSQL is skipped there."""
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    commands = [line for line in script.splitlines() if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == [".ci/lua .ci/postgresql make check"]
