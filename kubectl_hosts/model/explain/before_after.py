"""What names resolve to now, and what they would with manifests applied: `explain --with`.

The names are explained as ever. Then the manifests become changes (what_if), and the same names
are explained again in the world that has them, from what was read in the container before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.dns import Question
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explain.diagnosis import explain_names
from kubectl_hosts.model.explain.inside import diagnose_names, look_inside, predict_names
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.reads import PodRef, Replies, RepliesGiven, overheard
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.model.what_if import apply_changes, change_world, in_world

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubectl_hosts.model.change import Change
    from kubectl_hosts.model.dns import Answer
    from kubectl_hosts.model.explain.inside import Looked
    from kubectl_hosts.model.explanation import Explanation
    from kubectl_hosts.model.hosts.diagnosis import PodLook
    from kubectl_hosts.model.names import NamesAsked
    from kubectl_hosts.model.pod import Pod
    from kubectl_hosts.model.reads import Diagnosis, Given, Read
    from kubectl_hosts.model.what_if import ToApply

    Heard = dict[tuple[str, Question], Answer]

T = TypeVar("T")


class BeforeAfter(Struct, frozen=True, kw_only=True):
    """A name now, and with the changes made; after is why nobody can tell where that is so."""

    before: Explanation
    after: Explanation | CouldNotLook
    changes: tuple[Change, ...] = ()
    passed_over: tuple[str, ...] = ()
    """Objects of the manifests that no name depends on: `Ingress web`."""


def diagnose_before_after(
    pod: Pod, look: PodLook, asked: NamesAsked, wanted: ToApply
) -> Diagnosis[tuple[BeforeAfter, ...]]:
    """Each name in one container, before and after the manifests of WANTED are applied.

    Raises BadInput for a container that the pod does not have, and for an object with a field of
    the wrong type.
    """
    looked = yield from look_inside(pod, look, asked)
    heard: Heard = {}
    before = yield from _listening(explain_names(looked, asked, predict_names), heard)
    applied = yield from apply_changes(wanted)
    if isinstance(applied, CouldNotLook):
        return tuple(BeforeAfter(before=each, after=applied) for each in before)
    after = yield from _after(looked, look, asked, applied.changes, heard)
    unheard = _unheard(after)
    if unheard and looked.inside.asks_from:
        # Names outside are the same in any world, and nobody had to ask for them before.
        ref = PodRef(pod.namespace, pod.name)
        yield from _listening(_ask(Replies(ref, looked.inside.asks_from, unheard)), heard)
        after = yield from _after(looked, look, asked, applied.changes, heard)
    afterwards: tuple[Explanation | CouldNotLook, ...] = (
        (after,) * len(before) if isinstance(after, CouldNotLook) else after
    )
    return tuple(
        BeforeAfter(
            before=one,
            after=other,
            changes=applied.changes,
            passed_over=applied.passed_over,
        )
        for one, other in zip(before, afterwards, strict=True)
    )


def _listening(diagnosis: Diagnosis[T], heard: Heard) -> Diagnosis[T]:
    """DIAGNOSIS; what nameservers say meanwhile of names outside is added to HEARD.

    What they say of the cluster's own names follows from objects, which may be others afterwards.
    """

    def hear(read: Read, given: Given) -> None:
        if isinstance(read, Replies) and isinstance(given, RepliesGiven):
            heard.update(
                ((each.server, question), reply)
                for each in given.asked
                for question, reply in each.answers
                if not question.name.lower().endswith((f".{read.zone}", ".arpa."))
            )

    return overheard(diagnosis, hear)


def _unheard(
    after: tuple[Explanation, ...] | CouldNotLook,
) -> tuple[tuple[str, Question], ...]:
    """The questions whose answers nobody knows, and all that follow, with their nameservers."""
    if isinstance(after, CouldNotLook):
        return ()
    found: dict[tuple[str, Question], None] = {}
    for each in after:
        name = each.name.removesuffix(".")
        domains = () if each.name.endswith(".") else each.resolver.search_list
        candidates = [*(f"{name}.{domain}." for domain in domains), f"{name}."]
        for step in each.steps:
            if step.outcome is Outcome.UNKNOWN and step.server:
                rest = candidates[candidates.index(step.name) :] if step.name in candidates else ()
                names = (step.name, *rest)
                found |= {(step.server, Question(one, step.type)): None for one in names}
    return tuple(found)


def _ask(read: Replies) -> Diagnosis[None]:
    yield (read,)


def _after(
    looked: Looked, look: PodLook, asked: NamesAsked, changes: Sequence[Change], heard: Heard
) -> Diagnosis[tuple[Explanation, ...] | CouldNotLook]:
    """The names with CHANGES made, or why nobody can tell."""
    world = yield from change_world(
        changes, looked.reads, heard, placeholders=looked.look.placeholders
    )
    if isinstance(world, CouldNotLook):
        return world
    there = world.pod(looked.pod.namespace, looked.pod.name)
    if there is None and ("Pod", looked.pod.namespace, looked.pod.name) in world.gone:
        return CouldNotLook(what="the pod", why="the pod would be gone")
    look = look._replace(placeholders=world.placeholders)
    try:
        pod = parse_pod(there) if there else looked.pod
        diagnosis = diagnose_names(pod, look, asked)
        return (yield from in_world(diagnosis, world))
    except BadInput as error:
        return CouldNotLook(what="the changed world", why=error.message, hint=error.hint)
