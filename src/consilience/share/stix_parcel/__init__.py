"""Many statements as one STIX 2.1 bundle, in two profiles.

`stix` loses nothing: each statement is an object whose property extension keeps it as a line of an observation file
holds it, and reading the bundle again gives equal statements. `stix-plain` holds what the standard knows and nothing
else, and says what that leaves out. Both mark by TLP 2.0, or under a name ending in `-tlp1` by TLP 1.x.

`target` what a trait is in STIX · `observable` cyber-observables and their ids · `statement` the object of a
statement · `labels` TLP of either version · `losses` what the standard cannot hold · `writer` the bundle.
"""

from __future__ import annotations

from consilience.share.stix_parcel.writer import StixParcelWriter

__all__ = ["STIX_PARCELS", "StixParcelWriter"]

STIX_PARCELS = (
    StixParcelWriter("stix"),
    StixParcelWriter("stix-plain", plain=True),
    StixParcelWriter("stix-tlp1", old_labels=True),
    StixParcelWriter("stix-plain-tlp1", plain=True, old_labels=True),
)
