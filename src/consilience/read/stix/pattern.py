"""STIX patterns: the equality comparisons that one asserts, whatever operators stand between them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from consilience.read.stix.observable import Shown, hash_kind

MAX_PATTERN = 1_048_576
MAX_COMPARISONS = 5_000

_TOKEN = re.compile(
    r"(?P<text>'(?:[^'\\]|\\.)*')|(?P<path>[A-Za-z][A-Za-z0-9-]{0,60}:[^\s=!<>]{1,400}?(?=\s*(?:=|!=|<|>|\s(?:NOT|IN|LIKE|"
    r"MATCHES|ISSUBSET|ISSUPERSET)\b)))|(?P<word>[A-Za-z]+)|(?P<mark>!=|<=|>=|[=<>()\[\],])|(?P<space>\s+)|(?P<other>.)",
    re.DOTALL,
)
_ENDPOINT = re.compile(
    r"\s*\[\s*network-traffic:dst_ref\.value\s*=\s*'([^'\\]+)'\s+AND\s+network-traffic:dst_port\s*=\s*([0-9]{1,5})\s*\]\s*\Z"
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_HASHES = re.compile(r"(file|x509-certificate):hashes\.(.+)\Z", re.IGNORECASE)
_KINDS: Mapping[str, str] = {
    "domain-name:value": "domain-name",
    "ipv4-addr:value": "ipv4-addr",
    "ipv6-addr:value": "ipv6-addr",
    "url:value": "url",
    "email-addr:value": "email-addr",
    "mutex:name": "mutex",
    "file:name": "file:name",
    "directory:path": "file:path",
    "file:parent_directory_ref.path": "file:path",
    "x509-certificate:serial_number": "x509-certificate:serial",
    "user-account:account_login": "account",
    "network-traffic:dst_ref.value": "",
    "email-message:from_ref.value": "email-addr",
    "email-message:sender_ref.value": "email-addr",
}


def comparisons(pattern: str) -> tuple[tuple[Shown, ...], int]:
    """The kinds and values a pattern compares for equality, each once, and how many comparisons were not understood.

    >>> comparisons("[domain-name:value = 'a.example' OR ipv4-addr:value IN ('192.0.2.1', '192.0.2.2')]")[0]
    (('domain-name', 'a.example'), ('ipv4-addr', '192.0.2.1'), ('ipv4-addr', '192.0.2.2'))
    """
    if len(pattern) > MAX_PATTERN:
        return (), 1
    if endpoint := _ENDPOINT.match(pattern):
        host, port = endpoint.groups()
        return (("endpoint", f"[{host}]:{port}" if ":" in host else f"{host}:{port}"),), 0
    found: dict[Shown, None] = {}
    missed = 0
    path = operator = ""
    for token in _TOKEN.finditer(pattern):
        kind, text = token.lastgroup or "", token[0]
        if kind == "path":
            path, operator = text, ""
        elif kind == "word" and path:
            operator = f"{operator} {text}".strip().upper()
        elif kind == "mark" and path and text in ("=", "!=", "<", ">", "<=", ">="):
            operator = f"{operator} {text}".strip()
        elif kind == "text" and path:
            shown = _shown(path, _unescaped(text)) if operator in ("=", "IN") else None
            if shown is None or len(found) >= MAX_COMPARISONS:
                missed += 1
            else:
                found[shown] = None
        elif kind == "mark" and text in ("]", ")"):
            path = operator = ""
        if kind == "text" and operator != "IN":
            path = operator = ""
    return tuple(found), missed


def _shown(path: str, value: str) -> Shown | None:
    if (hashed := _HASHES.match(path)) and (kind := hash_kind(hashed[1].lower(), hashed[2])):
        return kind, value
    lowered = path.lower()
    if lowered == "network-traffic:dst_ref.value":
        bare = value.replace(".", "")
        return ("ipv6-addr" if ":" in value else "ipv4-addr" if bare.isdigit() else "domain-name"), value
    kind = _KINDS.get(lowered, "")
    return (kind, value) if kind and value else None


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text[1:-1])
