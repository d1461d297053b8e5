"""The backend of files: reads answered from manifests and captures, and from nothing else.

Manifests are the whole cluster: what is not in them does not exist, and nobody has looked into a
container. A capture knows what was read: an object that nobody looked for while it was recorded is
not absent, it was not read. `load` makes it of what `-f` names, with the pods that workloads would
have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from kubectl_hosts.errors import (
    BadInput,
    Forbidden,
    NotFound,
    ServerRefused,
    Unreachable,
    object_not_found,
)
from kubectl_hosts.model.api.kinds import at, declared_kind, is_read, pod_spec_path, template_path
from kubectl_hosts.model.api.review import NO_MANIFESTS, ManifestsVerdict
from kubectl_hosts.model.control_plane import Made, follow, identity
from kubectl_hosts.model.dns import LibcView, ServerReplies, UnknownReply, ViewOutcome
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.fields import flag, items, mapping, text
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.reads import (
    Files,
    FilesGiven,
    LibcSeen,
    Listed,
    Lookups,
    LookupsGiven,
    Objects,
    PodRef,
    Replies,
    RepliesGiven,
    in_words,
)
from kubectl_hosts.model.resources import RESOURCES, kind_of
from kubectl_hosts.model.selectors import field_selector, label_selector
from kubectl_hosts.model.what_if import ToApply
from kubectl_hosts.model.workload import (
    WORKLOAD_KINDS,
    as_created,
    predicted_objects,
    template_pods,
)
from kubectl_hosts.offline.capture import Capture, is_capture, parse_capture
from kubectl_hosts.offline.documents import (
    Placed,
    complete,
    read_sources,
)
from kubectl_hosts.offline.manifests import read_all, review_all
from kubectl_hosts.probes.ports import could_not_look, read_objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kubectl_hosts.errors import HostsError
    from kubectl_hosts.model.check.check_report import ObjectRef
    from kubectl_hosts.model.check.mentions import Mention
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.reads import RawGiven, Read
    from kubectl_hosts.model.resources import Resource, Selection
    from kubectl_hosts.offline.capture import ContainerRecord
    from kubectl_hosts.offline.documents import Document

_REFUSALS: Mapping[str, tuple[type[ServerRefused], int]] = {
    "NotFound": (NotFound, 404),
    "Forbidden": (Forbidden, 403),
}


class FilesBackend(Struct, frozen=True, kw_only=True):
    """Manifests and captures as a backend; see ports.Backend."""

    namespace: str
    objects: Mapping[GroupKind, tuple[Json, ...]]
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
        for obj in self._of(resource):
            if text(obj, "metadata", "name") == name and _is_in(obj, where):
                return obj
        read = Objects(kind_of(resource), where, name)
        self._raise_captured(read)
        if not self._was_read(read):
            raise self._never_read(f'{resource.plural} "{name}"')
        hint = f"Only {self._files} was read; no cluster was asked."
        raise object_not_found(resource.in_words, name, hint=hint)

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
            for obj in self._of(resource)
            if _is_in(obj, selection.namespace) and has_labels(obj) and has_fields(obj)
        )

    def _of(self, resource: Resource) -> tuple[Json, ...]:
        return self.objects.get((resource.group, kind_of(resource)), ())

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
        if isinstance(found, CouldNotLook):
            # No server refused what a capture lacks.
            return replace(found, request="") if found.why.endswith(self._not_recorded) else found
        full = any(read in each.incomplete for each in self.captures)
        return found._replace(complete=False) if full else found

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
            done == read or (done not in capture.incomplete and _covers(done, read))
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
    """Whether what DONE, which is whole, gave holds everything that WANTED selects."""
    if done.kind != wanted.kind or done.name:
        return False
    if wanted.name:
        return done in wanted.lists
    same_place = done.namespace in ("", wanted.namespace)
    everything = Objects(done.kind, done.namespace)
    return same_place and done in (everything, wanted._replace(namespace=done.namespace))


_POD_KINDS = ("Pod", *WORKLOAD_KINDS)
_OF_RECORDS = frozenset({"Service", "Endpoints", "EndpointSlice"})
GroupKind = tuple[str, str]
"""API group and kind."""


def load(
    paths: Sequence[str], *, namespace: str, stdin: Callable[[int], bytes], needs_pods: bool = True
) -> FilesBackend:
    """The cluster that the files describe; no other is contacted.

    PATHS are files, directories and `-` (STDIN is called for its bytes). Objects without a
    namespace get NAMESPACE; with "" that of the capture, else `default`. What one object has wrong
    is among the findings. Raises BadInput where nothing can be read, and where there is no pod
    (unless NEEDS_PODS is False: no object at all).
    """
    documents = read_all(read_sources(paths, stdin))
    captures = tuple(_captures(documents.objects))
    _require_apart(captures, [each.source for each in documents.objects if is_capture(each.value)])
    default = namespace or next((each.namespace for each in captures), "default")
    given = [each for each in documents.objects if not is_capture(each.value)]
    manifests = review_all(given, documents.bad, namespace=default)
    placed = tuple(each for each in manifests.placed if _is_typed(each.obj))
    built_in = tuple(each for each in placed if _is_read(each.obj))
    # Nothing comes of what is refused. Pods, and what makes some, are told as refused by name.
    refused = {each for each in manifests.refused if each[0] in _OF_RECORDS}
    built_in = tuple(each for each in built_in if identity(each.obj) not in refused)
    made = _followed((*(each.obj for each in built_in), *_templated(placed)), captures)
    objects = _by_key(made.objects, captures)
    pods = objects.get(("", "Pod"), ())
    has_pods = bool(pods) or any(text(each.obj, "kind") in _POD_KINDS for each in built_in)
    is_of_use = has_pods or manifests.refused or (manifests.placed and not needs_pods)
    if not (captures or is_of_use):
        raise _no_pod(documents.objects, manifests.placed)
    return FilesBackend(
        namespace=default,
        objects=objects,
        captures=captures,
        manifests=manifests.verdict(pods),
        placeholders=made.placeholders,
        sources=documents.sources,
        placed=manifests.placed,
    )


def _require_apart(captures: Sequence[Capture], sources: Sequence[str]) -> None:
    """Raises BadInput where a pod was read for two captures and is not the same in both.

    A report made of both would be of a pod that there never was.
    """
    seen: dict[PodRef, tuple[str, str, str]] = {}
    for capture, source in zip(captures, sources, strict=True):
        for pod, (uid, looked) in _pods_in(capture).items():
            before, other_uid, other_look = seen.setdefault(pod, (source, uid, looked))
            differs = other_uid != uid or bool(looked and other_look and looked != other_look)
            if before != source and differs:
                raise BadInput(
                    f"pod {pod.namespace}/{pod.name} is another one in {before} than in {source}",
                    hint=f"Give one of them at a time: -f {before}",
                )


def _pods_in(capture: Capture) -> dict[PodRef, tuple[str, str]]:
    """Each pod's uid, and what was read in its containers as text that can be compared."""
    looked: dict[PodRef, str] = {}
    for (pod, container), record in sorted(capture.containers.items()):
        looked[pod] = f"{looked.get(pod, '')}{container}: {sorted(record.files.items())!r}; "
    found = {}
    for obj in capture.objects:
        if text(obj, "kind") == "Pod":
            pod = PodRef(text(obj, "metadata", "namespace"), text(obj, "metadata", "name"))
            found[pod] = (text(obj, "metadata", "uid"), looked.get(pod, ""))
    return found


