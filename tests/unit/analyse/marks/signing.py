"""Signatures that tests make themselves: a DER writer, small RSA keys out of a seed, and Authenticode over a PE."""

import hashlib
import random
import struct
from dataclasses import dataclass
from functools import cache

OIDS = {
    "sha1": "1.3.14.3.2.26",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "rsa": "1.2.840.113549.1.1.1",
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


@dataclass(frozen=True)
class Key:
    n: int
    d: int
    e: int = 65537

    def sign(self, message, kind):
        info = sequence(sequence(oid(kind), der(5)), der(4, hashlib.new(kind, message).digest()))
        size = (self.n.bit_length() + 7) // 8
        padded = b"\0\x01" + b"\xff" * (size - len(info) - 3) + b"\0" + info
        return pow(int.from_bytes(padded, "big"), self.d, self.n).to_bytes(size, "big")


@cache
def key(seed):
    """A key of 768 bits, the same for the same seed; good for tests only."""
    picked = random.Random(seed)
    while True:
        p, q = _prime(picked), _prime(picked)
        if p != q and (p - 1) % 65537 and (q - 1) % 65537:
            return Key(p * q, pow(65537, -1, (p - 1) * (q - 1)))


def _prime(picked):
    while True:
        value = picked.getrandbits(384) | (3 << 382) | 1
        if all(pow(base, value - 1, value) == 1 for base in (2, 3, 5, 7, 11)):
            return value


def name(**parts):
    return sequence(*(der(0x31, sequence(oid(part), der(12, text.encode()))) for part, text in parts.items()))


def certificate(subject, issuer, serial, own, above, begins="240101000000Z", ends="270101000000Z"):
    public = der(3, b"\0" + sequence(number(own.n), number(own.e)))
    body = sequence(
        der(0xA0, number(2)),
        number(serial),
        sequence(oid("sha256"), der(5)),
        issuer,
        sequence(moment(begins), moment(ends)),
        subject,
        sequence(sequence(oid("rsa"), der(5)), public),
    )
    return sequence(body, sequence(oid("sha256"), der(5)), der(3, b"\0" + above.sign(body, "sha256")))


ROOT = name(CN="Test Root", O="Tests")
SIGNER = name(CN="Tiny Works Ltd", O="Tiny Works")
SERIAL = 0x00C0FFEE1234


def chain():
    """The certificate of the signer and of its issuer."""
    return [
        certificate(SIGNER, ROOT, SERIAL, key(1), key(2)),
        certificate(ROOT, ROOT, 7, key(2), key(2)),
    ]


def attributes(tag, *pairs):
    return der(tag, *(sequence(oid(kind), der(0x31, value)) for kind, value in pairs))


def signed_data(raw, signing=None, kind="sha256", claimed="250101120000Z", unsigned=(), digest=None):
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
    signer = sequence(
        number(1),
        sequence(ROOT, number(SERIAL)),
        sequence(oid(kind), der(5)),
        attributes(0xA0, *signed),
        sequence(oid("rsa"), der(5)),
        der(4, (signing or key(1)).sign(attributes(0x31, *signed), kind)),
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
                der(0xA0, *chain()),
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
