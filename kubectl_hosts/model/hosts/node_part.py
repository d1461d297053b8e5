"""The node's part of hostNetwork files, compared between pods of one node: hosts-file.md S5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.evidence import FileRead
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.hosts.drift import node_part
from kubectl_hosts.model.hosts.file import parse_hosts_file
from kubectl_hosts.model.hosts.kubelet import node_hosts_file
from kubectl_hosts.model.hosts.layout import layout_of
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.evidence import NodePeer
    from kubectl_hosts.model.hosts.expectation import Expectation
    from kubectl_hosts.model.hosts.kubelet import ExpectedFile
    from kubectl_hosts.model.hosts.report import ContainerReport


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
