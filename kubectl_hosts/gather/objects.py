"""The objects that a question needs, read one by one: never a list of the cluster for one name."""

from __future__ import annotations

import threading
from dataclasses import fields
from itertools import islice
from typing import TYPE_CHECKING

from kubectl_hosts.errors import HostsError, NotFound
from kubectl_hosts.gather.ports import Resource, Selection
from kubectl_hosts.gather.resources import NAMESPACES, PODS, SERVICES
from kubectl_hosts.model.cluster_dns.needs import (
    NamespaceNamed,
    PodNamed,
    PodsIn,
    PodsWithAddress,
    ServiceImportNamed,
    ServiceNamed,
    ServicesCalled,
    ServicesWithClusterIP,
    ServicesWithExternalIP,
    SlicesOf,
    SlicesWithAddress,
)
from kubectl_hosts.model.cluster_dns.selection import kind_of, select_objects
from kubectl_hosts.model.evidence import CouldNotLook

if TYPE_CHECKING:
    from kubectl_hosts.gather.ports import Cluster
    from kubectl_hosts.model.cluster_dns.needs import Need, Objects
    from kubectl_hosts.model.fields import Json

SLICES = Resource("endpointslices", "discovery.k8s.io")
SERVICE_IMPORTS = Resource("serviceimports", "multicluster.x-k8s.io", "v1alpha1")
IP_ADDRESSES = Resource("ipaddresses", "networking.k8s.io", namespaced=False)

PAGE = 500
"""Where no selector finds an object one page is read, and what lies beyond is not known."""


class ObjectReader:
    """Answers each Need with at most one request, once; safe to call from several threads."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._lock = threading.Lock()
        self._told: dict[Need, Objects] = {}

    def __call__(self, need: Need) -> Objects:
        """The objects that NEED names, each with its `kind`, or why nobody could look."""
        with self._lock:
            if need in self._told:
                return self._told[need]
        told = self._look(need)
        with self._lock:
            return self._told.setdefault(need, told)

    @property
    def told(self) -> dict[Need, Objects]:
        """All that was asked so far, and the answers."""
        with self._lock:
            return dict(self._told)

    def _look(self, need: Need) -> Objects:
        try:
            found = self._read(need)
        except NotFound:
            return ()
        except HostsError as error:
            return CouldNotLook(what=_words(need), why=error.message, hint=error.hint)
        if isinstance(found, CouldNotLook):
            return found
        return tuple({**obj, "kind": kind_of(need)} for obj in found)

    def _read(self, need: Need) -> Objects:
        match need:
            case ServiceNamed(namespace=namespace, name=name):
                return (self._cluster.get(SERVICES, name, namespace=namespace),)
            case ServiceImportNamed(namespace=namespace, name=name):
                return (self._cluster.get(SERVICE_IMPORTS, name, namespace=namespace),)
            case NamespaceNamed(name=name):
                return (self._cluster.get(NAMESPACES, name),)
            case PodNamed(namespace=namespace, name=name):
                return (self._cluster.get(PODS, name, namespace=namespace),)
            case _:
                return self._list(need)

    def _list(self, need: Need) -> Objects:  # noqa: PLR0911  a row for each kind of need
        match need:
            case SlicesOf(namespace=namespace, service=service):
                labels = f"{need.label}={service}"
                return self._page(SLICES, Selection(namespace=namespace, label_selector=labels))
            case PodsWithAddress(address=address, namespace=namespace):
                chosen = f"status.podIP={address}"
                return self._page(PODS, Selection(namespace=namespace, field_selector=chosen))
            case PodsIn(namespace=namespace):
                return self._page(PODS, Selection(namespace=namespace))
            case ServicesCalled(name=name):
                return self._page(SERVICES, Selection(field_selector=f"metadata.name={name}"))
            case ServicesWithClusterIP(address=address):
                return self._services_at(address)
            case ServicesWithExternalIP():
                return self._whole(SERVICES, need)
            case SlicesWithAddress(address=address):
                return self._slices_at(address, need)
            case _:
                return CouldNotLook(what=_words(need), why="nothing reads such objects")

    def _page(self, resource: Resource, selection: Selection) -> tuple[Json, ...]:
        """One page of a list; the iterator asks for the next page only past its last item."""
        return tuple(islice(self._cluster.list(resource, selection), PAGE))

    def _services_at(self, address: str) -> tuple[Json, ...]:
        chosen = f"spec.clusterIP={address}"
        primary = self._page(SERVICES, Selection(field_selector=chosen))
        if primary or ":" not in address:
            return primary
        # The second family's address is found through its IPAddress object (Kubernetes 1.33).
        owner = self._cluster.get(IP_ADDRESSES, address)
        from kubectl_hosts.model.fields import mapping, text  # noqa: PLC0415

        parent = mapping(owner, "spec", "parentRef")
        return (
            self._cluster.get(SERVICES, text(parent, "name"), namespace=text(parent, "namespace")),
        )

    def _slices_at(self, address: str, need: Need) -> Objects:
        """The slices of a pod's namespace; for another address those of the cluster, a page."""
        from kubectl_hosts.model.fields import text  # noqa: PLC0415

        pods = self(PodsWithAddress(address=address))
        if isinstance(pods, CouldNotLook) or not pods:
            return self._whole(SLICES, need)
        found: list[Json] = []
        for namespace in dict.fromkeys(text(pod, "metadata", "namespace") for pod in pods):
            found += self._page(SLICES, Selection(namespace=namespace))
        return _selected(need, found)

    def _whole(self, resource: Resource, need: Need) -> Objects:
        found = self._page(resource, Selection())
        chosen = _selected(need, found)
        if len(found) < PAGE or chosen:
            return chosen
        return CouldNotLook(
            what=_words(need), why=f"no selector finds them, and only {PAGE} were read"
        )


def _selected(need: Need, objects: tuple[Json, ...] | list[Json]) -> tuple[Json, ...]:
    return select_objects(need, ({**obj, "kind": kind_of(need)} for obj in objects))


def _words(need: Need) -> str:
    """A need for people: `Service shop/redis`, `Pod 10.1.2.3`."""
    values = (getattr(need, each.name) for each in fields(need))
    return f"{kind_of(need)} {'/'.join(each for each in values if isinstance(each, str) and each)}"
