"""The `kubernetes` plugin: what stands behind a name of the cluster zone, and what is answered.

coredns plugin/kubernetes: setup.go (options), controller.go (what it keeps of objects),
kubernetes.go findServices and findPods, reverse.go and ns.go; plugin/backend_lookup.go (records);
handler.go (one answer for each type of question).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.cluster_dns.chain import (
    NotKnown,
    PluginQuery,
    Served,
    passes,
    read,
    step_of,
    unknown,
    zones_or_block,
)
from kubectl_hosts.model.cluster_dns.needs import (
    namespace_named,
    pods_at,
    service_import_named,
    service_named,
    services_at,
    slices_at,
    slices_of,
)
from kubectl_hosts.model.cluster_dns.query_names import (
    RequestedName,
    absolute,
    closest_zone,
    dashed,
    is_below,
    is_reverse,
    parse_address,
    parse_requested_name,
    record_type,
    reversed_address,
    same_address,
    undashed,
    zones_of,
)
from kubectl_hosts.model.cluster_dns.versions import rules_of
from kubectl_hosts.model.dns import Question, Rcode, Record, Reply, UnknownReply, same_name
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.selectors import Operator, Requirement, parse_label_selector, selects

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubectl_hosts.model.cluster_dns.chain import ClusterDNS, Next
    from kubectl_hosts.model.cluster_dns.corefile import Directive, ServerBlock
    from kubectl_hosts.model.cluster_dns.needs import Asking
    from kubectl_hosts.model.cluster_dns.versions import VersionRules
    from kubectl_hosts.model.objects import Endpoint, EndpointSlice, Port, Service

# The `kubernetes` plugin as a Corefile sets it; coredns plugin/kubernetes/setup.go, README.md.

_DEFAULT_TTL = 5


class KubernetesOptions(Struct, frozen=True, kw_only=True):
    """What decides answers; the text forms of selectors are parsed, None where they cannot be."""

    line: int
    zones: tuple[str, ...]
    pods: str = "disabled"
    namespaces: tuple[str, ...] = ()
    namespace_labels: tuple[Requirement, ...] | None = ()
    labels: tuple[Requirement, ...] | None = ()
    ttl: int = _DEFAULT_TTL
    ignores_empty: bool = False
    endpoint_pod_names: bool = False
    has_endpoints: bool = True
    multicluster: tuple[str, ...] = ()
    is_zonal: bool = False

    @property
    def primary_zone(self) -> str:
        """The zone that PTR records point into: the first that is no reverse zone."""
        return next((zone for zone in self.zones if not is_reverse(zone)), "")

    def is_multicluster(self, zone: str) -> bool:
        """Whether ZONE holds ServiceImports."""
        return bool(self.multicluster) and zone.lower() in self.multicluster

    def exposes(self, namespace: str) -> bool:
        """Whether option `namespaces` lets it in; none listed means all."""
        return not self.namespaces or namespace in self.namespaces


@lru_cache(maxsize=64)
def kubernetes_options(plugin: Directive, block: ServerBlock) -> KubernetesOptions:
    """The options of a `kubernetes` plugin; zones are those of its block where it names none."""
    return KubernetesOptions(
        line=plugin.line,
        zones=zones_or_block(plugin.args, block),
        pods=plugin.value("pods", "disabled"),
        namespaces=tuple(name for each in plugin.all("namespaces") for name in each.args),
        namespace_labels=_selector(plugin, "namespace_labels"),
        labels=_selector(plugin, "labels"),
        ttl=plugin.number("ttl", _DEFAULT_TTL),
        ignores_empty=plugin.value("ignore") == "empty_service",
        endpoint_pod_names=plugin.first("endpoint_pod_names") is not None,
        has_endpoints=plugin.first("noendpoints") is None,
        multicluster=tuple(
            zone
            for each in plugin.all("multicluster")
            for text in each.args
            for zone in zones_of(text)
        ),
        is_zonal=plugin.first("zonal") is not None,
    )


def kubernetes_plugin_for(name: str, block: ServerBlock) -> Directive | None:
    """The `kubernetes` plugin of BLOCK whose zones hold NAME."""
    return next(
        (
            plugin
            for plugin in block.all("kubernetes")
            if closest_zone(kubernetes_options(plugin, block).zones, name)
        ),
        None,
    )


def kubernetes_zones(server: ClusterDNS) -> tuple[tuple[str, Directive], ...]:
    """Every zone that a `kubernetes` plugin of SERVER holds, with that plugin."""
    return tuple(
        (zone, plugin)
        for block in server.blocks
        for plugin in block.all("kubernetes")
        for zone in kubernetes_options(plugin, block).zones
    )


def _selector(plugin: Directive, name: str) -> tuple[Requirement, ...] | None:
    # apimachinery meta/v1 ParseToLabelSelector, which setup.go calls, has no `>` and `<`.
    found = plugin.first(name)
    try:
        selector = parse_label_selector(" ".join(found.args)) if found else ()
    except BadInput:
        return None
    compares = any(each.operator in {Operator.ABOVE, Operator.BELOW} for each in selector)
    return None if compares else selector


# What CoreDNS keeps of the objects, and what of them it takes; kubernetes/controller.go.

MANAGED_BY_LABEL = "endpointslice.kubernetes.io/managed-by"
_MADE_LIKE_ENDPOINTS = frozenset(
    {"endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io"}
)
# object/endpoint.go: a longer pod name is no label, so endpoint_pod_names falls back.
_LONGEST_LABEL = 63


class Backing(Struct, frozen=True, kw_only=True):
    """One address (or alias target) behind a name; coredns msg.Service.

    owner is the name that SRV records point to, port -1 where there is none.
    """

    host: str
    owner: str
    origin: Origin
    rule: str
    port: int = -1


class BehindName(Struct, frozen=True, kw_only=True):
    """What is behind a name: nothing at all (`exists` false: NXDOMAIN), or so many backings."""

    exists: bool
    rule: str
    backings: tuple[Backing, ...] = ()


class View(Struct, frozen=True, kw_only=True):
    """The zone as one `kubernetes` plugin sees it; zone is written as in the question."""

    options: KubernetesOptions
    rules: VersionRules
    zone: str


def namespace_exists(view: View, name: str) -> Asking[bool]:
    """Whether a Namespace is there and `namespace_labels` lets it in. Raises NotKnown."""
    found = yield from read(namespace_named(name))
    if not found:
        return False
    if view.options.namespace_labels is None:
        raise NotKnown("option namespace_labels", "its selector does not parse")
    return selects(view.options.namespace_labels, dict(found[0].labels))


def empty_namespace(view: View, requested: RequestedName) -> Asking[BehindName]:
    """What the name of a namespace itself is: NODATA where it exists, else NXDOMAIN."""
    exists = yield from namespace_exists(view, requested.namespace)
    if exists:
        rule = f"namespace {requested.namespace} exists: its name has no addresses"
    else:
        rule = f"no namespace {requested.namespace}, or the Corefile does not expose it"
    return BehindName(exists=exists, rule=rule)


def read_service(view: View, namespace: str, name: str) -> Asking[Service | None]:
    """The Service (in a multicluster zone the ServiceImport), None where it is not exposed."""
    named = service_import_named if view.options.is_multicluster(view.zone) else service_named
    services = yield from read(named(namespace, name))
    if view.options.labels is None:
        raise NotKnown("option labels", "its selector does not parse")
    if not services or not selects(view.options.labels, dict(services[0].labels)):
        return None
    # The Service is there, so its namespace is: that is asked only where its labels decide.
    filters = view.options.namespace_labels != ()
    if filters and not (yield from namespace_exists(view, namespace)):
        return None
    return services[0]


def read_slices(view: View, service: Service) -> Asking[tuple[EndpointSlice, ...]]:
    """The slices of a Service as CoreDNS has them: none where it does not watch them."""
    if not view.options.has_endpoints:
        return ()
    multicluster = view.options.is_multicluster(view.zone)
    slices = yield from read(slices_of(service.namespace, service.name, multicluster=multicluster))
    return tuple(
        each
        for each in slices
        if is_watched(view, each) and selects(view.options.labels or (), dict(each.labels))
    )


def is_watched(view: View, part: EndpointSlice) -> bool:
    """Whether this CoreDNS knows the endpoints of a slice.

    Before 1.8.1 it watches Endpoints: it knows those of slices that are made from the same pods, or
    mirrored from Endpoints, and none of a slice by hand.
    """
    if view.rules.reads_endpoint_slices:
        return True
    return dict(part.labels).get(MANAGED_BY_LABEL) in _MADE_LIKE_ENDPOINTS


def taken(view: View, part: EndpointSlice) -> tuple[tuple[int, Endpoint], ...]:
    """The endpoints of a slice that are answered, with their indexes; object/endpoint.go."""
    return tuple(
        (index, endpoint)
        for index, endpoint in enumerate(part.endpoints)
        if view.rules.takes_not_ready
        or endpoint.ready
        or (endpoint.ready is None and view.rules.nil_is_ready)
    )


def endpoint_hostname(view: View, endpoint: Endpoint, address: str) -> str:
    """The label of an endpoint: hostname, pod name where asked for, dashed address."""
    if endpoint.hostname:
        return endpoint.hostname
    target = endpoint.target
    if view.options.endpoint_pod_names and target and len(target) <= _LONGEST_LABEL:
        return target
    return dashed(address, pads_last=view.rules.pads_ipv6)


# Names of Services and their endpoints; coredns kubernetes.go findServices.


def find_services(view: View, requested: RequestedName) -> Asking[BehindName]:
    """The cluster IPs, endpoints or alias of the Service asked for. Raises NotKnown."""
    if not requested.service:
        return (yield from empty_namespace(view, requested))
    service = yield from read_service(view, requested.namespace, requested.service)
    if service is None:
        name = f"{requested.namespace}/{requested.service}"
        kind = "ServiceImport" if view.options.is_multicluster(view.zone) else "Service"
        return BehindName(exists=False, rule=f"no {kind} {name} that the Corefile exposes")
    if service.is_external_name:
        return _external_name(view, service, requested)
    by_endpoint = service.is_headless or bool(requested.endpoint)
    is_hidden_empty = view.options.ignores_empty and not service.is_headless
    slices: tuple[EndpointSlice, ...] = ()
    names_them = service.is_headless or view.rules.names_every_endpoint
    if is_hidden_empty or (by_endpoint and names_them):
        slices = yield from read_slices(view, service)
    if is_hidden_empty and not any(taken(view, each) for each in slices):
        rule = f"`ignore empty_service`: Service {service.object} has no ready endpoints"
        return BehindName(exists=False, rule=rule)
    if by_endpoint:
        return _endpoints(view, service, slices, requested)
    return _cluster_ips(view, service, requested)


def _external_name(view: View, service: Service, requested: RequestedName) -> BehindName:
    has_port = bool(requested.port or requested.protocol)
    if (requested.endpoint and not view.rules.external_name_takes_endpoint) or (
        has_port and not view.rules.external_name_takes_port
    ):
        return BehindName(exists=False, rule=f"nothing is below ExternalName {service.object}")
    if view.options.ignores_empty and view.rules.empty_hides_external_name:
        rule = f"`ignore empty_service` of CoreDNS before 1.5.1 hides ExternalName {service.object}"
        return BehindName(exists=False, rule=rule)
    if parse_address(service.external_name) is not None:
        rule = f"externalName of {service.object} is an address: CoreDNS gives no record for that"
        return BehindName(exists=False, rule=rule)
    backing = Backing(
        host=service.external_name,
        owner=f"{service.name}.{service.namespace}.svc.{view.zone}",
        origin=Origin(
            kind=OriginKind.EXTERNAL_NAME, object=service.object, field="spec.externalName"
        ),
        rule=f"ExternalName {service.object} is an alias of {service.external_name}",
    )
    return BehindName(exists=True, rule=backing.rule, backings=(backing,))


def _cluster_ips(view: View, service: Service, requested: RequestedName) -> BehindName:
    if requested.topology_zone:
        return BehindName(exists=False, rule="only a headless Service has zonal names")
    ports = _matching(service.ports, requested)
    if not ports:
        rule = f"Service {service.object} has no port {requested.port}/{requested.protocol}"
        return BehindName(exists=False, rule=rule)
    addresses = (
        service.cluster_ips if view.rules.dual_stack_cluster_ips else service.cluster_ips[:1]
    )
    field = "spec.ips" if service.kind == "ServiceImport" else "spec.clusterIPs"
    rule = f"{service.kind} {service.object} answers with its cluster IPs"
    backings = tuple(
        Backing(
            host=address,
            port=port.number,
            owner=f"{service.name}.{service.namespace}.svc.{view.zone}",
            origin=Origin(
                kind=OriginKind.SERVICE, object=service.object, field=f"{field}[{index}]"
            ),
            rule=rule,
        )
        for port in ports
        for index, address in enumerate(addresses)
    )
    return BehindName(exists=True, rule=rule, backings=backings)


def _endpoints(
    view: View, service: Service, slices: tuple[EndpointSlice, ...], requested: RequestedName
) -> BehindName:
    backings = _endpoint_backings(view, service, slices, requested)
    if requested.topology_zone:
        here = tuple(backing for backing, zone in backings if zone == requested.topology_zone)
        everywhere = tuple(backing for backing, _ in backings)
        kept = here or (everywhere if requested.prefers_zone else ())
        rule = f"zonal name of {service.object}: {len(here)} endpoints in that zone"
        return BehindName(exists=True, rule=rule, backings=kept)
    if not backings:
        what = f"named {requested.endpoint}" if requested.endpoint else "that are ready"
        rule = f"Service {service.object} has no endpoints {what}"
        if not slices and not view.rules.reads_endpoint_slices:
            rule = (
                f"Service {service.object} has no Endpoints, and CoreDNS before 1.8.1 reads no "
                "EndpointSlice"
            )
        if requested.port:
            rule += f" with a port {requested.port}/{requested.protocol}"
        return BehindName(exists=False, rule=rule)
    kept = tuple(backing for backing, _ in backings)
    return BehindName(exists=True, rule=kept[0].rule, backings=kept)


def _endpoint_backings(
    view: View, service: Service, slices: tuple[EndpointSlice, ...], requested: RequestedName
) -> tuple[tuple[Backing, str], ...]:
    # (backing, topology zone), in the order of slices, addresses, ports.
    return tuple(
        (
            Backing(
                host=address,
                port=port.number,
                owner=_owner(view, service, part, endpoint, address),
                origin=_endpoint_origin(service, part, index, requested),
                rule=_endpoint_rule(service, requested),
            ),
            endpoint.topology_zone,
        )
        for part in slices
        for index, endpoint in taken(view, part)
        for address in endpoint.addresses
        if _is_named(view, endpoint, address, part, requested)
        for port in _matching(part.ports, requested)
    )


def _is_named(
    view: View, endpoint: Endpoint, address: str, part: EndpointSlice, requested: RequestedName
) -> bool:
    if not requested.endpoint:
        return True
    if view.options.is_multicluster(view.zone) and part.cluster.lower() != requested.cluster:
        return False
    if not (endpoint.hostname or view.rules.names_every_endpoint):
        return False  # kube-dns: a hash of the address, which nobody asks
    return endpoint_hostname(view, endpoint, address).lower() == requested.endpoint


def _owner(
    view: View, service: Service, part: EndpointSlice, endpoint: Endpoint, address: str
) -> str:
    cluster = f"{part.cluster}." if view.options.is_multicluster(view.zone) else ""
    label = endpoint_hostname(view, endpoint, address)
    return f"{label}.{cluster}{service.name}.{service.namespace}.svc.{view.zone}"


def _endpoint_origin(
    service: Service, part: EndpointSlice, index: int, requested: RequestedName
) -> Origin:
    if requested.endpoint:
        return Origin(kind=OriginKind.ENDPOINT, object=part.object, field=f"endpoints[{index}]")
    return Origin(kind=OriginKind.HEADLESS_SERVICE, object=service.object, field="spec.clusterIP")


def _endpoint_rule(service: Service, requested: RequestedName) -> str:
    if requested.endpoint:
        return f"endpoint {requested.endpoint} of Service {service.object}"
    return f"headless Service {service.object} answers with its endpoints"


def _matching(ports: tuple[Port, ...], requested: RequestedName) -> tuple[Port, ...]:
    # kubernetes.go matchPortAndProtocol: an empty part of the question matches all.
    return tuple(
        port
        for port in ports
        if requested.port in {"", port.name.lower()}
        and requested.protocol in {"", port.protocol.lower()}
    )


# Names of pods by their address, `1-2-3-4.NS.pod.ZONE`; coredns kubernetes.go findPods.

# controller.go podListFunc: `status.phase!=Succeeded,Failed,Unknown`.
_GONE_PHASES = frozenset({"Succeeded", "Failed", "Unknown"})


def find_pods(view: View, requested: RequestedName) -> Asking[BehindName]:
    """The address in a pod's name, as option `pods` has it. Raises NotKnown."""
    if view.options.pods == "disabled":
        return BehindName(exists=False, rule="`pods disabled`: no pod has a name by its address")
    if not requested.service:
        return (yield from empty_namespace(view, requested))
    address = undashed(requested.service)
    if not (yield from namespace_exists(view, requested.namespace)):
        return BehindName(exists=False, rule=f"no namespace {requested.namespace} (exposed)")
    owner = f"{requested.service}.{requested.namespace}.pod.{view.zone}"
    if parse_address(address) is None:
        return BehindName(exists=False, rule=f"`{requested.service}` is not an address with dashes")
    if view.options.pods == "insecure":
        backing = Backing(
            host=address,
            port=0,
            owner=owner,
            origin=Origin(kind=OriginKind.POD_RECORD, object=requested.namespace),
            rule="`pods insecure` gives the address in the name back: no proof that a pod has it",
        )
        return BehindName(exists=True, rule=backing.rule, backings=(backing,))
    return (yield from _find_verified_pods(view, requested, address, owner))


