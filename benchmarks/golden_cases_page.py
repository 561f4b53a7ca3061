"""Writes docs/explanation/misses.md: the words at its head as they stand, and the table and waterfalls anew."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "explanation" / "misses.md"


def main() -> None:
    words = PAGE.read_text("utf-8").partition("\n    cases ")[0]
    script = ROOT / "benchmarks" / "golden_cases.py"
    printed = subprocess.run([sys.executable, script, "--misses"], capture_output=True, text=True, check=True).stdout
    table, found, misses = printed.partition("\n\n## ")
    lines = "\n".join(f"    {line}" for line in table.strip().splitlines())
    PAGE.write_text(f"{words}\n{lines}\n{found}{misses.strip()}\n", "utf-8")


if __name__ == "__main__":
    main()
