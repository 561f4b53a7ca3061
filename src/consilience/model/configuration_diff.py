"""Two configurations beside each other, field by field, in their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from consilience.model.configuration import Configuration, Entry, Setting


class State(StrEnum):
    """How a field of two configurations compares."""

    SAME = "same"
    CHANGED = "changed"
    ONLY_A = "only in a"
    ONLY_B = "only in b"
    ORDER = "another order"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of two configurations: its name, its type, how it compares, and its value on both sides."""

    field: str
    type: str
    state: State
    a: str = ""
    b: str = ""


def differences(a: Configuration, b: Configuration) -> tuple[Difference, ...]:
    """Every field of two configurations with how it compares, in the order of the first, then of the second.

    Entries of one name are a list: those that are equal are matched wherever they stand, and a list of the same
    entries in another order says so in a row of its own.
    """
    rows = [_row("family", "text", a.family, b.family)]
    if a.layout or b.layout:
        rows.append(_row("layout", "text", a.layout, b.layout))
    for name in dict.fromkeys(entry.name for entry in (*a.entries, *b.entries)):
        rows += _of_name(name, [e for e in a.entries if e.name == name], [e for e in b.entries if e.name == name])
    return tuple(rows)


def _row(field: str, kind: str, a: str, b: str) -> Difference:
    if not a or not b:
        return Difference(field, kind, State.ONLY_A if a else State.ONLY_B, a, b)
    return Difference(field, kind, State.SAME if a == b else State.CHANGED, a, b)


def _of_name(name: str, left: Sequence[Entry], right: Sequence[Entry]) -> Iterator[Difference]:
    if len(left) == len(right) == 1:
        yield from _of_pair(name, left[0], right[0])
        return
    waiting = _places(right)
    matched, rest, order = [], [], []
    for entry in left:
        if found := waiting.get(entry):
            order.append(found.pop(0))
            matched.append(entry)
        else:
            rest.append(entry)
    for entry in matched:
        yield from _alone(name, entry, State.SAME)
    others = [right[place] for place in sorted(place for places in waiting.values() for place in places)]
    yield from _of_rest(name, rest, others)
    if order != sorted(order):
        first, second = _shown(matched), _shown([right[place] for place in sorted(order)])
        yield Difference(name, "text", State.ORDER, first, second)


def _places(entries: Sequence[Entry]) -> dict[Entry, list[int]]:
    places: dict[Entry, list[int]] = {}
    for place, entry in enumerate(entries):
        places.setdefault(entry, []).append(place)
    return places


def _of_rest(name: str, left: Sequence[Entry], right: Sequence[Entry]) -> Iterator[Difference]:
    """Entries without an equal: those of the same first value are compared, the others stand on one side only."""
    waiting: dict[str, list[Entry]] = {}
    for entry in right:
        waiting.setdefault(_first(entry), []).append(entry)
    for entry in left:
        if found := waiting.get(_first(entry)):
            yield from _of_pair(name, entry, found.pop(0))
        else:
            yield from _alone(name, entry, State.ONLY_A)
    left_over = Counter(entry for entries in waiting.values() for entry in entries)
    for entry in right:
        if left_over[entry]:
            left_over[entry] -= 1
            yield from _alone(name, entry, State.ONLY_B)


def _of_pair(name: str, left: Entry, right: Entry) -> Iterator[Difference]:
    """The settings of two entries by their names, the n-th of a name beside the n-th."""
    ours, theirs = _numbered(left), _numbered(right)
    for key in dict.fromkeys((*ours, *theirs)):
        kind = (ours.get(key) or theirs[key]).type
        one, other = (side[key].value if key in side else "" for side in (ours, theirs))
        if one or other:
            yield _row(_field(name, key[0]), kind, one, other)
    if left.usage != right.usage:
        yield _row(f"{name} usage", "text", left.usage, right.usage)


def _numbered(entry: Entry) -> dict[tuple[str, int], Setting]:
    count: Counter[str] = Counter()
    found = {}
    for each in entry.settings:
        found[each.name, count[each.name]] = each
        count[each.name] += 1
    return found


def _alone(name: str, entry: Entry, state: State) -> Iterator[Difference]:
    for each in entry.settings:
        a = each.value if state is not State.ONLY_B else ""
        b = each.value if state is not State.ONLY_A else ""
        yield Difference(_field(name, each.name), each.type, state, a, b)


def _first(entry: Entry) -> str:
    return entry.settings[0].value if entry.settings else ""


def _field(name: str, setting: str) -> str:
    return f"{name}.{setting}" if setting else name


def _shown(entries: Sequence[Entry]) -> str:
    return ", ".join(":".join(each.value for each in entry.settings) for entry in entries)
