"""Records what is read through a Cluster, so that the same questions can be asked without it."""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING

from kubectl_hosts.errors import HostsError
from kubectl_hosts.model.resources import Resource, Selection
from kubectl_hosts.probes.ports import CompletedExec, ExecTarget
from kubectl_hosts.model.fields import text
from kubectl_hosts.offline.capture import Capture, ExecKey, ReadKey
from kubectl_hosts.offline.exchanges import RecordedStream, exchange_key
from kubectl_hosts.offline.markers import (
    output_respelled,
    respelled,
    spelling_by,
    spelling_in,
)
from kubectl_hosts.offline.objects import ResourceKey, key_of
from kubectl_hosts.offline.private import is_secret, without_private

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kubectl_hosts.probes.ports import Cluster, PodStream
    from kubectl_hosts.model.fields import Json


class RecordingCluster:
    """The `Cluster` given, and a record of all that was read through it, errors included.

    Secrets are passed on and never recorded. Safe to call from several threads at once.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._lock = threading.Lock()
        self._spelling = spelling_by(f"=={secrets.token_hex(16)}==")
        self._objects: dict[ResourceKey, dict[tuple[str, str], Json]] = {}
        self._reads: dict[ReadKey, HostsError | None] = {}
        self._execs: dict[ExecKey, CompletedExec | HostsError] = {}

    @property
    def namespace(self) -> str:
        """The namespace of the cluster that is recorded."""
        return self._cluster.namespace

    def get(self, resource: Resource, name: str, *, namespace: str = "") -> Json:
        """As the recorded cluster's `get`."""
        where = namespace if resource.namespaced else ""
        read = ReadKey(resource=key_of(resource), name=name, selection=Selection(namespace=where))
        try:
            obj = self._cluster.get(resource, name, namespace=namespace)
        except HostsError as error:
            self._record(resource, read, (), error)
            raise
        self._record(resource, read, (obj,), None)
        return obj

    def list(self, resource: Resource, selection: Selection) -> Iterator[Json]:
        """As the recorded cluster's `list`; recorded once it has been read to its end."""
        read = ReadKey(resource=key_of(resource), selection=selection)
        found = []
        try:
            for obj in self._cluster.list(resource, selection):
                found.append(obj)
                yield obj
        except HostsError as error:
            self._record(resource, read, found, error)
            raise
        self._record(resource, read, found, None)

    def exec(
        self,
        target: ExecTarget,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        limit: int = 1 << 20,
        deadline: float = 30.0,
    ) -> CompletedExec:
        """As the recorded cluster's `exec`."""
        key = ExecKey(
            namespace=target.namespace,
            pod=target.pod,
            container=target.container,
            argv=respelled(argv, self._spelling),
            stdin=stdin,
        )
        try:
            done = self._cluster.exec(target, argv, stdin=stdin, limit=limit, deadline=deadline)
        except HostsError as error:
            with self._lock:
                self._execs[key] = error
            raise
        with self._lock:
            self._execs[key] = output_respelled(done, spelling_in(argv), self._spelling)
        return done

    def forward(self, namespace: str, pod: str, port: int, *, deadline: float = 10.0) -> PodStream:
        """As the recorded cluster's `forward`; what was said is recorded when it is closed."""

        def record(sent: bytes, result: CompletedExec | HostsError) -> None:
            with self._lock:
                self._execs[exchange_key(namespace, pod, port, sent)] = result

        try:
            stream = self._cluster.forward(namespace, pod, port, deadline=deadline)
        except HostsError as error:
            record(b"", error)
            raise
        return RecordedStream(stream, record)

    def capture(self) -> Capture:
        """What was read so far."""
        with self._lock:
            return Capture(
                namespace=self.namespace,
                marker=self._spelling.marker,
                objects={key: tuple(each.values()) for key, each in self._objects.items()},
                reads=dict(self._reads),
                execs=dict(self._execs),
            )

    def _record(
        self, resource: Resource, read: ReadKey, objects: Sequence[Json], error: HostsError | None
    ) -> None:
        if is_secret(resource):
            return
        with self._lock:
            self._reads[read] = error
            known = self._objects.setdefault(read.resource, {})
            for obj in objects:
                name = text(obj, "metadata", "namespace"), text(obj, "metadata", "name")
                if read.name or name not in known:  # a get shows more than a list's slim items
                    known[name] = without_private(obj)
