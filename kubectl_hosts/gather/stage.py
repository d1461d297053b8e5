"""The scene that a probe makes, and the names explained in it; what many pods need is read once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.gather.files import RESOLV_CONF
from kubectl_hosts.gather.objects import ObjectReader
from kubectl_hosts.gather.resolver import (
    CLUSTER_NAMESERVER,
    NODE_NAMESERVERS,
    ResolverSeen,
    see_resolver,
)
from kubectl_hosts.gather.scene import Scene
from kubectl_hosts.gather.subject import Subject
from kubectl_hosts.model.cluster_dns.locate import DnsServer, find_cluster_dns, find_dns_server
from kubectl_hosts.model.cluster_dns.needs import answer_asks, services_called
from kubectl_hosts.model.evidence import CouldNotLook, PodEvidence
from kubectl_hosts.model.hosts.judge import judge_hosts
from kubectl_hosts.model.resolver.resolv_conf import Setting

if TYPE_CHECKING:
    from kubectl_hosts.gather.explain_probe import Probe
    from kubectl_hosts.gather.hosts import Look
    from kubectl_hosts.gather.names import Asked
    from kubectl_hosts.gather.ports import Cluster
    from kubectl_hosts.model.evidence import NodeEvidence, Template
    from kubectl_hosts.model.explanation import Explanation
    from kubectl_hosts.model.pod import Container, Pod
    from kubectl_hosts.model.resolver.environment import Resolver


class Probed(NamedTuple):
    """A container that was looked into, and what stands around its pod."""

    pod: Pod
    container: Container
    probe: Probe
    node: NodeEvidence | CouldNotLook
    template: Template | CouldNotLook | None


class Stage:
    """Explains names in containers that were looked into."""

    def __init__(self, cluster: Cluster, look: Look) -> None:
        self._cluster = cluster
        self._look = look
        self._reader = ObjectReader(cluster)
        self._servers: dict[str, DnsServer] = {}
        self._lock = threading.Lock()

    def explain(self, probed: Probed, asked: Asked) -> tuple[Explanation, ...]:
        """An explanation for each name, in order."""
        scene = self._scene(probed)
        return tuple(Subject(self._cluster, self._reader, scene, self._look).explain(asked))

    def _scene(self, probed: Probed) -> Scene:
        pod, container, probe, node, template = probed
        evidence = PodEvidence(pod=pod, node=node, template=template, containers=(probe.evidence,))
        seen = see_resolver(
            pod,
            probe.evidence,
            probe.libc,
            kubelet_version="" if isinstance(node, CouldNotLook) else node.kubelet_version,
            cluster_dns=self._cluster_dns(probe),
        )
        return Scene(
            pod=pod,
            container=container,
            probe=probe,
            seen=seen,
            report=judge_hosts(evidence),
            servers=tuple(self._server(each.text, seen) for each in _nameservers(seen.resolver)),
        )

    def _cluster_dns(self, probe: Probe) -> tuple[str, ...]:
        """The nameserver that a kubelet writes, where resolv.conf could not be read."""
        if not isinstance(probe.evidence.file(RESOLV_CONF), CouldNotLook):
            return ()
        services = answer_asks(services_called("kube-dns"), self._reader)
        found = () if isinstance(services, CouldNotLook) else services
        addresses = tuple(each.cluster_ips[0] for each in found[:1] if each.cluster_ips)
        return addresses or (CLUSTER_NAMESERVER,)

    def _server(self, address: str, seen: ResolverSeen) -> DnsServer:
        if address == NODE_NAMESERVERS:
            return DnsServer(address, None)
        with self._lock:
            if address not in self._servers:
                self._servers[address] = self._find_server(address, seen.domain.text)
            return self._servers[address]

    def _find_server(self, address: str, domain: str) -> DnsServer:
        if address == CLUSTER_NAMESERVER:
            found = answer_asks(find_cluster_dns(domain), self._reader)
            return found._replace(address=address)
        return answer_asks(find_dns_server(address, domain), self._reader)


def _nameservers(resolver: Resolver) -> tuple[Setting, ...]:
    return resolver.resolv_conf.nameservers or (Setting("127.0.0.1"),)
