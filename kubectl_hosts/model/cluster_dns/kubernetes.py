"""What stands behind a name of the cluster zone; coredns plugin/kubernetes/kubernetes.go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.chain import NotKnown, read
from kubectl_hosts.model.cluster_dns.names import dashed, is_reverse, parse_address, undashed
from kubectl_hosts.model.cluster_dns.needs import (
    NamespaceNamed,
    PodsWithAddress,
    ServiceImportNamed,
    ServiceNamed,
    SlicesOf,
)
from kubectl_hosts.model.cluster_dns.objects import (
    Endpoint,
    EndpointSlice,
    Port,
    Service,
    parse_namespace,
    parse_service,
    parse_service_import,
    parse_slice,
)
from kubectl_hosts.model.cluster_dns.question import RequestedName, parse_requested_name
from kubectl_hosts.model.cluster_dns.selectors import selects
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.pod import parse_pod

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.kubernetes_options import KubernetesOptions
    from kubectl_hosts.model.cluster_dns.needs import Asking
    from kubectl_hosts.model.cluster_dns.versions import VersionRules

# controller.go podListFunc: `status.phase!=Succeeded,Failed,Unknown`.
_GONE_PHASES = frozenset({"Succeeded", "Failed", "Unknown"})
# object/endpoint.go: a longer pod name is no label, so endpoint_pod_names falls back.
_LONGEST_LABEL = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """One address (or alias target) behind a name; coredns msg.Service.

    owner is the name that SRV records point to, port -1 where there is none.
    """

    host: str
    owner: str
    origin: Origin
    rule: str
    port: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is behind a name: nothing at all (`exists` false: NXDOMAIN), or so many backings."""

    exists: bool
    rule: str
    backings: tuple[Backing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The zone as one `kubernetes` plugin sees it; zone is written as in the question."""

    options: KubernetesOptions
    rules: VersionRules
    zone: str
    unsynced: frozenset[str] = frozenset()


def find_backings(view: View, name: str) -> Asking[Found]:
    """What is behind NAME. Raises NotKnown where an object that decides could not be read."""
    requested = parse_requested_name(
        name,
        view.zone,
        multicluster=view.options.is_multicluster(view.zone),
        zonal=view.options.is_zonal and view.rules.knows_zonal,
    )
    if requested is None:
        return Found(exists=False, rule="no record can have a name of this form")
    if not requested.kind:
        return Found(exists=True, rule="the zone, `svc` and `pod` exist without addresses")
    if is_reverse(name):
        return Found(exists=False, rule="a reverse zone has only reverse names")
    if not view.options.exposes(requested.namespace):
        return Found(
            exists=False,
            rule=f"option `namespaces` of the Corefile leaves {requested.namespace} out",
        )
    if view.rules.knows_wildcards and _has_wildcard(requested):
        raise NotKnown("a wildcard query of CoreDNS before 1.9.0", "not modelled")
    if requested.kind == "pod":
        return (yield from _find_pods(view, requested))
    return (yield from _find_services(view, requested))


def _has_wildcard(requested: RequestedName) -> bool:
    parts = (requested.namespace, requested.service, requested.endpoint, requested.port)
    return any(part in {"*", "any"} for part in (*parts, requested.protocol))


def _namespace_exists(view: View, name: str) -> Asking[bool]:
    found = yield from read(NamespaceNamed(name=name))
    if not found:
        return False
    if view.options.namespace_labels is None:
        raise NotKnown("option namespace_labels", "its selector does not parse")
    return selects(view.options.namespace_labels, parse_namespace(found[0]).labels)


def _empty_namespace(view: View, requested: RequestedName) -> Asking[Found]:
    exists = yield from _namespace_exists(view, requested.namespace)
    if exists:
        rule = f"namespace {requested.namespace} exists: its name has no addresses"
    else:
        rule = f"no namespace {requested.namespace}, or the Corefile does not expose it"
    return Found(exists=exists, rule=rule)


def _find_pods(view: View, requested: RequestedName) -> Asking[Found]:
    if view.options.pods == "disabled":
        return Found(exists=False, rule="`pods disabled`: no pod has a name by its address")
    if not requested.service:
        return (yield from _empty_namespace(view, requested))
    address = undashed(requested.service)
    if not (yield from _namespace_exists(view, requested.namespace)):
        return Found(exists=False, rule=f"no namespace {requested.namespace} (exposed)")
    owner = f"{requested.service}.{requested.namespace}.pod.{view.zone}"
    if parse_address(address) is None:
        return Found(exists=False, rule=f"`{requested.service}` is no address with dashes")
    if view.options.pods == "insecure":
        backing = Backing(
            host=address,
            port=0,
            owner=owner,
            origin=Origin(kind=OriginKind.POD_RECORD, object=requested.namespace),
            rule="`pods insecure` gives the address in the name back: no proof that a pod has it",
        )
        return Found(exists=True, rule=backing.rule, backings=(backing,))
    return (yield from _find_verified_pods(requested, address, owner))


def _find_verified_pods(requested: RequestedName, address: str, owner: str) -> Asking[Found]:
    listed = yield from read(PodsWithAddress(address=address, namespace=requested.namespace))
    backings = tuple(
        Backing(
            host=address,
            port=0,
            owner=owner,
            origin=Origin(
                kind=OriginKind.POD_RECORD,
                object=f"{pod.namespace}/{pod.name}",
                field="status.podIP",
            ),
            rule=f"`pods verified`: pod {pod.name} has this address",
        )
        for pod in map(parse_pod, listed)
        if pod.phase not in _GONE_PHASES
        and not pod.deleted_at
        and pod.pod_ips[:1] == (address,)
        and pod.namespace == requested.namespace
    )
    if not backings:
        rule = f"`pods verified`: no running pod of {requested.namespace} has the address {address}"
        return Found(exists=False, rule=rule)
    return Found(exists=True, rule=backings[0].rule, backings=backings)


def _find_services(view: View, requested: RequestedName) -> Asking[Found]:
    if not requested.service:
        return (yield from _empty_namespace(view, requested))
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


def read_service(view: View, namespace: str, name: str) -> Asking[Service | None]:
    """The Service (in a multicluster zone the ServiceImport), None where it is not exposed."""
    if view.options.is_multicluster(view.zone):
        imports = yield from read(ServiceImportNamed(namespace=namespace, name=name))
        services = tuple(map(parse_service_import, imports))
    else:
        services = tuple(
            map(parse_service, (yield from read(ServiceNamed(namespace=namespace, name=name))))
        )
    if view.options.labels is None:
        raise NotKnown("option labels", "its selector does not parse")
    if not services or not selects(view.options.labels, services[0].labels):
        return None
    # The Service is there, so its namespace is: that is asked only where its labels decide.
    filters = view.options.namespace_labels != ()
    if filters and not (yield from _namespace_exists(view, namespace)):
        return None
    return services[0]


def read_slices(view: View, service: Service) -> Asking[tuple[EndpointSlice, ...]]:
    """The slices of a Service as CoreDNS has them: none where it does not watch them."""
    if not view.options.has_endpoints or "endpointslices" in view.unsynced:
        return ()
    need = SlicesOf(
        namespace=service.namespace,
        service=service.name,
        multicluster=view.options.is_multicluster(view.zone),
    )
    slices = tuple(map(parse_slice, (yield from read(need))))
    return tuple(each for each in slices if selects(view.options.labels or (), each.labels))


def taken(view: View, part: EndpointSlice) -> tuple[tuple[int, Endpoint], ...]:
    """The endpoints of a slice that are answered, with their indexes; object/endpoint.go."""
    return tuple(
        (index, endpoint)
        for index, endpoint in enumerate(part.endpoints)
        if view.rules.takes_not_ready
        or endpoint.ready
        or (endpoint.ready is None and view.rules.nil_is_ready)
    )


def endpoint_hostname(view: View, endpoint: Endpoint, address: str) -> str:
    """The label of an endpoint: hostname, pod name where asked for, dashed address."""
    if endpoint.hostname:
        return endpoint.hostname
    target = endpoint.target
    if view.options.endpoint_pod_names and target and len(target) <= _LONGEST_LABEL:
        return target
    return dashed(address, pads_last=view.rules.pads_ipv6)


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
