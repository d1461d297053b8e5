"""The control plane on paper: from the objects that people write to those that it makes of them.

JSON goes in and JSON comes out, as the API server would store it: the fields that it fills in
(`follow`), the pods of workloads (workload.py), the EndpointSlices of a Service with a selector
(`slices_for`), those mirrored from Endpoints (`mirrored_slices`). Nothing is typed or selected
here; model/objects.py and the backends do that.

An address that nobody has given yet is a *placeholder*: an address of 198.18.0.0/15 (RFC 2544) or
2001:db8::/32 (RFC 3849), the same every time for the same object, with words for it in
`Made.placeholders`. So the rest of the model takes it as any other address, and a report says
"the IP that pod shop/web-0 will get". 192.0.2.0/24 is too small: 20 pods would share addresses.

Sources are those of Kubernetes 1.34: staging/src/k8s.io/endpointslice/{utils,reconciler}.go and
util/controller_utils.go, pkg/controller/endpointslicemirroring, pkg/api/v1/endpoints/util.go,
pkg/apis/core/v1/defaults.go, pkg/registry/core/service/storage/alloc.go. What is assumed: pods
that do not exist yet are scheduled, get their IPs and become ready.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING
from zlib import crc32

from msgspec import Struct

from kubectl_hosts.model.fields import field, flag, items, mapping, number, string_map, text, texts
from kubectl_hosts.model.pod import is_ready
from kubectl_hosts.model.workload import (
    INDEX_LABEL,
    MAX_PREDICTED,
    PREDICTED_ANNOTATION,
    WORKLOAD_KINDS,
    as_created,
    generated_name,
    is_predicted,
    owns,
    pods_for,
    predicted_objects,
    predicted_pods,
    stands_for,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kubectl_hosts.model.fields import Json

IPV4, IPV6 = "IPv4", "IPv6"
SERVICE_NAME_LABEL = "kubernetes.io/service-name"
MANAGED_BY_LABEL = "endpointslice.kubernetes.io/managed-by"
SKIP_MIRROR_LABEL = "endpointslice.kubernetes.io/skip-mirror"
HEADLESS_LABEL = "service.kubernetes.io/headless"
SLICE_CONTROLLER = "endpointslice-controller.k8s.io"
MIRRORING_CONTROLLER = "endpointslicemirroring-controller.k8s.io"
ADDRESSES_ANNOTATION = "kubectl-hosts/addresses"
"""On a predicted pod that stands for several: the addresses of each, as `IP,IP;IP,IP`."""
_LEADER_ANNOTATION = "control-plane.alpha.kubernetes.io/leader"
_ZONE_LABEL = "topology.kubernetes.io/zone"
_NAMESPACE_LABEL = "kubernetes.io/metadata.name"

# kube-controller-manager --max-endpoints-per-slice and --mirroring-max-endpoints-per-subset.
_MAX_IN_SLICE = 100
_MAX_MIRRORED = 1000
_SYSTEM_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
_CLUSTER_SCOPED = frozenset({"Namespace", "Node", "CustomResourceDefinition"})
_ANY_FAMILY = (IPV4, IPV6)

Identity = tuple[str, str, str]
"""Kind, namespace, name."""
_EndpointPort = tuple[tuple[str, object], ...]
"""The fields of an EndpointPort, so that ports can be compared; () where there is none."""


class Made(Struct, frozen=True):
    """All objects, the given ones as stored and the made ones, and what the placeholders mean."""

    objects: tuple[Json, ...]
    placeholders: Mapping[str, str]
    """By address: `the IP that pod shop/web-0 will get`, `the cluster IP that Service ...`."""


def follow(
    objects: Iterable[Json],
    *,
    before: Iterable[Json] | None = None,
    placeholders: Mapping[str, str] | None = None,
) -> Made:
    """What there is once the control plane has followed OBJECTS, whose namespaces are filled in.

    Without BEFORE they are those of manifests, a whole cluster: what every cluster has is added,
    and what is already there of a workload or a Service (an export of a live one) stays as it is.
    With BEFORE, the same objects before a change, only what the change touches is made anew: the
    pods of changed workloads, and the slices of the Services that select changed pods, all of
    which must be among the objects; PLACEHOLDERS are those that the objects hold already, of an
    earlier call. Raises BadInput for a field of the wrong type.
    """
    given = {identity(each): as_created(each) for each in objects}
    old = None if before is None else {identity(each): as_created(each) for each in before}
    if old is None:
        given = {**_namespaces(given.values()), **given}
    families = _families((*given.values(), *(old or {}).values()))
    cluster = _ObjectStore(given, old, families, placeholders or {})
    if old is None:
        cluster.add_api_server()
    cluster.make_pods()
    cluster.make_slices()
    return Made(tuple(cluster.objects.values()), dict(cluster.placeholders.words))


class Placeholders:
    """Gives out addresses that stand for those to come, each once.

    TAKEN are never given, but for those of WORDS, the placeholders that are known already.
    """

    def __init__(self, taken: Iterable[str], words: Mapping[str, str] | None = None) -> None:
        self.words: dict[str, str] = dict(words or {})
        self._taken = set(taken) - set(self.words)

    def address(self, what: str, family: str) -> str:
        """The placeholder of WHAT (`pod shop/web-0`) in FAMILY; the same for the same WHAT.

        By a hash, so that the other objects matter only where two hashes meet.
        """
        said = _to_come(what, family)
        start = crc32(what.encode("utf-8", "surrogatepass"))
        for attempt in range(_ATTEMPTS):
            offset = 1 + (start + attempt) % _OFFSETS
            base = _FIRST_IPV4 if family == IPV4 else _FIRST_IPV6
            found = str(base + offset)
            if found not in self._taken and self.words.get(found, said) == said:
                break
        self.words[found] = said
        return found

    def keep(self, address: str, what: str) -> None:
        """Let ADDRESS, which WHAT has today, stand for the one that it will get."""
        self.words[address] = _to_come(what, _family(address))


def _to_come(what: str, family: str) -> str:
    """`the IP that pod shop/web-0 will get`, `the IP of the node of pod shop/web-0`."""
    is_service = what.startswith("Service ")
    if family == IPV4:
        noun = "cluster IP" if is_service else "IP"
    else:
        noun = "IPv6 cluster IP" if is_service else "IPv6 address"
    is_given = is_service or what.startswith(("pod ", "the pod "))
    return f"the {noun} that {what} will get" if is_given else f"the {noun} of {what}"


_FIRST_IPV4, _FIRST_IPV6 = IPv4Address("198.18.0.0"), IPv6Address("2001:db8::")
_OFFSETS = 2**17 - 2
# Only where there are a hundred thousand pods do so many follow each other; two share one then.
_ATTEMPTS = 100


# What the API server fills in.


def stored_service(obj: Json, families: Sequence[str], placeholders: Placeholders) -> Json:
    """A Service as the API server stores it; cluster IPs that it would allocate are placeholders.

    core/v1/defaults.go SetDefaults_Service; alloc.go initIPFamilyFields, allocClusterIPs.
    FAMILIES are the cluster's, the first its default.
    """
    spec = dict(mapping(obj, "spec"))
    spec["type"] = text(spec, "type") or "ClusterIP"
    spec["ports"] = [_stored_port(port) for port in items(spec, "ports")]
    if not spec["ports"]:
        del spec["ports"]
    if spec["type"] == "ExternalName":
        for key in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            spec.pop(key, None)
        return {**obj, "spec": spec}
    given = texts(spec, "clusterIPs") or tuple(filter(None, [text(spec, "clusterIP")]))
    is_headless = given[:1] == ("None",)
    is_free = is_headless and not string_map(spec, "selector")
    policy = text(spec, "ipFamilyPolicy") or ("RequireDualStack" if is_free else "SingleStack")
    wanted = _service_families(spec, () if is_headless else given, families)
    if policy != "SingleStack" and len(wanted) == 1 and (is_free or len(families) == 2):
        wanted = (*wanted, IPV6 if wanted[0] == IPV4 else IPV4)
    addresses = given
    if not is_headless:
        what = f"Service {_object(obj)}"
        allocated = (placeholders.address(what, family) for family in wanted[len(given) :])
        addresses = (*given, *allocated)
    spec |= {
        "clusterIP": addresses[0],
        "clusterIPs": list(addresses),
        "ipFamilyPolicy": policy,
        "ipFamilies": list(wanted),
    }
    return {**obj, "spec": spec}


def _service_families(
    spec: Json, addresses: Sequence[str], families: Sequence[str]
) -> tuple[str, ...]:
    named = texts(spec, "ipFamilies")
    inferred = tuple(_family(address) for address in addresses[len(named) :])
    return (*named, *inferred) or (families[0],)


def _stored_port(port: Json) -> Json:
    target = field(port, "targetPort")
    return {
        **port,
        "protocol": _protocol(port),
        "targetPort": field(port, "port") if target in (None, 0, "") else target,
    }


def _stored_pod(obj: Json) -> Json:
    """core/v1/defaults.go SetDefaults_PodSpec, as far as names resolve by it."""
    spec = mapping(obj, "spec")
    return {**obj, "spec": {**spec, "dnsPolicy": text(spec, "dnsPolicy") or "ClusterFirst"}}


def _stored_slice(obj: Json) -> Json:
    """discovery/v1/defaults.go SetDefaults_EndpointPort; a slice without a label stays without."""
    ports = [
        {**port, "name": text(port, "name"), "protocol": _protocol(port)}
        for port in items(obj, "ports")
    ]
    return {**obj, "ports": ports} if ports else obj


def _stored_namespace(obj: Json) -> Json:
    metadata = mapping(obj, "metadata")
    labels = {**string_map(metadata, "labels"), _NAMESPACE_LABEL: text(metadata, "name")}
    return {**obj, "metadata": {**metadata, "labels": labels}}


def _namespaces(objects: Iterable[Json]) -> dict[Identity, Json]:
    """A Namespace for each that an object is in, and those of every cluster.

    Who applies the files has made the first; pkg/controlplane/controller/systemnamespaces.
    """
    named = {text(each, "metadata", "namespace") for each in objects} - {""}
    return {
        ("Namespace", "", name): {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": name},
        }
        for name in sorted({*named, *_SYSTEM_NAMESPACES})
    }


def _api_server_service() -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": {"component": "apiserver", "provider": "kubernetes"},
        },
        "spec": {
            "ports": [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": 6443}],
        },
    }


def _families(objects: Sequence[Json]) -> tuple[str, ...]:
    """The IP families of the cluster, its default first: as its objects show, else IPv4 alone.

    Nodes, pods and allocated cluster IPs show them; a Service that asks for two, or for IPv6, says
    that the cluster has it, since the API server would refuse it otherwise.
    """
    shown = [family for each in objects for family in _families_shown(each)]
    default = shown[0] if shown else IPV4
    asked = [family for each in objects for family in _families_asked(each)]
    return tuple(dict.fromkeys((default, *shown, *asked)))


def _families_shown(obj: Json) -> Iterator[str]:
    match text(obj, "kind"):
        case "Node":
            # A network plugin may give out addresses of its own, and the node has no podCIDRs then.
            yield from map(_family, texts(obj, "spec", "podCIDRs") or _internal_ips(obj))
        case "Pod":
            yield from (_family(address) for address in _pod_ips(obj))
        case "Service":
            yield from (
                _family(each)
                for each in texts(obj, "spec", "clusterIPs")
                if each not in ("None", "")
            )


def _families_asked(obj: Json) -> Iterator[str]:
    if text(obj, "kind") != "Service":
        return
    # A headless Service without selector is given both families on every cluster.
    if text(obj, "spec", "clusterIP") == "None" and not string_map(obj, "spec", "selector"):
        return
    yield from texts(obj, "spec", "ipFamilies")
    if text(obj, "spec", "ipFamilyPolicy") == "RequireDualStack":
        yield from _ANY_FAMILY


# The EndpointSlices of a Service with a selector.


def slices_for(
    service: Json,
    pods: Iterable[Json],
    *,
    nodes: Mapping[str, Json] | None = None,
    existing: Iterable[Json] = (),
) -> tuple[Json, ...]:
    """The EndpointSlices of SERVICE with PODS: reconciler.go reconcileByAddressType.

    Only pods of its namespace that its selector chooses count. Without a selector, and for an
    ExternalName, the controller does nothing: what EXISTING slices there are stay. NODES by name
    give the zones. The slices take the names of EXISTING ones of the same family.
    """
    selector = string_map(service, "spec", "selector")
    present = tuple(existing)
    if not selector or text(service, "spec", "type") == "ExternalName":
        return present
    namespace = text(service, "metadata", "namespace")
    chosen = sorted(
        (pod for pod in pods if _is_endpoint(pod) and _is_chosen(pod, namespace, selector)),
        key=_name,
    )
    made = tuple(
        made
        for family in _address_types(service)
        for made in _slices_of_family(service, chosen, family, nodes or {})
    )
    return _named(made, present, _name(service))


def _is_chosen(pod: Json, namespace: str, selector: Mapping[str, str]) -> bool:
    labels = string_map(pod, "metadata", "labels")
    return text(pod, "metadata", "namespace") == namespace and selector.items() <= labels.items()


def _is_endpoint(pod: Json) -> bool:
    """controller_utils.go ShouldPodBeInEndpoints: has an IP, and has not ended.

    Of a live Service a pod that has ended may be left behind, ready even with
    publishNotReadyAddresses: podEndpointsChanged takes no notice of the phase, so that it goes at
    the next sync alone (measured, 1.34).
    """
    return bool(_pod_ips(pod)) and text(pod, "status", "phase") not in {"Succeeded", "Failed"}


def _address_types(service: Json) -> tuple[str, ...]:
    """utils.go getAddressTypesForService."""
    named = texts(service, "spec", "ipFamilies")
    cluster_ip = text(service, "spec", "clusterIP")
    if named or cluster_ip in {"", "None"}:
        return named or _ANY_FAMILY
    return (_family(cluster_ip),)


def _slices_of_family(
    service: Json, pods: Sequence[Json], family: str, nodes: Mapping[str, Json]
) -> Iterator[Json]:
    """One slice for each set of ports that its pods have, 100 endpoints a slice.

    Where there is no endpoint, one empty slice without ports stands for none.
    """
    by_ports: dict[tuple[_EndpointPort, ...], list[Json]] = {}
    for pod in pods:
        addresses = [address for address in _pod_ips(pod) if _family(address) == family]
        same_ports = by_ports.setdefault(_endpoint_ports(service, pod), [])
        if addresses:
            same_ports.append(_endpoint(service, pod, addresses, nodes))
    filled = [(ports, endpoints) for ports, endpoints in by_ports.items() if endpoints]
    for ports, endpoints in filled or [((), [])]:
        for start in range(0, max(len(endpoints), 1), _MAX_IN_SLICE):
            yield _slice(
                service,
                labels=_slice_labels(service),
                family=family,
                ports=[dict(port) for port in ports],
                endpoints=endpoints[start : start + _MAX_IN_SLICE],
            )


def _endpoint(
    service: Json, pod: Json, addresses: Sequence[str], nodes: Mapping[str, Json]
) -> Json:
    """utils.go podToEndpoint."""
    is_serving = is_ready(pod)
    is_terminating = bool(text(pod, "metadata", "deletionTimestamp"))
    publishes = flag(service, "spec", "publishNotReadyAddresses")
    node_name = text(pod, "spec", "nodeName")
    zone = string_map(nodes.get(node_name, {}), "metadata", "labels").get(_ZONE_LABEL, "")
    hostname, subdomain = text(pod, "spec", "hostname"), text(pod, "spec", "subdomain")
    target = {"kind": "Pod", "namespace": text(pod, "metadata", "namespace"), "name": _name(pod)}
    uid = text(pod, "metadata", "uid")
    optional = {
        # controller_utils.go ShouldSetHostname
        "hostname": hostname if subdomain == _name(service) else "",
        "nodeName": node_name,
        "zone": zone,
    }
    return {
        "addresses": list(addresses),
        "conditions": {
            "ready": publishes or (is_serving and not is_terminating),
            "serving": is_serving,
            "terminating": is_terminating,
        },
        "targetRef": {**target, "uid": uid} if uid else target,
        **{key: value for key, value in optional.items() if value},
    }


def _endpoint_ports(service: Json, pod: Json) -> tuple[_EndpointPort, ...]:
    """utils.go getEndpointPorts, each port as its items: one that POD does not name is left out."""
    found = []
    for port in items(service, "spec", "ports"):
        number_there = _port_number(port, pod)
        if number_there is not None:
            found.append(_endpoint_port(port, number_there))
    return tuple(sorted(found, key=repr))


def _endpoint_port(port: Json, number_there: int) -> _EndpointPort:
    """PORT, of a Service or of Endpoints, as an EndpointSlice has it."""
    named = {"name": text(port, "name"), "protocol": _protocol(port), "port": number_there}
    app_protocol = text(port, "appProtocol")
    return tuple((named | ({"appProtocol": app_protocol} if app_protocol else {})).items())


def _protocol(port: Json) -> str:
    return text(port, "protocol") or "TCP"


def _port_number(port: Json, pod: Json) -> int | None:
    """utils.go FindPort: a name is that of a port of a container, or of a sidecar after them."""
    target = field(port, "targetPort")
    if not isinstance(target, str) or not target:
        return target if isinstance(target, int) and target else number(port, "port")
    sidecars = (
        each
        for each in items(pod, "spec", "initContainers")
        if text(each, "restartPolicy") == "Always"
    )
    for container in (*items(pod, "spec", "containers"), *sidecars):
        for named in items(container, "ports"):
            if text(named, "name") == target and _protocol(named) == _protocol(port):
                return number(named, "containerPort")
    return None


def _slice_labels(service: Json) -> Mapping[str, str]:
    """utils.go setEndpointSliceLabels: the Service's labels, then the reserved ones."""
    reserved = {SERVICE_NAME_LABEL: _name(service), MANAGED_BY_LABEL: SLICE_CONTROLLER}
    labels = dict(string_map(service, "metadata", "labels"))
    labels.pop(HEADLESS_LABEL, None)
    if text(service, "spec", "clusterIP") in {"", "None"}:
        labels[HEADLESS_LABEL] = ""
    return {**labels, **reserved}


