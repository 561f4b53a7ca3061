"""Two reports that share software, on a small invented world."""

import itertools
import math
import random
from dataclasses import replace

import pytest

from consilience.attribute.activity import Activity
from consilience.attribute.pairs import ITEMS, LEAST_TO_SAY, PairModel, Weights, model_from, prepare
from consilience.attribute.pairs.comparison import comparison_of
from consilience.attribute.pairs.items import findings
from consilience.attribute.pairs.reports import SOFTWARE, reports_of, third_parties
from consilience.attribute.pairs.same_operator import techniques_of_tools
from consilience.attribute.shipped import pair_model
from consilience.model.observation import Observation
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait

NAMES = [name for name, _, _ in ITEMS]
DAY = 737000


def report(subject, origin, malware=(), tools=(), techniques=(), day=DAY):
    traits = [
        *(("attack-pattern", each) for each in techniques),
        *(("malware", each) for each in malware),
        *(("tool", each) for each in tools),
    ]
    return Activity(subject, day, origin, tuple(sorted(traits)))


FOX = [
    report("P/Fox", "fox 1", ["den", "rat"], ["dumper"], ["T1", "T2", "T9"]),
    report("P/Fox", "fox 2", ["den", "burrow"], ["dumper"], ["T1", "T2"], DAY + 400),
    report("P/Fox", "fox 3", ["rat", "den"], [], ["T1", "T3"], DAY + 500),
]
OWL = [
    report("P/Owl", "owl 1", ["rat", "feather"], ["dumper"], ["T1", "T4"]),
    report("P/Owl", "owl 2", ["feather", "nest"], ["dumper"], ["T1", "T4", "T5"], DAY + 30),
]
ELK = [
    report("P/Elk", "elk 1", ["rat", "antler"], ["dumper"], ["T1", "T6"]),
    report("P/Elk", "elk 2", ["antler"], ["dumper"], ["T1", "T7"], 0),
]
WORLD = [*FOX, *OWL, *ELK]


def values(a, b, world=WORLD, techniques=None):
    found = findings(comparison_of(reports_of(world), a, b, techniques or {}))
    return dict(zip(NAMES, (each.value for each in found), strict=True))


def answer(a, b, world=WORLD, model=None):
    return prepare(world, model or pair_model()).same_operator(a, b)


def sharing_pairs(world=WORLD):
    return [(a, b) for a, b in itertools.combinations(world, 2) if {v for _, v in a.traits} & {v for _, v in b.traits}]


@pytest.mark.parametrize("named", [True, False])
def test_reasons_sum_to_the_odds(named):
    """The weights of the reasons, the baseline among them, sum to the log-odds of the probability."""
    for a, b in [(FOX[0], FOX[1]), (FOX[0], OWL[0]), (OWL[0], ELK[0])]:
        sides = (a, b) if named else (replace(a, subject=""), replace(b, subject=""))
        found = answer(*sides)
        odds = 10 ** (math.fsum(reason.weight for reason in found.reasons) / 10)
        assert odds / (1 + odds) == pytest.approx(found.probability, abs=1e-6)
        assert found.reasons[0].kind == "baseline"
        assert sorted(reason.kind for reason in found.reasons[1:]) == sorted(NAMES)


def test_both_orders_answer_alike():
    """Which of two reports is named first changes nothing, neither the probability nor a reason."""
    for a, b in [(FOX[0], FOX[1]), (FOX[2], OWL[0]), (OWL[1], ELK[1])]:
        assert answer(a, b) == answer(b, a)


def test_order_of_reports_never_matters():
    """The same reports in any order, some of them twice, give the same answer to the last place."""
    shuffled = [*WORLD, *WORLD[:3]]
    random.Random(4).shuffle(shuffled)
    assert answer(FOX[0], OWL[0], shuffled) == answer(FOX[0], OWL[0])


def test_the_pair_is_no_third_party():
    """Neither the pair nor any other report of its subjects counts as a user of what the pair shares."""
    reports = reports_of(WORLD)
    den = reports.place[SOFTWARE, "den"]
    third = third_parties(reports, FOX[0], FOX[1])
    assert third.by_reports[den] == 0
    assert third.by_subjects[den] == 0
    assert third.by_subjects[reports.place[SOFTWARE, "rat"]] == 2


