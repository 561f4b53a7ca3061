"""How long a case takes to be refreshed: a new quarter of reports is read in, and an activity attributed again.

python benchmarks/refresh.py [BLOCKS]     by default maltrail's blocks up to 2023, the last quarter of them new

Times are of the process (CPU) and of the clock, from opening the case to the answer. The case was attributed once
before the quarter came, as in use; the last line is the same without the cache that this left.
"""

import json
import shutil
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from consilience.case import Case

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "accuracy"))

from maltrail_observations import blocks, lines  # noqa: E402

BLOCKS = HERE.parents[1] / "shared" / "data" / "maltrail" / "apt-blocks-to-2023.jsonl.gz"
QUARTER = 91


def written(path: Path, chosen: list[dict]) -> str:
    path.write_text("".join(json.dumps(line) + "\n" for block in chosen for line in lines(block)), "utf-8")
    return str(path)


def timed(what: str, work):
    clock, used = time.perf_counter(), time.process_time()
    result = work()
    print(f"{what}: {time.process_time() - used:.1f} s of CPU, {time.perf_counter() - clock:.1f} s by the clock")
    return result


def attributed(case: Path, query: str, new: str = ""):
    """What a case answers for a query, after reading a file where one is given."""
    with Case.open(str(case)) as opened:
        if new:
            opened.read([new])
        return opened.attribute([query]).answers[0]


def main() -> None:
    every = blocks(Path(sys.argv[1]) if len(sys.argv) > 1 else BLOCKS)
    last = max(date.fromisoformat(block["day"]).toordinal() for block in every) - QUARTER
    old = [block for block in every if date.fromisoformat(block["day"]).toordinal() <= last]
    new = [block for block in every if date.fromisoformat(block["day"]).toordinal() > last]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shown = [{"kind": line["kind"], "value": line["value"]} for line in lines(new[-1])][:20]
        query = folder / "query.jsonl"
        query.write_text(json.dumps({"id": "q", "date": new[-1]["day"], "observations": shown}) + "\n", "utf-8")
        first, second = written(folder / "old.jsonl", old), written(folder / "new.jsonl", new)
        case = folder / "case"
        with Case.open(str(case)) as opened:
            timed(f"read {len(old)} blocks", lambda: opened.read([first]))
        timed("attributed for the first time", lambda: attributed(case, str(query)))
        found = timed(f"refreshed with {len(new)} blocks and attributed", lambda: attributed(case, str(query), second))
        again = timed("attributed again with nothing new", lambda: attributed(case, str(query)))
        shutil.rmtree(case / "cache")
        without = timed("attributed again without a cache", lambda: attributed(case, str(query)))
    if not found == again == without:
        sys.exit("the answers differ")
    print("the three answers are the same")


if __name__ == "__main__":
    main()
