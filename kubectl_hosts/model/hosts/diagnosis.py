"""What is read about a pod's hosts files, and what follows: `show` and `diff` for one pod.

First the files of each container, the node and the owner at once; then only what these make
necessary: a sibling where a container has nothing that reads files, the owner's owner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from msgspec.structs import replace

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.evidence import (
    HOSTS,
    HOSTS_PATHS,
    ContainerEvidence,
    CouldNotLook,
    FileRead,
    NodeEvidence,
    PodEvidence,
    ServiceAddresses,
    Template,
    operating_system,
)
from kubectl_hosts.model.hosts.volumes import ETC, config_maps_for, siblings
from kubectl_hosts.model.pod import container_named, default_container, why_not_running
from kubectl_hosts.model.reads import (
    Files,
    FilesGiven,
    Found,
    Objects,
    PodRef,
    noting_refusals,
)
from kubectl_hosts.model.resources import RESOURCES_BY_KIND, WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kubectl_hosts.model.evidence import ConfigMaps
    from kubectl_hosts.model.hosts.hosts_report import HostsReport
    from kubectl_hosts.model.objects import ConfigMap, IPAddress, Service, ServiceCIDR
    from kubectl_hosts.model.pod import Container, Owner, Pod
    from kubectl_hosts.model.reads import Diagnosis, Given, Read

_WINDOWS = "files of Windows containers are not read"


class PodLook(NamedTuple):
    """Which containers of a pod are looked at, and whether any is: else it is only predicted."""

    container: str = ""
    all_containers: bool = False
    predict_only: bool = False
    one_of_many: bool = False
    """Whether a pod without that container is a row among others, not an error."""
    placeholders: Mapping[str, str] = {}
    """By address that nobody has given yet: `the IP that pod shop/web-0 will get`."""
    nothing_on_node: bool = False
    """Of a prediction: whether the node's search domains are taken to have no name, and its hosts
    file none but localhost."""
    nothing_outside: Callable[[str], bool] | None = None
    """Of a prediction: whether servers outside are taken not to have a name (absolute, without its
    final dot); None: nothing is assumed of them."""


def diagnose_hosts(pod: Pod, look: PodLook) -> Diagnosis[HostsReport]:
    """The pod's hosts files judged against its spec.

    Raises BadInput for a container that is not there, and where the kubelet refuses the pod for
    its hostname or subdomain.
    """
    evidence = yield from read_evidence(pod, look)
    # The model is loaded while the commands run; before them, it would cost its time twice.
    from kubectl_hosts.model.hosts.judge import judge_hosts  # noqa: PLC0415

    return judge_hosts(evidence)


def read_evidence(pod: Pod, look: PodLook) -> Diagnosis[PodEvidence]:
    """All that is looked at for one pod. Raises BadInput for a container that is not there."""
    evidence, refused = yield from noting_refusals(_read_evidence(pod, look))
    return evidence._replace(refused=refused)


def _read_evidence(pod: Pod, look: PodLook) -> Diagnosis[PodEvidence]:
    pod = _without_placeholders(pod, look.placeholders)
    try:
        chosen = chosen_containers(pod, look)
    except BadInput as error:
        if not look.one_of_many:
            raise
        failure = CouldNotLook(what=look.container, why=error.message, hint=error.hint)
        missing = (ContainerEvidence(name=look.container, failure=failure),)
        around = yield surroundings(pod)
        template = yield from read_template(pod, around)
        return PodEvidence(pod, node_of(pod, around), template, missing)
    predicted = chosen if look.predict_only and look.container else ()
    judged = chosen if not look.predict_only or look.container else pod.containers
    maps = config_map_reads(pod, judged, HOSTS)
    ref = PodRef(pod.namespace, pod.name)
    unread = {} if look.predict_only else {each.name: why_unread(pod, each) for each in chosen}
    wanted = {name: Files(ref, name, HOSTS_PATHS) for name, why in unread.items() if not why}
    given = yield (*wanted.values(), *maps, *service_ranges(pod), *surroundings(pod))
    node = node_of(pod, given)
    is_windows = operating_system(pod, node) == "windows"
    containers = []
    for each in chosen if unread else ():
        if is_windows:
            containers.append(unread_container(each.name, _WINDOWS))
        elif each.name in wanted:
            containers.append((yield from _container(pod, each, given[wanted[each.name]])))
        else:
            containers.append((yield from _stopped(pod, each, unread[each.name])))
    template = yield from read_template(pod, given)
    return PodEvidence(
        pod,
        node,
        template,
        tuple(containers),
        chosen=tuple(each.name for each in predicted),
        config_maps=config_maps_of(maps, given),
        services=(yield from read_services(pod, given)),
    )


def _without_placeholders(pod: Pod, placeholders: Mapping[str, str]) -> Pod:
    """POD with the addresses that it has: what it has none of yet, its hosts file cannot have."""
    if placeholders.keys().isdisjoint(pod.pod_ips):
        return pod
    return replace(pod, pod_ips=tuple(each for each in pod.pod_ips if each not in placeholders))


def service_ranges(pod: Pod, names: Iterable[str] = ()) -> tuple[Objects, ...]:
    """The read of the ranges of cluster IPs, where an alias of the pod (of NAMES) may be of one."""
    wanted = set(names)
    is_asked = any(not wanted or wanted.intersection(each.hostnames) for each in pod.host_aliases)
    return (Objects("ServiceCIDR"),) if is_asked else ()


def read_services(
    pod: Pod, given: Mapping[Read, Given]
) -> Diagnosis[ServiceAddresses | CouldNotLook | None]:
    """The Services that the pod's aliases pin by their cluster IP, or mean by their names.

    GIVEN has the ranges; None where they are not known: nobody can tell an address of a Service.
    """
    found = given.get(Objects("ServiceCIDR"))
    if not isinstance(found, Found) or not found.objects:
        return found if isinstance(found, CouldNotLook) else None
    from kubectl_hosts.model.hosts.spec_rules import (  # noqa: PLC0415  few pods have such an alias
        is_service_address,
        services_meant,
    )

    cidrs = cast("tuple[ServiceCIDR, ...]", found.objects)
    ranges = tuple(cidr for each in cidrs for cidr in each.cidrs)
    known = ServiceAddresses(ranges=ranges)
    pinned = [each for each in pod.host_aliases if is_service_address(each.ip, known)]
    at = {each.ip: Objects("IPAddress", name=each.ip) for each in pinned}
    meant = dict.fromkeys(name for each in pinned for name in services_meant(each, pod.namespace))
    named = [Objects("Service", *name.split("/", 1)) for name in meant]
    if not pinned:
        return known
    answers = yield (*at.values(), *named)
    pairs: list[tuple[str, str]] = []
    for ip, read in at.items():
        answer = answers[read]
        if isinstance(answer, CouldNotLook):
            return answer
        owners = cast("tuple[IPAddress, ...]", answer.objects if isinstance(answer, Found) else ())
        pairs += [(ip, f"{each.service_namespace}/{each.service_name}") for each in owners]
    for read in named:
        answer = answers[read]
        services = cast("tuple[Service, ...]", answer.objects if isinstance(answer, Found) else ())
        pairs += [(ip, each.object) for each in services for ip in each.cluster_ips if ip != "None"]
    return known._replace(cluster_ips=tuple(pairs))


def config_map_reads(pod: Pod, containers: Iterable[Container], *paths: str) -> tuple[Objects, ...]:
    """The ConfigMaps that decide what the containers have at PATHS, and whether they start."""
    names = (name for each in containers for name in config_maps_for(pod, each, *paths, ETC))
    return tuple(Objects("ConfigMap", pod.namespace, name) for name in dict.fromkeys(names))


def config_maps_of(reads: Iterable[Objects], given: Mapping[Read, Given]) -> ConfigMaps:
    """What was read of ConfigMaps, by name; None for one that is not there."""
    return tuple((each.name, _config_map(given[each])) for each in reads)


def _config_map(given: Given) -> ConfigMap | CouldNotLook | None:
    if isinstance(given, CouldNotLook):
        return given
    found = given.objects[0] if isinstance(given, Found) and given.objects else None
    return cast("ConfigMap | None", found)


def chosen_containers(pod: Pod, look: PodLook) -> tuple[Container, ...]:
    """The containers to report. Raises BadInput for one that the pod does not have."""
    if look.all_containers:
        return pod.containers
    return (container_named(pod, look.container) if look.container else default_container(pod),)


def why_unread(pod: Pod, container: Container) -> str:
    """Why nobody looks into the container, as far as spec and status tell; "" where one can."""
    stopped = why_not_running(pod, container)
    return stopped or (_WINDOWS if operating_system(pod, None) == "windows" else "")


def _container(pod: Pod, container: Container, given: Given) -> Diagnosis[ContainerEvidence]:
    """What the container shows; through a sibling where nothing in it reads files."""
    if isinstance(given, FilesGiven):
        return (yield from _whole(pod, container.name, given))
    failure = given if isinstance(given, CouldNotLook) else CouldNotLook(what="files", why="")
    if failure.reason == "NoSuchExecutable":
        through = yield from _through_sibling(pod, container)
        if through is not None:
            return through
    return unread_container(container.name, failure.why, failure.hint)


def _stopped(pod: Pod, container: Container, why: str) -> Diagnosis[ContainerEvidence]:
    """A container that does not run; its file through another that has the same."""
    through = None if pod.is_finished else (yield from _through_sibling(pod, container))
    return through or unread_container(container.name, why)


def _through_sibling(pod: Pod, container: Container) -> Diagnosis[ContainerEvidence | None]:
    """The same file through another container of the pod: hosts-file.md 2.4, S60."""
    for sibling in siblings(pod, container, HOSTS):
        read = Files(PodRef(pod.namespace, pod.name), sibling.name, HOSTS_PATHS)
        through = (yield (read,))[read]
        if isinstance(through, FilesGiven):
            found = yield from _whole(pod, sibling.name, through)
            return found._replace(name=container.name, read_from=sibling.name)
    return None


def _whole(pod: Pod, container: str, given: FilesGiven) -> Diagnosis[ContainerEvidence]:
    """The container's files; once more where the kubelet was just writing (hosts-file.md 1.5)."""
    from kubectl_hosts.model.hosts.drift import looks_half_written  # noqa: PLC0415

    hosts = dict(given.files).get(HOSTS)
    if isinstance(hosts, FileRead) and looks_half_written(hosts.data):
        read = Files(PodRef(pod.namespace, pod.name), container, HOSTS_PATHS)
        again = (yield (read,))[read]
        given = again if isinstance(again, FilesGiven) else given
    return ContainerEvidence(container, given.files, given.via, given.read_from)


