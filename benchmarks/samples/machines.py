"""Which family code comes from, across machines and without any decoder: 32-bit PE, AArch64, and rows of bytes.

    python -m benchmarks.samples.machines CORPUS [--manifest NAME] [--arm WHEELS] [-o RESULTS.md]

CORPUS is that of `lineage`, with files of the format pe32 for the first tasks. WHEELS is a folder of AArch64 wheels of
projects in two versions or more, of which the newest is asked about.
"""

from __future__ import annotations

import argparse
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from benchmarks.samples.ranks import Ranks

from consilience.analyse.code.features import code_of
from consilience.analyse.containers.image import Image
from consilience.analyse.sample import image_of
from consilience.attribute.code import CODE, Kinship
from consilience.model.code import CodeProfile, SampleCode
from consilience.model.subject import Subject

RESULTS = Path(__file__).parent / "results" / "machines.md"
ROWS = {"blocks": ("block",), "opcode rows": ("gram",), "constants": ("constant",), "**code**": CODE}
TASKS = {
    "32-bit PE lineage": ("pe32", "pe32"),
    "32-bit PE asked, 64-bit PE known": ("pe32", "pe"),
    "AArch64 ELF lineage": ("arm", "arm"),
    "AArch64 ELF asked, x86-64 ELF known": ("arm", "elf"),
}
UNREAD = {"PE lineage": "pe", "ELF lineage": "elf"}


@dataclass(frozen=True)
class Sample:
    """A file of one project: `newest` ones are asked about, others are known."""

    name: str
    format: str
    project: str
    newest: bool
    raw: Callable[[], bytes]


def listed(folder: Path, manifest: str) -> Iterator[Sample]:
    for line in (folder / manifest).read_text("utf-8").splitlines():
        row = json.loads(line)
        yield Sample(row["file"], row["fmt"], row["project"], row["rank"] == 0, (folder / row["file"]).read_bytes)


def wheels(folder: Path) -> Iterator[Sample]:
    """The libraries in wheels, as the format arm."""
    versions: dict[str, list[tuple[list[int], Path]]] = {}
    for path in sorted(folder.glob("*.whl")):
        project, version = path.name.split("-")[:2]
        versions.setdefault(project.lower().replace("_", "-"), []).append(
            ([int(each) for each in re.findall(r"\d+", version)], path)
        )
    for project, found in versions.items():
        found.sort()
        for place, (_, path) in enumerate(found if len(found) > 1 else []):
            archive = zipfile.ZipFile(path)
            for name in archive.namelist():
                if name.endswith(".so"):
                    inside = archive.getinfo(name)
                    read = (lambda source, member: lambda: source.read(member))(archive, inside)
                    yield Sample(f"{path.name}/{name}", "arm", project, place == len(found) - 1, read)


def profiled(sample: Sample, unread: bool) -> SampleCode:
    image: Image = image_of(sample.raw())
    channels, many = code_of(replace(image, machine=f"not {image.machine}") if unread else image)
    profile = CodeProfile(
        sample=sample.name, format=image.format, machine=image.machine, channels=channels, instructions=many
    )
    return SampleCode(Subject("corpus", sample.project, "malware"), profile)


def task(title: str, queries: Sequence[SampleCode], known: Sequence[SampleCode]) -> Iterator[str]:
    kinship, ranks = Kinship(known), {name: Ranks() for name in ROWS}
    for each in queries:
        if each.subject.key not in kinship.families:
            continue
        cosines = kinship.cosines(each.profile)
        for name, channels in ROWS.items():
            best = kinship.similarity(each.profile, channels, cosines).families
            ranks[name].add(np.asarray(best), kinship.families, each.subject.key, each.profile.sample)
    many = len(ranks["**code**"].ranks)
    told = " | ".join(f"{each.mean_reciprocal:.3f}" for each in ranks.values())
    yield f"| {title} | {many} | {len(known)} | {told} |"


def report(samples: Sequence[Sample]) -> Iterator[str]:
    yield from ("# Code of other machines\n", "Made by `python -m benchmarks.samples.machines CORPUS`. Mean reciprocal")
    yield from ("ranks of the right project by code alone.\n", f"| task | asked | known | {' | '.join(ROWS)} |")
    yield "|---" * (3 + len(ROWS)) + "|"
    seen: dict[tuple[str, bool], SampleCode] = {}

    def of(format: str, newest: bool, unread: bool = False) -> list[SampleCode]:
        for each in samples:
            if each.format == format and each.newest == newest and (each.name, unread) not in seen:
                seen[each.name, unread] = profiled(each, unread)
        return [seen[each.name, unread] for each in samples if each.format == format and each.newest == newest]

    for title, (asked, known) in TASKS.items():
        if of(asked, True) and of(known, False):
            yield from task(title, of(asked, True), of(known, False))
    yield "\n## Rows of bytes alone, as if no decoder were there\n"
    yield from (f"| task | asked | known | {' | '.join(ROWS)} |", "|---" * (3 + len(ROWS)) + "|")
    for title, format in UNREAD.items():
        yield from task(title, of(format, True, True), of(format, False, True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--manifest", default="manifest.jsonl", help="the list of files in CORPUS")
    parser.add_argument("--arm", type=Path, help="a folder of AArch64 wheels")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    given = parser.parse_args()
    lines = []
    for line in report([*listed(given.corpus, given.manifest), *(wheels(given.arm) if given.arm else ())]):
        lines.append(line)
        print(line, flush=True)
    given.output.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
