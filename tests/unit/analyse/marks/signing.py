"""Signatures that tests make themselves: a DER writer, keys of `cryptography`, and Authenticode over a PE."""

import hashlib
import struct
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

OIDS = {
    "sha1": "1.3.14.3.2.26",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "rsa": "1.2.840.113549.1.1.1",
    "rsa with sha256": "1.2.840.113549.1.1.11",
    "pss": "1.2.840.113549.1.1.10",
    "mgf1": "1.2.840.113549.1.1.8",
    "ecdsa with sha1": "1.2.840.10045.4.1",
    "ecdsa with sha256": "1.2.840.10045.4.3.2",
    "ecdsa with sha384": "1.2.840.10045.4.3.3",
    "signed-data": "1.2.840.113549.1.7.2",
    "indirect": "1.3.6.1.4.1.311.2.1.4",
    "image": "1.3.6.1.4.1.311.2.1.15",
    "content-type": "1.2.840.113549.1.9.3",
    "digest": "1.2.840.113549.1.9.4",
    "time": "1.2.840.113549.1.9.5",
    "countersigned": "1.2.840.113549.1.9.6",
    "time-stamp": "1.3.6.1.4.1.311.3.3.1",
    "tst": "1.2.840.113549.1.9.16.1.4",
    "nested": "1.3.6.1.4.1.311.2.4.1",
    "CN": "2.5.4.3",
    "O": "2.5.4.10",
}


def der(tag, *parts):
    content = b"".join(parts)
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def sequence(*parts):
    return der(0x30, *parts)


def number(value):
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(name):
    first, second, *rest = map(int, OIDS.get(name, name).split("."))
    raw = bytearray()
    for value in (40 * first + second, *rest):
        piece = [value & 0x7F]
        while value := value >> 7:
            piece.insert(0, value & 0x7F | 0x80)
        raw += bytes(piece)
    return der(6, bytes(raw))


def moment(text):
    return der(0x17, text.encode())


HASHES = {"sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384}
SALT = 24


@dataclass(frozen=True)
class Key:
    """A private key, and how it signs: rsa (PKCS#1 v1.5), pss or ecdsa."""

    private: Any
    way: str

    def sign(self, message, kind):
        hashed = HASHES[kind]()
        if self.way == "ecdsa":
            return self.private.sign(message, ec.ECDSA(hashed))
        pss = padding.PSS(padding.MGF1(hashed), SALT)
        return self.private.sign(message, pss if self.way == "pss" else padding.PKCS1v15(), hashed)

    def public(self):
        """The public key as certificates hold it."""
        return self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def algorithm(self, kind):
        """How it signs, as signatures tell it."""
        if self.way == "ecdsa":
            return sequence(oid(f"ecdsa with {kind}"))
        if self.way == "rsa":
            return sequence(oid("rsa"), der(5))
        hashed = sequence(oid(kind), der(5))
        masked = sequence(oid("mgf1"), hashed)
        return sequence(oid("pss"), sequence(der(0xA0, hashed), der(0xA1, masked), der(0xA2, number(SALT))))


@cache
def key(which, way="rsa"):
    """One of the keys for tests; another for another number."""
    private = ec.generate_private_key(ec.SECP256R1()) if way == "ecdsa" else rsa.generate_private_key(65537, 1024)
    return Key(private, way)


def name(**parts):
    return sequence(*(der(0x31, sequence(oid(part), der(12, text.encode()))) for part, text in parts.items()))


def certificate(subject, issuer, serial, own, above, begins="240101000000Z", ends="270101000000Z"):
    made_by = sequence(oid("rsa with sha256"), der(5))
    body = sequence(
        der(0xA0, number(2)),
        number(serial),
        made_by,
        issuer,
        sequence(moment(begins), moment(ends)),
        subject,
        own.public(),
    )
    return sequence(body, made_by, der(3, b"\0" + above.sign(body, "sha256")))


ROOT = name(CN="Test Root", O="Tests")
SIGNER = name(CN="Tiny Works Ltd", O="Tiny Works")
SERIAL = 0x00C0FFEE1234


def chain(way="rsa"):
    """The certificate of the signer and of its issuer."""
    return [
        certificate(SIGNER, ROOT, SERIAL, key(1, way), key(2)),
        certificate(ROOT, ROOT, 7, key(2), key(2)),
    ]


def attributes(tag, *pairs):
    return der(tag, *(sequence(oid(kind), der(0x31, value)) for kind, value in pairs))


def signed_data(raw, signing=None, kind="sha256", claimed="250101120000Z", unsigned=(), digest=None, way="rsa"):
    """The signature of a PE as PKCS#7, without its place in the file."""
    content = sequence(
        sequence(oid("image"), sequence()),
        sequence(sequence(oid(kind), der(5)), der(4, digest or file_digest(raw, kind))),
    )
    inner = content[2:] if content[1] < 128 else content[4:]
    signed = [
        ("content-type", oid("indirect")),
        ("time", moment(claimed)),
        ("digest", der(4, hashlib.new(kind, inner).digest())),
    ]
    own = signing or key(1, way)
    signer = sequence(
        number(1),
        sequence(ROOT, number(SERIAL)),
        sequence(oid(kind), der(5)),
        attributes(0xA0, *signed),
        own.algorithm(kind),
        der(4, own.sign(attributes(0x31, *signed), kind)),
        *([attributes(0xA1, *unsigned)] if unsigned else []),
    )
    return sequence(
        oid("signed-data"),
        der(
            0xA0,
            sequence(
                number(1),
                der(0x31, sequence(oid(kind), der(5))),
                sequence(oid("indirect"), der(0xA0, content)),
                der(0xA0, *chain(way)),
                der(0x31, signer),
            ),
        ),
    )


def countersignature(text):
    """A time stamp of the older kind."""
    rows = attributes(0xA0, ("time", moment(text)))
    return "countersigned", sequence(number(1), sequence(ROOT, number(7)), sequence(oid("sha256")), rows)


def time_stamp(text):
    """A time stamp of the newer kind; `text` has four digits of year."""
    token = sequence(number(1), oid("tst"), sequence(), number(5), der(0x18, text.encode()))
    wrapped = sequence(oid("tst"), der(0xA0, der(4, token)))
    return "time-stamp", sequence(oid("signed-data"), der(0xA0, sequence(number(3), der(0x31), wrapped)))


def file_digest(raw, kind):
    """What is signed of a 64-bit PE that has no signature yet."""
    optional = int.from_bytes(raw[0x3C:0x40], "little") + 24
    row = optional + 112 + 8 * 4
    return hashlib.new(kind, raw[: optional + 64] + raw[optional + 68 : row] + raw[row + 8 :]).digest()


def signed(raw, **how):
    """A PE with a signature at its end, as `signed_data` is told to make it."""
    raw += bytes(-len(raw) % 8)
    made = signed_data(raw, **how)
    made += bytes(-len(made) % 8)
    row = int.from_bytes(raw[0x3C:0x40], "little") + 24 + 112 + 8 * 4
    table = struct.pack("<IHH", len(made) + 8, 0x200, 2) + made
    return raw[:row] + struct.pack("<II", len(raw), len(table)) + raw[row + 8 :] + table
