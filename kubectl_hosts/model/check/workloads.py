"""Workloads as their authors wrote them: what the containers are started with, and what they mount.

A workload is what a person deploys: the Deployment, not its ReplicaSets and pods. Objects come as
JSON from the API or from manifests; this is the one place that reads these fields of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.fields import field, flag, items, mapping, string_map, text, texts
from kubectl_hosts.model.resolver.kubelet_resolv_conf import BaseFile, base_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kubectl_hosts.model.fields import FieldPath, Json

CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")
_HANDLERS = (
    *((name, (name,)) for name in ("livenessProbe", "readinessProbe", "startupProbe")),
    *((f"lifecycle {name}", ("lifecycle", name)) for name in ("postStart", "preStop")),
)
_TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "Pod": (),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
_TEMPLATE = ("spec", "template")


class KeyRef(NamedTuple):
    """A key of a ConfigMap or Secret; key "" means all of them."""

    kind: str
    name: str
    key: str = ""
    prefix: str = ""
    """What envFrom puts before each variable's name."""


class Variable(NamedTuple):
    """One item of env: its value, or where that comes from; fieldRef has the field's path."""

    name: str
    value: str = ""
    reference: KeyRef | None = None
    field: str = ""
    path: FieldPath = ()


class StartedWords(NamedTuple):
    """Words that a container runs, or a text of it, and where they stand: `args`, `preStop`."""

    where: str
    words: tuple[str, ...]
    path: FieldPath = ()


class StartedContainer(NamedTuple):
    """What a container is started with."""

    name: str
    env_from: tuple[KeyRef, ...] = ()
    env: tuple[Variable, ...] = ()
    commands: tuple[StartedWords, ...] = ()
    hosts: tuple[StartedWords, ...] = ()
    """The one word that httpGet and tcpSocket of its probes and hooks have as a host, each."""
    volumes: tuple[str, ...] = ()
    """The volumes that it mounts, by name."""


class Started(NamedTuple):
    """What the pods of a workload are started with."""

    containers: tuple[StartedContainer, ...] = ()
    volumes: tuple[tuple[str, KeyRef, tuple[str, ...]], ...] = ()
    """(volume, ConfigMap or Secret, its keys; () for all)."""
    service_links: bool = True
    asks_node: bool = False
    """Whether its resolv.conf is the node's, so that no Service is found by its name."""
    service_account: str = ""


class StartedWorkload(NamedTuple):
    """A workload by kind and name, and what its pods are started with.

    pod_labels and pod_annotations, (key, value, path), are those of its template; service_name is
    a StatefulSet's.
    """

    kind: str
    namespace: str
    name: str
    started: Started
    annotations: tuple[tuple[str, str], ...] = ()
    service_name: str = ""
    pod_labels: tuple[tuple[str, str], ...] = ()
    pod_annotations: tuple[tuple[str, str, FieldPath], ...] = ()


def parse_workload(obj: Json) -> StartedWorkload:
    """A workload, a Pod or a custom resource with `spec.template`, from its JSON.

    Raises BadInput for a field of the wrong type.
    """
    kind = text(obj, "kind")
    template = mapping(obj, *_TEMPLATES.get(kind, _TEMPLATE))
    metadata = mapping(obj, "metadata")
    spec = mapping(obj, "spec") if kind == "StatefulSet" else {}
    above: FieldPath = _TEMPLATES.get(kind, _TEMPLATE)
    of_pods = string_map(template, "metadata", "annotations")
    return StartedWorkload(
        kind=kind,
        namespace=text(metadata, "namespace"),
        name=text(metadata, "name"),
        started=parse_started(mapping(template, "spec"), (*above, "spec")),
        annotations=tuple({**of_pods, **string_map(metadata, "annotations")}.items()),
        service_name=text(spec, "serviceName"),
        pod_labels=tuple(string_map(template, "metadata", "labels").items()),
        pod_annotations=tuple(
            (key, value, (*above, "metadata", "annotations", key)) for key, value in of_pods.items()
        ),
    )


def parse_started(spec: Json, above: FieldPath = ("spec",)) -> Started:
    """What a pod spec, which stands at ABOVE, starts. Raises BadInput for a wrong type."""
    links = field(spec, "enableServiceLinks")
    base = base_of(text(spec, "dnsPolicy"), host_network=flag(spec, "hostNetwork"))
    return Started(
        containers=tuple(
            _container(each, (*above, name, at))
            for name in CONTAINER_LISTS
            for at, each in enumerate(items(spec, name))
        ),
        volumes=tuple(each for volume in items(spec, "volumes") for each in _sources(volume)),
        service_links=links is None or flag(spec, "enableServiceLinks"),
        asks_node=base is BaseFile.NODE,
        service_account=text(spec, "serviceAccountName") or "default",
    )


def _container(obj: Json, path: FieldPath) -> StartedContainer:
    commands = [
        StartedWords(name, words, (*path, name))
        for name in ("command", "args")
        if (words := texts(obj, name))
    ]
    hosts: list[StartedWords] = []
    for where, handler_path in _HANDLERS:
        if field(obj, *handler_path) is None:
            continue
        handler, at = mapping(obj, *handler_path), (*path, *handler_path)
        exec_words = texts(handler, "exec", "command")
        if exec_words:
            named = where if where.startswith("lifecycle") else f"{where} exec"
            commands.append(StartedWords(named, exec_words, (*at, "exec", "command")))
        for action in ("httpGet", "tcpSocket"):
            host = text(handler, action, "host")
            if host:
                hosts.append(StartedWords(f"{where} {action}.host", (host,), (*at, action, "host")))
    return StartedContainer(
        name=text(obj, "name"),
        env_from=tuple(each for source in items(obj, "envFrom") for each in _env_from(source)),
        env=tuple(_variable(each, (*path, "env", at)) for at, each in enumerate(items(obj, "env"))),
        commands=tuple(commands),
        hosts=tuple(hosts),
        volumes=tuple(text(each, "name") for each in items(obj, "volumeMounts")),
    )


def _env_from(source: Json) -> Iterator[KeyRef]:
    for field_name, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
        name = text(source, field_name, "name")
        if name:
            yield KeyRef(kind, name, prefix=text(source, "prefix"))


def _variable(obj: Json, path: FieldPath) -> Variable:
    for field_name, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
        source = mapping(obj, "valueFrom", field_name)
        if source:
            reference = KeyRef(kind, text(source, "name"), text(source, "key"))
            return Variable(text(obj, "name"), reference=reference, path=path)
    value = field(obj, "value")
    return Variable(
        text(obj, "name"),
        text(obj, "value") if isinstance(value, str) else "",
        field=text(obj, "valueFrom", "fieldRef", "fieldPath"),
        path=(*path, "value"),
    )


def _sources(volume: Json) -> Iterator[tuple[str, KeyRef, tuple[str, ...]]]:
    name = text(volume, "name")
    for source in (volume, *items(volume, "projected", "sources")):
        # A projected source calls its Secret by `name`, a volume by `secretName`.
        for field_name, kind, named in (
            ("configMap", "ConfigMap", "name"),
            ("secret", "Secret", "secretName"),
        ):
            found = mapping(source, field_name)
            refers_to = text(found, named) or text(found, "name")
            if refers_to:
                keys = tuple(text(each, "key") for each in items(found, "items"))
                yield name, KeyRef(kind, refers_to), keys
