"""The activities a query is compared with."""

from consilience.attribute import known_activities, query_activity, tool_activities
from consilience.model.observation import Observation
from consilience.model.query import Query
from consilience.model.snapshot import snapshot_of
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait
from consilience.model.when import span
from consilience.vocab import vocabulary


def shown(name, kind, value, type="intrusion-set", publisher="P", source="r1", published="2020-05-01", object=""):
    return Observation(
        subject=Subject(publisher, name, type),
        trait=Trait(kind, value),
        source=Source(publisher="Q", id=source),
        published=published,
        object=object,
    )


def test_one_activity_per_subject_source_and_date():
    """What one source tells of one subject at one time is one activity, whatever the order of statements."""
    rows = [shown("A", "mutex", "m"), shown("A", "mutex", "n"), shown("A", "mutex", "m", source="r2")]
    found = known_activities(snapshot_of(reversed(rows)), vocabulary(), "intrusion-set")
    assert [(each.origin, len(each.traits)) for each in found] == [("r1", 2), ("r2", 1)]
    assert found[0].day == span("2020-05-01").last


def test_attributed_campaigns_count_for_their_group():
    """A campaign counts for the group that its own publisher attributes it to, and for nobody on a stranger's word."""
    rows = [
        shown("A", "mutex", "m"),
        shown("C1", "mutex", "own", type="campaign"),
        shown("C1", "claim:same-operator", "claim", type="campaign", object="P/A"),
        shown("C2", "mutex", "other", type="campaign", publisher="R"),
        shown("C2", "claim:same-operator", "claim", type="campaign", publisher="R", object="P/A"),
    ]
    found = known_activities(snapshot_of(rows), vocabulary(), "intrusion-set")
    assert {value for each in found for _, value in each.traits if each.subject == "P/A"} == {"m", "own"}
    assert {each.subject for each in known_activities(snapshot_of(rows), vocabulary(), "campaign")} == {"P/C1", "R/C2"}


def test_what_was_not_found_is_no_trait():
    """A trait that was looked for and not found is no part of an activity."""
    row = Observation(
        subject=Subject("P", "A"), trait=Trait("mutex", "m"), source=Source(publisher="Q"), polarity="absent"
    )
    assert known_activities(snapshot_of([row]), vocabulary(), "intrusion-set") == ()


def test_tools_are_apart():
    """What is known of a tool itself is no activity of a group."""
    rows = [shown("T", "attack-pattern", "T1055", type="malware")]
    assert known_activities(snapshot_of(rows), vocabulary(), "intrusion-set") == ()
    assert [each.subject for each in tool_activities(snapshot_of(rows), vocabulary())] == ["P/T"]


def test_a_query_is_one_activity_of_nobody():
    """All observations of a query are one activity, dated by the query, without subject."""
    rows = (shown("q", "mutex", "m", source="r1"), shown("q", "mutex", "n", source="r2"))
    found = query_activity(Query(id="q", date="2023-01-02", observations=rows), vocabulary()).activity
    assert (found.subject, found.origin, found.day, len(found.traits)) == ("", "q", span("2023-01-02").last, 2)
    assert query_activity(Query(id="q", observations=rows), vocabulary()).activity.day == span("2020-05-01").last


def test_a_query_without_one_observation():
    """Taking an observation away takes its traits, save those that another observation shows as well."""
    rows = (
        shown("q", "domain-name", "a.example"),
        shown("q", "resolved", "a.example 192.0.2.1"),
        shown("q", "mutex", "m"),
    )
    found = query_activity(Query(id="q", observations=rows), vocabulary())
    kinds = [kind for kind, _, _ in found.observed]
    left = dict(found.without(kinds.index("domain-name")).traits)
    assert left == {"domain-name": "a.example", "ipv4-addr": "192.0.2.1", "mutex": "m"}
    assert dict(found.without(kinds.index("resolved")).traits) == {"domain-name": "a.example", "mutex": "m"}
