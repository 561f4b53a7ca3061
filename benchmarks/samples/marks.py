"""What the marks of programs cost, how often a program that nobody forged is called inconsistent, and what pefile says.

    python -m benchmarks.samples.marks FOLDER... [-o RESULTS.md]

Each folder is walked; files that are no PE or ELF are left out, and a file that lies there twice counts once.
Processor seconds of one core.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from consilience.analyse.containers.bounds import Damaged
from consilience.analyse.containers.elf import Elf
from consilience.analyse.containers.pe import PortableExecutable
from consilience.analyse.marks import Mark
from consilience.analyse.marks.elf import elf_marks
from consilience.analyse.marks.pe import import_hash, pe_marks
from consilience.analyse.marks.resources import resources_of
from consilience.analyse.marks.rich import rich_of
from consilience.analyse.sample import prepare, profile_of

RESULTS = Path(__file__).parent / "results" / "marks.md"
SHOWN = ("build:rich-header", "build:signer", "build:packer", "build:resource-language", "build:version-info")
MORE = ("code:export", "code:component", "file:icon", "file:name", "build:toolchain", "build:compile-time")


class Counted:
    """What was counted over the files of one format."""

    def __init__(self) -> None:
        self.files = self.size = 0
        self.parts = self.marks = self.profiles = 0.0
        self.showing: Counter[str] = Counter()
        self.odd: list[tuple[str, Mark]] = []
        self.agree: Counter[tuple[str, bool]] = Counter()


def programs(folders: list[Path]) -> Iterator[tuple[Path, bytes]]:
    """The PE and ELF files below some folders, each content once."""
    seen = set()
    for path in sorted(each for folder in folders for each in folder.rglob("*") if each.is_file()):
        raw = path.read_bytes()
        if raw[:4] == b"\x7fELF" or raw[:2] == b"MZ":
            key = hash(raw)
            if key not in seen:
                seen.add(key)
                yield path, raw


def count(path: Path, raw: bytes, into: Counted) -> None:
    clock = time.process_time
    started = clock()
    parsed = PortableExecutable(raw) if raw[:2] == b"MZ" else Elf(raw)
    image = parsed.image()
    parts = clock()
    found = list(pe_marks(parsed, image) if isinstance(parsed, PortableExecutable) else elf_marks(parsed, image))
    marks = clock()
    profile_of(image)
    into.parts, into.marks = into.parts + parts - started, into.marks + marks - parts
    into.profiles += clock() - marks
    into.files, into.size = into.files + 1, into.size + len(raw)
    into.showing.update({mark.kind for mark in found})
    into.odd += [(path.name, mark) for mark in found if mark.kind == "build:inconsistent"]
    if isinstance(parsed, PortableExecutable) and find_spec("pefile"):
        compare(raw, parsed, into)


def compare(raw: bytes, parsed: PortableExecutable, into: Counted) -> None:
    """The same file by pefile: Rich header and its checksum, import hash, exports, resources."""
    import pefile

    theirs = pefile.PE(data=raw, fast_load=True)
    theirs.parse_data_directories(directories=[0, 1, 2])
    rich, ours = theirs.parse_rich_header(), rich_of(parsed)
    alike = bool(rich) == bool(ours)
    if rich and ours:
        flat = [value for tool, build, many in ours.tools for value in (tool << 16 | build, many)]
        alike = rich["values"] == flat and rich["checksum"] == ours.computed
    into.agree["Rich header and checksum", alike] += 1
    image = parsed.image()
    if told := import_hash(image.imports):
        into.agree["import hash, where ours tells one", told == theirs.get_imphash()] += 1
    named = getattr(theirs, "DIRECTORY_ENTRY_EXPORT", None)
    names = [each.name.decode() for each in named.symbols if each.name] if named else []
    into.agree["exports", sorted(names) == sorted(image.exports)] += 1
    leaves = Counter((each.type, each.identity, each.language, each.size) for each in resources_of(parsed))
    tree = getattr(theirs, "DIRECTORY_ENTRY_RESOURCE", None)
    listed = Counter(
        (-1 if kind.name else kind.id, -1 if row.name else row.id, leaf.id, leaf.data.struct.Size)
        for kind in (tree.entries if tree else ())
        for row in kind.directory.entries
        for leaf in row.directory.entries
    )
    into.agree["resources", leaves == listed] += 1


def report(folders: list[Path]) -> Iterator[str]:
    prepare()
    found = {"PE": Counted(), "ELF": Counted()}
    for path, raw in programs(folders):
        try:
            count(path, raw, found["PE" if raw[:2] == b"MZ" else "ELF"])
        except Damaged:
            continue
    yield "# Marks of programs that nobody forged"
    yield ""
    yield f"Made by `python -m benchmarks.samples.marks {' '.join(each.name for each in folders)}`; each content once."
    yield ""
    yield "| format | files | MB | parts, s | marks, s | profile, s | marks of the whole | called inconsistent |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, each in found.items():
        whole = each.parts + each.marks + each.profiles
        share = f"{each.marks / whole:.1%}" if whole else "-"
        times = f"{each.parts:.2f} | {each.marks:.2f} | {each.profiles:.2f}"
        yield f"| {name} | {each.files} | {each.size / 1e6:.0f} | {times} | {share} | {len(each.odd)} |"
    yield ""
    yield from (f"- {name}: {mark.value}: {mark.note}" for each in found.values() for name, mark in each.odd)
    yield "| kind | PE that show it | ELF that show it |"
    yield "|---|---|---|"
    for kind in (*SHOWN, *MORE):
        yield f"| `{kind}` | {found['PE'].showing[kind]} | {found['ELF'].showing[kind]} |"
    if agree := found["PE"].agree:
        yield ""
        yield "| beside pefile | agree | differ |"
        yield "|---|---|---|"
        for what in dict.fromkeys(what for what, _ in agree):
            yield f"| {what} | {agree[what, True]} | {agree[what, False]} |"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folders", nargs="+", type=Path)
    asked.add_argument("-o", "--output", type=Path, default=RESULTS)
    given = asked.parse_args()
    text = "\n".join(report(given.folders)) + "\n"
    given.output.write_text(text, "utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
