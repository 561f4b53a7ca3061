"""Writes docs/reference/kinds.md from the vocabulary; `--check` only says whether it is current."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from consilience.vocab import Kind, Vocabulary, vocabulary
from consilience.vocab.loading import VERTICES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "kinds.md"

OPENING = """# Kinds, axes and levels

Made from the tables in `src/consilience/vocab/` by `python benchmarks/reference_kinds.py`; a test holds it current. To
add a kind, see [add a kind of trait](../how-to/add-a-kind.md). `consilience kinds` prints the kinds too.
"""

KINDS = """
## Kinds of traits

*Speaks on* lists the axes on which a shared value, or a statement of this kind, has a weight. *Forging* is what it
costs to plant it: all cheap traits of a pair together share one small budget. *Cap* is the most that one item may
weigh, in decibans, on the axis operator and on each other axis. Traits of one *group* are made by one act: the
strongest counts in full, the next ones less. The form *comparison* is one statement about two subjects; all others are
values that two subjects may both show.
"""


def reference() -> str:
    """The whole page."""
    vocab = vocabulary()
    return "\n".join((OPENING, *_axes(vocab), *_levels(vocab), *_roles(vocab), KINDS, *_kinds(vocab)))


def _axes(vocab: Vocabulary) -> Iterator[str]:
    yield "## Axes\n"
    yield "Each axis is one question about a pair. Its hypotheses exclude each other; the prior is what holds before"
    yield "any evidence, for a pair that somebody asks about.\n"
    for axis in vocab.axes.values():
        yield f"### {axis.name}\n\n{axis.question[0].upper()}{axis.question[1:]}? Priors: {axis.because}.\n"
        yield "| hypothesis | meaning | prior |\n|---|---|---|"
        for name, account in axis.accounts.items():
            yield f"| `{name}` | {account} | {axis.priors[name]:.0%} |"
        yield ""


def _levels(vocab: Vocabulary) -> Iterator[str]:
    yield "## Levels\n\nThe closest relation that the evidence settles; the first that holds.\n"
    yield "| level | meaning |\n|---|---|"
    for name, meaning in vocab.levels.items():
        yield f"| `{name}` | {meaning} |"
    yield ""


def _roles(vocab: Vocabulary) -> Iterator[str]:
    yield "## Roles of keys\n\nWhat an equal key or watermark means depends on its role in its family (`key_role`).\n"
    yield "| role | why it weighs what it weighs | cap on operator |\n|---|---|---|"
    for role in vocab.key_roles.values():
        yield f"| `{role.name}` | {role.because} | {role.cap_operator / 1000:g} dB |"
    yield ""


def _kinds(vocab: Vocabulary) -> Iterator[str]:
    for vertex in VERTICES:
        yield f"### {vertex[0].upper()}{vertex[1:]}\n"
        yield "| kind | why it weighs what it weighs | form | speaks on | forging | cap | group |"
        yield "|---|---|---|---|---|---|---|"
        for kind in vocab.kinds.values():
            if kind.vertex == vertex:
                caps = f"{kind.cap_operator / 1000:g}, {kind.cap_other / 1000:g}"
                yield (
                    f"| `{kind.name}` | {_because(vocab, kind)} | {kind.form} | {_axes_of(vocab, kind)} |"
                    f" {kind.forging} | {caps} | {kind.group} |"
                )
        yield ""


def _because(vocab: Vocabulary, kind: Kind) -> str:
    """The reason of a kind; of one that says "as X", the reason of X as well."""
    other = vocab.kinds.get(kind.because.removeprefix("as "))
    return f"{kind.because}: {other.because}" if other and kind.because.startswith("as ") else kind.because


def _axes_of(vocab: Vocabulary, kind: Kind) -> str:
    if kind.by_key_role:
        return "by the role of the key"
    claim = vocab.claims.get(kind.name)
    vectors = (
        *(kind.rates, kind.exclusive_rates, kind.absent, kind.contrast, kind.stated, kind.denied),
        *((claim.weights,) if claim else ()),
    )
    speaking = {axis for vector in vectors for (axis, _), weight in zip(vocab.slots, vector, strict=False) if weight}
    return ", ".join(axis for axis in vocab.axes if axis in speaking) or "nothing"


def run() -> None:
    page = reference()
    if "--check" in sys.argv[1:]:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == page else f"{PAGE.name} is not current")
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    run()
