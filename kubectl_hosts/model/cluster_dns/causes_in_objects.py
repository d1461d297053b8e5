"""Why a name of the cluster zone gives that, by its objects; cluster-dns.md 7.4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.backing import is_watched
from kubectl_hosts.model.cluster_dns.case import finding, seen
from kubectl_hosts.model.cluster_dns.needs import (
    namespace_named,
    service_named,
    services_called,
    slices_of,
)
from kubectl_hosts.model.dns import Rcode
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.case import Case
    from kubectl_hosts.model.cluster_dns.needs import Asking
    from kubectl_hosts.model.objects import EndpointSlice, Service


def _service(namespace: str, name: str) -> Asking[Service | None]:
    found = yield from seen(service_named(namespace, name))
    return found[0] if found else None


def _slices(service: Service) -> Asking[tuple[EndpointSlice, ...]]:
    return (yield from seen(slices_of(service.namespace, service.name)))


def _origin(service: Service, field: str = "") -> Origin:
    return Origin(kind=OriginKind.SERVICE, object=service.object, field=field)


def no_ready_endpoints(case: Case) -> Asking[tuple[Finding, ...]]:
    """C32: a headless Service whose endpoints are not ready has no addresses."""
    asked = case.service_asked
    if asked is None or case.rcode is not Rcode.NXDOMAIN or asked.endpoint or asked.port:
        return ()
    service = yield from _service(asked.namespace, asked.service)
    if service is None or not service.is_headless:
        return ()
    slices = yield from _slices(service)
    endpoints = [endpoint for part in slices for endpoint in part.endpoints]
    if any(endpoint.ready is not False for endpoint in endpoints):
        return ()
    if not endpoints:
        return finding(
            Reason.SERVICE_SELECTS_NOTHING,
            Severity.ERROR,
            f"headless Service {service.object} has no endpoints: its selector finds no pod",
            f"Compare the labels of the pods with spec.selector of Service {service.name}",
            _origin(service, "spec.selector"),
        )
    return finding(
        Reason.NO_READY_ENDPOINTS,
        Severity.ERROR,
        f"headless Service {service.object} has {len(endpoints)} endpoints and none is ready: "
        "it has no name until one is",
        "Wait for (or repair) the readiness probe, or set publishNotReadyAddresses: true where "
        "peers have to find each other before they are ready.",
        _origin(service, "spec.publishNotReadyAddresses"),
    )


def slices_not_read(case: Case) -> Asking[tuple[Finding, ...]]:
    """CoreDNS before 1.8.1 watches Endpoints, so a slice made by hand is nothing to it."""
    asked, view = case.service_asked, case.view
    if asked is None or view is None or case.rcode is not Rcode.NXDOMAIN:
        return ()
    service = yield from _service(asked.namespace, asked.service)
    if service is None:
        return ()
    slices = yield from _slices(service)
    unread = [part for part in slices if part.endpoints and not is_watched(view, part)]
    return tuple(
        each
        for part in unread[:1]
        for each in finding(
            Reason.ENDPOINT_SLICE_NOT_READ,
            Severity.ERROR,
            f"CoreDNS before 1.8.1 reads Endpoints: EndpointSlice {part.object} is nothing to it",
            f"Create Endpoints {service.name} in namespace {service.namespace}, or run CoreDNS "
            "1.8.1 or newer.",
            Origin(kind=OriginKind.ENDPOINT, object=part.object),
        )
    )


def service_without_endpoints(case: Case) -> Asking[tuple[Finding, ...]]:
    """C40: DNS is right, and nothing listens behind the cluster IP."""
    asked = case.service_asked
    origin = case.served.origin
    if asked is None or origin is None or origin.kind is not OriginKind.SERVICE:
        return ()
    service = yield from _service(asked.namespace, asked.service)
    if service is None or service.is_headless or service.is_external_name:
        return ()
    slices = yield from _slices(service)
    if any(endpoint.ready is not False for part in slices for endpoint in part.endpoints):
        return ()
    return finding(
        Reason.SERVICE_WITHOUT_ENDPOINTS,
        Severity.WARNING,
        f"DNS is right, but Service {service.object} has no ready endpoints: connections to its "
        "cluster IP fail",
        f"See `kubectl get endpointslices -n {service.namespace} "
        f"-l kubernetes.io/service-name={service.name}`, then the pods' readiness and labels.",
        _origin(service, "spec.selector"),
    )


def service_elsewhere(case: Case) -> Asking[tuple[Finding, ...]]:
    """C41 and the missing namespace: what the name could have meant."""
    asked = case.service_asked
    if asked is None or case.rcode is not Rcode.NXDOMAIN or asked.endpoint or asked.port:
        return ()
    if (yield from _service(asked.namespace, asked.service)) is not None:
        return ()
    listed = yield from seen(services_called(asked.service))
    others = sorted(each.namespace for each in listed)
    if others:
        return finding(
            Reason.SERVICE_IN_OTHER_NAMESPACE,
            Severity.ERROR,
            f"no Service {asked.service} in namespace {asked.namespace}, but one in "
            f"{', '.join(others)}",
            f"Use the name {asked.service}.{others[0]}",
            Origin(kind=OriginKind.SERVICE, object=f"{others[0]}/{asked.service}"),
        )
    return ()


def namespace_missing(case: Case) -> Asking[tuple[Finding, ...]]:
    """C44: a namespace that is not there, or that the Corefile leaves out."""
    requested, view = case.requested, case.view
    if requested is None or view is None or not requested.namespace:
        return ()
    if case.rcode is not Rcode.NXDOMAIN:
        return ()
    if not view.options.exposes(requested.namespace):
        return finding(
            Reason.NAMESPACE_NOT_EXPOSED,
            Severity.ERROR,
            f"the Corefile exposes only the namespaces {', '.join(view.options.namespaces)}",
            f"Add {requested.namespace} to `namespaces` of the kubernetes plugin.",
            Origin(kind=OriginKind.UNKNOWN, object=case.authority.object, line=view.options.line),
        )
    found = yield from namespace_named(requested.namespace)
    if found != ():
        return ()
    return finding(
        Reason.NAMESPACE_NOT_FOUND,
        Severity.ERROR,
        f"there is no namespace {requested.namespace}",
        "SERVICE.NAMESPACE needs the namespace's own name, then `svc` and the cluster domain.",
    )


def shared_hostname(case: Case) -> Asking[tuple[Finding, ...]]:
    """C37: replicas that set one hostname share one name."""
    yield from ()
    asked = case.service_asked
    addresses = [each for each in case.served.answered if each.type == case.question.type]
    if asked is None or not asked.endpoint or len(addresses) < 2:
        return ()
    return finding(
        Reason.SHARED_HOSTNAME,
        Severity.INFO,
        f"{asked.endpoint}.{asked.service} stands for {len(addresses)} endpoints: each pod with "
        "this hostname answers to it",
        "Use a StatefulSet where each pod needs a name of its own.",
        case.served.origin,
    )


def port_name(case: Case) -> Asking[tuple[Finding, ...]]:
    """C39: SRV needs a named port, and its own protocol."""
    asked = case.service_asked
    if asked is None or not asked.port or case.rcode is not Rcode.NXDOMAIN:
        return ()
    service = yield from _service(asked.namespace, asked.service)
    if service is None or service.is_external_name:
        return ()
    named = [f"_{port.name}._{port.protocol.lower()}" for port in service.ports if port.name]
    has = f"its named ports are {', '.join(named)}" if named else "none of its ports has a name"
    return finding(
        Reason.PORT_NAME_UNKNOWN,
        Severity.ERROR,
        f"Service {service.object} has no port _{asked.port}._{asked.protocol}: {has}",
        "Name the port in spec.ports, or ask for SRV at the Service's bare name, which lists all.",
        _origin(service, "spec.ports"),
    )


CAUSES_IN_OBJECTS = (
    no_ready_endpoints,
    slices_not_read,
    service_without_endpoints,
    service_elsewhere,
    namespace_missing,
    shared_hostname,
    port_name,
)
