"""What CoreDNS keeps of the objects, and what of them it takes; kubernetes/controller.go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.chain import NotKnown, read
from kubectl_hosts.model.cluster_dns.names import dashed
from kubectl_hosts.model.cluster_dns.needs import (
    namespace_named,
    service_import_named,
    service_named,
    slices_of,
)
from kubectl_hosts.model.selectors import selects

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.kubernetes_options import KubernetesOptions
    from kubectl_hosts.model.cluster_dns.needs import Asking
    from kubectl_hosts.model.cluster_dns.question import RequestedName
    from kubectl_hosts.model.cluster_dns.versions import VersionRules
    from kubectl_hosts.model.objects import Endpoint, EndpointSlice, Service
    from kubectl_hosts.model.origin import Origin

MANAGED_BY_LABEL = "endpointslice.kubernetes.io/managed-by"
_MADE_LIKE_ENDPOINTS = frozenset(
    {"endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"}
)
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


def namespace_exists(view: View, name: str) -> Asking[bool]:
    """Whether a Namespace is there and `namespace_labels` lets it in. Raises NotKnown."""
    found = yield from read(namespace_named(name))
    if not found:
        return False
    if view.options.namespace_labels is None:
        raise NotKnown("option namespace_labels", "its selector does not parse")
    return selects(view.options.namespace_labels, dict(found[0].labels))


def empty_namespace(view: View, requested: RequestedName) -> Asking[Found]:
    """What the name of a namespace itself is: NODATA where it exists, else NXDOMAIN."""
    exists = yield from namespace_exists(view, requested.namespace)
    if exists:
        rule = f"namespace {requested.namespace} exists: its name has no addresses"
    else:
        rule = f"no namespace {requested.namespace}, or the Corefile does not expose it"
    return Found(exists=exists, rule=rule)


def read_service(view: View, namespace: str, name: str) -> Asking[Service | None]:
    """The Service (in a multicluster zone the ServiceImport), None where it is not exposed."""
    named = service_import_named if view.options.is_multicluster(view.zone) else service_named
    services = yield from read(named(namespace, name))
    if view.options.labels is None:
        raise NotKnown("option labels", "its selector does not parse")
    if not services or not selects(view.options.labels, dict(services[0].labels)):
        return None
    # The Service is there, so its namespace is: that is asked only where its labels decide.
    filters = view.options.namespace_labels != ()
    if filters and not (yield from namespace_exists(view, namespace)):
        return None
    return services[0]


def read_slices(view: View, service: Service) -> Asking[tuple[EndpointSlice, ...]]:
    """The slices of a Service as CoreDNS has them: none where it does not watch them."""
    if not view.options.has_endpoints or "endpointslices" in view.unsynced:
        return ()
    multicluster = view.options.is_multicluster(view.zone)
    slices = yield from read(slices_of(service.namespace, service.name, multicluster=multicluster))
    return tuple(
        each
        for each in slices
        if is_watched(view, each) and selects(view.options.labels or (), dict(each.labels))
    )


def is_watched(view: View, part: EndpointSlice) -> bool:
    """Whether this CoreDNS knows the endpoints of a slice.

    Before 1.8.1 it watches Endpoints: it knows those of slices that are made from the same pods, or
    mirrored from Endpoints, and none of a slice by hand.
    """
    if view.rules.reads_endpoint_slices:
        return True
    return dict(part.labels).get(MANAGED_BY_LABEL) in _MADE_LIKE_ENDPOINTS


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
