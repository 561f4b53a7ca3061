"""Dumps of real Lua sources by every compiler of lupa, and by luac where a stripped 5.1 or 5.2 is wanted.

Sources are compiled and never run. Each compiler has a process of its own: several in one are known to crash.
"""

import hashlib
import shutil
import struct
import subprocess
import sys
from pathlib import Path

RUNTIMES = {
    "luajit-2.0": "luajit20",
    "luajit-2.1": "luajit21",
    "lua-5.1": "lua51",
    "lua-5.2": "lua52",
    "lua-5.3": "lua53",
    "lua-5.4": "lua54",
    "lua-5.5": "lua55",
}
ENDINGS = (".lua", ".nse")
LARGEST = 512 * 1024
SERVE = """
import importlib, struct, sys
compile = importlib.import_module(sys.argv[1]).LuaRuntime(encoding=None).eval(b'''
function(source, name, strip)
    local chunk = (loadstring or load)(source, name)
    return chunk and string.dump(chunk, strip) or ""
end
''')
while head := sys.stdin.buffer.read(9):
    size, name_size, strip = struct.unpack(">IIB", head)
    source, name = sys.stdin.buffer.read(size), sys.stdin.buffer.read(name_size)
    made = compile(source, name, bool(strip))
    sys.stdout.buffer.write(len(made).to_bytes(4, "big") + made)
    sys.stdout.buffer.flush()
"""


def sources(folder):
    """(project, path, text) of every distinct source in the folder, whose first level are projects."""
    seen = set()
    for path in sorted(Path(folder).rglob("*")):
        if path.suffix not in ENDINGS or path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
            continue
        text = path.read_bytes()
        digest = hashlib.sha256(text).digest()
        if digest not in seen:
            seen.add(digest)
            place = path.relative_to(folder)
            yield place.parts[0], str(place), b"--" + text if text.startswith(b"#") else text


def dumps(dialect, strip, texts):
    """(path, dump) for each (path, source) that the dialect's compiler takes; None when it cannot be had."""
    if strip and dialect in ("lua-5.1", "lua-5.2"):
        program = shutil.which(f"luac{dialect.removeprefix('lua-')}")
        return None if program is None else _by_luac(program, texts)
    return _by_lupa(dialect, strip, texts)


def _by_luac(program, texts):
    for path, text in texts:
        done = subprocess.run([program, "-s", "-o", "/dev/stdout", "-"], input=text, capture_output=True, check=False)
        if not done.returncode:
            yield path, done.stdout


def _by_lupa(dialect, strip, texts):
    command = [sys.executable, "-c", SERVE, f"lupa.{RUNTIMES[dialect]}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for path, text in texts:
            name = b"@" + path.encode()
            process.stdin.write(struct.pack(">IIB", len(text), len(name), strip) + text + name)
            process.stdin.flush()
            size = int.from_bytes(process.stdout.read(4), "big")
            if size:
                yield path, process.stdout.read(size)
        process.stdin.close()
