"""AES as zips use it, to decrypt only: keys from a password, blocks counted up from one, many of them at a time.

Source: FIPS 197 for the cipher; for its use in zips the published description AE-1 and AE-2. This is for reading what
analysts packed under the password that all of them know; nothing is kept secret with it.
"""

from __future__ import annotations

import hashlib
import hmac

import numpy as np
import numpy.typing as npt

from consilience.analyse.archive.streams import PIECE, StoredStream
from consilience.analyse.arrays import Words
from consilience.analyse.containers.bounds import Damaged

ROUNDS_OF_PASSWORD = 1_000
KEY_SIZES = {1: 16, 2: 24, 3: 32}
"""The strengths that a zip may state, in bytes of key."""

TAG = 10


class AesDecrypted:
    """The bytes of a member that AES hides. Raises Damaged under another password, and at the end of changed bytes."""

    def __init__(self, raw: memoryview, password: bytes, strength: int) -> None:
        size = KEY_SIZES.get(strength, 0)
        salt = size // 2
        if not size or len(raw) < salt + 2 + TAG:
            raise Damaged("the description of its encryption is not valid")
        derived = hashlib.pbkdf2_hmac("sha1", password, bytes(raw[:salt]), ROUNDS_OF_PASSWORD, 2 * size + 2)
        if derived[-2:] != bytes(raw[salt : salt + 2]):
            raise Damaged("it is encrypted under another password")
        self._keys = round_keys(derived[:size])
        self._sum = hmac.new(derived[size : 2 * size], digestmod="sha1")
        self._raw, self._tag = StoredStream(raw[salt + 2 : len(raw) - TAG]), bytes(raw[len(raw) - TAG :])
        self._block, self._left = 1, b""

    def read(self, size: int) -> bytes:
        """The next bytes, `size` at most; none at the end."""
        if not self._left:
            self._left = self._next()
        piece, self._left = self._left[:size], self._left[size:]
        return piece

    def _next(self) -> bytes:
        hidden = self._raw.read(PIECE)
        if not hidden:
            if self._sum.digest()[:TAG] != self._tag:
                raise Damaged("its bytes are not those that were encrypted")
            return b""
        self._sum.update(hidden)
        many = -(-len(hidden) // 16)
        stream = counted(self._keys, self._block, many)[: len(hidden)]
        self._block += many
        clear: bytes = (np.frombuffer(hidden, dtype=np.uint8) ^ stream).tobytes()
        return clear


def counted(keys: Words, first: int, many: int) -> npt.NDArray[np.uint8]:
    """The encrypted numbers `first`, `first` + 1, ..., lowest byte first, as so many blocks of 16 bytes in a row."""
    blocks = np.zeros((many, 2), dtype="<u8")
    blocks[:, 0] = np.arange(first, first + many, dtype=np.uint64)
    return encrypted(keys, blocks.view(np.uint8).reshape(many, 16)).reshape(-1)


def encrypted(keys: Words, blocks: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The blocks, of shape (n, 16), encrypted."""
    state = np.ascontiguousarray(blocks).view(">u4").astype(np.uint32) ^ keys[0]
    for key in keys[1:-1]:
        state = _mixed(state) ^ key
    turned = np.empty_like(state)
    for column in range(4):
        parts = [_byte(state[:, (column + row) % 4], row) for row in range(4)]
        turned[:, column] = sum(
            _BOX[part].astype(np.uint32) << np.uint32(24 - 8 * row) for row, part in enumerate(parts)
        )
    blocks_out: npt.NDArray[np.uint8] = (turned ^ keys[-1]).astype(">u4").view(np.uint8).reshape(-1, 16)
    return blocks_out


def round_keys(key: bytes) -> Words:
    """The keys of the rounds, of shape (rounds + 1, 4), from one of 16, 24 or 32 bytes."""
    size = len(key) // 4
    words = [int.from_bytes(key[4 * each : 4 * each + 4], "big") for each in range(size)]
    constant = 1
    for at in range(size, 4 * (size + 7)):
        word = words[-1]
        if at % size == 0:
            word = _substituted((word << 8 | word >> 24) & 0xFFFFFFFF) ^ constant << 24
            constant = constant << 1 ^ (0x11B if constant & 0x80 else 0)
        elif size > 6 and at % size == 4:
            word = _substituted(word)
        words.append(words[at - size] ^ word)
    return np.array(words, dtype=np.uint32).reshape(-1, 4)


def _mixed(state: Words) -> Words:
    """One round but for its key: bytes substituted, rows turned, columns mixed."""
    mixed = np.empty_like(state)
    for column in range(4):
        word = _TABLES[0][_byte(state[:, column], 0)]
        for row in range(1, 4):
            word = word ^ _TABLES[row][_byte(state[:, (column + row) % 4], row)]
        mixed[:, column] = word
    return mixed


def _byte(words: Words, row: int) -> Words:
    byte: Words = (words >> np.uint32(24 - 8 * row)) & np.uint32(0xFF)
    return byte


def _substituted(word: int) -> int:
    return int.from_bytes(bytes(int(_BOX[byte]) for byte in word.to_bytes(4, "big")), "big")


def _box() -> npt.NDArray[np.uint8]:
    """Each byte's inverse in the field of AES, its bits then mixed."""
    powers, value = [], 1
    for _ in range(255):
        powers.append(value)
        value ^= value << 1 ^ (0x11B if value & 0x80 else 0)
    box = [0x63] * 256
    for exponent, number in enumerate(powers):
        inverse = powers[-exponent % 255]
        spread = inverse ^ inverse << 1 ^ inverse << 2 ^ inverse << 3 ^ inverse << 4
        box[number] = (spread ^ spread >> 8) & 0xFF ^ 0x63
    return np.array(box, dtype=np.uint8)


def _tables() -> list[Words]:
    """For each row the substituted byte, times 2, 1, 1 and 3 in the field, turned to its row."""
    once = _BOX.astype(np.uint32)
    twice = (once << np.uint32(1)) ^ np.where(once & 0x80, np.uint32(0x11B), np.uint32(0))
    first = twice << np.uint32(24) | once << np.uint32(16) | once << np.uint32(8) | (once ^ twice)
    return [first >> np.uint32(8 * row) | first << np.uint32((32 - 8 * row) % 32) if row else first for row in range(4)]


_BOX = _box()
_TABLES = _tables()
