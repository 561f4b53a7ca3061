"""The marks of a Mach-O: the identity of the build, the tools and systems it was built with and for, and its signer."""

from __future__ import annotations

from collections.abc import Iterator

from consilience.analyse.containers.bounds import Bytes, Damaged
from consilience.analyse.containers.macho import BUILD, SIGNATURE, UUID, MachO
from consilience.analyse.marks.mark import Mark

MAX_TOOLS, MAX_PIECES = 16, 64
TOOLS = {1: "clang", 2: "swift", 3: "ld", 4: "lld"}
SYSTEMS = {1: "macos", 2: "ios", 3: "tvos", 4: "watchos", 5: "bridgeos", 6: "mac catalyst", 11: "visionos"}
OLDER = {0x24: "macos", 0x25: "ios", 0x2F: "tvos", 0x30: "watchos"}
"""The load commands in which older tools name the system that they build for."""

UNCHECKED = "as the code signature names it; the signature was not checked"
_SIGNATURES, _DIRECTORY = 0xFADE0CC0, 0xFADE0C02
_LOCAL, _WITH_TEAM = 0x2, 0x20200


def macho_marks(parsed: MachO) -> Iterator[Mark]:
    """What a Mach-O shows about its build."""
    for kind, at, size in parsed.commands:
        if kind == UUID and size >= 24:
            yield Mark("build:id", parsed.bytes.at(at + 8, 16).hex(), "UUID load command")
            break
    for tool in dict.fromkeys(_tools(parsed)):
        yield Mark("build:toolchain", tool, "build version load command")
    identity, team = signed_by(parsed)
    if team:
        yield Mark("build:signer", f"team {team}", f"code signature of {identity}" if identity else "", UNCHECKED)


def signed_by(parsed: MachO) -> tuple[str, str]:
    """The name under which a Mach-O was signed, and the team that signed it; empty where none, or nobody, is named."""
    for offset, size in parsed.rows(SIGNATURE, "II"):
        raw = Bytes(parsed.piece(offset, size), big=True)
        try:
            magic, _, many = raw.numbers("3I", 0)
            for row in range(min(many, MAX_PIECES) if magic == _SIGNATURES else 0):
                at = raw.number("I", 16 + 8 * row)
                if raw.number("I", at) == _DIRECTORY:
                    return _named(raw, at)
        except Damaged as damage:
            parsed.notes.append(f"code signature: {damage}")
    return "", ""


def _named(raw: Bytes, at: int) -> tuple[str, str]:
    version, flags, _, name = raw.numbers("4I", at + 8)
    team = raw.number("I", at + 48) if version >= _WITH_TEAM and not flags & _LOCAL else 0
    return raw.text(at + name, 256), raw.text(at + team, 64) if team else ""


def _tools(parsed: MachO) -> Iterator[str]:
    for system, least, kit, many in parsed.rows(BUILD, "4I"):
        yield f"sdk {SYSTEMS.get(system, system)} {_version(kit)} for {_version(least)}"
        place = next(at for kind, at, _ in parsed.commands if kind == BUILD)
        try:
            for row in range(min(many, MAX_TOOLS)):
                tool, version = parsed.bytes.numbers("II", place + 24 + 8 * row)
                yield f"{TOOLS.get(tool, f'tool {tool}')} {_version(version)}"
        except Damaged as damage:
            parsed.notes.append(f"build version: {damage}")
    for command, name in OLDER.items():
        for least, kit in parsed.rows(command, "II"):
            yield f"sdk {name} {_version(kit)} for {_version(least)}"


def _version(packed: int) -> str:
    """A version as it is written.

    >>> _version(0x000D0100)
    '13.1.0'
    """
    return f"{packed >> 16}.{packed >> 8 & 0xFF}.{packed & 0xFF}"
