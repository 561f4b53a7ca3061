"""Whether a signature is by a public key: RSA by PKCS#1 v1.5 and by PSS, and ECDSA, checked by `cryptography`.

Loading the library opens files, so `certificate.prepare` imports this module before the process is locked; a process
that checks no signature never imports it. Source: RFC 8017 and RFC 4055 (PSS), RFC 5480 (keys of curves).
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from consilience.analyse.marks.der import DerItem, item_at

HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "1.2.840.113549.2.5": hashes.MD5,
    "1.3.14.3.2.26": hashes.SHA1,
    "2.16.840.1.101.3.4.2.1": hashes.SHA256,
    "2.16.840.1.101.3.4.2.2": hashes.SHA384,
    "2.16.840.1.101.3.4.2.3": hashes.SHA512,
}
PSS = "1.2.840.113549.1.1.10"
MAX_BITS, MAX_EXPONENT = 8_192, 1 << 32
"""RSA keys beyond these are not checked: no maker has them, and checking takes long."""

_DIGEST, _MASK, _SALT = 0xA0, 0xA1, 0xA2
_USUAL_SALT = 20


def is_signed_by(key: bytes, signature: bytes, message: bytes, digest: str, algorithm: DerItem) -> bool | None:
    """Whether a signature of a message is by a key; None where its kind, or the key itself, is not one that is checked.

    `key` is the part of a certificate that holds it, `digest` the object identifier of the hash function, `algorithm`
    what the signature says of how it was made.
    """
    try:
        public, hashed = load_der_public_key(key), HASHES[digest]()
        if isinstance(public, rsa.RSAPublicKey) and _is_usual(public):
            public.verify(signature, message, *_rsa(algorithm, hashed))
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, message, ec.ECDSA(hashed))
        else:
            return None
    except InvalidSignature:
        return False
    except (ValueError, KeyError, UnsupportedAlgorithm):
        return None
    return True


def prepare() -> None:
    """Try a signature of each kind that fits no key, which makes the library load what it needs for them.

    A locked process that is forked from this one then has it: without, each sample with a signature takes 3 ms more.
    """
    rsa_key = rsa.RSAPublicNumbers(65_537, (1 << 2_048) - 1).public_key()
    curve_key = ec.derive_private_key(1, ec.SECP256R1()).public_key()
    algorithm = item_at(bytes.fromhex("300b06092a864886f70d010101"))
    for key in (rsa_key, curve_key):
        encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        for digest in HASHES:
            is_signed_by(encoded, bytes(256), b"", digest, algorithm)


def _is_usual(key: rsa.RSAPublicKey) -> bool:
    return key.key_size <= MAX_BITS and key.public_numbers().e < MAX_EXPONENT


def _rsa(algorithm: DerItem, hashed: hashes.HashAlgorithm) -> tuple[padding.AsymmetricPadding, hashes.HashAlgorithm]:
    """The padding of an RSA signature and its hash function, which PSS names itself."""
    if algorithm.within(0).object() != PSS:
        return padding.PKCS1v15(), hashed
    rows = algorithm.items()[1:]
    parts = {each.tag: each for each in (rows[0].items() if rows else ())}
    named = HASHES[parts[_DIGEST].within(0, 0).object()]() if _DIGEST in parts else hashes.SHA1()
    masking = HASHES[parts[_MASK].within(0, 1, 0).object()]() if _MASK in parts else hashes.SHA1()
    salt = parts[_SALT].within(0).number() if _SALT in parts else _USUAL_SALT
    return padding.PSS(padding.MGF1(masking), salt), named
