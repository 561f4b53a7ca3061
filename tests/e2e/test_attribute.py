"""An activity, asked of a case, as a user asks it."""

import json
import subprocess
import sys

import pytest

SEEN = {
    "Alpha": ["alphaloader", "T1566.001", "T1059.003", "T1105"],
    "Beta": ["betarat", "T1190", "T1505.003", "T1105"],
    "Gamma": ["gammabot", "T1566.002", "T1204.001", "T1105"],
}


def consilience(*args):
    done = subprocess.run([sys.executable, "-m", "consilience", *args], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def observed(values):
    return [{"kind": "attack-pattern" if value.startswith("T1") else "malware", "value": value} for value in values]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("attribute")
    rows = [
        {
            "publisher": "P",
            "subject": name,
            "published": f"202{year}-03-01",
            "source": {"id": f"{name} {year}", "publisher": "Q", "reliability": "B"},
            **seen,
        }
        for name, values in SEEN.items()
        for year in (0, 1, 2)
        for seen in observed(values)
    ]
    (folder / "known.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    queries = [
        {"id": "like alpha", "date": "2022-06-01", "observations": observed(SEEN["Alpha"])},
        {"id": "unlike all", "date": "2022-06-01", "observations": observed(["omegawiper", "T1485", "T1561.002"])},
        {"id": "partly", "observations": [*observed(["betarat"]), {"kind": "ipv4-addr", "value": "nowhere"}]},
    ]
    (folder / "asked.jsonl").write_text("".join(json.dumps(query) + "\n" for query in queries))
    assert consilience("--version")[0] == 0
    assert consilience("read", str(folder / "known.jsonl"), "--case", str(folder / "case"))[0] == 0
    return folder


def test_one_line_of_json_for_each_query(place):
    """With --json each query gives one line, in order; probabilities sum to 1; bad input costs the status only."""
    status, out, err = consilience("attribute", str(place / "asked.jsonl"), "--case", str(place / "case"), "--json")
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer["id"] for answer in answers] == ["like alpha", "unlike all", "partly"]
    assert status == 3 and "observations[1]" in err
    for answer in answers:
        assert {each["subject"] for each in answer["ranking"]} == {"P/Alpha", "P/Beta", "P/Gamma"}
        whole = sum(each["probability"] for each in answer["ranking"]) + answer["none_of_these"]
        assert whole == pytest.approx(1, abs=1e-6)
    best = answers[0]["ranking"][0]
    assert best["subject"] == "P/Alpha"
    assert sum(part["weight"] for part in best["parts"]) == pytest.approx(best["weight"], abs=0.05)
    assert {reason["values"][0] for reason in best["because"]} == set(SEEN["Alpha"])
    assert answers[0]["runner_up"]["separates"]["values"] == ["alphaloader"]
    assert answers[1]["none_of_these"] > answers[0]["none_of_these"]


def test_people_read_names_bars_and_reasons(place):
    """Without --json the answer names the best subjects with reasons, and none of these beside them."""
    _, out, _ = consilience("attribute", str(place / "asked.jsonl"), "--case", str(place / "case"), "--top", "1")
    assert "like alpha" in out and "P/Alpha" in out and "none of these" in out
    assert "alphaloader" in out


def test_a_missing_query_is_one_clear_line(place):
    """A query file that is not there is wrong use, told in one line."""
    status, out, err = consilience("attribute", str(place / "nowhere.jsonl"), "--case", str(place / "case"))
    assert (status, out) == (2, "")
    assert "nowhere.jsonl" in err and len(err.splitlines()) == 1
