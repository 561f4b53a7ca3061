"""When something was recorded: one spelling of a time, so that the order of texts is the order of times."""

from __future__ import annotations

from datetime import UTC, datetime

from consilience.model.errors import InputError
from consilience.model.when import iso, span


def instant(text: str) -> str:
    """The time as UTC to the second; a time without a zone is UTC, a bare day is its beginning.

    >>> instant("2024-05-01T02:00:00.5+02:00")
    '2024-05-01T00:00:00Z'
    """
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"{text!r} is not a date and time", "recorded", "write it as 2024-05-01T12:00:00Z") from None
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def end(text: str) -> str:
    """The last second that a time, or a date of any precision, can mean.

    >>> end("2024-05"), end("2024-05-01T12:00:00Z")
    ('2024-05-31T23:59:59Z', '2024-05-01T12:00:00Z')
    """
    try:
        return iso(span(text).last) + "T23:59:59Z" if len(text.strip()) <= len("2024-05-01") else instant(text)
    except ValueError:
        raise InputError(f"{text!r} is not a date", "recorded by", "write it as 2024-05-01") from None
