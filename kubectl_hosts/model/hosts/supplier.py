"""Who supplied /etc/hosts: read from mountinfo, proc_pid_mountinfo(5), not from the header.

Where the mounts could not be read, the spec says it: a mount of the container's own, at the path or
above it (volumes.py), else the kubelet. A container that cannot start has no file; the spec tells
that before, the runtime's own message afterwards. hosts-file.md 2.1 has what each of them looks
like; measured on kubelet 1.34.4 with containerd 1.6.20.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.model.evidence import CouldNotLook, FileRead
from kubectl_hosts.model.hosts.kubelet import HEADER, HOST_NETWORK_HEADER
from kubectl_hosts.model.hosts.volumes import (
    MOUNTED_BY_OTHERS,
    Blocked,
    Covering,
    Directory,
    blocked_by,
    covering_mount,
    describe_volume,
    file_at,
    files_of,
    is_node_hosts,
)
from kubectl_hosts.model.pod import Volume

if TYPE_CHECKING:
    from kubectl_hosts.model.evidence import ConfigMaps, FileEvidence
    from kubectl_hosts.model.pod import ContainerStatus, Pod

# The uid of a static pod's directory: metadata.uid is the mirror pod's (pkg/kubelet/types).
STATIC_UID_ANNOTATION = "kubernetes.io/config.hash"


class Kubelet(Struct, frozen=True, kw_only=True):
    """The file `<kubelet root>/pods/<uid>/etc-hosts` of the pod, however much it was edited.

    replaced: the file was deleted or replaced on the node, and this container holds the old one.
    """

    uid: str = ""
    replaced: bool = False
    told_by: str = "mountinfo"
    """`mountinfo`, `header` (the mounts do not show it), or `spec` (nothing else was read)."""
    disagreement: str = ""


class OwnMount(Struct, frozen=True, kw_only=True):
    """The container's own volumeMount at /etc/hosts: hostAliases and own name do not apply."""

    volume: str
    source: str = ""
    """The volume source's field name (`configMap`, `hostPath`), "" where only mountinfo tells."""
    refers_to: str = ""
    """The object or path behind the volume: a ConfigMap's name, a path of the node."""
    read_only: bool = False
    is_directory: bool = False
    outdated: bool = False
    """The volume's content changed after this container started; it reads the old file."""
    told_by: str = "mountinfo"
    disagreement: str = ""
    """Where spec.volumeMounts and mountinfo disagree: what each of them says."""
    sub_path: str = ""
    """A file mounted by subPath stays as it is when its ConfigMap or Secret changes."""
    writes_node: bool = False
    """It is the node's own /etc/hosts, and the container may write it."""


class Runtime(Struct, frozen=True, kw_only=True):
    """The container runtime's own file: the kubelet passed none."""

    name: str
    path: str = ""
    read_only: bool = False


class Image(Struct, frozen=True):
    """Nothing is mounted at /etc/hosts: it is the image's file, or one made in the container.

    unmounted: the kubelet or a volume had one mounted there, and a program took it away.
    """

    unmounted: bool = False


class NodeFile(Struct, frozen=True, kw_only=True):
    """The node's own file: hostProcess containers on Windows see the node's file system."""

    path: str


class NotStarted(Struct, frozen=True, kw_only=True):
    """Nobody: the container cannot start, by what its volumes make of the mount points.

    said is the runtime's own message, "" where the spec alone tells it.
    """

    volume: str
    source: str = ""
    refers_to: str = ""
    mount_path: str = ""
    why: str = ""
    said: str = ""
    paths: tuple[str, ...] = ()
    """Files of the volume that could be mounted by their own paths instead."""


class UnknownSupplier(Struct, frozen=True):
    """Not modelled, with the name of what isn't known."""

    what: str


Supplier = Kubelet | OwnMount | Runtime | Image | NodeFile | NotStarted | UnknownSupplier


