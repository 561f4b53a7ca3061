"""What somebody who plants, repeats or mislabels can move: the figures of the robustness suite, as Markdown.

python benchmarks/robustness.py > benchmarks/accuracy/results/robustness.md    some twenty minutes
python benchmarks/robustness.py republished popular                            only these parts
"""

import sys
from collections import defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path

from consilience.assess import Watch, assess
from consilience.assess.reweighing import reweighing_of
from consilience.assess.robustness import leave_one_kind_out, leave_one_origin_out
from consilience.assess.shift import stored_from
from consilience.calibrate import outcomes, read_cases
from consilience.case import counted, reference_corpus
from consilience.model.snapshot import snapshot_of
from consilience.vocab import vocabulary

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "property"))
from attacks import (  # noqa: E402
    cheap_kinds,
    copies,
    flipped,
    forged,
    largest_move,
    leave_one_source_out,
    mislabelled,
    mistaken,
    stated_by,
    sybils,
    verdicts,
    worst,
)

CASES = {case.id: case for case in read_cases(ROOT / "cases")}
GOLDEN = list(verdicts(CASES.values()))
HELD_OUT = [*GOLDEN, *leave_one_source_out(GOLDEN)]
RULES = vocabulary()
SOFTWARE = {"name": "consilience", "version": "benchmark"}
HARMS = {
    "on any axis": lambda before, after: (largest_move(before, after),),
    "on operator": lambda before, after: (
        "operator" in flipped(before, after),
        largest_move(before, after, "operator"),
    ),
}


def heading(text, *lines):
    print(f"\n## {text}\n", *lines, "", sep="\n", flush=True)


def table(columns, rows):
    print("| " + " | ".join(columns) + " |", "|" + "---|" * len(columns), sep="\n")
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)


def of(count, whole):
    return f"{count} of {whole} ({count / whole:.1%})"


def wrong(attack=None, rules=None):
    """The expectations of the golden cases that are missed when the observations of an attack are added."""
    missed = 0
    for verdict in GOLDEN:
        case = CASES[verdict.case]
        expected = tuple(each for each in case.expectations if each.as_of == verdict.as_of)
        more = attack(verdict) if attack else ()
        asked = replace(case, observations=(*case.observations, *more), expectations=expected)
        missed += sum(not outcome.met for outcome in outcomes(asked, rules))
    return missed


EXPECTED = sum(1 for case in CASES.values() for _ in outcomes(case))


def planted_row(name, befores, afters):
    pairs = list(zip(befores, afters, strict=True))
    moves = [largest_move(before, after) for before, after in pairs]
    axes = sum(len(flipped(before, after)) for before, after in pairs)
    operator = sum("operator" in flipped(before, after) for before, after in pairs)
    return (name, f"{max(moves):.2f}", of(operator, len(pairs)), of(axes, len(RULES.axes) * len(pairs)))


def planted():
    kinds = cheap_kinds(RULES)
    generous = replace(RULES, counting={**RULES.counting, "cheap": {"budgets": dict.fromkeys(RULES.axes, 1000.0)}})
    heading(
        "Planted cheap traits (acceptance test 22)",
        f"{len(GOLDEN)} verdicts of golden cases (a case at a date) and {len(HELD_OUT) - len(GOLDEN)} more, each of",
        "these without one of its sources. The rates are expert defaults that were not fitted to the cases, but their",
        f"author had seen most of them. Planted is on both sides, in any of the {len(kinds)} cheap kinds, seen nowhere",
        "else, reported at grade A, keys as the operator's own; *worst* adds, step by step, the kind that harms most.",
    )
    rows = []
    for count in (1, 3, 5, 10):
        chosen = [
            ("file:name", "mutex", "code:string", "build:rich-header", "build:toolchain")[place % 5]
            for place in range(count)
        ]
        befores = [verdict.asked() for verdict in HELD_OUT]
        rows.append(planted_row(f"{count}, five usual kinds", befores, [v.asked(forged(v, chosen)) for v in HELD_OUT]))
    befores = [verdict.asked() for verdict in HELD_OUT]
    for harm in HARMS:
        found = [(verdict, list(worst(verdict, 10, kinds, HARMS[harm]))) for verdict in HELD_OUT]
        for count in (1, 3, 5, 10):
            afters = [verdict.asked(forged(verdict, steps[count - 1])) for verdict, steps in found]
            rows.append(planted_row(f"{count}, worst {harm}", befores, afters))
    befores = [verdict.asked(rules=generous) for verdict in GOLDEN]
    found = [(verdict, list(worst(verdict, 5, kinds, HARMS["on operator"], generous))) for verdict in GOLDEN]
    for count in (1, 3, 5):
        afters = [verdict.asked(forged(verdict, steps[count - 1]), generous) for verdict, steps in found]
        name = f"{count}, worst on operator, no budget for cheap traits, golden only"
        rows.append(planted_row(name, befores, afters))
    table(("planted", "largest move", "operator flipped", "positions flipped, all axes"), rows)
    cost = wrong(rules=generous) - wrong()
    print(f"\nThe budget of cheap traits costs {-100 * cost / EXPECTED:.1f} points of clean expectations.")


