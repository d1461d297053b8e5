"""Findings: what the search list did; cluster-dns.md 7.2 and 7.3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.resolver.kubelet_resolv_conf import SettingSource, trace_settings
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.model.resolver.stub import Libc, SearchRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.resolver.case import LookupCase

# Below this, the cost of the list is not worth a word.
_MANY_CANDIDATES = 3
_FINAL_DOT = "Ask the full name with a final dot."


def wasted_search(case: LookupCase) -> Iterator[Finding]:
    """How many names were asked before the answer (C12, C13; question 16)."""
    hit = case.hit
    before = case.lookup.candidates.index(hit.name) if hit else 0
    if case.is_absolute or before < _MANY_CANDIDATES or not hit or hit.suffix is not None:
        return
    ndots = case.resolver.resolv_conf.ndots
    in_cluster = case.is_in_cluster(case.name)
    yield Finding(
        reason=Reason.FULL_NAME_SEARCHED if in_cluster else Reason.SEARCH_LIST_WASTED,
        severity=Severity.INFO,
        message=f"{before} names were asked in vain before {case.name}: it has {_dots(case.dots)}, "
        f"fewer than ndots:{ndots}, so the search list goes first",
        fix=f"Ask `{case.name}.` with a final dot, or set the dnsConfig option ndots to 2.",
        evidence=(*case.in_option("ndots"), *case.in_search_list()),
    )


def captured(case: LookupCase) -> Iterator[Finding]:
    """The answer belongs to a name made with a search domain that isn't the cluster's (C14-C16)."""
    hit = case.hit
    if hit is None or hit.suffix in {None, "."} or case.is_in_cluster(hit.name):
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
    if case.pod is None:
        return "of resolv.conf"
    traced = trace_settings(case.pod, case.resolver.resolv_conf, case.cluster_domain)
    found = next((each for each in traced if each.text == suffix), None)
    if found is None or found.source is SettingSource.UNKNOWN:
        return "of resolv.conf"
    return f"from {found.field or found.source.value}"


def localhost_in_list(case: LookupCase) -> Iterator[Finding]:
    """A search domain `localhost` answers for every name (C16)."""
    if "localhost" in case.resolver.resolv_conf.search_list:
        yield Finding(
            reason=Reason.SEARCH_LIST_HAS_LOCALHOST,
            severity=Severity.WARNING,
            message="the search list has `localhost`: NAME.localhost is 127.0.0.1 to some servers",
            fix="Take it out of the node's resolv.conf, and create the pod anew.",
            evidence=case.in_search_list("localhost"),
        )


_STOPS = {
    "MuslStopsAtNodata": (
        Reason.MUSL_STOPPED_AT_EMPTY_ANSWER,
        (
            "{name} exists without an address (a namespace's name, or a record of another type); "
            "musl stops there, glibc and Go would go on"
        ),
    ),
    "MuslStopsAtAliasAlone": (
        Reason.STOPPED_AT_ALIAS,
        "{name} is an alias that leads to no address; {stub} ends the search there",
    ),
    "GlibcStopsAtAliasAlone": (
        Reason.STOPPED_AT_ALIAS,
        (
            "{name} was answered without an address that {stub} takes (an alias alone, or a name "
            "that is no host name); the search ends there"
        ),
    ),
    "MuslStopsAtServfail": (
        Reason.MUSL_STOPPED_AT_FAILURE,
        "{name} was answered with SERVFAIL; musl stops there, glibc and Go would go on",
    ),
    "MuslStopsAtRefused": (
        Reason.MUSL_STOPPED_AT_FAILURE,
        "{name} was refused; musl waits for another answer and stops there",
    ),
    "MuslStopsAtTimeout": (
        Reason.MUSL_STOPPED_AT_FAILURE,
        "{name} was not answered in time; musl stops there",
    ),
    "GlibcLeavesListOnRefused": (
        Reason.SEARCH_LIST_ABANDONED,
        "{name} was refused; glibc leaves the search list and asks the bare name",
    ),
    "GlibcLeavesListOnTimeout": (
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
    if case.is_found or case.is_absolute or not case.lookup.candidates:
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
    from_file = case.lookup.source == "files"
    searched = hit is not None and hit.suffix is not None and case.dots > 0
    if from_file or searched:
        why = "read no hosts file" if from_file else "do not search for a name with a dot"
        yield Finding(
            reason=Reason.LOOKUP_COMMAND_DIFFERS,
            severity=Severity.INFO,
            message=f"busybox nslookup and dig {why}: they will not show this answer",
            fix=f"Use `getent ahosts {case.name}`, which asks as programs do.",
        )


FINDERS = (
    wasted_search,
    captured,
    localhost_in_list,
    stopped,
    musl_does_not_search,
    family_not_found,
    no_cluster_search,
    lookup_command_differs,
)


def _dots(number: int) -> str:
    return "1 dot" if number == 1 else f"{number} dots"