def load_objects(
    paths: Sequence[str], namespace: str, stdin: Callable[[int], bytes]
) -> tuple[ToApply, tuple[Placed, ...]]:
    """The objects of manifests that are to be applied, and where those stand that stay.

    An object without a namespace gets NAMESPACE. Raises BadInput where nothing can be read, and
    for a capture, which cannot be applied.
    """
    documents = read_all(read_sources(paths, stdin))
    for each in documents.objects:
        if is_capture(each.value):
            raise BadInput(
                f"{each.source} is a capture, and manifests can be applied",
                hint=f"-f {each.source} explains from it.",
            )
    deletions = [each for each in documents.objects if each.value.get("$patch") == "delete"]
    others = [each for each in documents.objects if each not in deletions]
    manifests = review_all(others, documents.bad, namespace=namespace)
    gone = tuple(complete(each.value, namespace) for each in deletions)
    wanted = (*(each.obj for each in manifests.placed), *gone)
    return ToApply(wanted, manifests.refused), manifests.placed


def _is_typed(obj: Json) -> bool:
    """Whether what is read of the pod in OBJ has the API's types.

    Nobody checks them for custom resources, and an item of a list may be null.
    """
    path = pod_spec_path(obj)
    if path is None:
        return True
    try:
        parse_pod({"metadata": mapping(obj, "metadata"), "spec": at(obj, path) or {}})
        _pods_of_template(obj)
    except BadInput:
        return False
    return True


