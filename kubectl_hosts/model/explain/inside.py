"""One look into a container, and what stands around its pod: the first batch of `explain`.

It brings the container's files, its C library's own answers, the node and the owner. The rest of
the model takes as long to import as a container to answer, so it is not imported before that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from kubectl_hosts.model.evidence import (
    HOSTS,
    NOBODY_LOOKED,
    NSSWITCH_CONF,
    RESOLV_CONF,
    RESOLVER_PATHS,
    ContainerEvidence,
    CouldNotLook,
)
from kubectl_hosts.model.hosts.diagnosis import (
    PodLook,
    chosen_containers,
    config_map_reads,
    config_maps_of,
    node_of,
    read_services,
    read_template,
    service_ranges,
    surroundings,
    unread_container,
    why_unread,
)
from kubectl_hosts.model.hosts.volumes import is_one_file, siblings
from kubectl_hosts.model.names import is_for_libc
from kubectl_hosts.model.reads import (
    Files,
    FilesGiven,
    LibcSeen,
    Lookups,
    LookupsGiven,
    Objects,
    PodRef,
    noting_refusals,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kubectl_hosts.model.dns import LibcView
    from kubectl_hosts.model.evidence import (
        ConfigMaps,
        FileEvidence,
        NodeEvidence,
        ServiceAddresses,
        Template,
    )
    from kubectl_hosts.model.explanation import Explanation
    from kubectl_hosts.model.names import NamesAsked
    from kubectl_hosts.model.pod import Container, Pod
    from kubectl_hosts.model.reads import Diagnosis, Given, Read

    Predict = Callable[[Pod, PodLook, NamesAsked], Diagnosis[tuple[Explanation, ...]]]

# What decides about the cluster's nameserver, by the names that kubeadm and most others give it. It
# is wanted once the container has said which nameserver it has, and is read while that takes.
_OF_CLUSTER_DNS = (
    Objects("ConfigMap", "kube-system", "coredns"),
    Objects("ConfigMap", "kube-system", "node-local-dns"),
    Objects("Pod", "kube-system", labels="k8s-app=kube-dns"),
)
_NO_CLUSTER = CouldNotLook(what="the container", why="only manifests were read, no cluster")


class Inside(NamedTuple):
    """What one look into a container brought.

    asks_from is the container that questions can be sent from (a sibling where this one has no
    programs for it), "" where none can.
    """

    evidence: ContainerEvidence
    views: tuple[LibcView, ...] = ()
    libc: LibcSeen = LibcSeen()
    asks_from: str = ""
    reads: tuple[tuple[Read, Given], ...] = ()
    """What was read of siblings."""


class Looked(NamedTuple):
    """A container that was looked into, and what stands around its pod."""

    pod: Pod
    container: Container
    inside: Inside
    node: NodeEvidence | CouldNotLook
    template: Template | CouldNotLook | None
    reads: Mapping[Read, Given] = {}
    """What was read in containers, by its reads: a changed world has the same (what_if.py)."""
    look: PodLook = PodLook()
    """What is taken for granted, and whether nobody may look: the world may be one on paper."""
    config_maps: ConfigMaps = ()
    """What the container's own mounts show at the paths of its resolver."""
    services: ServiceAddresses | CouldNotLook | None = None
    """The Services that the pod's aliases pin or mean."""
    refused: tuple[CouldNotLook, ...] = ()
    """The objects that somebody asked for and nobody could read."""


def diagnose_names(
    pod: Pod, look: PodLook, asked: NamesAsked
) -> Diagnosis[tuple[Explanation, ...]]:
    """An explanation of each name in one container, in order, with what was proved to help.

    Raises BadInput for a container that the pod does not have, and for an object with a field of
    the wrong type.
    """
    return _explain(pod, look, asked, predict_names)


def predict_names(pod: Pod, look: PodLook, asked: NamesAsked) -> Diagnosis[tuple[Explanation, ...]]:
    """The same without fixes: in a changed world one is tried, and no other asked for."""
    return _explain(pod, look, asked, None)


def _explain(
    pod: Pod, look: PodLook, asked: NamesAsked, predict: Predict | None
) -> Diagnosis[tuple[Explanation, ...]]:
    looked = yield from look_inside(pod, look, asked)
    from kubectl_hosts.model.explain.diagnosis import explain_names  # noqa: PLC0415

    return (yield from explain_names(looked, asked, predict))


