"""Sharing without leaking: what reaches a partner, what may not, and what happens when something is taken back."""

import base64
import hashlib
import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from consilience.case import Case, assessment_in
from consilience.cli import main
from consilience.keep import MemoryKeeper
from consilience.model.errors import InputError, UnknownId, UnknownName
from consilience.model.marking import joined
from consilience.model.observation import Observation, Polarity
from consilience.model.reading import Reading
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.share import WRITERS

FORMATS = tuple(writer.name for writer in WRITERS)
A, B, C = Subject("Vendor A", "HERON"), Subject("Vendor B", "STORK"), Subject("Vendor C", "CRANE")
OPEN = Source(publisher="Vendor A", title="Herons", url="https://a.example/herons", reliability="B", credibility=2)
SECRET = Source(
    publisher="Sentry House", title="Quiet note", url="https://sentry.example/q", id="q-17", reliability="B"
)


def said(subject, kind, value, source=OPEN, tlp="clear", **fields):
    fields = {"published": "2023-05-01", "where": "p. 3"} | fields
    return Observation(subject=subject, trait=Trait(kind, value), printed=value, source=source, tlp=tlp, **fields)


BASE = (
    said(A, "mutex", "shared mutex"),
    said(B, "mutex", "shared mutex"),
    said(A, "domain-name", "a.example"),
    said(C, "sector", "energy"),
)


def opened(*observations, partners=("Peer", "Other")):
    case = Case(MemoryKeeper())
    for name in partners:
        case.rulings.add_partner(name, ["forum"])
    read(case, *observations)
    return case


def read(case, *observations):
    raw = repr([seen.id for seen in observations]).encode()
    case.keeper.add(Reading(file="f", format="jsonl", raw=raw, observations=observations), "2024-01-01")


def documents(case, partner):
    return {form: case.share("HERON", "STORK", partner, form).content for form in FORMATS}


ROUTES = {
    "positive evidence": said(A, "crypto:key", "k", SECRET, "amber+strict"),
    "negative evidence": said(A, "mutex", "shared mutex", SECRET, "amber+strict", polarity=Polarity.ABSENT),
    "a rarity count": said(C, "mutex", "shared mutex", SECRET, "amber+strict"),
    "one cluster more": said(Subject("Sentry House", "IBIS"), "sector", "energy", SECRET, "amber+strict"),
    "a name": said(A, "name:same-referent", "STORK", SECRET, "amber+strict", object="Vendor B/STORK"),
    "a withheld value": replace(
        said(A, "crypto:key", "withheld", SECRET, "amber+strict"), trait=Trait("crypto:key", "withheld:x"), id=""
    ),
}


@pytest.mark.parametrize("route", ROUTES)
def test_4_what_read_a_strict_fact_stays(route):
    """By each of six routes: who read one amber+strict fact is amber+strict, and a partner gets another assessment."""
    case, without = opened(*BASE, ROUTES[route]), opened(*BASE)
    done = case.assess("HERON", "STORK")
    policy = case.rulings.policy()
    label = joined(policy.label(seen) for seen in case.snapshot().observations)
    assert done.provenance["marking"] == label.tlp == "amber+strict"
    assert not label.releasable("peer", "2024-06-01")
    assert b"TLP:AMBER+STRICT" in case.write(done, "markdown")
    assert documents(case, "Peer") == documents(without, "Peer")
    assert b"TLP:CLEAR" in case.share("HERON", "STORK", "Peer", "markdown").content


CLEAR_ID = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
OTHER_ID = "marking-definition--11111111-2222-4333-8444-555555555555"


def bundle(*markings, refs=(CLEAR_ID,)):
    stamp = {"spec_version": "2.1", "created": "2023-01-01T00:00:00Z", "modified": "2023-01-01T00:00:00Z"}
    author = "identity--6f1c8e5a-58d6-4a3c-b1f5-7d1d9d1f0a01"
    group, tool = "intrusion-set--a463ffb3-1bd9-4d94-b02d-74e4f1658283", "malware--31b940d4-6f7f-459a-80ea-9c1f17b58abc"
    objects = [
        {"type": "identity", "id": author, "name": "Vendor A", "identity_class": "organization"},
        {"type": "intrusion-set", "id": group, "name": "HERON", "created_by_ref": author},
        {"type": "malware", "id": tool, "name": "Beak", "is_family": True, "created_by_ref": author},
        {
            "type": "relationship",
            "id": "relationship--57b56a43-b8b0-4cba-9deb-34e3e1faed9e",
            "relationship_type": "uses",
            "source_ref": group,
            "target_ref": tool,
            "created_by_ref": author,
        },
    ]
    marked = [{**stamp, **item, "object_marking_refs": list(refs)} for item in objects]
    definitions = [{"type": "marking-definition", **stamp, **each} for each in markings]
    return json.dumps({"type": "bundle", "id": "bundle--1", "objects": [*marked, *definitions]})


