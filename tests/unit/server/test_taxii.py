"""The resources of TAXII 2.1 as one partner finds them."""

import json
from datetime import UTC, datetime

import pytest

from consilience.case.channels import attributed_to
from consilience.model.parcel import Parcel
from consilience.model.reading import Reading
from consilience.model.source import Source
from consilience.release.publishing import additions
from consilience.server.app import ROOT

from .conftest import TAXII, Partner, put, statement

NOTE = {"type": "note", "spec_version": "2.1", "object_refs": ["identity--0"], "content": "x"}
DAY = "2024-01-0{}T00:00:00.000Z"


def note(number, day=1, **fields):
    return {**NOTE, "id": f"note--{number}", "created": DAY.format(1), "modified": DAY.format(day), **fields}


def publish(case, objects, partner="vendor b", second=0):
    log = list(case.keeper.release_log(partner))
    made = additions(partner, objects, log, datetime(2024, 5, 1, 0, 0, second, tzinfo=UTC))
    case.keeper.publish(partner, made)
    return made


def ids(answer):
    return [row["id"] for row in answer.json().get("objects", [])]


def test_a_sender_cannot_speak_in_a_document_of_others():
    """What a partner sends shares no source with a kept report and does not grade itself, whoever it names."""
    theirs = Source(publisher="Peer", id="mandiant-2022", title="Ours", reliability="A", credibility=1)
    others = Source(publisher="Mandiant", id="mandiant-2022", reliability="A", credibility=1)
    seen = [statement("a.example", source=each) for each in (theirs, others)]
    told = attributed_to(Reading(file="f", format="stix", raw=b"", observations=tuple(seen)), "Peer").observations
    for each in told:
        assert each.source.publisher == "Peer" and each.source.key not in {theirs.key, others.key}
        assert (each.source.reliability, each.source.credibility) == ("F", 6)
    assert [each.source.derived_from for each in told] == ["", "mandiant-2022"]


def test_from_discovery_to_objects(case, partner):
    """A partner finds the root, their two collections and the statements that were published for them."""
    assert case.channels.publish("Vendor B", "me")["added"] > 2
    root = partner.ask("/taxii2/").json()["default"]
    assert partner.ask(root).json()["versions"] == [TAXII]
    rows = partner.ask(f"{root}collections/").json()["collections"]
    assert [(row["can_read"], row["can_write"]) for row in rows] == [(True, False), (False, True)]
    found = partner.ask(f"{root}collections/{rows[0]['id']}/objects/")
    assert found.headers["content-type"].startswith("application/taxii+json;version=2.1")
    assert "a.example" in found.text
    assert "b.example" in found.text
    assert "c.example" not in found.text


def test_nothing_is_published_by_reading(case, partner):
    """What is read into the case reaches a partner by an act of ours, and not before."""
    assert partner.objects().json() == {}
    case.channels.publish("Vendor B")
    before = partner.objects().json()
    put(case, statement("new.example"))
    assert partner.objects().json() == before
    case.channels.publish("Vendor B")
    assert "new.example" in partner.objects().text
    assert case.channels.publish("Vendor B")["added"] == 0


def test_the_ledger_has_what_was_published(case):
    """What is published for a partner stands in the ledger, with the statements it shows."""
    case.channels.publish("Vendor B", "me")
    (entry,) = case.rulings.ledger("Vendor B")
    assert (entry["format"], entry["by"], len(entry["observations"])) == ("taxii", "me", 2)


