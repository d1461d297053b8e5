"""Where a jsonpath leads in a JSON value: values in, the values that each step reaches out.

As k8s.io/client-go/util/jsonpath with AllowMissingKeys, which is what `kubectl get` sets. Go walks
the keys of an object in random order; here they are walked sorted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.report.jsonpath_path import (
    Comparison,
    Constant,
    Descent,
    Exists,
    Field,
    Identifier,
    Quoted,
    Slice,
    Union,
    Wildcard,
)
from kubectl_hosts.report.jsonpath_values import (
    ExecutionError,
    NoValue,
    compare,
    go_type,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubectl_hosts.report.jsonpath_path import Path, Step


def follow(path: Path, values: list[object]) -> list[object]:
    """The values that PATH leads to from VALUES; a missing key leads nowhere.

    Raises ExecutionError: an index outside its list, an index or a filter on what is no list,
    a comparison of what does not compare, a bare word.
    """
    for step in path:
        values = _take(step, values)
    return values


def _take(step: Step, values: list[object]) -> list[object]:
    match step:
        case Slice():
            return _slice_each(step, values)
        case Union(paths):
            return [found for path in paths for found in follow(path, values)]
        case Quoted(text):
            return [text]
        case Identifier(name):
            if name != "range":
                raise ExecutionError(f"unrecognized identifier {name}")
            return values
        case _:
            return [found for value in values for found in _reach(step, value)]


def _reach(
    step: Field | Wildcard | Descent | Constant | Exists | Comparison, value: object
) -> Iterable[object]:
    match step:
        case Field(name):
            return [value[name]] if isinstance(value, dict) and name in value else ()
        case Wildcard():
            return _children(value)
        case Descent():
            return _descend(value)
        case Constant(constant):
            return (constant,)
        case _:
            return _filter(step, value)


def _children(value: object) -> Iterable[object]:
    match value:
        case dict():
            return [value[key] for key in sorted(value)]
        case list():
            return value
        case str():
            # To Go a string is a list of bytes: {.name.*} prints their numbers.
            return value.encode("utf-8", "surrogatepass")
        case _:
            return ()


def _descend(value: object) -> Iterator[object]:
    children = _children(value)
    if children:
        yield value
    for child in children:
        yield from _descend(child)


def _slice_each(step: Slice, values: list[object]) -> list[object]:
    found: list[object] = []
    for value in values:
        if value is None or isinstance(value, NoValue):
            continue
        if not isinstance(value, list):
            raise ExecutionError(f"{go_type(value)} is not array or slice")
        items = _slice(step, value)
        if not items:
            # Not "the next value": evalArray returns here, so an empty list hides those after it.
            return found
        found += items
    return found


def _slice(step: Slice, items: list[object]) -> list[object]:
    start, stop = _bounds(step, len(items))
    if start == stop:
        return []
    _check_bounds(start, stop, len(items))
    stride = 1 if step.step is None else step.step
    if stride <= 0:
        raise ExecutionError("step must be > 0")
    return items[start:stop:stride]


def _bounds(step: Slice, length: int) -> tuple[int, int]:
    start = step.start or 0
    if step.is_index:
        stop = start + 1
        is_from_end = stop <= 0
    else:
        stop = length if step.stop is None else step.stop
        is_from_end = stop < 0
    return (start + length if start < 0 else start, stop + length if is_from_end else stop)


def _check_bounds(start: int, stop: int, length: int) -> None:
    for is_within, index in ((0 <= start < length, start), (0 <= stop <= length, stop - 1)):
        if not is_within:
            raise ExecutionError(f"array index out of bounds: index {index}, length {length}")
    if start > stop:
        raise ExecutionError(f"starting index {start} is greater than ending index {stop}")


def _filter(step: Exists | Comparison, value: object) -> Iterator[object]:
    if not isinstance(value, list):
        # kubectl puts the whole value here, a screenful; its type says as much, as for an index.
        raise ExecutionError(f"{go_type(value)} is not array or slice and cannot be filtered")
    for item in value:
        if _exists(step, item) if isinstance(step, Exists) else _compares(step, item):
            yield item


def _exists(step: Exists, item: object) -> bool:
    try:
        return bool(follow(step.path, [item]))
    except ExecutionError:
        # evalFilter looks at the values before it looks at the error, and there is one.
        return True


def _compares(step: Comparison, item: object) -> bool:
    left = follow(step.left, [item])
    if not left:
        return False
    if len(left) > 1:
        raise ExecutionError("can only compare one element at a time")
    right = follow(step.right, [item])
    if len(right) > 1:
        raise ExecutionError("can only compare one element at a time")
    return bool(right) and compare(left[0], step.operator, right[0])
