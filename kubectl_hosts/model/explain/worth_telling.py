"""Everything that is worth telling about one name, gravest first, each thing once.

What a nameserver says that it should not, or does not (cluster-dns.md 9.2, 9.3); where the hosts
file answers, or should (hosts-file.md 6, cluster-dns.md 7.1); what was answered, or was not
(cluster-dns.md 7.2, 7.7, 9.4); numbers alone are sections of cluster-dns.md. Which NetworkPolicies
keep a pod from asking DNS: the API reference of networking.k8s.io/v1.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kubectl_hosts.model.addresses import parse_zoned
from kubectl_hosts.model.cluster_dns.causes import find_domain_mismatch, find_istio
from kubectl_hosts.model.dns import NoReply, Reply, UnknownReply
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explain.case import (
    DNS_PORT,
    captured,
    describe_answer,
    describe_difference,
    policies_without_dns,
)
from kubectl_hosts.model.explain.headline import because
from kubectl_hosts.model.explain.words import (
    NODE_ENTRIES,
    addresses_in_words,
    alias_field,
    bare,
    describe_shadowed,
    listed,
)
from kubectl_hosts.model.explanation import Agreement, Observed
from kubectl_hosts.model.findings import Finding, Reason, Severity, placed
from kubectl_hosts.model.names import ADDRESS_TYPES
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.resolver.libc import Libc
from kubectl_hosts.model.resolver.outcome import Outcome, ReverseLookup
from kubectl_hosts.model.resolver.resolver_findings import LookupCase, resolver_findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.dns import Question
    from kubectl_hosts.model.explain.case import Exchange, ExplainCase


def server_differs(case: ExplainCase) -> Iterator[Finding]:
    """9.3: the nameserver says something else than its configuration and objects."""
    for exchange in case.inputs.exchanges:
        said = describe_difference(exchange)
        if not said or not _bears(exchange, case) or isinstance(exchange.asked, NoReply):
            continue
        served = exchange.served
        due = describe_answer(served.answer, exchange.question.type) if served else ""
        yield Finding(
            reason=Reason.SERVER_DIFFERS,
            severity=Severity.WARNING,
            message=f"nameserver {exchange.nameserver} says {said} for "
            f"{bare(exchange.question.name)} {exchange.question.type}, where {due} is expected. "
            f"Likely causes, in order: {'; '.join(_likely(exchange, case))}",
            fix="Ask again after the cache's time; then compare the DNS pods one by one.",
            evidence=(served.origin,) if served and served.origin else (),
        )


def _bears(exchange: Exchange, case: ExplainCase) -> bool:
    return any(each.name == exchange.question.name for each in case.steps) or case.is_found


def _likely(exchange: Exchange, case: ExplainCase) -> tuple[str, ...]:
    """9.3, in its order; what the evidence rules out is left out."""
    served = exchange.served
    cached = [each for each in (served.notes if served else ()) if "cache" in each]
    server = case.inputs.server
    return (
        *cached[:1],
        "the objects changed between the reads",
        *(
            ("NodeLocal DNSCache is in between",)
            if exchange.nameserver.startswith("169.254.")
            else ()
        ),
        *(("the release of CoreDNS is not known",) if server and server.version is None else ()),
        "a DNS pod lost its watch of the objects, or still serves an older Corefile",
        "a proxy in the pod or the network plugin answers in its place",
    )


def prediction_differs(case: ExplainCase) -> Iterator[Finding]:
    """9.3: the program got something else, though the nameserver says what it should."""
    if case.verdict is not Agreement.DISAGREE or not isinstance(case.observed, Observed):
        return
    if any(describe_difference(each) for each in case.inputs.exchanges):
        return
    got = _got(case.observed)
    due = because(case) if case.is_found else case.predicted.outcome.value
    yield Finding(
        reason=Reason.PREDICTION_DIFFERS,
        severity=Severity.WARNING,
        message=f"{case.observed.by} says {got}, the rules say {due}",
        fix="Run it again: files or objects may have changed between the reads. Where it stays, "
        f"another resolver than {_assumed(case)} (nscd, a static program) or a proxy may answer, "
        "or a rule is missing here: please report it with `-o json`.",
    )


def _assumed(case: ExplainCase) -> str:
    stub = case.inputs.resolver.stub
    return "the one assumed" if stub.libc is Libc.UNKNOWN else stub.id


def _got(observed: Observed) -> str:
    values = addresses_in_words(observed.addresses) or listed(observed.data)
    return values or observed.error or observed.outcome.value


def nameserver_silent(case: ExplainCase) -> Iterator[Finding]:
    """Question 25, C72: no answer at all is not NXDOMAIN."""
    policies = tuple(each.object for each in policies_without_dns(case.inputs))
    if policies and not case.silent_nameservers:
        yield Finding(
            reason=Reason.NAMESERVER_SILENT,
            severity=Severity.WARNING,
            message=f"NetworkPolicy {listed(policies)} {_allows_no_egress(case)}: where policies "
            "are enforced, no name is answered",
            fix=f"Allow egress to the DNS pods on UDP and TCP {case.inputs.dns_port}.",
            evidence=tuple(
                Origin(kind=OriginKind.UNKNOWN, object=each, field="spec.egress")
                for each in policies
            ),
        )
    for server in case.silent_nameservers:
        known = f"; NetworkPolicy {listed(policies)} {_allows_no_egress(case)}" if policies else ""
        last = case.decisive
        if last is not None and last.outcome in _REPLIES and last.server not in {"", server}:
            yield _answered_by_the_next(server, case)
            continue
        yield Finding(
            reason=Reason.NAMESERVER_SILENT,
            severity=Severity.ERROR,
            message=f"nameserver {server} does not answer this pod at all (no reply is not "
            f"NXDOMAIN){known}",
            # On the node no policy of pods is in between: cluster-dns.md 3.4.
            fix="Look at the pod of DaemonSet node-local-dns on the node: it is to answer there."
            if server.startswith("169.254.")
            else f"No Service has the address {server}: let the pod ask the cluster's DNS, or make "
            "that server reachable."
            if case.inputs.server is None
            else "Look at the network plugin and kube-proxy: no NetworkPolicy of the namespace "
            "keeps the pod from DNS."
            if isinstance(case.inputs.policies, tuple) and not policies
            else "Allow egress to the DNS pods on UDP and TCP "
            f"{case.inputs.dns_port} in the NetworkPolicies that select the pod; then look at the "
            "network plugin and kube-proxy.",
            evidence=tuple(
                Origin(kind=OriginKind.UNKNOWN, object=each, field="spec.egress")
                for each in policies
            ),
        )


def _allows_no_egress(case: ExplainCase) -> str:
    """Of DNS pods that listen on another port than their Service, both are said."""
    port = case.inputs.dns_port
    if port == DNS_PORT:
        return f"selects the pod and allows no egress to port {port}"
    return (
        f"selects the pod and allows no egress to port {port}, which the DNS pods listen on behind "
        f"port {DNS_PORT}"
    )


_REPLIES = frozenset({Outcome.FOUND, Outcome.NXDOMAIN, Outcome.NODATA})


def _answered_by_the_next(server: str, case: ExplainCase) -> Finding:
    """Question 17: every lookup waits for a dead nameserver first; resolv.conf(5), `timeout`."""
    seconds = case.observed.seconds if isinstance(case.observed, Observed) else None
    took = f" ({seconds:.1f} s here)" if seconds else ""
    return Finding(
        reason=Reason.NAMESERVER_SILENT,
        severity=Severity.WARNING,
        message=f"nameserver {server} does not answer this pod at all; each question waits for it "
        f"before the next nameserver is asked{took}",
        fix=f"Make {server} answer, or take it out of the pod's dnsConfig (or the node's "
        "resolv.conf).",
    )


_OF_SERVER = (nameserver_silent, server_differs, prediction_differs)

_FROM_FILE = "files"
# Where the line came from -> how to get rid of it.
_TAKE_OUT = {
    OriginKind.HOST_ALIAS: "take {name} out of {field} of the workload's pod template",
    OriginKind.FOREIGN: "restart a container of the pod: its start writes the file again",
    OriginKind.OWN_MOUNT: "take {name} out of the file that is mounted over /etc/hosts",
    OriginKind.NODE_HOSTS: "take {name} out of the node's /etc/hosts, or leave hostNetwork",
}


def _kind(case: ExplainCase) -> OriginKind | None:
    origin = case.predicted.origin
    is_from_file = case.predicted.source == _FROM_FILE and origin is not None
    return origin.kind if is_from_file and origin else None


def shadows_dns(case: ExplainCase) -> Iterator[Finding]:
    """C01, S32: the file answers something else than DNS would."""
    shadowed, origin, kind = case.shadowed, case.predicted.origin, _kind(case)
    if shadowed is None or origin is None or kind in {OriginKind.POD_IP, None}:
        return
    if set(shadowed.addresses) == set(case.predicted.addresses):
        return
    template = _TAKE_OUT.get(kind, "take {name} out of the file") if kind else ""
    take_out = template.format(name=case.name, field=alias_field(origin))
    yield Finding(
        reason=Reason.HOSTS_FILE_SHADOWS_DNS,
        severity=Severity.WARNING,
        message=f"the hosts file answers {case.name}, so DNS is not asked: it would say "
        f"{describe_shadowed(shadowed)}",
        fix=f"To reach what DNS says, {take_out}, or ask for {shadowed.name}",
        evidence=tuple(each for each in (origin, shadowed.origin) if each),
    )


def foreign_line(case: ExplainCase) -> Iterator[Finding]:
    """C03, S12, question 6: a line that nobody declared answers."""
    if _kind(case) is not OriginKind.FOREIGN or case.predicted.origin is None:
        return
    yield Finding(
        reason=Reason.NAME_FROM_FOREIGN_LINE,
        severity=Severity.WARNING,
        message=f"the line of {case.name} is not in the pod's spec: the next container start "
        "writes the file without it",
        fix="Declare it in spec.hostAliases of the workload, or in cluster DNS, if it is meant.",
        evidence=(case.predicted.origin,),
    )


def own_mount(case: ExplainCase) -> Iterator[Finding]:
    """S14: the container's own file answers; the kubelet's lines and hostAliases are not there."""
    if _kind(case) is not OriginKind.OWN_MOUNT or case.predicted.origin is None:
        return
    yield Finding(
        reason=Reason.NAME_FROM_OWN_MOUNT,
        severity=Severity.INFO,
        message=f"container {case.inputs.container} mounts its own /etc/hosts: hostAliases do not "
        "apply there, other containers may answer otherwise",
        fix="Remove the volumeMount to get the kubelet's file.",
        evidence=(case.predicted.origin,),
    )


def node_entry_first(case: ExplainCase) -> Iterator[Finding]:
    """Question 10: in a hostNetwork pod the node's entries stand before the aliases."""
    if _kind(case) is not OriginKind.NODE_HOSTS or case.predicted.origin is None:
        return
    for index, alias in enumerate(case.inputs.pod.host_aliases):
        if case.name in alias.hostnames and alias.ip not in case.predicted.addresses:
            yield Finding(
                reason=Reason.NODE_ENTRY_BEFORE_HOST_ALIAS,
                severity=Severity.WARNING,
                message=f"hostAliases[{index}] gives {case.name} as {alias.ip}, but the node's own "
                "entry comes first and wins",
                fix=f"Take {case.name} out of the node's /etc/hosts, or leave hostNetwork.",
                evidence=(case.predicted.origin, _alias_origin(case, index)),
            )


