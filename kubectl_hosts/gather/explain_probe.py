"""What `explain` sees in a container: one exec for its files, its C library and what that finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.errors import HostsError, NoSuchExecutable
from kubectl_hosts.gather.containers import siblings, why_not_running
from kubectl_hosts.gather.files import why
from kubectl_hosts.gather.inside import Inside, LibcSeen, look_inside
from kubectl_hosts.gather.ports import ExecTarget
from kubectl_hosts.model.evidence import ContainerEvidence, CouldNotLook
from kubectl_hosts.model.hosts.kubelet import LINUX_HOSTS_PATH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.gather.inside import Tools
    from kubectl_hosts.gather.ports import Cluster
    from kubectl_hosts.model.observation import LibcView
    from kubectl_hosts.model.pod import Container, Pod


class Probe(NamedTuple):
    """What one exec told about a container.

    target is the container that can be asked again (a sibling where this one has no tools), None
    where none can; tools are what it can carry DNS messages with.
    """

    evidence: ContainerEvidence
    libc: LibcSeen = LibcSeen()
    views: tuple[LibcView, ...] = ()
    target: ExecTarget | None = None
    tools: Tools | None = None


def probe_container(
    cluster: Cluster, pod: Pod, container: Container, names: tuple[str, ...], deadline: float
) -> Probe:
    """Files, C library and its view of NAMES; DEADLINE is in seconds, for each exec."""
    stopped = why_not_running(pod, container)
    if stopped:
        return _unread(container, stopped)
    target = ExecTarget(namespace=pod.namespace, pod=pod.name, container=container.name)
    try:
        return _probe(container, target, look_inside(cluster, target, names, deadline=deadline))
    except NoSuchExecutable as error:
        return _through_sibling(cluster, pod, container, deadline) or _unread(
            container, why(error), error.hint
        )
    except HostsError as error:
        return _unread(container, why(error), error.hint)


def _unread(container: Container, reason: str, hint: str = "") -> Probe:
    failure = CouldNotLook(what=f"container {container.name}", why=reason, hint=hint)
    return Probe(ContainerEvidence(name=container.name, failure=failure))


def _probe(container: Container, target: ExecTarget, inside: Inside) -> Probe:
    return Probe(
        ContainerEvidence(name=container.name, files=inside.read.files, via=inside.read.via),
        LibcSeen(inside.read.libraries, inside.version, inside.variables),
        inside.views,
        target,
        inside.tools,
    )


def _through_sibling(
    cluster: Cluster, pod: Pod, container: Container, deadline: float
) -> Probe | None:
    """The same files through another container; its C library is not this one's and isn't asked."""
    for sibling in siblings(pod, container, LINUX_HOSTS_PATH):
        target = ExecTarget(namespace=pod.namespace, pod=pod.name, container=sibling.name)
        try:
            inside = look_inside(cluster, target, (), deadline=deadline)
        except HostsError:
            continue
        evidence = ContainerEvidence(
            name=container.name,
            files=tuple(_shared(inside)),
            via=inside.read.via,
            read_from=sibling.name,
        )
        return Probe(evidence, LibcSeen(), (), target, inside.tools)
    return None


def _shared(inside: Inside) -> Iterator[tuple[str, CouldNotLook]]:
    """The files that all containers of a pod share; the others are the sibling image's own."""
    for path, found in inside.read.files:
        if path in {LINUX_HOSTS_PATH, "/etc/resolv.conf"}:
            yield path, found  # type: ignore[misc]
        else:
            yield path, CouldNotLook(what=path, why="it is the sibling image's own file")