def describe_supplier(supplier: Supplier, namespace: str) -> str:
    """Who supplied the file, in a few words."""
    match supplier:
        case Kubelet():
            return "kubelet"
        case OwnMount() | NotStarted():
            kind = "own mount" if isinstance(supplier, OwnMount) else "nobody"
            return f"{kind} ({volume_words(supplier, namespace)})"
        case Runtime():
            return f"runtime ({supplier.name})"
        case Image():
            return "the container itself (no mount)" if supplier.unmounted else "image"
        case NodeFile():
            return "node (hostProcess)"
        case UnknownSupplier():
            return f"unknown ({supplier.what})"


def volume_words(supplier: OwnMount | NotStarted, namespace: str) -> str:
    """`volume NAME, ConfigMap NAMESPACE/NAME`."""
    return describe_volume(Volume(supplier.volume, supplier.source, supplier.refers_to), namespace)


class Mount(NamedTuple):
    """The mount that a path shows: its root in its filesystem, without a `//deleted` mark."""

    root: str
    deleted: bool
    read_only: bool
    fs_type: str


# Patterns as text: compiling them all costs every start, and most files need the first alone.
_OCTAL = rb"\\([0-7]{3})"
_KUBELET_FILE = r"(?:^|/)pods/([^/]+)/etc-hosts$"
# hosts-file.md 2.1: a volume's own directory, or the copy that subPath makes of its mount.
_VOLUME = r"(?:^|/)pods/[^/]+/volumes/[^/]*~([^/]+)/([^/]+)(/.*)?$"
_SUBPATH = r"(?:^|/)pods/[^/]+/volume-subpaths/([^/]+)/[^/]+/\d+$"
_SOURCES = {"configmap": "configMap", "empty-dir": "emptyDir", "downward-api": "downwardAPI"}

# hosts-file.md 2.1; the runtimes' own files, by where they keep them.
_RUNTIMES = (
    (r"/sandboxes/[0-9a-f]+/hosts$", "containerd"),
    (r"/docker/containers/[0-9a-f]+/hosts$", "docker"),
    (r"/overlay-containers/[0-9a-f]+/userdata/hosts$", "podman or CRI-O"),
    (r"^/etc/hosts$", "CRI-O"),  # the node's live file, for hostNetwork
)


def find_mount(mountinfo: bytes, path: str) -> Mount | None:
    r"""The mount at PATH: the last such line wins, since it lies on top; None where there is none.

    Octal escapes (`\040`) are undone. A line of another form than the manual page's is no mount.
    """
    found = None
    for line in mountinfo.split(b"\n"):
        fields = line.split(b" ")
        if len(fields) < 10 or _unescape(fields[4]) != path:
            continue
        root = _unescape(fields[3])
        after = fields[fields.index(b"-") + 1 :] if b"-" in fields[6:] else [b""]
        found = Mount(
            root=root.removesuffix("//deleted"),
            deleted=root.endswith("//deleted"),
            read_only=b"ro" in fields[5].split(b","),
            fs_type=_unescape(after[0]) if after else "",
        )
    return found


def find_mount_beside(mountinfo: bytes, path: str) -> Mount | None:
    """The mount at the file that PATH leads to, where its directory is a ConfigMap or the like.

    Such a volume's files are links into a directory `..TIME`, and there the runtime mounts.
    """
    directory, _, name = path.rpartition("/")
    pattern = re.compile(rf"{re.escape(directory)}/\.\.[^/ ]+/{re.escape(name)}".encode())
    points = (line.split(b" ")[4:5] for line in mountinfo.split(b"\n"))
    beside = next((each[0] for each in points if each and pattern.fullmatch(each[0])), b"")
    return find_mount(mountinfo, beside.decode()) if beside else None


def _unescape(field: bytes) -> str:
    if b"\\" not in field:
        return field.decode("utf-8", "backslashreplace")
    raw = re.sub(_OCTAL, lambda match: bytes([int(match[1], 8) & 0xFF]), field)
    return raw.decode("utf-8", "backslashreplace")


