"""The API's objects as typed values: JSON is parsed where it enters, and none travels in the model.

Of each kind the fields are kept that decide how a name resolves, under their API names; Services
and slices as CoreDNS keeps them (coredns plugin/kubernetes/object/*.go). Pods are in pod.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from kubectl_hosts.model.evidence import NodeEvidence, Template
from kubectl_hosts.model.fields import (
    Json,
    field,
    flag,
    items,
    mapping,
    names_object,
    number,
    string_map,
    text,
    texts,
)
from kubectl_hosts.model.pod import (
    LAST_APPLIED_ANNOTATION,
    Owner,
    Pod,
    parse_host_aliases,
    parse_owner,
    parse_pod,
)
from kubectl_hosts.model.resources import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SOURCE_CLUSTER_LABEL = "multicluster.kubernetes.io/source-cluster"


class Port(Struct, frozen=True, kw_only=True):
    """A port with its name and protocol; number -1 where it has none (no SRV record then)."""

    name: str = ""
    protocol: str = ""
    number: int = -1


NO_PORT = (Port(),)
"""What CoreDNS puts where an object has no ports, so that its addresses are still found."""


class _InNamespace(Struct, frozen=True, kw_only=True):
    namespace: str
    name: str

    @property
    def object(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"


class Service(_InNamespace, frozen=True, kw_only=True):
    """A Service, or a ServiceImport read as one."""

    type: str = "ClusterIP"
    cluster_ips: tuple[str, ...] = ()
    external_name: str = ""
    external_ips: tuple[str, ...] = ()
    ingress: tuple[str, ...] = ()
    """The IP or host name of each of status.loadBalancer.ingress."""
    ports: tuple[Port, ...] = NO_PORT
    selector: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    publishes_not_ready: bool = False
    ip_families: tuple[str, ...] = ()
    kind: str = "Service"

    @property
    def outer_ips(self) -> tuple[str, ...]:
        """What kubectl calls EXTERNAL-IP, in the order in which CoreDNS answers."""
        return (*self.external_ips, *self.ingress)

    @property
    def is_headless(self) -> bool:
        """`clusterIP: None`; an ExternalName Service is not that."""
        return self.cluster_ips[:1] == ("None",)

    @property
    def is_external_name(self) -> bool:
        """`type: ExternalName`."""
        return self.type == "ExternalName"

    def selects(self, labels: tuple[tuple[str, str], ...]) -> bool:
        """Whether a pod with these labels is behind it; without a selector none is."""
        return bool(self.selector) and set(self.selector) <= set(labels)


class Endpoint(Struct, frozen=True, kw_only=True):
    """One endpoint of a slice; ready is None where the slice says nothing."""

    addresses: tuple[str, ...]
    ready: bool | None = None
    hostname: str = ""
    topology_zone: str = ""
    target: str = ""
    """The name of the pod in targetRef."""


class EndpointSlice(_InNamespace, frozen=True, kw_only=True):
    """An EndpointSlice, or hand-made Endpoints as EndpointSliceMirroring would mirror them."""

    service: str
    endpoints: tuple[Endpoint, ...] = ()
    ports: tuple[Port, ...] = NO_PORT
    labels: tuple[tuple[str, str], ...] = ()
    cluster: str = ""
    kind: str = "EndpointSlice"


class Endpoints(_InNamespace, frozen=True, kw_only=True):
    """Hand-made Endpoints; what they give is in the slices that mirror them."""


class Namespace(Struct, frozen=True, kw_only=True):
    """A Namespace; one that is Terminating answers as a live one."""

    name: str
    labels: tuple[tuple[str, str], ...] = ()


def parse_service(obj: Json) -> Service:
    """A Service from its JSON. Raises BadInput for a field of the wrong type."""
    spec = mapping(obj, "spec")
    single = text(spec, "clusterIP")
    ingress = items(obj, "status", "loadBalancer", "ingress")
    return Service(
        namespace=text(obj, "metadata", "namespace"),
        name=text(obj, "metadata", "name"),
        type=text(spec, "type") or "ClusterIP",
        cluster_ips=texts(spec, "clusterIPs") or ((single,) if single else ()),
        external_name=text(spec, "externalName"),
        external_ips=texts(spec, "externalIPs"),
        ingress=tuple(text(each, "ip") or text(each, "hostname") for each in ingress),
        ports=tuple(_parse_port(port, "TCP") for port in items(spec, "ports")) or NO_PORT,
        selector=tuple(string_map(spec, "selector").items()),
        labels=tuple(string_map(obj, "metadata", "labels").items()),
        publishes_not_ready=flag(spec, "publishNotReadyAddresses"),
        ip_families=texts(spec, "ipFamilies"),
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
        endpoints=tuple(_parse_endpoint(each) for each in items(obj, "endpoints")),
        ports=tuple(_parse_port(port, "") for port in items(obj, "ports")) or NO_PORT,
        labels=tuple(labels.items()),
        cluster=labels.get(_SOURCE_CLUSTER_LABEL, ""),
    )


def parse_named_endpoints(obj: Json) -> Endpoints:
    """Which Endpoints they are. Raises BadInput for a field of the wrong type."""
    return Endpoints(
        namespace=text(obj, "metadata", "namespace"), name=text(obj, "metadata", "name")
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


class Node(Struct, frozen=True, kw_only=True):
    """A Node: what decides how its kubelet writes files, and its addresses as (type, address)."""

    evidence: NodeEvidence
    addresses: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """metadata.name."""
        return self.evidence.name


class ConfigMap(_InNamespace, frozen=True, kw_only=True):
    """A ConfigMap's text, and the bytes of its binaryData."""

    data: tuple[tuple[str, str], ...] = ()
    binary_data: tuple[tuple[str, bytes], ...] = ()


