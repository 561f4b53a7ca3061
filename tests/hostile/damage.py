"""Good files damaged by chance: in their bytes, and, where they are JSON, in their values."""

import json

INTERESTING = (0, 1, 0x0A, 0x22, 0x2C, 0x5B, 0x5C, 0x5D, 0x7B, 0x7D, 0x7F, 0x80, 0xC0, 0xFE, 0xFF)
LIES = (b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", bytes(8), b"null", b"1e999", b'"\\ud800"', b"{", b"[[", b"-1")
VALUES = (
    None,
    True,
    -1,
    2**63,
    1.5,
    "",
    "x",
    "\u202e\x00",
    "9" * 400,
    [],
    {},
    [[]],
    [None],
    {"a": {"b": [1]}},
    ["x", 1],
)


def damaged_bytes(made, chance):
    """A copy with a few bytes changed, cut out, doubled, or with a number that lies."""
    copy = bytearray(made)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(copy) + 1)
        kind = chance.randrange(6)
        if kind == 0 and at < len(copy):
            copy[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            copy[at : at + 1] = bytes((chance.choice(INTERESTING),))
        elif kind == 2:
            del copy[at : at + chance.randint(1, 20)]
        elif kind == 3:
            copy[at:at] = copy[at : at + chance.randint(1, 60)]
        elif kind == 4:
            lie = chance.choice(LIES)
            copy[at : at + len(lie)] = lie
        elif not chance.randrange(4):
            del copy[at:]
    return bytes(copy)


def _places(value):
    """Every list or object within a value with each of its keys."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        keys = list(here) if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()
        for key in keys:
            yield here, key
            waiting.append(here[key])


def copied(value):
    """A copy of a value of JSON that shares nothing with it."""
    return json.loads(json.dumps(value))


def damaged_value(value, chance):
    """JSON of a copy in which a few values are others, or gone, or stand elsewhere too."""
    copy = copied(value)
    for _ in range(chance.randint(1, 3)):
        places = list(_places(copy))
        if not places:
            break
        here, key = chance.choice(places)
        kind = chance.randrange(5)
        if kind < 3:
            here[key] = copied(chance.choice(VALUES))
        elif kind == 3:
            other, there = chance.choice(places)
            here[key] = copied(other[there])
        else:
            del here[key]
    return json.dumps(copy).encode()
