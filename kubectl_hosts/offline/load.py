"""From `-f` to a cluster: manifests and captures, with the pods that workloads would have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.api.kinds import at, is_read, kind_of, pod_spec_path, template_path
from kubectl_hosts.model.control_plane import Made, follow, identity
from kubectl_hosts.model.fields import flag, items, mapping, text
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.reads import PodRef
from kubectl_hosts.model.what_if import ToApply
from kubectl_hosts.model.workload import (
    WORKLOAD_KINDS,
    as_created,
    predicted_objects,
    template_pods,
)
from kubectl_hosts.offline.backend import FilesBackend
from kubectl_hosts.offline.capture import Capture, is_capture, parse_capture
from kubectl_hosts.offline.documents import (
    Placed,
    ResourceKey,
    complete,
    key_of_object,
    read_sources,
)
from kubectl_hosts.offline.manifests import read_all, review_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.offline.documents import Document

_POD_KINDS = ("Pod", *WORKLOAD_KINDS)
_PODS = ResourceKey(plural="pods")


def load(paths: Sequence[str], *, namespace: str, stdin: Callable[[], bytes]) -> FilesBackend:
    """The cluster that the files describe; no other is contacted.

    PATHS are files, directories and `-` (STDIN is called for its bytes). Objects without a
    namespace get NAMESPACE; with "" that of the capture, else `default`. What one object has wrong
    is among the findings. Raises BadInput where nothing can be read, and where there is no pod.
    """
    documents = read_all(read_sources(paths, stdin))
    captures = tuple(_captures(documents.objects))
    _require_apart(captures, [each.source for each in documents.objects if is_capture(each.value)])
    default = namespace or next((each.namespace for each in captures), "default")
    given = [each for each in documents.objects if not is_capture(each.value)]
    manifests = review_all(given, documents.bad, namespace=default)
    placed = tuple(each for each in manifests.placed if _is_typed(each.obj))
    built_in = tuple(each for each in placed if kind_of(each.obj).is_built_in)
    made = _followed((*(each.obj for each in built_in), *_templated(placed)), captures)
    objects = _by_key(made.objects, captures)
    has_pods = any(key.plural == "pods" for key in objects) or any(
        text(each.obj, "kind") in _POD_KINDS for each in built_in
    )
    if not (captures or has_pods or manifests.refused):
        raise _no_pod(documents.objects, manifests.placed)
    return FilesBackend(
        namespace=default,
        objects=objects,
        captures=captures,
        manifests=manifests.verdict(objects.get(_PODS, ())),
        placeholders=made.placeholders,
        sources=documents.sources,
        placed=manifests.placed,
    )


def _require_apart(captures: Sequence[Capture], sources: Sequence[str]) -> None:
    """Raises BadInput where a pod was read for two captures and is not the same in both.

    A report made of both would be of a pod that there never was.
    """
    seen: dict[PodRef, tuple[str, str, str]] = {}
    for capture, source in zip(captures, sources, strict=True):
        for pod, (uid, looked) in _pods_in(capture).items():
            before, other_uid, other_look = seen.setdefault(pod, (source, uid, looked))
            differs = other_uid != uid or bool(looked and other_look and looked != other_look)
            if before != source and differs:
                raise BadInput(
                    f"pod {pod.namespace}/{pod.name} is another one in {before} than in {source}",
                    hint=f"Give one of them at a time: -f {before}",
                )


def _pods_in(capture: Capture) -> dict[PodRef, tuple[str, str]]:
    """Each pod's uid, and what was read in its containers as text that can be compared."""
    looked: dict[PodRef, str] = {}
    for (pod, container), record in sorted(capture.containers.items()):
        looked[pod] = f"{looked.get(pod, '')}{container}: {sorted(record.files.items())!r}; "
    found = {}
    for obj in capture.objects:
        if text(obj, "kind") == "Pod":
            pod = PodRef(text(obj, "metadata", "namespace"), text(obj, "metadata", "name"))
            found[pod] = (text(obj, "metadata", "uid"), looked.get(pod, ""))
    return found


