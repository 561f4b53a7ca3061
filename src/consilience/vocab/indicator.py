"""Indicators without their kind, as lists and feeds print them: which kind one is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from consilience.model.errors import Rejected
from consilience.vocab import vocabulary
from consilience.vocab.canonical import address, email, endpoint, host, url

_HASHES = {32: "file:md5", 40: "file:sha1", 64: "file:sha256"}
_HEX = re.compile(r"[0-9A-Fa-f]+\Z")
_SCHEME = re.compile(r"(?:h[tx]{2}ps?|h\*\*ps?|f[tx]?p|tcp|udp)(?:\[:\]//|\[://\]|:/{1,2})", re.IGNORECASE)
_VULNERABILITY = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}\Z", re.IGNORECASE)
_PORT = re.compile(r".+[^:]:[0-9]{1,5}\Z")
_LAST_LABEL = re.compile(r"(?:[a-z]{2,63}|xn--[a-z0-9-]+)\Z")

WORDS: Mapping[str, str] = {
    "domain": "domain-name",
    "hostname": "domain-name",
    "host": "domain-name",
    "fqdn": "domain-name",
    "ipv4": "ipv4-addr",
    "ipv6": "ipv6-addr",
    "uri": "url",
    "md5": "file:md5",
    "sha1": "file:sha1",
    "sha256": "file:sha256",
    "filehashmd5": "file:md5",
    "filehashsha1": "file:sha1",
    "filehashsha256": "file:sha256",
    "md5hash": "file:md5",
    "sha1hash": "file:sha1",
    "sha256hash": "file:sha256",
    "imphash": "file:imphash",
    "filename": "file:name",
    "filepath": "file:path",
    "email": "email-addr",
    "emailaddress": "email-addr",
    "mutexname": "mutex",
    "ipport": "endpoint",
    "cve": "vulnerability",
    "technique": "attack-pattern",
}
"""Usual words of feeds for kinds, in small letters and digits only."""

TELL_NOTHING = frozenset(
    {"", "ip", "ipaddress", "ipaddr", "ipsrc", "ipdst", "hash", "filehash", "ioc", "indicator", "network", "address"}
)
"""Words of feeds under which the value itself says what it is."""


def kind_of(text: str) -> str:
    """The kind of an indicator by its form, defanged or not, and empty where it has none.

    >>> kind_of("hxxps://a[.]example/x"), kind_of("192.0.2[.]7"), kind_of("a.example"), kind_of("two words")
    ('url', 'ipv4-addr', 'domain-name', '')
    """
    if not text or any(letter.isspace() for letter in text):
        return ""
    if _HEX.match(text) and len(text) in _HASHES:
        return _HASHES[len(text)]
    if _VULNERABILITY.match(text):
        return "vulnerability"
    if _SCHEME.match(text):
        return "url" if _fits(url, text) else ""
    if found := _fits(address, text):
        return "ipv6-addr" if ":" in found else "ipv4-addr"
    if "@" in text or "[at]" in text.lower():
        return "email-addr" if _fits(email, text) else ""
    if "/" in text:
        return "url" if "." in text.split("/", 1)[0] and _is_domain(text.split("/", 1)[0]) else ""
    if _PORT.match(text):
        return "endpoint" if _fits(endpoint, text) else ""
    return "domain-name" if _is_domain(text) else ""


def meant_kind(word: str, value: str) -> str:
    """The kind that a feed's word for it means; by the value where the word tells nothing; else the word as it is."""
    bare = "".join(letter for letter in word.lower() if letter.isalnum())
    if bare in TELL_NOTHING:
        return kind_of(value) or word
    lowered = word.lower()
    return WORDS.get(bare, lowered if lowered in vocabulary().kinds else word)


def is_telling(kind: str, text: str) -> bool:
    """Whether text of a kind can hardly be anything else: names of files look like domains."""
    return kind not in ("", "domain-name", "url", "vulnerability") or "[.]" in text or bool(_SCHEME.match(text))


def _is_domain(text: str) -> bool:
    found = _fits(host, text)
    return bool(_LAST_LABEL.match(found.rsplit(".", 1)[-1]))


def _fits(form: Callable[[str], str], text: str) -> str:
    try:
        return form(text)
    except Rejected:
        return ""
