"""Findings: what the pod's resolver settings mean; cluster-dns.md 7.2, 7.7 and section 4."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from kubectl_hosts.model.addresses import parse_zoned
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.resolver.stub import Libc, ServerRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.resolver.case import LookupCase
    from kubectl_hosts.model.resolver.nsswitch import NssService

_LINK_LOCAL = ip_network("169.254.0.0/16")
_MDNS = ("mdns", "resolve")
_MODELLED = frozenset({"files", "dns"})


def host_network_node_dns(case: LookupCase) -> Iterator[Finding]:
    """HostNetwork with ClusterFirst falls back to the node's DNS (C71; question 9)."""
    pod = case.pod
    if pod is not None and pod.host_network and pod.dns_policy == "ClusterFirst":
        yield Finding(
            reason=Reason.HOST_NETWORK_NODE_DNS,
            severity=Severity.INFO if case.is_found else Severity.ERROR,
            message="the pod has hostNetwork and dnsPolicy ClusterFirst, so it uses the node's "
            "DNS and knows no names of Services",
            fix="Set dnsPolicy: ClusterFirstWithHostNet.",
            evidence=case.in_spec("spec.hostNetwork", "spec.dnsPolicy"),
        )


def nameservers_race(case: LookupCase) -> Iterator[Finding]:
    """Musl asks all nameservers at once, the first reply wins (C27)."""
    servers = case.resolver.resolv_conf.nameservers
    is_asked = bool(case.lookup.candidates)
    if case.resolver.stub.server_rule is ServerRule.ALL_AT_ONCE and len(servers) > 1 and is_asked:
        listed = ", ".join(each.text for each in servers)
        yield Finding(
            reason=Reason.NAMESERVERS_RACE,
            severity=Severity.WARNING if case.lookup.unknown else Severity.INFO,
            message=f"musl asks {listed} at once and takes whichever answers first",
            fix="Name only servers that give the same answers.",
            evidence=case.in_resolv_conf(*servers),
        )


def search_line_ignored(case: LookupCase) -> Iterator[Finding]:
    """Lines of resolv.conf that this resolver does not use (C21, question 23)."""
    for each in case.resolver.resolv_conf.ignored:
        yield Finding(
            reason=Reason.SEARCH_LINE_IGNORED,
            severity=Severity.WARNING,
            message=f"resolv.conf line {each.line} has no effect: {each.why}",
            fix="Shorten dnsConfig so that the line fits.",
            evidence=case.in_resolv_conf(each),
        )


def dns_config_cut(case: LookupCase) -> Iterator[Finding]:
    """DnsConfig asks for more than the kubelet writes (C20; question 23)."""
    config = case.pod.dns_config if case.pod else None
    if config is None:
        return
    conf = case.resolver.resolv_conf
    written = {each.text for each in (*conf.nameservers, *conf.search)}
    # A line that this libc ignored was written all the same.
    missing = [each for each in (*config.nameservers, *config.searches) if each not in written]
    if missing and not conf.ignored and conf.nameservers[0].line is not None:
        yield Finding(
            reason=Reason.DNS_CONFIG_CUT,
            severity=Severity.WARNING,
            message=f"dnsConfig asks for {', '.join(missing)}, resolv.conf does not have it: the "
            "kubelet keeps 3 nameservers and 32 search domains, or the file is of another make",
            fix="Ask for fewer; `kubectl describe pod` shows the event DNSConfigForming.",
            evidence=case.in_spec("spec.dnsConfig"),
        )


def special_nameserver(case: LookupCase) -> Iterator[Finding]:
    """A link-local nameserver is a cache on the node; a loopback one reaches nobody in a pod."""
    for each in case.resolver.resolv_conf.nameservers:
        address = parse_zoned(each.text)
        if address is not None and address.version == 4 and address in _LINK_LOCAL:
            yield Finding(
                reason=Reason.NODE_LOCAL_DNS_CACHE,
                severity=Severity.INFO,
                message=f"the nameserver {each.text} is a cache on the node (NodeLocal DNSCache, "
                "or the platform's own), which answers before cluster DNS does",
                fix="Ask both, when answers differ from what cluster DNS says.",
                evidence=case.in_resolv_conf(each),
            )
        elif address is not None and address.is_loopback and not _is_host_network(case):
            yield Finding(
                reason=Reason.LOOPBACK_NAMESERVER,
                severity=Severity.ERROR,
                message=f"the nameserver {each.text} is the pod itself: the node's resolv.conf "
                "names a stub that only the node can reach",
                fix="Point the kubelet's resolvConf to /run/systemd/resolve/resolv.conf.",
                evidence=case.in_resolv_conf(each),
            )


def _is_host_network(case: LookupCase) -> bool:
    return case.pod is None or case.pod.host_network


def nss_services(case: LookupCase) -> Iterator[Finding]:
    """Services of nsswitch.conf that may answer before DNS, or that aren't modelled (C81)."""
    stub = case.resolver.stub
    services = case.resolver.nss.services if stub.obeys_criteria else ()
    libraries = case.resolver.nss_libraries
    before_dns = services[: _position("dns", services)]
    for each in before_dns:
        if each.name in _MODELLED or (libraries is not None and each.name not in libraries):
            continue
        is_mdns = each.name.startswith(_MDNS)
        if is_mdns and case.name.lower().rstrip(".").endswith(".local"):
            yield Finding(
                reason=Reason.MULTICAST_DNS_FIRST,
                severity=Severity.WARNING,
                message=f"nsswitch.conf asks `{each.name}` before dns, and it may end the lookup "
                "of a name under .local",
                fix="Change the line to `hosts: files dns`.",
                evidence=case.in_nsswitch(),
            )
        elif case.lookup.unknown:
            yield Finding(
                reason=Reason.NSS_SERVICE_NOT_MODELLED,
                severity=Severity.INFO,
                message=f"nsswitch.conf asks `{each.name}` before dns; what it says isn't known",
                fix="Compare with `getent ahosts` in the container.",
                evidence=case.in_nsswitch(),
            )


def _position(name: str, services: tuple[NssService, ...]) -> int:
    names = [each.name for each in services]
    return names.index(name) if name in names else len(names)


def name_refused(case: LookupCase) -> Iterator[Finding]:
    """Go asks nobody for a name that is no domain name to it (cluster-dns.md 5.4)."""
    if case.decided_by("GoRefusesName"):
        yield Finding(
            reason=Reason.NAME_REFUSED_BY_GO,
            severity=Severity.WARNING,
            message=f"Go takes {case.name} for no domain name and asks nobody",
            fix="Use letters, digits, dots and inner dashes, with a letter somewhere.",
        )


def resolver_assumed(case: LookupCase) -> Iterator[Finding]:
    """No C library was seen: the prediction stands for a static Go program."""
    if case.resolver.stub.libc is Libc.UNKNOWN:
        yield Finding(
            reason=Reason.RESOLVER_ASSUMED,
            severity=Severity.INFO,
            message="no C library was seen in the container; the prediction takes the program to "
            "be static Go",
            fix="Name a container whose libc can be seen, or compare with the program's own log.",
        )


FINDERS = (
    host_network_node_dns,
    nameservers_race,
    search_line_ignored,
    dns_config_cut,
    special_nameserver,
    nss_services,
    name_refused,
    resolver_assumed,
)