def _slice(
    owner: Json,
    *,
    labels: Mapping[str, str],
    family: str,
    ports: Sequence[Json],
    endpoints: Sequence[Json],
) -> Json:
    reference = {
        "apiVersion": "v1",
        "kind": text(owner, "kind"),
        "name": _name(owner),
        "uid": text(owner, "metadata", "uid"),
        "controller": True,
        "blockOwnerDeletion": True,
    }
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "namespace": text(owner, "metadata", "namespace"),
            "labels": dict(labels),
            "annotations": {PREDICTED_ANNOTATION: f"predicted for {_name(owner)}"},
            "ownerReferences": [reference],
        },
        "addressType": family,
        "ports": list(ports),
        "endpoints": list(endpoints),
    }


def _named(made: Iterable[Json], existing: Iterable[Json], base: str) -> tuple[Json, ...]:
    """The slices with their names: those of EXISTING ones of the family first, then generated."""
    free: dict[str, list[str]] = {}
    for each in existing:
        free.setdefault(text(each, "addressType"), []).append(_name(each))
    named, count = [], 0
    for each in made:
        names = free.get(text(each, "addressType"), [])
        if not names:
            names = [generated_name(f"{base}-", count)]
            count += 1
        named.append({**each, "metadata": {"name": names.pop(0), **mapping(each, "metadata")}})
    return tuple(named)


