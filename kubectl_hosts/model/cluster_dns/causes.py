"""What is worth telling about an answer of the cluster's DNS; cluster-dns.md 7.4 to 7.7."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.case import Case, finding
from kubectl_hosts.model.cluster_dns.causes_in_corefile import CAUSES_IN_COREFILE
from kubectl_hosts.model.cluster_dns.causes_in_objects import (
    CAUSES_IN_ALIASES,
    CAUSES_IN_OBJECTS,
    CAUSES_IN_PODS,
)
from kubectl_hosts.model.cluster_dns.chain import Client
from kubectl_hosts.model.cluster_dns.corefile import Corefile
from kubectl_hosts.model.cluster_dns.forward import is_made_up_by_istio
from kubectl_hosts.model.cluster_dns.names import absolute, is_below, is_reverse
from kubectl_hosts.model.cluster_dns.server import cache_lines
from kubectl_hosts.model.cluster_dns.zone import kubernetes_options
from kubectl_hosts.model.dns import Rcode
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubectl_hosts.model.cluster_dns.chain import ClusterDNS, Served
    from kubectl_hosts.model.cluster_dns.needs import Asking
    from kubectl_hosts.model.dns import Question

# What may be a name in a Corefile, or in the lines of its `hosts`.
_WORDS = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")


def find_causes(
    question: Question, served: Served, server: ClusterDNS, client: Client | None = None
) -> Asking[tuple[Finding, ...]]:
    """What explains an answer, asking for further objects where they decide; see `serve`."""
    case = Case(question=question, served=served, server=server, client=client or Client())
    found: tuple[Finding, ...] = ()
    for cause in _CAUSES:
        found += yield from cause(case)
    return found


def not_synced(case: Case) -> Asking[tuple[Finding, ...]]:
    """C45: CoreDNS may not list what it needs, and fails for every absent name."""
    yield from ()
    missing = ", ".join(sorted(case.authority.unsynced))
    if case.rcode is not Rcode.SERVFAIL or not missing or case.view is None:
        return ()
    return finding(
        Reason.COREDNS_NOT_SYNCED,
        Severity.ERROR,
        f"CoreDNS may not list {missing}: headless and absent names fail with SERVFAIL",
        "Give ClusterRole system:coredns list and watch on endpointslices (discovery.k8s.io), "
        "services, namespaces and pods.",
    )


def wildcard(case: Case) -> Asking[tuple[Finding, ...]]:
    """C46: wildcard labels are plain text since CoreDNS 1.9.0."""
    yield from ()
    labels = case.question.name.lower().split(".")
    if case.view is None or case.rcode is not Rcode.NXDOMAIN or not {"*", "any"} & set(labels):
        return ()
    return finding(
        Reason.WILDCARD_QUERY,
        Severity.INFO,
        "`*` and `any` are plain text in a question: wildcard queries ended with CoreDNS 1.9.0",
        "Ask for the Service by its name.",
    )


def cached_negative(case: Case) -> Asking[tuple[Finding, ...]]:
    """C33: once asked too early, a name stays absent until the cache lets it go."""
    yield from ()
    if case.rcode is not Rcode.NXDOMAIN or case.view is None:
        return ()
    lines = cache_lines(case.question.name, case.block)
    return tuple(
        each
        for line, seconds in lines[:1]
        for each in finding(
            Reason.NEGATIVE_ANSWER_CACHED,
            Severity.INFO,
            f"NXDOMAIN is kept for up to {min(seconds, case.view.options.ttl)} s: a name that is "
            "made now may be missing for that long",
            "`disable denial` for the cluster domain in the cache plugin ends that.",
            Origin(kind=OriginKind.UNKNOWN, object=case.authority.object, line=line),
        )
    )


def skipped_by_node_local(case: Case) -> Asking[tuple[Finding, ...]]:
    """C62, C62c: a cache on the node sends outside names past CoreDNS and its `hosts`."""
    yield from ()
    block = case.block
    origin = case.served.origin
    if case.server.behind is None or block is None or origin is None:
        return ()
    sent_out = origin.kind in {OriginKind.UPSTREAM, OriginKind.STUB_DOMAIN}
    own = [plugin for plugin in block.plugins if plugin.name in {"hosts", "rewrite", "template"}]
    if not sent_out or (not own and block.zones == (".",)):
        return ()
    return finding(
        Reason.NODE_LOCAL_SKIPS_COREDNS,
        Severity.WARNING,
        f"NodeLocal DNSCache sends {case.question.name} to its own upstream, not to CoreDNS: the "
        f"`{own[0].name if own else 'server block'}` there never sees it",
        "Add a block for the zone to ConfigMap node-local-dns that forwards to the cluster's DNS.",
        Origin(kind=OriginKind.NODE_LOCAL_DNS, object=case.server.object, line=origin.line),
    )


def istio(case: Case) -> Asking[tuple[Finding, ...]]:
    """C78: an address that only Istio's DNS capture gives."""
    yield from ()
    return find_istio(each.data for each in case.served.answered)


