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
from pathlib import Path
from zlib import crc32

from lua_dumps import RUNTIMES, dumps, sources
from lua_forks import counted_usage, forks_table
from lua_kinship import ANSWERS, HEAD, kinship_tables

from consilience.analyse.lua import (
    DumpError,
    comparable_sets,
    components,
    conformance,
    features,
    instructions,
    read_dump,
    read_source,
)
from consilience.analyse.lua.code_profile import dumps_profile

RESULTS = Path(__file__).parent / "results" / "lua.md"
USAGE = Path(__file__).parents[2] / "src" / "consilience" / "analyse" / "lua" / "usage.toml"
LISTERS = {
    "lua-5.1": "luac5.1",
    "lua-5.2": "luac5.2",
    "lua-5.3": "luac5.3",
    "lua-5.4": "luac5.4",
    "luajit-2.1": "luajit",
}
LISTED_EVERY = 10
RATES = ("profile MB/s", "sets MB/s", "features MB/s")
READING = ("dialect", "", "dumps", "failures", "MB", "MB/s", "functions/s", *RATES, "faults")
COMPARED_EVERY = 20
MOST_NAMED = 12


def reading_row(made):
    """One row: dumps, failures, bytes, MB/s, functions, MB/s of what each twentieth dump gives, faults of operands."""
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
    checked = Counter()
    for each in some:
        checked.update(conformance(read_dump(each))._asdict())
    return [
        f"{len(made):,}",
        failed,
        f"{size / 1e6:.1f}",
        f"{size / 1e6 / seconds:.1f}",
        f"{functions / seconds:,.0f}",
        *(f"{rate(some, work):.1f}" for work in (_compared, lambda made: comparable_sets(read_dump(made)), _featured)),
        f"{checked['impossible']} of {checked['instructions']:,}",
    ]


def rate(some, work):
    """MB a second of what is done with each dump, reading it included; the best of three."""
    seconds = []
    for _ in range(3):
        begun = time.process_time()
        for each in some:
            work(each)
        seconds.append(time.process_time() - begun)
    return sum(map(len, some)) / 1e6 / min(seconds)


def _compared(made):
    dumps_profile(made, [read_dump(made)], "")


def _featured(made):
    features(read_dump(made))


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
    reading, listed, stripping, kept, scanned = [], [], Counter(), defaultdict(dict), {}
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
                if dialect == "luajit-2.1":
                    for path, each in some:
                        dump = read_dump(each)
                        scanned[path] = comparable_sets(dump), {part.name for part in components(dump).required}
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
        "source": [source_row(texts, scanned)],
    }


def parts_rows(kept):
    rows = []
    for place, what in enumerate(("modules required", "modules declared", "members of libraries", "named functions")):
        same = sum(len({parts[place] for parts in each.values()}) == 1 for each in kept.values() if each)
        named = len({name for each in kept.values() for parts in each.values() for name in parts[place]})
        rows.append([what, sum(map(bool, kept.values())), same, named])
    return rows


PAGE = """# Lua: what the readers do on real sources

`benchmarks/samples/lua.py FOLDER --write` on {sources:,} distinct sources of {projects} packages of Debian 12 (one in
{taken} of all, at most 512 KiB each), Python {python}, one process. CPU seconds on a machine shared with other work:
speeds vary twofold from run to run.

## Reading

Failures are dumps not read, or not to the last byte. Of each twentieth dump, reading it included: the code profile that
the product keeps, the sets of `profile`, the traits of `features`, best of three. A fault is an instruction with an
operand out of its range.

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

A stripped file, asked of the stripped files of all projects by another compiler, ranked by the product's own kinship: a
file is a sample and a project a family. All {known:,} distinct sources are known, and {asked} are asked about. Mean
reciprocal rank; projects that are level get the mean rank. A source that several packages carry verbatim is there once,
in the first of them. *Copies right*: where another project holds a file whose stripped dump is still byte for byte the
same, both are right answers. Then with the file itself left out, so that only its project's other files speak for it.

{retrieval}
What took the first place of others, by constants, over all rows: {instead}.

With the shipped rule, fitted on machine code: what the product answers, and how often it answers when the project asked
about is taken out.

{answers}
## Sources, beside their dumps

{source}
## Forks with other numbers

Dumps of at least 3 kB with their instructions renumbered by chance, of projects that `usage.toml` was not counted over.
Recognised: not conforming, looking at no more than 5,000 instructions.

{forks}"""


def retrieval(every, one_in):
    """The tables of retrieval by the product's own ranking, and the projects that took the place of others."""
    rows, answers, wrong = kinship_tables(every, one_in)
    instead = Counter()
    for (_, _, project, other), times in wrong.items():
        instead[f"{project} → {other.removeprefix('corpus/')}"] += times
    named = ", ".join(f"{pair} {times}" for pair, times in instead.most_common(MOST_NAMED))
    return table(HEAD, rows), table(ANSWERS, answers), named or "none"


def page(every, found, forks, kinship, known, options):
    retrieved, answers, instead = kinship
    heads = {
        "reading": READING,
        "listed": ["program", "dumps", "instructions", "dumps that differ"],
        "stripping": ["dialect", "dumps compared", "that differ"],
        "parts": ["what", "sources", "same in all dumps", "different names"],
        "source": ["sources", "strings alike", "numbers alike", "same modules required"],
    }
    return PAGE.format(
        sources=len(every),
        projects=len({project for project, _, _ in every}),
        python=platform.python_version(),
        forks=forks,
        retrieval=retrieved,
        answers=answers,
        instead=instead,
        known=known,
        taken=options.taken,
        asked="all" if options.asked == 1 else f"one in {options.asked}",
        **{name: table(head, found[name]) for name, head in heads.items()},
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--usage", action="store_true")
    parser.add_argument("--retrieval", action="store_true", help="only the tables of retrieval")
    parser.add_argument("--asked", type=int, default=1, help="ask about one in so many files in retrieval")
    parser.add_argument("--taken", type=int, default=1, help="take one in so many sources for all but retrieval")
    options = parser.parse_args()
    every = list(sources(options.folder))
    print(f"{len(every):,} distinct sources")
    if options.usage:
        USAGE.write_text(counted_usage(every), "utf-8")
        return
    if options.retrieval:
        print(*retrieval(every, options.asked), sep="\n")
        return
    some = every[:: options.taken]
    found = measured(some)
    head, rows = forks_table(some)
    text = page(some, found, table(head, rows), retrieval(every, options.asked), len(every), options)
    print(text)
    if options.write:
        RESULTS.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
