"""Who supplied /etc/hosts: read from mountinfo, proc_pid_mountinfo(5), not from the header."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kubelet:
    """The file `<kubelet root>/pods/<uid>/etc-hosts` of the pod, however much it was edited.

    replaced: the file was deleted or replaced on the node, and this container holds the old one.
    """

    uid: str = ""
    replaced: bool = False
    predicted: bool = False
    """Told from the spec alone: mountinfo was not read."""


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
    predicted: bool = False
    disagreement: str = ""
    """Where spec.volumeMounts and mountinfo disagree: what each of them says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """The container runtime's own file: the kubelet passed none."""

    name: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """Nothing is mounted at /etc/hosts: it is the image's file."""


@dataclass(frozen=True, slots=True)
class UnknownSupplier:
    """Not modelled, with the name of what isn't known."""

    what: str


Supplier = Kubelet | OwnMount | Runtime | Image | UnknownSupplier
