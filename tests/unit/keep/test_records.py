"""Stored records are the observation lines themselves, and lose nothing."""

import dataclasses
import json

from hypothesis import given
from hypothesis import strategies as st

from consilience.keep.records import canonical_text, observation_from_text
from consilience.model.digest import canonical_json
from consilience.model.observation import Observation, Polarity
from consilience.model.source import Source
from consilience.model.subject import Subject
from consilience.model.trait import Trait

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
FLAGS = ("exclusive", "source_hidden", "match_only")
NAMED = {"id", "subject", "trait", "source", "polarity", *FLAGS}
observed = st.builds(
    Observation,
    subject=st.builds(Subject, texts, texts, texts),
    trait=st.builds(Trait, texts, texts),
    source=st.builds(
        Source,
        credibility=st.integers(0, 9),
        **{field.name: texts for field in dataclasses.fields(Source) if field.name != "credibility"},
    ),
    polarity=st.sampled_from(Polarity),
    **dict.fromkeys(FLAGS, st.booleans()),
    **{field.name: texts for field in dataclasses.fields(Observation) if field.name not in NAMED},
)


@given(seen=observed)
def test_a_stored_observation_comes_back_equal(seen):
    """The record with the canonical value, whether there was a printed one, and the id gives the observation again."""
    record = json.loads(canonical_text(seen.as_record()))
    again = observation_from_text(canonical_text(record), seen.trait.value, bool(seen.printed), seen.id)
    assert again == seen
    assert again.id == seen.id
    assert again.as_record() == seen.as_record()


@given(seen=observed)
def test_the_record_alone_gives_the_id(seen):
    """An id covers the record and nothing else."""
    assert observation_from_text(canonical_text(seen.as_record())).id == seen.id


@given(seen=observed)
def test_stored_text_is_canonical(seen):
    """The quick encoder writes the bytes that the model's canonical form has."""
    assert canonical_text(seen.as_record()).encode() == canonical_json(seen.as_record())
