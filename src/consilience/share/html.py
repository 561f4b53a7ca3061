"""The assessment as one self-contained page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from consilience.model.assessment import Assessment
from consilience.model.printable import label, phrase, visible
from consilience.model.relation import Judgement
from consilience.share.story import story_of
from consilience.share.wording import decibans, web_address
from consilience.vocab.sentences import percent, rarity_words, sentence

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATE = "report.html.j2"


class HtmlWriter:
    """Writes one HTML file that needs no script, no network and no other file."""

    name = "html"

    def write(self, assessment: Assessment, judgements: Sequence[Judgement] = ()) -> bytes:
        """The page as UTF-8; every value is escaped by the template engine."""
        page = _template().render(story=story_of(assessment, judgements), assessment=assessment)
        return page.encode() + b"\n"


@lru_cache(maxsize=1)
def _template() -> Template:
    """The template, compiled once: that takes ten times as long as filling it in."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_shown
    )
    environment.filters.update(decibans=decibans, percent=percent, phrase=phrase, label=label)
    environment.filters.update(web_address=web_address, rarity=rarity_words)
    environment.globals["say"] = sentence
    source = files("consilience.share").joinpath("templates").joinpath(TEMPLATE).read_text("utf-8")
    return environment.from_string(source)


def _shown(value: object) -> object:
    """What is printed for a value: invisible characters become escapes; what is markup already stays."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
