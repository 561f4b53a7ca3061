"""A value that both sides show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from consilience.model.evidence import Rarity
from consilience.model.observation import WITHHELD
from consilience.model.when import span
from consilience.vocab import KeyRole, Kind, Vocabulary
from consilience.vocab.sentences import kind_words, rarity_words, sentence, value_words
from consilience.weigh import formula
from consilience.weigh.commonplace import commonplace
from consilience.weigh.comparisons.agreement import (
    Terms,
    common_origin,
    coverage,
    floors,
    gap_days,
    negative_vector,
    vector,
    worst_grade,
)
from consilience.weigh.comparisons.deception import voided_by
from consilience.weigh.dossier import Dossier
from consilience.weigh.facts import Fact
from consilience.weigh.item import NEGATIVE, POSITIVE, Item


def shared_values(dossier: Dossier) -> Iterator[Item]:
    """Both sides show this value, worth the more the rarer it is, the harder to forge and the nearer in time."""
    for key in sorted(dossier.left.keys() & dossier.right.keys()):
        left, right = dossier.left[key], dossier.right[key]
        kind = dossier.vocabulary.kinds[key[0]]
        if left.shown and right.shown and not kind.ordered and not _inside_a_shared_value(key, dossier):
            yield _item(dossier, kind, left, right)


def _inside_a_shared_value(key: tuple[str, str], dossier: Dossier) -> bool:
    """Whether an address or domain is only the host of addresses (`url`, `endpoint`) that are shared as a whole."""
    whole = {(seen.trait.kind, seen.trait.value) for side in (dossier.left, dossier.right) for seen in side[key].seen}
    return key not in whole and all(
        kind in ("url", "endpoint") and (kind, value) in dossier.left and (kind, value) in dossier.right
        for kind, value in whole
    )


def _item(dossier: Dossier, kind: Kind, left: Fact, right: Fact) -> Item:
    vocabulary = dossier.vocabulary
    seen = (*left.seen, *right.seen)
    grade = worst_grade(dossier, left.seen, right.seen)
    exclusive = any(each.exclusive for each in seen)
    rarity = dossier.counts.rarity(kind, left.value, dossier.sides, vocabulary, exclusive)
    public = is_public(dossier, left, right)
    void = voided_by(dossier, kind.name, left.value)
    floor, supply_floor = floors(kind, dossier, grade, public, void is not None)
    ramp = formula.commodity(rarity.share, kind.ramp, vocabulary.counting["ramps"])
    gap, kept, rented = _time(dossier, kind, left, right)
    rates, cap = _rates(dossier, kind, left, right, exclusive and not rarity.holders)
    if rented:
        cap = min(cap, round(1000 * vocabulary.counting["time"]["rented_gap_cap_operator"]))
    nothing = linked_to_nobody(kind.name, left.value, [each.role for each in seen], vocabulary)
    terms = Terms(
        share=rarity.share,
        floor=floor,
        supply_floor=supply_floor,
        ramp=0.0 if nothing else ramp,
        kept=kept,
        rented_gap=rented,
        cap_operator=cap,
    )
    trust = min(left.trust, right.trust)
    doubts = _doubts(gap, kind, void, public, kept)
    reasons = [*_limits(nothing, ramp), *doubts]
    conflict = "; ".join(filter(None, (left.conflict, right.conflict)))
    return Item(
        kind=kind.name,
        values=(left.value,),
        form="shared",
        sign=POSITIVE,
        group=kind.group,
        forging=kind.forging,
        vector=tuple(trust * value for value in vector(kind, rates, terms, vocabulary)),
        seen=seen,
        origin=common_origin(dossier, left.seen, right.seen),
        grade=grade,
        rarity=rarity,
        public=public,
        conflict=conflict,
        notes=tuple(reasons),
        doubts=tuple(doubts),
        why=_why(kind, left.value, rarity, gap, reasons),
        because=kind.because,
    )


def _rates(dossier: Dossier, kind: Kind, left: Fact, right: Fact, exclusive: bool) -> tuple[tuple[float, ...], int]:
    """The agreement rates of this comparison, and the cap on operator."""
    if kind.by_key_role:
        role = key_role(dossier, (*left.seen, *right.seen))
        return role.rates, min(role.cap_operator, kind.cap_operator) if kind.forging == "cheap" else role.cap_operator
    if exclusive and any(kind.exclusive_rates):
        return tuple(map(max, kind.rates, kind.exclusive_rates)), kind.cap_operator
    return kind.rates, kind.cap_operator


def key_role(dossier: Dossier, seen: tuple[object, ...]) -> KeyRole:
    """The role the sources give to a key; unknown when they give none or disagree."""
    stated = {role for each in seen if (role := getattr(each, "key_role", "")) and role != "unknown"}
    return dossier.vocabulary.key_roles[stated.pop() if len(stated) == 1 else "unknown"]


def is_public(dossier: Dossier, left: Fact, right: Fact) -> bool:
    """Whether the value was in print before the later side showed it, so that it could be copied.

    A stated `public_since` counts unless both sides are dated before it; a publication found in the case counts only
    where both sides are dated, because an undated side may have shown the value long before.
    """
    starts = [min((when.first for when in fact.spans()), default=None) for fact in (left, right)]
    dated = [start for start in starts if start is not None]
    stated = [span(each.public_since).first for fact in (left, right) for each in fact.seen if each.public_since]
    if stated and (len(dated) < 2 or max(dated) > min(stated)):
        return True
    printed = dossier.known_before(left.kind, left.value)
    return len(dated) == 2 and printed is not None and max(dated) > printed


def _time(dossier: Dossier, kind: Kind, left: Fact, right: Fact) -> tuple[int | None, float, bool]:
    """Days between the showings, the part of the rates they leave, and whether rented things changed tenants."""
    if kind.turnover_days is None:
        return None, 1.0, False
    rules = dossier.vocabulary.counting["time"]
    is_rented = kind.turnover_days <= rules["rented_turnover_days"]
    gap = gap_days(left, right)
    days = gap if gap is not None else rules["undated_rented_days" if is_rented else "undated_held_days"]
    kept = formula.decay(days, kind.turnover_days, rules["grace_days"])
    return gap, kept, is_rented and days > rules["grace_days"]


def linked_to_nobody(kind: str, value: str, roles: Iterable[str], vocabulary: Vocabulary) -> str:
    """Why a value links nobody, or an empty string: its role at the source, or a known artefact or network."""
    for role in roles:
        if role in vocabulary.ignored["roles"]:
            return vocabulary.ignored["roles"][role]
    return commonplace(kind, value, vocabulary)


def _why(kind: Kind, value: str, rarity: Rarity, gap: int | None, reasons: Sequence[str]) -> str:
    """What both show, when, how common it is, and what lowers the weight."""
    value = sentence("evidence.withheld_value") if value.startswith(f"{WITHHELD}:") else value_words(value)
    shared = {"kind": kind_words(kind.name), "value": value, "rarity": rarity_words(rarity)}
    if not gap:
        return "; ".join((sentence("evidence.shared", **shared), *reasons))
    apart = sentence("notes.apart", days=gap)
    others = (reason for reason in reasons if reason != apart)
    return "; ".join((sentence("evidence.shared_apart", apart=apart, **shared), *others))


def _limits(nothing: str, ramp: float) -> list[str]:
    """What makes the value itself count for less: it links nobody, or is common."""
    if nothing:
        return [sentence("notes.links_nobody", reason=nothing)]
    if ramp == 0:
        return [sentence("notes.too_common")]
    return [sentence("notes.common", part=ramp)] if ramp < 1 else []


def _doubts(gap: int | None, kind: Kind, void: str | None, public: bool, kept: float) -> list[str]:
    """What makes the agreement doubtful: time between the showings, a sign of deception, an earlier publication."""
    doubts = []
    if gap:
        doubts.append(sentence("notes.apart", days=gap))
    elif gap is None and kept < 1 and kind.turnover_days is not None:
        doubts.append(sentence("notes.undated"))
    if void:
        doubts.append(void)
    if public:
        doubts.append(sentence("notes.public"))
    return doubts


def one_sided(dossier: Dossier) -> Iterator[Item]:
    """One side shows this value and the other was examined and does not, which speaks a little against one source."""
    for shower, other in ((dossier.left, dossier.right), (dossier.right, dossier.left)):
        for key in sorted(shower.keys() & other.keys()):
            shown, missed = shower[key], other[key]
            if shown.shown and not missed.shown:
                yield _one_sided_item(dossier, shown, missed)


def _one_sided_item(dossier: Dossier, shown: Fact, missed: Fact) -> Item:
    vocabulary = dossier.vocabulary
    kind = vocabulary.kinds[shown.kind]
    rules: Mapping[str, float] = vocabulary.counting["negatives"]
    role = key_role(dossier, (*shown.seen, *missed.seen))
    rates = role.absent if kind.by_key_role else kind.absent
    full = negative_vector(rates, coverage(missed.scope(), vocabulary), vocabulary)
    trust = min(shown.trust, missed.trust)
    return Item(
        kind=kind.name,
        values=(shown.value,),
        form="one-sided",
        sign=NEGATIVE,
        group=kind.group,
        forging=kind.forging,
        vector=tuple(
            trust * max(rules["one_sided_floor"], rules["one_sided_factor"] * value) if value < 0 else value
            for value in full
        ),
        seen=(*shown.seen, *missed.seen),
        origin=common_origin(dossier, shown.seen, missed.seen),
        grade=worst_grade(dossier, shown.seen, missed.seen),
        conflict="; ".join(filter(None, (shown.conflict, missed.conflict))),
        why=_one_sided_why(kind, shown.value, missed.scope()),
        because=kind.because,
    )


def _one_sided_why(kind: Kind, value: str, scope: str) -> str:
    shown = {"kind": kind_words(kind.name), "value": value_words(value)}
    if scope:
        return sentence("evidence.one_sided_scope", scope=scope, **shown)
    return sentence("evidence.one_sided", **shown)
