"""The hosts file the kubelet writes, byte for byte: kubernetes/kubernetes, kubelet_pods.go.

What each release writes is a row of `LAYOUTS` (hosts-file.md 1.7). From a pod and its node follow
the lines, each with the field that it comes from; whether a container gets the file at all; and
when it was last written, as far as the Pod's status tells (2.3).

The pod's own name and domain are those of GeneratePodHostNameAndDomain.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.evidence import CouldNotLook, FileRead, NodeEvidence, operating_system
from kubectl_hosts.model.hosts.file import parse_hosts_file
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.pod import Container

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.evidence import ConfigMaps, PodEvidence, ServiceAddresses
    from kubectl_hosts.model.hosts.file import HostsFile
    from kubectl_hosts.model.pod import HostAlias, Pod

HOSTNAME_LIMIT = 63  # pkg/kubelet/util/util.go truncatePodHostnameIfNeeded
UTS_LIMIT = 64  # the kernel's __NEW_UTS_LEN; pkg/kubelet/util/util.go GetNodenameForKernel
DEFAULT_CLUSTER_DOMAIN = "cluster.local"

# k8s.io/apimachinery/pkg/util/validation: IsDNS1123Label, IsDNS1123Subdomain
_DNS1123_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_DNS1123_SUBDOMAIN = rf"{_DNS1123_LABEL}(\.{_DNS1123_LABEL})*"


class HostName(NamedTuple):
    """The name that the kubelet writes for the pod; domain is "" without a subdomain."""

    name: str
    domain: str = ""

    @property
    def fqdn(self) -> str:
        """`name.domain`, or the name alone."""
        return f"{self.name}.{self.domain}" if self.domain else self.name


class ClusterDomain(NamedTuple):
    """The cluster domain without its final dot."""

    text: str
    assumed: bool = False


class FQDNTooLong(NamedTuple):
    """setHostnameAsFQDN asks for a host name that the kernel cannot hold: the pod never starts."""

    fqdn: str


def truncate_host_name(name: str) -> str:
    """At most 63 characters of NAME, without the `-` and `.` that the cut leaves at the end."""
    return name if len(name) <= HOSTNAME_LIMIT else name[:HOSTNAME_LIMIT].rstrip("-.")


def pod_host_name(pod: Pod, *, cluster_domain: str, hostname_override: bool) -> HostName:
    """The pod's host name and domain; HOSTNAME_OVERRIDE is the gate HostnameOverride.

    Raises BadInput where the kubelet refuses the pod for its hostname, subdomain or override.
    """
    if hostname_override and pod.hostname_override is not None:
        _require_valid("HostnameOverride", pod.hostname_override, _DNS1123_SUBDOMAIN)
        return HostName(truncate_host_name(pod.hostname_override))
    if pod.hostname:
        _require_valid("Hostname", pod.hostname, _DNS1123_LABEL)
    if not pod.subdomain:
        return HostName(truncate_host_name(pod.hostname or pod.name))
    _require_valid("Subdomain", pod.subdomain, _DNS1123_LABEL)
    domain = f"{pod.subdomain}.{pod.namespace}.svc.{cluster_domain}"
    return HostName(truncate_host_name(pod.hostname or pod.name), domain)


def _require_valid(field: str, value: str, form: str) -> None:
    what = "label" if form == _DNS1123_LABEL else "subdomain"
    problem = ""
    if form == _DNS1123_LABEL and len(value) > HOSTNAME_LIMIT:
        problem = f": must be no more than {HOSTNAME_LIMIT} characters"
    elif re.fullmatch(form, value) is None:
        problem = ": lower case letters, digits and '-' only, a letter or digit at both ends"
    if problem:
        raise BadInput(
            f'pod {field} "{value}" is not a valid DNS {what}{problem}',
            hint="The API server refuses such a pod, and the kubelet does not start it.",
        )


def uts_hostname(host_name: HostName, *, set_hostname_as_fqdn: bool) -> str | FQDNTooLong:
    """What `hostname` prints in the pod (not with hostNetwork): GetNodenameForKernel."""
    if not set_hostname_as_fqdn or not host_name.domain:
        return host_name.name
    fqdn = host_name.fqdn
    return FQDNTooLong(fqdn) if len(fqdn) > UTS_LIMIT else fqdn


def learn_cluster_domain(
    pod: Pod, *, resolv_conf: bytes = b"", observed: HostsFile | None = None
) -> ClusterDomain:
    """The cluster domain from the pod's own files, in order of trust, else the usual one.

    cluster-dns.md section 4: the kubelet puts `NAMESPACE.svc.DOMAIN` in the search list; then the
    own line of the hosts file (hosts-file.md 7.2), which someone in the pod may have edited.
    """
    searched = _domain_searched(resolv_conf, pod.namespace)
    if searched:
        return ClusterDomain(searched)
    written = _domain_written(observed, pod) if observed is not None else ""
    if written:
        return ClusterDomain(written)
    return ClusterDomain(DEFAULT_CLUSTER_DOMAIN, assumed=True)


def _domain_searched(resolv_conf: bytes, namespace: str) -> str:
    searches = [
        line.split()[1:]
        for line in resolv_conf.decode("utf-8", "replace").splitlines()
        if line.startswith(("search ", "search\t"))
    ]
    prefix = f"{namespace}.svc."
    return next(
        (
            entry[len(prefix) :].rstrip(".")
            for entry in (searches[-1] if searches else ())  # resolv.conf(5): the last one wins
            if entry.startswith(prefix)
        ),
        "",
    )


def _domain_written(observed: HostsFile, pod: Pod) -> str:
    if not pod.subdomain:
        return ""
    own = truncate_host_name(pod.hostname or pod.name)
    prefix = f"{own}.{pod.subdomain}.{pod.namespace}.svc."
    entries = (line.entry for line in observed.lines)
    return next(
        (
            entry.names[0][len(prefix) :]
            for entry in entries
            if entry is not None and entry.names[1:] == (own,) and entry.names[0].startswith(prefix)
        ),
        "",
    )


class KubeletLayout(NamedTuple):
    """What a kubelet writes from release `since` on."""

    since: tuple[int, int]
    fqdn: bool = False
    """A pod with a subdomain gets `IP FQDN NAME` instead of `IP NAME`."""
    host_aliases: bool = False
    alias_comment: bool = False
    """A blank line and `# Entries added by HostAliases.` stand before the aliases."""
    line_per_item: bool = False
    """One line an item of hostAliases, not one a hostname."""
    host_network: bool = False
    """hostNetwork pods get a copy of the node's file, with their hostAliases."""
    host_network_header: bool = False
    host_network_without_ips: bool = False
    """... even when they start before the node has an address."""
    every_pod_ip: bool = False
    windows: bool = False
    readable_by_all: bool = False
    """Mode 0644 whatever the kubelet's umask."""
    hostname_override_gate: bool = False
    """The gate HostnameOverride exists, off by default."""
    hostname_override: bool = False
    """The gate HostnameOverride is on by default."""


