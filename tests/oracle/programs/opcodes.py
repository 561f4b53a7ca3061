"""Instructions of x86 in every form that matters to their length, as others decode them: the oracle is iced-x86."""

from dataclasses import dataclass
from functools import cache

import iced_x86 as iced
import numpy as np

from consilience.analyse.code import x86

SLOT = 32
"""Each instruction lies alone in so many bytes; no instruction is longer than 15."""

FILL = b"\x11"
PREFIXES = {
    32: ("", "66", "f2", "f3", "f0", "66f2", "642e"),
    64: (
        "",
        "66",
        "f2",
        "f3",
        "f0",
        "48",
        "41",
        "6648",
        "f248",
        "f34c",
        "66f2",
        "642e",
        "4866",
        "49f2",
        "4348",
        "664866",
    ),
}
ESCAPES = ("", "0f", "0f38", "0f3a")
WHOLE = ("", "66", "0f", "660f")
VECTORS = {
    32: ("c5f8", "c5f9", "c4e178", "c4e279", "c4e379", "62f17c08", "62f27d08", "62f37d08"),
    64: ("c5f8", "c5f9", "c4e178", "c4c279", "c4e3f9", "62f17c08", "62f2fd08", "62f37d48"),
}
PREFIX_BYTES = (0x66, 0x67, 0xF2, 0xF3, 0x2E, 0x36, 0x3E, 0x26, 0x64, 0x65, 0xF0)


def _operands(fields):
    """ModRM bytes of every kind of operand with these `reg` fields, and SIB bytes that name a base, none, an index."""
    for mod, rm in ((0, 0), (0, 4), (0, 5), (1, 1), (1, 4), (2, 2), (2, 4), (3, 0), (3, 3)):
        for field in fields:
            for sib in (0x20, 0x25, 0x8D) if rm == 4 and mod < 3 else (None,):
                yield bytes([mod << 6 | field << 3 | rm]) + (b"" if sib is None else bytes([sib]))


ALL, SOME = tuple(_operands(range(8))), tuple(_operands((0, 3)))
"""Every `reg` tells instructions apart that share an opcode; behind most prefixes two of them do."""


@dataclass(frozen=True)
class Sweep:
    """Instructions side by side, one in each slot of `code`: `begin` is which of `begins` stands before the `opcode` of
    each, `kind` what iced-x86 says that it is, and `length` how long; both are 0 where it says that it is none."""

    bits: int
    begins: tuple
    begin: np.ndarray
    opcode: np.ndarray
    code: np.ndarray
    kind: np.ndarray
    length: np.ndarray

    def behind(self, *begins):
        """Which of these have one of these bytes before the opcode."""
        return np.isin(self.begin, [self.begins.index(each) for each in begins if each in self.begins])

    def only(self, chosen):
        """The chosen ones of these."""
        code = self.code[: -2 * x86.PAD].reshape(-1, SLOT)[chosen].ravel()
        code = np.concatenate((code, np.zeros(2 * x86.PAD, dtype=np.uint8)))
        return Sweep(
            self.bits,
            self.begins,
            self.begin[chosen],
            self.opcode[chosen],
            code,
            self.kind[chosen],
            self.length[chosen],
        )

    def ours(self):
        """How long our decoder says that each is."""
        return x86.decoded(self.code[: -x86.PAD], self.bits).length[::SLOT].astype(np.int64)

    def decoded(self):
        """Each as iced-x86 decodes it, with where its numbers stand."""
        decoder = iced.Decoder(self.bits, self.code.tobytes(), ip=0)
        for slot in range(len(self.length)):
            decoder.position = slot * SLOT
            found = decoder.decode()
            yield found, decoder.get_constant_offsets(found)

    def name(self, row):
        """The bytes before an opcode, and the opcode, for people."""
        return f"{self.begins[self.begin[row]]} {self.opcode[row]:02x}"


@cache
def sweep(bits):
    """Every one-byte, 0F, 0F 38 and 0F 3A opcode behind every prefix, and every opcode of VEX and EVEX."""
    begins = [prefix + escape for prefix in PREFIXES[bits] for escape in ESCAPES] + list(VECTORS[bits])
    begin, opcode, rows = [], [], []
    for number, each in enumerate(begins):
        start = bytes.fromhex(each)
        ends = [operand.ljust(10, FILL) for operand in (ALL if each in WHOLE else SOME)]
        for value in range(256):
            if not _is_more(start, value, bits):
                begin += [number] * len(ends)
                opcode += [value] * len(ends)
                head = start + bytes([value])
                rows += [(head + end).ljust(SLOT, b"\x11") for end in ends]
    raw = b"".join(rows)
    decoder, one = iced.Decoder(bits, raw, ip=0), iced.Instruction()
    kind, length = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    for slot in range(len(rows)):
        decoder.position = slot * SLOT
        decoder.decode_out(one)
        kind[slot] = one.code
        length[slot] = one.len if one.code else 0
    code = np.frombuffer(raw + bytes(2 * x86.PAD), dtype=np.uint8)
    return Sweep(bits, tuple(begins), np.array(begin), np.array(opcode), code, kind, length)


def _is_more(start, value, bits):
    """Whether a byte behind these is no opcode, but a prefix or the first byte of an opcode that is swept elsewhere."""
    if start[-1:] == b"\x0f":
        return value in {0x38, 0x3A}
    if start[-2:-1] == b"\x0f" or start[:1] in (b"\xc4", b"\xc5", b"\x62"):
        return False
    return value == 0x0F or value in PREFIX_BYTES or (bits == 64 and 0x40 <= value < 0x50)
