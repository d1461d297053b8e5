"""What is worth telling about how a container's resolver treated a name.

Each function looks at one lookup in its surroundings (`LookupCase`) and yields what it finds: first
what the resolver made of the hosts file (hosts-file.md section 6, S35-S49), then what the search
list did (cluster-dns.md 7.2 and 7.3), then what the settings mean (7.2, 7.7 and section 4).
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from msgspec import Struct

from kubectl_hosts.model.addresses import parse_zoned
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.hosts.readers import (
    HostsRule,
    NotInHosts,
    find_addresses,
    overlooked_lines,
)
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.resolver.kubelet_resolv_conf import SettingSource, trace_search
from kubectl_hosts.model.resolver.libc import Libc, SearchRule, ServerRule
from kubectl_hosts.model.resolver.outcome import Outcome, RuleId, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubectl_hosts.model.pod import Pod
    from kubectl_hosts.model.resolver.environment import Resolver
    from kubectl_hosts.model.resolver.nsswitch import NssService
    from kubectl_hosts.model.resolver.outcome import Lookup, Step
    from kubectl_hosts.model.resolver.resolv_conf import IgnoredLine, Setting


class LookupCase(Struct, frozen=True, kw_only=True):
    """A lookup, the resolver that made it, and the pod."""

    lookup: Lookup
    resolver: Resolver
    pod: Pod
    cluster_domain: str = "cluster.local"
    assumes_domain: bool = False
    """Whether nobody read the cluster domain: no finding may rest on it then."""

    @property
    def name(self) -> str:
        """The name asked for."""
        return self.lookup.name

    @property
    def is_found(self) -> bool:
        """Whether an address came out."""
        return self.lookup.outcome is Outcome.FOUND

    @property
    def hit(self) -> Step | None:
        """The question over DNS that was answered with an address."""
        if not self.is_found:
            return None
        steps = (each for each in self.lookup.steps if each.rule.id is RuleId.HIT)
        return next((each for each in steps if each.source == Source.DNS), None)

    @property
    def dots(self) -> int:
        """The dots of the name, as ndots counts them."""
        return self.name.count(".")

    @property
    def is_absolute(self) -> bool:
        """Whether the name ends in a dot."""
        return self.name.endswith(".")

    def in_resolv_conf(self, *settings: Setting | IgnoredLine) -> tuple[Origin, ...]:
        """The places of SETTINGS in resolv.conf, or that file where none of them has a line."""
        lines = sorted({each.line for each in settings if each.line is not None})
        return _in_file(OriginKind.RESOLV_CONF, "/etc/resolv.conf", lines)

    def in_option(self, name: str) -> tuple[Origin, ...]:
        """Where resolv.conf sets the option NAME."""
        options = self.resolver.resolv_conf.options
        return self.in_resolv_conf(*(each for each in options if each.text.startswith(name)))

    def in_search_list(self, *domains: str) -> tuple[Origin, ...]:
        """Where resolv.conf has the search domains, or those of DOMAINS."""
        search = self.resolver.resolv_conf.search
        return self.in_resolv_conf(
            *(each for each in search if not domains or each.text in domains)
        )

    def in_nsswitch(self) -> tuple[Origin, ...]:
        """The line of nsswitch.conf, or the file that is missing."""
        line = self.resolver.nss.line
        lines = [line] if line else []
        return _in_file(OriginKind.NSSWITCH_CONF, "/etc/nsswitch.conf", lines)

    def in_hosts(self, *lines: int) -> tuple[Origin, ...]:
        """LINES of the hosts file."""
        return _in_file(OriginKind.HOSTS_FILE, "/etc/hosts", lines)

    def in_spec(self, *fields: str) -> tuple[Origin, ...]:
        """FIELDS of the pod."""
        pod = self.pod.object
        return tuple(Origin(kind=OriginKind.POD_SPEC, object=pod, field=each) for each in fields)

    def decided_by(self, *rules: RuleId) -> Step | None:
        """The step to which one of RULES (ids) applied."""
        return next((each for each in self.lookup.steps if each.rule.id in rules), None)

    def is_in_cluster(self, name: str) -> bool:
        """Whether a name is the cluster domain, or below it."""
        bare = name.rstrip(".").lower()
        return f".{bare}".endswith(f".{self.cluster_domain.lower()}")


def _in_file(kind: OriginKind, path: str, lines: Iterable[int]) -> tuple[Origin, ...]:
    return tuple(Origin(kind=kind, object=path, line=line) for line in lines) or (
        Origin(kind=kind, object=path),
    )


def resolver_findings(case: LookupCase) -> tuple[Finding, ...]:
    """What is worth telling about how the container's resolver treated a name."""
    if case.resolver.stub.libc is Libc.WINDOWS:
        return ()
    return tuple(finding for find in FINDERS for finding in find(case))


