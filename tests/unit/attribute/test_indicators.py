"""The engine for indicators: sums, size-fairness, what everybody uses, leaks, determinism."""

import random
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy import sparse
from world import HABITS, START, report, world

from consilience.attribute.activity import Activity
from consilience.attribute.indicators import IndicatorEngine, IndicatorModel, discriminant, postings
from consilience.attribute.indicators.discriminant import newest
from consilience.attribute.indicators.engine import DECIBANS, NAMES
from consilience.attribute.indicators.features import ReportFeatures, feature_counts
from consilience.attribute.indicators.nearest import ReportsByPosition
from consilience.attribute.indicators.postings import column_blocks, column_entries, weighted_sum
from consilience.attribute.indicators.profiles import SubjectProfiles
from consilience.attribute.shipped import indicator_model, model_document
from consilience.vocab import vocabulary

VOCAB = vocabulary()
LATER = START + 5 * 430


@pytest.fixture(scope="module")
def engine():
    return IndicatorEngine.of(world(), VOCAB, indicator_model())


def query(actor, number=1):
    return replace(report(actor, LATER, number, random.Random(number)), subject="", origin=f"query {number}")


def test_right_actor_comes_first(engine):
    """The activity of an actor with habits is given to that actor."""
    firsts = [engine.subjects[int(engine.probabilities(query(actor))[:-1].argmax())] for actor in HABITS]
    assert firsts == [f"P/{actor}" for actor in HABITS]


def test_probabilities_sum_to_one(engine):
    """All known subjects and none of them sum to 1, and none is negative."""
    for actor in HABITS:
        found = engine.probabilities(query(actor))
        assert len(found) == len(engine.subjects) + 1
        assert found.sum() == pytest.approx(1, abs=1e-12)
        assert found.min() >= 0


def test_reasons_sum_to_the_weight(engine):
    """All items of a subject sum to its log-odds, for the first and for the others."""
    asked = query("birch")
    weight = engine.terms(asked).weight
    for subject in range(len(engine.subjects)):
        reasons = engine.reasons(asked, subject, top=10**6)
        assert sum(each.weight for each in reasons) == pytest.approx(weight[subject] * DECIBANS, abs=1e-9)


def test_one_query_weighs_as_among_many(engine):
    """A query that is asked alone, over its inverted lists, has the terms it has in one product with others."""
    bags = [feature_counts(query(actor), VOCAB) for actor in HABITS]
    prepared = engine.prepared()
    together = prepared.terms(prepared.rows(bags))
    for place, each in enumerate(bags):
        alone = prepared.terms(prepared.rows([each]))
        assert alone[0] == pytest.approx(together[place], abs=1e-9)
        assert np.count_nonzero(alone[0]) > len(engine.subjects)


def test_a_few_subjects_weigh_as_among_all(engine):
    """What is read for a few subjects alone, for a query without one value after another, is what all would get."""
    asked = query("cedar")
    queries = [replace(asked, traits=asked.traits[:at] + asked.traits[at + 1 :]) for at in range(len(asked.traits))]
    few = [4, 0, 2]
    found = engine.evidence(queries, few)
    assert found.shape == (len(queries), len(few))
    for line, each in zip(found, queries, strict=True):
        assert line == pytest.approx(engine.terms(each).weight[few], abs=1e-9)
    assert len({round(float(each), 6) for each in found[:, 0]}) > 1


def test_a_few_subjects_of_a_query_in_the_case(engine):
    """A query whose own source is in the case is asked of a few subjects without that source too."""
    asked = replace(query("fir"), origin="planted")
    planted = engine.extended([replace(asked, subject="P/new")])
    found = planted.evidence([asked], [0, planted.subjects.index("P/new")])
    assert found[0] == pytest.approx(planted.terms(asked).weight[[0, planted.subjects.index("P/new")]], abs=1e-9)


def test_who_has_no_line_is_told_apart_by_nothing(monkeypatch):
    """Where not every subject has a report among the newest, those without get 0 from the lines, alone or of few."""
    monkeypatch.setattr(discriminant, "MOST_REPORTS", 3)
    case = IndicatorEngine.of(world(60), VOCAB, indicator_model()).prepared()
    rows = case.rows([feature_counts(query("alder"), VOCAB)])
    found = case.discriminant.terms(rows)[0, :, 0]
    every = np.arange(len(case.case.subjects))
    assert len(case.discriminant.classes) == 3 < len(every)
    assert not found[np.setdiff1d(every, case.discriminant.classes)].any()
    assert case.discriminant.evidence(rows, every)[0] == pytest.approx(found)
    for subject in every.tolist():
        assert case.discriminant.items(rows, subject)[1].sum() == pytest.approx(found[subject])


