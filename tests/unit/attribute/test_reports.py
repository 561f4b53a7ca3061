"""The engine for reports on small invented cases."""

import math
from dataclasses import replace

import numpy as np
import pytest

from consilience.attribute.activity import Activity
from consilience.attribute.reports import ReportsModel, prepare
from consilience.attribute.shipped import model_document, reports_model


def activity(subject, day, origin, *traits):
    kinds = {"T": "attack-pattern", "+": "tool"}
    named = ((kinds.get(each[0], "malware"), each.lstrip("+")) for each in traits)
    return Activity(subject, day, origin, tuple(sorted(named)))


KNOWN = [
    activity("P/Big", 737000 + number, f"big {number}", "T1059", "T1105", f"T{2000 + number}", "+mimikatz")
    for number in range(20)
] + [
    activity("P/Small", 737100, "small 1", "redworm", "T1059", "T1110"),
    activity("P/Other", 737100, "other 1", "bluefox", "T1566.001", "T1204"),
    activity("P/Other", 737200, "other 2", "bluefox", "greyowl", "T1059"),
]
TOOLS = [activity("P/Silver Pike", 737000, "pike 1", "T1566.001", "T1204", "T9999")]


def ask(*traits, day=737300, origin="new"):
    return activity("", day, origin, *traits)


def best(engine, query, with_prior=True):
    terms = engine.terms(query)
    log_odds = terms.weight + terms.prior if with_prior else terms.weight
    return engine.subjects[int(np.argmax(log_odds))]


def test_rare_software_finds_its_user():
    """A query that shows the software of one subject ranks that subject first, with and without the prior."""
    engine = prepare(KNOWN)
    assert best(engine, ask("bluefox", "T1059")) == "P/Other"
    assert best(engine, ask("redworm"), with_prior=False) == "P/Small"


@pytest.mark.parametrize("top", [1, 2, 3, 5, 50])
def test_reasons_sum_to_the_weight(top):
    """However many reasons are asked for, they sum to the weight of the subject."""
    engine = prepare(KNOWN, TOOLS)
    query = ask("bluefox", "greyowl", "redworm", "+mimikatz", "T1059", "T1204", "unheard-of")
    terms = engine.terms(query)
    for number in range(len(engine.subjects)):
        reasons = engine.reasons(query, number, top)
        assert len(reasons) <= top
        assert math.fsum(each.weight for each in reasons) == pytest.approx(
            terms.weight[number] * 10 / math.log(10), abs=1e-9
        )


def test_reasons_name_report_and_counts():
    """The nearest report is an item that names it, and software says in how many reports it is."""
    engine = prepare(KNOWN)
    place = engine.subjects.index("P/Other")
    reasons = engine.reasons(ask("bluefox", "T1204", "T1566.001"), place, 50)
    reports = [each for each in reasons if each.kind == "report"]
    assert [each.values for each in reports] == [("other 1",), ("other 2",)]
    assert "bluefox" in reports[0].why
    assert next(each for each in reasons if each.kind == "software").why.startswith("in 2 of 2 reports on P/Other")


def test_small_subjects_do_not_win_by_being_small():
    """What everybody shows, or nobody has shown, puts no small subject ahead of a big one."""
    engine = prepare(KNOWN)
    small, big = engine.subjects.index("P/Small"), engine.subjects.index("P/Big")
    for query in (ask("T1059"), ask("T1059", "T1105"), ask("unheard-of", "T0001")):
        terms = engine.terms(query)
        assert terms.weight[small] <= terms.weight[big] + 0.1
        assert terms.weight[small] + terms.prior[small] < terms.weight[big] + terms.prior[big]


CROWD = [
    activity(f"P/{number}", 737000, f"r {number}", "T1059.001", "+mimikatz", f"own{number}") for number in range(40)
]


@pytest.mark.parametrize("common", ["+mimikatz", "T1059", "T1059.001"])
def test_what_everybody_shows_moves_nothing(common):
    """A tool or technique that many subjects show, or its parent, changes no bit of a ranking, and says why."""
    one = activity("P/1", 737050, "parent", "T1059", "own1")
    engine = prepare([*CROWD, *KNOWN, one], [activity("P/Mimikatz", 737000, "about it", "T1204")])
    plain, more = ask("own7", "T1204"), ask("own7", "T1204", common)
    assert engine.terms(more).weight.tobytes() == engine.terms(plain).weight.tobytes()
    (reason,) = (each for each in engine.reasons(more, 0, 50) if each.values == (common.lstrip("+"),))
    assert reason.weight == 0
    assert "tells nobody apart" in reason.why


