"""The command that prints the shape of the house, that it can fail, and the page it makes."""

import pytest
from tests.architecture import house, shape
from tests.architecture.shape import Room, broken, cyclic_packages, imports_of, measured, measures

ROWS = [("case",), ("read", "share"), ("model",)]
SMALL = {
    "consilience.case.case": {"consilience.read.stix", "consilience.model.source"},
    "consilience.read.stix": {"consilience.model.source"},
    "consilience.share.stix": {"consilience.model.source"},
    "consilience.model.source": set(),
}
EVEN = {
    name: Room(lines=100, code=80, functions=((1, 5, "f"),) * 50, files=((100, "f.py"),), classes=((3, "A"),))
    for name in ("case", "read", "share", "model", "x")
}


def found(imports=SMALL, rooms=EVEN):
    return broken(measures(rooms, imports, ROWS), dict.fromkeys(shape.LIMITS, 0) | GOALS)


GOALS = {
    "biggest room, % of the code": 22,
    "fan-out in `case`": 20,
    "`[str, Any]` per 1,000 lines": 4,
    "complex functions, %": 4.5,
}


def test_a_house_in_shape_breaks_no_limit():
    """Five rooms of one size, with arrows that go down, are in shape."""
    assert found() == []


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("biggest room, % of the code", {"rooms": EVEN | {"read": Room(lines=100, code=100)}}),
        ("`[str, Any]` per 1,000 lines", {"rooms": EVEN | {"read": Room(lines=100, code=80, anys=3)}}),
        ("complex functions, %", {"rooms": EVEN | {"read": Room(code=80, functions=((11, 5, "f"),) * 10)}}),
        ("modules in import cycles", {"imports": SMALL | {"consilience.model.source": {"consilience.read.stix"}}}),
        ("packages in import cycles", {"imports": SMALL | {"consilience.model.source": {"consilience.read.stix"}}}),
        ("arrows up", {"imports": SMALL | {"consilience.read.stix": {"consilience.share.stix"}}}),
        (
            "fan-out in `case`",
            {"imports": SMALL | {"consilience.case.case": {f"consilience.model.m{number}" for number in range(21)}}},
        ),
    ],
)
def test_each_limit_can_be_broken(name, changed):
    """Each measure sees its own fault."""
    assert name in found(**changed)


def test_packages_in_a_circle_are_seen_at_any_depth():
    """Two packages that import each other are a circle, though no two modules are."""
    imports = {"c.a.x.one": {"c.a.y.one"}, "c.a.y.two": {"c.a.x.two"}, "c.b": {"c.a.x.one"}}
    assert shape.cyclic(imports) == []
    assert cyclic_packages(imports) == ["c.a.x", "c.a.y"]


def test_a_file_is_measured():
    """Lines, code, types, complexity, lengths and methods of one file."""
    branches = "".join(f"    if x == {number}:\n        return {number}\n" for number in range(10))
    source = (
        f'"""A module."""\n\nclass A:\n    def m(self, x: dict[str, Any]): ...\n\ndef f(x):\n{branches}    return x\n'
    )
    room = measured(source, "a.py")
    assert (room.lines, room.code, room.anys) == (27, 24, 1)
    assert sorted(room.functions) == [(1, 1, "a.py:4"), (11, 22, "a.py:6")]
    assert room.classes == ((1, "a.py:3 A"),)
    assert room.complex_share() == 50


def test_another_name_hides_nothing():
    """A name that stands for `[str, Any]` counts wherever it is used, in other files too."""
    defines = "Record = Mapping[str, Any]\n"
    uses = "from m import Record\n\ndef f(x: Record) -> Record: ...\n"
    aliases = shape.aliases_of([defines, uses])
    assert [measured(source, "a.py", aliases).anys for source in (defines, uses)] == [1, 2]
    assert measured("def f(x: Record): ...\n", "a.py", aliases).anys == 0


def test_the_command_says_what_is_broken(monkeypatch, capsys):
    """The exit status is 1 with the measure named when a limit is broken, and 0 when none is."""
    monkeypatch.setattr(shape, "rooms_of", lambda folder: EVEN)
    monkeypatch.setattr(shape, "imports_of", lambda package: SMALL)
    monkeypatch.setattr(shape, "LIMITS", dict.fromkeys(shape.LIMITS, 0) | GOALS)
    assert shape.main([]) == 0
    assert "above the limit" not in capsys.readouterr().out
    monkeypatch.setitem(shape.LIMITS, "fan-out in `case`", 1)
    assert shape.main([]) == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "above the limit" in line]
    assert line.startswith("fan-out in `case`")


def test_every_room_is_described():
    """Each room of the contract and of the folder says what comes in, what goes out and what it never does."""
    described = house.descriptions()
    assert set(described) == {room for row in house.rows() for room in row}
    assert set(described) == {path.parent.name for path in (house.ROOT / "src" / "consilience").glob("*/__init__.py")}
    assert all(set(each) == {"comes_in", "goes_out", "never"} and all(each.values()) for each in described.values())


def test_the_page_is_fresh():
    """The page about the house is what the command makes: `python -m tests.architecture.shape --page`."""
    assert house.PAGE.read_text("utf-8") == house.page(house.arrows_of(imports_of("consilience")))
