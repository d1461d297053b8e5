"""The evidence about hosts files: which containers are read, in how many execs, for many pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.errors import HostsError, NoSuchExecutable
from kubectl_hosts.gather.background import Background, map_at_once
from kubectl_hosts.gather.containers import (
    container_named,
    default_container,
    siblings,
    why_not_running,
)
from kubectl_hosts.gather.files import FilesRead, read_files, why
from kubectl_hosts.gather.ports import ExecTarget
from kubectl_hosts.model.evidence import (
    ContainerEvidence,
    CouldNotLook,
    FileRead,
    NodeEvidence,
    PodEvidence,
)
from kubectl_hosts.model.pod import parse_pod

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kubectl_hosts.gather.owners import Owners
    from kubectl_hosts.gather.ports import Cluster
    from kubectl_hosts.model.evidence import Template
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.pod import Container, Pod

AT_ONCE = 32
"""Execs in flight: from 16 to 64 the time is the same (client-cost.md, "Many pods")."""
LINUX_HOSTS = "/etc/hosts"
_WINDOWS = "files of Windows containers are not read"


class Look(NamedTuple):
    """How the containers of a pod are looked at."""

    container: str = ""
    all_containers: bool = False
    predict_only: bool = False
    deadline: float = 30.0
    """Seconds for each exec."""


def gather_pod(
    cluster: Cluster, obj: Json, look: Look, owners: Owners, *, meanwhile: Callable[[], None]
) -> PodEvidence:
    """The evidence about one pod; its node and its owner are read while the exec runs.

    MEANWHILE is called then, too, and before them: so the exec, which takes 50 ms of the node's
    time, gets the connection that the pod came over.

    What cannot be read is a CouldNotLook in it. Raises BadInput for a container that is not there.
    """
    pod = parse_pod(obj)
    chosen = chosen_containers(pod, look)
    reading = Background(lambda: read_containers(cluster, pod, chosen, look))
    meanwhile()
    node, template = owners.node(pod), owners.template(pod)
    return _evidence(pod, node, template, reading.result())


def gather_pods(
    cluster: Cluster, objects: Sequence[Json], look: Look, owners: Owners
) -> Iterator[tuple[int, PodEvidence]]:
    """(index, evidence) of each pod, in the order in which they answer; AT_ONCE pods at a time."""

    def gather(obj: Json) -> PodEvidence:
        pod = parse_pod(obj)
        return _evidence(
            pod,
            owners.node(pod),
            owners.template(pod),
            _read_or_say_why(cluster, pod, look),
        )

    return map_at_once(gather, objects, at_once=AT_ONCE)


def _evidence(
    pod: Pod,
    node: NodeEvidence | CouldNotLook,
    template: Template | CouldNotLook | None,
    containers: tuple[ContainerEvidence, ...],
) -> PodEvidence:
    if isinstance(node, NodeEvidence) and node.operating_system == "windows":
        containers = tuple(_unread(each.name, _WINDOWS) for each in containers)
    return PodEvidence(pod=pod, node=node, template=template, containers=containers)


def chosen_containers(pod: Pod, look: Look) -> tuple[Container, ...]:
    """The containers to report. Raises BadInput for one that the pod does not have."""
    if look.all_containers:
        return pod.containers
    return (container_named(pod, look.container) if look.container else default_container(pod),)


def _read_or_say_why(cluster: Cluster, pod: Pod, look: Look) -> tuple[ContainerEvidence, ...]:
    """As `read_containers`; in a fleet, a pod without the container asked for is a row."""
    try:
        return read_containers(cluster, pod, chosen_containers(pod, look), look)
    except HostsError as error:
        failure = CouldNotLook(what=look.container or pod.name, why=why(error), hint=error.hint)
        return (ContainerEvidence(name=look.container, failure=failure),)


def read_containers(
    cluster: Cluster, pod: Pod, chosen: tuple[Container, ...], look: Look
) -> tuple[ContainerEvidence, ...]:
    """What each of the containers shows; () where only the prediction is wanted."""
    if look.predict_only:
        return ()
    return tuple(_read_container(cluster, pod, each, look.deadline) for each in chosen)


def _read_container(
    cluster: Cluster, pod: Pod, container: Container, deadline: float
) -> ContainerEvidence:
    stopped = why_not_running(pod, container)
    if stopped:
        return _unread(container.name, stopped)
    if pod.os_name == "windows":
        return _unread(container.name, _WINDOWS)
    try:
        read = _read_whole(cluster, pod, container, deadline)
    except NoSuchExecutable as error:
        return _read_sibling(cluster, pod, container, deadline) or _failed(container, error)
    except HostsError as error:
        return _failed(container, error)
    return _read(container, read)


def _read_sibling(
    cluster: Cluster, pod: Pod, container: Container, deadline: float
) -> ContainerEvidence | None:
    """The same file through another container of the pod: hosts-file.md 2.4, S60."""
    for sibling in siblings(pod, container, LINUX_HOSTS):
        try:
            read = _read_whole(cluster, pod, sibling, deadline)
        except HostsError:
            continue
        return _read(container, read, read_from=sibling.name)
    return None


def _read_whole(cluster: Cluster, pod: Pod, container: Container, deadline: float) -> FilesRead:
    """The container's files; once more where the kubelet was just writing (hosts-file.md 1.5)."""
    target = ExecTarget(namespace=pod.namespace, pod=pod.name, container=container.name)
    read = read_files(cluster, target, deadline=deadline)
    # The model is loaded while the command runs; before it, it would cost its time twice.
    from kubectl_hosts.model.hosts.drift import looks_half_written  # noqa: PLC0415

    hosts = dict(read.files)[LINUX_HOSTS]
    if isinstance(hosts, FileRead) and looks_half_written(hosts.data):
        return read_files(cluster, target, deadline=deadline)
    return read


def _read(container: Container, read: FilesRead, *, read_from: str = "") -> ContainerEvidence:
    return ContainerEvidence(
        name=container.name, files=read.files, via=read.via, read_from=read_from
    )


def _failed(container: Container, error: HostsError) -> ContainerEvidence:
    return _unread(container.name, why(error), error.hint)


def _unread(name: str, reason: str, hint: str = "") -> ContainerEvidence:
    failure = CouldNotLook(what=f"container {name}", why=reason, hint=hint)
    return ContainerEvidence(name=name, failure=failure)