def test_more_reports_of_the_own_sides_change_no_count():
    """Ten more reports of either side's subject, with what the pair shares, leave every count of third parties."""
    more = [
        report(subject, f"more {subject} {place}", ["den", "rat"], ["dumper"], ["T1"])
        for place in range(10)
        for subject in ("P/Fox", "P/Owl")
    ]
    before, after = (third_parties(reports_of(world), FOX[0], OWL[0]) for world in (WORLD, [*WORLD, *more]))
    assert before.by_reports.tolist() == after.by_reports.tolist()
    assert before.by_subjects.tolist() == after.by_subjects.tolist()


def test_the_same_document_on_another_subject_is_no_third_party():
    """A document of the pair that also describes somebody else does not speak as a third party."""
    twin = report("P/Crow", "fox 1", ["den", "rat"], ["dumper"], ["T1", "T2", "T9"])
    reports = reports_of([*WORLD, twin])
    assert third_parties(reports, FOX[0], FOX[1]).by_subjects[reports.place[SOFTWARE, "den"]] == 0


def test_other_reports_count_where_no_subject_is_named():
    """Asked about two documents alone, further reports of the same operator are third parties under its name."""
    a, b = (replace(each, subject="") for each in FOX[:2])
    reports = reports_of(WORLD)
    assert third_parties(reports, a, b).by_subjects[reports.place[SOFTWARE, "den"]] == 1


def test_software_of_more_third_parties_weighs_less():
    """Each further third party that has the shared malware lowers its exclusivity, and never raises another item."""
    found = []
    for count in range(4):
        others = [report(f"P/Other {place}", f"other {place}", ["den"], [], ["T8", "T7"]) for place in range(count)]
        idle = [report(f"P/Idle {place}", f"idle {place}", ["spade"], [], ["T8", "T7"]) for place in range(4 - count)]
        found.append(values(FOX[0], FOX[1], [*WORLD, *others, *idle])["exclusive-software"])
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 4


@pytest.mark.parametrize(("population", "holders", "value"), [(60, 0, 1), (60, 1, 1), (60, 2, 0), (20, 0, 0)])
def test_a_set_is_kept_among_many_only(population, holders, value):
    """Two shared families are a kept set where many third parties are known and at most one has each."""
    idle = [
        report(f"P/Idle {place}", f"idle {place}", ["own", "mine"] if place < holders else ["else"], [], ["T1"])
        for place in range(population)
    ]
    a, b = report("P/A", "a", ["own", "mine"], [], ["T1"]), report("P/B", "b", ["own", "mine"], [], ["T2"])
    assert values(a, b, [*idle, a, b])["exclusive-set"] == value
    assert values(a, report("P/B", "b", ["own"], [], ["T2"]), [*idle, a])["exclusive-set"] == 0


def test_tools_anybody_has_are_not_exclusive():
    """What any report calls a tool is not counted as exclusive, however few have it."""
    a, b = report("P/A", "a", [], ["sling"], ["T1", "T2"]), report("P/B", "b", ["sling"], [], ["T3", "T4"])
    assert values(a, b, [*WORLD, a, b])["exclusive-software"] == 0


def test_techniques_of_the_shared_software_count_once():
    """A technique that the shared software accounts for is no second agreement, nor is its parent."""
    a = report("P/A", "a", ["den"], [], ["T9", "T9.001"])
    b = report("P/B", "b", ["den"], [], ["T9", "T9.001"])
    free = values(a, b, [*WORLD, a, b])["rare-techniques"]
    assert free > 0
    assert values(a, b, [*WORLD, a, b], {"den": frozenset({"T9.001"})})["rare-techniques"] == 0


def test_unshared_software_leads_somewhere():
    """Unshared software of one known holder speaks for one operator where both sides lead to it, else against."""
    hawk = report("P/Hawk", "hawk", ["talon", "beak"], [], ["T5", "T6"])
    kite = report("P/Kite", "kite", ["string"], [], ["T5", "T6"])
    world = [*WORLD, hawk, kite]
    a = report("", "a", ["rat", "talon"], [], ["T2"])
    alike = values(a, report("", "b", ["rat", "beak"], [], ["T3"]), world)
    apart = values(a, report("", "b", ["rat", "string"], [], ["T3"]), world)
    assert (alike["points-alike"], alike["points-apart"]) == (1, 0)
    assert (apart["points-alike"], apart["points-apart"]) == (0, 1)


