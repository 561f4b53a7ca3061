"""What tests of several rooms read: programs that Python itself brings along."""

from pathlib import Path

import numpy
import pytest


@pytest.fixture(scope="session")
def libraries():
    """The bytes of some ELF files with code in them."""
    found = sorted(
        Path(numpy.__path__[0]).rglob("*.so"), key=lambda path: (abs(path.stat().st_size - 300_000), path.name)
    )
    return [path.read_bytes() for path in found[:3]]
