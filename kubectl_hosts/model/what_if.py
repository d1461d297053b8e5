"""A changed world: a diagnosis run as if changes had been made, with what would follow from them.

The reads of the diagnosis are answered from the world as it is, with the changed objects laid over
it, and with what the control plane would make of them (control_plane.follow). Nobody can look into
a container of that world: what the kubelet would write into a changed pod is predicted, and of a
pod that no change touches the files are those that were read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.change import (
    AskName,
    Create,
    Delete,
    EditCorefile,
    Patch,
    Restart,
    patched,
    touched,
)
from kubectl_hosts.model.control_plane import follow, identity
from kubectl_hosts.model.dns import Asked, LibcView, ViewOutcome
from kubectl_hosts.model.evidence import (
    HOSTS,
    IF_INET6,
    MOUNTINFO,
    RESOLV_CONF,
    CouldNotLook,
)
from kubectl_hosts.model.fields import field, flag, mapping, text
from kubectl_hosts.model.reads import (
    Files,
    FilesGiven,
    Found,
    LibcSeen,
    Lookups,
    LookupsGiven,
    Objects,
    PodRef,
    Replies,
    RepliesGiven,
)
from kubectl_hosts.model.selectors import select

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kubectl_hosts.model.change import Change, Touched
    from kubectl_hosts.model.dns import Answer, Question
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.reads import Diagnosis, Given, Read

T = TypeVar("T")
Key = tuple[str, str, str]

FOLLOWED = ("Pod", "Service", "EndpointSlice", "Endpoints")
"""The kinds of a changed namespace that the control plane keeps in step with each other."""
# What a pod that is made anew has of its own; /etc/nsswitch.conf and the rest are the image's.
_OF_THE_POD = frozenset({HOSTS, RESOLV_CONF, MOUNTINFO, IF_INET6})
_UNREAD = "nobody can look into a pod of a changed world"


class World(NamedTuple):
    """The objects that differ from those that are there, and whose kinds and places they fill.

    objects are all of the FOLLOWED kinds in NAMESPACES, and the other changed ones; gone are those
    that are no more. looked holds what was read in containers, by their reads.
    """

    objects: tuple[Json, ...] = ()
    namespaces: frozenset[str] = frozenset()
    gone: frozenset[Key] = frozenset()
    looked: Mapping[Read, Given] = {}
    replies: Mapping[tuple[str, Question], Answer] = {}
    """What nameservers said, by (address, question): what they forward they say in any world."""
    placeholders: Mapping[str, str] = {}
    """By address: `the IP that pod shop/web-0 will get`."""
    changed_pods: frozenset[PodRef] = frozenset()
    with_node_file: frozenset[PodRef] = frozenset()
    """Changed pods that have the node's hosts file, as before, and the same aliases in it."""

    def pod(self, namespace: str, name: str) -> Json | None:
        """A pod as it would be; None where the world has no other than the one that is there."""
        for each in self.objects:
            if identity(each) == ("Pod", namespace, name):
                return each
        return None


def change_world(
    changes: Sequence[Change],
    looked: Mapping[Read, Given],
    replies: Mapping[tuple[str, Question], Answer],
    *,
    placeholders: Mapping[str, str] | None = None,
) -> Diagnosis[World | CouldNotLook]:
    """The world with CHANGES made, one after the other.

    LOOKED is what was read in containers, REPLIES what nameservers said; PLACEHOLDERS are those
    of the objects that are there. Raises nothing: what could not be read, or a patch that does not
    fit, is why there is no such world.
    """
    named = tuple(filter(None, map(touched, changes)))
    namespaces = dict.fromkeys(
        each.namespace
        for each in named
        if each.namespace and each.kind not in {"ConfigMap", "Node"}
    )
    objects: dict[Key, Json] = {}
    for read in (
        *(Objects(each.kind, each.namespace, each.name) for each in named),
        *(Objects(kind, namespace) for namespace in namespaces for kind in _kinds_read(named)),
    ):
        found = yield from _read(read)
        if isinstance(found, CouldNotLook) and read.kind == "Endpoints" and not read.name:
            continue  # what is mirrored of them stays as it is
        if isinstance(found, CouldNotLook):
            return found
        objects |= {identity(obj): obj for obj in found}
    before = tuple(objects.values())
    restarted = frozenset(_restarted(changes))
    try:
        for change in changes:
            _apply(change, objects)
        made = follow(objects.values(), before=before, placeholders=placeholders)
    except BadInput as error:
        return CouldNotLook(what="the changed world", why=error.message, hint=error.hint)
    after = {identity(obj): obj for obj in made.objects}
    old = {identity(obj): obj for obj in before}
    return World(
        objects=tuple(after.values()),
        namespaces=frozenset(namespaces),
        gone=frozenset(old) - frozenset(after),
        looked=looked,
        replies={} if any(isinstance(each, EditCorefile) for each in changes) else replies,
        placeholders=made.placeholders,
        changed_pods=frozenset(
            PodRef(namespace, name)
            for (kind, namespace, name), obj in after.items()
            if kind == "Pod" and (old.get((kind, namespace, name)) != obj)
        )
        | restarted,
        with_node_file=frozenset(
            PodRef(namespace, name)
            for (kind, namespace, name), obj in after.items()
            if kind == "Pod" and _keeps_node_file(old.get((kind, namespace, name), {}), obj)
        )
        - restarted,
    )


def _kinds_read(named: Sequence[Touched]) -> tuple[str, ...]:
    """FOLLOWED; Endpoints only where a Service changes, since nothing else mirrors them anew."""
    changes_services = any(each.kind in {"Service", "Endpoints"} for each in named)
    return FOLLOWED if changes_services else FOLLOWED[:3]


