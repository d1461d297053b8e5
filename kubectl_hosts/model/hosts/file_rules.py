"""What is wrong with hosts files as they were found, and what to do: hosts-file.md 2.1 and 6.

First the kubelet's own file, then one of another supplier, then the node's part of hostNetwork
files, which is compared between pods of one node (S5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.evidence import FileRead, NodePeer
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.hosts.drift import node_part
from kubectl_hosts.model.hosts.file import parse_hosts_file
from kubectl_hosts.model.hosts.kubelet import (
    LINUX_HOSTS_PATH,
    last_written,
    layout_of,
    node_hosts_file,
)
from kubectl_hosts.model.hosts.report import ContainerReport, DriftKind, ReportLine
from kubectl_hosts.model.hosts.supplier import Image, Kubelet, OwnMount, Runtime, describe_supplier
from kubectl_hosts.model.hosts.verdict import (
    ALIASES_ELSEWHERE,
    KEEP_ENTRIES,
    START_ANEW,
    WRITE_ANEW,
    shortened,
)
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kubectl_hosts.model.evidence import PodEvidence
    from kubectl_hosts.model.hosts.kubelet import Expectation, ExpectedFile
    from kubectl_hosts.model.pod import Pod


def _differing(report: ContainerReport, kind: OriginKind) -> list[ReportLine]:
    """The lines of that origin that are missing, or stand there with another content."""
    telling = {DriftKind.MISSING, DriftKind.CHANGED}
    return [
        line for line in report.lines if line.origin.kind is kind and line.difference in telling
    ]


def _names(lines: Sequence[ReportLine]) -> str:
    said = [shortened(" ".join((line.address, *line.names)) or line.text) for line in lines]
    return ", ".join(said[:4]) + (f" and {len(said) - 4} more" if len(said) > 4 else "")


def _origins(lines: Sequence[ReportLine]) -> tuple[Origin, ...]:
    return tuple(line.origin for line in lines)


def _foreign(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """S12 (k/k#12337, neondatabase/autoscaling#1304)."""
    extra = [line for line in report.lines if line.difference is DriftKind.EXTRA]
    if extra:
        yield Finding(
            reason=Reason.FOREIGN_LINES,
            severity=Severity.WARNING,
            message=f"nobody declared {_names(extra)}: written in the container, or on the node",
            fix=KEEP_ENTRIES,
            evidence=_origins(extra),
        )


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


def _pod_ips(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """S19 (k/k#69723): a sandbox replaced behind the kubelet, or an edit."""
    gone = _differing(report, OriginKind.POD_IP)
    changed = [line for line in gone if line.difference is DriftKind.CHANGED]
    if changed:
        yield Finding(
            reason=Reason.STALE_POD_IP,
            severity=Severity.ERROR,
            message=(
                f"the file has {_names(changed)}; by status.podIPs it should be {_wanted(changed)}"
            ),
            fix=WRITE_ANEW,
            evidence=_origins(changed),
        )
    elif gone and not _is_empty(report):
        yield Finding(
            reason=Reason.POD_IP_MISSING,
            severity=Severity.WARNING,
            message=f"the file lacks the pod's own {_wanted(gone)}",
            fix=WRITE_ANEW,
            evidence=_origins(gone),
        )


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
    if report.last_written.or_later:
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
    mount = describe_supplier(report.managed_by, pod.namespace).removeprefix("own mount ")
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
    own = pod.hostname or pod.name
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
    return Origin(kind=OriginKind.OWN_MOUNT, object=f"{pod.namespace}/{pod.name}")


def _outdated(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """`//deleted` behind the root of a ConfigMap, Secret or projected volume."""
    if isinstance(report.managed_by, OwnMount) and report.managed_by.outdated:
        volume = report.managed_by.volume
        yield Finding(
            reason=Reason.OUTDATED_VOLUME,
            severity=Severity.WARNING,
            message=(
                f"volume {volume} changed after container {report.name} started: a subPath mount "
                "keeps the old file"
            ),
            fix="Restart the container, or mount the volume's directory without subPath.",
        )


def _directory(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    if isinstance(report.managed_by, OwnMount) and report.managed_by.is_directory:
        yield Finding(
            reason=Reason.DIRECTORY_AT_HOSTS,
            severity=Severity.ERROR,
            message=(
                f"volume {report.managed_by.volume} puts a directory where container "
                f"{report.name} has its hosts file: no subPath, or one that names no key"
            ),
            fix="Set subPath to the file's name in the volume.",
        )


def _read_only(report: ContainerReport, _: Expectation) -> Iterator[Finding]:
    """S57 (kops#3867): ConfigMap, Secret and projected volumes always are."""
    if isinstance(report.managed_by, OwnMount | Runtime) and report.managed_by.read_only:
        yield Finding(
            reason=Reason.READ_ONLY_HOSTS,
            severity=Severity.INFO,
            message=f"container {report.name} cannot write its hosts file: it is mounted read-only",
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
            f"container {report.name} has the hosts file of its {who}, not the kubelet's: the pod "
            f"had no address when it started, or no kubelet runs it{docker}"
        ),
        fix=START_ANEW,
    )


MOUNT_RULES: tuple[Callable[[ContainerReport, Expectation], Iterator[Finding]], ...] = (
    _own_mount,
    _outdated,
    _directory,
    _read_only,
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
    whose = "this pod's" if is_ours_older else f"pod {peer.pod}'s"
    only_here = _shown(line for line in own if line not in theirs)
    only_there = _shown(line for line in theirs if line not in own)
    return Finding(
        reason=Reason.STALE_NODE_HOSTS,
        severity=Severity.WARNING if is_ours_older else Severity.INFO,
        message=(
            f"two copies of the /etc/hosts of node {node} differ, and {whose} is the older one "
            f"(this pod's: {written or 'unknown'}, {peer.pod}'s: {peer.written_at or 'unknown'}); "
            f"here alone: {only_here}; there alone: {only_there}"
        ),
        fix="Restart the pod with the older copy: a container start copies the node's file anew.",
        evidence=(Origin(kind=OriginKind.NODE_HOSTS, object=node),),
    )


def _shown(lines: Iterator[bytes]) -> str:
    texts = [line.decode("utf-8", "backslashreplace").replace("\t", " ") for line in lines]
    more = f" and {len(texts) - 3} more" if len(texts) > 3 else ""
    return ", ".join(texts[:3]) + more or "nothing"


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
        pod=f"{pod.namespace}/{pod.name}",
        host_aliases=pod.host_aliases,
        written_at=last_written(pod, path=LINUX_HOSTS_PATH).at,
        file=evidence.containers[0].file(LINUX_HOSTS_PATH),
    )