def look_inside(pod: Pod, look: PodLook, asked: NamesAsked) -> Diagnosis[Looked]:
    """The first batch. Raises BadInput for a container that the pod does not have."""
    looked, refused = yield from noting_refusals(_look_inside(pod, look, asked), _OF_CLUSTER_DNS)
    return looked._replace(refused=refused)


def _look_inside(pod: Pod, look: PodLook, asked: NamesAsked) -> Diagnosis[Looked]:
    container = chosen_containers(pod, look)[0]
    ref = PodRef(pod.namespace, pod.name)
    names = tuple(each for each in asked.names if is_for_libc(each, asked.type))
    files, lookups = Files(ref, container.name, RESOLVER_PATHS), Lookups(ref, container.name, names)
    stopped = why_unread(pod, container)
    looks = not (look.predict_only or stopped)
    maps = config_map_reads(pod, (container,), HOSTS, RESOLV_CONF, NSSWITCH_CONF)
    around = (*maps, *service_ranges(pod, asked.names), *surroundings(pod))
    if looks and _asks_cluster_dns(pod):
        around += _OF_CLUSTER_DNS
    given = yield (*((files, lookups) if looks else ()), *around)
    if look.predict_only:
        inside = Inside(ContainerEvidence(container.name, failure=_NO_CLUSTER))
    elif stopped:
        through = None if pod.is_finished else (yield from _through_sibling(pod, container))
        inside = through or Inside(unread_container(container.name, stopped))
    else:
        inside = yield from _inside(pod, container, given[files], given[lookups])
    template = yield from read_template(pod, given)
    reads = {each: given[each] for each in (files, lookups) if each in given} | dict(inside.reads)
    return Looked(
        pod,
        container,
        inside,
        node_of(pod, given),
        template,
        reads,
        look,
        config_maps_of(maps, given),
        (yield from read_services(pod, given)),
    )


def _asks_cluster_dns(pod: Pod) -> bool:
    """By the spec; dns.go getPodDNSType."""
    with_host_network = pod.dns_policy == "ClusterFirstWithHostNet"
    return with_host_network or (pod.dns_policy == "ClusterFirst" and not pod.host_network)


def _inside(pod: Pod, container: Container, files: Given, lookups: Given) -> Diagnosis[Inside]:
    """Files and lookups; a sibling's files where nothing in the container reads any."""
    if isinstance(files, FilesGiven) and isinstance(lookups, LookupsGiven):
        evidence = ContainerEvidence(container.name, files.files, files.via, files.read_from)
        return Inside(evidence, lookups.views, lookups.libc, container.name)
    failures = (each for each in (files, lookups) if isinstance(each, CouldNotLook))
    failure = next(failures, NOBODY_LOOKED)
    if failure.reason == "NoSuchExecutable":
        static = LibcSeen(nothing_runs=True)
        through = yield from _through_sibling(pod, container)
        if through is not None:
            return through._replace(libc=static)
        return Inside(unread_container(container.name, failure.why, failure.hint), libc=static)
    request = "create pods/exec" if failure.reason == "Forbidden" else ""
    failure = replace(failure, what=f"container {container.name}", request=request)
    return Inside(ContainerEvidence(container.name, failure=failure))


def _through_sibling(pod: Pod, container: Container) -> Diagnosis[Inside | None]:
    """A sibling's files that are this container's too; its C library is its own image's."""
    for sibling in siblings(pod, container, HOSTS):
        ref = PodRef(pod.namespace, pod.name)
        read = Files(ref, sibling.name, RESOLVER_PATHS)
        # With the C library comes what can carry questions (reads.Replies).
        given = yield (read, Lookups(ref, sibling.name))
        found = given[read]
        if isinstance(found, FilesGiven):
            shared = tuple(_shared(pod, container, sibling, found))
            evidence = ContainerEvidence(container.name, shared, found.via, sibling.name)
            return Inside(evidence, asks_from=sibling.name, reads=tuple(given.items()))
    return None


def _shared(
    pod: Pod, container: Container, sibling: Container, found: FilesGiven
) -> Iterator[tuple[str, FileEvidence]]:
    """The files that both containers show; the others are the sibling's own."""
    for path, file in found.files:
        if is_one_file(pod, container, sibling, path):
            yield path, file
        else:
            yield path, CouldNotLook(what=path, why=f"container {sibling.name} has its own")
