"""Base rates from the reference corpus that ships, and from small invented ones."""

import pytest

from consilience.case import counted, reference_corpus
from consilience.model.observation import Observation
from consilience.model.snapshot import snapshot_of
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.model.when import span
from consilience.vocab import vocabulary
from consilience.vocab.reference import reference_document
from consilience.weigh import corpus_from, counts_of


def shown(name, kind, value):
    return Observation(subject=Subject("P", name), trait=Trait(kind, value), source=Source(publisher="P"))


def rarity(counts, kind, value, pair=("P/A", "P/B")):
    return counts.rarity(vocabulary().kinds[kind], value, pair, vocabulary(), False)


PAIR = [shown("A", "malware", "m"), shown("B", "malware", "m")]


def test_a_shared_technique_is_as_common_as_the_corpus_says():
    """A technique that most groups use is common, and one that few use is rare, in a case of two clusters."""
    counts = counted(snapshot_of(PAIR))
    assert (
        rarity(counts, "attack-pattern", "T1059").share > 0.4 > 0.02 > rarity(counts, "attack-pattern", "T1600").share
    )
    assert rarity(counts, "attack-pattern", "T1059").corpus == reference_corpus().name


def test_a_parent_counts_whoever_uses_a_part():
    """The groups that use a sub-technique are among those of its parent."""
    rows = reference_document()["holders"]["attack-pattern"]
    for value, holders in rows.items():
        parent = {group for group, _ in rows[value.split(".")[0]]}
        assert {group for group, _ in holders} <= parent


def test_an_early_case_counts_early_reports_only():
    """What groups were found to do after the date of a case does not count in it."""
    late, early = (
        rarity(counted(snapshot_of(PAIR, date)), "malware", "cobaltstrike").holders
        for date in ("2022-12-31", "2015-06-30")
    )
    assert early < late


def test_a_family_unknown_to_the_corpus_is_not_rare():
    """A family the corpus never heard of keeps the usual share of its kind."""
    found = rarity(counted(snapshot_of(PAIR)), "malware", "neverheardof")
    assert found.corpus != reference_corpus().name
    assert found.share == pytest.approx(vocabulary().kinds["malware"].usual_share, rel=0.05)


CORPUS = {
    "name": "invented",
    "clusters": [["One", 0, ["Alpha"]], ["Two", 0], ["Three", span("2020").first]],
    "holders": {"malware": {"m": [[0, 0], [1, 0], [2, span("2020").first]]}},
    "closed_kinds": [],
}


def test_the_pair_is_no_third_party_under_another_name():
    """A cluster of the corpus that goes by a name of the pair is left out of holders and population."""
    counts = counts_of(snapshot_of([*PAIR, shown("Alpha", "malware", "m")]), corpus_from(CORPUS), 10**9, vocabulary())
    with_alpha = rarity(counts, "malware", "m", ("P/Alpha", "P/B"))
    assert (with_alpha.holders, with_alpha.population) == (3, 3)


def test_a_cluster_of_the_case_is_not_counted_twice():
    """A cluster both the case and the corpus know counts once, as holder and in the population."""
    rows = [*PAIR, shown("Two", "malware", "m")]
    counts = counts_of(snapshot_of(rows), corpus_from(CORPUS), 10**9, vocabulary())
    found = rarity(counts, "malware", "m")
    assert (found.holders, found.population) == (3, 3)


def test_later_clusters_do_not_count_yet():
    """A cluster first known after the date is neither holder nor counted."""
    counts = counts_of(snapshot_of(PAIR), corpus_from(CORPUS), span("2019").last, vocabulary())
    assert (rarity(counts, "malware", "m").holders, rarity(counts, "malware", "m").population) == (2, 2)
