"""Every shell command that a page shows is run, and what the page says it prints is compared with what it prints."""

import pytest
from tests.docs.pages import LEFT_OUT, PAGES, ROOT, Block, blocks_of, matches, refreshed, run_page, with_blanks

IDS = [str(path.relative_to(ROOT)) for path in PAGES]
SHELL = ("sh", "bash", "console", "shell")


def commands(path):
    return [block for block in blocks_of(path.read_text("utf-8")) if block.language in SHELL]


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_commands_print_what_the_page_shows(path, tmp_path, monkeypatch):
    """The commands of a page, run in their order in an empty folder, print what stands below them."""
    monkeypatch.chdir(tmp_path)
    for shown in run_page(path, tmp_path):
        assert shown.holds, (
            f"{shown.where} shows something else than\n"
            + "\n".join(shown.printed)
            + "\n(`python -m tests.docs.refresh` writes it anew)"
        )


@pytest.mark.parametrize("path", PAGES, ids=IDS)
def test_no_command_escapes(path):
    """A block with commands is of the language `sh`, and one that is not run says why."""
    page = list(blocks_of(path.read_text("utf-8")))
    assert not [block.start for block in page if block.language in SHELL[1:]]
    assert not [block.start for block in page if block.language != "sh" and any(map(a_command, block.lines))]
    assert not [block.start for block in page if "not run" in block.markers and not block.markers["not run"]]


def a_command(line):
    return line.startswith(("consilience ", "$ ", "pip ", "make "))


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a", "..."], ["a", "b"], True),
        (["...", "b"], ["a", "b"], True),
        (["a", "..."], ["b", "a"], False),
        (["a", "...", "c"], ["a", "c"], True),
        (["id …"], ["id 5c"], True),
        (["id …"], ["id"], False),
        (["a.c"], ["abc"], False),
    ],
)
def test_what_a_shown_line_stands_for(shown, printed, same):
    assert matches(tuple(shown), tuple(printed)) is same


OLD = ["Pair", "  level  coordinated", "Axes", "  operator  45 %", "  supply  69 %", "Evidence", "  one", "  two"]
NEW = ["The pair", "  level  coordinated (87 %)", "  new line", "Axes", "  operator  46 %", "  supply  70 %", "  one"]


@pytest.mark.parametrize(
    ("shown", "now"),
    [
        (OLD, NEW),
        ([*OLD[:2], LEFT_OUT], [*NEW[:2], LEFT_OUT]),
        ([LEFT_OUT, *OLD[2:5], LEFT_OUT], [LEFT_OUT, *NEW[3:6], LEFT_OUT]),
        ([OLD[0], LEFT_OUT, *OLD[3:5], LEFT_OUT], [NEW[0], LEFT_OUT, *NEW[4:6], LEFT_OUT]),
    ],
)
def test_a_refreshed_block_shows_the_same_parts(shown, now):
    """After a change of words the same parts are shown in the new words, and the block holds again."""
    written = refreshed(tuple(shown), tuple(NEW))
    assert written == tuple(now)
    assert matches(written, tuple(NEW))


def test_a_block_that_holds_is_left_alone():
    assert refreshed(("id …", "..."), ("id 5c", "more")) == ("id …", "...")


def test_what_differs_between_two_runs_becomes_a_blank():
    assert with_blanks(("at 09:00  by A", "x"), ("at 09:01  by A", "x")) == ("at …  by A", "x")


def test_markers_belong_to_the_next_block():
    page = "<!-- first:\ncp a b\n-->\n<!-- exit 3 -->\n```sh\nls\n```\ntext\n```text\nx\n```\n"
    assert list(blocks_of(page)) == [
        Block("sh", 5, ("ls",), {"first": "cp a b", "exit": "3"}),
        Block("text", 9, ("x",), {}),
    ]


def test_make_demo_is_the_demo():
    """What the README shows below `make demo` is of `consilience demo`, because that is what it runs."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "\ndemo: .venv/installed" in makefile
    assert "\n\t$(BIN)/consilience demo\n" in makefile
