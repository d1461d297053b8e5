"""Findings where the hosts file answers, or should; hosts-file.md 6, cluster-dns.md 7.1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explain.words import alias_field, bare, describe_shadowed
from kubectl_hosts.model.explanation import Observed
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.resolver.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.explain.case import ExplainCase

_FROM_FILE = "files"
# Where the line came from -> how to get rid of it.
_TAKE_OUT = {
    OriginKind.HOST_ALIAS: "take {name} out of {field} of the workload's pod template",
    OriginKind.FOREIGN: "restart a container of the pod: its start writes the file anew",
    OriginKind.OWN_MOUNT: "take {name} out of the file that is mounted over /etc/hosts",
    OriginKind.NODE_HOSTS: "take {name} out of the node's /etc/hosts, or leave hostNetwork",
}


def _kind(case: ExplainCase) -> OriginKind | None:
    origin = case.predicted.origin
    is_from_file = case.predicted.source == _FROM_FILE and origin is not None
    return origin.kind if is_from_file and origin else None


def shadows_dns(case: ExplainCase) -> Iterator[Finding]:
    """C01, S32: the file answers something else than DNS would."""
    shadowed, origin, kind = case.shadowed, case.predicted.origin, _kind(case)
    if shadowed is None or origin is None or kind in {OriginKind.POD_IP, None}:
        return
    if set(shadowed.addresses) == set(case.predicted.addresses):
        return
    template = _TAKE_OUT.get(kind, "take {name} out of the file") if kind else ""
    take_out = template.format(name=case.name, field=alias_field(origin))
    yield Finding(
        reason=Reason.HOSTS_FILE_SHADOWS_DNS,
        severity=Severity.WARNING,
        message=f"the hosts file answers {case.name}, so DNS is not asked: it would say "
        f"{describe_shadowed(shadowed)}",
        fix=f"To reach what DNS says, {take_out}, or ask for {shadowed.name}",
        evidence=tuple(each for each in (origin, shadowed.origin) if each),
    )


def foreign_line(case: ExplainCase) -> Iterator[Finding]:
    """C03, S12, question 6: a line that nobody declared answers."""
    if _kind(case) is not OriginKind.FOREIGN or case.predicted.origin is None:
        return
    yield Finding(
        reason=Reason.NAME_FROM_FOREIGN_LINE,
        severity=Severity.WARNING,
        message=f"the line of {case.name} is not in the pod's spec: the next container start "
        "writes the file without it",
        fix="Declare it in spec.hostAliases of the workload, or in cluster DNS, if it is meant.",
        evidence=(case.predicted.origin,),
    )


def own_mount(case: ExplainCase) -> Iterator[Finding]:
    """S14: the container's own file answers; the kubelet's lines and hostAliases are not there."""
    if _kind(case) is not OriginKind.OWN_MOUNT or case.predicted.origin is None:
        return
    yield Finding(
        reason=Reason.NAME_FROM_OWN_MOUNT,
        severity=Severity.INFO,
        message=f"container {case.inputs.container} mounts its own /etc/hosts: hostAliases do not "
        "apply there, other containers may answer otherwise",
        fix="Remove the volumeMount to get the kubelet's file.",
        evidence=(case.predicted.origin,),
    )


def node_entry_first(case: ExplainCase) -> Iterator[Finding]:
    """Question 10: in a hostNetwork pod the node's entries stand before the aliases."""
    if _kind(case) is not OriginKind.NODE_HOSTS or case.predicted.origin is None:
        return
    for index, alias in enumerate(case.inputs.pod.host_aliases):
        if case.name in alias.hostnames and alias.ip not in case.predicted.addresses:
            yield Finding(
                reason=Reason.NODE_ENTRY_BEFORE_HOST_ALIAS,
                severity=Severity.WARNING,
                message=f"hostAliases[{index}] gives {case.name} as {alias.ip}, but the node's own "
                "entry stands before it and the first line wins",
                fix=f"Take {case.name} out of the node's /etc/hosts, or leave hostNetwork.",
                evidence=(case.predicted.origin, _alias_origin(case, index)),
            )


def _alias_origin(case: ExplainCase, index: int) -> Origin:
    return Origin(
        kind=OriginKind.HOST_ALIAS, object=case.subject, field=f"spec.hostAliases[{index}]"
    )


