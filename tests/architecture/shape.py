"""The shape of the house: sizes, arrows, fan-out, types and complexity, with limits that `make check` holds.

python -m tests.architecture.shape            print the shape; exit with 1 when a limit is broken
python -m tests.architecture.shape --page     write docs/explanation/house.md again
"""

import ast
import re
import sys
from collections import Counter
from dataclasses import dataclass
from math import ceil

import grimp
from radon.complexity import cc_visit
from radon.raw import analyze
from tests.architecture.house import PAGE, ROOT, arrows_of, arrows_up, page, reachable, room_of, rows

PACKAGE = "consilience"
COMPLEX = 10  # cyclomatic complexity above this is counted

# What a measure may reach. A limit is only ever lowered.
LIMITS = {
    "biggest room, % of the code": 22,
    "modules in import cycles": 0,
    "packages in import cycles": 0,
    "arrows up": 0,
    "fan-out in `case`": 20,
    "`[str, Any]` per 1,000 lines": 4,
    "complex functions, %": 4.5,
}


@dataclass(frozen=True)
class Room:
    """What stands in the files of one room, or of several together."""

    lines: int = 0  # all lines, as `wc -l` counts them
    code: int = 0  # lines that are neither blank nor a comment nor a docstring
    anys: int = 0  # how often `[str, Any]`, or a name that stands for it, is there
    functions: tuple = ()  # (complexity, length, name) of each function and method
    files: tuple = ()  # (lines, name) of each file
    classes: tuple = ()  # (methods, name) of each class

    def __add__(self, other):
        return Room(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    def anys_per_1000(self):
        """How often `[str, Any]`, or a name that stands for it, is in a thousand lines."""
        return 1000 * self.anys / max(1, self.lines)

    def complex_share(self):
        """How many of a hundred functions are complex."""
        return 100 * sum(complexity > COMPLEX for complexity, *_ in self.functions) / max(1, len(self.functions))


def aliases_of(sources):
    """The names that stand for `[str, Any]` in any of these sources.

    >>> aliases_of(["Record = Mapping[str, Any]"])
    {'Record'}
    """
    return {name for source in sources for name in re.findall(r"^(\w+) = \w+\[str, Any\]", source, re.M)}


def anys_in(source, aliases):
    """How often `[str, Any]` stands in a file, or one of these names where it is defined or imported there.

    >>> anys_in("from m import Record\\ndef f(x: Record, y: dict[str, Any]): ...", {"Record"})
    2
    """
    imported = " ".join(re.findall(r"^from .*? import (?:\([^)]*\)|.*)", source, re.M))
    here = {each for each in aliases if re.search(rf"\b{each}\b", imported) or re.search(rf"^{each} = ", source, re.M)}
    body = re.sub(r"^from .*? import (?:\([^)]*\)|.*)|^\w+ = \w+\[str, Any\]", "", source, flags=re.M)
    return source.count("[str, Any]") + sum(len(re.findall(rf"(?<![.\w]){each}\b", body)) for each in here)


def measured(source, name, aliases=frozenset()):
    """What stands in one file; `aliases` are names that stand for `[str, Any]`."""
    raw = analyze(source)
    blocks = [block for block in cc_visit(source) if not hasattr(block, "methods")]
    classes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)]
    methods = [sum(isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) for each in one.body) for one in classes]
    return Room(
        lines=raw.loc,
        code=raw.sloc,
        anys=anys_in(source, aliases),
        functions=tuple((each.complexity, each.endline - each.lineno + 1, f"{name}:{each.lineno}") for each in blocks),
        files=((raw.loc, name),),
        classes=tuple((many, f"{name}:{one.lineno} {one.name}") for many, one in zip(methods, classes, strict=True)),
    )


def rooms_of(folder):
    """What stands in each room of a package's folder; what stands outside of all rooms is in ""."""
    rooms = {}
    sources = {path: path.read_text("utf-8") for path in sorted(folder.rglob("*.py"))}
    aliases = aliases_of(sources.values())
    for path, source in sources.items():
        module = ".".join((folder.name, *path.relative_to(folder).with_suffix("").parts))
        room = room_of(module)
        rooms[room] = rooms.get(room, Room()) + measured(source, str(path.relative_to(folder)), aliases)
    return rooms