_V1_1 = KubeletLayout(since=(1, 1))  # k/k#16052
_V1_3 = _V1_1._replace(since=(1, 3), fqdn=True)
_V1_7 = _V1_3._replace(since=(1, 7), host_aliases=True)  # k/k#45148
_V1_8 = _V1_7._replace(since=(1, 8), alias_comment=True, host_network=True)  # k/k#49140, #50646
_V1_11 = _V1_8._replace(since=(1, 11), host_network_header=True)  # k/k#61613
_V1_14 = _V1_11._replace(since=(1, 14), line_per_item=True)  # k/k#71044
_V1_17 = _V1_14._replace(since=(1, 17), every_pod_ip=True)  # k/k#83123
_V1_20 = _V1_17._replace(since=(1, 20), windows=True)  # k/k#83730
_V1_26 = _V1_20._replace(since=(1, 26), readable_by_all=True)  # k/k#113209
_V1_32 = _V1_26._replace(since=(1, 32), host_network_without_ips=True)  # k/k#126460
_V1_34 = _V1_32._replace(since=(1, 34), hostname_override_gate=True)  # KEP-4762, alpha
_V1_35 = _V1_34._replace(since=(1, 35), hostname_override=True)  # KEP-4762, beta

LAYOUTS = (
    *(_V1_1, _V1_3, _V1_7, _V1_8, _V1_11, _V1_14),
    *(_V1_17, _V1_20, _V1_26, _V1_32, _V1_34, _V1_35),
)

# `v1.30.4-gke.100`, `v1.29.0+k3s1`, `1.21+`: vendors add to the end, never to the front.
_VERSION = re.compile(r"v?([0-9]{1,9})\.([0-9]{1,9})(?![0-9])")


def parse_kubelet_version(text: str) -> tuple[int, int] | None:
    """Major and minor of status.nodeInfo.kubeletVersion, None where it has none."""
    match = _VERSION.match(text)
    return (int(match[1]), int(match[2])) if match else None