_ONE_ITEM = "Give the name one address, or ship /etc/host.conf with `multi on`."
# Rule of the file -> reason, severity, fix. S42, S43, S44, S48, S49; C06, C07, C09.
_OVERLOOKED = {
    HostsRule.CASE: (
        Reason.HOSTS_NAME_CASE,
        Severity.WARNING,
        "Write the name in the file as programs ask for it, in lower case.",
    ),
    HostsRule.FINAL_DOT: (
        Reason.HOSTS_NAME_FINAL_DOT,
        Severity.WARNING,
        "Ask without the final dot; the hosts file is matched as typed.",
    ),
    HostsRule.LINE_BUFFER: (
        Reason.HOSTS_NAME_TOO_FAR_RIGHT,
        Severity.ERROR,
        "Give the item of hostAliases fewer or shorter names, or move some names to DNS.",
    ),
    HostsRule.FIRST_LINE_ONLY: (Reason.HOSTS_FIRST_LINE_ONLY, Severity.WARNING, _ONE_ITEM),
    HostsRule.LEADING_BLANK: (
        Reason.HOSTS_LINE_NOT_READ,
        Severity.WARNING,
        "Start the line with the address.",
    ),
    HostsRule.NO_FINAL_NEWLINE: (
        Reason.HOSTS_LINE_NOT_READ,
        Severity.WARNING,
        "End the file with a newline.",
    ),
    HostsRule.ADDRESS_REFUSED: (
        Reason.HOSTS_ADDRESS_REFUSED,
        Severity.ERROR,
        "Write the address in its plain form, without leading zeros.",
    ),
    HostsRule.ADDRESS_READ_OTHERWISE: (
        Reason.HOSTS_ADDRESS_MISREAD,
        Severity.ERROR,
        "Write the address in its plain form, without leading zeros.",
    ),
}


def overlooked(case: LookupCase) -> Iterator[Finding]:
    """Lines that bear the name and that this resolver passes over or reads otherwise."""
    reader = case.resolver.hosts_reader
    for each in overlooked_lines(case.name, case.resolver.hosts, reader):
        known = _OVERLOOKED.get(each.rule)
        if known is not None:
            reason, severity, fix = known
            message = f"{reader.id} does not take {each.name} from line {each.line}: "
            yield Finding(
                reason=reason,
                severity=severity,
                message=message + each.rule.value,
                fix=fix,
                evidence=case.in_hosts(each.line),
            )


def other_family(case: LookupCase) -> Iterator[Finding]:
    """The file has the name in the other family alone, and DNS isn't asked (C08)."""
    step = case.decided_by(RuleId.OTHER_FAMILY_ENDS)
    if step is not None:
        yield Finding(
            reason=Reason.HOSTS_OTHER_FAMILY_ONLY,
            severity=Severity.WARNING,
            message=f"the hosts file has {case.name} with addresses of the other family alone "
            f"(line {_lines(step.lines)}); {case.resolver.stub.id} then asks no DNS",
            fix="Add an address of the family asked for, or take the name out of the file.",
            evidence=case.in_hosts(*step.lines),
        )


def _lines(numbers: tuple[int, ...]) -> str:
    return ", ".join(str(number) for number in numbers)


