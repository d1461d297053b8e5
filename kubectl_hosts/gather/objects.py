"""The objects that a question needs, read one by one: never a list of the cluster for one name."""

from __future__ import annotations

import threading
from itertools import islice
from typing import TYPE_CHECKING

from kubectl_hosts.errors import HostsError, NotFound
from kubectl_hosts.gather.ports import Resource, Selection
from kubectl_hosts.gather.resources import NAMESPACES, NODES, PODS, SERVICES
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.objects import parse_object
from kubectl_hosts.model.reads import PAGE, Found

if TYPE_CHECKING:
    from kubectl_hosts.gather.ports import Cluster
    from kubectl_hosts.model.cluster_dns.needs import Ask
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.reads import Objects

_RESOURCES = {
    "Service": SERVICES,
    "Namespace": NAMESPACES,
    "Node": NODES,
    "Pod": PODS,
    "ConfigMap": Resource("configmaps"),
    "EndpointSlice": Resource("endpointslices", "discovery.k8s.io"),
    "ServiceImport": Resource("serviceimports", "multicluster.x-k8s.io", "v1alpha1"),
    "IPAddress": Resource("ipaddresses", "networking.k8s.io", namespaced=False),
    "NetworkPolicy": Resource("networkpolicies", "networking.k8s.io"),
}


class ObjectReader:
    """Answers each read with one request, once; safe to call from several threads."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._lock = threading.Lock()
        self._told: dict[Objects, Found | CouldNotLook] = {}

    def __call__(self, ask: Ask) -> Found | CouldNotLook:
        """The objects of a read, or why nobody could look; nobody asks upstreams here."""
        if not isinstance(ask, tuple):
            return CouldNotLook(what=ask.question.name, why="it was not asked")
        with self._lock:
            if ask in self._told:
                return self._told[ask]
        told = self._look(ask)
        with self._lock:
            return self._told.setdefault(ask, told)

    def _look(self, read: Objects) -> Found | CouldNotLook:
        try:
            listed = self._read(read)
        except NotFound:
            return Found()
        except HostsError as error:
            return CouldNotLook(what=_words(read), why=error.message, hint=error.hint)
        return Found(tuple(parse_object(read.kind, obj) for obj in listed), len(listed) < PAGE)

    def _read(self, read: Objects) -> tuple[Json, ...]:
        """One object, or one page: the iterator asks for the next only past its last item."""
        resource = _RESOURCES[read.kind]
        if read.name:
            return (self._cluster.get(resource, read.name, namespace=read.namespace),)
        selection = Selection(read.namespace, read.labels, read.fields)
        return tuple(islice(self._cluster.list(resource, selection), PAGE))


def _words(read: Objects) -> str:
    """A read for people: `Service shop/redis`, `Pod status.podIP=10.1.2.3`."""
    return f"{read.kind} {'/'.join(filter(None, read[1:]))}".rstrip()
