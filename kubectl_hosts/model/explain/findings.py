"""Everything that is worth telling about one name, gravest first, each thing once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.explain import answer_causes, file_causes, server_causes
from kubectl_hosts.model.explanation import Agreement
from kubectl_hosts.model.findings import Finding, Reason, Severity, placed
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.resolver.lookup import ReverseLookup
from kubectl_hosts.model.resolver.resolver_findings import LookupCase, resolver_findings

if TYPE_CHECKING:
    from kubectl_hosts.model.explain.case import ExplainCase

_GRAVEST_FIRST = (Severity.ERROR, Severity.WARNING, Severity.INFO)
# Where the first is told, the second says nothing more.
_SAYS_IT_ALREADY = {
    Reason.HOSTS_FILE_SHADOWS_DNS: Reason.HOST_ALIASES_MANAGED_ELSEWHERE,
    Reason.HOST_ALIAS_NOT_IN_FILE: Reason.HOST_ALIASES_MISSING,
    Reason.NODE_ENTRY_NOT_INHERITED: Reason.NAMESPACE_NOT_FOUND,
}


def find_what_is_wrong(case: ExplainCase) -> tuple[Finding, ...]:
    """The findings, gravest first; of equals, what was answered before what is set."""
    found = (
        *(each for find in server_causes.FINDERS for each in find(case)),
        *case.inputs.why.findings,
        *(
            each
            for each in case.causes
            if case.inputs.why.cause is None or not _is_of_objects(each)
        ),
        *(each for find in file_causes.FINDERS for each in find(case)),
        *(each for find in answer_causes.FINDERS for each in find(case)),
        *_of_resolver(case),
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
        Reason.COREDNS_NOT_SYNCED,
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


# What the objects lack is what the leading reading lacks: other readings are nobody's.
_OF_OBJECTS_MISSING = frozenset(
    {
        Reason.NO_READY_ENDPOINTS,
        Reason.SERVICE_SELECTS_NOTHING,
        Reason.SERVICE_IN_OTHER_NAMESPACE,
        Reason.NAMESPACE_NOT_FOUND,
        Reason.NAMESPACE_NOT_EXPOSED,
        Reason.SUBDOMAIN_WITHOUT_SERVICE,
        Reason.ENDPOINT_MISSING,
        Reason.POD_NAME_NOT_IN_DNS,
        Reason.PORT_NAME_UNKNOWN,
        Reason.EXTERNAL_NAME_IS_ADDRESS,
        Reason.EXTERNAL_NAME_NOT_QUALIFIED,
        Reason.EXTERNAL_NAME_WITHOUT_RECORD,
        Reason.SERVICE_ENVIRONMENT_VARIABLE,
    }
)


def _is_of_objects(finding: Finding) -> bool:
    return finding.reason in _OF_OBJECTS_MISSING


def _advised(finding: Finding, case: ExplainCase) -> Finding:
    """FINDING without a sentence that would pass for a fix: advice is a hint, and only some is."""
    # getent(1), which the hint of a lookup command is about, asks for addresses alone.
    is_about_getent = finding.reason is Reason.LOOKUP_COMMAND_DIFFERS
    is_apt = not is_about_getent or case.inputs.type in {"", "A", "AAAA"}
    hint = finding.fix if finding.reason in _WITH_HINT and is_apt else ""
    return replace(finding, fix="", hint=hint)


def _place(case: ExplainCase) -> Origin:
    """What a finding is about that names no place: the answer's source, else who was asked."""
    origin = case.predicted.origin
    if origin is not None and origin.kind is not OriginKind.UNKNOWN:
        return origin
    return Origin(kind=OriginKind.RESOLV_CONF, object="/etc/resolv.conf")


def _of_resolver(case: ExplainCase) -> tuple[Finding, ...]:
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
