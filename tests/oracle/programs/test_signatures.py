"""Authenticode signatures against what lief reads of them and says of them; it knows no RSA-PSS, which ours checks."""

import lief
import pytest
from tests.oracle.programs.binaries import pe_files
from tests.unit.analyse.conftest import portable_executable
from tests.unit.analyse.marks.signing import countersignature, key, signed, signed_data
from tests.unit.analyse.test_programs import CODE

from consilience.analyse.containers.pe import PortableExecutable
from consilience.analyse.marks.authenticode import file_digest, signatures_of

RAW = portable_executable(CODE, [(0, 14)], [("KERNEL32.dll", ["Sleep"])])
LAUNCHER = pe_files()["pip/w64.exe"]
GOOD = lief.PE.Signature.VERIFICATION_FLAGS.OK


def moment(numbers):
    """A time of lief as ours are written."""
    year, month, day, hour, minute, second = numbers
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"


@pytest.mark.parametrize("kind", ["sha1", "sha256", "sha384"])
@pytest.mark.parametrize("way", ["rsa", "ecdsa"])
@pytest.mark.parametrize("raw", [RAW, LAUNCHER], ids=["made", "launcher"])
def test_signatures_are_read_and_judged_alike(raw, way, kind):
    """Who signed, with which certificates, over which digest, and whether it fits: also once it was altered."""
    whole = signed(raw, way=way, kind=kind)
    for made in (
        whole,
        whole[:0x410] + bytes([whole[0x410] ^ 1]) + whole[0x411:],
        whole.replace(b"250101120000Z", b"250101120001Z"),
        signed(raw, way=way, kind=kind, signing=key(3, way)),
    ):
        (ours,), binary = signatures_of(PortableExecutable(made)), lief.PE.parse(made)
        (theirs,) = binary.signatures
        (signer,) = theirs.signers
        assert [(each.serial, each.begins, each.ends) for each in ours.chain] == [
            (bytes(each.serial_number).hex(), moment(each.valid_from), moment(each.valid_to))
            for each in theirs.certificates
        ]
        assert ours.chain[0].serial == bytes(signer.serial_number).hex()
        assert ours.intact == (file_digest(PortableExecutable(made), kind) == bytes(theirs.content_info.digest))
        assert (ours.intact and ours.fits) == (binary.verify_signature() == GOOD)
        assert ours.fits == (theirs.check() == GOOD)


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_the_digest_of_a_file(kind):
    """What Authenticode signs of a file is the same digest, signed or not."""
    algorithm = {"sha1": lief.PE.ALGORITHMS.SHA_1, "sha256": lief.PE.ALGORITHMS.SHA_256}[kind]
    for raw in (*pe_files().values(), signed(RAW), signed(LAUNCHER)):
        if len(raw) % 8 == 0:
            assert file_digest(PortableExecutable(raw), kind) == bytes(lief.PE.parse(raw).authentihash(algorithm))


def test_what_lies_within_a_signature():
    """A nested signature and a countersignature are found by both."""
    raw = RAW + bytes(-len(RAW) % 8)
    made = signed(RAW, unsigned=[("nested", signed_data(raw)), countersignature("250102030405Z")])
    first, second = signatures_of(PortableExecutable(made))
    binary = lief.PE.parse(made)
    (theirs,) = binary.signatures
    (nested,) = [each.signature for each in theirs.signers[0].unauthenticated_attributes if hasattr(each, "signature")]
    assert first.stamped == "2025-01-02T03:04:05Z" and second.fits and nested.check() == GOOD
