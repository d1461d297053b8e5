"""The backend of files: reads answered from manifests and captures, and from nothing else.

Manifests are the whole cluster: what is not in them does not exist, and nobody has looked into a
container. A capture knows what was read: an object that nobody looked for while it was recorded is
not absent, it was not read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kubectl_hosts.errors import Forbidden, NotFound, ServerRefused, Unreachable
from kubectl_hosts.model.api.review import NO_MANIFESTS, ManifestsVerdict
from kubectl_hosts.model.dns import LibcView, ServerReplies, UnknownReply, ViewOutcome
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.fields import text
from kubectl_hosts.model.reads import (
    Files,
    FilesGiven,
    LibcSeen,
    Listed,
    Lookups,
    LookupsGiven,
    Objects,
    Replies,
    RepliesGiven,
    in_words,
)
from kubectl_hosts.model.resources import kind_of
from kubectl_hosts.model.selectors import field_selector, label_selector
from kubectl_hosts.offline.documents import ResourceKey, key_of
from kubectl_hosts.probes.ports import could_not_look, read_objects

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kubectl_hosts.errors import HostsError
    from kubectl_hosts.model.check.check_report import ObjectRef
    from kubectl_hosts.model.check.mentions import Mention
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.reads import PodRef, RawGiven, Read
    from kubectl_hosts.model.resources import Resource, Selection
    from kubectl_hosts.offline.capture import Capture, ContainerRecord
    from kubectl_hosts.offline.documents import Placed

_REFUSALS: Mapping[str, tuple[type[ServerRefused], int]] = {
    "NotFound": (NotFound, 404),
    "Forbidden": (Forbidden, 403),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesBackend:
    """Manifests and captures as a backend; see ports.Backend."""

    namespace: str
    objects: Mapping[ResourceKey, tuple[Json, ...]]
    captures: tuple[Capture, ...] = ()
    manifests: ManifestsVerdict = NO_MANIFESTS
    """What the API server would refuse or drop in the manifests."""
    placeholders: Mapping[str, str] = field(default_factory=dict)
    """By address that nobody has given yet: `the IP that pod shop/web-0 will get`."""
    sources: tuple[str, ...] = ()
    """The files' names, for messages."""
    placed: tuple[Placed, ...] = ()
    """The objects of the manifests as they stand there, those of any kind."""

    def get(self, resource: Resource, name: str, *, namespace: str = "") -> Json:
        """One object; raises NotFound, the captured error, or Unreachable when never looked for."""
        where = namespace if resource.namespaced else ""
        for obj in self.objects.get(key_of(resource), ()):
            if text(obj, "metadata", "name") == name and _is_in(obj, where):
                return obj
        read = Objects(kind_of(resource), where, name)
        self._raise_captured(read)
        if not self._was_read(read):
            raise self._never_read(f'{resource.plural} "{name}"')
        raise NotFound(
            f'Error from server (NotFound): {key_of(resource)} "{name}" not found',
            status=404,
            reason="NotFound",
            hint=f"Only {self._files} was read; no cluster was asked.",
        )

    def list(self, resource: Resource, selection: Selection) -> Iterator[Json]:
        """The objects selected; raises the captured error, or Unreachable when never listed.

        Captured pods can always be listed: whoever asks for pods wants those that are there.
        """
        kind = kind_of(resource)
        labels, fields = selection.label_selector, selection.field_selector
        read = Objects(kind, selection.namespace, labels=labels, fields=fields)
        self._raise_captured(read)
        if kind != "Pod" and not self._was_read(read):
            raise self._never_read(resource.plural)
        has_labels, has_fields = label_selector(labels), field_selector(fields)
        return (
            obj
            for obj in self.objects.get(key_of(resource), ())
            if _is_in(obj, selection.namespace) and has_labels(obj) and has_fields(obj)
        )

    def answer(self, reads: Sequence[Read]) -> Mapping[Read, RawGiven]:
        """What each of READS gave: objects, and of containers what a capture holds."""
        return {each: self._answer(each) for each in reads}

    def _answer(self, read: Read) -> RawGiven:
        if isinstance(read, Objects):
            return self._objects(read)
        record = self._record(read.pod, read.container)
        if record is None:
            why = f"{self._files} has nothing of pod {read.pod.namespace}/{read.pod.name}"
            return CouldNotLook(what=f"container {read.container}", why=why)
        match read:
            case Files(paths=paths):
                return self._recorded_files(record, paths)
            case Lookups(names=names):
                return self._recorded_lookups(record, names)
            case Replies():
                return self._recorded_replies(record, read)

    def _objects(self, read: Objects) -> Listed | CouldNotLook:
        if read.kind == "Pod" and not (read.name or self._was_tried(read)):
            # `list` gives the pods that are there to whoever chooses among them; here it is asked
            # whether there are others.
            return could_not_look(in_words(read), self._never_read("pods"))
        found = read_objects(self, read)
        full = any(read in each.incomplete for each in self.captures)
        if full and not isinstance(found, CouldNotLook):
            return found._replace(complete=False)
        return found

    def _record(self, pod: PodRef, container: str) -> ContainerRecord | None:
        found = (each.containers.get((pod, container)) for each in self.captures)
        return next((each for each in found if each is not None), None)

    def _recorded_files(
        self, record: ContainerRecord, paths: tuple[str, ...]
    ) -> FilesGiven | CouldNotLook:
        if not record.files and record.failure is not None:
            return record.failure
        unread = self._not_recorded
        asked = {
            path: record.files.get(path) or CouldNotLook(what=path, why=unread) for path in paths
        }
        return FilesGiven(
            tuple({**asked, **record.files}.items()), record.via or "capture", record.read_from
        )

    def _recorded_lookups(
        self, record: ContainerRecord, names: tuple[str, ...]
    ) -> LookupsGiven | CouldNotLook:
        if record.libc is None and record.failure is not None:
            return record.failure
        views = {each.name: each for each in record.views}
        unread = self._not_recorded
        return LookupsGiven(
            tuple(
                views.get(name)
                or LibcView(name=name, outcome=ViewOutcome.COULD_NOT_LOOK, why=unread)
                for name in names
            ),
            record.libc or LibcSeen(),
        )

    def _recorded_replies(
        self, record: ContainerRecord, read: Replies
    ) -> RepliesGiven | CouldNotLook:
        if not record.replies and record.failure is not None:
            return record.failure
        asked = []
        for server in dict.fromkeys(address for address, _ in read.questions):
            # A port-forward reaches the pod itself, whatever address it was asked for.
            heard = [each for each in record.replies if not read.container or each.server == server]
            answers = {question: answer for each in heard for question, answer in each.answers}
            wanted = [question for address, question in read.questions if address == server]
            why = self._not_recorded
            failure = CouldNotLook(what=f"nameserver {server}", why=why)
            asked.append(
                ServerReplies(
                    server=heard[0].server if heard else server,
                    answers=tuple(
                        (each, answers.get(each) or UnknownReply(f"the reply to {each.name}"))
                        for each in wanted
                    )
                    if answers
                    else (),
                    by=heard[0].by if heard else "",
                    vantage=heard[0].vantage if heard else "",
                    failure=heard[0].failure if heard else failure,
                )
            )
        return RepliesGiven(tuple(asked))

    @property
    def mentions(self) -> Mapping[ObjectRef, tuple[Mention, ...]] | None:
        """The host names that workloads mention, as captures of a check have them."""
        known = [each.mentions for each in self.captures if each.mentions is not None]
        return {ref: each for some in known for ref, each in some.items()} if known else None

    @property
    def captured_namespace(self) -> str:
        """Where a check can list: "" for everywhere, else the namespace that was captured."""
        everywhere = any(Objects("Service") in each.reads for each in self.captures)
        return "" if everywhere else self.namespace

    @property
    def _files(self) -> str:
        return ", ".join(self.sources) or "-f"

    @property
    def _not_recorded(self) -> str:
        return f"not recorded in {self._files}"

    def _raise_captured(self, read: Objects) -> None:
        for capture in self.captures:
            missed = capture.reads.get(read)
            if missed is not None:
                raise _error(missed)

    def _was_read(self, read: Objects) -> bool:
        """Whether all that READ could find was read: always so for manifests alone."""
        return not self.captures or any(
            _covers(done, read)
            for capture in self.captures
            for done, missed in capture.reads.items()
            if missed is None
        )

    def _was_tried(self, read: Objects) -> bool:
        """Whether READ was made while a capture was recorded, be it in vain."""
        return self._was_read(read) or any(read in each.reads for each in self.captures)

    def _never_read(self, what: str) -> Unreachable:
        return Unreachable(
            f"{what}: {self._not_recorded}",
            hint="Capture it again, with the pods and names that this command looks at.",
        )


def _error(missed: CouldNotLook) -> HostsError:
    kind, status = _REFUSALS.get(missed.reason, (ServerRefused, 0))
    return kind(missed.why, status=status, reason=missed.reason, hint=missed.hint)


def _is_in(obj: Json, namespace: str) -> bool:
    return not namespace or text(obj, "metadata", "namespace") == namespace


def _covers(done: Objects, wanted: Objects) -> bool:
    """Whether what DONE gave holds everything that WANTED selects."""
    if done.kind != wanted.kind:
        return False
    if done.name:
        return done == wanted
    same_place = done.namespace in ("", wanted.namespace)
    everything = Objects(done.kind, done.namespace)
    return same_place and done in (everything, wanted._replace(namespace=done.namespace))
