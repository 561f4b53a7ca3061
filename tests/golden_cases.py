"""The golden cases, read once for all tests of a process: they are the same values for each."""

from functools import cache
from pathlib import Path

from consilience.calibrate.golden import read_cases


@cache
def golden_cases():
    """Every case in `cases/`."""
    return tuple(read_cases(Path(__file__).resolve().parents[1] / "cases"))
