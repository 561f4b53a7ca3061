"""Whether a partner's document depends on what stays: over many stores, and for each exporter that is known to leak.

`python benchmarks/release.py 2000` draws so many stores (300 when no number is given).
"""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType

from hypothesis import settings

TESTS = Path(__file__).resolve().parent.parent / "tests" / "property" / "test_release.py"


def property_tests() -> ModuleType:
    spec = importlib.util.spec_from_file_location("test_release", TESTS)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run() -> None:
    tests = property_tests()
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    held = []

    def counted(**drawn: object) -> None:
        tests.hold_the_contract(**drawn)
        held.append(drawn)

    began = time.process_time()
    settings(max_examples=many, deadline=None, database=None, suppress_health_check=tests.slow)(
        tests.drawing(counted)
    )()
    print(f"{len(held)} stores hold the contract, {time.process_time() - began:.0f} s of CPU")
    print("| exporter that leaks | caught at store |\n|---|---|")
    for leak in tests.LEAKS:
        print(f"| {leak.__name__.replace('_', ' ')} | {tests.first_caught(leak) or 'not in 200'} |")


if __name__ == "__main__":
    run()
