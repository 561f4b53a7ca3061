"""Inert programs of Lua for the tests of reading and attributing: what a modular program looks like, doing nothing.

None is ever run. `assembled` writes a dump byte by byte, for machines without any compiler.
"""

from consilience.analyse.lua import read_dump
from consilience.analyse.lua.dialects import dialects
from consilience.analyse.lua.instructions import words

PARTS = {
    "core": """
local timers = require "parts.timers"
local records = require "parts.records"
local M = { revision = 7, table_of_parts = {} }
function M.register_part(name, entry)
    M.table_of_parts[name] = { entry = entry, started_at = os.time(), ticket = 918273 }
    return timers.after(60000, function() return M.refresh_part(name) end)
end
function M.refresh_part(name)
    local part = M.table_of_parts[name]
    if not part then return nil, "part was never registered" end
    part.refreshed = (part.refreshed or 0) + 1
    return records.append("refreshed", name, part.refreshed * 31337)
end
return M
""",
    "timers": """
local M = { slot_width = 4096.5 }
function M.after(delay, callback)
    local slot = { due_tick = delay + 777001, callback = callback, cancelled_flag = false }
    M.slots = M.slots or {}
    M.slots[#M.slots + 1] = slot
    return slot, string.format("slot %d waits for its tick", #M.slots)
end
function M.sweep(now_tick)
    for index, slot in ipairs(M.slots or {}) do
        if slot.due_tick <= now_tick and not slot.cancelled_flag then slot.callback(index) end
    end
end
return M
""",
    "records": """
local M = { ring_buffer = {}, ring_limit = 65599 }
function M.append(verb_label, subject_label, weight_value)
    local entry = table.concat({ verb_label, subject_label, weight_value }, "|")
    M.ring_buffer[#M.ring_buffer % M.ring_limit + 1] = entry
    return entry, "entry goes into the ring"
end
function M.newest(count_wanted)
    local picked = {}
    for index = 1, count_wanted do picked[index] = M.ring_buffer[#M.ring_buffer - index] end
    return picked, math.floor(count_wanted / 2)
end
return M
""",
}
NEWER = {
    **PARTS,
    "core": PARTS["core"].replace("revision = 7", "revision = 8").replace("60000", "90000"),
    "records": PARTS["records"].replace("return M", "function M.erase() M.ring_buffer = {} end\nreturn M"),
}
OTHERS = {
    "harbour": """
local tides = require "sea.tides"
local M = { berths_free = 12, pilot_channel = 16 }
function M.moor(vessel_name, draught_cm)
    if draught_cm > 1180 then return nil, "too deep for this harbour today" end
    M.berths_free = M.berths_free - 1
    return tides.next_high(vessel_name, 44714)
end
return M
""",
    "orchard": """
local M = { rows_planted = 0, graft_count = 250011 }
function M.graft(scion_kind, rootstock_kind)
    M.rows_planted = M.rows_planted + 1
    return ("%s on %s stands in row"):format(scion_kind, rootstock_kind), M.rows_planted * 19.75
end
function M.harvest(basket_size) return "baskets are full", basket_size * 41999 end
return M
""",
}
PLAIN = (
    "local t = {} for i = 1, 9 do table.insert(t, string.format('%d', i)) end print(table.concat(t)) io.open('x')"
    " return pcall(tostring, setmetatable({}, {__index = t}))",
    "local f = io.open('y') print(string.format('%d', 3)) return tostring(f), table.insert({}, table.concat({})),"
    " pcall(setmetatable, {}, {__index = print})",
)
"""Two programs with nothing but the names that Lua gives them."""


def bundle(dumps):
    """Dumps one after the other behind a head that is no format anybody knows."""
    return b"PARTS\x00\x01" + b"".join(len(each).to_bytes(4, "big") + each for each in dumps)


def assembled(*strings, chunk=b""):
    """A dump of LuaJIT 2.1 that holds these strings and returns at once, put together byte by byte.

    It is stripped but where its chunk has a name.
    """
    constants = b"".join(bytes((5 + len(each),)) + each for each in reversed(strings))
    loads = b"".join(bytes((39, 0, place, 0)) for place in range(len(strings)))
    code = loads + bytes((75, 0, 1, 0))
    counts = bytes((2, 0, 1, 0, len(strings), 0, len(code) // 4)) + (b"\0" if chunk else b"")
    body = counts + code + constants
    head = b"\0" + bytes((len(chunk),)) + chunk if chunk else b"\x02"
    return b"\x1bLJ\x02" + head + bytes((len(body) & 0x7F | 0x80, len(body) >> 7)) + body + b"\0"


def renumbered(data, shift=5):
    """The same dump with other numbers for its instructions, as forks of LuaJIT have them; everything else stays."""
    dump = read_dump(data)
    dialect = dialects()[dump.dialect]
    many, changed = len(dialect.opcodes), bytearray(data)
    for prototype in dump.prototypes:
        at = data.index(prototype.code, prototype.offset)
        for place, word in enumerate(words(prototype)):
            changed[at + 4 * place] = ((word & dialect.mask) + shift) % many
    return bytes(changed)
