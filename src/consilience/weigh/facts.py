"""What one side shows: every statement about it taken apart into kinds and values, contradictions settled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from consilience.model.names import family
from consilience.model.observation import Observation
from consilience.model.when import Span, span
from consilience.vocab import Vocabulary
from consilience.vocab.sentences import sentence
from consilience.weigh.origins import Origins

NOT_FACTS = frozenset({"active"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One kind and value on one side, as the better graded sources have it.

    `seen` are the statements that count, `shown` whether they say present or absent, `trust` the part of the weight
    that a contradiction between independent sources leaves (1 without one).
    """

    kind: str
    value: str
    seen: tuple[Observation, ...]
    shown: bool
    trust: float = 1.0
    conflict: str = ""
    against: tuple[Observation, ...] = ()

    def spans(self) -> tuple[Span, ...]:
        """The dated showings."""
        return tuple(when for each in self.seen if (when := each.showing()) is not None)

    def scope(self) -> str:
        """The widest stated scope of the statements."""
        return max((each.scope for each in self.seen), key=len, default="")


def parts(seen: Observation) -> Iterator[tuple[str, str]]:
    """The kinds and values one statement shows, compound values taken apart.

    >>> from consilience.model.source import Source
    >>> from consilience.model.subject import Subject
    >>> from consilience.model.trait import Trait
    >>> pair = Trait("resolved", "a.example 192.0.2.1")
    >>> list(parts(Observation(subject=Subject("P", "S"), trait=pair, source=Source(publisher="P"))))
    [('domain-name', 'a.example'), ('ipv4-addr', '192.0.2.1')]
    """
    kind, value = seen.trait.kind, seen.trait.value
    if seen.withheld:
        yield kind, value
    elif kind == "served-certificate" and " " in value:
        address, thumbprint = value.split(" ", 1)
        yield _address_kind(address), address
        yield ("x509-certificate:sha256" if len(thumbprint) == 64 else "x509-certificate:sha1"), thumbprint
    elif kind == "resolved" and " " in value:
        domain, address = value.split(" ", 1)
        yield "domain-name", domain
        yield _address_kind(address), address
    elif kind == "endpoint" and ":" in value:
        yield kind, value
        yield _host(_without_port(value))
    elif kind == "url":
        yield kind, value
        yield _host(_without_port(value.split("/", 1)[0]))
    elif kind in ("malware", "tool"):
        yield kind, family(value)
    else:
        yield kind, value


def _without_port(authority: str) -> str:
    """A host without its port; the colons of an address in brackets are not ports."""
    if authority.startswith("["):
        return authority.split("]", 1)[0].strip("[")
    return authority.rsplit(":", 1)[0] if authority.count(":") == 1 else authority


def _address_kind(text: str) -> str:
    return "ipv6-addr" if ":" in text else "ipv4-addr"


def _host(text: str) -> tuple[str, str]:
    bare = text.strip("[]")
    return (_address_kind(bare), bare) if bare.replace(".", "").isdigit() or ":" in bare else ("domain-name", bare)


def facts(observations: Iterable[Observation], origins: Origins, vocabulary: Vocabulary) -> dict[tuple[str, str], Fact]:
    """What one side shows and does not show, by kind and value; comparisons and claims are left to their rooms."""
    present: dict[tuple[str, str], list[Observation]] = {}
    absent: dict[tuple[str, str], list[Observation]] = {}
    for seen in observations:
        kind = vocabulary.kinds.get(seen.trait.kind)
        if kind is None or kind.form != "trait" or kind.name in NOT_FACTS:
            continue
        for part in parts(seen):
            (present if seen.present else absent).setdefault(part, []).append(seen)
    return {
        key: settled(*key, present.get(key, []), absent.get(key, []), origins, vocabulary)
        for key in sorted(present.keys() | absent.keys())
    }


def settled(
    kind: str,
    value: str,
    present: list[Observation],
    absent: list[Observation],
    origins: Origins,
    vocabulary: Vocabulary,
) -> Fact:
    """The fact that is left of statements for and against it.

    A copy never contradicts its source: within one origin the first statement stands. Between independent origins
    the better grade wins, and keeps (winner - loser) / winner of its weight; with equal grades the side that states
    its scope has looked and wins with half its weight, otherwise nothing is left to weigh.
    """
    if present and absent:
        present, absent = _within_origins(present, absent, origins)
    if not absent or not present:
        kept = present or absent
        return Fact(kind, value, tuple(kept), bool(present))
    factors: Mapping[str, float] = vocabulary.counting["grades"]["factors"]
    best = [max(factors[origins.grade(each)] for each in rows) for rows in (present, absent)]
    if best[0] == best[1]:
        shown, trust = _by_scope(present, absent)
    else:
        shown, trust = best[0] > best[1], (max(best) - min(best)) / max(best)
    winner, loser = (present, absent) if shown else (absent, present)
    return Fact(kind, value, tuple(winner), shown, trust, _conflict(winner, loser, shown, trust), tuple(loser))


def _by_scope(present: Iterable[Observation], absent: Iterable[Observation]) -> tuple[bool, float]:
    """Whether statements of equal grades leave a value shown, and with what weight: who states a scope has looked."""
    scoped = [any(each.scope for each in rows) for rows in (present, absent)]
    return scoped[0] >= scoped[1], 0.5 if scoped[0] != scoped[1] else 0.0


def _conflict(winner: Iterable[Observation], loser: Iterable[Observation], shown: bool, trust: float) -> str:
    """Who says that it was shown and who that it was not, and what is left of the weight."""
    said = [sentence("conflicts.shown"), sentence("conflicts.not_shown")]
    first, second = said if shown else reversed(said)
    sides = {"winners": _publishers(winner), "first": first, "losers": _publishers(loser), "second": second}
    return sentence("conflicts.graded", trust=trust, **sides) if trust else sentence("conflicts.even", **sides)


def _within_origins(
    present: list[Observation], absent: list[Observation], origins: Origins
) -> tuple[list[Observation], list[Observation]]:
    """The statements without those that contradict the first statement of their own origin."""
    first: dict[str, Observation] = {}
    for seen in sorted([*present, *absent], key=_order):
        first.setdefault(origins.origin(seen), seen)
    return tuple(  # type: ignore[return-value]
        [seen for seen in rows if first[origins.origin(seen)].present == seen.present] for rows in (present, absent)
    )


def _order(seen: Observation) -> tuple[bool, int, str]:
    """Sources before their copies, earlier before later."""
    when = span(seen.published).first if seen.published else 10**9
    return bool(seen.source.derived_from), when, seen.id


def _publishers(rows: Iterable[Observation]) -> str:
    return ", ".join(sorted({f"{each.source.publisher} ({each.source.reliability})" for each in rows}))
