"""The rooms of the house and the arrows between them, taken from the imports; the page that draws them."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "explanation" / "house.md"
ROOMS = Path(__file__).with_name("rooms.toml")
INTRODUCTION = """\
# The house

<!-- Made by `python -m tests.architecture.shape --page` from the imports and from tests/architecture/rooms.toml. -->

Each folder of `src/consilience` is a room: the verbs are rooms, and the nouns live in `model`. A room imports only
rooms on the rows below its own. The contracts in `pyproject.toml` hold this, and `make check` fails when one is broken.
"""
ARROWS = """\
An arrow goes from a room to a room that it imports. Where a longer way leads to the same room, the direct arrow is
left out of the drawing; the sections below name every room that a room imports.
"""


def room_of(module):
    """The room of a module, or "" for what stands outside of all rooms.

    >>> room_of("consilience.read.stix"), room_of("consilience.__main__"), room_of("consilience")
    ('read', '', '')
    """
    name = module.split(".")[1:2]
    return "" if not name or name[0].startswith("__") else name[0]


def arrows_of(imports):
    """For each room the other rooms that its modules import, from the imports of each module.

    >>> arrows_of({"c.a.x": {"c.a.y", "c.b"}, "c.a.y": set(), "c.b": set()})
    {'a': {'b'}, 'b': set()}
    """
    arrows = {}
    for module, imported in imports.items():
        if room := room_of(module):
            arrows.setdefault(room, set()).update({room_of(each) for each in imported} - {room, ""})
    return arrows


def reachable(arrows, start):
    """Everything that arrows lead to from a start.

    >>> sorted(reachable({"a": {"b"}, "b": {"c"}, "c": set()}, "a"))
    ['b', 'c']
    """
    found, waiting = set(), [start]
    while waiting:
        new = arrows.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def drawn(arrows):
    """The arrows that no longer way replaces.

    >>> drawn({"a": {"b", "c"}, "b": {"c"}, "c": set()})
    [('a', 'b'), ('b', 'c')]
    """
    return [
        (room, below)
        for room in sorted(arrows)
        for below in sorted(arrows[room])
        if not any(below in reachable(arrows, other) for other in arrows[room] - {below})
    ]


def rows():
    """The rows of the house from the top, each a tuple of rooms, as the contract in pyproject.toml has them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = (each["layers"] for each in contracts if each["type"] == "layers")
    return [tuple(row.split(" | ")) for row in layers]


def arrows_up(arrows, rows):
    """Arrows to a room on the same row or on one above.

    >>> arrows_up({"a": {"b"}, "b": {"c"}, "c": {"a"}}, [("a",), ("b", "c")])
    [('b', 'c'), ('c', 'a')]
    """
    row = {room: number for number, rooms in enumerate(rows) for room in rooms}
    return [(room, to) for room in sorted(arrows) for to in sorted(arrows[room]) if row[to] <= row[room]]


def drawing(arrows):
    """The arrows in Mermaid.

    >>> print(drawing({"a": {"b"}, "b": set()}))
    flowchart TD
        a --> b
    """
    return "\n".join(["flowchart TD", *(f"    {room} --> {below}" for room, below in drawn(arrows))])


def descriptions():
    """What comes in, what goes out and what never happens, for each room."""
    return tomllib.loads(ROOMS.read_text("utf-8"))


def page(arrows):
    """The page about the house."""
    order = [room for row in rows() for room in row]
    stacked = "\n".join(" | ".join(row) for row in rows())
    parts = [INTRODUCTION, f"```text\n{stacked}\n```\n", ARROWS, f"```mermaid\n{drawing(arrows)}\n```\n"]
    described = descriptions()
    for room in order:
        imports = ", ".join(f"`{below}`" for below in order if below in arrows[room])
        parts.append(
            f"## {room}\n\n"
            f"- **In:** {described[room]['comes_in']}\n"
            f"- **Out:** {described[room]['goes_out']}\n"
            f"- **Never:** {described[room]['never']}\n\n"
            f"Imports {imports or 'no other room'}.\n"
        )
    return "\n".join(parts)
