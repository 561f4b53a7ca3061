"""Activities somebody asks about, as files hold them."""

import gzip
import json

import pytest

from consilience.model.errors import MissingInput
from consilience.read import read_queries

SEEN = {"kind": "domain-name", "value": "Login.Example"}


def written(folder, lines, name="activity.jsonl", pack=False):
    raw = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines).encode()
    path = folder / name
    path.write_bytes(gzip.compress(raw, mtime=0) if pack else raw)
    return str(path)


@pytest.mark.parametrize("pack", [False, True])
def test_one_query_a_line(tmp_path, pack):
    """Each line of a query file is one query, in order, with its date and its observations in canonical form."""
    path = written(
        tmp_path,
        [{"id": "one", "date": "2023-05-02", "observations": [SEEN]}, {"id": "two", "observations": []}],
        pack=pack,
    )
    found = read_queries(path)
    assert [(query.id, query.date) for query in found.queries] == [("one", "2023-05-02"), ("two", "")]
    assert found.queries[0].observations[0].trait.value == "login.example"
    assert not found.refusals


def test_bad_observations_cost_no_good_ones(tmp_path):
    """What is wrong inside a query is told with its place, and the rest of the query stands."""
    path = written(
        tmp_path,
        [
            {"id": "one", "date": "soon", "observations": [{"kind": "ipv4-addr", "value": "no address"}, SEEN, 5]},
            "{broken\n",
            {"observations": [SEEN], "colour": "red"},
        ],
    )
    found = read_queries(path)
    assert [len(query.observations) for query in found.queries] == [1, 1]
    assert found.queries[1].id == "line 3"
    assert [(fault.line, fault.field) for fault in found.refusals] == [
        (1, "date"),
        (1, "observations[0] value"),
        (1, "observations[2]"),
        (2, ""),
    ]
    assert [notice.field for notice in found.notices] == ["colour"]


def test_a_line_without_observations_is_refused(tmp_path):
    """A line of a query file that holds no list of observations is told so."""
    found = read_queries(written(tmp_path, [{"id": "a", "observations": [SEEN]}, {"id": "b"}]))
    assert len(found.queries) == 1
    assert "no list of observations" in found.refusals[0].what


def test_a_long_query_is_read(tmp_path):
    """A query may be longer than a line of an observation file may be."""
    rows = [{"kind": "domain-name", "value": f"host{place}.example"} for place in range(25_000)]
    found = read_queries(written(tmp_path, [{"id": "long", "observations": rows}]))
    assert not found.refusals
    assert len(found.queries[0].observations) == 25_000


def test_any_readable_file_is_one_query(tmp_path):
    """An observation file is one query made of all its observations, which need no publisher and no subject."""
    path = written(tmp_path, [SEEN, {"kind": "mutex", "value": "m"}], name="seen.jsonl")
    (query,) = read_queries(path).queries
    assert len(query.observations) == 2
    assert query.id == path


def test_a_missing_file_is_an_error(tmp_path):
    """A query file that is not there is one clear error."""
    with pytest.raises(MissingInput, match="nowhere"):
        read_queries(str(tmp_path / "nowhere.jsonl"))