def files_not_first(case: LookupCase) -> Iterator[Finding]:
    """The file has the name, and DNS is asked before it or instead of it (S35, S37, C05)."""
    stub, nss = case.resolver.stub, case.resolver.nss
    if stub.nsswitch_default is None or nss.names[:1] == (Source.FILES,):
        return
    reader = case.resolver.hosts_reader
    if isinstance(find_addresses(case.name, case.resolver.hosts, reader), NotInHosts):
        return
    if case.lookup.source == Source.FILES and case.lookup.outcome is Outcome.FOUND:
        return
    if nss.line is None:
        yield Finding(
            reason=Reason.GO_ASKS_DNS_FIRST if stub.libc is Libc.GO else Reason.FILES_NOT_FIRST,
            severity=Severity.WARNING,
            message=f"/etc/nsswitch.conf is missing, and {stub.id} then asks DNS before the file",
            fix="Ship /etc/nsswitch.conf with `hosts: files dns`, or rebuild with a newer release.",
            evidence=case.in_nsswitch(),
        )
        return
    yield Finding(
        reason=Reason.FILES_NOT_FIRST,
        severity=Severity.WARNING,
        message=f"nsswitch.conf line {nss.line} says `hosts: {' '.join(nss.names)}`: the hosts "
        f"file, which has {case.name}, is not asked first",
        fix="Change the line to `hosts: files dns`.",
        evidence=case.in_nsswitch(),
    )


def localhost_not_in_hosts(case: LookupCase) -> Iterator[Finding]:
    """Neither libc knows `localhost` by itself: without a line it goes to DNS (question 20)."""
    name = case.name.lower().removesuffix(".")
    if case.lookup.outcome is Outcome.UNKNOWN:
        return
    if name == "localhost" and case.lookup.source not in {Source.FILES, Source.MYHOSTNAME}:
        yield Finding(
            reason=Reason.LOCALHOST_NOT_IN_HOSTS,
            severity=Severity.WARNING,
            message="the hosts file does not answer localhost, so it is asked of cluster DNS",
            fix="Put `127.0.0.1 localhost` into the file that is mounted over /etc/hosts.",
            evidence=case.in_hosts(),
        )


def whole_name_only(case: LookupCase) -> Iterator[Finding]:
    """The file has the first label, the program asked for more; no search list for files (C02)."""
    label, dot, _ = case.name.partition(".")
    if not dot or case.lookup.source in {Source.FILES, Source.LITERAL}:
        return
    found = find_addresses(label, case.resolver.hosts, case.resolver.hosts_reader)
    if label and not isinstance(found, NotInHosts):
        yield Finding(
            reason=Reason.HOSTS_WHOLE_NAME_ONLY,
            severity=Severity.INFO,
            message=f"the hosts file has {label}, {case.name} was asked: names are matched whole",
            fix=f"Add {case.name} to the hostnames of that item of hostAliases.",
            evidence=case.in_hosts(),
        )


# Below this, the cost of the list is not worth a word.
_MANY_CANDIDATES = 3
_FINAL_DOT = "Ask the full name with a final dot."


def wasted_search(case: LookupCase) -> Iterator[Finding]:
    """How many names were asked before the answer (C12, C13; question 16)."""
    hit = case.hit
    if case.is_absolute or not hit or hit.suffix is not None:
        return
    before = case.lookup.candidates.index(hit.name)
    if before < _MANY_CANDIDATES:
        return
    ndots = case.resolver.resolv_conf.ndots
    in_cluster = case.is_in_cluster(case.name)
    yield Finding(
        reason=Reason.FULL_NAME_SEARCHED if in_cluster else Reason.SEARCH_LIST_WASTED,
        severity=Severity.INFO,
        message=f"{before} names were tried before {case.name}: it has {_dots(case.dots)}, "
        f"fewer than ndots:{ndots}, so the search list goes first",
        fix=f"Ask `{case.name}.` with a final dot, or set the dnsConfig option ndots to 2.",
        evidence=(*case.in_option("ndots"), *case.in_search_list()),
    )


