"""Equal values of the kinds that no other engine reads, on small invented cases."""

import math
from dataclasses import replace

import pytest

from consilience.attribute import attributor, query_activity
from consilience.attribute.activity import Activity
from consilience.attribute.exact import ExactEngine, exact_kinds
from consilience.attribute.reports.traits import KINDS
from consilience.model.observation import Observation
from consilience.model.query import Query
from consilience.model.snapshot import snapshot_of
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.vocab import vocabulary
from consilience.weigh.secondary import PRIMARY, secondary

VOCAB = vocabulary()
MUTEX = ("mutex", "Global\\hatch")
MAIL = ("email-addr", "someone@mail.example")
SAMPLES = {
    "domain-name": "a.example",
    "ipv4-addr": "192.0.2.1",
    "endpoint": "192.0.2.1:443",
    "url": "a.example/x",
    "url:path": "/x",
    "autonomous-system": "AS64500",
}


def said(subject, trait, document="", **more):
    source = Source(publisher="P", id=document or f"on {subject}", reliability="B")
    return Observation(subject=Subject("P", subject), trait=Trait(*trait), source=source, **more)


def case(*more, clusters=100):
    """A case of so many clusters that each show a mutex of their own, and these statements."""
    return snapshot_of([*(said(f"G{n:03}", ("mutex", f"own {n}")) for n in range(clusters)), *more])


def question(*traits, date="", **more):
    source = Source(publisher="us", id="what we saw", reliability="B")
    seen = (Observation(subject=Subject("us", "?"), trait=Trait(*each), source=source, **more) for each in traits)
    return Query(id="q", date=date, observations=tuple(seen))


def answer(snapshot, query, **more):
    return attributor(snapshot, VOCAB, "intrusion-set").attribution(query_activity(query, VOCAB), **more)


def weights(found):
    return {each.subject: each.weight for each in found.ranking}


def test_one_holder_of_a_hundred_leads():
    """The one cluster of a hundred that shows an asked mutex leads, and its weight is that of the mutex."""
    found = answer(case(said("G007", MUTEX)), question(MUTEX))
    assert found.ranking[0].subject == "P/G007"
    assert found.ranking[0].weight > 1 and found.ranking[1].weight == 0
    assert [reason.kind for reason in found.ranking[0].because] == ["mutex"]
    assert found.ranking[0].because[0].weight == pytest.approx(found.ranking[0].weight)
    assert "on P/G007" not in found.ranking[1].because[0].why


def test_what_sixty_of_a_hundred_show_weighs_next_to_nothing():
    """A mutex on sixty of a hundred clusters moves none of them, and is shown with the reason."""
    many = [said(f"G{n:03}", MUTEX) for n in range(60)]
    found = answer(case(*many), question(MUTEX))
    assert max(map(abs, weights(found).values())) < 0.1
    assert "too common" in found.ranking[0].parts[0].why


def test_a_rarer_value_never_weighs_less():
    """The fewer clusters show a value, the more it weighs for one that does."""
    found = []
    for holders in (1, 2, 5, 8, 20):
        snapshot = case(*(said(f"G{n:03}", MAIL) for n in range(holders)))
        found.append(weights(answer(snapshot, question(MAIL)))["P/G000"])
    assert found == sorted(found, reverse=True)
    assert found[0] > 10 > found[-1]


def test_a_value_that_links_nobody_weighs_nothing():
    """What a source says is a decoy of the many, such as a sinkhole, weighs nothing."""
    plain, void = (answer(case(said("G007", MAIL, role=role)), question(MAIL)) for role in ("", "sinkhole"))
    assert plain.ranking[0].weight > 5
    assert max(weights(void).values()) == 0


def test_the_hash_of_a_tool_many_hold_does_nothing():
    """The hash of a popular tool beside a rare account changes no weight."""
    tool = ("file:sha256", "ab" * 32)
    snapshot = case(said("G007", MAIL), *(said(f"G{n:03}", tool) for n in range(40)))
    assert weights(answer(snapshot, question(MAIL, tool))) == weights(answer(snapshot, question(MAIL)))


