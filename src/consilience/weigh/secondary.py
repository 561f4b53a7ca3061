"""Secondary traits: what one indicator also shows, derived without looking anything up.

An address or name is seldom used twice, but whoever chose it has habits: a registrar's cheap suffix, words, a folder,
a port. `secondary` gives them as kinds and values, one pure function for every room that compares indicators.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

SECONDARY = (
    *("host", "host:registered", "host:suffix", "host:label", "host:segment", "host:shape", "host:length"),
    *("host:depth", "host:3-gram", "host:4-gram", "host:5-gram", "host:ends"),
    *("address", "address:24", "address:16"),
    *("port", "path", "path:folder", "path:file", "path:extension", "path:token", "path:query", "path:shape"),
    *("path:4-gram", "network", "mix", "size"),
)
"""The kinds of secondary trait, in the order in which models and tables list them."""

PRIMARY = frozenset({"domain-name", "ipv4-addr", "endpoint", "url", "url:path", "autonomous-system"})
"""The kinds of trait that show secondary traits."""

TEXT_LIKE = frozenset({"host:3-gram", "host:4-gram", "host:5-gram", "path:4-gram"})

_RUNS = re.compile(r"[a-z]+|[0-9]+")
_TOKENS = re.compile(r"[A-Za-z0-9]+")
_MIX_STEPS = (0.02, 0.3, 0.7)
_SHORTEST_SEGMENT = 3
_LONG_RUN = 12

Derived = tuple[tuple[str, str], ...]
ByKind = dict[str, list[str]]


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    """The public-suffix list that the library carries; names of unknown suffix have their last label as suffix."""
    return PublicSuffixList()


def secondary(kind: str, value: str) -> Derived:
    """What one trait of an activity also shows: kinds of SECONDARY and values, repeats kept.

    `kind` and `value` are canonical. Kinds that are no network indicator give nothing.

    >>> [each for each in secondary("domain-name", "mail.update-one.example") if "gram" not in each[0]][:4]
    [('host', 'mail.update-one.example'), ('host:registered', 'update-one.example'), ('host:suffix', 'example'), \
('host:length', '15')]
    >>> secondary("ipv4-addr", "192.0.2.7")
    (('address', '192.0.2.7'), ('address:24', '192.0.2'), ('address:16', '192.0'))
    >>> [each for each in secondary("url:path", "/cgi/Up.php?id=7") if "gram" not in each[0]][:4]
    [('path', '/cgi/Up.php?id='), ('path:folder', '/cgi'), ('path:file', 'Up.php'), ('path:extension', 'php')]
    """
    return tuple((name, each) for name, values in by_kind(kind, value).items() for each in values)


def by_kind(kind: str, value: str) -> ByKind:
    """What `secondary` gives, the values of one kind together: the quicker form for many traits.

    >>> by_kind("ipv4-addr", "192.0.2.7")
    {'address': ['192.0.2.7'], 'address:24': ['192.0.2'], 'address:16': ['192.0']}
    """
    derived = _DERIVED.get(kind)
    return derived(value) if derived else {}


def registered(host: str) -> tuple[str, str]:
    """The registered domain and the public suffix of a host, private suffixes counted as public.

    >>> registered("www.shop.co.uk"), registered("a.b.duckdns.org")
    (('shop.co.uk', 'co.uk'), ('b.duckdns.org', 'duckdns.org'))
    """
    suffix = _suffixes().publicsuffix(host) or ""
    name = host[: -len(suffix) - 1].rpartition(".")[2] if suffix and len(host) > len(suffix) else ""
    return (f"{name}.{suffix}" if name else host), suffix


def _of_host(host: str) -> ByKind:
    domain, suffix = registered(host)
    own = host[: -len(suffix) - 1] if suffix and len(host) > len(suffix) else host
    labels = own.split(".")
    segments, ends = [], []
    for label in labels:
        words = [word for word in _RUNS.findall(label) if len(word) >= _SHORTEST_SEGMENT]
        if words != [label]:
            segments += words
        ends += [label[:3] + "^", "$" + label[-3:]]
    found = {
        "host": [host],
        "host:registered": [domain],
        "host:suffix": [suffix],
        "host:length": [str(len(own))],
        "host:depth": [str(len(labels))],
        "host:shape": [shape(own)],
        "host:label": labels,
        "host:segment": segments,
        "host:ends": ends,
    }
    text = f".{own}."
    for size in (3, 4, 5):
        found[f"host:{size}-gram"] = _grams(text, size)
    return found


def _of_address(address: str) -> ByKind:
    if "/" in address:
        return {}
    bytes_ = address.split(".")
    return {"address": [address], "address:24": [".".join(bytes_[:3])], "address:16": [".".join(bytes_[:2])]}


def _of_path(path: str) -> ByKind:
    """What a path shows; the values of its query are the request's own and are left off."""
    where, mark, query = path.partition("?")
    names = [part.partition("=")[0] for part in query.split("&") if part]
    folder, _, file = where.rpartition("/")
    found = {"path": [where + (mark + "&".join(f"{name}=" for name in names) if names else "")]}
    if folder:
        found["path:folder"] = [folder]
    if file:
        found["path:file"] = [file]
        extension = file.rpartition(".")[2] if "." in file else "none"
        found["path:extension"] = [extension.lower()]
    found["path:token"] = [token.lower() for token in _TOKENS.findall(where)]
    found["path:query"] = names
    found["path:shape"] = [shape(where)]
    found["path:4-gram"] = _grams(where.lower(), 4)
    return found


def _of_endpoint(endpoint: str) -> ByKind:
    return _of_port(endpoint.rpartition(":")[2])


def _of_url(url: str) -> ByKind:
    authority, slash, rest = url.partition("/")
    port = authority.rpartition(":")[2] if authority.count(":") == 1 else ""
    return _of_port(port) | (_of_path("/" + rest) if slash else {})


def _of_port(port: str) -> ByKind:
    return {"port": [port]} if port.isdigit() else {}


def _of_network(network: str) -> ByKind:
    return {"network": [network]}


_DERIVED: Mapping[str, Callable[[str], ByKind]] = {
    "domain-name": _of_host,
    "ipv4-addr": _of_address,
    "endpoint": _of_endpoint,
    "url": _of_url,
    "url:path": _of_path,
    "autonomous-system": _of_network,
}
"""What gives the secondary traits of each primary kind."""


def shape(text: str) -> str:
    """A text with each run of letters as `a` and of digits as `9`, longer runs by their length.

    >>> shape("mail.update-01")
    'a4.a6-9'
    """
    return _RUNS.sub(_run, text.lower())


def _run(found: re.Match[str]) -> str:
    return f"a{min(len(found[0]), _LONG_RUN)}" if found[0].isalpha() else "9"


def _grams(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(len(text) - size + 1)]


def mixture(traits: Sequence[tuple[str, str]]) -> Derived:
    """What the traits of one activity show together: which types it holds in which part, and how many.

    >>> mixture([("domain-name", "a.example"), ("ipv4-addr", "192.0.2.1")])
    (('mix', 'domain-name 2'), ('mix', 'ipv4-addr 2'), ('size', '1'))
    """
    kinds = ("domain-name", "ipv4-addr", "url", "endpoint", "url:path")
    counts = {kind: sum(each == kind for each, _ in traits) for kind in kinds}
    whole = sum(counts.values())
    if not whole:
        return ()
    mix = [
        ("mix", f"{kind} {sum(count / whole >= step for step in _MIX_STEPS)}")
        for kind, count in counts.items()
        if count
    ]
    return (*mix, ("size", str(whole.bit_length() - 1)))
