"""What stands behind the result of an assessment and what would change it, as plain JSON values.

They are part of the document of an assessment as they are here.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Conflict(TypedDict):
    """A fact on which sources disagree, with who says what."""

    evidence: str
    kind: str
    what: str


class Withheld(TypedDict):
    """A trait that a source knows and does not publish."""

    observation: str
    subject: str
    kind: str
    publisher: str
    key_role: str
    note: str


class Edge(TypedDict):
    """The item on which a hypothesis rests that is most open to doubt; `removal` in decibans."""

    axis: str
    evidence: str
    kind: str
    values: list[str]
    why: str
    doubt: str
    removal: float
    hypothesis: str


class WeakestEdge(Edge, total=False):
    """The weakest item of the axis that the result rests on, and those of all axes; only `by_axis` without any."""

    by_axis: dict[str, Edge]


class SecondHypothesis(TypedDict):
    """The second hypothesis of an axis, and the item that separates it most from the first, where there is one."""

    axis: str
    hypothesis: str
    account: str
    probability: float
    behind: str
    separated_by: NotRequired[str]
    why: NotRequired[str]


class LookFor(TypedDict):
    """A kind of trait worth looking for, with the information expected of it in bits."""

    axis: str
    look_for: str
    gain_bits: float


class Without(TypedDict):
    """What is left without one origin or kind: the probability of *same operator*, and positions that change."""

    without: str
    only_source_of_a_side: NotRequired[bool]
    same: float
    changes: dict[str, str]


class RemovalRow(TypedDict):
    """The smallest set of items without which a position changes; `count` is None where none was found."""

    count: int | None
    evidence: NotRequired[list[str]]
    kinds: NotRequired[list[str]]
    becomes: NotRequired[str]
    tried: NotRequired[str]


class Forgery(TypedDict):
    """How many traits would have to be planted to change a position; `count` is None where none was found."""

    count: int | None
    kinds: NotRequired[list[str]]
    becomes: NotRequired[str]
    tried: NotRequired[int]


class Flip(TypedDict):
    """The smallest change found that moves a position, by taking away and by planting traits of each cost."""

    axis: str
    position: str
    remove: RemovalRow
    forge: dict[str, Forgery]


class Robustness(TypedDict):
    """How much a result rests on single things."""

    leave_one_origin_out: list[Without]
    leave_one_kind_out: list[Without]
    minimal_flip: Flip


class MatrixRow(TypedDict):
    """How consistent one item is with each hypothesis of each axis, and how far it separates them (decibans)."""

    evidence: str
    why: str
    cells: dict[str, dict[str, str]]
    diagnosticity: float
