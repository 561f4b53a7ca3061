"""How much likelier blocks of indicators of one actor are to share a part, by kind, beside earlier figures.

Called by diagnosticity.py. Every pair of blocks counts, also those that share nothing; what anybody has, such as the
domain of a dynamic name service, is left out first, as attribution does.
"""

from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
from maltrail import read

MOST = 400
"""Values on more blocks than that make too many pairs to name one by one; what is left out is told."""

ROWS = (
    ("exact address", "address", MOST, "LR ~128, P .93"),
    ("exact host", "host", MOST, "LR ~35, P .73"),
    ("same /24", "address:24", MOST, "LR 28, P .66"),
    ("registered domain, in at most 3 blocks", "host:registered", 3, "LR 7.8, P .35"),
    ("registered domain, any", "host:registered", MOST, "LR 2.5, P .15"),
    ("label segment", "host:segment", MOST, "LR 3.1, P .18"),
    ("label 4-gram", "host:4-gram", MOST, "LR .7-1.9, P .04-.10"),
    ("shape of a host", "host:shape", MOST, "LR .7-1.9, P .04-.10"),
)


def sharing(bags: list, kind: str, most: int) -> tuple[set[tuple[int, int]], int]:
    """The pairs of blocks that share a value of a kind on so many blocks at most, and how many values are on more."""
    holders: dict[str, list[int]] = {}
    for number, each in enumerate(bags):
        for value in each.counts.get(kind, ()):
            holders.setdefault(value, []).append(number)
    found: set[tuple[int, int]] = set()
    for numbers in holders.values():
        if 1 < len(numbers) <= most:
            found.update(combinations(numbers, 2))
    return found, sum(len(numbers) > most for numbers in holders.values())


def row(name: str, kind: str, most: int, before: str, bags: list) -> str:
    subjects = [each.activity.subject for each in bags]
    sizes = Counter(subjects)
    of_one = sum(size * (size - 1) // 2 for size in sizes.values())
    of_two = len(bags) * (len(bags) - 1) // 2 - of_one
    pairs, wide = sharing(bags, kind, most)
    same = sum(subjects[a] == subjects[b] for a, b in pairs)
    different = len(pairs) - same
    left = wide if wide and most == MOST else ""
    ratio = (same / of_one) / (different / of_two) if different else np.inf
    given = same / len(pairs) if pairs else np.nan
    return f"| {name} | {len(pairs)} | {ratio:.3g} | {given:.3f} | {left} | {before} |"


def indicator_lines(path: Path) -> list[str]:
    """The table of the blocks in a file, with all actors and without the five biggest."""
    bags = read(path).bags
    big = {subject for subject, _ in Counter(each.activity.subject for each in bags).most_common(5)}
    small = [each for each in bags if each.activity.subject not in big]
    out = []
    for title, chosen in (("all actors", bags), ("without the five biggest", small)):
        out += [
            "",
            f"{path.name}, {title}: {len(chosen)} blocks.",
            "",
            f"| shared | pairs | LR | P(same given shared) | values on more than {MOST} blocks, left out | earlier |",
            "|" + "---|" * 6,
            *(row(*each, chosen) for each in ROWS),
        ]
    return out
