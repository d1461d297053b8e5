"""What a diagnosis asks for, as values, and what it is given for each: the model reads nothing.

A diagnosis is a generator. It yields a *batch* of reads and is sent a mapping that holds each of
them. Who answers (a live cluster, manifests, a capture, a changed world) is no business of its.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.fields import object_in_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubectl_hosts.model.dns import LibcView, Question, ServerReplies
    from kubectl_hosts.model.evidence import FileEvidence
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.objects import ApiObject

T = TypeVar("T")

PAGE = 500
"""Objects of one read, at most: what lies beyond is not known, and `Found.complete` says so."""


class PodRef(NamedTuple):
    """A pod by name."""

    namespace: str
    name: str


class Files(NamedTuple):
    """What stands at absolute paths in a container, pseudo files of /proc among them."""

    pod: PodRef
    container: str
    paths: tuple[str, ...]


class Lookups(NamedTuple):
    """The container's C library: which one it is, and its own answers for names, if any."""

    pod: PodRef
    container: str
    names: tuple[str, ...] = ()


class Replies(NamedTuple):
    """What nameservers, by address, say to questions that are sent from a container.

    With container "" the pod is itself a DNS server and is asked through a port-forward: another
    vantage, without what is on the way from the container. zone is the cluster domain with its
    final dot: questions below it are sure to be answered at once.
    """

    pod: PodRef
    container: str
    questions: tuple[tuple[str, Question], ...]
    zone: str = "cluster.local."


class Objects(NamedTuple):
    """Objects of the API: the one of that name, else those that the selectors choose.

    kind is the API's (`Service`); namespace "" means all, or a kind without namespaces. labels and
    fields are selectors as `kubectl get -l` and `--field-selector` take them.
    """

    kind: str
    namespace: str = ""
    name: str = ""
    labels: str = ""
    fields: str = ""

    @property
    def lists(self) -> tuple[Objects, ...]:
        """The lists each of which, where it is whole, has the named object if there is one."""
        called_so = Objects(self.kind, fields=f"metadata.name={self.name}")
        return (called_so, Objects(self.kind, self.namespace), Objects(self.kind))


class FilesGiven(NamedTuple):
    """The files of a container; read_from names the sibling that was read in its place."""

    files: tuple[tuple[str, FileEvidence], ...]
    via: str = ""
    """How they were read: `head`, `sh`, `cat`, `python3`, ..."""
    read_from: str = ""


class LibcSeen(NamedTuple):
    """What was seen of a C library and of its environment; see model/resolver/libc.py."""

    libraries: frozenset[str] = frozenset()
    version: str = ""
    """What it says of its version; "" where it was not asked, or there are two."""
    environment: tuple[tuple[str, str], ...] = ()
    """LOCALDOMAIN, RES_OPTIONS, HOSTALIASES, RESOLV_MULTI where the container's spec sets them."""
    nothing_runs: bool = False
    """Whether the image has none of the programs that were tried: nearly all such are static Go."""


class LookupsGiven(NamedTuple):
    """The C library, and one view for each name."""

    views: tuple[LibcView, ...] = ()
    libc: LibcSeen = LibcSeen()


class RepliesGiven(NamedTuple):
    """What each nameserver said, in the order in which they were first asked."""

    asked: tuple[ServerReplies, ...]


class Listed(NamedTuple):
    """The objects of a read as a backend has them; complete is False where a page was full."""

    objects: tuple[Json, ...] = ()
    complete: bool = True


class Found(NamedTuple):
    """The same objects typed, as a diagnosis gets them; none: there are none."""

    objects: tuple[ApiObject, ...] = ()
    complete: bool = True
    raw: tuple[Json, ...] = ()
    """The same objects, each with its kind, for what_if.py: a patch needs all fields."""

    def of(self, kind: type[T]) -> tuple[T, ...]:
        """The objects of that class."""
        return tuple([each for each in self.objects if isinstance(each, kind)])


