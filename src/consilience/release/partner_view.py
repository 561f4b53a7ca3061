"""What one partner may know of a case: the statements that may be disclosed to them, as they may be disclosed.

Everything for a partner is computed on these and on nothing else. What leaves here depends on nothing that stays: not
on how much was left out, nor on whether anything was.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from consilience.model.observation import WITHHELD, Observation
from consilience.model.partner import Partner
from consilience.model.ruling import Policy
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait

_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Released:
    """The statements for one partner, and the ids that the case has for each of them."""

    observations: tuple[Observation, ...]
    ids: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def case_ids(self, disclosed: Iterable[str]) -> tuple[str, ...]:
        """The ids that the case has for statements that were disclosed under these ids."""
        return tuple(sorted({id for each in disclosed for id in self.ids.get(each, ())}))


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A statement that a partner may know, under the colour that holds of it.

    `plain` says that it leaves exactly as the case has it, unless its source is hidden.
    """

    seen: Observation
    source_hidden: bool
    plain: bool


def release(
    observations: Iterable[Observation], policy: Policy, partner: Partner, secret: bytes, today: str
) -> Released:
    """What this partner may know on this day; `secret` makes the pseudonyms of sources that stay unknown."""
    candidates = list(_candidates(observations, policy, partner, today))
    veil = _veil(candidates, partner, secret)
    disclosed: dict[str, Observation] = {}
    ids: dict[str, list[str]] = {}
    for each in candidates:
        shown = veil.over(each.seen if each.plain else _without_recipients(each.seen))
        if shown is not None:
            disclosed[shown.id] = shown
            ids.setdefault(shown.id, []).append(each.seen.id)
    return Released(tuple(disclosed.values()), {id: tuple(rows) for id, rows in ids.items()})


def _candidates(
    observations: Iterable[Observation], policy: Policy, partner: Partner, today: str
) -> Iterator[_Candidate]:
    for each in observations:
        if policy.is_retracted(each):
            continue
        seen = policy.marked(each)
        label = policy.label(seen)
        if label.releasable(partner.principal, today):
            addressed = bool(seen.embargo or seen.recipients or seen.source_hidden)
            yield _Candidate(seen, label.source_hidden, plain=seen is each and not addressed)


def _without_recipients(seen: Observation) -> Observation:
    """The statement without whom else it is for, and with an id that covers what is disclosed and nothing else."""
    return replace(seen, embargo="", recipients="", source_hidden=False, match_only=False, id="")


@dataclass(frozen=True, slots=True)
class _Veil:
    """Hides sources from one partner: `hidden` source keys, `publishers` whose names nobody else gives away.

    `open` are the keys of sources that the partner is shown, `repeated` what those among them say that repeat a hidden
    one: a copy that is shown gives away what it repeats, so the two are never linked, and only the copy is disclosed.
    """

    hidden: frozenset[str]
    publishers: frozenset[str]
    open: frozenset[str]
    repeated: frozenset[tuple[Subject, Trait]]
    partner: str
    secret: bytes

    def over(self, seen: Observation) -> Observation | None:
        """The statement as it may be disclosed; None when a source that is shown says it, and it would count twice."""
        source = seen.source
        if source.key not in self.hidden:
            if source.derived_from in self.hidden:
                seen = replace(seen, source=replace(source, derived_from=""), id="")
            return self._renamed(seen) if self._names_one(seen) else seen
        if source.derived_from in self.open or (seen.subject, seen.trait) in self.repeated:
            return None
        known = self._name(source.key)
        veiled = Source(
            publisher=known,
            id=known,
            derived_from=self._name(source.derived_from) if source.derived_from else "",
            reliability=source.reliability,
            credibility=source.credibility,
        )
        return self._renamed(replace(seen, source=veiled, where="", note="", scope="", id=""))

    def _names_one(self, seen: Observation) -> bool:
        return seen.subject.publisher in self.publishers or seen.object.partition("/")[0] in self.publishers

    def _renamed(self, seen: Observation) -> Observation:
        """The statement with the publishers of names replaced where they would give the source away."""
        subject, object, trait = seen.subject, seen.object, seen.trait
        if subject.publisher in self.publishers:
            subject = replace(subject, publisher=self._name(subject.publisher))
        publisher, slash, name = object.partition("/")
        if slash and publisher in self.publishers:
            object = f"{self._name(publisher)}/{name}"
        if seen.withheld and not seen.withheld_id:
            trait = Trait(trait.kind, f"{WITHHELD}:{subject.key} {trait.kind}")
        return replace(seen, subject=subject, object=object, trait=trait, id="")

    def _name(self, key: str) -> str:
        """A pseudonym that is the same in everything for this partner, and in nothing for another."""
        named = "\0".join((self.partner, key)).encode("utf-8", "surrogatepass")
        return "source-" + hmac.new(self.secret, named, hashlib.sha256).hexdigest()[:_DIGITS]


def _veil(candidates: Sequence[_Candidate], partner: Partner, secret: bytes) -> _Veil:
    hidden = frozenset(each.seen.source.key for each in candidates if each.source_hidden)
    shown = [each.seen for each in candidates if each.seen.source.key not in hidden]
    given_away = {name for seen in shown for name in _publishers_named(seen)}
    publishers = {each.seen.source.publisher for each in candidates if each.seen.source.key in hidden}
    return _Veil(
        hidden=hidden,
        publishers=frozenset(publishers - given_away),
        open=frozenset(seen.source.key for seen in shown),
        repeated=frozenset((seen.subject, seen.trait) for seen in shown if seen.source.derived_from in hidden),
        partner=partner.principal,
        secret=secret,
    )


def _publishers_named(seen: Observation) -> tuple[str, ...]:
    """The publishers whose names a statement gives away."""
    of_object = seen.object.partition("/")[0] if "/" in seen.object else seen.subject.publisher
    return seen.source.publisher, seen.subject.publisher, of_object
