"""The canonical form of values, so that two ways of writing one thing are one trait.

Each form is named in `vocab/kinds.toml` (`canonical = ...`) and is one function here. All are idempotent: the
canonical form of a canonical form is itself. What a form cannot make sense of is refused, never guessed.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Mapping

from consilience.model.errors import Rejected
from consilience.model.names import family as folded_family
from consilience.model.printable import quoted

MAX_ITEMS = 64
"""An order is compared item by item with others; longer ones are lists of something else."""

NOT_PRINTED = "write the value as the source prints it; if it is not published, write withheld"

_HASH_DIGITS = {
    "file:md5": 32,
    "file:sha1": 40,
    "file:sha256": 64,
    "file:imphash": 32,
    "file:tlsh": 70,
    "x509-certificate:sha1": 40,
    "x509-certificate:sha256": 64,
    "jarm": 62,
    "ja3": 32,
}
_THUMBPRINT_DIGITS = (32, 40, 64)
_WEB_PORTS = frozenset({80, 443})
_DEFAULT_PORTS = {"": _WEB_PORTS, "http": _WEB_PORTS, "https": _WEB_PORTS, "ftp": frozenset({21})}

_DEFANGED_DOT = re.compile(r"\s?(?:\[\s?(?:\.|dot)\s?\]|\(\s?(?:\.|dot)\s?\)|\{\s?(?:\.|dot)\s?\})\s?", re.IGNORECASE)
_DEFANGED_AT = re.compile(r"\s?(?:\[\s?(?:@|at)\s?\]|\(\s?(?:@|at)\s?\))\s?", re.IGNORECASE)
_DEFANGED_COLON = re.compile(r"\[(:|://|:/)\]")
_SCHEME = re.compile(r"([a-z][a-z0-9+*-]*):/+", re.IGNORECASE)
_HOSTLESS = re.compile(r"(?:about|data|javascript|mailto|tel):", re.IGNORECASE)
_DEFANGED_SCHEME = {"hxxp": "http", "hxxps": "https", "fxp": "ftp", "h**p": "http", "h**ps": "https"}
_PLAIN_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\Z")
_SIMPLE_HOST = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}\Z")
_SIMPLE_ADDRESS = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.|\Z)){4}(?<=[0-9])\Z")
_NUMBERS = re.compile(r"[0-9.]+\Z")
_PORT = re.compile(r"(.*):([0-9]{1,5})\Z", re.DOTALL)
_TECHNIQUE = re.compile(r"(?<![A-Z0-9])T([0-9]{4})(?:[./]([0-9]{3}))?(?![./]?[0-9])", re.IGNORECASE)
_ATTACK_NUMBER = re.compile(r"[SG][0-9]{4}\Z", re.IGNORECASE)
_SYSTEM = re.compile(r"(?:ASN?)?\s?0*([0-9]{1,10})\Z", re.IGNORECASE)
_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}", re.IGNORECASE)
_BETWEEN_ITEMS = re.compile(r"[,\u2192\u21d2\u2794\u279c]|[-=]*>")
_HEX = re.compile(r"[0-9a-f]+\Z")
_HASH_LABEL = re.compile(r"\s*(?:0x|md5[:=]|sha-?1[:=]|sha-?256[:=])")
_MAX_WRAPPINGS = 8
_FILLING = re.compile(r"[\s:-]+")
_SLASHES = re.compile(r"[\\/]+")
_ARROW = re.compile(r"[-=]+>|[,\u2192\u21d2]")


def canonical(form: str, value: str, kind: str = "") -> str:
    """The canonical form of a value, by the name of the form; `kind` says which length a hash must have.

    >>> canonical("host", "hxxps://Example[.]com:8443/login")
    'example.com'

    Raises:
        Rejected: the value is nothing of this form.
    """
    if form == "hash":
        found = _hash(value, kind)
    elif kind in _BY_KIND:
        found = _BY_KIND[kind](value)
    else:
        found = _FORMS[form](value)
    if not found:
        raise Rejected("nothing is left of the value in its canonical form", todo=NOT_PRINTED)
    return found


def host(value: str) -> str:
    """A domain name in lower case and ASCII, out of whatever address it was printed in."""
    if _SIMPLE_HOST.match(value):
        return value
    text = _host_of(value)
    if _NUMBERS.match(text) or ":" in text:
        raise Rejected(f"{quoted(value)} is not a domain name", todo="an address is of kind ipv4-addr or ipv6-addr")
    if "." not in text:
        raise Rejected(f"{quoted(value)} is not a domain name: it has no dot", todo=NOT_PRINTED)
    return text


def address(value: str) -> str:
    """An address or network, IPv4 in IPv6 as IPv4, without zone."""
    if _SIMPLE_ADDRESS.match(value):
        return value
    text = _refanged(value).strip("[]").split("%", 1)[0]
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        todo = "host:port is of kind endpoint" if _PORT.match(text) and "." in text else NOT_PRINTED
        raise Rejected(f"{quoted(value)} is not an address", todo=todo) from None
    whole = found.prefixlen == found.max_prefixlen
    first = found.network_address
    if isinstance(first, ipaddress.IPv6Address) and first.ipv4_mapped is not None and whole:
        return str(first.ipv4_mapped)
    return str(first) if whole else str(found)


def ipv4(value: str) -> str:
    """An IPv4 address or network."""
    found = address(value)
    if ":" in found:
        raise Rejected(f"{quoted(value)} is an IPv6 address", todo="its kind is ipv6-addr")
    return found


def endpoint(value: str) -> str:
    """`host:port`; an IPv6 address in brackets."""
    _, text = _without_scheme(_refanged(value))
    found = _PORT.match(re.split(r"[/?#]", text, maxsplit=1)[0].rsplit("@", 1)[-1])
    if found is None or not found[1] or not 0 < int(found[2]) < 65536:
        raise Rejected(f"{quoted(value)} is not a host:port", todo="without a port use domain-name or ipv4-addr")
    return f"{_authority(found[1], value)}:{int(found[2])}"


def url(value: str) -> str:
    """An address on the web without scheme, user, default port and fragment; the path stays as printed.

    Feeds print the same address with and without its scheme, so it cannot tell two addresses apart. 80 and 443 are
    both left off where the scheme is missing or is of the web.
    """
    scheme, text = _without_scheme(_refanged(value))
    if _HOSTLESS.match(text):
        raise Rejected(f"{quoted(value)} has no host", todo=NOT_PRINTED)
    text = text.split("#", 1)[0].rstrip()
    authority = re.split(r"[/?]", text, maxsplit=1)[0]
    rest = text[len(authority) :]
    authority = authority.rsplit("@", 1)[-1]
    found = _PORT.match(authority)
    bare, port = (found[1], int(found[2])) if found else (authority, 0)
    if not bare or port > 65535:
        raise Rejected(f"{quoted(value)} has no host", todo="a path alone is of kind url:path")
    printed_port = "" if not port or port in _DEFAULT_PORTS.get(scheme, frozenset()) else f":{port}"
    if rest.startswith("?"):
        rest = "/" + rest
    return f"{_authority(bare, value)}{printed_port}{'' if rest == '/' else rest}"


def phrase(value: str) -> str:
    """Words without regard to case, width, runs of white space and a final period."""
    text = " ".join(_casefolded(value).split())
    return text.rstrip(" .") or text


def ordered(value: str) -> str:
    """The items of a list, comma or arrow between them, each as a phrase, in the order of the source."""
    items = [item for part in _BETWEEN_ITEMS.split(phrase(value)) if (item := phrase(part))]
    if len(items) > MAX_ITEMS:
        raise Rejected(f"the list has {len(items)} items, more than {MAX_ITEMS}", todo="keep the steps that matter")
    return ",".join(items)


def technique(value: str) -> str:
    """The number of an ATT&CK technique, `T1027` or `T1027.013`, whatever name is printed with it."""
    found = {f"T{number}" + (f".{sub}" if sub else "") for number, sub in _TECHNIQUE.findall(value)}
    if len(found) != 1:
        what = "names several techniques" if found else "holds no T-number"
        raise Rejected(f"{quoted(value)} {what}", todo="write one number a line, such as T1027.013")
    return found.pop()


def family(value: str) -> str:
    """The name of a family or tool as letters and digits in lower case; a number of ATT&CK in upper case."""
    # Twice, because letters of some scripts combine once what stood between them is gone.
    text = _casefolded(folded_family(_casefolded(value)))
    return text.upper() if _ATTACK_NUMBER.match(text) else text


def path(value: str) -> str:
    """A path without regard to case, each run of slashes of either kind as one."""
    return _SLASHES.sub("/", _casefolded(value)).strip()


def serial(value: str) -> str:
    """A serial number in lower case without colons, spaces and leading zeros; decimal and hex are not converted."""
    text = _bare_digits(value)
    if not _HEX.match(text):
        raise Rejected(f"{quoted(value)} is not a serial number", todo="write it in digits or hexadecimal")
    return text.lstrip("0") or "0"


def address_thumbprint(value: str) -> str:
    """An address and the thumbprint of the certificate it served."""
    where, what = _pair(value, "an address and a thumbprint", "203.0.113.9 0a1b...")
    thumbprint = _hash(what, "")
    if len(thumbprint) not in _THUMBPRINT_DIGITS:
        raise Rejected(f"{quoted(what)} is not a thumbprint", todo="a thumbprint has 40 (SHA-1) or 64 (SHA-256) digits")
    return f"{address(where)} {thumbprint}"


def domain_address(value: str) -> str:
    """A domain and the address it resolved to."""
    name, where = _pair(value, "a domain and an address", "example.com 203.0.113.9")
    return f"{host(name)} {address(where)}"


def lower(value: str) -> str:
    """The text in lower case."""
    return unicodedata.normalize("NFC", value.lower()).strip()


def upper(value: str) -> str:
    """The text in upper case."""
    return unicodedata.normalize("NFC", value.upper()).strip()


def exact(value: str) -> str:
    """The text as it is, without space around it."""
    return value.strip()


def email(value: str) -> str:
    """A mail address in lower case, no longer defanged."""
    text = lower(_refanged(value, (_DEFANGED_AT, "@")))
    if not re.fullmatch(r"[^\s@]+@[^\s@]+", text):
        raise Rejected(f"{quoted(value)} is not a mail address", todo=NOT_PRINTED)
    return text


def autonomous_system(value: str) -> str:
    """`AS` and the number where a number is given, else the name in upper case."""
    found = _SYSTEM.match(value.strip())
    return f"AS{found[1]}" if found else upper(value)


def vulnerability(value: str) -> str:
    """The CVE number where one stands in the text, else the text in upper case."""
    found = {number.upper() for number in _CVE.findall(value)}
    if len(found) > 1:
        raise Rejected(f"{quoted(value)} names several vulnerabilities", todo="write one a line")
    return found.pop() if found else upper(value)


def _hash(value: str, kind: str) -> str:
    digits = _bare_digits(value)
    if kind == "file:tlsh" and len(digits) == 72:
        digits = digits.removeprefix("t1")
    wanted = _HASH_DIGITS.get(kind)
    if not _HEX.match(digits):
        raise Rejected(f"{quoted(value)} is not in hexadecimal", todo=NOT_PRINTED)
    if wanted and len(digits) != wanted:
        family_name = kind.split(":", maxsplit=1)[0]
        meant = [
            name
            for name, length in _HASH_DIGITS.items()
            if length == len(digits) and name.startswith(f"{family_name}:")
        ]
        todo = f"{len(digits)} digits are of kind {meant[0]}" if meant else "write the whole hash"
        raise Rejected(f"{kind} has {wanted} digits, this has {len(digits)}", todo=todo)
    return digits


def _bare_digits(value: str) -> str:
    text = value.lower()
    label = _HASH_LABEL.match(text)
    return _FILLING.sub("", text[label.end() :] if label else text)


def _pair(value: str, what: str, example: str) -> tuple[str, str]:
    parts = _ARROW.sub(" ", _refanged(value)).split()
    if len(parts) != 2:
        raise Rejected(f"{quoted(value)} is not {what}", todo=f"write both with a space between, as in {example!r}")
    return parts[0], parts[1]


def _refanged(value: str, *more: tuple[re.Pattern[str], str]) -> str:
    """The value as it was before somebody made it harmless, the scheme left as it is."""
    text = value.strip()
    if not any(bracket in text for bracket in "[({"):
        return text
    for _ in range(_MAX_WRAPPINGS):
        before = text
        for pattern, plain in ((_DEFANGED_DOT, "."), (_DEFANGED_COLON, r"\1"), *more):
            text = pattern.sub(plain, text)
        if text == before:
            return text
    raise Rejected(f"{quoted(value)} has brackets within brackets", todo="write the plain value")


def _without_scheme(text: str) -> tuple[str, str]:
    scheme = ""
    while found := _SCHEME.match(text):
        named = found[1].lower()
        scheme = scheme or _DEFANGED_SCHEME.get(named, named)
        text = text[found.end() :]
    return scheme, text


def _host_of(value: str) -> str:
    """The host in a name, an endpoint or an address on the web; an address is given back as one."""
    _, text = _without_scheme(_refanged(value))
    text = re.split(r"[/?#\\]", text, maxsplit=1)[0].rsplit("@", 1)[-1]
    found = _PORT.match(text) if text.count(":") == 1 or "]" in text else None
    return _authority(found[1] if found else text, value)


def _authority(text: str, value: str) -> str:
    """A host as `name`, `1.2.3.4` or `[::1]`."""
    text = text.lower().removeprefix("*.").strip(".")
    if not text.isascii():
        text = _ascii_host(text)
    if _NUMBERS.match(text) or ":" in text or text.startswith("["):
        found = address(text)
        return f"[{found}]" if ":" in found else found
    if len(text) > 253 or not _PLAIN_HOST.match(text):
        raise Rejected(f"{quoted(value)} is not a host", todo=NOT_PRINTED)
    return text


def _ascii_host(text: str) -> str:
    try:
        return text.encode("idna").decode("ascii").lower().strip(".")
    except UnicodeError:
        # Names newer than the tables of IDNA 2003, such as most emoji, still have a punycode form.
        labels = re.split("[.\u3002\uff0e\uff61]", _casefolded(text))
    return ".".join(each if each.isascii() else "xn--" + each.encode("punycode").decode("ascii") for each in labels)


def _casefolded(value: str) -> str:
    """The text as Unicode compares it without case: NFKC case folding, done twice so that it is stable."""
    if value.isascii():
        return value.lower()
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", value).casefold())
    return unicodedata.normalize("NFKC", text.casefold())


_FORMS: Mapping[str, Callable[[str], str]] = {
    "host": host,
    "address": address,
    "endpoint": endpoint,
    "url": url,
    "lower": lower,
    "upper": upper,
    "technique": technique,
    "family": family,
    "phrase": phrase,
    "list": ordered,
    "serial": serial,
    "address-thumbprint": address_thumbprint,
    "domain-address": domain_address,
    "path": path,
    "exact": exact,
}
_BY_KIND: Mapping[str, Callable[[str], str]] = {
    "ipv4-addr": ipv4,
    "email-addr": email,
    "autonomous-system": autonomous_system,
    "vulnerability": vulnerability,
}
FORMS = frozenset({*_FORMS, "hash"})
