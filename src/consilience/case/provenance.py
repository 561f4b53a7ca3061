"""The walk from the id of anything that was said down to what its sources say, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from consilience.model.errors import UnknownId
from consilience.model.protocols import Keeper
from consilience.model.shift import Shift
from consilience.release.rulings import Rulings
from consilience.vocab.phrases import position_words, shift_words
from consilience.vocab.sentences import kind_words, sentence

ASSESSMENT, DECISION, PARCEL = "as-", "sh-", "pa-"


def why(keeper: Keeper, desk: Rulings, id: str) -> dict[str, Any]:
    """The walk from an assessment, axis, evidence, observation or decision down to its sources; raises UnknownId."""
    for result_id, document in keeper.results():
        chain = list(_steps(id, result_id, document))
        if chain:
            return {"id": id, "what": chain[0]["text"], "stale": result_id in desk.stale(), "chain": chain}
    for seen in keeper.observations():
        if seen.id == id:
            stale = not desk.policy().stands(seen)
            return {"id": id, "what": str(seen.trait), "stale": stale, "chain": [_step(seen.id, seen.as_record())]}
    raise UnknownId(f"nothing in the case has the id {id!r}", "why", "run `consilience assess A B` first")


def _steps(id: str, result_id: str, document: Any) -> Iterator[dict[str, Any]]:
    """The steps from this id through one kept result; none when the id is not of it."""
    if result_id.startswith(ASSESSMENT):
        yield from _walk(id, result_id, document)
    elif id == result_id and id.startswith((PARCEL, DECISION)):
        yield from (_told if id.startswith(PARCEL) else _decided)(id, document)


def _told(id: str, document: Any) -> Iterator[dict[str, Any]]:
    """What was sent at once, statement by statement, under the ids that it was sent with."""
    count = len(document["statements"])
    text = sentence("why.parcel", count=count, as_of=document["as_of"] or sentence("assessment.now"))
    yield {"level": "parcel", "id": id, "text": text}
    for record in document["statements"]:
        yield _step(record["id"], {name: value for name, value in record.items() if name != "id"})


def _walk(id: str, result_id: str, document: Any) -> Iterator[dict[str, Any]]:
    """The steps from an id of a kept assessment down to its sources; none when the id is not of it."""
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
            yield _step(seen, document["observations"][seen])


def _decided(id: str, document: Any) -> Iterator[dict[str, Any]]:
    """The decision of this id to keep a file, and what the file moved."""
    text = sentence("why.kept", **{name: document[name] for name in ("file", "by", "because")})
    yield {"level": "decision", "id": id, "text": text, "record": document}
    for row in document["moved"]:
        yield {"level": "shift", "id": row["assessment"], "text": shift_words(Shift(**row))}


def _axis(name: str, view: Any) -> str:
    position = position_words(view["position"], view["probabilities"], view["prior"], view["words"])
    return sentence("why.axis", axis=name, position=position, because=view["because"])


def _step(id: str, record: Any) -> dict[str, Any]:
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
