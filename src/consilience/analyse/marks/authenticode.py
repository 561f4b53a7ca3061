"""The Authenticode signature of a PE: who signed it with which certificates and when, and whether it is of this file.

Source: Microsoft's description of Authenticode, RFC 2315 (signed data), RFC 3161 (time stamps). That the digest and the
signature fit says that the file is the one that was signed. It says nothing of trust: roots are not looked up, nothing
is asked of anybody, and no revocation is known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice

from consilience.analyse.containers.bounds import Damaged
from consilience.analyse.containers.pe import SIGNATURES, PortableExecutable
from consilience.analyse.marks.certificate import DIGESTS, Certificate, certificate_of
from consilience.analyse.marks.der import OCTETS, SEQUENCE, SET, DerItem, item_at, tagged

MAX_ROWS, MAX_CERTIFICATES, MAX_SIGNERS = 8, 32, 8
SIGNED_DATA = 2
_MESSAGE_DIGEST, _SIGNING_TIME = "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.5"
_COUNTERSIGNED, _TIME_STAMP = "1.2.840.113549.1.9.6", "1.3.6.1.4.1.311.3.3.1"
_NESTED = "1.3.6.1.4.1.311.2.4.1"
_FIRST, _SECOND = 0xA0, 0xA1


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature of a file; `chain` begins with the certificate of the signer and goes on to its issuers.

    `intact` tells whether the digest in the signature is that of the file; `fits` whether the signature is by the key
    of the signer, and None where its kind of key is not checked. `claimed` is when the signer says that it signed,
    `stamped` when a time stamp was put on the signature by another; both may be empty.
    """

    chain: tuple[Certificate, ...]
    algorithm: str
    intact: bool
    fits: bool | None
    claimed: str
    stamped: str
    place: int


def signatures_of(parsed: PortableExecutable) -> list[Signature]:
    """The signatures of a PE, nested ones after the one they are in; what cannot be read becomes a note."""
    at, size = parsed.directory(SIGNATURES)
    found: list[Signature] = []
    digest = cache(partial(file_digest, parsed))
    end = min(at + size, len(parsed.bytes))
    try:
        for _ in range(MAX_ROWS if at else 0):
            if at + 8 > end:
                break
            length, _, kind = parsed.bytes.numbers("IHH", at)
            if length < 8:
                raise Damaged(f"a row of {length} bytes at {at:#x}")
            if kind == SIGNED_DATA:
                rows = _signatures(item_at(parsed.bytes.at(at + 8, length - 8)), digest, at)
                found += islice(rows, MAX_SIGNERS - len(found))
            at += (length + 7) // 8 * 8
    except Damaged as damage:
        parsed.notes.append(f"signature: {damage}")
    return found


def file_digest(parsed: PortableExecutable, kind: str) -> bytes:
    """The digest that Authenticode signs: of the file without its checksum, the place of signatures, and these."""
    data = memoryview(parsed.bytes.data)
    optional = parsed.bytes.number("I", 0x3C) + 24
    checksum = optional + 64
    row = optional + (112 if parsed.header.plus else 96) + 8 * SIGNATURES
    at, size = parsed.directory(SIGNATURES)
    at = at or len(data)
    hashed = hashlib.new(kind, usedforsecurity=False)
    for start, stop in ((0, checksum), (checksum + 4, row), (row + 8, at), (at + size, len(data))):
        hashed.update(data[start:stop])
    return hashed.digest()


def _signatures(item: DerItem, digest: Callable[[str], bytes], place: int, nested: bool = False) -> Iterator[Signature]:
    parts = item.within(1, 0).items()
    certificates = _certificates(parts)
    content = parts[2].within(1, 0) if len(parts) > 2 else None
    if content is None:
        raise Damaged("signed data without content")
    kind = DIGESTS.get(content.within(1, 0, 0).object(), "")
    signed = content.within(1, 1).content
    intact = bool(kind) and digest(kind) == signed
    for signer in parts[-1].items()[:MAX_SIGNERS]:
        rows = signer.items()
        chain = _chain(_issued(rows), certificates)
        more = tagged(rows, _SECOND)
        unsigned = list(_attributes(more)) if more else []
        yield Signature(
            chain=chain,
            algorithm=kind or "an unknown digest",
            intact=intact,
            fits=_fits(rows, chain, content.content),
            claimed=_claimed(rows),
            stamped=_stamped(unsigned),
            place=place,
        )
        for name, value in unsigned if not nested else ():
            if name == _NESTED:
                for each in value.items()[:MAX_SIGNERS]:
                    yield from _signatures(each, digest, place, nested=True)


def _certificates(parts: Sequence[DerItem]) -> list[Certificate]:
    rows = tagged(parts, _FIRST)
    return [certificate_of(each) for each in rows.items()[:MAX_CERTIFICATES]] if rows else []


def _issued(rows: Sequence[DerItem]) -> tuple[bytes, str]:
    """The name of the issuer and the serial by which a signer names its certificate."""
    if len(rows) < 5:
        raise Damaged("a signer lacks parts")
    return rows[1].within(0).raw, rows[1].within(1).content.hex()


def _chain(wanted: tuple[bytes, str], certificates: Sequence[Certificate]) -> tuple[Certificate, ...]:
    """The certificate of a signer and its issuers, as far as they are here."""
    found = [each for each in certificates if (each.names[1], each.serial) == wanted][:1]
    while found and len(found) < MAX_CERTIFICATES:
        subject, issuer = found[-1].names
        above = next((each for each in certificates if each.names[0] == issuer and each not in found), None)
        if subject == issuer or above is None:
            break
        found.append(above)
    return tuple(found)


def _fits(rows: Sequence[DerItem], chain: Sequence[Certificate], content: bytes) -> bool | None:
    """Whether the signed attributes hold the digest of the content and the signer's key signed them."""
    attributes = tagged(rows, _FIRST)
    digest = rows[2].within(0).object()
    kind = DIGESTS.get(digest, "")
    algorithm, signature = tagged(rows[3:], SEQUENCE), tagged(rows[3:], OCTETS)
    if not chain or not kind or attributes is None or algorithm is None or signature is None:
        return None
    signed_digest = next((value for name, value in _attributes(attributes) if name == _MESSAGE_DIGEST), None)
    if (
        signed_digest is None
        or signed_digest.within(0).content != hashlib.new(kind, content, usedforsecurity=False).digest()
    ):
        return False
    return chain[0].signed(bytes([SET]) + attributes.raw[1:], digest, signature.content, algorithm)


def _attributes(item: DerItem) -> Iterator[tuple[str, DerItem]]:
    for each in item.items():
        yield each.within(0).object(), each.within(1)


def _claimed(rows: Sequence[DerItem]) -> str:
    """The time at which a signer says that it signed; empty when it says none."""
    attributes = tagged(rows, _FIRST)
    times = [each for kind, each in _attributes(attributes) if kind == _SIGNING_TIME] if attributes else []
    return times[0].within(0).time() if times else ""


def _stamped(unsigned: Sequence[tuple[str, DerItem]]) -> str:
    """The time of the time stamp on a signature, of either kind; empty when there is none."""
    for name, value in unsigned:
        if name == _COUNTERSIGNED and (time := _claimed(value.within(0).items())):
            return time
        if name == _TIME_STAMP:
            wrapped = value.within(0, 1, 0, 2, 1, 0)
            return item_at(wrapped.content).within(4).time()
    return ""
