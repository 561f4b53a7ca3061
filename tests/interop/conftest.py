"""The fictional pair of the unit tests, here handed to programs of others."""

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture
def build():
    place = Path(__file__).parents[1] / "unit" / "share" / "conftest.py"
    spec = importlib.util.spec_from_file_location("fictional_pair", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pair_assessment


@pytest.fixture
def assessment(build):
    return build()