Read = Files | Lookups | Replies | Objects
Given = FilesGiven | LookupsGiven | RepliesGiven | Found | CouldNotLook
"""What a read gave, or why nobody could look."""
RawGiven = FilesGiven | LookupsGiven | RepliesGiven | Listed | CouldNotLook
"""The same as a backend has it: objects are JSON there."""
Answers = Mapping[Read, Given]
Diagnosis = Generator[tuple[Read, ...], Answers, T]
"""A computation that yields batches of reads, is sent what each gave, and returns T."""


def in_words(read: Objects) -> str:
    """A read of objects for people: `Service shop/redis`, `EndpointSlices of namespace shop`."""
    if read.name:
        return object_in_words(read.kind, read.namespace, read.name)
    chosen = ", ".join(filter(None, (read.labels, read.fields)))
    kinds = f"{read.kind}es" if read.kind.endswith("s") else f"{read.kind}s"
    place = f" of namespace {read.namespace}" if read.namespace else ""
    return f"{kinds}{place}{f' with {chosen}' if chosen else ''}"


def known(seen: tuple[T, ...] | CouldNotLook) -> tuple[T, ...]:
    """What was read, () where nobody could look."""
    return () if isinstance(seen, CouldNotLook) else seen


def as_found(read: Objects, given: object) -> Found | CouldNotLook:
    """GIVEN as the answer to READ. Raises TypeError for what answers no read of objects."""
    if isinstance(given, (Found, CouldNotLook)):
        return given
    raise TypeError(f"{read.kind} was asked for, and {type(given).__name__} was sent")


def noting_refusals(
    diagnosis: Diagnosis[T], aside: Collection[Read] = ()
) -> Diagnosis[tuple[T, tuple[CouldNotLook, ...]]]:
    """What DIAGNOSIS returns, and why objects that it asked for could not be read, each once.

    Who asks for objects may go on without them: that nobody read them is told all the same. ASIDE
    are reads that nobody needs yet.
    """
    refused: dict[CouldNotLook, None] = {}

    def note(read: Read, given: Given) -> None:
        if isinstance(read, Objects) and read not in aside and isinstance(given, CouldNotLook):
            refused[given] = None

    return (yield from overheard(diagnosis, note)), tuple(refused)


def overheard(diagnosis: Diagnosis[T], hear: Callable[[Read, Given], None]) -> Diagnosis[T]:
    """DIAGNOSIS; HEAR is told each of its reads, and what that gave."""
    try:
        reads = next(diagnosis)
        while True:
            answers = yield reads
            for each in reads:
                hear(each, answers[each])
            reads = diagnosis.send(answers)
    except StopIteration as ended:
        result: T = ended.value
        return result


def find(read: Objects) -> Diagnosis[Found | CouldNotLook]:
    """What one read of objects gives."""
    return as_found(read, (yield (read,))[read])


def ask(read: Objects, of: type[T]) -> Diagnosis[tuple[T, ...] | CouldNotLook]:
    """The objects of one read, which are of the class OF."""
    found = yield from find(read)
    return found if isinstance(found, CouldNotLook) else found.of(of)


def ask_one(read: Objects, of: type[T]) -> Diagnosis[T | None]:
    """The first object of one read; None where there is none, and where nobody could look."""
    return next(iter(known((yield from ask(read, of)))), None)


# A generator that asks, and is sent each answer: the model never fetches, whoever runs it does.

Ask = TypeVar("Ask")
Answered = TypeVar("Answered")
Result = TypeVar("Result")


def answered(asking: Generator[Ask, Answered, Result], answer: Callable[[Ask], Answered]) -> Result:
    """What ASKING returns, with ANSWER for each thing that it asks."""
    try:
        asked = next(asking)
        while True:
            asked = asking.send(answer(asked))
    except StopIteration as ended:
        result: Result = ended.value
        return result
