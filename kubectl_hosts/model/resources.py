"""The API's resource types: where each stands in a path, and every name kubectl knows it under."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubectl_hosts.model.fields import Json


class Resource(NamedTuple):
    """A resource type as it stands in an API path: `/api/v1` when group is "", else `/apis/G/V`."""

    plural: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True

    @property
    def in_words(self) -> str:
        """`pods`, `deployments.apps`, as kubectl writes it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


class Selection(NamedTuple):
    """Which objects of a type; namespace "" means all namespaces."""

    namespace: str = ""
    label_selector: str = ""
    field_selector: str = ""


PODS = Resource("pods")
NODES = Resource("nodes", namespaced=False)
NAMESPACES = Resource("namespaces", namespaced=False)
SERVICES = Resource("services")
DEPLOYMENTS = Resource("deployments", "apps")
REPLICA_SETS = Resource("replicasets", "apps")
STATEFUL_SETS = Resource("statefulsets", "apps")
DAEMON_SETS = Resource("daemonsets", "apps")
REPLICATION_CONTROLLERS = Resource("replicationcontrollers")
JOBS = Resource("jobs", "batch")
CRON_JOBS = Resource("cronjobs", "batch")


class ResourceType(NamedTuple):
    """A type and its names; `kubectl api-resources` lists the same."""

    resource: Resource
    kind: str
    names: tuple[str, ...]


TYPES = (
    ResourceType(PODS, "Pod", ("pod", "pods", "po")),
    ResourceType(DEPLOYMENTS, "Deployment", ("deployment", "deployments", "deploy")),
    ResourceType(STATEFUL_SETS, "StatefulSet", ("statefulset", "statefulsets", "sts")),
    ResourceType(DAEMON_SETS, "DaemonSet", ("daemonset", "daemonsets", "ds")),
    ResourceType(REPLICA_SETS, "ReplicaSet", ("replicaset", "replicasets", "rs")),
    ResourceType(
        REPLICATION_CONTROLLERS,
        "ReplicationController",
        ("replicationcontroller", "replicationcontrollers", "rc"),
    ),
    ResourceType(JOBS, "Job", ("job", "jobs")),
    ResourceType(CRON_JOBS, "CronJob", ("cronjob", "cronjobs", "cj")),
    ResourceType(SERVICES, "Service", ("service", "services", "svc")),
)
RESOURCES_BY_KIND = {each.kind: each.resource for each in TYPES}
"""The types that TYPE/NAME may name: pods, what owns them, and what selects them."""

WORKLOADS = frozenset(RESOURCES_BY_KIND) - {"Pod", "Service"}
"""The kinds that make pods, or make what makes them."""

RESOURCES = {
    **RESOURCES_BY_KIND,
    "Node": NODES,
    "Namespace": NAMESPACES,
    "ConfigMap": Resource("configmaps"),
    "EndpointSlice": Resource("endpointslices", "discovery.k8s.io"),
    "Endpoints": Resource("endpoints"),
    "ServiceImport": Resource("serviceimports", "multicluster.x-k8s.io", "v1alpha1"),
    "IPAddress": Resource("ipaddresses", "networking.k8s.io", namespaced=False),
    "ServiceCIDR": Resource("servicecidrs", "networking.k8s.io", namespaced=False),
    "NetworkPolicy": Resource("networkpolicies", "networking.k8s.io"),
    "Ingress": Resource("ingresses", "networking.k8s.io"),
    "ValidatingWebhookConfiguration": Resource(
        "validatingwebhookconfigurations", "admissionregistration.k8s.io", namespaced=False
    ),
    "MutatingWebhookConfiguration": Resource(
        "mutatingwebhookconfigurations", "admissionregistration.k8s.io", namespaced=False
    ),
    "APIService": Resource("apiservices", "apiregistration.k8s.io", namespaced=False),
}
"""Every kind that a diagnosis reads."""

KINDS = {resource: kind for kind, resource in RESOURCES.items()}


def is_resource_name(name: str) -> bool:
    """Whether NAME is one of the types' names."""
    return _find(name) is not None


def resource_named(name: str) -> Resource:
    """The type under any of its names, with or without its group (`deploy`, `deployments.apps`).

    Raises BadInput in kubectl's words.
    """
    found = _find(name)
    if found is None:
        raise BadInput(
            f'the server doesn\'t have a resource type "{name}"',
            hint=types_in_words(),
        )
    return found


def types_in_words() -> str:
    """Which types can stand in TYPE/NAME."""
    return f"TYPE is one of {', '.join(each.names[0] for each in TYPES)}."


# Kinds that have no pods of their own, under the names that kubectl has for them.
_OTHER_KINDS = {
    "no": "Node",
    "ns": "Namespace",
    "cm": "ConfigMap",
    "ep": "Endpoints",
    "ing": "Ingress",
    "netpol": "NetworkPolicy",
    "secret": "Secret",
    "secrets": "Secret",
}


def other_kind(name: str) -> str | None:
    """The kind that NAME is for, of those that have no pods of their own."""
    plain = name.lower().partition(".")[0]
    for kind, resource in RESOURCES.items():
        if kind not in RESOURCES_BY_KIND and plain in {kind.lower(), resource.plural}:
            return kind
    return _OTHER_KINDS.get(plain)


def _find(name: str) -> Resource | None:
    plain, _, group = name.lower().partition(".")
    for each in TYPES:
        if plain in each.names and group in ("", each.resource.group, f"v1.{each.resource.group}"):
            return each.resource
    return None


def kind_of(resource: Resource) -> str:
    """The kind of a resource's objects. Raises KeyError for one that is in no table."""
    return _KINDS[resource.plural, resource.group]


def with_types(kind: str, objects: Iterable[Json]) -> Iterator[Json]:
    """Each object with apiVersion and kind, which the items of a list lack."""
    resource = RESOURCES[kind]
    version = f"{resource.group}/{resource.version}" if resource.group else resource.version
    for each in objects:
        yield {**each, "apiVersion": version, "kind": kind}


_KINDS = {(each.plural, each.group): kind for kind, each in RESOURCES.items()}
