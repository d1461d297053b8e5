"""Where a cluster keeps its DNS configuration, and how the pieces become one server.

Prefer the walk: Service with the nameserver's address, its pods, the ConfigMaps that they mount
(`config_maps_of`, `coredns_of`). `PLACES` is for clusters whose pods may not be read. NodeLocal
DNSCache and kube-dns have configuration that is no Corefile yet; kubernetes/dns.

A Corefile is loaded as CoreDNS does: parsed, and set up, where plugins refuse what they do not
take. CoreDNS that runs goes on with the older Corefile then, and one that starts ends; the words
are those of coredns plugin/*/setup.go and plugin/rewrite/*.go.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
from kubectl_hosts.model.cluster_dns.corefile import (
    Corefile,
    CorefileError,
    parse_blocks,
)
from kubectl_hosts.model.cluster_dns.kubernetes_plugin import kubernetes_zones
from kubectl_hosts.model.cluster_dns.needs import (
    Asking,
    config_map_named,
    pods_in,
    services_at,
    services_called,
)
from kubectl_hosts.model.cluster_dns.plugin_setup import Release, find_refusal
from kubectl_hosts.model.cluster_dns.query_names import absolute, is_reverse, parse_address
from kubectl_hosts.model.cluster_dns.versions import parse_version
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.pod import ContainerKind, Pod
from kubectl_hosts.model.selectors import as_label_selector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubectl_hosts.model.cluster_dns.versions import Version
    from kubectl_hosts.model.objects import Service
    from kubectl_hosts.model.pod import Container


def parse_corefile(
    text: str,
    *,
    files: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    path: str = "/etc/coredns/Corefile",
    version: Version | None = None,
    is_running: bool = False,
) -> Corefile | CorefileError:
    """The server blocks of TEXT. FILES (absolute path to text) is what `import` can see.

    IS_RUNNING says that a CoreDNS of that VERSION is ready: what should be too new for it, it took.

    A CorefileError for what keeps CoreDNS from loading it: syntax, or what a plugin refuses.
    """
    listed = tuple((files or {}).items()), tuple((environment or {}).items())
    return _parsed(text, *listed, path, Release(version, is_running))


@lru_cache(maxsize=8)  # a fleet's pods ask one server, and it has one Corefile
def _parsed(
    text: str,
    files: tuple[tuple[str, str], ...],
    environment: tuple[tuple[str, str], ...],
    path: str,
    release: Release,
) -> Corefile | CorefileError:
    parsed = parse_blocks(text, files=dict(files), environment=dict(environment), path=path)
    if isinstance(parsed, CorefileError):
        return parsed
    return find_refusal(parsed.blocks, release) or parsed


# The projected volume of the pod's own token, with ConfigMap kube-root-ca.crt in it.
_SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
DEFAULT_PATH = "/etc/coredns/Corefile"


class CorefilePlace(Struct, frozen=True, kw_only=True):
    """Where a platform keeps the Corefile: a ConfigMap, mounted at /etc/coredns.

    custom is a ConfigMap that the Corefile imports from, and its directory.
    """

    platform: str
    namespace: str
    config_map: str
    custom: tuple[str, str] = ("", "")


# cluster-dns.md 3.4. A ConfigMap `kube-dns` (GKE) has no Corefile: see `stub_domains`.
PLACES = (
    CorefilePlace(
        platform="kubeadm, kind, minikube, EKS",
        namespace="kube-system",
        config_map="coredns",
    ),
    CorefilePlace(
        platform="k3s, AKS",
        namespace="kube-system",
        config_map="coredns",
        custom=("coredns-custom", "/etc/coredns/custom"),
    ),
    CorefilePlace(
        platform="RKE2",
        namespace="kube-system",
        config_map="rke2-coredns-rke2-coredns",
    ),
    CorefilePlace(
        platform="OpenShift",
        namespace="openshift-dns",
        config_map="dns-default",
    ),
)


class MountedConfigMap(Struct, frozen=True, kw_only=True):
    """A ConfigMap that a pod mounts: keys become files of the directory (or only `items`)."""

    namespace: str
    name: str
    directory: str
    items: tuple[tuple[str, str], ...] = ()
    is_optional: bool = False

    def files(self, keys: Mapping[str, str]) -> dict[str, str]:
        """The files (path to text) that the keys of the ConfigMap become."""
        paths = self.items or tuple((key, key) for key in keys)
        return {
            posixpath.join(self.directory, path): keys[key] for key, path in paths if key in keys
        }

    def left_out(self, keys: Mapping[str, str]) -> dict[str, str]:
        """The files (path to text) that the other keys would be, where only `items` are."""
        taken = {key for key, _ in self.items} if self.items else set(keys)
        return {posixpath.join(self.directory, key): keys[key] for key in keys if key not in taken}


@lru_cache(maxsize=8)
def config_maps_of(pod: Pod) -> tuple[MountedConfigMap, ...]:
    """The ConfigMaps that the DNS container of POD mounts."""
    volumes = {volume.name: volume for volume in pod.volumes}
    container = dns_container(pod)
    return tuple(
        MountedConfigMap(
            namespace=pod.namespace,
            name=source.refers_to,
            directory=mount.mount_path,
            items=source.items,
            is_optional=source.optional,
        )
        for mount in (container.volume_mounts if container else ())
        if mount.name in volumes and not mount.mount_path.startswith(_SERVICE_ACCOUNT)
        for source in volumes[mount.name].config_maps
    )


def dns_container(pod: Pod) -> Container | None:
    """The container of POD that serves DNS: by its `-conf`, else by its image, else the first."""
    containers = [each for each in pod.containers if each.kind is ContainerKind.APP]
    by_argument = [each for each in containers if "-conf" in _arguments(each)]
    by_image = [each for each in containers if "coredns" in each.image]
    return next(iter((*by_argument, *by_image, *containers)), None)


def _arguments(container: Container) -> tuple[str, ...]:
    return (*container.command, *container.args)


def corefile_path(pod: Pod) -> str:
    """The path that `-conf` gives, else where every known manifest mounts it."""
    container = dns_container(pod)
    arguments = _arguments(container) if container else ()
    if "-conf" in arguments[:-1]:
        return arguments[arguments.index("-conf") + 1]
    return DEFAULT_PATH


def coredns_of(
    pod: Pod,
    config_maps: Mapping[str, Mapping[str, str] | CouldNotLook | None],
    *,
    service: str = "",
    addresses: tuple[str, ...] | None = None,
) -> ClusterDNS:
    """The server that POD runs with the ConfigMaps (name to data) that it mounts.

    SERVICE is the `namespace/name` in front of it, ADDRESSES those of all its pods.
    """
    read = tuple(
        (name, tuple(data.items()) if isinstance(data, Mapping) else data)
        for name, data in config_maps.items()
    )
    return _coredns_of(pod, read, service, addresses)


@lru_cache(maxsize=8)  # every pod of a check asks the same, twice
def _coredns_of(
    pod: Pod,
    read: tuple[tuple[str, tuple[tuple[str, str], ...] | CouldNotLook | None], ...],
    service: str,
    addresses: tuple[str, ...] | None,
) -> ClusterDNS:
    config_maps = {name: dict(data) if isinstance(data, tuple) else data for name, data in read}
    path = corefile_path(pod)
    mounts = config_maps_of(pod)
    files, sources = _files_of(mounts, config_maps)
    container = dns_container(pod)
    source = next((m for m in mounts if posixpath.dirname(path) == m.directory.rstrip("/")), None)
    name = f"{source.namespace}/{source.name}" if source else ""
    left_out = {
        each: (text, f"{mount.namespace}/{mount.name}")
        for mount in mounts
        if isinstance(data := config_maps.get(mount.name), Mapping)
        for each, text in mount.left_out(data).items()
    }
    return ClusterDNS(
        corefile=_corefile(path, files, mounts, config_maps, container, is_running=pod.ready),
        object=name,
        version=_version(container),
        service=service,
        addresses=addresses,
        files=files,
        file_sources={**sources, **{each: source for each, (_, source) in left_out.items()}},
        is_in_pod_network=not pod.host_network,
        directories=_whole_directories(pod, config_maps),
        left_out={each: text for each, (text, _) in left_out.items()},
    )


def _whole_directories(
    pod: Pod, config_maps: Mapping[str, Mapping[str, str] | CouldNotLook | None]
) -> frozenset[str]:
    """The directories that are one ConfigMap each, which was read."""
    volumes = {each.name: each for each in pod.volumes}
    container = dns_container(pod)
    mounts = container.volume_mounts if container else ()
    if any(each.sub_path for each in mounts):
        return frozenset()  # a file of another volume may stand in any of them
    return frozenset(
        each.mount_path.rstrip("/")
        for each in mounts
        if each.name in volumes
        and volumes[each.name].source == "configMap"
        and isinstance(config_maps.get(volumes[each.name].refers_to), Mapping)
    )


def _files_of(
    mounts: Iterable[MountedConfigMap],
    config_maps: Mapping[str, Mapping[str, str] | CouldNotLook | None],
) -> tuple[dict[str, str], dict[str, str]]:
    """The files (path to text) that the mounted ConfigMaps give, and the ConfigMap of each."""
    files: dict[str, str] = {}
    sources: dict[str, str] = {}
    for mount in mounts:
        data = config_maps.get(mount.name)
        if data is not None and not isinstance(data, CouldNotLook):
            own = mount.files(data)
            files.update(own)
            sources.update(dict.fromkeys(own, f"{mount.namespace}/{mount.name}"))
    return files, sources


def _version(container: Container | None) -> Version | None:
    return parse_version(container.image) if container else None


def _environment(container: Container | None) -> dict[str, str]:
    env = container.env if container else ()
    return {name: value for name, value in env if value is not None}


def _corefile(
    path: str,
    files: Mapping[str, str],
    mounts: tuple[MountedConfigMap, ...],
    config_maps: Mapping[str, Mapping[str, str] | CouldNotLook | None],
    container: Container | None = None,
    *,
    is_running: bool = False,
) -> Corefile | CorefileError | CouldNotLook:
    # A ConfigMap that could not be read may hold any block: nothing is known without it.
    for mount in mounts:
        data = config_maps.get(mount.name)
        if isinstance(data, CouldNotLook):
            return data
        if data is None and not mount.is_optional:
            return CouldNotLook(
                what=f"ConfigMap {mount.namespace}/{mount.name}",
                why=f'configmaps "{mount.name}" not found',
            )
    if path not in files:
        return CouldNotLook(what=f"Corefile {path} of the DNS server", why="no ConfigMap holds it")
    return parse_corefile(
        files[path],
        files=files,
        environment=_environment(container),
        path=path,
        version=_version(container),
        is_running=is_running,
    )


def coredns_at(
    place: CorefilePlace,
    config_maps: Mapping[str, Mapping[str, str] | CouldNotLook | None],
    *,
    service: str = "",
) -> ClusterDNS:
    """The server whose configuration stands at PLACE, where its pods could not be read."""
    custom, directory = place.custom
    mounts = [
        MountedConfigMap(
            namespace=place.namespace,
            name=place.config_map,
            directory=posixpath.dirname(DEFAULT_PATH),
        )
    ]
    if custom:
        mounts.append(
            MountedConfigMap(
                namespace=place.namespace, name=custom, directory=directory, is_optional=True
            )
        )
    files, sources = _files_of(mounts, config_maps)
    return ClusterDNS(
        corefile=_corefile(DEFAULT_PATH, files, tuple(mounts), config_maps),
        object=f"{place.namespace}/{place.config_map}",
        service=service,
        files=files,
        file_sources=sources,
    )


# NodeLocal DNSCache and kube-dns: configuration that is no Corefile yet; kubernetes/dns.

# node-cache replaces these when it starts (kubernetes/dns cmd/node-cache/app/configmap.go);
# deployment manifests replace the first three by hand.
_CLUSTER_DNS = "__PILLAR__CLUSTER__DNS__"
_UPSTREAM = "__PILLAR__UPSTREAM__SERVERS__"
_LOCAL = "__PILLAR__LOCAL__DNS__"
# nodelocaldns.yaml: the address that its users write there.
_LINK_LOCAL = "169.254.20.10"
_SERVER = "__PILLAR__DNS__SERVER__"
_DOMAIN = "__PILLAR__DNS__DOMAIN__"
_DEFAULT_UPSTREAM = ("/etc/resolv.conf",)
# kubernetes/dns pkg/dns/config: at most three upstreams.
_MOST_UPSTREAMS = 3


class StubDomains(Struct, frozen=True, kw_only=True):
    """ConfigMap kube-dns: which servers a domain has, and the upstreams for all the rest."""

    stubs: tuple[tuple[str, tuple[str, ...]], ...] = ()
    upstream: tuple[str, ...] = ()


def stub_domains(data: Mapping[str, str]) -> StubDomains | CouldNotLook:
    """The keys `stubDomains` (JSON object) and `upstreamNameservers` (JSON list) of kube-dns."""
    try:
        stubs = json.loads(data.get("stubDomains") or "{}")
        upstream = json.loads(data.get("upstreamNameservers") or "[]")
    except ValueError as error:
        return CouldNotLook(what="ConfigMap kube-dns", why=f"its JSON does not parse: {error}")
    if not isinstance(stubs, dict) or not _is_text_list(upstream):
        return CouldNotLook(what="ConfigMap kube-dns", why="its JSON is of another form")
    if not all(_is_text_list(servers) for servers in stubs.values()):
        return CouldNotLook(what="ConfigMap kube-dns", why="stubDomains: lists of servers expected")
    return StubDomains(
        stubs=tuple((str(domain), tuple(servers)) for domain, servers in stubs.items()),
        upstream=tuple(upstream[:_MOST_UPSTREAMS]),
    )


def _is_text_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def kube_dns(domain: str, config: StubDomains, *, service: str = "") -> ClusterDNS:
    """kube-dns (dnsmasq and skydns) as the Corefile that answers alike, without a cache's clock."""
    upstream = " ".join(config.upstream or _DEFAULT_UPSTREAM)
    blocks = [f"{name}:53 {{\n forward . {' '.join(servers)}\n}}" for name, servers in config.stubs]
    text = (
        f".:53 {{\n kubernetes {domain} in-addr.arpa ip6.arpa {{\n  pods insecure\n  ttl 30\n"
        f"  fallthrough in-addr.arpa ip6.arpa\n }}\n forward . {upstream}\n}}\n" + "\n".join(blocks)
    )
    return ClusterDNS(
        # No CoreDNS sets it up: dnsmasq takes names of servers, too.
        corefile=parse_blocks(text, files={}, environment={}, path=""),
        object="kube-system/kube-dns",
        service=service,
        provider="kube-dns",
    )


