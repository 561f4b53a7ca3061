"""Tests of work without searches of memory."""

import gc

import pytest

from consilience.case.gc_pause import gc_paused


def test_searches_stop_inside_and_go_on_after():
    """Inside there are no searches; after it there are again, also when the work failed."""
    assert gc.isenabled()
    with pytest.raises(KeyError), gc_paused():
        assert not gc.isenabled()
        raise KeyError("failed")
    assert gc.isenabled()


def test_who_was_without_stays_without():
    """Work inside other such work leaves the searches off for the outer one."""
    with gc_paused():
        with gc_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