# The EndpointSlices mirrored from Endpoints.


def mirrored_slices(
    endpoints: Json, service: Json | None, *, existing: Iterable[Json] = ()
) -> tuple[Json, ...]:
    """The EndpointSlices that mirror an Endpoints object of SERVICE, None where there is none.

    endpointslicemirroring_controller.go syncEndpoints: not without a Service, not where it has a
    selector, not with the label skip-mirror or as a leader election's lock.
    """
    labels = string_map(endpoints, "metadata", "labels")
    if service is None or string_map(service, "spec", "selector"):
        return ()
    if labels.get(SKIP_MIRROR_LABEL) == "true":
        return ()
    if _LEADER_ANNOTATION in string_map(endpoints, "metadata", "annotations"):
        return ()
    reserved = {SERVICE_NAME_LABEL: _name(endpoints), MANAGED_BY_LABEL: MIRRORING_CONTROLLER}
    made = [
        _slice(
            endpoints,
            labels={**labels, **reserved},
            family=family,
            ports=ports,
            endpoints=[each for of, each in addresses if of == family],
        )
        for ports, addresses in _repacked(endpoints)
        for family in _ANY_FAMILY
        if any(of == family for of, _ in addresses)
    ]
    return _named(made, existing, _name(endpoints))


def _repacked(endpoints: Json) -> Iterator[tuple[list[Json], list[tuple[str, Json]]]]:
    """Each set of ports with its endpoints by family: pkg/api/v1/endpoints/util.go RepackSubsets.

    An address that is ready and not ready for a port is not ready; ports of the same addresses
    form one subset, whichever subsets they were written in.
    """
    first_seen: dict[tuple[str, str], Json] = {}
    by_port: dict[_EndpointPort, dict[tuple[str, str], bool]] = {}
    for subset in items(endpoints, "subsets"):
        for port in _mirrored_ports(subset):
            ready_by_address = by_port.setdefault(port, {})
            for key, ready in (("addresses", True), ("notReadyAddresses", False)):
                for address in items(subset, key):
                    known = text(address, "ip"), text(address, "targetRef", "uid")
                    first_seen.setdefault(known, address)
                    ready_by_address[known] = ready and ready_by_address.get(known, True)
    subsets: dict[tuple[tuple[tuple[str, str], bool], ...], list[Json]] = {}
    for port, ready_by_address in by_port.items():
        ports = subsets.setdefault(tuple(sorted(ready_by_address.items())), [])
        if port:
            ports.append(dict(port))
    for addresses, ports in subsets.items():
        # Ready ones come first where there are too many.
        ordered = sorted(addresses, key=lambda each: not each[1])
        found = [_mirrored(first_seen[known], is_ready=ready) for known, ready in ordered]
        yield ports, [each for each in found if each is not None][:_MAX_MIRRORED]


