"""What leaves the case: an assessment, or many statements at once, as a document for others.

Every writer takes the assessment, and judgements of analysts when they are to be shared, and nothing else: a document
holds only what these hold, and gives the same bytes for the same. Adding a format is one file and one entry of
`WRITERS`. A parcel writer takes statements as they may be told, and says what its format cannot hold of them; its
entry is in `PARCEL_WRITERS`.
"""

from __future__ import annotations

from collections.abc import Sequence

from consilience.model.assessment import Assessment
from consilience.model.errors import InputError
from consilience.model.parcel import Conversion, Parcel
from consilience.model.protocols import ParcelWriter, Writer
from consilience.model.relation import Judgement
from consilience.share.document import JsonWriter
from consilience.share.html import HtmlWriter
from consilience.share.maco import MacoWriter
from consilience.share.maco_record import maco_record
from consilience.share.markdown import MarkdownWriter
from consilience.share.misp import MispParcelWriter, MispWriter
from consilience.share.navigator import NavigatorParcelWriter, NavigatorWriter
from consilience.share.observation_file import ObservationFileWriter
from consilience.share.stix import StixWriter
from consilience.share.stix_parcel import STIX_PARCELS

__all__ = ["PARCEL_WRITERS", "WRITERS", "convert", "maco_record", "write"]

WRITERS: tuple[Writer, ...] = (
    HtmlWriter(),
    MarkdownWriter(),
    JsonWriter(),
    StixWriter(),
    MispWriter(),
    NavigatorWriter(),
)
PARCEL_WRITERS: tuple[ParcelWriter, ...] = (
    ObservationFileWriter(),
    *STIX_PARCELS,
    MispParcelWriter(),
    NavigatorParcelWriter(),
    MacoWriter(),
)


def write(assessment: Assessment, format: str, judgements: Sequence[Judgement] = ()) -> bytes:
    """The assessment as a document of this format, these judgements beside it; the same bytes for the same.

    Raises:
        InputError: no writer has this name, or the format has no place for judgements.
    """
    for writer in WRITERS:
        if writer.name == format:
            return writer.write(assessment, judgements)
    raise InputError(
        f"no document format is called {format!r}", "format", "use " + ", ".join(writer.name for writer in WRITERS)
    )


def convert(parcel: Parcel, format: str) -> Conversion:
    """The parcel as a document of this format, and what the format could not hold.

    Raises:
        InputError: no parcel writer has this name.
    """
    for writer in PARCEL_WRITERS:
        if writer.name == format:
            return writer.convert(parcel)
    names = ", ".join(writer.name for writer in PARCEL_WRITERS)
    raise InputError(f"no format for many statements is called {format!r}", "format", "use " + names)