def _find_verified_pods(
    view: View, requested: RequestedName, address: str, owner: str
) -> Asking[BehindName]:
    """The pods with that address; controller.go: `labels` is for them as well."""
    if view.options.labels is None:
        raise NotKnown("option labels", "its selector does not parse")
    listed = yield from read(pods_at(address, requested.namespace))
    backings = tuple(
        Backing(
            host=address,
            port=0,
            owner=owner,
            origin=Origin(
                kind=OriginKind.POD_RECORD,
                object=pod.object,
                field="status.podIP",
            ),
            rule=f"`pods verified`: pod {pod.name} has this address",
        )
        for pod in listed
        if pod.phase not in _GONE_PHASES
        and not pod.deleted_at
        and pod.pod_ips[:1] == (address,)
        and pod.namespace == requested.namespace
        and selects(view.options.labels, dict(pod.labels))
    )
    if not backings:
        rule = f"`pods verified`: no running pod of {requested.namespace} has the address {address}"
        return BehindName(exists=False, rule=rule)
    return BehindName(exists=True, rule=backings[0].rule, backings=backings)


# What stands behind a name of the cluster zone; coredns plugin/kubernetes/kubernetes.go.


def find_backings(view: View, name: str) -> Asking[BehindName]:
    """What is behind NAME. Raises NotKnown where an object that decides could not be read."""
    requested = parse_requested_name(
        name,
        view.zone,
        multicluster=view.options.is_multicluster(view.zone),
        zonal=view.options.is_zonal and view.rules.knows_zonal,
    )
    if requested is None:
        rule = f"`kubernetes` owns {_shown(view.zone)}, and nothing there has a name of this form"
        return BehindName(exists=False, rule=rule)
    if not requested.kind:
        return BehindName(exists=True, rule="the zone, `svc` and `pod` exist without addresses")
    if is_reverse(name):
        return BehindName(exists=False, rule="a reverse zone has only reverse names")
    if not view.options.exposes(requested.namespace):
        return BehindName(
            exists=False,
            rule=f"option `namespaces` of the Corefile leaves {requested.namespace} out",
        )
    if view.rules.knows_wildcards and _has_wildcard(requested):
        raise NotKnown("a wildcard query of CoreDNS before 1.9.0", "not modelled")
    if requested.kind == "pod":
        return (yield from find_pods(view, requested))
    return (yield from find_services(view, requested))


