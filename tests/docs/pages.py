"""Pages whose shell commands are run, and whose outputs are compared with what the commands print.

A page is run from top to bottom in one empty folder. Every block of the language `sh` is run, one command after the
other. What stands in an HTML comment right before a block says what to do with it:

    <!-- prints -->            the block is what the last commands printed; a line `...` stands for any lines, and the
                               character … within a line for any text
    <!-- file NAME -->         the reader saves the block as NAME
    <!-- shows NAME -->        the block is what the file NAME holds, with `...` as above
    <!-- from PATH -->         the block is lines of this file of the repository, with `...` as above
    <!-- exit 3 -->            the last command of the block ends with this status; all others with 0
    <!-- not run: REASON -->   the block is only shown; its `consilience` commands must still be accepted by the parser
    <!-- first: COMMANDS -->   these are run before the block and not shown
    <!-- instead: COMMANDS --> these are run in place of the block, which is shown

`consilience` runs in this process, everything else in bash.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

from click.testing import CliRunner

from consilience.cli import main
from consilience.cli.verbs import VERBS

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "docs" / "index.md",
    ROOT / "docs" / "tutorial.md",
    *sorted((ROOT / "docs" / "how-to").glob("*.md")),
    *sorted((ROOT / "docs" / "explanation").glob("*.md")),
    *(page for page in sorted((ROOT / "docs" / "reference").glob("*.md")) if page.name != "cli.md"),
)
LEFT_OUT = "..."
BLANK = "…"
NOT_PLAIN = re.compile(r"[|<>&;$*`()#]|^\w+=")
MARKER = re.compile(r"(prints|file|shows|from|exit|not run|first|instead)\b:?\s*(.*)", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the index of its first line of text, its text, and the markers before it."""

    language: str
    start: int
    lines: tuple[str, ...]
    markers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Shown:
    """A block that shows an output, the place where it stands, and what was really printed."""

    where: str
    block: Block
    printed: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether what was printed is what the block shows."""
        return matches(self.block.lines, self.printed)


def blocks_of(page: str) -> Iterator[Block]:
    """The fenced blocks of a page, each with the markers that stand right before it."""
    lines = page.split("\n")
    markers: dict[str, str] = {}
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("<!--"):
            end = next(each for each in range(at, len(lines)) if lines[each].rstrip().endswith("-->"))
            said = MARKER.fullmatch("\n".join(lines[at : end + 1]).strip()[4:-3].strip())
            if said:
                markers[said[1]] = said[2].strip()
            at = end
        elif line.startswith("```"):
            end = next(each for each in range(at + 1, len(lines)) if lines[each].startswith("```"))
            yield Block(line[3:].strip(), at + 1, tuple(lines[at + 1 : end]), markers)
            markers, at = {}, end
        elif line.strip():
            markers = {}
        at += 1


def matches(shown: tuple[str, ...], printed: tuple[str, ...]) -> bool:
    """Whether lines with `...` for any lines and … for any text are what was printed."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == LEFT_OUT else re.escape(line.rstrip()).replace(BLANK, ".*") + r"\n"
        for line in shown
    )
    return re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in printed)) is not None


