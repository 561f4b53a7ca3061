"""The page is safe to open, holds everything, and repeats."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from consilience.share import write

VOID = {"meta", "br", "rect", "line", "img"}


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.ids, self.links, self.texts = [], [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)
        self._keep(dict(attributes), tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._keep(dict(attributes), tag)

    def _keep(self, attributes, tag):
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if "href" in attributes:
            self.links.append((tag, attributes))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture
def page(assessment):
    return Page(write(assessment, "html").decode())


def test_no_script_no_handler_nothing_from_outside(page):
    """The page holds no script, no event handler and no reference that a browser would fetch."""
    assert not page.open
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "img", "iframe", "object", "embed", "link", "form", "base", "b", "use", "image"}
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]
        assert not {"src", "srcset", "xlink:href", "action"} & attributes.keys()
    for tag, attributes in page.links:
        assert tag == "a"
        if not attributes["href"].startswith("#"):
            assert attributes["href"].startswith(("http://", "https://"))
            assert attributes["rel"] == "noreferrer"


def test_styles_fetch_nothing(assessment):
    """Every url() of the page points into the page, and the content policy is the strict one."""
    text = write(assessment, "html").decode()
    assert set(re.findall(r"url\((.)", text)) <= {"#"}
    assert "@import" not in text
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"" in text


def test_only_plain_web_addresses_become_links(page):
    """An address of a source is a link only when it is http or https without anything that could end the attribute."""
    outside = [attributes["href"] for _, attributes in page.links if not attributes["href"].startswith("#")]
    assert outside == ["https://example.com/herons?a=1&b=2"]


def test_hostile_values_are_text(assessment):
    """Hostile strings are printed as text and never as markup, and no character turns the reading direction."""
    text = write(assessment, "html").decode()
    assert "<script" not in text.lower()
    assert "&lt;script&gt;" in text
    assert "\u202e" not in text and "\\u202e" in text


def test_every_id_is_an_anchor_and_every_link_arrives(assessment, page):
    """Each evidence item and observation has its anchor once, and every link inside the page finds one."""
    assert len(page.ids) == len(set(page.ids))
    wanted = {item.id for item in assessment.relation.evidence} | set(assessment.observations)
    assert wanted <= set(page.ids)
    inside = {attributes["href"][1:] for _, attributes in page.links if attributes["href"].startswith("#")}
    assert inside <= set(page.ids)
    assert wanted <= inside


def test_every_printed_weight_is_in_the_document(assessment):
    """Each number of decibans in the tables is a number of the document, printed with one place."""
    record = assessment.as_record()
    known = {
        f"{value:.3f}"
        for item in record["evidence"]
        for name in ("weights", "counted", "removal")
        for row in item[name].values()
        for value in row.values()
    } | {"0.000"}
    cells = re.findall(r'<data value="([^"]+)">([^<]+)</data>', write(assessment, "html").decode())
    assert cells
    for exact, printed in cells:
        assert exact in known
        assert abs(float(exact) - float(printed.replace("−", "-"))) <= 0.0501


def test_long_waterfalls_are_cut_and_say_so(assessment):
    """More than twelve items are drawn as twelve and one bar for the rest, while the table holds them all."""
    text = write(assessment, "html").decode()
    assert re.search(r"and 6 more, together [+−]\d", text)
    bearing = [item for item in assessment.relation.evidence if item.on("operator", "coordinated")]
    assert len(bearing) == 18
    for item in bearing:
        assert f'<tr><td><a href="#{item.id}">' in text


def test_positions_come_first_and_standards_not_met_are_marked(assessment):
    """The five positions lead in the order of the product, and a standard without data says not done."""
    text = write(assessment, "html").decode()
    order = [
        text.index(f'<article class="card" id="{name}">')
        for name in ("developer", "requirement", "supply", "infrastructure", "operator", "sincerity", "name")
    ]
    assert order == sorted(order)
    assert text.count("<strong>not done</strong>") == 2


def test_confidence_and_likelihood_never_share_a_sentence(page):
    """No sentence that speaks of confidence holds a word of likelihood or a probability."""
    for sentence in re.split(r"(?<=[.:])\s", " ".join("".join(page.texts).split())):
        if "confidence" in sentence.lower():
            assert not re.search(r"likely|probab|\d %", sentence)


def test_the_same_bytes_twice(assessment, build):
    """Two equal assessments give the same bytes."""
    assert write(assessment, "html") == write(build(), "html")


def test_an_assessment_of_nothing(assessment):
    """A pair without evidence, observations or sentences still gives a whole page."""
    bare = replace(
        assessment,
        relation=replace(assessment.relation, evidence=(), as_of=""),
        observations={},
        matrix=(),
        sentences=(),
        withheld=(),
        conflicts=(),
        would_decide=(),
        robustness={
            "leave_one_origin_out": [],
            "leave_one_kind_out": [],
            "minimal_flip": {
                "axis": "operator",
                "position": "undetermined",
                "remove": {"count": None, "tried": "each one of the 0 strongest items"},
                "forge": {},
            },
        },
        runner_up={
            "axis": "operator",
            "hypothesis": "same",
            "account": "one team runs both",
            "probability": 0.1,
            "behind": "separate",
        },
        weakest_edge={"by_axis": {}},
    )
    page = Page(write(bare, "html").decode())
    assert not page.open
