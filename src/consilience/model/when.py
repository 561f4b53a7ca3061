"""Dates as published: any ISO precision, read as the span of days they can mean."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ].*)?)?)?\Z")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The days a date or a pair of dates can mean, both ends inclusive, as proleptic ordinals."""

    first: int
    last: int

    def gap(self, other: Span) -> int:
        """Days between the nearest ends of two spans; 0 when they touch or overlap.

        >>> span("2023-04").gap(span("2023-08"))
        93
        """
        return max(0, other.first - self.last, self.first - other.last)

    def hull(self, other: Span) -> Span:
        """The smallest span that holds both."""
        return Span(min(self.first, other.first), max(self.last, other.last))


def span(text: str) -> Span:
    """The span of days a date of any ISO precision can mean.

    >>> span("2023").last - span("2023").first
    364

    Raises:
        ValueError: the text is not an ISO date, or not a day of the calendar.
    """
    found = _ISO.match(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not an ISO date")
    year, month, day = (int(part) if part else 0 for part in found.groups())
    if year == 0 or "00" in found.groups()[1:]:
        raise ValueError(f"{text!r} has a year, month or day 0")
    if day:
        only = date(year, month, day).toordinal()
        return Span(only, only)
    if month:
        if not 1 <= month <= 12:
            raise ValueError(f"{text!r} has no such month")
        return Span(
            date(year, month, 1).toordinal(), date(year, month, calendar.monthrange(year, month)[1]).toordinal()
        )
    return Span(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal())


def showing(first_seen: str, last_seen: str) -> Span | None:
    """The days within which a trait was shown, from two printed dates of which either may be empty.

    A single date is a showing on that date; no date at all is None, which is *unknown*, not *always*.
    """
    if not first_seen and not last_seen:
        return None
    start = span(first_seen or last_seen)
    end = span(last_seen or first_seen)
    return Span(min(start.first, end.first), max(start.last, end.last))


def iso(ordinal: int) -> str:
    """The ISO date of a day ordinal."""
    return date.fromordinal(ordinal).isoformat()
