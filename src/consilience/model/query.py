"""An activity somebody asks about."""

from __future__ import annotations

from dataclasses import dataclass, field

from consilience.model.code import CodeProfile
from consilience.model.errors import Notice, Refusal
from consilience.model.observation import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """An activity somebody asks about: what was seen, and when; whose it is, is the question.

    `date` is ISO text, empty when not stated. The subject of its observations stands for the unknown. `code`
    is what the code of a sample is made of, and `raw` its bytes, where a sample is asked about.
    """

    id: str
    date: str = ""
    observations: tuple[Observation, ...] = ()
    code: CodeProfile | None = None
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """The queries that files hold, in order, and what was refused of them."""

    queries: tuple[Query, ...]
    refusals: tuple[Refusal, ...] = ()
    notices: tuple[Notice, ...] = ()
