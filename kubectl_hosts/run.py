"""Runs diagnoses: a backend answers their reads, one diagnosis or many at once.

What several diagnoses ask of the API (a node, a workload, the cluster's DNS) is read once, by
whichever comes first. Files, lookups and replies are a pod's own and are never kept.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, TypeVar

from kubectl_hosts.background import map_at_once
from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.evidence import CouldNotLook, FileRead
from kubectl_hosts.model.reads import FilesGiven, Found, Listed, Objects, answered, in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.reads import Diagnosis, Given, RawGiven, Read
    from kubectl_hosts.probes.ports import Backend

A = TypeVar("A")
T = TypeVar("T")

AT_ONCE = 32
"""Diagnoses in flight: from 16 to 64 the time is the same (client-cost.md, "Many pods")."""


KEPT = 512
"""Reads of objects that are kept for who asks next: a fleet's pods have objects of their own."""


class _Coming:
    """A read under way, and what it gave once `ended` is set."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self.given: Given = CouldNotLook(what="the cluster", why="whoever read it was interrupted")


class Answering:
    """A backend whose objects are typed, and read once however many ask for them.

    The last KEPT reads of objects, that is: what a pod alone has need not be kept.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._lock = threading.Lock()
        self._known: dict[Read, Given] = {}
        self._coming: dict[Read, _Coming] = {}

    def __call__(self, reads: Sequence[Read]) -> Mapping[Read, Given]:
        """What each of READS gave; waits for what another thread is reading already."""
        mine, given, others = self._claim(reads)
        try:
            if mine:
                answers = self._backend.answer(mine)
                given |= {read: _typed(read, answers[read]) for read in mine}
        finally:
            self._publish(mine, given)
        for read, coming in others.items():
            coming.ended.wait()
            given[read] = coming.given
        return given

    def _claim(
        self, reads: Sequence[Read]
    ) -> tuple[tuple[Read, ...], dict[Read, Given], dict[Read, _Coming]]:
        """What is to be read now, what is known, and what another thread is reading."""
        wanted = tuple(dict.fromkeys(reads))
        with self._lock:
            known = {each: self._known[each] for each in wanted if each in self._known}
            for each in wanted:
                found = None if each in known else _in_lists(each, self._known)
                if found is not None:
                    known[each] = found
            others = {each: self._coming[each] for each in wanted if each in self._coming}
            mine = tuple(each for each in wanted if not (each in known or each in others))
            for each in mine:
                if isinstance(each, Objects):
                    self._coming[each] = _Coming()
            for each, given in known.items():  # the last ones asked for are kept
                self._known.pop(each, None)
                self._known[each] = given
        return mine, known, others

    def _publish(self, mine: Sequence[Read], given: Mapping[Read, Given]) -> None:
        with self._lock:
            for each in mine:
                if isinstance(each, Objects):
                    coming = self._coming.pop(each)
                    if each in given:
                        self._known[each] = coming.given = given[each]
                    coming.ended.set()
            while len(self._known) > KEPT:
                del self._known[next(iter(self._known))]


def _in_lists(read: Read, known: Mapping[Read, Given]) -> Found | None:
    """The object of READ, or that there is none, as a whole list that was read before has it."""
    if not (isinstance(read, Objects) and read.name):
        return None
    for each in read.lists:
        given = known.get(each)
        if isinstance(given, Found) and given.complete:
            both = zip(given.objects, given.raw, strict=True)
            own = [(typed, raw) for typed, raw in both if _is_called(raw, read)]
            return Found(tuple(typed for typed, _ in own), raw=tuple(raw for _, raw in own))
    return None


def _is_called(obj: Json, read: Objects) -> bool:
    metadata = obj.get("metadata")
    found = metadata if isinstance(metadata, dict) else {}
    return (found.get("namespace", ""), found.get("name")) == (read.namespace, read.name)


def _typed(read: Read, answer: RawGiven) -> Given:
    """ANSWER with its objects typed; one with a field of the wrong type costs its read alone."""
    if not isinstance(answer, Listed):
        return answer
    # What parses objects is loaded when the first has come: after the exec was sent.
    from kubectl_hosts.model.objects import parse_object  # noqa: PLC0415

    assert isinstance(read, Objects)
    try:
        raw = tuple({**each, "kind": read.kind} for each in answer.objects)
        objects = tuple(parse_object(read.kind, each) for each in raw)
    except BadInput as error:
        return CouldNotLook(what=in_words(read), why=error.message, hint=error.hint)
    return Found(objects, answer.complete, raw)


_THINKING = threading.Lock()
"""One diagnosis thinks while others wait for what they read: the interpreter runs one anyway."""
_LARGE = 1 << 17
"""Bytes of files that become many times as much when they are judged."""
_OF_LARGE_FILES = threading.BoundedSemaphore(2)
"""So few diagnoses at a time are past such a read: what one makes of 1 MiB takes 30 MiB."""


def run(diagnosis: Diagnosis[T], answering: Callable[[Sequence[Read]], Mapping[Read, Given]]) -> T:
    """What DIAGNOSIS returns, with each batch of its reads answered at once."""
    with ExitStack() as at_the_end:
        seats = [_OF_LARGE_FILES]

        def answer(reads: Sequence[Read]) -> Mapping[Read, Given]:
            _THINKING.release()
            try:
                given = answering(reads)
                if seats and any(map(_is_large, given.values())):
                    at_the_end.enter_context(seats.pop())
                return given
            finally:
                _THINKING.acquire()

        with _THINKING:
            return answered(diagnosis, answer)


def _is_large(given: Given) -> bool:
    files = given.files if isinstance(given, FilesGiven) else ()
    return sum(len(each.data) for _, each in files if isinstance(each, FileRead)) > _LARGE


def run_many(
    make: Callable[[A], Diagnosis[T]],
    arguments: Sequence[A],
    answering: Callable[[Sequence[Read]], Mapping[Read, Given]],
) -> Iterator[tuple[int, T]]:
    """(index, result) of the diagnosis that MAKE makes of each argument, as they end."""
    return map_at_once(lambda each: run(make(each), answering), arguments, at_once=AT_ONCE)