def _alias_origin(case: ExplainCase, index: int) -> Origin:
    return Origin(
        kind=OriginKind.HOST_ALIAS, object=case.subject, field=f"spec.hostAliases[{index}]"
    )


def alias_not_in_file(case: ExplainCase) -> Iterator[Finding]:
    """Question 7: the spec has the alias, the container's file does not."""
    for index, alias in enumerate(case.inputs.pod.host_aliases):
        if case.name not in alias.hostnames or _is_in_file(case):
            continue
        if case.inputs.resolver.hosts_unknown:
            continue  # nobody read the file
        yield Finding(
            reason=Reason.HOST_ALIAS_NOT_IN_FILE,
            severity=Severity.ERROR,
            message=f"hostAliases[{index}] gives {case.name} as {alias.ip}, but container "
            f"{case.inputs.container}'s hosts file has no such line",
            fix="`kubectl hosts diff` shows why: an own mount, an edit, or an older file.",
            evidence=(_alias_origin(case, index),),
        )


def _is_in_file(case: ExplainCase) -> bool:
    return any(
        line.entry is not None and case.name in line.entry.names
        for line in case.inputs.resolver.hosts.lines
    )


def own_name(case: ExplainCase) -> Iterator[Finding]:
    """Question 14, S40: the pod's own file has the name, DNS has not, so nobody else finds it."""
    if _kind(case) is not OriginKind.POD_IP or case.shadowed is not None:
        return
    if not case.is_only_in_file:
        return
    yield Finding(
        reason=Reason.OWN_NAME_ONLY_IN_OWN_FILE,
        severity=Severity.INFO,
        message=f"only this pod's own hosts file has {case.name}: other pods do not find it",
        fix="Others need spec.hostname, spec.subdomain and a headless Service of that subdomain's "
        "name that selects the pod; then HOSTNAME.SUBDOMAIN.NAMESPACE.svc is in DNS.",
        evidence=(case.predicted.origin,) if case.predicted.origin else (),
    )


