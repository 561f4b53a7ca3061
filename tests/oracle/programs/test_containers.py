"""Headers, sections, imports, exports and functions of programs against what lief and pyelftools read of them."""

import io

import lief
import pytest
from elftools.dwarf.callframe import FDE
from elftools.elf.elffile import ELFFile
from tests.oracle.programs.binaries import elf_files, macho_files, pe_files
from tests.unit.analyse.conftest import portable_executable, with_rich
from tests.unit.analyse.marks.test_elf import elf
from tests.unit.analyse.marks.test_resources import WHOLE, resources
from tests.unit.analyse.test_programs import CODE

from consilience.analyse.containers.elf import RPATH, RUNPATH, SONAME, Elf
from consilience.analyse.containers.macho import UUID, MachO, Slice, is_universal, plain, slices
from consilience.analyse.containers.pe import CODE as SAYS_CODE
from consilience.analyse.containers.pe import RUNNABLE, WRITABLE, PortableExecutable
from consilience.analyse.marks.rich import rich_of

MADE_PE = with_rich(
    portable_executable(
        CODE,
        [(0, 14), (32, 46)],
        [("KERNEL32.dll", ["Sleep", "ExitProcess"]), ("a.dll", ["b"])],
        r"c:\src\x.pdb",
        more=[resources(WHOLE)],
    ),
    [(258, 27030, 1), (259, 27030, 12)],
)
TEXTS = {"DT_SONAME": (SONAME, "soname"), "DT_RPATH": (RPATH, "rpath"), "DT_RUNPATH": (RUNPATH, "runpath")}


def files(found, **made):
    """Parameters of a test: files by their names."""
    return pytest.mark.parametrize("raw", [pytest.param(raw, id=name) for name, raw in (made | found).items()])


@files(pe_files(), made=MADE_PE)
def test_the_headers_of_a_pe(raw):
    """Header, directories, sections and the debug directory are as lief reads them."""
    ours, theirs = PortableExecutable(raw), lief.PE.parse(raw)
    header, optional = ours.header, theirs.optional_header
    assert (header.machine, header.stamp) == (theirs.header.machine.value, theirs.header.time_date_stamps)
    assert (header.base, header.entry) == (optional.imagebase, optional.addressof_entrypoint)
    assert header.linker == (optional.major_linker_version, optional.minor_linker_version)
    assert (header.subsystem, header.plus) == (optional.subsystem.value, optional.magic == lief.PE.PE_TYPE.PE32_PLUS)
    assert header.directories == tuple((each.rva, each.size) for each in theirs.data_directories)[:16]
    told = [
        (each.name, each.address, each.size, each.offset, each.stored, each.runnable, each.writable)
        for each in ours.sections
    ]
    assert told == [pe_section(each) for each in theirs.sections] != []
    assert [tuple(each) for each in ours.debug()] == [
        (each.timestamp, each.type.value, each.sizeof_data, each.addressof_rawdata, each.pointerto_rawdata)
        for each in theirs.debug
    ]
    views = [each for each in theirs.debug if isinstance(each, lief.PE.CodeViewPDB)]
    named = [(each.filename, f"{bytes(each.signature).hex()}-{each.age}") for each in views]
    assert ours.pdb() == (named or [("", "")])[0] and ours.notes == []


def pe_section(each):
    """A section of lief as ours is told: what is stored beyond the size in memory is padding."""
    size = each.virtual_size or each.sizeof_raw_data
    flags = each.characteristics
    stored = min(each.sizeof_raw_data, size)
    place = each.virtual_address, size, each.pointerto_raw_data, stored
    return each.name, *place, bool(flags & (RUNNABLE | SAYS_CODE)), bool(flags & WRITABLE)


@files(pe_files(), made=MADE_PE)
def test_the_names_in_a_pe(raw):
    """Imports in their order, exports, and the tools of the Rich header are as lief reads them."""
    ours, theirs = PortableExecutable(raw), lief.PE.parse(raw)
    assert ours.imports() == [
        (library.name, f"#{each.ordinal}" if each.is_ordinal else each.name)
        for library in theirs.imports
        for each in library.entries
    ]
    exports = theirs.get_export() if theirs.has_exports else None
    assert ours.exports() == ([each.name for each in exports.entries if each.name] if exports else [])
    assert ours.export_name() == (exports.name if exports else "")
    rich = rich_of(ours)
    assert (rich is not None) == theirs.has_rich_header
    if rich:
        tools = [(each.id, each.build_id, each.count) for each in theirs.rich_header.entries]
        assert rich.key == theirs.rich_header.key and sorted(rich.tools) == sorted(tools)