def test_pages_follow_each_other(case, partner):
    """Pages of any size give every object once, in the order of dates added, also when some come meanwhile."""
    publish(case, [note(number) for number in range(23)])
    found, query, place = [], {"limit": "5"}, 0
    while True:
        answer = partner.objects(**query)
        page = answer.json()
        found += ids(answer)
        place += 1
        publish(case, [note(number) for number in range(23 + place)], second=place) if place < 3 else None
        if not page.get("more"):
            break
        query = {"limit": "5", "next": page["next"]}
    assert len(found) == len(set(found)) == 25


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"match[id]": "note--1,note--2"}, ["note--1", "note--2"]),
        ({"match[type]": "report"}, ["report--1"]),
        ({"match[type]": "report,note", "match[id]": "note--1"}, ["note--1"]),
        ({"match[spec_version]": "2.0"}, []),
        ({"match[spec_version]": "2.1", "match[id]": "note--0"}, ["note--0"]),
        ({"match[version]": "first", "match[id]": "note--0"}, ["note--0"]),
        ({"match[version]": "all", "match[id]": "note--0"}, ["note--0", "note--0"]),
        ({"match[version]": DAY.format(1), "match[id]": "note--0"}, ["note--0"]),
        ({"match[version]": DAY.format(3), "match[id]": "note--0"}, []),
        ({"added_after": "2024-05-01T00:00:01Z"}, ["note--0"]),
        ({"added_after": "2999-01-01T00:00:00Z"}, []),
    ],
)
def test_filters(case, partner, query, expected):
    """Each filter of the standard, alone and with others: a comma is `or`, two parameters are `and`."""
    report = {**note(1), "type": "report", "id": "report--1"}
    objects = [note(number) for number in range(3)]
    publish(case, [*objects, report])
    publish(case, [note(0, 2), *objects[1:], report], second=1)
    assert ids(partner.objects(**query)) == expected


def test_dates_added_stand_in_the_headers(case, partner):
    """The first and last date added of a page stand in its headers, and are all that a reader must remember."""
    publish(case, [note(number) for number in range(4)])
    first = partner.objects(limit="2")
    last = first.headers["X-TAXII-Date-Added-Last"]
    assert first.headers["X-TAXII-Date-Added-First"] < last
    assert ids(first) + ids(partner.objects(added_after=last)) == [f"note--{number}" for number in range(4)]
    assert "X-TAXII-Date-Added-Last" not in partner.objects(added_after="2999-01-01").headers


def test_manifest_object_and_versions(case, partner):
    """The manifest, one object and its versions tell of the same entries."""
    publish(case, [note(0), note(1)])
    publish(case, [note(0, 2), note(1)], second=1)
    rows = partner.objects("released/manifest/").json()["objects"]
    assert [(row["id"], row["version"]) for row in rows] == [("note--1", DAY.format(1)), ("note--0", DAY.format(2))]
    assert partner.objects("released/objects/note--0/").json()["objects"] == [note(0, 2)]
    versions = partner.objects("released/objects/note--0/versions/").json()["versions"]
    assert versions == [DAY.format(1), DAY.format(2)]


def test_a_withdrawn_object_shows_its_end_and_nothing_else(case, partner):
    """An object that may not be known any more is revoked, without what it told, and its versions are gone."""
    publish(case, [note(0, content="secret words"), {"type": "mutex", "id": "mutex--1", "name": "secret name"}])
    publish(case, [], second=1)
    for query in ({}, {"match[version]": "all"}, {"match[version]": "first"}):
        (row,) = partner.objects(**query).json()["objects"]
        assert (row["id"], row["revoked"], row["content"]) == ("note--0", True, "Withdrawn.")
    assert len(partner.objects("released/objects/note--0/versions/").json()["versions"]) == 1
    assert partner.objects("released/objects/mutex--1/").status_code == 404
    assert publish(case, [note(0, 9)], second=2) == ()
    assert len(publish(case, [note(0, 9), {"type": "mutex", "id": "mutex--1", "name": "x"}], second=3)) == 1


def test_a_statement_taken_back_is_withdrawn(case, partner):
    """Retracting a statement and publishing again leaves nothing of it, and says which objects ended."""
    case.channels.publish("Vendor B")
    (seen,) = [each for each in case.keeper.observations() if each.trait.value == "a.example"]
    case.rulings.retract(seen.id, "wrong", "me")
    assert case.channels.publish("Vendor B")["withdrawn"] > 0
    assert "a.example" not in partner.objects(**{"match[version]": "all"}).text
    assert "b.example" in partner.objects().text


