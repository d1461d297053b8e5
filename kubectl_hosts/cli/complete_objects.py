"""Names that only a cluster knows, or the files of -f: pods, workloads, containers, namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.cli.complete import NO_FILES, NO_SPACE, Candidate, Candidates, starting_with
from kubectl_hosts.cli.session import open_backend
from kubectl_hosts.cli.targets import TargetOptions, find_targets
from kubectl_hosts.model.fields import items, text
from kubectl_hosts.model.resources import (
    NAMESPACES,
    PODS,
    SERVICES,
    TYPES,
    Selection,
    is_resource_name,
    resource_named,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.cli.complete_line import Line
    from kubectl_hosts.model.resources import Resource
    from kubectl_hosts.run import Backend

_CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")


def complete_targets(line: Line) -> Candidates:
    """POD or TYPE/NAME: kubectl pkg/util/completion PodResourceNameCompletionFunc.

    The types are offered beside pods; where only types fit, no space follows their slash.
    """
    kind, slash, _ = line.current.partition("/")
    cluster, namespace = _cluster(line)
    if slash:
        if not is_resource_name(kind):
            return Candidates()
        names = _names(cluster, resource_named(kind), namespace)
        return starting_with(line.current, (Candidate(f"{kind}/{name}") for name in names))
    if line.arguments and is_resource_name(line.arguments[0]):
        names = _names(cluster, resource_named(line.arguments[0]), namespace)
        return starting_with(line.current, map(Candidate, names))
    pods = starting_with(line.current, map(Candidate, _names(cluster, PODS, namespace)))
    types = tuple(_types(line.current))
    alone = types and not pods.words
    return Candidates((*pods.words, *types), NO_FILES | NO_SPACE if alone else NO_FILES)


def _types(current: str) -> Iterator[Candidate]:
    """`TYPE/`, each type once: by the first of its names that fits."""
    for each in TYPES:
        name = next((name for name in each.names if name.startswith(current)), "")
        if name:
            yield Candidate(f"{name}/", each.kind)


def complete_service_names(line: Line) -> Candidates:
    """Services of the namespace; after `NAME.` the namespaces that have a Service NAME."""
    cluster, namespace = _cluster(line)
    name, dot, _ = line.current.partition(".")
    if dot:
        selection = Selection(field_selector=f"metadata.name={name}")
        found = [text(each, "metadata", "namespace") for each in cluster.list(SERVICES, selection)]
        return starting_with(line.current, (Candidate(f"{name}.{each}") for each in sorted(found)))
    services = cluster.list(SERVICES, Selection(namespace=namespace))
    return starting_with(
        line.current,
        (Candidate(text(each, "metadata", "name"), _address(each)) for each in services),
    )


def _address(service: object) -> str:
    """What leads to the Service: its name elsewhere, its address, or that it is headless."""
    elsewhere, address = text(service, "spec", "externalName"), text(service, "spec", "clusterIP")
    return elsewhere or ("headless" if address == "None" else address)


def complete_namespaces(line: Line) -> Candidates:
    """All namespaces."""
    return starting_with(line.current, map(Candidate, _names(_cluster(line)[0], NAMESPACES, "")))


def complete_containers(line: Line) -> Candidates:
    """The containers of the pod that the line has so far: its first target, or --from."""
    target = line.value("--from") or next(iter(line.arguments), "")
    if not target:
        return Candidates()
    cluster, namespace = _cluster(line)
    words = line.arguments if target in line.arguments else (target,)
    names = words[:2] if is_resource_name(words[0]) else words[:1]
    pods = find_targets(cluster, TargetOptions(names=tuple(names), namespace=namespace)).pods
    found = [
        Candidate(text(each, "name"), "" if key == "containers" else key.removesuffix("s"))
        for key in _CONTAINER_LISTS
        for each in items(pods[0], "spec", key)
    ]
    return starting_with(line.current, found)


def _cluster(line: Line) -> tuple[Backend, str]:
    """The cluster of the line's flags, and the namespace that it means."""
    flags = line.connection
    # No reading of standard input: it is the user's terminal.
    files = [each for each in line.values.get("--filename", ()) if each != "-"]
    cluster = open_backend(flags, files).backend
    return cluster, flags.namespace or cluster.namespace


def _names(cluster: Backend, resource: Resource, namespace: str) -> Iterator[str]:
    for each in cluster.list(resource, Selection(namespace=namespace)):
        yield text(each, "metadata", "name")
