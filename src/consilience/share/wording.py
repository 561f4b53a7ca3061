"""How values are printed in documents for people. Every value comes from the case and is hostile until escaped."""

from __future__ import annotations

import re

from consilience.model.printable import visible
from consilience.vocab import sentences

_ADDRESS = re.compile(r"https?://[A-Za-z0-9\[][!#-;=?-\[\]_a-z~]*\Z", re.IGNORECASE)
_OPENING = re.compile(r"\A(?:[-+=](?=[\s=-]|\Z)|(\d{1,9})(?=[.)](?:\s|\Z)))")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|!~&$^]|:(?=//)|(?<=\bwww)\.)")


def web_address(text: str) -> str:
    """The text when it is a plain http or https address that may become a link, else nothing.

    >>> web_address("javascript:alert(1)")
    ''
    """
    return text if _ADDRESS.match(text) else ""


def markdown_text(value: object) -> str:
    r"""The value on one line of Markdown in which none of its characters has a meaning.

    >>> print(markdown_text("a|b *c*"))
    a\|b \*c\*
    """
    text = _MARKDOWN.sub(r"\\\1", visible(" ".join(str(value).split())))
    return _OPENING.sub(lambda found: f"{found[1]}\\" if found[1] else f"\\{found[0]}", text)


def decibans(value: float) -> str:
    """A weight with its sign and one place; the minus is a real minus sign.

    >>> decibans(-1.25)
    '−1.2'
    """
    return sentences.decibans(value).replace("-", "−")
