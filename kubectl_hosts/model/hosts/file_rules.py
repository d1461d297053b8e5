"""What is wrong with hosts files as they were found, and what to do: hosts-file.md 2.1 and 6.

First the kubelet's own file, then one of another supplier, then the node's part of hostNetwork
files, which is compared between pods of one node (S5).
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from kubectl_hosts.model.addresses import inet_pton
from kubectl_hosts.model.evidence import FileRead, NodePeer
from kubectl_hosts.model.findings import Finding, Reason, Severity, first_few
from kubectl_hosts.model.hosts.drift import node_part
from kubectl_hosts.model.hosts.file import parse_hosts_file
from kubectl_hosts.model.hosts.hosts_report import ContainerReport, DriftKind, ReportLine
from kubectl_hosts.model.hosts.kubelet import (
    LINUX_HOSTS_PATH,
    last_written,
    layout_of,
    node_hosts_file,
    own_names,
    truncate_host_name,
)
from kubectl_hosts.model.hosts.spec_rules import writers
from kubectl_hosts.model.hosts.supplier import (
    Image,
    Kubelet,
    NotStarted,
    OwnMount,
    Runtime,
    describe_supplier,
    volume_words,
)
from kubectl_hosts.model.hosts.verdict import (
    A_FILE_THERE,
    ALIASES_ELSEWHERE,
    KEEP_ENTRIES,
    MOUNT_AGAIN,
    OWN_LINE_BACK,
    START_ANEW,
    WRITE_ANEW,
    differences,
    fix_of_not_started,
    shortened,
)
from kubectl_hosts.model.hosts.volumes import blocked_by
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kubectl_hosts.model.evidence import PodEvidence
    from kubectl_hosts.model.hosts.kubelet import Expectation, ExpectedFile
    from kubectl_hosts.model.pod import Container, Pod


def _differing(report: ContainerReport, kind: OriginKind) -> list[ReportLine]:
    """The lines of that origin that are missing, or stand there with another content."""
    telling = {DriftKind.MISSING, DriftKind.CHANGED}
    return [
        line for line in report.lines if line.origin.kind is kind and line.difference in telling
    ]


def _names(lines: Sequence[ReportLine]) -> str:
    said = [shortened(" ".join((line.address, *line.names)) or line.text) for line in lines]
    return first_few(list(dict.fromkeys(said)))


def _origins(lines: Sequence[ReportLine]) -> tuple[Origin, ...]:
    return tuple(line.origin for line in lines)


def _foreign(report: ContainerReport, expectation: Expectation) -> Iterator[Finding]:
    """S12 (k/k#12337, neondatabase/autoscaling#1304): entries, not comments between them."""
    extra = [line for line in report.lines if line.difference is DriftKind.EXTRA and line.address]
    if not extra or not isinstance(report.managed_by, Kubelet):
        return
    count = "1 line is" if len(extra) == 1 else f"{len(extra)} lines are"
    writing = writers(expectation)
    by = f"container {writing[0].name} writes there" if writing else "a manual edit"
    yield Finding(
        reason=Reason.FOREIGN_LINES,
        severity=Severity.WARNING,
        message=f"{count} not from the spec: {_names(extra)}; {by}",
        fix=OWN_LINE_BACK if _has_own_name(report, expectation) else KEEP_ENTRIES,
        evidence=_origins(extra),
    )


def _has_own_name(report: ContainerReport, expectation: Expectation) -> bool:
    """Whether an extra line bears one of the pod's own names."""
    own = own_names(expectation)
    extra = (line for line in report.lines if line.difference is DriftKind.EXTRA)
    return any(own.intersection(line.names) for line in extra)


def _kubelet_lines(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """S13 (k/k#59112): no libc knows localhost by itself (hosts-file.md 5)."""
    gone = [line for line in _differing(report, OriginKind.KUBELET_BOILERPLATE) if line.names]
    if not gone or _is_empty(report):
        return
    is_localhost = any("localhost" in line.names for line in gone)
    effect = "; lookups of localhost go to DNS" if is_localhost else ""
    yield Finding(
        reason=Reason.KUBELET_LINES_MISSING,
        severity=Severity.ERROR if is_localhost else Severity.WARNING,
        message=f"the kubelet wrote {_names(gone)}, and the file lacks it{effect}",
        fix=WRITE_ANEW,
        evidence=_origins(gone),
    )


def _aliases(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """S1: the header is there and hostAliases are not (k/k#53495)."""
    gone = _differing(report, OriginKind.HOST_ALIAS)
    if gone and not _is_empty(report):
        yield Finding(
            reason=Reason.HOST_ALIASES_MISSING,
            severity=Severity.ERROR,
            message=f"the file lacks hostAliases of the spec: {_wanted(gone)}",
            fix=WRITE_ANEW,
            evidence=_origins(gone),
        )


def _wanted(lines: Sequence[ReportLine]) -> str:
    return ", ".join((line.instead_of or line.text).replace("\t", " ") for line in lines)


def _pod_ips(report: ContainerReport, expectation: Expectation) -> Iterator[Finding]:
    """S19 (k/k#69723): a sandbox replaced behind the kubelet, or an edit of the pod's own line.

    An edit keeps the address and changes the names, or puts an address there that no sandbox has.
    """
    gone = _differing(report, OriginKind.POD_IP)
    changed = [line for line in gone if line.difference is DriftKind.CHANGED]
    edited = [line for line in changed if _is_edited(line)]
    stale = [line for line in changed if line not in edited]
    if edited:
        yield Finding(
            reason=Reason.OWN_LINE_CHANGED,
            severity=Severity.ERROR,
            message=f"the pod's own line was edited: {differences(edited)}",
            fix=OWN_LINE_BACK,
            evidence=_origins(edited),
        )
    if stale:
        yield Finding(
            reason=Reason.STALE_POD_IP,
            severity=Severity.ERROR,
            message=f"the file has {_names(stale)}; by status.podIPs it should be {_wanted(stale)}",
            fix=WRITE_ANEW,
            evidence=_origins(stale),
        )
    elif gone and not changed and not _is_empty(report):
        yield Finding(
            reason=Reason.POD_IP_MISSING,
            severity=Severity.WARNING,
            message=f"the file lacks the pod's own {_wanted(gone)}",
            fix=OWN_LINE_BACK if _has_own_name(report, expectation) else WRITE_ANEW,
            evidence=_origins(gone),
        )


def _is_edited(line: ReportLine) -> bool:
    """Whether a sandbox cannot explain the line: other names, or no address of a pod's network."""
    address, *names = line.instead_of.split()
    if list(line.names) != names:
        return True
    found, wanted = inet_pton(line.address), inet_pton(address)
    if found is None or wanted is None or found.version != wanted.version:
        return True
    return found.is_unspecified or found.is_loopback


def _is_empty(report: ContainerReport) -> bool:
    return report.observed is not None and not report.observed.lines


def _empty(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """hosts-file.md 1.5: the kubelet truncates, then writes."""
    if _is_empty(report) and isinstance(report.managed_by, Kubelet):
        yield Finding(
            reason=Reason.EMPTY_FILE,
            severity=Severity.ERROR,
            message="the file is empty: caught while the kubelet wrote it, or emptied by hand",
            fix=f"Look again; if it stays empty: {WRITE_ANEW}",
        )


def _failing_sibling(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """S9 (k/k#48745): start attempts that leave no startedAt rewrite the file all the same."""
    if report.last_written.or_later and report.observed is not None:
        yield Finding(
            reason=Reason.REWRITTEN_BY_FAILING_CONTAINER,
            severity=Severity.INFO,
            message=f"an edit does not last here: {report.last_written.or_later}",
            fix="kubectl describe pod shows why that container does not start.",
        )


def _replaced(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """hosts-file.md 1.5: `//deleted` in mountinfo."""
    if isinstance(report.managed_by, Kubelet) and report.managed_by.replaced:
        yield Finding(
            reason=Reason.REPLACED_ON_NODE,
            severity=Severity.WARNING,
            message=(
                f"container {report.name} holds a hosts file that was deleted or replaced on the "
                "node; containers started later have another one"
            ),
            fix="Restart the container.",
        )


def _another_pods(report: ContainerReport, expectation: Expectation) -> Iterator[Finding]:
    """The uid in the mount is that of the pod, or of the static pod behind a mirror pod."""
    pod = expectation.pod
    uid = report.managed_by.uid if isinstance(report.managed_by, Kubelet) else ""
    if uid and pod.uid and uid not in {pod.uid, pod.annotation("kubernetes.io/config.hash")}:
        yield Finding(
            reason=Reason.FILE_OF_ANOTHER_POD,
            severity=Severity.WARNING,
            message=f"the file belongs to a pod of uid {uid}; this pod's is {pod.uid}",
            fix="Look again: the pod was replaced by another of its name meanwhile.",
        )


def _permission(report: ContainerReport, expectation: Expectation) -> Iterator[Finding]:
    """S55: the kubelet's umask made it 0640 (k/k#80668, #96342; mode set since k/k#113209)."""
    layout, _ = layout_of(expectation.node.kubelet_version)
    is_refused = "permission denied" in (report.unreadable or "").lower()
    if is_refused and isinstance(report.managed_by, Kubelet):
        cause = (
            "its mode was changed in the container"
            if layout.readable_by_all
            else "kubelets before 1.26 keep their umask's mode, such as 0640"
        )
        yield Finding(
            reason=Reason.UNREADABLE_BY_THIS_USER,
            severity=Severity.ERROR,
            message=f"the container's user may not read its hosts file: {cause}",
            fix=WRITE_ANEW if layout.readable_by_all else "Upgrade the node, or change its umask.",
        )


FILE_RULES: tuple[Callable[[ContainerReport, Expectation], Iterator[Finding]], ...] = (
    _empty,
    _kubelet_lines,
    _pod_ips,
    _aliases,
    _foreign,
    _failing_sibling,
    _replaced,
    _another_pods,
    _permission,
)


# Docker's own layout has the right multicast addresses, which the kubelet never wrote (k/k#5991).
_DOCKERS = ("ff02::1", "ff00::0")


def _own_mount(report: ContainerReport, expectation: Expectation) -> Iterator[Finding]:
    """S14, S15 (k/k#62579)."""
    pod = expectation.pod
    if not isinstance(report.managed_by, OwnMount):
        return
    mount = f"({volume_words(report.managed_by, pod.namespace)})"
    if pod.host_aliases:
        yield Finding(
            reason=Reason.OWN_MOUNT_HIDES_HOST_ALIASES,
            severity=Severity.WARNING,
            message=(
                f"container {report.name} mounts its own hosts file {mount}: "
                f"{len(pod.host_aliases)} of spec.hostAliases do not apply there"
            ),
            fix=ALIASES_ELSEWHERE,
            evidence=(_mount_origin(report, expectation),),
        )
    own = truncate_host_name(pod.hostname or pod.name)
    if report.lines and not any(own in line.names for line in report.lines):
        yield Finding(
            reason=Reason.OWN_NAME_MISSING,
            severity=Severity.INFO,
            message=f"container {report.name}: its hosts file {mount} lacks the pod's name {own}",
            fix="A program that looks up its own host name needs the line, or cluster DNS.",
            evidence=(_mount_origin(report, expectation),),
        )


def _mount_origin(report: ContainerReport, expectation: Expectation) -> Origin:
    if report.lines:
        origin = report.lines[0].origin
        return Origin(kind=origin.kind, object=origin.object, field=origin.field)
    pod = expectation.pod
    return Origin(kind=OriginKind.OWN_MOUNT, object=pod.object)


def _outdated(report: ContainerReport, expectation: Expectation) -> Iterator[Finding]:
    """`//deleted` behind the root of a ConfigMap, Secret or projected volume, or other content.

    A subPath mount keeps the file of the container's start, and /etc/hosts can be mounted from such
    a volume by subPath alone: without it, a directory stands there.
    """
    mount = report.managed_by
    is_copy = isinstance(mount, OwnMount) and (mount.outdated or (report.drift and mount.sub_path))
    if isinstance(mount, OwnMount) and is_copy:
        pod = expectation.pod
        yield Finding(
            reason=Reason.OUTDATED_VOLUME,
            severity=Severity.WARNING,
            message=(
                f"{volume_words(mount, pod.namespace)} changed after container {report.name} "
                "started: a subPath mount keeps the old file"
            ),
            fix=_start_anew(pod),
        )


def _start_anew(pod: Pod) -> str:
    """How the containers of the pod are started anew, by what owns it."""
    workload = _workload_of(pod)
    if not workload:
        return "Restart the container, or recreate the pod."
    return f"kubectl -n {shlex.quote(pod.namespace)} rollout restart {shlex.quote(workload)}"


def _workload_of(pod: Pod) -> str:
    """`TYPE/NAME` of the workload that `kubectl rollout restart` takes, "" for none."""
    owner = pod.owner
    if owner is None:
        return ""
    if owner.kind == "ReplicaSet":  # a Deployment's bears the hash of its template
        suffix = f"-{dict(pod.labels).get('pod-template-hash', '')}"
        is_deployments = len(suffix) > 1 and owner.name.endswith(suffix)
        return f"deployment/{owner.name.removesuffix(suffix)}" if is_deployments else ""
    is_restarted = owner.kind in {"StatefulSet", "DaemonSet"}
    return f"{owner.kind.lower()}/{owner.name}" if is_restarted else ""


def _directory(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    if isinstance(report.managed_by, OwnMount) and report.managed_by.is_directory:
        yield Finding(
            reason=Reason.DIRECTORY_AT_HOSTS,
            severity=Severity.ERROR,
            message=(
                f"volume {report.managed_by.volume} puts a directory where container "
                f"{report.name} has its hosts file: no subPath, or one that names no key"
            ),
            fix=A_FILE_THERE,
        )


def _read_only(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """S57 (kops#3867): ConfigMap, Secret and projected volumes always are."""
    mount = report.managed_by
    if isinstance(mount, OwnMount) and mount.is_directory:
        return  # told by its own
    if isinstance(mount, OwnMount | Runtime) and mount.read_only:
        yield Finding(
            reason=Reason.READ_ONLY_HOSTS,
            severity=Severity.INFO,
            message=f"container {report.name} cannot write its hosts file: it is mounted read-only",
        )


def _writes_node(report: ContainerReport, expectation: Expectation) -> Iterator[Finding]:
    """A hostPath of the node's /etc/hosts: hostNetwork pods and the node itself read it."""
    if isinstance(report.managed_by, OwnMount) and report.managed_by.writes_node:
        yield Finding(
            reason=Reason.WRITES_NODE_HOSTS,
            severity=Severity.WARNING,
            message=(
                f"container {report.name} can write the node's own /etc/hosts through volume "
                f"{report.managed_by.volume}: an edit there is the node's"
            ),
            fix="Set readOnly: true on the volumeMount, or use hostAliases.",
            evidence=(_mount_origin(report, expectation),),
        )


def _not_started(report: ContainerReport, expectation: Expectation) -> Iterator[Finding]:
    """hosts-file.md 2.1: a read-only volume on /etc; a volume that cannot be made."""
    pod = expectation.pod
    found = report.managed_by
    if isinstance(found, NotStarted):
        words = volume_words(found, pod.namespace)
        why = found.why or f"the runtime {found.said}"
        yield Finding(
            reason=Reason.VOLUME_PREVENTS_START,
            severity=Severity.ERROR,
            message=f"{words} on {found.mount_path} keeps container {report.name} from starting: "
            f"{why}",
            fix=fix_of_not_started(found),
            evidence=(volume_origin(pod, found.volume),),
        )
        return
    container = pod.container(report.name)
    is_started = report.observed is not None or _is_running(container)
    if expectation.is_windows or container is None or is_started:
        return
    blocked = blocked_by(pod, container, expectation.config_maps)
    if blocked is not None and not blocked.is_certain:
        mount = blocked.covering.mount
        yield Finding(
            reason=Reason.VOLUME_PREVENTS_START,
            severity=Severity.WARNING,
            message=f"volume {mount.name} on {mount.mount_path} may keep container {report.name} "
            f"from starting: {blocked.why}",
            fix=f"Mount its files one by one with subPath, not all of {mount.mount_path}.",
            evidence=(volume_origin(pod, mount.name),),
        )


def _is_running(container: Container | None) -> bool:
    return container is not None and container.status.state == "running"


def volume_origin(pod: Pod, volume: str) -> Origin:
    """The volume of that name in the pod's spec."""
    index = next((at for at, each in enumerate(pod.volumes) if each.name == volume), 0)
    return Origin(kind=OriginKind.OWN_MOUNT, object=pod.object, field=f"spec.volumes[{index}]")


def _unmounted(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """A privileged program took the mount away (kubernetes-sigs/dra-driver-nvidia-gpu#537)."""
    if isinstance(report.managed_by, Image) and report.managed_by.unmounted:
        yield Finding(
            reason=Reason.HOSTS_UNMOUNTED,
            severity=Severity.WARNING,
            message=(
                f"the mount at /etc/hosts of container {report.name} is gone: "
                "the kubelet does not rewrite the file that is left"
            ),
            fix=MOUNT_AGAIN,
        )


def _disagreement(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    if isinstance(report.managed_by, OwnMount | Kubelet) and report.managed_by.disagreement:
        yield Finding(
            reason=Reason.MOUNT_DISAGREEMENT,
            severity=Severity.WARNING,
            message=f"container {report.name}: {report.managed_by.disagreement}",
            fix="mountinfo is what the container has; something changed its mounts after the API.",
        )


def _hidden_mount(report: ContainerReport, expectation: Expectation) -> Iterator[Finding]:
    """A mountPath that means the same path in other words does not keep the kubelet's file out."""
    container = expectation.pod.container(report.name)
    if container is None or not isinstance(report.managed_by, Kubelet):
        return
    for mount in container.volume_mounts:
        parts = [part for part in mount.mount_path.split("/") if part not in {"", "."}]
        if parts == ["etc", "hosts"] and mount.mount_path != expectation.path:
            yield Finding(
                reason=Reason.HIDDEN_VOLUME_MOUNT,
                severity=Severity.WARNING,
                message=(
                    f"container {report.name} mounts volume {mount.name} at {mount.mount_path}, "
                    "and the kubelet's file lies on top of it"
                ),
                fix=f"Write mountPath as {expectation.path}, exactly.",
            )


def _not_the_kubelets(report: ContainerReport, expectation: Expectation) -> Iterator[Finding]:
    """S3, S16, S17 (k/k#119852, podman#9500)."""
    if not isinstance(report.managed_by, Runtime | Image):
        return
    if isinstance(report.managed_by, Image) and report.managed_by.unmounted:
        return
    layout, _ = layout_of(expectation.node.kubelet_version)
    pod = expectation.pod
    if pod.host_network and not layout.host_network_without_ips:
        yield Finding(
            reason=Reason.STARTED_WITHOUT_ADDRESS,
            severity=Severity.ERROR,
            message=(
                f"container {report.name} started before node {expectation.node.name} had an "
                "address, and kubelets before 1.32 mount no hosts file then"
            ),
            fix="Delete the pod, or restart it on the node if it is a static pod.",
        )
        return
    written = any(line.address in _DOCKERS for line in report.lines)
    docker = "; its ff02:: lines are Docker's" if written else ""
    who = describe_supplier(report.managed_by, pod.namespace)
    yield Finding(
        reason=Reason.NOT_THE_KUBELETS_FILE,
        severity=Severity.ERROR if pod.host_aliases else Severity.WARNING,
        message=(
            f"container {report.name} has the hosts file of its {who}: "
            f"no pod address when it started, or no kubelet runs it{docker}"
        ),
        fix=START_ANEW,
    )


MOUNT_RULES: tuple[Callable[[ContainerReport, Expectation], Iterator[Finding]], ...] = (
    _own_mount,
    _outdated,
    _directory,
    _read_only,
    _writes_node,
    _not_started,
    _unmounted,
    _disagreement,
    _hidden_mount,
    _not_the_kubelets,
)


def compare_node_parts(
    expectation: Expectation, reports: tuple[ContainerReport, ...], peers: tuple[NodePeer, ...]
) -> Iterator[Finding]:
    """Which other pods of the node have another copy of its file, and whose copy is older.

    The kubelet copies the node's file at each container start and never again (k/k#91117).
    """
    observed = next((each.observed for each in reports if each.observed is not None), None)
    if not expectation.file.node_part or observed is None:
        return
    own = node_part(expectation.file, observed)
    written = expectation.last_written.at
    for peer in peers:
        if not isinstance(peer.file, FileRead):
            continue
        theirs = node_part(_file_of(peer, expectation), parse_hosts_file(peer.file.data))
        if theirs == own:
            continue
        yield _difference(peer, own, theirs, written=written, node=expectation.node.name)


def _file_of(peer: NodePeer, expectation: Expectation) -> ExpectedFile:
    layout, _ = layout_of(expectation.node.kubelet_version)
    return node_hosts_file(peer.pod, peer.host_aliases, layout=layout)


def _difference(
    peer: NodePeer, own: tuple[bytes, ...], theirs: tuple[bytes, ...], *, written: str, node: str
) -> Finding:
    is_ours_older = bool(written) and bool(peer.written_at) and written < peer.written_at
    ours, its = "this pod's", f"pod {peer.pod}'s"
    compared = f"{ours} copy of node {node}'s /etc/hosts differs from {its}"
    if written and peer.written_at:
        older, newer = (ours, its) if is_ours_older else (its, ours)
        compared = f"{older} copy of node {node}'s /etc/hosts is older than {newer}"
    only_here = _shown(line for line in own if line not in theirs)
    only_there = _shown(line for line in theirs if line not in own)
    return Finding(
        reason=Reason.STALE_NODE_HOSTS,
        severity=Severity.WARNING if is_ours_older else Severity.INFO,
        message=(f"{compared}: only here: {only_here}; only there: {only_there}"),
        fix="Restart the pod with the older copy: a container start copies the node's file again.",
        evidence=(Origin(kind=OriginKind.NODE_HOSTS, object=node),),
    )


def _shown(lines: Iterator[bytes]) -> str:
    texts = [line.decode("utf-8", "backslashreplace").replace("\t", " ") for line in lines]
    return first_few(texts) or "nothing"


def with_peers(found: tuple[PodEvidence, ...]) -> tuple[PodEvidence, ...]:
    """The same evidence; each hostNetwork pod also has the files of the others of its node."""
    on_nodes: dict[str, list[tuple[Pod, NodePeer]]] = {}
    for evidence in found:
        if evidence.pod.host_network and evidence.containers:
            on_nodes.setdefault(evidence.pod.node_name, []).append((evidence.pod, _peer(evidence)))
    return tuple(
        evidence._replace(
            peers=tuple(
                peer
                for pod, peer in on_nodes.get(evidence.pod.node_name, ())
                if pod is not evidence.pod
            ),
        )
        if evidence.pod.host_network
        else evidence
        for evidence in found
    )


def _peer(evidence: PodEvidence) -> NodePeer:
    pod = evidence.pod
    return NodePeer(
        pod=pod.object,
        host_aliases=pod.host_aliases,
        written_at=last_written(pod, path=LINUX_HOSTS_PATH).at,
        file=evidence.containers[0].file(LINUX_HOSTS_PATH),
    )