def _keeps_node_file(before: Json, after: Json) -> bool:
    """kubelet_pods.go ensureHostsFile: in a hostNetwork pod it is the node's, and the aliases."""
    return all(flag(obj, "spec", "hostNetwork") for obj in (before, after)) and field(
        before, "spec", "hostAliases"
    ) == field(after, "spec", "hostAliases")


def _read(read: Objects) -> Diagnosis[tuple[Json, ...] | CouldNotLook]:
    given = (yield (read,))[read]
    if isinstance(given, CouldNotLook):
        return given
    assert isinstance(given, Found)
    if not given.complete:
        return CouldNotLook(what=f"all {read.kind}s", why="there are more than one page of them")
    return given.raw


def _apply(change: Change, objects: dict[Key, Json]) -> None:
    """Make CHANGE in OBJECTS. Raises BadInput for a patch that does not fit."""
    match change:
        case AskName() | Restart():
            return
        case Create(manifest):
            key = identity(manifest)
            objects[key] = manifest
        case Delete(kind, namespace, name):
            objects.pop((kind, namespace, name), None)
        case EditCorefile(namespace, config_map, key_of_data, _, new):
            key = "ConfigMap", namespace, config_map
            obj = objects.get(key, {"kind": "ConfigMap", "metadata": {"namespace": namespace}})
            objects[key] = {**obj, "data": {**mapping(obj, "data"), key_of_data: new}}
        case Patch(kind, namespace, name):
            key = kind, namespace, name
            if key not in objects:
                raise BadInput(f"there is no {kind} {namespace}/{name} to patch")
            objects[key] = patched(objects[key], change)


def _restarted(changes: Sequence[Change]) -> Iterator[PodRef]:
    for change in changes:
        if isinstance(change, Restart) and change.kind == "Pod":
            yield PodRef(change.namespace, change.name)


def in_world(diagnosis: Diagnosis[T], world: World) -> Diagnosis[T]:
    """What DIAGNOSIS returns in WORLD; what it has not changed is read as it is."""
    try:
        batch = next(diagnosis)
        while True:
            below = tuple(each for each in batch if isinstance(each, Objects))
            given = (yield below) if below else {}
            answers: dict[Read, Given] = {}
            for each in batch:
                answers[each] = (
                    _laid_over(world, each, given[each])
                    if isinstance(each, Objects)
                    else _looked(world, each)
                )
            batch = diagnosis.send(answers)
    except StopIteration as ended:
        result: T = ended.value
        return result


def _laid_over(world: World, read: Objects, given: Given) -> Given:
    """What READ gives: the objects that are there, but for those that the world has instead."""
    mine = select(read, world.objects)
    if _is_whole(world, read) or (read.name and mine.objects):
        return mine
    if isinstance(given, CouldNotLook):
        return given
    assert isinstance(given, Found)
    replaced = {identity(obj) for obj in world.objects} | world.gone
    kept = tuple(
        (typed, obj)
        for typed, obj in zip(given.objects, given.raw, strict=True)
        if identity(obj) not in replaced
        and not (read.kind in FOLLOWED and text(obj, "metadata", "namespace") in world.namespaces)
    )
    return Found(
        (*(typed for typed, _ in kept), *mine.objects),
        given.complete,
        (*(obj for _, obj in kept), *mine.raw),
    )


def _is_whole(world: World, read: Objects) -> bool:
    """Whether the world has all that READ could find."""
    return read.kind in FOLLOWED and read.namespace in world.namespaces


def _looked(world: World, read: Files | Lookups | Replies) -> Given:
    known = _known(world, read)
    changed = read.pod in world.changed_pods
    match read, known:
        case Replies(questions=questions), _:
            return _heard(world, questions)
        case Files(paths=paths), FilesGiven(files=files):
            own = _OF_THE_POD - ({HOSTS} if read.pod in world.with_node_file else set())
            kept = {path: found for path, found in files if not (changed and path in own)}
            unread = {path: CouldNotLook(what=path, why=_UNREAD) for path in paths}
            return FilesGiven(tuple({**unread, **kept}.items()), known.via, known.read_from)
        case Lookups(names=names), _:
            libc = known.libc if isinstance(known, LookupsGiven) else LibcSeen()
            views = tuple(
                LibcView(name=name, outcome=ViewOutcome.COULD_NOT_LOOK, why=_UNREAD)
                for name in names
            )
            return LookupsGiven(views, libc)
        case _:
            return known if isinstance(known, CouldNotLook) else _nobody(read)


def _known(world: World, read: Files | Lookups | Replies) -> Given | None:
    """What was read in that container; the C library of one that was asked for other names."""
    if not isinstance(read, Lookups):
        return world.looked.get(read)
    same = (
        given
        for each, given in world.looked.items()
        if isinstance(each, Lookups) and (each.pod, each.container) == (read.pod, read.container)
    )
    return next(same, None)


def _heard(world: World, questions: tuple[tuple[str, Question], ...]) -> Given:
    """What the nameservers said to QUESTIONS before; nobody can ask them in another world."""
    asked = []
    for address in dict.fromkeys(server for server, _ in questions):
        answers = tuple(
            (question, world.replies[server, question])
            for server, question in questions
            if server == address and (server, question) in world.replies
        )
        missed = CouldNotLook(what=f"nameserver {address}", why=_UNREAD)
        asked.append(Asked(server=address, answers=answers, failure=None if answers else missed))
    return RepliesGiven(tuple(asked))


def _nobody(read: Files | Lookups | Replies) -> CouldNotLook:
    return CouldNotLook(what=f"container {read.container}", why=_UNREAD)