LINE = '{"publisher": "Vendor A", "subject": "HERON", "kind": "mutex", "value": "m"'
SPOOFED = {"id": CLEAR_ID, "definition_type": "tlp", "definition": {"tlp": "red"}, "name": "TLP:RED"}
CONFLICTING = {"id": OTHER_ID, "definition_type": "tlp", "definition": {"tlp": "white"}, "name": "TLP:RED"}
FOREIGN = {"id": OTHER_ID, "definition_type": "acs", "definition": {"acs": "internal"}}
WORDS = {"id": OTHER_ID, "definition_type": "statement", "definition": {"statement": "Ours."}}
UNCLEAR = {
    "unmarked": LINE + "}",
    "unmarked bundle": bundle(refs=()),
    "a statement alone": bundle(WORDS, refs=(OTHER_ID,)),
    "of another protocol": bundle(FOREIGN, refs=(OTHER_ID,)),
    "of another protocol beside clear": bundle(FOREIGN, refs=(CLEAR_ID, OTHER_ID)),
    "not defined": bundle(refs=(OTHER_ID,)),
    "against itself": bundle(CONFLICTING, refs=(OTHER_ID,)),
    "spoofed": bundle(SPOOFED),
    "two keys": LINE + ', "tlp": "red", "tlp": "clear"}',
    "unknown word": LINE + ', "tlp": "ex:chr"}',
}


@pytest.mark.parametrize("kind", UNCLEAR)
def test_5_what_is_not_clearly_marked_goes_to_nobody(kind, tmp_path):
    """Unmarked, unknown, conflicting, doubled and spoofed: ten inputs let 0 statements out until a person maps them."""
    path = tmp_path / "input.json"
    path.write_text(UNCLEAR[kind], "utf-8")
    case = opened()
    (reading,) = case.read([str(path)])
    assert reading.new or reading.refusals
    for partner in ("Peer", "Other"):
        assert case.release(partner).observations == ()
    if "unmarked" in kind:
        case.rulings.map_marking("Vendor A", tlp="clear", by="Ann")
        assert case.release("Peer").observations


def test_a_clear_bundle_goes_out(tmp_path):
    """The same bundle with an honest marking is released, whether or not it defines it, and with words beside it."""
    honest = {"id": CLEAR_ID, "name": "TLP:CLEAR", "extensions": {"x": {"tlp_2_0": "clear"}}}
    for place, text in enumerate((bundle(), bundle(honest), bundle(WORDS, refs=(CLEAR_ID, OTHER_ID)))):
        path = tmp_path / f"{place}.json"
        path.write_text(text, "utf-8")
        case = opened()
        assert case.read([str(path)])[0].refusals == ()
        assert case.release("Peer").observations


def test_a_spoofed_marking_is_refused(tmp_path):
    """A definition with a published id and another body is told as a refusal."""
    path = tmp_path / "input.json"
    path.write_text(bundle(SPOOFED), "utf-8")
    (refusal,) = opened().read([str(path)])[0].refusals
    assert CLEAR_ID in refusal.field and "published id" in refusal.what


def canaries():
    for place in range(100):
        yield f"canary{place:03}x{hashlib.md5(bytes([place])).hexdigest()[:6]}"


def test_7_no_canary_is_in_a_document():
    """Of a hundred strings in every field of red facts none is in a document or an error, in plain or encoded."""
    words = list(canaries())
    taken = iter(words)
    facts = []
    for _ in range(10):
        name, value, note, place, scope = (next(taken) for _ in range(5))
        title, publisher, url, id, role = (next(taken) for _ in range(5))
        source = Source(publisher=publisher, title=title, url=f"https://{url}.example", id=id)
        subject = A if len(facts) % 2 else Subject("Vendor A", name)
        more = {"note": note, "where": place, "scope": scope, "role": role}
        facts.append(said(subject, "mutex", value, source, "red", recipients="Ann", **more))
    case = opened(*BASE, *facts)
    out = b"".join(documents(case, "Peer").values())
    for names in (("HERON", words[0]), (words[0][:8], "STORK"), ("canary", "HERON")):
        with pytest.raises(UnknownName) as caught:
            case.share(*names, "Peer", "json")
        told = str(caught.value).replace(names[0], "").replace(names[1], "")
        out += told.encode()
    for word in words:
        raw = word.encode()
        forms = (raw, raw.hex().encode(), base64.b64encode(raw), hashlib.sha256(raw).hexdigest().encode())
        assert not [form for form in forms if form in out]


