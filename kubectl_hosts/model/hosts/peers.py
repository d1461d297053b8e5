"""hostNetwork pods of one node, told of each other: all copied the same node file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.evidence import NodePeer
from kubectl_hosts.model.hosts.kubelet import LINUX_HOSTS_PATH
from kubectl_hosts.model.hosts.last_written import last_written

if TYPE_CHECKING:
    from kubectl_hosts.model.evidence import PodEvidence
    from kubectl_hosts.model.pod import Pod


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
