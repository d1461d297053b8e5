"""The pods that a workload's controller makes: before any of them exists, and after a change.

Names carry `x` where the controller puts a hash or a random part: as long as the real one, valid,
and the same every time. Each predicted object says so in the annotation `PREDICTED_ANNOTATION`.
Sources are those of Kubernetes 1.34 below pkg/controller, by file and function.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kubectl_hosts.model.fields import field, flag, items, mapping, number, string_map, text
from kubectl_hosts.model.pod import is_ready

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kubectl_hosts.model.fields import Json

PREDICTED_ANNOTATION = "kubectl-hosts/predicted"
"""On every predicted object: what in it is made up, and how many pods it stands for."""

STANDS_FOR_ANNOTATION = "kubectl-hosts/stands-for"
"""On a predicted pod: how many pods like it run at once; `0` where it shows the template alone."""

MAX_PREDICTED = 500
"""A StatefulSet or Indexed Job gets this many predicted pods at most; the annotation says so."""

# k8s.io/apiserver pkg/storage/names/generate.go: maxNameLength 63, randomLength 5; the letters are
# those of k8s.io/apimachinery pkg/util/rand.
_RANDOM = "xxxxx"
_RANDOM_LETTERS = "x2456789bcdfghjklmnpqrstvwz"
_LONGEST_BASE = 63 - len(_RANDOM)
# A pod template's hash is the SafeEncodeString of a 32-bit number: ten characters at most.
_HASH = "xxxxxxxxxx"
# batch/cronjob utils.go getJobName: minutes since the epoch, eight digits until 2160.
_MINUTES = "xxxxxxxx"
_JOB_NAME_LABEL = "batch.kubernetes.io/job-name"
INDEX_LABEL = "batch.kubernetes.io/job-completion-index"
# The label controller-revision-hash of a StatefulSet's pods is NAME-HASH, 63 characters at most:
# the API server refuses the pods of a set with a longer name, and so there are none (k/k#64023).
_LONGEST_SET_NAME = 63 - 1 - len(_HASH)

WITH_ORDINAL = re.compile(r"(?P<set>.+)-(?P<ordinal>0|[1-9][0-9]{0,8})")
"""A pod's name as a StatefulSet gives it."""


# A hash has the letters of SafeEncodeString's ten digits; DaemonSets and Jobs have none.
_GENERATED = re.compile(rf"(?P<owner>.+?)(?:-[x456789bcdf]{{6,10}})?-[{_RANDOM_LETTERS}]{{5}}")


def owner_in(pod: str) -> str:
    """The workload that a pod's generated name says, without its ordinal; else the name itself."""
    match = _GENERATED.fullmatch(pod) or WITH_ORDINAL.fullmatch(pod)
    return match[1] if match else pod


def is_named_after(pod: str, service: str) -> bool:
    """Whether POD is called as one of a StatefulSet whose Service is SERVICE: `db-0` of `db-hs`.

    So charts name the two. Where there is no such Service, the pod is not what is missing.
    """
    match = WITH_ORDINAL.fullmatch(pod)
    return match is not None and f"{service}-".startswith(f"{match['set']}-")


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


def predicted_objects(obj: Json, *, at_zero: bool = False) -> tuple[Json, ...]:
    """What the controllers make of OBJ, down to its pods: a ReplicaSet or Job in between too.

    OBJ is a workload as JSON with metadata.name and metadata.namespace; any other kind has none.
    Owner references lead back to it. AT_ZERO: a workload of 0 replicas gets one pod too, which
    shows its template and stands for no pod. Raises BadInput for a field of the wrong type.
    """
    children = _CHILDREN.get(text(obj, "kind"))
    if children is None:
        return ()
    created = as_created(obj)
    made = tuple(as_created(each) for each in children(created))
    if not made and at_zero:
        one = {**created, "spec": {**mapping(created, "spec"), "replicas": 1}}
        made = tuple(_standing_for(as_created(each), 0) for each in children(one))
    return made + tuple(
        below for child in made for below in predicted_objects(child, at_zero=at_zero)
    )