def test_a_name_they_may_not_know_is_an_unknown_name():
    """The error for a restricted subject is, but for nothing, that of a case which has no such subject."""
    restricted = said(Subject("Vendor D", "IBIS"), "mutex", "shared mutex", tlp="red")
    errors = []
    for case in (opened(*BASE, restricted), opened(*BASE)):
        for name in ("IBIS", "IBI", "Vendor D/IBIS"):
            with pytest.raises(UnknownName) as caught:
                case.share("HERON", name, "Peer", "json")
            errors.append(str(caught.value))
        assert case.rulings.ledger() == []
    assert errors[:3] == errors[3:]


def hidden_case():
    flags = {"source_hidden": True, "note": "told by Sentry House at lunch", "where": "quiet-note.docx"}
    return opened(
        *BASE,
        said(A, "crypto:key", "k", SECRET, **flags),
        said(B, "crypto:key", "k", SECRET, **flags),
        said(Subject("Sentry House", "TERN"), "mutex", "shared mutex", SECRET, **flags),
        said(A, "claim:same-operator", "one", SECRET, object="Sentry House/TERN", **flags),
        said(B, "domain-name", "b.example", Source(publisher="Wire", title="Copy", derived_from="q-17")),
    )


def test_a_hidden_source_is_in_no_document():
    """Publisher, title, address, id, place and note of a hidden source are in no document for a partner."""
    case = hidden_case()
    out = b"".join(documents(case, "Peer").values()) + b"".join(
        case.share("HERON", "TERN", "Peer", form).content for form in FORMATS
    )
    for told in ("Sentry", "sentry", "Quiet", "quiet-note", "q-17", "lunch"):
        assert told.encode() not in out
    assert b"source-" in out and b"crypto:key" in out


def test_10_two_partners_cannot_join_a_hidden_source():
    """What two partners got shares 0 identifiers of the source, and one partner sees one source as one."""
    case = hidden_case()
    peer, other = ({seen.source.key for seen in case.release(name).observations} for name in ("Peer", "Other"))
    assert peer & other == {OPEN.key, "Wire: Copy"}
    assert len(peer) == len(other) == 3
    told = [{seen.id: seen for seen in case.release(name).observations} for name in ("Peer", "Other")]
    shared = [told[0][id] for id in told[0].keys() & told[1].keys()]
    assert {seen.source.key for seen in shared} == {OPEN.key, "Wire: Copy"}
    assert not [seen for seen in shared if seen.source.derived_from]


def test_an_open_copy_stands_for_a_hidden_source():
    """A copy that is shown is not linked to what it repeats, and what both say is told once, by the copy."""
    copy = Source(publisher="Wire", title="Copy", derived_from="q-17")
    rows = [said(A, "crypto:key", "k", source, source_hidden=source is SECRET) for source in (SECRET, copy)]
    case = opened(*BASE, *rows, said(A, "mutex", "other", SECRET, source_hidden=True))
    (key,) = (seen for seen in case.release("Peer").observations if seen.trait.kind == "crypto:key")
    assert (key.source.publisher, key.source.derived_from) == ("Wire", "")
    assert len(case.release("Peer").observations) == len(BASE) + 2


def test_a_hidden_copy_of_an_open_source_adds_nothing():
    """What a hidden source repeats from one that is shown is left out: it would count as a second voice."""
    copy = Source(publisher="Sentry House", title="Copy", derived_from=OPEN.key)
    case = opened(*BASE, said(A, "crypto:key", "k", copy, source_hidden=True))
    assert len(case.release("Peer").observations) == len(BASE)


def test_a_mapping_can_hide_a_source():
    """Whoever maps a publisher can keep it unknown."""
    case = opened(*BASE)
    case.rulings.map_marking("Vendor A", hide_source=True, by="Ann")
    case.rulings.map_marking("Vendor A", tlp="green", by="Ann")
    assert b"a.example/herons" not in b"".join(documents(case, "Peer").values())


