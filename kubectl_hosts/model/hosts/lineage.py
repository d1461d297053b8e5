"""Pod against owner template against last-applied: where hostAliases were lost on the way.

hosts-file.md section 4: hostAliases merge by the key `ip` under client-side apply and strategic
patches (k/k#91670, #99258, #107668), and a field at another level or misspelt is pruned.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.evidence import Template
from kubectl_hosts.model.fields import field, mapping
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.pod import LAST_APPLIED_ANNOTATION, HostAlias, parse_host_aliases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.evidence import PodEvidence
    from kubectl_hosts.model.fields import Json

REPEAT_APPLY = (
    "Put all names of an ip in one item of hostAliases, then run the same kubectl apply twice, "
    "or kubectl replace once."
)

# Where a pod's spec stands in each kind that makes pods.
_POD_SPECS = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
_TEMPLATE_SPEC = ("spec", "template", "spec")


def find_lineage(evidence: PodEvidence) -> Iterator[Finding]:
    """What was lost between what the author applied, the template, and the Pod."""
    template = evidence.template
    applied = _parse_applied(_last_applied(evidence))
    if applied is not None:
        yield from _lost_by_apply(evidence, applied)
        yield from _unknown_fields(applied)
        yield from _override_dropped(evidence, applied)
    if isinstance(template, Template):
        yield from _not_rolled(evidence, template)
        yield from _managed_elsewhere(template)


def _last_applied(evidence: PodEvidence) -> str:
    if isinstance(evidence.template, Template):
        return evidence.template.last_applied
    return evidence.pod.annotation(LAST_APPLIED_ANNOTATION)


def _parse_applied(text: str) -> Json | None:
    """The manifest in the annotation; None where it has nothing to say here, or another shape."""
    if "alias" not in text.lower() and "hostnameOverride" not in text:
        return None
    try:
        applied = json.loads(text)
        if isinstance(applied, dict):
            parse_host_aliases(mapping(applied, *_pod_spec_path(applied)))
            return applied
    except (ValueError, BadInput):
        pass
    return None


def _pod_spec_path(obj: Json) -> tuple[str, ...]:
    return _POD_SPECS.get(str(obj.get("kind", "")), _TEMPLATE_SPEC)


def _applied_aliases(applied: Json) -> tuple[HostAlias, ...]:
    return parse_host_aliases(mapping(applied, *_pod_spec_path(applied)))


def _subject(evidence: PodEvidence) -> str:
    template = evidence.template
    if isinstance(template, Template):
        return f"{template.kind} {template.name}"
    return f"pod {evidence.pod.name}"


def _lost_by_apply(evidence: PodEvidence, applied: Json) -> Iterator[Finding]:
    """Items that share an ip, in the manifest or before, come out wrong: section 4's table."""
    template = evidence.template
    pod = evidence.pod
    live = template.host_aliases if isinstance(template, Template) else pod.host_aliases
    wanted = _applied_aliases(applied)
    lost = [
        f"{name} ({alias.ip})"
        for alias in wanted
        for name in alias.hostnames
        if not any(each.ip == alias.ip and name in each.hostnames for each in live)
    ]
    if not lost:
        return
    shared = len({alias.ip for alias in wanted}) < len(wanted)
    cause = (
        "items that share an ip are merged into one by client-side apply"
        if shared
        else "an earlier version had items that share an ip, or something else changed the field"
    )
    yield Finding(
        reason=Reason.HOST_ALIASES_LOST_BY_APPLY,
        severity=Severity.ERROR,
        message=f"{_subject(evidence)} was applied with {', '.join(lost)}, and lacks it: {cause}",
        fix=REPEAT_APPLY,
        evidence=(_origin(evidence, f"metadata.annotations[{LAST_APPLIED_ANNOTATION}]"),),
    )


def _origin(evidence: PodEvidence, path: str) -> Origin:
    pod = evidence.pod
    template = evidence.template
    name = f"{template.kind}/{template.name}" if isinstance(template, Template) else pod.name
    return Origin(kind=OriginKind.HOST_ALIAS, object=f"{pod.namespace}/{name}", field=path)


def _unknown_fields(applied: Json) -> Iterator[Finding]:
    """S33, S24: hostAliases at the wrong level or misspelt, dropped without a word."""
    from kubectl_hosts.model.hosts.lint import lint_manifest  # noqa: PLC0415  pods rarely need it

    dropped = {Reason.HOST_ALIASES_MISPLACED, Reason.HOST_ALIAS_FIELD_UNKNOWN}
    yield from (finding for finding in lint_manifest(applied) if finding.reason in dropped)


def _override_dropped(evidence: PodEvidence, applied: Json) -> Iterator[Finding]:
    wanted = field(mapping(applied, *_pod_spec_path(applied)), "hostnameOverride")
    if wanted is None or evidence.pod.hostname_override is not None:
        return
    yield Finding(
        reason=Reason.HOSTNAME_OVERRIDE_DROPPED,
        severity=Severity.WARNING,
        message=f"hostnameOverride {wanted} was applied, and the API server dropped it",
        fix="The gate HostnameOverride is off (alpha in 1.34, on from 1.35): use spec.hostname.",
        evidence=(_origin(evidence, "spec.hostnameOverride"),),
    )


def _not_rolled(evidence: PodEvidence, template: Template) -> Iterator[Finding]:
    """A pod's hostAliases never change: a template that differs was edited after the pod."""
    if template.host_aliases == evidence.pod.host_aliases:
        return
    pod = evidence.pod
    owner = f"{template.kind.lower()}/{template.name}"
    if template.revised_at and template.revised_at <= pod.created_at:
        what = "something changed the pod on its way in, such as an admission webhook"
        fix = "kubectl get mutatingwebhookconfigurations shows what may change pods."
    elif template.paused:
        what = "the template was changed since, and its rollout is paused"
        fix = f"kubectl rollout resume {owner}"
    else:
        what = "the template was changed since"
        fix = f"kubectl rollout status {owner}, or delete the pod to have a new one."
    yield Finding(
        reason=Reason.TEMPLATE_NOT_ROLLED,
        severity=Severity.WARNING,
        message=(
            f"{template.kind} {template.name} asks for {_said(template.host_aliases)}, and this "
            f"pod has {_said(pod.host_aliases)}: {what}"
        ),
        fix=fix,
        evidence=(_origin(evidence, "spec.template.spec.hostAliases"),),
    )


def _said(aliases: tuple[HostAlias, ...]) -> str:
    said = "; ".join(f"{alias.ip} {' '.join(alias.hostnames)}".strip() for alias in aliases)
    return said or "no hostAliases"


def _managed_elsewhere(template: Template) -> Iterator[Finding]:
    """S63: a controller that writes hostAliases, and not the people's own tools."""
    others = [name for name in template.managers if not name.startswith(("kubectl", "helm"))]
    if others and template.host_aliases:
        yield Finding(
            reason=Reason.HOST_ALIASES_MANAGED_ELSEWHERE,
            severity=Severity.INFO,
            message=f"{template.kind} {template.name}: hostAliases are set by {', '.join(others)}",
            fix="Change them where that tool takes them from; an edit here is overwritten.",
        )
