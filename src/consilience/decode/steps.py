"""Encodings undo_step one after the other, each within the budget of the whole sample."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import numpy as np

from consilience.analyse.containers.bounds import Damaged
from consilience.decode.description import DecodeStep
from consilience.decode.locating import Location

MAX_BYTES = 32 << 20
MAX_RC4 = 4 << 20
"""RC4 is undo_step byte by byte."""

MOST_ENDS = 32
_ZERO = re.compile(rb"\0")
_NUMBER = re.compile(r"(?<![0-9])[0-9]++(?=[^.:;|/,=-])")


class BudgetSpent(Exception):
    """The budget of a sample is used up."""


class DecodeBudget:
    """How many bytes all steps of all decoders together may still give."""

    def __init__(self, left: int = MAX_BYTES, rc4: int = MAX_RC4) -> None:
        self._left, self._rc4 = left, rc4

    @property
    def left(self) -> int:
        """The bytes that are left."""
        return self._left

    def take(self, size: int, rc4: bool = False) -> None:
        """Uses up so many bytes. Raises BudgetSpent where so many are not left."""
        self._left -= size
        self._rc4 -= size if rc4 else 0
        if self._left < 0 or self._rc4 < 0:
            raise BudgetSpent


def undo_step(data: bytes, place: Location, step: DecodeStep, budget: DecodeBudget, whole: bytes) -> bytes:
    """What a step makes of bytes; `whole` is the sample, out of which a key may come.

    Raises Damaged where the bytes are not what the step undoes, and BudgetSpent where the budget is used up.
    """
    if step.name in ("xor", "rc4"):
        budget.take(len(data), rc4=step.name == "rc4")
        key = _key(place, step, whole)
        return _xored(data, key) if step.name == "xor" else rc4(data, key)
    if step.name == "skip":
        return data[step.count :]
    budget.take(len(data))
    try:
        if step.name == "base64":
            return base64.b64decode(_trimmed(data, b"=+/-_").translate(_STANDARD), validate=True)
        if step.name == "hex":
            return bytes.fromhex(data.split(b"\0", 1)[0].decode("ascii").strip())
    except (binascii.Error, ValueError) as fault:
        raise Damaged(f"not {step.name}: {fault}") from None
    return _inflated(data, budget)


_STANDARD = bytes.maketrans(b"-_", b"+/")
_LETTERS = bytes(n for n in range(128) if chr(n).isalnum())


def _trimmed(data: bytes, more: bytes) -> bytes:
    """The letters, digits and bytes of `more` at the beginning."""
    return _run(data, _LETTERS + more)


def _key(place: Location, step: DecodeStep, whole: bytes) -> bytes:
    if step.located or step.tried:
        return bytes([place.key])
    if step.key_at is None:
        return step.key
    at = place.found + step.key_at
    key = whole[max(0, at) : max(0, at + step.key_length)]
    if at < 0 or len(key) < step.key_length:
        raise Damaged("the key lies outside the file")
    return key


def _xored(data: bytes, key: bytes) -> bytes:
    raw = np.frombuffer(data, dtype=np.uint8)
    return (raw ^ np.resize(np.frombuffer(key, dtype=np.uint8), len(raw))).tobytes()


def rc4(data: bytes, key: bytes) -> bytes:
    """The bytes under RC4 with this key."""
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) & 255
        state[i], state[j] = state[j], state[i]
    out = bytearray(len(data))
    i = j = 0
    for n, byte in enumerate(data):
        i = (i + 1) & 255
        j = (j + state[i]) & 255
        state[i], state[j] = state[j], state[i]
        out[n] = byte ^ state[(state[i] + state[j]) & 255]
    return bytes(out)


def _inflated(data: bytes, budget: DecodeBudget) -> bytes:
    stream = zlib.decompressobj()
    try:
        found = stream.decompress(data, budget.left + 1)
    except zlib.error:
        raise Damaged("not zlib data") from None
    budget.take(len(found))
    if not found:
        raise Damaged("not zlib data")
    return found


def texts(data: bytes, raw: bytes, step: DecodeStep, around: int | None) -> Iterator[str]:
    """The texts that bytes may hold, by each of the ends of a step in turn; nothing twice.

    `raw` are the same bytes before they were decoded, in which zeros end a text. With `around`, the place within the
    bytes that was found, a text begins where the printable characters before it do.
    """
    if step.encoding == "utf-16":
        units = data[: len(data) // 2 * 2]
        plain = units.decode("utf-16-le", "replace").split("\0", 1)[0]
        yield from [plain.split("\ufffd", 1)[0]] if plain else []
        return
    start = _run_start(data, around, step.alphabet) if around is not None else 0
    run = _run(data[start:], step.alphabet)
    seen: set[bytes] = set()
    for end in step.ends:
        for piece in _ended(run, raw[start : start + len(run)], end):
            if piece not in seen:
                seen.add(piece)
                text = piece.decode(step.encoding, "ignore")
                if text:
                    yield text


def _run(data: bytes, alphabet: bytes) -> bytes:
    """The bytes up to the first outside of the alphabet."""
    end = data.translate(_outside(alphabet)).find(1)
    return data if end < 0 else data[:end]


def _run_start(data: bytes, found: int, alphabet: bytes) -> int:
    return data[:found].translate(_outside(alphabet)).rfind(1) + 1


@lru_cache(maxsize=64)
def _outside(alphabet: bytes) -> bytes:
    """A table that makes 1 of every byte outside of an alphabet, and 0 of those in it."""
    return bytes(byte not in alphabet for byte in range(256))


def _ended(run: bytes, raw: bytes, end: str) -> Iterator[bytes]:
    if end == "alphabet":
        yield run
    elif end == "zeros":
        at = raw.find(bytes(4))
        yield from [run[:at]] if at >= 0 else []
    elif end == "zero":
        yield from (run[: found.start()] for found in islice(_ZERO.finditer(raw), MOST_ENDS))
    else:
        text = run.decode("latin-1")
        yield from (run[: found.end()] for found in islice(_NUMBER.finditer(text), MOST_ENDS))
