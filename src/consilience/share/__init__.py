"""What leaves the case: an assessment as a document for others.

Every writer takes the assessment, and judgements of analysts when they are to be shared, and nothing else: a document
holds only what these hold, and gives the same bytes for the same. Adding a format is one file and one entry of
`WRITERS`.
"""

from __future__ import annotations

from collections.abc import Sequence

from consilience.model.assessment import Assessment
from consilience.model.errors import InputError
from consilience.model.protocols import Writer
from consilience.model.relation import Judgement
from consilience.share.document import JsonWriter
from consilience.share.html import HtmlWriter
from consilience.share.markdown import MarkdownWriter
from consilience.share.stix import StixWriter

__all__ = ["WRITERS", "write"]

WRITERS: tuple[Writer, ...] = (HtmlWriter(), MarkdownWriter(), JsonWriter(), StixWriter())


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
