"""The live backend: reads answered by the API server and by commands that run in containers.

How a container is read (which program, what script, what parts its output) is this side's business
alone. A batch's files and lookups of one container are one exec; the objects of the batch are read
while it runs.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from kubectl_hosts.background import Background
from kubectl_hosts.errors import HostsError
from kubectl_hosts.model.reads import Files, FilesGiven, Lookups, LookupsGiven, Objects, Replies
from kubectl_hosts.probes.objects import could_not_look, read_objects
from kubectl_hosts.probes.ports import ExecTarget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kubectl_hosts.model.dns import Question
    from kubectl_hosts.model.evidence import CouldNotLook
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.reads import Answer, PodRef, Read, RepliesGiven
    from kubectl_hosts.model.resources import Resource, Selection
    from kubectl_hosts.probes.lookups import Inside, Tools
    from kubectl_hosts.probes.ports import Cluster

    Answers = dict[Read, Answer]


class LiveBackend:
    """A cluster as a backend; see run.Backend. DEADLINE is in seconds, for each exec."""

    def __init__(self, cluster: Cluster, *, deadline: float = 30.0) -> None:
        self._cluster = cluster
        self._deadline = deadline
        self._lock = threading.Lock()
        self._tools: dict[ExecTarget, Tools] = {}

    @property
    def namespace(self) -> str:
        """The namespace of the current context."""
        return self._cluster.namespace

    def get(self, resource: Resource, name: str, *, namespace: str = "") -> Json:
        """As the cluster's `get`."""
        return self._cluster.get(resource, name, namespace=namespace)

    def list(self, resource: Resource, selection: Selection) -> Iterator[Json]:
        """As the cluster's `list`."""
        return self._cluster.list(resource, selection)

    def answer(self, reads: Sequence[Read]) -> Mapping[Read, Answer]:
        """What each of READS gave: an exec for each container, one request for each other read.

        The first exec is sent before anything else, so that it gets the connection that the pod
        came over; it takes 50 ms of the node's time.
        """
        execs = tuple(self._execs(reads))
        running = [Background(each) for each in execs]
        answers: Answers = {
            read: read_objects(self._cluster, read) for read in reads if isinstance(read, Objects)
        }
        for each in running:
            answers |= each.result()
        return answers

    def _execs(self, reads: Sequence[Read]) -> Iterator[Callable[[], Answers]]:
        in_containers: dict[ExecTarget, list[Files | Lookups]] = {}
        for read in reads:
            if isinstance(read, (Files, Lookups)):
                in_containers.setdefault(_target(read.pod, read.container), []).append(read)
        for target, of_target in in_containers.items():
            yield partial(self._look, target, tuple(of_target))
        for read in reads:
            if isinstance(read, Replies):
                yield partial(self._hear, read)

    def _hear(self, read: Replies) -> Answers:
        return {read: self._replies(read)}

    def _look(self, target: ExecTarget, reads: tuple[Files | Lookups, ...]) -> Answers:
        """Files and lookups of one container; why they could not be had is the value of each."""
        lookups = [each for each in reads if isinstance(each, Lookups)]
        try:
            if lookups:
                return self._look_inside(target, reads, lookups)
            return {each: self._files(target, each) for each in reads if isinstance(each, Files)}
        except HostsError as error:
            failure = could_not_look(f"container {target.container}", error)
            return dict.fromkeys(reads, failure)

    def _files(self, target: ExecTarget, read: Files) -> FilesGiven:
        from kubectl_hosts.probes.files import read_files  # noqa: PLC0415

        found = read_files(self._cluster, target, read.paths, deadline=self._deadline)
        return FilesGiven(found.files, found.via)

    def _look_inside(
        self, target: ExecTarget, reads: tuple[Files | Lookups, ...], lookups: Sequence[Lookups]
    ) -> Answers:
        names = tuple(dict.fromkeys(name for each in lookups for name in each.names))
        paths = tuple(
            dict.fromkeys(path for each in reads if isinstance(each, Files) for path in each.paths)
        )
        inside = self._inside(target, names, paths)
        views = {view.name: view for view in inside.views}
        return {
            each: LookupsGiven(tuple(views[name] for name in each.names), inside.libc)
            if isinstance(each, Lookups)
            else FilesGiven(inside.read.files, inside.read.via)
            for each in reads
        }

    def _inside(self, target: ExecTarget, names: tuple[str, ...], paths: tuple[str, ...]) -> Inside:
        from kubectl_hosts.probes.lookups import look_inside  # noqa: PLC0415

        inside = look_inside(self._cluster, target, names, paths, deadline=self._deadline)
        with self._lock:
            self._tools[target] = inside.tools
        return inside

    def _replies(self, read: Replies) -> RepliesGiven | CouldNotLook:
        # dnspython takes 60 ms to import, and most names need no question.
        from kubectl_hosts.model.reads import RepliesGiven  # noqa: PLC0415
        from kubectl_hosts.probes.replies import ask_dns, ask_dns_by_port_forward  # noqa: PLC0415

        if not read.container:
            questions = tuple(question for _, question in read.questions)
            told = ask_dns_by_port_forward(self._cluster, read.pod, questions, zone=read.zone)
            return RepliesGiven((told,))
        target = _target(read.pod, read.container)
        try:
            tools = self._known_tools(target)
        except HostsError as error:
            return could_not_look(f"container {read.container}", error)
        wanted: dict[str, list[Question]] = {}
        for server, question in read.questions:
            wanted.setdefault(server, []).append(question)
        return RepliesGiven(
            ask_dns(
                self._cluster,
                target,
                wanted,
                tools=tools,
                zone=read.zone,
                deadline=self._deadline,
            )
        )

    def _known_tools(self, target: ExecTarget) -> Tools:
        with self._lock:
            known = self._tools.get(target)
        return known or self._inside(target, (), ()).tools


def _target(pod: PodRef, container: str) -> ExecTarget:
    return ExecTarget(namespace=pod.namespace, pod=pod.name, container=container)