def predicted_pods(obj: Json, *, at_zero: bool = False) -> tuple[Json, ...]:
    """The pods among `predicted_objects`: one that stands for all where they are interchangeable.

    StatefulSets and Indexed Jobs get each pod, for their host names differ. No pod has an IP.
    """
    made = predicted_objects(obj, at_zero=at_zero)
    return tuple(each for each in made if text(each, "kind") == "Pod")


def template_pods(obj: Json) -> tuple[Json, ...]:
    """The pod that a custom resource's `spec.template` makes, however its controller names it.

    OBJ is of a kind that nobody here knows (Argo's Rollout, Knative's Service); one pod stands for
    as many as its `spec.replicas` asks for. Raises BadInput for a field of the wrong type.
    """
    count = _replicas(obj)
    name = generated_name(f"{_name(obj)}-")
    note = f"stands for the pods of {text(obj, 'kind')} {_name(obj)}"
    return (_pod(obj, name, note=note, count=count),) if count else ()


def is_predicted(pod: Json) -> bool:
    """Whether POD is one that these functions made; the API server gives every other one a uid."""
    annotations = string_map(pod, "metadata", "annotations")
    return PREDICTED_ANNOTATION in annotations and not text(pod, "metadata", "uid")


def stands_for(pod: Json) -> int:
    """How many pods like POD run at once: 1 unless it is predicted and says another number."""
    written = string_map(pod, "metadata", "annotations").get(STANDS_FOR_ANNOTATION, "1")
    return int(written) if re.fullmatch(r"[0-9]{1,18}", written) else 1


def generated_name(base: str, nth: int = 0) -> str:
    """A name as `generateName: BASE` gives it, the random part as `xxxxx`.

    NTH tells apart names with the same base: their last characters differ.
    """
    random = ""
    while nth:
        nth, digit = divmod(nth, len(_RANDOM_LETTERS))
        random = _RANDOM_LETTERS[digit] + random
    return base[:_LONGEST_BASE] + _RANDOM[len(random) :] + random


def owns(workload: Json, obj: Json) -> bool:
    """Whether a controller made OBJ for WORKLOAD, by name: whatever stands between was not read.

    deployment/sync.go getNewReplicaSet and cronjob/utils.go getJobName give the names in between.
    """
    kind, name = text(workload, "kind"), re.escape(_name(workload))
    if text(workload, "metadata", "namespace") != text(obj, "metadata", "namespace"):
        return False
    names = {kind: name}
    if kind == "Deployment":
        names["ReplicaSet"] = rf"{name}-[a-z0-9]+"
    if kind == "CronJob":
        names["Job"] = rf"{name}-[0-9x]+"
    return any(
        flag(reference, "controller")
        and re.fullmatch(names.get(text(reference, "kind"), "(?!)"), text(reference, "name"))
        for reference in items(obj, "metadata", "ownerReferences")
    )


def pods_for(workload: Json, existing: Iterable[Json], *, before: Json) -> tuple[Json, ...]:
    """The pods of WORKLOAD once its controller has followed the change from BEFORE.

    EXISTING are its pods as they are. Those that are made anew keep name, IP and readiness, since
    nobody knows others yet, and say so in PREDICTED_ANNOTATION; what an admission webhook had put
    into them stays. Pods beyond the replicas are gone, and new ones are predicted.
    """
    kept, added = _scaled(workload, tuple(existing))
    old = {_name(each): each for each in predicted_pods(before, at_zero=True)}
    new = {_name(each): each for each in predicted_pods(workload, at_zero=True)}
    if not old or not new:
        return (*kept, *added)
    first_old, first_new = next(iter(old.values())), next(iter(new.values()))
    return (
        *(
            _rolled_out(pod, old.get(_name(pod), first_old), new.get(_name(pod), first_new))
            if _is_replaced(workload, pod)
            else pod
            for pod in kept
        ),
        *added,
    )


