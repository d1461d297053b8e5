"""From `-f` to a cluster: manifests and captures, with the pods that workloads would have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.fields import flag, items, text, texts
from kubectl_hosts.model.hosts.lint import lint_manifest
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.workload import WORKLOAD_KINDS, as_created, predicted_objects
from kubectl_hosts.offline.backend import FilesBackend
from kubectl_hosts.offline.capture import Capture, is_capture, parse_capture
from kubectl_hosts.offline.documents import parse_documents
from kubectl_hosts.offline.objects import Placed, ResourceKey, key_of_object, objects_in
from kubectl_hosts.offline.sources import read_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.offline.documents import Document

_POD_KINDS = ("Pod", *WORKLOAD_KINDS)


def load(paths: Sequence[str], *, namespace: str, stdin: Callable[[], bytes]) -> FilesBackend:
    """The cluster that the files describe; no other is contacted.

    PATHS are files, directories and `-` (STDIN is called for its bytes). Objects without a
    namespace get NAMESPACE; with "" that of the capture, else `default`. Raises BadInput for what
    cannot be read, for a field of the wrong type, and where there is no pod at all.
    """
    documents = _documents(read_sources(paths, stdin))
    captures = tuple(_captures(documents))
    default = namespace or next((each.namespace for each in captures), "default")
    manifests = [each for each in documents if not is_capture(each.value)]
    placed = tuple(objects_in(manifests, namespace=default))
    objects = _by_key((*_created(placed), *_predicted(placed)), captures)
    if not (captures or any(text(each.obj, "kind") in _POD_KINDS for each in placed)):
        raise _no_pod(documents, placed)
    return FilesBackend(
        namespace=default,
        objects=objects,
        captures=captures,
        findings=tuple(finding for each in placed for finding in lint_manifest(each.obj)),
        sources=tuple(dict.fromkeys(each.source for each in documents)),
    )


def _documents(sources: Iterable[tuple[str, bytes]]) -> tuple[Document, ...]:
    read = [(name, parse_documents(name, data)) for name, data in sources]
    documents = tuple(document for _, found in read for document in found)
    if not documents:
        raise BadInput(
            "no objects passed to hosts",
            hint=f"There is no document in {', '.join(name for name, _ in read)}.",
        )
    return documents


def _captures(documents: Iterable[Document]) -> Iterator[Capture]:
    for each in documents:
        if is_capture(each.value):
            with each.errors_named():
                capture = parse_capture(each.value)
            yield capture


def _created(placed: Iterable[Placed]) -> Iterator[Json]:
    """The objects given, as created; a pod must be one that the API server could decode."""
    for each in placed:
        with _named(each):
            created = as_created(each.obj)
            if text(created, "kind") == "Pod":
                _require_types(created)
        yield created


def _predicted(placed: Sequence[Placed]) -> Iterator[Json]:
    """What the controllers would make of each workload none of whose own is among the objects."""
    owners = {owner for each in placed for owner in _owners(each.obj)}
    for each in placed:
        if _identity(each.obj) in owners:
            continue
        with _named(each):
            for child in predicted_objects(each.obj):
                if text(child, "kind") == "Pod":
                    _require_types(child)
                yield child


def _identity(obj: Json) -> tuple[str, str, str]:
    return text(obj, "metadata", "namespace"), text(obj, "kind"), text(obj, "metadata", "name")


def _owners(obj: Json) -> Iterator[tuple[str, str, str]]:
    for reference in items(obj, "metadata", "ownerReferences"):
        if flag(reference, "controller"):
            namespace = text(obj, "metadata", "namespace")
            yield namespace, text(reference, "kind"), text(reference, "name")


def _require_types(pod: Json) -> None:
    """Every field that the model reads has the API's type; hostAliases with their whole path."""
    for index, alias in enumerate(items(pod, "spec", "hostAliases")):
        _require_alias_types(alias, f"spec.hostAliases[{index}]")
    parse_pod(pod)


def _require_alias_types(alias: Json, path: str) -> None:
    try:
        text(alias, "ip")
        texts(alias, "hostnames")
    except BadInput as error:
        raise BadInput(
            f"{path}.{error.message}", hint='Put it in quotes, as text: "10.1.2.3", "1234", "on".'
        ) from error


def _named(placed: Placed) -> AbstractContextManager[None]:
    """Errors about an object say which one it is, in which document."""
    kind, name = text(placed.obj, "kind"), text(placed.obj, "metadata", "name")
    return placed.document.errors_named(f'{kind} "{name}": ')


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
    kinds = ", ".join(dict.fromkeys(text(each.obj, "kind") for each in placed))
    return BadInput(
        f"no pod in {files}, and no workload that makes one: {kinds or 'an empty list'} only",
        hint=f"-f takes a Pod, {', '.join(WORKLOAD_KINDS)}, or a capture.",
    )
