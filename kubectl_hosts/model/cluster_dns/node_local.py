"""NodeLocal DNSCache and kube-dns: configuration that is no Corefile yet; kubernetes/dns."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
from kubectl_hosts.model.cluster_dns.corefile_parser import parse_corefile
from kubectl_hosts.model.cluster_dns.names import absolute
from kubectl_hosts.model.evidence import CouldNotLook

if TYPE_CHECKING:
    from collections.abc import Mapping

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