class SupplierEvidence(NamedTuple):
    """What was looked at to tell who supplied the file."""

    mountinfo: FileEvidence
    hosts: FileEvidence
    path: str
    kubelet_mounts: bool
    """What the spec says: is_kubelet_file_mounted."""
    config_maps: ConfigMaps = ()
    operating_system: str = ""


def find_supplier(pod: Pod, container_name: str, looked: SupplierEvidence) -> Supplier:
    """Who supplied the hosts file of a container, by its mounts; by its spec where it must be."""
    own = _own_volume_mount(pod, container_name, looked)
    if not isinstance(looked.mountinfo, FileRead):
        return not_started(pod, container_name, looked) or _told_by_spec(pod, own, looked)
    mount = find_mount(looked.mountinfo.data, looked.path)
    if mount is None:
        return _without_mount(pod, own, looked, looked.mountinfo.data)
    return (
        _kubelet_by_root(pod, own, mount)
        or _own_mount(own, mount, looked)
        or _runtime(mount)
        or _kubelet_by_header(looked)
        or UnknownSupplier(f"a mount of {mount.root} ({mount.fs_type})")
    )


def _own_volume_mount(pod: Pod, container_name: str, looked: SupplierEvidence) -> Covering | None:
    """The mount that keeps the kubelet's file out: by the very same text as its path."""
    covering = covering_mount(pod, pod.container(container_name), looked.path)
    return covering if covering and covering.mount.mount_path == looked.path else None


def not_started(pod: Pod, container_name: str, looked: SupplierEvidence) -> NotStarted | None:
    """Why the container has no hosts file at all: its volumes keep it from starting.

    The runtime's own message tells it of a container that is not running; before it was tried, the
    spec does. None where nothing keeps it, or nobody knows.
    """
    container = pod.container(container_name)
    if container is None or looked.operating_system == "windows":
        return None
    refused = _refused_mount(container.status)
    blocked = blocked_by(pod, container, looked.config_maps)
    if container.status.state == "running" or (refused is None and not _is_certain(blocked)):
        return None
    covering = blocked.covering if blocked else covering_mount(pod, container, looked.path)
    if covering is None:
        return None
    volume = covering.volume or Volume(covering.mount.name, "")
    return NotStarted(
        volume=volume.name,
        source=volume.source,
        refers_to=volume.refers_to,
        mount_path=covering.mount.mount_path,
        why=_why(blocked, covering),
        said=f"cannot mount {refused[0]}: {refused[1]}" if refused else "",
        paths=files_of(covering, looked.config_maps),
    )


def _why(blocked: Blocked | None, covering: Covering) -> str:
    if blocked is not None and blocked.is_certain:
        return blocked.why
    return "it is read-only" if covering.is_read_only else ""


def _is_certain(blocked: Blocked | None) -> bool:
    return blocked is not None and blocked.is_certain


# runc's own words: `error mounting "SOURCE" to rootfs at "/etc/hosts": REASON: unknown`.
_REFUSED = r'error mounting "[^"]*" to rootfs at "(/etc/[^"]*)": (.*)'


def _refused_mount(status: ContainerStatus) -> tuple[str, str] | None:
    """(path, reason) of the mount that the runtime could not make when the container started."""
    for message in (status.message, status.last_message):
        match = re.search(_REFUSED, message, re.DOTALL)
        if match and match[1] in MOUNTED_BY_OTHERS:
            return match[1], match[2].removesuffix(": unknown").rpartition(": ")[2]
    return None


def _without_mount(
    pod: Pod, own: Covering | None, looked: SupplierEvidence, mountinfo: bytes
) -> Supplier:
    """Nothing is mounted at the path: an image's file, unless this is not the node's view."""
    beside = find_mount_beside(mountinfo, looked.path)
    if beside is not None:
        return _kubelet_by_root(pod, own, beside) or Image()
    # Where other files of the pod's directory are mounted, the list is the node's own, and the
    # mount that every start of a container makes was taken away since.
    is_nodes_view = bool(pod.uid) and f"/pods/{pod.uid}/".encode() in mountinfo
    if is_nodes_view and (looked.kubelet_mounts or own is not None):
        return Image(unmounted=True)
    return _kubelet_by_header(looked) or Image()


