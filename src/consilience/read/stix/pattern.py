"""STIX patterns: the values that a pattern compares for equality.

Only what stands in a pattern as `path = 'text'` or `path IN ('text', ...)` is shown. What is negated, ordered, matched
or only said to exist is counted as not understood, and so is everything in brackets that are not a comparison
expression of the standard. Time is linear in the length of the pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from consilience.read.stix.observable import ObservableTrait
from consilience.vocab.stix import HOST, stix_tables

MAX_PATTERN = 1_048_576
MAX_COMPARISONS = 5_000

_TEXT = r"'(?:[^'\\]|\\['\\])*'"
_DAY = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = rf"t'{_DAY}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?Z'"
_BYTES = r"h'(?:[A-Fa-f0-9]{2})*'|b'(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?'"
_STEP = rf"(?:[A-Za-z_][A-Za-z0-9_-]*|{_TEXT})"
_TOKEN = re.compile(
    rf"(?P<space>\s+|//[^\n]*|/\*.*?\*/)|(?P<text>{_TEXT})|(?P<literal>{_TIME}|{_BYTES}|[+-]?(?:[0-9]*\.)?[0-9]+)"
    rf"|(?P<path>[A-Za-z_][A-Za-z0-9_-]*:{_STEP}(?:\.{_STEP}|\[(?:[0-9]+|\*)\])*)"
    r"|(?P<word>[A-Za-z]+)|(?P<mark>==|!=|<>|<=|>=|[=<>()\[\],])",
    re.DOTALL,
)

# One letter for each token, so that the grammar is an expression over letters.
_LETTERS: Mapping[str, str] = {
    **{"=": "E", "==": "E", "!=": "D", "<>": "D", "<": "D", ">": "D", "<=": "D", ">=": "D", "IN": "I", "NOT": "N"},
    **dict.fromkeys(("LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"), "D"),
    **{
        "EXISTS": "X",
        "AND": "J",
        "OR": "J",
        "TRUE": "V",
        "FALSE": "V",
        "(": "(",
        ")": ")",
        "[": "[",
        "]": "]",
        ",": ",",
    },
    **dict.fromkeys(("FOLLOWEDBY", "FOLLOWED", "BY", "START", "STOP", "WITHIN", "SECONDS", "REPEATS", "TIMES"), "Q"),
}
_COMPARISON = r"(?:PN?[ED][TV]|PN?I\([TV](?:,[TV])*\)|N?XP)"
_COMPARED = re.compile(_COMPARISON)
_EXPRESSION = re.compile(rf"\(*{_COMPARISON}\)*(?:J\(*{_COMPARISON}\)*)*")
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_BETWEEN = re.compile(r"[()JQVT]*")
_ENDPOINT = re.compile(
    r"\s*\[\s*network-traffic:dst_ref\.value\s*=\s*'([^'\\]+)'\s+AND\s+network-traffic:dst_port\s*=\s*([0-9]{1,5})\s*\]\s*\Z"
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_HASHES = re.compile(r"(file|x509-certificate):hashes\.(.+)\Z", re.IGNORECASE | re.DOTALL)

Token = tuple[str, str]
"""The letter of a token, and its text."""


def comparisons(pattern: str) -> tuple[tuple[ObservableTrait, ...], int]:
    """The kinds and values a pattern compares for equality, each once, and how many comparisons were not understood.

    >>> comparisons("[domain-name:value = 'a.example' OR ipv4-addr:value IN ('192.0.2.1', '192.0.2.2')]")[0]
    (('domain-name', 'a.example'), ('ipv4-addr', '192.0.2.1'), ('ipv4-addr', '192.0.2.2'))
    """
    if len(pattern) > MAX_PATTERN:
        return (), 1
    if endpoint := _ENDPOINT.match(pattern):
        host, port = endpoint.groups()
        return (("endpoint", f"[{host}]:{port}" if ":" in host else f"{host}:{port}"),), 0
    tokens = _tokens(pattern)
    letters = "".join(letter for letter, _ in tokens)
    if not _BETWEEN.fullmatch(_BRACKETS.sub("", letters)):
        return (), letters.count("P")
    found: dict[ObservableTrait, None] = {}
    missed = 0
    for brackets in _BRACKETS.finditer(letters):
        for shown in _in_brackets(brackets[1], tokens[brackets.start(1) : brackets.end(1)]):
            if shown is None or len(found) >= MAX_COMPARISONS:
                missed += 1
            else:
                found[shown] = None
    return tuple(found), missed


def _tokens(pattern: str) -> Sequence[Token]:
    """The tokens of a pattern without white space and comments, up to the first that is not one, which has letter ?."""
    found: list[Token] = []
    place = 0
    while place < len(pattern):
        token = _TOKEN.match(pattern, place)
        if token is None:
            found.append(("?", ""))
            break
        place = token.end()
        text, kind = token[0], token.lastgroup
        if kind in ("word", "mark"):
            found.append((_LETTERS.get(text.upper(), "?"), text))
        elif kind != "space":
            found.append(({"text": "T", "literal": "V", "path": "P"}[kind or ""], text))
    return found


def _in_brackets(letters: str, tokens: Sequence[Token]) -> Iterator[ObservableTrait | None]:
    """What each comparison between two brackets shows; None for each that is not understood."""
    if not _EXPRESSION.fullmatch(letters) or letters.count("(") != letters.count(")"):
        yield from [None] * max(1, letters.count("P"))
        return
    for compared in _COMPARED.finditer(letters):
        if not compared[0].startswith(("PE", "PI")):
            yield None
            continue
        path = tokens[compared.start()][1]
        for letter, text in tokens[compared.start() + 1 : compared.end()]:
            if letter == "T":
                yield _shown(path, _ESCAPED.sub(r"\1", text[1:-1]))
            elif letter == "V":
                yield None


def _shown(path: str, value: str) -> ObservableTrait | None:
    tables = stix_tables()
    if hashed := _HASHES.match(path):
        kind = tables.hash_kind(hashed[1].lower(), hashed[2])
    else:
        kind = tables.patterns.get(path.lower(), "")
    if kind == HOST:
        bare = value.replace(".", "")
        kind = "ipv6-addr" if ":" in value else "ipv4-addr" if bare.isdigit() else "domain-name"
    return (kind, value) if kind and value else None
