"""The features that a similarity rests on: by function, with their places on both sides and who else has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from consilience.attribute.code.kinship import FamilySimilarity, Kinship, graded, shares
from consilience.model.attribution import Reason
from consilience.model.code import CodeProfile

KINDS = {
    "block": "code:block",
    "gram": "code:opcodes",
    "constant": "code:constant",
    "string": "code:string",
    "import": "code:import",
}
NAMED = 3
_PLURAL = {"block": "blocks", "gram": "rows of operations", "constant": "constants"}

FeatureText = Callable[[str, int, int], str]
"""What stands for a feature of a query: from its channel, its number and its place to text."""


@dataclass(frozen=True, slots=True)
class SharedCode:
    """Some features of one channel that a query shares with a sample, out of one function on each side.

    `features` begin with the rarest, `places` are theirs in the query. `sample` is the row of the known sample, and
    `part` what they give of the similarity; `name` and `their_name` are those of the functions, empty where unknown.
    """

    channel: str
    sample: int
    features: tuple[int, ...]
    places: tuple[int, ...]
    place: int
    function: int
    their_place: int
    their_function: int
    part: float
    name: str = ""
    their_name: str = ""


def shared_code(
    kinship: Kinship, profile: CodeProfile, similarity: FamilySimilarity, family: int, most: int | None = None
) -> list[SharedCode]:
    """What a query shares with a family, by row, what gives most of the similarity first; the parts sum to it.

    Of each channel it is what is shared with the sample that is nearest in that channel. No more than the first `most`
    are made.
    """
    found: list[SharedCode] = []
    for name, share in shares(similarity.channels).items():
        sample = int(similarity.nearest[name][family])
        postings, ours = kinship.postings[name], profile.channel(name)
        other = kinship.samples[sample].profile
        theirs = other.channel(name)
        rows, parts = postings.shared(ours.value, sample, theirs.value)
        if not len(rows) or not parts.sum():
            continue
        # Of the logarithm each feature has the part that it has of the cosine.
        parts *= share * float(graded(parts.sum())) / parts.sum()
        here = ours.address[np.searchsorted(ours.value, postings.keys[rows])]
        there = theirs.address[np.searchsorted(theirs.value, postings.keys[rows])]
        whole = name in _PLURAL
        group = np.searchsorted(profile.functions, here, side="right") if whole else np.arange(len(rows))
        order = np.lexsort((here, group))
        edges = np.append(np.flatnonzero(np.append(True, np.diff(group[order]) != 0)), len(order))
        heaviest = np.argsort(-np.add.reduceat(parts[order], edges[:-1]), kind="stable")[:most]
        for each in heaviest.tolist():
            members = order[edges[each] : edges[each + 1]]
            members = members[np.argsort(postings.families[rows[members]], kind="stable")]
            rarest = members[0]
            mine, own = int(here[rarest]), int(there[rarest])
            function, their_function = (profile.function_at(mine), other.function_at(own)) if whole else (-1, -1)
            found.append(
                SharedCode(
                    channel=name,
                    sample=sample,
                    features=tuple(postings.keys[rows[members]].tolist()),
                    places=tuple(here[members].tolist()),
                    place=mine,
                    function=function,
                    their_place=own,
                    their_function=their_function,
                    part=float(parts[members].sum()),
                    name=profile.named(function),
                    their_name=other.named(their_function),
                )
            )
    return sorted(found, key=lambda shared: (-shared.part, shared.channel, shared.place))[:most]


def shared_code_reason(shared: SharedCode, kinship: Kinship, weight: float, feature_text: FeatureText) -> Reason:
    """A piece as a reason to read: what is shared, where on both sides, and which families have it."""
    postings = kinship.postings[shared.channel]
    own = int(kinship.family_of[shared.sample])
    row = int(np.searchsorted(postings.keys, np.uint64(shared.features[0])))
    others = [kinship.families[each] for each in postings.families_of(row) if each != own]
    whom = f"only {kinship.families[own]} of {len(kinship.families)} families" if not others else _with(others)
    rarest = list(zip(shared.features, shared.places, strict=True))[:NAMED]
    values = tuple(dict.fromkeys(feature_text(shared.channel, feature, place) for feature, place in rarest))
    profile = kinship.samples[shared.sample].profile
    where = f"in sample {profile.sample[:12]}"
    if shared.function >= 0:
        many = f"{len(shared.features)} {_PLURAL[shared.channel]}" if len(shared.features) > 1 else "it"
        ours = f"{many} of {_function(shared.function, shared.name)} at {shared.place:#x}"
        theirs = f"{_function(shared.their_function, shared.their_name)} at {shared.their_place:#x}"
        why = f"{ours} stands in {theirs} {where}; known of {whom}"
    else:
        why = f"also {where}; known of {whom}"
    return Reason(KINDS[shared.channel], values, weight, why)


def _function(address: int, name: str) -> str:
    return f"function {address:#x} ({name})" if name else f"function {address:#x}"


def _with(others: list[str]) -> str:
    named = ", ".join(others[:NAMED])
    more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
    return f"{len(others) + 1} families, also {named}{more}"
