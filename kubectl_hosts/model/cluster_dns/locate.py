"""Which server answers a nameserver's address, and its configuration: Service, pods, ConfigMaps.

Where Service or pods may not be read, the places of known platforms are tried; where no Corefile
can be read anywhere, the one that kubeadm writes is assumed, and said to be. cluster-dns.md 3.4.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
from kubectl_hosts.model.cluster_dns.corefile import Corefile, parse_corefile
from kubectl_hosts.model.cluster_dns.names import is_reverse, zones_of
from kubectl_hosts.model.cluster_dns.needs import (
    Asking,
    config_map_named,
    pods_in,
    services_at,
    services_called,
)
from kubectl_hosts.model.cluster_dns.platforms import (
    PLACES,
    StubDomains,
    config_maps_of,
    coredns_at,
    coredns_of,
    kube_dns,
    node_local,
    stub_domains,
)
from kubectl_hosts.model.evidence import CouldNotLook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kubectl_hosts.model.objects import Service
    from kubectl_hosts.model.pod import Pod

SYSTEM = "kube-system"
NODE_LOCAL = "node-local-dns"
KUBE_DNS = "kube-dns"
DEFAULT_DOMAIN = "cluster.local"
_BEHIND_NODE_LOCAL = ("kube-dns-upstream", KUBE_DNS)
"""nodelocaldns.yaml makes the first Service. In IPVS mode the second stands in the Corefile, by
its address: kubernetes.io "Using NodeLocal DNSCache"."""
ASSUMED = "the Corefile that kubeadm writes is assumed"
# kubernetes cmd/kubeadm/app/phases/addons/dns/manifests.go, coreDNSConfigMap.
_KUBEADM_COREFILE = """\
.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes DOMAIN in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success DOMAIN
       disable denial DOMAIN
    }
    loop
    reload
    loadbalance
}
"""

Maps = dict[str, "Mapping[str, str] | CouldNotLook | None"]
"""ConfigMaps by name: their data, None where there is none."""


class DnsServer(NamedTuple):
    """The server behind a nameserver's address.

    model is None for a server outside the cluster: what it says is asked, not predicted. pods are
    those behind the Service. assumed says what of the model nobody read, "" where all of it was.
    """

    address: str
    model: ClusterDNS | None
    pods: tuple[Pod, ...] = ()
    not_checked: tuple[CouldNotLook, ...] = ()
    assumed: str = ""


def find_dns_server(address: str, domain: str) -> Asking[DnsServer]:
    """The server at ADDRESS (a nameserver line); DOMAIN is the cluster domain as the pod has it.

    What may not be read is a CouldNotLook in the model's Corefile, or in not_checked.
    """
    if _is_link_local(address):
        # The cache on the node forwards to the Service of that name, or to kube-dns itself.
        server = yield from _first_service(_BEHIND_NODE_LOCAL, domain)
        addresses = (yield from _addresses_of(_BEHIND_NODE_LOCAL)) or (address,)
        return (yield from _with_node_local(server._replace(address=address), domain, addresses))
    services = yield from services_at(address)
    if isinstance(services, CouldNotLook):
        server = yield from _by_place(address, domain, services)
    elif services:
        server = yield from _of_service(services[0], address, domain)
    else:
        return DnsServer(address, None)
    return (yield from _with_node_local(server, domain, (address,)))


def find_cluster_dns(domain: str) -> Asking[DnsServer]:
    """The server behind Service kube-dns, where no address of it is known."""
    return _first_service((KUBE_DNS,), domain)


def cluster_domain_of(server: ClusterDNS) -> str | None:
    """The first zone of a `kubernetes` plugin that is no reverse zone; None where none is known."""
    corefile = (server.behind or server).corefile
    if not isinstance(corefile, Corefile):
        return None
    zones = (
        zone
        for block in corefile.blocks
        for plugin in block.all("kubernetes")
        for zone in tuple(z for text in plugin.args for z in zones_of(text)) or block.zones
    )
    named = (zone.rstrip(".") for zone in zones if not is_reverse(zone))
    return next(filter(None, named), None)


def _is_link_local(address: str) -> bool:
    try:
        return ip_address(address.partition("%")[0]).is_link_local
    except ValueError:
        return False


def _first_service(names: tuple[str, ...], domain: str) -> Asking[DnsServer]:
    refused: CouldNotLook | None = None
    for name in names:
        services = yield from _called(name)
        if isinstance(services, CouldNotLook):
            refused = refused or services
        elif services:
            address = next(iter(services[0].cluster_ips), "")
            return (yield from _of_service(services[0], address, domain))
    why = f"no Service {' or '.join(names)}"
    return (
        yield from _by_place("", domain, refused or CouldNotLook(what="the DNS Service", why=why))
    )


def _called(name: str) -> Asking[tuple[Service, ...] | CouldNotLook]:
    """The Services of that name, that of kube-system before one which only has the name."""
    found = yield from services_called(name)
    if isinstance(found, CouldNotLook):
        return found
    return tuple(sorted(found, key=lambda each: each.namespace != SYSTEM))


def _addresses_of(names: tuple[str, ...]) -> Asking[tuple[str, ...]]:
    """The first cluster IPs of the Services called NAMES, in that order."""
    found: list[str] = []
    for name in names:
        services = yield from _called(name)
        if not isinstance(services, CouldNotLook):
            found += [each for service in services for each in service.cluster_ips[:1]]
    return tuple(each for each in found if each != "None")


def _of_service(service: Service, address: str, domain: str) -> Asking[DnsServer]:
    labels = ",".join(f"{key}={value}" for key, value in service.selector)
    pods = (yield from pods_in(service.namespace, labels)) if labels else ()
    if isinstance(pods, CouldNotLook):
        return (yield from _by_place(address, domain, pods, service.object))
    if not pods:
        missing = CouldNotLook(
            what="the cluster DNS server", why=f"Service {service.object} selects no pod"
        )
        return (yield from _by_place(address, domain, missing, service.object))
    if any(each.name == "dnsmasq" for each in pods[0].containers):
        stubs = yield from _stubs(service.namespace)
        return DnsServer(address, kube_dns(domain, stubs, service=service.object), pods)
    maps: Maps = {}
    for mount in config_maps_of(pods[0]):
        maps[mount.name] = yield from _config_map(mount.namespace, mount.name)
    addresses = tuple(address for pod in pods for address in pod.pod_ips[:1])
    model = coredns_of(pods[0], maps, service=service.object, addresses=addresses)
    refused = tuple(each for each in maps.values() if isinstance(each, CouldNotLook))
    is_read = any(each for each in maps.values() if not isinstance(each, CouldNotLook))
    if model.corefile in refused and not is_read and service.namespace == SYSTEM:
        assumed = _as_kubeadm(domain, model)
        return DnsServer(address, assumed, pods, tuple(dict.fromkeys(refused)), ASSUMED)
    missed = (model.corefile,) if isinstance(model.corefile, CouldNotLook) else ()
    return DnsServer(address, model, pods, tuple(dict.fromkeys((*refused, *missed))))


def _as_kubeadm(domain: str, known: ClusterDNS) -> ClusterDNS:
    """What is KNOWN of a server, with the Corefile of kubeadm for DOMAIN."""
    text = _KUBEADM_COREFILE.replace("DOMAIN", domain or DEFAULT_DOMAIN)
    return ClusterDNS(
        corefile=parse_corefile(text),
        version=known.version,
        service=known.service,
        addresses=known.addresses,
    )


def _config_map(namespace: str, name: str) -> Asking[Mapping[str, str] | CouldNotLook | None]:
    """A ConfigMap's data, None where there is none."""
    found = yield from config_map_named(namespace, name)
    if isinstance(found, CouldNotLook):
        return found
    return dict(found[0].data) if found else None


