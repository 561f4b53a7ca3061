"""Whether what a partner gets depends on what stays: over many stores, and for each exporter that is known to leak.

`python benchmarks/release.py 2000` draws so many stores of documents (300 when no number is given), and so many of
parcels, shared among their formats. It says on the way how far it is.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from hypothesis import given, settings

TESTS = Path(__file__).resolve().parent.parent / "tests" / "property" / "test_release.py"
STEP = 1_000


def property_tests() -> ModuleType:
    spec = importlib.util.spec_from_file_location("test_release", TESTS)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def drawn(tests: ModuleType, many: int, forms: tuple[str, ...], holds: Callable[..., None], what: str) -> None:
    """Prints how many stores hold the contract, and how long it took."""
    held = 0

    def counted(**store: object) -> None:
        nonlocal held
        holds(**store)
        held += 1
        if held % STEP == 0:
            print(f"{held:,} stores of {what}: {time.process_time() - began:.0f} s of CPU", flush=True)

    began, since = time.process_time(), time.monotonic()
    quiet = settings(max_examples=many, deadline=None, database=None, suppress_health_check=tests.slow)
    quiet(given(partner=tests.parties, form=tests.st.sampled_from(forms), **tests.stores)(counted))()
    taken = f"{time.process_time() - began:.0f} s of CPU, {time.monotonic() - since:.0f} s in all"
    print(f"{held:,} stores of {what} ({', '.join(forms)}) hold the contract, {taken}", flush=True)


def run() -> None:
    tests = property_tests()
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    drawn(tests, many, tests.PARCELS, tests.hold_the_contract_of_parcels, "parcels")
    drawn(tests, many, tests.FORMATS, tests.hold_the_contract, "documents")
    print("| exporter that leaks | caught at store |\n|---|---|")
    for leak in (*tests.LEAKS, tests.losses_counted_over_all):
        print(f"| {leak.__name__.replace('_', ' ')} | {tests.first_caught(leak) or 'not in 200'} |")


if __name__ == "__main__":
    run()
