"""The model card says what ships."""

import importlib.util
from pathlib import Path

from consilience.attribute.shipped import model_cards

ROOT = Path(__file__).resolve().parents[2]


def card():
    spec = importlib.util.spec_from_file_location("model_card", ROOT / "benchmarks" / "model_card.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.page()


def test_card_is_current():
    """docs/reference/model-card.md is what the shipped models and the results give."""
    assert (ROOT / "docs" / "reference" / "model-card.md").read_text("utf-8") == card()


def test_card_tells_of_every_model():
    """Every shipped model has a section with its command and the digests of its data."""
    page = card()
    for each in model_cards():
        assert f"## `{each['name']}`" in page
        assert each["command"] in page
        assert all(data["sha256"] in page for data in each["data"])