def find_istio(addresses: Iterable[str]) -> tuple[Finding, ...]:
    """C78 for addresses that were observed."""
    for text in addresses:
        if is_made_up_by_istio(text):
            return finding(
                Reason.ANSWERED_BY_ISTIO,
                Severity.INFO,
                f"{text} is an address that Istio's DNS capture makes up for a ServiceEntry: the "
                "proxy in the pod answered, not the cluster's DNS",
                "See ISTIO_META_DNS_CAPTURE and the ServiceEntry of that host.",
            )
    return ()


def custom_key(case: Case) -> Asking[tuple[Finding, ...]]:
    """C63 where it explains the answer: the text of a key that is not imported has the name."""
    yield from ()
    if case.rcode is Rcode.NOERROR and case.served.answered:
        return ()
    labels = case.question.name.lower().removesuffix(".").split(".")
    names = {".".join(labels[at:]) for at in range(len(labels) - 1)}
    return tuple(
        each
        for path in _not_imported(case.authority)
        if names & set(_WORDS.findall(case.authority.files[path].lower()))
        for each in _not_imported_finding(case.authority, path)
    )[:1]


def find_custom_keys(server: ClusterDNS) -> tuple[Finding, ...]:
    """C63: keys of ConfigMaps that the Corefile imports from (coredns-custom), and leaves out."""
    return tuple(
        each for path in _not_imported(server) for each in _not_imported_finding(server, path)
    )


def _not_imported(server: ClusterDNS) -> tuple[str, ...]:
    """The files beside imported ones that neither an import nor a plugin reads."""
    corefile = server.corefile
    if not isinstance(corefile, Corefile):
        return ()
    globs = [each for each in corefile.imports if "*" in each]
    named = {
        word
        for block in corefile.blocks
        for plugin in block.plugins
        for word in (*plugin.args, *(arg for each in plugin.body for arg in each.args))
    }
    return tuple(
        path
        for path in server.files
        if any(dirname(path) == dirname(each) for each in globs)
        and not any(fnmatchcase(path, each) for each in globs)
        and path not in named
    )


def _not_imported_finding(server: ClusterDNS, path: str) -> tuple[Finding, ...]:
    corefile = server.corefile
    imports = corefile.imports if isinstance(corefile, Corefile) else ()
    key, source = basename(path), server.file_sources.get(path, "")
    globs = [basename(each) for each in imports if dirname(each) == dirname(path)]
    return finding(
        Reason.CUSTOM_KEY_NOT_IMPORTED,
        Severity.WARNING,
        f"key {key} of ConfigMap {source} is not imported: the Corefile imports "
        f"{' and '.join(globs)}",
        f"Rename the key so that it ends as one of these: {', '.join(globs)}",
        Origin(kind=OriginKind.UNKNOWN, object=source, field=f"data[{key}]"),
    )


def find_domain_mismatch(search_list: Iterable[str], server: ClusterDNS) -> tuple[Finding, ...]:
    """C77: pods search a cluster domain that the server's `kubernetes` plugin does not hold."""
    if not isinstance(server.corefile, Corefile):
        return ()
    zones = [
        (zone, plugin.line)
        for block in server.corefile.blocks
        for plugin in block.all("kubernetes")
        for zone in kubernetes_options(plugin, block).zones
        if not is_reverse(zone)
    ]
    searched = [
        absolute(each.removeprefix("svc.")) for each in search_list if each.startswith("svc.")
    ]
    if not zones or not searched or any(is_below(zone, searched[0]) for zone, _ in zones):
        return ()
    return finding(
        Reason.CLUSTER_DOMAIN_MISMATCH,
        Severity.ERROR,
        f"pods search {searched[0]}, CoreDNS serves {zones[0][0]}: no short name of a Service is "
        "found",
        "Make the kubelet's clusterDomain and the zone of the kubernetes plugin the same.",
        Origin(kind=OriginKind.UNKNOWN, object=server.object, line=zones[0][1]),
    )


_CAUSES = (
    *CAUSES_IN_COREFILE,
    *CAUSES_IN_OBJECTS,
    *CAUSES_IN_PODS,
    *CAUSES_IN_ALIASES,
    not_synced,
    wildcard,
    cached_negative,
    skipped_by_node_local,
    custom_key,
    istio,
)
