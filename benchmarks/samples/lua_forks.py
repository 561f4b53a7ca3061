"""How real programs use instructions, and how much of a renumbered fork is read back with it.

Projects are divided in two by a hash of their names: one half is counted, the other is renumbered.
"""

import random
import time
from collections import Counter, defaultdict
from itertools import pairwise
from zlib import crc32

from lua_dumps import RUNTIMES, dumps

from consilience.analyse.lua import Dump, conformance, read_dump, renumbering
from consilience.analyse.lua.dialects import dialects
from consilience.analyse.lua.forks import renumbered
from consilience.analyse.lua.instructions import opcodes

COUNTED = ("luajit-2.1", "lua-5.1", "lua-5.3", "lua-5.4")
LARGEST = 128 * 1024
SMALLEST = 3_000
TOGETHER = 10
FORKS = 20
ENOUGH = 5_000
HEAD = """# How real programs use the instructions of each dialect: how often one is there, what follows it how often.
#
# Counted by `benchmarks/samples/lua.py FOLDER --usage` over packages of Debian 12, those projects of which the figures
# on forks use none. What follows one in fewer than two hundred cases is left out. Counts only; no code.
"""


def is_counted(project):
    """Whether a project is of the half that is counted."""
    return crc32(project.encode()) % 2 == 0


def counted_usage(every):
    """The text of usage.toml."""
    texts = [(path, text) for project, path, text in every if is_counted(project) and len(text) <= LARGEST]
    lines = [HEAD]
    for name in COUNTED:
        dialect = dialects()[name]
        counts, pairs = Counter(), Counter()
        for _, made in dumps(name, False, texts):
            for prototype in read_dump(made).prototypes:
                numbers = opcodes(prototype, dialect)
                counts.update(numbers)
                pairs.update(pairwise(numbers))
        lines.append(f'["{name}"]')
        for number, opcode in enumerate(dialect.opcodes):
            if counts[number]:
                after = [
                    (times, dialect.opcodes[next_].name) for (first, next_), times in pairs.items() if first == number
                ]
                after = sorted((-times, each) for times, each in after if times * 200 >= counts[number])
                words = [str(counts[number]), *(f"{each}:{-times}" for times, each in after)]
                lines.append(f'{opcode.name} = "{" ".join(words)}"')
        lines.append("")
    return "\n".join(lines)


def forks_table(every):
    """Per dialect: forks recognised, and what is sure and right of single dumps and of ten of one project."""
    texts = {path: text for project, path, text in every if not is_counted(project)}
    project_of = {path: project for project, path, _ in every}
    chance = random.Random(11)
    rows = []
    for name in RUNTIMES:
        strip = name not in ("lua-5.1", "lua-5.2")
        by_project = defaultdict(list)
        for path, made in dumps(name, strip, texts.items()):
            if len(made) >= SMALLEST:
                by_project[project_of[path]].append(made)
        projects = sorted(by_project)
        chosen = [by_project[chance.choice(projects)] for _ in range(FORKS)]
        alone = [[chance.choice(group)] for group in chosen]
        several = [chance.sample(group, min(TOGETHER, len(group))) for group in chosen]
        first, more = (_read_back(name, groups, chance) for groups in (alone, several))
        rows.append([name, FORKS, *first, *more[1:]])
        print(rows[-1], flush=True)
    head = ["dialect", "forks", "recognised", "sure", "right of the sure", "likeliest right", "seconds"]
    return [*head, *(f"{each}, of ten dumps" for each in head[3:])], rows


def _read_back(name, groups, chance):
    dialect = dialects()[name]
    recognised = 0
    counts = Counter()
    seconds = 0.0
    for group in groups:
        table = list(range(len(dialect.opcodes)))
        chance.shuffle(table)
        odd = [_fork(read_dump(made), table, dialect) for made in group]
        recognised += not conformance(odd[0], ENOUGH).standard
        begun = time.process_time()
        found = renumbering(*odd)
        seconds += time.process_time() - begun
        meant = {table[number]: opcode.name for number, opcode in enumerate(dialect.opcodes)}
        likely = {**found.likely, **found.sure}
        for dump in odd:
            for prototype in dump.prototypes:
                for number, times in Counter(opcodes(prototype, dialect)).items():
                    counts["all"] += times
                    counts["sure"] += times * (number in found.sure)
                    counts["right"] += times * (found.sure.get(number) == meant[number])
                    counts["likely"] += times * (likely.get(number) == meant[number])
    return [
        recognised,
        f"{counts['sure'] / counts['all']:.3f}",
        f"{counts['right'] / counts['sure']:.4f}",
        f"{counts['likely'] / counts['all']:.3f}",
        f"{seconds / len(groups):.2f}",
    ]


def _fork(dump, table, dialect):
    main = renumbered(dump.main, dict(enumerate(table)), dialect)
    return Dump(dump.dialect, main, dump.size, dump.stripped, flags=dump.flags)