def captured(case: LookupCase) -> Iterator[Finding]:
    """The answer belongs to a name made with a search domain that isn't the cluster's (C14-C16)."""
    hit = case.hit
    if hit is None or hit.suffix in {None, "."} or case.is_in_cluster(hit.name):
        return
    if case.assumes_domain:
        return
    source = _source_of(hit.suffix or "", case)
    has_dot = case.dots > 0
    yield Finding(
        reason=Reason.CAPTURED_BY_SEARCH_DOMAIN if has_dot else Reason.NODE_SEARCH_DOMAIN,
        severity=Severity.WARNING if has_dot else Severity.INFO,
        message=f"the answer belongs to {hit.name}, made with the search domain {hit.suffix} "
        f"({source}); {case.name} itself was not asked",
        fix=f"Ask `{case.name}.` with a final dot; a wildcard record there answers every name.",
        evidence=case.in_search_list(hit.suffix or ""),
    )


def _source_of(suffix: str, case: LookupCase) -> str:
    found = trace_search(suffix, case.pod, case.cluster_domain)
    if found.source is SettingSource.UNKNOWN:
        return "of resolv.conf"
    return f"from {found.field or found.source.value}"


def localhost_in_list(case: LookupCase) -> Iterator[Finding]:
    """A search domain `localhost` answers for every name (C16)."""
    if "localhost" in case.resolver.resolv_conf.search_list:
        yield Finding(
            reason=Reason.SEARCH_LIST_HAS_LOCALHOST,
            severity=Severity.WARNING,
            message="the search list has `localhost`: NAME.localhost is 127.0.0.1 to some servers",
            fix="Take it out of the node's resolv.conf, and recreate the pod.",
            evidence=case.in_search_list("localhost"),
        )


_STOPS = {
    RuleId.MUSL_STOPS_AT_NODATA: (
        Reason.MUSL_STOPPED_AT_EMPTY_ANSWER,
        (
            "{name} exists without an address (an empty answer is no NXDOMAIN); "
            "musl stops there, glibc and Go would go on"
        ),
    ),
    RuleId.MUSL_STOPS_AT_ALIAS_ALONE: (
        Reason.STOPPED_AT_ALIAS,
        "{name} is an alias that leads to no address; {stub} ends the search there",
    ),
    RuleId.GLIBC_STOPS_AT_ALIAS_ALONE: (
        Reason.STOPPED_AT_ALIAS,
        (
            "{name} has no address that {stub} takes (an alias alone, or no host name): "
            "the search ends there"
        ),
    ),
    RuleId.MUSL_STOPS_AT_SERVFAIL: (
        Reason.MUSL_STOPPED_AT_FAILURE,
        "{name} was answered with SERVFAIL; musl stops there, glibc and Go would go on",
    ),
    RuleId.MUSL_STOPS_AT_REFUSED: (
        Reason.MUSL_STOPPED_AT_FAILURE,
        "{name} was refused; musl waits for another answer and stops there",
    ),
    RuleId.MUSL_STOPS_AT_TIMEOUT: (
        Reason.MUSL_STOPPED_AT_FAILURE,
        "{name} was not answered in time; musl stops there",
    ),
    RuleId.MUSL_SENDS_MALFORMED: (
        Reason.MUSL_STOPPED_AT_FAILURE,
        "musl before 1.2.4 cannot ask {name} (the search domain `.` adds the second dot) and stops",
    ),
    RuleId.GLIBC_LEAVES_LIST_ON_REFUSED: (
        Reason.SEARCH_LIST_ABANDONED,
        "{name} was refused; glibc leaves the search list and asks the bare name",
    ),
    RuleId.GLIBC_LEAVES_LIST_ON_TIMEOUT: (
        Reason.SEARCH_LIST_ABANDONED,
        "{name} was not answered; glibc leaves the search list and asks the bare name",
    ),
}


def stopped(case: LookupCase) -> Iterator[Finding]:
    """The rule that ended the search (C11b, C17, C25, C26b; questions 4 and 5)."""
    step = None if case.is_found else case.decided_by(*_STOPS)
    if step is None or case.is_absolute:
        return
    reason, sentence = _STOPS[step.rule.id]
    yield Finding(
        reason=reason,
        severity=Severity.WARNING,
        message=sentence.format(name=step.name, stub=case.resolver.stub.id),
        fix=_FINAL_DOT,
        evidence=case.in_resolv_conf(*case.resolver.resolv_conf.search),
    )