def test_what_is_told_says_nothing_of_others():
    """Recipients, embargoes and flags are not told: they name other partners and what is planned."""
    case = opened(*BASE, said(A, "crypto:key", "k", tlp="red", recipients="Other, Peer", embargo="2020-01"))
    told = [seen for seen in case.release("Peer").observations if seen.trait.kind == "crypto:key"]
    assert [(seen.tlp, seen.recipients, seen.embargo) for seen in told] == [("red", "", "")]
    assert b"Other" not in case.share("HERON", "STORK", "Peer", "json").content


def test_the_ledger_knows_what_was_told():
    """Every document for a partner is in the ledger with its digest, and the assessment can be walked."""
    case = opened(*BASE)
    shared = case.share("HERON", "STORK", "peer", "stix", as_of="2024", by="Ann")
    (entry,) = case.rulings.ledger("PEER")
    assert entry["sha256"] == hashlib.sha256(shared.content).hexdigest()
    assert (entry["partner"], entry["by"], entry["as_of"], entry["stale"]) == ("Peer", "Ann", "2024", False)
    assert entry["observations"] == sorted(seen.id for seen in BASE[:2])
    assert case.why(entry["assessment"])["chain"]
    assert case.rulings.ledger("Other") == []
    assert [row["act"] for row in case.audit(2)] == ["disclosure", "result"]
    with pytest.raises(InputError, match="no partner"):
        case.rulings.ledger("Nobody")


def test_8_a_retraction_reaches_those_who_were_told_and_nobody_else():
    """Who was sent a document that shows it must hear of it, what rests on it is stale, and it is used no more."""
    case = opened(*BASE, partners=("Peer", "Other", "Third", "Fourth"))
    internal = case.assess("HERON", "STORK").id
    for name, form in (("Peer", "stix"), ("Other", "html")):
        case.share("HERON", "STORK", name, form)
    apart = case.share("HERON", "CRANE", "Third", "json").assessment.id
    done = case.rulings.retract(BASE[1].id, "a vendor's test machine", "Ann").as_record()
    assert list(done["told"]) == ["Other", "Peer"]
    assert internal in done["stale"] and apart not in done["stale"]
    assert [entry["partner"] for entry in case.rulings.ledger() if entry["stale"]] == ["Peer", "Other"]
    assert BASE[1].id not in {seen.id for seen in case.snapshot().observations}
    with pytest.raises(UnknownName):
        case.share("HERON", "STORK", "Peer", "stix")
    assert [case.why(id)["stale"] for id in (BASE[1].id, BASE[0].id, internal, apart)] == [True, False, True, False]
    files = case.rulings.withdrawals([entry["id"] for rows in done["told"].values() for entry in rows])
    assert sorted(files) == ["Other.withdrawn.md", "Peer.withdrawn.md", "Peer.withdrawn.stix.json"]
    assert not [name for name, content in files.items() if b"test machine" in content or BASE[1].id.encode() in content]


def test_revocations_are_of_the_objects_that_were_sent():
    """The bundle revokes relationship, note and report of the document under the ids that it had, and later."""
    case = opened(*BASE)
    sent = {item["id"]: item for item in json.loads(case.share("HERON", "STORK", "Peer", "stix").content)["objects"]}
    told = case.rulings.retract(BASE[0].source.key, "withdrawn by its publisher", "Ann").as_record()["told"]
    raw = case.rulings.withdrawals([entry["id"] for entry in told["Peer"]])["Peer.withdrawn.stix.json"]
    revoked = [item for item in json.loads(raw)["objects"] if item.get("revoked")]
    assert sorted(item["type"] for item in revoked) == ["note", "relationship", "report"]
    for item in revoked:
        before = sent[item["id"]]
        assert (item["created"], item["created_by_ref"]) == (before["created"], before["created_by_ref"])
        assert item["modified"] > before["modified"]
        refs = [item.get("source_ref"), item.get("target_ref"), *item.get("object_refs", ())]
        assert set(refs) - {None} <= sent.keys()


def test_a_count_makes_an_assessment_stale():
    """Retracting a third cluster's showing makes an assessment stale that counted it, though nobody was told of it."""
    third = said(C, "mutex", "shared mutex")
    case = opened(*BASE, third)
    done = case.assess("HERON", "STORK")
    assert third.id not in done.observations
    assert case.rulings.retract(third.id, "a mistake", "Ann").as_record()["stale"] == [done.id]


