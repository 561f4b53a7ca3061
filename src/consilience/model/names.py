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
    """The subject that a full name, or a bare name only one publisher uses, stands for.

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


def suggestions(name: str, subjects: Iterable[Subject]) -> tuple[tuple[str, str], ...]:
    """Up to three full names near to a name nobody has, nearest first, each with the reason."""
    wanted = name.strip().casefold()
    ranked: list[tuple[int, float, str, str]] = []
    for subject in subjects:
        bare, full = subject.name.casefold(), subject.key.casefold()
        likeness = max(
            difflib.SequenceMatcher(None, wanted, bare).ratio(), difflib.SequenceMatcher(None, wanted, full).ratio()
        )
        if wanted and bare.startswith(wanted):
            ranked.append((0, -likeness, subject.key, f"{name.strip()!r} is its beginning"))
        elif wanted and any(part.strip() == wanted for part in bare.split("/")):
            ranked.append((1, -likeness, subject.key, "one of its names"))
        elif len(wanted) > 3 and (wanted in bare or bare in wanted):
            ranked.append((2, -likeness, subject.key, "one name holds the other"))
        elif likeness >= CLOSE:
            ranked.append((3, -likeness, subject.key, "spelt much like it"))
    return tuple((key, reason) for _, _, key, reason in sorted(ranked)[:SUGGESTIONS])


def names(text: str, subject: Subject) -> bool:
    """Whether a full or bare name, as an observation's `object` prints it, stands for this subject."""
    wanted = text.strip().casefold()
    return wanted in (subject.key.casefold(), subject.name.casefold())


def resolved_names(observations: Iterable[Observation]) -> Mapping[str, str]:
    """The family that each number or other name of a tool stands for, in the forms in which traits hold them.

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
    return {
        key: next(iter(families))
        for key, families in sorted(meant.items())
        if len(families) == 1 and (_SOFTWARE_NUMBER.match(key) or family(key) not in own)
    }