def _told_by_spec(pod: Pod, own: Covering | None, looked: SupplierEvidence) -> Supplier:
    if own is not None:
        mount = _own_mount_of_spec(own, looked, told_by="spec")
        is_directory = isinstance(file_at(pod, own, looked.config_maps), Directory)
        return replace(mount, is_directory=mount.is_directory or is_directory)
    if looked.kubelet_mounts:
        return Kubelet(told_by="spec")
    if looked.operating_system == "windows" and any(each.host_process for each in pod.containers):
        return NodeFile(path=looked.path)
    return _kubelet_by_header(looked) or UnknownSupplier(
        "the spec asks for no file of the kubelet here, and the mounts could not be read"
    )


def _kubelet_by_root(pod: Pod, own: Covering | None, mount: Mount) -> Kubelet | None:
    match = re.search(_KUBELET_FILE, mount.root)
    if match is None:
        return None
    uid = match[1]
    if own is not None and uid not in {pod.uid, pod.annotation(STATIC_UID_ANNOTATION)}:
        return None  # a hostPath volume that shows some other pod's file
    disagreement = (
        f"spec.volumeMounts puts volume {own.mount.name} there; mountinfo shows the kubelet's file"
        if own is not None
        else ""
    )
    return Kubelet(uid=uid, replaced=mount.deleted, disagreement=disagreement)


def _kubelet_by_header(looked: SupplierEvidence) -> Kubelet | None:
    # Kata and gVisor show their own mounts, not the node's.
    headers = (HEADER.encode(), HOST_NETWORK_HEADER.encode())
    is_headed = isinstance(looked.hosts, FileRead) and looked.hosts.data.startswith(headers)
    return Kubelet(told_by="header") if is_headed and looked.kubelet_mounts else None


def _own_mount(own: Covering | None, mount: Mount, looked: SupplierEvidence) -> OwnMount | None:
    named = _volume_of(mount)
    if named is None and own is None:
        return None
    if own is not None and (named is None or named[1] == own.mount.name):
        return _own_mount_of_spec(own, looked, mount=mount)
    source, volume = named or ("", "")
    asked = f"volume {own.mount.name}" if own is not None else "no volume"
    return OwnMount(
        volume=volume,
        source=source,
        read_only=mount.read_only,
        is_directory=_is_directory(looked),
        outdated=mount.deleted,
        disagreement=f"spec.volumeMounts puts {asked} there; mountinfo shows volume {volume}",
    )


def _volume_of(mount: Mount) -> tuple[str, str] | None:
    """Source and name of the volume that the root names; None where it names none."""
    if match := re.search(_VOLUME, mount.root):
        return _SOURCES.get(match[1], match[1]), match[2]
    if match := re.search(_SUBPATH, mount.root):
        return "", match[1]
    return None


def _own_mount_of_spec(
    own: Covering,
    looked: SupplierEvidence,
    *,
    mount: Mount | None = None,
    told_by: str = "mountinfo",
) -> OwnMount:
    volume = own.volume
    read_only = mount.read_only if mount is not None else own.is_read_only
    return OwnMount(
        volume=own.mount.name,
        source=volume.source if volume is not None else "",
        refers_to=volume.refers_to if volume is not None else "",
        read_only=read_only,
        is_directory=_is_directory(looked),
        outdated=mount is not None and mount.deleted,
        told_by=told_by,
        sub_path=own.mount.sub_path,
        writes_node=is_node_hosts(own) and not read_only,
    )


def _is_directory(looked: SupplierEvidence) -> bool:
    return isinstance(looked.hosts, CouldNotLook) and "is a directory" in looked.hosts.why.lower()


def _runtime(mount: Mount) -> Runtime | None:
    for root, name in _RUNTIMES:
        if re.search(root, mount.root):
            return Runtime(name=name, path=mount.root, read_only=mount.read_only)
    return None
