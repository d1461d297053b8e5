"""Which of some objects a Need names: the reads of a cluster, on objects that are at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.names import same_address
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
from kubectl_hosts.model.fields import string_map, text
from kubectl_hosts.model.objects import parse_service, parse_slice
from kubectl_hosts.model.pod import parse_pod

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubectl_hosts.model.cluster_dns.needs import Need
    from kubectl_hosts.model.fields import Json


def kind_of(need: Need) -> str:
    """The kind of the objects that NEED names."""
    match need:
        case ServiceImportNamed():
            return "ServiceImport"
        case SlicesOf() | SlicesWithAddress():
            return "EndpointSlice"
        case NamespaceNamed():
            return "Namespace"
        case PodNamed() | PodsIn() | PodsWithAddress():
            return "Pod"
        case _:
            return "Service"


def select_objects(need: Need, objects: Iterable[Json]) -> tuple[Json, ...]:
    """Those of OBJECTS (each with its `kind`) that NEED names, as the API server would list them.

    Raises BadInput for a field of the wrong type.
    """
    kind = kind_of(need)
    return tuple(obj for obj in objects if text(obj, "kind") == kind and _is_named(need, obj))


def _is_named(need: Need, obj: Json) -> bool:
    namespace, name = text(obj, "metadata", "namespace"), text(obj, "metadata", "name")
    match need:
        case ServiceNamed() | ServiceImportNamed() | PodNamed():
            return (namespace, name) == (need.namespace, need.name)
        case NamespaceNamed() | ServicesCalled():
            return name == need.name
        case PodsIn():
            return namespace == need.namespace
        case SlicesOf():
            labels = string_map(obj, "metadata", "labels")
            return (namespace, labels.get(need.label)) == (need.namespace, need.service)
        case PodsWithAddress():
            return need.namespace in {"", namespace} and _has(need.address, parse_pod(obj).pod_ips)
        case _:
            return _has(need.address, _addresses(need, obj))


def _addresses(
    need: ServicesWithClusterIP | ServicesWithExternalIP | SlicesWithAddress, obj: Json
) -> tuple[str, ...]:
    match need:
        case ServicesWithClusterIP():
            return parse_service(obj).cluster_ips
        case ServicesWithExternalIP():
            return parse_service(obj).external_ips
        case SlicesWithAddress():
            endpoints = parse_slice(obj).endpoints
            return tuple(each for endpoint in endpoints for each in endpoint.addresses)


def _has(address: str, addresses: tuple[str, ...]) -> bool:
    return any(same_address(address, each) for each in addresses)
