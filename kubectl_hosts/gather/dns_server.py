"""Which server answers a nameserver's address, and its configuration: Service, pods, ConfigMaps."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.errors import HostsError, NotFound
from kubectl_hosts.gather.ports import Resource, Selection
from kubectl_hosts.gather.resources import PODS
from kubectl_hosts.gather.targets import label_selector
from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
from kubectl_hosts.model.cluster_dns.needs import ServicesCalled, ServicesWithClusterIP
from kubectl_hosts.model.cluster_dns.node_local import (
    StubDomains,
    kube_dns,
    node_local,
    stub_domains,
)
from kubectl_hosts.model.cluster_dns.platforms import (
    PLACES,
    Place,
    config_maps_of,
    coredns_at,
    coredns_of,
)
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.fields import string_map, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubectl_hosts.gather.objects import ObjectReader
    from kubectl_hosts.gather.ports import Cluster
    from kubectl_hosts.model.fields import Json

CONFIG_MAPS = Resource("configmaps")
SYSTEM = "kube-system"
NODE_LOCAL = "node-local-dns"
KUBE_DNS = "kube-dns"
_BEHIND_NODE_LOCAL = ("kube-dns-upstream", KUBE_DNS)
"""nodelocaldns.yaml makes the first Service. In IPVS mode the second stands in the Corefile, by
its address: kubernetes.io "Using NodeLocal DNSCache"."""


class DnsServer(NamedTuple):
    """The server behind a nameserver's address.

    model is None for a server outside the cluster: what it says is asked, not predicted. pods are
    those that a port-forward can reach.
    """

    address: str
    model: ClusterDNS | None
    pods: tuple[Json, ...] = ()
    not_checked: tuple[CouldNotLook, ...] = ()


def find_dns_server(
    cluster: Cluster, reader: ObjectReader, address: str, *, domain: str
) -> DnsServer:
    """The server at ADDRESS (a nameserver line); DOMAIN is the cluster domain as the pod has it.

    What may not be read is a CouldNotLook in the model's Corefile, or in not_checked.
    """
    behind = _behind_service(cluster, reader, address, domain)
    if _is_link_local(address):
        # The cache on the node forwards to the Service of that name, or to kube-dns itself.
        server = _first_service(cluster, reader, _BEHIND_NODE_LOCAL, domain)
        addresses = _addresses_of(reader, _BEHIND_NODE_LOCAL) or (address,)
        return _with_node_local(cluster, server._replace(address=address), domain, addresses)
    if behind.model is None:
        return behind
    return _with_node_local(cluster, behind, domain, (behind.address,) if behind.address else ())


def find_cluster_dns(cluster: Cluster, reader: ObjectReader, domain: str) -> DnsServer:
    """The server behind Service kube-dns, where no address of it is known."""
    return _first_service(cluster, reader, (KUBE_DNS,), domain)


def _is_link_local(address: str) -> bool:
    try:
        return ip_address(address.partition("%")[0]).is_link_local
    except ValueError:
        return False


def _behind_service(cluster: Cluster, reader: ObjectReader, address: str, domain: str) -> DnsServer:
    services = reader(ServicesWithClusterIP(address=address))
    if isinstance(services, CouldNotLook):
        return _by_place(cluster, address, services)
    if not services:
        return DnsServer(address, None)
    return _of_service(cluster, services[0], address, domain)


def _first_service(
    cluster: Cluster, reader: ObjectReader, names: tuple[str, ...], domain: str
) -> DnsServer:
    for name in names:
        services = reader(ServicesCalled(name=name))
        if not isinstance(services, CouldNotLook) and services:
            address = text(services[0], "spec", "clusterIP")
            return _of_service(cluster, services[0], address, domain)
    missing = CouldNotLook(what="the DNS Service", why=f"no Service {' or '.join(names)}")
    return _by_place(cluster, "", missing)


def _addresses_of(reader: ObjectReader, names: tuple[str, ...]) -> tuple[str, ...]:
    """The cluster IPs of the Services called NAMES, in that order."""
    asked = [reader(ServicesCalled(name=name)) for name in names]
    found = (
        each for services in asked if not isinstance(services, CouldNotLook) for each in services
    )
    return tuple(filter(None, (text(each, "spec", "clusterIP") for each in found)))


def _of_service(cluster: Cluster, service: Json, address: str, domain: str) -> DnsServer:
    namespace, name = text(service, "metadata", "namespace"), text(service, "metadata", "name")
    selection = Selection(namespace=namespace, label_selector=label_selector(service))
    try:
        pods = tuple(cluster.list(PODS, selection))
    except HostsError as error:
        return _by_place(cluster, address, CouldNotLook(what="the DNS pods", why=error.message))
    if not pods:
        missing = CouldNotLook(
            what="the cluster DNS server", why=f"Service {namespace}/{name} selects no pod"
        )
        return DnsServer(address, ClusterDNS(corefile=missing, service=f"{namespace}/{name}"))
    if _runs_kube_dns(pods[0]):
        data = _config_map(cluster, namespace, KUBE_DNS)
        config = _stubs(data)
        return DnsServer(address, kube_dns(domain, config, service=f"{namespace}/{name}"), pods)
    maps: dict[str, Mapping[str, str] | CouldNotLook | None] = {
        mount.name: _config_map(cluster, mount.namespace, mount.name)
        for mount in config_maps_of(pods[0])
    }
    model = coredns_of(
        pods[0],
        maps,
        service=f"{namespace}/{name}",
        addresses=tuple(text(pod, "status", "podIP") for pod in pods),
    )
    return DnsServer(address, model, pods, _refused(maps, model))


def _runs_kube_dns(pod: Json) -> bool:
    from kubectl_hosts.model.fields import items  # noqa: PLC0415

    return any(text(each, "name") == "dnsmasq" for each in items(pod, "spec", "containers"))


def _refused(
    maps: Mapping[str, Mapping[str, str] | CouldNotLook | None], model: ClusterDNS
) -> tuple[CouldNotLook, ...]:
    """What may not be read, and the Corefile's ConfigMap where there is none."""
    missed = [each for each in (*maps.values(), model.corefile) if isinstance(each, CouldNotLook)]
    return tuple(dict.fromkeys(missed))


