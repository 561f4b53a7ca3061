"""Two clusters of several reports that share software, on a small invented case."""

import itertools

import pytest

from consilience.attribute.pairs import LEAST_TO_SAY, over_clusters
from consilience.attribute.shipped import pair_model
from consilience.case import relation_in
from consilience.model.observation import Observation
from consilience.model.snapshot import snapshot_of
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.vocab import vocabulary

REPORTS = {
    ("P/Fox", "fox 1"): ("den", "rat", "T1001", "T1002"),
    ("P/Fox", "fox 2"): ("den", "burrow", "T1001"),
    ("P/Fox", "both"): ("feather", "den", "T1003"),
    ("P/Owl", "owl 1"): ("rat", "feather", "den", "T1001"),
    ("P/Owl", "owl 2"): ("rat", "nest", "T1004"),
    ("P/Owl", "both"): ("feather", "nest", "T1003"),
    ("P/Elk", "elk 1"): ("antler", "T1005", "T1006"),
    ("P/Elk", "elk 2"): ("den",),
    ("Q/Fox", "other"): ("burrow", "antler", "T1001"),
}


def statements(reports):
    return [
        Observation(
            subject=Subject(*subject.split("/")),
            trait=Trait("attack-pattern" if value.startswith("T1") else "malware", value),
            source=Source(publisher="P", id=source),
            published="2020-03-01",
        )
        for (subject, source), values in reports.items()
        for value in values
    ]


def over(reports=REPORTS):
    return over_clusters(snapshot_of(statements(reports)), vocabulary(), pair_model())


def test_the_likeliest_pair_speaks():
    """The answer is that of the likeliest pair of reports, which it names, among all that share software."""
    found = over().shared_software("P/Fox", "P/Owl")
    one = [
        over({key: REPORTS[key] for key in REPORTS if key not in gone}).shared_software("P/Fox", "P/Owl")
        for gone in itertools.combinations([key for key in REPORTS if key[1] in ("fox 1", "owl 1")], 1)
    ]
    assert found.pairs > max(each.pairs for each in one)
    assert [each["subject"] for each in found.as_record()["reports"]] == ["P/Fox", "P/Owl"]
    assert {found.left.origin, found.right.origin} != {"both"}


def test_both_orders_and_readings_answer_alike():
    """Neither the order of the two clusters nor that of the statements changes anything."""
    turned = dict(reversed(REPORTS.items()))
    assert over().shared_software("P/Owl", "P/Fox") == over(turned).shared_software("P/Fox", "P/Owl")


@pytest.mark.parametrize(
    ("reports", "why"),
    [
        ({("P/Fox", "both"): ("a", "b", "c"), ("P/Owl", "both"): ("a", "b", "c")}, "one document about both"),
        ({("P/Fox", "1"): ("a", "T1001", "T1002"), ("P/Owl", "2"): ("b", "T1001", "T1002")}, "no software"),
        ({("P/Fox", "1"): ("a", "b", "c"), ("P/Owl", "2"): ("a", "b")}, "too short a report"),
    ],
)
def test_nothing_to_compare(reports, why):
    """One document about both, no shared software, and reports shorter than any fitted on give no answer."""
    assert over(reports).shared_software("P/Fox", "P/Owl") is None, why


def test_namesakes_are_no_third_parties():
    """What another publisher says of a cluster of the same name takes nothing from what the two share alone."""
    plain = {key: values for key, values in REPORTS.items() if key[0] != "Q/Fox"}
    namesake = plain | {("Q/Fox", "other"): ("den", "rat", "T1007")}
    stranger = plain | {("Q/Hen", "other"): ("den", "rat", "T1007")}

    def holders(reports):
        reasons = over(reports).shared_software("P/Fox", "P/Owl").answer.reasons
        return next(reason.why for reason in reasons if reason.kind == "exclusive-software")

    assert holders(namesake) == holders(plain) != holders(stranger)


def test_ranked_puts_nothing_to_compare_last():
    """Pairs stand by their probability; those without one come last."""
    prepared = over()
    pairs = list(itertools.combinations(["P/Elk", "P/Fox", "P/Owl", "Q/Fox"], 2))
    softmax_probabilities = [prepared.probability(*pair) for pair in prepared.ranked(pairs)]
    given = [chance for chance in softmax_probabilities if chance is not None]
    assert given == sorted(given, reverse=True) and None in softmax_probabilities
    assert softmax_probabilities[: len(given)] == given


def test_same_operator_is_said_from_its_bound_on():
    """The record says *same operator* exactly where the probability allows it."""
    records = [over().shared_software(*pair).as_record() for pair in (("P/Fox", "P/Owl"), ("Q/Fox", "P/Elk"))]
    assert all((each["said"] == "same operator") == (each["probability"] >= LEAST_TO_SAY) for each in records)
    assert all(each["reasons"][0]["kind"] == "baseline" for each in records)


def test_the_axis_knows_nothing_of_it():
    """Reports cut into more documents change what reports say, and nothing on the operator axis."""
    whole = {("P/Fox", "1"): ("a", "b", "T1001", "T1002"), ("P/Owl", "2"): ("a", "b", "T1001", "T1003")}
    cut = {("P/Fox", "1"): ("a", "T1001"), ("P/Fox", "3"): ("b", "T1002"), ("P/Owl", "2"): whole["P/Owl", "2"]}
    positions = [
        relation_in(snapshot_of(statements(each)), "P/Fox", "P/Owl")[0].axes["operator"].position
        for each in (whole, cut)
    ]
    assert over(whole).shared_software("P/Fox", "P/Owl") and over(cut).shared_software("P/Fox", "P/Owl") is None
    assert positions[0] == positions[1]
