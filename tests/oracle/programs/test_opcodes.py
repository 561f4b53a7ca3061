"""Our decoder of x86 against iced-x86, over every opcode: lengths, what an instruction does, and where its numbers are.

Where they differ and ours stays, the difference stands here with its reason, and must still be there.
"""

import iced_x86 as iced
import numpy as np
import pytest
from tests.oracle.programs.opcodes import SLOT, sweep

from consilience.analyse.code import operations, x86
from consilience.analyse.code.instructions import Instructions

BOTH = pytest.mark.parametrize("bits", [64, 32])
MNEMONIC = {number: name for name, number in vars(iced.Mnemonic).items() if isinstance(number, int)}
NEAR = {iced.OpKind.NEAR_BRANCH16, iced.OpKind.NEAR_BRANCH32, iced.OpKind.NEAR_BRANCH64}
ENDS = {
    iced.FlowControl.UNCONDITIONAL_BRANCH,
    iced.FlowControl.INDIRECT_BRANCH,
    iced.FlowControl.CONDITIONAL_BRANCH,
    iced.FlowControl.RETURN,
}
NO_BASE = {iced.Register.NONE, iced.Register.RIP, iced.Register.EIP}
CODE = {name: number for name, number in vars(iced.Code).items() if isinstance(number, int)}
CUT = [number for name, number in CODE.items() if name.endswith(("_REL16", "_PTR1616")) and name[0] != "X"]
"""Near branches of two bytes: they lead into the first 64 KiB of memory, where no program of 32 bits lies."""
PAIRS = [number for name, number in CODE.items() if name.endswith("_IMM8_IMM8") and name[:5] in {"EXTRQ", "INSER"}]
"""With two numbers behind them: processors of one maker know these, and compilers never choose them."""

TRANSACTIONS = [number for name, number in CODE.items() if name.startswith(("XBEGIN", "XABORT"))]
"""They share the opcodes of MOV with a number, and are read as it: no processor that is sold today has them."""


def expected_lengths(found):
    """The lengths that iced-x86 tells, save where ours differ on purpose."""
    return found.length + 2 * np.isin(found.kind, CUT) - 2 * np.isin(found.kind, PAIRS)


@BOTH
def test_every_opcode_has_its_length(bits):
    """Behind every prefix and with every kind of operand, instructions are as long as iced-x86 says."""
    found = sweep(bits)
    there, ours = found.length > 0, found.ours()
    wanted = expected_lengths(found)
    wrong = np.flatnonzero(there & (ours != wanted))
    assert not [f"{found.name(row)}: {ours[row]}, not {wanted[row]}" for row in wrong[:20]]
    assert there.sum() > 100_000 and (wanted != found.length).any()


@BOTH
@pytest.mark.parametrize("name", ["modrm_one", "kinds_one", "modrm_two", "kinds_two"])
def test_a_dropped_opcode_is_noticed(bits, name, monkeypatch):
    """Without any one of the entries of the opcode maps that iced-x86 knows, the sweep finds a wrong length."""
    found, whole = sweep(bits), getattr(x86, f"_{name}")(*([bits] if name.endswith("one") else []))
    known = found.only(found.behind("", "66") if name.endswith("one") else found.behind("0f"))
    known = known.only(known.length > 0)
    noticed = []
    for opcode in sorted(whole):
        without = dict(whole) if isinstance(whole, dict) else dict.fromkeys(whole)
        del without[opcode]
        monkeypatch.setattr(x86, f"_{name}", lambda *_, without=without: without)
        x86.tables.cache_clear()
        x86._pairs.cache_clear()
        some = known.only(known.opcode == opcode)
        noticed.append(not len(some.length) or (some.ours() != expected_lengths(some)).any())
    monkeypatch.undo()
    x86.tables.cache_clear()
    x86._pairs.cache_clear()
    assert [f"{opcode:#x}" for opcode, seen in zip(sorted(whole), noticed, strict=True) if not seen] == []