def _mirrored_ports(subset: Json) -> Iterator[_EndpointPort]:
    """Each port's items; () for a subset that has no port, and counts all the same."""
    listed = items(subset, "ports")
    if not listed:
        yield ()
    for port in listed:
        yield _endpoint_port(port, number(port, "port"))


def _mirrored(address: Json, *, is_ready: bool) -> tuple[str, Json] | None:
    """endpointslicemirroring/utils.go addressToEndpoint; None for what is no IP."""
    parsed = _sloppy(text(address, "ip"))
    if parsed is None:
        return None
    kept = {
        key: field(address, key)
        for key in ("hostname", "nodeName", "targetRef")
        if field(address, key)
    }
    endpoint = {"addresses": [str(parsed)], "conditions": {"ready": is_ready}, **kept}
    return (IPV4 if parsed.version == 4 else IPV6), endpoint


def _sloppy(written: str) -> IPv4Address | IPv6Address | None:
    """netutils.ParseIPSloppy: decimal octets may have leading zeros."""
    plain = written
    if re.fullmatch(r"[0-9.]+", written):
        plain = ".".join(part.lstrip("0") or "0" for part in written.split("."))
    try:
        return ip_address(plain)
    except ValueError:
        return None


# All together.


class _ObjectStore:
    """The objects while the control plane follows them; OLD are those before a change."""

    def __init__(
        self,
        given: Mapping[Identity, Json],
        old: Mapping[Identity, Json] | None,
        families: tuple[str, ...],
        placeholders: Mapping[str, str],
    ) -> None:
        everything = (*given.values(), *(old or {}).values())
        self.families = families
        self.placeholders = Placeholders(_addresses_in(everything), placeholders)
        self.objects = {key: self._stored(each) for key, each in given.items()}
        self.old = None if old is None else {key: self._stored(old[key]) for key in old}
        self.maker: dict[Identity, Json] = {}
        """The workload of each pod whose name is made up too."""
        self.endpoints: list[Json] = []
        """The pods as endpoints: one that stands for many is here that often."""

    def _stored(self, obj: Json) -> Json:
        """OBJ with what the API server fills in."""
        match text(obj, "kind"):
            case "Service":
                return stored_service(obj, self.families, self.placeholders)
            case "Pod":
                return _stored_pod(obj)
            case "EndpointSlice":
                return _stored_slice(obj)
            case "Namespace":
                return _stored_namespace(obj)
            case _:
                return obj

    def add_api_server(self) -> None:
        """Add Service kubernetes and its slice: pkg/controlplane/controller/kubernetesservice."""
        service = self._stored(_api_server_service())
        address = self.placeholders.address("kube-apiserver", self.families[0])
        metadata = {"name": "kubernetes", "namespace": "default"}
        endpoints = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {**metadata, "labels": {SERVICE_NAME_LABEL: "kubernetes"}},
            "addressType": self.families[0],
            "ports": [{"name": "https", "protocol": "TCP", "port": 6443}],
            "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
        }
        for each in (service, endpoints):
            self.objects.setdefault(identity(each), each)

    def of_kind(self, kind: str) -> list[Json]:
        """All objects of KIND."""
        return [each for key, each in self.objects.items() if key[0] == kind]

    def was(self, obj: Json) -> Json | None:
        """The same object before the change."""
        return None if self.old is None else self.old.get(identity(obj))

    # Pods.

    def make_pods(self) -> None:
        """Make the pods of workloads, and give each pod that is to come its status."""
        self._collect_garbage()
        owned = {
            (text(reference, "kind"), text(each, "metadata", "namespace"), text(reference, "name"))
            for each in self.objects.values()
            for reference in items(each, "metadata", "ownerReferences")
            if flag(reference, "controller")
        }
        # What is added meanwhile has been followed down to its pods.
        workloads = [each for kind in WORKLOAD_KINDS for each in self.of_kind(kind)]
        for workload in workloads:
            self._follow_workload(workload, owned)
        for pod in self.of_kind("Pod"):
            self._give_status(pod)

    def _follow_workload(self, workload: Json, owned: set[Identity]) -> None:
        was = self.was(workload)
        if was is not None:
            if mapping(was, "spec") != mapping(workload, "spec"):
                self._roll_out(workload, was)
        elif identity(workload) not in owned:
            for made in predicted_objects(workload):
                self._add(made, workload)

    def _roll_out(self, workload: Json, was: Json) -> None:
        existing = [pod for pod in self.of_kind("Pod") if owns(workload, pod)]
        for pod in existing:
            del self.objects[identity(pod)]
        # Pods that nobody runs yet are predicted anew.
        live = [pod for pod in existing if not is_predicted(pod)]
        made = pods_for(workload, live, before=was) if live else predicted_pods(workload)
        for pod in made:
            self._add(pod, workload)

    def _add(self, obj: Json, workload: Json | None = None) -> None:
        """Add a made object; where its name is taken it gets another random part."""
        made = _stored_pod(obj) if text(obj, "kind") == "Pod" else obj
        name, nth = _name(made), 0
        while identity(made) in self.objects and "xxxxx" in name:
            nth += 1
            renamed = generated_name(name.removesuffix("xxxxx"), nth)
            made = {**made, "metadata": {**mapping(made, "metadata"), "name": renamed}}
        # A pod of a StatefulSet that is there under its name is the one.
        self.objects.setdefault(identity(made), made)
        if workload is not None and "xxxxx" in name:
            self.maker[identity(made)] = workload

    def _collect_garbage(self) -> None:
        """Drop what belonged to workloads and Services that are no more."""
        gone = [each for key, each in (self.old or {}).items() if key not in self.objects]
        for owner in gone:
            for key, each in tuple(self.objects.items()):
                if owns(owner, each) or _belongs_to_service(owner, each):
                    del self.objects[key]

    def _give_status(self, pod: Json) -> None:
        """Give a pod without a status one as if it ran; one with a status is taken as it is."""
        if text(pod, "status", "phase"):
            there = self._made_anew(pod)
            self.objects[identity(pod)] = there
            self.endpoints.extend(_each_that_it_stands_for(there))
            return
        count = min(stands_for(pod), MAX_PREDICTED)
        running = [self._running(pod, self._words(pod, nth, count), nth) for nth in range(count)]
        if running:
            self.endpoints.extend(running)
            self.objects[identity(pod)] = _standing_for_all(running)

    def _made_anew(self, pod: Json) -> Json:
        """A live pod; one that was made anew keeps its addresses, said to be to come.

        Unless it leaves the node's network or goes there: then it has others.
        """
        was = self.was(pod)
        if was is None or was == pod or not _is_predicted(pod):
            return pod
        what = f"pod {_object(pod)}"
        is_on_node = flag(pod, "spec", "hostNetwork")
        addresses = _pod_ips(pod)
        if is_on_node != flag(was, "spec", "hostNetwork"):
            known = _ips(pod, "hostIP") if is_on_node else ()
            addresses = known or tuple(
                self.placeholders.address(what, each) for each in self.families
            )
        elif not is_on_node:
            for address in addresses:
                self.placeholders.keep(address, what)
        return _with_ips(pod, addresses)

    def _words(self, pod: Json, nth: int, count: int) -> str:
        """What the NTH of COUNT pods is called: by its workload where nobody knows its name."""
        workload = self.maker.get(identity(pod))
        if workload is None:
            return f"pod {_object(pod)}"
        of = f"{text(workload, 'kind')} {_object(workload)}"
        index = string_map(pod, "metadata", "labels").get(INDEX_LABEL)
        if index is not None:
            return f"the pod of index {index} of {of}"
        return f"the pod of {of}" if count == 1 else f"pod {nth + 1} of {count} of {of}"

    def _running(self, pod: Json, what: str, nth: int) -> Json:
        """POD, or the NTH of those that it stands for, as it will run."""
        addresses = self._node_addresses(pod, nth) if flag(pod, "spec", "hostNetwork") else ()
        if not addresses:
            what = f"the node of {what}" if flag(pod, "spec", "hostNetwork") else what
            addresses = tuple(self.placeholders.address(what, each) for each in self.families)
        ready = [{"type": "Ready", "status": "True"}]
        return _with_ips({**pod, "status": {"phase": "Running", "conditions": ready}}, addresses)

    def _node_addresses(self, pod: Json, nth: int) -> tuple[str, ...]:
        """The InternalIPs of the node that a hostNetwork pod goes to, () where it is not known."""
        nodes = self.of_kind("Node")
        named = [node for node in nodes if _name(node) == text(pod, "spec", "nodeName")]
        chosen = named or (nodes[nth : nth + 1] if stands_for(pod) == len(nodes) else [])
        return tuple(address for node in chosen for address in _internal_ips(node))

    # Slices.

    def make_slices(self) -> None:
        """Make the slices of all Services and Endpoints; what no change touches stays."""
        nodes = {_name(node): node for node in self.of_kind("Node")}
        slices = _by_service(self.of_kind("EndpointSlice"))
        now = _ByLabel(self.endpoints)
        before = _ByLabel(each for key, each in (self.old or {}).items() if key[0] == "Pod")
        for service in self.of_kind("Service"):
            existing = slices.get((SLICE_CONTROLLER, *identity(service)[1:]), [])
            pods = now.chosen(service)
            if self._is_followed(service, existing, pods, before):
                made = slices_for(service, pods, nodes=nodes, existing=existing)
                self._replace(existing, made)
        for endpoints in self.of_kind("Endpoints"):
            key = identity(endpoints)[1:]
            existing = slices.get((MIRRORING_CONTROLLER, *key), [])
            of = self.objects.get(("Service", *key))
            if self._is_mirrored_anew(endpoints, of, existing):
                self._replace(existing, mirrored_slices(endpoints, of, existing=existing))

    def _is_followed(
        self, service: Json, existing: list[Json], pods: list[Json], before: _ByLabel
    ) -> bool:
        if self.old is None:
            return not existing
        was = self.was(service)
        if was is None or _without_status(was) != _without_status(service):
            return True
        return before.chosen(service) != pods

    def _is_mirrored_anew(
        self, endpoints: Json, service: Json | None, existing: list[Json]
    ) -> bool:
        if self.old is None:
            return not existing
        key = identity(endpoints)[1:]
        return self.was(endpoints) != endpoints or self.old.get(("Service", *key)) != service

    def _replace(self, existing: Iterable[Json], made: Iterable[Json]) -> None:
        for each in existing:
            self.objects.pop(identity(each), None)
        for each in made:
            self._add(each)


