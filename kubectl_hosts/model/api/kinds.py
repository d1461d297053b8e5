"""Which kinds the API has, which of them make pods, and which are somebody else's.

From `kubectl api-resources` 1.34. A kind is known by its group and version together: a `Service` of
serving.knative.dev is not the core one. The groups of Kubernetes itself are those that its API
server serves alone; any other group is a custom resource, whose schema nobody here knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.fields import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubectl_hosts.model.fields import FieldPath, Json

TEMPLATE: FieldPath = ("spec", "template")
_OWN_TEMPLATE: Mapping[str, FieldPath] = {
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "PodTemplate": ("template",),
}
_TEMPLATED = frozenset(
    {"Deployment", "ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job"}
)

_KINDS: Mapping[str, tuple[str, ...]] = {
    "v1": (
        (
            "ConfigMap",
            "Endpoints",
            "LimitRange",
            "Namespace",
            "Node",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
        )
    ),
    "apps/v1": ("ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"),
    "autoscaling/v1": ("HorizontalPodAutoscaler",),
    "autoscaling/v2": ("HorizontalPodAutoscaler",),
    "batch/v1": ("CronJob", "Job"),
    "coordination.k8s.io/v1": ("Lease",),
    "discovery.k8s.io/v1": ("EndpointSlice",),
    "networking.k8s.io/v1": ("Ingress", "IngressClass", "NetworkPolicy"),
    "node.k8s.io/v1": ("RuntimeClass",),
    "policy/v1": ("PodDisruptionBudget",),
    "rbac.authorization.k8s.io/v1": ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"),
    "scheduling.k8s.io/v1": ("PriorityClass",),
    "storage.k8s.io/v1": ("StorageClass",),
}
# A group of the API server itself, today or once; `kubernetes` has no models of aggregated ones.
_BUILT_IN_GROUPS = frozenset(
    (
        "",
        "apps",
        "autoscaling",
        "batch",
        "extensions",
        "policy",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
    )
)


class DeclaredKind(NamedTuple):
    """What an object says it is."""

    api_version: str
    name: str

    @property
    def group(self) -> str:
        """The API group, "" for the core one."""
        return self.api_version.rpartition("/")[0]

    @property
    def model(self) -> str:
        """The name of its model, "" for a kind whose schema is not known."""
        if self.name not in _KINDS.get(self.api_version, ()):
            return ""
        version = self.api_version.rpartition("/")[2]
        return f"V{version[1:]}{self.name}"

    @property
    def is_built_in(self) -> bool:
        """Whether its group is one of Kubernetes' own, or nobody's.

        The group of a custom resource has a dot (ValidateCustomResourceDefinition).
        """
        return self.group in _BUILT_IN_GROUPS or "." not in self.group

    @property
    def served_as(self) -> str:
        """The apiVersion under which the API serves a kind of this name, "" for none."""
        return next((version for version, names in _KINDS.items() if self.name in names), "")

    @property
    def served_beside(self) -> tuple[str, ...]:
        """The kinds that the API serves in this version."""
        return _KINDS.get(self.api_version, ())

    def __str__(self) -> str:
        """`Deployment`, or `Rollout (argoproj.io)` where the group is not Kubernetes' own."""
        return self.name if self.is_built_in else f"{self.name} ({self.group})"


def declared_kind(obj: Json) -> DeclaredKind:
    """What OBJ says it is; raises BadInput where apiVersion or kind is no text."""
    return DeclaredKind(text(obj, "apiVersion"), text(obj, "kind"))


def template_path(obj: Json) -> FieldPath | None:
    """Where the pod template stands in OBJ, None for a kind without one.

    A custom resource (Argo's Rollout, OpenKruise's CloneSet, Knative's Service) has one where
    `spec.template.spec` has containers, as the built-in workloads do.
    """
    kind = declared_kind(obj)
    if kind.model:
        if kind.name in _OWN_TEMPLATE:
            return _OWN_TEMPLATE[kind.name]
        return TEMPLATE if kind.name in _TEMPLATED else None
    if kind.is_built_in and kind.name in _TEMPLATED:  # a version that is not served any more
        return TEMPLATE
    has_containers = isinstance(at(obj, (*TEMPLATE, "spec", "containers")), list)
    return TEMPLATE if has_containers else None


def pod_spec_path(obj: Json) -> FieldPath | None:
    """Where the pod spec stands in OBJ, a Pod or what has a pod template; else None."""
    kind = declared_kind(obj)
    if kind.name == "Pod" and kind.is_built_in:
        return ("spec",)
    template = template_path(obj)
    return None if template is None else (*template, "spec")


def is_read(obj: Json) -> bool:
    """Whether something here reads OBJ: a kind of the API, or one with a pod template."""
    return declared_kind(obj).is_built_in or template_path(obj) is not None


def at(obj: object, path: FieldPath) -> object:
    """The value at PATH, None where there is none or a step is of another type."""
    for step in path:
        if isinstance(obj, dict) and isinstance(step, str):
            obj = obj.get(step)
        elif isinstance(obj, list) and isinstance(step, int) and step < len(obj):
            obj = obj[step]
        else:
            return None
    return obj
