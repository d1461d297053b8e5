"""What stands behind a name of the cluster zone; coredns plugin/kubernetes/kubernetes.go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.backing import Found, View
from kubectl_hosts.model.cluster_dns.chain import NotKnown
from kubectl_hosts.model.cluster_dns.names import is_reverse
from kubectl_hosts.model.cluster_dns.pod_names import find_pods
from kubectl_hosts.model.cluster_dns.question import RequestedName, parse_requested_name
from kubectl_hosts.model.cluster_dns.service_names import find_services

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.needs import Asking


def find_backings(view: View, name: str) -> Asking[Found]:
    """What is behind NAME. Raises NotKnown where an object that decides could not be read."""
    requested = parse_requested_name(
        name,
        view.zone,
        multicluster=view.options.is_multicluster(view.zone),
        zonal=view.options.is_zonal and view.rules.knows_zonal,
    )
    if requested is None:
        rule = f"`kubernetes` owns {_shown(view.zone)}, and nothing there has a name of this form"
        return Found(exists=False, rule=rule)
    if not requested.kind:
        return Found(exists=True, rule="the zone, `svc` and `pod` exist without addresses")
    if is_reverse(name):
        return Found(exists=False, rule="a reverse zone has only reverse names")
    if not view.options.exposes(requested.namespace):
        return Found(
            exists=False,
            rule=f"option `namespaces` of the Corefile leaves {requested.namespace} out",
        )
    if view.rules.knows_wildcards and _has_wildcard(requested):
        raise NotKnown("a wildcard query of CoreDNS before 1.9.0", "not modelled")
    if requested.kind == "pod":
        return (yield from find_pods(view, requested))
    return (yield from find_services(view, requested))


def _shown(zone: str) -> str:
    return zone.removesuffix(".") or "."


def _has_wildcard(requested: RequestedName) -> bool:
    parts = (requested.namespace, requested.service, requested.endpoint, requested.port)
    return any(part in {"*", "any"} for part in (*parts, requested.protocol))