class _ByLabel:
    """Pods by each of their labels, so that a Service looks at few of them."""

    def __init__(self, pods: Iterable[Json]) -> None:
        self._pods: dict[tuple[str, str, str], list[Json]] = {}
        for pod in pods:
            namespace = text(pod, "metadata", "namespace")
            for key, value in string_map(pod, "metadata", "labels").items():
                self._pods.setdefault((namespace, key, value), []).append(pod)

    def chosen(self, service: Json) -> list[Json]:
        """The pods that its selector chooses."""
        namespace = text(service, "metadata", "namespace")
        selector = string_map(service, "spec", "selector")
        lists = [self._pods.get((namespace, *term), []) for term in selector.items()]
        fewest = min(lists, key=len, default=[])
        return [pod for pod in fewest if _is_chosen(pod, namespace, selector)]


def _by_service(slices: Iterable[Json]) -> dict[tuple[str, str, str], list[Json]]:
    """The slices that a controller manages, by the controller, the namespace and the Service."""
    found: dict[tuple[str, str, str], list[Json]] = {}
    for each in slices:
        labels = string_map(each, "metadata", "labels")
        key = (
            labels.get(MANAGED_BY_LABEL, ""),
            text(each, "metadata", "namespace"),
            labels.get(SERVICE_NAME_LABEL, ""),
        )
        found.setdefault(key, []).append(each)
    return found


