"""The cache of a case: what is kept is found again; what is damaged or by other rules is not."""

import json
import random
import shutil
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from consilience.attribute.activity import Activity
from consilience.attribute.indicators import IndicatorEngine, loading
from consilience.attribute.indicators.loading import engine_from, rules_of
from consilience.attribute.shipped import indicator_model
from consilience.case import Case
from consilience.case.attribution import cache_in
from consilience.case.cache import KEPT, FolderCache
from consilience.vocab import vocabulary

MODEL, VOCAB = indicator_model(), vocabulary()
ARRAYS = {"one/two": np.arange(5), "text": np.frombuffer(b"abc", dtype=np.uint8)}


def reports(count, seed=1):
    draw = random.Random(seed)
    words = ("update", "cloud", "news", "press", "bank", "login")
    made = []
    for number in range(count):
        hosts = {f"{draw.choice(words)}-{draw.choice(words)}{draw.randrange(50)}.example" for _ in range(3)}
        traits = [("domain-name", host) for host in hosts] + [("ipv4-addr", f"192.0.2.{draw.randrange(1, 255)}")]
        made.append(Activity(f"P/{draw.randrange(5)}", 737_000 + number, f"r{number}", tuple(sorted(traits))))
    # One that shows no indicator has no row of its own.
    return [*made, Activity("P/0", 737_001, "mutex", (("mutex", "m"),))]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(loading, "LEAST_REPORTS", 10)
    return FolderCache(tmp_path / "cache", "sets")


def files(cache):
    return sorted(cache._folder.iterdir()) if cache._folder.exists() else []


def taken_apart(monkeypatch):
    """The sources of the reports that are taken apart from here on."""
    seen, real = [], loading.feature_counts
    monkeypatch.setattr(loading, "feature_counts", lambda each, vocab: seen.append(each.origin) or real(each, vocab))
    return seen


def same(one, other):
    asked = replace(reports(1, seed=9)[0], subject="", origin="q")
    assert one.subjects == other.subjects
    assert np.array_equal(one.terms(asked).weight, other.terms(asked).weight)
    assert np.array_equal(one.probabilities(asked), other.probabilities(asked))
    assert one.reasons(asked, 1, 99) == other.reasons(asked, 1, 99)


def test_what_is_kept_is_found_again(cache):
    """Arrays come back as they were kept, under their rules and key alone; the file is for its owner only."""
    cache.put("rules", "key", ARRAYS)
    found = cache.get("rules", "key")
    assert {name: each.tolist() for name, each in found.items()} == {k: v.tolist() for k, v in ARRAYS.items()}
    assert cache.get("rules", "other") is None
    assert cache.get("others", "key") is None
    assert cache.latest("rules").keys() == ARRAYS.keys()
    assert cache.latest("others") is None
    assert files(cache)[0].stat().st_mode & 0o077 == 0


def test_stale_files_go(cache):
    """What other rules made goes with the next write, and of the same rules so many stay; no part is left behind."""
    cache.put("old rules", "key", ARRAYS)
    (cache._folder / "sets-killed.part").write_bytes(b"half")
    for number in range(KEPT + 2):
        cache.put("rules", f"key {number}", ARRAYS)
    assert len(files(cache)) == KEPT
    assert cache.get("rules", f"key {KEPT + 1}") is not None
    assert all(path.suffix == ".npz" for path in files(cache))


@pytest.mark.parametrize("place", [0, 100, 0.5, 0.9, -30])
def test_a_damaged_file_is_noticed_and_goes(cache, place):
    """One changed byte anywhere: the file is not there, and does not stay."""
    cache.put("rules", "key", {"numbers": np.arange(4000)})
    (path,) = files(cache)
    raw = bytearray(path.read_bytes())
    at = int(place * len(raw)) if isinstance(place, float) else place
    raw[at] ^= 0xFF
    path.write_bytes(raw)
    found = cache.get("rules", "key")
    assert found is None or found["numbers"].tolist() == list(range(4000))
    if found is None:
        assert files(cache) == []


def test_a_cut_file_is_noticed(cache):
    """A file that ends too early, or is empty, is not there."""
    for size in (0, 10, 3000):
        cache.put("rules", "key", {"numbers": np.arange(4000)})
        (path,) = files(cache)
        path.write_bytes(path.read_bytes()[:size])
        assert cache.get("rules", "key") is None
        assert files(cache) == []


def test_objects_and_bombs_are_refused(cache):
    """A file with pickled objects, or a compressed one, is none of ours."""
    cache.put("rules", "key", ARRAYS)
    (path,) = files(cache)
    np.savez(path, names=np.array([{"a": 1}], dtype=object), rules=np.frombuffer(b"rules", dtype=np.uint8))
    assert cache.get("rules", "key") is None
    np.savez_compressed(path, **{"rules": np.frombuffer(b"rules", dtype=np.uint8), "names": np.zeros(0, np.uint8)})
    assert zipfile.is_zipfile(path)
    assert cache.get("rules", "key") is None


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path):
    """Where there is no place for a cache, nothing is kept and nothing fails."""
    (tmp_path / "file").write_text("")
    cache = FolderCache(tmp_path / "file" / "cache", "sets")
    cache.put("rules", "key", ARRAYS)
    assert cache.get("rules", "key") is None
    assert cache.latest("rules") is None


def test_the_engine_from_a_cache_answers_as_one_made_new(cache, monkeypatch):
    """From the cache nothing is taken apart, and every answer and reason is the same."""
    known = reports(40)
    engine_from(known, VOCAB, MODEL, cache)
    seen = taken_apart(monkeypatch)
    again = engine_from(list(reversed(known)), VOCAB, MODEL, cache)
    assert seen == []
    same(again, IndicatorEngine.of(known, VOCAB, MODEL))


