"""The only way to standard output and standard error: documents, lines, complaints, and files written whole.

Text of a case comes from strangers. Characters that steer a terminal or reorder what it shows are written as escapes.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from consilience.model.printable import on_one_line, visible

Line = tuple[str, str]
"""A line of output and its style on a terminal (empty for none)."""

SHOWN = 50
"""How many complaints of one kind are printed before the rest is only counted."""

WIDEST = 120
PIPED_WIDTH = 100


def document(value: Any) -> None:
    """Write the one JSON document of a verb: UTF-8, sorted keys."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, indent=2, allow_nan=False)
    # Outside of its strings JSON is ASCII, and in them an escape stands for the same character.
    raw(visible(text).encode() + b"\n")


def documents(values: Iterable[Any]) -> None:
    """Write several JSON documents, one a line, each as soon as it is there."""
    for value in values:
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        raw(visible(text).encode() + b"\n")


def raw(content: bytes) -> None:
    """Write bytes to standard output as they are."""
    click.echo(content, nl=False)


def say(lines: Iterable[Line]) -> None:
    """Write lines for people: in colour on a terminal that wants it, plain elsewhere, in the same layout."""
    rows = [(on_one_line(text), style) for text, style in lines]
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.text import Text

        console = Console(highlight=False, soft_wrap=True)
        for text, style in rows:
            console.print(Text(text, style))
        return
    text = "".join(f"{text.rstrip()}\n" for text, _ in rows)
    raw(text.encode(sys.stdout.encoding or "utf-8", "replace"))


def complain(text: object) -> None:
    """Write one line to standard error, with the name of the program."""
    note(f"consilience: {text}")


def note(text: object) -> None:
    """Write one line to standard error."""
    click.echo(on_one_line(text), err=True)


def note_all(items: Sequence[object], what: str) -> None:
    """Write one line to standard error for each of the first items, and how many more there are."""
    for item in items[:SHOWN]:
        note(f"{what}: {item}")
    if len(items) > SHOWN:
        note(f"{what}: and {len(items) - SHOWN} more")


def width() -> int:
    """How many columns the lines for people may take."""
    if not sys.stdout.isatty():
        return PIPED_WIDTH
    return max(40, min(WIDEST, shutil.get_terminal_size().columns))


def write_whole(target: Path, content: bytes) -> None:
    """Write a file so that a reader, or a crash, finds the old content or the new, and never a part.

    A target that is not a regular file (a pipe, a device) is written to and never replaced.
    """
    place = target.resolve()
    if place.exists() and not place.is_file():
        place.write_bytes(content)
        return
    beside = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with beside.open("xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def result(value: Any, as_json: bool, lines: Callable[[], Iterable[Line]]) -> None:
    """Write a result as a document, or as the lines that render it."""
    if as_json:
        document(value)
    else:
        say(lines())
