"""From the id of anything that was concluded, decided or sent, down to what its sources say, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from consilience.model.errors import UnknownId
from consilience.model.json import JsonObject, Record
from consilience.model.knowledge import Knowledge
from consilience.model.shift import Shift
from consilience.vocab.phrases import position_words, shift_words
from consilience.vocab.sentences import kind_words, sentence

ASSESSMENT, DECISION, PARCEL = "as-", "sh-", "pa-"

"""A result as the case keeps it; what is in it depends on how its id begins."""


def why(known: Knowledge, id: str) -> JsonObject:
    """The steps from an assessment, axis, evidence, observation or decision down to its sources; raises UnknownId."""
    for result_id, document in known.keeper.results():
        steps = list(_steps(id, result_id, document))
        if steps:
            return {"id": id, "what": steps[0]["text"], "stale": result_id in known.stale, "chain": steps}
    for seen in known.observations:
        if seen.id == id:
            steps = [_observation(seen.id, seen.as_record())]
            return {"id": id, "what": str(seen.trait), "stale": known.policy.is_retracted(seen), "chain": steps}
    raise UnknownId(f"nothing in the case has the id {id!r}", "why", "run `consilience assess A B` first")


def _steps(id: str, result_id: str, document: Record) -> Iterator[JsonObject]:
    """The steps from this id through one kept result; none when the id is not of it."""
    if result_id.startswith(ASSESSMENT):
        yield from _from_assessment(id, result_id, document)
    elif id == result_id and id.startswith(PARCEL):
        yield from _from_parcel(id, document)
    elif id == result_id and id.startswith(DECISION):
        yield from _from_decision(id, document)


def _from_parcel(id: str, document: Record) -> Iterator[JsonObject]:
    """What was sent at once, statement by statement, under the ids that it was sent with."""
    count = len(document["statements"])
    text = sentence("why.parcel", count=count, as_of=document["as_of"] or sentence("assessment.now"))
    yield {"level": "parcel", "id": id, "text": text}
    for record in document["statements"]:
        yield _observation(record["id"], {name: value for name, value in record.items() if name != "id"})


def _from_assessment(id: str, result_id: str, document: Record) -> Iterator[JsonObject]:
    """From an id of a kept assessment down to its sources; nothing when the id is not of it."""
    items = {item["id"]: item for item in document["evidence"]}
    if id == result_id:
        yield {"level": "assessment", "id": id, "text": document["sentences"][0]["text"]}
        chosen = list(items.values())
    elif id in document["axes"]:
        view = document["axes"][id]
        yield {"level": "axis", "id": id, "text": _axis(id, view)}
        chosen = [item for item in items.values() if id in item["counted"]]
    elif id in items:
        chosen = [items[id]]
    else:
        return
    for item in chosen:
        yield {"level": "evidence", "id": item["id"], "text": item["why"], "counted": item["counted"]}
        for seen in item["observations"]:
            yield _observation(seen, document["observations"][seen])


def _from_decision(id: str, document: Record) -> Iterator[JsonObject]:
    """The decision of this id to keep a file, and what the file moved."""
    text = sentence("why.kept", **{name: document[name] for name in ("file", "by", "because")})
    yield {"level": "decision", "id": id, "text": text, "record": document}
    for row in document["moved"]:
        yield {"level": "shift", "id": row["assessment"], "text": shift_words(Shift(**row))}


def _axis(name: str, view: Any) -> str:
    position = position_words(view["position"], view["probabilities"], view["prior"], view["words"])
    return sentence("why.axis", axis=name, position=position, because=view["because"])


def _observation(id: str, record: Record) -> JsonObject:
    source = record["source"]
    how = "why.shown" if record["polarity"] == "present" else "why.not_shown"
    subject = f"{record['publisher']}/{record['subject']}"
    place = f" ({record['where']})" if record.get("where") else ""
    return {
        "level": "observation",
        "id": id,
        "text": sentence(how, subject=subject, kind=kind_words(record["kind"]), value=record["value"]),
        "source": f"{source['publisher']}: {source.get('title', '')}{place}",
        "url": source.get("url", ""),
        "record": record,
    }
