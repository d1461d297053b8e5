"""Pod against owner template against last-applied: what was changed on the way, and by whom.

hosts-file.md section 4: hostAliases merge by the key `ip` under client-side apply and strategic
patches (k/k#91670, #99258, #107668), and a field at another level or misspelt is pruned. A pod's
own hostAliases never change, so that a pod that differs from the template it was made from was
changed at admission, and one that differs from today's template alone is older than it. Host names
of a template are overwritten by StatefulSets and Indexed Jobs (section 3).
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.api.problems import means_host_aliases
from kubectl_hosts.model.evidence import Template
from kubectl_hosts.model.fields import Json, field, mapping, text
from kubectl_hosts.model.findings import Finding, Reason, Severity, first_few
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.pod import LAST_APPLIED_ANNOTATION, HostAlias, parse_host_aliases

if TYPE_CHECKING:
    from kubectl_hosts.model.evidence import PodEvidence
    from kubectl_hosts.model.pod import Pod

REPEAT_APPLY = (
    "Put all names of an ip in one item of hostAliases, then run the same kubectl apply twice, "
    "or kubectl replace once."
)

# Where a pod's spec stands in each kind; every other workload has spec.template.spec.
_POD_SPECS = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "PodTemplate": ("template", "spec"),
}
_TEMPLATE_SPEC = ("spec", "template", "spec")


def find_lineage(evidence: PodEvidence) -> Iterator[Finding]:
    """What was lost between what the author applied, the template, and the Pod."""
    template = evidence.template
    applied = _parse_applied(_last_applied(evidence))
    if applied is not None:
        yield from _lost_by_apply(evidence, applied)
        yield from dropped_host_aliases(applied)
        yield from _override_dropped(evidence, applied)
    if isinstance(template, Template):
        yield from _changed(evidence, template)
        yield from _host_name_of_template(evidence, template)
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


def _changed(evidence: PodEvidence, template: Template) -> Iterator[Finding]:
    """A pod's hostAliases never change: they are the template's of its time, or admission's."""
    pod = evidence.pod
    if template.host_aliases == pod.host_aliases:
        return
    origin = _origin(evidence, "spec.template.spec.hostAliases")
    if _is_of_this_template(pod, template):
        yield Finding(
            reason=Reason.POD_CHANGED_AT_ADMISSION,
            severity=Severity.WARNING,
            message=(
                f"{_compared(pod.host_aliases, template.host_aliases, 'its template')}: changed on "
                "its way in, as by an admission webhook"
            ),
            fix="kubectl get mutatingwebhookconfigurations shows what may change pods.",
            evidence=(origin,),
        )
        return
    whom = f"{template.kind} {template.name}"
    paused = ", and its rollout is paused" if template.paused else ""
    yield Finding(
        reason=Reason.TEMPLATE_NOT_ROLLED,
        severity=Severity.WARNING,
        message=(
            f"{_compared(pod.host_aliases, template.host_aliases, whom)}: the template was "
            f"changed since{paused}"
        ),
        fix=_new_pod(pod, template),
        evidence=(origin,),
    )


def _is_of_this_template(pod: Pod, template: Template) -> bool:
    """Whether the pod was made from the template as it is now."""
    if template.made_from is not None:
        return template.made_from == template.host_aliases
    label, value = template.revision
    if label and value:
        return dict(pod.labels).get(label) == value
    return template.kind == "Job"  # whose template cannot change


def _new_pod(pod: Pod, template: Template) -> str:
    """How the workload comes to a pod of its template: each kind has its own way."""
    where = f"-n {shlex.quote(pod.namespace)}"
    workload = shlex.quote(f"{template.kind.lower()}/{template.name}")
    delete = f"kubectl {where} delete pod {shlex.quote(pod.name)}"
    if template.paused:
        return f"kubectl {where} rollout resume {workload}"
    if template.kind in _ROLLED and not template.replaces_on_delete:
        return f"kubectl {where} rollout status {workload} shows how far it is; else: {delete}"
    if template.kind == "CronJob":
        return "The CronJob's next Job has the template as it is now."
    return f"{delete}: its {template.kind} makes a new one from the template."


_ROLLED = {"Deployment", "StatefulSet", "DaemonSet"}


def _compared(own: tuple[HostAlias, ...], others: tuple[HostAlias, ...], whom: str) -> str:
    """In what the pod's OWN hostAliases differ from those OTHERS that WHOM has."""
    more, less = _beyond(own, others), _beyond(others, own)
    if more and less:
        return f"this pod has {_said(more)} where {whom} has {_said(less)}"
    if more:
        return f"this pod has {_said(more)} more than {whom}"
    if less:
        return f"this pod lacks {_said(less)}, which {whom} has"
    return f"this pod has its hostAliases in another order than {whom}"