CONDITIONS = (("O", "NO"), ("B", "AE"), ("E", "NE"), ("BE", "A"), ("S", "NS"), ("P", "NP"), ("L", "GE"), ("LE", "G"))
SAME = {
    operations._MOV: {"MOV"},
    operations._PUSH: {"PUSH"},
    operations._POP: {"POP"},
    operations._TEST: {"TEST"},
    operations._XCHG: {"XCHG"},
    operations._NOP: {"NOP", "PAUSE", "INT3", "RESERVEDNOP", "RDSSPD", "RDSSPQ", "ENDBR32", "ENDBR64"},
    operations._INC: {"INC"},
    operations._DEC: {"DEC"},
    operations._CALL: {"CALL"},
    operations._JUMP: {"JMP"},
    operations._IMUL: {"IMUL"},
    operations._RET: {"RET"},
    operations._EXTEND: {"MOVZX", "MOVSX", "MOVSXD", "CBW", "CWDE", "CDQE"},
    operations._VECTOR: {
        *("MOVQ", "MOVD", "MOVSS", "MOVSD", "MOVUPS", "MOVUPD", "MOVAPS", "MOVAPD", "MOVDQA", "MOVDQU"),
        *("MOVDQ2Q", "MOVQ2DQ", "VMOVSS", "VMOVSD", "VMOVUPS", "VMOVUPD"),
    },
}
SAME |= {
    operations._ARITHMETIC + row: {each}
    for row, each in enumerate(["ADD", "OR", "ADC", "SBB", "AND", "SUB", "XOR", "CMP"])
}
SAME |= {operations._SHIFT + row: {each} for row, each in enumerate(["ROL", "ROR", "RCL", "RCR", "SHL", "SHR"])}
SAME[operations._SHIFT + 4] |= {"SAL"}
SAME[operations._SHIFT + 7] = {"SAR"}
SAME |= {
    operations._UNARY + row: {each} for row, each in enumerate(["NOT", "NEG", "MUL", "IMUL", "DIV", "IDIV"], start=2)
}
SAME |= {
    operations._CONDITION + 16 * way + row: {start + each for each in pair}
    for way, start in enumerate(("J", "CMOV", "SET"))
    for row, pair in enumerate(CONDITIONS)
}
"""What our folded operations are to be, by the names that iced-x86 has for instructions."""

ROWS_APART = {
    "MOV": {0x8C, 0x8E, *range(0x120, 0x124)},
    "PUSH": {0x06, 0x0E, 0x16, 0x1E, 0x1A0, 0x1A8},
    "POP": {0x07, 0x17, 0x1F, 0x1A1, 0x1A9},
    "CALL": {0x9A},
    "JMP": {0xEA},
    "MOVSD": {0xA5},
    "RESERVEDNOP": {0x10D, *range(0x118, 0x11E)},
}
"""Rows that are kept apart from what bears the same name: of segment, control and debug registers, between segments,
the string instruction MOVSD, and hints."""

FAR_RETURNS = {"RETF", "IRET", "IRETD", "IRETQ", "SYSRET", "SYSRETQ", "SYSEXIT", "SYSEXITQ", "RSM"}
"""They end a block as little as the interrupts that lead to them: in programs such bytes are data among the code, and
the systems' few real ones lie in functions that are written by hand. Only the plainest, CB, is taken for an end."""


