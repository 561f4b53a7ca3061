"""What somebody who plants, repeats or mislabels can move; figures by benchmarks/robustness.py."""

import json
from dataclasses import replace

import pytest
from attacks import (
    cheap_kinds,
    copies,
    flipped,
    forged,
    largest_move,
    leave_one_source_out,
    mislabelled,
    stated_by,
    verdicts,
    worst,
)
from tests.golden_cases import golden_cases

from consilience.assess import assess
from consilience.case import counted, reference_corpus
from consilience.model.observation import Observation
from consilience.model.snapshot import snapshot_of
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.relate import relate
from consilience.share import write
from consilience.vocab import vocabulary
from consilience.weigh.dossier import supported
from consilience.weigh.origins import origins_of

GOLDEN = list(verdicts(golden_cases()))
LAST = list({verdict.case: verdict for verdict in GOLDEN}.values())
RULES = vocabulary()
SOFTWARE = {"name": "consilience", "version": "test"}


def named(verdict):
    return f"{verdict.case}-{verdict.as_of}"


def assessed(verdict, more=()):
    snapshot = snapshot_of((*verdict.observations, *more), verdict.as_of)
    return assess(snapshot, verdict.a, verdict.b, counted(snapshot), RULES, SOFTWARE)


FRAMED = [verdict for verdict in GOLDEN if verdict.case == "olympicdestroyer-lazarus"]


@pytest.mark.parametrize("verdict", FRAMED, ids=named)
def test_the_framed_actor_does_not_lead(verdict):
    """Olympic Destroyer: the framed actor is never the operator with more than .5, and what contradicts it is told."""
    done = assessed(verdict)
    assert done.relation.axes["operator"].probabilities["same"] <= 0.5
    inconsistent = [item.id for item in done.relation.evidence if item.kind == "build:inconsistent"]
    told = [line for line in done.sentences if set(line.rests_on) & set(inconsistent)]
    assert bool(told) == bool(inconsistent)
    assert all("build data that contradict the file" in line.text for line in told)


def test_the_forgery_is_in_the_case():
    """The case of Olympic Destroyer holds the inconsistency from the day it was published."""
    assert [bool([x for x in assessed(verdict).relation.evidence if x.form == "deception"]) for verdict in FRAMED] == [
        verdict.as_of >= "2018-03-08" for verdict in FRAMED
    ]


@pytest.mark.parametrize("kind", ["language-artifact", "build:resource-language", "code:string"])
@pytest.mark.parametrize("words", [("poluchit",), ("klyuchevoye slovo", "poluchit", "ssylka")])
def test_language_alone_moves_little(kind, words):
    """Shared Russian strings, one or three, in well graded reports, move no probability by more than .15."""
    for verdict in GOLDEN:
        shared = [stated_by("Test", "A", side, kind, word) for side in (verdict.a, verdict.b) for word in words]
        assert largest_move(verdict.asked(), verdict.asked(shared)) <= 0.15


@pytest.mark.parametrize(
    "way,grade",
    [
        ("paraphrased", ""),
        *(
            pytest.param(way, grade, marks=pytest.mark.long)
            for way in ("declared", "verbatim", "paraphrased")
            for grade in ("", "D", "E")
        ),
    ],
)
def test_ten_feeds_that_repeat_everything_move_nothing(way, grade):
    """Ten feeds that repeat all facts and claims, at the grade of the source or a worse one, move nothing by .05."""
    for verdict in GOLDEN:
        later = verdict.day_after()
        assert largest_move(later.asked(), later.asked(copies(later, 10, way, grade))) <= 0.05, named(verdict)


@pytest.mark.parametrize("way", [pytest.param("verbatim", marks=pytest.mark.long), "paraphrased"])
def test_ten_feeds_on_the_same_day_move_nothing(way):
    """Ten undeclared copies of the day and grade of their source, so that nothing tells who was first, move nothing."""
    for verdict in GOLDEN:
        assert largest_move(verdict.asked(), verdict.asked(copies(verdict, 10, way, ""))) <= 0.05, named(verdict)


