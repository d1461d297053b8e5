"""`kubectl apply` on paper: manifests as the changes that they would make to the objects there.

An object that is there is patched as kubectl apply does it (kubectl concepts, "Declarative
management", how apply calculates differences): the manifest is merged over it, and what the
annotation `last-applied-configuration` had and the manifest has no more is taken away. One that is
not there is made. `$patch: delete` at the top of a manifest deletes the object.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.change import Create, Delete, EditCorefile, Patch, merge_key, patched
from kubectl_hosts.model.control_plane import identity
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.fields import mapping, string_map
from kubectl_hosts.model.pod import LAST_APPLIED_ANNOTATION
from kubectl_hosts.model.reads import Found, Objects
from kubectl_hosts.model.resources import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.change import Change
    from kubectl_hosts.model.control_plane import Identity
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.reads import Diagnosis

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
        found = given[read]
        if isinstance(found, CouldNotLook):
            return found
        assert isinstance(found, Found)
        if not found.raw and identity(manifest) in wanted.refused:
            name = f"{read.kind} {read.name}"
            hint = "kubectl hosts show -f says what is wrong with it."
            return CouldNotLook(what=name, why=f"the API server refuses {name}", hint=hint)
        changes += _changes(manifest, found.raw[0] if found.raw else None)
    return Applied(tuple(changes), tuple(passed_over))


def _changes(manifest: Json, there: Json | None) -> Iterator[Change]:
    kind, namespace, name = identity(manifest)
    if manifest.get("$patch") == "delete":
        yield from () if there is None else (Delete(kind, namespace, name),)
    elif there is None:
        yield Create({key: each for key, each in manifest.items() if key != "$patch"})
    elif kind == "ConfigMap" and namespace == _DNS_NAMESPACE:
        # What nameservers said under another Corefile holds no more.
        yield from _edits(name, mapping(manifest, "data"), string_map(there, "data"))
    else:
        patch = Patch(kind, namespace, name, apply_patch(there, manifest))
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
    return f"{verb} {kind} {'/'.join(filter(None, (namespace, name)))}"
