"""The hosts file the kubelet writes: kubernetes/kubernetes, pkg/kubelet/kubelet_pods.go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubectl_hosts.model.hosts.host_name import (
    ClusterDomain,
    HostName,
    learn_cluster_domain,
    pod_host_name,
)
from kubectl_hosts.model.hosts.layout import Layout, layout_of
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.pod import Container, HostAlias, Pod

HEADER = "# Kubernetes-managed hosts file."
HOST_NETWORK_HEADER = "# Kubernetes-managed hosts file (host network)."
ALIASES_COMMENT = "# Entries added by HostAliases."

# Byte for byte what managedHostsFileContent writes, with spaces after the first name of `::1` and
# fe00::0 on two lines (a mistake since 2015). Drift is measured against this: do not tidy it.
BOILERPLATE = (
    HEADER,
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::0\tip6-localnet",
    "fe00::0\tip6-mcastprefix",
    "fe00::1\tip6-allnodes",
    "fe00::2\tip6-allrouters",
)

# pkg/kubelet/kubelet.go linuxEtcHostsPath, windowsEtcHostsPath
LINUX_HOSTS_PATH = "/etc/hosts"
WINDOWS_HOSTS_PATH = r"C:\Windows\System32\drivers\etc\hosts"

# What stands for an address that the pod does not have yet.
ADDRESS_TO_COME = "<pod IP>"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedLine:
    """A line as the kubelet writes it, without its newline, and the field it comes from.

    to_come: the pod has no address yet, and the line holds `<pod IP>` in its place.
    """

    text: str
    origin: Origin
    to_come: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedFile:
    """What the kubelet writes: lines before and, for hostNetwork, after the node's own file.

    node_part says that the bytes of the node's /etc/hosts, which no API object holds, stand
    between `lines` and `tail`; without it tail is empty and the file is complete.
    """

    lines: tuple[ExpectedLine, ...]
    node_part: bool = False
    tail: tuple[ExpectedLine, ...] = ()
    assumptions: tuple[str, ...] = ()

    def to_bytes(self, *, node_hosts: bytes = b"") -> bytes:
        """The file byte for byte, with NODE_HOSTS as the node's /etc/hosts.

        A line whose address is still to come is a comment: no such line can be written yet.
        """
        return _bytes(self.lines) + (node_hosts if self.node_part else b"") + _bytes(self.tail)


def _bytes(lines: tuple[ExpectedLine, ...]) -> bytes:
    written = (f"# {line.text}\n" if line.to_come else f"{line.text}\n" for line in lines)
    return "".join(written).encode("utf-8", "surrogatepass")


def hosts_path(os_name: str) -> str:
    """Where the hosts file is, by the name of the operating system (`windows`, else Linux)."""
    return WINDOWS_HOSTS_PATH if os_name == "windows" else LINUX_HOSTS_PATH


def is_kubelet_file_mounted(
    pod: Pod, container: Container, *, kubelet_version: str, os_name: str = ""
) -> bool:
    """Whether the kubelet mounts its file in CONTAINER: shouldMountHostsFile, makeMounts.

    OS_NAME is the node's (`linux`, `windows`); "" takes the pod's spec.os.name.
    """
    layout, _ = layout_of(kubelet_version)
    os_name = os_name or pod.os_name
    if os_name == "windows" and not layout.windows:
        return False
    if os_name == "windows" and any(each.host_process for each in pod.containers):
        return False
    if pod.host_network and not layout.host_network:
        return False
    if not pod.pod_ips and not (pod.host_network and layout.host_network_without_ips):
        return False
    # An exact comparison of strings: `/etc/hosts/` or `/etc` do not keep the kubelet's file out.
    path = hosts_path(os_name)
    return all(mount.mount_path != path for mount in container.volume_mounts)


def kubelet_hosts_file(
    pod: Pod,
    *,
    kubelet_version: str,
    cluster_domain: ClusterDomain | None = None,
    hostname_override: bool | None = None,
) -> ExpectedFile:
    """The file that a kubelet of KUBELET_VERSION writes for POD, and what that takes for granted.

    HOSTNAME_OVERRIDE is the gate HostnameOverride, None for what release and object say. Raises
    BadInput where the kubelet refuses the pod for its hostname or subdomain.
    """
    layout, assumed_version = layout_of(kubelet_version)
    domain = cluster_domain or learn_cluster_domain(pod)
    gate = _is_override_honoured(pod, layout) if hostname_override is None else hostname_override
    name = pod_host_name(pod, cluster_domain=domain.text, hostname_override=gate)
    assumptions = [assumed_version] if assumed_version else []
    if domain.assumed and name.domain and not pod.host_network:
        assumptions.append(f"the cluster domain is {domain.text}")
    subject = f"{pod.namespace}/{pod.name}"
    if pod.host_network:
        return node_hosts_file(
            subject, pod.host_aliases, layout=layout, assumptions=tuple(assumptions)
        )
    lines = managed_hosts_file(subject, pod.pod_ips, name, pod.host_aliases, layout=layout)
    return ExpectedFile(lines=lines, assumptions=tuple(assumptions))


def _is_override_honoured(pod: Pod, layout: Layout) -> bool:
    # An API server whose gate is off drops the field (hosts-file.md 3): an object of a cluster that
    # has it (it has a uid) says that the gate is on; a manifest says nothing.
    return layout.hostname_override or (layout.hostname_override_gate and bool(pod.uid))


def managed_hosts_file(
    subject: str,
    pod_ips: tuple[str, ...],
    name: HostName,
    host_aliases: tuple[HostAlias, ...],
    *,
    layout: Layout,
) -> tuple[ExpectedLine, ...]:
    """The lines of a pod that has its own network: managedHostsFileContent."""
    boilerplate = Origin(kind=OriginKind.KUBELET_BOILERPLATE, object=subject)
    written = pod_ips if layout.every_pod_ip else pod_ips[:1]
    names = f"{name.fqdn}\t{name.name}" if name.domain and layout.fqdn else name.name
    return (
        *(ExpectedLine(text=text, origin=boilerplate) for text in BOILERPLATE),
        *(
            ExpectedLine(
                text=f"{ip}\t{names}",
                origin=Origin(
                    kind=OriginKind.POD_IP, object=subject, field=f"status.podIPs[{index}]"
                ),
                to_come=ip == ADDRESS_TO_COME,
            )
            for index, ip in enumerate(written or (ADDRESS_TO_COME,))
        ),
        *_alias_section(subject, host_aliases, layout),
    )


def node_hosts_file(
    subject: str,
    host_aliases: tuple[HostAlias, ...],
    *,
    layout: Layout,
    assumptions: tuple[str, ...] = (),
) -> ExpectedFile:
    """The file of a hostNetwork pod, around the node's own: nodeHostsFileContent."""
    header = ExpectedLine(
        text=HOST_NETWORK_HEADER,
        origin=Origin(kind=OriginKind.KUBELET_BOILERPLATE, object=subject),
    )
    return ExpectedFile(
        lines=(header,) if layout.host_network_header else (),
        node_part=True,
        tail=tuple(_alias_section(subject, host_aliases, layout)),
        assumptions=assumptions,
    )


def _alias_section(
    subject: str, host_aliases: tuple[HostAlias, ...], layout: Layout
) -> Iterator[ExpectedLine]:
    """What hostsEntriesFromHostAliases writes: nothing is sorted, merged or checked."""
    if not layout.host_aliases or not host_aliases:
        return
    if layout.alias_comment:
        boilerplate = Origin(kind=OriginKind.KUBELET_BOILERPLATE, object=subject)
        yield ExpectedLine(text="", origin=boilerplate)
        yield ExpectedLine(text=ALIASES_COMMENT, origin=boilerplate)
    for index, alias in enumerate(host_aliases):
        origin = Origin(
            kind=OriginKind.HOST_ALIAS, object=subject, field=f"spec.hostAliases[{index}]"
        )
        groups = ("\t".join(alias.hostnames),) if layout.line_per_item else alias.hostnames
        for names in groups:
            yield ExpectedLine(text=f"{alias.ip}\t{names}", origin=origin)