def musl_does_not_search(case: LookupCase) -> Iterator[Finding]:
    """As many dots as ndots: musl asks the name as it is, and that alone (C19)."""
    conf, stub = case.resolver.resolv_conf, case.resolver.stub
    applies = stub.search_rule is SearchRule.LIST_BELOW_NDOTS and case.dots >= conf.ndots
    if applies and conf.search and case.lookup.candidates and not case.is_absolute:
        if case.is_found:
            return
        yield Finding(
            reason=Reason.MUSL_DOES_NOT_SEARCH,
            severity=Severity.WARNING,
            message=f"{case.name} has {_dots(case.dots)}, not fewer than ndots:{conf.ndots}: "
            "musl does not use the search list for it",
            fix="Ask the full name, or raise the dnsConfig option ndots.",
            evidence=case.in_option("ndots"),
        )


def family_not_found(case: LookupCase) -> Iterator[Finding]:
    """One family has an address, the other is NXDOMAIN: to musl the name is missing (C26)."""
    if case.resolver.stub.libc is not Libc.MUSL or case.is_found:
        return
    for name in case.lookup.candidates:
        by_type = {
            step.type: step.outcome for step in case.lookup.steps if step.name == name and step.type
        }
        if {Outcome.FOUND, Outcome.NXDOMAIN} <= set(by_type.values()):
            missing = next(key for key, value in by_type.items() if value is Outcome.NXDOMAIN)
            yield Finding(
                reason=Reason.FAMILY_NOT_FOUND,
                severity=Severity.ERROR,
                message=f"the server says NXDOMAIN to {missing} of {name} though the name exists; "
                "musl takes the name as missing",
                fix=f"Make the server answer {missing} with an empty answer (NOERROR).",
            )


def no_cluster_search(case: LookupCase) -> Iterator[Finding]:
    """Short names of Services need the cluster's search domains (C23)."""
    search = case.resolver.resolv_conf.search_list
    if case.is_found or case.is_absolute or not case.lookup.candidates or case.assumes_domain:
        return
    if case.is_in_cluster(case.name) or any(case.is_in_cluster(each) for each in search):
        return
    yield Finding(
        reason=Reason.NO_CLUSTER_SEARCH_LIST,
        severity=Severity.INFO,
        message=f"resolv.conf has no search domain of {case.cluster_domain}: short names of "
        "Services are not found here",
        fix="Ask the full name, or change the pod's dnsPolicy.",
        evidence=case.in_search_list(),
    )


def lookup_command_differs(case: LookupCase) -> Iterator[Finding]:
    """Busybox nslookup and dig read no hosts file and search otherwise (C29, S41; question 2)."""
    hit = case.hit
    from_file = case.lookup.source == Source.FILES
    searched = hit is not None and hit.suffix is not None and case.dots > 0
    if from_file or searched:
        why = "read no hosts file" if from_file else "do not search for a name with a dot"
        yield Finding(
            reason=Reason.LOOKUP_COMMAND_DIFFERS,
            severity=Severity.INFO,
            message=f"busybox nslookup and dig {why}: they will not show this answer",
            fix=f"Use `getent ahosts {case.name}`, which asks as programs do.",
        )


def _dots(number: int) -> str:
    return "1 dot" if number == 1 else f"{number} dots"


_LINK_LOCAL = ip_network("169.254.0.0/16")
_MDNS = ("mdns", "resolve")
_MODELLED = frozenset({Source.FILES, Source.DNS})


def host_network_node_dns(case: LookupCase) -> Iterator[Finding]:
    """HostNetwork with ClusterFirst falls back to the node's DNS (C71; question 9)."""
    pod = case.pod
    if pod.host_network and pod.dns_policy == "ClusterFirst":
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
            fix=each.fix,
            evidence=case.in_resolv_conf(each),
        )


