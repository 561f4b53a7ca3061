"""Rules that a team brings: compiled and matched in a locked process, faults told all at once."""

import base64
import hashlib
import json
from dataclasses import replace

import pytest
from tests.unit.analyse.conftest import portable_executable
from tests.unit.analyse.test_programs import CODE

from consilience.case import Case
from consilience.model.errors import MissingInput
from consilience.read import Matcher, read_path, rule_set
from consilience.read.rules import matcher, matching, ruleset
from consilience.sandbox import Analysis

RAW = portable_executable(CODE, [(0, 14)], [("KERNEL32.dll", ["Sleep"])], "needle.pdb")
GOOD = """import "pe"
rule Needle {
  meta:
    family = "Fam"
    author = "A"
    score = 3
  strings:
    $n = "needle"
  condition:
    $n and pe.number_of_sections == 2
}
"""
MIXED = "rule Fine { condition: true }\n\nrule Broken { condition: nowhere }\nrule Other { condition: elsewhere }\n"
CLOCK = 'import "time"\nrule Late { condition: time.now() > 0 }\nrule Plain { condition: filesize > 10 }\n'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "rules" / "more").mkdir(parents=True)
    for name, text in (
        ("good.yar", GOOD),
        ("more/mixed.yara", MIXED),
        ("more/clock.yar", CLOCK),
        ("include.yar", 'include "good.yar"\n'),
        ("notes.txt", "rule Hidden { condition: true }"),
        (".hidden.yar", "rule Hidden { condition: true }"),
    ):
        (tmp_path / "rules" / name).write_text(text)
    return tmp_path / "rules"


def reading(path, raw=RAW):
    path.write_bytes(raw)
    (found,) = read_path(path, {"subject": "Fam", "subject_type": "malware", "publisher": "V", "tlp": "amber"})
    return found


def matched(folder, found):
    with Matcher(rule_set(folder)) as rules:
        return rules.applied(found)


def test_a_match_is_an_observation_of_the_sample(folder, tmp_path):
    """A rule that matches is a trait, with file and rule as its value, places, and the digest of the rules."""
    found = reading(tmp_path / "x")
    done = matched(folder, found)
    told = {seen.trait.value: seen for seen in done.observations if seen.trait.kind == "code:rule"}
    assert set(told) == {"good:Needle", "more/mixed:Fine", "more/clock:Plain"} and not done.refusals
    seen = told["good:Needle"]
    assert seen.where == f"$n at {RAW.index(b'needle'):#x}" and told["more/mixed:Fine"].where == "the whole file"
    assert seen.note == f"rules {rule_set(folder).digest[:12]}; family: Fam; author: A"
    assert (seen.subject.key, seen.tlp, seen.source) == ("V/Fam", "amber", found.observations[0].source)
    assert set(done.observations) > set(found.observations) and done.codes == found.codes


def test_faults_are_told_all_at_once(folder, tmp_path):
    """Each fault has its file, its line and what to do; rules that are in order are used, also of the same file."""
    with Matcher(rule_set(folder)) as rules:
        told = sorted((refusal.file.rsplit("/", 1)[-1], refusal.line, refusal.what) for refusal in rules.refusals)
    assert [row[:2] for row in told] == [("clock.yar", 2), ("include.yar", 1), ("mixed.yara", 3), ("mixed.yara", 4)]
    assert "include statements not allowed" in told[1][2] and "`nowhere`" in told[2][2]
    assert "rule Late depends on ignored module `time`" in told[0][2]
    assert {refusal.todo for refusal in rules.refusals} == {"correct the rule; the others are used"}


def test_other_files_are_not_matched(folder, tmp_path):
    """What is no program comes back as it is."""
    path = tmp_path / "x.jsonl"
    path.write_text('{"publisher": "P", "subject": "S", "kind": "mutex", "value": "needle"}\n')
    (found,) = read_path(path, {})
    assert matched(folder, found) is found


def test_the_digest_names_the_rules(folder):
    """The digest follows from names and texts alone."""
    before = rule_set(folder).digest
    assert before == rule_set(str(folder)).digest
    (folder / "good.yar").write_text(GOOD + " ")
    assert rule_set(folder).digest != before


def test_files_that_cannot_be_taken_are_refused(folder, monkeypatch):
    """A file that is no text and one that is too long are refused by name; the rest is taken."""
    (folder / "a.yar").write_bytes(b"rule A { condition: true }\n\xff")
    monkeypatch.setattr(ruleset, "MAX_SIZE", 150)
    found = rule_set(folder)
    told = {refusal.file.rsplit("/", 1)[-1]: (refusal.line, refusal.what) for refusal in found.refusals}
    assert told["a.yar"] == (2, "is not UTF-8") and "is too much" in told["good.yar"][1]
    assert [each.name for each in found.files] == ["include", "more/clock", "more/mixed"]
    with pytest.raises(MissingInput, match="no such folder"):
        rule_set(folder / "nowhere")