def _scaled(
    workload: Json, existing: tuple[Json, ...]
) -> tuple[tuple[Json, ...], tuple[Json, ...]]:
    """Those of the pods that stay, and the predicted ones that are added to them."""
    wanted = predicted_pods(workload)
    match text(workload, "kind"):
        case "StatefulSet":
            have = {_name(pod) for pod in existing}
            names = {_name(pod) for pod in wanted}
            return (
                tuple(pod for pod in existing if _name(pod) in names),
                tuple(pod for pod in wanted if _name(pod) not in have),
            )
        case "Deployment" | "ReplicaSet" | "ReplicationController":
            # controller_utils.go ActivePodsWithRanks: the unready and the youngest go first.
            kept = sorted(existing, key=_last_to_go)[: _replicas(workload)]
            lack = _replicas(workload) - len(kept)
            return tuple(kept), tuple(_standing_for(pod, lack) for pod in wanted if lack > 0)
        case _:
            return existing, ()


def _last_to_go(pod: Json) -> tuple[bool, str]:
    return not is_ready(pod), text(pod, "metadata", "creationTimestamp")


def _is_replaced(workload: Json, pod: Json) -> bool:
    """Whether the controller replaces POD when the template changes; the others wait for someone.

    apps/v1 `updateStrategy`: OnDelete, and the ordinals below `partition`; `paused` Deployments.
    """
    strategy = text(workload, "spec", "updateStrategy", "type")
    match text(workload, "kind"):
        case "Deployment":
            return not flag(workload, "spec", "paused")
        case "DaemonSet":
            return strategy != "OnDelete"
        case "StatefulSet":
            partition = number(workload, "spec", "updateStrategy", "rollingUpdate", "partition")
            found = WITH_ORDINAL.fullmatch(_name(pod))
            is_behind = found is not None and int(found["ordinal"]) >= partition
            return strategy != "OnDelete" and is_behind
        case _:
            return False


def _rolled_out(pod: Json, old: Json, new: Json) -> Json:
    """POD with what differs between OLD and NEW, the pods that the two templates give."""
    metadata = mapping(pod, "metadata")
    labels = merge(_labels(pod), _labels(old), _labels(new))
    annotations = merge(_annotations(pod), _annotations(old), _annotations(new))
    spec = merge(mapping(pod, "spec"), mapping(old, "spec"), mapping(new, "spec"))
    found = (_labels(pod), _annotations(pod), mapping(pod, "spec"))
    if (labels, annotations, spec) == found:
        return pod
    said = {PREDICTED_ANNOTATION: "predicted from the template; name, IP and readiness of today"}
    changed = {"labels": labels, "annotations": {**annotations, **said}}
    return {**pod, "metadata": {**metadata, **changed}, "spec": spec}


def merge(current: Json, old: Json, new: Json) -> dict[str, object]:
    """CURRENT with the changes from OLD to NEW: what neither of them says stays as it is.

    As `kubectl apply` merges; lists go by the name (or mountPath) of their items where all have
    one, else the new list replaces the old.
    """
    merged = dict(current)
    for key in {**old, **new}:
        if old.get(key) == new.get(key):
            continue
        if key in new:
            merged[key] = _merged(current.get(key), old.get(key), new[key])
        else:
            merged.pop(key, None)
    return merged


def _merged(current: object, old: object, new: object) -> object:
    if isinstance(current, dict) and isinstance(old, dict) and isinstance(new, dict):
        return merge(current, old, new)
    now, was, will = _by_name(current), _by_name(old or []), _by_name(new)
    if now is None or was is None or will is None:
        return new
    kept = {key: each for key, each in now.items() if key in will or key not in was}
    changed = {key: merge(now.get(key, {}), was.get(key, {}), each) for key, each in will.items()}
    return list({**kept, **changed}.values())


