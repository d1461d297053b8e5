"""Where a cluster keeps its DNS configuration, and how the pieces become one server.

Prefer the walk: Service with the nameserver's address, its pods, the ConfigMaps that they mount
(`config_maps_of`, `coredns_of`). `PLACES` is for clusters whose pods may not be read. NodeLocal
DNSCache and kube-dns have configuration that is no Corefile yet; kubernetes/dns.
"""

from __future__ import annotations

import json
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
from kubectl_hosts.model.cluster_dns.corefile import parse_corefile
from kubectl_hosts.model.cluster_dns.names import absolute
from kubectl_hosts.model.cluster_dns.versions import parse_version
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.pod import ContainerKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kubectl_hosts.model.cluster_dns.corefile import Corefile, CorefileError
    from kubectl_hosts.model.pod import Container, Pod

# Where a cluster keeps its DNS configuration, and how the pieces become one server.
#
# Prefer the walk: Service with the nameserver's address, its pods, the ConfigMaps that they mount
# (`config_maps_of`, `coredns_of`). `PLACES` is for clusters whose pods may not be read.

# The projected volume of the pod's own token, with ConfigMap kube-root-ca.crt in it.
_SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
DEFAULT_PATH = "/etc/coredns/Corefile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a platform keeps the Corefile: a ConfigMap and its key, mounted as a directory.

    custom is a ConfigMap that the Corefile imports from, and its directory; edits says what may be
    edited there.
    """

    platform: str
    namespace: str
    config_map: str
    key: str = "Corefile"
    directory: str = "/etc/coredns"
    custom: tuple[str, str] = ("", "")
    edits: str = ""


# cluster-dns.md 3.4. A ConfigMap `kube-dns` (GKE) has no Corefile: see `stub_domains`.
PLACES = (
    Place(
        platform="kubeadm, kind, minikube, EKS",
        namespace="kube-system",
        config_map="coredns",
        edits="edit ConfigMap coredns; an EKS add-on takes it from its configuration values",
    ),
    Place(
        platform="k3s, AKS",
        namespace="kube-system",
        config_map="coredns",
        custom=("coredns-custom", "/etc/coredns/custom"),
        edits="put *.override and *.server keys into ConfigMap coredns-custom",
    ),
    Place(
        platform="RKE2",
        namespace="kube-system",
        config_map="rke2-coredns-rke2-coredns",
        edits="set the values of Helm chart rke2-coredns",
    ),
    Place(
        platform="OpenShift",
        namespace="openshift-dns",
        config_map="dns-default",
        edits="edit dns.operator/default (spec.servers, spec.upstreamResolvers)",
    ),
    Place(
        platform="NodeLocal DNSCache",
        namespace="kube-system",
        config_map="node-local-dns",
        edits="edit ConfigMap node-local-dns",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MountedConfigMap:
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
    path = corefile_path(pod)
    mounts = config_maps_of(pod)
    files, sources = _files_of(mounts, config_maps)
    container = dns_container(pod)
    source = next((m for m in mounts if posixpath.dirname(path) == m.directory.rstrip("/")), None)
    name = f"{source.namespace}/{source.name}" if source else ""
    return ClusterDNS(
        corefile=_corefile(path, files, mounts, config_maps, _environment(container)),
        object=name,
        version=parse_version(container.image) if container else None,
        service=service,
        addresses=addresses,
        files=files,
        file_sources=sources,
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


def _environment(container: Container | None) -> dict[str, str]:
    env = container.env if container else ()
    return {name: value for name, value in env if value is not None}


def _corefile(
    path: str,
    files: Mapping[str, str],
    mounts: tuple[MountedConfigMap, ...],
    config_maps: Mapping[str, Mapping[str, str] | CouldNotLook | None],
    environment: Mapping[str, str],
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
    return parse_corefile(files[path], files=files, environment=environment, path=path)


def coredns_at(
    place: Place,
    config_maps: Mapping[str, Mapping[str, str] | CouldNotLook | None],
    *,
    service: str = "",
) -> ClusterDNS:
    """The server whose configuration stands at PLACE, where its pods could not be read."""
    custom, directory = place.custom
    mounts = [
        MountedConfigMap(
            namespace=place.namespace, name=place.config_map, directory=place.directory
        )
    ]
    if custom:
        mounts.append(
            MountedConfigMap(
                namespace=place.namespace, name=custom, directory=directory, is_optional=True
            )
        )
    files, sources = _files_of(mounts, config_maps)
    path = posixpath.join(place.directory, place.key)
    return ClusterDNS(
        corefile=_corefile(path, files, tuple(mounts), config_maps, {}),
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
_SERVER = "__PILLAR__DNS__SERVER__"
_DOMAIN = "__PILLAR__DNS__DOMAIN__"
_DEFAULT_UPSTREAM = ("/etc/resolv.conf",)
# kubernetes/dns pkg/dns/config: at most three upstreams.
_MOST_UPSTREAMS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StubDomains:
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
        corefile=parse_corefile(text),
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
        .replace(_LOCAL, "")
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
        is_node_local=True,
        behind=behind,
        behind_addresses=behind_addresses,
    )