def _shown(zone: str) -> str:
    return zone.removesuffix(".") or "."


def _has_wildcard(requested: RequestedName) -> bool:
    parts = (requested.namespace, requested.service, requested.endpoint, requested.port)
    return any(part in {"*", "any"} for part in (*parts, requested.protocol))


# The records and response codes of the cluster zone; coredns plugin/backend_lookup.go.

# backend_lookup.go maxCnameChainLength: the twelfth alias of a chain is dropped.
_LONGEST_CHAIN = 10
_SOA_TTL_CAP = 300


class UpstreamUnknown(Exception):
    """The answer hangs on a name outside, to which ORIGIN leads, and nobody could ask for it."""

    def __init__(self, what: str, origin: Origin) -> None:
        super().__init__(what)
        self.what = what
        self.origin = origin


def soa(zone: str, ttl: int) -> Record:
    """The SOA that marks what the `kubernetes` plugin said; its serial is the time of a change."""
    return Record(
        name=zone,
        type="SOA",
        data=f"ns.dns.{zone} hostmaster.{zone} 0 7200 1800 86400 {ttl}",
        ttl=min(ttl, _SOA_TTL_CAP),
    )


def address_records(
    view: View, question: Question, enter: Callable[[Question], Asking[Served]]
) -> Asking[tuple[BehindName, tuple[Record, ...]]]:
    """What is behind a name and its A or AAAA records, aliases followed.

    Targets in the zone are looked up here; others through the whole server again. Raises NotKnown,
    and UpstreamUnknown where a target outside was not asked.
    """
    return (yield from _addresses(view, question, enter, ()))


