"""A configuration as observations: which kind of trait each entry is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from consilience.model.configuration import Configuration, Entry
from consilience.vocab.indicator import kind_of

HOSTS = ("server_domain", "server_ip", "hostname", "ip")
PORTS = ("server_port", "port")
PLAIN: Mapping[str, str] = {
    "attack": "attack-pattern",
    "campaign_id": "campaign-id",
    "decoded_strings": "code:string",
    "mutex": "mutex",
    "version": "code:version",
}
"""Entries of one value each that are a kind of their own."""

KINDS: Mapping[tuple[str, str], str] = {
    ("encryption", "key"): "crypto:key",
    ("encryption", "public_key"): "crypto:key",
    ("encryption", "algorithm"): "crypto:algorithm",
    ("http", "protocol"): "c2:protocol",
    ("http", "user_agent"): "c2:user-agent",
    ("proxy", "protocol"): "c2:protocol",
    ("tcp", "server_port"): "c2:port",
    ("udp", "server_port"): "c2:port",
    ("smtp", "mail_to"): "email-addr",
    ("smtp", "mail_from"): "email-addr",
}
"""Settings that are a kind of their own wherever they stand in their entry."""

BY_TYPE: Mapping[str, str] = {"key": "crypto:key", "port": "c2:port", "protocol": "c2:protocol", "url": "url"}
"""Settings that are a kind of their own by their type, wherever they stand."""

FIELD = "config:field"
ROLES: Mapping[str, str] = {"default": "family-default"}
"""Usages under the role by which they link nobody."""


class Line(NamedTuple):
    """Kind and value of what one setting, or several together, show, what it is used for, and the role of a key."""

    kind: str
    value: str
    role: str
    key_role: str = ""

    def as_record(self) -> dict[str, str]:
        """The line as fields of an observation."""
        return self._asdict()


def lines_of(configuration: Configuration) -> Iterator[tuple[int, Line]]:
    """What each entry shows, with its place among the entries; every setting is in at least one line."""
    for place, entry in enumerate(configuration.entries):
        for kind, value in _shown(entry):
            yield place, Line(kind, value, _role(entry), entry.key_role)


def layout_of(configuration: Configuration) -> Line | None:
    """The layout of a configuration as what it shows: it belongs to the family, and so links none of its users."""
    if not configuration.layout:
        return None
    return Line("config:layout", f"{configuration.family}, {configuration.layout}", "family-layout")


def _role(entry: Entry) -> str:
    """What an entry is for; a proxy hides whose server it is, whatever goes through it."""
    if entry.name == "proxy" and entry.usage != "decoy":
        return "proxy"
    return ROLES.get(entry.usage, entry.usage)


def _shown(entry: Entry) -> Iterator[tuple[str, str]]:
    if entry.name in PLAIN:
        yield from ((PLAIN[entry.name], each.value) for each in entry.settings)
        return
    if entry.usage == "leftover":
        yield "config:leftover", " ".join(each.value for each in entry.settings)
        return
    taken: set[str] = set()
    for take in _TAKERS.get(entry.name, (_typed,)):
        for kind, value, names in take(entry):
            taken.update(names)
            yield kind, value
    for each in entry.settings:
        if each.name in taken:
            continue
        known = KINDS.get((entry.name, each.name)) or BY_TYPE.get(each.type, "")
        if not known and each.type in _ADDRESSED:
            known = kind_of(each.value)
        if known:
            yield known, each.value
        else:
            yield FIELD, f"{entry.name}{'.' if each.name else ''}{each.name}={each.value}"


Shown = Iterator[tuple[str, str, tuple[str, ...]]]
"""Kind, value, and the names of the settings that it holds."""


_ADDRESSED = ("host", "address", "cidr")


def _typed(entry: Entry) -> Shown:
    """A host and its port by their types, in an entry of any name."""
    hosts = [each for each in entry.settings if each.type in ("host", "address")]
    ports = [each for each in entry.settings if each.type == "port"]
    if len(hosts) == len(ports) == 1:
        host, port = hosts[0].value, ports[0].value
        whole = f"[{host}]:{port}" if host.count(":") > 1 else f"{host}:{port}"
        if kind_of(whole) == "endpoint":
            yield "endpoint", whole, (hosts[0].name, ports[0].name)


def _servers(entry: Entry) -> Shown:
    port = entry.value(*PORTS)
    for name in HOSTS:
        for host in entry.values(name):
            whole = f"[{host.strip('[]')}]:{port}" if host.count(":") > 1 else f"{host}:{port}"
            if port and kind_of(whole) == "endpoint":
                yield "endpoint", whole, (name, *PORTS)
            elif kind := kind_of(host):
                yield kind, host, (name,)


def _web(entry: Entry) -> Shown:
    path, query = entry.value("path"), entry.value("query")
    asked = path + (f"?{query.removeprefix('?')}" if query else "")
    if uri := entry.value("uri"):
        kind = "dead-drop" if entry.usage == "dead_drop_resolver" else "url:path" if uri.startswith("/") else "url"
        yield kind, uri, ("uri", "protocol")
    elif (host := entry.value("hostname")) and asked:
        port = entry.value("port")
        address = f"[{host}]" if host.count(":") > 1 else host
        whole = f"{entry.value('protocol') or 'http'}://{address}{':' if port else ''}{port}/{asked.removeprefix('/')}"
        yield "url", whole, ("hostname", "port", "path", "query", "protocol")
        return
    elif asked:
        yield "url:path", asked if asked.startswith("/") else f"/{asked}", ("path", "query")
    yield from _servers(entry)


def _path(entry: Entry) -> Shown:
    for path in entry.values("path"):
        yield "c2:uri" if entry.usage == "c2" else "file:path", path, ("path",)


_TAKERS: Mapping[str, tuple[Callable[[Entry], Shown], ...]] = {
    **dict.fromkeys(("dns", "ftp", "icmp", "proxy", "smtp", "ssh", "tcp", "udp"), (_servers,)),
    "http": (_web,),
    "paths": (_path,),
}
