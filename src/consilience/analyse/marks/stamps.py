"""When a PE says that it was built, in each place that says so, and what contradicts it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from consilience.analyse.containers.bounds import Damaged
from consilience.analyse.containers.pe import EXPORTS, RESOURCES, PortableExecutable
from consilience.analyse.marks.authenticode import Signature
from consilience.analyse.marks.mark import Mark
from consilience.analyse.marks.rich import Rich
from consilience.analyse.marks.tools import Release, tools

KIND = "build:compile-time"
FIRST_YEAR, LAST_YEAR = 1995, 2037
REPRODUCIBLE = "the debug directory says that the build is reproducible: the field is a hash and no time"
OF_BORLAND = 0x2A425E19
"""The one time that Borland's linkers wrote into every header; resources hold the true one, as DOS writes times."""

BEFORE_RELEASE = timedelta(days=365)
"""Tools are in the hands of testers before they come out; a stamp is only called too early by more than this."""

_DAY = timedelta(days=1)


def stamp_marks(parsed: PortableExecutable, rich: Rich | None, signatures: Sequence[Signature]) -> Iterator[Mark]:
    """The times in a PE. All can be set by anybody; the notes say what agrees with them, and contradictions follow."""
    reproducible = parsed.reproducible()
    header = _time(parsed.header.stamp)
    others = {} if reproducible else dict(_others(parsed))
    if header is not None:
        notes, reasons = [REPRODUCIBLE] if reproducible else ["anybody can set it"], list[str]()
        if not reproducible:
            reasons = list(_contradictions(header, _release(rich), signatures))
            notes += _agreement(header, others, _release(rich))
        yield Mark(KIND, _text(header), "file header", "; ".join(notes), "low")
        for reason in reasons:
            yield Mark("build:inconsistent", f"{KIND} {_text(header)}", "file header", reason)
    for place, when in others.items():
        if header is None or abs(when - header) > _DAY:
            yield Mark(KIND, _text(when), place, "differs from the file header; anybody can set it", "low")


def _others(parsed: PortableExecutable) -> Iterator[tuple[str, datetime]]:
    """The other places with a time that can be one."""
    for place, which in (("export directory", EXPORTS), ("resource directory", RESOURCES)):
        address, _ = parsed.directory(which)
        try:
            stamp = parsed.bytes.number("I", parsed.offset(address) + 4) if address else 0
        except Damaged:
            continue
        borland = which == RESOURCES and parsed.header.stamp == OF_BORLAND
        if (when := _dos_time(stamp) if borland else _time(stamp)) is not None:
            yield place, when
    for row in parsed.debug():
        if (when := _time(row.stamp)) is not None:
            yield "debug directory", when
            return


def _release(rich: Rich | None) -> Release | None:
    """The release of the newest linker in a Rich header whose key is in order."""
    if rich is None or rich.key != rich.computed:
        return None
    known = [found for product, build, _ in rich.tools if (found := tools().release(product, build))]
    return max(known, key=lambda each: each.day, default=None)


def _contradictions(header: datetime, release: Release | None, signatures: Sequence[Signature]) -> Iterator[str]:
    if release is not None and header + BEFORE_RELEASE < _day(release.day):
        yield (
            f"the file says that it was built before linker {release.linker[0]}.{release.linker[1]:02} of build "
            f"{release.build}, which made it, came out ({release.day[:7]})"
        )
    stamped = min((each.stamped for each in signatures if each.stamped and each.intact), default="")
    if stamped and _text(header - _DAY) > stamped:
        yield f"the file says that it was built after it was signed ({stamped})"


def _agreement(header: datetime, others: dict[str, datetime], release: Release | None) -> list[str]:
    same = [place for place, when in others.items() if abs(when - header) <= _DAY]
    notes = [f"the {' and the '.join(same)} say{'s' if len(same) == 1 else ''} the same"] if same else []
    if release is not None:
        linker = f"{release.linker[0]}.{release.linker[1]:02}"
        notes.append(f"by the Rich header no earlier than linker {linker} ({release.day[:7]})")
    return notes


def _time(stamp: int) -> datetime | None:
    """The time of a stamp; None where a PE cannot have been built then."""
    when = datetime.fromtimestamp(stamp, UTC)
    return when if FIRST_YEAR <= when.year <= LAST_YEAR else None


def _dos_time(stamp: int) -> datetime | None:
    date, time = stamp >> 16, stamp & 0xFFFF
    try:
        when = datetime(1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, tzinfo=UTC)
    except ValueError:
        return None
    return when if FIRST_YEAR <= when.year <= LAST_YEAR else None


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _text(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