def test_a_case_that_grew_is_to_the_bit_the_one_read_whole(cache):
    """Reports that come in between, and one that goes: values, places and amounts stand in the very same order."""
    every = reports(60)
    engine_from([each for number, each in enumerate(every) if number % 3], VOCAB, MODEL, cache)
    left = [each for each in every if each.origin != "r7"]
    extended, whole = engine_from(left, VOCAB, MODEL, cache), IndicatorEngine.of(left, VOCAB, MODEL)
    assert extended.case.activities == whole.case.activities
    for engine in (extended, whole):
        engine.prepared()
    for kind, column in whole.case.kinds.items():
        other = extended.case.kinds[kind]
        assert other.values == column.values
        assert other.places == column.places
        assert np.array_equal(other.shown.indices, column.shown.indices)
        assert np.array_equal(other.shown.data, column.shown.data)
    same(extended, whole)


def test_only_what_is_new_is_taken_apart(cache, monkeypatch):
    """With more reports, and one fewer, the engine is the one made new; only the new reports were taken apart."""
    known, more = reports(40), reports(43)
    engine_from(known, VOCAB, MODEL, cache)
    seen = taken_apart(monkeypatch)
    left = [each for each in more if each.origin != "r7"]
    again = engine_from(left, VOCAB, MODEL, cache)
    assert sorted(seen) == ["r40", "r41", "r42"]
    same(again, IndicatorEngine.of(left, VOCAB, MODEL))


def test_a_report_that_changed_is_taken_apart_again(cache, monkeypatch):
    """A report of the same source and day that shows something else is not the one that was kept."""
    known = reports(40)
    engine_from(known, VOCAB, MODEL, cache)
    seen = taken_apart(monkeypatch)
    known[3] = replace(known[3], traits=(*known[3].traits, ("url:path", "/x/y.php")))
    same(engine_from(known, VOCAB, MODEL, cache), IndicatorEngine.of(known, VOCAB, MODEL))
    assert seen == ["r3"]


def test_arrays_that_do_not_fit_are_made_again(cache):
    """Whole files whose arrays do not fit each other, or point beyond their end, are not used."""
    known = reports(40)
    engine_from(known, VOCAB, MODEL, cache)
    (path,) = files(cache)
    key, rules = path.stem.rpartition("-")[2], rules_of(VOCAB, MODEL)
    kept = dict(cache.get(rules, key))
    spoiled = [
        {name: each for name, each in kept.items() if name != "host/gains/data"},
        {**kept, "host/inverted/places": kept["host/inverted/places"] + 10_000},
        {**kept, "discriminant/classes": kept["discriminant/classes"] + 50},
        {**kept, "rows": kept["rows"] + 50},
    ]
    for arrays in spoiled:
        cache.put(rules, key, arrays)
        same(engine_from(known, VOCAB, MODEL, cache), IndicatorEngine.of(known, VOCAB, MODEL))


def test_another_model_or_version_is_another_rule(monkeypatch):
    """The rules name the model, the format, the versions of libraries, and the code: any change makes others."""
    before = {rules_of(VOCAB, MODEL)}
    before.add(rules_of(VOCAB, replace(MODEL, weights={"discriminant": 1.0})))
    before.add(rules_of(replace(VOCAB, digest="other"), MODEL))
    monkeypatch.setattr(loading, "FORMAT", loading.FORMAT + 1)
    before.add(rules_of(VOCAB, MODEL))
    monkeypatch.setattr(loading, "_code", lambda: "other code")
    before.add(rules_of(VOCAB, MODEL))
    monkeypatch.setattr(loading.metadata, "version", lambda name: "9.9")
    before.add(rules_of(VOCAB, MODEL))
    assert len(before) == 6


def test_a_case_keeps_what_it_prepared_and_tells_nobody(tmp_path, monkeypatch):
    """A case attributes the same with its cache and without; its digest and exports stay."""
    monkeypatch.setattr(loading, "LEAST_REPORTS", 10)
    lines = [
        {"publisher": "P", "subject": each.subject, "kind": kind, "value": value, "published": "2020-01-01"}
        | {"source": {"publisher": "Q", "id": each.origin}}
        for each in reports(30)
        for kind, value in each.traits
    ]
    (tmp_path / "known.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    shown = [{"kind": kind, "value": value} for kind, value in reports(1, seed=9)[0].traits]
    (tmp_path / "asked.jsonl").write_text(json.dumps({"id": "q", "date": "2020-02-01", "observations": shown}))
    answers, digests, exports = [], [], []
    for _ in range(2):
        with Case.open(str(tmp_path / "case")) as case:
            case.read([str(tmp_path / "known.jsonl")])
            answers.append(case.attribute([str(tmp_path / "asked.jsonl")]).answers)
            digests.append(case.digest())
            exports.append(case.converted("", "jsonl").content)
            assert len(list((tmp_path / "case" / "cache").glob("*.npz"))) == 1
    assert answers[0] == answers[1]
    assert digests[0] == digests[1]
    assert exports[0] == exports[1]
    shutil.rmtree(tmp_path / "case" / "cache")
    with Case.open(str(tmp_path / "case")) as case:
        assert case.attribute([str(tmp_path / "asked.jsonl")]).answers == answers[0]


def test_a_name_of_a_type_is_no_path(tmp_path):
    """Whatever type of subject is asked for, the cache stays in its folder."""
    assert cache_in(tmp_path / "cache", "../../elsewhere")._path("r" * 64, "k").parent == tmp_path / "cache"


def test_a_small_case_keeps_nothing(tmp_path):
    """Below so many reports no file is written."""
    cache = FolderCache(tmp_path / "cache", "sets")
    engine_from(reports(20), VOCAB, MODEL, cache)
    assert files(cache) == []
