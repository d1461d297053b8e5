"""What the kubelet writes into a pod's resolv.conf, and where each setting came from.

Source: kubernetes pkg/kubelet/network/dns/dns.go, GetPodDNS and what it calls; all combinations
of dnsPolicy, hostNetwork and dnsConfig measured on 1.34 (cluster-dns.md section 4).
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from kubectl_hosts.model.pod import DNSConfig, Pod


class SettingSource(Enum):
    """Who put a setting into the file."""

    KUBELET = "the kubelet's clusterDNS and clusterDomain"
    DNS_CONFIG = "spec.dnsConfig"
    NODE = "the node's resolv.conf"
    UNKNOWN = "an unknown writer"


class BaseFile(Enum):
    """What the file starts from, before dnsConfig is added; dns.go getPodDNSType."""

    CLUSTER = "cluster"
    NODE = "host"
    NONE = "none"


class SourcedSetting(Struct, frozen=True, kw_only=True):
    """A setting, who put it there, and the field that asks for it ("" where there is none)."""

    text: str
    source: SettingSource
    field: str = ""


class NodeResolvConf(Struct, frozen=True, kw_only=True):
    """The node's file as the kubelet reads it: `search` without `.` and final dots."""

    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


# validation.go MaxDNSSearchPaths, MaxDNSSearchListChars: ExpandedDNSConfig, on since 1.26.
MOST_SEARCH_PATHS = 32
LONGEST_SEARCH_LIST = 2048
LONGEST_SEARCH_PATH = 253
MOST_NAMESERVERS = 3


class KubeletDNS(Struct, frozen=True, kw_only=True):
    """The kubelet's settings; node None means that the node's file isn't known."""

    cluster_dns: tuple[str, ...] = ()
    cluster_domain: str = "cluster.local"
    node: NodeResolvConf | None = None
    node_hosts: bytes = b""
    """What the node's hosts file is taken to have, where nobody read it; empty: nothing is."""


class PodResolvConf(Struct, frozen=True, kw_only=True):
    """The settings of a pod's file that fit; the order of options is not defined."""

    nameservers: tuple[SourcedSetting, ...] = ()
    search: tuple[SourcedSetting, ...] = ()
    options: tuple[SourcedSetting, ...] = ()
    needs_node_file: bool = False
    """Whether the node's file has a part in it that isn't known."""


def _option_name(option: str) -> str:
    return option.partition(":")[0]


# dnsPolicy, hostNetwork -> what the file starts from; dns.go getPodDNSType.
_BASE = {
    ("ClusterFirst", False): BaseFile.CLUSTER,
    ("ClusterFirst", True): BaseFile.NODE,
    ("ClusterFirstWithHostNet", False): BaseFile.CLUSTER,
    ("ClusterFirstWithHostNet", True): BaseFile.CLUSTER,
    ("Default", False): BaseFile.NODE,
    ("Default", True): BaseFile.NODE,
    ("None", False): BaseFile.NONE,
    ("None", True): BaseFile.NONE,
}


def base_of(policy: str, *, host_network: bool) -> BaseFile:
    """What a file starts from by POLICY; "" is the API's default."""
    return _BASE.get((policy or "ClusterFirst", host_network), BaseFile.CLUSTER)


def base_file(pod: Pod, *, has_cluster_dns: bool = True) -> BaseFile:
    """What the pod's file starts from; an unknown policy, and no clusterDNS, have a fallback."""
    base = base_of(pod.dns_policy, host_network=pod.host_network)
    return BaseFile.NODE if base is BaseFile.CLUSTER and not has_cluster_dns else base


def expected_resolv_conf(pod: Pod, kubelet: KubeletDNS) -> PodResolvConf:
    """The file the kubelet writes for POD when its sandbox is created; GetPodDNS."""
    base = base_file(pod, has_cluster_dns=bool(kubelet.cluster_dns))
    config = pod.dns_config
    nameservers, search, options = _base_settings(pod, kubelet, base)
    nameservers = _merged(nameservers, _listed(config.nameservers if config else (), "nameservers"))
    search = _merged(search, _listed(config.searches if config else (), "searches"))
    kept = fit_search(tuple(each.text for each in search))
    return PodResolvConf(
        nameservers=nameservers[:MOST_NAMESERVERS],
        search=tuple(each for each in search if each.text in kept),
        options=_merge_options(options, config),
        needs_node_file=kubelet.node is None and base is not BaseFile.NONE,
    )