def test_without_the_library_each_file_is_refused(folder, tmp_path, monkeypatch):
    """Where YARA-X is not installed every file says so, and samples are read without rules."""
    monkeypatch.setattr(matcher, "find_spec", lambda name: None)
    found = reading(tmp_path / "x")
    with Matcher(rule_set(folder)) as rules:
        assert rules.applied(found) is found
        assert len(rules.refusals) == 4 and all("not installed" in refusal.what for refusal in rules.refusals)
        assert {refusal.todo for refusal in rules.refusals} == {"pip install 'consilience[rules]'"}


@pytest.mark.parametrize(
    "analysis,told",
    [
        (Analysis(answer={"matches": [], "timed_out": True}), "took longer than 60 seconds"),
        (Analysis(failed="it used more than 300 seconds of processor time, or was killed"), "processor time"),
        (Analysis(answer={"matches": [[99, "R", [], [], 0]]}), "not what an answer must be"),
        (Analysis(answer=["odd"]), "not what an answer must be"),
    ],
)
def test_a_sample_on_which_rules_fail_is_read_without_them(folder, tmp_path, analysis, told):
    """A time-out, a crash and an answer that is none cost the matches of this sample, and a refusal says so."""
    found = reading(tmp_path / "x")
    with Matcher(rule_set(folder)) as rules:
        rules._worker.analyse = lambda *asked: analysis
        done = rules.applied(found)
    (refusal,) = done.refusals
    assert told in refusal.what and refusal.field == "rules" and done.observations == found.observations


def test_slow_rules_are_stopped(folder, tmp_path):
    """A rule that would run for very long is stopped, and the next sample is matched by the next rules."""
    slow = "rule Slow { condition: for all a in (0..100000000) : (for all b in (0..100000000) : (a + b >= 0)) }"
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow" / "slow.yar").write_text(slow)
    found = reading(tmp_path / "x")
    with Matcher(rule_set(tmp_path / "slow")) as rules:
        # Processor time, of which a loaded machine gives no more than a quiet one, and only once all is compiled.
        rules._worker.limits = replace(matcher.LIMITS, cpu=1)
        (refusal,) = rules.applied(found).refusals
    assert "processor time" in refusal.what and "slow rules" in refusal.todo
    with Matcher(rule_set(folder)) as rules:
        assert {seen.trait.value for seen in rules.applied(found).observations} > {"good:Needle", "more/mixed:Fine"}


def test_the_rules_of_a_case_and_those_named_are_used(folder, tmp_path):
    """The folder `rules` of the case and the one that is named are both held against samples; faults come first."""
    (tmp_path / "x").write_bytes(RAW)
    with Case.open(str(tmp_path / "winter.case")) as case:
        own = tmp_path / "winter.case" / "rules"
        own.mkdir()
        (own / "own.yar").write_text("rule Mine { condition: true }")
        results = case.read([str(tmp_path / "x")], subject="S", publisher="V", rules=str(folder))
        told = {seen.printed for seen in case.snapshot().observations if seen.trait.kind == "code:rule"}
        again = case.read([str(tmp_path / "x")], subject="S", publisher="V")
    assert told == {"own:Mine", "good:Needle", "more/mixed:Fine", "more/clock:Plain"}
    assert [each.format for each in results] == ["rules"] * 3 + ["program"] and not results[-1].refusals
    assert [len(each.refusals) for each in results[:3]] == [1, 1, 2]
    assert [each.new for each in again] == [0]


def test_rules_that_match_alike_weigh_by_how_many_show_them(tmp_path):
    """A match that two of many families share is evidence; one that all share counts for less."""
    (tmp_path / "rules").mkdir()
    rules = 'rule Rare { strings: $a = "rare mark" condition: $a }\nrule Common { condition: true }\n'
    (tmp_path / "rules" / "r.yar").write_text(rules)
    with Case.open(str(tmp_path / "c")) as case, Matcher(rule_set(tmp_path / "rules")) as matcher:
        for number in range(12):
            mark = b"rare mark" if number < 2 else hashlib.sha256(bytes([number])).digest()
            (tmp_path / "s").write_bytes(portable_executable(CODE + mark + bytes([number])))
            named = {"publisher": "V", "subject": f"F{number}", "subject_type": "malware"}
            (found,) = read_path(tmp_path / "s", named)
            case.keeper.add(matcher.applied(found), f"2026-01-{number + 1:02}T00:00:00+00:00")
        evidence = case.assess("V/F0", "V/F1").relation.evidence
    weight = {item.values[0]: item.weights["developer"]["same"] for item in evidence if item.kind == "code:rule"}
    assert weight["r:Rare"] > weight.get("r:Common", 0) >= 0


def test_the_scanner_has_a_time_out_of_its_own(monkeypatch):
    """Long before the process is killed, the scanner gives up on a sample and says so."""
    slow = "rule Slow { condition: for all a in (0..100000000) : (for all b in (0..100000000) : (a + b >= 0)) }"
    monkeypatch.setattr(matching, "SCAN_SECONDS", 1)
    compiled = base64.b64decode(matching.compile_rules(json.dumps([slow]).encode(), "")["rules"])
    asked = len(compiled).to_bytes(ruleset.LENGTH, "big") + compiled + RAW
    assert matching.match(asked, "") == {"matches": [], "timed_out": True}
