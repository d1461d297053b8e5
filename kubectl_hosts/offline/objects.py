"""From documents to objects: lists taken apart, types known by kind, namespaces filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.fields import mapping, text
from kubectl_hosts.model.workload import generated_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.resources import Resource
    from kubectl_hosts.offline.documents import Document

# The kinds without a namespace that these questions touch (`kubectl api-resources`).
_CLUSTER_SCOPED = frozenset(
    {"Node", "Namespace", "PersistentVolume", "ClusterRole", "ClusterRoleBinding", "StorageClass"}
    | {"CustomResourceDefinition", "PriorityClass", "RuntimeClass", "IngressClass"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceKey:
    """A resource type without its version, as kubectl writes it: `pods`, `replicasets.apps`."""

    plural: str
    group: str = ""

    def __str__(self) -> str:
        """`plural.group`, or the plural alone in the core group."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @classmethod
    def parse(cls, written: str) -> ResourceKey:
        """The key that `str` wrote."""
        plural, _, group = written.partition(".")
        return cls(plural=plural, group=group)


def key_of(resource: Resource) -> ResourceKey:
    """The key of a resource that the Cluster protocol names."""
    return ResourceKey(plural=resource.plural, group=resource.group)


def key_of_object(obj: Json) -> ResourceKey:
    """The key of an object with apiVersion and kind."""
    group = text(obj, "apiVersion").rpartition("/")[0]
    return ResourceKey(plural=_plural(text(obj, "kind")), group=group)


def _plural(kind: str) -> str:
    """meta.UnsafeGuessKindToResource (k8s.io/apimachinery pkg/api/meta/restmapper.go)."""
    singular = kind.lower()
    if singular.endswith("endpoints"):
        return singular
    if singular.endswith("s"):
        return f"{singular}es"
    return f"{singular[:-1]}ies" if singular.endswith("y") else f"{singular}s"


@dataclass(frozen=True, slots=True)
class Placed:
    """An object and the document it came from; PATH leads to it there (an item of a List)."""

    obj: Json
    document: Document
    path: tuple[str | int, ...] = ()


def items_in(value: Json) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    """VALUE, or what the List that it is has in it, each with the path that leads there.

    Items of a typed list (PodList) get the apiVersion and kind that they stand under; an item that
    is no object is an empty one, which has no kind.
    """
    kind, api_version = value.get("kind"), value.get("apiVersion")
    found = value.get("items")
    if not (isinstance(kind, str) and kind.endswith("List") and isinstance(found, list)):
        yield (), value
        return
    typed = {} if kind == "List" else {"apiVersion": api_version, "kind": kind.removesuffix("List")}
    for index, item in enumerate(found):
        for path, obj in items_in({**typed, **item} if isinstance(item, Mapping) else {}):
            yield ("items", index, *path), obj


def complete(obj: Json, namespace: str) -> Json:
    """OBJ with the name and the namespace that the API server would give it.

    Raises BadInput for metadata of the wrong type, and where there is no name.
    """
    kind = text(obj, "kind")
    name = text(obj, "metadata", "name")
    base = text(obj, "metadata", "generateName")
    if not name and not base:
        raise BadInput(f"{kind}: resource name may not be empty", hint="Set metadata.name.")
    own = mapping(obj, "metadata")
    placed = {} if kind in _CLUSTER_SCOPED else {"namespace": text(own, "namespace") or namespace}
    return {**obj, "metadata": {**own, "name": name or generated_name(base), **placed}}
