"""What CI compares the Lua readers with: there while the tests run, and none of it skipped."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / ".ci" / "lua"
NAME = "CONSILIENCE_TEST_LUA"


def with_programs(path, *command):
    """The end of a command under the script, with PATH as given and Bash's own tools beside it."""
    environment = {name: value for name, value in os.environ.items() if name != NAME}
    return subprocess.run(
        ["bash", SCRIPT, *command], env=environment | {"PATH": path}, capture_output=True, text=True, check=False
    )


def stand_ins(folder, *names):
    for name in names:
        (folder / name).write_text("#!/bin/sh\n", "utf-8")
        (folder / name).chmod(0o755)


def test_where_the_programs_are_the_command_is_told_to_skip_nothing(tmp_path):
    """With every program on PATH nothing is installed, and the command finds the variable and keeps its status."""
    stand_ins(tmp_path, "luac5.1", "luac5.2", "luac5.3", "luac5.4", "luajit")
    done = with_programs(f"{tmp_path}:{os.environ['PATH']}", "bash", "-c", f"echo ${NAME}; exit 7")
    assert (done.returncode, done.stdout, done.stderr) == (7, "1\n", "")


def test_without_the_programs_the_command_is_not_run(tmp_path):
    """Where programs are missing and cannot be installed, the script says which and the command does not run."""
    stand_ins(tmp_path, "luac5.1", "luajit")
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n", "utf-8")
    (tmp_path / "id").chmod(0o755)
    for name in ("bash", "touch"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    done = with_programs(str(tmp_path), "touch", str(tmp_path / "ran"))
    assert done.returncode == 1
    assert "lua5.2 lua5.3 lua5.4, or put" in done.stderr
    assert not (tmp_path / "ran").exists()


def test_no_command_is_wrong_use():
    """Without a command the exit status is 2."""
    done = subprocess.run([SCRIPT], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "name the command" in done.stderr
