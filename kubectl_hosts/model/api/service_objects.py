"""What the API server asks of Services, EndpointSlices, Endpoints and ConfigMaps.

ValidateService, ValidateEndpoints, ValidateConfigMap (pkg/apis/core/validation) and
ValidateEndpointSlice (pkg/apis/discovery/validation) of k8s.io/kubernetes, as 1.34 answers.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from kubectl_hosts.model.api.formats import (
    NO_ADDRESS,
    address,
    why_no_config_key,
    why_no_label,
    why_no_label_value,
    why_no_port_name,
    why_no_subdomain,
)
from kubectl_hosts.model.api.lookup import has_text, items_of, map_of, texts_of
from kubectl_hosts.model.api.pod_spec import OUT_OF_RANGE, is_port, protocol_problems
from kubectl_hosts.model.api.problems import (
    Key,
    Path,
    Problem,
    duplicate,
    forbidden,
    invalid,
    required,
    unsupported,
    warning,
)
from kubectl_hosts.model.findings import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kubectl_hosts.model.fields import Json

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_CHOICES = (
    ("sessionAffinity", ("ClientIP", "None")),
    ("ipFamilyPolicy", ("PreferDualStack", "RequireDualStack", "SingleStack")),
    ("internalTrafficPolicy", ("Cluster", "Local")),
    ("externalTrafficPolicy", ("Cluster", "Local")),
)
_ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
_LOOPBACK = "may not be in the loopback range (127.0.0.0/8, ::1/128)"
_MOST_ADDRESSES = 100


def service_problems(obj: Json) -> Iterator[Problem]:
    """What the API server would refuse in the spec of a Service."""
    spec = map_of(obj, "spec")
    kind = str(spec.get("type") or "ClusterIP")
    if kind not in _TYPES:
        yield unsupported(("spec", "type"), kind, _TYPES)
    yield from _cluster_ip(spec, kind)
    if kind == "ExternalName":
        yield from _external_name(spec)
    elif kind in _TYPES and spec.get("clusterIP") != "None" and not items_of(spec, "ports"):
        yield required(("spec", "ports"), fix="List its ports, or write clusterIP: None.")
    yield from _ports(spec)
    yield from _label_values(map_of(spec, "selector"), ("spec", "selector"))
    yield from _choices(spec)
    for index, each in enumerate(texts_of(spec, "externalIPs")):
        if address(each) is None:
            yield invalid(("spec", "externalIPs", index), each, NO_ADDRESS)


def _choices(spec: Json) -> Iterator[Problem]:
    """The fields that take one of a few words, and an externalName that nothing asks for."""
    for name, known in _CHOICES:
        value = spec.get(name)
        if has_text(value) and value not in known:
            yield unsupported(("spec", name), value, known)
    if has_text(spec.get("externalName")) and spec.get("type") != "ExternalName":
        yield warning(
            ("spec", "externalName"),
            Reason.DROPPED_FIELD,
            "ignored unless type is ExternalName",
            "Write type: ExternalName, or remove externalName.",
        )


def _cluster_ip(spec: Json, kind: str) -> Iterator[Problem]:
    """clusterIP, which the API server calls by its other name, clusterIPs[0]."""
    written = spec.get("clusterIP")
    given = texts_of(spec, "clusterIPs") or ((written,) if isinstance(written, str) else ())
    if kind == "ExternalName" and any(given):
        because = "may not be set for ExternalName services"
        yield forbidden(("spec", "clusterIPs"), because, "Remove clusterIP.")
        return
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
        yield from protocol_problems(each, path)
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
    if has_text(kind) and kind not in _ADDRESS_TYPES:
        yield unsupported(("addressType",), kind, _ADDRESS_TYPES)
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
        yield from protocol_problems(each, where)


def _slice_address(value: str, kind: str, path: Path) -> Iterator[Problem]:
    if kind == "FQDN":
        if why := why_no_subdomain(value):
            yield invalid(path, value, why)
        return
    found = address(value)
    if found is None:
        yield invalid(path, value, NO_ADDRESS)
    elif kind in _ADDRESS_TYPES and isinstance(found, IPv4Address) != (kind == "IPv4"):
        yield invalid(path, value, f"must be an {kind} address")
    elif found.is_loopback:
        yield invalid(path, value, _LOOPBACK)


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
        for place, port in enumerate(items_of(subset, "ports")):
            number = port.get("port")
            if number is not None and not is_port(number):
                yield invalid((*path, "ports", place, "port"), number, OUT_OF_RANGE)
            yield from protocol_problems(port, (*path, "ports", place))


def _endpoint_address(each: Json, path: Path) -> Iterator[Problem]:
    value = each.get("ip")
    if has_text(value):
        found = address(str(value))
        if found is None:
            yield invalid((*path, "ip"), value, NO_ADDRESS)
        elif found.is_loopback:
            yield invalid((*path, "ip"), value, _LOOPBACK)
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
