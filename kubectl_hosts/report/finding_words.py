"""What was found and where it comes from, in words: findings with their fixes, origins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.model.findings import Severity
from kubectl_hosts.model.origin import CONFIG_MAP_DATA, OriginKind
from kubectl_hosts.report.terminal import Style, escape

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from typing import TypeVar

    from kubectl_hosts.model.evidence import CouldNotLook
    from kubectl_hosts.model.findings import Finding, Reason
    from kubectl_hosts.model.hosts.hosts_report import HostsReport
    from kubectl_hosts.model.origin import Origin

    T = TypeVar("T")

_WORDS = {
    OriginKind.KUBELET_BOILERPLATE: "kubelet",
    OriginKind.POD_IP: "pod IP",
    OriginKind.HOST_ALIAS: "hostAliases",
    OriginKind.NODE_HOSTS: "node {object}",
    OriginKind.OWN_MOUNT: "own mount",
    OriginKind.RUNTIME: "container runtime",
    OriginKind.IMAGE: "image",
    OriginKind.FOREIGN: "manual edit",
    OriginKind.SERVICE: "Service {object}",
    OriginKind.HEADLESS_SERVICE: "headless Service {object}",
    OriginKind.ENDPOINT: "endpoint of {object}",
    OriginKind.EXTERNAL_NAME: "ExternalName Service {object}",
    OriginKind.POD_RECORD: "pod record {object}",
    OriginKind.COREFILE_HOSTS: "hosts plugin of the Corefile",
    OriginKind.REWRITE: "rewrite rule of the Corefile",
    OriginKind.TEMPLATE: "template of the Corefile",
    OriginKind.ZONE_FILE: "zone file of the Corefile",
    OriginKind.STUB_DOMAIN: "stub domain",
    OriginKind.UPSTREAM: "upstream DNS",
    OriginKind.NODE_LOCAL_DNS: "NodeLocal DNSCache",
    OriginKind.ISTIO_PROXY: "the Istio proxy in the pod",
    OriginKind.RESOLV_CONF: "resolv.conf",
    OriginKind.NSSWITCH_CONF: "nsswitch.conf",
    OriginKind.HOSTS_FILE: "the hosts file",
    OriginKind.POD_SPEC: "the pod's spec",
    OriginKind.MANIFEST: "the manifest",
    OriginKind.LITERAL: "the address itself",
    OriginKind.UNKNOWN: "unknown",
}


# The field alone says it all; what stands before its last part is the same in every pod.
_FIELD_SAYS_IT = {OriginKind.HOST_ALIAS: "spec.", OriginKind.POD_IP: "status."}


def describe_origin(origin: Origin) -> str:
    """`hostAliases[0]`, `podIPs[0]`, `node node-1 (line 4)`, `own mount, ConfigMap a/b`."""
    if origin.kind in _FIELD_SAYS_IT and origin.field:
        return escape(origin.field.removeprefix(_FIELD_SAYS_IT[origin.kind]))
    if origin.kind is OriginKind.OWN_MOUNT and origin.field == CONFIG_MAP_DATA:
        return escape(f"own mount, ConfigMap {origin.object}")
    words = _WORDS[origin.kind].format(object=origin.object)
    if origin.kind is OriginKind.FOREIGN:
        return escape(f"container {origin.object}") if origin.object else words
    place = origin.field or (f"line {origin.line}" if origin.line is not None else "")
    return escape(f"{words} ({place})" if place else words)


# Findings, and what could not be checked, in words: each with its fix.


def colours(style: Style) -> Mapping[Severity, Callable[[str], str]]:
    """How each severity is painted."""
    return {Severity.ERROR: style.bad, Severity.WARNING: style.warning, Severity.INFO: style.faint}


def print_findings(findings: Sequence[Finding], style: Style, *, said: Collection[str] = ()) -> str:
    """A line each, and a line for the fix unless it is among those SAID already; "" for none.

    Advice that was not proved is a hint.
    """
    paint = colours(style)
    return "".join(
        f"{paint[each.severity](each.severity.value)} {each.reason.value}: {_place(each)}"
        f"{escape(each.message)}\n"
        + (
            f"  {'fix' if each.proved else 'hint'}: {escape(each.fix)}\n"
            if each.fix and each.fix not in said
            else ""
        )
        + (f"  hint: {escape(each.hint)}\n" if each.hint else "")
        for each in findings
    )


def for_cluster(found: T, kubectl: str) -> T:
    """FOUND (a result, or a tuple of some) with KUBECTL where its commands begin with `kubectl`.

    KUBECTL is how the cluster that was asked is reached (`kubectl --context a`): what is pasted
    changes, or shows, that one. Commands of a Fix are whole lines; a sentence has them within.
    """
    if isinstance(found, tuple):
        return cast("T", tuple(for_cluster(each, kubectl) for each in found))
    if not isinstance(found, Struct):
        return found
    changed: dict[str, object] = {}
    for field in _WITH_COMMANDS.intersection(found.__struct_fields__):
        value = getattr(found, field)
        if isinstance(value, str):
            changed[field] = re.sub(_IN_SENTENCE, lambda _: kubectl, value)
        elif field == "commands":
            changed[field] = tuple(_called(each, kubectl) for each in value)
        else:
            changed[field] = for_cluster(value, kubectl)
    return replace(found, **changed)


# The fields of results that hold commands, or what holds them.
_WITH_COMMANDS = frozenset(
    {
        *("fix", "hint", "advice", "commands", "verdict", "findings", "fixes", "containers"),
        *("names", "problems", "ignored", "problem", "explanation", "before", "after"),
    }
)


_IN_SENTENCE = re.compile(r"\bkubectl(?= (?:-n|get|describe) )")


def _called(line: str, kubectl: str) -> str:
    first, *piped = line.removeprefix("kubectl ").split(" | kubectl ")
    return f"{kubectl} " + f" | {kubectl} ".join((first, *piped))


def _place(finding: Finding) -> str:
    """`web.yaml:12: ` of a finding about a manifest, "" of others."""
    place = finding.evidence[0].place if finding.evidence else ""
    return f"{escape(place)}: " if place else ""


def print_not_checked(missed: Sequence[CouldNotLook], *, said: Collection[str] = ()) -> str:
    """A line for each thing that could not be checked; "" for none."""
    return "".join(
        f"Not checked: {escape(missed_in_words(each))}\n"
        + (f"  hint: {escape(each.hint)}\n" if each.hint and each.hint not in said else "")
        for each in missed
    )


def print_kinds_not_read(missed: Iterable[tuple[str, Sequence[CouldNotLook]]]) -> str:
    """A line for each kind of object that could not be read: the first, and the pods without it."""
    kinds: dict[tuple[str, str], tuple[CouldNotLook, dict[str, None]]] = {}
    for pod, each in missed:
        for one in each:
            if one.request:
                kinds.setdefault((one.request, one.reason), (one, {}))[1][pod] = None
    return "".join(
        f"Not checked for {escape(pods_in_words(tuple(pods)))}: {escape(missed_in_words(first))}\n"
        for first, pods in kinds.values()
    )


def pods_in_words(pods: Sequence[str]) -> str:
    """`pod web-0 and 3 more`."""
    others = len(pods) - 1
    return f"pod {pods[0]}" + (f" and {others} more" if others else "")


def missed_in_words(missed: CouldNotLook) -> str:
    """What could not be looked at, and why, each said once."""
    return missed.why if missed.why.startswith(missed.what) else f"{missed.what}: {missed.why}"


def without_repeats(
    reports: Sequence[HostsReport], findings: Sequence[Finding]
) -> tuple[HostsReport, ...]:
    """The reports without what FINDINGS, those of the manifests, say of the same hostAliases."""
    said = {place for each in findings for place in _places(each)}
    return tuple(
        replace(
            report,
            findings=tuple(each for each in report.findings if said.isdisjoint(_places(each))),
        )
        for report in reports
    )


def _places(finding: Finding) -> set[tuple[Reason, str]]:
    """The reason with each item that it is about: `hostAliases[2]`, whatever stands above it."""
    fields = (origin.field.partition("hostAliases")[1:] for origin in finding.evidence)
    return {(finding.reason, "".join(each).partition(".")[0]) for each in fields}
