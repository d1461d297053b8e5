"""What a backend needs of where objects come from, and the live one of a cluster: exec, streams."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, Protocol

from kubectl_hosts.errors import HostsError, NotFound, one_line
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.reads import PAGE, Listed, Objects, in_words
from kubectl_hosts.model.resources import RESOURCES, Selection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.reads import RawGiven, Read
    from kubectl_hosts.model.resources import Resource


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


class ObjectSource(Protocol):
    """Where objects come from: the API server, or files. Safe to call from several threads."""

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


class Backend(ObjectSource, Protocol):
    """Who answers reads."""

    def answer(self, reads: Sequence[Read]) -> Mapping[Read, RawGiven]:
        """What each of READS gave. Raises nothing that stands in the way of one read."""
        ...


class Cluster(ObjectSource, Protocol):
    """The API server, as the live backend needs it."""

    def exec(
        self,
        target: ExecTarget,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        limit: int = 1 << 20,
        deadline: float = 30.0,
        last: bytes = b"",
    ) -> CompletedExec:
        """Run a reading command; its output is cut at LIMIT bytes, DEADLINE is in seconds.

        One that has written LAST has said all, also where a child of it keeps the output open: it
        then counts as ended, with 0.
        Raises a child of ExecFailed, or Unreachable.
        """
        ...

    def forward(self, namespace: str, pod: str, port: int, *, deadline: float = 10.0) -> PodStream:
        """A byte stream to TCP PORT of a pod, for DEADLINE seconds in all.

        Raises NotFound, Forbidden, another ServerRefused, or Unreachable.
        """
        ...


def read_objects(source: ObjectSource, read: Objects) -> Listed | CouldNotLook:
    """What READ gives: absent is an empty list, and whatever else stands in the way a reason.

    Raises KeyError for a kind that is in no table (model/resources.py).
    """
    resource = RESOURCES[read.kind]
    try:
        if read.name:
            return Listed((source.get(resource, read.name, namespace=read.namespace),))
        chosen = Selection(read.namespace, read.labels, read.fields)
        # The iterator asks for the next page only past the last item of this one.
        found = tuple(islice(source.list(resource, chosen), PAGE))
    except NotFound:
        return Listed()
    except HostsError as error:
        request = f"{'get' if read.name else 'list'} {resource.in_words}"
        return could_not_look(in_words(read), error, request=request)
    return Listed(found, complete=len(found) < PAGE)


def could_not_look(what: str, error: HostsError, *, request: str = "") -> CouldNotLook:
    """An error as a reason inside a report: its message in one line, without kubectl's opening."""
    why = one_line(error.message).removeprefix("error: ")
    return CouldNotLook(what=what, why=why, hint=error.hint, reason=error.reason, request=request)
