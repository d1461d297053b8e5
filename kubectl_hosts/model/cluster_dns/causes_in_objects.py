"""Why a name of the cluster zone gives that: Services, pods, aliases; cluster-dns.md 7.4, 7.5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.case import finding, seen
from kubectl_hosts.model.cluster_dns.names import (
    absolute,
    is_below,
    parse_address,
    reversed_address,
    undashed,
)
from kubectl_hosts.model.cluster_dns.needs import (
    namespace_named,
    pod_named,
    pods_at,
    pods_in,
    service_named,
    services_called,
    slices_of,
)
from kubectl_hosts.model.cluster_dns.zone import is_watched
from kubectl_hosts.model.dns import Rcode, Reply
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.case import Case
    from kubectl_hosts.model.cluster_dns.needs import Asking
    from kubectl_hosts.model.objects import EndpointSlice, Service
    from kubectl_hosts.model.pod import Pod

# Why a name of the cluster zone gives that, by its objects; cluster-dns.md 7.4.


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


# Why a pod has no name, or another than expected; cluster-dns.md 7.4.


def subdomain(case: Case) -> Asking[tuple[Finding, ...]]:
    """C36, C38: hostname and subdomain of a pod make a name only below a Service of that name."""
    asked = case.service_asked
    if asked is None or case.rcode is not Rcode.NXDOMAIN or asked.port:
        return ()
    if not asked.endpoint:
        return ()
    pods = yield from seen(pods_in(asked.namespace))
    meant = [
        pod
        for pod in pods
        if pod.subdomain == asked.service and (pod.hostname or pod.name) == asked.endpoint
    ]
    if not meant:
        return ()
    found = yield from seen(service_named(asked.namespace, asked.service))
    if not found:
        return _without_service(meant[0])
    return _not_an_endpoint(meant[0], found[0])


def _without_service(pod: Pod) -> tuple[Finding, ...]:
    is_set = pod.owner is not None and pod.owner.kind == "StatefulSet"
    field = "spec.serviceName of its StatefulSet" if is_set else "spec.subdomain"
    return finding(
        Reason.SUBDOMAIN_WITHOUT_SERVICE,
        Severity.ERROR,
        f"pod {pod.name} has the subdomain {pod.subdomain}, but there is no Service "
        f"{pod.namespace}/{pod.subdomain}: only the pod's own hosts file knows the name",
        f"Create a headless Service {pod.subdomain} (clusterIP: None) in {pod.namespace} that "
        f"selects the pod, or change {field} to the name of the Service that exists.",
        Origin(
            kind=OriginKind.POD_RECORD,
            object=f"{pod.namespace}/{pod.name}",
            field="spec.subdomain",
        ),
    )


def _not_an_endpoint(pod: Pod, service: Service) -> tuple[Finding, ...]:
    if not service.selects(pod.labels):
        why = "does not select the pod"
    elif not pod.hostname:
        why = "selects the pod, but the pod sets no spec.hostname"
    elif not pod.ready and not service.publishes_not_ready:
        why = "selects the pod, which is not ready"
    else:
        return ()
    return finding(
        Reason.ENDPOINT_MISSING,
        Severity.ERROR,
        f"Service {service.object} {why}: {pod.hostname or pod.name}.{service.name} has no address",
        "Match spec.selector with the pod's labels, set spec.hostname, or make the pod ready.",
        Origin(kind=OriginKind.SERVICE, object=service.object, field="spec.selector"),
        Origin(kind=OriginKind.POD_RECORD, object=f"{pod.namespace}/{pod.name}"),
    )


def pod_name(case: Case) -> Asking[tuple[Finding, ...]]:
    """C35: pods are not in DNS by their name."""
    asked = case.requested
    if asked is None or case.rcode is not Rcode.NXDOMAIN or asked.port:
        return ()
    name = asked.endpoint if asked.endpoint and asked.kind == "svc" else asked.service
    if not name or parse_address(undashed(name)) is not None:
        return ()
    found = yield from seen(pod_named(asked.namespace, name))
    if not found:
        return ()
    pod = found[0]
    if pod.subdomain and pod.subdomain == asked.service:
        return ()
    return finding(
        Reason.POD_NAME_NOT_IN_DNS,
        Severity.ERROR,
        f"{name} is a pod of {asked.namespace}: pods are not in DNS by their name",
        "Ask for a Service that selects it; for a name of its own the pod needs spec.hostname and "
        "spec.subdomain, the name of a headless Service that selects it.",
        Origin(kind=OriginKind.POD_RECORD, object=f"{asked.namespace}/{name}"),
    )


def pods_insecure(case: Case) -> Asking[tuple[Finding, ...]]:
    """C42: `pods insecure` echoes the address; whether a pod has it is another question."""
    view, asked = case.view, case.requested
    if view is None or asked is None or asked.kind != "pod" or not case.served.answered:
        return ()
    if view.options.pods != "insecure":
        return ()
    if (yield from pods_at(undashed(asked.service), asked.namespace)) != ():
        return ()
    return finding(
        Reason.PODS_INSECURE_PROVES_NOTHING,
        Severity.WARNING,
        f"no pod of {asked.namespace} has the address {undashed(asked.service)}: `pods insecure` "
        "gives back what the name says",
        "Set `pods verified` in the kubernetes plugin where the answer has to mean something.",
        Origin(kind=OriginKind.UNKNOWN, object=case.authority.object, line=view.options.line),
    )


def pointers(case: Case) -> Asking[tuple[Finding, ...]]:
    """C43: only cluster IPs and ready endpoints have PTR records, one for each Service."""
    address = reversed_address(case.question.name)
    if case.question.type != "PTR" or not address:
        return ()
    names = [each.data for each in case.served.answered]
    if len(names) > 1:
        return finding(
            Reason.SEVERAL_POINTERS,
            Severity.INFO,
            f"{address} has {len(names)} names: each Service that selects the pod gives one",
            "",
            case.served.origin,
        )
    if case.rcode is not Rcode.NXDOMAIN:
        return ()
    pods = yield from seen(pods_at(address))
    if not pods:
        return ()
    pod = pods[0]
    state = "no Service selects it" if pod.ready else "it is not ready, or no Service selects it"
    return finding(
        Reason.POD_WITHOUT_POINTER,
        Severity.INFO,
        f"{address} is pod {pod.namespace}/{pod.name}, which has no PTR record: {state}",
        "A Service that selects the pod gives it one.",
        Origin(kind=OriginKind.POD_RECORD, object=f"{pod.namespace}/{pod.name}"),
    )


CAUSES_IN_PODS = (subdomain, pod_name, pods_insecure, pointers)


# Why an ExternalName gives that; cluster-dns.md 2.5 and 7.5.


def external_name(case: Case) -> Asking[tuple[Finding, ...]]:
    """C48 to C52, C62b: what is to know of the ExternalName Service that the name asks for."""
    asked = case.service_asked
    if asked is None or asked.endpoint or asked.port:
        return ()
    found = yield from seen(service_named(asked.namespace, asked.service))
    service = found[0] if found else None
    if service is None or not service.is_external_name:
        return ()
    if parse_address(service.external_name) is not None:
        return _is_address(service)
    return (
        *_without_record(case, service),
        *_other_host(case, service),
        *_not_qualified(service),
        *_kube_dns(case, service),
    )


def _alias_origin(service: Service) -> Origin:
    return Origin(kind=OriginKind.EXTERNAL_NAME, object=service.object, field="spec.externalName")


def _is_address(service: Service) -> tuple[Finding, ...]:
    return finding(
        Reason.EXTERNAL_NAME_IS_ADDRESS,
        Severity.ERROR,
        f"externalName of Service {service.object} is the address {service.external_name}: CoreDNS "
        "gives no record for that, an alias needs a name",
        "Make it a Service without selector, and an EndpointSlice that holds the address.",
        _alias_origin(service),
    )


def _has_address(case: Case) -> bool:
    return any(each.type == case.question.type for each in case.served.answered)


def _without_record(case: Case, service: Service) -> tuple[Finding, ...]:
    # 2.5: a loop, or a target in the zone without a record, is NODATA without the alias; a target
    # outside without a record is the alias alone.
    is_reply = isinstance(case.served.answer, Reply)
    if not is_reply or case.question.type not in {"A", "AAAA"} or _has_address(case):
        return ()
    target = absolute(service.external_name)
    if is_below(case.question.name, target):
        return finding(
            Reason.EXTERNAL_NAME_LOOP,
            Severity.ERROR,
            f"externalName {service.external_name} of Service {service.object} is its own name, or "
            "below it: CoreDNS drops it as a loop",
            "Point externalName at another name.",
            _alias_origin(service),
        )
    view = case.view
    if view is not None and is_below(view.zone, target):
        return finding(
            Reason.EXTERNAL_NAME_WITHOUT_RECORD,
            Severity.WARNING if case.question.type == "AAAA" else Severity.ERROR,
            f"`kubernetes` alone looks up {target}, the target of Service {service.object}, and "
            f"finds no {case.question.type} record: `fallthrough` does not apply to it",
            "Point externalName at a Service that exists, or at a name outside that zone.",
            _alias_origin(service),
        )
    return finding(
        Reason.EXTERNAL_NAME_WITHOUT_RECORD,
        Severity.WARNING if case.question.type == "AAAA" else Severity.ERROR,
        f"Service {service.object} is an alias of {target}, which has no {case.question.type} "
        "record (or leads round in circles)",
        f"Look {target} up by itself: it has to exist for the family that is asked.",
        _alias_origin(service),
    )


def _other_host(case: Case, service: Service) -> tuple[Finding, ...]:
    if not _has_address(case):
        return ()
    return finding(
        Reason.EXTERNAL_NAME_HOST,
        Severity.INFO,
        f"Service {service.object} is only an alias of {service.external_name}: clients send the "
        "Service's name as Host header and TLS server name, ports are those of the target",
        f"Where the server refuses the name, let the client ask for {service.external_name}",
        _alias_origin(service),
    )


def _not_qualified(service: Service) -> tuple[Finding, ...]:
    labels = service.external_name.rstrip(".").count(".") + 1
    if labels > 1 and not service.external_name.rstrip(".").endswith(".svc"):
        return ()
    return finding(
        Reason.EXTERNAL_NAME_NOT_QUALIFIED,
        Severity.WARNING,
        f"externalName {service.external_name} of Service {service.object} is taken as the "
        f"absolute name {absolute(service.external_name)}: no search list is applied to it",
        "Write the whole name, cluster domain included.",
        _alias_origin(service),
    )


def _kube_dns(case: Case, service: Service) -> tuple[Finding, ...]:
    if case.authority.provider != "kube-dns":
        return ()
    return finding(
        Reason.EXTERNAL_NAME_SKIPS_STUB_DOMAINS,
        Severity.WARNING,
        f"kube-dns looks the target of Service {service.object} up at its own upstream: "
        "stubDomains do not apply to it",
        "Name the target's addresses in a Service without selector, or use CoreDNS.",
        _alias_origin(service),
    )


CAUSES_IN_ALIASES = (external_name,)