def alias_not_in_file(case: ExplainCase) -> Iterator[Finding]:
    """Question 7: the spec has the alias, the container's file does not."""
    for index, alias in enumerate(case.inputs.pod.host_aliases):
        if case.name not in alias.hostnames or _is_in_file(case):
            continue
        if case.inputs.resolver.hosts_unknown:
            continue  # nobody read the file
        yield Finding(
            reason=Reason.HOST_ALIAS_NOT_IN_FILE,
            severity=Severity.ERROR,
            message=f"hostAliases[{index}] gives {case.name} as {alias.ip}, but container "
            f"{case.inputs.container}'s hosts file has no such line",
            fix="`kubectl hosts diff` shows why: an own mount, an edit, or an older file.",
            evidence=(_alias_origin(case, index),),
        )


def _is_in_file(case: ExplainCase) -> bool:
    return any(
        line.entry is not None and case.name in line.entry.names
        for line in case.inputs.resolver.hosts.lines
    )


def own_name(case: ExplainCase) -> Iterator[Finding]:
    """Question 14, S40: the pod's own file has the name, DNS has not, so nobody else finds it."""
    reasons = {each.reason for each in case.causes}
    told = {Reason.SUBDOMAIN_WITHOUT_SERVICE, Reason.ENDPOINT_MISSING, Reason.POD_NAME_NOT_IN_DNS}
    if _kind(case) is not OriginKind.POD_IP or case.shadowed is not None or reasons & told:
        return
    if not case.is_only_in_file:
        return
    yield Finding(
        reason=Reason.OWN_NAME_ONLY_IN_OWN_FILE,
        severity=Severity.INFO,
        message=f"only this pod's own hosts file has {case.name}: other pods do not find it",
        fix="Others need spec.hostname, spec.subdomain and a headless Service of that subdomain's "
        "name that selects the pod; then HOSTNAME.SUBDOMAIN.NAMESPACE.svc is in DNS.",
        evidence=(case.predicted.origin,) if case.predicted.origin else (),
    )


# cluster-dns.md 9.4: names that a tool puts into the node's file, or into its own Corefile.
_OF_THE_NODE = {
    "host.docker.internal": "Docker Desktop",
    "gateway.docker.internal": "Docker Desktop",
    "kubernetes.docker.internal": "Docker Desktop",
    "host.minikube.internal": "minikube",
    "control-plane.minikube.internal": "minikube",
    "host.k3d.internal": "k3d",
    "host.containers.internal": "Podman",
    "host.lima.internal": "Lima",
    "host.rancher-desktop.internal": "Rancher Desktop",
}


def node_entry(case: ExplainCase) -> Iterator[Finding]:
    """Question 19, S6: what stands in the node's file is not inherited by pods."""
    if case.is_found or case.predicted.outcome is Outcome.UNKNOWN:
        return
    name = bare(case.name).lower()
    tool = _OF_THE_NODE.get(name)
    if tool is None and name != case.inputs.pod.node_name.lower():
        return
    whose = f"an entry that {tool} puts into the node's file" if tool else "the name of its node"
    yield Finding(
        reason=Reason.NODE_ENTRY_NOT_INHERITED,
        severity=Severity.ERROR,
        message=f"{case.name} is {whose}: pods do not inherit the node's /etc/hosts, and cluster "
        "DNS has no such entry",
        fix="Add it to spec.hostAliases, or to the hosts block of the Corefile.",
    )


def localhost(case: ExplainCase) -> Iterator[Finding]:
    """S45: localhost has an address of both families, and servers often listen on one."""
    answer = case.observed if isinstance(case.observed, Observed) else case.predicted
    both = {"127.0.0.1", "::1"} <= set(answer.addresses)
    if bare(case.name).lower() == "localhost" and both:
        yield Finding(
            reason=Reason.LOCALHOST_BOTH_FAMILIES,
            severity=Severity.INFO,
            message="localhost is 127.0.0.1 and ::1: a client that tries ::1 first is refused "
            "where the server listens on IPv4",
            fix="Listen on both families, or connect to 127.0.0.1.",
        )


def of_hosts_report(case: ExplainCase) -> Iterator[Finding]:
    """S27, S34, S42, S47: what `show` found that names this name."""
    for each in case.inputs.hosts_findings:
        words = {word.strip("`'\",.;:()") for word in each.message.split()}
        if case.name in words and case.name not in {"localhost", ""}:
            yield each


def not_rolled(case: ExplainCase) -> Iterator[Finding]:
    """Question 7: an alias of the template that the running pod's spec does not have yet."""
    if case.is_found or isinstance(case.observed, CouldNotLook):
        return
    for each in case.inputs.hosts_findings:
        if each.reason in {Reason.TEMPLATE_NOT_ROLLED, Reason.HOST_ALIASES_LOST_BY_APPLY}:
            yield each


FINDERS = (
    shadows_dns,
    foreign_line,
    own_mount,
    node_entry_first,
    alias_not_in_file,
    own_name,
    node_entry,
    localhost,
    of_hosts_report,
    not_rolled,
)
