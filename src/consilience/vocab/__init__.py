"""Meaning as data: kinds of trait, axes, claims, key roles, counting rules, words; and the loader that checks them."""

from consilience.vocab.loading import load, vocabulary
from consilience.vocab.tables import Axis, Claim, Commonplace, KeyRole, Kind, Vocabulary, WordScale

__all__ = ["Axis", "Claim", "Commonplace", "KeyRole", "Kind", "Vocabulary", "WordScale", "load", "vocabulary"]
