"""A command to run in a container, and how each transport asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from kubectl_hosts.probes.ports import ExecTarget


class ExecCommand(NamedTuple):
    """One command: where, what, its input, the most output in bytes, the most time in seconds."""

    target: ExecTarget
    argv: tuple[str, ...]
    stdin: bytes
    limit: int
    deadline: float

    @property
    def path(self) -> str:
        """The API path and query of `pods/exec` (core/v1 PodExecOptions)."""
        namespace, pod, container = self.target.namespace, self.target.pod, self.target.container
        query = [("container", container)] if container else []
        query += [("command", word) for word in self.argv]
        query += [("stdin", "true")] if self.stdin else []
        query += [("stdout", "true"), ("stderr", "true")]
        where = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(pod, safe='')}/exec"
        return f"{where}?{urlencode(query)}"
