"""What parsers of programs cost, and what damaged programs do to them: ours beside those that others wrote.

    python -m benchmarks.samples.parsers [-o RESULTS.md]

Every parser is asked the same of the same files, which Python packages bring along: machine, sections, imported and
exported names, and of .NET the names of types and methods. Each works in a process of its own. Where a damaged file
ends that process, it is counted and the next file is taken in a new one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from tests.oracle.programs.binaries import elf_files, macho_files, pe_files

RESULTS = Path(__file__).parent / "results" / "parsers.md"
COPIES, CHANGES, HEAD = {"PE": 1_000, "ELF": 1_000, "Mach-O": 1_000, ".NET": 100}, 6, 4_096
MEMORY = 1024**3
"""How much address space a parser has for damaged files."""

HEADING = """# Parsers of programs: ours and others'

`python -m benchmarks.samples.parsers`: {versions}.
Time on whole files is processor time for each megabyte. Then come damaged copies, 1,000 of each format and 100 of .NET,
with at most 1 GiB. *Declared* is the one error that a parser documents (lief: it gives nothing). *Memory* is what the
process needed beyond reading the files.

| format | parser | loading | ms/MB | damaged: read | declared | other errors | process ended | slowest | memory |
|---|---|---|---|---|---|---|---|---|---|"""
ENDING = """The code of a numpy library, {many:,} instructions: ours decodes it and makes features of it in {ours:.2f} s
of processor time. iced-x86 decodes it, driven from Python, in {theirs:.2f} s, finds {found:,} instructions, and makes
nothing of them."""

Parse = Callable[[bytes], object]
Asked = tuple[Parse, type[Exception] | tuple[type[Exception], ...]]
"""A parser, and the errors that it says it raises on what it cannot read."""


def ours_pe() -> Asked:
    """Ours, of a PE."""
    from consilience.analyse.containers.bounds import Damaged
    from consilience.analyse.containers.pe import PortableExecutable

    def parse(raw: bytes) -> object:
        found = PortableExecutable(raw)
        return found.header.machine, found.sections, found.imports(), found.exports()

    return parse, Damaged


def ours_elf() -> Asked:
    """Ours, of an ELF."""
    from consilience.analyse.containers.bounds import Damaged
    from consilience.analyse.containers.elf import Elf

    def parse(raw: bytes) -> object:
        found = Elf(raw)
        return found.machine, found.sections, found._symbols()

    return parse, Damaged


def ours_macho() -> Asked:
    """Ours, of a Mach-O."""
    from consilience.analyse.containers.bounds import Damaged
    from consilience.analyse.containers.macho import MachO, Slice, is_universal, slices

    def parse(raw: bytes) -> object:
        parts = slices(raw) if is_universal(raw[:8]) else [Slice("", 0, len(raw))]
        return [MachO(raw[each.offset : each.offset + each.size]).image() for each in parts]

    return parse, Damaged


def ours_dotnet() -> Asked:
    """Ours, of .NET."""
    from consilience.analyse.containers.bounds import Damaged
    from consilience.analyse.containers.dotnet import Assembly
    from consilience.analyse.containers.pe import PortableExecutable

    def parse(raw: bytes) -> object:
        found = Assembly(PortableExecutable(raw))
        return found.names(), found.imports()

    return parse, Damaged


def with_lief() -> Asked:
    """Of every format, by lief."""
    import lief

    lief.logging.disable()

    def parse(raw: bytes) -> object:
        found = lief.parse(raw)
        if found is None:
            raise ValueError("lief says that it is none")
        names = [each.name for each in found.imported_functions], [each.name for each in found.exported_functions]
        return [(each.name, each.virtual_address, each.size) for each in found.sections], names

    return parse, ValueError


def with_pefile() -> Asked:
    """Of a PE, by pefile."""
    import pefile

    def parse(raw: bytes) -> object:
        found = pefile.PE(data=raw, fast_load=True)
        found.parse_data_directories([0, 1])
        libraries = [each.dll for each in getattr(found, "DIRECTORY_ENTRY_IMPORT", ())]
        return [each.Name for each in found.sections], libraries

    return parse, pefile.PEFormatError


def with_pyelftools() -> Asked:
    """Of an ELF, by pyelftools."""
    import io

    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    def parse(raw: bytes) -> object:
        found = ELFFile(io.BytesIO(raw))
        symbols = found.get_section_by_name(".dynsym")
        sections = [(each.name, each["sh_addr"], each["sh_size"]) for each in found.iter_sections()]
        return sections, [(each.name, each["st_shndx"]) for each in symbols.iter_symbols()] if symbols else []

    return parse, ELFError


def with_dnfile() -> Asked:
    """Of .NET, by dnfile."""
    import dnfile

    def parse(raw: bytes) -> object:
        found = dnfile.dnPE(data=raw)
        if found.net is None or found.net.mdtables is None:
            raise dnfile.errors.dnFormatError("no metadata")
        tables = found.net.mdtables
        methods = [str(row.Name) for row in tables.MethodDef or ()]
        return methods, [(str(row.TypeNamespace), str(row.TypeName)) for row in tables.TypeRef or ()]

    return parse, (dnfile.errors.dnFormatError, dnfile.PEFormatError)


def _dotnet_files() -> dict[str, bytes]:
    return {name: raw for name, raw in pe_files().items() if b"BSJB" in raw}


FORMATS: dict[str, tuple[Callable[[], dict[str, bytes]], dict[str, Callable[[], Asked]]]] = {
    "PE": (pe_files, {"ours": ours_pe, "lief": with_lief, "pefile": with_pefile}),
    "ELF": (elf_files, {"ours": ours_elf, "lief": with_lief, "pyelftools": with_pyelftools}),
    "Mach-O": (macho_files, {"ours": ours_macho, "lief": with_lief}),
    ".NET": (_dotnet_files, {"ours": ours_dotnet, "dnfile": with_dnfile}),
}


def damaged(raws: list[bytes], number: int) -> bytes:
    """A copy of one of the files with a few bytes changed, most of them in its headers, sometimes cut."""
    chance = random.Random(number)
    raw = bytearray(raws[number % len(raws)])
    for _ in range(chance.randrange(1, CHANGES)):
        end = min(HEAD, len(raw)) if chance.random() < 0.7 else len(raw)
        raw[chance.randrange(4, end)] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)])
    return bytes(raw[: chance.randrange(64, len(raw))]) if chance.random() < 0.2 else bytes(raw)


def serve(form: str, name: str, first: int) -> None:
    """Load a parser, take its time on the whole files, then the damaged ones from one on; a line of JSON for each."""
    found, parsers = FORMATS[form]
    raws = list(found().values())
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    parse, declared = parsers[name]()
    told: dict[str, object] = {"loading": time.process_time() - started}
    if not first:
        started = time.process_time()
        for raw in raws:
            parse(raw)
        told |= {"whole": (time.process_time() - started) / sum(map(len, raws))}
    print(json.dumps(told), flush=True)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for number in range(first, COPIES[form]):
        raw, started, fate = damaged(raws, number), time.process_time(), "read"
        print(json.dumps({"begins": number}), flush=True)
        try:
            parse(raw)
        except declared:
            fate = "declared"
        except Exception as error:
            fate = type(error).__name__
        spent = time.process_time() - started
        print(json.dumps({"fate": fate, "spent": spent}), flush=True)
    print(json.dumps({"memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before}), flush=True)


def measured(form: str, name: str) -> dict[str, object]:
    """What a parser costs on the files of a format, and how it ends on damaged copies of them."""
    told: dict[str, object] = {}
    fates: dict[str, int] = {}
    slowest, first = 0.0, 0
    while first < COPIES[form]:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.samples.parsers", "--serve", form, name, str(first)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
            check=False,
        )
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        for row in rows:
            if "fate" in row:
                fates[row["fate"]] = fates.get(row["fate"], 0) + 1
                slowest = max(slowest, row["spent"])
            told |= {key: row[key] for key in ("loading", "whole", "memory") if key in row}
        if done.returncode == 0:
            break
        fates["end of the process"] = fates.get("end of the process", 0) + 1
        first = max((row["begins"] for row in rows if "begins" in row), default=first) + 1
    return told | {"fates": fates, "slowest": slowest}


def decoders() -> tuple[tuple[float, int], tuple[float, int]]:
    """The seconds that ours and iced-x86 take for the code of a large library, and how many instructions each finds."""
    import iced_x86
    import numpy as np

    from consilience.analyse.code.features import code_of
    from consilience.analyse.containers.elf import Elf

    image = Elf(Path(np._core._multiarray_umath.__file__).read_bytes()).image()
    code_of(image)
    started = time.process_time()
    _, many = code_of(image)
    ours, started, found = time.process_time() - started, time.process_time(), 0
    for section, view in image.code():
        rows = image.functions[image.functions[:, 0] >= section.address] - section.address
        one = iced_x86.Instruction()
        for start, end in rows[rows[:, 1] <= len(view)].tolist():
            decoder = iced_x86.Decoder(image.bits, bytes(view[start:end]))
            while decoder.can_decode:
                decoder.decode_out(one)
                found += 1
    return (ours, many), (time.process_time() - started, found)


def main() -> None:
    """Measure every parser, and write the table."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("-o", "--output", type=Path, default=RESULTS)
    asked.add_argument("--serve", nargs=3, help=argparse.SUPPRESS)
    told = asked.parse_args()
    if told.serve:
        serve(told.serve[0], told.serve[1], int(told.serve[2]))
        return
    names = ("lief", "pefile", "pyelftools", "dnfile", "iced-x86", "cryptography")
    made_by = ", ".join(f"{name} {version(name)}" for name in names)
    lines = [HEADING.format(versions=made_by)]
    for form, (_, parsers) in FORMATS.items():
        for name in parsers:
            costs = measured(form, name)
            fates = costs["fates"]
            others = {key: many for key, many in fates.items() if key not in {"read", "declared", "end of the process"}}
            kinds = ", ".join(f"{many} {key}" for key, many in sorted(others.items(), key=lambda each: -each[1]))
            lines.append(
                f"| {form} | {name} | {costs['loading'] * 1e3:.0f} ms | {costs['whole'] * 1e9:.1f} | "
                f"{fates.get('read', 0)} | {fates.get('declared', 0)} | {kinds or 'none'} | "
                f"{fates.get('end of the process', 0)} | {costs['slowest']:.2f} s | "
                f"{costs.get('memory', 0) / 1024:.0f} MiB |"
            )
            print(lines[-1], flush=True)
    (ours, many), (theirs, found) = decoders()
    lines += ["", ENDING.format(many=many, ours=ours, theirs=theirs, found=found), ""]
    told.output.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
