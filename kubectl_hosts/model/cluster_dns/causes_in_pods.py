"""Why a pod has no name, or another than expected; cluster-dns.md 7.4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.case import finding, seen
from kubectl_hosts.model.cluster_dns.names import parse_address, reversed_address, undashed
from kubectl_hosts.model.cluster_dns.needs import pod_named, pods_at, pods_in, service_named
from kubectl_hosts.model.dns import Rcode
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.case import Case
    from kubectl_hosts.model.cluster_dns.needs import Asking
    from kubectl_hosts.model.objects import Service
    from kubectl_hosts.model.pod import Pod


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