def scenarios():
    heading("Published false flags (20, 21)")
    rows = []
    for verdict in GOLDEN:
        if verdict.case.startswith("olympicdestroyer-lazarus"):
            axes = verdict.asked().axes
            rows.append(
                (
                    verdict.case,
                    verdict.as_of,
                    f"{axes['operator'].probabilities['same']:.2f}",
                    axes["sincerity"].position,
                )
            )
    table(("case", "as of", "same operator as the framed actor", "sincerity"), rows)
    moves = []
    for verdict in HELD_OUT:
        before = verdict.asked()
        for kind in ("language-artifact", "code:string", "build:resource-language"):
            more = [
                stated_by("Test", "A", side, kind, "transliterated Russian words") for side in (verdict.a, verdict.b)
            ]
            moves.append((largest_move(before, verdict.asked(more)), kind, verdict.case, verdict.as_of))
    by_kind = {kind: max(row for row in moves if row[1] == kind) for kind in sorted({row[1] for row in moves})}
    together = {
        kind: max(largest_move(verdict.asked(), verdict.asked(words_of(verdict, kind))) for verdict in HELD_OUT)
        for kind in ("language-artifact", "code:string")
    }
    print(
        "\nLargest move by shared Russian strings alone: "
        + ", ".join(f"{kind} {row[0]:.3f} ({row[2]})" for kind, row in by_kind.items()),
        end="",
    )
    print("; three of a kind at once: " + ", ".join(f"{kind} {move:.3f}" for kind, move in together.items()) + ".")


def words_of(verdict, kind):
    words = ("klyuchevoye slovo", "poluchit", "ssylka")
    return [stated_by("Test", "A", side, kind, word) for side in (verdict.a, verdict.b) for word in words]


def republished():
    heading(
        "Ten feeds repeat everything, facts and claims (23)",
        "Asked the day after. *As the source*: an article on each source, at the grade at which it counts; D, E: one",
        "document that repeats all of them. *Same day*: the copies bear the day of the last report, so that nothing",
        "tells who was first.",
    )
    rows = []
    for when in ("day after", "same day"):
        for way in ("declared", "verbatim", "paraphrased"):
            for grade in ("", "D", "E"):
                moves = []
                for verdict in GOLDEN:
                    asked = verdict.day_after() if when == "day after" else verdict
                    before = asked.asked()
                    after = asked.asked(copies(asked, 10, way, grade))
                    moves.append((largest_move(before, after), verdict.case, len(flipped(before, after))))
                over = sum(move > 0.05 for move, *_ in moves)
                rows.append(
                    (
                        when,
                        way,
                        grade or "as the source",
                        f"{max(moves)[0]:.3f}",
                        max(moves)[1],
                        over,
                        sum(row[2] for row in moves),
                    )
                )
    table(("when", "how", "grade", "largest move", "in", "verdicts moved over .05", "positions flipped"), rows)


def poisoned():
    heading(
        "One source with 1,000 false statements (24)",
        "*Mislabelled*: it gives all that one side of the pair shows to the other. *Crowd*: it gives what both sides",
        "share to a thousand other actors, so that it looks common. *Held* are the imports that wait for a person,",
        "because they move a kept assessment by more than .20; the last column counts the wrong answers without these.",
    )
    clean, rows = wrong(), []
    for name, attack, grades in (("mislabelled", mislabelled, "BFE"), ("crowd", sybils, "B")):
        for grade in grades:
            held = {verdict for verdict in GOLDEN if is_held(verdict, attack(verdict, grade))}
            moves = [largest_move(verdict.asked(), verdict.asked(attack(verdict, grade))) for verdict in GOLDEN]
            worse = wrong(lambda verdict, attack=attack, grade=grade: attack(verdict, grade)) - clean
            left = wrong(
                lambda verdict, attack=attack, grade=grade, held=held: () if verdict in held else attack(verdict, grade)
            )
            rows.append(
                (
                    name,
                    grade,
                    f"{max(moves):.2f}",
                    f"{100 * worse / EXPECTED:+.1f} points",
                    len(held),
                    f"{100 * (left - clean) / EXPECTED:+.1f} points",
                )
            )
    table(
        ("attack", "grade", "largest move", "wrong answers", f"held, of {len(GOLDEN)}", "wrong answers with hold"), rows
    )
    print("\nBreakpoint: a part of what the busiest source says of one side is said of the other too.\n")
    rows = []
    for part in (0.1, 0.25, 0.5, 0.75, 1.0):
        pairs = [(verdict.asked(), verdict.asked(mistaken(verdict, part))) for verdict in GOLDEN]
        rows.append(
            (
                f"{part:.0%}",
                of(sum("operator" in flipped(*pair) for pair in pairs), len(pairs)),
                of(sum(len(flipped(*pair)) for pair in pairs), len(RULES.axes) * len(pairs)),
            )
        )
    table(("part mislabelled", "operator flipped", "positions flipped, all axes"), rows)


