"""Which judgements stand, and which their own analysts superseded."""

from consilience.model.relation import Judgement, judgement_records


def word(id, by="Ann", a="V/A", b="V/B"):
    return Judgement(a=a, b=b, level="same", because="so", by=by, recorded="2024-01-01T00:00:00Z", id=id)


def superseded(*words):
    return {record["id"]: record["superseded_by"] for record in judgement_records(words)}


def test_a_later_word_of_the_same_analyst_on_the_pair_supersedes():
    """Each word is superseded by the next one, whichever way round the pair is named, and the last one stands."""
    assert superseded(word("j1"), word("j2", a="V/B", b="V/A"), word("j3", by="ANN")) == {
        "j1": "j2",
        "j2": "j3",
        "j3": "",
    }


def test_other_analysts_and_other_pairs_stand_beside_each_other():
    """Nobody's word supersedes that of somebody else, or what was said of another pair."""
    assert superseded(word("j1"), word("j2", by="Bob"), word("j3", b="V/C")) == {"j1": "", "j2": "", "j3": ""}


def test_nothing_of_a_judgement_is_left_out():
    """A record holds every field of the judgement."""
    (record,) = judgement_records([word("j1")])
    assert Judgement(**{name: value for name, value in record.items() if name != "superseded_by"}) == word("j1")
