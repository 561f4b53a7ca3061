"""Who may be told: labels that join, so that what is derived from facts is never freer than any of them.

Colours of the Traffic Light Protocol have no order once there are several partners: two red facts of two meetings may
together be for nobody. What decides is the set of those who may be told; the colour is only shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

COLOURS = ("clear", "green", "amber", "amber+strict", "red")
"""From the widest circle of readers to the narrowest."""

PAPS = ("", "clear", "green", "amber", "red")
"""What may be done with a value, from everything to nothing that leaves this machine; empty when nothing is stated."""

UNMARKED = "amber+strict"
UNKNOWN = "red"
OURSELVES = "ourselves"

Audience = frozenset[str] | None
"""The principals who may be told, in lower case; None is everybody."""

NOBODY: Audience = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Who may be told of something, when, and how.

    `tlp` is the colour that is shown, `audience` what decides. `origins` are the sources whose permission it rests
    on, `pap` what may be done with the value, `embargo` the ISO date before which nobody is told, `source_hidden`
    that the source must stay unknown, `match_only` that it may be compared in private and never be told.
    """

    tlp: str = "clear"
    audience: Audience = None
    origins: frozenset[str] = frozenset()
    pap: str = ""
    embargo: str = ""
    source_hidden: bool = False
    match_only: bool = False

    def join(self, other: Label) -> Label:
        """The label of what rests on both."""
        return Label(
            tlp=strictest((self.tlp, other.tlp)),
            audience=_common(self.audience, other.audience),
            origins=self.origins | other.origins,
            pap=max(self.pap, other.pap, key=PAPS.index),
            embargo=max(self.embargo, other.embargo),
            source_hidden=self.source_hidden or other.source_hidden,
            match_only=self.match_only or other.match_only,
        )

    def releasable(self, to: str, today: str) -> bool:
        """Whether this principal may be told on this day (ISO date)."""
        return not self.match_only and today >= self.embargo and (self.audience is None or to in self.audience)


CLEAR = Label()
"""The label of what rests on nothing: neutral in a join."""


def joined(labels: Iterable[Label]) -> Label:
    """The label of what rests on all of these."""
    return reduce(Label.join, labels, CLEAR)


def strictest(colours: Iterable[str]) -> str:
    """The strictest of these colours: silence counts as amber+strict, a colour nobody knows as red, none as clear.

    >>> strictest(["green", ""]), strictest(["Amber", "clear"]), strictest([])
    ('amber+strict', 'amber', 'clear')
    """
    found = {colour.strip().lower() or UNMARKED for colour in colours}
    return max((colour if colour in COLOURS else UNKNOWN for colour in found), key=COLOURS.index, default=COLOURS[0])


def _common(left: Audience, right: Audience) -> Audience:
    if left is None:
        return right
    return left if right is None else left & right
