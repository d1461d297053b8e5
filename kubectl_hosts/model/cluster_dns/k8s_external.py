"""The `k8s_external` plugin: external addresses as `S.NS.ZONE`; coredns plugin/k8s_external."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.chain import (
    PluginStep,
    Query,
    Served,
    passes,
    read,
    unknown,
    zones_or_block,
)
from kubectl_hosts.model.cluster_dns.kubernetes_plugin import (
    Backing,
    Found,
    View,
    address_record,
    endpoint_hostname,
    kubernetes_options,
    read_service,
    read_slices,
    service_records,
    soa,
    taken,
)
from kubectl_hosts.model.cluster_dns.names import (
    absolute,
    below_zone,
    closest_zone,
    labels_of,
    record_type,
    reversed_address,
)
from kubectl_hosts.model.cluster_dns.needs import namespace_named, services_with_external_ip
from kubectl_hosts.model.cluster_dns.versions import rules_of
from kubectl_hosts.model.dns import Question, Rcode, Record, Reply, UnknownReply
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.chain import Next
    from kubectl_hosts.model.cluster_dns.corefile import Directive
    from kubectl_hosts.model.cluster_dns.needs import Asking
    from kubectl_hosts.model.objects import Port, Service

_DEFAULT_TTL = 5


def serve_k8s_external(
    query: Query, plugins: tuple[Directive, ...], following: Next
) -> Asking[Served]:
    """External and load balancer addresses; with `headless` endpoints too."""
    (plugin,) = plugins
    zones = zones_or_block(plugin.args, query.block)
    zone = closest_zone(zones, query.name)
    kubernetes = query.block.first("kubernetes")
    if not zone:
        return (yield from following(query))
    if kubernetes is None or query.name == zone or query.name.endswith(f"dns.{zone}"):
        return unknown(f"the apex of `k8s_external` zone {zone} (Corefile line {plugin.line})")
    view = View(
        options=kubernetes_options(kubernetes, query.block),
        rules=rules_of(query.server.version),
        zone=zone,
        unsynced=query.server.unsynced,
    )
    found = yield from _find(query, view, has_headless=plugin.first("headless") is not None)
    if not found.exists and passes(plugin, query.name):
        return (yield from following(query))
    reply = yield from _reply(query, found, zones[0], plugin.number("ttl", _DEFAULT_TTL))
    if isinstance(reply, UnknownReply):
        return unknown(reply.what)
    if not reply.answer:
        rcode = Rcode.NOERROR if found.exists else Rcode.NXDOMAIN
        reply = replace(reply, rcode=rcode, authority=(soa(zone, view.options.ttl),))
    origin = found.backings[0].origin if found.backings else None
    step = PluginStep(plugin="k8s_external", line=plugin.line, did=found.rule)
    return Served(answer=replace(reply, origin=origin), rule=found.rule, origin=origin).after(step)


def _find(query: Query, view: View, *, has_headless: bool) -> Asking[Found]:
    # kubernetes/external.go External.
    address = reversed_address(query.name)
    if query.type == "PTR" and address:
        return (yield from _pointing(address))
    labels = labels_of(below_zone(query.name, view.zone))
    namespace = labels[-1]
    is_exposed = view.options.exposes(namespace)
    if not is_exposed or not (yield from read(namespace_named(namespace))):
        return Found(exists=False, rule=f"no namespace {namespace}, or it is not exposed")
    if len(labels) == 1:
        return Found(exists=True, rule=f"namespace {namespace} exists: its name has no addresses")
    service = (yield from read_service(view, namespace, labels[-2])) if len(labels) < 5 else None
    if service is None:
        return Found(exists=False, rule=f"no Service {namespace}/{labels[-2]}")
    backings = yield from _behind(view, service, labels[:-2], has_headless=has_headless)
    rule = f"external addresses of Service {service.object}"
    return Found(exists=bool(backings), rule=rule, backings=backings)


def _behind(
    view: View, service: Service, labels: tuple[str, ...], *, has_headless: bool
) -> Asking[tuple[Backing, ...]]:
    rest = tuple(label.removeprefix("_") for label in labels)
    endpoint = rest[0] if len(rest) == 1 else ""
    port, protocol = rest if len(rest) == 2 else ("", "")
    pick = (port, protocol, endpoint)
    if has_headless and not service.external_ips and (service.is_headless or endpoint):
        return (yield from _endpoints(view, service, pick))
    return _external(view, service, pick)


def _pointing(address: str) -> Asking[Found]:
    services = yield from read(services_with_external_ip(address))
    rule = f"Services with the external address {address}"
    backings = tuple(
        Backing(
            host=f"{service.name}.{service.namespace}",
            owner=address,
            origin=_origin(service),
            rule=rule,
        )
        for service in services
    )
    return Found(exists=bool(backings), rule=rule, backings=backings)


def _origin(service: Service) -> Origin:
    return Origin(kind=OriginKind.SERVICE, object=service.object, field="spec.externalIPs")


def _fits(port: Port, pick: tuple[str, str, str]) -> bool:
    return pick[0] in {"", port.name.lower()} and pick[1] in {"", port.protocol.lower()}


def _external(view: View, service: Service, pick: tuple[str, str, str]) -> tuple[Backing, ...]:
    return tuple(
        Backing(
            host=address,
            port=port.number,
            owner=f"{service.name}.{service.namespace}.{view.zone}",
            origin=_origin(service),
            rule="external address",
        )
        for address in service.external_ips
        for port in service.ports
        if _fits(port, pick)
    )


def _endpoints(
    view: View, service: Service, pick: tuple[str, str, str]
) -> Asking[tuple[Backing, ...]]:
    slices = yield from read_slices(view, service)
    return tuple(
        Backing(
            host=address,
            port=port.number,
            owner=f"{endpoint_hostname(view, endpoint, address)}.{service.name}"
            f".{service.namespace}.{view.zone}",
            origin=Origin(
                kind=OriginKind.ENDPOINT, object=part.object, field=f"endpoints[{index}]"
            ),
            rule="endpoint of a headless Service",
        )
        for part in slices
        for index, endpoint in taken(view, part)
        for address in endpoint.addresses
        if pick[2] in {"", endpoint_hostname(view, endpoint, address).lower()}
        for port in part.ports
        if _fits(port, pick)
    )


def _reply(query: Query, found: Found, first_zone: str, ttl: int) -> Asking[Reply | UnknownReply]:
    name = query.question.name
    if query.type == "PTR":
        is_reverse = bool(reversed_address(query.name))
        hosts = dict.fromkeys(each.host for each in found.backings) if is_reverse else {}
        data = [f"{host}.{first_zone}" for host in hosts]
        answer = tuple(Record(name=name, type="PTR", data=each, ttl=ttl) for each in data)
        return Reply(answer=answer, authoritative=True)
    if query.type == "SRV":
        return _srv(name, found.backings, ttl)
    if query.type not in {"A", "AAAA"}:
        return Reply(authoritative=True)
    return (yield from _addresses(query, found.backings, ttl))


def _srv(name: str, backings: tuple[Backing, ...], ttl: int) -> Reply:
    weight = max(100 // len(backings), 1) if backings else 0
    aliases = tuple(
        Record(name=name, type="SRV", data=f"0 {weight} {each.port} {absolute(each.host)}", ttl=ttl)
        for each in backings
        if record_type(each.host) == "CNAME"
    )
    answer, additional = service_records(name, backings, ttl)
    return Reply(
        answer=(*dict.fromkeys(aliases), *answer), additional=additional, authoritative=True
    )


def _addresses(
    query: Query, backings: tuple[Backing, ...], ttl: int
) -> Asking[Reply | UnknownReply]:
    records: list[Record] = []
    for host in dict.fromkeys(each.host for each in backings):
        kind = record_type(host)
        if kind == query.type:
            records.append(address_record(query.question.name, host, ttl))
        elif kind == "CNAME":
            target = absolute(host)
            records.append(Record(name=query.question.name, type="CNAME", data=target, ttl=ttl))
            served = yield from query.enter(Question(target, query.type))
            if isinstance(served.answer, UnknownReply):
                return served.answer
            records += served.answered
    return Reply(answer=tuple(records), authoritative=True)
