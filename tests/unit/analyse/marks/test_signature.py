"""Who signed a PE, and whether the signature is of it."""

import hashlib
import random
import struct

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.unit.analyse.conftest import portable_executable
from tests.unit.analyse.marks.signing import (
    SERIAL,
    chain,
    countersignature,
    der,
    key,
    oid,
    sequence,
    signed,
    signed_data,
    time_stamp,
)
from tests.unit.analyse.test_programs import CODE

from consilience.analyse.containers.bounds import Damaged
from consilience.analyse.containers.pe import PortableExecutable
from consilience.analyse.marks.authenticode import signatures_of
from consilience.analyse.marks.der import MAX_ITEMS, item_at
from consilience.analyse.marks.pe import pe_marks
from consilience.analyse.marks.public_key import MAX_BITS, is_signed_by
from consilience.analyse.marks.signature import signature_marks

RAW = portable_executable(CODE, [(0, 14)], [("KERNEL32.dll", ["Sleep"])])


def marks(raw, *kinds):
    parsed = PortableExecutable(raw)
    return [mark for mark in pe_marks(parsed, parsed.image()) if mark.kind in kinds]


def test_a_signature_tells_who_signed():
    """The chain, the digest, the key, the claimed time and both kinds of time stamp are read; all of it fits."""
    for made, stamped in (
        (signed(RAW), ""),
        (signed(RAW, kind="sha1", unsigned=[countersignature("250102030405Z")]), "2025-01-02T03:04:05Z"),
        (signed(RAW, unsigned=[time_stamp("20250102030405Z")]), "2025-01-02T03:04:05Z"),
    ):
        parsed = PortableExecutable(made)
        (found,) = signatures_of(parsed)
        assert [each.name for each in found.chain] == ["Tiny Works Ltd", "Test Root"] and not parsed.notes
        assert found.intact and found.fits and (found.claimed, found.stamped) == ("2025-01-01T12:00:00Z", stamped)
        assert (found.chain[0].begins, found.chain[0].ends) == ("2024-01-01T00:00:00Z", "2027-01-01T00:00:00Z")


@pytest.mark.parametrize("kind", ["sha1", "sha256", "sha384"])
@pytest.mark.parametrize("way", ["rsa", "pss", "ecdsa"])
def test_every_way_to_sign_is_checked(way, kind):
    """A signature by RSA, RSA-PSS or ECDSA fits the key that made it, and no other key, nor other signed words."""
    made = signed(RAW, way=way, kind=kind)
    (found,) = signatures_of(PortableExecutable(made))
    assert found.intact and found.fits is True
    (other,) = signatures_of(PortableExecutable(signed(RAW, way=way, kind=kind, signing=key(3, way))))
    assert other.intact and other.fits is False
    (moved,) = signatures_of(PortableExecutable(made.replace(b"250101120000Z", b"250101120001Z")))
    assert moved.intact and moved.fits is False and moved.claimed == "2025-01-01T12:00:01Z"


def test_keys_that_are_not_checked():
    """A key that cannot be read, one of an unknown kind, and one that is too long to check leave it open."""
    algorithm = item_at(key(1).algorithm("sha256"))
    for raw in (b"", b"none", key(1).public().replace(b"\x2a\x86\x48\x86", b"\x2a\x86\x48\x87")):
        assert is_signed_by(raw, bytes(128), b"", "2.16.840.1.101.3.4.2.1", algorithm) is None
    long = rsa.RSAPublicNumbers(65537, (1 << (MAX_BITS + 8)) - 1).public_key()
    raw = long.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert is_signed_by(raw, bytes(128), b"", "2.16.840.1.101.3.4.2.1", algorithm) is None
    assert is_signed_by(key(1).public(), bytes(128), b"", "1.2.3", algorithm) is None


def test_what_pss_leaves_out_is_usual():
    """Where PSS names no hash function and no salt, they are the ones that its standard takes for usual."""
    signature = key(1).private.sign(b"words", padding.PSS(padding.MGF1(hashes.SHA1()), 20), hashes.SHA1())
    for algorithm in (sequence(oid("pss")), sequence(oid("pss"), sequence())):
        assert is_signed_by(key(1).public(), signature, b"words", "1.3.14.3.2.26", item_at(algorithm))
    odd = sequence(oid("pss"), sequence(der(0xA2, der(2, b"\xff"))))
    assert is_signed_by(key(1).public(), signature, b"words", "1.3.14.3.2.26", item_at(odd)) is None


