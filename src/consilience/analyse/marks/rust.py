"""What Rust leaves in a program: the compiler by the paths of its library, and crates by the paths in its messages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from consilience.analyse.containers.image import Image
from consilience.analyse.marks.mark import Mark

MAX_CRATES, MAX_HOMES, MAX_FOUND = 100, 4, 20_000
_COMPILER = re.compile(rb"/rustc/([0-9a-f]{40})[/\\]")
_CRATE = re.compile(
    rb"registry[/\\]src[/\\][^/\\\0]{1,80}[/\\]([A-Za-z0-9_-]{1,64}?)-(\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]{1,40})?)[/\\]"
)
_HOME = re.compile(rb"((?:[A-Za-z]:|/|\\\\)[\x20-\x7e]{0,120}?)[/\\]$")
_LOOK_BACK = 128


def rust_marks(image: Image) -> Iterator[Mark]:
    """The marks of Rust in a program of any format."""
    compilers: dict[str, int] = {}
    for found in _matches(_COMPILER, b"/rustc/", image.data):
        compilers.setdefault(found[1].decode(), found.start())
    for commit, place in compilers.items():
        yield Mark("build:toolchain", f"rustc {commit}", f"path at {place:#x}", "the commit of the compiler's library")
    crates: dict[tuple[str, str], int] = {}
    homes: dict[str, int] = {}
    for found in _matches(_CRATE, b"registry", image.data):
        crates.setdefault((found[1].decode(), found[2].decode()), found.start())
        if len(homes) < MAX_HOMES and (home := _home(image.data, found.start())):
            homes.setdefault(home, found.start())
    for (name, version), place in list(crates.items())[:MAX_CRATES]:
        yield Mark("code:component", name, f"path at {place:#x}", f"crate {version}")
    for home, place in homes.items():
        yield Mark("file:path", home, f"path at {place:#x}", "where crates lay on the machine that built it", "low")


def _matches(pattern: re.Pattern[bytes], first: bytes, data: bytes) -> Iterator[re.Match[bytes]]:
    """The matches that begin with these bytes; places where they stand are tried up to a number, so that time ends."""
    at = -1
    for _ in range(MAX_FOUND):
        at = data.find(first, at + 1)
        if at < 0:
            return
        if found := pattern.match(data, at):
            yield found


def _home(data: bytes, at: int) -> str:
    """The folder before a path of the registry; empty when it was remapped or does not begin as paths do."""
    before = data[max(0, at - _LOOK_BACK) : at]
    cut = max(before.rfind(b":\\") - 1, before.rfind(b"/home/"), before.rfind(b"/root/"), before.rfind(b"/Users/"))
    found = _HOME.match(before[cut:]) if cut >= 0 else None
    return found[1].decode("ascii") if found else ""
