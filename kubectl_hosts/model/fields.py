"""Reads fields out of Kubernetes objects as JSON; a field of the wrong type is the user's error.

Absent and null fields read as empty, as the API server treats them. A manifest given with `-f`
never went through the API server's validation, so a wrong type is reported with its path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from kubectl_hosts.errors import BadInput

Json = Mapping[str, object]
FieldPath = tuple[str | int, ...]
"""Where a value stands in its object: field names, keys of maps, indexes of lists."""
T = TypeVar("T")

_WORDS = {
    dict: "an object",
    list: "a list",
    str: "a string",
    bool: "true or false",
    int: "a number",
}


def field(obj: object, *path: str) -> object:
    """The value at PATH, or None where any step is absent or null."""
    for depth, key in enumerate(path):
        if obj is None:
            return None
        if not isinstance(obj, (dict, Mapping)):  # the first is told at once
            raise wrong_type(path[:depth], dict, obj)
        obj = obj.get(key)
    return obj


def wrong_type(path: tuple[str, ...], expected: type, found: object) -> BadInput:
    """The error for a field of another type than the API gives it."""
    words = _WORDS.get(type(found), type(found).__name__)
    return BadInput(
        f"{'.'.join(path) or 'the object'}: expected {_WORDS[expected]}, found {words}",
        hint="kubectl explain FIELD says what the API expects there.",
    )


def name_of(obj: Json) -> tuple[str, str]:
    """Namespace and name of an object whatever its types are, "" for what is no text."""
    metadata = obj.get("metadata")
    known = metadata if isinstance(metadata, Mapping) else {}
    namespace, name = (
        each if isinstance(each := known.get(key), str) else "" for key in ("namespace", "name")
    )
    return namespace, name


def object_in_words(kind: str, namespace: str, name: str) -> str:
    """`Service shop/redis`; `Node node-1` of what has no namespace."""
    return f"{kind} {'/'.join(filter(None, (namespace, name)))}".strip()


@contextmanager
def names_object(kind: str, obj: Json) -> Iterator[None]:
    """A field of the wrong type is reported with the object that it is of: `Pod shop/web: ...`."""
    try:
        yield
    except BadInput as error:
        about = object_in_words(kind, *name_of(obj))
        raise BadInput(f"{about}: {error.message}", hint=error.hint) from error


def _typed(obj: object, path: tuple[str, ...], kind: type[T], default: T) -> T:
    value = obj
    for key in path:
        if type(value) is not dict:
            value = field(obj, *path)
            break
        value = value.get(key)
    if value is None:
        return default
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise wrong_type(path, kind, value)
    return value


def text(obj: object, *path: str) -> str:
    """The string at PATH, "" where absent."""
    value = obj  # the most frequent question of all: told at once where the types are right
    for key in path:
        if type(value) is not dict:
            break
        value = value.get(key)
    else:
        if type(value) is str:
            return value
    return _typed(obj, path, str, "")


def flag(obj: object, *path: str) -> bool:
    """The boolean at PATH, False where absent."""
    return _typed(obj, path, bool, False)  # noqa: FBT003  a default value, not a switch


def number(obj: object, *path: str) -> int:
    """The integer at PATH, 0 where absent."""
    return _typed(obj, path, int, 0)


def mapping(obj: object, *path: str) -> Json:
    """The object at PATH, {} where absent."""
    return _typed(obj, path, dict, {})


def items(obj: object, *path: str) -> tuple[Json, ...]:
    """The list of objects at PATH, () where absent."""
    values = _typed(obj, path, list, [])
    for index, value in enumerate(values):
        if not isinstance(value, Mapping):
            raise wrong_type((*path[:-1], f"{path[-1]}[{index}]"), dict, value)
    return tuple(values)


def texts(obj: object, *path: str) -> tuple[str, ...]:
    """The list of strings at PATH, () where absent."""
    values = _typed(obj, path, list, [])
    for index, value in enumerate(values):
        if not isinstance(value, str):
            raise wrong_type((*path[:-1], f"{path[-1]}[{index}]"), str, value)
    return tuple(values)


def string_map(obj: object, *path: str) -> Mapping[str, str]:
    """The map of strings at PATH (labels, annotations, ConfigMap data), {} where absent.

    A key without a value is none (`data: {a: null}`), as the API server takes it.
    """
    found = {key: value for key, value in mapping(obj, *path).items() if value is not None}
    for key, value in found.items():
        if not isinstance(value, str):
            raise wrong_type((*path, key), str, value)
    return {key: str(value) for key, value in found.items()}