def node_entry(case: ExplainCase) -> Iterator[Finding]:
    """Question 19, S6: where no reading says so, pods do not inherit the node's file."""
    name = bare(case.name).lower()
    if case.is_found or case.inputs.why.cause is not None or name not in NODE_ENTRIES:
        return
    yield Finding(
        reason=Reason.NODE_ENTRY_NOT_INHERITED,
        severity=Severity.ERROR,
        message=f"{NODE_ENTRIES[name]} puts {name} into the node's /etc/hosts, which pods do not "
        "inherit, and cluster DNS has no such entry",
        fix="Add it to spec.hostAliases, or to the hosts block of the Corefile.",
    )


def localhost(case: ExplainCase) -> Iterator[Finding]:
    """S45: localhost has an address of both families, and servers often listen on one."""
    answer = case.observed if isinstance(case.observed, Observed) else case.predicted
    both = {"127.0.0.1", "::1"} <= set(answer.addresses)
    if bare(case.name).lower() == "localhost" and both:
        yield Finding(
            reason=Reason.LOCALHOST_BOTH_FAMILIES,
            severity=Severity.INFO,
            message="localhost is 127.0.0.1 and ::1: a client that tries ::1 first is refused "
            "where the server listens on IPv4",
            fix="Listen on both families, or connect to 127.0.0.1.",
        )


