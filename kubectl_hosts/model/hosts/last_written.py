"""When the kubelet last wrote a pod's file, as far as status tells: hosts-file.md 2.3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.hosts.report import LastWritten

if TYPE_CHECKING:
    from kubectl_hosts.model.pod import Container, Pod

# What startedAt holds of a container that never ran (StartError).
_NEVER = "1970-01-01T00:00:00Z"


def last_written(pod: Pod, *, path: str) -> LastWritten:
    """The newest start of a container that takes the kubelet's file at PATH.

    Each start attempt that gets as far as the mounts writes the file anew. Some leave no startedAt:
    such a container is named in or_later.
    """
    sharing = [
        each
        for each in pod.containers
        if all(mount.mount_path != path for mount in each.volume_mounts)
    ]
    starts = [
        (each.status.started_at, each.name)
        for each in sharing
        if each.status.started_at and each.status.started_at != _NEVER
    ]
    at, by = max(starts, default=("", ""))
    failing = "; ".join(why for each in sharing if (why := _rewrites_unseen(each)))
    return LastWritten(at=at, by=by, or_later=failing)


def _rewrites_unseen(container: Container) -> str:
    """Why this container's start attempts rewrite the file without leaving a startedAt."""
    status = container.status
    is_config_error = status.reason == "CreateContainerConfigError"
    if is_config_error and "runAsNonRoot" in status.message:
        return f"container {container.name} ({status.reason}) rewrites it at every try"
    is_start_error = status.reason in {"StartError", "RunContainerError"}
    if is_start_error or status.started_at == _NEVER:
        return f"container {container.name} (StartError) rewrites it at every try"
    return ""
