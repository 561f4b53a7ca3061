"""Which protections this machine gives to the reading of samples: found by trying, not by asking for versions."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass

from consilience.model.errors import InputError
from consilience.sandbox import landlock, seccomp
from consilience.sandbox.limits import Limits
from consilience.sandbox.probe import ATTEMPTS
from consilience.sandbox.worker import Analysis, Worker

_HERE = "consilience.sandbox.probe"
_QUICK, _PATIENT = 1, 60.0
"""Seconds of processor time, and of the clock, which on a loaded machine runs far ahead of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """One protection: whether it held when it was tried, and what was found."""

    name: str
    holds: bool
    found: str


def protections() -> list[Protection]:
    """Every protection, tried in a locked process just now; nothing but this machine's own state is touched."""
    found = [
        Protection(
            name="files and network closed (Landlock)",
            holds=landlock.abi() > 0,
            found=f"version {landlock.abi()}" if landlock.abi() else f"not offered by {platform.system()} here",
        ),
        Protection(
            name="few system calls (seccomp)",
            holds=seccomp.known(),
            found=platform.machine() if seccomp.known() else f"no list for {platform.system()} {platform.machine()}",
        ),
    ]
    parsers = {name: f"{_HERE}:{name}" for name in ("attempts", "hog", "spin")}
    try:
        with Worker(parsers, Limits(cpu=_QUICK, wall=_PATIENT)) as worker:
            found += _attempts_refused(worker.analyse("attempts", b""))
            found.append(_stopped("memory is limited", worker.analyse("hog", b"")))
            found.append(_stopped("processor time is limited", worker.analyse("spin", b"")))
    except InputError as none:
        found.append(Protection(name="a locked process", holds=False, found=str(none)))
    return found


def _attempts_refused(analysis: Analysis) -> list[Protection]:
    if not isinstance(analysis.answer, dict):
        return [Protection(name="a locked process", holds=False, found=analysis.failed)]
    return [
        Protection(
            name=f"cannot {what}", holds=analysis.answer.get(what) == "refused", found=_outcome_text(analysis, what)
        )
        for what in ATTEMPTS
    ]


def _outcome_text(analysis: Analysis, what: str) -> str:
    return {"refused": "refused", "done": f"possible on {sys.platform}"}.get(analysis.answer.get(what), "not tried")


def _stopped(name: str, analysis: Analysis) -> Protection:
    return Protection(name=name, holds=bool(analysis.failed), found=analysis.failed or "it went on to the end")
