"""Which names an address has, and who serves the zone; coredns kubernetes/{reverse,ns}.go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.backing import (
    Backing,
    Found,
    View,
    endpoint_hostname,
    is_watched,
    read_slices,
    taken,
)
from kubectl_hosts.model.cluster_dns.chain import NotKnown, read
from kubectl_hosts.model.cluster_dns.kubernetes import find_backings
from kubectl_hosts.model.cluster_dns.names import reversed_address, same_address
from kubectl_hosts.model.cluster_dns.needs import (
    namespace_named,
    service_named,
    services_at,
    slices_at,
)
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.needs import Asking
    from kubectl_hosts.model.objects import EndpointSlice, Service


def find_names(view: View, name: str) -> Asking[Found]:
    """The names that a reverse NAME points to: host of each backing, a Service before endpoints.

    A name that is not reverse exists, or not, as for any other type.
    """
    address = reversed_address(name)
    if not address:
        found = yield from find_backings(view, name)
        return Found(exists=found.exists, rule=found.rule)
    services = yield from _services_at(view, address)
    if services:
        return _service_name(view, services[0], address)
    slices = yield from _slices_at(view, address)
    backings = tuple(each for part in slices for each in _endpoint_names(view, part, address))
    if not backings:
        rule = f"no Service has the cluster IP {address}, and no ready endpoint has that address"
        return Found(exists=False, rule=rule)
    kept = backings if view.rules.every_ptr else backings[:1]
    return Found(exists=True, rule=kept[0].rule, backings=kept)


def _services_at(view: View, address: str) -> Asking[tuple[Service, ...]]:
    listed = yield from read(services_at(address))
    exposed: tuple[Service, ...] = ()
    for service in listed:
        has_it = any(same_address(each, address) for each in service.cluster_ips)
        if has_it and (yield from _is_exposed(view, service.namespace)):
            exposed = (*exposed, service)
    return exposed


def _slices_at(view: View, address: str) -> Asking[tuple[EndpointSlice, ...]]:
    if not view.options.has_endpoints or "endpointslices" in view.unsynced:
        return ()
    listed = yield from read(slices_at(address))
    exposed: tuple[EndpointSlice, ...] = ()
    for part in listed:
        if (
            part.service
            and is_watched(view, part)
            and (yield from _is_exposed(view, part.namespace))
        ):
            exposed = (*exposed, part)
    return exposed


def _is_exposed(view: View, namespace: str) -> Asking[bool]:
    # reverse.go: the namespace counts only where option `namespaces` lists some.
    if not view.options.namespaces:
        return True
    if not view.options.exposes(namespace):
        return False
    return bool((yield from read(namespace_named(namespace))))


def _service_name(view: View, service: Service, address: str) -> Found:
    index = [same_address(each, address) for each in service.cluster_ips].index(True)
    rule = f"{address} is the cluster IP of Service {service.object}"
    backing = Backing(
        host=f"{service.name}.{service.namespace}.svc.{view.options.primary_zone}",
        owner=address,
        origin=Origin(
            kind=OriginKind.SERVICE, object=service.object, field=f"spec.clusterIPs[{index}]"
        ),
        rule=rule,
    )
    return Found(exists=True, rule=rule, backings=(backing,))


def _endpoint_names(view: View, part: EndpointSlice, address: str) -> tuple[Backing, ...]:
    return tuple(
        Backing(
            host=f"{endpoint_hostname(view, endpoint, text)}.{part.service}.{part.namespace}"
            f".svc.{view.options.primary_zone}",
            owner=address,
            origin=Origin(
                kind=OriginKind.ENDPOINT, object=part.object, field=f"endpoints[{index}]"
            ),
            rule=f"{address} is an endpoint of Service {part.namespace}/{part.service}",
        )
        for index, endpoint in taken(view, part)
        for text in endpoint.addresses
        if same_address(text, address) and (endpoint.hostname or not view.rules.ptr_needs_hostname)
    )


def find_name_servers(view: View, service: str, addresses: tuple[str, ...] | None) -> Asking[Found]:
    """The names and addresses that serve the zone: those of the Service in front of the server.

    Without endpoints (`noendpoints`), or where no Service is in front, `ns.dns.ZONE` with the
    server's own ADDRESSES. Raises NotKnown where neither is known.
    """
    if service and view.options.has_endpoints and "endpointslices" not in view.unsynced:
        namespace, _, name = service.partition("/")
        listed = yield from read(service_named(namespace, name))
        if listed:
            return (yield from _front(view, listed[0]))
    if addresses is None:
        raise NotKnown("the addresses of the DNS server's pod", "not read")
    backings = tuple(
        Backing(
            host=address,
            owner=f"ns.dns.{view.zone}",
            origin=Origin(kind=OriginKind.POD_RECORD, field="status.podIPs"),
            rule="the DNS server's own addresses: no Service in front of it is known to it",
        )
        for address in addresses
    )
    return Found(exists=True, rule="the name servers of the zone", backings=backings)


def _front(view: View, service: Service) -> Asking[Found]:
    owner = f"{service.name}.{service.namespace}.svc.{view.zone}"
    rule = f"Service {service.object} is in front of the DNS server"
    origin = Origin(kind=OriginKind.SERVICE, object=service.object, field="spec.clusterIPs")
    pairs = [(address, owner) for address in service.cluster_ips]
    if service.is_headless:
        slices = yield from read_slices(view, service)
        pairs = [
            (address, f"{endpoint_hostname(view, endpoint, address)}.{owner}")
            for part in slices
            for _, endpoint in taken(view, part)
            for address in endpoint.addresses
        ]
    backings = tuple(
        Backing(host=address, owner=name, origin=origin, rule=rule) for address, name in pairs
    )
    return Found(exists=True, rule=rule, backings=backings)
