"""Statements as an observation file: the one format that holds all of them, as they may be told."""

from __future__ import annotations

from consilience.model.digest import canonical_json
from consilience.model.parcel import Conversion, Loss, Parcel


class ObservationFileWriter:
    """Writes one statement a line; reading the file again gives equal statements."""

    name = "jsonl"

    def convert(self, parcel: Parcel) -> Conversion:
        """The statements in the order of their ids, each under the marking it was released under."""
        lines = [canonical_json(seen.as_record()) + b"\n" for seen in parcel.observations]
        return Conversion(content=b"".join(lines), losses=_losses(parcel))


def _losses(parcel: Parcel) -> tuple[Loss, ...]:
    if not parcel.assessments:
        return ()
    return (
        Loss(
            what="assessments",
            count=len(parcel.assessments),
            why="a line holds one statement of a source, and an assessment rests on many",
            remedy="use stix, or share A B for one pair",
            examples=tuple(made.id for made in parcel.assessments[:5]),
        ),
    )