def node_local(
    corefile: str,
    *,
    behind: ClusterDNS,
    behind_addresses: tuple[str, ...],
    config: StubDomains | None = None,
    domain: str = "cluster.local",
    object_name: str = "kube-system/node-local-dns",
) -> ClusterDNS:
    """The cache on the node: what it forwards to BEHIND_ADDRESSES is answered by BEHIND.

    COREFILE is the template with or without its `__PILLAR__` words, which become the first of
    these; CONFIG the ConfigMap kube-dns, whose stub domains node-cache adds as blocks.
    """
    config = config or StubDomains()
    filled = (
        corefile.replace(_CLUSTER_DNS, " ".join(behind_addresses[:1]))
        .replace(_UPSTREAM, " ".join(config.upstream or _DEFAULT_UPSTREAM))
        .replace(_LOCAL, _LINK_LOCAL)
        .replace(_SERVER, "")
        .replace(_DOMAIN, domain)
    )
    stubs = "".join(
        f"\n{absolute(name)}:53 {{\n forward . {' '.join(servers)}\n}}\n"
        for name, servers in config.stubs
    )
    return ClusterDNS(
        corefile=parse_corefile(filled + stubs),
        object=object_name,
        version=behind.version,
        behind=behind,
        behind_addresses=behind_addresses,
    )


