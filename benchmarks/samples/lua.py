"""How the Lua readers do on real sources: failures, speed, agreement with Lua's own programs, retrieval, forks.

    benchmarks/samples/lua.py FOLDER [--write]     FOLDER holds one folder a project, with .lua and .nse files

With --write, results/lua.md is written. With --usage, usage.toml of the package is counted again, over the projects
that the figures on forks do not use.
"""

import argparse
import platform
import re
import subprocess
import tempfile
import time
from collections import Counter, defaultdict
from math import sqrt
from pathlib import Path
from zlib import crc32

from lua_dumps import RUNTIMES, dumps, sources
from lua_forks import counted_usage, forks_table

from consilience.read.sample.lua import (
    DumpError,
    components,
    conformance,
    features,
    instructions,
    profile,
    read_dump,
    read_source,
)

RESULTS = Path(__file__).parent / "results" / "lua.md"
USAGE = Path(__file__).parents[2] / "src" / "consilience" / "read" / "sample" / "lua" / "usage.toml"
LISTERS = {
    "lua-5.1": "luac5.1",
    "lua-5.2": "luac5.2",
    "lua-5.3": "luac5.3",
    "lua-5.4": "luac5.4",
    "luajit-2.1": "luajit",
}
LISTED_EVERY = 10
RETRIEVAL = ("from → to", "by", "MRR", "queries", "MRR without the file", "queries")
READING = ("dialect", "", "dumps", "failures", "MB", "MB/s", "functions/s", "features MB/s", "faults")
COMPARED_EVERY = 20
RETRIEVED = ("luajit-2.1", "lua-5.1", "lua-5.4")


def reading_row(made):
    """One row: dumps, failures, bytes, MB/s, functions, MB/s of features on each twentieth dump, faults of operands."""
    failed = functions = 0
    begun = time.process_time()
    for _, each in made:
        try:
            functions += len(read_dump(each).prototypes)
        except DumpError:
            failed += 1
    seconds = time.process_time() - begun
    size = sum(len(each) for _, each in made)
    some = [each for _, each in made[::COMPARED_EVERY]]
    begun = time.process_time()
    for each in some:
        features(read_dump(each))
    feature_seconds = time.process_time() - begun
    faults = Counter()
    for each in some:
        faults.update(conformance(read_dump(each))._asdict())
    return [
        f"{len(made):,}",
        failed,
        f"{size / 1e6:.1f}",
        f"{size / 1e6 / seconds:.1f}",
        f"{functions / seconds:,.0f}",
        f"{sum(map(len, some)) / 1e6 / feature_seconds:.1f}",
        f"{faults['faults']} of {faults['instructions']:,}",
    ]


def listed_row(dialect, made):
    """Dumps compared with the listing of Lua's own program, instructions, and dumps that differ."""
    compared = differ = total = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "listed"
        for _, each in made[::LISTED_EVERY]:
            place.write_bytes(each)
            dump = read_dump(each)
            if dialect == "luajit-2.1":
                text = _listing("luajit", "-bl", place)
                theirs = re.findall(r"^\d{4} (?:=>|  ) ([A-Z0-9]+)", text, re.MULTILINE)
                theirs = [name for name in theirs if not name.startswith("FUNC")]
                functions = _in_post_order(dump.main)
            else:
                text = _listing(LISTERS[dialect], "-l", "-p", place)
                theirs = re.findall(r"^\t\d+\t\[[^]]*\]\t([A-Z0-9]+)", text, re.MULTILINE)
                functions = dump.prototypes
            ours = [each.name for function in functions for each in instructions(dump, function)]
            compared, total, differ = compared + 1, total + len(theirs), differ + (ours != theirs)
    return [LISTERS[dialect], compared, f"{total:,}", differ]


def _listing(*command):
    return subprocess.run(command, capture_output=True, check=True).stdout.decode("latin-1")


def _in_post_order(prototype):
    for child in prototype.children:
        yield from _in_post_order(child)
    yield prototype


def of_code(dump):
    """The features that stripping must not change."""
    return {(each.kind, each.value) for each in features(dump) if each.where != "chunk name"}


