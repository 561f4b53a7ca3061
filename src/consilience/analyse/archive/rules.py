"""What an archive may hold: one allowance for it and everything that lies in it, and names that stay inside.

Nothing is ever written under a name of an archive. A name that leads out of it is refused all the same: whoever unpacks
it elsewhere is to know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from consilience.analyse.containers.bounds import Damaged
from consilience.model.units import MIB

MAX_DEPTH = 3
MAX_MEMBERS = 1_000
MAX_LISTED = 10_000
MAX_RATIO = 100
MAX_UNPACKED = 512 * MIB

ELSEWHERE = "unpack it where nothing can be harmed, and give the programs themselves"
_DRIVE = re.compile(r"^[A-Za-z]:")


class RuleBroken(Damaged):
    """An archive breaks a rule; the message names the rule and the figure, and `todo` says what can be done."""

    def __init__(self, what: str, todo: str = ELSEWHERE) -> None:
        super().__init__(what)
        self.todo = todo


class AllowanceExhausted(RuleBroken):
    """So much was asked for that the archive as a whole is not read: members, unpacked bytes, or their ratio."""


@dataclass(slots=True)
class Allowance:
    """What is left of the rules, for an archive of `size` bytes and all that lie in it."""

    size: int
    listed: int = 0
    members: int = 0
    unpacked: int = 0

    def list_members(self, many: int) -> None:
        """Count members that are listed. Raises RuleBroken when they are too many; then none of them is counted."""
        if self.listed + many > MAX_LISTED:
            raise AllowanceExhausted(
                f"it lists {self.listed + many:,} members; at most {MAX_LISTED:,} are listed in all"
            )
        self.listed += many

    def take_member(self) -> None:
        """Count a member that is taken out. Raises RuleBroken when it is one too many."""
        if self.members >= MAX_MEMBERS:
            raise AllowanceExhausted(
                f"it holds more than {MAX_MEMBERS:,} programs and archives; so many are read in all"
            )
        self.members += 1

    def unpack(self, many: int) -> None:
        """Count bytes that are unpacked. Raises RuleBroken when they are too many; then none of them is counted."""
        total = self.unpacked + many
        if total > MAX_UNPACKED:
            raise AllowanceExhausted(f"it unpacks to {total:,} bytes; at most {MAX_UNPACKED:,} are unpacked in all")
        if total > MAX_RATIO * self.size:
            raise AllowanceExhausted(
                f"it unpacks to {total:,} bytes, {total / max(self.size, 1):,.0f} times its size;"
                f" at most {MAX_RATIO} times are unpacked"
            )
        self.unpacked = total


def check_depth(depth: int) -> None:
    """Raises RuleBroken when an archive lies too deep in others; the outermost is of depth 1."""
    if depth > MAX_DEPTH:
        raise RuleBroken(f"it is the archive number {depth} one in another; at most {MAX_DEPTH} are opened")


def check_name(name: str) -> None:
    """Raises RuleBroken when a name of a member leads out of the archive."""
    parts = re.split(r"[/\\]", name)
    if ".." in parts or name.startswith(("/", "\\")) or _DRIVE.match(name):
        raise RuleBroken("its name leads out of the archive; no such member is read")
    if "\0" in name:
        raise RuleBroken("its name holds a zero byte; no such member is read")
