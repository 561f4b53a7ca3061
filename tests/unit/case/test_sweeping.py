"""Tests of work without searches of memory."""

import gc

import pytest

from consilience.case.sweeping import unswept


def test_searches_stop_inside_and_go_on_after():
    """Inside there are no searches; after it there are again, also when the work failed."""
    assert gc.isenabled()
    with pytest.raises(KeyError), unswept():
        assert not gc.isenabled()
        raise KeyError("failed")
    assert gc.isenabled()


def test_who_was_without_stays_without():
    """Work inside other such work leaves the searches off for the outer one."""
    with unswept():
        with unswept():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
