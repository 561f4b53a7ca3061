"""Whether a request may leave this machine, by the marking of the values that it reveals.

The Permissible Actions Protocol says what may be done with a value: *red* nothing that leaves, *amber* only passive
look-ups at third parties, *green* and *clear* also what touches the other side. A value about which nothing is stated
is treated as red: silence is no permission.
"""

from __future__ import annotations

from enum import StrEnum

from consilience.model.errors import InputError
from consilience.model.marking import Label


class RequestKind(StrEnum):
    """What a request is: of nothing, of a third party about a value, or of the infrastructure itself."""

    REVEALS_NOTHING = "reveals nothing"
    PASSIVE = "a look-up at a third party"
    ACTIVE = "a contact with the infrastructure itself"


_ALLOWED = {
    "red": (),
    "": (),
    "amber": (RequestKind.PASSIVE,),
    "green": tuple(RequestKind),
    "clear": tuple(RequestKind),
}


def check(kind: RequestKind, reveals: Label | None) -> None:
    """Let pass a request that may be sent. Raises InputError for any other, before anything is sent.

    `reveals` is the joined label of the values that the request holds, None when it holds none.
    """
    if kind is RequestKind.REVEALS_NOTHING:
        if reveals is not None:
            raise InputError("a request that holds a value reveals it", "egress", "say which kind of request it is")
        return
    if reveals is None:
        raise InputError(f"{kind} needs the marking of what it reveals", "egress", "give the label of the values")
    if kind not in _ALLOWED.get(reveals.pap, ()):
        stated = f"PAP:{reveals.pap.upper()}" if reveals.pap else "no PAP"
        raise InputError(
            f"the value is under {stated}, which does not permit {kind}",
            "egress",
            "nothing was sent; ask the source for another marking",
        )
