"""The assessment as Markdown, told in the order of the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from consilience.model.assessment import Assessment
from consilience.model.printable import label, phrase
from consilience.model.relation import Judgement
from consilience.share.story import Card, Passage, Story, story_of
from consilience.share.wording import decibans, markdown_text, web_address
from consilience.vocab.sentences import percent, rarity_words, sentence, words_or


class MarkdownWriter:
    """Writes CommonMark with tables."""

    name = "markdown"

    def write(self, assessment: Assessment, judgements: Sequence[Judgement] = ()) -> bytes:
        """The text as UTF-8; every value is escaped, so none of its characters has a meaning in Markdown."""
        return ("\n".join(_lines(story_of(assessment, judgements))) + "\n").encode()


def _lines(story: Story) -> Iterator[str]:
    yield from _head(story)
    yield from _section("report.positions")
    for card in story.cards:
        yield from _position(card)
    yield from (*_section("report.weights"), "", markdown_text(sentence("report.decibans")))
    for card in story.cards:
        yield from _weights(card)
    yield from _evidence(story)
    for part in (story.conflicts, story.withheld):
        yield from ("", f"## {markdown_text(part.title)}")
        yield from _listed(part)
    yield from _matrix(story)
    yield from _section("report.change")
    for part in story.changes:
        yield from ("", f"### {markdown_text(part.title)}")
        yield from _listed(part)
    yield from _observations(story)
    yield from _sources(story)
    yield from (*_section("report.standards"), "")
    yield from (
        f"{place}. {markdown_text(sentence('standards.line', standard=check.standard, how=check.how))}"
        for place, check in enumerate(story.checks, start=1)
    )
    yield from (*_section("report.provenance"), "", _fact("report.assessment", story.assessment.id))
    yield from (
        f"- {markdown_text(label(name))}: {markdown_text(phrase(value))}"
        for name, value in story.assessment.provenance.items()
    )


def _section(name: str) -> tuple[str, str]:
    return "", f"## {markdown_text(sentence(name))}"


def _fact(name: str, value: str) -> str:
    return f"- {sentence(name)}: {markdown_text(value)}"


def _listed(part: Passage) -> Iterator[str]:
    yield ""
    if not part.lines:
        yield sentence("report.none")
    yield from (f"- {markdown_text(line)}" for line in part.lines)


def _head(story: Story) -> Iterator[str]:
    assessment, relation = story.assessment, story.assessment.relation
    yield f"# {markdown_text(sentence('report.title', a=relation.a, b=relation.b))}"
    yield from ("", f"**TLP:{story.tlp.upper()}**", "")
    yield _fact("report.as_of", relation.as_of or sentence("report.everything"))
    yield _reasoned("report.level", relation.level, story.level_words, relation.level_because)
    for judgement, whose in story.judgements:
        yield _reasoned("report.judged", judgement.level, judgement.because, whose)
    yield _reasoned("report.tracking", assessment.tracking, assessment.tracking_because)
    yield from _section("report.judgement")
    for line in assessment.sentences:
        ids = ", ".join(line.rests_on)
        text = sentence("report.rests_on_list", text=line.text, ids=ids) if ids else line.text
        yield from ("", markdown_text(text))
    limits = "; ".join(assessment.confidence.limited_by)
    yield from ("", f"{sentence('report.confidence')} {markdown_text(assessment.confidence.level)}.")
    if limits:
        yield f"{sentence('report.limited')} {markdown_text(limits)}."


def _reasoned(name: str, word: str, *reasons: str) -> str:
    texts = [f"**{markdown_text(word)}**", *(markdown_text(reason) for reason in reasons if reason)]
    return f"- {sentence(name)}: {'; '.join(texts)}"


def _position(card: Card) -> Iterator[str]:
    title = sentence("report.position_title", axis=card.axis, position=card.position)
    yield from ("", f"### {markdown_text(title)}")
    for text in filter(None, (card.question, card.view.because)):
        yield from ("", markdown_text(text))
    yield from _table(
        ("report.hypothesis", "report.now", "report.start"),
        ((part.hypothesis, percent(part.probability), percent(part.prior)) for part in card.portions),
    )


def _weights(card: Card) -> Iterator[str]:
    fall = card.waterfall
    rivals = {"hypothesis": fall.hypothesis, "reference": fall.reference}
    yield from ("", f"### {markdown_text(sentence('report.against', axis=card.axis, **rivals))}")
    if not fall.steps:
        still = sentence("report.nothing_moves", weight=decibans(fall.prior), **rivals)
        yield from ("", markdown_text(still))
        return
    yield from ("", sentence("report.start_total", start=decibans(fall.prior), total=decibans(fall.total)))
    yield from _table(
        (
            *("report.item", "report.kind", "report.alone", "report.counted", "report.removal", "report.group"),
            *("report.why", "report.sources_short"),
        ),
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
    yield from _section("report.evidence")
    yield from _table(
        (
            *("report.item", "report.kind", "report.values", "report.why", "report.because", "report.counted"),
            *("report.rarity", "report.notes", "report.rests_on"),
        ),
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
                rarity_words(item.rarity) if item.rarity else "",
                "; ".join(filter(None, (item.conflict, *item.notes))),
                ", ".join(item.observations),
            )
            for item in story.assessment.relation.evidence
        ),
    )


def _matrix(story: Story) -> Iterator[str]:
    yield from (*_section("report.hypotheses"), "", sentence("report.cells"))
    for card in story.cards:
        if card.grid:
            yield from ("", f"### {markdown_text(card.axis)}")
            yield from _table(
                ("report.evidence", "report.why", *card.view.probabilities, "report.diagnosticity"),
                ((row["evidence"], row["why"], *cells, phrase(row["diagnosticity"])) for row, cells in card.grid),
            )
        if card.ranks:
            yield ""
        for name, account, inconsistency, rank in card.ranks:
            ranked = {"rank": rank, "inconsistency": inconsistency, "hypothesis": name, "account": account}
            yield f"- {markdown_text(sentence('report.rank', **ranked))}"


def _observations(story: Story) -> Iterator[str]:
    yield from _section("report.observations")
    yield from _table(
        (
            *("report.id", "report.subject", "report.kind", "report.values", "report.polarity"),
            *("report.first_seen", "report.last_seen", "report.where", "report.source", "report.tlp"),
        ),
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
                seen.tlp or sentence("report.not_marked"),
            )
            for seen in story.observations
        ),
    )


def _sources(story: Story) -> Iterator[str]:
    yield from (*_section("report.sources"), "")
    for row in story.cited:
        source = row.source
        rating = sentence("report.rating_words", rating=f"{source.reliability}{source.credibility}")
        parts = (source.publisher, source.title, rating, row.published or sentence("report.not_dated"))
        link = f"<{source.url}>" if web_address(source.url) else markdown_text(source.url)
        yield f"{row.number}. " + ", ".join(filter(None, (*map(markdown_text, parts), link)))


def _table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A table with an empty line before it, or *None.* when it has no rows; a column is named by its sentence."""
    body = ["| " + " | ".join(markdown_text(cell) for cell in row) + " |" for row in rows]
    if not body:
        yield from ("", sentence("report.none"))
        return
    names = [markdown_text(words_or(name, name)) for name in columns]
    yield from ("", "| " + " | ".join(names) + " |", "|" + " --- |" * len(names), *body)
