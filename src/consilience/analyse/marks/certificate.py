"""What an X.509 certificate says of who signed: names, serial, validity, digests, and its public key.

Source: RFC 5280. Nothing here says that a certificate is to be trusted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from consilience.analyse.containers.bounds import Damaged
from consilience.analyse.marks.der import DerItem

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
MAX_PARTS = 32
"""How many parts of a name are read."""

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
    key: bytes = b""

    @property
    def name(self) -> str:
        """The common name of the subject, or the organisation, or all of it."""
        parts = dict(reversed(self.subject))
        return parts.get("CN") or parts.get("O") or name_text(self.subject)

    def digest(self, kind: str) -> str:
        """The thumbprint by this hash function."""
        return hashlib.new(kind, self.raw, usedforsecurity=False).hexdigest()

    def signed(self, message: bytes, digest: str, signature: bytes, algorithm: DerItem) -> bool | None:
        """Whether a signature of a message is by the key of this certificate; None where it is not checked."""
        return _checker()(self.key, signature, message, digest, algorithm)


def prepare() -> None:
    """Load what checks signatures: a locked process can open no file."""
    from consilience.analyse.marks import public_key

    public_key.prepare()


@cache
def _checker() -> Callable[[bytes, bytes, bytes, str, DerItem], bool | None]:
    # The library behind it takes 50 ms and 9 MiB, which only a process that reads samples has to spend.
    from consilience.analyse.marks.public_key import is_signed_by

    return is_signed_by


def certificate_of(item: DerItem) -> Certificate:
    """The certificate that a value is. Raises Damaged."""
    parts = item.within(0).items()
    parts = parts[1:] if parts and parts[0].tag == _VERSION else parts
    if len(parts) < 6:
        raise Damaged("a certificate lacks parts")
    serial, _, issuer, validity, subject, key = parts[:6]
    return Certificate(
        raw=item.raw,
        subject=_name(subject),
        issuer=_name(issuer),
        names=(subject.raw, issuer.raw),
        serial=serial.content.hex() or "00",
        begins=validity.within(0).time(),
        ends=validity.within(1).time(),
        key=key.raw,
    )


def name_text(name: tuple[tuple[str, str], ...]) -> str:
    """A name as text."""
    return ", ".join(f"{part}={text}" for part, text in name)


def _name(item: DerItem) -> tuple[tuple[str, str], ...]:
    found = []
    for part in item.items()[:MAX_PARTS]:
        kind = part.within(0, 0).object()
        found.append((NAMES.get(kind, kind), " ".join(part.within(0, 1).text().split())))
    return tuple(found)
