"""The `hosts` plugin: names from a file and from lines in the Corefile; coredns plugin/hosts."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from kubectl_hosts.model.cluster_dns.chain import (
    PluginQuery,
    Served,
    failed,
    passes,
    step_of,
    unknown,
    zones_or_block,
)
from kubectl_hosts.model.cluster_dns.plugin_setup import options_of
from kubectl_hosts.model.cluster_dns.query_names import (
    absolute,
    closest_zone,
    parse_address,
    reversed_address,
)
from kubectl_hosts.model.cluster_dns.versions import rules_of
from kubectl_hosts.model.dns import Rcode, Record, Reply
from kubectl_hosts.model.hosts.file import parse_hosts_file
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kubectl_hosts.model.cluster_dns.chain import ClusterDNS, Next
    from kubectl_hosts.model.cluster_dns.corefile import Directive, ServerBlock
    from kubectl_hosts.model.cluster_dns.needs import Asking

DEFAULT_FILE = "/etc/hosts"
_EMPTY_FILE = "/dev/null"
_DEFAULT_TTL = 3600
_PROPERTIES = frozenset(options_of("hosts"))
# A pod's hosts file as the kubelet writes it, without its own line (hosts-file.md 1.2): what the
# plugin reads where it names no FILE and the DNS pod's file was not looked at.
_KUBELET_NAMES = b"127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"


class HostsName(Struct, frozen=True, kw_only=True):
    """A name with an address in a line of the Corefile, or of FILE (then `file` says which)."""

    name: str
    address: str
    line: int
    file: str = ""

    @property
    def type(self) -> str:
        """`A` or `AAAA`; a mapped IPv4 counts as IPv4."""
        address = parse_address(self.address)
        return "A" if address is not None and address.version == 4 else "AAAA"


def hosts_file(plugin: Directive) -> str:
    """The FILE that a `hosts` plugin reads: its first word, whatever it looks like."""
    return plugin.args[0] if plugin.args else DEFAULT_FILE


def hosts_zones(plugin: Directive, block: ServerBlock) -> tuple[str, ...]:
    """The zones that a `hosts` plugin serves: words after FILE, else those of the block."""
    return zones_or_block(plugin.args[1:], block)


def hosts_names(plugin: Directive, block: ServerBlock, server: ClusterDNS) -> tuple[HostsName, ...]:
    """Every name that the plugin serves, those of FILE before the inline ones."""
    file = hosts_file(plugin)
    return _served_names(plugin, hosts_zones(plugin, block), server.files.get(file))


@lru_cache(maxsize=16)
def _served_names(
    plugin: Directive, zones: tuple[str, ...], text: str | None
) -> tuple[HostsName, ...]:
    # A name is asked in up to a hundred ways, and a file may have thousands of lines.
    listed = (*_names_in_file(hosts_file(plugin), text), *_inline_names(plugin))
    return tuple(each for each in listed if closest_zone(zones, each.name))


@lru_cache(maxsize=16)
def _by_name(
    plugin: Directive, zones: tuple[str, ...], text: str | None
) -> Mapping[str, tuple[HostsName, ...]]:
    found: dict[str, list[HostsName]] = {}
    for each in _served_names(plugin, zones, text):
        found.setdefault(each.name, []).append(each)
    return {name: tuple(lines) for name, lines in found.items()}


def is_unread(plugin: Directive, server: ClusterDNS) -> bool:
    """Whether FILE may hold names that nobody has looked at."""
    file = hosts_file(plugin)
    known = file in {DEFAULT_FILE, _EMPTY_FILE, *server.files} or server.lacks(file)
    return not known and not names_zone_as_file(plugin)


def names_zone_as_file(plugin: Directive) -> bool:
    """Whether a zone stands where FILE belongs (`hosts harbor.corp {`): there is no such file.

    With a zone behind it (`hosts names.txt harbor.corp {`) the first word is meant as a FILE.
    """
    return len(plugin.args) == 1 and "/" not in plugin.args[0]


def _names_in_file(file: str, text: str | None) -> Iterator[HostsName]:
    if text is None and file != DEFAULT_FILE:
        return
    data = _KUBELET_NAMES if text is None else text.encode()
    for line in parse_hosts_file(data).lines:
        if line.entry and parse_address(line.entry.address) is not None:
            for name in line.entry.names:
                yield HostsName(
                    name=absolute(name.lower()),
                    address=line.entry.address,
                    line=line.number,
                    file=file,
                )


def _inline_names(plugin: Directive) -> Iterator[HostsName]:
    for each in plugin.body:
        if each.name not in _PROPERTIES and parse_address(each.name) is not None:
            for name in each.args:
                yield HostsName(name=absolute(name.lower()), address=each.name, line=each.line)


def serve_hosts(
    query: PluginQuery, plugins: tuple[Directive, ...], following: Next
) -> Asking[Served]:
    """What the plugin answers; SERVFAIL for any other name of its zones without `fallthrough`."""
    plugin = plugins[0]
    if query.type != "PTR" and not closest_zone(hosts_zones(plugin, query.block), query.name):
        return (yield from following(query))
    names = hosts_names(plugin, query.block, query.server)
    if query.type == "PTR":
        found = _pointing(query, plugin, names)
    else:
        if _passes_type(query, plugin):
            return (yield from following(query))
        found = _named(query, plugin)
    if found:
        return _reply(query, plugin, found)
    if is_unread(plugin, query.server):
        what = f"{hosts_file(plugin)} of the DNS server's pod (hosts, line {plugin.line})"
        return unknown(what, _origin(query, plugin.line))
    if query.type == "PTR" or passes(plugin, query.name):
        served = yield from following(query)
        return served.after(step_of(plugin, "name not found here; fallthrough"))
    rule = "`hosts` without `fallthrough` fails for every name that it does not hold"
    return failed(Rcode.SERVFAIL, rule, _origin(query, plugin.line)).after(step_of(plugin, rule))


def _passes_type(query: PluginQuery, plugin: Directive) -> bool:
    rules = rules_of(query.server.version)
    asked = plugin.first("fallthrough_unsupported") is not None
    other = query.type not in {"A", "AAAA"}
    return other and (asked or rules.hosts_passes_other_types) and passes(plugin, query.name)


def _named(query: PluginQuery, plugin: Directive) -> tuple[HostsName, ...]:
    text = query.server.files.get(hosts_file(plugin))
    names = _by_name(plugin, hosts_zones(plugin, query.block), text)
    exact = names.get(query.name, ())
    if exact or not rules_of(query.server.version).hosts_knows_wildcards:
        return exact
    return names.get(f"*.{query.name.partition('.')[2]}", ())


def _pointing(
    query: PluginQuery, plugin: Directive, names: tuple[HostsName, ...]
) -> tuple[HostsName, ...]:
    address = reversed_address(query.name)
    if not address or plugin.first("no_reverse") is not None:
        return ()
    return tuple(each for each in names if str(parse_address(each.address)) == address)


def _reply(query: PluginQuery, plugin: Directive, found: tuple[HostsName, ...]) -> Served:
    ttl = plugin.number("ttl", _DEFAULT_TTL)
    if query.type == "PTR":
        kept, data = found, tuple(each.name for each in found)
    else:
        kept = tuple(each for each in found if each.type == query.type)
        data = tuple(str(parse_address(each.address)) for each in kept)
    first = (kept or found)[0]
    records = tuple(Record(name=query.name, type=query.type, data=text, ttl=ttl) for text in data)
    where = f"{first.file or 'the Corefile'} line {first.line}"
    rule = f"`hosts` has the name in {where}"
    if not records:
        rule += f", but no {query.type}: it owns the name for every type (NODATA without SOA)"
    origin = _origin(query, first.line, first.file)
    reply = Reply(answer=records, authoritative=True, origin=origin)
    return Served(answer=reply, rule=rule, origin=origin).after(step_of(plugin, rule))


def _origin(query: PluginQuery, line: int, file: str = "") -> Origin:
    return Origin(kind=OriginKind.COREFILE_HOSTS, object=query.server.object, field=file, line=line)