def of_hosts_report(case: ExplainCase) -> Iterator[Finding]:
    """S27, S34, S42, S47: what `show` found that names this name."""
    for each in case.inputs.hosts_findings:
        words = {word.strip("`'\",.;:()") for word in each.message.split()}
        if case.name in words and case.name not in {"localhost", ""}:
            yield each


def not_rolled(case: ExplainCase) -> Iterator[Finding]:
    """Question 7: an alias of the template that the running pod's spec does not have yet."""
    if case.is_found or isinstance(case.observed, CouldNotLook):
        return
    for each in case.inputs.hosts_findings:
        if each.reason in {Reason.TEMPLATE_NOT_ROLLED, Reason.HOST_ALIASES_LOST_BY_APPLY}:
            yield each


_OF_FILE = (
    shadows_dns,
    foreign_line,
    own_mount,
    node_entry_first,
    alias_not_in_file,
    own_name,
    node_entry,
    localhost,
    of_hosts_report,
    not_rolled,
)

# resolv.conf(5): a lost packet costs one timeout, 5 s where nobody changes it.
_ONE_TIMEOUT = 4.5


def slow_answer(case: ExplainCase) -> Iterator[Finding]:
    """Question 17, C70: only the time says so, configuration cannot."""
    observed = case.observed
    if not isinstance(observed, Observed) or observed.outcome is not Outcome.FOUND:
        return
    if case.silent_nameservers:
        return  # NameserverSilent has the time
    if observed.seconds is not None and observed.seconds >= _ONE_TIMEOUT:
        yield Finding(
            reason=Reason.SLOW_ANSWER,
            severity=Severity.WARNING,
            message=f"the answer took {observed.seconds:.1f} s: a packet was lost, often by the "
            "race of A and AAAA in conntrack",
            fix="NodeLocal DNSCache, or the dnsConfig option single-request-reopen (glibc alone).",
        )


