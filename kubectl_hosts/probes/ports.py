"""What the live backend needs of a cluster: reads, lists, an exec and a byte stream to a pod."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.resources import Resource, Selection


class ExecTarget(NamedTuple):
    """One container; with an empty name the server chooses, or refuses where there are several."""

    namespace: str
    pod: str
    container: str


class CompletedExec(NamedTuple):
    """A command that ran in a container: what it wrote, how it ended."""

    stdout: bytes
    stderr: bytes
    exit_code: int
    truncated: bool = False


class PodStream(Protocol):
    """A TCP connection to a port of a pod; close it when done."""

    def send(self, data: bytes) -> None:
        """Send all of DATA. Raises Unreachable."""
        ...

    def recv(self, size: int) -> bytes:
        """At least one byte and at most SIZE, b"" at the end. Raises Unreachable."""
        ...

    def close(self) -> None:
        """Drop the connection."""
        ...


class Cluster(Protocol):
    """Where objects and files come from. Safe to call from several threads at once."""

    @property
    def namespace(self) -> str:
        """The namespace of the current context, or `default`."""
        ...

    def get(self, resource: Resource, name: str, *, namespace: str = "") -> Json:
        """One object. Raises NotFound, Forbidden, another ServerRefused, or Unreachable."""
        ...

    def list(self, resource: Resource, selection: Selection) -> Iterator[Json]:
        """The objects selected, page by page (`limit=500`). Raises as `get` does.

        Items carry no `kind`: the type is the caller's question.
        """
        ...

    def exec(
        self,
        target: ExecTarget,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        limit: int = 1 << 20,
        deadline: float = 30.0,
    ) -> CompletedExec:
        """Run a reading command; its output is cut at LIMIT bytes, DEADLINE is in seconds.

        Raises a child of ExecFailed, or Unreachable.
        """
        ...

    def forward(self, namespace: str, pod: str, port: int, *, deadline: float = 10.0) -> PodStream:
        """A byte stream to TCP PORT of a pod, for DEADLINE seconds in all.

        Raises NotFound, Forbidden, another ServerRefused, or Unreachable.
        """
        ...