def imports_of(package):
    """For each module of a package the modules of that package that it imports, anywhere in its code."""
    graph = grimp.build_graph(package, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def cyclic(arrows):
    """What can be reached from itself.

    >>> cyclic({"a": {"b"}, "b": {"a"}, "c": {"a"}})
    ['a', 'b']
    """
    return sorted(each for each in arrows if each in reachable(arrows, each))


def cyclic_packages(imports):
    """The packages and modules that stand in one folder and import each other in a circle, at any depth.

    >>> cyclic_packages({"c.a.x": {"c.b.x"}, "c.a.y": set(), "c.b.x": {"c.a.y"}})
    ['c.a', 'c.b']
    """
    siblings = {}
    for module, imported in imports.items():
        for other in imported:
            mine, theirs = module.split("."), other.split(".")
            depth = next((n for n, pair in enumerate(zip(mine, theirs, strict=False)) if pair[0] != pair[1]), None)
            if depth is not None:
                siblings.setdefault(".".join(mine[: depth + 1]), set()).add(".".join(theirs[: depth + 1]))
    return cyclic(siblings)


def percentile_95(numbers):
    """The number that 95 of 100 do not exceed.

    >>> percentile_95(range(1, 101))
    95
    """
    ordered = sorted(numbers)
    return ordered[ceil(0.95 * len(ordered)) - 1]


def measures(rooms, imports, rows):
    """The value of every measure that has a limit, with what it was found at."""
    total = sum(rooms.values(), Room())
    biggest = max((room for room in rooms if room), key=lambda room: rooms[room].code)
    arrows = arrows_of(imports)
    fans = {module: len(found) for module, found in imports.items() if room_of(module) == "case"}
    widest = max(fans, key=fans.get)
    up = arrows_up(arrows, rows)
    in_cycles, packages = cyclic(imports), cyclic_packages(imports)
    return {
        "biggest room, % of the code": (100 * rooms[biggest].code / total.code, biggest),
        "modules in import cycles": (len(in_cycles), ", ".join(in_cycles)),
        "packages in import cycles": (len(packages), ", ".join(packages)),
        "arrows up": (len(up), ", ".join(" -> ".join(arrow) for arrow in up) or "import-linter holds it too"),
        "fan-out in `case`": (fans[widest], widest),
        "`[str, Any]` per 1,000 lines": (total.anys_per_1000(), f"{total.anys} of them"),
        "complex functions, %": (total.complex_share(), f"of {len(total.functions):,} functions"),
    }


def broken(found, limits):
    """The measures that are above their limit.

    >>> broken({"arrows up": (1, "a -> b")}, {"arrows up": 0})
    ['arrows up']
    """
    return [name for name, (value, _) in found.items() if value > limits[name]]


def mirror(total):
    """What is only looked at: long functions, long files, wide classes."""
    methods, widest = max(total.classes)
    return (
        f"95th percentile of functions: {percentile_95(length for _, length, _ in total.functions)} lines",
        f"95th percentile of files: {percentile_95(lines for lines, _ in total.files)} lines",
        f"widest class: {methods} methods, {widest}",
    )


def table_of(rooms):
    """A line for each room, the biggest first."""
    code = sum(room.code for room in rooms.values())
    lines = [
        f"{'room':<12}{'code':>7}{'%':>6}{'[str, Any]':>12}{'per 1,000':>11}{'functions':>11}{'complex':>9}{'%':>6}"
    ]
    for name, room in sorted(rooms.items(), key=lambda item: -item[1].code):
        many = Counter(complexity > COMPLEX for complexity, *_ in room.functions)[True]
        lines.append(
            f"{name or '(outside)':<12}{room.code:>7}{100 * room.code / code:>6.1f}{room.anys:>12}"
            f"{room.anys_per_1000():>11.1f}{len(room.functions):>11}{many:>9}{room.complex_share():>6.1f}"
        )
    return lines


def main(arguments):
    """Print the shape, or write the page; the exit status."""
    imports = imports_of(PACKAGE)
    if arguments == ["--page"]:
        PAGE.write_text(page(arrows_of(imports)), "utf-8")
        return 0
    rooms = rooms_of(ROOT / "src" / PACKAGE)
    found = measures(rooms, imports, rows())
    wrong = broken(found, LIMITS)
    print("\n".join(table_of(rooms)), end="\n\n")
    for name, (value, where) in found.items():
        sign = "above the limit" if name in wrong else "ok"
        print(f"{name + ':':<32}{value:>6.4g}  limit {LIMITS[name]:<5} {sign:<16}{where}")
    print(*mirror(sum(rooms.values(), Room())), sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