# Which server answers a nameserver's address, and its configuration: Service, pods, ConfigMaps.
#
# Where Service or pods may not be read, the places of known platforms are tried; where no Corefile
# can be read anywhere, the one that kubeadm writes is assumed, and said to be. cluster-dns.md 3.4.

SYSTEM = "kube-system"
NODE_LOCAL = "node-local-dns"
_CACHES = (NODE_LOCAL, "nodelocaldns")
"""The ConfigMap of the cache on the node; kubespray, which gives it a link-local address alone, has
the second: cluster-dns.md 3.4."""
KUBE_DNS = "kube-dns"
KUBEADM_DNS_POD = Pod(namespace=SYSTEM, name="coredns", labels=(("k8s-app", KUBE_DNS),))
"""Whom policies select where manifests have no DNS pods: kubeadm's, and those of PLACES but one."""
DEFAULT_DOMAIN = "cluster.local"
_BEHIND_NODE_LOCAL = ("kube-dns-upstream", KUBE_DNS, "coredns", "rke2-coredns-rke2-coredns")
"""nodelocaldns.yaml makes the first Service. In IPVS mode the second stands in the Corefile, by
its address: kubernetes.io "Using NodeLocal DNSCache". The others are kubespray's and RKE2's."""
_CLUSTER_DNS_SERVICES = (KUBE_DNS, "rke2-coredns-rke2-coredns", "dns-default")
"""kubeadm's and most others', RKE2's, OpenShift's: cluster-dns.md 3.4."""
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
        return (yield from _with_node_local(server._replace(address=address), domain, (), _CACHES))
    number = parse_address(address)
    if number is not None and number.is_loopback:
        return DnsServer(address, None)  # the pod itself: the API gives no Service such an address
    services = yield from services_at(address)
    if isinstance(services, CouldNotLook):
        server = yield from _by_place(address, domain, services)
    elif services:
        server = yield from _of_service(services[0], address, domain)
    else:
        return DnsServer(address, None)
    server = server._replace(model=server.model and replace(server.model, at=address))
    return (yield from _with_node_local(server, domain, (address,)))


