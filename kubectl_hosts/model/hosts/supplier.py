"""Who supplied /etc/hosts: read from mountinfo, proc_pid_mountinfo(5), not from the header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.evidence import CouldNotLook, FileRead
from kubectl_hosts.model.hosts.kubelet import HEADER, HOST_NETWORK_HEADER

if TYPE_CHECKING:
    from kubectl_hosts.model.evidence import FileEvidence
    from kubectl_hosts.model.pod import Pod, VolumeMount

# The uid of a static pod's directory: metadata.uid is the mirror pod's (pkg/kubelet/types).
STATIC_UID_ANNOTATION = "kubernetes.io/config.hash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kubelet:
    """The file `<kubelet root>/pods/<uid>/etc-hosts` of the pod, however much it was edited.

    replaced: the file was deleted or replaced on the node, and this container holds the old one.
    """

    uid: str = ""
    replaced: bool = False
    told_by: str = "mountinfo"
    """`mountinfo`, `header` (the mounts do not show it), or `spec` (nothing else was read)."""
    disagreement: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMount:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """The container runtime's own file: the kubelet passed none."""

    name: str
    path: str = ""
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Image:
    """Nothing is mounted at /etc/hosts: it is the image's file."""


@dataclass(frozen=True, slots=True)
class UnknownSupplier:
    """Not modelled, with the name of what isn't known."""

    what: str


Supplier = Kubelet | OwnMount | Runtime | Image | UnknownSupplier


# Volume source -> how people call what it refers to; those with `/` live in the pod's namespace.
_SOURCE_WORDS = {
    "configMap": "ConfigMap {namespace}/{refers_to}",
    "secret": "Secret {namespace}/{refers_to}",
    "persistentVolumeClaim": "PersistentVolumeClaim {namespace}/{refers_to}",
    "hostPath": "hostPath {refers_to} of the node",
}


def describe_supplier(supplier: Supplier, namespace: str) -> str:
    """Who supplied the file, in a few words."""
    match supplier:
        case Kubelet():
            return "kubelet"
        case OwnMount():
            words = _SOURCE_WORDS.get(supplier.source, supplier.source)
            source = words.format(namespace=namespace, refers_to=supplier.refers_to)
            return f"own mount (volume {supplier.volume}{', ' + source if source else ''})"
        case Runtime():
            return f"runtime ({supplier.name})"
        case Image():
            return "image"
        case UnknownSupplier():
            return f"unknown ({supplier.what})"


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


def _unescape(field: bytes) -> str:
    if b"\\" not in field:
        return field.decode("utf-8", "backslashreplace")
    raw = re.sub(_OCTAL, lambda match: bytes([int(match[1], 8) & 0xFF]), field)
    return raw.decode("utf-8", "backslashreplace")


class Looked(NamedTuple):
    """What was looked at to tell who supplied the file."""

    mountinfo: FileEvidence
    hosts: FileEvidence
    path: str
    kubelet_mounts: bool
    """What the spec says: is_kubelet_file_mounted."""


def find_supplier(pod: Pod, container_name: str, looked: Looked) -> Supplier:
    """Who supplied the hosts file of a container, by its mounts; by its spec where it must be."""
    own = _own_volume_mount(pod, container_name, looked.path)
    if not isinstance(looked.mountinfo, FileRead):
        return _told_by_spec(pod, own, looked)
    mount = find_mount(looked.mountinfo.data, looked.path)
    if mount is None:
        return _kubelet_by_header(looked) or Image()
    return (
        _kubelet_by_root(pod, own, mount)
        or _own_mount(pod, own, mount, looked)
        or _runtime(mount)
        or _kubelet_by_header(looked)
        or UnknownSupplier(f"a mount of {mount.root} ({mount.fs_type})")
    )


def _own_volume_mount(pod: Pod, container_name: str, path: str) -> VolumeMount | None:
    container = pod.container(container_name)
    mounts = container.volume_mounts if container is not None else ()
    return next((mount for mount in mounts if mount.mount_path == path), None)


def _told_by_spec(pod: Pod, own: VolumeMount | None, looked: Looked) -> Supplier:
    if own is not None:
        return _own_mount_of_spec(pod, own, looked, told_by="spec")
    if looked.kubelet_mounts:
        return Kubelet(told_by="spec")
    return _kubelet_by_header(looked) or UnknownSupplier(
        "the spec asks for no file of the kubelet here, and the mounts could not be read"
    )


def _kubelet_by_root(pod: Pod, own: VolumeMount | None, mount: Mount) -> Kubelet | None:
    match = re.search(_KUBELET_FILE, mount.root)
    if match is None:
        return None
    uid = match[1]
    if own is not None and uid not in {pod.uid, pod.annotation(STATIC_UID_ANNOTATION)}:
        return None  # a hostPath volume that shows some other pod's file
    disagreement = (
        f"spec.volumeMounts puts volume {own.name} there; mountinfo shows the kubelet's file"
        if own is not None
        else ""
    )
    return Kubelet(uid=uid, replaced=mount.deleted, disagreement=disagreement)


def _kubelet_by_header(looked: Looked) -> Kubelet | None:
    # Kata and gVisor show their own mounts, not the node's.
    headers = (HEADER.encode(), HOST_NETWORK_HEADER.encode())
    is_headed = isinstance(looked.hosts, FileRead) and looked.hosts.data.startswith(headers)
    return Kubelet(told_by="header") if is_headed and looked.kubelet_mounts else None


def _own_mount(pod: Pod, own: VolumeMount | None, mount: Mount, looked: Looked) -> OwnMount | None:
    named = _volume_of(mount)
    if named is None and own is None:
        return None
    if own is not None and (named is None or named[1] == own.name):
        return _own_mount_of_spec(pod, own, looked, mount=mount)
    source, volume = named or ("", "")
    asked = f"volume {own.name}" if own is not None else "no volume"
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
    pod: Pod,
    own: VolumeMount,
    looked: Looked,
    *,
    mount: Mount | None = None,
    told_by: str = "mountinfo",
) -> OwnMount:
    volume = next((each for each in pod.volumes if each.name == own.name), None)
    return OwnMount(
        volume=own.name,
        source=volume.source if volume is not None else "",
        refers_to=volume.refers_to if volume is not None else "",
        read_only=mount.read_only if mount is not None else own.read_only,
        is_directory=_is_directory(looked),
        outdated=mount is not None and mount.deleted,
        told_by=told_by,
    )


def _is_directory(looked: Looked) -> bool:
    return isinstance(looked.hosts, CouldNotLook) and "is a directory" in looked.hosts.why.lower()


def _runtime(mount: Mount) -> Runtime | None:
    for root, name in _RUNTIMES:
        if re.search(root, mount.root):
            return Runtime(name=name, path=mount.root, read_only=mount.read_only)
    return None
