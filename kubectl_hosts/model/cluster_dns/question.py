"""What a name in the cluster zone asks for; coredns plugin/kubernetes/parse.go."""

from __future__ import annotations

from dataclasses import dataclass

from kubectl_hosts.model.cluster_dns.names import below_zone, labels_of

_KINDS = ("svc", "pod")
_ZONE_LABEL = "_zone"
_DIRECTIVES = ("pin", "prefer")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedName:
    """The parts of `[PORT.PROTO. | ENDPOINT[.CLUSTER].]SERVICE.NAMESPACE.(svc|pod).ZONE`.

    All lower case; "" where a part is absent. kind is "" at the zone, `svc.ZONE` and `pod.ZONE`.
    Below `pod`, service is the dashed address.
    """

    kind: str = ""
    namespace: str = ""
    service: str = ""
    endpoint: str = ""
    cluster: str = ""
    port: str = ""
    protocol: str = ""
    topology_zone: str = ""
    prefers_zone: bool = False


def parse_requested_name(
    name: str, zone: str, *, multicluster: bool = False, zonal: bool = False
) -> RequestedName | None:
    """The parts of NAME (absolute) below ZONE, None where no record can have such a name."""
    base = below_zone(name.lower(), zone)
    if base in {"", *_KINDS}:
        return RequestedName()
    labels = labels_of(base)
    kind = labels[-1]
    if kind not in _KINDS:
        return None
    namespace = labels[-2] if len(labels) > 1 else ""
    service = labels[-3] if len(labels) > 2 else ""
    rest = labels[:-3]
    if len(rest) > 2:
        may_be_zonal = zonal and not multicluster and kind == "svc"
        return _zonal(rest, namespace, service) if may_be_zonal else None
    if len(rest) == 2:
        return _two_labels(rest, kind, namespace, service, multicluster=multicluster)
    return RequestedName(kind=kind, namespace=namespace, service=service, endpoint="".join(rest))


def _two_labels(
    rest: tuple[str, ...], kind: str, namespace: str, service: str, *, multicluster: bool
) -> RequestedName:
    first, second = rest
    if multicluster and not first.startswith("_") and not second.startswith("_"):
        return RequestedName(
            kind=kind, namespace=namespace, service=service, endpoint=first, cluster=second
        )
    return RequestedName(
        kind=kind,
        namespace=namespace,
        service=service,
        port=first.removeprefix("_"),
        protocol=second.removeprefix("_"),
    )


def _zonal(rest: tuple[str, ...], namespace: str, service: str) -> RequestedName | None:
    # TOPOLOGYZONE.(pin|prefer)._zone.SERVICE...; CoreDNS 1.14.7 option `zonal`.
    *topology, directive, marker = rest
    if marker != _ZONE_LABEL or directive not in _DIRECTIVES:
        return None
    return RequestedName(
        kind="svc",
        namespace=namespace,
        service=service,
        topology_zone=".".join(topology),
        prefers_zone=directive == "prefer",
    )
