"""Plugins that decide by little: `acl`, `local`, `dns64`, `erratic` and `whoami` by name."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network
from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.chain import (
    PluginStep,
    Query,
    Served,
    failed,
    unknown,
    zones_or_block,
)
from kubectl_hosts.model.cluster_dns.names import closest_zone, parse_address
from kubectl_hosts.model.cluster_dns.versions import rules_of
from kubectl_hosts.model.dns import NoReply, Question, Rcode, Record, Reply
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.chain import Next
    from kubectl_hosts.model.cluster_dns.corefile import Directive
    from kubectl_hosts.model.cluster_dns.needs import Asking

_LOCAL_TTL = 604_800
# plugin/local: RFC 6761 6.3 and the reverse zones of hosts and networks that never leave one.
_LOCAL_ZONES = ("localhost.", "0.in-addr.arpa.", "127.in-addr.arpa.", "255.in-addr.arpa.")
# RFC 6052 2.1, the well-known prefix.
_WELL_KNOWN_PREFIX = "64:ff9b::/96"
_DNS64_SOA_TTL = 600


def serve_acl(query: Query, plugins: tuple[Directive, ...], following: Next) -> Asking[Served]:
    """`block` refuses, `filter` empties, `drop` says nothing, by source network and type."""
    for plugin in plugins:
        if not closest_zone(zones_or_block(plugin.args, query.block), query.name):
            continue
        action = _acl_action(plugin, query)
        origin = Origin(kind=OriginKind.UNKNOWN, object=query.server.object, line=plugin.line)
        step = PluginStep(plugin="acl", line=plugin.line, did=f"`{action}` for this client")
        match action:
            case "?":
                return unknown(f"`acl` in Corefile line {plugin.line} (client address)", origin)
            case "allow":
                break
            case "block":
                return failed(Rcode.REFUSED, "`acl` blocks this client", origin).after(step)
            case "filter":
                return failed(Rcode.NOERROR, "`acl` filters this client", origin).after(step)
            case "drop":
                rule = "`acl` drops this client's queries"
                return Served(answer=NoReply(), rule=rule, origin=origin).after(step)
    return (yield from following(query))


def _acl_action(plugin: Directive, query: Query) -> str:
    client = parse_address(query.client.address)
    for policy in plugin.body:
        words = list(policy.args)
        types: list[str] = []
        networks: list[str] = []
        while words:
            word = words.pop(0)
            into = types if word == "type" else networks
            while words and words[0] not in {"type", "net"}:
                into.append(words.pop(0))
        if types and not {"*", "ANY", query.type} & set(types):
            continue
        if not networks or "*" in networks:
            return policy.name
        if client is None:
            return "?"
        if any(_is_in(client, each) for each in networks):
            return policy.name
    return ""


def _is_in(client: IPv4Address | IPv6Address, network: str) -> bool:
    try:
        return client in ip_network(network, strict=False)
    except ValueError:
        return False


def serve_local(query: Query, plugins: tuple[Directive, ...], following: Next) -> Asking[Served]:
    """`localhost`, names below it and `localhost.SEARCHDOMAIN`: 127.0.0.1 and ::1."""
    name = query.name
    takes_below = rules_of(query.server.version).local_knows_subdomains
    zone = closest_zone(_LOCAL_ZONES, name)
    if name != "localhost." and (
        name.startswith("localhost.") or (takes_below and name.endswith(".localhost."))
    ):
        reply = _localhost(query.question)
    elif zone:
        reply = _local_zone(query.question, zone)
    else:
        return (yield from following(query))
    rule = "`local` answers for localhost by itself"
    step = PluginStep(plugin="local", line=plugins[0].line, did=rule)
    origin = Origin(kind=OriginKind.LITERAL, object=query.server.object, line=plugins[0].line)
    return Served(answer=replace(reply, origin=origin), rule=rule, origin=origin).after(step)


def _localhost(question: Question) -> Reply:
    data = {"A": "127.0.0.1", "AAAA": "::1"}.get(question.type)
    if data is None:
        return Reply(authority=(_local_soa(question.name),))
    record = Record(name=question.name, type=question.type, data=data, ttl=_LOCAL_TTL)
    return Reply(answer=(record,))


def _local_zone(question: Question, zone: str) -> Reply:
    # local.go: the apex has SOA and NS, `localhost.` addresses as well, 127.0.0.1 its name.
    name, soa = question.name.lower(), _local_soa(zone)
    own = {
        ("1.0.0.127.in-addr.arpa.", "PTR"): "localhost.",
        (zone, "NS"): "localhost.",
        (zone, "SOA"): soa.data,
        ("localhost.", "A"): "127.0.0.1",
        ("localhost.", "AAAA"): "::1",
    }.get((name, question.type))
    if own is not None:
        record = Record(name=question.name, type=question.type, data=own, ttl=_LOCAL_TTL)
        return Reply(answer=(record,))
    exists = name in {zone, "1.0.0.127.in-addr.arpa."}
    return Reply(rcode=Rcode.NOERROR if exists else Rcode.NXDOMAIN, authority=(soa,))


def _local_soa(name: str) -> Record:
    data = f"localhost. root.localhost. 1 0 0 0 {_LOCAL_TTL}"
    return Record(name=name, type="SOA", data=data, ttl=_LOCAL_TTL)


def serve_dns64(query: Query, plugins: tuple[Directive, ...], following: Next) -> Asking[Served]:
    """AAAA made of A where a name has none; RFC 6147, for clients over IPv6 unless told else."""
    (plugin,) = plugins
    if plugin.args:
        # dns64/setup.go: after a prefix in the line the braces are not read.
        plugin = replace(plugin, body=())
    served = yield from following(query)
    if not _lacks_ipv6(query, plugin, served):
        return served
    prefix = plugin.value("prefix", plugin.args[0] if plugin.args else _WELL_KNOWN_PREFIX)
    client = parse_address(query.client.address)
    allows_ipv4 = plugin.first("allow_ipv4") is not None
    if (client is None and not allows_ipv4) or not _is_prefix(prefix):
        return unknown(f"`dns64` in Corefile line {plugin.line} (client address, or {prefix})")
    if client is not None and client.version == 4 and not allows_ipv4:
        return served
    inner = yield from query.enter(Question(query.question.name, "A"))
    if not isinstance(inner.answer, Reply):
        return inner
    rule = f"`dns64` makes AAAA of the A records below {prefix}"
    answer = tuple(_translated(each, prefix) for each in inner.answer.answer)
    step = PluginStep(plugin="dns64", line=plugin.line, did=rule)
    return replace(inner, answer=replace(inner.answer, answer=answer), rule=rule).after(step)


def _lacks_ipv6(query: Query, plugin: Directive, served: Served) -> bool:
    # dns64.go responseShouldDNS64: never for a name that does not exist.
    reply = served.answer
    if query.type != "AAAA" or not isinstance(reply, Reply) or reply.rcode is Rcode.NXDOMAIN:
        return False
    has_own = any(record.type == "AAAA" for record in reply.answer)
    return not has_own or plugin.first("translate_all") is not None


def _is_prefix(text: str) -> bool:
    try:
        return IPv6Network(text, strict=False).prefixlen <= 96
    except ValueError:
        return False


def _translated(record: Record, prefix: str) -> Record:
    # RFC 6052 2.2: the address stands behind the prefix, bits 64 to 71 stay zero.
    if record.type != "A":
        return record
    network = IPv6Network(prefix, strict=False)
    size = network.prefixlen // 8
    head = list(network.network_address.packed[:size])
    for octet in IPv4Address(record.data).packed:
        if len(head) == 8:
            head.append(0)
        head.append(octet)
    packed = bytes(head[:16]).ljust(16, b"\0")
    return replace(
        record, type="AAAA", data=str(IPv6Address(packed)), ttl=min(record.ttl, _DNS64_SOA_TTL)
    )