def truncated(case: ExplainCase) -> Iterator[Finding]:
    """C28, C80: an answer that needs TCP, and a C library that has none.

    We ask over TCP, so that a reply is whole: what would be cut is told by its size.
    """
    stub = case.inputs.resolver.stub
    for each in case.inputs.exchanges:
        reply = each.predicted
        if stub.uses_tcp or not isinstance(reply, Reply):
            continue
        if reply.truncated or _least_size(each.question, reply) > _WITHOUT_EDNS:
            yield Finding(
                reason=Reason.ANSWER_TRUNCATED,
                severity=Severity.WARNING,
                message=f"the answer for {bare(each.question.name)} is cut (TC), and {stub.id} "
                "does not ask again over TCP",
                fix="Use an image with musl 1.2.4 (Alpine 3.18) or newer.",
                evidence=(reply.origin,) if reply.origin else (),
            )


# RFC 1035 4.2.1: what a reply over UDP may have where the question has no OPT record (RFC 6891).
_WITHOUT_EDNS = 512
# RFC 1035 4.1: the header; a question's type and class; of a record a pointer for its name, type,
# class, TTL and length.
_HEADER, _QUESTION, _RECORD = 12, 4, 12
_ADDRESSES = {"A": 4, "AAAA": 16}


def _least_size(question: Question, reply: Reply) -> int:
    """Bytes of the reply on the wire, at least: names in its data are taken to be pointers."""
    data = sum(_RECORD + _ADDRESSES.get(record.type, 2) for record in reply.answer)
    return _HEADER + len(question.name) + 1 + _QUESTION + data


def earlier_name(case: ExplainCase) -> Iterator[Finding]:
    """Question 12, C18, C18b: a name made with a search domain hides another that exists."""
    hit = case.decisive
    name, later = captured(case, {})
    if name and hit is not None and case.predicted.source == "dns":
        yield Finding(
            reason=Reason.CAPTURED_BY_EARLIER_NAME,
            severity=Severity.WARNING,
            message=f"{bare(hit.name)} is asked first (search domain {hit.suffix}) and captures "
            f"the name; {bare(name)} exists too, as {addresses_in_words(later)}",
            fix=f"Ask for {name} with its final dot to mean that one.",
            evidence=(hit.origin,) if hit.origin else (),
        )


def istio(case: ExplainCase) -> Iterator[Finding]:
    """Question 22, C78."""
    if isinstance(case.observed, Observed):
        yield from find_istio(case.observed.addresses)


def domain_mismatch(case: ExplainCase) -> Iterator[Finding]:
    """C77."""
    if case.inputs.server is not None and not case.is_found:
        search_list = case.inputs.resolver.resolv_conf.search_list
        yield from find_domain_mismatch(search_list, case.inputs.server)


