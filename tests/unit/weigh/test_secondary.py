"""Secondary traits of indicators, and values that everybody uses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consilience.model.errors import VocabularyError
from consilience.vocab import load, vocabulary
from consilience.vocab.loading import TABLES
from consilience.weigh.commonplace import commonplace
from consilience.weigh.secondary import SECONDARY, mixture, registered, secondary


def shown(kind, value, name):
    return [each for found, each in secondary(kind, value) if found == name]


@pytest.mark.parametrize(
    ("host", "domain", "suffix"),
    [
        ("a.b.example", "b.example", "example"),
        ("www.shop.co.uk", "shop.co.uk", "co.uk"),
        ("x.me.github.io", "me.github.io", "github.io"),
        ("example", "example", "example"),
        ("co.uk", "co.uk", "co.uk"),
    ],
)
def test_registered_domain(host, domain, suffix):
    """The registered domain is one label below the public suffix, private suffixes included."""
    assert registered(host) == (domain, suffix)


def test_host_gives_labels_words_and_grams():
    """A host gives its labels, the words within them, its shape and its grams, without the public suffix."""
    host = "mail-update7.login.example"
    assert shown("domain-name", host, "host:label") == ["mail-update7", "login"]
    assert shown("domain-name", host, "host:segment") == ["mail", "update"]
    assert shown("domain-name", host, "host:shape") == ["a4-a69.a5"]
    assert not any("exam" in gram for gram in shown("domain-name", host, "host:4-gram"))


def test_path_gives_file_extension_and_query_names():
    """A path gives its folder, file, extension, tokens and the names of its query, not their values."""
    found = dict(secondary("url", "a.example:8080/cgi-bin/Get.php?id=secret"))
    assert found["port"] == "8080"
    assert found["path:folder"] == "/cgi-bin"
    assert found["path:file"] == "Get.php"
    assert found["path:extension"] == "php"
    assert not any("secret" in value for value in found.values())


def test_path_alone_and_path_of_an_address_agree():
    """The path of an address on the web gives what the same path alone gives."""
    alone = secondary("url:path", "/a/b.php")
    assert secondary("url", "192.0.2.1/a/b.php") == alone
    assert secondary("url", "a.example") == ()


def test_other_kinds_give_nothing():
    """A kind that is no network indicator has no secondary traits."""
    assert secondary("mutex", "a.example") == ()
    assert mixture([("mutex", "x")]) == ()


@given(st.text(alphabet="abc-.019", min_size=1, max_size=40))
def test_secondary_is_total(text):
    """Whatever a host or path looks like, only kinds of the list come out, and twice the same."""
    for kind in ("domain-name", "url", "url:path", "endpoint", "ipv4-addr"):
        found = secondary(kind, text)
        assert {name for name, _ in found} <= set(SECONDARY)
        assert found == secondary(kind, text)


@pytest.mark.parametrize(
    ("kind", "value", "word"),
    [
        ("ipv4-addr", "8.8.8.8", "resolver"),
        ("endpoint", "8.8.8.8:53", "resolver"),
        ("ipv4-addr", "0.0.0.0", "no server"),
        ("ipv4-addr", "104.16.0.9", "Cloudflare"),
        ("domain-name", "duckdns.org", "dynamic-DNS"),
        ("domain-name", "api.github.com", "code host"),
        ("domain-name", "bit.ly", "shortener"),
        ("host:registered", "duckdns.org", "dynamic-DNS"),
        ("file:md5", "d41d8cd98f00b204e9800998ecf8427e", "empty"),
    ],
)
def test_commonplace_says_why(kind, value, word):
    """What everybody uses is named with its reason."""
    assert word in commonplace(kind, value, vocabulary())


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("domain-name", "own-name.duckdns.org"),
        ("domain-name", "notgithub.com"),
        ("ipv4-addr", "192.0.2.8"),
        ("url", "github.com/someone/tool"),
    ],
)
def test_what_is_somebodys_own_is_not_commonplace(kind, value):
    """A name under a shared domain, a name that only looks like one, a page on a shared site: not everybody's."""
    assert commonplace(kind, value, vocabulary()) == ""


def test_commonplace_faults_are_all_reported():
    """An entry without reason, one that stands twice and an unknown list are all named."""
    tables = {name: {} for name in TABLES}
    tables |= {"levels": {"levels": {}, "position": {}, "level": {}, "tracking": {}}, "counting": {}}
    tables["ignored"] = {"roles": {}, "values": {}, "networks": {}}
    tables["commonplace"] = {"a": {"sites": ["x.example"]}, "b": {"reason": "r", "sites": ["x.example"], "odd": []}}
    with pytest.raises(VocabularyError) as caught:
        load(tables)
    text = str(caught.value)
    assert "says no `reason`" in text
    assert "stands twice" in text
    assert "odd" in text
