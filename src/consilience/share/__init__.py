"""What leaves the case: an assessment, or many statements at once, as a document for others.

Every writer takes the assessment, and judgements of analysts when they are to be shared, and nothing else: a document
holds only what these hold, and gives the same bytes for the same. Adding a format is one file and one entry of
`WRITERS`. A parcel writer takes statements as they may be told, and says what its format cannot hold of them; its
entry is in `PARCEL_WRITERS`. Other distributions add formats by entry points, see docs/reference/plugins.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from consilience.model.assessment import Assessment
from consilience.model.errors import InputError
from consilience.model.parcel import Conversion, Parcel
from consilience.model.plugins import Plugins
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
from consilience.share.plugin_writer import PluginWriter, plugin_writers
from consilience.share.stix import StixWriter
from consilience.share.stix_parcel import STIX_PARCELS

__all__ = [
    "PARCEL_WRITERS",
    "WRITERS",
    "convert",
    "maco_record",
    "pair_formats",
    "parcel_formats",
    "plugin_fault",
    "write",
]

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
        InputError: no writer has this name, the format has no place for judgements, or a plug-in failed.
    """
    for writer in WRITERS:
        if writer.name == format:
            return writer.write(assessment, judgements)
    for plugin in _plugins().found:
        if plugin.name == format:
            return plugin.write(assessment, judgements)
    raise _unknown("no document format is called", format, pair_formats())


def convert(parcel: Parcel, format: str) -> Conversion:
    """The parcel as a document of this format, and what the format could not hold.

    Raises:
        InputError: no parcel writer has this name, or a plug-in failed.
    """
    for writer in PARCEL_WRITERS:
        if writer.name == format:
            return writer.convert(parcel)
    for plugin in _plugins().found:
        if plugin.name == format:
            return plugin.convert(parcel)
    raise _unknown("no format for many statements is called", format, parcel_formats())


def pair_formats() -> tuple[str, ...]:
    """The names of the formats of an assessment, those of plug-ins last."""
    return (*(each.name for each in WRITERS), *(each.name for each in _plugins().found if each.pair))


def parcel_formats() -> tuple[str, ...]:
    """The names of the formats of many statements, those of plug-ins last."""
    return (*(each.name for each in PARCEL_WRITERS), *(each.name for each in _plugins().found if each.parcel))


def plugin_fault(format: str) -> str:
    """Why the plug-in of this format is not used; empty where none is broken."""
    return next((str(fault) for fault in _plugins().faults if fault.name == format), "")


def _plugins() -> Plugins[PluginWriter]:
    pairs, parcels = (each.name for each in WRITERS), (each.name for each in PARCEL_WRITERS)
    return plugin_writers(frozenset((*pairs, *parcels)))


def _unknown(what: str, format: str, names: Sequence[str]) -> InputError:
    if fault := plugin_fault(format):
        return InputError(fault, "format", "or use " + ", ".join(names))
    return InputError(f"{what} {format!r}", "format", "use " + ", ".join(names))
