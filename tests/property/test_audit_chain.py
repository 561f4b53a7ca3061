"""Acceptance test 36: whoever edits, removes, reorders or cuts the audit chain is found, at the first bad entry."""

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consilience.case import Case
from consilience.keep import MemoryKeeper
from consilience.keep.chain import BEGINNING, broken, entry_after, faults_of
from consilience.model.audit import AuditEntry

ACTS = ("import", "judgement", "result", "ruling", "disclosure")
LENGTH = 40


def chain_of(length):
    entries = [BEGINNING]
    for place in range(length):
        entries.append(entry_after(entries[-1], ACTS[place % len(ACTS)], f"id {place}", f"{place:064x}"))
    return entries[1:]


CHAIN = chain_of(LENGTH)
HELD = {act: sum(entry.act == act for entry in CHAIN) for act in ACTS}
CONTENT = {(entry.act, entry.of): entry.content for entry in CHAIN}
places = st.integers(0, LENGTH - 1)


def faults(entries, held=HELD):
    return list(faults_of(entries, lambda act, of: CONTENT[act, of], held))


def first(entries):
    return next(broken(entries)).where


def test_36_an_untouched_chain_has_no_faults():
    """A chain that nobody touched holds, with all that it tells of."""
    assert faults(CHAIN) == []


@settings(max_examples=300, deadline=None)
@given(place=places, field=st.sampled_from([each.name for each in fields(AuditEntry)]), other=st.text(max_size=8))
def test_36_an_edited_entry_is_named(place, field, other):
    """An entry of which any field was changed, the number among them, is the first one named."""
    before = CHAIN[place]
    value = before.seq + 1 + len(other) if field == "seq" else f"{getattr(before, field)}{other}x"
    edited = replace(before, **{field: value})
    entries = [*CHAIN[:place], edited, *CHAIN[place + 1 :]]
    assert first(entries) == f"audit entry {edited.seq}"
    assert len(list(faults_of(entries, lambda act, of: CONTENT.get((act, of), ""), HELD))) >= 1


@settings(max_examples=300, deadline=None)
@given(place=places, field=st.sampled_from(["act", "of", "content"]), other=st.text(min_size=1, max_size=8))
def test_36_an_edited_entry_with_its_own_new_hash_is_named(place, field, other):
    """Whoever changes an entry and computes its hash anew is found at the entry after, and at what it tells of."""
    changed = replace(CHAIN[place], **{field: f"{getattr(CHAIN[place], field)}{other}"})
    entries = [*CHAIN[:place], replace(changed, hash=changed.expected), *CHAIN[place + 1 :]]
    found = list(faults_of(entries, lambda act, of: CONTENT.get((act, of), "nothing"), HELD))
    if place + 1 < LENGTH:
        assert found[0].where == f"audit entry {CHAIN[place + 1].seq}"
    assert any(changed.of in fault.where or "every" in fault.where for fault in found)


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, LENGTH - 2))
def test_36_a_removed_entry_is_named_by_the_one_after(place):
    """Where an entry was removed, the one after does not follow, and what it told of is counted."""
    entries = [*CHAIN[:place], *CHAIN[place + 1 :]]
    found = faults(entries)
    assert found[0].where == f"audit entry {CHAIN[place + 1].seq}"
    assert f"every {CHAIN[place].act}" in [fault.where for fault in found]


@settings(max_examples=300, deadline=None)
@given(pair=st.lists(places, min_size=2, max_size=2, unique=True).map(sorted))
def test_36_a_reordered_entry_is_named(pair):
    """Where two entries changed places, the first that stands wrongly is named first."""
    left, right = pair
    entries = list(CHAIN)
    entries[left], entries[right] = entries[right], entries[left]
    assert first(entries) == f"audit entry {CHAIN[right].seq}"


@settings(max_examples=100, deadline=None)
@given(length=st.integers(0, LENGTH - 1))
def test_36_a_cut_tail_is_counted(length):
    """Where the end was cut off and its rows are there, each act that lost entries is named with both counts."""
    lost = {entry.act for entry in CHAIN[length:]}
    found = faults(CHAIN[:length])
    assert [fault.where for fault in found] == [f"every {act}" for act in ACTS if act in lost]


def written():
    case = Case(MemoryKeeper())
    for place in range(6):
        case.rulings.add_partner(f"P{place}", by="Ann")
    return case


@pytest.mark.parametrize("kept", range(6))
def test_36_a_tail_cut_with_its_rows_is_found_by_the_head_kept_elsewhere(kept):
    """With the newest hash kept elsewhere a tail that was cut off with its rows is found; without, nothing shows it."""
    case = written()
    head = case.verify()["newest"]
    assert case.verify(head)["sound"]
    case.rulings.add_partner("P9", by="Ann")
    assert case.verify(head)["sound"]
    keeper = case.keeper
    del keeper._entries[kept:]
    for name in list(keeper._rulings)[kept:]:
        del keeper._rulings[name]
    assert case.verify()["sound"]
    found = case.verify(head)
    assert not found["sound"] and [fault["where"] for fault in found["faults"]] == [f"after audit entry {kept}"]