def useless_family(case: ExplainCase) -> Iterator[Finding]:
    """C79: answers of a family that the pod has no address of."""
    own = {_version(each) for each in case.inputs.pod.pod_ips} - {None}
    versions = {_version(each) for each in case.predicted.addresses} - {None}
    if case.predicted.source != "dns" or not own or not versions - own or not versions & own:
        return
    family = "IPv6" if 6 in versions - own else "IPv4"
    yield Finding(
        reason=Reason.FAMILY_WITHOUT_ADDRESS,
        severity=Severity.INFO,
        message=f"some addresses are {family}, and the pod has no {family} address: connections to "
        "them fail",
        fix="Prefer the pod's family in the client, or let the server give that family alone.",
    )


def _version(text: str) -> int | None:
    address = parse_zoned(text)
    return address.version if address else None


_VARIABLE = re.compile(
    r"(?P<service>[A-Z0-9_]+)_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP)\w*)?)"
)


def service_variable(case: ExplainCase) -> Iterator[Finding]:
    """The next ten: `REDIS_SERVICE_HOST` is an environment variable, not a name."""
    found = _VARIABLE.fullmatch(case.name)
    if found is not None and not case.is_found:
        service = found["service"].lower().replace("_", "-")
        yield Finding(
            reason=Reason.SERVICE_ENVIRONMENT_VARIABLE,
            severity=Severity.INFO,
            message=f"{case.name} has the form of an environment variable that the kubelet sets "
            "for a Service, not of a DNS name",
            fix=f"Ask for {service}, or read the variable in the container's environment.",
        )


def clusterset(case: ExplainCase) -> Iterator[Finding]:
    """The next ten: `clusterset.local` needs the multicluster plugin; KEP-1645."""
    if not bare(case.name).lower().endswith(".clusterset.local") or case.is_found:
        return
    if any(isinstance(each.predicted, UnknownReply) for each in case.inputs.exchanges):
        return
    yield Finding(
        reason=Reason.CLUSTERSET_NOT_SERVED,
        severity=Severity.INFO,
        message="the Corefile serves no ServiceImport of that name: names below "
        "clusterset.local are Services that another cluster exports",
        fix="Create the ServiceExport, and give the kubernetes plugin `multicluster "
        "clusterset.local`.",
    )


def metadata_server(case: ExplainCase) -> Iterator[Finding]:
    """9.4: the cloud's metadata server is the node's business."""
    if bare(case.name).lower() == "metadata.google.internal" and not case.is_found:
        yield Finding(
            reason=Reason.METADATA_SERVER,
            severity=Severity.INFO,
            message="metadata.google.internal is known to the DNS of Google's network alone "
            "(169.254.169.254)",
            fix="Use 169.254.169.254, or forward the name to the VPC's DNS.",
        )


_OF_ANSWER = (
    earlier_name,
    slow_answer,
    truncated,
    istio,
    domain_mismatch,
    useless_family,
    service_variable,
    clusterset,
    metadata_server,
)

_GRAVEST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)
# Where the first is told, the second says nothing more.
_SAYS_IT_ALREADY = {
    Reason.HOSTS_FILE_SHADOWS_DNS: Reason.HOST_ALIASES_MANAGED_ELSEWHERE,
    Reason.HOST_ALIAS_NOT_IN_FILE: Reason.HOST_ALIASES_MISSING,
}


def find_what_is_wrong(case: ExplainCase) -> tuple[Finding, ...]:
    """The findings, gravest first; of equals, what was answered before what is set."""
    found = (
        *(each for find in _OF_SERVER for each in find(case)),
        *case.inputs.why.findings,
        *(
            each
            for each in case.causes
            if case.inputs.why.cause is None or each.reason not in _OF_OBJECTS_MISSING
        ),
        *(each for find in _OF_FILE for each in find(case)),
        *(each for find in _OF_ANSWER for each in find(case)),
        *of_resolver(case),
    )
    once = tuple({(each.reason, each.message): each for each in reversed(found)}.values())[::-1]
    reasons = {each.reason for each in once}
    silent = {_SAYS_IT_ALREADY[each] for each in reasons if each in _SAYS_IT_ALREADY}
    if case.name.lower().rstrip(".") == "localhost":
        # The kubelet's own lines: 127.0.0.1 and ::1 are meant to stand on two.
        silent.add(Reason.HOSTS_FIRST_LINE_ONLY)
    kept = placed(
        (_advised(each, case) for each in once if each.reason not in silent), _place(case)
    )
    return tuple(sorted(kept, key=lambda each: _GRAVEST_FIRST.index(each.severity)))