def parts_of(dump):
    found = components(dump)
    return tuple(frozenset(part.name for part in each) for each in found[:4])


def channels(dump):
    """The sets that retrieval compares."""
    content = profile(dump)
    return {
        "strings and numbers": content.strings | {repr(each).encode() for each in content.numbers},
        "strings": content.strings,
        "numbers": {each for each in content.numbers if abs(each) > 255 or each != int(each)},
        "keys of strings": {each.names for each in content.functions} - {""},
        "keys of opcodes": {each.sequence for each in content.functions} - {""},
        "opcode 6-grams": {content.family.encode() + each for each in content.grams},
    }


def retrieval(queries, references, project_of, without_own):
    """Mean reciprocal rank of a query's project, and queries: each element weighs 1/projects that have it, cosine.

    `without_own` leaves the query's own file out of its project, so that another file must give it away.
    """
    holders = defaultdict(Counter)
    for path, elements in references.items():
        for element in elements:
            holders[element][project_of[path]] += 1
    norms = Counter()
    for counts in holders.values():
        for project in counts:
            norms[project] += 1 / len(counts) ** 2
    total = asked = 0
    for path, elements in queries.items():
        own = project_of[path]
        if not elements or (without_own and path not in references):
            continue
        asked += 1
        sums = Counter()
        for element in elements:
            counts = holders.get(element)
            if not counts:
                continue
            alone = without_own and counts[own] == 1 and element in references[path]
            for project in counts:
                if not (alone and project == own):
                    sums[project] += 1 / len(counts) ** 2
        if own in sums:
            mine = sums[own] / sqrt(norms[own])
            better = sum(value / sqrt(norms[project]) > mine for project, value in sums.items() if project != own)
            ties = sum(value / sqrt(norms[project]) == mine for project, value in sums.items() if project != own)
            total += 1 / (1 + better + ties)
    return total / asked, asked


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)]) + "\n"


def source_row(texts, found):
    """Jaccard of strings and numbers of sources with those of their dumps, and modules found in both."""
    strings, numbers, modules, same = [], [], 0, 0
    for path, (content, required) in found.items():
        scanned = read_source(texts[path])
        strings.append(_alike(scanned.strings, content.strings))
        numbers.append(_alike(scanned.numbers, content.numbers))
        modules += 1
        same += set(scanned.required) == required
    count = len(strings)
    return [count, f"{sum(strings) / count:.3f}", f"{sum(numbers) / count:.3f}", f"{same} of {modules}"]


def _alike(ours, theirs):
    return len(ours & theirs) / len(ours | theirs) if ours | theirs else 1.0


def measured(every):
    texts = {path: text for _, path, text in every}
    project_of = {path: project for project, path, _ in every}
    reading, listed, stripping, kept, sets, scanned = [], [], Counter(), defaultdict(dict), {}, {}
    whole = {}
    for dialect in RUNTIMES:
        for strip in (False, True):
            made = dumps(dialect, strip, texts.items())
            if made is None:
                reading.append([dialect, "stripped", "not measured: no luac"])
                continue
            made = list(made)
            reading.append([dialect, "stripped" if strip else "whole", *reading_row(made)])
            some = made[::COMPARED_EVERY]
            if not strip:
                whole = dict(some)
                if dialect in LISTERS:
                    listed.append(listed_row(dialect, made))
            else:
                for path, each in made:
                    if path in whole:
                        stripping[dialect, of_code(read_dump(whole[path])) == of_code(read_dump(each))] += 1
                if dialect in RETRIEVED:
                    sets[dialect] = {path: channels(read_dump(each)) for path, each in made}
                if dialect == "luajit-2.1":
                    for path, each in some:
                        dump = read_dump(each)
                        scanned[path] = profile(dump), {part.name for part in components(dump).required}
            chosen = {path for path in texts if crc32(path.encode()) % COMPARED_EVERY == 0}
            for path, each in made:
                if path in chosen:
                    kept[path][dialect, strip] = parts_of(read_dump(each))
            print(reading[-1], flush=True)
    return {
        "reading": reading,
        "listed": listed,
        "stripping": [
            [each, stripping[each, True] + stripping[each, False], stripping[each, False]] for each in RUNTIMES
        ],
        "parts": parts_rows(kept),
        "retrieval": retrieval_rows(sets, project_of),
        "source": [source_row(texts, scanned)],
    }


