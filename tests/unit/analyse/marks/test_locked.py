"""The marks of a program come out of the locked process as they are told here."""

from tests.unit.analyse.conftest import portable_executable, with_rich
from tests.unit.analyse.marks.signing import countersignature, signed, time_stamp
from tests.unit.analyse.marks.test_elf import elf
from tests.unit.analyse.marks.test_languages import TEXT_OF_BUILD, inline
from tests.unit.analyse.marks.test_resources import WHOLE, exported, resources
from tests.unit.analyse.test_programs import CODE

from consilience.analyse.containers.elf import Elf
from consilience.analyse.containers.pe import PortableExecutable
from consilience.analyse.marks.elf import elf_marks
from consilience.analyse.marks.pe import pe_marks
from consilience.read import read_path

BUILT = CODE + bytes(-len(CODE) % 16) + inline("go1.21.3", TEXT_OF_BUILD) + b"/rustc/" + b"ab" * 20 + b"/library\0"
PARTS = [resources(WHOLE), exported("implant.dll", "ServiceMain")]
PE = signed(
    with_rich(
        portable_executable(BUILT, imports=[("a.dll", ["b"])], pdb="x.pdb", more=PARTS), [(258, 27030, 1)], key=9
    ),
    unsigned=[countersignature("250102030405Z"), time_stamp("20250102030405Z")],
)


def test_every_mark_comes_through_the_lock(tmp_path):
    """Tables, codecs and modules that marks need are there in a process that can open nothing."""
    small = portable_executable(CODE)
    for raw in (PE, elf(), signed(small, way="pss"), signed(small, way="ecdsa")):
        parsed = PortableExecutable(raw) if raw[:2] == b"MZ" else Elf(raw)
        image = parsed.image()
        here = list(pe_marks(parsed, image) if raw[:2] == b"MZ" else elf_marks(parsed, image))
        (tmp_path / "x").write_bytes(raw)
        (found,) = read_path(tmp_path / "x", {"subject": "S", "publisher": "P"})
        told = {(seen.trait.kind, seen.printed, seen.where, seen.note, seen.role) for seen in found.observations}
        assert not found.refusals
        assert told >= {(mark.kind, mark.value, mark.where, mark.note, mark.role) for mark in here}
    kinds = {mark.kind for mark in pe_marks(PortableExecutable(PE), PortableExecutable(PE).image())}
    assert {"build:signer", "file:icon", "build:version-info", "build:inconsistent", "code:export"} <= kinds
