"""Good files damaged by chance: no parser ends in any way but its own. 500 a parser, 50,000 in the long tests."""

import random
import time
import zlib

import pytest
from tests.hostile.damage import damaged_bytes, damaged_value
from tests.hostile.seeds import DOCUMENTS, SEEDS
from tests.hostile.targets import TARGETS

LONGEST = 5.0


def mutate(name, many, seed):
    """Give a parser so many damaged copies of its seed; the bytes on which it failed, with the error."""
    chance = random.Random(zlib.crc32(name.encode()) + seed)
    target, made = TARGETS[name], SEEDS[name]
    for _ in range(many):
        value = DOCUMENTS.get(name)
        is_value = value is not None and chance.randrange(2)
        data = damaged_value(value, chance) if is_value else damaged_bytes(made, chance)
        began = time.process_time()
        try:
            target(data)
        except Exception as fault:
            return data, fault
        assert time.process_time() - began < LONGEST, data[:2_000]
    return None


@pytest.mark.parametrize("name", sorted(SEEDS))
def test_damaged_files(name):
    """Whatever 500 damaged copies hold, no error escapes, and none takes seconds."""
    assert mutate(name, 500, 0) is None


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(SEEDS))
def test_many_damaged_files(name):
    """The same of 50,000 others."""
    assert mutate(name, 50_000, 1) is None


def test_good_files_are_good():
    """Every seed is read by its parser, so that damage is what the others are refused for."""
    for name, made in SEEDS.items():
        TARGETS[name](made)