def _is_read(obj: Json) -> bool:
    """Whether a diagnosis reads its kind: of the API itself, or one of the few custom ones."""
    return declared_kind(obj).is_built_in or _kind(obj) in _READ


_READ = frozenset((each.group, kind) for kind, each in RESOURCES.items())


def _kind(obj: Json) -> GroupKind:
    kind = declared_kind(obj)
    return kind.group, kind.name


def _templated(placed: Iterable[Placed]) -> Iterator[Json]:
    for each in placed:
        yield from _pods_of_template(each.obj)


def _pods_of_template(obj: Json) -> tuple[Json, ...]:
    is_custom = not declared_kind(obj).is_built_in and template_path(obj) is not None
    return template_pods(obj) if is_custom else ()


def _captures(documents: Iterable[Document]) -> Iterator[Capture]:
    for each in documents:
        if is_capture(each.value):
            with each.errors_named():
                capture = parse_capture(each.value)
            yield capture


def _followed(given: Sequence[Json], captures: Sequence[Capture]) -> Made:
    """What the control plane makes of the objects of manifests: they are the whole cluster.

    Beside a capture they are not: then only the pods of workloads are made, as everything else
    that follows from them stands in the capture or was not read.
    """
    if captures or not given:
        return Made((*map(as_created, given), *_predicted(given)), {})
    try:
        return follow(given)
    except BadInput:
        return follow([each for each in given if _can_be_followed(each)])


def _can_be_followed(obj: Json) -> bool:
    """Whether the fields that the control plane reads of OBJ have the API's types."""
    try:
        follow([obj])
    except BadInput:
        return False
    return True


def _predicted(given: Sequence[Json]) -> Iterator[Json]:
    """What the controllers would make of each workload none of whose own is among the objects."""
    owners = {owner for each in given for owner in _owners(each)}
    for each in given:
        if identity(each) not in owners:
            yield from predicted_objects(each)


def _owners(obj: Json) -> Iterator[tuple[str, str, str]]:
    for reference in items(obj, "metadata", "ownerReferences"):
        if flag(reference, "controller"):
            namespace = text(obj, "metadata", "namespace")
            yield text(reference, "kind"), namespace, text(reference, "name")


def _by_key(
    manifests: Iterable[Json], captures: Iterable[Capture]
) -> dict[GroupKind, tuple[Json, ...]]:
    """The objects by type; one given twice counts once, the later and the manifest's."""
    captured = (obj for each in captures for obj in each.objects)
    unique: dict[GroupKind, dict[tuple[str, str], Json]] = {}
    for obj in (*captured, *manifests):
        name = text(obj, "metadata", "namespace"), text(obj, "metadata", "name")
        unique.setdefault(_kind(obj), {})[name] = obj
    return {key: tuple(found.values()) for key, found in unique.items()}


def _no_pod(documents: Sequence[Document], placed: Sequence[Placed]) -> BadInput:
    files = ", ".join(dict.fromkeys(each.source for each in documents))
    kinds = ", ".join(dict.fromkeys(str(declared_kind(each.obj)) for each in placed))
    hint = f"-f takes a Pod, {', '.join(WORKLOAD_KINDS)}, or a capture."
    if any(not is_read(each.obj) for each in placed):
        hint = (
            "Custom resources are read where they have spec.template.spec: "
            "give what their controllers make with -f."
        )
    return BadInput(
        f"no pod in {files}, and no workload that makes one: {kinds or 'an empty list'} only",
        hint=hint,
    )