def _by_name(listed: object) -> dict[str, dict[str, object]] | None:
    """The items of a list by `name` or `mountPath`; None where they have no such key."""
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        return None
    for key in ("mountPath", "name"):
        if all(isinstance(each.get(key), str) for each in listed):
            return {each[key]: each for each in listed}
    return None


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
        name = generated_name(f"{_name(obj)}-")
        yield _pod(obj, name, note=f"stands for {count} pods", count=count)


def _daemon_set(obj: Json) -> Iterator[Json]:
    yield _pod(obj, generated_name(f"{_name(obj)}-"), note="stands for one pod a node")


def _stateful_set(obj: Json) -> Iterator[Json]:
    # stateful_set_utils.go initIdentity: hostname and subdomain of the template are overwritten.
    first = number(obj, "spec", "ordinals", "start")
    subdomain = text(obj, "spec", "serviceName")
    note = _first_of(_replicas(obj))
    if len(_name(obj)) > _LONGEST_SET_NAME:
        note = "the API server refuses it: the StatefulSet's name is too long"
    for ordinal in range(first, first + min(_replicas(obj), MAX_PREDICTED)):
        name = f"{_name(obj)}-{ordinal}"
        labels = {
            "statefulset.kubernetes.io/pod-name": name,
            "apps.kubernetes.io/pod-index": str(ordinal),
        }
        yield _pod(
            obj,
            name,
            note=note,
            labels=labels,
            spec={"hostname": name, "subdomain": subdomain},
            count=int(len(_name(obj)) <= _LONGEST_SET_NAME),
        )


def _job(obj: Json) -> Iterator[Json]:
    name = _name(obj)
    labels = {_JOB_NAME_LABEL: name, "job-name": name}
    running = _running_at_once(obj)
    if text(obj, "spec", "completionMode") != "Indexed":
        note = "stands for the Job's pods"
        yield _pod(obj, generated_name(f"{name}-"), note=note, labels=labels, count=running)
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
            labels={**labels, INDEX_LABEL: str(index)},
            spec={"hostname": f"{name}-{index}"},
            count=int(index < running),
        )


def _running_at_once(job: Json) -> int:
    """How many pods of a Job run side by side at first: job_controller.go manageJob, wantActive.

    A predicted Job is one of a CronJob, and runs at its times only.
    """
    is_predicted = PREDICTED_ANNOTATION in string_map(job, "metadata", "annotations")
    if is_predicted or flag(job, "spec", "suspend"):
        return 0
    is_set = field(job, "spec", "parallelism") is not None
    parallelism = number(job, "spec", "parallelism") if is_set else 1
    if field(job, "spec", "completions") is None:
        return parallelism
    return min(parallelism, number(job, "spec", "completions"))


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


def _annotations(obj: Json) -> Mapping[str, str]:
    ours = (PREDICTED_ANNOTATION, STANDS_FOR_ANNOTATION)
    found = string_map(obj, "metadata", "annotations")
    return {key: value for key, value in found.items() if key not in ours}


def _standing_for(obj: Json, count: int) -> Json:
    """A predicted OBJ that stands for COUNT pods; its note says so too."""
    metadata = mapping(obj, "metadata")
    annotations = {
        **string_map(obj, "metadata", "annotations"),
        PREDICTED_ANNOTATION: _prediction(_name(obj), f"stands for {count} pods"),
        STANDS_FOR_ANNOTATION: str(count),
    }
    return {**obj, "metadata": {**metadata, "annotations": annotations}}


def _pod(
    owner: Json,
    name: str,
    *,
    note: str,
    labels: Mapping[str, str] | None = None,
    spec: Mapping[str, str] | None = None,
    count: int = 1,
) -> Json:
    template = _with_labels(mapping(owner, "spec", "template"), labels or {})
    pod_spec = {**mapping(template, "spec"), **(spec or {})}
    if count != 1:
        said = {
            **string_map(template, "metadata", "annotations"),
            STANDS_FOR_ANNOTATION: f"{count}",
        }
        template = {**template, "metadata": {**mapping(template, "metadata"), "annotations": said}}
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