@files(elf_files(), wide=elf(8), narrow=elf(4))
def test_the_parts_of_an_elf(raw):
    """Header and sections are as lief and pyelftools read them, names and functions as pyelftools does."""
    ours, theirs, other = Elf(raw), lief.ELF.parse(raw), ELFFile(io.BytesIO(raw))
    assert ours.machine == theirs.header.machine_type.value
    assert ours.entry == theirs.header.entrypoint == other.header.e_entry
    assert [name for name, _ in ours.rows] == [each.name for each in theirs.sections]
    sections = list(other.iter_sections())
    assert [(name, row[3], row[4], row[5]) for name, row in ours.rows] == [
        (each.name, each["sh_addr"], each["sh_offset"], each["sh_size"]) for each in sections
    ]
    assert [(each.name, each.address, each.runnable, each.writable) for each in ours.sections] == [
        (each.name, each["sh_addr"], bool(each["sh_flags"] & 4), bool(each["sh_flags"] & 1))
        for each in sections
        if each["sh_flags"] & 2
    ]
    image = ours.image()
    symbols = [each for each in other.get_section_by_name(".dynsym").iter_symbols() if each.name]
    defined = [each["st_shndx"] != "SHN_UNDEF" for each in symbols]
    assert image.exports == in_order(each.name for each, here in zip(symbols, defined, strict=True) if here)
    assert image.imports == in_order(each.name for each, here in zip(symbols, defined, strict=True) if not here)
    dynamic = other.get_section_by_name(".dynamic")
    assert ours.dynamic() == [
        (TEXTS[each.entry.d_tag][0], getattr(each, TEXTS[each.entry.d_tag][1]))
        for each in dynamic.iter_tags()
        if each.entry.d_tag in TEXTS
    ]
    assert ours.notes == []


@files(elf_files())
def test_what_linkers_and_compilers_left_in_an_elf(raw):
    """The identity of the build, the compilers, and every function that can be unwound are as pyelftools reads them."""
    ours, other = Elf(raw), ELFFile(io.BytesIO(raw))
    notes = [each for part in other.iter_sections() if part["sh_type"] == "SHT_NOTE" for each in part.iter_notes()]
    identities = [each["n_desc"] for each in notes if each["n_type"] == "NT_GNU_BUILD_ID"]
    assert ours.build_id() == (identities or [""])[0]
    comment = other.get_section_by_name(".comment")
    assert ours.comments() == sorted({each.decode() for each in comment.data().split(b"\0") if each} if comment else ())
    image = ours.image()
    entries = [each.header for each in other.get_dwarf_info().EH_CFI_entries() if isinstance(each, FDE)]
    unwound = {(each.initial_location, each.initial_location + each.address_range) for each in entries}
    assert image.functions_from == "eh-frame"
    assert {(start, end) for start, end in image.functions.tolist()} == {each for each in unwound if each[0] < each[1]}


@files(macho_files())
def test_the_parts_of_a_macho(raw):
    """Machines, load commands, sections, functions and names are as lief reads them, of each part of a universal file.

    A name in the table of weak bindings counts as imported also where the file defines it: the loader takes the first
    definition that it finds in any library. lief takes symbols for debuggers for imports, and tells no exports of a
    file that is still to be linked.
    """
    parts = slices(raw) if is_universal(raw[:8]) else [Slice("", 0, len(raw))]
    fat = lief.MachO.parse(raw)
    assert fat.size == len(parts)
    for part in parts:
        ours = MachO(raw[part.offset : part.offset + part.size])
        theirs = next(each for each in fat if each.fat_offset == part.offset)
        image = ours.image()
        assert (ours.machine, ours.base) == (theirs.header.cpu_type.value, theirs.imagebase)
        assert [size for _, _, size in ours.commands] == [each.size for each in theirs.commands]
        assert [(each.name, each.address + ours.base, each.size, each.offset) for each in image.sections] == [
            (f"{each.segment_name},{each.name}", each.virtual_address, each.size, each.offset)
            for each in theirs.sections
        ]
        assert [bytes(each).hex() for each in ours.rows(UUID, "16B")] == (
            [bytes(theirs.uuid.uuid).hex()] if theirs.uuid else []
        )
        starts = theirs.function_starts
        assert not starts or sorted(starts.functions) == image.functions[:, 0].tolist()
        imports = {plain(each.name) for each in theirs.imported_symbols if not each.raw_type & 0xE0}
        weak = set(image.imports) & set(image.exports)
        assert imports <= set(image.imports) and set(image.imports) - imports <= weak
        exports = in_order(plain(each.name) for each in theirs.exported_symbols)
        assert image.exports == exports or theirs.header.file_type == lief.MachO.Header.FILE_TYPE.OBJECT
        assert image.notes == ()


def in_order(names):
    return tuple(sorted(set(names)))
