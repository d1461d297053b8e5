"""What was collected: a file as it was read, or the reason why it could not be."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from kubectl_hosts.model.objects import ConfigMap
    from kubectl_hosts.model.pod import HostAlias, Pod

MOUNTINFO = "/proc/self/mountinfo"
HOSTS = "/etc/hosts"
RESOLV_CONF = "/etc/resolv.conf"
HOST_CONF = "/etc/host.conf"
NSSWITCH_CONF = "/etc/nsswitch.conf"
OS_RELEASE = "/etc/os-release"
HOSTNAME = "/proc/sys/kernel/hostname"
IF_INET6 = "/proc/net/if_inet6"
"""The IPv6 addresses of the pod, for AI_ADDRCONFIG; proc_net(5)."""

# The hosts file comes last: should the stream be cut, all the rest has arrived.
HOSTS_PATHS = (MOUNTINFO, RESOLV_CONF, HOSTS)
"""What `show` and `diff` are judged from."""
RESOLVER_PATHS = (
    *(HOSTNAME, IF_INET6, MOUNTINFO, RESOLV_CONF, HOST_CONF, NSSWITCH_CONF, OS_RELEASE, HOSTS),
)
"""What a resolver is made of besides."""


class CouldNotLook(Struct, frozen=True, kw_only=True):
    """The third outcome: neither found nor absent, with the reason and what would help."""

    what: str
    why: str
    hint: str = ""
    reason: str = ""
    """One word for programs: the API's own (`Forbidden`, `NotFound`), or an error's class name."""
    request: str = ""
    """Verb and resource of what a server did not give: `list services`; "" where none was asked."""


NOBODY_LOOKED = CouldNotLook(what="the C library's own answer", why="the pod was not looked into")


class FileRead(Struct, frozen=True):
    """A file's bytes as the container shows them; `truncated` where our cap cut them."""

    data: bytes
    truncated: bool = False

    @property
    def whole_lines(self) -> bytes:
        """The data without what our cut left of a line: nobody knows how that one ends."""
        return self.data[: self.data.rfind(b"\n") + 1] if self.truncated else self.data

    def unread(self, path: str) -> CouldNotLook | None:
        """What of the file at PATH nobody read, None where it is whole."""
        if not self.truncated:
            return None
        return CouldNotLook(what=f"the rest of {path}", why=f"cut after {len(self.data)} bytes")


class FileAbsent(Struct, frozen=True):
    """The container has no such file."""


FileEvidence = FileRead | FileAbsent | CouldNotLook


class ContainerEvidence(NamedTuple):
    """What one exec in a container brought back.

    files maps absolute paths (`/etc/hosts`, `/proc/self/mountinfo`) to what was found there.
    read_from names the sibling that really was read, "" where it was the container itself.
    """

    name: str
    files: tuple[tuple[str, FileEvidence], ...] = ()
    via: str = ""
    """How it was read: `sh`, `cat`, `python3`, `capture`."""
    read_from: str = ""
    failure: CouldNotLook | None = None
    """Why nothing could be read at all."""

    def file(self, path: str) -> FileEvidence:
        """What was found at PATH; CouldNotLook where nobody looked there."""
        for read, found in self.files:
            if read == path:
                return found
        return self.failure or CouldNotLook(what=path, why="it was not read")


class NodeEvidence(NamedTuple):
    """The Node's fields that decide how its kubelet writes the file; status.nodeInfo's texts."""

    name: str
    kubelet_version: str = ""
    operating_system: str = ""
    labels: tuple[tuple[str, str], ...] = ()


def operating_system(pod: Pod, node: NodeEvidence | CouldNotLook | None) -> str:
    """`windows`, `linux`, or "" where nothing tells: by the node, spec.os, then where it may run.

    spec.os and the labels that nodeSelector and node affinity name keep a pod off other nodes
    (KEP-2802), so they tell before it has a node.
    """
    known = node.operating_system if isinstance(node, NodeEvidence) else ""
    labels = dict(node.labels) if isinstance(node, NodeEvidence) else {}
    return known or labels.get("kubernetes.io/os", "") or pod.os_name or pod.selected_os


ConfigMaps = tuple[tuple[str, "ConfigMap | CouldNotLook | None"], ...]
"""ConfigMaps of a pod's namespace by name; None: there is no such ConfigMap."""


class Template(NamedTuple):
    """The pod template of the workload that owns the Pod, and what its author last applied."""

    kind: str
    name: str
    host_aliases: tuple[HostAlias, ...] = ()
    hostname: str = ""
    subdomain: str = ""
    paused: bool = False
    last_applied: str = ""
    """The JSON text of the last-applied-configuration annotation, as it stands."""
    managers: tuple[str, ...] = ()
    """The field managers of hostAliases (metadata.managedFields)."""
    pods: int = 1
    """How many pods of the template there are at a time, as far as the object says."""
    is_indexed: bool = False
    """A Job of completionMode Indexed: its pods get host names of their own."""
    replaces_on_delete: bool = False
    """updateStrategy OnDelete: a pod of an older template stays until somebody deletes it."""
    revision: tuple[str, str] = ("", "")
    """The label, and its value, of pods that were made from the template as it is now."""
    made_from: tuple[HostAlias, ...] | None = None
    """Those of the template that the Pod was made from: its ReplicaSet's, its CronJob's Job's."""


class NodePeer(NamedTuple):
    """The file of another hostNetwork Pod of the same node, and when it was last written."""

    pod: str
    """`namespace/name`."""
    host_aliases: tuple[HostAlias, ...]
    written_at: str
    file: FileEvidence


class ServiceAddresses(NamedTuple):
    """Cluster IPs, each with its Service, and the ranges they are taken from.

    All that an alias may pin or mean are there. ranges are the CIDRs of the ServiceCIDR objects
    (networking.k8s.io), () where there are none.
    """

    cluster_ips: tuple[tuple[str, str], ...] = ()
    """(address, `namespace/name`)."""
    ranges: tuple[str, ...] = ()


class PodEvidence(NamedTuple):
    """All that was collected about one Pod; what nobody needed is absent, not empty."""

    pod: Pod
    node: NodeEvidence | CouldNotLook
    template: Template | CouldNotLook | None = None
    containers: tuple[ContainerEvidence, ...] = ()
    peers: tuple[NodePeer, ...] = ()
    cluster_domain: str = ""
    """The cluster domain as a better source than the pod's own files gave it (kubelet config)."""
    chosen: tuple[str, ...] = ()
    """The containers to predict, where none was looked into; () for all but ephemeral ones."""
    config_maps: ConfigMaps = ()
    """The ConfigMaps of `volumes.config_maps_for`, by name; one that is not here was not read."""
    services: ServiceAddresses | CouldNotLook | None = None
    """The cluster IPs of all Services; None where nobody asked for them."""
    namesakes: tuple[str, ...] = ()
    """Pods of the namespace whose host name is cut to the same: spec_rules.namesakes."""
    refused: tuple[CouldNotLook, ...] = ()
    """The objects that somebody asked for and nobody could read."""
