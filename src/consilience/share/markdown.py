"""The assessment as Markdown, told in the order of the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from consilience.model.assessment import Assessment
from consilience.model.printable import label, phrase
from consilience.model.relation import Judgement
from consilience.share.story import Card, Story, Table, story_of
from consilience.share.wording import decibans, markdown_text, percent, web_address


class MarkdownWriter:
    """Writes CommonMark with tables."""

    name = "markdown"

    def write(self, assessment: Assessment, judgements: Sequence[Judgement] = ()) -> bytes:
        """The text as UTF-8; every value is escaped, so none of its characters has a meaning in Markdown."""
        return ("\n".join(_lines(story_of(assessment, judgements))) + "\n").encode()


def _lines(story: Story) -> Iterator[str]:
    yield from _head(story)
    yield from ("", "## Positions")
    for card in story.cards:
        yield from _position(card)
    yield from ("", "## What moved each axis", "", "Weights are decibans (dB): +10 dB is ten times likelier.")
    for card in story.cards:
        yield from _weights(card)
    yield from _evidence(story)
    for part in (story.conflicts, story.withheld):
        yield from ("", f"## {part.title}")
        yield from _plain(part)
    yield from _matrix(story)
    yield from ("", "## What would change this")
    for part in story.changes:
        yield from ("", f"### {markdown_text(part.title)}")
        yield from _plain(part)
    yield from _observations(story)
    yield from _sources(story)
    yield from ("", "## Analytic standards (ICD 203)", "")
    yield from (
        f"{place}. {markdown_text(check.standard)}: {markdown_text(check.how)}"
        for place, check in enumerate(story.checks, start=1)
    )
    yield from ("", "## Provenance", "", f"- assessment: {markdown_text(story.assessment.id)}")
    yield from (
        f"- {markdown_text(label(name))}: {markdown_text(phrase(value))}"
        for name, value in story.assessment.provenance.items()
    )


def _head(story: Story) -> Iterator[str]:
    assessment, relation = story.assessment, story.assessment.relation
    yield f"# {markdown_text(relation.a)} and {markdown_text(relation.b)}"
    yield from ("", f"**TLP:{story.tlp.upper()}**", "")
    yield f"- as of: {markdown_text(relation.as_of or 'everything in the case')}"
    yield "- level: " + _reasoned(relation.level, story.level_words, relation.level_because)
    if relation.carried_by:
        yield f"- carried by the axis: {markdown_text(relation.carried_by)}"
    for word, whose in story.judgements:
        yield "- judged by an analyst: " + _reasoned(word.level, word.because, whose)
    yield "- tracking: " + _reasoned(assessment.tracking, assessment.tracking_because)
    yield from ("", "## Judgement")
    for line in assessment.sentences:
        rests_on = f" [rests on {', '.join(line.rests_on)}]" if line.rests_on else ""
        yield from ("", markdown_text(line.text + rests_on))
    limits = "; ".join(assessment.confidence.limited_by)
    yield from ("", f"Analytic confidence in this assessment: {markdown_text(assessment.confidence.level)}.")
    if limits:
        yield f"It is limited by: {markdown_text(limits)}."


def _reasoned(word: str, *reasons: str) -> str:
    return "; ".join([f"**{markdown_text(word)}**", *(markdown_text(reason) for reason in reasons if reason)])


def _position(card: Card) -> Iterator[str]:
    yield from ("", f"### {markdown_text(card.axis)}: {markdown_text(card.view.position)}")
    for text in filter(None, (card.words, card.view.because)):
        yield from ("", markdown_text(text))
    yield from _table(
        ("hypothesis", "now", "prior"),
        ((part.hypothesis, percent(part.probability), percent(part.prior)) for part in card.portions),
    )


def _weights(card: Card) -> Iterator[str]:
    fall = card.waterfall
    yield from ("", f"### {markdown_text(f'{card.axis}: {fall.hypothesis} against {fall.reference}')}")
    yield from ("", f"Prior {decibans(fall.prior)} dB, total {decibans(fall.total)} dB.")
    if not fall.steps:
        yield from ("", markdown_text(f"No evidence item moves {fall.hypothesis} against {fall.reference}."))
        return
    yield from _table(
        ("item", "kind", "alone, dB", "counted, dB", "removal, dB", "dependence group", "why", "sources"),
        (
            (
                step.evidence.id,
                step.evidence.kind,
                decibans(step.alone),
                decibans(step.counted),
                decibans(step.removal),
                step.evidence.group,
                step.evidence.why,
                ", ".join(map(str, step.sources)),
            )
            for step in fall.steps
        ),
    )


def _evidence(story: Story) -> Iterator[str]:
    yield from ("", "## Evidence")
    yield from _table(
        ("item", "kind", "values", "why", "weighs by", "counted, dB", "rarity", "notes", "rests on"),
        (
            (
                item.id,
                item.kind,
                ", ".join(item.values),
                item.why,
                item.because,
                "; ".join(
                    f"{axis}/{hypothesis} {decibans(value / 1000)}"
                    for axis, row in item.counted.items()
                    for hypothesis, value in row.items()
                    if value
                ),
                str(item.rarity or ""),
                "; ".join(filter(None, (item.conflict, *item.notes))),
                ", ".join(item.observations),
            )
            for item in story.assessment.relation.evidence
        ),
    )


def _matrix(story: Story) -> Iterator[str]:
    yield from ("", "## Competing hypotheses", "")
    yield "CC strongly consistent, C consistent, N neutral, I inconsistent, II strongly inconsistent."
    for card in story.cards:
        if card.grid:
            yield from ("", f"### {markdown_text(card.axis)}")
            yield from _table(
                ("evidence", "why", *card.view.probabilities, "diagnosticity"),
                (
                    (row["evidence"], row.get("why", ""), *cells, phrase(row.get("diagnosticity")))
                    for row, cells in card.grid
                ),
            )
        if card.ranks:
            yield ""
        for name, account, inconsistency, rank in card.ranks:
            yield "- " + markdown_text(
                f"{card.axis}, rank {rank}, inconsistency {inconsistency:.2f}: {name} ({account})"
            )


def _observations(story: Story) -> Iterator[str]:
    yield from ("", "## Observations and their dates")
    yield from _table(
        ("id", "subject", "kind", "value", "polarity", "first seen", "last seen", "where", "source", "TLP"),
        (
            (
                seen.id,
                seen.subject.key,
                seen.trait.kind,
                seen.printed or seen.trait.value,
                seen.polarity,
                seen.first_seen,
                seen.last_seen,
                seen.where,
                story.numbers[seen.id],
                seen.tlp or "not marked",
            )
            for seen in story.observations
        ),
    )


def _sources(story: Story) -> Iterator[str]:
    yield from ("", "## Sources", "")
    for row in story.cited:
        source = row.source
        rating = f"rating {source.reliability}{source.credibility}"
        parts = (source.publisher, source.title, rating, row.published or "not dated")
        link = f"<{source.url}>" if web_address(source.url) else markdown_text(source.url)
        yield f"{row.number}. " + ", ".join(filter(None, (*map(markdown_text, parts), link)))


def _plain(part: Table) -> Iterator[str]:
    yield from _table(part.columns, part.rows)


def _table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A table with an empty line before it, or *None.* when it has no rows."""
    body = ["| " + " | ".join(markdown_text(cell) for cell in row) + " |" for row in rows]
    if not body:
        yield from ("", "None.")
        return
    names = [markdown_text(name) for name in columns]
    yield from ("", "| " + " | ".join(names) + " |", "|" + " --- |" * len(names), *body)
