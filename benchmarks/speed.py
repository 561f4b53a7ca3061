"""How long the main paths take, beside a plain baseline in the same run: reading, weighing, assessing."""

import json
import tempfile
import time
from pathlib import Path

from consilience.case import DEMO_AS_OF, DEMO_PAIR, Case, demo_paths

LINES = 20_000


def timed(work):
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def main() -> None:
    lines = [json.loads(line) for path in demo_paths() for line in Path(path).read_text("utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        many = Path(folder) / "many.jsonl"
        rows = [{**lines[place % len(lines)], "where": f"line {place}"} for place in range(LINES)]
        many.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        _, plain = timed(lambda: [json.loads(line) for line in many.read_text("utf-8").splitlines()])
        with Case.open(str(Path(folder) / "many")) as case:
            _, taken = timed(lambda: case.read([str(many)]))
            _, loaded = timed(case.snapshot)
        print(
            f"read and keep {LINES} observations: {taken:.2f} s, {LINES / taken:,.0f}/s, "
            f"{taken / plain:.1f} x json.loads"
        )
        print(f"load {LINES} observations as a snapshot: {loaded:.2f} s, {loaded / plain:.1f} x json.loads")
        with Case.open(str(Path(folder) / "demo")) as case:
            case.read(demo_paths())
            _, weighed = timed(lambda: case.weigh(*DEMO_PAIR, as_of=DEMO_AS_OF))
            _, assessed = timed(lambda: case.assess(*DEMO_PAIR, as_of=DEMO_AS_OF))
        print(f"weigh the demo pair: {weighed:.3f} s; assess it: {assessed:.3f} s, {assessed / weighed:.1f} x weighing")


if __name__ == "__main__":
    main()
