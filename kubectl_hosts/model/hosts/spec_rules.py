"""What is wrong with hostAliases and the pod's name as the spec asks for them: hosts-file.md 6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.addresses import inet_pton
from kubectl_hosts.model.evidence import ServiceAddresses
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.hosts.kubelet import (
    HOSTNAME_LIMIT,
    UTS_LIMIT,
    FQDNTooLong,
    HostName,
    host_name_by,
    layout_of,
    truncate_host_name,
    uts_hostname,
)
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.pod import ContainerKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from ipaddress import IPv4Network, IPv6Network

    from kubectl_hosts.model.hosts.kubelet import Expectation
    from kubectl_hosts.model.pod import Container, HostAlias, Pod


ONE_ITEM = "Put all names of one ip in one item of hostAliases."
# musl src/network/lookup_name.c: a line is read into 512 bytes, so a name must end by byte 510.
MUSL_LAST_BYTE = 510


def _alias_origin(pod: Pod, index: int) -> Origin:
    return Origin(kind=OriginKind.HOST_ALIAS, object=pod.object, field=f"spec.hostAliases[{index}]")


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
                    f"{len(indexes)} items of hostAliases have ip {ip}: "
                    "the next kubectl apply merges items by ip and may lose some"
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
                    f"{name} has the addresses {first} and {', '.join(others)}: "
                    f"glibc without `multi on` takes {first} alone, musl and Go take all"
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
                        f"comes first; glibc without `multi on` never sees {alias.ip}"
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


def _pod_host_name(expectation: Expectation) -> HostName:
    layout, _ = layout_of(expectation.node.kubelet_version)
    domain = expectation.cluster_domain.text
    return host_name_by(layout, expectation.pod, cluster_domain=domain)


def fqdn_too_long(expectation: Expectation) -> FQDNTooLong | None:
    """The name for which the kubelet makes no sandbox: S53, `FQDN ... is too long`."""
    pod = expectation.pod
    if pod.host_network:
        return None
    name = _pod_host_name(expectation)
    printed = uts_hostname(name, set_hostname_as_fqdn=pod.set_hostname_as_fqdn)
    return printed if isinstance(printed, FQDNTooLong) else None


def _host_name(expectation: Expectation) -> Iterator[Finding]:
    """S52 and S53: a name cut to 63 characters, an FQDN that does not fit in 64."""
    pod = expectation.pod
    if pod.host_network:
        return
    name = _pod_host_name(expectation)
    if name.name != (pod.hostname or pod.name) and pod.hostname_override is None:
        yield Finding(
            reason=Reason.HOST_NAME_TRUNCATED,
            severity=Severity.INFO,
            message=f"the host name is cut to {HOSTNAME_LIMIT} characters: {name.name}",
            fix="Set spec.hostname to a shorter name.",
            evidence=(_name_origin(pod),),
        )
    if printed := fqdn_too_long(expectation):
        yield Finding(
            reason=Reason.FQDN_TOO_LONG,
            severity=Severity.ERROR,
            message=(
                f"setHostnameAsFQDN asks for {printed.fqdn}, {len(printed.fqdn)} characters: the "
                f"kernel takes {UTS_LIMIT}, so the pod never starts and has no hosts file"
            ),
            fix="Shorten hostname or subdomain, or unset setHostnameAsFQDN.",
            evidence=(_name_origin(pod),),
        )


def _name_origin(pod: Pod) -> Origin:
    return Origin(kind=OriginKind.POD_IP, object=pod.object)


def _names_without_network(expectation: Expectation) -> Iterator[Finding]:
    """hosts-file.md 3: with hostNetwork the runtime takes the machine's host name."""
    pod = expectation.pod
    fields = (
        ("hostname", pod.hostname),
        ("subdomain", pod.subdomain),
        ("setHostnameAsFQDN", pod.set_hostname_as_fqdn),
    )
    ignored = [name for name, value in fields if value]
    # A StatefulSet sets the first two in each of its pods.
    is_asked = pod.owner is None or pod.owner.kind != "StatefulSet" or pod.set_hostname_as_fqdn
    if pod.host_network and ignored and is_asked:
        yield Finding(
            reason=Reason.HOST_NAME_IGNORED,
            severity=Severity.WARNING,
            message=f"hostNetwork ignores {', '.join(ignored)}: the host name is the node's",
            fix="Remove them, or leave hostNetwork.",
            evidence=(
                Origin(kind=OriginKind.POD_SPEC, object=pod.object, field=f"spec.{ignored[0]}"),
            ),
        )


def _cut_alike(expectation: Expectation) -> Iterator[Finding]:
    """Two pods whose names have the first 63 bytes in common have one host name."""
    pod = expectation.pod
    if expectation.namesakes and not pod.host_network:
        others = ", ".join(expectation.namesakes[:3])
        yield Finding(
            reason=Reason.HOST_NAMES_CUT_ALIKE,
            severity=Severity.WARNING,
            message=(
                f"pod {pod.name} and pod {others} have the same host name, "
                f"{truncate_host_name(pod.name)}: both names are cut to {HOSTNAME_LIMIT} characters"
            ),
            fix="Set spec.hostname in each of them, or shorten their names.",
            evidence=(_name_origin(pod),),
        )


def namesakes(pods: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str], tuple[str, ...]]:
    """(namespace, name) of each pod whose host name is cut to that of others, and their names.

    PODS are (namespace, name, spec.hostname); one with a hostname has that, and is nobody's.
    """
    alike: dict[tuple[str, str], list[str]] = {}
    for namespace, name, hostname in pods:
        if not hostname and len(name) > HOSTNAME_LIMIT:
            alike.setdefault((namespace, truncate_host_name(name)), []).append(name)
    return {
        (namespace, name): tuple(each for each in names if each != name)
        for (namespace, _), names in alike.items()
        if len(names) > 1
        for name in names
    }