class PolicyPort(NamedTuple):
    """A port of a rule: a number, the name of a container's port, None for all; end of a range."""

    protocol: str = "TCP"
    port: int | str | None = None
    end: int | None = None


class PolicyPeer(Struct, frozen=True, kw_only=True):
    """Whom a rule allows: pods by their labels and their namespace's, or a range of addresses.

    None stands for a selector that is not there, by_expressions for matchExpressions in one.
    """

    pod_labels: tuple[tuple[str, str], ...] | None = None
    namespace_labels: tuple[tuple[str, str], ...] | None = None
    by_expressions: bool = False
    cidr: str = ""
    excepted: tuple[str, ...] = ()


class EgressRule(NamedTuple):
    """What a policy allows; () for all ports, or for all peers."""

    ports: tuple[PolicyPort, ...] = ()
    peers: tuple[PolicyPeer, ...] = ()


class NetworkPolicy(_InNamespace, frozen=True, kw_only=True):
    """A NetworkPolicy's say on egress; networking.k8s.io/v1.

    match_labels of podSelector, selects_by_expressions where it has matchExpressions too; limits
    says whether egress is limited at all.
    """

    match_labels: tuple[tuple[str, str], ...] = ()
    selects_by_expressions: bool = False
    limits_egress: bool = False
    rules: tuple[EgressRule, ...] = ()


class Ingress(_InNamespace, frozen=True, kw_only=True):
    """The hosts that an Ingress routes (`*.example.org` among them), and where it is reached."""

    hosts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


class IPAddress(Struct, frozen=True, kw_only=True):
    """The IPAddress object of a cluster IP, and the Service it belongs to (KEP-1880)."""

    name: str
    service_namespace: str = ""
    service_name: str = ""


class ServiceCIDR(Struct, frozen=True, kw_only=True):
    """A range that cluster IPs are taken from (KEP-1880, networking.k8s.io/v1 since 1.33)."""

    name: str
    cidrs: tuple[str, ...] = ()


class Workload(Struct, frozen=True, kw_only=True):
    """What owns pods: its template and, where something owns it in turn, its owner."""

    namespace: str
    template: Template
    owner: Owner | None = None
    replicas: int = 1
    first_ordinal: int = 0
    """Of a StatefulSet: spec.ordinals.start."""
    makes_all_at_once: bool = False
    """Of a StatefulSet: podManagementPolicy Parallel; else each pod waits for the one before it."""


