"""Every hostile file ends in time and in memory, with a reason that is kept, and the next file is read."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.hostile import archives, packed, programs, texts

SECONDS, MEBIBYTES = 20, 600
# What one process reads after each other, because it takes longer to start one than to read most of the files.
TOGETHER = {
    "json": (texts.json_files,),
    "texts": texts.FILES,
    "packed": packed.FILES,
    "programs": programs.FILES,
    "archives": archives.FILES,
}
MAKERS = [maker for makers in TOGETHER.values() for maker in makers]
FAIR = {"publisher": "P", "subject": "Next", "kind": "mutex", "value": "next"}


@pytest.mark.parametrize("kind", TOGETHER)
def test_hostile_files_end(kind, tmp_path):
    """Each ends within 20 processor seconds and 600 MiB with observations or reasons, and the next file is read."""
    (tmp_path / "next.jsonl").write_text(json.dumps(FAIR) + "\n")
    files = []
    for number, (name, make) in enumerate(file for maker in TOGETHER[kind] for file in maker()):
        folder = tmp_path / f"{number:03d}"
        folder.mkdir()
        (folder / name).write_bytes(make())
        files.append(folder / name)
    place = Path(__file__).with_name("importing.py")
    command = [sys.executable, str(place), str(tmp_path / "case"), str(tmp_path / "next.jsonl"), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == len(files), done.stderr[-2000:]
    wrong = [
        each
        for each in told
        if "escaped" in each
        or each["seconds"] > SECONDS
        or each["mebibytes"] > MEBIBYTES
        or each["next"] != 1
        or not (each["reasons"] or each["read"])
    ]
    assert not wrong, json.dumps(wrong, indent=1)
    assert not done.stderr


def test_there_are_enough():
    """The corpus holds at least 150 files of different names."""
    names = [name for maker in MAKERS for name, _ in maker()]
    assert len(names) == len(set(names)) >= 150