def test_a_change_is_a_later_version(case, partner):
    """Other content under a date that is not later gets one, and the same content is not published again."""
    publish(case, [note(0)])
    (entry,) = publish(case, [note(0, content="y")], second=1)
    assert entry.version > DAY.format(1)
    assert publish(case, [note(0, content="y")], second=2) == ()


@pytest.mark.parametrize(
    ("path", "headers", "query", "status"),
    [
        ("released/objects/", {"Authorization": ""}, {}, 401),
        ("released/objects/", {"Authorization": "Basic !!"}, {}, 401),
        ("released/objects/", {"Authorization": "Bearer x"}, {}, 401),
        ("released/objects/", {"Accept": "text/html"}, {}, 406),
        ("released/objects/", {"Accept": "application/taxii+json;version=2.0"}, {}, 406),
        ("released/objects/", {"Accept": "application/taxii+json"}, {}, 200),
        ("released/objects/", {"Accept": "*/*"}, {}, 200),
        ("released/objects/", {}, {"limit": "0"}, 400),
        ("released/objects/", {}, {"limit": "-1"}, 400),
        ("released/objects/", {}, {"limit": "many"}, 400),
        ("released/objects/", {}, {"limit": "99999"}, 200),
        ("released/objects/", {}, {"next": "AAAA"}, 400),
        ("released/objects/", {}, {"next": "é"}, 400),
        ("released/objects/", {}, {"added_after": "yesterday"}, 400),
        ("released/objects/", {}, {"match[version]": "newest"}, 400),
        ("released/objects/", {}, {"match[id]": ","}, 400),
        ("inbox/objects/", {}, {}, 404),
        ("inbox/manifest/", {}, {}, 404),
        ("other/objects/", {}, {}, 404),
        ("released/objects/note--9/", {}, {}, 404),
        ("released/objects/note--9/versions/", {}, {}, 404),
        ("released/nothing/", {}, {}, 404),
        ("inbox/", {}, {}, 200),
    ],
)
def test_errors_are_taxii_documents(case, partner, path, headers, query, status):
    """Each error has its status and is an error document; 401 says how to come in."""
    publish(case, [note(0)])
    answer = partner.ask(f"/{ROOT}/collections/{path}", headers=headers, **query)
    assert answer.status_code == status
    if status != 200:
        assert answer.json()["http_status"] == str(status)
        assert answer.headers["content-type"].startswith("application/taxii+json")
    assert ("www-authenticate" in answer.headers) is (status == 401)


def test_a_cursor_is_good_for_one_partner_and_one_question(case, partner, other):
    """A cursor is refused from another partner, with another filter, or for another resource."""
    for name in ("vendor b", "vendor c"):
        publish(case, [note(number) for number in range(3)], name)
    cursor = partner.objects(limit="1").json()["next"]
    assert ids(partner.objects(limit="1", next=cursor)) == ["note--1"]
    assert other.objects(limit="1", next=cursor).status_code == 400
    assert partner.objects(limit="1", next=cursor, **{"match[type]": "note"}).status_code == 400
    assert partner.objects("released/manifest/", limit="1", next=cursor).status_code == 400


def test_collections_of_others_are_not_there(case, partner, other):
    """The collection of another partner answers as one that nobody has."""
    publish(case, [note(0)], "vendor c")
    theirs = other.ask(f"/{ROOT}/collections/").json()["collections"]
    for row in theirs:
        told, nobodys = (partner.ask(f"/{ROOT}/collections/{id}/objects/") for id in (row["id"], "0" * 36))
        assert (told.status_code, told.content) == (nobodys.status_code, nobodys.content) == (404, told.content)
    assert partner.objects().json() == {}