class Runner:
    """Runs commands in a folder, with an environment that `export` adds to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
            "LC_ALL": "C.UTF-8",
            "USER": "analyst",
            "LOGNAME": "analyst",
            "HOME": str(folder),
        }

    def run(self, text: str, status: int = 0) -> tuple[str, ...]:
        """What the commands of a block print; the last of them ends with this status, the others with 0."""
        printed = []
        commands = list(_commands(text))
        for number, command in enumerate(commands, 1):
            output, ended = self._one(command)
            printed.append(output)
            wanted = status if number == len(commands) else 0
            assert ended == wanted, f"{command}\nended with {ended}, not with {wanted}:\n{output}"
        return tuple("".join(printed).replace(f"{self.folder}/", "").splitlines())

    def _one(self, command: str) -> tuple[str, int]:
        if command.startswith("export "):
            name, _, value = shlex.split(command)[1].partition("=")
            self.environment[name] = value
            return "", 0
        if command.startswith("consilience ") and not NOT_PLAIN.search(command):
            done = CliRunner().invoke(main, shlex.split(command)[1:], env=self.environment)
            if done.exception and not isinstance(done.exception, SystemExit):
                raise done.exception
            return done.output, done.exit_code
        ended = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return ended.stdout.decode(), ended.returncode


def _commands(text: str) -> Iterator[str]:
    """The commands of a block: a line each, and more with a backslash, an open quotation or a here-document."""
    lines = iter(text.strip("\n").split("\n"))
    for line in lines:
        whole = line
        while whole.endswith("\\"):
            whole = whole[:-1].rstrip() + " " + next(lines).lstrip()
        while not whole.startswith("#") and not _closed(whole):
            whole += "\n" + next(lines)
        if ends := re.search(r"<<\s*'?(\w+)'?", whole):
            for more in lines:
                whole += "\n" + more
                if more == ends[1]:
                    break
        whole = re.sub(r"\s+#\s.*$", "", whole) if whole.startswith("consilience ") else whole
        if whole.strip() and not whole.startswith("#"):
            yield whole.strip()


def _closed(command: str) -> bool:
    """Whether every quotation mark of a command has its other."""
    try:
        shlex.split(command)
    except ValueError:
        return False
    return True


def run_page(path: Path, folder: Path) -> Iterator[Shown]:
    """Run a page in an empty folder, which is the working folder, and yield each output it shows."""
    runner = Runner(folder)
    printed: tuple[str, ...] = ()
    for block in blocks_of(path.read_text("utf-8")):
        where = f"{path.relative_to(ROOT)}:{block.start}"
        markers = block.markers
        if "first" in markers:
            runner.run(markers["first"])
        if "file" in markers:
            target = folder / markers["file"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("".join(f"{line}\n" for line in block.lines), "utf-8")
        elif "shows" in markers:
            yield Shown(where, block, tuple((folder / markers["shows"]).read_text("utf-8").splitlines()))
        elif "from" in markers:
            yield Shown(where, block, tuple((ROOT / markers["from"]).read_text("utf-8").splitlines()))
        elif "prints" in markers:
            yield Shown(where, block, printed)
        elif "instead" in markers:
            printed = runner.run(markers["instead"], int(markers.get("exit", 0)))
        elif "not run" in markers:
            refuse_unknown_uses(where, block)
        elif block.language == "sh":
            printed = runner.run("\n".join(block.lines), int(markers.get("exit", 0)))


def refuse_unknown_uses(where: str, block: Block) -> None:
    """Fail when a `consilience` command that is only shown has a verb or an option that does not exist."""
    for command in _commands("\n".join(block.lines)):
        for part in re.split(r"\s[|&;]+\s", command):
            words = shlex.split(part.partition(" > ")[0])
            if words[:1] != ["consilience"] or words[1:2] == ["--help"]:
                continue
            assert words[1] in VERBS, f"{where}: {words[1]} is not a verb"
            done = CliRunner().invoke(main, [words[1], "--help"])
            known = set(re.findall(r"--?[a-z][a-z0-9-]*", done.output))
            unknown = {word.partition("=")[0] for word in words[2:] if word.startswith("-")} - known - {"-"}
            assert not unknown, f"{where}: {words[1]} has no {', '.join(sorted(unknown))}"


def refreshed(shown: tuple[str, ...], printed: tuple[str, ...]) -> tuple[str, ...]:
    """The lines that a block should show now: the same parts of the output, as far as they can be found again.

    The lines shown are set beside the lines printed in the order in which both stand, so that they are most alike in
    all. A part between two `...` reaches from the line that is most like its first to the one most like its last.
    """
    if matches(shown, printed) or not printed:
        return shown if matches(shown, printed) else ()
    parts: list[list[str]] = [[]]
    for line in shown:
        if line.strip() == LEFT_OUT:
            parts.append([])
        else:
            parts[-1].append(line)
    flat = [line for part in parts for line in part]
    if not flat:
        return shown
    places = _beside(flat, printed)
    result: list[str] = []
    at = reached = 0
    for number, part in enumerate(parts):
        begin, end = reached, reached
        if part:
            begin = 0 if number == 0 else max(reached, places[at])
            end = len(printed) if number == len(parts) - 1 else max(begin, places[at + len(part) - 1] + 1)
        if number and (begin > reached or not part):
            result.append(LEFT_OUT)
        result += printed[begin:end]
        at, reached = at + len(part), end
    return tuple(line.rstrip() for line in result)


def with_blanks(shown: tuple[str, ...], printed: tuple[str, ...]) -> tuple[str, ...]:
    """The lines of a block, with … for each word that was printed otherwise this time."""
    now = refreshed(shown, printed)
    if now == shown or len(now) != len(shown):
        return now
    lines = []
    for old, new in zip(shown, now, strict=True):
        words, others = re.split(r"(\s+)", old), re.split(r"(\s+)", new)
        same = len(words) == len(others)
        blanks = (word if word == other else BLANK for word, other in zip(words, others, strict=False))
        lines.append("".join(blanks) if same else new)
    return tuple(lines)


def _beside(shown: list[str], printed: tuple[str, ...]) -> list[int]:
    """For each line shown the index of the line printed that stands beside it: indices that never fall."""
    best = [0.0] * len(printed)
    back: list[list[int]] = []
    for line in shown:
        row, came, top, where = [], [], -1.0, 0
        for index, other in enumerate(printed):
            if best[index] > top:
                top, where = best[index], index
            before = best[index - 1] if index else 0.0
            # A line printed that follows the one before is as good as any, so that parts stay together.
            place, value = (index - 1, before + 0.05) if index and before + 0.05 >= top else (where, top)
            row.append(value + _alike(line, other))
            came.append(place)
        best = row
        back.append(came)
    index = max(range(len(printed)), key=lambda each: best[each])
    places = []
    for came in reversed(back):
        places.append(index)
        index = came[index]
    return places[::-1]


def _alike(one: str, other: str) -> float:
    if one.rstrip() == other.rstrip():
        return 2.0
    words = SequenceMatcher(None, _words(one), _words(other), autojunk=False).ratio()
    indented = len(one) - len(one.lstrip()) == len(other) - len(other.lstrip())
    return words + (0.2 if indented else 0.0)


def _words(line: str) -> list[str]:
    return re.findall(r"[\w.]+|[^\w\s]", line.lower())
