"""What the API server asks of the kinds that make pods: their selectors, policies and names.

pkg/apis/apps/validation, pkg/apis/batch/validation and pkg/apis/core/validation of
k8s.io/kubernetes, as 1.34 answers (tests/model/api/table.py).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kubectl_hosts.model.api.formats import why_no_label
from kubectl_hosts.model.api.kinds import at
from kubectl_hosts.model.api.lookup import has_text, items_of, map_of, texts_of
from kubectl_hosts.model.api.problems import (
    Path,
    Problem,
    invalid,
    required,
    unsupported,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kubectl_hosts.model.fields import Json

_JOB_RESTARTS = ("OnFailure", "Never")
_RESTARTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"), ("Always",)),
    "ReplicationController": ("Always",),
    "Job": _JOB_RESTARTS,
    "CronJob": _JOB_RESTARTS,
}
_ALL_RESTARTS = ("Always", "OnFailure", "Never")
_SELECTING = frozenset({"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"})
_STRATEGIES = {
    "Deployment": ("strategy", ("Recreate", "RollingUpdate")),
    "DaemonSet": ("updateStrategy", ("OnDelete", "RollingUpdate")),
    "StatefulSet": ("updateStrategy", ("OnDelete", "RollingUpdate")),
}
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
_COUNTS = ("replicas", "minReadySeconds", "revisionHistoryLimit", "parallelism", "completions")
# github.com/robfig/cron: five fields, or a word.
_SCHEDULE = re.compile(r"@(yearly|annually|monthly|weekly|daily|midnight|hourly|every \S+)")
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_UNMATCHED = "`selector` does not match template `labels`"


def claims_of(obj: Json) -> frozenset[str]:
    """The volumes that a StatefulSet's volumeClaimTemplates add to its pods."""
    claims = items_of(map_of(obj, "spec"), "volumeClaimTemplates")
    return frozenset(str(at(each, ("metadata", "name"))) for each in claims)


def restarts_of(kind: str) -> tuple[str, ...]:
    """The restart policies that the pods of KIND may have."""
    return _RESTARTS.get(kind, _ALL_RESTARTS)


def controller_problems(kind: str, obj: Json) -> Iterator[Problem]:
    """What the API server would refuse in the own spec of OBJ, a workload of KIND."""
    spec = map_of(obj, "spec")
    yield from _counts(spec)
    if kind in _SELECTING:
        yield from _selector(kind, spec)
    if kind in _STRATEGIES:
        field, known = _STRATEGIES[kind]
        chosen = at(spec, (field, "type"))
        if has_text(chosen) and chosen not in known:
            yield unsupported(("spec", field), chosen, known)
    if kind in _OWN_RULES:
        yield from _OWN_RULES[kind](spec)


def _service_name(spec: Json) -> Iterator[Problem]:
    name = spec.get("serviceName")
    if has_text(name) and (why := why_no_label(str(name))):
        yield invalid(("spec", "serviceName"), name, why, "Write the name of its Service.")


def _job_selector(spec: Json) -> Iterator[Problem]:
    if spec.get("selector") is not None and not spec.get("manualSelector"):
        because = "`selector` not auto-generated"
        yield invalid(("spec", "selector"), "", because, "Remove selector: a Job gets its own.")


def _counts(spec: Json) -> Iterator[Problem]:
    for name in _COUNTS:
        count = spec.get(name)
        if isinstance(count, int) and count < 0:
            yield invalid(("spec", name), count, "must be greater than or equal to 0")


def _schedule(spec: Json) -> Iterator[Problem]:
    schedule = spec.get("schedule")
    if not has_text(schedule):
        return  # decoding tells that it is missing
    fields = str(schedule).split()
    if _SCHEDULE.fullmatch(str(schedule)):
        return
    if len(fields) != 5:
        because = f"expected exactly 5 fields, found {len(fields)}"
        yield invalid(("spec", "schedule"), schedule, because)
        return
    for written, (least, most) in zip(fields, _RANGES, strict=True):
        for number in map(int, re.findall(r"(?<![/\w])\d+", written)):
            if not least <= number <= most:
                because = f"{number} is not between {least} and {most}"
                yield invalid(("spec", "schedule"), schedule, because)


def _selector(kind: str, spec: Json) -> Iterator[Problem]:
    """spec.selector must be there, select something, and select the template's own pods."""
    path: Path = ("spec", "selector")
    selector = spec.get("selector")
    labels = map_of(at(spec, ("template", "metadata")), "labels")
    if selector is None:
        words = ", ".join(f"{key}: {value}" for key, value in labels.items()) or "app: NAME"
        yield required(path, fix=f"Write selector: {{matchLabels: {{{words}}}}}.")
        yield from _not_matching(labels)
        return
    wanted, expressions = map_of(selector, "matchLabels"), items_of(selector, "matchExpressions")
    if not wanted and not expressions:
        yield invalid(path, {}, f"empty selector is invalid for {kind.lower()}")
        return
    unknown = [
        (index, each.get("operator"))
        for index, each in enumerate(expressions)
        if each.get("operator") not in _OPERATORS
    ]
    for index, operator in unknown:
        where = (*path, "matchExpressions", index, "operator")
        yield invalid(where, operator, "not a valid selector operator")
    fits = all(labels.get(key) == value for key, value in wanted.items())
    if not unknown and not (fits and all(_fits(each, labels) for each in expressions)):
        yield from _not_matching(labels)


def _fits(expression: Json, labels: Json) -> bool:
    key = expression.get("key")
    value = labels.get(key) if isinstance(key, str) else None
    values = texts_of(expression, "values")
    match expression.get("operator"):
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case _:
            return value is None


def _old_selector(spec: Json) -> Iterator[Problem]:
    """A ReplicationController's selector is a mapping, and defaults to the template's labels."""
    labels = map_of(at(spec, ("template", "metadata")), "labels")
    wanted = map_of(spec, "selector") or labels
    if not wanted:
        yield required(("spec", "selector"))
    elif any(labels.get(key) != value for key, value in wanted.items()):
        yield from _not_matching(labels)


def _not_matching(labels: Json) -> Iterator[Problem]:
    path = ("spec", "template", "metadata", "labels")
    yield invalid(path, dict(labels), _UNMATCHED, "Give selector and template the same labels.")


_OWN_RULES: Mapping[str, Callable[[Json], Iterator[Problem]]] = {
    "StatefulSet": _service_name,
    "ReplicationController": _old_selector,
    "Job": _job_selector,
    "CronJob": _schedule,
}