def test_who_may_not_know_of_it_has_nothing_stale():
    """Retracting what a partner may not know leaves their documents as they are: they never counted it."""
    third = said(C, "mutex", "shared mutex", tlp="red")
    case = opened(*BASE, third)
    internal = case.assess("HERON", "STORK").id
    theirs = case.share("HERON", "STORK", "Peer", "json").assessment.id
    assert internal != theirs
    done = case.rulings.retract(third.id, "a mistake", "Ann").as_record()
    assert (done["stale"], done["told"]) == ([internal], {})


def test_what_a_partner_concludes_is_no_conclusion_of_ours():
    """Only an assessment on all that the case knew is watched when more is read; one on less is the partner's alone."""
    facts = [said(side, "crypto:key", "k", SECRET, "red", key_role="per-operator") for side in (A, B)]
    case, whole = opened(*BASE, *facts), opened(*BASE)
    for each in (case, whole):
        each.share("HERON", "STORK", "Peer", "json", as_of="2024")
    assert [each.rulings.ledger()[0]["whole"] for each in (case, whole)] == [False, True]
    assert [len(each._intake._watch(each.known).kept) for each in (case, whole)] == [0, 1]
    case.assess("HERON", "STORK", "2024")
    assert len(case._intake._watch(case.known).kept) == 1


def test_a_retraction_after_a_decision():
    """Decisions on held files are kept among the results, and rest on nothing that is retracted."""
    case = opened(*BASE)
    case.keeper.keep_result("sh-1", {"file": "f", "moved": []})
    assert case.rulings.retract(BASE[0].id, "wrong", "Ann").as_record()["stale"] == []


def test_a_person_can_loosen_and_tighten():
    """Another marking holds from the ruling on; tightening names who knows what they now may not."""
    strict = said(A, "crypto:key", "k", tlp="amber+strict")
    also = said(B, "crypto:key", "k", tlp="amber+strict")
    case = opened(*BASE, strict, also)
    case.rulings.add_partner("Client", client=True)
    for seen in (strict, also):
        assert case.rulings.relabel(seen.id, "green", "mail of 5 May", "Ann").as_record()["told"] == {}
    assert b"crypto:key" in case.share("HERON", "STORK", "Peer", "json").content
    assert case.assess("HERON", "STORK").provenance["marking"] == "green"
    done = case.rulings.relabel(strict.id, "amber", "asked to", "Ann").as_record()
    assert list(done["told"]) == ["Peer"] and done["ruling"]["terms"]["from"] == ["green"]
    assert b"crypto:key" not in case.share("HERON", "STORK", "Peer", "json").content
    assert [row["act"] for row in case.audit(3)].count("ruling") == 1


@pytest.mark.parametrize(
    ("what", "because", "by", "error"),
    [("obs-0", "x", "Ann", UnknownId), (BASE[0].id, " ", "Ann", InputError), (BASE[0].id, "x", "", InputError)],
)
def test_rulings_need_a_thing_a_reason_and_a_name(what, because, by, error):
    """Nothing is ruled about what is not there, or without a reason or a name."""
    case = opened(*BASE)
    with pytest.raises(error):
        case.rulings.retract(what, because, by)
    with pytest.raises(error):
        case.rulings.relabel(what, "clear", because, by)
    assert [each for each in case.keeper.rulings() if each.kind != "partner"] == []


def test_a_title_of_two_sources_must_be_told_apart():
    """A title that two sources have is no name for either."""
    case = opened(*BASE, said(B, "mutex", "m", Source(publisher="Vendor B", title="Herons")))
    with pytest.raises(InputError, match="2 sources"):
        case.rulings.retract("Herons", "x", "Ann")
    assert case.rulings.retract("https://a.example/herons", "x", "Ann").as_record()["observations"] == len(BASE)


@pytest.mark.parametrize("name", ["", " ", "A, B", "Ourselves"])
def test_names_that_are_no_partners(name):
    """A partner's name is not empty, has no comma, and is not our own."""
    with pytest.raises(InputError):
        opened().rulings.add_partner(name)


def test_a_partner_added_again_is_the_same():
    """Another spelling, and another time, is the same partner with the same ledger; what they are is as told last."""
    case = opened(*BASE)
    case.share("HERON", "STORK", "Peer", "json")
    case.rulings.retire_partner("peer", "Ann")
    again = case.rulings.add_partner("PEER", client=True, by="Ann")
    assert (again.name, again.client, again.communities, again.retired) == ("Peer", True, (), "")
    assert [each.name for each in case.rulings.partners()] == ["Peer", "Other"]
    assert len(case.rulings.ledger("PEER")) == 1


