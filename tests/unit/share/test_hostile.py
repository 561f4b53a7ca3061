"""No text in a case changes the structure of a document."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from hypothesis import example, given, settings
from hypothesis import strategies as st

from consilience.share import write
from consilience.share.wording import markdown_text, web_address

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
PIECES = st.lists(
    st.sampled_from(["<", ">", "|", "\n", "`", "-->", "]]>", "{{", "}}", "&lt;", '"', "# ", "1. ", "://"])
)


class Skeleton(HTMLParser):
    """The tags of a page with the names of their attributes, ids and texts left out."""

    def __init__(self, text):
        super().__init__()
        self.shape = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.shape.append((tag, tuple(name for name, _ in attributes)))

    def handle_endtag(self, tag):
        self.shape.append((tag, None))

    def handle_comment(self, data):
        self.shape.append(("comment", None))


def renamed(assessment, text):
    items = tuple(replace(item, kind=text, why=text, group=text) for item in assessment.relation.evidence)
    seen = {key: replace(row, where=text, note=text) for key, row in assessment.observations.items()}
    relation = replace(assessment.relation, evidence=items, level_because=text)
    return replace(assessment, relation=relation, observations=seen, tracking_because=text)


@settings(max_examples=20, deadline=None)
@given(text=TEXT | PIECES.map("".join).filter(bool))
@example(text="</style></svg><script>alert(1)</script>")
def test_no_text_changes_the_page(text):
    """Whatever a case says, the page has the same tags with the same attributes."""
    from importlib import util
    from pathlib import Path

    spec = util.spec_from_file_location("fictional_pair", Path(__file__).with_name("conftest.py"))
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    plain, hostile = (
        Skeleton(write(renamed(module.pair_assessment(extra=0), value), "html").decode()).shape for value in ("x", text)
    )
    assert hostile == plain


@given(TEXT | PIECES.map("".join))
def test_markdown_text_is_one_line_without_markup(text):
    """Every character with a meaning is escaped, on one line."""
    printed = markdown_text(text)
    assert "\n" not in printed
    assert not re.search(r"(?<!\\)(?:\\\\)*(?<!\\)[|<`*\[\]#]", printed)


@given(TEXT | PIECES.map("".join), st.sampled_from(["https://", "javascript:", "data:", "http://a/", "//"]))
def test_only_web_addresses_link(text, scheme):
    """What may become a link is http or https and holds nothing that ends an attribute or a line."""
    found = web_address(scheme + text)
    assert not found or re.fullmatch(r"https?://[^\s<>\"]+", found)
