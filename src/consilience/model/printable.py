r"""Values of a case as text for people. A case comes from strangers, so what could deceive the eye is made visible.

What is printed for people goes through `visible`: the lines of the command line, and the documents for others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# C0 and C1 controls but tab and line feed, marks and overrides of direction, characters without width, line and
# paragraph separators, surrogates.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")
_BREAKS = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")


def visible(text: str) -> str:
    r"""The text with every character that cannot be seen, steers a terminal or turns the reading direction escaped.

    >>> visible("a\u202eb \x1b[31m")
    'a\\u202eb \\u001b[31m'
    """
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def on_one_line(value: object) -> str:
    r"""The value as visible text, its tabs and line breaks as spaces.

    >>> on_one_line("two\r\nlines")
    'two lines'
    """
    return visible(_BREAKS.sub(" ", str(value)))


def quoted(value: Any) -> str:
    """A value as a message may show it: in quotes, escaped, and short however long it is.

    >>> quoted("a"), quoted([1, 2])
    ("'a'", 'this list')
    """
    if isinstance(value, str | int | float) and (not isinstance(value, int) or value.bit_length() < 256):
        text = repr(value[:200] if isinstance(value, str) else value)
        return text if len(text) <= 80 else f"{text[:77]}..."
    return f"this {type(value).__name__}"


def escaped(text: str) -> str:
    """Text that a terminal can show as it is, what it would obey escaped."""
    return text if text.isprintable() else repr(text)[1:-1]


def phrase(value: Any) -> str:
    """A plain JSON value in words: its `text` when it has one, else its named parts, empty ones left out.

    >>> phrase({"count": 2, "kinds": ["mutex", "key"], "tried": None})
    'count: 2; kinds: mutex, key'
    """
    if isinstance(value, Mapping):
        return str(value["text"]) if value.get("text") else _named_parts(value)
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(phrase, value)))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}"
    return "" if value is None else str(value)


def _named_parts(value: Mapping[object, Any]) -> str:
    """The parts of a JSON object in words, each with its name; empty ones are left out."""
    parts = ((label(name), phrase(part)) for name, part in value.items())
    return "; ".join(f"{name}: {text}" for name, text in parts if text)


def label(name: object) -> str:
    """The name of a field in words.

    >>> label("leave_one_origin_out")
    'leave one origin out'
    """
    return str(name).replace("_", " ")
