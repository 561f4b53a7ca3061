"""Families by the code they share: rarity among families, what is left out, and reasons that can be looked up."""

import math

import numpy as np
import pytest

from consilience.attribute.code import CODE, WHOLE, CommonCode, Kinship, Lineage, LineageModel
from consilience.attribute.code.calibrated import TERMS, rule_terms
from consilience.attribute.code.kinship import CHANNEL_WEIGHTS, graded, shares
from consilience.attribute.code.postings import COMMON
from consilience.attribute.code.shared import shared_code
from consilience.attribute.shipped import common_code_reference, lineage_model
from consilience.model.code import Channel, CodeProfile, SampleCode
from consilience.model.subject import Subject


def profile(name="q", imports=(), **channels):
    """A profile with these features; each stands at ten times its row, functions start at every hundred."""
    columns = {
        channel: Channel(np.array(sorted(values), dtype=np.uint64), 10 * np.arange(len(values)))
        for channel, values in channels.items()
    }
    return CodeProfile(
        sample=name * 8,
        format="pe",
        machine="x86_64",
        channels=columns,
        functions=np.arange(0, 1000, 100),
        imports=imports,
        instructions=1,
    )


def sample(family, name, **channels):
    return SampleCode(Subject("V", family, "malware"), profile(name, **channels))


KNOWN = (
    sample("A", "a1", block=(1, 2, 3, 50), constant=(70_000,)),
    sample("A", "a2", block=(1, 2, 4, 50)),
    sample("B", "b1", block=(5, 6, 7, 50), gram=(9,)),
    sample("C", "c1", block=(8, 50)),
)


def slow_cosine(query, name, other, known):
    """The cosine as it is defined, one feature after the other."""
    held = {}
    for each in known:
        for value in each.profile.channel(name).value.tolist():
            held.setdefault(value, set()).add(each.subject.key)
    mine, theirs = (set(each.channel(name).value.tolist()) for each in (query, other.profile))
    weight = {value: len(families) ** -CHANNEL_WEIGHTS[name].rarity for value, families in held.items()}
    dot = sum(weight[value] for value in mine & theirs)
    length = max(1, math.sqrt(sum(weight.get(value, 1) for value in mine)))
    return dot / (length * max(1, math.sqrt(sum(weight[value] for value in theirs))))


def test_the_cosine_is_as_defined():
    """Columns give what going through features one by one gives; rarity counts families and never files."""
    query = profile(block=(1, 2, 5, 50, 99), gram=(9, 11), constant=(70_000,))
    told = Kinship(KNOWN).cosines(query)
    for name in CODE:
        assert told[name].tolist() == pytest.approx([slow_cosine(query, name, each, KNOWN) for each in KNOWN])


def test_a_family_left_out_makes_nothing_less_rare():
    """Without a family the others are as near as if its samples had never been read."""
    query = profile(block=(1, 2, 5, 50, 99), gram=(9, 11))
    rest = tuple(each for each in KNOWN if each.subject.name != "A")
    left, never = Kinship(KNOWN).without("V/A").cosines(query), Kinship(rest).cosines(query)
    for name in WHOLE:
        assert left[name][:2].tolist() == [0, 0]
        assert left[name][2:].tolist() == pytest.approx(never[name].tolist())


def test_pieces_sum_to_the_likeness():
    """What is cited is all there is: the parts of the shared features sum to how near the sample is."""
    query, kinship = profile(block=(1, 2, 50, 99), constant=(70_000,)), Kinship(KNOWN)
    similarity = kinship.similarity(query, WHOLE)
    assert similarity.families.argmax() == 0 and len(similarity.rivals) == 2 and similarity.lead > 0
    found = shared_code(kinship, query, similarity, 0)
    assert sum(piece.part for piece in found) == pytest.approx(float(similarity.families[0]))
    assert [piece.part for piece in found] == sorted((piece.part for piece in found), reverse=True)
    assert shared_code(kinship, query, similarity, 0, most=1) == found[:1]


def test_the_answer_sums_to_one_and_cites_places():
    """Probabilities and none of these sum to one; reasons name function, address, sample and who else has it."""
    found = Lineage(KNOWN, lineage_model()).attribution(profile(block=(1, 2, 50), constant=(70_000,)), "q")
    assert found.ranking[0].subject == "V/A" and len(found.ranking) == 3
    assert sum(each.probability for each in found.ranking) + found.none_of_these == pytest.approx(1)
    told = {reason.kind: reason for reason in found.ranking[0].because}
    assert told["code:constant"].values == ("0x11170",)
    assert "function 0x0 at 0x0" in told["code:constant"].why and "only V/A of 3" in told["code:constant"].why
    assert [view.name for view in found.views] == ["code", "code with strings and imports"]
    assert found.as_record()["views"][0]["subject"] == "V/A"


def test_what_everybody_has_is_no_kinship():
    """A query that shares only what all families have is likelier none of them than one that shares what one has."""
    lineage = Lineage(KNOWN, lineage_model())
    common_code_reference = lineage.attribution(profile(block=(50, 90, 91, 92)), "common")
    own = lineage.attribution(profile(block=(1, 2, 3, 50), constant=(70_000,)), "own")
    assert common_code_reference.none_of_these > own.none_of_these


