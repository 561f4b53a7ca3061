"""What a Lua source holds that would be found in its dump too: a scanner, not a compiler.

Compilers keep as strings what is written as strings and the names of globals, fields and methods; local names they
drop. So does this, for which it takes a name as local wherever the source declares it once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from typing import NamedTuple, TypeAlias

from consilience.analyse.lua.components import DottedName, library_names, loader_names, spelled
from consilience.analyse.lua.errors import DumpError

MOST_TOKENS = 5_000_000
_TOKEN = re.compile(
    rb"""[ \t\r\n\f\v]+|(?P<open>(?:--)?\[=*\[)|(?P<comment>--[^\n]*)|(?P<name>[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)
    |(?P<number>0[xX][0-9a-fA-F.]+(?:[pP][+-]?[0-9]+)?|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<quote>"(?:[^"\\\n]|\\(?:.|\r?\n))*"|'(?:[^'\\\n]|\\(?:.|\r?\n))*')|(?P<sign>\.{1,3}|::|[^\s])""".replace(
        b"\n    ", b""
    ),
    re.DOTALL,
)
_SUFFIX = re.compile(rb"(?:[uU]?[lL]{2}|[iI])")
_ESCAPE = re.compile(rb"\\(?:z\s*|x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,8})\}|([0-9]{1,3})|(\r?\n|.))", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
_KEYWORDS = frozenset(
    b"and break do else elseif end false for function goto if in local nil not or repeat return then true until "
    b"while".split()
)
_OPENS = frozenset((b"{", b"function", b"if", b"do", b"repeat"))
_CLOSES = frozenset((b"}", b"end", b"until"))

Token: TypeAlias = "tuple[str, bytes]"
StringOrNumber: TypeAlias = "bytes | int | float"


class LuaSource(NamedTuple):
    """What a source holds. `library` are members of libraries that it names, `functions` its named functions.

    `places` says at which byte each string and number is first written, `starts` where functions begin, the main chunk
    first, and `names` those of them that have a name.
    """

    strings: frozenset[bytes]
    numbers: frozenset[int | float]
    required: tuple[str, ...]
    library: tuple[str, ...]
    functions: tuple[str, ...]
    places: Mapping[StringOrNumber, int]
    starts: tuple[int, ...]
    names: Mapping[int, str]


def read_source(text: bytes) -> LuaSource:
    """What a Lua source of any version holds.

    Raises:
        DumpError: for a string or long comment without an end, and for more than MOST_TOKENS tokens.
    """
    return _Reading(list(_tokens(text))).source()


def _tokens(text: bytes) -> Iterator[tuple[str, bytes, int]]:
    at = text.find(b"\n") if text.startswith(b"#") else 0
    at = len(text) if at < 0 else at
    if text.startswith(b"\xef\xbb\xbf"):
        at = 3
    match: Callable[[bytes, int], re.Match[bytes] | None] = _TOKEN.match
    count = 0
    while at < len(text):
        found = match(text, at)
        if found is None:
            at += 1
            continue
        kind = found.lastgroup
        at = found.end()
        if kind is None or kind == "comment":
            continue
        count += 1
        if count > MOST_TOKENS:
            raise DumpError(f"the source has more than {MOST_TOKENS:,} tokens", at)
        if kind == "open":
            mark = found[0]
            closing = b"]" + mark.lstrip(b"-")[1:-1] + b"]"
            end = text.find(closing, at)
            if end < 0:
                raise DumpError("a long string or comment does not end", found.start())
            if not mark.startswith(b"-"):
                held = text[at:end].removeprefix(b"\r").removeprefix(b"\n")
                yield "text", held, end - len(held)
            at = end + len(closing)
        elif kind == "quote":
            yield "text", _ESCAPE.sub(_unescaped, found[0][1:-1]), found.start() + 1
        else:
            if kind == "sign" and found[0] in b"'\"":
                raise DumpError("a string does not end", found.start())
            if kind == "number" and (suffix := _SUFFIX.match(text, at)):
                at = suffix.end()
            yield kind, found[0], found.start()


def _unescaped(found: re.Match[bytes]) -> bytes:
    hexadecimal, unicode, decimal, other = found.groups()
    if hexadecimal:
        return bytes((int(hexadecimal, 16),))
    if unicode:
        point = int(unicode, 16)
        return chr(point).encode("utf-8", "surrogatepass") if point < 0x110000 else b""
    if decimal:
        return bytes((int(decimal) & 0xFF,))
    return _ESCAPED.get(other, other) if other else b""


class _Reading:
    """The tokens of a source, and what was found among them."""

    def __init__(self, tokens: list[tuple[str, bytes, int]]) -> None:
        self.tokens: list[Token] = [*((kind, text) for kind, text, _ in tokens), ("end", b""), ("end", b"")]
        self.offsets = [place for _, _, place in tokens]
        self.places: dict[StringOrNumber, int] = {}
        self.starts = [0]
        self.names: dict[int, str] = {}
        self.locals: set[bytes] = set()
        self.globals: set[bytes] = set()
        self.strings: set[bytes] = set()
        self.numbers: set[int | float] = set()
        self.required: dict[str, None] = {}
        self.library: dict[str, None] = {}
        self.functions: dict[str, None] = {}

    def source(self) -> LuaSource:
        blocks: list[bytes] = []
        before = b""
        for at in range(len(self.tokens) - 2):
            kind, text = self.tokens[at]
            if kind == "text":
                self.strings.add(text)
                self.places.setdefault(text, self.offsets[at])
            elif kind == "number":
                self._number(text, self.offsets[at])
            elif text in _CLOSES:
                del blocks[-1:]
            elif text in _OPENS:
                blocks.append(text)
                if text == b"function":
                    self.starts.append(self.offsets[at])
                    self._function(at + 1)
            elif kind == "name" and text not in _KEYWORDS:
                self.places.setdefault(text, self.offsets[at])
                self._name(at, text, before, blocks)
            elif text in (b"local", b"for"):
                self._declared(at + 1)
            before = text if kind != "text" else b""
        strings = self.strings | (self.globals - self.locals)
        return LuaSource(
            frozenset(strings),
            frozenset(self.numbers),
            tuple(self.required),
            tuple(self.library),
            tuple(self.functions),
            self.places,
            tuple(self.starts),
            self.names,
        )

    def _number(self, text: bytes, place: int) -> None:
        word = text.decode("ascii")
        try:
            value = float.fromhex(word) if word[:2] in ("0x", "0X") else float(word)
        except (ValueError, OverflowError):
            return
        if isfinite(value):
            number = _exactly(word) if value.is_integer() else value
            self.numbers.add(number)
            self.places.setdefault(number, place)

    def _name(self, at: int, text: bytes, before: bytes, blocks: list[bytes]) -> None:
        following = self.tokens[at + 1][1] if self.tokens[at + 1][0] == "sign" else b""
        if before in (b".", b":"):
            self.strings.add(text)
            return
        if blocks and blocks[-1] == b"{" and following == b"=" and self.tokens[at + 2][1] != b"=":
            self.strings.add(text)
            return
        self.globals.add(text)
        name = spelled(text)
        if name == "require":
            self._require(at + 1)
        elif name in loader_names():
            self.library[name] = None
        elif following == b"." and name in library_names() and self.tokens[at + 2][0] == "name":
            self.library[DottedName(f"{name}.{spelled(self.tokens[at + 2][1])}").name] = None

    def _require(self, at: int) -> None:
        if self.tokens[at][1] in (b"(", b","):
            at += 1
        if self.tokens[at][0] == "text":
            self.required[spelled(self.tokens[at][1])] = None

    def _function(self, at: int) -> None:
        """Takes the name of a function, and its parameters, which are local."""
        path = b""
        while self.tokens[at][1] != b"(" and (self.tokens[at][0] == "name" or self.tokens[at][1] in (b".", b":")):
            path += self.tokens[at][1]
            at += 1
        if path:
            name = spelled(path.replace(b":", b"."))
            self.functions[name] = None
            self.names[self.starts[-1]] = name
        if b":" in path:
            self.locals.add(b"self")
        self._declared(at + 1)

    def _declared(self, at: int) -> None:
        """Takes the names of a list as local, with what the versions allow between them."""
        if self.tokens[at] == ("name", b"function"):
            at += 1
        while self.tokens[at][0] == "name" and self.tokens[at][1] not in _KEYWORDS:
            self.locals.add(self.tokens[at][1])
            at += 1
            if self.tokens[at][1] == b"<" and at + 3 < len(self.tokens):
                at += 3
            if self.tokens[at][1] != b",":
                return
            at += 1


def _exactly(word: str) -> int:
    """A whole number that a word of Lua gives, exactly where it is written as an integer."""
    try:
        return int(word, 0) if word[:2] in ("0x", "0X") else int(word)
    except ValueError:
        return int(float.fromhex(word) if word[:2] in ("0x", "0X") else float(word))
