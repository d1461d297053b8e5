"""Findings: what the resolver makes of the hosts file; hosts-file.md section 6, S35-S49."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.hosts.readers import (
    HostsRule,
    NotInHosts,
    find_addresses,
    overlooked_lines,
)
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.model.resolver.stub import Libc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.resolver.case import LookupCase

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
    step = case.decided_by("OtherFamilyEnds")
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
    if stub.nsswitch_default is None or nss.names[:1] == ("files",):
        return
    reader = case.resolver.hosts_reader
    if isinstance(find_addresses(case.name, case.resolver.hosts, reader), NotInHosts):
        return
    if case.lookup.source == "files" and case.lookup.outcome is Outcome.FOUND:
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
    if name == "localhost" and case.lookup.source not in {"files", "myhostname"}:
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
    if not dot or case.lookup.source in {"files", "literal"}:
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


FINDERS = (overlooked, other_family, files_not_first, localhost_not_in_hosts, whole_name_only)
