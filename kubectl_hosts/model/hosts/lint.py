"""What of the hostAliases that were applied to a live object the API server dropped.

Without strict validation it prunes fields that it does not know (hosts-file.md section 4), and the
last-applied annotation still has them. Manifests are judged by model/api, with the API's own
types; a live pod's annotation is looked at for this one mistake, and loads nothing for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kubectl_hosts.model.api.problems import squeezed
from kubectl_hosts.model.fields import Json, field, text
from kubectl_hosts.model.findings import Finding, Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind

# Where the pod's spec stands in each kind; every other workload has spec.template.spec.
_POD_SPEC = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "PodTemplate": ("template", "spec"),
}
_TEMPLATE_SPEC = ("spec", "template", "spec")
_KINDS = frozenset(
    {"Deployment", "ReplicaSet", "ReplicationController", "StatefulSet", "DaemonSet", "Job"}
    | set(_POD_SPEC)
)
_MEANT_HOST_ALIASES = frozenset({"hostaliases", "hostalias", "hostsaliases", "hostsalias"})
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
        for each in _unknown(applied, _POD_SPEC.get(kind, _TEMPLATE_SPEC))
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
            if squeezed(str(key)) in _MEANT_HOST_ALIASES and not is_right:
                yield ".".join((*path, str(key)))
            elif path or key in {"spec", "template", "hostAliases"}:
                yield from _misplaced(each, (*path, str(key)), pod_spec)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _misplaced(each, (*path[:-1], f"{path[-1]}[{index}]"), pod_spec)
