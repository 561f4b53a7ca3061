"""A sample that is asked about: the families of the case whose code it shares, and the strings as they are written."""

from __future__ import annotations

from collections.abc import Iterable

from consilience.analyse.lua.code_profile import FORMAT as LUA
from consilience.analyse.lua.feature_text import feature_of
from consilience.analyse.strings import text_at
from consilience.attribute.code import Lineage
from consilience.attribute.code.lineage import feature_names
from consilience.attribute.shipped import common_code_reference, lineage_model
from consilience.model.attribution import Attribution
from consilience.model.code import SampleCode
from consilience.model.query import Query
from consilience.model.snapshot import Snapshot

SAMPLE = "sample"
SHOWN = 80


def lineage_in(snapshot: Snapshot, codes: Iterable[SampleCode], among: str) -> Lineage:
    """The lineage over the samples of the families of a type, of all but lone samples when none is named.

    A sample counts as long as the snapshot holds the statement that it is of its subject.
    """
    stated = {
        (seen.subject.key, seen.trait.value)
        for seen in snapshot.observations
        if seen.trait.kind == "file:sha256" and seen.present
    }
    wanted = [
        code
        for code in codes
        if (code.subject.type == among if among else code.subject.type != SAMPLE)
        and (code.subject.key, code.profile.sample) in stated
    ]
    return Lineage(wanted, lineage_model(), common_code_reference())


def sample_attribution(lineage: Lineage, query: Query, top: int, cited: int) -> Attribution:
    """The families for a query that is a sample."""
    assert query.code is not None
    code, plain = query.code, feature_names(query.code)

    def shown(channel: str, value: int, place: int) -> str:
        if code.format == LUA:
            return feature_of(code, query.raw, channel, value, place)[:SHOWN] or plain(channel, value, place)
        return repr(text_at(query.raw, place)[:SHOWN]) if channel == "string" else plain(channel, value, place)

    return lineage.attribution(query.code, query.id, top, cited, shown)