@pytest.mark.long
def test_the_worst_planted_traits_flip_few_and_move_little():
    """Of over 300 verdicts 1, 3, 5 planted traits, chosen to do harm, flip at most 2, 6, 10 % of operator positions."""
    held_out = [*GOLDEN, *leave_one_source_out(GOLDEN)]
    assert len(held_out) >= 300
    kinds = cheap_kinds(RULES)

    def harm(before, after):
        return "operator" in flipped(before, after), largest_move(before, after)

    found = [(verdict, list(worst(verdict, 5, kinds, harm))) for verdict in held_out]
    for count, flips, most in ((1, 0.02, 0.25), (3, 0.06, 0.40), (5, 0.10, 0.50)):
        pairs = [(verdict.asked(), verdict.asked(forged(verdict, steps[count - 1]))) for verdict, steps in found]
        assert max(largest_move(*pair) for pair in pairs) <= most
        assert sum("operator" in flipped(*pair) for pair in pairs) <= flips * len(pairs)


@pytest.mark.parametrize("verdict", LAST[::4], ids=named)
def test_one_source_is_capped_wherever_it_speaks(verdict):
    """What a source that mislabels a thousand samples adds to operator stays within the cap of one origin."""
    after = verdict.asked(mislabelled(verdict, "B"))
    for hypothesis in RULES.axes["operator"].hypotheses:
        added = [
            item.on("operator", hypothesis)
            for item in after.evidence
            if "Poisoner: Samples" in item.origins and item.form == "shared"
        ]
        assert sum(added) <= RULES.counting["origins"]["operator"] * 1000 + len(added)


@pytest.mark.parametrize(
    "verdict",
    [pytest.param(each, marks=() if place % 12 == 0 else pytest.mark.long) for place, each in enumerate(LAST)],
    ids=named,
)
def test_every_assessment_says_what_would_change_it(verdict):
    """JSON, page and Markdown hold leave-one-origin-out and the minimal flip, the same bytes when computed again."""
    done, again = assessed(verdict), assessed(replace(verdict, observations=verdict.observations[::-1]))
    headings = "without one source and its copies", "the smallest change that moves the result"
    keys = "leave one origin out", "minimal flip"
    for format, wanted in (("json", keys), ("html", headings), ("markdown", headings)):
        document = write(done, format)
        assert document == write(again, format)
        said = document.decode().replace("_", " ").casefold()
        assert all(text in said for text in wanted)
    record = json.loads(write(done, "json"))["robustness"]
    assert set(record["minimal_flip"]) == {"axis", "position", "remove", "forge"}
    origins = {origin for item in done.relation.evidence for origin in item.origins}
    assert {row["without"] for row in record["leave_one_origin_out"]} == origins


@pytest.mark.parametrize("verdict", LAST[::6], ids=named)
def test_leave_one_origin_out_is_what_weighing_without_it_gives(verdict):
    """Each leave-one-origin-out row is what comes out when the documents of the origin were never read."""
    snapshot = snapshot_of(verdict.observations, verdict.as_of)
    counts = counted(snapshot)
    for row in assessed(verdict).robustness["leave_one_origin_out"]:
        left = snapshot.without(
            frozenset(
                seen.id
                for seen in snapshot.observations
                if row["without"] in (seen.source.key, seen.source.derived_from)
            )
        )
        axes = relate(left, verdict.a, verdict.b, counts, RULES).axes
        assert axes["operator"].probabilities["same"] == row["same"]
        assert row["changes"] == {
            name: view.position for name, view in axes.items() if view.position != verdict.asked().axes[name].position
        }