@BOTH
def test_operations_are_what_they_are_named_after(bits):
    """What we fold into one operation bears the names that it should, and nothing else that bears them is apart."""
    found = sweep(bits)
    found = found.only(found.behind("", "66", "f3", "48", "0f", "660f", "f20f", "f30f", "480f"))
    found = found.only((found.length > 0) & ~np.isin(found.kind, TRANSACTIONS))
    read = instructions(found)
    names = np.array([MNEMONIC[decoded.mnemonic] for decoded, _ in found.decoded()])
    wrong = set()
    for operation, wanted in SAME.items():
        here, bears = read.operation == operation, np.isin(names, sorted(wanted))
        apart = [np.isin(read.row, list(ROWS_APART[name])) & (names == name) for name in wanted & set(ROWS_APART)]
        bears &= ~np.any(apart, axis=0) if apart else True
        if wanted == {"IMUL"}:
            bears &= np.isin(read.row, (0xF6, 0xF7)) == (operation > operations._UNARY)
        wrong |= {f"{found.name(row)} {names[row]}: {read.operation[row]:#x}" for row in np.flatnonzero(here != bears)}
        assert here.any()
    assert not sorted(wrong)[:20]


@BOTH
def test_rows_are_opcodes(bits):
    """The row of an instruction is its opcode in its map, whatever stands before it, VEX and EVEX too."""
    found = sweep(bits)
    found = found.only(found.length > 0)
    rows, wrong = {kind: row_of(kind) for kind in set(found.kind.tolist())}, set()
    for row, (ours, kind) in enumerate(zip(instructions(found).row.tolist(), found.kind.tolist(), strict=True)):
        wanted, mask = rows[kind]
        if ours & mask != wanted:
            wrong.add(f"{found.name(row)}: {ours:#x}, not {wanted:#x}")
    assert not sorted(wrong)[:20] and len(rows) > 1_500


@BOTH
def test_where_the_numbers_are(bits):
    """Relative addresses, wide numbers and displacements are where iced-x86 says, and blocks end where it says.

    Not told are the address behind A0 to A3, and one behind a SIB byte that names no base: blocks with them differ from
    build to build. To tell them changes the features of every program of 32 bits, and what was fitted to them.
    """
    found = sweep(bits)
    found = found.only(found.behind("", "f2", "f3", "48", "0f", "f20f", "0f38", "480f", "c5f8", "c4e379"))
    found = found.only((found.length > 0) & ~np.isin(found.kind, TRANSACTIONS))
    read, wrong, untold = instructions(found), set(), 0
    place, sib = read.place.astype(np.int64) + 1, read._displaced(np.arange(len(read.at)))
    for row, (decoded, numbers) in enumerate(found.decoded()):
        name, traits = MNEMONIC[decoded.mnemonic], int(read.traits[row])
        near = decoded.op_count > 0 and decoded.op0_kind in NEAR
        far, based = numbers.displacement_size == 4, decoded.memory_base not in NO_BASE
        last = numbers.immediate_offset + numbers.immediate_size == decoded.len
        ends = traits & operations.BRANCH or name in FAR_RETURNS or decoded.is_jmp_far
        told = {
            "relative": (traits & operations.RELATIVE, near),
            "block": (ends, decoded.flow_control in ENDS),
            "wide": (traits & (operations.WIDE | operations.FULL), not near and last and numbers.immediate_size >= 4),
            "fixed": (traits & operations.FIXED, far and not based and numbers.displacement_offset == place[row]),
            "far": (traits & operations.FAR, far and based and numbers.displacement_offset == sib[row]),
        }
        untold += far and not traits & (operations.FIXED | operations.FAR)
        wrong |= {
            f"{found.name(row)} {name} {each}" for each, (ours, theirs) in told.items() if bool(ours) != bool(theirs)
        }
    assert not sorted(wrong)[:20] and untold


def instructions(found):
    """What our columns say of the instructions of a sweep, one row each."""
    at = SLOT * np.arange(len(found.length))
    ours = x86.decoded(found.code[: -x86.PAD], found.bits)
    return Instructions(found.code, ours, at, np.zeros(len(at), dtype=np.int64), found.bits)


def row_of(kind):
    """The row that an opcode of iced-x86 should have, and the bits of it that tell."""
    known = iced.OpCodeInfo(kind)
    code = known.op_code >> 8 * (known.op_code_len - 1)
    return known.table * 256 + code, 0x3F8 if "+r" in known.op_code_string else 0x3FF