def test_deleting_an_observation_changes_its_weight_exactly():
    """Without an observation the log-odds are lower by exactly the weight that was printed for it."""
    traits = (MUTEX, MAIL, ("file:sha256", "cd" * 32), ("campaign-id", "blue"))
    snapshot = case(*(said("G007", each) for each in traits), said("G008", MAIL))
    whole = answer(snapshot, question(*traits))
    for reason in whole.ranking[0].because:
        left = [each for each in traits if each[0] != reason.kind]
        assert whole.ranking[0].weight - weights(answer(snapshot, question(*left)))["P/G007"] == pytest.approx(
            reason.weight
        )


def test_parts_sum_to_the_weight():
    """The named items of the first sum to its weight, group and budget discounts among them."""
    traits = (MUTEX, MAIL, ("account", "someone"), ("file:name", "x.dll"), ("file:pdb-path", "c:\\x.pdb"))
    found = answer(case(*(said("G007", each) for each in traits)), question(*traits)).ranking[0]
    assert math.fsum(part.weight for part in found.parts) == pytest.approx(found.weight)
    assert {part.kind for part in found.parts} == {kind for kind, _ in traits}


def test_a_value_nobody_has_changes_nothing():
    """One more observation that no known cluster shows moves no probability."""
    snapshot = case(said("G007", MAIL))
    before, after = answer(snapshot, question(MAIL)), answer(snapshot, question(MAIL, ("mutex", "new")))
    assert weights(before) == weights(after)
    assert before.none_of_these == after.none_of_these


def test_unrelated_clusters_flip_nothing():
    """A hundred more clusters that show other things leave the order and never raise the first."""
    snapshots = [case(said("G007", MAIL), said("G008", MUTEX), clusters=size) for size in (100, 200)]
    few, many = (answer(snapshot, question(MAIL, MUTEX)) for snapshot in snapshots)
    assert [each.subject for each in few.ranking[:2]] == [each.subject for each in many.ranking[:2]]
    assert many.ranking[0].probability < few.ranking[0].probability


def test_nobody_gains_by_size():
    """Who shows a thousand other values gets for a shared one what a small cluster gets."""
    big = [said("G001", ("file:name", f"{n}.dll")) for n in range(1000)]
    found = weights(answer(case(said("G001", MAIL), said("G002", MAIL), *big), question(MAIL)))
    assert found["P/G001"] == found["P/G002"] > 0


def test_time_between_the_showings_counts():
    """An account seen years after it was last used weighs less than one of the same weeks; a mutex keeps."""
    for trait, fades in ((MAIL, True), (("config:leftover", "x"), False)):
        snapshot = case(said("G007", trait, first_seen="2015-01-01", last_seen="2015-02-01"))
        near, far = (
            weights(answer(snapshot, question(trait, date=date)))["P/G007"] for date in ("2015-02-03", "2021-06-01")
        )
        assert (near > far) is fades


def test_what_was_in_print_weighs_less():
    """A value published before the query shows it may be copied, and weighs less."""
    shown = {"first_seen": "2015-01-01", "last_seen": "2015-02-01"}
    found = [
        weights(answer(case(said("G007", MAIL, **shown, published=day)), question(MAIL, date="2015-02-10")))["P/G007"]
        for day in ("2015-03-01", "2015-02-05")
    ]
    assert found[0] > found[1] > 0


def test_the_role_of_a_key_counts():
    """A key of one operator weighs more than one of unknown role, and one that every user has weighs nothing."""
    found = [
        weights(answer(case(said("G007", ("crypto:key", "k"), key_role=role)), question(("crypto:key", "k"))))["P/G007"]
        for role in ("per-operator", "", "hard-coded")
    ]
    assert found[0] > found[1] > found[2] == 0


def test_one_origin_stays_under_its_cap():
    """However much one query shares with a cluster, it weighs no more than the facts of one origin may."""
    traits = [("email-addr", f"{n}@mail.example") for n in range(30)]
    traits += [("x509-certificate:sha1", f"{n:040x}") for n in range(30)]
    traits += [("persona", f"somebody {n}") for n in range(5)]
    found = answer(case(*(said("G007", each) for each in traits)), question(*traits))
    assert 10 < found.ranking[0].weight <= VOCAB.counting["origins"]["operator"]


