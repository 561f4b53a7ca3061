"""Inert programs for tests: a PE that is put together byte by byte, and ELF files that Python itself brings along."""

import struct

BASE = 0x180000000
TEXT, DATA = 0x1000, 0x40000
ARM64 = 0xAA64


def _names(pairs, at):
    """An import table at an address: descriptors, then thunks, then names; pairs are (library, [names])."""
    thunks, strings = b"", b""
    size = 20 * (len(pairs) + 1)
    total = sum(8 * (len(names) + 1) for _, names in pairs)
    text = at + size + total
    descriptors = b""
    for library, names in pairs:
        first = at + size + len(thunks)
        for name in names:
            thunks += struct.pack("<Q", text + len(strings))
            strings += b"\0\0" + name.encode() + b"\0"
        thunks += bytes(8)
        descriptors += struct.pack("<5I", first, 0, 0, text + len(strings), first)
        strings += library.encode() + b"\0"
    return descriptors + bytes(20) + thunks + strings


def portable_executable(
    code,
    functions=(),
    imports=(),
    pdb="",
    chained=(),
    more=(),
    stamp=0x65000000,
    linker=(14, 29),
    machine=0x8664,
    constants=b"",
):
    """A 64-bit PE of this code, inert: no entry, and its table of functions as told ([start, end) within the code).

    `chained` are rows whose unwind information says that they continue another function; `more` are further data
    directories as (number, what makes their bytes of the address and the file offset at which they come to lie), and
    `constants` the first bytes of the data, at DATA. For AArch64 the lengths of functions are packed into the table.
    """
    data = bytearray(constants)

    def put(piece):
        data.extend(bytes(-len(data) % 8))
        data.extend(piece)
        return DATA + len(data) - len(piece)

    whole, part = put(b"\x01\0\0\0"), put(b"\x21\0\0\0")
    rows = sorted([(*row, whole) for row in functions] + [(*row, part) for row in chained])
    table = b"".join(struct.pack("<3I", TEXT + start, TEXT + end, unwind) for start, end, unwind in rows)
    if machine == ARM64:
        table = b"".join(struct.pack("<2I", TEXT + start, (end - start) // 4 << 2 | 1) for start, end in functions)
    exceptions = (put(table), len(table)) if table else (0, 0)
    data.extend(bytes(-len(data) % 8))
    names = _names(imports, DATA + len(data))
    imported = (put(names), len(names)) if imports else (0, 0)
    debug = (0, 0)
    text_at = 0x400
    data_at = text_at + len(code) + -len(code) % 512
    if pdb:
        record = b"RSDS" + bytes(range(16)) + struct.pack("<I", 2) + pdb.encode() + b"\0"
        place = data_at + put(record) - DATA
        debug = (put(struct.pack("<IIHHIIII", 0, 0, 0, 0, 2, len(record), 0, place)), 28)
    directories = [(0, 0)] * 16
    for number, made in more:
        data.extend(bytes(-len(data) % 8))
        piece = made(DATA + len(data), data_at + len(data))
        directories[number] = (put(piece), len(piece))
    directories[1], directories[3] = imported, exceptions
    directories[6] = debug if pdb else directories[6]
    head = b"MZ" + bytes(58) + struct.pack("<I", 0x40)
    head += b"PE\0\0" + struct.pack("<HHIIIHH", machine, 2, stamp, 0, 0, 240, 0x2022)
    head += struct.pack("<HBBIIIII", 0x20B, *linker, len(code), len(data), 0, 0, TEXT)
    head += struct.pack(
        "<QII6HIIIIHH4QII", BASE, 4096, 512, 6, 0, 0, 0, 6, 0, 0, 0x60000, 0x400, 0, 3, 0, 0, 0, 0, 0, 0, 16
    )
    head += b"".join(struct.pack("<II", *row) for row in directories)
    for name, size, address, at, flags in (
        (b".text", len(code), TEXT, text_at, 0x60000020),
        (b".rdata", len(data), DATA, data_at, 0x40000040),
    ):
        head += struct.pack("<8sIIIIIIHHI", name, size, address, size, at, 0, 0, 0, 0, flags)
    return head.ljust(text_at, b"\0") + bytes(code).ljust(data_at - text_at, b"\0") + bytes(data)


def with_rich(raw, tools, key=None):
    """The same PE with a stub and a Rich header of these (product, build, objects) before its PE header.

    The key is the checksum that a linker would write, unless another is given.
    """
    start = struct.unpack_from("<I", raw, 0x3C)[0]
    head = raw[:0x40] + b"This program cannot be run in DOS mode.$".ljust(64, b"\0")
    words = [value for product, build, count in tools for value in (product << 16 | build, count)]
    if key is None:
        key = len(head) + sum(_rolled(each, place) for place, each in enumerate(head) if not 0x3C <= place < 0x40)
        key = (key + sum(_rolled(*pair) for pair in zip(words[::2], words[1::2], strict=True))) & 0xFFFFFFFF
    rows = [int.from_bytes(b"DanS", "little"), 0, 0, 0, *words]
    head += b"".join(struct.pack("<I", word ^ key) for word in rows) + b"Rich" + struct.pack("<I", key)
    head += bytes(-len(head) % 8)
    moved = head[:0x3C] + struct.pack("<I", len(head)) + head[0x40:] + raw[start:0x188]
    assert start == 0x40 and len(moved) <= 0x400
    return moved.ljust(0x400, b"\0") + raw[0x400:]


def _rolled(value, by):
    return (value << (by & 31) | value >> (32 - (by & 31))) & 0xFFFFFFFF
