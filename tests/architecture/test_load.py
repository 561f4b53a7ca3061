"""No test depends on what else the machine does."""

import re
from pathlib import Path

from hypothesis import HealthCheck, settings

TESTS = Path(__file__).resolve().parents[1]
CLOCK = re.compile(r"\bsleep\(|\bperf_counter\(|\btime\.time\(|\bmonotonic\(|\btimeit\b")
# Waits for a server that starts, until it has; searches for so many seconds, outside of the suite.
ALLOWED = {"interop/test_taxii.py", "hostile/fuzz.py"}


def test_hypothesis_has_no_clock():
    """Examples may take as long as they take, in every test that does not say otherwise."""
    assert settings().deadline is None
    assert HealthCheck.too_slow in settings().suppress_health_check


def test_no_test_reads_a_clock():
    """Tests measure processor seconds or count what was done, and wait for events: a clock shows the load."""
    found = {
        str(path.relative_to(TESTS))
        for path in TESTS.rglob("*.py")
        if path != Path(__file__) and CLOCK.search(path.read_text("utf-8"))
    }
    assert found <= ALLOWED
