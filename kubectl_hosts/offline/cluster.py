"""A cluster that is files: get and list from the objects in them, exec from what was captured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kubectl_hosts.errors import ExecFailed, HostsError, NoSuchExecutable, NotFound, Unreachable
from kubectl_hosts.model.resources import Resource, Selection
from kubectl_hosts.probes.ports import CompletedExec, ExecTarget
from kubectl_hosts.model.fields import text
from kubectl_hosts.model.selectors import field_selector, label_selector
from kubectl_hosts.offline.capture import Capture, ExecKey, ReadKey
from kubectl_hosts.offline.exchanges import PlayedStream, exchange_key
from kubectl_hosts.offline.markers import (
    asks_no_less,
    output_respelled,
    respelled,
    shared_arguments,
    spelling_by,
    spelling_in,
)
from kubectl_hosts.offline.objects import ResourceKey, key_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.findings import Finding

_PODS = ResourceKey(plural="pods")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineCluster:
    """The `Cluster` of gather/ports.py, answered from manifests and captures alone.

    Manifests are the whole cluster: what is not in them is NotFound. A capture knows what was read:
    an object that nobody looked for while it was recorded is Unreachable, not absent.
    """

    namespace: str
    objects: Mapping[ResourceKey, tuple[Json, ...]]
    captures: tuple[Capture, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What the API server would refuse or drop in the manifests."""
    sources: tuple[str, ...] = ()
    """The files' names, for messages."""

    def get(self, resource: Resource, name: str, *, namespace: str = "") -> Json:
        """One object; raises NotFound, the captured error, or Unreachable when never looked for."""
        where = namespace if resource.namespaced else ""
        for obj in self.objects.get(key_of(resource), ()):
            if text(obj, "metadata", "name") == name and _is_in(obj, where):
                return obj
        read = ReadKey(resource=key_of(resource), name=name, selection=Selection(namespace=where))
        self._raise_captured(read)
        if not self._was_listed(read):
            raise self._never_read(f'{read.resource} "{name}"')
        raise NotFound(
            f'Error from server (NotFound): {read.resource} "{name}" not found',
            status=404,
            reason="NotFound",
            hint=f"Only {self._files} was read; no cluster was asked.",
        )

    def list(self, resource: Resource, selection: Selection) -> Iterator[Json]:
        """The objects selected; raises the captured error, or Unreachable when never listed.

        Captured pods can always be listed: whoever asks for pods wants those that are there.
        """
        read = ReadKey(resource=key_of(resource), selection=selection)
        self._raise_captured(read)
        if read.resource != _PODS and not self._was_listed(read):
            raise self._never_read(f"the {read.resource}")
        has_labels = label_selector(selection.label_selector)
        has_fields = field_selector(selection.field_selector)
        return (
            obj
            for obj in self.objects.get(read.resource, ())
            if _is_in(obj, selection.namespace) and has_labels(obj) and has_fields(obj)
        )

    def exec(
        self,
        target: ExecTarget,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        limit: int = 1 << 20,
        deadline: float = 30.0,  # noqa: ARG002  nothing here can take long
    ) -> CompletedExec:
        """What the command gave when it was recorded; raises its error, or ExecFailed for none."""
        for capture in self.captures:
            own = spelling_by(capture.marker)
            key = ExecKey(
                namespace=target.namespace,
                pod=target.pod,
                container=target.container,
                argv=respelled(argv, own),
                stdin=stdin,
            )
            result = _captured_exec(capture, key)
            if isinstance(result, HostsError):
                raise result
            if result is not None:
                return _cut(output_respelled(result, own, spelling_in(argv)), limit)
        if self._has_seen(target) and not self._has_seen(target, argv[0]):
            raise NoSuchExecutable(f"{argv[0]} was not run while {self._files} was recorded")
        raise ExecFailed(
            f"no output of pod {target.namespace}/{target.pod} was captured in {self._files}",
            hint="Manifests can only be predicted from; leave -f out to look into the pod.",
        )

    def forward(
        self,
        namespace: str,
        pod: str,
        port: int,
        *,
        deadline: float = 10.0,  # noqa: ARG002  nothing here can take long
    ) -> PlayedStream:
        """What came back when the same was sent while it was recorded.

        Raises the captured error; the stream raises Unreachable for what was never sent.
        """

        def find(sent: bytes) -> CompletedExec | HostsError | None:
            key = exchange_key(namespace, pod, port, sent)
            found = (capture.execs.get(key) for capture in self.captures)
            return next((each for each in found if each is not None), None)

        refused = find(b"")
        if isinstance(refused, HostsError):
            raise refused
        return PlayedStream(find, self._never_read(f"port {port} of pod {namespace}/{pod}"))

    def _has_seen(self, target: ExecTarget, program: str = "") -> bool:
        """Whether a capture holds an exec in this container, of PROGRAM if given."""
        wanted = target.namespace, target.pod, target.container
        return any(
            (each.namespace, each.pod, each.container) == wanted and program in ("", each.argv[0])
            for capture in self.captures
            for each in capture.execs
        )

    @property
    def _files(self) -> str:
        return ", ".join(self.sources) or "-f"

    def _raise_captured(self, read: ReadKey) -> None:
        for capture in self.captures:
            error = capture.reads.get(read)
            if error is not None:
                raise error

    def _was_listed(self, read: ReadKey) -> bool:
        """Whether all that READ could find was read: always so for manifests alone."""
        return not self.captures or any(
            _covers(done, read)
            for capture in self.captures
            for done, error in capture.reads.items()
            if error is None
        )

    def _never_read(self, what: str) -> Unreachable:
        return Unreachable(
            f"{what}: not read while {self._files} was recorded",
            hint="Record the capture again with the command that you want to run from it.",
        )


def _is_in(obj: Json, namespace: str) -> bool:
    return not namespace or text(obj, "metadata", "namespace") == namespace


def _covers(done: ReadKey, wanted: ReadKey) -> bool:
    """Whether the list DONE holds everything that WANTED selects."""
    if done.resource != wanted.resource or done.name:
        return False
    same_place = done.selection.namespace in ("", wanted.selection.namespace)
    everything = Selection(namespace=done.selection.namespace)
    same_choice = wanted.selection._replace(namespace=done.selection.namespace)
    return same_place and done.selection in (everything, same_choice)


def _captured_exec(capture: Capture, key: ExecKey) -> CompletedExec | HostsError | None:
    """The result under KEY, or that of the probe nearest to it: another release's, or verb's."""
    if key in capture.execs:
        return capture.execs[key]
    like_it = (
        each
        for each in capture.execs
        if replace(each, argv=key.argv) == key and asks_no_less(each.argv, key.argv)
    )
    nearest = max(
        like_it, key=lambda each: len(shared_arguments(each.argv, key.argv)), default=None
    )
    return capture.execs[nearest] if nearest else None


def _cut(result: CompletedExec, limit: int) -> CompletedExec:
    if len(result.stdout) <= limit:
        return result
    return result._replace(stdout=result.stdout[:limit], truncated=True)
