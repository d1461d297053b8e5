"""The `autopath` plugin: the search list on the server's side; coredns plugin/autopath."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.chain import (
    PluginStep,
    Query,
    Served,
    read,
    unknown,
    zones_or_block,
)
from kubectl_hosts.model.cluster_dns.kubernetes_options import (
    kubernetes_options,
    kubernetes_plugin_for,
)
from kubectl_hosts.model.cluster_dns.names import absolute, below_zone, closest_zone, is_below
from kubectl_hosts.model.cluster_dns.needs import pods_at
from kubectl_hosts.model.dns import Question, Rcode, Record, Reply, same_name

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.chain import Next
    from kubectl_hosts.model.cluster_dns.corefile import Directive
    from kubectl_hosts.model.cluster_dns.needs import Asking


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
