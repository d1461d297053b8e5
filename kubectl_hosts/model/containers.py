"""Which container of a pod is looked at, and whether a command can run in it."""

from __future__ import annotations

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.pod import (
    DEFAULT_CONTAINER_ANNOTATION,
    Container,
    ContainerKind,
    Pod,
)

_WORDS = {ContainerKind.INIT: " (init)", ContainerKind.SIDECAR: " (init)"}


def default_container(pod: Pod) -> Container:
    """The annotated default, else the first app container: podcmd.FindOrDefaultContainerByName.

    Raises BadInput for a pod without containers.
    """
    annotated = pod.container(pod.annotation(DEFAULT_CONTAINER_ANNOTATION))
    if annotated is not None:
        return annotated
    for container in pod.containers:
        if container.kind is ContainerKind.APP:
            return container
    raise BadInput(
        f"pod {pod.name} has no containers", hint="spec.containers of its manifest is empty."
    )


def container_named(pod: Pod, name: str) -> Container:
    """The container of that name, of any kind. Raises BadInput in kubectl's words."""
    found = pod.container(name)
    if found is None:
        raise BadInput(
            f"container {name} not found in pod {pod.name}",
            hint=f"Its containers are: {container_list(pod)}.",
        )
    return found


def container_list(pod: Pod) -> str:
    """All containers as kubectl lists them: `a, b, dbg (ephem), i1 (init), side (init)`."""
    return ", ".join(each.name + _word(each) for each in pod.containers)


def _word(container: Container) -> str:
    if container.kind is ContainerKind.EPHEMERAL:
        return " (ephem)"
    return _WORDS.get(container.kind, "")


def defaulted_note(pod: Pod) -> str:
    """What kubectl says on stderr when it chooses among several containers, else ""."""
    if len(pod.containers) < 2:
        return ""
    return f'Defaulted container "{default_container(pod).name}" out of: {container_list(pod)}'


def why_not_running(pod: Pod, container: Container) -> str:
    """Why no command can run in the container, as far as its status tells; "" when one can."""
    if pod.is_finished:
        return f"cannot exec into a container in a completed pod; current phase is {pod.phase}"
    if not pod.node_name:
        return f"pod {pod.name} does not have a host assigned"
    status = container.status
    if status.state in {"running", ""}:
        return ""
    reason = status.reason or status.state
    return f'container "{container.name}" is not running: {status.state}, {reason}'
