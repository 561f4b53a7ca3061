"""Compiling rules and matching samples with YARA-X, in the locked process: rules from others are code.

Files are not included by others, and modules that would ask the clock, the terminal or another program are not there,
so that the same rules say the same of the same bytes.
"""

from __future__ import annotations

import base64
import io
import json
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from consilience.read.rules.ruleset import LENGTH, SCAN_SECONDS

yara_x: Any = import_module("yara_x") if find_spec("yara_x") else None
"""None where the extra `rules` is not installed; the matcher says so and never asks."""

NOT_ALLOWED = ("console", "cuckoo", "time", "vt")
MAX_MATCHES, MAX_PLACES, MAX_PER_PATTERN, MAX_META, MAX_TEXT = 1_000, 8, 100, 24, 300


def compile_rules(data: bytes, name: str) -> dict[str, object]:
    """The rules of a JSON list of texts, compiled, in base 64; with what is wrong as [file number, line, what]."""
    compiler = yara_x.Compiler()
    compiler.enable_includes(False)
    for module in NOT_ALLOWED:
        compiler.ignore_module(module)
    faults: list[list[Any]] = []
    reported = left_out = 0
    for number, text in enumerate(json.loads(data)):
        compiler.new_namespace(str(number))
        try:
            compiler.add_source(text, origin=str(number))
        except yara_x.CompileError:
            errors = compiler.errors()
            faults += [[number, int(each.get("line") or 0), _what(each)] for each in errors[reported:]]
            reported = len(errors)
        ignored = compiler.ignored_rules()
        for each in ignored[left_out:]:
            if each.reason != yara_x.IgnoredRuleReason.CompileError:
                faults.append([number, _line(text, each.name), f"rule {each.name} {each.message}"])
        left_out = len(ignored)
    compiled = io.BytesIO()
    compiler.build().serialize_into(compiled)
    return {"rules": base64.b64encode(compiled.getvalue()).decode(), "faults": faults}


def match(data: bytes, name: str) -> dict[str, object]:
    """The rules that match a sample, as [file number, rule, metadata, places, how many more places]."""
    size = int.from_bytes(data[:LENGTH], "big")
    rules = yara_x.Rules.deserialize_from(io.BytesIO(data[LENGTH : LENGTH + size]))
    scanner = yara_x.Scanner(rules)
    scanner.set_timeout(SCAN_SECONDS)
    scanner.max_matches_per_pattern(MAX_PER_PATTERN)
    try:
        found = scanner.scan(data[LENGTH + size :])
    except yara_x.TimeoutError:
        return {"matches": [], "timed_out": True}
    return {"matches": [_match(each) for each in found.matching_rules[:MAX_MATCHES]], "timed_out": False}


def _match(rule: Any) -> list[Any]:
    places = [[pattern.identifier, each.offset] for pattern in rule.patterns for each in pattern.matches]
    meta = [[key, str(value)[:MAX_TEXT]] for key, value in rule.metadata[:MAX_META]]
    return [int(rule.namespace), rule.identifier, meta, places[:MAX_PLACES], max(0, len(places) - MAX_PLACES)]


def _what(error: Any) -> str:
    labels = [each["text"] for each in error.get("labels", ()) if each.get("text")]
    return ": ".join([str(error.get("title", "cannot be compiled")), *labels[:1]])[:MAX_TEXT]


def _line(text: str, rule: str) -> int:
    """The line on which a rule begins; 0 where it is not found."""
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.replace("{", " ").replace(":", " ").split()
        if "rule" in words[:3] and rule in words:
            return number
    return 0
