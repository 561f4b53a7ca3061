"""What this program wrote into a bundle for itself: whole statements, and whose names its objects bear.

Only what still names this program as its maker is believed: whoever makes a new version of an object speaks for
themselves, and is read like anybody else.
"""

from __future__ import annotations

from collections.abc import Mapping

from consilience.model.marking import strictest
from consilience.model.subject import SUBJECT_TYPES, Subject
from consilience.read.stix.objects import StixObject
from consilience.vocab.stix import stix_tables


def statement_in(item: StixObject) -> Mapping[str, object] | None:
    """The line of an observation file that an object of ours holds, None where it holds none."""
    told = _told(item, "statement")
    return told if item.type in ("relationship", "note") else None


def subject_in(item: StixObject) -> Subject | None:
    """The subject that an object of ours is, None where it does not say."""
    told = _told(item, "subject")
    if told is None:
        return None
    publisher, name, kind = (told.get(field) for field in ("publisher", "subject", "subject_type"))
    if not isinstance(publisher, str) or not isinstance(name, str) or kind not in SUBJECT_TYPES or "/" in publisher:
        return None
    return Subject(publisher, name, kind) if name else None


def remarked(record: Mapping[str, object], label: str, has_default: bool) -> Mapping[str, object]:
    """The line under the label of its object where that is stricter, or where a default would loosen it.

    >>> remarked({"tlp": "clear"}, "amber", False), remarked({}, "amber+strict", False)
    ({'tlp': 'amber'}, {})
    """
    said = record.get("tlp") or ""
    if not isinstance(said, str):
        return record
    both = strictest((said, label))
    return record if both == strictest((said,)) and not (has_default and not said) else {**record, "tlp": both}


def _told(item: StixObject, what: str) -> Mapping[str, object] | None:
    own = stix_tables().own
    if item.created_by_ref != own["author"]:
        return None
    extension = item.extensions.get(own["statement"])
    told = extension.get(what) if isinstance(extension, dict) else None
    return told if isinstance(told, dict) else None
