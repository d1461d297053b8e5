"""Why an ExternalName gives that; cluster-dns.md 2.5 and 7.5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.case import finding, seen
from kubectl_hosts.model.cluster_dns.names import absolute, is_below, parse_address
from kubectl_hosts.model.cluster_dns.needs import service_named
from kubectl_hosts.model.dns import Reply
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.case import Case
    from kubectl_hosts.model.cluster_dns.needs import Asking
    from kubectl_hosts.model.objects import Service


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
