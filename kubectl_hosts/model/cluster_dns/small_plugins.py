"""Plugins that decide by little: `acl`, `local`, `dns64`, `autopath`, and `view`, which chooses."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network
from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.chain import (
    PluginStep,
    Query,
    Served,
    failed,
    read,
    unknown,
    zones_or_block,
)
from kubectl_hosts.model.cluster_dns.names import (
    absolute,
    below_zone,
    closest_zone,
    is_below,
    parse_address,
)
from kubectl_hosts.model.cluster_dns.needs import pods_at
from kubectl_hosts.model.cluster_dns.patterns import PatternUnknown, Refused, compile_pattern
from kubectl_hosts.model.cluster_dns.versions import rules_of
from kubectl_hosts.model.cluster_dns.zone import kubernetes_options, kubernetes_plugin_for
from kubectl_hosts.model.dns import NoReply, Question, Rcode, Record, Reply, same_name
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.chain import Client, Next
    from kubectl_hosts.model.cluster_dns.corefile import Directive, ServerBlock
    from kubectl_hosts.model.cluster_dns.needs import Asking

# Plugins that decide by little: `acl`, `local`, `dns64`, `erratic` and `whoami` by name.

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
    # dns64.go Synthesize: no code of the A reply is kept; the TTL is at most that of the SOA.
    cap = next((each.ttl for each in _authority(served) if each.type == "SOA"), _DNS64_SOA_TTL)
    answer = tuple(_translated(each, prefix, cap) for each in inner.answer.answer)
    step = PluginStep(plugin="dns64", line=plugin.line, did=rule)
    reply = replace(inner.answer, rcode=Rcode.NOERROR, answer=answer)
    return replace(inner, answer=reply, rule=rule).after(step)


def _authority(served: Served) -> tuple[Record, ...]:
    return served.answer.authority if isinstance(served.answer, Reply) else ()


def _lacks_ipv6(query: Query, plugin: Directive, served: Served) -> bool:
    # dns64.go responseShouldDNS64: never for a name that does not exist, which pkg/response took
    # from NXDOMAIN with an SOA alone until coredns#8199.
    reply = served.answer
    if query.type != "AAAA" or not isinstance(reply, Reply):
        return False
    has_soa = any(record.type == "SOA" for record in reply.authority)
    counts = has_soa or not rules_of(query.server.version).nxdomain_needs_soa
    if reply.rcode is Rcode.NXDOMAIN and counts:
        return False
    has_own = any(record.type == "AAAA" for record in reply.answer)
    return not has_own or plugin.first("translate_all") is not None


def _is_prefix(text: str) -> bool:
    try:
        return IPv6Network(text, strict=False).prefixlen <= 96
    except ValueError:
        return False


def _translated(record: Record, prefix: str, longest_ttl: int) -> Record:
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
        record, type="AAAA", data=str(IPv6Address(packed)), ttl=min(record.ttl, longest_ttl)
    )


# The `autopath` plugin: the search list on the server's side; coredns plugin/autopath.


def serve_autopath(query: Query, plugins: tuple[Directive, ...], following: Next) -> Asking[Served]:
    """The answer for the first search candidate that is not NXDOMAIN, with a CNAME to it."""
    (plugin,) = plugins
    source = plugin.args[-1] if plugin.args else ""
    zones = zones_or_block(plugin.args[:-1], query.block)
    if not closest_zone(zones, query.name):
        return (yield from following(query))
    if source != "@kubernetes":
        return unknown(f"plugin `autopath {source}` in Corefile line {plugin.line}")
    search = yield from _search_list(query)
    if not search or not is_below(search[0], query.name):
        return (yield from following(query))
    base = below_zone(query.question.name, search[0])
    first: Served | None = None
    for suffix in search:
        name = f"{base}.{suffix}" if base else suffix
        served = yield from following(query.asks(Question(name, query.type)))
        first = first or served
        if not isinstance(served.answer, Reply) or served.answer.rcode is not Rcode.NXDOMAIN:
            step = PluginStep(
                plugin="autopath", line=plugin.line, did=f"went on from the search list to {name}"
            )
            return _as_asked(query, served).after(step)
    step = PluginStep(plugin="autopath", line=plugin.line, did="no candidate of the list exists")
    return (first or (yield from following(query))).after(step)


def _search_list(query: Query) -> Asking[tuple[str, ...]]:
    # kubernetes/autopath.go: needs `pods verified` and a pod with the source address.
    plugin = kubernetes_plugin_for(query.name, query.block)
    if plugin is None or not query.client.address:
        return ()
    options = kubernetes_options(plugin, query.block)
    if options.pods != "verified":
        return ()
    pods = yield from read(pods_at(query.client.address))
    if not pods:
        return ()
    zone = closest_zone(options.zones, query.name)
    services = "svc." if zone == "." else f"svc.{zone}"
    namespace = pods[0].namespace
    own = tuple(absolute(domain) for domain in query.server.search)
    return (f"{namespace}.{services}", services, zone, *own, "")


def _as_asked(query: Query, served: Served) -> Served:
    # autopath/cname.go: an alias from the name asked to the name found, where they differ.
    reply = served.answer
    if not isinstance(reply, Reply) or not reply.answer:
        return served
    found = reply.answer[0]
    if same_name(found.name, query.question.name):
        return served
    alias = Record(name=query.question.name, type="CNAME", data=found.name, ttl=found.ttl)
    return replace(served, answer=replace(reply, answer=(alias, *reply.answer)))


# The `view` plugin: which clients and names a block is for; coredns plugin/view, expr-lang.

# One comparison of the README's forms; joined by && and || , `!` before a call.
_IN_NETWORK = re.compile(
    r"(?P<no>!\s*)?incidr\(\s*client_ip\(\)\s*,\s*['\"](?P<net>[^'\"]+)['\"]\s*\)"
)
_COMPARED = re.compile(
    r"(?P<what>name|type|client_ip)\(\)\s*(?P<how>==|!=|startsWith|endsWith|contains|matches)\s*"
    r"['\"](?P<value>[^'\"]*)['\"]"
)
_ONE_OF = re.compile(r"(?P<what>name|type|client_ip)\(\)\s+in\s+\[(?P<values>[^\]]*)\]")


def view_holds(block: ServerBlock, question: Question, client: Client) -> bool | None:
    """Whether every `view` expression of BLOCK holds; None where one cannot be judged.

    Judged are `incidr(client_ip(), NET)` and comparisons of name(), type() and client_ip(), joined
    by `&&` and `||` without brackets.
    """
    views = [each for plugin in block.all("view") for each in plugin.all("expr")]
    verdicts = [_any_of(" ".join(each.args), question, client) for each in views]
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _any_of(text: str, question: Question, client: Client) -> bool | None:
    verdicts = [_all_of(part, question, client) for part in text.split("||")]
    if True in verdicts:
        return True
    return None if None in verdicts else False


def _all_of(text: str, question: Question, client: Client) -> bool | None:
    verdicts = [_one(part.strip(), question, client) for part in text.split("&&")]
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _one(text: str, question: Question, client: Client) -> bool | None:
    network = _IN_NETWORK.fullmatch(text)
    if network:
        inside = _is_inside(client.address, network["net"])
        return inside if inside is None or not network["no"] else not inside
    values = {"name": question.name.lower(), "type": question.type, "client_ip": client.address}
    compared = _COMPARED.fullmatch(text)
    if compared:
        return _compare(values[compared["what"]], compared["how"], compared["value"])
    one_of = _ONE_OF.fullmatch(text)
    if one_of and values[one_of["what"]]:
        listed = [each.strip().strip("'\"") for each in one_of["values"].split(",")]
        return values[one_of["what"]] in listed
    return None


def _is_inside(address: str, network: str) -> bool | None:
    client = parse_address(address)
    try:
        return None if client is None else client in ip_network(network, strict=False)
    except ValueError:
        return None


def _compare(value: str, how: str, other: str) -> bool | None:
    if not value:
        return None
    if how == "matches":
        return _matches(value, other)
    verdicts = {
        "==": value == other,
        "!=": value != other,
        "startsWith": value.startswith(other),
        "endsWith": value.endswith(other),
        "contains": other in value,
    }
    return verdicts[how]


def _matches(value: str, pattern: str) -> bool | None:
    try:
        return compile_pattern(pattern).search(value) is not None
    except (Refused, PatternUnknown):
        return None
