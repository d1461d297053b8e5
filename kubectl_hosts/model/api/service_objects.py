"""What the API server asks of Services, EndpointSlices, Endpoints and ConfigMaps.

ValidateService, ValidateEndpoints, ValidateConfigMap (pkg/apis/core/validation) and
ValidateEndpointSlice (pkg/apis/discovery/validation) of k8s.io/kubernetes, as 1.34 answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.api.formats import (
    NO_ADDRESS,
    address,
    why_no_config_key,
    why_no_endpoint,
    why_no_label,
    why_no_label_value,
    why_no_port_name,
    why_no_subdomain,
)
from kubectl_hosts.model.api.lookup import has_text, items_of, map_of, texts_of
from kubectl_hosts.model.api.pod_spec import OUT_OF_RANGE, is_port
from kubectl_hosts.model.api.problems import (
    Key,
    Path,
    Problem,
    duplicate,
    forbidden,
    invalid,
    required,
    warning,
)
from kubectl_hosts.model.findings import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kubectl_hosts.model.fields import Json

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
_MOST_ADDRESSES = 100


def service_problems(obj: Json) -> Iterator[Problem]:
    """What the API server would refuse in the spec of a Service."""
    spec = map_of(obj, "spec")
    kind = str(spec.get("type") or "ClusterIP")
    yield from _cluster_ip(spec, kind)
    if kind == "ExternalName":
        yield from _external_name(spec)
    elif kind in _TYPES and spec.get("clusterIP") != "None" and not items_of(spec, "ports"):
        yield required(("spec", "ports"), fix="List its ports, or write clusterIP: None.")
    yield from _ports(spec)
    yield from _label_values(map_of(spec, "selector"), ("spec", "selector"))
    yield from _unused(spec, kind)
    for index, each in enumerate(texts_of(spec, "externalIPs")):
        yield from _endpoint_ip(each, ("spec", "externalIPs", index))


def _unused(spec: Json, kind: str) -> Iterator[Problem]:
    """Fields that the type of the Service does not go with."""
    is_internal = kind == "ClusterIP" and not texts_of(spec, "externalIPs")
    if spec.get("externalTrafficPolicy") and is_internal:
        because = "may only be set for externally-accessible services"
        yield invalid(("spec", "externalTrafficPolicy"), spec["externalTrafficPolicy"], because)
    for index, each in enumerate(items_of(spec, "ports")):
        if each.get("nodePort") and kind == "ClusterIP":
            because = "may not be used when type is ClusterIP"
            yield forbidden(("spec", "ports", index, "nodePort"), because)
    if has_text(spec.get("externalName")) and kind != "ExternalName":
        yield warning(
            ("spec", "externalName"),
            reason=Reason.DROPPED_FIELD,
            message="ignored unless type is ExternalName",
            fix="Write type: ExternalName, or remove externalName.",
        )


def _cluster_ip(spec: Json, kind: str) -> Iterator[Problem]:
    """clusterIP, which the API server calls by its other name, clusterIPs[0]."""
    written = spec.get("clusterIP")
    given = texts_of(spec, "clusterIPs") or ((written,) if isinstance(written, str) else ())
    if kind == "ExternalName" and any(given):
        because = "may not be set for ExternalName services"
        yield forbidden(("spec", "clusterIPs"), because, "Remove clusterIP.")
        return
    both = texts_of(spec, "clusterIPs")
    if both and written and both[0] != written:
        because = "first value must match clusterIP"
        yield invalid(("spec", "clusterIPs"), list(both), because)
    if "None" in given and len(given) > 1:
        because = "'None' must be the first and only value"
        yield invalid(("spec", "clusterIPs"), list(given), because)
    for index, each in enumerate(given):
        path: Path = ("spec", "clusterIPs", index)
        if each == "None" and kind in {"NodePort", "LoadBalancer"}:
            because = f"may not be set to 'None' for {kind} services"
            yield invalid(path, each, because, "Remove clusterIP, or write type: ClusterIP.")
        elif each not in ("", "None") and address(each) is None:
            fix = "Write None, with a capital N." if each.lower() == "none" else "Remove clusterIP."
            yield invalid(path, each, NO_ADDRESS, fix)


def _external_name(spec: Json) -> Iterator[Problem]:
    name = spec.get("externalName")
    path = ("spec", "externalName")
    if not has_text(name):
        yield required(path, fix="Write the name to lead to.")
        return
    text = str(name)
    if why := why_no_subdomain(text.removesuffix(".")):
        fix = "Write the host name alone." if "/" in text else "Write a lower case host name."
        yield invalid(path, name, why, fix)


def _ports(spec: Json) -> Iterator[Problem]:
    ports = items_of(spec, "ports")
    names: set[object] = set()
    numbers: set[tuple[object, object]] = set()
    for index, each in enumerate(ports):
        path: Path = ("spec", "ports", index)
        name, number = each.get("name"), each.get("port")
        if not has_text(name):
            if len(ports) > 1:
                yield required((*path, "name"), "each of several ports needs one")
        elif why := why_no_label(str(name)):
            yield invalid((*path, "name"), name, why)
        elif name in names:
            yield duplicate((*path, "name"), name)
        names.add(name)
        if number is not None and not is_port(number):
            yield invalid((*path, "port"), number, OUT_OF_RANGE)
        pair = (number, each.get("protocol") or "TCP")
        if number is not None and pair in numbers:
            yield duplicate(path, f"port {number}")
        numbers.add(pair)
        yield from _target_port(each, (*path, "targetPort"))


def _target_port(port: Json, path: Path) -> Iterator[Problem]:
    target = port.get("targetPort")
    if isinstance(target, int) and target and not is_port(target):
        yield invalid(path, target, OUT_OF_RANGE)
    if has_text(target) and (why := why_no_port_name(str(target))):
        yield invalid(path, target, why, "Write a container port's name or number.")


def _label_values(labels: Json, path: Path) -> Iterator[Problem]:
    for value in labels.values():
        if isinstance(value, str) and (why := why_no_label_value(value)):
            yield invalid(path, value, why)


def slice_problems(obj: Json) -> Iterator[Problem]:
    """What the API server would refuse in an EndpointSlice."""
    kind = obj.get("addressType")
    for index, each in enumerate(items_of(obj, "endpoints")):
        path: Path = ("endpoints", index)
        addresses = texts_of(each, "addresses")
        if len(addresses) > _MOST_ADDRESSES:
            yield invalid((*path, "addresses"), len(addresses), "must have at most 100 items")
        for place, value in enumerate(addresses):
            yield from _slice_address(value, str(kind), (*path, "addresses", place))
        yield from _hostname(each, path)
    seen: set[object] = set()
    for index, each in enumerate(items_of(obj, "ports")):
        name, where = each.get("name") or "", ("ports", index)
        if name and (why := why_no_label(str(name))):
            yield invalid((*where, "name"), name, why)
        elif name in seen:
            yield duplicate((*where, "name"), name)
        seen.add(name)


def _slice_address(value: str, kind: str, path: Path) -> Iterator[Problem]:
    if kind == "FQDN":
        if why := why_no_subdomain(value):
            yield invalid(path, value, why)
        return
    found = address(value)
    if found is not None and kind in _ADDRESS_TYPES and f"IPv{found.version}" != kind:
        yield invalid(path, value, f"must be an {kind} address")
    else:
        yield from _endpoint_ip(value, path)


def _endpoint_ip(value: str, path: Path) -> Iterator[Problem]:
    found = address(value)
    if why := NO_ADDRESS if found is None else why_no_endpoint(found):
        yield invalid(path, value, why)


def _hostname(endpoint: Json, path: Path) -> Iterator[Problem]:
    name = endpoint.get("hostname")
    if has_text(name) and (why := why_no_label(str(name))):
        yield invalid((*path, "hostname"), name, why)


def endpoints_problems(obj: Json) -> Iterator[Problem]:
    """What the API server would refuse in an Endpoints object."""
    for index, subset in enumerate(items_of(obj, "subsets")):
        path: Path = ("subsets", index)
        lists = ("addresses", "notReadyAddresses")
        if not any(items_of(subset, each) for each in lists):
            yield required(path, "must specify addresses or notReadyAddresses")
        for name in lists:
            for place, each in enumerate(items_of(subset, name)):
                yield from _endpoint_address(each, (*path, name, place))
        yield from _endpoint_ports(items_of(subset, "ports"), (*path, "ports"))


def _endpoint_ports(ports: tuple[Json, ...], path: Path) -> Iterator[Problem]:
    for place, port in enumerate(ports):
        number, name = port.get("port"), port.get("name")
        if has_text(name) and (why := why_no_label(str(name))):
            yield invalid((*path, place, "name"), name, why)
        elif not name and len(ports) > 1:
            yield required((*path, place, "name"), "each of several ports needs one")
        if number is not None and not is_port(number):
            yield invalid((*path, place, "port"), number, OUT_OF_RANGE)


def _endpoint_address(each: Json, path: Path) -> Iterator[Problem]:
    value = each.get("ip")
    if has_text(value):
        yield from _endpoint_ip(str(value), (*path, "ip"))
    yield from _hostname(each, path)


def config_map_problems(obj: Json) -> Iterator[Problem]:
    """What the API server would refuse in the keys of a ConfigMap (or Secret)."""
    binary = map_of(obj, "binaryData")
    for field in ("data", "binaryData", "stringData"):
        for key in map_of(obj, field):
            if why := why_no_config_key(key):
                yield invalid((field, Key(key)), key, why)
            elif field == "data" and key in binary:
                yield invalid((field, Key(key)), key, "duplicate of key present in binaryData")


OBJECT_RULES: Mapping[str, Callable[[Json], Iterator[Problem]]] = {
    "Service": service_problems,
    "EndpointSlice": slice_problems,
    "Endpoints": endpoints_problems,
    "ConfigMap": config_map_problems,
    "Secret": config_map_problems,
}