def test_stretches_of_rows_are_what_the_matrix_holds():
    """Some stretches of columns of some rows, side by side, are those of the whole matrix, empty ones among them."""
    lists = sparse.random(30, 50, 0.3, format="csr", rng=np.random.default_rng(5))
    values, firsts, lasts = np.array([4, 0, 29, 4]), np.array([10, 0, 49, 7]), np.array([20, 3, 50, 7])
    wanted = np.hstack([lists.toarray()[values][:, first:last] for first, last in zip(firsts, lasts, strict=True)])
    assert column_blocks(values, firsts, lasts, lists) == pytest.approx(wanted)


def test_best_two_in_turns_are_the_best_two():
    """Taking turns finds the best and half the second best of each subject, ties, zeros and long subjects included."""
    draw = np.random.default_rng(11)
    sizes = np.array([1, 40, 3, 17, 16, 2])
    starts = np.cumsum(sizes) - sizes
    by_position = ReportsByPosition.of(starts, int(sizes.sum()))
    for _ in range(20):
        likeness = draw.integers(0, 4, sizes.sum()) / 4
        parts = [np.sort(part)[::-1] for part in np.split(likeness, starts[1:])]
        wanted = [part[0] + (part[1] / 2 if len(part) > 1 else 0) for part in parts]
        assert by_position.best_two(likeness).tolist() == [wanted[subject] for subject in by_position.subjects]


def test_long_lists_sum_as_short_ones(monkeypatch):
    """What a query adds up to is the same whether the rows of its values are gathered, added in place or copied."""
    draw = np.random.default_rng(3)
    lists = sparse.random(40, 30, 0.4, format="csr", rng=draw)
    values, amounts = np.array([3, 17, 8]), np.array([1.0, 2.5, 0.5])
    wanted = amounts @ lists.toarray()[values]
    assert weighted_sum(values, amounts, lists) == pytest.approx(wanted)
    monkeypatch.setattr(postings, "_SHORT", 0)
    assert postings._ADD is not None
    assert weighted_sum(values, amounts, lists) == pytest.approx(wanted)
    monkeypatch.setattr(postings, "_ADD", None)
    assert weighted_sum(values, amounts, lists) == pytest.approx(wanted)
    assert column_entries(values, 5, lists) == pytest.approx(lists.toarray()[values, 5])


def test_strongest_reasons_first(engine):
    """The top items are the strongest of all items."""
    asked = query("cedar")
    every = engine.reasons(asked, 2, top=10**6)
    some = engine.reasons(asked, 2, top=5)
    assert some == every[:5]
    assert all(abs(left.weight) >= abs(right.weight) for left, right in pairwise(some))
    assert all(each.why for each in every)


def test_commonplace_weighs_nothing_and_says_why(engine):
    """What everybody uses moves no weight, and is shown with weight 0 and its reason."""
    asked = query("alder")
    more = replace(asked, traits=tuple(sorted({*asked.traits, ("ipv4-addr", "8.8.8.8"), ("domain-name", "bit.ly")})))
    assert np.array_equal(engine.terms(asked).weight, engine.terms(more).weight)
    shown = [each for each in engine.reasons(more, 0, top=3) if each.weight == 0]
    assert [each.values for each in shown] == [("bit.ly",), ("8.8.8.8",)]
    assert all(each.why for each in shown)


def test_dynamic_name_keeps_its_host_and_loses_its_domain():
    """A host under a dynamic-DNS domain keeps its full name; the domain carries nothing, with the reason."""
    found = feature_counts(Activity("", 1, "s", (("domain-name", "a.ddns.info"), ("domain-name", "ddns.info"))), VOCAB)
    assert found.counts["host"] == {"a.ddns.info": 1}
    assert "ddns.info" not in found.counts.get("host:registered", {})
    assert ("domain-name", "ddns.info") in {each[:2] for each in found.left_out}


def test_profiles_are_fair_to_size():
    """A subject a hundred times as often reported gains nothing by size from a value both show in the same part."""
    small = [Activity("P/small", 1, f"s{n}", (("url:path", "/x/a.php"), ("url:path", "/x/b.php"))) for n in range(2)]
    large = [
        Activity("P/large", 1, f"l{n}", tuple(("url:path", f"/{n}/{m}.asp") for m in range(20))) for n in range(20)
    ]
    case = ReportFeatures.of(feature_counts(each, VOCAB) for each in (*small, *large))
    gains = SubjectProfiles.of(case).kinds["path:extension"]
    own = {value: place for place, value in enumerate(case.kinds["path:extension"].values)}
    assert gains.gains[own["php"], 1] + gains.unseen[1] > gains.gains[own["php"], 0] + gains.unseen[0]
    assert gains.unseen[0] < gains.unseen[1]
    discriminant = gains.gains[own["asp"], 0] + gains.unseen[0]
    assert 0 < discriminant < gains.gains[own["php"], 1] + gains.unseen[1]


