"""Names of subjects: finding the one that was meant, and saying so when none or several were."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from consilience.model.errors import AmbiguousName, UnknownName
from consilience.model.observation import Observation
from consilience.model.subject import TOOL_TYPES, Subject

SUGGESTIONS = 3
CLOSE = 0.75
REFERENT = "name:same-referent"

_SOFTWARE_NUMBER = re.compile(r"S[0-9]{4}\Z", re.IGNORECASE)


def family(name: str) -> str:
    """The canonical form of the name of a malware family or tool: letters and digits, in lower case.

    >>> family("Cobalt Strike") == family("cobalt-strike")
    True
    """
    folded = "".join(letter for letter in name.casefold() if letter.isalnum())
    return folded or name.casefold().strip()


def find(name: str, subjects: Iterable[Subject]) -> Subject:
    """The subject that a full name, or a bare name only one publisher uses, means.

    Raises:
        AmbiguousName: several publishers have a subject of this bare name.
        UnknownName: none has; carries the nearest names with a reason each. A truncated name is never silently
            completed, because a prefix of a designation is often the designation of something else.
    """
    known = list(subjects)
    wanted = name.strip().casefold()
    full = [subject for subject in known if subject.key.casefold() == wanted]
    if full:
        return full[0]
    bare = [subject for subject in known if subject.name.casefold() == wanted]
    if len(bare) == 1:
        return bare[0]
    if bare:
        raise AmbiguousName(name, tuple(sorted(subject.key for subject in bare)))
    raise UnknownName(name, suggestions(name, known))


def suggestions(
    name: str, subjects: Iterable[Subject], claimed: Iterable[tuple[str, str]] = ()
) -> tuple[tuple[str, str], ...]:
    """Up to three full names near to a name that no subject has, nearest first, each with the reason.

    `claimed` are other names that somebody claims of a subject, each with its full name.
    """
    wanted = name.strip().casefold()
    ranked: dict[str, tuple[int, float, str, str]] = {}
    own = ((subject.key, subject.name, (subject.name, subject.key)) for subject in subjects)
    others = ((key, other, (other,)) for other, key in claimed)
    for key, bare, spellings in (*own, *others):
        found = _nearness(wanted, bare.casefold(), [spelling.casefold() for spelling in spellings])
        if found is not None:
            place, likeness, reason = found
            about = "" if len(spellings) > 1 else f"{bare!r} is claimed to be the same, and "
            row = (place, -likeness, key, about + reason.format(name.strip()))
            ranked[key] = min(ranked.get(key, row), row)
    return tuple((key, reason) for _, _, key, reason in sorted(ranked.values())[:SUGGESTIONS])


def _nearness(wanted: str, bare: str, spellings: list[str]) -> tuple[int, float, str] | None:
    """The way in which a name is near to the wanted one, how near, and the reason; None when it is not near."""
    if wanted and bare.startswith(wanted):
        return 0, _likeness(wanted, spellings), "{!r} is its beginning"
    if wanted and any(part.strip() == wanted for part in bare.split("/")):
        return 1, _likeness(wanted, spellings), "one of its names"
    if len(wanted) > 3 and (wanted in bare or bare in wanted):
        return 2, _likeness(wanted, spellings), "one name holds the other"
    likeness = _likeness(wanted, spellings, CLOSE)
    return (3, likeness, "spelt much like it") if likeness >= CLOSE else None


def _likeness(wanted: str, spellings: list[str], least: float = 0.0) -> float:
    """The likeness of the nearest spelling, from 0 to 1; what is quickly seen to be below `least` counts as 0."""
    matchers = [difflib.SequenceMatcher(None, wanted, spelling) for spelling in spellings]
    near = [each for each in matchers if each.real_quick_ratio() >= least and each.quick_ratio() >= least]
    return max((each.ratio() for each in near), default=0.0)


def names(text: str, subject: Subject) -> bool:
    """Whether a full or bare name, as an observation's `object` prints it, means this subject."""
    wanted = text.strip().casefold()
    return wanted in (subject.key.casefold(), subject.name.casefold())


def resolved_names(observations: Iterable[Observation]) -> Mapping[str, str]:
    """The family that each number or other name of a tool means, in the forms in which traits hold them.

    Keys are numbers of ATT&CK and other names, as printed without regard to case and also as `family` writes them.
    Only what a publisher says of its own tool counts, never a chain of such claims. A number or name resolves when
    everybody who uses it means one family, and a name that is some tool's own never does.

    >>> from consilience.model.source import Source
    >>> from consilience.model.trait import Trait
    >>> said = Trait(REFERENT, "cobalt strike")
    >>> tool = Subject("P", "Cobalt Strike", "tool")
    >>> claim = Observation(subject=tool, trait=said, source=Source(publisher="P"), object="S0154")
    >>> resolved_names([claim])
    {'s0154': 'cobaltstrike'}
    """
    meant, own = _claimed_names(observations)
    return {
        key: next(iter(families))
        for key, families in sorted(meant.items())
        if len(families) == 1 and (_SOFTWARE_NUMBER.match(key) or family(key) not in own)
    }


def _claimed_names(observations: Iterable[Observation]) -> tuple[dict[str, set[str]], set[str]]:
    """The families that each number or other name of a tool is claimed to stand for, and all own names of tools."""
    meant: dict[str, set[str]] = {}
    own: set[str] = set()
    for seen in observations:
        if seen.subject.type not in TOOL_TYPES:
            continue
        own.add(family(seen.subject.name))
        if seen.trait.kind == REFERENT and seen.present and seen.object:
            used = family(seen.printed or seen.trait.value)
            own.add(used)
            for key in (seen.object.casefold().strip(), family(seen.object)):
                meant.setdefault(key, set()).add(used)
    return meant, own
