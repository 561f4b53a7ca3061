"""Two configurations beside each other."""

from hypothesis import given
from hypothesis import strategies as st

from consilience.model.configuration import Configuration, Entry, Setting
from consilience.model.configuration_diff import State, differences


def entry(name, usage="", **settings):
    return Entry(name, tuple(Setting(key, "text", value) for key, value in settings.items()), usage)


def told(a, b):
    rows = differences(Configuration("Beak", tuple(a)), Configuration("Beak", tuple(b)))
    return [(row.field, str(row.state), row.a, row.b) for row in rows if row.field != "family"]


def test_one_entry_is_compared_setting_by_setting():
    """Settings of the same name stand beside each other; what one side lacks is only in the other."""
    assert told([entry("tcp", host="a", port="1")], [entry("tcp", host="a", port="2", path="x")]) == [
        ("tcp.host", "same", "a", "a"),
        ("tcp.port", "changed", "1", "2"),
        ("tcp.path", "only in b", "", "x"),
    ]
    assert told([entry("tcp", "c2", host="a")], [entry("tcp", "decoy", host="a")])[-1] == (
        "tcp usage",
        "changed",
        "c2",
        "decoy",
    )


def test_lists_are_matched_wherever_their_items_stand():
    """Equal items are the same, those of one first value are compared, and another order is a row of its own."""
    a = [entry("tcp", host=host, port="1") for host in "xyz"]
    assert told(a, [a[2], a[0]]) == [
        ("tcp.host", "same", "x", "x"),
        ("tcp.port", "same", "1", "1"),
        ("tcp.host", "same", "z", "z"),
        ("tcp.port", "same", "1", "1"),
        ("tcp.host", "only in a", "y", ""),
        ("tcp.port", "only in a", "1", ""),
        ("tcp", "another order", "x:1, z:1", "z:1, x:1"),
    ]
    assert ("tcp.port", "changed", "1", "2") in told(a, [*a[:2], entry("tcp", host="z", port="2")])


def test_families_and_layouts_are_compared_first():
    """The first rows say whether family and layout are the same."""
    a, b = Configuration("Beak", (), "one"), Configuration("Claw", (), "")
    assert [(row.field, row.state) for row in differences(a, b)] == [
        ("family", State.CHANGED),
        ("layout", State.ONLY_A),
    ]


VALUES = st.sampled_from("xyz")
ENTRIES = st.lists(
    st.builds(
        lambda name, values: Entry(name, tuple(Setting(str(n), "text", value) for n, value in enumerate(values))),
        st.sampled_from(["tcp", "udp"]),
        st.lists(VALUES, min_size=1, max_size=3),
    ),
    max_size=6,
).map(tuple)


@given(ENTRIES, ENTRIES)
def test_nothing_is_lost_and_sides_can_be_swapped(a, b):
    """Every setting of either side is in exactly one row, and swapping the sides swaps the rows."""
    one, other = Configuration("Beak", a), Configuration("Beak", b)
    rows = [row for row in differences(one, other) if row.field != "family" and row.state is not State.ORDER]
    for side, entries in (("a", a), ("b", b)):
        shown = sorted(getattr(row, side) for row in rows if getattr(row, side))
        assert shown == sorted(each.value for entry in entries for each in entry.settings)
    swapped = {State.ONLY_A: State.ONLY_B, State.ONLY_B: State.ONLY_A}
    ours = sorted((row.field, swapped.get(row.state, row.state), row.b, row.a) for row in rows)
    back = [row for row in differences(other, one) if row.field != "family" and row.state is not State.ORDER]
    assert ours == sorted((row.field, row.state, row.a, row.b) for row in back)


@given(ENTRIES)
def test_a_configuration_does_not_differ_from_itself(entries):
    """Beside itself every field of a configuration is the same."""
    one = Configuration("Beak", entries, "x")
    assert {row.state for row in differences(one, one)} == {State.SAME}