@cache
def kept(verdict):
    snapshot = snapshot_of(verdict.observations, verdict.as_of)
    return stored_from(assess(snapshot, verdict.a, verdict.b, counted(snapshot), RULES, SOFTWARE).as_record())


def is_held(verdict, more):
    return bool(Watch([kept(verdict)], lambda: verdict.observations, counted, RULES).shifts(more))


def influence():
    heading(
        "Influence of one source",
        "The largest change of a probability when a source (a document) is taken away, at the last date of each case.",
    )
    largest = {}
    for left in leave_one_source_out(
        verdict for verdict in GOLDEN if verdict.as_of == CASES[verdict.case].expectations[-1].as_of
    ):
        whole = next(verdict for verdict in GOLDEN if (verdict.case, verdict.as_of) == (left.case, left.as_of))
        before, after = whole.asked(), left.asked()
        row = max((largest_move(before, after, axis), axis) for axis in RULES.axes)
        operator = largest_move(before, after, "operator")
        largest[left.case] = max(largest.get(left.case, (0.0,)), (row[0], row[1], operator, left.without))
    rows = sorted(largest.items(), key=lambda each: (-each[1][0], each[0]))
    table(
        ("case", "largest move", "axis", "operator", "without"),
        [(case, f"{row[0]:.2f}", row[1], f"{row[2]:.2f}", f"`{row[3]}`") for case, row in rows],
    )


def flagged(verdict, more=()):
    """Whether the printed leave-one-out rows show that the operator position rests on one kind or origin."""
    snapshot = snapshot_of((*verdict.observations, *more), verdict.as_of)
    reweighing, relation = reweighing_of(snapshot, verdict.a, verdict.b, counted(snapshot), RULES), verdict.asked(more)
    by_kind, by_origin = leave_one_kind_out(reweighing, relation), leave_one_origin_out(reweighing, relation)
    return tuple(any("operator" in row["changes"] for row in rows) for rows in (by_kind, by_origin))


def detection():
    heading(
        "What leave-one-out tells",
        "Of the operator positions an attack flipped, those whose printed leave-one-out rows say that they rest on one",
        "kind or one origin; and of the clean positions that are settled, those of which they say so (a true thing to",
        "say of a case with few sources, and a false alarm only as a sign of an attack).",
    )
    settled = [verdict for verdict in GOLDEN if verdict.asked().axes["operator"].settled]
    rows = [("clean, settled", *alarms([flagged(verdict) for verdict in settled]))]
    attacks = {
        "five planted, worst on operator": worst_planted,
        "1,000 mislabelled, grade B": lambda verdict: mislabelled(verdict, "B"),
        "busiest source wrong in all": lambda verdict: mistaken(verdict, 1.0),
    }
    for name, attack in attacks.items():
        found = [(verdict, attack(verdict)) for verdict in GOLDEN]
        flips = [
            flagged(verdict, more)
            for verdict, more in found
            if "operator" in flipped(verdict.asked(), verdict.asked(more))
        ]
        rows.append((f"flipped by: {name}", *alarms(flips)))
    table(("positions", "count", "by kind", "by origin", "by either"), rows)


def worst_planted(verdict):
    *_, chosen = worst(verdict, 5, cheap_kinds(RULES), HARMS["on operator"])
    return forged(verdict, chosen)


def alarms(rows):
    whole = len(rows) or 1
    return (
        len(rows),
        of(sum(row[0] for row in rows), whole),
        of(sum(row[1] for row in rows), whole),
        of(sum(map(any, rows)), whole),
    )


def popular():
    heading(
        "What everybody uses",
        "The twenty techniques and tools that most groups of the reference corpus use, added to both sides of every",
        "golden verdict. A technique counts by what was known at the date; a tool anybody has links nobody.",
    )
    corpus, rows = reference_corpus(), []
    for kind in ("attack-pattern", "tool"):
        users = defaultdict(list)
        for (each, value), holders in corpus.holders.items():
            if each == kind:
                users[holders].append(value)
        for holders, values in sorted(users.items(), key=lambda each: (-len(each[0]), each[1]))[:20]:
            moves = []
            for verdict in GOLDEN:
                more = [stated_by("Test", "B", side, kind, min(values)) for side in (verdict.a, verdict.b)]
                moves.append((largest_move(verdict.asked(), verdict.asked(more)), f"{verdict.case} {verdict.as_of}"))
            over = sum(move > 0.01 for move, _ in moves)
            rows.append(
                (
                    kind,
                    ", ".join(sorted(values)),
                    len(holders),
                    f"{max(moves)[0]:.3f}",
                    over,
                    max(moves)[1] if over else "",
                )
            )
    table(("kind", "value", f"of {len(corpus.clusters)} groups", "largest move", "verdicts over .01", "most in"), rows)


def main() -> None:
    print("# Robustness\n\nMade by `python benchmarks/robustness.py`; the weights are expert defaults.")
    for part in (scenarios, republished, poisoned, influence, detection, popular, planted):
        if part.__name__ in sys.argv[1:] or not sys.argv[1:]:
            part()


if __name__ == "__main__":
    main()
