"""Functions are walked in lanes, side by side, to the same end as one instruction after another."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from consilience.analyse.code import x86
from consilience.analyse.code.boundaries import instruction_starts


def in_order(length, functions):
    """The same by a loop."""
    found = []
    for row, (start, end) in enumerate(functions.tolist()):
        place = start
        while place < min(end, len(length)):
            found.append((place, row))
            place += int(length[place])
    return found


def cut(size, edges):
    rows = sorted({min(edge, size) for edge in edges} | {0, size})
    return np.array([(start, end) for start, end in pairwise(rows) if end > start])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 3_000), max_size=8), st.sampled_from([2, 3, 5, 15]))
def test_lanes_end_where_a_loop_does(seed, edges, longest):
    """For any lengths, also such as never fall into step, the same instructions are told."""
    picked = np.random.default_rng(seed)
    length = picked.integers(1, longest + 1, 3_000).astype(np.uint8)
    length[500:1_500] = 2
    functions = cut(len(length), edges)
    at, of = instruction_starts(length, functions.copy())
    assert list(zip(at.tolist(), of.tolist(), strict=True)) == in_order(length, functions)


def test_a_run_of_zeros_in_a_function_is_walked():
    """Zeros are instructions of two bytes, which never fall into step; the walk still follows the function."""
    code = np.zeros(5_000 + x86.PAD, dtype=np.uint8)
    code[0] = 0x90
    length = x86.decoded(code, 64).length
    at, _ = instruction_starts(length, np.array([[0, 5_000]]))
    assert at.tolist() == [0, *range(1, 5_000, 2)]
