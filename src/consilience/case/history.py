"""What was written to a case, and whether it is as it was written."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice

from consilience.keep import cut_off
from consilience.model.json import JsonObject
from consilience.model.protocols import Keeper


def audit_records(keeper: Keeper, top: int) -> list[JsonObject]:
    """The newest entries of the audit chain, with what they are about and when it was recorded."""
    subjects = {("import", row["id"]): (row["file"], row["recorded"]) for row in keeper.imports()}
    for judged in keeper.judgements():
        about = f"{judged.a} and {judged.b}: {judged.level}, by {judged.by}"
        subjects["judgement", judged.id] = (about, judged.recorded)
    for ruling in keeper.rulings():
        subjects["ruling", ruling.id] = (f"{ruling.kind} {ruling.about}, by {ruling.by or 'nobody'}", ruling.recorded)
    for entry in keeper.disclosures():
        subjects["disclosure", entry.id] = (f"{entry.assessment} to {entry.partner}", entry.recorded)
    rows: list[JsonObject] = []
    for row in islice(keeper.audit(), top):
        about, recorded = subjects.get((row.act, row.of), ("", ""))
        rows.append({**asdict(row), "about": about, "recorded": recorded})
    return rows


def verification(keeper: Keeper, head: str) -> JsonObject:
    """Whether a case is as it was written: what does not hold, and the length and newest hash of its audit chain.

    `head` is the newest hash of an earlier day, kept elsewhere: with it a chain is found that was cut off.
    """
    faults, newest = list(keeper.verify()), next(iter(keeper.audit()), None)
    if head and all(entry.hash != head for entry in keeper.audit()):
        faults.append(cut_off(newest.seq if newest else 0))
    return {
        "sound": not faults,
        "entries": newest.seq if newest else 0,
        "newest": newest.hash if newest else "",
        "faults": [asdict(fault) for fault in faults],
    }
