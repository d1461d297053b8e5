"""A container with names to explain: what was read in it, and the servers its lines lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.cluster_dns.chain import Client

if TYPE_CHECKING:
    from kubectl_hosts.gather.explain_probe import Probe
    from kubectl_hosts.gather.resolver import ResolverSeen
    from kubectl_hosts.model.cluster_dns.locate import DnsServer
    from kubectl_hosts.model.hosts.report import HostsReport
    from kubectl_hosts.model.pod import Container, Pod


class Scene(NamedTuple):
    """A container, what was read in it, and the servers that its nameserver lines lead to."""

    pod: Pod
    container: Container
    probe: Probe
    seen: ResolverSeen
    report: HostsReport
    servers: tuple[DnsServer, ...]

    @property
    def client(self) -> Client:
        """Who asks, as a server sees it."""
        address = self.pod.pod_ips[0] if self.pod.pod_ips else ""
        return Client(address=address, namespace=self.pod.namespace)