def test_the_preview_shows_how_they_would_differ():
    """What a partner would conclude stands beside what we conclude, and nothing of it goes into the ledger."""
    facts = [said(side, "crypto:key", "k", SECRET, "amber+strict", key_role="per-operator") for side in (A, B)]
    case = opened(*BASE, *facts)
    seen = case.preview("HERON", "STORK", "Peer")
    assert seen["ours"]["evidence"] > seen["theirs"]["evidence"]
    assert seen["theirs"]["axes"] == {
        name: {"position": view.position, "probabilities": dict(view.probabilities)}
        for name, view in assessment_in(opened(*BASE).snapshot(), "HERON", "STORK").relation.axes.items()
    }
    assert case.rulings.ledger() == []
    only = opened(facts[0], facts[1])
    refused = only.preview("HERON", "STORK", "Peer")
    assert refused["theirs"] is None and "no subject" in refused["refused"]


def test_26_another_creators_version_is_a_claim(tmp_path):
    """A partner's new version of another's object changes nothing of the original, and is kept beside it."""
    case = opened()
    for name, text in (("a", bundle()), ("b", bundle().replace("Vendor A", "Partner P").replace("Beak", "Bill"))):
        (tmp_path / name).write_text(text, "utf-8")
        case.read([str(tmp_path / name)])
        if name == "a":
            before = list(case.keeper.observations())
    after = list(case.keeper.observations())
    assert before and all(seen in after for seen in before)
    assert {seen.subject.publisher for seen in after if seen not in before} == {"Partner P"}


def test_the_whole_way_on_the_command_line(tmp_path):
    """Read, add a partner, share, find it in the ledger, retract, and the chain of the case holds."""
    lines = "\n".join(json.dumps(seen.as_record()) for seen in BASE)
    (tmp_path / "in.jsonl").write_text(lines, "utf-8")
    case = str(tmp_path / "case")

    def run(*args, status=0):
        done = CliRunner().invoke(main, [*args, "--case", case])
        assert done.exit_code == status, done.output
        return done.stdout

    run("read", str(tmp_path / "in.jsonl"))
    run("partner", "add", "Peer", "--community", "forum")
    run("share", "HERON", "STORK", "--to", "Peer", "--format", "stix", "-o", str(tmp_path / "out.json"))
    entry = json.loads(run("partner", "ledger", "--json"))[0]
    assert entry["sha256"] == hashlib.sha256((tmp_path / "out.json").read_bytes()).hexdigest()
    send = tmp_path / "send"
    run("retract", BASE[0].id, "--because", "wrong", "--by", "Ann", "-o", str(send))
    assert len(list(send.iterdir())) == 2
    assert json.loads(run("audit", "verify", "--json"))["sound"]
    CliRunner().invoke(main, ["partner", "remove", "Peer", "--case", case])
    done = CliRunner().invoke(main, ["share", "HERON", "CRANE", "--to", "Peer", "--format", "json", "--case", case])
    assert done.exit_code == 2


def test_all_that_a_partner_may_know(tmp_path):
    """All that may be told leaves as one document, is in the ledger, can be walked, and is stale after a retraction."""
    case = opened(*BASE, ROUTES["positive evidence"])
    sent = case.share_all("Peer", "jsonl", by="Ann")
    told = {seen.id for seen in case.release("Peer").observations}
    assert told and {seen.id for seen in sent.parcel.observations} == told
    assert not sent.losses and case.rulings.ledger("Peer")[-1]["assessment"] == sent.parcel.id
    chain = case.why(sent.parcel.id)["chain"]
    assert {step["id"] for step in chain[1:]} == told
    (tmp_path / "sent.jsonl").write_bytes(sent.content)
    with Case.open(str(tmp_path / "theirs")) as theirs:
        theirs.read([str(tmp_path / "sent.jsonl")])
        assert {seen.id for seen in theirs.snapshot().observations} == told
    case.rulings.retract(next(iter(sent.disclosure.observations)), "wrong", "Ann")
    assert case.rulings.ledger("Peer")[-1]["stale"]


def test_looking_at_losses_tells_nobody():
    """A conversion that is only looked at leaves no trace in the ledger, and our own house needs no ledger."""
    case = opened(*BASE)
    assert case.converted("Peer", "jsonl").content == case.share_all("Peer", "jsonl").content
    assert len(case.rulings.ledger()) == 1
    assert case.share_all("", "jsonl").disclosure is None
    assert len(case.rulings.ledger()) == 1