def dns_config_cut(case: LookupCase) -> Iterator[Finding]:
    """DnsConfig asks for more than the kubelet writes (C20; question 23)."""
    config = case.pod.dns_config
    if config is None:
        return
    conf = case.resolver.resolv_conf
    written = {each.text for each in (*conf.nameservers, *conf.search)}
    # A line that this libc ignored was written all the same.
    missing = [each for each in (*config.nameservers, *config.searches) if each not in written]
    # Without a file there are defaults, which stand on no line; nor does the node's part on paper.
    settings = (*conf.nameservers, *conf.search, *conf.options)
    is_written = any(each.line is not None for each in settings)
    if missing and not conf.ignored and is_written:
        yield Finding(
            reason=Reason.DNS_CONFIG_CUT,
            severity=Severity.WARNING,
            message=f"resolv.conf lacks {', '.join(missing)} of dnsConfig: "
            "the kubelet keeps 3 nameservers and 32 search domains",
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
                message=f"nameserver {each.text} is a cache on the node (NodeLocal DNSCache or the "
                "platform's own), in front of cluster DNS",
                fix="Ask both, when answers differ from what cluster DNS says.",
                evidence=case.in_resolv_conf(each),
            )
        elif address is not None and address.is_loopback and each.line is None:
            yield Finding(
                reason=Reason.LOOPBACK_NAMESERVER,
                severity=Severity.ERROR,
                message=f"resolv.conf names no nameserver that counts: {each.text} is asked, which "
                "is the pod itself",
                fix="Name the cluster's DNS there, or leave the file to the kubelet.",
            )
        elif address is not None and address.is_loopback and not case.pod.host_network:
            yield Finding(
                reason=Reason.LOOPBACK_NAMESERVER,
                severity=Severity.ERROR,
                message=f"the nameserver {each.text} is the pod itself: dnsConfig names it, and a "
                "stub of the node cannot be reached from here"
                if _is_of_dns_config(case, each)
                else f"the nameserver {each.text} is the pod itself: the node's resolv.conf "
                "names a stub that only the node can reach",
                fix="Name servers in dnsConfig that pods can reach, or run one in this pod."
                if _is_of_dns_config(case, each)
                else "Point the kubelet's resolvConf to /run/systemd/resolve/resolv.conf.",
                evidence=case.in_resolv_conf(each),
            )


def _is_of_dns_config(case: LookupCase, server: Setting) -> bool:
    config = case.pod.dns_config
    return config is not None and server.text in config.nameservers


def nss_services(case: LookupCase) -> Iterator[Finding]:
    """Services of nsswitch.conf that may answer before DNS, or that aren't modelled (C81)."""
    stub = case.resolver.stub
    services = case.resolver.nss.services if stub.obeys_criteria else ()
    libraries = case.resolver.nss_libraries
    before_dns = services[: _position(Source.DNS, services)]
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
    if case.decided_by(RuleId.GO_REFUSES_NAME):
        yield Finding(
            reason=Reason.NAME_REFUSED_BY_GO,
            severity=Severity.WARNING,
            message=f"Go takes {case.name} for no domain name and does not ask",
            fix="Use letters, digits, dots and inner dashes, with a letter somewhere.",
        )


def resolver_assumed(case: LookupCase) -> Iterator[Finding]:
    """No C library was seen, and those that it may be lead to different answers."""
    if case.decided_by(RuleId.LIBRARIES_DIFFER):
        yield Finding(
            reason=Reason.RESOLVER_ASSUMED,
            severity=Severity.INFO,
            message=f"glibc, musl and Go differ over {case.name}, and the C library is not known",
        )


FINDERS = (
    overlooked,
    other_family,
    files_not_first,
    localhost_not_in_hosts,
    whole_name_only,
    wasted_search,
    captured,
    localhost_in_list,
    stopped,
    musl_does_not_search,
    family_not_found,
    no_cluster_search,
    lookup_command_differs,
    host_network_node_dns,
    nameservers_race,
    search_line_ignored,
    dns_config_cut,
    special_nameserver,
    nss_services,
    name_refused,
    resolver_assumed,
)