def test_an_origin_leaves_with_its_undeclared_copies():
    """Leaving an origin out takes away what repeats its words too, so that a copy cannot make a result look robust."""
    pair = (Subject("P", "A"), Subject("P", "B"))
    words = "both groups were seen to use this very same server in the same weeks of spring"

    def shown(publisher, day):
        return [
            stated_by(publisher, "B", side, "ipv4-addr", "192.0.2.1", published=day, note=words, first_seen="2020-03")
            for side in pair
        ]

    claims = [
        Observation(
            subject=pair[0],
            object=pair[1].key,
            trait=Trait("claim:same-operator", "one group"),
            source=Source(publisher=publisher, title=f"on {pair[0].key}", reliability="B"),
            published=day,
            note=words,
        )
        for publisher, day in (("First", "2020-04"), ("Copy", "2020-05"))
    ]
    rows = [*shown("First", "2020-04"), *shown("Copy", "2020-05"), *claims]
    snapshot = snapshot_of(rows)
    done = assess(snapshot, *pair, counted(snapshot), RULES, SOFTWARE)
    without = {row["without"]: row["same"] for row in done.robustness["leave_one_origin_out"]}
    assert without["First: on P/A"] < done.relation.axes["operator"].probabilities["same"] - 0.05


@pytest.mark.parametrize("kind", ["attack-pattern", "tool"])
def test_what_everybody_uses_moves_nothing(kind):
    """What a seventh of all groups are known to use, and a tool anybody has, moves no probability by more than .01."""
    corpus, ignored = reference_corpus(), RULES.ignored["values"]
    common = RULES.counting["ramps"]["narrow"][1] * len(corpus.clusters)
    values = sorted(
        value
        for (each, value), holders in corpus.holders.items()
        if each == kind and (len(holders) >= 2 * common or f"{kind} {value}" in ignored)
    )
    assert len(values) >= 20
    for verdict in LAST[::8]:
        before = verdict.asked()
        for value in values:
            shared = [stated_by("Test", "B", side, kind, value) for side in (verdict.a, verdict.b)]
            assert largest_move(before, verdict.asked(shared)) <= 0.01, (value, named(verdict))


def digest_of(first, second, *, second_repeats):
    """A report, a digest that adds to it, and a digest of the digest."""
    report = Source(publisher="Vendor", title="report", reliability="B")
    digest = Source(publisher="Press", title="digest", derived_from=report.key, reliability="D")
    third = Source(publisher="Feed", title="feed", derived_from=second_repeats or digest.key, reliability="D")
    subject = Subject("P", "A")
    return tuple(
        Observation(subject=subject, trait=Trait("mutex", value), source=source)
        for source, value in ((report, first), (digest, first), (digest, second), (third, second))
    )


def test_an_addition_of_a_digest_is_not_supported_by_its_own_copy():
    """What a digest adds to its report counts for nothing, also in what repeats the digest."""
    assert {seen.trait.value for seen in supported(digest_of("a", "b", second_repeats=""))} == {"a"}


def test_a_report_of_ones_own_supports_itself():
    """A statement that repeats nobody the case has read is kept."""
    rows = digest_of("a", "b", second_repeats="Elsewhere: unread")
    assert [seen.source.publisher for seen in supported(rows) if seen.trait.value == "b"] == ["Feed"]


@pytest.mark.parametrize("day,grade", [("2020-01-01", "B"), ("2020-01-02", "E"), ("", "B")])
def test_only_who_came_later_takes_the_grade_of_the_first(day, grade):
    """Of two with the same words the later is no better graded than the first; without an order each keeps its own."""
    words = "the same eight words and more are printed by both of these sources here"
    rows = [
        stated_by(publisher, reliability, Subject("P", "A"), "mutex", "m", published=published, note=words)
        for publisher, reliability, published in (("Poor", "E", "2020-01-01"), ("Good", "B", day))
    ]
    origins = origins_of(rows, RULES)
    assert len({origins.origin(seen) for seen in rows}) == 1
    assert origins.grade(rows[1]) == grade
