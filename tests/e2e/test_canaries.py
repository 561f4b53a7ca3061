"""Acceptance tests 6 and 7 of the release on every road that needs no server.

What a partner may not know is put into every field that a statement has; then everything that can leave for them is
made: documents and parcels in every format, losses, errors, ledger, withdrawals, and what the command line prints.
"""

import base64
import hashlib
import json
import logging
from dataclasses import replace

import pytest
from click.testing import CliRunner

from consilience.case import Case
from consilience.cli import main
from consilience.cli.share import PAIR_FORMATS
from consilience.keep import MemoryKeeper
from consilience.model.errors import ConsilienceError
from consilience.model.observation import Observation, Polarity
from consilience.model.parcel import Parcel
from consilience.model.reading import Reading
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.share import PARCEL_WRITERS, WRITERS

DOCUMENTS = tuple(writer.name for writer in WRITERS)
PARCELS = tuple(writer.name for writer in PARCEL_WRITERS)
A, B, TOOL = Subject("Vendor A", "HERON"), Subject("Vendor B", "STORK"), Subject("Vendor A", "Beak", "malware")
OPEN = Source(publisher="Vendor A", title="Herons", url="https://a.example/herons", reliability="B", credibility=2)
KINDS = ("mutex", "domain-name", "config:field", "code:string", "crypto:key", "malware", "file:path", "campaign-id")


def said(subject, kind, value, source=OPEN, tlp="clear", **more):
    more = {"published": "2023-05-01"} | more
    return Observation(subject=subject, trait=Trait(kind, value), printed=value, source=source, tlp=tlp, **more)


BASE = (
    said(A, "mutex", "shared mutex"),
    said(B, "mutex", "shared mutex"),
    said(A, "attack-pattern", "T1542.003"),
    said(B, "attack-pattern", "T1542.003"),
    said(A, "malware", "beak"),
    said(TOOL, "mutex", "beak mutex"),
    said(TOOL, "endpoint", "192.0.2.7:443"),
)
WORDS = tuple(f"canary{place:03}x{hashlib.md5(bytes([place])).hexdigest()[:6]}" for place in range(100))


def restricted():
    """Ten red facts with a hundred words in every field that holds text, on known subjects and on one of their own."""
    for place in range(10):
        name, value, note, where, scope, title, publisher, url, id, role = WORDS[10 * place : 10 * place + 10]
        source = Source(publisher=publisher, title=title, url=f"https://{url}.example/x", id=id)
        subject = (A, TOOL, Subject("Vendor A", name), Subject("Vendor A", name, "malware"))[place % 4]
        kind = KINDS[place % len(KINDS)]
        printed = (
            f"{value}={name}" if kind == "config:field" else f"{value}.example" if kind == "domain-name" else value
        )
        more = {"note": f"{note} {name}", "where": where, "scope": scope, "role": role, "recipients": "Ann"}
        yield said(subject, kind, printed, source, "red", **more)


def forms(word):
    """A word as it is, and as programs write words: reversed, in hexadecimal, base 32 and 64, and as digests."""
    raw = word.encode()
    yield raw
    yield raw[::-1]
    yield raw.hex().encode()
    yield base64.b32encode(raw).rstrip(b"=").lower()[:-1]
    for before in (b"", b"a", b"ab"):
        # The letters that depend on nothing but the word, wherever it stands in a longer text.
        yield base64.b64encode(before + raw)[4 if before else 0 : -4].lower()
    for algorithm in ("md5", "sha1", "sha256", "sha512", "blake2b"):
        digest = hashlib.new(algorithm, raw)
        yield digest.hexdigest().encode()
        yield base64.b64encode(digest.digest()).rstrip(b"=").lower()


def found_in(out):
    """The words that some form of can be found in this output, whatever its case."""
    folded = out.lower()
    return [word for word in WORDS if any(form in folded for form in forms(word))]


def opened(*rows):
    case = Case(MemoryKeeper())
    case.keeper._secrets["pseudonyms"] = b"0" * 32
    case.rulings.add_partner("Peer", ["forum"])
    case.keeper.add(Reading(file="f", format="jsonl", raw=b"", observations=rows), "2024-01-01")
    return case


