"""Two ways of writing one thing have one canonical form."""

import pytest

from consilience.model.errors import Rejected
from consilience.vocab import vocabulary
from consilience.vocab.canonical import FORMS, MAX_ITEMS, canonical

SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
SHA1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
MD5 = "d41d8cd98f00b204e9800998ecf8427e"


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        ("host", "Example.COM.", "example.com"),
        ("host", "ssl.explorecell[.]com", "ssl.explorecell.com"),
        ("host", "ssl(.)explorecell{.}com", "ssl.explorecell.com"),
        ("host", "ssl [dot] explorecell [dot] com", "ssl.explorecell.com"),
        ("host", "hxxps[:]//user@Evil[.]Example.com:8443/path?q#f", "evil.example.com"),
        ("host", "*.example.com", "example.com"),
        ("host", "m\u00fcnchen.example", "xn--mnchen-3ya.example"),
        ("host", "\U0001f98a.example", "xn--9s9h.example"),
        ("host", "_dmarc.example.com", "_dmarc.example.com"),
        ("address", "192[.]0[.]2[.]1", "192.0.2.1"),
        ("address", "::ffff:192.0.2.1", "192.0.2.1"),
        ("address", "2001:DB8:0:0::1", "2001:db8::1"),
        ("address", "[fe80::1%eth0]", "fe80::1"),
        ("address", "192.0.2.1/32", "192.0.2.1"),
        ("address", "192.0.2.9/24", "192.0.2.0/24"),
        ("endpoint", "192[.]0.2.1:0443", "192.0.2.1:443"),
        ("endpoint", "tcp://C2.example.com:8080/", "c2.example.com:8080"),
        ("endpoint", "[2001:DB8::1]:443", "[2001:db8::1]:443"),
        ("url", "hxxp://Example[.]com:80/", "example.com"),
        ("url", "example.com", "example.com"),
        ("url", "https://example.com:443/A/b?C=d#e", "example.com/A/b?C=d"),
        ("url", "http://example.com:8080?x=1", "example.com:8080/?x=1"),
        ("url", "ftp://user:word@example.com:21/f", "example.com/f"),
        ("url", "http://[2001:DB8::1]:8080/x", "[2001:db8::1]:8080/x"),
        ("url", "http://localhost/x", "localhost/x"),
        ("lower", "EvtChk.TXT", "evtchk.txt"),
        ("upper", "as name", "AS NAME"),
        ("technique", "t1027", "T1027"),
        ("technique", "T1027.013 Encrypted/Encoded File", "T1027.013"),
        ("technique", "Obfuscated Files (T1027/013)", "T1027.013"),
        ("family", "Cobalt Strike", "cobaltstrike"),
        ("family", "cobalt-strike", "cobaltstrike"),
        ("family", "s0002", "S0002"),
        ("phrase", "  Works\u00a0by  HAND. ", "works by hand"),
        ("phrase", "\uff21\uff22\uff23", "abc"),
        ("list", "HTTP, TCP ,WebSocket,QUIC", "http,tcp,websocket,quic"),
        ("list", "HTTP -> TCP \u2192 QUIC", "http,tcp,quic"),
        ("serial", "04:00:00:0A", "400000a"),
        ("serial", "0x00", "0"),
        ("serial", "0012345", "12345"),
        ("address-thumbprint", f"185.51.134[.]27 {SHA1.upper()}", f"185.51.134.27 {SHA1}"),
        ("domain-address", "Example.com -> 192.0.2.1", "example.com 192.0.2.1"),
        ("path", "C:\\\\Users\\A\\x.pdb", "c:/users/a/x.pdb"),
        ("exact", " Global\\Mutex ", "Global\\Mutex"),
    ],
)
def test_form(form, value, expected):
    """Each form writes a value in its one way, and leaves that way alone."""
    assert canonical(form, value) == expected
    assert canonical(form, expected) == expected


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("file:sha256", f"SHA256:{SHA256.upper()}", SHA256),
        ("file:sha1", " ".join(SHA1), SHA1),
        ("x509-certificate:sha1", ":".join(SHA1[i : i + 2] for i in range(0, 40, 2)), SHA1),
        ("file:md5", MD5, MD5),
        ("file:tlsh", "T1" + "A" * 70, "a" * 70),
        ("jarm", "2" * 62, "2" * 62),
        ("email-addr", "Some.One[at]Example[.]com", "some.one@example.com"),
        ("autonomous-system", "asn 64500", "AS64500"),
        ("autonomous-system", "64500", "AS64500"),
        ("vulnerability", "cve-2021-40449 (win32k)", "CVE-2021-40449"),
        ("vulnerability", "zero day in x", "ZERO DAY IN X"),
    ],
)
def test_kind(kind, value, expected):
    """Where the kind says more than the form, it decides."""
    assert canonical(vocabulary().kinds[kind].canonical, value, kind) == expected


@pytest.mark.parametrize(
    ("kind", "value", "hint"),
    [
        ("file:md5", SHA1, "file:sha1"),
        ("file:sha256", SHA256[:-1], "whole hash"),
        ("file:sha256", "hash of the loader", "withheld"),
        ("domain-name", "192.0.2.1", "ipv4-addr"),
        ("domain-name", "2001:db8::1", "ipv6-addr"),
        ("domain-name", "localhost", "withheld"),
        ("domain-name", "a name that was not printed", "withheld"),
        ("domain-name", "a" * 64 + ".com", "withheld"),
        ("ipv4-addr", "2001:db8::1", "ipv6-addr"),
        ("ipv4-addr", "192.0.2.1:443", "endpoint"),
        ("ipv4-addr", "010.0.0.1", "withheld"),
        ("ipv4-addr", "C2 address in use since 2012", "withheld"),
        ("endpoint", "example.com", "domain-name"),
        ("endpoint", "example.com:70000", "domain-name"),
        ("url", "/gate.php", "url:path"),
        ("url", "mailto:a@b.example", "withheld"),
        ("attack-pattern", "Phishing", "T1027.013"),
        ("attack-pattern", "T1027.13", "T1027.013"),
        ("attack-pattern", "T1027, T1028", "one number a line"),
        ("attack-pattern", "TA0001", "T1027.013"),
        ("vulnerability", "CVE-2021-40449 and CVE-2021-1732", "one a line"),
        ("x509-certificate:serial", "n/a", "hexadecimal"),
        ("served-certificate", SHA1, "both"),
        ("served-certificate", "192.0.2.1 abcd", "40"),
        ("resolved", "example.com", "both"),
        ("email-addr", "nobody", "withheld"),
        ("c2:protocol-order", ",".join(["a"] * (MAX_ITEMS + 1)), "steps"),
        ("c2:protocol-order", " , ", "withheld"),
    ],
)
def test_unfit(kind, value, hint):
    """What a form cannot make sense of is refused with what to do."""
    with pytest.raises(Rejected) as caught:
        canonical(vocabulary().kinds[kind].canonical, value, kind)
    assert hint in caught.value.todo


def test_every_form_of_the_vocabulary():
    """Every form that the vocabulary names is written here."""
    assert {kind.canonical for kind in vocabulary().kinds.values()} <= FORMS


def test_null_artefacts_are_kept():
    """Hashes of nothing and addresses of nobody are read; weighing knows them."""
    assert canonical("hash", SHA256, "file:sha256") == SHA256
    assert canonical("address", "0.0.0.0", "ipv4-addr") == "0.0.0.0"