def test_prior_is_apart_from_the_evidence(engine):
    """The weight does not hold the priors of activity: they are given apart."""
    terms = engine.terms(query("elm"))
    bare = replace(engine.model, weights={k: v for k, v in engine.model.weights.items() if not k.startswith("prior")})
    without = IndicatorEngine.on(engine.case, VOCAB, bare).terms(query("elm"))
    assert np.allclose(terms.weight, without.weight)
    assert terms.prior.any()
    assert not without.prior.any()


def test_own_source_in_the_case_is_not_found(engine):
    """Planted leak: a query whose own source is in the case weighs as if that source had never said anything."""
    asked = replace(query("fir"), origin="planted")
    leaking = engine.extended([replace(asked, subject="P/alder"), replace(asked, subject="P/new", day=asked.day - 9)])
    clean, planted = engine.terms(asked), leaking.terms(asked)
    for number, subject in enumerate(engine.subjects):
        assert planted.weight[leaking.subjects.index(subject)] == pytest.approx(clean.weight[number], abs=1e-9)
    assert planted.weight[leaking.subjects.index("P/new")] == planted.weight.min()
    assert leaking.reasons(asked, leaking.subjects.index("P/new"), 9) == ()
    found = replace(asked, origin="another")
    assert leaking.subjects[int(leaking.terms(found).weight.argmax())] in ("P/alder", "P/new")


def test_growing_is_reading_everything_again():
    """A case that was refreshed weighs as one that was read whole."""
    reports = world(120)
    extended = IndicatorEngine.of(reports[:80], VOCAB, indicator_model()).extended(reports[80:])
    whole = IndicatorEngine.of(list(reversed(reports)), VOCAB, indicator_model())
    assert extended.subjects == whole.subjects
    assert np.array_equal(extended.terms(query("elm")).weight, whole.terms(query("elm")).weight)


def test_undated_query_is_asked_as_of_the_last_report(engine):
    """A query without a date is not taken to be of the year 1."""
    last = max(each.day for each in engine.case.activities)
    undated = engine.terms(replace(query("elm"), day=0))
    assert np.array_equal(undated.prior, engine.terms(replace(query("elm"), day=last)).prior)


def test_reads_only_indicators(engine):
    """A query without an indicator of its own is not read."""
    assert engine.reads(query("elm"))
    assert not engine.reads(Activity("", 1, "s", (("mutex", "m"), ("ipv4-addr", "8.8.8.8"))))


def test_one_subject_alone():
    """A case of one subject still leaves a chance for none."""
    alone = IndicatorEngine.of([each for each in world(60) if each.subject == "P/alder"], VOCAB, indicator_model())
    found = alone.probabilities(query("alder"))
    assert len(found) == 2
    assert 0 < found[1] < 1


def test_model_file_walks_to_its_data():
    """The shipped model says what it was learned from, names terms that exist, and survives being written again."""
    model = indicator_model()
    assert {"data", "last", "command", "reports"} <= model_document("indicators")["provenance"].keys()
    assert set(model.weights) <= set(NAMES)
    assert all(weight > 0 for weight in model.weights.values())
    assert IndicatorModel.from_record(model.as_record()).as_record() == model.as_record()


def test_newest_is_fair_to_subjects():
    """However few reports are taken, every subject's newest goes first."""
    owner = np.array([0] * 50 + [1, 2])
    assert set(owner[newest(owner, np.arange(52), 3)]) == {0, 1, 2}


@pytest.mark.parametrize(("busy", "single"), [(30, True), (1200, False)])
def test_lines_are_solved_in_double_precision_where_single_would_lose_them(busy, single):
    """Two subjects of one report beside a busy one give the lines of double precision, however stiff the busy one."""
    many = busy + 2
    values = sparse.csr_matrix(np.eye(many)[:, : many - 1] + np.eye(many)[:, [*range(many - 2), many - 1]])
    reports = sparse.csr_matrix(values / np.sqrt(values.multiply(values).sum(axis=1)))
    line = np.array([0] * busy + [1, 2])
    stiff = discriminant._ridge(line, 3)
    assert (discriminant._precision(stiff) is np.float32) == single
    rounded = reports.astype(discriminant._precision(stiff))
    found = discriminant._solved(discriminant._similarities(rounded), stiff, line, 3)
    wanted = discriminant._solved(discriminant._similarities(reports), stiff, line, 3)
    assert np.abs(found - wanted).max() <= 1e-3 * np.abs(wanted).max()