def test_its_own_source_is_no_evidence():
    """A query whose document is in the case does not find itself."""
    snapshot = case(said("G007", MAIL, document="what we saw"), said("G008", MAIL, document="another"))
    found = weights(answer(snapshot, question(MAIL)))
    assert found["P/G007"] == 0 < found["P/G008"]


def test_a_value_votes_in_one_engine():
    """A path that stands in an address of the query is left to the engine for indicators."""
    engine = ExactEngine.of([Activity("P/A", 0, "s", (("c2:uri", "/gate.php"),))], VOCAB)
    alone = Activity("", 0, "q", (("c2:uri", "/gate.php"),))
    both = replace(alone, traits=(("c2:uri", "/gate.php"), ("url", "a.example/gate.php")))
    assert engine.reads(alone) and not engine.reads(both)


def test_one_report_that_two_engines_find_counts_half_here():
    """What a report shows beside a host that the query shares with it too is half of what it would be alone."""
    host = ("domain-name", "panel-hatch.example")
    known = [Activity("P/A", 0, "one", (MAIL, host)), Activity("P/B", 0, "two", (("mutex", "m"),))]
    engine = ExactEngine.of(known, VOCAB)
    alone, both = (engine.terms(Activity("", 0, "q", traits)).weight[0] for traits in ((MAIL,), (MAIL, host)))
    assert both == pytest.approx(alone / 2, rel=0.1)
    common = [Activity(f"P/{n}", 0, f"r{n}", (("attack-pattern", "T1059"),)) for n in range(40)]
    engine = ExactEngine.of([*known, Activity("P/A", 0, "one", (("attack-pattern", "T1059"),)), *common], VOCAB)
    techniques = ((MAIL,), (MAIL, ("attack-pattern", "T1059")))
    alone, both = (engine.terms(Activity("", 0, "q", traits)).weight for traits in techniques)
    assert alone.max() == both.max() > 0


def test_beside_another_engine_only_its_weight_is_added():
    """In an answer of several engines this one changes the odds against none of these by its weight, no more."""
    reports = [said(f"G{n:03}", ("attack-pattern", f"T15{n % 40:02}")) for n in range(60)]
    snapshot = case(said("G007", MAIL), *reports, clusters=60)
    technique = ("attack-pattern", "T1507")
    plain, more = answer(snapshot, question(technique)), answer(snapshot, question(technique, MAIL))
    odds = [
        next(each.probability for each in found.ranking if each.subject == "P/G007") / found.none_of_these
        for found in (plain, more)
    ]
    added = weights(more)["P/G007"] - weights(plain)["P/G007"]
    assert added > 3
    assert 10 * math.log10(odds[1] / odds[0]) == pytest.approx(added, abs=1e-3)


def test_the_same_answer_in_any_order():
    """The order of reading changes nothing."""
    rows = [said("G007", MAIL), said("G008", MUTEX), *(said(f"G{n:03}", ("mutex", f"m {n}")) for n in range(9))]
    query = question(MAIL, MUTEX)
    assert answer(snapshot_of(rows), query) == answer(snapshot_of(reversed(rows)), query)


def test_every_kind_of_trait_has_an_engine():
    """Every kind of trait is read by one engine, but for ordered lists and what is no fact."""
    traits = {kind.name for kind in VOCAB.kinds.values() if kind.form == "trait"}
    left = traits - exact_kinds(VOCAB) - KINDS - PRIMARY
    assert left == {"active", *(kind.name for kind in VOCAB.kinds.values() if kind.ordered)}
    assert {kind for kind, value in SAMPLES.items() if secondary(kind, value)} == PRIMARY


def test_values_that_weigh_nothing_are_read_and_say_so():
    """A string of code, which tells developers and no operators, is read and weighs 0 with its rarity beside it."""
    found = answer(case(said("G007", ("code:string", "a rare string"))), question(("code:string", "a rare string")))
    assert max(weights(found).values()) == 0
    assert found.none_of_these == pytest.approx(0.3)
