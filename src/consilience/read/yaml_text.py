"""YAML as nested text, with the line on which everything stands."""

from __future__ import annotations

from typing import Any

from consilience.model.errors import Rejected

Node = Any
"""A node of the YAML library, which has no types for them."""


class YamlText:
    """A YAML mapping in which every scalar is text, because YAML would make a time of `12:30` and a number of `1.10`.

    `data` is the mapping; `twice` lists keys that stand twice in one mapping, with their lines.
    """

    def __init__(self, text: str) -> None:
        import yaml

        # The loader written in C exhausts the stack on deep input and takes the program with it; this one raises.
        try:
            loader = yaml.BaseLoader(text)
            self._root: Node = loader.get_single_node()
            data = loader.construct_document(self._root) if self._root else None
        except RecursionError:
            raise Rejected("the file is nested too deep", todo="a case is nested a few levels") from None
        except yaml.YAMLError as fault:
            mark = getattr(fault, "problem_mark", None)
            place = f" in line {mark.line + 1}" if mark else ""
            what = f"not YAML{place}: {getattr(fault, 'problem', None) or 'damaged'}"
            raise Rejected(what, todo="mend it; quote texts that hold ': ' or begin with a sign") from None
        if not isinstance(data, dict):
            raise Rejected("the file is not a mapping", todo="begin with `id: name-of-the-file`")
        self.data: dict[str, object] = data
        self.twice = _keys_twice(self._root)

    def line(self, *path: str | int) -> int:
        """The line on which the thing at this path begins; of the nearest thing around it where there is none."""
        node = self._root
        line = 1
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            node, line = found
        return line


def _child(node: Node, step: str | int) -> tuple[Node, int] | None:
    if node.id == "sequence" and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step].start_mark.line + 1
    if node.id == "mapping":
        for key, value in node.value:
            if key.value == step:
                return value, key.start_mark.line + 1
    return None


def _keys_twice(root: Node) -> list[tuple[str, int]]:
    twice: list[tuple[str, int]] = []
    waiting = [root]
    visited: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in visited or node.id == "scalar":
            continue
        visited.add(id(node))
        if node.id == "sequence":
            waiting += node.value
            continue
        keys: set[str] = set()
        for key, value in node.value:
            if key.id == "scalar" and key.value in keys:
                twice.append((key.value, key.start_mark.line + 1))
            keys.add(str(key.value))
            waiting.append(value)
    return sorted(twice, key=lambda each: each[1])
