"""A model file: what it may hold, and what is said of one that cannot be used."""

import copy

import pytest

from consilience.attribute.fitted import document_of, models_from, shipped_models
from consilience.model.errors import InputError
from consilience.vocab import vocabulary

SHIPPED = shipped_models()
RATES = {"mutex": {"rate": 0.5}}
DOCUMENT = document_of({"reports": SHIPPED.reports.as_record(), "rates": RATES}, {"command": "a test"})


def with_another(**changed):
    return {**copy.deepcopy(DOCUMENT), **changed}


def test_parts_it_lacks_are_the_shipped_ones():
    """A file that holds one engine's model leaves the others as they ship."""
    found = models_from(DOCUMENT, "f")
    assert found.reports == SHIPPED.reports
    assert found.indicators is SHIPPED.indicators
    assert found.pairs is SHIPPED.pairs
    assert found.rates == {"mutex": 0.5}


def test_a_fitted_rate_is_another_vocabulary():
    """A fitted rate stands in the place of the kind's own on operator, and the digest says so."""
    rules = models_from(DOCUMENT, "f").rules(vocabulary())
    place = rules.place["operator", "same"]
    before, after = vocabulary().kinds["mutex"].rates, rules.kinds["mutex"].rates
    assert after[place] == pytest.approx(0.5)
    other = rules.place["operator", "coordinated"]
    assert after[other] == pytest.approx(min(1, before[other] * 0.5 / before[place]))
    changed = [name for name, kind in rules.kinds.items() if kind != vocabulary().kinds[name]]
    assert changed == ["mutex"]
    assert rules.digest != vocabulary().digest
    assert SHIPPED.rules(vocabulary()) is vocabulary()


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({}, "not a model file"),
        (with_another(format="1"), "not a model file"),
        (with_another(format=2), "newer than 1"),
        (with_another(format=0), "this program reads 1"),
        (with_another(model={**DOCUMENT["model"], "rates": {"mutex": {"rate": 0.6}}}), "damaged or was changed"),
        (with_another(model={**DOCUMENT["model"], "weather": 1}), "other than reports"),
        (document_of({"reports": {"near": 1}}, {}), "not of this version"),
        (document_of({"indicators": {}}, {}), "not of this version"),
        (document_of({"pairs": {"apart": {"items": []}}}, {}), "not of this version"),
        (document_of({"rates": {"mutex": {"rate": 1.5}}}, {}), "between 0 and 1"),
        (document_of({"rates": ["mutex"]}, {}), "not of this version"),
    ],
)
def test_what_cannot_be_used_says_why(document, said):
    """A file of another shape, format, digest or version is an error that names the file, the fault and a way out."""
    with pytest.raises(InputError) as error:
        models_from(document, "ours.json")
    assert said in str(error.value)
    assert str(error.value).startswith("ours.json: ")
    assert "--model" in str(error.value)
