"""Changes to a cluster as data: what a fix does, applicable to objects on paper, and as commands.

A change names one object, or another name to ask. `patched` applies a patch to an object as the
API server does, so that a changed world can be made without one.

As command lines for kubectl each is complete in itself and safe to paste: whatever comes from an
object or a pod is quoted for the shell; text that goes through a here-document is JSON or YAML
whose strings are quoted.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.fields import object_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.fields import Json

PatchType = Literal["strategic", "merge", "json"]


class AskName(Struct, frozen=True):
    """Ask for another name; nothing in the cluster changes."""

    name: str


class Patch(Struct, frozen=True):
    """`kubectl patch KIND NAME --type TYPE`: an object, or (TYPE json) a list of operations.

    A workload whose pod template is patched makes its pods anew. What cannot be patched in place
    (most fields of a bare Pod, a StatefulSet's serviceName) is deleted and made anew with the
    patch in it; see `replaces`.
    """

    kind: str
    namespace: str
    name: str
    patch: Json | tuple[Json, ...]
    type: PatchType = "strategic"

    @property
    def replaces(self) -> bool:
        """Whether the object has to be made anew: the API server refuses to change the field.

        k8s.io/kubernetes pkg/apis/core/validation ValidatePodUpdate (a pod's spec, images and a
        few others apart); pkg/apis/apps/validation ValidateStatefulSetUpdate (serviceName).
        """
        if isinstance(self.patch, tuple):
            return False
        spec = self.patch.get("spec")
        if self.kind == "Pod":
            return spec is not None
        return self.kind == "StatefulSet" and isinstance(spec, Mapping) and "serviceName" in spec


class Create(Struct, frozen=True):
    """`kubectl apply -f -` of an object that is not there; it has its kind, name and namespace."""

    manifest: Json


class Delete(Struct, frozen=True):
    """`kubectl delete KIND NAME`."""

    kind: str
    namespace: str
    name: str


class EditCorefile(Struct, frozen=True):
    """Another text for one key of the ConfigMap that holds the Corefile; OLD is the whole text."""

    namespace: str
    config_map: str
    key: str
    old: str
    new: str


class Restart(Struct, frozen=True):
    """Make the pods of a workload anew; of KIND Pod: the pod itself."""

    kind: str
    namespace: str
    name: str


Change = AskName | Patch | Create | Delete | EditCorefile | Restart


class Touched(NamedTuple):
    """An object that a change touches."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """`Service shop/redis`."""
        return object_in_words(*self)


def touched(change: Change) -> Touched | None:
    """The object that CHANGE touches; None for another name."""
    match change:
        case AskName():
            return None
        case Create(manifest):
            metadata = manifest.get("metadata")
            fields = metadata if isinstance(metadata, Mapping) else {}
            return Touched(
                str(manifest.get("kind", "")),
                str(fields.get("namespace", "")),
                str(fields.get("name", "")),
            )
        case EditCorefile(namespace, config_map):
            return Touched("ConfigMap", namespace, config_map)
        case Patch(kind, namespace, name) | Delete(kind, namespace, name):
            return Touched(kind, namespace, name)
        case Restart(kind, namespace, name):
            return Touched(kind, namespace, name)


def patched(obj: Json, patch: Patch) -> Json:
    """OBJ with PATCH applied. Raises BadInput for operations that do not fit the object."""
    if isinstance(patch.patch, tuple):
        return _object(_json_patched(obj, patch.patch))
    merged = _merged(obj, patch.patch, strategic=patch.type == "strategic")
    return _object(merged)


def _object(value: object) -> Json:
    if not isinstance(value, Mapping):
        raise BadInput("a patch leaves no object", hint="A patch of an object is an object.")
    return value


# Of lists that a strategic patch merges, the field that tells their items apart: the API's
# patchMergeKey of core/v1 and apps/v1. Lists that are not here are replaced whole.
_MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "env": "name",
    "hostAliases": "ip",
    "imagePullSecrets": "name",
    "ownerReferences": "uid",
}
# A Service's ports merge by `port`, a container's by `containerPort`.
_PORTS = ("containerPort", "port")


def _merged(value: object, patch: object, *, strategic: bool) -> object:
    """RFC 7386; STRATEGIC: lists with a merge key by item, `$patch` as the API server takes it."""
    if not isinstance(patch, Mapping):
        return patch
    if strategic and patch.get("$patch") == "replace":
        return {key: each for key, each in patch.items() if key != "$patch"}
    result = dict(value) if isinstance(value, Mapping) else {}
    for key, each in patch.items():
        if each is None:
            result.pop(key, None)
        elif strategic and isinstance(each, list):
            result[key] = _merged_list(key, result.get(key), each)
        else:
            result[key] = _merged(result.get(key), each, strategic=strategic)
    return result


def merge_key(name: str, items: list[object]) -> str:
    """The field that tells the ITEMS of list NAME apart, "" where a patch replaces it whole."""
    if name != "ports":
        return _MERGE_KEYS.get(name, "")
    first = next((each for each in items if isinstance(each, Mapping)), {})
    return next((key for key in _PORTS if key in first), "")


def _merged_list(name: str, value: object, patch: list[object]) -> list[object]:
    key = merge_key(name, patch)
    items = [each for each in patch if isinstance(each, Mapping)]
    if not key or len(items) != len(patch):
        return patch
    if any(each.get("$patch") == "replace" for each in items):
        return [each for each in items if "$patch" not in each]
    result = list(value) if isinstance(value, list) else []
    added: list[object] = []
    for each in items:
        same = [at for at, old in enumerate(result) if _is_same(old, each, key)]
        if each.get("$patch") == "delete":
            result = [old for at, old in enumerate(result) if at not in same]
        elif same:
            result[same[0]] = _merged(result[same[0]], each, strategic=True)
        else:
            # As the API server does: a new item goes before those that the patch does not name
            # (strategicpatch normalizeElementOrder; the docs' example of a second container).
            added.append(dict(each))
    return [*added, *result]


def _is_same(old: object, item: Json, key: str) -> bool:
    return isinstance(old, Mapping) and old.get(key) == item.get(key)


def _json_patched(value: object, operations: tuple[Json, ...]) -> object:
    """RFC 6902, as far as add, replace and remove go."""
    for each in operations:
        path = [
            part.replace("~1", "/").replace("~0", "~") for part in str(each["path"]).split("/")[1:]
        ]
        value = _operated(value, path, str(each["op"]), each.get("value"))
    return value


def _operated(value: object, path: list[str], operation: str, new: object) -> object:
    if not path:
        return new
    head, rest = path[0], path[1:]
    if isinstance(value, list):
        return _operated_in_list(value, head, rest, operation, new)
    if not isinstance(value, Mapping):
        raise BadInput(f"there is no {head} to {operation}", hint="See RFC 6902.")
    result = dict(value)
    if not rest and operation == "remove":
        result.pop(head, None)
    elif not rest:
        result[head] = new
    else:
        result[head] = _operated(result.get(head), rest, operation, new)
    return result


def _operated_in_list(
    value: list[object], head: str, rest: list[str], operation: str, new: object
) -> object:
    at = len(value) if head == "-" else int(head)
    if rest:
        return [
            _operated(each, rest, operation, new) if index == at else each
            for index, each in enumerate(value)
        ]
    kept = [*value[:at], *value[at + (0 if operation == "add" else 1) :]]
    return kept if operation == "remove" else [*kept[:at], new, *kept[at:]]


# As kubectl takes kinds on its command line; groups only where the short name is ambiguous.
_RESOURCES = {
    "EndpointSlice": "endpointslice",
    "Endpoints": "endpoints",
    "NetworkPolicy": "networkpolicy",
}
_PLAIN = re.compile(r"[A-Za-z0-9_./-]*[A-Za-z_/][A-Za-z0-9_./-]*")
# Plain words that YAML 1.1 takes for something else than text.
_NOT_TEXT = re.compile(
    r"(?i)y|n|yes|no|on|off|true|false|null|none|\.nan|[-+]?\.inf|0x[0-9a-f_]+|[-+]?[0-9_.]+(e[-+]?[0-9]+)?"
)
_RESTARTABLE = ("Deployment", "StatefulSet", "DaemonSet")


def commands_of(change: Change) -> tuple[str, ...]:
    """The command lines that carry CHANGE out; none for another name to ask."""
    match change:
        case AskName():
            return ()
        case Patch():
            return (_patch(change),)
        case Create(manifest):
            return (f"kubectl apply -f - <<'EOF'\n{as_yaml(manifest)}\nEOF",)
        case Delete():
            return (f"kubectl delete {_target(change.kind, change.namespace, change.name)}",)
        case EditCorefile():
            return (_edit(change),)
        case Restart():
            return (_restart(change),)


def _words(*words: str) -> str:
    return " ".join(shlex.quote(word) for word in words)


def _target(kind: str, namespace: str, name: str) -> str:
    resource = _RESOURCES.get(kind, kind.lower())
    place = ("-n", namespace) if namespace else ()
    return _words(resource, name, *place)


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def _patch(patch: Patch) -> str:
    target = _target(patch.kind, patch.namespace, patch.name)
    labels = _only_labels(patch)
    if labels is not None:
        return f"kubectl label --overwrite {target} {_words(*labels)}"
    replicas = _only_replicas(patch)
    if replicas is not None:
        return f"kubectl scale {target} --replicas={replicas}"
    body = shlex.quote(_json(list(patch.patch) if isinstance(patch.patch, tuple) else patch.patch))
    if not patch.replaces:
        return f"kubectl patch {target} --type {patch.type} -p {body}"
    # What the API server refuses to change in place is deleted and made anew in one go.
    return (
        f"kubectl get {target} -o yaml | kubectl patch --local -f - --type {patch.type} -p {body} "
        "-o yaml | kubectl replace --force -f -"
    )


def _only(patch: Patch, *path: str) -> object:
    """The value at PATH of a patch that changes nothing else, None for another patch."""
    value: object = patch.patch
    for key in path:
        if not isinstance(value, Mapping) or set(value) != {key}:
            return None
        value = value[key]
    return value


def _only_labels(patch: Patch) -> tuple[str, ...] | None:
    labels = _only(patch, "metadata", "labels")
    if not isinstance(labels, Mapping) or not all(isinstance(e, str) for e in labels.values()):
        return None
    return tuple(f"{key}={value}" for key, value in labels.items())


def _only_replicas(patch: Patch) -> int | None:
    replicas = _only(patch, "spec", "replicas")
    return replicas if isinstance(replicas, int) else None


def _edit(edit: EditCorefile) -> str:
    target = _target("ConfigMap", edit.namespace, edit.config_map)
    body = shlex.quote(_json({"data": {edit.key: edit.new}}))
    return f"kubectl patch {target} --type merge -p {body}"


def _restart(restart: Restart) -> str:
    target = _target(restart.kind, restart.namespace, restart.name)
    if restart.kind in _RESTARTABLE:
        return f"kubectl rollout restart {target}"
    return f"kubectl get {target} -o yaml | kubectl replace --force -f -"


def as_yaml(value: Json) -> str:
    """An object as YAML: what apply reads, in the form that people write."""
    return "\n".join(_lines(value))


def _lines(value: object, indent: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _entry(f"{indent}{_scalar(key)}:", each, f"{indent}  ")
    elif isinstance(value, (list, tuple)):
        for each in value:
            first, *rest = tuple(_lines(each, f"{indent}  ")) or ("",)
            yield f"{indent}- {first.removeprefix(f'{indent}  ')}"
            yield from rest
    else:
        yield f"{indent}{_scalar(value)}"


def _entry(head: str, value: object, indent: str) -> Iterator[str]:
    if isinstance(value, (Mapping, list, tuple)) and value:
        yield head
        # A list stands below its key, not deeper, as kubectl prints it.
        yield from _lines(value, indent if isinstance(value, Mapping) else indent[2:])
    elif isinstance(value, (Mapping, list, tuple)):
        yield f"{head} {'{}' if isinstance(value, Mapping) else '[]'}"
    else:
        yield f"{head} {_scalar(value)}"


def _scalar(value: object) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and not _NOT_TEXT.fullmatch(value):
        return value if not value.startswith("-") else _json(value)
    return _json(value)