Settings = tuple[SourcedSetting, ...]


def _base_settings(
    pod: Pod, kubelet: KubeletDNS, base: BaseFile
) -> tuple[Settings, Settings, Settings]:
    node = kubelet.node or NodeResolvConf()
    from_node = SettingSource.NODE
    if base is BaseFile.NONE:
        return (), (), ()
    if base is BaseFile.NODE:
        return (
            _sourced(node.nameservers, from_node),
            _sourced(node.searches, from_node),
            _sourced(node.options, from_node),
        )
    from_kubelet = SettingSource.KUBELET
    cluster = _sourced(cluster_searches(pod.namespace, kubelet.cluster_domain), from_kubelet)
    return (
        _sourced(kubelet.cluster_dns, from_kubelet),
        _merged(cluster, _sourced(node.searches, from_node)),
        _sourced(("ndots:5",), from_kubelet),
    )


def cluster_searches(namespace: str, cluster_domain: str) -> tuple[str, ...]:
    """`NS.svc.D`, `svc.D`, `D`; dns.go generateSearchesForDNSClusterFirst."""
    if not cluster_domain:
        return ()
    return (f"{namespace}.svc.{cluster_domain}", f"svc.{cluster_domain}", cluster_domain)


def _sourced(texts: tuple[str, ...], source: SettingSource) -> Settings:
    return tuple(SourcedSetting(text=text, source=source) for text in texts)


def _listed(texts: tuple[str, ...], key: str) -> Settings:
    return tuple(
        SourcedSetting(
            text=text, source=SettingSource.DNS_CONFIG, field=f"spec.dnsConfig.{key}[{index}]"
        )
        for index, text in enumerate(texts)
    )


def _merged(first: Settings, second: Settings) -> Settings:
    """Both in order, each text once; dns.go omitDuplicates."""
    by_text: dict[str, SourcedSetting] = {}
    for setting in (*first, *second):
        by_text.setdefault(setting.text, setting)
    return tuple(by_text.values())


def _merge_options(options: Settings, config: DNSConfig | None) -> Settings:
    """By name, the pod's value wins, of two equal names the last; dns.go mergeDNSOptions."""
    by_name = {_option_name(each.text): each for each in options}
    for index, (name, value) in enumerate(config.options if config else ()):
        text = f"{name}:{value}" if value else name
        field = f"spec.dnsConfig.options[{index}]"
        by_name[name] = SourcedSetting(text=text, source=SettingSource.DNS_CONFIG, field=field)
    return tuple(by_name.values())


def fit_search(searches: tuple[str, ...]) -> tuple[str, ...]:
    """The search domains that fit; dns.go formDNSSearchFitsLimits.

    A path of more than 253 characters falls out alone; then the list is cut at the count, then at
    the last path with which the line, one blank between paths, still fits.
    """
    kept = [each for each in searches if len(each) <= LONGEST_SEARCH_PATH][:MOST_SEARCH_PATHS]
    while len(" ".join(kept)) > LONGEST_SEARCH_LIST:
        kept.pop()
    return tuple(kept)


def trace_search(domain: str, pod: Pod, cluster_domain: str) -> SourcedSetting:
    """Who put a search domain into the file that was found in POD.

    What neither dnsConfig nor the kubelet accounts for is the node's, unless the policy copies
    nothing from the node.
    """
    base = base_file(pod)
    asked = _listed(pod.dns_config.searches if pod.dns_config else (), "searches")
    own = cluster_searches(pod.namespace, cluster_domain) if base is BaseFile.CLUSTER else ()
    known = (*asked, *_sourced(own, SettingSource.KUBELET))
    rest = SettingSource.UNKNOWN if base is BaseFile.NONE else SettingSource.NODE
    return next(
        (each for each in known if each.text == domain), SourcedSetting(text=domain, source=rest)
    )
