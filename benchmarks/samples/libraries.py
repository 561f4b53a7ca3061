"""The reference of common code, made of a lineage corpus; and what it is worth where few families are known.

    python -m benchmarks.samples.libraries CORPUS [--ship] [-o RESULTS.md]

A feature is common when projects of at least three teams hold it. The figures are honest halves: the reference is made
of one half of the projects, and asked about cases of five families of the other half. With --ship it is made of all
projects and written where the package ships it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from benchmarks.samples.corpus import File, files_of, nameless
from benchmarks.samples.ranks import Ranks

from consilience.attribute.code import CODE, WHOLE, Kinship
from consilience.attribute.code.common import CommonCode
from consilience.attribute.shipped import lineage_model

REFERENCE = Path(__file__).parents[2] / "src/consilience/vocab/reference"
RESULTS = Path(__file__).parent / "results" / "libraries.md"
LEAST, KNOWN, CASES = 3, 5, 6


def common_of(files: list[File]) -> CommonCode:
    """What programs of at least three teams hold."""
    teams = sorted({each.team for each in files})
    held = {
        channel: [
            np.unique(np.concatenate([each.profile.channel(channel).value for each in files if each.team == team]))
            for team in teams
        ]
        for channel in WHOLE
    }
    return CommonCode.of(held, LEAST)


def half(name: str) -> int:
    return hashlib.sha256(name.encode()).digest()[0] & 1


def few(files: list[File], common: CommonCode | None, which: int) -> dict[str, dict[str, float]]:
    """Over cases of five families of one half: ranks, and what the rule says of the right and of families not there."""
    mine = [each for each in files if half(each.team) == which]
    projects = sorted(
        {each.project for each in mine if each.rank > 0}, key=lambda name: hashlib.sha256(name.encode()).digest()
    )
    model, told = lineage_model(), {}
    for name in ("code", "whole"):
        told[name] = {"ranks": Ranks(), "known": [], "absent": []}
    for case in range(CASES):
        chosen = {projects[(case * KNOWN + at) % len(projects)] for at in range(KNOWN)}
        kinship = Kinship([each.sample for each in mine if each.rank > 0 and each.project in chosen], reference=common)
        for each in (each for each in mine if each.rank == 0):
            cosines = kinship.cosines(each.profile)
            for name, channels, rule in (("code", CODE, model.code), ("whole", WHOLE, model.whole)):
                likeness = kinship.similarity(each.profile, channels, cosines)
                if each.project in chosen:
                    told[name]["ranks"].add(likeness.families, kinship.families, each.family, each.path.name)
                told[name]["known" if each.project in chosen else "absent"].append(rule.known(likeness))
    return told


def report(files: list[File]) -> Iterator[str]:
    yield "# A reference of common code\n"
    yield "Made by `python -m benchmarks.samples.libraries CORPUS`. Cases of five families, PE, names removed; the"
    yield "reference is made of the other half of the projects.\n"
    yield "| reference | channels | queries | MRR | known, if it is | if it is not | AUC |"
    yield "|---|---|---|---|---|---|---|"
    pe = [each for each in nameless(files) if each.format == "pe"]
    for with_it in (False, True):
        halves = [
            few(pe, common_of([each for each in pe if half(each.team) != which]) if with_it else None, which)
            for which in (0, 1)
        ]
        for name in ("code", "whole"):
            ranks = [rank for each in halves for rank in each[name]["ranks"].ranks]
            known, absent = (
                np.array([one for each in halves for one in each[name][kind]]) for kind in ("known", "absent")
            )
            apart = float((known[:, None] > absent[None, :]).mean() + (known[:, None] == absent[None, :]).mean() / 2)
            figures = (float(np.mean([1 / rank for rank in ranks])), known.mean(), absent.mean(), apart)
            cells = ("yes" if with_it else "no", name, f"{len(known)} + {len(absent)}", *(f"{x:.3f}" for x in figures))
            yield "| " + " | ".join(cells) + " |"


def ship(files: list[File], manifest: str) -> None:
    """Write the reference of all files beside the other references, with its provenance."""
    common = common_of(files)
    packed = {channel: common.packed(channel) for channel in WHOLE}
    provenance = {
        "what": "features that programs of three unrelated makers hold: compiler runtimes, shared libraries",
        "command": "python -m benchmarks.samples.libraries CORPUS --ship",
        "data": [{"name": "development corpus of benign programs, PE and ELF", "sha256": manifest}],
        "projects": sorted({each.project for each in files}),
        "features": {channel: len(common.half_hashes[channel]) for channel in WHOLE},
    }
    document = {
        "format": 1,
        "least": LEAST,
        "channels": [[channel, len(packed[channel])] for channel in WHOLE],
        "sha256": hashlib.sha256(b"".join(packed.values())).hexdigest(),
        "provenance": provenance,
    }
    (REFERENCE / "common-code.json").write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    (REFERENCE / "common-code.bin").write_bytes(b"".join(packed.values()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--ship", action="store_true", help="write the reference of all projects into the package")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    given = parser.parse_args()
    files, _ = files_of(given.corpus)
    if given.ship:
        ship(files, hashlib.sha256((given.corpus / "manifest.jsonl").read_bytes()).hexdigest())
    lines = []
    for line in report(files):
        lines.append(line)
        print(line, flush=True)
    given.output.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
