"""Names of subjects: finding the one that was meant, and saying so when none or several were."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from consilience.model.errors import AmbiguousName, UnknownName
from consilience.model.subject import Subject

SUGGESTIONS = 3
CLOSE = 0.75


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
