"""An X.509 certificate as far as it tells who signed: names, serial, validity, digests, and its RSA key.

Source: RFC 5280, and RFC 8017 for signatures. Nothing here says that a certificate is to be trusted.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from consilience.analyse.containers.bounds import Damaged
from consilience.analyse.marks.der import BITS, Item, item_at

NAMES = {
    "2.5.4.3": "CN",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "1.2.840.113549.1.9.1": "E",
}
DIGESTS = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
RSA = "1.2.840.113549.1.1.1"
MAX_PARTS, MAX_KEY, MAX_EXPONENT = 32, 1_024, 1 << 32
"""Parts of a name that are told, bytes of a key, and the exponent, beyond which a signature is not checked."""

_VERSION = 0xA0


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate; `subject` and `issuer` are (part, text) pairs in their order, times ISO 8601, the serial hex."""

    raw: bytes
    subject: tuple[tuple[str, str], ...]
    issuer: tuple[tuple[str, str], ...]
    names: tuple[bytes, bytes]
    serial: str
    begins: str
    ends: str
    modulus: int = 0
    exponent: int = 0

    @property
    def name(self) -> str:
        """The common name of the subject, or the organisation, or all of it."""
        parts = dict(reversed(self.subject))
        return parts.get("CN") or parts.get("O") or told(self.subject)

    def digest(self, kind: str) -> str:
        """The thumbprint by this hash function."""
        return hashlib.new(kind, self.raw, usedforsecurity=False).hexdigest()

    def signed(self, message: bytes, kind: str, signature: bytes) -> bool | None:
        """Whether an RSA signature (PKCS#1 v1.5) of a message is by the key of this certificate; None: not checked."""
        size = (self.modulus.bit_length() + 7) // 8
        if not 64 <= size <= MAX_KEY or not 2 < self.exponent < MAX_EXPONENT or len(signature) > size:
            return None
        opened = pow(int.from_bytes(signature, "big"), self.exponent, self.modulus).to_bytes(size, "big")
        begin, _, rest = opened[2:].partition(b"\0")
        try:
            claimed = item_at(rest)
            alike = claimed.within(1).content == hashlib.new(kind, message, usedforsecurity=False).digest()
            named = DIGESTS.get(claimed.within(0, 0).object()) == kind
        except Damaged:
            return False
        whole = len(begin) >= 8 and not begin.strip(b"\xff") and claimed.raw == rest
        return opened[:2] == b"\0\x01" and whole and named and alike


def certificate_of(item: Item) -> Certificate:
    """The certificate that a value is. Raises Damaged."""
    parts = item.within(0).items()
    parts = parts[1:] if parts and parts[0].tag == _VERSION else parts
    if len(parts) < 6:
        raise Damaged("a certificate lacks parts")
    serial, _, issuer, validity, subject, key = parts[:6]
    modulus, exponent = _key(key)
    return Certificate(
        raw=item.raw,
        subject=_name(subject),
        issuer=_name(issuer),
        names=(subject.raw, issuer.raw),
        serial=serial.content.hex() or "00",
        begins=validity.within(0).time(),
        ends=validity.within(1).time(),
        modulus=modulus,
        exponent=exponent,
    )


def told(name: tuple[tuple[str, str], ...]) -> str:
    """A name as text."""
    return ", ".join(f"{part}={text}" for part, text in name)


def _name(item: Item) -> tuple[tuple[str, str], ...]:
    found = []
    for part in item.items()[:MAX_PARTS]:
        kind = part.within(0, 0).object()
        found.append((NAMES.get(kind, kind), " ".join(part.within(0, 1).text().split())))
    return tuple(found)


def _key(item: Item) -> tuple[int, int]:
    """The modulus and exponent of an RSA key; zeros for a key of another kind."""
    if item.within(0, 0).object() != RSA:
        return 0, 0
    bits = item.within(1)
    if bits.tag != BITS or not bits.content:
        raise Damaged("a certificate holds no key")
    key = item_at(bits.content[1:])
    return key.within(0).number(), key.within(1).number()