def load_objects(paths: Sequence[str], namespace: str, stdin: Callable[[], bytes]) -> ToApply:
    """The objects of manifests that are to be applied.

    An object without a namespace gets NAMESPACE. Raises BadInput where nothing can be read, and
    for a capture, which cannot be applied.
    """
    documents = read_all(read_sources(paths, stdin))
    for each in documents.objects:
        if is_capture(each.value):
            raise BadInput(
                f"{each.source} is a capture, and manifests can be applied",
                hint=f"-f {each.source} explains from it.",
            )
    deletions = [each for each in documents.objects if each.value.get("$patch") == "delete"]
    others = [each for each in documents.objects if each not in deletions]
    manifests = review_all(others, documents.bad, namespace=namespace)
    refused = frozenset((each.kind, each.namespace, each.name) for each in manifests.refused)
    gone = tuple(complete(each.value, namespace) for each in deletions)
    return ToApply((*(each.obj for each in manifests.placed), *gone), refused)


def _is_typed(obj: Json) -> bool:
    """Whether what is read of the pod in OBJ has the API's types.

    Nobody checks them for custom resources, and an item of a list may be null.
    """
    path = pod_spec_path(obj)
    if path is None:
        return True
    try:
        parse_pod({"metadata": mapping(obj, "metadata"), "spec": at(obj, path) or {}})
        _pods_of_template(obj)
    except BadInput:
        return False
    return True


def _templated(placed: Iterable[Placed]) -> Iterator[Json]:
    for each in placed:
        yield from _pods_of_template(each.obj)


def _pods_of_template(obj: Json) -> tuple[Json, ...]:
    is_custom = not kind_of(obj).is_built_in and template_path(obj) is not None
    return template_pods(obj) if is_custom else ()


def _captures(documents: Iterable[Document]) -> Iterator[Capture]:
    for each in documents:
        if is_capture(each.value):
            with each.errors_named():
                capture = parse_capture(each.value)
            yield capture


def _followed(given: Sequence[Json], captures: Sequence[Capture]) -> Made:
    """What the control plane makes of the objects of manifests: they are the whole cluster.

    Beside a capture they are not: then only the pods of workloads are made, as everything else
    that follows from them stands in the capture or was not read.
    """
    if captures or not given:
        return Made((*map(as_created, given), *_predicted(given)), {})
    try:
        return follow(given)
    except BadInput:
        return follow([each for each in given if _can_be_followed(each)])


def _can_be_followed(obj: Json) -> bool:
    """Whether the fields that the control plane reads of OBJ have the API's types."""
    try:
        follow([obj])
    except BadInput:
        return False
    return True


def _predicted(given: Sequence[Json]) -> Iterator[Json]:
    """What the controllers would make of each workload none of whose own is among the objects."""
    owners = {owner for each in given for owner in _owners(each)}
    for each in given:
        if identity(each) not in owners:
            yield from predicted_objects(each)


def _owners(obj: Json) -> Iterator[tuple[str, str, str]]:
    for reference in items(obj, "metadata", "ownerReferences"):
        if flag(reference, "controller"):
            namespace = text(obj, "metadata", "namespace")
            yield text(reference, "kind"), namespace, text(reference, "name")


def _by_key(
    manifests: Iterable[Json], captures: Iterable[Capture]
) -> dict[ResourceKey, tuple[Json, ...]]:
    """The objects by type; one given twice counts once, the later and the manifest's."""
    captured = ((key_of_object(obj), obj) for each in captures for obj in each.objects)
    unique: dict[ResourceKey, dict[tuple[str, str], Json]] = {}
    for key, obj in (*captured, *((key_of_object(obj), obj) for obj in manifests)):
        name = text(obj, "metadata", "namespace"), text(obj, "metadata", "name")
        unique.setdefault(key, {})[name] = obj
    return {key: tuple(found.values()) for key, found in unique.items()}


def _no_pod(documents: Sequence[Document], placed: Sequence[Placed]) -> BadInput:
    files = ", ".join(dict.fromkeys(each.source for each in documents))
    kinds = ", ".join(dict.fromkeys(str(kind_of(each.obj)) for each in placed))
    hint = f"-f takes a Pod, {', '.join(WORKLOAD_KINDS)}, or a capture."
    if any(not is_read(each.obj) for each in placed):
        hint = (
            "Custom resources are read where they have spec.template.spec: "
            "give what their controllers make with -f."
        )
    return BadInput(
        f"no pod in {files}, and no workload that makes one: {kinds or 'an empty list'} only",
        hint=hint,
    )