def _belongs_to_service(service: Json, obj: Json) -> bool:
    """Whether OBJ goes when SERVICE does: its Endpoints, and the slices of the two controllers."""
    if text(service, "kind") != "Service":
        return False
    if text(service, "metadata", "namespace") != text(obj, "metadata", "namespace"):
        return False
    labels = string_map(obj, "metadata", "labels")
    match text(obj, "kind"):
        case "Endpoints":
            return _name(obj) == _name(service)
        case "EndpointSlice":
            is_managed = labels.get(MANAGED_BY_LABEL) in {SLICE_CONTROLLER, MIRRORING_CONTROLLER}
            return is_managed and labels.get(SERVICE_NAME_LABEL) == _name(service)
        case _:
            return False


def _addresses_in(objects: Iterable[Json]) -> Iterator[str]:
    """The addresses that objects name, which no placeholder may be."""
    for obj in objects:
        match text(obj, "kind"):
            case "Pod":
                yield from _pod_ips(obj)
                yield from (text(each, "ip") for each in items(obj, "spec", "hostAliases"))
            case "Service":
                yield from texts(obj, "spec", "clusterIPs")
                yield from texts(obj, "spec", "externalIPs")
                yield text(obj, "spec", "clusterIP")
            case "EndpointSlice":
                yield from (
                    ip for each in items(obj, "endpoints") for ip in texts(each, "addresses")
                )
            case _:
                pass