def test_strings_that_disagree_with_the_code_are_noted():
    """Where code alone is nearest to another family than code with strings, the answer says so."""
    known = (
        sample("A", "a1", block=(1, 2, 3), gram=(4, 5)),
        sample("B", "b1", string=(21, 22, 23), **{"import": (31, 32)}),
    )
    query = profile(block=(1, 90, 91), gram=(4, 92), string=(21, 22, 23), **{"import": (31, 32)}, imports=("x", "y"))
    found = Lineage(known, lineage_model()).attribution(query, "q")
    assert [view.subject for view in found.views] == ["V/A", "V/B"]
    assert any("planted" in note for note in found.notes)
    assert {reason.kind for reason in found.ranking[0].because} == {"code:string", "code:import"}


def test_a_case_without_samples_knows_none():
    """Without a known sample the answer is none of these, with the reason."""
    found = Lineage((), lineage_model()).attribution(profile(block=(1,)), "q")
    assert found.none_of_these == 1 and found.ranking == () and "no sample" in found.notes[0]


def test_the_shipped_rule_comes_back_from_its_record():
    """The model that ships reads back as it was written."""
    model = lineage_model()
    assert LineageModel.from_record(model.as_record()) == model and 0 < model.whole.answered < 1


def test_the_reference_counts_where_the_case_knows_few():
    """What many makers of the reference hold is no rarer than that, however few families of the case hold it."""
    makers = [np.array([1, 2, each], dtype=np.uint64) for each in (100, 101, 102)]
    reference = CommonCode.of({"block": makers}, least=3)
    assert reference("block", np.array([1, 3, 100], dtype=np.uint64)).tolist() == [3, 0, 0]
    assert reference("gram", np.array([1], dtype=np.uint64)).tolist() == [0]
    query = profile(block=(1, 2, 99))
    plain, told = (Kinship(KNOWN, reference=each).cosines(query)["block"] for each in (None, reference))
    assert told[0] < plain[0]
    weights = Kinship(KNOWN, reference=reference).postings["block"].weights(np.arange(3))
    assert weights.tolist() == pytest.approx([1 / 9, 1 / 9, 1])


def test_the_reference_reads_back_as_it_was_packed():
    """The columns that ship give the marks and counts they were made of, and tell constants apart though no hashes."""
    makers = [np.array([70_000 + each, 70_000, 2**63 + each % 2], dtype=np.uint64) for each in range(300)]
    reference = CommonCode.of({"constant": [np.sort(each) for each in makers]}, least=3)
    back = CommonCode.unpacked({"constant": reference.packed("constant")})
    asked = np.array([70_000, 70_007, 2**63, 2**63 + 1], dtype=np.uint64)
    assert back("constant", asked).tolist() == reference("constant", asked).tolist() == [255, 0, 150, 150]


def test_the_shipped_reference_is_sorted_and_counts_makers():
    """The reference that ships has each mark once, in order, and counts at least three makers for each."""
    shipped = common_code_reference()
    for name in WHOLE:
        half_hashes = shipped.half_hashes[name].astype(np.int64)
        assert len(half_hashes) and (np.diff(half_hashes) > 0).all() and shipped.projects[name].min() >= 3


def test_what_everybody_has_weighs_nothing():
    """A feature of more families than are looked through weighs nothing on both sides."""
    known = [sample(f"F{each}", f"f{each}", block=(1, 100 + each)) for each in range(COMMON + 1)]
    kinship = Kinship(known)
    assert kinship.postings["block"].weights(np.array([0])).tolist() == [0]
    assert np.flatnonzero(kinship.cosines(profile(block=(1, 105)))["block"]).tolist() == [5]


def test_likeness_is_graded_by_logarithms():
    """Grades go from nothing to one, keep the order, and lift what is small; the weights of channels sum to one."""
    told = graded(np.array([0.0, 0.001, 0.01, 0.1, 1.0]))
    assert told[0] == 0 and told[-1] == 1 and (np.diff(told) > 0).all() and told[2] > 0.3
    assert sum(shares(WHOLE).values()) == pytest.approx(1) == pytest.approx(sum(shares(CODE).values()))


def test_with_few_families_the_rule_is_not_surer():
    """Lead and excess are over the rivals that are usually there, so that a case of one family cannot tell too much."""
    query = profile(block=(1, 2, 3), gram=(4, 5), constant=(70_000,))
    twin = sample("A", "a1", block=(1, 2, 3), gram=(4, 5), constant=(70_000,))
    alone = Kinship([twin]).similarity(query, CODE)
    beside = Kinship([twin, *(sample(f"B{each}", f"b{each}", gram=(50 + each,)) for each in range(20))])
    assert alone.lead == pytest.approx(beside.similarity(query, CODE).lead)
    assert rule_terms(alone)[TERMS.index("excess")] < rule_terms(beside.similarity(query, CODE))[TERMS.index("excess")]
