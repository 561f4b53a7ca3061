"""Two families signed with one certificate: the signer is evidence, and nothing is said of servers."""

from tests.unit.analyse.conftest import portable_executable
from tests.unit.analyse.marks.signing import signed
from tests.unit.analyse.test_programs import CODE

from consilience.case import Case


def test_a_shared_signing_certificate_speaks_for_supply(tmp_path):
    """The signer weighs; its certificate is known by its digests and weighs nothing, least of all on infrastructure."""
    with Case.open(str(tmp_path / "c")) as case:
        for name in ("One", "Two"):
            path = tmp_path / name
            path.write_bytes(signed(portable_executable(CODE + name.encode())))
            case.read([str(path)], publisher="V", subject=name, subject_type="malware")
        done = case.assess("V/One", "V/Two")
    by_kind = {item.kind: item for item in done.relation.evidence}
    assert by_kind["build:signer"].values == ("tiny works ltd",)
    assert by_kind["build:signer"].weights["supply"]["shared"] > 0
    for kind in ("sha1", "sha256", "serial"):
        weights = by_kind[f"x509-certificate:{kind}"].weights
        assert not any(value for axis in weights.values() for value in axis.values())
    assert "build:inconsistent" not in by_kind
