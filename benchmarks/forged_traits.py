"""What planted cheap traits move and flip over the golden cases, and what keeping them small costs on clean ones."""

from dataclasses import replace
from pathlib import Path

from consilience.calibrate import outcomes, read_cases
from consilience.case import relation_in
from consilience.model.observation import Observation
from consilience.model.snapshot import snapshot_of
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.vocab import vocabulary

CASES = Path(__file__).resolve().parents[1] / "cases"
CHEAP = ("file:name", "mutex", "code:string", "build:rich-header", "build:toolchain")


def planted(pair, many):
    return [
        Observation(
            subject=Subject(*name.split("/", 1)),
            trait=Trait(kind, f"planted {place}"),
            source=Source(publisher="P", title=f"report on {name}", reliability="B"),
            first_seen="2020-01",
            last_seen="2020-02",
        )
        for place, kind in enumerate(CHEAP[:many])
        for name in pair
    ]


def attacked(cases, many, rules):
    """The largest move of a probability, the flipped operator positions, and the verdicts looked at."""
    most, flips, verdicts = 0.0, 0, 0
    for case in cases:
        for expected in case.expectations:
            before, after = (
                relation_in(snapshot_of((*case.observations, *more), expected.as_of), *case.pair, rules)[0]
                for more in ((), planted(case.pair, many))
            )
            for axis, view in before.axes.items():
                after_axis = after.axes[axis].probabilities
                most = max(most, *(abs(after_axis[name] - value) for name, value in view.probabilities.items()))
            flips += before.axes["operator"].position != after.axes["operator"].position
            verdicts += 1
    return most, flips, verdicts


def main() -> None:
    cases, shipped = read_cases(CASES), vocabulary()
    budgets = {"budgets": dict.fromkeys(shipped.axes, 1000.0)}
    without = replace(shipped, counting={**shipped.counting, "cheap": budgets})
    print(
        "| rules | expectations met | traits planted | largest move | operator positions flipped |",
        "|---|---|---|---|---|",
        sep="\n",
    )
    for name, rules in (("shipped", shipped), ("no budget for cheap traits", without)):
        done = [outcome for case in cases for outcome in outcomes(case, rules)]
        met = sum(outcome.met for outcome in done) / len(done)
        for many in (1, 3, 5):
            most, flips, verdicts = attacked(cases, many, rules)
            print(f"| {name} | {met:.1%} | {many} | {most:.2f} | {flips} of {verdicts} ({flips / verdicts:.1%}) |")


if __name__ == "__main__":
    main()