def test_few_holders_make_nothing_common():
    """In a small case a trait that two of four subjects show still weighs."""
    engine = prepare([*KNOWN, activity("P/Fourth", 737000, "fourth", "redworm")])
    assert engine.terms(ask("redworm")).weight[engine.subjects.index("P/Small")] > 0


def test_prior_is_apart():
    """The size of a subject moves its prior, which grows with its reports, and is no part of its weight."""
    terms = prepare(KNOWN).terms(ask("unheard-of"))
    assert not terms.weight.any()
    assert terms.prior.argmax() == 0
    assert (terms.prior > 0).all()


def test_own_source_is_no_evidence():
    """A known report from the source of the query changes nothing, as if it had not been read."""
    planted = activity("P/Small", 737290, "new", "bluefox", "greyowl", "T1566.001", "T1204")
    query = ask("bluefox", "greyowl", "T1566.001", "T1204")
    clean, leaky = prepare(KNOWN), prepare([*KNOWN, planted])
    assert best(leaky, query) == best(clean, query) == "P/Other"
    small = clean.subjects.index("P/Small")
    assert leaky.parts(query)[small, [0, 3]] == pytest.approx(clean.parts(query)[small, [0, 3]])
    assert leaky.terms(replace(query, origin="another")).weight[small] > leaky.terms(query).weight[small] + 0.5


def test_removal_is_the_change_it_makes():
    """Removing a trait from a query changes the weight by exactly what `removed` says."""
    engine = prepare(KNOWN)
    query, less = ask("bluefox", "T1204", "T1059"), ask("T1204", "T1059")
    place = engine.subjects.index("P/Other")
    change = engine.terms(query).weight[place] - engine.terms(less).weight[place]
    assert engine.removed(query, place, [("malware", "bluefox")]) == pytest.approx(change * 10 / math.log(10))
    assert change > 0


def test_implied_techniques_of_software():
    """Software nobody is known to use points, through its own techniques, to who does the like."""
    query = ask("silverpike")
    place = prepare(KNOWN).subjects.index("P/Other")
    assert prepare(KNOWN, TOOLS).terms(query).weight[place] > 0
    assert prepare(KNOWN, TOOLS, ReportsModel(implied=0.0)).terms(query).weight[place] == 0
    assert prepare(KNOWN).terms(query).weight[place] == 0


def test_numbers_of_software_are_resolved():
    """A query may give software by a number, which means the family it stands for."""
    engine = prepare(KNOWN, names={"s0007": "bluefox"})
    by_number, by_name = engine.terms(ask("s0007")), engine.terms(ask("bluefox"))
    assert by_number.weight.tolist() == by_name.weight.tolist()


def test_likeness_fades():
    """The same report weighs less the longer it is past."""
    engine = prepare(KNOWN)
    place = engine.subjects.index("P/Other")
    weights = [engine.terms(ask("bluefox", "T1204", day=737300 + 365 * years)).weight[place] for years in (0, 3, 9)]
    assert weights[0] > weights[1] > weights[2]


def test_order_does_not_matter():
    """The order of what is known changes no bit of the result, and neither does asking twice."""
    query = ask("bluefox", "T1059", "+mimikatz")
    one, other = prepare(KNOWN, TOOLS), prepare(list(reversed(KNOWN)), TOOLS)
    first, second = one.terms(query), other.terms(query)
    assert first.weight.tobytes() == second.weight.tobytes() == one.terms(query).weight.tobytes()
    assert one.reasons(query, 1, 9) == other.reasons(query, 1, 9)


def test_nothing_known():
    """With nothing known there is nobody to rank, and an engine reads only queries of its kinds."""
    engine = prepare([])
    assert engine.terms(ask("bluefox")).weight.shape == (0,)
    assert engine.reads(ask("bluefox"))
    assert not engine.reads(Activity("", 0, "x", (("domain-name", "a.example"),)))


def test_shipped_model():
    """The shipped model can be read back as written, has no negative weight, and says what it was fitted on."""
    document = model_document("reports")
    model = reports_model()
    assert model.as_record() == document["model"]
    assert min(model.weights()) >= 0
    assert all(len(each["sha256"]) == 64 for each in document["provenance"]["data"])
