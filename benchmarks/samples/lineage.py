"""Which family a program comes from, over a corpus of benign programs: ours by channel beside other tools.

    python -m benchmarks.samples.lineage CORPUS [--ssdeep] [--fit] [--only macho] [-o RESULTS.md]

The newest version of each project is asked about, older ones are known. CORPUS holds a `manifest.jsonl` with fmt,
project, rank, team, libs and file. With --fit the calibrated rules are fitted on all of it, and written where the
package ships them; the open-set figures are always out of fold, by project. With --only macho nothing but the programs
of Mach-O among the rows are asked about, and ELF files must be known.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from benchmarks.samples.corpus import File, files_of, nameless
from benchmarks.samples.open_set import asked, fitted, judged
from benchmarks.samples.others import import_hash_values, ssdeep_values, tlsh_values
from benchmarks.samples.ranks import Ranks, by_family

from consilience.attribute.code import CODE, WHOLE, Kinship, LineageModel
from consilience.attribute.code.calibrated import TERMS
from consilience.attribute.code.kinship import CHANNEL_WEIGHTS

MODEL = Path(__file__).parents[2] / "src/consilience/attribute/models/lineage.json"
RESULTS = Path(__file__).parent / "results" / "lineage.md"
ROWS = {
    "blocks": ("block",),
    "opcode rows": ("gram",),
    "constants": ("constant",),
    "**code** (blocks, opcode rows, constants)": CODE,
    "strings": ("string",),
    "imports": ("import",),
    "**code, strings, imports**": WHOLE,
}
FORMATS = ("pe", "elf", "pe32")
TURNS = ("", "second", "third", "fourth")


def split(queries: list[File], known: list[File]) -> tuple[list[File], list[File]]:
    """The queries of those projects that are known, and the known files."""
    projects = {each.project for each in known}
    return [each for each in queries if each.project in projects], known


def task(queries: list[File], known: list[File]) -> dict[str, Ranks]:
    """The ranks by row of channels."""
    kinship, found = Kinship([each.sample for each in known]), {name: Ranks() for name in ROWS}
    for each in queries:
        cosines = kinship.cosines(each.profile)
        for name, channels in ROWS.items():
            likeness = kinship.similarity(each.profile, channels, cosines)
            found[name].add(likeness.families, kinship.families, each.family, each.path.name)
    return found


def others(queries: list[File], known: list[File], tool: Callable[[list[File], list[File]], np.ndarray]) -> Ranks:
    """The ranks of another tool, by its nearest file."""
    families, ranks = tuple(sorted({each.family for each in known})), Ranks()
    for each, values in zip(queries, tool(queries, known), strict=True):
        best = by_family(values, [other.family for other in known], families)
        ranks.add(best, families, each.family, each.path.name)
    return ranks


def teams(queries: list[File], known: list[File]) -> Iterator[str]:
    """For each team of several projects, how often another of its projects is nearer than an unrelated one, by code."""
    kinship, of = Kinship([each.sample for each in known]), {each.family: each.team for each in known}
    told: dict[str, list[float]] = {}
    for each in queries:
        values = dict(zip(kinship.families, kinship.similarity(each.profile, CODE).families, strict=True))
        theirs = [values[name] for name, team in of.items() if team == each.team and name != each.family]
        rest = np.array([values[name] for name, team in of.items() if team != each.team])
        if theirs:
            told.setdefault(each.team, []).append(float(np.mean([(one > rest).mean() for one in theirs])))
    yield "\n## Another project of one team nearer than an unrelated one, PE, code alone\n"
    yield "| team | queries | in how many of the pairs |"
    yield "|---|---|---|"
    yield from (f"| {team} | {len(each)} | {np.mean(each):.3f} |" for team, each in sorted(told.items()))


def table(title: str, ranks: dict[str, Ranks], queries: list[File]) -> Iterator[str]:
    """A table of ranks; library noise is a wrong first for a query that is known to hold a common library."""
    noisy = {each.path.name for each in queries if each.libraries}
    many = sum(bool(each.libraries) for each in queries)
    yield from (
        f"\n## {title}\n",
        f"| method | first | MRR | wrong firsts of {many} with a common library |",
        "|---|---|---|---|",
    )
    for name, each in ranks.items():
        wrong = sum(file in noisy for file, _ in each.wrong)
        yield f"| {name} | {each.first:.3f} | {each.mean_reciprocal:.3f} | {wrong} |"


def report(folder: Path, with_ssdeep: bool, fit: bool) -> Iterator[str]:
    files, speed = files_of(folder)
    bare = nameless(files)
    yield "# Lineage of programs\n"
    yield f"Made by `python -m benchmarks.samples.lineage CORPUS`: {len(files)} benign programs of wheels, "
    yield f"{len({each.project for each in files})} projects."
    yield f"Profiles with strings and imports: {speed:.1f} MB of file a second of processor time.\n"
    tiers = {name: [each for each in files if each.format == name] for name in FORMATS}
    names = {name: [each for each in bare if each.format == name] for name in FORMATS}

    def parts(which: dict[str, list[File]], of: str, among: str) -> tuple[list[File], list[File]]:
        return split([each for each in which[of] if each.rank == 0], [each for each in which[among] if each.rank > 0])

    queries, known = parts(tiers, "pe", "pe")
    ranks = task(queries, known)
    bare_ranks = task(*parts(names, "pe", "pe"))
    ranks |= {f"{name}, names removed": bare_ranks[name] for name in list(ROWS)[-3:]}
    ranks["TLSH"] = others(queries, known, tlsh_values)
    if with_ssdeep:
        ranks["ssdeep (ppdeep)"] = others(queries, known, ssdeep_values)
    ranks["import hash"] = others(queries, known, import_hash_values)
    yield from table(f"PE lineage: {len(queries)} queries, {len(known)} known files", ranks, queries)
    for title, of, among in (
        ("ELF lineage", "elf", "elf"),
        ("PE asked, ELF known", "pe", "elf"),
        ("32-bit PE asked, 64-bit PE known", "pe32", "pe"),
        ("32-bit PE asked, ELF known", "pe32", "elf"),
    ):
        queries, known = parts(tiers, of, among)
        if not queries:
            continue
        ranks = task(queries, known)
        bare_ranks = task(*parts(names, of, among))
        ranks |= {f"{name}, names removed": bare_ranks[name] for name in list(ROWS)[-3:]}
        ranks["TLSH"] = others(queries, known, tlsh_values)
        yield from table(f"{title}: {len(queries)} queries, {len(known)} known files", ranks, queries)
    yield "\n## Open set: PE, names removed, out of fold by project; the mean of four ways to make the folds\n"
    yield "| channels | recall | false alarms | calibration error | Brier |"
    yield "|---|---|---|---|---|"
    rules, figures = {}, {}
    for name, rows in asked(names["pe"], {"code": CODE, "whole": WHOLE}).items():
        turns = [judged(rows, turn) for turn in TURNS]
        told = {what: float(np.mean([each[what] for each in turns])) for what in turns[0]}
        rules[name] = fitted(rows)
        figures |= {f"{name}, {what}": round(value, 4) for what, value in told.items()}
        yield f"| {name} | {told['recall']:.3f} | {told['alarms']:.3f} | {told['error']:.3f} | {told['brier']:.3f} |"
    queries, known = parts(names, "pe", "pe")
    yield from teams(queries, known)
    if fit:
        families = len({each.family for each in known})
        _ship(LineageModel(rules["code"], rules["whole"]), folder, len(queries), families, figures)


def report_macho(folder: Path) -> Iterator[str]:
    """Mach-O programs for x86_64, of which some known ELF is another build."""
    files, speed = files_of(folder)
    yield "# Lineage of Mach-O programs\n"
    yield "Made by `python -m benchmarks.samples.lineage CORPUS --only macho`: benign programs of wheels for macOS."
    yield f"Profiles with strings and imports: {speed:.1f} MB of file a second of processor time."
    found = []
    for which in (files, nameless(files)):
        asked = [each for each in which if each.format == "macho" and each.profile.machine == "x86_64"]
        queries, known = split(asked, [each for each in which if each.format == "elf" and each.rank > 0])
        found.append(task(queries, known))
    ranks = found[0] | {f"{name}, names removed": found[1][name] for name in list(ROWS)[-3:]}
    ranks["TLSH"] = others(queries, known, tlsh_values)
    yield from table(f"Mach-O asked, ELF known: {len(queries)} queries, {len(known)} known files", ranks, queries)


def _ship(model: LineageModel, folder: Path, queries: int, families: int, figures: dict[str, float]) -> None:
    manifest = hashlib.sha256((folder / "manifest.jsonl").read_bytes()).hexdigest()
    provenance = {
        "what": "probability that the nearest family is right, and of each family, from shared code",
        "command": "python -m benchmarks.samples.lineage CORPUS --fit",
        "data": [{"name": "development corpus of benign programs, PE, names removed", "sha256": manifest}],
        "queries": queries,
        "families": families,
        "terms": list(TERMS),
        "channels": {name: [each.rarity, each.weight] for name, each in CHANNEL_WEIGHTS.items()},
        "figures": figures,
    }
    document = {"format": 1, "model": model.as_record(), "provenance": provenance}
    MODEL.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--ssdeep", action="store_true", help="also the pure Python ssdeep, which takes minutes")
    parser.add_argument(
        "--fit", action="store_true", help="write the rules fitted on the whole corpus into the package"
    )
    parser.add_argument("--only", choices=["macho"], help="nothing but Mach-O against ELF, beside the results file")
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    if given.output is None:
        given.output = RESULTS.with_stem("lineage-macho") if given.only else RESULTS
    lines = []
    for line in report_macho(given.corpus) if given.only else report(given.corpus, given.ssdeep, given.fit):
        lines.append(line)
        print(line, flush=True)
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