def unread_container(name: str, reason: str, hint: str = "") -> ContainerEvidence:
    """A container that nobody could look into, and why."""
    failure = CouldNotLook(what=f"container {name}", why=reason, hint=hint)
    return ContainerEvidence(name=name, failure=failure)


def surroundings(pod: Pod) -> tuple[Read, ...]:
    """The reads of what stands around a pod: its node, its owner, and the Deployment above that."""
    owner = _owner_read(pod.namespace, pod.owner)
    node = Objects("Node", name=pod.node_name) if pod.node_name else None
    return tuple(each for each in (node, owner, _deployment_read(pod)) if each)


def _deployment_read(pod: Pod) -> Objects | None:
    """The Deployment of the pod's ReplicaSet by its name, so that it need not be waited for.

    deployment/sync.go getNewReplicaSet: `DEPLOYMENT-HASH`, and the hash is the pods' label.
    """
    suffix = f"-{dict(pod.labels).get('pod-template-hash', '')}"
    if pod.owner is None or pod.owner.kind != "ReplicaSet" or suffix == "-":
        return None
    name = pod.owner.name.removesuffix(suffix)
    return Objects("Deployment", pod.namespace, name) if name != pod.owner.name else None


def node_of(pod: Pod, given: Mapping[Read, Given]) -> NodeEvidence | CouldNotLook:
    """The pod's node out of its surroundings, or why it could not be read."""
    if not pod.node_name:
        return CouldNotLook(what="the node", why="the pod has no node yet")
    found = given[Objects("Node", name=pod.node_name)]
    if isinstance(found, Found) and found.objects:
        from kubectl_hosts.model.objects import Node  # noqa: PLC0415

        node = found.objects[0]
        assert isinstance(node, Node)
        return node.evidence
    if isinstance(found, CouldNotLook):
        return found
    return CouldNotLook(what=f"Node {pod.node_name}", why=f'nodes "{pod.node_name}" not found')