def layout_of(kubelet_version: str) -> tuple[KubeletLayout, str]:
    """The row of KUBELET_VERSION, and what was assumed ("" when the version was readable).

    A version that cannot be read gets the newest layout, and one below 1.1 the oldest.
    """
    version = parse_kubelet_version(kubelet_version)
    if version is None:
        shown = f'"{kubelet_version}" is none' if kubelet_version else "it is not known"
        return LAYOUTS[-1], f"the kubelet's version is current ({shown})"
    return next((row for row in reversed(LAYOUTS) if row.since <= version), LAYOUTS[0]), ""


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


class ExpectedLine(Struct, frozen=True, kw_only=True):
    """A line as the kubelet writes it, without its newline, and the field it comes from.

    to_come: the pod has no address yet, and the line holds `<pod IP>` in its place.
    """

    text: str
    origin: Origin
    to_come: bool = False
    written: bytes | None = None
    """The bytes, where the text for people does not have them all: a volume's file."""

    @property
    def raw(self) -> bytes:
        """The line's bytes, without its newline."""
        if self.written is not None:
            return self.written
        return self.text.encode("utf-8", "surrogatepass")


class ExpectedFile(Struct, frozen=True, kw_only=True):
    """What the kubelet writes: lines before and, for hostNetwork, after the node's own file.

    node_part says that the bytes of the node's /etc/hosts, which no API object holds, stand
    between `lines` and `tail`; without it tail is empty and the file is complete.
    ends_in_newline is False for the file of a volume whose last line has none.
    """

    lines: tuple[ExpectedLine, ...]
    node_part: bool = False
    tail: tuple[ExpectedLine, ...] = ()
    assumptions: tuple[str, ...] = ()
    ends_in_newline: bool = True

    def to_bytes(self, *, node_hosts: bytes = b"") -> bytes:
        """The file byte for byte, with NODE_HOSTS as the node's /etc/hosts.

        A line whose address is still to come is a comment: no such line can be written yet.
        """
        part = node_hosts if self.node_part else b""
        written = _bytes(self.lines) + part + _bytes(self.tail)
        return written if self.ends_in_newline else written.removesuffix(b"\n")


def _bytes(lines: tuple[ExpectedLine, ...]) -> bytes:
    return b"".join(b"# %b\n" % line.raw if line.to_come else line.raw + b"\n" for line in lines)


def hosts_path(os_name: str) -> str:
    """Where the hosts file is, by the name of the operating system (`windows`, else Linux)."""
    return WINDOWS_HOSTS_PATH if os_name == "windows" else LINUX_HOSTS_PATH


def is_kubelet_file_mounted(
    pod: Pod, container: Container, *, kubelet_version: str, os_name: str = ""
) -> bool:
    """Whether the kubelet mounts its file in CONTAINER: shouldMountHostsFile, makeMounts.

    OS_NAME is the node's (`linux`, `windows`); "" takes what the pod's spec says of it.
    """
    layout, _ = layout_of(kubelet_version)
    os_name = os_name or pod.os_name or pod.selected_os
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
) -> ExpectedFile:
    """The file that a kubelet of KUBELET_VERSION writes for POD, and what that takes for granted.

    Raises BadInput where the kubelet refuses the pod for its hostname or subdomain.
    """
    layout, assumed_version = layout_of(kubelet_version)
    domain = cluster_domain or learn_cluster_domain(pod)
    name = host_name_by(layout, pod, cluster_domain=domain.text)
    assumptions = [assumed_version] if assumed_version else []
    if domain.assumed and name.domain and not pod.host_network:
        assumptions.append(f"the cluster domain is {domain.text}")
    subject = pod.object
    if pod.host_network:
        return node_hosts_file(
            subject, pod.host_aliases, layout=layout, assumptions=tuple(assumptions)
        )
    lines = managed_hosts_file(subject, pod.pod_ips, name, pod.host_aliases, layout=layout)
    return ExpectedFile(lines=lines, assumptions=tuple(assumptions))


def host_name_by(layout: KubeletLayout, pod: Pod, *, cluster_domain: str) -> HostName:
    """The pod's host name and domain by a kubelet of LAYOUT. Raises BadInput as pod_host_name."""
    # An API server whose gate is off drops the field (hosts-file.md 3): an object of a cluster that
    # has it (it has a uid) says that the gate is on; a manifest says nothing.
    gate = layout.hostname_override or (layout.hostname_override_gate and bool(pod.uid))
    return pod_host_name(pod, cluster_domain=cluster_domain, hostname_override=gate)


