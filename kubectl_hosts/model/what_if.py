"""A changed world: a diagnosis run as if changes had been made, with what would follow from them.

The reads of the diagnosis are answered from the world as it is, with the changed objects laid over
it, and with what the control plane would make of them (control_plane.follow). Nobody can look into
a container of that world: what the kubelet would write into a changed pod is predicted, and of a
pod that no change touches the files are those that were read.

`kubectl apply` makes such changes: an object that is there is patched as kubectl does it (kubectl
concepts, "Declarative management", how apply calculates differences): the manifest is merged over
it, and what the annotation `last-applied-configuration` had and the manifest has no more is taken
away. One that is not there is made. `$patch: delete` at the top of a manifest deletes the object.
Half an object, which the API server would not create, is merged alone, as `kubectl patch` does it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.change import (
    AskName,
    Create,
    Delete,
    EditCorefile,
    Patch,
    Restart,
    merge_key,
    patched,
    touched,
)
from kubectl_hosts.model.control_plane import follow, identity
from kubectl_hosts.model.dns import LibcView, ServerReplies, ViewOutcome
from kubectl_hosts.model.evidence import HOSTS, IF_INET6, MOUNTINFO, RESOLV_CONF, CouldNotLook
from kubectl_hosts.model.fields import field, flag, mapping, object_in_words, string_map, text
from kubectl_hosts.model.pod import LAST_APPLIED_ANNOTATION
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
    as_found,
    find,
)
from kubectl_hosts.model.resources import RESOURCES
from kubectl_hosts.model.selectors import select

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kubectl_hosts.model.change import Change, Touched
    from kubectl_hosts.model.control_plane import Identity
    from kubectl_hosts.model.dns import Answer, Question
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.reads import Diagnosis, Given, Read

_DNS_NAMESPACE = "kube-system"
# What the API server sets, and apply leaves alone whatever a manifest says.
_SERVERS_OWN = frozenset(
    {"creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"}
)


class Applied(NamedTuple):
    """The changes that manifests make, and the objects that bear on no name, `KIND NAME` each."""

    changes: tuple[Change, ...]
    passed_over: tuple[str, ...] = ()


class ToApply(NamedTuple):
    """Manifests whose namespaces are filled in, and those that the API server would not create.

    Some of these can still be applied to an object that is there: half a Pod is a patch of one.
    """

    manifests: tuple[Json, ...]
    refused: frozenset[Identity] = frozenset()


def apply_changes(wanted: ToApply) -> Diagnosis[Applied | CouldNotLook]:
    """What applying manifests would change.

    What an object is now is read for it; where that may not be read, nobody can tell the change.
    """
    known, passed_over = [], []
    for each in wanted.manifests:
        kind, namespace, name = identity(each)
        if kind in RESOURCES:
            known.append((Objects(kind, namespace, name), each))
        else:
            passed_over.append(f"{kind} {name}")
    given = (yield tuple(read for read, _ in known)) if known else {}
    changes: list[Change] = []
    for read, manifest in known:
        found = as_found(read, given[read])
        if isinstance(found, CouldNotLook):
            return found
        if not found.raw and identity(manifest) in wanted.refused:
            name = f"{read.kind} {read.name}"
            hint = "kubectl hosts show -f says what is wrong with it."
            return CouldNotLook(what=name, why=f"the API server refuses {name}", hint=hint)
        is_half = identity(manifest) in wanted.refused
        changes += _changes(manifest, found.raw[0] if found.raw else None, is_half=is_half)
    return Applied(tuple(changes), tuple(passed_over))


def _changes(manifest: Json, there: Json | None, *, is_half: bool) -> Iterator[Change]:
    kind, namespace, name = identity(manifest)
    if manifest.get("$patch") == "delete":
        yield from () if there is None else (Delete(kind, namespace, name),)
    elif there is None:
        yield Create({key: each for key, each in manifest.items() if key != "$patch"})
    elif kind == "ConfigMap" and namespace == _DNS_NAMESPACE:
        # What nameservers said under another Corefile holds no more.
        yield from _edits(name, mapping(manifest, "data"), string_map(there, "data"))
    else:
        merged = _without_servers_own(manifest) if is_half else apply_patch(there, manifest)
        patch = Patch(kind, namespace, name, merged)
        if patched(there, patch) != {"metadata": {}, **there}:
            yield patch


def _edits(name: str, wanted: Json, there: Mapping[str, str]) -> Iterator[EditCorefile]:
    for key, value in wanted.items():
        if value != there.get(key):
            yield EditCorefile(_DNS_NAMESPACE, name, key, there.get(key, ""), str(value))


def apply_patch(there: Json, manifest: Json) -> Json:
    """The strategic merge patch that `kubectl apply` of MANIFEST sends for an object."""
    wanted = _without_servers_own(manifest)
    try:
        last = json.loads(
            string_map(there, "metadata", "annotations").get(LAST_APPLIED_ANNOTATION, "{}")
        )
    except ValueError:
        last = {}
    gone = _gone(_without_servers_own(last) if isinstance(last, Mapping) else {}, wanted)
    return _joined(wanted, gone)


def _without_servers_own(manifest: Json) -> Json:
    kept = {
        key: each
        for key, each in manifest.items()
        if key not in {"apiVersion", "kind", "metadata", "status"}
    }
    own = mapping(manifest, "metadata")
    metadata = {
        key: each
        for key, each in own.items()
        if key not in _SERVERS_OWN and key not in {"name", "namespace"}
    }
    # kubectl writes annotations, be they none, into what it remembers of every object.
    return {**kept, "metadata": {"annotations": {}, **metadata}}


def _gone(last: object, wanted: object) -> Json:
    """What LAST has and WANTED has no more, as a patch that takes it away."""
    if not (isinstance(last, Mapping) and isinstance(wanted, Mapping)):
        return {}
    found: dict[str, object] = {}
    for key, each in last.items():
        if key not in wanted:
            found[key] = None
        elif isinstance(each, Mapping):
            found |= {key: below} if (below := _gone(each, wanted[key])) else {}
        elif isinstance(each, list) and isinstance(wanted[key], list):
            items = tuple(_gone_items(merge_key(key, each), each, wanted[key]))
            found |= {key: list(items)} if items else {}
    return found


def _gone_items(key: str, last: list[object], wanted: list[object]) -> Iterator[Json]:
    there = {str(each.get(key)): each for each in wanted if isinstance(each, Mapping)}
    for each in last if key else ():
        if isinstance(each, Mapping):
            value = each.get(key)
            if str(value) not in there:
                yield {key: value, "$patch": "delete"}
            elif below := _gone(each, there[str(value)]):
                yield {key: value, **below}


def _joined(wanted: object, gone: object) -> Json:
    """Both as one patch; an item of a list that is in both stays one item."""
    assert isinstance(wanted, Mapping)
    assert isinstance(gone, Mapping)
    result = dict(wanted)
    for key, each in gone.items():
        mine = result.get(key)
        if isinstance(each, Mapping) and isinstance(mine, Mapping):
            result[key] = _joined(mine, each)
        elif isinstance(each, list) and isinstance(mine, list):
            result[key] = _joined_items(merge_key(key, each), mine, each)
        else:
            result[key] = each
    return result


def _joined_items(key: str, wanted: list[object], gone: list[object]) -> list[object]:
    by_key = {str(each[key]): each for each in gone if isinstance(each, Mapping)}
    mine = [
        _joined(each, by_key.pop(str(each.get(key)), {})) if isinstance(each, Mapping) else each
        for each in wanted
    ]
    return [*mine, *by_key.values()]


def change_in_words(change: Change) -> str:
    """`changes Service shop/redis`, `makes Pod shop/web`, `deletes Service shop/redis`."""
    match change:
        case Create(manifest):
            kind, namespace, name = identity(manifest)
            verb = "makes"
        case Delete(kind, namespace, name):
            verb = "deletes"
        case Patch(kind, namespace, name):
            verb = "changes"
        case EditCorefile(namespace, name):
            kind, verb = "ConfigMap", "changes"
        case _:
            return ""
    return f"{verb} {object_in_words(kind, namespace, name)}"


# The changed world.

T = TypeVar("T")

# What nothing of the control plane follows from.
_ALONE = frozenset({"ConfigMap", "Node", "NetworkPolicy"})
FOLLOWED = ("Pod", "Service", "EndpointSlice", "Endpoints")
"""The kinds of a changed namespace that the control plane keeps in step with each other."""
# What a pod that is made anew has of its own; /etc/nsswitch.conf and the rest are the image's.
_OF_THE_POD = frozenset({HOSTS, RESOLV_CONF, MOUNTINFO, IF_INET6})
_UNREAD = "a pod of a changed world cannot be looked into"


class World(NamedTuple):
    """The objects that differ from those that are there, and whose kinds and places they fill.

    objects are all of the FOLLOWED kinds in NAMESPACES, and the other changed ones; gone are those
    that are no more. looked holds what was read in containers, by their reads.
    """

    objects: tuple[Json, ...] = ()
    namespaces: frozenset[str] = frozenset()
    gone: frozenset[Identity] = frozenset()
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
    kept: Mapping[tuple[str, Question], Answer] | None = None,
    placeholders: Mapping[str, str] | None = None,
) -> Diagnosis[World | CouldNotLook]:
    """The world with CHANGES made, one after the other.

    LOOKED is what was read in containers, REPLIES what nameservers said, KEPT those of them that
    another Corefile makes no difference to; PLACEHOLDERS are those of the objects that are there.
    Raises nothing: what could not be read, or a patch that does not fit, is why there is no such
    world.
    """
    named = tuple(filter(None, map(touched, changes)))
    namespaces = dict.fromkeys(
        each.namespace for each in named if each.namespace and each.kind not in _ALONE
    )
    objects: dict[Identity, Json] = {}
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
        replies=(kept or {}) if any(isinstance(e, EditCorefile) for e in changes) else replies,
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
    given = yield from find(read)
    if isinstance(given, CouldNotLook):
        return given
    if not given.complete:
        return CouldNotLook(what=f"all {read.kind}s", why="there are more than one page of them")
    return given.raw


def _apply(change: Change, objects: dict[Identity, Json]) -> None:
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
        asked.append(
            ServerReplies(server=address, answers=answers, failure=None if answers else missed)
        )
    return RepliesGiven(tuple(asked))


def _nobody(read: Files | Lookups | Replies) -> CouldNotLook:
    return CouldNotLook(what=f"container {read.container}", why=_UNREAD)