def _pod_ips(pod: Json) -> tuple[str, ...]:
    """status.podIPs, parsed and written again: utils.go getEndpointAddresses."""
    return _ips(pod, "podIP")


def _ips(pod: Json, key: str) -> tuple[str, ...]:
    """status.podIPs or hostIPs, by the name of the one-address field."""
    listed = tuple(text(each, "ip") for each in items(pod, "status", f"{key}s"))
    single = text(pod, "status", key)
    written = listed or ((single,) if single else ())
    return tuple(str(parsed) for each in written if (parsed := _sloppy(each)) is not None)


def _internal_ips(node: Json) -> tuple[str, ...]:
    return tuple(
        text(address, "address")
        for address in items(node, "status", "addresses")
        if text(address, "type") == "InternalIP"
    )


def _with_ips(pod: Json, addresses: Sequence[str]) -> Json:
    ips = {
        "podIP": next(iter(addresses), ""),
        "podIPs": [{"ip": address} for address in addresses],
    }
    return {**pod, "status": {**mapping(pod, "status"), **ips}}


def _standing_for_all(running: Sequence[Json]) -> Json:
    """The first of the pods, with the addresses of all in an annotation where there are more."""
    first = running[0]
    if len(running) == 1:
        return first
    metadata = mapping(first, "metadata")
    addresses = ";".join(",".join(_pod_ips(each)) for each in running)
    annotations = {**string_map(metadata, "annotations"), ADDRESSES_ANNOTATION: addresses}
    return {**first, "metadata": {**metadata, "annotations": annotations}}


def _each_that_it_stands_for(pod: Json) -> Iterator[Json]:
    """POD, or each of those whose addresses `_standing_for_all` wrote down."""
    written = string_map(pod, "metadata", "annotations").get(ADDRESSES_ANNOTATION, "")
    if not written or not _is_predicted(pod):
        yield pod
        return
    for addresses in written.split(";"):
        yield _with_ips(pod, addresses.split(","))


def _is_predicted(pod: Json) -> bool:
    return PREDICTED_ANNOTATION in string_map(pod, "metadata", "annotations")


def _without_status(obj: Json) -> Json:
    return {"spec": field(obj, "spec"), "labels": field(obj, "metadata", "labels")}


def _family(address: str) -> str:
    return IPV6 if ":" in address else IPV4


def _name(obj: Json) -> str:
    return text(obj, "metadata", "name")


def _object(obj: Json) -> str:
    """`namespace/name`."""
    return f"{text(obj, 'metadata', 'namespace')}/{_name(obj)}"


def identity(obj: Json) -> Identity:
    """What tells an object from all others here: kind, namespace, name."""
    kind = text(obj, "kind")
    namespace = "" if kind in _CLUSTER_SCOPED else text(obj, "metadata", "namespace")
    return kind, namespace, _name(obj)
