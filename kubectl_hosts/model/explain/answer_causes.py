"""Findings about what was answered, or was not; cluster-dns.md 7.2, 7.7 and 9.4."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kubectl_hosts.model.addresses import parse_zoned
from kubectl_hosts.model.cluster_dns.causes import find_domain_mismatch, find_istio
from kubectl_hosts.model.dns import Reply, UnknownReply
from kubectl_hosts.model.explain.words import addresses_in_words, bare
from kubectl_hosts.model.explanation import Observed
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.resolver.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.dns import Question
    from kubectl_hosts.model.explain.case import ExplainCase

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
    if hit is None or hit.source != "dns" or not case.is_found or hit.suffix is None:
        return
    for each in case.inputs.exchanges:
        answer, question = each.predicted, each.question
        later = isinstance(answer, Reply) and [
            record.data for record in answer.answer if record.type == question.type
        ]
        is_other = question.name != hit.name and question.type == hit.type
        if not later or not is_other or set(later) <= set(case.predicted.addresses):
            continue
        if "." not in case.name:
            continue
        yield Finding(
            reason=Reason.CAPTURED_BY_EARLIER_NAME,
            severity=Severity.WARNING,
            message=f"{bare(hit.name)} is asked first (search domain {hit.suffix}) and captures "
            f"the name; {bare(question.name)} exists too, as {addresses_in_words(later)}",
            fix=f"Ask for {question.name} with its final dot to mean that one.",
            evidence=(hit.origin,) if hit.origin else (),
        )
        return


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


FINDERS = (
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