def error_of(work):
    with pytest.raises(ConsilienceError) as caught:
        work()
    return str(caught.value)


def withdrawn(case):
    for form in DOCUMENTS:
        case.share("HERON", "STORK", "Peer", form)
    for form in PARCELS:
        case.share_all("Peer", form)
    done = case.rulings.retract(BASE[0].id, WORDS[0], WORDS[1]).as_record()
    files = case.rulings.withdrawals([entry["id"] for rows in done["told"].values() for entry in rows])
    assert files
    return [text for name in sorted(files) for text in (name.encode(), dateless(files[name]))]


def dateless(content):
    """A document without the time at which it was made, and what follows from that time."""
    text = content.decode()
    rows = [line for line in text.splitlines() if '"modified"' not in line and "As of " not in line]
    return "\n".join(
        line for line in rows if '"bundle--' not in line and "| as-" not in line and "| pa-" not in line
    ).encode()


PATHS = {
    **{
        f"document {form}": lambda case, form=form: case.share("HERON", "STORK", "Peer", form).content
        for form in DOCUMENTS
    },
    **{f"parcel {form}": lambda case, form=form: case.share_all("Peer", form).content for form in PARCELS},
    **{f"losses {form}": lambda case, form=form: repr(case.converted("Peer", form).losses) for form in PARCELS},
    "released ids": lambda case: repr([seen.id for seen in case.release("Peer").observations]),
    "snapshot": lambda case: case.release("Peer").digest,
    "their side of a preview": lambda case: json.dumps(
        case.preview("HERON", "STORK", "Peer")["theirs"], sort_keys=True
    ),
    "error of a name": lambda case: error_of(lambda: case.share("HERON", "canary", "Peer", "json")),
    "error of a near name": lambda case: error_of(lambda: case.share(WORDS[20][:-1], "STORK", "Peer", "json")),
    "suggestions": lambda case: error_of(lambda: case.share("HERO", "STORK", "Peer", "json")),
    "ledger": lambda case: (case.share("HERON", "STORK", "Peer", "json"), told_in(case))[1],
    "withdrawals": lambda case: b"\n".join(withdrawn(case)),
}


def told_in(case):
    rows = [
        {name: value for name, value in row.items() if name not in ("recorded", "id", "whole")}
        for row in case.rulings.ledger("Peer")
    ]
    return json.dumps(rows, sort_keys=True)


