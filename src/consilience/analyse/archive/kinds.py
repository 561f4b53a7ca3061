"""How archives and packed files begin, and those that are known and cannot be read."""

from __future__ import annotations

ZIP, TAR, GZIP, BZIP2, XZ = "zip", "tar", "gzip", "bzip2", "xz"
PACKED = (GZIP, BZIP2, XZ)

_BEGINNINGS = {
    b"PK\x03\x04": ZIP,
    b"PK\x05\x06": ZIP,
    b"\x1f\x8b\x08": GZIP,
    b"BZh": BZIP2,
    b"\xfd7zXZ\x00": XZ,
}
_UNREADABLE = {
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "RAR",
    b"MSCF\0\0\0\0": "cabinet",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}
_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")
"""How the first block of bzip2 begins, or its end where there is none."""

HEAD = 4_096
"""How many bytes tell what a member is."""


def kind_of(head: bytes) -> str:
    """The kind of an archive or packed file that begins so; empty when it cannot be read."""
    for beginning, kind in _BEGINNINGS.items():
        if head.startswith(beginning) and (kind != BZIP2 or head[4:10] in _BLOCKS):
            return kind
    return TAR if head[257:262] == b"ustar" else ""


def unreadable(head: bytes) -> str:
    """The kind of an archive that is known and cannot be read; empty for all others."""
    return next((kind for beginning, kind in _UNREADABLE.items() if head.startswith(beginning)), "")
