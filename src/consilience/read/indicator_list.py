"""Plain lists of indicators, one a line, of one subject that the user names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath

from consilience.model.errors import Rejected
from consilience.model.printable import quoted
from consilience.model.protocols import Progress
from consilience.model.reading import Reading
from consilience.read.observation_file import DAMAGED
from consilience.read.reading_builder import ReadingBuilder
from consilience.sandbox.content import Content
from consilience.vocab.indicator import is_unmistakable, kind_of

SUFFIXES = (".txt", ".ioc", ".iocs", ".lst", ".list")
_LOOKED_AT = 50
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MOST_OF_A_LIST, _MOST = 0.5, 0.9
_LINES_A_STEP = 4_096
_COMMENT = re.compile(r"(?:^|\s)(?:#|//).*\Z")
_AROUND = re.compile(r"^(?:[-*\u2022]\s+)?[\"'`<]?|[\"'`>]?[,;]?$")
_TITLES = frozenset({"indicator", "indicators", "ioc", "iocs", "value", "domain", "ip", "url", "hash"})


class IndicatorList:
    """Reads a text file of one indicator a line, defanged or not, with comments behind `#` or `//`."""

    name = "indicators"

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the lines at the beginning are indicators, most of them where one can be nothing else.

        Where none is so telling, as in a list of domains, all of them, and the name is a list's. What holds control
        characters is not text, and so not a list.
        """
        if _NO_TEXT.search(head):
            return False
        lines = head.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        texts = [text for line in lines[:-1] or lines if (text := _indicator(line)) not in ("", *_TITLES)][:_LOOKED_AT]
        kinds = [kind_of(text) for text in texts]
        good = sum(map(bool, kinds))
        is_called_so = PurePath(filename.lower().removesuffix(".gz")).suffix in SUFFIXES
        if any(is_unmistakable(kind, text) for kind, text in zip(kinds, texts, strict=True)):
            return good >= len(kinds) * (_MOST_OF_A_LIST if is_called_so else _MOST)
        return is_called_so and 0 < good == len(kinds)

    def read(self, raw: bytes, filename: str, defaults: Mapping[str, str], progress: Progress | None = None) -> Reading:
        """The indicators as observations of the subject that the defaults name."""
        content = Content(raw)
        builder = ReadingBuilder(filename, defaults)
        form = f"{self.name}.gz" if content.packed else self.name
        if missing := [f"--{name}" for name in ("publisher", "subject") if not defaults.get(name)]:
            what = "a list of indicators does not say whose they are"
            builder.refuse(0, "", Rejected(what, todo=f"give {' and '.join(missing)}"))
            return builder.reading(form, raw)
        number = 0
        for number, text in _indicators(content):
            kind = kind_of(text)
            if kind:
                builder.take({"kind": kind, "value": text, "where": f"line {number}"}, number)
            elif text.lower() not in _TITLES:
                builder.refuse(
                    number, "value", Rejected(f"{quoted(text)} is not an indicator", todo="write one a line")
                )
            if progress is not None and number % _LINES_A_STEP == 0:
                progress(content.used, len(raw))
        if content.damage:
            builder.refuse(number + 1, "", Rejected(content.damage, todo=DAMAGED))
        return builder.reading(form, raw)


def _indicators(content: Content) -> Iterator[tuple[int, str]]:
    for number, line in content.lines():
        if text := _indicator(line):
            yield number, text


def _indicator(line: bytes) -> str:
    """What a line holds without comment, bullet, quotes and closing comma."""
    return _AROUND.sub("", _COMMENT.sub("", line.decode("utf-8", "replace")).strip()).strip()