CHILDREN = {
    "a trait": said(A, "crypto:key", "k", tlp="red"),
    "a trait of both": said(B, "malware", "beak", tlp="amber+strict"),
    "a denial": said(A, "mutex", "shared mutex", Source(publisher="X", title="Y"), "red", polarity=Polarity.ABSENT),
    "a technique": said(A, "attack-pattern", "T1001", tlp="amber"),
    "a setting": said(TOOL, "config:field", "a=b", tlp=""),
    "a subject": said(Subject("Vendor A", "HERONRY"), "mutex", "shared mutex", tlp="red"),
    "a family": said(Subject("Vendor A", "Beak 2", "malware"), "mutex", "shared mutex", tlp="red"),
    "a name": said(A, "name:same-referent", "STORK", tlp="red", object="Vendor B/STORK"),
    "another wording": replace(BASE[2], tlp="red", note="twice", id=""),
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("child", CHILDREN)
def test_6_no_path_shows_a_stricter_child(path, child):
    """Of what is stricter than its subject no path shows id, value, count or existence: it is the same without it."""
    with_it, without = (PATHS[path](opened(*rows)) for rows in ((*BASE, CHILDREN[child]), BASE))
    assert with_it == without
    assert CHILDREN[child].id not in str(with_it)


def test_6_the_paths_show_what_may_be_shown():
    """The same paths tell a case with one more clear statement from one without, so being equal means something."""
    more = said(A, "campaign-id", "c-7"), said(TOOL, "campaign-id", "c-7"), said(A, "attack-pattern", "T1001")
    silent = {"error of a name", "error of a near name", "suggestions", "withdrawals", "ledger"}
    cases = ((*BASE, *more, said(B, "campaign-id", "c-7")), BASE)
    same = {path for path in PATHS if PATHS[path](opened(*cases[0])) == PATHS[path](opened(*cases[1]))}
    whole = {
        f"losses {writer.name}"
        for writer in PARCEL_WRITERS
        if not writer.convert(Parcel(observations=tuple(cases[0]))).losses
    }
    assert same <= silent | whole, same


def test_7_no_canary_leaves(caplog):
    """Of 100 words in red facts none is in anything that leaves: 0 of 100, in 17 forms each, in every format."""
    caplog.set_level(logging.DEBUG)
    facts = tuple(restricted())
    case = opened(*BASE, *facts)
    assert len({word for word in WORDS if any(word in repr(seen) for seen in facts)}) == 100
    out = [bytes(str(PATHS[path](case)), "utf-8") for path in PATHS if path != "withdrawals"]
    asked = [WORDS[20][:-1].encode(), b"canary"]
    for word in WORDS[::10]:
        told = error_of(lambda word=word: case.share(word, "STORK", "Peer", "json"))
        out.append(told.replace(word, "").encode())
        out.append(error_of(lambda: case.share("HERON", "STORK", "Nobody", "json")).encode())
    out += withdrawn(opened(*BASE, *facts))
    out.append("\n".join(record.getMessage() for record in caplog.records).encode())
    whole = b"\n".join(out)
    assert len(whole) > 20_000
    assert found_in(whole) == [], asked


def test_7_our_own_documents_hold_them():
    """The same search finds the words in what stays in the house, so finding none means something."""
    case = opened(*BASE, *restricted())
    inside = case.share_all("", "jsonl").content
    assert len(found_in(inside)) == 100
    assert found_in(base64.b64encode(b"x" + WORDS[5].encode() + b"yz")) == [WORDS[5]]
    assert found_in(hashlib.sha256(WORDS[6].encode()).hexdigest().encode()) == [WORDS[6]]
    assert found_in(WORDS[7].encode().hex().upper().encode()) == [WORDS[7]]


def test_7_no_canary_on_the_command_line(tmp_path):
    """A session of the command line for a partner prints none of the words: documents, --json, notes and errors."""
    lines = "\n".join(json.dumps(seen.as_record()) for seen in (*BASE, *restricted()))
    (tmp_path / "in.jsonl").write_text(lines, "utf-8")
    place, out = str(tmp_path / "case"), []

    def run(*args):
        done = CliRunner().invoke(main, [*args, "--case", place])
        out.extend([done.stdout.encode(), done.stderr.encode()])
        return done

    CliRunner().invoke(main, ["read", str(tmp_path / "in.jsonl"), "--case", place])
    run("partner", "add", "Peer", "--community", "forum")
    for form in PAIR_FORMATS:
        target = tmp_path / f"out.{form}"
        assert (
            run("share", "HERON", "STORK", "--to", "Peer", "--format", form, "-o", str(target), "--json").exit_code == 0
        )
        assert run("share", "HERON", "STORK", "--to", "Peer", "--format", form).exit_code == 0
        out.append(target.read_bytes())
    assert run("share", "HERON", "canary", "--to", "Peer", "--format", "json").exit_code == 2
    assert run("share", "HERON", "STORK", "--to", "Nobody", "--format", "json").exit_code == 2
    run("share", "HERON", "STORK", "--to", "Peer", "--preview")
    run("share", "HERON", "STORK", "--to", "Peer", "--preview", "--json")
    run("partner", "ledger", "Peer", "--json")
    run("partner", "ledger", "Peer")
    send = tmp_path / "send"
    assert run("retract", BASE[0].id, "--because", WORDS[0], "--by", "Ann", "-o", str(send)).exit_code == 0
    out += [file.read_bytes() for file in sorted(send.iterdir())]
    whole = b"\n".join(out)
    assert len(list(send.iterdir())) == 2 and len(whole) > 20_000
    assert found_in(whole) == []