def find_cluster_dns(domain: str) -> Asking[DnsServer]:
    """The server behind the cluster's DNS Service, where no address of it is known."""
    return _first_service(_CLUSTER_DNS_SERVICES, domain)


def cluster_domain_of(server: ClusterDNS) -> str | None:
    """The first zone of a `kubernetes` plugin that is no reverse zone; None where none is known."""
    zones = (zone for zone, _ in kubernetes_zones(server.authority) if not is_reverse(zone))
    return next(filter(None, (zone.rstrip(".") for zone in zones)), None)


def _is_link_local(address: str) -> bool:
    # In IPv6 the cache has a unique local address (kubernetes.io "Using NodeLocal DNSCache"): a
    # link-local one belongs to an interface, and is the node's own line.
    try:
        number = ip_address(address)
    except ValueError:
        return False
    return number.version == 4 and number.is_link_local


def _first_service(names: tuple[str, ...], domain: str) -> Asking[DnsServer]:
    refused: CouldNotLook | None = None
    for name in names:
        services = yield from _called(name)
        if isinstance(services, CouldNotLook):
            refused = refused or services
        elif services:
            address = next(iter(services[0].cluster_ips), "")
            return (yield from _of_service(services[0], address, domain))
    why = f"no Service {KUBE_DNS}"
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
    labels = as_label_selector(service.selector)
    pods = (yield from pods_in(service.namespace, labels)) if labels else ()
    if isinstance(pods, CouldNotLook):
        return (yield from _by_place(address, domain, pods, service.object))
    if not pods:
        missing = CouldNotLook(
            what="the cluster DNS server", why=f"Service {service.object} selects no pod"
        )
        found = yield from _by_place(address, domain, missing, service.object)
        return found._replace(model=found.model and replace(found.model, is_down=True))
    if any(each.name == "dnsmasq" for each in pods[0].containers):
        stubs = yield from _stubs(service.namespace)
        return DnsServer(address, kube_dns(domain, stubs, service=service.object), pods)
    maps: Maps = {}
    for mount in config_maps_of(pods[0]):
        maps[mount.name] = yield from _config_map(mount.namespace, mount.name)
    addresses = tuple(address for pod in pods for address in pod.pod_ips[:1])
    model = coredns_of(pods[0], maps, service=service.object, addresses=addresses)
    model = replace(model, is_down=not any(pod.ready for pod in pods))
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
        if namespace not in {"", place.namespace}:
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
    server: DnsServer,
    domain: str,
    addresses: tuple[str, ...],
    caches: tuple[str, ...] = (NODE_LOCAL,),
) -> Asking[DnsServer]:
    """SERVER, at ADDRESSES, behind the cache on the node, where there is one; else as it is.

    CACHES are the ConfigMaps that may be the cache's.

    In iptables mode the cache takes the Service's own address, so that resolv.conf does not show
    it: cluster-dns.md 3.4.
    """
    name, data = NODE_LOCAL, None
    for name in caches:
        data = yield from _config_map(SYSTEM, name)
        if data is not None:
            break
    if data is None or server.model is None:
        return server
    if isinstance(data, CouldNotLook):
        return server._replace(not_checked=(*server.not_checked, data))
    # Some installers write the address of the Service in the place of the cache's own word for it.
    behind = (*addresses, *(yield from _addresses_of(_BEHIND_NODE_LOCAL)))
    model = node_local(
        data.get("Corefile", ""),
        behind=server.model,
        behind_addresses=tuple(dict.fromkeys(behind)) or (server.address,),
        config=(yield from _stubs(SYSTEM)),
        domain=domain,
        object_name=f"{SYSTEM}/{name}",
    )
    return server._replace(model=model)


def _stubs(namespace: str) -> Asking[StubDomains]:
    data = yield from _config_map(namespace, KUBE_DNS)
    if data is None or isinstance(data, CouldNotLook):
        return StubDomains()
    found = stub_domains(data)
    return StubDomains() if isinstance(found, CouldNotLook) else found