def _config_map(
    cluster: Cluster, namespace: str, name: str
) -> Mapping[str, str] | CouldNotLook | None:
    """A ConfigMap's data, None where there is none."""
    try:
        return string_map(cluster.get(CONFIG_MAPS, name, namespace=namespace), "data")
    except NotFound:
        return None
    except HostsError as error:
        return CouldNotLook(
            what=f"ConfigMap {namespace}/{name}", why=error.message, hint=error.hint
        )


def _by_place(cluster: Cluster, address: str, refused: CouldNotLook) -> DnsServer:
    """The first known place that holds a Corefile, where Service or pods may not be read."""
    for place in PLACES:
        if place.config_map == NODE_LOCAL:
            continue
        maps = _maps_at(cluster, place)
        if maps.get(place.config_map) is not None:
            return DnsServer(address, coredns_at(place, maps), not_checked=(refused,))
    return DnsServer(address, ClusterDNS(corefile=refused), not_checked=(refused,))


def _maps_at(cluster: Cluster, place: Place) -> dict[str, Mapping[str, str] | CouldNotLook | None]:
    names = [place.config_map, *([place.custom[0]] if place.custom[0] else [])]
    return {name: _config_map(cluster, place.namespace, name) for name in names}


def _with_node_local(
    cluster: Cluster, server: DnsServer, domain: str, addresses: tuple[str, ...]
) -> DnsServer:
    """SERVER, at ADDRESSES, behind the cache on the node, where there is one; else as it is.

    In iptables mode the cache takes the Service's own address, so that resolv.conf does not show
    it: cluster-dns.md 3.4.
    """
    data = _config_map(cluster, SYSTEM, NODE_LOCAL)
    if data is None or server.model is None:
        return server
    if isinstance(data, CouldNotLook):
        return server._replace(not_checked=(*server.not_checked, data))
    model = node_local(
        data.get("Corefile", ""),
        behind=server.model,
        behind_addresses=addresses,
        config=_stubs(_config_map(cluster, SYSTEM, KUBE_DNS)),
        domain=domain,
    )
    return server._replace(model=model)


def _stubs(data: Mapping[str, str] | CouldNotLook | None) -> StubDomains:
    if data is None or isinstance(data, CouldNotLook):
        return StubDomains()
    found = stub_domains(data)
    return StubDomains() if isinstance(found, CouldNotLook) else found
