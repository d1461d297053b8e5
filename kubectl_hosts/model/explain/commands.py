"""Changes as command lines for kubectl: each complete in itself, each safe to paste.

Whatever comes from an object or a pod is quoted for the shell; text that goes through a
here-document is JSON or YAML whose strings are quoted.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kubectl_hosts.model.change import (
    AskName,
    Change,
    Create,
    Delete,
    EditCorefile,
    Patch,
    Restart,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.fields import Json

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
