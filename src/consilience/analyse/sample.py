"""What a program file shows by itself: its code profile and its marks, out of bytes that may be hostile.

`analyse` runs in the locked process; what it answers is JSON, and `profile_in` checks it on this side.
"""

from __future__ import annotations

import base64
import codecs
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

import numpy as np

from consilience.analyse.code.features import code_of, ready_for_code
from consilience.analyse.code.il import il_of
from consilience.analyse.containers.bounds import Damaged
from consilience.analyse.containers.dotnet import Assembly, is_assembly
from consilience.analyse.containers.elf import Elf
from consilience.analyse.containers.image import Image, Section
from consilience.analyse.containers.macho import THIN, MachO, Slice, is_universal, slices
from consilience.analyse.containers.pe import PortableExecutable
from consilience.analyse.containers.recognised import is_program
from consilience.analyse.hashing import distinct
from consilience.analyse.lua.content import LuaContent, dumps_in, load_tables, source_in
from consilience.analyse.lua.errors import DumpError
from consilience.analyse.lua.recognised import is_source
from consilience.analyse.marks import Mark, certificate
from consilience.analyse.marks.dotnet import NOT_SHARED, dotnet_marks
from consilience.analyse.marks.elf import elf_marks
from consilience.analyse.marks.lua import lua_marks
from consilience.analyse.marks.macho import macho_marks
from consilience.analyse.marks.pe import pe_marks
from consilience.analyse.marks.resources import languages
from consilience.analyse.marks.tools import tools
from consilience.analyse.strings import strings_of
from consilience.model.code import MAX_HEAD, Channel, CodeProfile, no_features, profile_from

MAX_IMPORTS = 20_000
HEAD = 65_536
BYTES = "bytes"
"""The format of a profile of bytes that begin as nothing known does."""
CODECS = ("utf-8", "ascii", "utf-16-le", "utf-16-be", "utf-32-be")


def prepare() -> None:
    """Read the tables and codecs that marks and code need: a locked process can open no file."""
    tools()
    languages()
    for codec in CODECS:
        codecs.lookup(codec)
    certificate.prepare()
    load_tables()
    ready_for_code()


Program = PortableExecutable | Elf | MachO


def analyse(data: bytes, name: str) -> dict[str, Any]:
    """What a sample shows, as JSON: `profile` in base 64, `marks` as the texts of each `Mark`, and `notes`.

    `within` holds a second profile, where a program carries dumps of Lua. For a universal file `slices` instead:
    machine, offset, size, and what its program shows, or how that `failed`. Raises Damaged when it is not a program
    whose headers can be read, and holds no Lua.
    """
    if is_universal(data[:8]):
        return {"slices": [[each.machine, each.offset, each.size, _slice(data, each)] for each in slices(data)]}
    if not is_program(data[:HEAD]) and not data.startswith(b"MZ"):
        return _lua(_only_lua(data, name, hashlib.sha256(data).hexdigest()))
    return _analysed(data)


def _analysed(data: bytes) -> dict[str, Any]:
    parsed, assembly = _parsed(data)
    image = _image(parsed, assembly)
    profile = profile_of(image)
    answer = {
        "profile": base64.b64encode(profile.bytes).decode(),
        "marks": [list(mark) for mark in _marks(parsed, assembly, image)],
        "notes": list(dict.fromkeys((*image.notes, *parsed.notes)))[:20],
    }
    if within := dumps_in(data, profile.sample):
        lua = _lua(within)
        answer |= {"within": [lua["profile"]], "marks": answer["marks"] + lua["marks"]}
        answer["notes"] = [*answer["notes"], f"dumps of Lua in it: {len(within.dumps)}", *lua["notes"]][:20]
    return answer


def _only_lua(data: bytes, name: str, sample: str) -> LuaContent:
    """The Lua that a file is made of. Raises Damaged when it holds none that can be read."""
    try:
        if found := dumps_in(data, sample):
            return found
        if is_source(data[:HEAD], name):
            return source_in(data, sample)
    except DumpError as error:
        raise Damaged(f"{error.what} ({error.where})") from None
    raise Damaged("it begins as no program does that is read, and holds no Lua that can be read")


