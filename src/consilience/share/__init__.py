"""What leaves the case: an assessment as a document for others.

Every writer takes the assessment alone, so a document holds nothing that the assessment does not, and gives the same
bytes for the same assessment. Adding a format is one file and one entry of `WRITERS`.
"""

from __future__ import annotations

from consilience.model.assessment import Assessment
from consilience.model.errors import InputError
from consilience.model.protocols import Writer
from consilience.share.document import JsonWriter
from consilience.share.html import HtmlWriter
from consilience.share.markdown import MarkdownWriter
from consilience.share.stix import StixWriter

__all__ = ["WRITERS", "write"]

WRITERS: tuple[Writer, ...] = (HtmlWriter(), MarkdownWriter(), JsonWriter(), StixWriter())


def write(assessment: Assessment, format: str) -> bytes:
    """The assessment as a document of this format; the same bytes for the same assessment.

    Raises:
        InputError: no writer has this name.
    """
    for writer in WRITERS:
        if writer.name == format:
            return writer.write(assessment)
    raise InputError(
        f"no document format is called {format!r}", "format", "use " + ", ".join(writer.name for writer in WRITERS)
    )
