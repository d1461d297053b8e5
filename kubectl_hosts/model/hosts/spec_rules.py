"""What is wrong with hostAliases and the pod's name as they are asked for: hosts-file.md 6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.hosts.host_name import (
    HOSTNAME_LIMIT,
    UTS_LIMIT,
    FQDNTooLong,
    pod_host_name,
    uts_hostname,
)
from kubectl_hosts.model.hosts.kubelet import layout_of
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kubectl_hosts.model.hosts.kubelet import Expectation
    from kubectl_hosts.model.pod import Pod


ONE_ITEM = "Put all names of one ip in one item of hostAliases."
# musl src/network/lookup_name.c: a line is read into 512 bytes, so a name must end by byte 510.
MUSL_LAST_BYTE = 510


def _alias_origin(pod: Pod, index: int) -> Origin:
    return Origin(
        kind=OriginKind.HOST_ALIAS,
        object=f"{pod.namespace}/{pod.name}",
        field=f"spec.hostAliases[{index}]",
    )


def _duplicate_ips(expectation: Expectation) -> Iterator[Finding]:
    """S23, S27, S29: harmless in the file, but a merge key to kubectl apply (k/k#91670)."""
    pod = expectation.pod
    places: dict[str, list[int]] = {}
    for index, alias in enumerate(pod.host_aliases):
        places.setdefault(alias.ip, []).append(index)
    for ip, indexes in places.items():
        if len(indexes) > 1:
            yield Finding(
                reason=Reason.HOST_ALIAS_IP_DUPLICATE,
                severity=Severity.WARNING,
                message=(
                    f"{len(indexes)} items of hostAliases have ip {ip}: the file holds them all, "
                    "but the next kubectl apply merges items by ip and may lose some"
                ),
                fix=ONE_ITEM,
                evidence=tuple(_alias_origin(pod, index) for index in indexes),
            )


def _without_names(expectation: Expectation) -> Iterator[Finding]:
    """S24: the API accepts it (rowanruseler/helm-charts#279)."""
    pod = expectation.pod
    for index, alias in enumerate(pod.host_aliases):
        if not alias.hostnames:
            yield Finding(
                reason=Reason.HOST_ALIAS_WITHOUT_NAMES,
                severity=Severity.WARNING,
                message=f"hostAliases[{index}] ({alias.ip}) has no hostnames: a useless line",
                fix="Give it hostnames (a list; `hostname` is dropped), or remove it.",
                evidence=(_alias_origin(pod, index),),
            )


def _conflicting(expectation: Expectation) -> Iterator[Finding]:
    """S28, S48: one name under several addresses of one family (k/k#71044, kustomize#143)."""
    pod = expectation.pod
    places: dict[tuple[str, bool], dict[str, int]] = {}
    for index, alias in enumerate(pod.host_aliases):
        for name in alias.hostnames:
            is_ipv6 = ":" in alias.ip
            places.setdefault((name, is_ipv6), {}).setdefault(alias.ip, index)
    for (name, _), by_ip in places.items():
        if len(by_ip) > 1:
            first, *others = by_ip
            yield Finding(
                reason=Reason.CONFLICTING_HOST_ALIASES,
                severity=Severity.WARNING,
                message=(
                    f"{name} stands under {first} and {', '.join(others)}: glibc without `multi on`"
                    f" takes {first} alone; glibc with it, musl and Go take all"
                ),
                fix="Remove it from the items whose address is not meant.",
                evidence=tuple(_alias_origin(pod, index) for index in by_ip.values()),
            )


def _shadowed(expectation: Expectation) -> Iterator[Finding]:
    """S47: the generated lines come first, for `localhost` and the pod's own names."""
    pod = expectation.pod
    first: dict[str, int] = {}
    for number, line in enumerate(expectation.file.lines, 1):
        if line.origin.kind is not OriginKind.HOST_ALIAS and not line.text.startswith("#"):
            for name in line.text.split()[1:]:
                first.setdefault(name, number)
    for index, alias in enumerate(pod.host_aliases):
        for name in alias.hostnames:
            if name in first:
                yield Finding(
                    reason=Reason.SHADOWED_HOST_ALIAS,
                    severity=Severity.WARNING,
                    message=(
                        f"hostAliases cannot override {name}: the kubelet's line {first[name]} "
                        f"comes first; glibc without `multi on` never sees {alias.ip}, the others "
                        "get both addresses"
                    ),
                    fix="Use another name.",
                    evidence=(_alias_origin(pod, index),),
                )


def _past_buffer(expectation: Expectation) -> Iterator[Finding]:
    """S42 (alpinelinux/docker-alpine#475): names that musl cannot see."""
    pod = expectation.pod
    layout, _ = layout_of(expectation.node.kubelet_version)
    for index, alias in enumerate(pod.host_aliases):
        if not layout.line_per_item:
            return
        unseen = []
        end = len(alias.ip)
        for name in alias.hostnames:
            end += 1 + len(name)
            if end > MUSL_LAST_BYTE:
                unseen.append(name)
        if unseen:
            yield Finding(
                reason=Reason.HOST_ALIAS_PAST_BUFFER,
                severity=Severity.WARNING,
                message=(
                    f"hostAliases[{index}] ({alias.ip}) makes a line so long that musl (Alpine) "
                    f"does not see {len(unseen)} of its names: {', '.join(unseen[:5])}"
                ),
                fix="Give the item fewer or shorter names, or serve them from cluster DNS.",
                evidence=(_alias_origin(pod, index),),
            )


def _ambiguous_ips(expectation: Expectation) -> Iterator[Finding]:
    """S49: leading zeros are octal to musl, and no address at all to glibc and Go."""
    pod = expectation.pod
    for index, alias in enumerate(pod.host_aliases):
        octets = alias.ip.split(".")
        if len(octets) == 4 and any(len(octet) > 1 and octet[0] == "0" for octet in octets):
            yield Finding(
                reason=Reason.AMBIGUOUS_HOST_ALIAS_IP,
                severity=Severity.ERROR,
                message=(
                    f"hostAliases[{index}] has ip {alias.ip}: musl reads its leading zeros as "
                    "octal, glibc and Go ignore the line"
                ),
                fix="Write the octets without leading zeros.",
                evidence=(_alias_origin(pod, index),),
            )


def _host_name(expectation: Expectation) -> Iterator[Finding]:
    """S52 and S53: a name cut to 63 characters, an FQDN that does not fit in 64."""
    pod = expectation.pod
    if pod.host_network:
        return
    layout, _ = layout_of(expectation.node.kubelet_version)
    origin = Origin(kind=OriginKind.POD_IP, object=f"{pod.namespace}/{pod.name}")
    name = pod_host_name(
        pod,
        cluster_domain=expectation.cluster_domain.text,
        hostname_override=layout.hostname_override,
    )
    if name.name != (pod.hostname or pod.name) and pod.hostname_override is None:
        yield Finding(
            reason=Reason.HOST_NAME_TRUNCATED,
            severity=Severity.INFO,
            message=f"the host name is cut to {HOSTNAME_LIMIT} characters: {name.name}",
            fix="Set spec.hostname to a shorter name.",
            evidence=(origin,),
        )
    printed = uts_hostname(name, set_hostname_as_fqdn=pod.set_hostname_as_fqdn)
    if isinstance(printed, FQDNTooLong):
        yield Finding(
            reason=Reason.FQDN_TOO_LONG,
            severity=Severity.ERROR,
            message=(
                f"setHostnameAsFQDN asks for {printed.fqdn}, {len(printed.fqdn)} characters: the "
                f"kernel takes {UTS_LIMIT}, so the pod never starts and has no hosts file"
            ),
            fix="Shorten hostname or subdomain, or unset setHostnameAsFQDN.",
            evidence=(origin,),
        )


def _unsupported(expectation: Expectation) -> Iterator[Finding]:
    """S1, S2, S25: kubelets that do not know hostAliases for such a pod."""
    pod = expectation.pod
    node = expectation.node
    layout, _ = layout_of(node.kubelet_version)
    is_windows = "windows" in {node.operating_system, pod.os_name}
    reasons = (
        (not layout.host_aliases, "kubelets before 1.7 ignore hostAliases"),
        (
            pod.host_network and not layout.host_network,
            "kubelets before 1.8 ignore hostAliases of hostNetwork pods",
        ),
        (is_windows and not layout.windows, "on Windows, kubelets before 1.20 write no hosts file"),
        (
            pod.host_network and "kubeedge" in node.kubelet_version,
            "KubeEdge's edgecore ignores hostAliases of hostNetwork pods (kubeedge#3812)",
        ),
    )
    for applies, why in reasons:
        if applies and pod.host_aliases:
            yield Finding(
                reason=Reason.HOST_ALIASES_UNSUPPORTED,
                severity=Severity.ERROR,
                message=f"node {node.name} runs kubelet {node.kubelet_version}: {why}",
                fix="Upgrade the node, or serve the names from cluster DNS.",
            )
            return


def _virtual_node(expectation: Expectation) -> Iterator[Finding]:
    """S26: Azure/AKS#760, virtual-kubelet#467."""
    node = expectation.node
    if expectation.pod.host_aliases and ("type", "virtual-kubelet") in node.labels:
        yield Finding(
            reason=Reason.VIRTUAL_NODE,
            severity=Severity.WARNING,
            message=f"node {node.name} is virtual: whether hostAliases work is up to its provider",
            fix="Serve the names from cluster DNS.",
        )


ALIAS_RULES: tuple[Callable[[Expectation], Iterator[Finding]], ...] = (
    _unsupported,
    _virtual_node,
    _duplicate_ips,
    _without_names,
    _conflicting,
    _shadowed,
    _past_buffer,
    _ambiguous_ips,
    _host_name,
)
