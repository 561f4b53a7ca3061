"""The resources of a PE: their types and languages, what the version information says, icons, and the manifest.

Source: Microsoft's description of the resource directory and of version information. The tree has three levels (type,
name, language); deeper ones are not followed, and all its rows together have a limit, so that loops end.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from consilience.analyse.containers.bounds import Bytes, Damaged
from consilience.analyse.containers.pe import RESOURCES, PortableExecutable
from consilience.analyse.marks.mark import Mark

ICON, ICON_GROUP, VERSION, MANIFEST = 3, 14, 16, 24
MAX_LEAVES, MAX_LANGUAGES, MAX_ICONS = 16_384, 16, 64
MAX_TEXTS, MAX_DEPTH, LONGEST_TEXT = 64, 4, 200
MAX_MANIFEST = 65_536
NAMED = 1 << 31
_PRIMARY = 0x3FF
FILE_NAMES = ("OriginalFilename", "InternalName")
FIELDS = ("CompanyName", "ProductName", "FileDescription", "LegalCopyright", "LegalTrademarks", "Comments")
"""The fields of version information that become marks; versions alone are the same in thousands of files."""

_IDENTITY = re.compile(rb"<assemblyIdentity[^>]{0,400}?\bname\s*=\s*[\"']([\w.\- ]{1,120})[\"']")
_OF_MICROSOFT = "Microsoft."


@dataclass(frozen=True, slots=True)
class Leaf:
    """A resource: its type and identity (-1 for one that has a name), its language, where it is and how long."""

    type: int
    identity: int
    language: int
    offset: int
    size: int


@cache
def languages() -> dict[int, str]:
    """The English names of languages by their primary number."""
    tables = tomllib.loads(files("consilience.analyse.marks").joinpath("languages.toml").read_text("utf-8"))
    return {int(number): name for number, name in tables["languages"].items()}


def resource_marks(parsed: PortableExecutable) -> Iterator[Mark]:
    """What the resources of a PE show; all of it can be set by anybody, so that confidence is low."""
    leaves = resources_of(parsed)
    yield from _languages(leaves)
    for leaf in [each for each in leaves if each.type == VERSION][:1]:
        yield from _version(parsed, leaf)
    if digest := icon_digest(parsed, leaves):
        yield Mark("file:icon", digest, "icon group", "", "low")
    for leaf in [each for each in leaves if each.type == MANIFEST][:1]:
        raw = parsed.bytes.data[leaf.offset : leaf.offset + min(leaf.size, MAX_MANIFEST)]
        named = _IDENTITY.search(raw)
        if named and not named[1].decode().startswith(_OF_MICROSOFT):
            yield Mark("build:version-info", f"manifest={named[1].decode()}", "manifest", "", "low")


def resources_of(parsed: PortableExecutable) -> list[Leaf]:
    """The resources of a PE; damage becomes a note and costs only what it damages."""
    begin, _ = parsed.directory(RESOURCES)
    if not begin:
        return []
    found: list[Leaf] = []
    try:
        root, left = parsed.offset(begin), [MAX_LEAVES]
        for kind, below in _branches(parsed.bytes, root, 0, left):
            for identity, under in _branches(parsed.bytes, root, below, left):
                for language, leaf in _rows(parsed.bytes, root + under, left):
                    if not leaf & NAMED:
                        address, size = parsed.bytes.numbers("II", root + leaf)
                        found.append(Leaf(kind, identity, language, parsed.offset(address), size))
    except Damaged as damage:
        parsed.notes.append(f"resources: {damage}")
    return found


def icon_digest(parsed: PortableExecutable, leaves: list[Leaf]) -> str:
    """The SHA-256 over the pictures of the first group of icons, in the order of the group; empty without one."""
    group = next((each for each in leaves if each.type == ICON_GROUP), None)
    if group is None:
        return ""
    icons = {each.identity: each for each in leaves if each.type == ICON and each.identity >= 0}
    hashed, taken = hashlib.sha256(), 0
    try:
        for row in range(min(parsed.bytes.number("H", group.offset + 4), MAX_ICONS)):
            icon = icons.get(parsed.bytes.number("H", group.offset + 6 + 14 * row + 12))
            if icon is not None:
                hashed.update(parsed.bytes.at(icon.offset, icon.size))
                taken += 1
    except Damaged as damage:
        parsed.notes.append(f"icons: {damage}")
        return ""
    return hashed.hexdigest() if taken else ""


def _branches(raw: Bytes, root: int, at: int, left: list[int]) -> list[tuple[int, int]]:
    """The rows of a directory that lead to directories, and where from the root these are."""
    return [(name, below & ~NAMED) for name, below in _rows(raw, root + at, left) if below & NAMED]


def _rows(raw: Bytes, at: int, left: list[int]) -> list[tuple[int, int]]:
    """The rows of one directory: a number, or -1 for a name, and where it goes on.

    `left` holds how many rows of all may still be read. Raises Damaged when they are spent.
    """
    named, numbered = raw.numbers("HH", at + 12)
    left[0] -= named + numbered + 1
    if left[0] < 0:
        raise Damaged(f"more than {MAX_LEAVES} rows, or a tree that leads back into itself")
    rows = [raw.numbers("II", at + 16 + 8 * row) for row in range(named + numbered)]
    return [(-1 if name & NAMED else name, below) for name, below in rows]


def _languages(leaves: list[Leaf]) -> Iterator[Mark]:
    counted: dict[str, list[int]] = {}
    for leaf in leaves:
        if name := languages().get(leaf.language & _PRIMARY) if leaf.language > 0 else None:
            counted.setdefault(name, []).append(leaf.language)
    for name in sorted(counted, key=lambda each: (-len(counted[each]), each))[:MAX_LANGUAGES]:
        languages_of = ", ".join(f"{number:#06x}" for number in sorted(set(counted[name])))
        many = len(counted[name])
        note = f"{languages_of}; {many} of {len(leaves)} resources"
        yield Mark("build:resource-language", name, "resources", note, "low")


def _version(parsed: PortableExecutable, leaf: Leaf) -> Iterator[Mark]:
    texts = dict(version_texts(parsed.bytes.data[leaf.offset : leaf.offset + min(leaf.size, 65_536)]))
    names = {texts[field]: field for field in reversed(FILE_NAMES) if texts.get(field)}
    for name in sorted(names):
        yield Mark("file:name", name, "version information", names[name], "low")
    for field in FIELDS:
        if texts.get(field):
            yield Mark("build:version-info", f"{field}={texts[field]}", "version information", "", "low")


def version_texts(raw: bytes) -> Iterator[tuple[str, str]]:
    """The (name, text) pairs of version information, as far as they can be read."""
    waiting, found = [(0, len(raw), 0)], 0
    data = Bytes(raw)
    while waiting and found < MAX_TEXTS:
        at, end, depth = waiting.pop()
        try:
            length, size, kind = data.numbers("HHH", at)
            key, value = _wide(raw, at + 6, min(end, at + length))
        except Damaged:
            continue
        stop = min(end, at + length)
        if length >= 6 and (length + 3) // 4 * 4 + at + 6 < end and depth:
            waiting.append((at + (length + 3) // 4 * 4, end, depth))
        value += -value % 4
        if depth == 3:
            found += 1
            text, _ = _wide(raw, value, stop)
            if text.strip():
                yield key, " ".join(text.split())[:LONGEST_TEXT]
        elif depth < 3 and length >= 6:
            below = value + (0 if kind else (size + 3) // 4 * 4)
            if below < stop:
                waiting.append((below, stop, depth + 1))


def _wide(raw: bytes, at: int, end: int) -> tuple[str, int]:
    """The text in UTF-16 that begins here, and where what follows its zero does."""
    stop = at
    while stop + 2 <= end and raw[stop : stop + 2] != b"\0\0":
        stop += 2
    return raw[at:stop].decode("utf-16-le", "replace"), stop + 2
