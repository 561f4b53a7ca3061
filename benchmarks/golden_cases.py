"""The table of golden cases: which expectations are met, and the waterfall of each that is missed.

python benchmarks/golden_cases.py            the table
python benchmarks/golden_cases.py --misses   with the evidence behind every miss, as Markdown
"""

import sys
from collections import Counter
from pathlib import Path

from consilience.calibrate import outcomes, read_cases

CASES = Path(__file__).resolve().parents[1] / "cases"


def main() -> None:
    done = [outcome for case in read_cases(CASES) for outcome in outcomes(case)]
    met = sum(outcome.met for outcome in done)
    axes = [outcome for outcome in done if outcome.what not in ("level", "tracking")]
    wrong = Counter(
        f"wrong {outcome.found}"
        for outcome in done
        if not outcome.met
        and (outcome.what, outcome.found) in (("operator", "same"), ("level", "same"), ("tracking", "merge"))
    )
    names = {outcome.case for outcome in done}
    print(f"cases {len(names)}, expectations {met} of {len(done)} met ({met / len(done):.1%})")
    print(f"axes {sum(o.met for o in axes)} of {len(axes)} ({sum(o.met for o in axes) / len(axes):.1%})")
    for what, group in Counter(outcome.what for outcome in done).items():
        print(f"  {what}: {sum(o.met for o in done if o.what == what)} of {group}")
    print(f"wrong same {wrong['wrong same']}, wrong merge {wrong['wrong merge']}")
    for outcome in done:
        if not outcome.met:
            print(
                f"\n## {outcome.case} as of {outcome.as_of}: {outcome.what}, "
                f"wanted {outcome.wanted}, found {outcome.found}\n"
            )
            if "--misses" in sys.argv and outcome.what in outcome.relation.axes:
                waterfall(outcome)


def waterfall(outcome) -> None:
    view = outcome.relation.axes[outcome.what]
    print("probabilities " + ", ".join(f"{name} {value:.2f}" for name, value in view.probabilities.items()))
    print(f"\n{view.because}\n")
    print("| counted dB | item |\n|---|---|")
    for item in outcome.relation.evidence:
        if outcome.what in item.counted:
            row = " ".join(f"{name} {value / 1000:+.1f}" for name, value in item.counted[outcome.what].items() if value)
            print(f"| {row or 0} | {item.kind}: {item.why.replace('|', '/')} |")


if __name__ == "__main__":
    main()