def _beyond(one: tuple[HostAlias, ...], other: tuple[HostAlias, ...]) -> tuple[HostAlias, ...]:
    return tuple(alias for alias in one if alias not in other)


def _said(aliases: tuple[HostAlias, ...]) -> str:
    said = [f"{alias.ip} {' '.join(alias.hostnames)}".strip() for alias in aliases]
    return first_few(said)


def _host_name_of_template(evidence: PodEvidence, template: Template) -> Iterator[Finding]:
    """Host names that the controller overwrites, or that it gives to every pod (section 3)."""
    pod = evidence.pod
    overwritten = [
        f"{name} {wanted}"
        for name, wanted, found in (
            ("hostname", template.hostname, pod.hostname),
            ("subdomain", template.subdomain, pod.subdomain),
        )
        if wanted and wanted != found
    ]
    sets_names = template.kind == "StatefulSet" or template.is_indexed
    if sets_names and overwritten:
        have = "has" if len(overwritten) == 1 else "have"
        by = "serviceName" if template.kind == "StatefulSet" else "index"
        yield Finding(
            reason=Reason.HOST_NAME_IGNORED,
            severity=Severity.WARNING,
            message=(
                f"{' and '.join(overwritten)} of the template {have} no effect: {template.kind} "
                f"{template.name} sets {_own_name(pod)}, from the pod's name and its {by}"
            ),
            fix="Remove them from the template.",
            evidence=(_origin(evidence, "spec.template.spec.hostname"),),
        )
    elif template.hostname and not sets_names and template.pods > 1:
        yield Finding(
            reason=Reason.HOST_NAME_OF_EVERY_REPLICA,
            severity=Severity.WARNING,
            message=(
                f"all pods of {template.kind} {template.name} have the host name "
                f"{template.hostname}: their own lines differ in the address alone"
            ),
            fix="Remove hostname from the template, or use a StatefulSet.",
            evidence=(_origin(evidence, "spec.template.spec.hostname"),),
        )


def _own_name(pod: Pod) -> str:
    return f"{pod.hostname}.{pod.subdomain}" if pod.subdomain else pod.hostname


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


# What of the hostAliases that were applied to a live object the API server dropped.
#
# Without strict validation it prunes fields that it does not know (hosts-file.md section 4), and
# the last-applied annotation still has them. Manifests are judged by model/api, with the API's own
# types; a live pod's annotation is looked at for this one mistake, and loads nothing for it.

_KINDS = frozenset(
    {"Deployment", "ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job"}
    | set(_POD_SPECS)
)
_ITEM_FIELDS = frozenset({"ip", "hostnames"})


def dropped_host_aliases(applied: Json) -> tuple[Finding, ...]:
    """The fields of APPLIED, a Pod or workload as it was sent, that no pod got the names of.

    hostAliases at another level or misspelt, and fields of an item that it does not have; () for
    other kinds.
    """
    kind = text(applied, "kind")
    if kind not in _KINDS:
        return ()
    namespace, name = text(applied, "metadata", "namespace"), text(applied, "metadata", "name")
    return tuple(
        _dropped(f"{namespace}/{name}" if namespace else name, *each)
        for each in _unknown(applied, _pod_spec_path(applied))
    )


def _dropped(name: str, reason: Reason, written: str, fix: str) -> Finding:
    return Finding(
        reason=reason,
        severity=Severity.ERROR,
        message=f'unknown field "{written}": the API server dropped it; no pod gets these names',
        fix=fix,
        evidence=(Origin(kind=OriginKind.HOST_ALIAS, object=name, field=written),),
    )


def _unknown(applied: Json, pod_spec: tuple[str, ...]) -> Iterator[tuple[Reason, str, str]]:
    """(reason, field, fix) of each field that the API server does not know."""
    right = ".".join((*pod_spec, "hostAliases"))
    for written in _misplaced(applied, (), pod_spec):
        yield Reason.HOST_ALIASES_MISPLACED, written, f"Move it to {right}."
    found = field(applied, *pod_spec, "hostAliases")
    for index, item in enumerate(found if isinstance(found, list) else ()):
        for key in item if isinstance(item, Mapping) else ():
            if key not in _ITEM_FIELDS:
                written = f"{right}[{index}].{key}"
                fix = "An item has the fields ip and hostnames, a list."
                yield Reason.HOST_ALIAS_FIELD_UNKNOWN, written, fix


def _misplaced(value: object, path: tuple[str, ...], pod_spec: tuple[str, ...]) -> Iterator[str]:
    """Every key that was meant to be hostAliases and that the API server does not know there."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            is_right = key == "hostAliases" and path == pod_spec
            if means_host_aliases(str(key)) and not is_right:
                yield ".".join((*path, str(key)))
            elif path or key in {"spec", "template", "hostAliases"}:
                yield from _misplaced(each, (*path, str(key)), pod_spec)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _misplaced(each, (*path[:-1], f"{path[-1]}[{index}]"), pod_spec)