def managed_hosts_file(
    subject: str,
    pod_ips: tuple[str, ...],
    name: HostName,
    host_aliases: tuple[HostAlias, ...],
    *,
    layout: KubeletLayout,
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
    layout: KubeletLayout,
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
    subject: str, host_aliases: tuple[HostAlias, ...], layout: KubeletLayout
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


class LastWritten(NamedTuple):
    """When the kubelet last wrote the file, as far as the Pod's status tells (RFC 3339).

    by is the container whose start it was. or_later says why it may have been later still: a
    container whose failing starts rewrite the file and leave no startedAt.
    """

    at: str = ""
    by: str = ""
    or_later: str = ""


# What startedAt holds of a container that never ran (StartError).
_NEVER = "1970-01-01T00:00:00Z"


def last_written(pod: Pod, *, path: str) -> LastWritten:
    """The newest start of a container that takes the kubelet's file at PATH.

    Each start attempt that gets as far as the mounts writes the file anew. Some leave no startedAt:
    such a container is named in or_later.
    """
    sharing = [
        each
        for each in pod.containers
        if all(mount.mount_path != path for mount in each.volume_mounts)
    ]
    starts = [
        (each.status.started_at, each.name)
        for each in sharing
        if each.status.started_at and each.status.started_at != _NEVER
    ]
    at, by = max(starts, default=("", ""))
    failing = "; ".join(why for each in sharing if (why := _rewrites_unseen(each)))
    return LastWritten(at=at, by=by, or_later=failing)


def _rewrites_unseen(container: Container) -> str:
    """Why this container's start attempts rewrite the file without leaving a startedAt."""
    status = container.status
    is_config_error = status.reason == "CreateContainerConfigError"
    if is_config_error and "runAsNonRoot" in status.message:
        return f"container {container.name} ({status.reason}) rewrites it at every try"
    is_start_error = status.reason in {"StartError", "RunContainerError"}
    if is_start_error or status.started_at == _NEVER:
        return f"container {container.name} (StartError) rewrites it at every try"
    return ""


RESOLV_CONF = "/etc/resolv.conf"
UNNAMED = Container(name="")


class Expectation(Struct, frozen=True, kw_only=True):
    """What the pod's spec and node make of its hosts file, the same for all its containers."""

    pod: Pod
    node: NodeEvidence
    path: str
    file: ExpectedFile
    cluster_domain: ClusterDomain
    last_written: LastWritten
    operating_system: str = ""
    """`windows`, `linux`, "" where nothing tells."""
    config_maps: ConfigMaps = ()
    services: ServiceAddresses | CouldNotLook | None = None
    namesakes: tuple[str, ...] = ()

    @property
    def is_windows(self) -> bool:
        """Whether its containers are Windows containers."""
        return self.operating_system == "windows"

    def kubelet_mounts(self, container: str) -> bool:
        """Whether a container of that name gets the kubelet's file once the pod has an address."""
        pod = self.pod
        addressed = pod if pod.pod_ips else replace(pod, pod_ips=(ADDRESS_TO_COME,))
        return is_kubelet_file_mounted(
            addressed,
            pod.container(container) or UNNAMED,
            kubelet_version=self.node.kubelet_version,
            os_name=self.operating_system,
        )


def expect(evidence: PodEvidence) -> Expectation:
    """The prediction for the pod. Raises BadInput where the kubelet refuses its host name."""
    pod = evidence.pod
    node = evidence.node
    if isinstance(node, CouldNotLook):
        node = NodeEvidence(name=pod.node_name)
    os_name = operating_system(pod, node)
    path = hosts_path(os_name)
    domain = _cluster_domain(evidence, path)
    return Expectation(
        pod=pod,
        node=node,
        path=path,
        file=kubelet_hosts_file(pod, kubelet_version=node.kubelet_version, cluster_domain=domain),
        cluster_domain=domain,
        last_written=last_written(pod, path=path),
        operating_system=os_name,
        config_maps=evidence.config_maps,
        services=evidence.services,
        namesakes=evidence.namesakes,
    )


def _cluster_domain(evidence: PodEvidence, path: str) -> ClusterDomain:
    if evidence.cluster_domain:
        return ClusterDomain(evidence.cluster_domain)
    learnt = ClusterDomain("", assumed=True)
    for container in evidence.containers:
        resolv_conf, hosts = container.file(RESOLV_CONF), container.file(path)
        learnt = learn_cluster_domain(
            evidence.pod,
            resolv_conf=resolv_conf.data if isinstance(resolv_conf, FileRead) else b"",
            observed=parse_hosts_file(hosts.whole_lines) if isinstance(hosts, FileRead) else None,
        )
        if not learnt.assumed:
            return learnt
    return learnt if learnt.text else learn_cluster_domain(evidence.pod)


def own_names(expectation: Expectation) -> frozenset[str]:
    """The names that the kubelet writes for the pod itself."""
    own = (each for each in expectation.file.lines if each.origin.kind is OriginKind.POD_IP)
    return frozenset(name for line in own for name in line.text.split("\t")[1:])
