"""Names of Services and their endpoints; coredns kubernetes.go findServices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.backing import (
    Backing,
    Found,
    View,
    empty_namespace,
    endpoint_hostname,
    read_service,
    read_slices,
    taken,
)
from kubectl_hosts.model.cluster_dns.names import parse_address
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.needs import Asking
    from kubectl_hosts.model.cluster_dns.question import RequestedName
    from kubectl_hosts.model.objects import Endpoint, EndpointSlice, Port, Service


def find_services(view: View, requested: RequestedName) -> Asking[Found]:
    """The cluster IPs, endpoints or alias of the Service asked for. Raises NotKnown."""
    if not requested.service:
        return (yield from empty_namespace(view, requested))
    service = yield from read_service(view, requested.namespace, requested.service)
    if service is None:
        name = f"{requested.namespace}/{requested.service}"
        kind = "ServiceImport" if view.options.is_multicluster(view.zone) else "Service"
        return Found(exists=False, rule=f"no {kind} {name} that the Corefile exposes")
    if service.is_external_name:
        return _external_name(view, service, requested)
    by_endpoint = service.is_headless or bool(requested.endpoint)
    is_hidden_empty = view.options.ignores_empty and not service.is_headless
    slices: tuple[EndpointSlice, ...] = ()
    if is_hidden_empty or by_endpoint:
        slices = yield from read_slices(view, service)
    if is_hidden_empty and not any(taken(view, each) for each in slices):
        rule = f"`ignore empty_service`: Service {service.object} has no ready endpoints"
        return Found(exists=False, rule=rule)
    if by_endpoint:
        return _endpoints(view, service, slices, requested)
    return _cluster_ips(view, service, requested)


def _external_name(view: View, service: Service, requested: RequestedName) -> Found:
    has_labels = bool(requested.endpoint or requested.port or requested.protocol)
    if has_labels and not view.rules.external_name_takes_labels:
        return Found(exists=False, rule=f"nothing is below ExternalName {service.object}")
    if parse_address(service.external_name) is not None:
        rule = f"externalName of {service.object} is an address: CoreDNS gives no record for that"
        return Found(exists=False, rule=rule)
    backing = Backing(
        host=service.external_name,
        owner=f"{service.name}.{service.namespace}.svc.{view.zone}",
        origin=Origin(
            kind=OriginKind.EXTERNAL_NAME, object=service.object, field="spec.externalName"
        ),
        rule=f"ExternalName {service.object} is an alias of {service.external_name}",
    )
    return Found(exists=True, rule=backing.rule, backings=(backing,))


def _cluster_ips(view: View, service: Service, requested: RequestedName) -> Found:
    if requested.topology_zone:
        return Found(exists=False, rule="only a headless Service has zonal names")
    ports = _matching(service.ports, requested)
    if not ports:
        rule = f"Service {service.object} has no port {requested.port}/{requested.protocol}"
        return Found(exists=False, rule=rule)
    addresses = (
        service.cluster_ips if view.rules.dual_stack_cluster_ips else service.cluster_ips[:1]
    )
    field = "spec.ips" if service.kind == "ServiceImport" else "spec.clusterIPs"
    rule = f"{service.kind} {service.object} answers with its cluster IPs"
    backings = tuple(
        Backing(
            host=address,
            port=port.number,
            owner=f"{service.name}.{service.namespace}.svc.{view.zone}",
            origin=Origin(
                kind=OriginKind.SERVICE, object=service.object, field=f"{field}[{index}]"
            ),
            rule=rule,
        )
        for port in ports
        for index, address in enumerate(addresses)
    )
    return Found(exists=True, rule=rule, backings=backings)


def _endpoints(
    view: View, service: Service, slices: tuple[EndpointSlice, ...], requested: RequestedName
) -> Found:
    backings = _endpoint_backings(view, service, slices, requested)
    if requested.topology_zone:
        here = tuple(backing for backing, zone in backings if zone == requested.topology_zone)
        everywhere = tuple(backing for backing, _ in backings)
        kept = here or (everywhere if requested.prefers_zone else ())
        rule = f"zonal name of {service.object}: {len(here)} endpoints in that zone"
        return Found(exists=True, rule=rule, backings=kept)
    if not backings:
        what = f"named {requested.endpoint}" if requested.endpoint else "that are ready"
        rule = f"Service {service.object} has no endpoints {what}"
        if not slices and not view.rules.reads_endpoint_slices:
            rule = (
                f"Service {service.object} has no Endpoints, and CoreDNS before 1.8.1 reads no "
                "EndpointSlice"
            )
        if requested.port:
            rule += f" with a port {requested.port}/{requested.protocol}"
        return Found(exists=False, rule=rule)
    kept = tuple(backing for backing, _ in backings)
    return Found(exists=True, rule=kept[0].rule, backings=kept)


def _endpoint_backings(
    view: View, service: Service, slices: tuple[EndpointSlice, ...], requested: RequestedName
) -> tuple[tuple[Backing, str], ...]:
    # (backing, topology zone), in the order of slices, addresses, ports.
    return tuple(
        (
            Backing(
                host=address,
                port=port.number,
                owner=_owner(view, service, part, endpoint, address),
                origin=_endpoint_origin(service, part, index, requested),
                rule=_endpoint_rule(service, requested),
            ),
            endpoint.topology_zone,
        )
        for part in slices
        for index, endpoint in taken(view, part)
        for address in endpoint.addresses
        if _is_named(view, endpoint, address, part, requested)
        for port in _matching(part.ports, requested)
    )


def _is_named(
    view: View, endpoint: Endpoint, address: str, part: EndpointSlice, requested: RequestedName
) -> bool:
    if not requested.endpoint:
        return True
    if view.options.is_multicluster(view.zone) and part.cluster.lower() != requested.cluster:
        return False
    return endpoint_hostname(view, endpoint, address).lower() == requested.endpoint


def _owner(
    view: View, service: Service, part: EndpointSlice, endpoint: Endpoint, address: str
) -> str:
    cluster = f"{part.cluster}." if view.options.is_multicluster(view.zone) else ""
    label = endpoint_hostname(view, endpoint, address)
    return f"{label}.{cluster}{service.name}.{service.namespace}.svc.{view.zone}"


def _endpoint_origin(
    service: Service, part: EndpointSlice, index: int, requested: RequestedName
) -> Origin:
    if requested.endpoint:
        return Origin(kind=OriginKind.ENDPOINT, object=part.object, field=f"endpoints[{index}]")
    return Origin(kind=OriginKind.HEADLESS_SERVICE, object=service.object, field="spec.clusterIP")


def _endpoint_rule(service: Service, requested: RequestedName) -> str:
    if requested.endpoint:
        return f"endpoint {requested.endpoint} of Service {service.object}"
    return f"headless Service {service.object} answers with its ready endpoints"


def _matching(ports: tuple[Port, ...], requested: RequestedName) -> tuple[Port, ...]:
    # kubernetes.go matchPortAndProtocol: an empty part of the question matches all.
    return tuple(
        port
        for port in ports
        if requested.port in {"", port.name.lower()}
        and requested.protocol in {"", port.protocol.lower()}
    )