def test_software_nobody_has_reported_is_compared():
    """A query whose software no report knows is answered, as software that no third party has."""
    a, b = report("", "new 1", ["unheard"], [], ["T1", "T2"]), report("", "new 2", ["unheard"], [], ["T1", "T3"])
    assert values(a, b)["exclusive-software"] == pytest.approx(math.log(4))
    assert 0 < answer(a, b).probability < 1


def test_a_date_that_is_missing_counts_as_years():
    """Reports without a date are counted as some years apart, which the reason says."""
    reason = next(each for each in answer(ELK[0], ELK[1]).reasons if each.kind == "years-apart")
    assert "missing" in reason.why
    assert values(ELK[0], ELK[1])["years-apart"] > values(FOX[0], OWL[0])["years-apart"]


def test_no_shared_software_is_another_question():
    """Two reports that share no software are refused by name."""
    with pytest.raises(ValueError, match="fox 2 and lone share no software"):
        answer(FOX[1], report("P/Lone", "lone", ["shell"], [], ["T1", "T2"]))


def test_same_is_said_only_from_ninety_percent():
    """*Same operator* is said at .9 and above and at nothing below."""
    for chance, is_same in ((0.8999, False), (0.9001, True)):
        weights = Weights(math.log(chance / (1 - chance)), *([tuple([0.0] * len(ITEMS))] * 3))
        found = answer(FOX[0], FOX[1], model=PairModel(weights, weights))
        assert found.probability == pytest.approx(chance, abs=1e-6)
        assert found.same is is_same
    assert LEAST_TO_SAY == 0.9


@pytest.mark.parametrize("population", [10, 1000])
@pytest.mark.parametrize("named", [True, False])
def test_one_exclusive_family_alone_is_not_enough(population, named):
    """One shared family that nobody else has, and nothing more, is never called the same operator."""
    idle = [report(f"P/Idle {place}", f"idle {place}", [f"tool {place}"], [], ["T1"]) for place in range(population)]
    a = report("P/A" if named else "", "a", ["own"], [], ["T1"])
    b = report("P/B" if named else "", "b", ["own"], [], ["T2"])
    assert not answer(a, b, [*idle, a, b]).same


def test_items_keep_their_direction():
    """No shipped item weighs against its known direction, and none weighs anything but a number."""
    for weights in (pair_model().apart, pair_model().known):
        for (_, sign, _), weight in zip(ITEMS, weights.weight, strict=True):
            assert math.isfinite(weight)
            assert sign * weight >= 0


def test_values_outside_the_fit_count_as_its_ends():
    """An item weighs no more than it could at the largest value of the fit."""
    weights = Weights(0.0, (2.0,), (0.0,), (3.0,))
    assert weights.terms((50.0,)) == (6.0,)
    assert weights.terms((-50.0,)) == (0.0,)


def test_weights_of_other_items_are_refused():
    """A table of other items, or without one of its parts, is refused with what to do."""
    with pytest.raises(ValueError, match=r"no weights 'apart'.*fit it again"):
        model_from({})
    table = {"baseline": 0, "items": [{"name": "else", "weight": 1, "low": 0, "high": 1}]}
    with pytest.raises(ValueError, match="other items"):
        model_from({"apart": table, "known": table})


def test_techniques_of_tools_come_from_the_tools_own_pages():
    """What is said of malware and tools themselves gives their techniques; what clusters show does not."""

    def seen(name, type, technique):
        return Observation(
            subject=Subject("P", name, type), trait=Trait("attack-pattern", technique), source=Source(publisher="P")
        )

    rows = [seen("Den Rat", "malware", "T1"), seen("den-rat", "tool", "T2"), seen("Fox", "intrusion-set", "T3")]
    assert techniques_of_tools(rows) == {"denrat": frozenset({"T1", "T2"})}


def test_every_item_says_what_it_is():
    """Every item has a docstring of one sentence that no other has."""
    said = [find.__doc__ for _, _, find in ITEMS]
    assert all(text and text.count(".") == 1 and text.endswith(".") for text in said)
    assert len(set(said)) == len(said)
