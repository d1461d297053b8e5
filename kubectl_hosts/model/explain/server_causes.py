"""Findings about a nameserver that says something else than it should, or nothing; 9.2 and 9.3.

Section numbers are those of cluster-dns.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.dns import NoReply
from kubectl_hosts.model.explain.headline import because
from kubectl_hosts.model.explain.policies import policies_without_dns
from kubectl_hosts.model.explain.steps import describe_answer, describe_difference
from kubectl_hosts.model.explain.words import addresses_in_words, bare, listed
from kubectl_hosts.model.explanation import Agreement, Observed
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.resolver.libc import Libc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.explain.case import ExplainCase
    from kubectl_hosts.model.explain.inputs import Exchange


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
            f"{bare(exchange.question.name)} {exchange.question.type}, where {due} is due. Likely "
            f"causes, in order: {'; '.join(_likely(exchange, case))}",
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
            ("NodeLocal DNSCache stands in between",)
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
    policies = policies_without_dns(case.inputs.policies, case.inputs.pod)
    for server in case.silent_nameservers:
        known = f"; NetworkPolicy {listed(policies)} selects the pod and allows no egress to port "
        if case.is_found and case.decisive is not None and case.decisive.server not in {"", server}:
            yield _answered_by_the_next(server, case)
            continue
        yield Finding(
            reason=Reason.NAMESERVER_SILENT,
            severity=Severity.ERROR,
            message=f"nameserver {server} does not answer this pod at all (no reply is not "
            f"NXDOMAIN){known + '53' if policies else ''}",
            fix="Allow egress to the DNS pods on UDP and TCP 53 in the NetworkPolicies that select "
            "the pod; then look at the network plugin and kube-proxy.",
            evidence=tuple(
                Origin(kind=OriginKind.UNKNOWN, object=each, field="spec.egress")
                for each in policies
            ),
        )


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


FINDERS = (nameserver_silent, server_differs, prediction_differs)