def parts_rows(kept):
    rows = []
    for place, what in enumerate(("modules required", "modules declared", "members of libraries", "named functions")):
        same = sum(len({parts[place] for parts in each.values()}) == 1 for each in kept.values() if each)
        named = len({name for each in kept.values() for parts in each.values() for name in parts[place]})
        rows.append([what, sum(map(bool, kept.values())), same, named])
    return rows


def retrieval_rows(sets, project_of):
    rows = []
    pairs = [(RETRIEVED[0], RETRIEVED[1]), (RETRIEVED[0], RETRIEVED[2]), (RETRIEVED[2], RETRIEVED[2])]
    for asked_of, target in pairs:
        for channel in next(iter(sets[target].values())):
            queries = {path: each[channel] for path, each in sets[asked_of].items()}
            references = {path: each[channel] for path, each in sets[target].items()}
            own, asked = retrieval(queries, references, project_of, False)
            other, others = retrieval(queries, references, project_of, True)
            rows.append([f"{asked_of} → {target}", channel, f"{own:.3f}", asked, f"{other:.3f}", others])
    return rows


PAGE = """# Lua: what the readers do on real sources

`benchmarks/samples/lua.py FOLDER --write` on {sources:,} distinct sources of {projects} packages of Debian 12 (at most
512 KiB each), Python {python}, one process. CPU seconds on a machine shared with other work: speeds vary twofold from
run to run.

## Reading

Failures are dumps not read, or not to the last byte. Features with reading, and faults: each twentieth dump. A fault is
an instruction with an operand out of its range.

{reading}
## Instructions, beside Lua's own programs

{listed}
## Stripped or not

All features but those of the chunk's name, of each twentieth dump.

{stripping}
## Parts, beside each other

The same sources by every compiler that takes them, whole and stripped: does every dump name the same?

{parts}
## Which project, across compilers

A stripped file of LuaJIT, asked of projects made of stripped files of PUC Lua. Mean reciprocal rank (ties count against
it); then with the file itself left out, so that only its project's other files speak for it. Packages carry copies of
each other's files (ConTeXt's are in texlive-luatex, Penlight's too, LuaSocket's in ConTeXt), between which no feature
can choose: the last rows, one compiler with itself, are what is to be had.

{retrieval}
## Sources, beside their dumps

{source}
## Forks with other numbers

Dumps of at least 3 kB with their instructions renumbered by chance, of projects that `usage.toml` was not counted over.
Recognised: not conforming, looking at no more than 5,000 instructions.

{forks}"""


def retrieval_alone(every):
    """The table of retrieval, without the rest."""
    texts = {path: text for _, path, text in every}
    sets = {
        each: {path: channels(read_dump(made)) for path, made in dumps(each, True, texts.items())} for each in RETRIEVED
    }
    return table(RETRIEVAL, retrieval_rows(sets, {path: project for project, path, _ in every}))


def page(every, found, forks):
    heads = {
        "reading": READING,
        "listed": ["program", "dumps", "instructions", "dumps that differ"],
        "stripping": ["dialect", "dumps compared", "that differ"],
        "parts": ["what", "sources", "same in all dumps", "different names"],
        "retrieval": RETRIEVAL,
        "source": ["sources", "strings alike", "numbers alike", "same modules required"],
    }
    return PAGE.format(
        sources=len(every),
        projects=len({project for project, _, _ in every}),
        python=platform.python_version(),
        forks=forks,
        **{name: table(head, found[name]) for name, head in heads.items()},
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--usage", action="store_true")
    parser.add_argument("--retrieval", action="store_true", help="only the table of retrieval")
    options = parser.parse_args()
    every = list(sources(options.folder))
    print(f"{len(every):,} distinct sources")
    if options.usage:
        USAGE.write_text(counted_usage(every), "utf-8")
        return
    if options.retrieval:
        print(retrieval_alone(every))
        return
    found = measured(every)
    head, rows = forks_table(every)
    text = page(every, found, table(head, rows))
    print(text)
    if options.write:
        RESULTS.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
