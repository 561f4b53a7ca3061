"""What a case knows of one subject: its traits, rarest first, and the claims about it."""

from __future__ import annotations

from collections.abc import Sequence

from consilience.assess.naming import claim_record
from consilience.model.evidence import Rarity
from consilience.model.json import JsonObject
from consilience.model.observation import Observation
from consilience.model.snapshot import Snapshot
from consilience.model.subject import Subject
from consilience.vocab import Vocabulary
from consilience.vocab.sentences import rarity_words, sentence
from consilience.weigh import Counts


def subject_record(snapshot: Snapshot, subject: Subject, counts: Counts, vocabulary: Vocabulary) -> JsonObject:
    """The traits of a subject, rarest first, and the claims about it, with their sources."""
    traits: dict[tuple[str, str, str], list[Observation]] = {}
    claims = []
    for seen in snapshot.of(subject.key):
        if seen.object:
            claims.append(claim_record(seen))
        else:
            traits.setdefault((seen.trait.kind, seen.trait.value, str(seen.polarity)), []).append(seen)
    rows = []
    for (kind, value, polarity), group in traits.items():
        known = vocabulary.kinds.get(kind)
        rarity = counts.rarity(known, value, (subject.key, subject.key), vocabulary, False) if known else None
        rows.append((rarity.share if rarity else 1.0, kind, value, _trait(kind, polarity, rarity, group)))
    rows.sort(key=lambda row: row[:3])
    return {
        "subject": subject.key,
        "type": subject.type,
        "as_of": snapshot.as_of,
        "traits": [row[3] for row in rows],
        "claims": claims,
    }


def _trait(kind: str, polarity: str, rarity: Rarity | None, group: Sequence[Observation]) -> JsonObject:
    return {
        "kind": kind,
        "value": group[0].printed or group[0].trait.value,
        "polarity": polarity,
        "rarity": rarity_words(rarity) if rarity else sentence("rarity.unknown"),
        "first_seen": min((seen.first_seen for seen in group if seen.first_seen), default=""),
        "last_seen": max((seen.last_seen for seen in group if seen.last_seen), default=""),
        "sources": [
            {
                "publisher": seen.source.publisher,
                "title": seen.source.title,
                "where": seen.where,
                "published": seen.published,
            }
            for seen in group
        ],
        "observations": [seen.id for seen in group],
    }
