"""What a pod's spec and node make of its hosts file, the same for all its containers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.evidence import CouldNotLook, FileRead, NodeEvidence
from kubectl_hosts.model.hosts.file import parse_hosts_file
from kubectl_hosts.model.hosts.host_name import ClusterDomain, learn_cluster_domain
from kubectl_hosts.model.hosts.kubelet import (
    ADDRESS_TO_COME,
    ExpectedFile,
    hosts_path,
    is_kubelet_file_mounted,
    kubelet_hosts_file,
)
from kubectl_hosts.model.hosts.last_written import last_written
from kubectl_hosts.model.pod import Container

if TYPE_CHECKING:
    from kubectl_hosts.model.evidence import PodEvidence
    from kubectl_hosts.model.hosts.report import LastWritten
    from kubectl_hosts.model.pod import Pod

RESOLV_CONF = "/etc/resolv.conf"
UNNAMED = Container(name="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What the pod's spec and node make of its hosts file, the same for all its containers."""

    pod: Pod
    node: NodeEvidence
    path: str
    file: ExpectedFile
    cluster_domain: ClusterDomain
    last_written: LastWritten

    def kubelet_mounts(self, container: str) -> bool:
        """Whether a container of that name gets the kubelet's file once the pod has an address."""
        pod = self.pod
        addressed = pod if pod.pod_ips else replace(pod, pod_ips=(ADDRESS_TO_COME,))
        return is_kubelet_file_mounted(
            addressed,
            pod.container(container) or UNNAMED,
            kubelet_version=self.node.kubelet_version,
            os_name=self.node.operating_system,
        )


def expect(evidence: PodEvidence) -> Expectation:
    """The prediction for the pod. Raises BadInput where the kubelet refuses its host name."""
    pod = evidence.pod
    node = evidence.node
    if isinstance(node, CouldNotLook):
        node = NodeEvidence(name=pod.node_name)
    path = hosts_path(node.operating_system or pod.os_name)
    domain = _cluster_domain(evidence, path)
    return Expectation(
        pod=pod,
        node=node,
        path=path,
        file=kubelet_hosts_file(pod, kubelet_version=node.kubelet_version, cluster_domain=domain),
        cluster_domain=domain,
        last_written=last_written(pod, path=path),
    )


def _cluster_domain(evidence: PodEvidence, path: str) -> ClusterDomain:
    if evidence.cluster_domain:
        return ClusterDomain(evidence.cluster_domain)
    learnt = ClusterDomain("", assumed=True)
    for container in evidence.containers:
        resolv_conf, hosts = container.file(RESOLV_CONF), container.file(path)
        learnt = learn_cluster_domain(
            evidence.pod,
            resolv_conf=resolv_conf.data if isinstance(resolv_conf, FileRead) else b"",
            observed=parse_hosts_file(hosts.data) if isinstance(hosts, FileRead) else None,
        )
        if not learnt.assumed:
            return learnt
    return learnt if learnt.text else learn_cluster_domain(evidence.pod)
