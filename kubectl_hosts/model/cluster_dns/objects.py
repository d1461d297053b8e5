"""The objects that a zone is built from, as CoreDNS keeps them; coredns kubernetes/object/*.go."""

from __future__ import annotations

from dataclasses import dataclass

from kubectl_hosts.model.fields import (
    Json,
    field,
    flag,
    items,
    mapping,
    number,
    string_map,
    text,
    texts,
)

PUBLISH_NOT_READY_ANNOTATION = "service.alpha.kubernetes.io/tolerate-unready-endpoints"
_SOURCE_CLUSTER_LABEL = "multicluster.kubernetes.io/source-cluster"


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port with its name and protocol; number -1 where it has none (no SRV record then)."""

    name: str = ""
    protocol: str = ""
    number: int = -1


NO_PORT = (Port(),)
"""What CoreDNS puts where an object has no ports, so that its addresses are still found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A Service, or a ServiceImport read as one."""

    namespace: str
    name: str
    type: str = "ClusterIP"
    cluster_ips: tuple[str, ...] = ()
    external_name: str = ""
    external_ips: tuple[str, ...] = ()
    """spec.externalIPs, then the IP or host name of each load balancer ingress."""
    ports: tuple[Port, ...] = NO_PORT
    selector: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    publishes_not_ready: bool = False
    kind: str = "Service"

    @property
    def is_headless(self) -> bool:
        """`clusterIP: None`; an ExternalName Service is not that."""
        return self.cluster_ips[:1] == ("None",)

    @property
    def is_external_name(self) -> bool:
        """`type: ExternalName`."""
        return self.type == "ExternalName"

    @property
    def object(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"

    def selects(self, labels: tuple[tuple[str, str], ...]) -> bool:
        """Whether a pod with these labels is behind it; without a selector none is."""
        return bool(self.selector) and set(self.selector) <= set(labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One endpoint of a slice; ready is None where the slice says nothing."""

    addresses: tuple[str, ...]
    ready: bool | None = None
    hostname: str = ""
    topology_zone: str = ""
    target: str = ""
    """The name of the pod in targetRef."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSlice:
    """An EndpointSlice, or hand-made Endpoints as EndpointSliceMirroring would mirror them."""

    namespace: str
    name: str
    service: str
    address_type: str = "IPv4"
    endpoints: tuple[Endpoint, ...] = ()
    ports: tuple[Port, ...] = NO_PORT
    labels: tuple[tuple[str, str], ...] = ()
    cluster: str = ""
    kind: str = "EndpointSlice"

    @property
    def object(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """A Namespace; one that is Terminating answers as a live one."""

    name: str
    labels: tuple[tuple[str, str], ...] = ()


def parse_service(obj: Json) -> Service:
    """A Service from its JSON. Raises BadInput for a field of the wrong type."""
    spec = mapping(obj, "spec")
    single = text(spec, "clusterIP")
    ingress = items(obj, "status", "loadBalancer", "ingress")
    annotations = string_map(obj, "metadata", "annotations")
    return Service(
        namespace=text(obj, "metadata", "namespace"),
        name=text(obj, "metadata", "name"),
        type=text(spec, "type") or "ClusterIP",
        cluster_ips=texts(spec, "clusterIPs") or ((single,) if single else ()),
        external_name=text(spec, "externalName"),
        external_ips=(
            *texts(spec, "externalIPs"),
            *(text(each, "ip") or text(each, "hostname") for each in ingress),
        ),
        ports=tuple(_parse_port(port, "TCP") for port in items(spec, "ports")) or NO_PORT,
        selector=tuple(string_map(spec, "selector").items()),
        labels=tuple(string_map(obj, "metadata", "labels").items()),
        publishes_not_ready=flag(spec, "publishNotReadyAddresses")
        or annotations.get(PUBLISH_NOT_READY_ANNOTATION) == "true",
    )


def parse_service_import(obj: Json) -> Service:
    """A ServiceImport as the Service that CoreDNS takes it for; Headless is `None` there."""
    spec = mapping(obj, "spec")
    is_headless = text(spec, "type") == "Headless"
    return Service(
        namespace=text(obj, "metadata", "namespace"),
        name=text(obj, "metadata", "name"),
        cluster_ips=("None",) if is_headless else texts(spec, "ips"),
        ports=tuple(_parse_port(port, "TCP") for port in items(spec, "ports")) or NO_PORT,
        labels=tuple(string_map(obj, "metadata", "labels").items()),
        kind="ServiceImport",
    )


def parse_slice(obj: Json) -> EndpointSlice:
    """An EndpointSlice from its JSON. Raises BadInput for a field of the wrong type."""
    labels = string_map(obj, "metadata", "labels")
    service = next(
        (labels[key] for key in labels if key.endswith("kubernetes.io/service-name")), ""
    )
    return EndpointSlice(
        namespace=text(obj, "metadata", "namespace"),
        name=text(obj, "metadata", "name"),
        service=service,
        address_type=text(obj, "addressType"),
        endpoints=tuple(_parse_endpoint(each) for each in items(obj, "endpoints")),
        ports=tuple(_parse_port(port, "") for port in items(obj, "ports")) or NO_PORT,
        labels=tuple(labels.items()),
        cluster=labels.get(_SOURCE_CLUSTER_LABEL, ""),
    )


def parse_endpoints(obj: Json) -> tuple[EndpointSlice, ...]:
    """Hand-made Endpoints as slices: one a subset, addresses ready, notReadyAddresses not."""
    name = text(obj, "metadata", "name")
    return tuple(
        EndpointSlice(
            namespace=text(obj, "metadata", "namespace"),
            name=name,
            service=name,
            endpoints=(
                *_parse_subset(subset, "addresses", is_ready=True),
                *_parse_subset(subset, "notReadyAddresses", is_ready=False),
            ),
            ports=tuple(_parse_port(port, "TCP") for port in items(subset, "ports")) or NO_PORT,
            kind="Endpoints",
        )
        for subset in items(obj, "subsets")
    )


def parse_namespace(obj: Json) -> Namespace:
    """A Namespace from its JSON. Raises BadInput for a field of the wrong type."""
    return Namespace(
        name=text(obj, "metadata", "name"),
        labels=tuple(string_map(obj, "metadata", "labels").items()),
    )


def _parse_port(port: Json, default_protocol: str) -> Port:
    return Port(
        name=text(port, "name"),
        protocol=text(port, "protocol") or default_protocol,
        number=-1 if field(port, "port") is None else number(port, "port"),
    )


def _parse_endpoint(endpoint: Json) -> Endpoint:
    is_known = field(endpoint, "conditions", "ready") is not None
    return Endpoint(
        addresses=texts(endpoint, "addresses"),
        ready=flag(endpoint, "conditions", "ready") if is_known else None,
        hostname=text(endpoint, "hostname"),
        topology_zone=text(endpoint, "zone").lower(),
        target=text(endpoint, "targetRef", "name"),
    )


def _parse_subset(subset: Json, key: str, *, is_ready: bool) -> tuple[Endpoint, ...]:
    return tuple(
        Endpoint(
            addresses=(text(address, "ip"),),
            ready=is_ready,
            hostname=text(address, "hostname"),
            target=text(address, "targetRef", "name"),
        )
        for address in items(subset, key)
    )