def parse_node(obj: Json) -> Node:
    """A Node from its JSON. Raises BadInput for a field of the wrong type."""
    info = mapping(obj, "status", "nodeInfo")
    evidence = NodeEvidence(
        name=text(obj, "metadata", "name"),
        kubelet_version=text(info, "kubeletVersion"),
        operating_system=text(info, "operatingSystem"),
        labels=tuple(string_map(obj, "metadata", "labels").items()),
    )
    addresses = items(obj, "status", "addresses")
    return Node(
        evidence=evidence,
        addresses=tuple((text(each, "type"), text(each, "address")) for each in addresses),
    )


def parse_config_map(obj: Json) -> ConfigMap:
    """A ConfigMap from its JSON. Raises BadInput for a field of the wrong type."""
    return ConfigMap(
        namespace=text(obj, "metadata", "namespace"),
        name=text(obj, "metadata", "name"),
        data=tuple(string_map(obj, "data").items()),
        binary_data=tuple((k, _decoded(v)) for k, v in string_map(obj, "binaryData").items()),
    )


def _decoded(value: str) -> bytes:
    from base64 import b64decode  # noqa: PLC0415  few ConfigMaps have any

    try:
        return b64decode(value)
    except ValueError:  # only a manifest can hold it: the API server refuses it
        return b""


def parse_network_policy(obj: Json) -> NetworkPolicy:
    """A NetworkPolicy from its JSON. Raises BadInput for a field of the wrong type."""
    spec = mapping(obj, "spec")
    selector = mapping(spec, "podSelector")
    types = texts(spec, "policyTypes")
    return NetworkPolicy(
        namespace=text(obj, "metadata", "namespace"),
        name=text(obj, "metadata", "name"),
        match_labels=tuple(string_map(selector, "matchLabels").items()),
        selects_by_expressions=bool(items(selector, "matchExpressions")),
        limits_egress="Egress" in types or (not types and field(spec, "egress") is not None),
        rules=tuple(
            EgressRule(
                tuple(map(_policy_port, items(rule, "ports"))),
                tuple(map(_policy_peer, items(rule, "to"))),
            )
            for rule in items(spec, "egress")
        ),
    )


def _policy_port(port: Json) -> PolicyPort:
    value, end = field(port, "port"), field(port, "endPort")
    return PolicyPort(
        text(port, "protocol") or "TCP",
        value if isinstance(value, (int, str)) else None,
        end if isinstance(end, int) else None,
    )


def _policy_peer(peer: Json) -> PolicyPeer:
    selectors = {
        key: mapping(peer, key)
        for key in ("podSelector", "namespaceSelector")
        if field(peer, key) is not None
    }
    labels = {key: tuple(string_map(e, "matchLabels").items()) for key, e in selectors.items()}
    return PolicyPeer(
        pod_labels=labels.get("podSelector"),
        namespace_labels=labels.get("namespaceSelector"),
        by_expressions=any(items(each, "matchExpressions") for each in selectors.values()),
        cidr=text(peer, "ipBlock", "cidr"),
        excepted=texts(peer, "ipBlock", "except"),
    )


def parse_ingress(obj: Json) -> Ingress:
    """An Ingress from its JSON. Raises BadInput for a field of the wrong type."""
    reached = items(obj, "status", "loadBalancer", "ingress")
    return Ingress(
        namespace=text(obj, "metadata", "namespace"),
        name=text(obj, "metadata", "name"),
        hosts=tuple(filter(None, (text(e, "host") for e in items(obj, "spec", "rules")))),
        addresses=tuple(filter(None, (text(each, "ip") for each in reached))),
    )


def parse_ip_address(obj: Json) -> IPAddress:
    """An IPAddress from its JSON. Raises BadInput for a field of the wrong type."""
    parent = mapping(obj, "spec", "parentRef")
    is_service = text(parent, "resource") in {"services", ""}
    return IPAddress(
        name=text(obj, "metadata", "name"),
        service_namespace=text(parent, "namespace") if is_service else "",
        service_name=text(parent, "name") if is_service else "",
    )


def parse_service_cidr(obj: Json) -> ServiceCIDR:
    """A ServiceCIDR from its JSON. Raises BadInput for a field of the wrong type."""
    return ServiceCIDR(name=text(obj, "metadata", "name"), cidrs=texts(obj, "spec", "cidrs"))


