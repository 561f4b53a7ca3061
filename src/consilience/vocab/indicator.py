"""Indicators without their kind, as lists and feeds print them: which kind one is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from consilience.model.errors import Rejected
from consilience.vocab import vocabulary
from consilience.vocab.canonical import address, canonical_tables, email, endpoint, host, url
from consilience.vocab.packaged import packaged_table

_FILE_HASHES = ("file:md5", "file:sha1", "file:sha256")
_HEX = re.compile(r"[0-9A-Fa-f]+\Z")
_SCHEME = re.compile(r"(?:h[tx]{2}ps?|h\*\*ps?|f[tx]?p|tcp|udp)(?:\[:\]//|\[://\]|:/{1,2})", re.IGNORECASE)
_VULNERABILITY = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}\Z", re.IGNORECASE)
_PORT = re.compile(r".+[^:]:[0-9]{1,5}\Z")
_LAST_LABEL = re.compile(r"(?:[a-z]{2,63}|xn--[a-z0-9-]+)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorWords:
    """The tables of indicator.toml; see its head."""

    kinds: Mapping[str, str]
    unspecific: frozenset[str]


@lru_cache(maxsize=1)
def indicator_words() -> IndicatorWords:
    """The tables that the package ships, loaded once."""
    tables = packaged_table("indicator")
    return IndicatorWords(kinds=tables["kinds"], unspecific=frozenset(tables["unspecific"]))


def kind_of(text: str) -> str:
    """The kind of an indicator by its form, defanged or not, and empty where it has none.

    >>> kind_of("hxxps://a[.]example/x"), kind_of("192.0.2[.]7"), kind_of("a.example"), kind_of("two words")
    ('url', 'ipv4-addr', 'domain-name', '')
    """
    if not text or any(letter.isspace() for letter in text):
        return ""
    if hashed := _hash_kind(text):
        return hashed
    if _VULNERABILITY.match(text):
        return "vulnerability"
    if _SCHEME.match(text):
        return "url" if _fits(url, text) else ""
    if found := _fits(address, text):
        return "ipv6-addr" if ":" in found else "ipv4-addr"
    return _named_kind(text)


def _named_kind(text: str) -> str:
    """The kind of an indicator that names a host: an address of mail, a URL without its scheme, an endpoint, a host."""
    if "@" in text or "[at]" in text.lower():
        return "email-addr" if _fits(email, text) else ""
    if "/" in text:
        authority = text.split("/", 1)[0]
        return "url" if "." in authority and _is_domain(authority) else ""
    if _PORT.match(text):
        return "endpoint" if _fits(endpoint, text) else ""
    return "domain-name" if _is_domain(text) else ""


def kind_named(word: str, value: str) -> str:
    """The kind that a feed's word for it means; by the value where the word tells nothing; else the word as it is."""
    words, lowered = indicator_words(), word.lower()
    bare = "".join(letter for letter in lowered if letter.isalnum())
    if bare in words.unspecific:
        return kind_of(value) or word
    return words.kinds.get(bare, lowered if lowered in vocabulary().kinds else word)


def is_unmistakable(kind: str, text: str) -> bool:
    """Whether text of a kind can hardly be anything else: names of files look like domains."""
    return kind not in ("", "domain-name", "url", "vulnerability") or "[.]" in text or bool(_SCHEME.match(text))


def _hash_kind(text: str) -> str:
    """The kind of hash that a text is; empty where it is not hexadecimal, or not as long as any."""
    if not _HEX.match(text):
        return ""
    known = canonical_tables().digits
    return next((kind for kind in _FILE_HASHES if known[kind] == len(text)), "")


def _is_domain(text: str) -> bool:
    found = _fits(host, text)
    return bool(_LAST_LABEL.match(found.rsplit(".", 1)[-1]))


def _fits(form: Callable[[str], str], text: str) -> str:
    try:
        return form(text)
    except Rejected:
        return ""
