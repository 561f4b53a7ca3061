"""Archives in archives: every program in them, taken out into memory, under one allowance for all.

`unpack` runs in the locked process. Its answer says where in the memory each program lies. Nothing is analysed here,
and a name is only ever reported.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from mmap import mmap
from typing import Any

from consilience.analyse.archive.kinds import BZIP2, GZIP, HEAD, PACKED, TAR, XZ, ZIP, kind_of, unreadable
from consilience.analyse.archive.member import Member, Members, Stream
from consilience.analyse.archive.rules import Allowance, AllowanceExhausted, RuleBroken, check_depth
from consilience.analyse.archive.streams import PIECE, StoredStream, UnpackedStream, bzipped, gzipped, xzipped
from consilience.analyse.archive.tarred import CountedStream, tar_members
from consilience.analyse.archive.zipped import zip_members
from consilience.analyse.containers.bounds import Damaged
from consilience.analyse.containers.recognised import is_sample

BETWEEN = " > "
"""Between the name of an archive and that of a member in it."""

AGAIN = "get the file again where it comes from"
MAX_NAMED = 20
MAX_REFUSED = 200
LONGEST_NAME = 400
_MAKERS = {GZIP: gzipped, BZIP2: bzipped, XZ: xzipped}


def unpack(data: bytes, name: str, memory: mmap) -> dict[str, Any]:
    """The programs of an archive: `members` as [name, offset, size], in the memory; `refusals` as [name, what, todo].

    A refusal without a name is of the archive as a whole: nothing is taken from one that breaks a rule, and what came
    before the damage from one that is damaged. `others` counts members that are not programs; `named` has the first.
    """
    tree = _Tree(memoryview(memory), Allowance(len(data)))
    tree.open(memoryview(data), (), 1)
    return {"members": tree.members, "refusals": tree.refusals, "others": tree.others, "named": tree.named}


class _Tree:
    """What was found so far, in one archive and all that lie in it."""

    def __init__(self, memory: memoryview, allowance: Allowance) -> None:
        self.memory, self.allowance, self.used = memory, allowance, 0
        self.members: list[tuple[str, int, int]] = []
        self.refusals: list[tuple[str, str, str]] = []
        self.others = 0
        self.named: list[str] = []

    def open(self, raw: memoryview, path: tuple[str, ...], depth: int) -> None:
        """Take the programs out of an archive; what is against a rule, or damaged, is refused."""
        before = len(self.members)
        try:
            for member in self._members(raw, kind_of(bytes(raw[:HEAD]))):
                self._member(member, (*path, member.name), depth)
        except RuleBroken as rule:
            del self.members[before:]
            self._refuse(path, str(rule), rule.todo)
        except Damaged as damage:
            self._refuse(path, str(damage), AGAIN)

    def _member(self, member: Member, here: tuple[str, ...], depth: int) -> None:
        try:
            if member.fault is not None:
                raise member.fault
            self._take(member, here, depth)
        except AllowanceExhausted:
            raise
        except RuleBroken as rule:
            self._refuse(here, str(rule), rule.todo)
        except Damaged as damage:
            self._refuse(here, str(damage), AGAIN)

    def _members(self, raw: memoryview, kind: str) -> Members:
        if kind == ZIP:
            return zip_members(raw, self.allowance)
        if kind == TAR:
            return tar_members(CountedStream(StoredStream(raw), self.allowance), self.allowance)
        if kind in PACKED:
            return self._unpacked(UnpackedStream(StoredStream(raw), _MAKERS[kind], several=True))
        raise Damaged("it is not an archive of a known kind")

    def _unpacked(self, stream: UnpackedStream) -> Members:
        """The members of a packed tar, or what is packed as the only one, which has no name of its own."""
        whole = CountedStream(stream, self.allowance)
        if kind_of(whole.peek(HEAD)) == TAR:
            yield from tar_members(whole, self.allowance)
        else:
            self.allowance.list_members(1)
            yield Member("", -1, whole)

    def _take(self, member: Member, here: tuple[str, ...], depth: int) -> None:
        """Take a member into the memory when it is a program, and open it when it is an archive."""
        assert member.stream is not None
        head = b"".join(_pieces(member.stream, min(HEAD, member.size) if member.size >= 0 else HEAD))
        if kind := unreadable(head):
            raise RuleBroken(f"archives of this kind are not read ({kind})")
        program = is_sample(head)
        if not program and not kind_of(head):
            self._pass(here)
            return
        if not program:
            check_depth(depth + 1)
        self.allowance.take_member()
        start = self.used
        end = self._put(start, member, head)
        if program:
            self.members.append((_told(here), start, end - start))
            self.used = end
            return
        self.used = end
        self.open(self.memory[start:end], here, depth + 1)

    def _put(self, start: int, member: Member, head: bytes) -> int:
        """Where the bytes of a member end in the memory. Raises Damaged when they are not what the archive states."""
        assert member.stream is not None
        at, check, left = start, 0, member.size
        for piece in _whole(head, member.stream, left):
            if at + len(piece) > len(self.memory):
                raise AllowanceExhausted(
                    f"it unpacks to more than {len(self.memory):,} bytes; no more are unpacked in all"
                )
            self.memory[at : at + len(piece)] = piece
            at, check = at + len(piece), zlib.crc32(piece, check)
        if 0 <= member.size != at - start:
            raise Damaged(f"it unpacks to {at - start:,} bytes, not to the {member.size:,} that it states")
        if member.size >= 0 and member.stream.read(1):
            raise Damaged(f"it unpacks to more than the {member.size:,} bytes that it states")
        if member.check is not None and member.check != check:
            raise Damaged("its checksum is wrong")
        return at

    def _pass(self, here: tuple[str, ...]) -> None:
        self.others += 1
        if len(self.named) < MAX_NAMED:
            self.named.append(_told(here))

    def _refuse(self, here: tuple[str, ...], what: str, todo: str) -> None:
        if len(self.refusals) == MAX_REFUSED:
            what, todo = f"more than {MAX_REFUSED} members are refused; no more are named", ""
        if len(self.refusals) <= MAX_REFUSED:
            self.refusals.append((_told(here), what, todo))


def _whole(head: bytes, stream: Stream, size: int) -> Iterator[bytes]:
    """The bytes of a member, whose first were read: as many as it states, or all where it states none."""
    yield head
    yield from _pieces(stream, size - len(head) if size >= 0 else -1)


def _pieces(stream: Stream, size: int) -> Iterator[bytes]:
    """The next bytes of a stream, so many at most; all of them where that is negative."""
    left = size
    while left and (piece := stream.read(min(left, PIECE) if left > 0 else PIECE)):
        left -= len(piece) if left > 0 else 0
        yield piece


def _told(here: tuple[str, ...]) -> str:
    text = BETWEEN.join(filter(None, here))
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME // 2]} ... {text[-LONGEST_NAME // 2 :]}"