def test_keys_end(case, client):
    """A key that was retired, has expired, or whose partner is one no more, opens nothing."""
    key, secret = case.channels.new_key("Vendor B")
    assert Partner(client, key, secret).objects().status_code == 200
    assert Partner(client, key, secret + "x").objects().status_code == 401
    assert Partner(client, key, "").objects().status_code == 401
    case.channels.retire_key(key.id)
    assert Partner(client, key, secret).objects().status_code == 401
    assert Partner(client, *case.channels.new_key("Vendor B", -1)).objects().status_code == 401
    last = Partner(client, *case.channels.new_key("Vendor B"))
    case.rulings.retire_partner("Vendor B")
    assert last.objects().status_code == 401


def test_health_needs_no_key_and_tells_nothing(stranger):
    """Whether the server is up is all that anybody learns."""
    assert stranger.ask("/healthz").json() == {"status": "up"}


ENVELOPE = {
    "objects": [
        {
            "type": "indicator",
            "spec_version": "2.1",
            "id": "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
            "created": DAY.format(1),
            "modified": DAY.format(1),
            "pattern": "[domain-name:value = 'sent.example']",
            "pattern_type": "stix",
            "valid_from": DAY.format(1),
            "indicator_types": ["malicious-activity"],
        },
        {
            "type": "intrusion-set",
            "spec_version": "2.1",
            "id": "intrusion-set--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
            "created": DAY.format(1),
            "modified": DAY.format(1),
            "name": "Sent Heron",
        },
        {
            "type": "relationship",
            "spec_version": "2.1",
            "id": "relationship--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
            "created": DAY.format(1),
            "modified": DAY.format(1),
            "relationship_type": "indicates",
            "source_ref": "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
            "target_ref": "intrusion-set--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        },
    ]
}


def test_what_a_partner_sends_is_theirs_and_for_nobody(case, partner, other):
    """What comes in is kept under its sender, unmarked, and is published to nobody; the status tells what was sent."""
    before = {seen.id for seen in case.keeper.observations()}
    answer = partner.send(json.dumps(ENVELOPE))
    assert answer.status_code == 202
    status = answer.json()
    assert (status["status"], status["total_count"]) == ("complete", 3)
    new = [seen for seen in case.keeper.observations() if seen.id not in before]
    assert new
    assert {(seen.source.publisher, seen.tlp) for seen in new} == {("Vendor B", "")}
    assert partner.ask(f"/{ROOT}/status/{status['id']}/").json() == status
    assert other.ask(f"/{ROOT}/status/{status['id']}/").status_code == 404
    case.channels.publish("Vendor C")
    assert "sent.example" not in other.objects().text


def test_nobody_speaks_for_another(case, partner, other):
    """Statements that a partner sends in the name of another vendor stand under the partner who sent them."""
    released = case.channels.objects(Parcel(observations=(statement("forged.example"),)))
    assert partner.send(json.dumps({"objects": list(released)})).status_code == 202
    (seen,) = [each for each in case.keeper.observations() if each.trait.value == "forged.example"]
    assert seen.source.publisher == "Vendor B"
    assert seen.source.key != statement("forged.example").source.key


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ("{", {}, 400),
        ("[" * 100_000, {}, 400),
        ("{}", {}, 422),
        ('{"objects": [1]}', {}, 422),
        ('{"objects": []}', {"Content-Type": "application/json"}, 415),
        ('{"objects": []}', {"Content-Type": "application/taxii+json"}, 202),
        ('{"objects": []}', {"Content-Length": str(33 * 1024**2)}, 413),
        ('{"objects": []}', {"Authorization": ""}, 401),
    ],
)
def test_what_cannot_be_taken(case, partner, body, headers, status):
    """A body of another type, too long, or that is no envelope is refused, and nothing of it is kept."""
    before = case.digest()
    assert partner.send(body, headers).status_code == status
    assert case.digest() == before


def test_nothing_is_sent_to_what_is_only_read(partner):
    """The collection that is read takes nothing, and says no more than that there is nothing."""
    assert partner.send('{"objects": []}', place="released").status_code == 404
