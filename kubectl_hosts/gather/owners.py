"""The node and the owner's template of a pod: read once each, however many pods share them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

from kubectl_hosts.errors import HostsError, one_line
from kubectl_hosts.gather.resources import NODES, RESOURCES_BY_KIND
from kubectl_hosts.model.evidence import CouldNotLook, NodeEvidence, Template
from kubectl_hosts.model.fields import field, flag, items, mapping, string_map, text
from kubectl_hosts.model.pod import (
    LAST_APPLIED_ANNOTATION,
    Owner,
    Pod,
    parse_host_aliases,
    parse_owner,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kubectl_hosts.gather.ports import Cluster
    from kubectl_hosts.model.fields import Json

T = TypeVar("T")


class Owners:
    """Nodes and templates by name; each is asked for once, from whichever thread comes first."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._lock = threading.Lock()
        self._locks: dict[tuple[str, ...], threading.Lock] = {}
        self._found: dict[tuple[str, ...], object] = {}

    def node(self, pod: Pod) -> NodeEvidence | CouldNotLook:
        """The pod's node, or why it could not be read."""
        if not pod.node_name:
            return CouldNotLook(what="the node", why="the pod has no node yet")
        return self._once(("node", pod.node_name), lambda: self._read_node(pod.node_name))

    def template(self, pod: Pod) -> Template | CouldNotLook | None:
        """The template that the pod was made from, None for a pod that nobody owns."""
        owner = pod.owner
        if owner is None or owner.kind not in RESOURCES_BY_KIND:
            return None
        key = ("template", pod.namespace, owner.kind, owner.name)
        return self._once(key, lambda: self._read_template(pod.namespace, owner))

    def _once(self, key: tuple[str, ...], read: Callable[[], T | CouldNotLook]) -> T | CouldNotLook:
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._found:
                self._found[key] = _looked(key, read)
            return self._found[key]  # type: ignore[return-value]  # what READ gave for this key

    def _read_node(self, name: str) -> NodeEvidence:
        return parse_node(self._cluster.get(NODES, name))

    def _read_template(self, namespace: str, owner: Owner) -> Template:
        obj = self._cluster.get(RESOURCES_BY_KIND[owner.kind], owner.name, namespace=namespace)
        above = parse_owner(obj)
        if above is None or above.kind not in RESOURCES_BY_KIND:
            return parse_template(obj, owner)
        top = self._cluster.get(RESOURCES_BY_KIND[above.kind], above.name, namespace=namespace)
        return parse_template(top, above)


def _looked(key: tuple[str, ...], read: Callable[[], T]) -> T | CouldNotLook:
    try:
        return read()
    except HostsError as error:
        what = " ".join(key[:1] + key[-1:])
        return CouldNotLook(what=what, why=one_line(error.message), hint=error.hint)


def parse_node(obj: Json) -> NodeEvidence:
    """A Node's fields from its JSON."""
    info = mapping(obj, "status", "nodeInfo")
    return NodeEvidence(
        name=text(obj, "metadata", "name"),
        kubelet_version=text(info, "kubeletVersion"),
        operating_system=text(info, "operatingSystem"),
        os_image=text(info, "osImage"),
        container_runtime=text(info, "containerRuntimeVersion"),
        labels=tuple(string_map(obj, "metadata", "labels").items()),
    )


def parse_template(obj: Json, owner: Owner) -> Template:
    """The pod template of a workload from its JSON; a CronJob's stands one level deeper."""
    path = ("spec", "jobTemplate") if owner.kind == "CronJob" else ()
    spec = mapping(obj, *path, "spec", "template", "spec")
    return Template(
        kind=owner.kind,
        name=owner.name,
        host_aliases=parse_host_aliases(spec),
        hostname=text(spec, "hostname"),
        subdomain=text(spec, "subdomain"),
        host_network=flag(spec, "hostNetwork"),
        paused=flag(obj, "spec", "paused"),
        last_applied=string_map(obj, "metadata", "annotations").get(LAST_APPLIED_ANNOTATION, ""),
        managers=tuple(dict.fromkeys(_managers_of_aliases(obj))),
    )


def _managers_of_aliases(obj: Json) -> Iterator[str]:
    for entry in items(obj, "metadata", "managedFields"):
        fields = mapping(entry, "fieldsV1")
        if field(fields, "f:spec", "f:template", "f:spec", "f:hostAliases") is not None:
            yield text(entry, "manager")