def _by_place(
    address: str, domain: str, reason: CouldNotLook, service: str = ""
) -> Asking[DnsServer]:
    """The first known place that holds a Corefile, for REASON; else the Corefile of kubeadm.

    SERVICE is the `namespace/name` in front of it, where that is known: then its namespace counts.
    """
    refused: CouldNotLook | None = None
    namespace = service.partition("/")[0]
    for place in PLACES:
        if place.config_map == NODE_LOCAL or namespace not in {"", place.namespace}:
            continue
        maps: Maps = {}
        for name in (place.config_map, *filter(None, place.custom[:1])):
            maps[name] = yield from _config_map(place.namespace, name)
        found = maps[place.config_map]
        if isinstance(found, CouldNotLook):
            refused = refused or found
        elif found is not None:
            model = coredns_at(place, maps, service=service)
            return DnsServer(address, model, not_checked=(reason,))
    missed = (reason, refused) if refused else (reason,)
    model = ClusterDNS(corefile=reason, service=service)
    if namespace not in {"", SYSTEM}:
        return DnsServer(address, model, not_checked=missed)
    return DnsServer(address, _as_kubeadm(domain, model), not_checked=missed, assumed=ASSUMED)


def _with_node_local(
    server: DnsServer, domain: str, addresses: tuple[str, ...]
) -> Asking[DnsServer]:
    """SERVER, at ADDRESSES, behind the cache on the node, where there is one; else as it is.

    In iptables mode the cache takes the Service's own address, so that resolv.conf does not show
    it: cluster-dns.md 3.4.
    """
    data = yield from _config_map(SYSTEM, NODE_LOCAL)
    if data is None or server.model is None:
        return server
    if isinstance(data, CouldNotLook):
        return server._replace(not_checked=(*server.not_checked, data))
    model = node_local(
        data.get("Corefile", ""),
        behind=server.model,
        behind_addresses=addresses,
        config=(yield from _stubs(SYSTEM)),
        domain=domain,
    )
    return server._replace(model=model)


def _stubs(namespace: str) -> Asking[StubDomains]:
    data = yield from _config_map(namespace, KUBE_DNS)
    if data is None or isinstance(data, CouldNotLook):
        return StubDomains()
    found = stub_domains(data)
    return StubDomains() if isinstance(found, CouldNotLook) else found
