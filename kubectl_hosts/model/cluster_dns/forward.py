"""The `forward` plugin: names that other servers answer are asked, not guessed; plugin/forward."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.chain import PluginStep, Query, Served
from kubectl_hosts.model.cluster_dns.names import is_below, parse_address, zones_of
from kubectl_hosts.model.cluster_dns.needs import UpstreamAsk, ask_upstream
from kubectl_hosts.model.dns import NoReply, Reply
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.chain import Next
    from kubectl_hosts.model.cluster_dns.corefile import Directive
    from kubectl_hosts.model.cluster_dns.needs import Asking

# istio.io "DNS Proxying": addresses that Istio gives to hosts of a ServiceEntry without one.
_MADE_UP_BY_ISTIO = IPv4Network("240.240.0.0/16")
_BY_ISTIO = "the Istio proxy in the pod answers names of a ServiceEntry; no nameserver is asked"


def is_made_up_by_istio(text: str) -> bool:
    """Whether this is an address that only the DNS capture of Istio gives."""
    address = parse_address(text)
    return address is not None and address.version == 4 and address in _MADE_UP_BY_ISTIO


def forward_zone(plugin: Directive) -> str:
    """FROM: the zone whose names are sent on."""
    return zones_of(plugin.args[0])[0] if plugin.args else "."


def takes(plugin: Directive, name: str) -> bool:
    """Whether `forward` sends NAME on: below FROM, and not below an `except`."""
    zone = forward_zone(plugin)
    if not is_below(zone, name):
        return False
    excepted = (
        each for item in plugin.all("except") for text in item.args for each in zones_of(text)
    )
    return name.lower() == zone or not any(is_below(each, name) for each in excepted)


def serve_forward(query: Query, plugins: tuple[Directive, ...], following: Next) -> Asking[Served]:
    """The upstream's reply as it is sent back: any reply is final, whatever its code."""
    (plugin,) = plugins
    if not takes(plugin, query.name):
        return (yield from following(query))
    stub = _stub_zone(query, plugin)
    servers = plugin.args[1:]
    behind = query.server.behind
    if behind is not None and servers and set(servers) <= set(query.server.behind_addresses):
        served = yield from query.pass_on(query.question, behind)
        did = f"NodeLocal DNSCache asks the cluster's own DNS at {' '.join(servers)}"
        return served.after(PluginStep(plugin="forward", line=plugin.line, did=did))
    kind = OriginKind.STUB_DOMAIN if stub else OriginKind.UPSTREAM
    origin = Origin(
        kind=kind,
        object=query.server.object,
        field=f"forward {' '.join(plugin.args)}",
        line=plugin.line,
    )
    ask = UpstreamAsk(
        question=query.question,
        servers=servers,
        line=plugin.line,
        stub_zone=stub,
        corefile=query.server.object,
    )
    reply = yield from ask_upstream(ask)
    rule = f"`forward` sends the name to {' '.join(servers)}, whose answer is final"
    if isinstance(reply, NoReply):
        rule = f"{' '.join(servers)} stays silent: `forward` gives up after 6 s with SERVFAIL"
    elif isinstance(reply, Reply):
        if any(is_made_up_by_istio(each.data) for each in reply.answer):
            origin, rule = Origin(kind=OriginKind.ISTIO_PROXY), _BY_ISTIO
        reply = Reply(
            rcode=reply.rcode,
            answer=reply.answer,
            authority=reply.authority,
            additional=reply.additional,
            authoritative=reply.authoritative,
            recursion_available=reply.recursion_available,
            truncated=reply.truncated,
            origin=origin,
        )
    step = PluginStep(plugin="forward", line=plugin.line, did=rule)
    return Served(answer=reply, rule=rule, origin=origin).after(step)


def _stub_zone(query: Query, plugin: Directive) -> str:
    zone = forward_zone(plugin)
    if zone != ".":
        return zone
    narrow = [each for each in query.block.zones if each != "." and is_below(each, query.name)]
    return max(narrow, key=len, default="")