# A fix is what was proved (fixes.py); these say what to look at where nothing can be proved: a
# packet that was lost, a program of an image, a server outside, a line that only people can mend.
_WITH_HINT = frozenset(
    {
        Reason.ANSWER_TRUNCATED,
        Reason.COREFILE_BROKEN,
        Reason.CUSTOM_KEY_NOT_IMPORTED,
        Reason.HOSTS_WITHOUT_FALLTHROUGH,
        Reason.LOOKUP_COMMAND_DIFFERS,
        Reason.NAMESERVER_SILENT,
        Reason.FAMILY_NOT_FOUND,
        Reason.NODE_LOCAL_SKIPS_COREDNS,
        Reason.REWRITE_LEAVES_FOREIGN_NAME,
        Reason.SLOW_ANSWER,
        Reason.UPSTREAM_SILENT,
    }
)


# What the leading reading lacks says it already.
_OF_OBJECTS_MISSING = frozenset(
    {
        Reason.EXTERNAL_NAME_IS_ADDRESS,
        Reason.EXTERNAL_NAME_NOT_QUALIFIED,
        Reason.EXTERNAL_NAME_WITHOUT_RECORD,
        Reason.HOSTS_ENTRY_NOT_REACHED,
        Reason.HOSTS_IN_OTHER_BLOCK,
    }
)


def _advised(finding: Finding, case: ExplainCase) -> Finding:
    """FINDING without a sentence that would pass for a fix: advice is a hint, and only some is."""
    # getent(1), which the hint of a lookup command is about, asks for addresses alone.
    is_about_getent = finding.reason is Reason.LOOKUP_COMMAND_DIFFERS
    is_apt = not is_about_getent or case.inputs.type in ADDRESS_TYPES
    hint = finding.fix if finding.reason in _WITH_HINT and is_apt else ""
    return replace(finding, fix="", hint=hint)


def _place(case: ExplainCase) -> Origin:
    """What a finding is about that names no place: the answer's source, else who was asked."""
    origin = case.predicted.origin
    if origin is not None and origin.kind is not OriginKind.UNKNOWN:
        return origin
    return Origin(kind=OriginKind.RESOLV_CONF, object="/etc/resolv.conf")


def of_resolver(case: ExplainCase) -> tuple[Finding, ...]:
    """What the pod's own files and C library make odd about the lookup."""
    lookup = case.inputs.lookup
    if isinstance(lookup, ReverseLookup):
        return ()
    return resolver_findings(
        LookupCase(
            lookup=lookup,
            resolver=case.inputs.resolver,
            pod=case.inputs.pod,
            cluster_domain=case.inputs.cluster_domain,
            assumes_domain=case.inputs.assumes_domain,
        )
    )


_OF_OBJECTS = frozenset(
    {OriginKind.SERVICE, OriginKind.HEADLESS_SERVICE, OriginKind.ENDPOINT, OriginKind.EXTERNAL_NAME}
)


def find_notes(case: ExplainCase) -> tuple[str, ...]:
    """What may matter without being wrong: caches (question 18), what was taken for granted."""
    notes: list[str] = []
    origin = case.predicted.origin
    if case.verdict is Agreement.AGREE and origin is not None and origin.kind in _OF_OBJECTS:
        notes.append(
            "API, cluster DNS and this pod agree: an application that has another address keeps an "
            "older answer itself"
        )
    if case.decisive is not None and case.decisive.source == "dns":
        served = (
            each.served
            for each in case.inputs.exchanges
            if each.question.name == case.decisive.name and each.served
        )
        notes += [note for each in served for note in each.notes]
    return tuple(dict.fromkeys(notes))