def _addresses(
    view: View,
    question: Question,
    enter: Callable[[Question], Asking[Served]],
    before: tuple[Record, ...],
) -> Asking[tuple[BehindName, tuple[Record, ...]]]:
    found = yield from find_backings(view, question.name.lower())
    records: list[Record] = []
    for backing in found.backings:
        kind = record_type(backing.host)
        if kind == "CNAME":
            records += yield from _through_alias(view, question, backing, enter, before)
        elif kind == question.type:
            record = address_record(question.name, backing.host, view.options.ttl)
            if record not in records:
                records.append(record)
    return found, tuple(records)


def _through_alias(
    view: View,
    question: Question,
    backing: Backing,
    enter: Callable[[Question], Asking[Served]],
    before: tuple[Record, ...],
) -> Asking[tuple[Record, ...]]:
    # backend_lookup.go A: a target equal to or below the own name is dropped as a loop.
    target = absolute(backing.host)
    if is_below(question.name, target) or len(before) > _LONGEST_CHAIN:
        return ()
    alias = Record(name=question.name, type="CNAME", data=target, ttl=view.options.ttl)
    if any(same_name(alias.name, each.name) and same_name(target, each.data) for each in before):
        return ()
    asked = Question(target, question.type)
    if is_below(view.zone, target):
        _, records = yield from _addresses(view, asked, enter, (*before, alias))
        return (alias, *records) if records else ()
    served = yield from enter(asked)
    if isinstance(served.answer, UnknownReply):
        raise UpstreamUnknown(served.answer.what, backing.origin)
    answered = served.answer.answer if isinstance(served.answer, Reply) else ()
    return (alias, *answered)


