"""The recorder: a backend in front of another, which keeps what that one gave.

Secrets are passed on and never recorded, and neither is what a pod is started with that names do
not need. `check` needs the host names that it mentions: these are recorded (`mentions`), each with
the text that names it, and nothing beside.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kubectl_hosts.errors import HostsError
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.fields import items, mapping, text
from kubectl_hosts.model.pod import (
    DEFAULT_CONTAINER_ANNOTATION,
    LAST_APPLIED_ANNOTATION,
    WRITES_HOSTS,
    writes_hosts,
)
from kubectl_hosts.model.reads import (
    Files,
    FilesGiven,
    Listed,
    Lookups,
    LookupsGiven,
    Objects,
    PodRef,
    Replies,
    RepliesGiven,
)
from kubectl_hosts.model.resources import kind_of, with_types
from kubectl_hosts.offline.capture import Capture, ContainerRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kubectl_hosts.model.check.check_report import ObjectRef
    from kubectl_hosts.model.check.mentions import Mention
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.reads import RawGiven, Read
    from kubectl_hosts.model.resources import Resource, Selection
    from kubectl_hosts.probes.ports import Backend

# resolv.conf(5), hostname(7), Go's package net, Node's --dns-result-order: variables that bear on
# names. The value of any other may be a password.
_RESOLVER_VARIABLES = frozenset({"LOCALDOMAIN", "RES_OPTIONS", "HOSTALIASES", "GODEBUG"})
# Of a container: what may hold a password, and says nothing about names.
_LEFT_OUT = frozenset(
    {"command", "args", "lifecycle", "livenessProbe", "readinessProbe", "startupProbe"}
)
# The annotations that the model reads (model/pod.py, objects.py, hosts/supplier.py), and ours.
_ANNOTATIONS = frozenset(
    {
        DEFAULT_CONTAINER_ANNOTATION,
        LAST_APPLIED_ANNOTATION,
        "kubernetes.io/config.hash",
        "control-plane.alpha.kubernetes.io/leader",
    }
)
_OURS = "kubectl-hosts/"
_CONTAINER_LISTS = frozenset({"containers", "initContainers", "ephemeralContainers"})


def without_private(obj: Json) -> Json:
    """OBJ without commands and environment values, in its last-applied form too.

    Of managedFields only who manages hostAliases stays: the rest is bulk.
    """
    metadata = dict(mapping(obj, "metadata"))
    managers = [each for each in items(metadata, "managedFields") if _manages_aliases(each)]
    metadata = {key: value for key, value in metadata.items() if key != "managedFields"}
    if managers:
        metadata["managedFields"] = managers
    if "annotations" in metadata:
        metadata["annotations"] = _annotations(mapping(metadata, "annotations"))
    kept = {key: _kept(value) for key, value in obj.items() if key != "metadata"}
    return {**kept, "metadata": metadata}


def _bears_on_names(annotation: str) -> bool:
    return annotation in _ANNOTATIONS or annotation.startswith(_OURS)


def _manages_aliases(entry: Json) -> bool:
    return '"f:hostAliases"' in json.dumps(mapping(entry, "fieldsV1"))


def _annotations(annotations: Json) -> Json:
    """Those that bear on names; the last applied manifest is the object again, as text."""
    annotations = {key: each for key, each in annotations.items() if _bears_on_names(key)}
    if LAST_APPLIED_ANNOTATION not in annotations:
        return annotations
    try:
        applied = json.loads(text(annotations, LAST_APPLIED_ANNOTATION))
    except ValueError:
        return {key: each for key, each in annotations.items() if key != LAST_APPLIED_ANNOTATION}
    written = json.dumps(without_private(applied) if isinstance(applied, dict) else {})
    return {**annotations, LAST_APPLIED_ANNOTATION: written + "\n"}


def _kept(value: object) -> object:
    """VALUE with every list of containers in it stripped, however deep the template stands."""
    if isinstance(value, list):
        return [_kept(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {key: _kept_under(key, each) for key, each in value.items()}


def _kept_under(key: str, value: object) -> object:
    if key in _CONTAINER_LISTS and isinstance(value, list):
        return [_container(each) for each in value]
    if key == "annotations" and isinstance(value, Mapping):
        return {name: each for name, each in value.items() if _bears_on_names(name)}
    return _kept(value)


def _container(container: object) -> object:
    if not isinstance(container, Mapping):
        return container
    kept = {key: value for key, value in container.items() if key not in _LEFT_OUT}
    if writes_hosts(container):
        kept["command"] = [WRITES_HOSTS]
    env = kept.get("env")
    if isinstance(env, list):
        kept["env"] = [_variable(each) for each in env]
    return kept


def _variable(variable: object) -> object:
    if not isinstance(variable, Mapping) or variable.get("name") in _RESOLVER_VARIABLES:
        return variable
    return {key: value for key, value in variable.items() if key != "value"}


class Recorder:
    """The backend given, and a record of all that was read through it, failures included.

    Safe to call from several threads at once.
    """

    def __init__(self, backend: Backend) -> None:
        self.namespace = backend.namespace
        self._backend = backend
        self._lock = threading.Lock()
        self._objects: dict[tuple[str, str, str], Json] = {}
        self._reads: dict[Objects, CouldNotLook | None] = {}
        self._incomplete: set[Objects] = set()
        self._containers: dict[tuple[PodRef, str], ContainerRecord] = {}
        self.mentions: Mapping[ObjectRef, tuple[Mention, ...]] | None = None
        """What workloads mention, where a check was recorded."""

    def get(self, resource: Resource, name: str, *, namespace: str = "") -> Json:
        """As the recorded backend's `get`."""
        read = Objects(kind_of(resource), namespace if resource.namespaced else "", name)
        try:
            obj = self._backend.get(resource, name, namespace=namespace)
        except HostsError as error:
            self._record_objects(read, _refused(error))
            raise
        self._record_objects(read, Listed((obj,)))
        return obj

    def list(self, resource: Resource, selection: Selection) -> Iterator[Json]:
        """As the recorded backend's `list`; recorded once it has been read to its end."""
        read = Objects(
            kind_of(resource),
            selection.namespace,
            labels=selection.label_selector,
            fields=selection.field_selector,
        )
        found = []
        try:
            for obj in self._backend.list(resource, selection):
                found.append(obj)
                yield obj
        except HostsError as error:
            self._record_objects(read, _refused(error))
            raise
        self._record_objects(read, Listed(tuple(found)))

    def answer(self, reads: Sequence[Read]) -> Mapping[Read, RawGiven]:
        """As the recorded backend's `answer`."""
        answers = self._backend.answer(reads)
        for read, answer in answers.items():
            match read, answer:
                case Objects(), Listed() | CouldNotLook():
                    self._record_objects(read, answer)
                case ((Files() | Lookups() | Replies()), _):
                    with self._lock:
                        self._record_container(read, answer)
        return answers

    def capture(self) -> Capture:
        """What was read so far."""
        with self._lock:
            return Capture(
                namespace=self.namespace,
                objects=tuple(self._objects.values()),
                reads=dict(self._reads),
                incomplete=frozenset(self._incomplete),
                containers=dict(self._containers),
                mentions=self.mentions,
            )

    def _record_objects(self, read: Objects, answer: Listed | CouldNotLook) -> None:
        # A list of ConfigMaps is for what workloads are started with.
        is_start = read == Objects("ConfigMap", read.namespace) and isinstance(answer, Listed)
        if read.kind == "Secret" or is_start:
            return
        with self._lock:
            if isinstance(answer, CouldNotLook):
                self._reads[read] = answer
                return
            self._reads[read] = None
            if not answer.complete:
                self._incomplete.add(read)
            for obj in with_types(read.kind, answer.objects):
                key = read.kind, text(obj, "metadata", "namespace"), text(obj, "metadata", "name")
                if read.name:  # a get may show more than a list does
                    self._objects[key] = without_private(obj)
                else:  # the order is the list's
                    self._objects[key] = self._objects.pop(key, {}) or without_private(obj)

    def _record_container(self, read: Files | Lookups | Replies, answer: RawGiven) -> None:
        key = read.pod, read.container
        record = self._containers.get(key, ContainerRecord())
        match answer:
            case FilesGiven():
                record = replace(
                    record,
                    files={**record.files, **dict(answer.files)},
                    via=answer.via,
                    read_from=answer.read_from,
                )
            case LookupsGiven():
                views = {each.name: each for each in (*record.views, *answer.views)}
                record = replace(record, libc=answer.libc, views=tuple(views.values()))
            case RepliesGiven():
                record = replace(record, replies=(*record.replies, *answer.asked))
            case CouldNotLook() if record.failure is None:
                record = replace(record, failure=answer)
        self._containers[key] = record


def _refused(error: HostsError) -> CouldNotLook:
    return CouldNotLook(what="", why=error.message, hint=error.hint, reason=error.reason)
