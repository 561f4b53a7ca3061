"""The columns against the plain comparisons, over every golden case and over invented cases."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consilience.case import counted
from consilience.model.observation import Observation
from consilience.model.snapshot import snapshot_of
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.read import golden_case
from consilience.vocab import vocabulary
from consilience.weigh import corpus_from, counts_of, weigh
from consilience.weigh.columns import fact_table, shared_rows, totals

CASES = sorted((Path(__file__).parents[2] / "cases").glob("*.yml"))
KINDS = [
    *("domain-name", "ipv4-addr", "malware", "tool", "attack-pattern", "crypto:key", "x509-certificate:sha1"),
    *("file:sha256", "code:function", "sector", "c2:port", "mutex", "hosting-provider", "registrar"),
]
DATES = ["", "2020", "2020-03", "2020-03-05", "2021-07-09", "2023-01-01"]


def compared(snapshot, counts):
    """Every pair of a snapshot whose shared values both ways can weigh, with the rows of both."""
    vocab = vocabulary()
    table = fact_table(snapshot, vocab)
    pairs = np.array(
        [pair for pair in combinations(range(len(table.subjects)), 2) if not table.plain_only[list(pair)].any()],
        dtype=np.int64,
    ).reshape(-1, 2)
    rows = shared_rows(table, pairs, counts, vocab)
    sums = totals(rows, table, len(pairs), vocab)
    for number, places in enumerate(pairs):
        a, b = (snapshot.subjects[table.subjects[place]] for place in places)
        plain = {
            (item.kind, item.values[0]): item
            for item in weigh(snapshot, a, b, counts, vocab).items
            if item.form == "shared" and "developer and requirement only" not in " ".join(item.notes)
        }
        mine = np.flatnonzero(rows.pair == number)
        yield (a, b), plain, {table.traits[rows.trait[row]]: rows.vector[row] for row in mine}, sums[number]


def whole(vector):
    return [round(float(value) * 1000) for value in vector]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_golden_cases_weigh_the_same(path):
    """Every shared value of every pair of a golden case weighs the same in columns, to the millideciban."""
    snapshot = snapshot_of(golden_case(path.read_bytes(), path.name).observations)
    for pair, plain, bulk, _ in compared(snapshot, counted(snapshot)):
        assert plain.keys() == bulk.keys(), pair
        for key, item in plain.items():
            assert whole(item.vector) == whole(bulk[key]), (pair, key, item.why)


@st.composite
def observation(draw):
    kind = draw(st.sampled_from(KINDS))
    values = ["192.0.2.1", "104.16.1.1"] if kind == "ipv4-addr" else ["alpha", "beta", "mimikatz"]
    first = draw(st.sampled_from(DATES))
    return Observation(
        subject=Subject("P", draw(st.sampled_from("ABCDE")), "intrusion-set"),
        trait=Trait(kind, draw(st.sampled_from(values))),
        source=Source(publisher="Q", id=draw(st.sampled_from(["r1", "r2", "r3"])), reliability="B"),
        first_seen=first,
        last_seen=first and draw(st.sampled_from([first, "2023-02"])),
        published=draw(st.sampled_from(DATES)),
        public_since=draw(st.sampled_from(["", "", "2020-06"])),
        exclusive=draw(st.booleans()),
        key_role=draw(st.sampled_from(["", "per-operator", "per-builder", "unknown"])) if kind == "crypto:key" else "",
        role=draw(st.sampled_from(["", "", "", "cdn"])),
    )


CORPUS = corpus_from(
    {
        "name": "an invented corpus",
        "clusters": [
            ["A", 0],
            ["Elsewhere", 0, ["B", "C"]],
            ["Later", 900_000],
            *([f"Other {n}", 0] for n in range(30)),
        ],
        "holders": {"malware": {"alpha": [[0, 0], [1, 0]], "beta": [[2, 900_000], [3, 0], [4, 0]]}},
        "closed_kinds": ["attack-pattern"],
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(observation(), min_size=4, max_size=24), st.booleans())
def test_invented_cases_weigh_the_same(rows, with_corpus):
    """Whatever subjects show, and with or without a reference corpus, both ways weigh the same."""
    snapshot = snapshot_of(rows)
    counts = counted(snapshot) if not with_corpus else counts_of(snapshot, CORPUS, 800_000, vocabulary())
    for pair, plain, bulk, _ in compared(snapshot, counts):
        assert plain.keys() == bulk.keys(), pair
        for key, item in plain.items():
            assert whole(item.vector) == whole(bulk[key]), (pair, key, item.why)


@settings(max_examples=40, deadline=None)
@given(st.lists(observation(), min_size=4, max_size=24))
def test_totals_are_never_below_the_plain_ones(rows):
    """What the shared values of a pair add up to in columns is never less than in the plain sum, which caps origins."""
    snapshot = snapshot_of(rows)
    counts, vocab = counted(snapshot), vocabulary()
    for (a, b), _, _, sums in compared(snapshot, counts):
        found = weigh(snapshot, a, b, counts, vocab)
        shared = [item for item in found.evidence if item.form == "shared"]
        for axis, (start, _) in vocab.ranges.items():
            for place, name in enumerate(vocab.axes[axis].hypotheses):
                plain = sum(item.on(axis, name) for item in shared)
                assert plain <= 1000 * sums[start + place] + len(shared)