def _pins_no_service(expectation: Expectation) -> Iterator[Finding]:
    """S32: a Service that was made anew has another cluster IP; the alias keeps the old one."""
    services = expectation.services
    if not isinstance(services, ServiceAddresses) or not expectation.pod.host_aliases:
        return
    of_addresses = dict(services.cluster_ips)
    pod = expectation.pod
    for index, alias in enumerate(pod.host_aliases):
        if alias.ip in of_addresses or not is_service_address(alias.ip, services):
            continue
        meant = _meant(alias, services, pod.namespace)
        leads = f"; Service {meant[1]} has {meant[0]}" if meant else ""
        fix = f"Write {meant[0]}, or ask for the Service by its name." if meant else ""
        yield Finding(
            reason=Reason.HOST_ALIAS_WITHOUT_SERVICE,
            severity=Severity.ERROR,
            message=f"hostAliases[{index}] pins {' '.join(alias.hostnames[:3])} to cluster IP "
            f"{alias.ip}, and no Service has {alias.ip}{leads}",
            fix=fix or "Ask for the Service by its name: DNS follows its address.",
            evidence=(_alias_origin(pod, index),),
        )


def is_service_address(address: str, services: ServiceAddresses) -> bool:
    """Whether an address is of the range that cluster IPs are taken from.

    By the ServiceCIDRs; without them, between the lowest and the highest that is in use.
    """
    found = inet_pton(address)
    if found is None:
        return False
    if services.ranges:
        return any(found in network for each in services.ranges if (network := _network(each)))
    used = [each for ip, _ in services.cluster_ips if (each := inet_pton(ip)) is not None]
    numbers = [int(each) for each in used if each.version == found.version]
    return bool(numbers) and min(numbers) <= int(found) <= max(numbers)


def _network(cidr: str) -> IPv4Network | IPv6Network | None:
    from ipaddress import ip_network  # noqa: PLC0415  few pods have an alias to look up

    try:
        return ip_network(cidr)
    except ValueError:
        return None


def _meant(alias: HostAlias, services: ServiceAddresses, namespace: str) -> tuple[str, str] | None:
    """(address, `namespace/name`) of the Service that one of the alias's names begins with."""
    wanted = services_meant(alias, namespace)
    for address, subject in services.cluster_ips:
        if subject in wanted and (":" in address) == (":" in alias.ip):
            return address, subject
    return None


def services_meant(alias: HostAlias, namespace: str) -> tuple[str, ...]:
    """The Services, as `namespace/name`, that the names of an alias may stand for.

    `peer0.example.org` begins with a Service of the pod's namespace, or names one of another.
    """
    labels = (name.split(".") for name in alias.hostnames)
    return tuple(
        dict.fromkeys(
            f"{each}/{first}" for first, *rest in labels for each in (namespace, *rest[:1])
        )
    )


def _unsupported(expectation: Expectation) -> Iterator[Finding]:
    """S1, S2, S25: kubelets that do not know hostAliases for such a pod."""
    pod = expectation.pod
    node = expectation.node
    layout, _ = layout_of(node.kubelet_version)
    is_windows = expectation.is_windows
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


_VIRTUAL = ("type", "virtual-kubelet")


def _virtual_node(expectation: Expectation) -> Iterator[Finding]:
    """S26: Azure/AKS#760, virtual-kubelet#467."""
    node = expectation.node
    is_asked = _VIRTUAL in expectation.pod.node_selector
    if expectation.pod.host_aliases and (is_asked or _VIRTUAL in node.labels):
        named = f"node {node.name} is virtual" if node.name else "nodeSelector asks a virtual node"
        yield Finding(
            reason=Reason.VIRTUAL_NODE,
            severity=Severity.WARNING,
            message=f"{named}: whether hostAliases work is up to its provider",
            fix="Serve the names from cluster DNS.",
        )


def writers(expectation: Expectation) -> tuple[Container, ...]:
    """The containers that write to the kubelet's file once they run, by their own command."""
    return tuple(
        each
        for each in expectation.pod.containers
        if each.writes_hosts
        and each.kind in {ContainerKind.APP, ContainerKind.SIDECAR}
        and expectation.kubelet_mounts(each.name)
        and not expectation.is_windows
    )


def _written_by_command(expectation: Expectation) -> Iterator[Finding]:
    """S46: one file for the pod, written anew at any start (hosts-file.md 2.3, 2.4)."""
    running = {ContainerKind.APP, ContainerKind.SIDECAR}
    others = sum(each.kind in running for each in expectation.pod.containers) > 1
    lasts = "any container's start undoes it" if others else "no spec has those lines"
    for each in writers(expectation):
        yield Finding(
            reason=Reason.COMMAND_WRITES_HOSTS,
            severity=Severity.WARNING if others else Severity.INFO,
            message=f"container {each.name} writes to /etc/hosts by its own command: {lasts}",
            fix="List the names in hostAliases.",
        )
    for each in expectation.pod.containers:
        is_init = each.kind is ContainerKind.INIT and expectation.kubelet_mounts(each.name)
        if each.writes_hosts and is_init and not expectation.is_windows:
            yield Finding(
                reason=Reason.COMMAND_WRITES_HOSTS,
                severity=Severity.WARNING,
                message=(
                    f"what init container {each.name} writes to /etc/hosts is lost: "
                    "the next container's start writes it anew"
                ),
                fix="List the names in hostAliases.",
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
    _pins_no_service,
    _host_name,
    _names_without_network,
    _cut_alike,
    _written_by_command,
)
