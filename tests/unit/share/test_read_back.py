"""What this program writes it can read."""

from consilience.read.stix import StixBundle
from consilience.share import write


def test_stix_bundle(assessment):
    """An assessment as STIX is read without error, and none of it comes back as evidence."""
    raw = write(assessment, "stix")
    assert StixBundle().recognises(raw[:65_536], "bundle.json")
    found = StixBundle().read(raw, "bundle.json", {})
    assert (found.observations, found.refusals) == ((), ())
    assert "intrusion-set related-to intrusion-set" in " ".join(notice.what for notice in found.notices)
