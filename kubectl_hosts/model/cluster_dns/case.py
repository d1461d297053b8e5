"""A question, its answer and the server, as findings look at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from kubectl_hosts.model.cluster_dns.corefile import Corefile
from kubectl_hosts.model.cluster_dns.names import closest_zone, parse_requested_name
from kubectl_hosts.model.cluster_dns.server import blocks_for, serving_port
from kubectl_hosts.model.cluster_dns.versions import rules_of
from kubectl_hosts.model.cluster_dns.zone import (
    View,
    kubernetes_options,
    kubernetes_plugin_for,
)
from kubectl_hosts.model.dns import Rcode, Reply
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.chain import Client, ClusterDNS, Served
    from kubectl_hosts.model.cluster_dns.corefile import ServerBlock
    from kubectl_hosts.model.cluster_dns.names import RequestedName
    from kubectl_hosts.model.cluster_dns.needs import Asking, Seen
    from kubectl_hosts.model.dns import Question


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What was asked, what the server says and why."""

    question: Question
    served: Served
    server: ClusterDNS
    client: Client

    @property
    def rcode(self) -> Rcode | None:
        """The response code, None where there is no reply."""
        return self.served.answer.rcode if isinstance(self.served.answer, Reply) else None

    @property
    def authority(self) -> ClusterDNS:
        """The server that holds the zone: the one behind a cache on the node."""
        return self.server.behind or self.server

    @property
    def block(self) -> ServerBlock | None:
        """The server block that the name falls into, views apart."""
        server = self.authority
        if not isinstance(server.corefile, Corefile):
            return None
        blocks = blocks_for(self.question.name, server.corefile, serving_port(server))
        return blocks[0] if blocks else None

    @property
    def view(self) -> View | None:
        """The cluster zone that the name stands in, None for names outside."""
        block = self.block
        plugin = kubernetes_plugin_for(self.question.name, block) if block else None
        if block is None or plugin is None:
            return None
        options = kubernetes_options(plugin, block)
        return View(
            options=options,
            rules=rules_of(self.authority.version),
            zone=closest_zone(options.zones, self.question.name),
            unsynced=self.authority.unsynced,
        )

    @property
    def requested(self) -> RequestedName | None:
        """What the name asks for in the cluster zone, None for other names."""
        view = self.view
        if view is None:
            return None
        return parse_requested_name(
            self.question.name,
            view.zone,
            multicluster=view.options.is_multicluster(view.zone),
            zonal=view.options.is_zonal,
        )

    @property
    def service_asked(self) -> RequestedName | None:
        """The Service that the name asks for (or something below it), None for other names."""
        requested = self.requested
        is_service = requested is not None and requested.kind == "svc" and bool(requested.service)
        return requested if is_service else None


def seen(asking: Asking[Seen[T]]) -> Asking[tuple[T, ...]]:
    """The objects of ASKING for a finding: none where nobody could look (the answer says so)."""
    found = yield from asking
    return found if isinstance(found, tuple) else ()


def corefile_line(case: Case, line: int) -> Origin:
    """A line of the Corefile that holds the zone."""
    return Origin(kind=OriginKind.UNKNOWN, object=case.authority.object, line=line)


def finding(
    reason: Reason, severity: Severity, message: str, fix: str = "", *evidence: Origin | None
) -> tuple[Finding, ...]:
    """One finding, as the one thing that a cause found."""
    kept = tuple(each for each in evidence if each is not None)
    return (Finding(reason=reason, severity=severity, message=message, fix=fix, evidence=kept),)