def address_record(name: str, host: str, ttl: int) -> Record:
    """The A or AAAA record of an address, in the form that Go and RFC 5952 give it."""
    return Record(name=name, type=record_type(host), data=str(parse_address(host)), ttl=ttl)


def service_records(
    name: str, backings: tuple[Backing, ...], ttl: int
) -> tuple[tuple[Record, ...], tuple[Record, ...]]:
    """The SRV records for addresses behind NAME, and the addresses of their targets.

    The weight is 100 divided by the number of what is behind the name, ports without a number
    counted; one record for a (target, port), one address record for a (target, address).
    """
    addresses = tuple(each for each in backings if record_type(each.host) != "CNAME")
    weight = max(100 // len(addresses), 1) if addresses else 0
    pairs = [
        (
            Record(name=name, type="SRV", data=f"0 {weight} {each.port} {each.owner}", ttl=ttl),
            address_record(each.owner, each.host, ttl),
        )
        for each in addresses
        if each.port != -1
    ]
    return (
        tuple(dict.fromkeys(record for record, _ in pairs)),
        tuple(dict.fromkeys(address for _, address in pairs)),
    )


# Which names an address has, and who serves the zone; coredns kubernetes/{reverse,ns}.go.


def find_names(view: View, name: str) -> Asking[BehindName]:
    """The names that a reverse NAME points to: host of each backing, a Service before endpoints.

    A name that is not reverse exists, or not, as for any other type.
    """
    address = reversed_address(name)
    if not address:
        found = yield from find_backings(view, name)
        return BehindName(exists=found.exists, rule=found.rule)
    services = yield from _services_at(view, address)
    if services:
        return _service_name(view, services[0], address)
    slices = yield from _slices_at(view, address)
    backings = tuple(each for part in slices for each in _endpoint_names(view, part, address))
    if not backings:
        rule = f"no Service has the cluster IP {address}, and no ready endpoint has that address"
        return BehindName(exists=False, rule=rule)
    kept = backings if view.rules.every_ptr else backings[:1]
    return BehindName(exists=True, rule=kept[0].rule, backings=kept)


def _services_at(view: View, address: str) -> Asking[tuple[Service, ...]]:
    listed = yield from read(services_at(address))
    exposed: tuple[Service, ...] = ()
    for service in listed:
        has_it = any(same_address(each, address) for each in service.cluster_ips)
        if has_it and (yield from _is_exposed(view, service.namespace)):
            exposed = (*exposed, service)
    return exposed


def _slices_at(view: View, address: str) -> Asking[tuple[EndpointSlice, ...]]:
    if not view.options.has_endpoints:
        return ()
    listed = yield from read(slices_at(address))
    exposed: tuple[EndpointSlice, ...] = ()
    for part in listed:
        if (
            part.service
            and is_watched(view, part)
            and (yield from _is_exposed(view, part.namespace))
        ):
            exposed = (*exposed, part)
    return exposed


def _is_exposed(view: View, namespace: str) -> Asking[bool]:
    # reverse.go: the namespace counts only where option `namespaces` lists some.
    if not view.options.namespaces:
        return True
    if not view.options.exposes(namespace):
        return False
    return bool((yield from read(namespace_named(namespace))))


def _service_name(view: View, service: Service, address: str) -> BehindName:
    index = [same_address(each, address) for each in service.cluster_ips].index(True)
    rule = f"{address} is the cluster IP of Service {service.object}"
    backing = Backing(
        host=f"{service.name}.{service.namespace}.svc.{view.options.primary_zone}",
        owner=address,
        origin=Origin(
            kind=OriginKind.SERVICE, object=service.object, field=f"spec.clusterIPs[{index}]"
        ),
        rule=rule,
    )
    return BehindName(exists=True, rule=rule, backings=(backing,))


def _endpoint_names(view: View, part: EndpointSlice, address: str) -> tuple[Backing, ...]:
    return tuple(
        Backing(
            host=f"{endpoint_hostname(view, endpoint, text)}.{part.service}.{part.namespace}"
            f".svc.{view.options.primary_zone}",
            owner=address,
            origin=Origin(
                kind=OriginKind.ENDPOINT, object=part.object, field=f"endpoints[{index}]"
            ),
            rule=f"{address} is an endpoint of Service {part.namespace}/{part.service}",
        )
        for index, endpoint in taken(view, part)
        for text in endpoint.addresses
        if same_address(text, address) and (endpoint.hostname or not view.rules.ptr_needs_hostname)
    )


def find_name_servers(
    view: View, service: str, addresses: tuple[str, ...] | None
) -> Asking[BehindName]:
    """The names and addresses that serve the zone: those of the Service in front of the server.

    Without endpoints (`noendpoints`), or where no Service is in front, `ns.dns.ZONE` with the
    server's own ADDRESSES. Raises NotKnown where neither is known.
    """
    if service and view.options.has_endpoints:
        namespace, _, name = service.partition("/")
        listed = yield from read(service_named(namespace, name))
        if listed:
            return (yield from _front(view, listed[0]))
    if addresses is None:
        raise NotKnown("the addresses of the DNS server's pod", "not read")
    backings = tuple(
        Backing(
            host=address,
            owner=f"ns.dns.{view.zone}",
            origin=Origin(kind=OriginKind.POD_RECORD, field="status.podIPs"),
            rule="the DNS server's own addresses: no Service in front of it is known to it",
        )
        for address in addresses
    )
    return BehindName(exists=True, rule="the name servers of the zone", backings=backings)


def _front(view: View, service: Service) -> Asking[BehindName]:
    owner = f"{service.name}.{service.namespace}.svc.{view.zone}"
    rule = f"Service {service.object} is in front of the DNS server"
    origin = Origin(kind=OriginKind.SERVICE, object=service.object, field="spec.clusterIPs")
    pairs = [(address, owner) for address in service.cluster_ips]
    if service.is_headless:
        slices = yield from read_slices(view, service)
        pairs = [
            (address, f"{endpoint_hostname(view, endpoint, address)}.{owner}")
            for part in slices
            for _, endpoint in taken(view, part)
            for address in endpoint.addresses
        ]
    backings = tuple(
        Backing(host=address, owner=name, origin=origin, rule=rule) for address, name in pairs
    )
    return BehindName(exists=True, rule=rule, backings=backings)


# The `kubernetes` plugin: one answer for each type of question; coredns kubernetes/handler.go.

# kubernetes.go DNSSchemaVersion.
_SCHEMA_VERSION = "1.1.0"
_SCHEMA_TTL = 28_800


class _Sections(Struct, frozen=True, kw_only=True):
    found: BehindName
    answer: tuple[Record, ...] = ()
    additional: tuple[Record, ...] = ()


def serve_kubernetes(
    query: PluginQuery, plugins: tuple[Directive, ...], following: Next
) -> Asking[Served]:
    """What the plugin answers, or what the plugins after it do."""
    (plugin,) = plugins
    options = kubernetes_options(plugin, query.block)
    zone = closest_zone(options.zones, query.name)
    if not zone:
        return (yield from following(query))
    if query.type in {"AXFR", "IXFR"}:
        return Served(
            answer=Reply(rcode=Rcode.REFUSED), rule="zone transfers need the `transfer` plugin"
        )
    # The zone keeps the letters of the question: answers repeat them.
    written = query.question.name[len(query.question.name) - len(zone) :]
    view = View(
        options=options,
        rules=rules_of(query.server.version, query.server.provider),
        zone=written,
    )
    try:
        sections = yield from _FORMS.get(query.type, _other_type)(view, query)
    except NotKnown as error:
        return unknown(error.what).after(step_of(plugin, f"could not look: {error.what}"))
    except UpstreamUnknown as error:
        outside = unknown(error.what, error.origin)
        return outside.after(step_of(plugin, "an alias leads outside the cluster"))
    if not sections.found.exists and passes(plugin, query.name):
        served = yield from following(query)
        return served.after(step_of(plugin, f"{sections.found.rule}; fallthrough"))
    return _reply(view, sections).after(step_of(plugin, sections.found.rule))


def _reply(view: View, sections: _Sections) -> Served:
    found = sections.found
    origin = found.backings[0].origin if found.backings else None
    negative = (soa(view.zone, view.options.ttl),)
    if not found.exists:
        reply = Reply(rcode=Rcode.NXDOMAIN, authority=negative, authoritative=True)
        return Served(answer=reply, rule=found.rule)
    if not sections.answer:
        reply = Reply(authority=negative, authoritative=True, origin=origin)
        return Served(answer=reply, rule=f"{found.rule}; no such record", origin=origin)
    reply = Reply(
        answer=sections.answer,
        additional=sections.additional,
        authoritative=True,
        origin=origin,
    )
    return Served(answer=reply, rule=found.rule, origin=origin)


def _is_apex(view: View, query: PluginQuery) -> bool:
    return query.name == view.zone.lower()


def _address(view: View, query: PluginQuery) -> Asking[_Sections]:
    if query.name == f"ns.dns.{view.zone.lower()}":
        found = yield from find_name_servers(view, query.server.service, query.server.addresses)
        records = tuple(
            address_record(query.question.name, each.host, view.options.ttl)
            for each in found.backings
            if record_type(each.host) == query.type
        )
        return _Sections(found=found, answer=records)
    found, records = yield from address_records(view, query.question, query.enter)
    return _Sections(found=found, answer=records)


def _other_type(view: View, query: PluginQuery) -> Asking[_Sections]:
    # handler.go: a dry A lookup chooses NODATA or NXDOMAIN (its aliases are not followed here:
    # they cannot change which).
    found = yield from _dry(view, query)
    return _Sections(found=found)


def _dry(view: View, query: PluginQuery) -> Asking[BehindName]:
    if query.name == f"ns.dns.{view.zone.lower()}":
        return BehindName(exists=True, rule="the name server's name exists")
    return (yield from find_backings(view, query.name))


def _alias(view: View, query: PluginQuery) -> Asking[_Sections]:
    found = yield from _dry(view, query)
    first = found.backings[:1]
    answer = tuple(
        Record(
            name=query.question.name,
            type="CNAME",
            data=absolute(backing.host),
            ttl=view.options.ttl,
        )
        for backing in first
        if record_type(backing.host) == "CNAME"
    )
    return _Sections(found=found, answer=answer)


def _text(view: View, query: PluginQuery) -> Asking[_Sections]:
    if query.name == f"dns-version.{view.zone.lower()}":
        record = Record(name=query.question.name, type="TXT", data=_SCHEMA_VERSION, ttl=_SCHEMA_TTL)
        found = BehindName(exists=True, rule="the version of the DNS schema that the zone follows")
        return _Sections(found=found, answer=(record,))
    found = yield from _dry(view, query)
    # kubernetes.go Services: NODATA only where something is behind the name (or it is zonal).
    is_zonal = "._zone." in query.name and found.exists
    if found.exists and not found.backings and not is_zonal:
        return _Sections(
            found=BehindName(exists=False, rule=f"{found.rule}; TXT is NXDOMAIN there")
        )
    return _Sections(found=found)


def _pointer(view: View, query: PluginQuery) -> Asking[_Sections]:
    found = yield from find_names(view, query.name)
    names = dict.fromkeys(backing.host for backing in found.backings)
    answer = tuple(
        Record(name=query.question.name, type="PTR", data=name, ttl=view.options.ttl)
        for name in names
    )
    return _Sections(found=found, answer=answer)


def _service(view: View, query: PluginQuery) -> Asking[_Sections]:
    found = yield from _dry(view, query)
    answer, additional = service_records(query.question.name, found.backings, view.options.ttl)
    return _Sections(found=found, answer=answer, additional=additional)


def _authority(view: View, query: PluginQuery) -> Asking[_Sections]:
    yield from ()
    if not _is_apex(view, query):
        # handler.go: below the apex SOA has neither records nor an error.
        return _Sections(
            found=BehindName(exists=True, rule="only the zone itself has an SOA record")
        )
    record = soa(query.question.name, view.options.ttl)
    return _Sections(found=BehindName(exists=True, rule="the zone's own SOA"), answer=(record,))


def _name_servers(view: View, query: PluginQuery) -> Asking[_Sections]:
    if not _is_apex(view, query):
        return (yield from _other_type(view, query))
    found = yield from find_name_servers(view, query.server.service, query.server.addresses)
    return _Sections(
        found=found,
        answer=_name_server_records(query.question, found.backings, view.options.ttl),
        additional=tuple(
            address_record(each.owner, each.host, view.options.ttl) for each in found.backings
        ),
    )


def _name_server_records(
    question: Question, backings: tuple[Backing, ...], ttl: int
) -> tuple[Record, ...]:
    owners = dict.fromkeys(backing.owner for backing in backings)
    return tuple(Record(name=question.name, type="NS", data=each, ttl=ttl) for each in owners)


_FORMS: dict[str, Callable[[View, PluginQuery], Asking[_Sections]]] = {
    "A": _address,
    "AAAA": _address,
    "CNAME": _alias,
    "TXT": _text,
    "PTR": _pointer,
    "SRV": _service,
    "SOA": _authority,
    "NS": _name_servers,
}