def test_the_marks_of_a_signature():
    """Signer and certificate are marks, and the note says that trust was not asked for."""
    (signer,) = marks(signed(RAW), "build:signer")
    assert signer.value == "Tiny Works Ltd" and signer.confidence == "" and "chain: Test Root" in signer.note
    assert "whether the certificate can be trusted was not checked" in signer.note
    told = {mark.kind: mark.value for mark in marks(signed(RAW), "x509-certificate:sha1", "x509-certificate:serial")}
    assert told["x509-certificate:sha1"] == hashlib.sha1(chain()[0]).hexdigest()
    assert int(told["x509-certificate:serial"], 16) == SERIAL
    assert not marks(signed(RAW), "build:inconsistent")


@pytest.mark.parametrize("way", ["changed file", "other file", "other key"])
def test_a_signature_of_another_file_is_named(way):
    """A changed file, a copied signature and a signer without the key are contradictions; no certificate is told."""
    raw = signed(RAW)
    if way == "changed file":
        raw = raw[:0x410] + b"\x90" + raw[0x411:]
    elif way == "other file":
        raw = signed(RAW, digest=bytes(32))
    else:
        raw = signed(RAW, signing=key(3))
    (odd,) = marks(raw, "build:inconsistent")
    assert odd.value == "build:signer Tiny Works Ltd" and ("key" in odd.note) == (way == "other key")
    assert not marks(raw, "x509-certificate:sha1", "x509-certificate:sha256", "x509-certificate:serial")
    assert [mark.confidence for mark in marks(raw, "build:signer")] == ["low"]


def test_a_signature_within_a_signature():
    """A nested signature is read after the one that holds it."""
    raw = signed(RAW, kind="sha1", unsigned=[("nested", signed_data(RAW + bytes(-len(RAW) % 8)))])
    assert [each.algorithm for each in signatures_of(PortableExecutable(raw))] == ["sha1", "sha256"]


def test_a_stamp_outside_of_the_validity_is_told():
    """A time stamp later than the certificate is valid stands in the note."""
    (signer,) = marks(signed(RAW, unsigned=[countersignature("300102030405Z")]), "build:signer")
    assert "the time stamp lies outside of the validity" in signer.note


def test_built_after_it_was_signed():
    """A file header later than the time stamp of the signature contradicts it; the signature stays."""
    stamped = [countersignature("250102030405Z")]
    late = signed(portable_executable(CODE, stamp=0x6A000000), unsigned=stamped)
    (odd,) = marks(late, "build:inconsistent")
    assert odd.value == "build:compile-time 2026-05-10T03:48:16Z" and "after it was signed" in odd.note
    assert not marks(signed(portable_executable(CODE), unsigned=stamped), "build:inconsistent")


def test_damage_in_signatures_becomes_a_note():
    """Changed anywhere, a signature gives what is left of it, a note, or the one error of the reader; nothing else."""
    whole = signed(RAW, unsigned=[countersignature("250102030405Z"), time_stamp("20250102030405Z")])
    begin, _ = PortableExecutable(whole).directory(4)
    picked, noted = random.Random(7), 0
    for _ in range(2_000):
        raw = bytearray(whole)
        for _ in range(picked.randrange(1, 4)):
            raw[picked.randrange(begin, len(raw))] = picked.randrange(256)
        parsed = PortableExecutable(bytes(raw))
        list(signature_marks(signatures_of(parsed)))
        noted += any(note.startswith("signature: ") for note in parsed.notes)
    assert 200 < noted < 2_000


def test_lengths_that_lie_are_damage():
    """A length beyond the end, an endless one, and too many values are refused."""
    for raw in (b"", b"\x30", b"\x30\x05\x00", b"\x30\x80\x00\x00", b"\x30\x85" + bytes(5), b"\x1f\x01\x00"):
        with pytest.raises(Damaged):
            item_at(raw)
    many = b"\x05\x00" * (MAX_ITEMS + 1)
    with pytest.raises(Damaged, match="more than"):
        item_at(b"\x30\x83" + len(many).to_bytes(3, "big") + many).items()


def test_a_row_of_signatures_that_has_no_length():
    """A row that says it is shorter than its own head ends the reading with a note."""
    raw = signed(RAW)
    begin, _ = PortableExecutable(raw).directory(4)
    parsed = PortableExecutable(raw[:begin] + struct.pack("<IHH", 3, 0x200, 2) + raw[begin + 8 :])
    assert signatures_of(parsed) == [] and "3 bytes" in parsed.notes[0]