def _lua(found: LuaContent) -> dict[str, Any]:
    return {
        "profile": base64.b64encode(found.profile.bytes).decode(),
        "marks": [list(mark) for mark in lua_marks(found)],
        "notes": list(dict.fromkeys(filter(None, found.notes)))[:20],
    }


def _slice(data: bytes, each: Slice) -> dict[str, Any]:
    try:
        return _analysed(data[each.offset : each.offset + each.size])
    except Damaged as damage:
        return {"failed": str(damage)}


def _marks(parsed: Program, assembly: Assembly | None, image: Image) -> Iterator[Mark]:
    if isinstance(parsed, PortableExecutable):
        yield from (mark for mark in pe_marks(parsed, image) if not (assembly and mark.kind in NOT_SHARED))
        yield from dotnet_marks(assembly) if assembly else ()
    else:
        yield from elf_marks(parsed, image) if isinstance(parsed, Elf) else macho_marks(parsed)


def image_of(data: bytes) -> Image:
    """The parts of a program for one machine. Raises Damaged when it is none, or its headers cannot be read."""
    return _image(*_parsed(data))


def analyse_bytes(data: bytes, name: str) -> dict[str, Any]:
    """What bytes show that begin as nothing known does, such as dumps and pieces of code: their rows, and strings."""
    whole = Section(name="", address=0, size=len(data), offset=0, stored=len(data), runnable=True)
    image = Image(format=BYTES, machine="", bits=0, base=0, entry=0, data=data, sections=(whole,))
    channels, _ = code_of(image)
    channels |= {"string": strings_of(replace(image, sections=()))}
    sample = hashlib.sha256(data).hexdigest()
    profile = CodeProfile(sample=sample, format=BYTES, machine="unknown", channels=channels, size=len(data))
    return {"profile": base64.b64encode(profile.bytes).decode(), "marks": [], "notes": []}


def profile_of(image: Image) -> CodeProfile:
    """The code profile of a program."""
    channels, instructions = il_of(image) if image.machine == "cil" else code_of(image)
    names = _fitting(sorted({each.partition("!")[2] or each for each in image.imports})[:MAX_IMPORTS])
    channels |= {"string": strings_of(image), "import": _imports(names)}
    return CodeProfile(
        sample=hashlib.sha256(image.data).hexdigest(),
        format=image.format,
        machine=image.machine,
        channels=channels,
        functions=np.sort(image.functions[:, 0]),
        imports=tuple(names),
        instructions=instructions,
        size=len(image.data),
    )


def profile_in(answer: Any, sha256: str) -> CodeProfile:
    """The profile of an answer of `analyse` on the sample of this digest. Raises ValueError when it is not one."""
    profile = profile_from(base64.b64decode(answer["profile"], validate=True))
    if profile.sample != sha256:
        raise ValueError("the answer is about another sample")
    return profile


def _image(parsed: Program, assembly: Assembly | None) -> Image:
    return assembly.image(parsed.image()) if assembly else parsed.image()


def _parsed(data: bytes) -> tuple[Program, Assembly | None]:
    """The parts of a program, and those of .NET in it, where they can be read."""
    if data[:4] in THIN:
        return MachO(data), None
    if data.startswith(b"\x7fELF"):
        return Elf(data), None
    if data.startswith(b"MZ"):
        parsed = PortableExecutable(data)
        try:
            return parsed, Assembly(parsed) if is_assembly(parsed) else None
        except Damaged as damage:
            parsed.notes.append(f".NET: {damage}")
            return parsed, None
    raise Damaged("it begins as no program does that is read")


def _fitting(names: Sequence[str]) -> list[str]:
    """The first names, as many as fit the line that begins a profile: long ones must not keep it from being read."""
    sizes = accumulate(len(json.dumps(name)) + 1 for name in names)
    return [name for name, size in zip(names, sizes, strict=True) if size <= MAX_HEAD // 2]


def _imports(names: Sequence[str]) -> Channel:
    if not names:
        return no_features()
    digests = [hashlib.blake2b(name.encode(), digest_size=8).digest() for name in names]
    value = np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)
    return Channel(*distinct(value, np.arange(len(value))))