def read_template(
    pod: Pod, given: Mapping[Read, Given]
) -> Diagnosis[Template | CouldNotLook | None]:
    """The template that the pod was made from; None for a pod that nobody owns, or nobody known.

    Where the owner has an owner (a Deployment above a ReplicaSet) that one's is read; the API takes
    owners that own each other.
    """
    read = _owner_read(pod.namespace, pod.owner)
    if read is None:
        return None
    from kubectl_hosts.model.objects import Workload  # noqa: PLC0415

    found, made_from = given[read], None
    passed = {read}
    while True:
        if isinstance(found, CouldNotLook):
            return found
        if not isinstance(found, Found) or not found.objects:
            plural = RESOURCES_BY_KIND[read.kind].plural
            return CouldNotLook(
                what=f"{read.kind} {read.namespace}/{read.name}",
                why=f'{plural} "{read.name}" not found',
            )
        owner = found.objects[0]
        assert isinstance(owner, Workload)
        above = _owner_read(pod.namespace, owner.owner)
        template = owner.template
        if above is None or above in passed:
            return template._replace(made_from=made_from)
        passed.add(above)
        made_from = template.host_aliases if made_from is None else made_from
        read = above
        found = (yield (read,))[read]


def _owner_read(namespace: str, owner: Owner | None) -> Objects | None:
    if owner is None or owner.kind not in WORKLOADS:
        return None
    return Objects(owner.kind, namespace, owner.name)
