"""The pods that a workload's controller would make from its template, before any of them exists.

Names carry `x` where the controller puts a hash or a random part: as long as the real one, valid,
and the same every time. Each predicted object says so in the annotation `PREDICTED_ANNOTATION`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.fields import field, mapping, number, string_map, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kubectl_hosts.model.fields import Json

PREDICTED_ANNOTATION = "kubectl-hosts/predicted"
"""On every predicted object: what in it is made up, and how many pods it stands for."""

MAX_PREDICTED = 500
"""A StatefulSet or Indexed Job gets this many predicted pods at most; the annotation says so."""

# k8s.io/apiserver pkg/storage/names/generate.go: maxNameLength 63, randomLength 5.
_RANDOM = "xxxxx"
_LONGEST_BASE = 63 - len(_RANDOM)
# A pod template's hash is the SafeEncodeString of a 32-bit number: ten characters at most.
_HASH = "xxxxxxxxxx"
# batch/cronjob utils.go getJobName: minutes since the epoch, eight digits until 2160.
_MINUTES = "xxxxxxxx"
_JOB_NAME_LABEL = "batch.kubernetes.io/job-name"


def as_created(obj: Json) -> Json:
    """A workload's manifest with what the API server adds that leads from it to its pods.

    A Job and a ReplicationController without a selector get one, and every workload a uid, here
    its kind and name (pkg/apis/core/v1/defaults.go; pkg/registry/batch/job/strategy.go, where the
    selector is the Job's uid). Other kinds are left alone.
    """
    kind, name = text(obj, "kind"), _name(obj)
    if kind not in _CHILDREN:
        return obj
    made_up = f"{kind.lower()}-{text(obj, 'metadata', 'namespace')}-{name}"
    uid = text(obj, "metadata", "uid") or made_up
    created = {**obj, "metadata": {**mapping(obj, "metadata"), "uid": uid}}
    selector = _default_selector(obj) if field(obj, "spec", "selector") is None else {}
    return {**created, "spec": {**mapping(obj, "spec"), **selector}} if selector else created


def _default_selector(obj: Json) -> Json:
    match text(obj, "kind"):
        case "Job":
            return {"selector": {"matchLabels": {_JOB_NAME_LABEL: _name(obj)}}}
        case "ReplicationController":
            return {"selector": _labels(mapping(obj, "spec", "template"))}
        case _:
            return {}


def predicted_objects(obj: Json) -> tuple[Json, ...]:
    """What the controllers make of OBJ, down to its pods: a ReplicaSet or Job in between too.

    OBJ is a workload as JSON with metadata.name and metadata.namespace; any other kind has none.
    Owner references lead back to it. Raises BadInput for a field of the wrong type.
    """
    children = _CHILDREN.get(text(obj, "kind"))
    if children is None:
        return ()
    made = tuple(as_created(each) for each in children(as_created(obj)))
    return made + tuple(below for child in made for below in predicted_objects(child))


def predicted_pods(obj: Json) -> tuple[Json, ...]:
    """The pods among `predicted_objects`: one that stands for all where they are interchangeable.

    StatefulSets and Indexed Jobs get each pod, for their host names differ. No pod has an IP.
    """
    return tuple(each for each in predicted_objects(obj) if text(each, "kind") == "Pod")


def generated_name(base: str) -> str:
    """A name as `generateName: BASE` gives it, the random part as `xxxxx`."""
    return base[:_LONGEST_BASE] + _RANDOM


def _deployment(obj: Json) -> Iterator[Json]:
    # deployment/sync.go getNewReplicaSet: the hash in the name, the labels and the selector.
    labels = {"pod-template-hash": _HASH}
    template = _with_labels(mapping(obj, "spec", "template"), labels)
    spec = {
        "replicas": _replicas(obj),
        "selector": mapping(obj, "spec", "selector"),
        "template": template,
    }
    yield _child(obj, "apps/v1", "ReplicaSet", f"{_name(obj)}-{_HASH}", template, spec)


def _cron_job(obj: Json) -> Iterator[Json]:
    template = mapping(obj, "spec", "jobTemplate")
    name = f"{_name(obj)}-{_MINUTES}"
    yield _child(obj, "batch/v1", "Job", name, template, mapping(template, "spec"))


def _replica_set(obj: Json) -> Iterator[Json]:
    count = _replicas(obj)
    if count:
        yield _pod(obj, generated_name(f"{_name(obj)}-"), note=f"stands for {count} pods")


def _daemon_set(obj: Json) -> Iterator[Json]:
    yield _pod(obj, generated_name(f"{_name(obj)}-"), note="stands for one pod a node")


def _stateful_set(obj: Json) -> Iterator[Json]:
    # stateful_set_utils.go initIdentity: hostname and subdomain of the template are overwritten.
    first = number(obj, "spec", "ordinals", "start")
    subdomain = text(obj, "spec", "serviceName")
    for ordinal in range(first, first + min(_replicas(obj), MAX_PREDICTED)):
        name = f"{_name(obj)}-{ordinal}"
        labels = {
            "statefulset.kubernetes.io/pod-name": name,
            "apps.kubernetes.io/pod-index": str(ordinal),
        }
        yield _pod(
            obj,
            name,
            note=_first_of(_replicas(obj)),
            labels=labels,
            spec={"hostname": name, "subdomain": subdomain},
        )


def _job(obj: Json) -> Iterator[Json]:
    name = _name(obj)
    labels = {_JOB_NAME_LABEL: name, "job-name": name}
    if text(obj, "spec", "completionMode") != "Indexed":
        yield _pod(obj, generated_name(f"{name}-"), note="stands for the Job's pods", labels=labels)
        return
    completions = number(obj, "spec", "completions")
    for index in range(min(completions, MAX_PREDICTED)):
        # indexed_job_utils.go podGenerateNameWithIndex, addCompletionIndexAnnotation; the
        # hostname is job_controller.go manageJob's `<job>-<index>`.
        suffix = f"-{index}-"
        base = f"{name}{suffix}"
        if len(base) > _LONGEST_BASE:
            base = name[: _LONGEST_BASE - len(suffix)] + suffix
        yield _pod(
            obj,
            generated_name(base),
            note=_first_of(completions),
            labels={**labels, "batch.kubernetes.io/job-completion-index": str(index)},
            spec={"hostname": f"{name}-{index}"},
        )


_CHILDREN: Mapping[str, Callable[[Json], Iterator[Json]]] = {
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "ReplicationController": _replica_set,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "CronJob": _cron_job,
}
WORKLOAD_KINDS = tuple(_CHILDREN)


def _name(obj: Json) -> str:
    return text(obj, "metadata", "name")


def _replicas(obj: Json) -> int:
    """spec.replicas, whose default is 1."""
    return 1 if field(obj, "spec", "replicas") is None else number(obj, "spec", "replicas")


def _first_of(count: int) -> str:
    return f"one of the first {MAX_PREDICTED} of {count} pods" if count > MAX_PREDICTED else ""


def _with_labels(template: Json, labels: Mapping[str, str]) -> Json:
    metadata = mapping(template, "metadata")
    return {**template, "metadata": {**metadata, "labels": {**_labels(template), **labels}}}


def _labels(template: Json) -> Mapping[str, str]:
    return string_map(template, "metadata", "labels")


def _pod(
    owner: Json,
    name: str,
    *,
    note: str,
    labels: Mapping[str, str] | None = None,
    spec: Mapping[str, str] | None = None,
) -> Json:
    template = _with_labels(mapping(owner, "spec", "template"), labels or {})
    pod_spec = {**mapping(template, "spec"), **(spec or {})}
    return _child(owner, "v1", "Pod", name, template, pod_spec, note=note)


def _child(  # noqa: PLR0913  an object's parts, each under its name
    owner: Json,
    api_version: str,
    kind: str,
    name: str,
    template: Json,
    spec: Json,
    *,
    note: str = "",
) -> Json:
    """The object that OWNER's controller makes from TEMPLATE, with a reference back."""
    reference = {
        "apiVersion": text(owner, "apiVersion"),
        "kind": text(owner, "kind"),
        "name": _name(owner),
        "uid": text(owner, "metadata", "uid"),
        "controller": True,
    }
    annotations = {
        **string_map(template, "metadata", "annotations"),
        PREDICTED_ANNOTATION: _prediction(name, note),
    }
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": text(owner, "metadata", "namespace"),
            "labels": _labels(template),
            "annotations": annotations,
            "ownerReferences": [reference],
        },
        "spec": spec,
    }


def _prediction(name: str, note: str) -> str:
    made_up = "x in the name is a hash or random part" if "-xxxxx" in name else ""
    return "; ".join(part for part in ("predicted from the template", made_up, note) if part)