def parse_workload(obj: Json) -> Workload:
    """A workload of `apps`, `batch` or core with its pod template; a CronJob's stands deeper.

    OBJ has its `kind`. Raises BadInput for a field of the wrong type.
    """
    kind = text(obj, "kind")
    path = ("spec", "jobTemplate") if kind == "CronJob" else ()
    spec = mapping(obj, *path, "spec", "template", "spec")
    replicas = 1 if field(obj, "spec", "replicas") is None else number(obj, "spec", "replicas")
    template = Template(
        kind=kind,
        name=text(obj, "metadata", "name"),
        host_aliases=parse_host_aliases(spec),
        hostname=text(spec, "hostname"),
        subdomain=text(spec, "subdomain"),
        paused=flag(obj, "spec", "paused"),
        last_applied=string_map(obj, "metadata", "annotations").get(LAST_APPLIED_ANNOTATION, ""),
        managers=tuple(dict.fromkeys(_managers_of_aliases(obj))),
        pods=_pods_at_a_time(obj, path, replicas),
        is_indexed=text(obj, *path, "spec", "completionMode") == "Indexed",
        replaces_on_delete=text(obj, "spec", "updateStrategy", "type") == "OnDelete",
        revision=_revision(obj),
    )
    return Workload(
        namespace=text(obj, "metadata", "namespace"),
        template=template,
        owner=parse_owner(obj),
        replicas=replicas,
        first_ordinal=number(obj, "spec", "ordinals", "start"),
        makes_all_at_once=text(obj, "spec", "podManagementPolicy") == "Parallel",
    )


def _pods_at_a_time(obj: Json, path: tuple[str, ...], replicas: int) -> int:
    """How many pods of the template there are at once; a DaemonSet has one for each node."""
    match text(obj, "kind"):
        case "DaemonSet":
            return number(obj, "status", "desiredNumberScheduled") or 2
        case "Job" | "CronJob":
            return number(obj, *path, "spec", "parallelism") or 1
        case _:
            return replicas


def _revision(obj: Json) -> tuple[str, str]:
    """The label of pods that were made from the template as it is now (controller_utils.go)."""
    match text(obj, "kind"):
        case "StatefulSet":
            return "controller-revision-hash", text(obj, "status", "updateRevision")
        case "DaemonSet":
            annotations = string_map(obj, "metadata", "annotations")
            generation = annotations.get("deprecated.daemonset.template.generation", "")
            return "pod-template-generation", generation
        case _:
            return "", ""


def _managers_of_aliases(obj: Json) -> list[str]:
    return [
        text(entry, "manager")
        for entry in items(obj, "metadata", "managedFields")
        if field(entry, "fieldsV1", "f:spec", "f:template", "f:spec", "f:hostAliases") is not None
    ]


ApiObject = (
    Pod
    | Service
    | EndpointSlice
    | Endpoints
    | Namespace
    | Node
    | ConfigMap
    | NetworkPolicy
    | Ingress
    | IPAddress
    | ServiceCIDR
    | Workload
)
_PARSERS: Mapping[str, Callable[[Json], ApiObject]] = {
    "Pod": parse_pod,
    "Service": parse_service,
    "ServiceImport": parse_service_import,
    "EndpointSlice": parse_slice,
    "Endpoints": parse_named_endpoints,
    "Namespace": parse_namespace,
    "Node": parse_node,
    "ConfigMap": parse_config_map,
    "NetworkPolicy": parse_network_policy,
    "Ingress": parse_ingress,
    "IPAddress": parse_ip_address,
    "ServiceCIDR": parse_service_cidr,
    **dict.fromkeys(WORKLOADS, parse_workload),
}


def parse_object(kind: str, obj: Json) -> ApiObject:
    """The typed value of an object of KIND, whatever its own `kind` says: lists leave it out.

    Raises BadInput for a field of the wrong type, KeyError for a kind that nothing here reads.
    """
    parse = _PARSERS[kind]
    if parse is parse_pod:  # which names the pod itself
        return parse(obj)
    with names_object(kind, obj):
        return parse({**obj, "kind": kind})
