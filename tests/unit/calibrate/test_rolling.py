"""Later reports asked of what was known before them, and nothing else."""

from consilience.attribute.activity import Activity
from consilience.calibrate.rolling import cuts, rolling_answers
from consilience.model.attribution import Attribution, Ranked

TRAITS = tuple(("mutex", f"m{number}") for number in range(3))


class Recorder:
    """An attributor that remembers what it was made of and asked, and always names its first subject."""

    made = ()

    def __init__(self, known, tools):
        self.known, self.tools = known, tools
        self.subjects = tuple(sorted({each.subject for each in known}))
        self.asked = []
        Recorder.made = (*Recorder.made, self)

    def attribution(self, query, explained=5):
        self.asked.append(query)
        ranking = tuple(Ranked(key, 0.8 / len(self.subjects), 0.0) for key in self.subjects)
        return Attribution(query.origin, ranking, 0.2)


def report(subject, day, origin="", traits=TRAITS):
    return Activity(subject, day, origin or f"report {day}", traits)


def run(known, tools=(), rounds=3):
    Recorder.made = ()
    return rolling_answers(known, tools, Recorder, rounds), Recorder.made


KNOWN = [report("P/A" if day % 2 else "P/B", 1000 + day) for day in range(12)] + [report("P/New", 1011, "first")]


def test_nothing_later_is_known():
    """What an attributor is made of is dated by the cut, and every question after it."""
    _, made = run([*KNOWN, report("P/A", 0, "undated")], [report("P/Tool", 1011), report("P/Tool", 1002)])
    assert len(made) > 1
    for each in made:
        last = max(known.day for known in each.known)
        assert all(asked.day > last for asked in each.asked)
        assert all(0 < tool.day <= last for tool in each.tools)
        assert all(known.day for known in each.known)


def test_a_planted_document_is_no_question():
    """A document that is known of the subject already is not asked again, however late it is dated."""
    planted = report("P/A", 1011, "report 1001")
    _, made = run([*KNOWN, planted])
    asked = {each.origin for one in made for each in one.asked}
    assert asked and "report 1001" not in asked


def test_questions_hide_their_subject():
    """A question does not name its subject, and one on a subject nobody knew by then is none of these."""
    answers, made = run(KNOWN)
    assert all(asked.subject == "" for each in made for asked in each.asked)
    assert [each.answer for each in answers].count("") == 1
    assert all(each.rank == 0 for each in answers if not each.answer)


def test_short_reports_are_no_questions():
    """A report of fewer than three traits is known, and not asked."""
    short = report("P/A", 1011, "short", TRAITS[:2])
    _, made = run([*KNOWN, short, report("P/A", 1013, "long")])
    asked = {each.origin for one in made for each in one.asked}
    assert "long" in asked and "short" not in asked


def test_too_little_gives_nothing():
    """A case without dates, or of one day, has no cuts and no questions."""
    assert cuts([report("P/A", 0)]) == cuts([report("P/A", 5), report("P/B", 5)]) == []
    assert run([])[0] == []
