"""Who may be told, as an event and its parts say it: labels of TLP and PAP, and the distribution.

What stands in a container holds of everything in it, so the strictest of event, object and attribute decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from consilience.model.marking import COLOURS, PAPS, UNMARKED, strictest
from consilience.read.misp.objects import MispPart
from consilience.read.notice_counts import NoticeCounts
from consilience.vocab.misp import MEANT, STAYS

_TLP, _PAP = "tlp:", "pap:"
_INHERITED = ("", "5")
_WHITE = {"white": "clear"}


def marked(parts: Sequence[MispPart], counts: NoticeCounts) -> tuple[str, str]:
    """TLP and PAP of what stands in these containers, the outermost first; empty where nothing is stated.

    A label that nobody here can obey, and a distribution that keeps a thing in the house, count as amber+strict: it
    stays here until a person says otherwise. An event without a label is left unmarked, which is nobody's to read
    until its publisher is mapped.
    """
    colours = [_colour(name, counts) for name in _labels(parts, _TLP)]
    stays = [kept for part in parts if (kept := _stays(part))]
    if colours or UNMARKED in stays:
        colours += stays
    return (strictest(colours) if colours else ""), pap(parts, counts)


def marking_of_parts(stated: str, parts: Sequence[MispPart], counts: NoticeCounts) -> str:
    """TLP of a whole statement of our own, whose colour is `stated`, in these containers.

    The labels of the containers tighten it. A distribution tightens it where it is not the one that the writer gives
    to that colour. A statement without a colour leaves under amber+strict, which is what silence counts as.
    """
    labels = _labels(parts, _TLP)
    colours = [_colour(name, counts) for name in labels]
    if not stated:
        return strictest(colours) if set(labels) - {UNMARKED} else ""
    written = MEANT.get(stated, "")
    stays = [kept for part in parts if _level(part) != written and (kept := _stays(part))]
    return strictest([stated, *colours, *stays])


def pap(parts: Iterable[MispPart], counts: NoticeCounts) -> str:
    """The strictest PAP of these containers, empty where none is stated; one that nobody knows is red."""
    found = [""]
    for name in _labels(parts, _PAP):
        label = _WHITE.get(name, name)
        if label not in PAPS[1:]:
            counts.add("Tag", "PAP labels that nobody knows; they count as red", _PAP + name)
            label = "red"
        found.append(label)
    return max(found, key=PAPS.index)


def _labels(parts: Iterable[MispPart], prefix: str) -> list[str]:
    """What stands behind a prefix in the labels of these parts, in lower case and without quotes."""
    names = (tag.name.strip().casefold() for part in parts for tag in part.tags)
    return [name.removeprefix(prefix).strip().strip('"') for name in names if name.startswith(prefix)]


def _colour(name: str, counts: NoticeCounts) -> str:
    label = _WHITE.get(name, name)
    if label in COLOURS:
        return label
    counts.add("Tag", "TLP labels that need a person; what carries one stays in the house", _TLP + name)
    return UNMARKED


def _level(part: MispPart) -> str:
    return "" if part.distribution is None else str(part.distribution).strip()


def _stays(part: MispPart) -> str:
    """The freest colour that the distribution of a part allows; empty where it inherits or none is stated."""
    level = _level(part)
    if level in _INHERITED:
        return ""
    return STAYS.get(level, UNMARKED)
