"""One thing that is wrong with a manifest: which field, why, and what to write instead.

`nearest` is the name that was meant by one that is unknown: the same but for case, hyphens, or a
letter. `items_of` and its like read what a manifest has, where a value of another type is as good
as none: wrong types are told by `decoding`, and the rules that follow it judge what is left.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.api.kinds import at
from kubectl_hosts.model.findings import Reason, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kubectl_hosts.model.fields import FieldPath, Json

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SHOWN = 60


class Key(str):
    """A key of a map, which the API server writes in brackets: `data[hosts]`."""

    __slots__ = ()


class Edit(NamedTuple):
    """A change of a manifest, as data: what stands at PATH is taken away, and put at TO as VALUE.

    With no TO it is gone; with no VALUE it is moved as it is.
    """

    path: FieldPath
    to: FieldPath = ()
    value: object = None


def edited(obj: Json, edit: Edit) -> Json | None:
    """OBJ after EDIT; None where it has no place for what is moved."""
    value = at(obj, edit.path) if edit.value is None else edit.value
    without = _without(obj, edit.path) if edit.to != edit.path else obj
    found = _with(without, edit.to, value) if edit.to else without
    return found if isinstance(found, Mapping) else None


def _without(value: object, path: FieldPath) -> object:
    step, *rest = path
    if isinstance(value, Mapping):
        left = {key: each for key, each in value.items() if key != step}
        return {**value, step: _without(value[step], tuple(rest))} if rest else left
    assert isinstance(value, list)
    assert isinstance(step, int)
    kept = [_without(value[step], tuple(rest))] if rest else []
    return [*value[:step], *kept, *value[step + 1 :]]


def _with(value: object, path: FieldPath, new: object) -> object:
    """VALUE with NEW at PATH, None where that leads through something else."""
    if not path:
        return new
    step, *rest = path
    if isinstance(step, int):
        if not isinstance(value, list) or step >= len(value):
            return None
        inner = _with(value[step], tuple(rest), new)
        return None if inner is None else [*value[:step], inner, *value[step + 1 :]]
    if not isinstance(value, Mapping):
        return None
    inner = _with(value.get(step, {} if rest else None), tuple(rest), new)
    return None if inner is None else {**value, step: inner}


class FieldProblem(NamedTuple):
    """What the API server would say of one field.

    refused: it takes no object with this. unreadable: it cannot even decode the object, so nothing
    else is known of it. A problem that is neither is one that it takes, and drops or warns about.
    """

    path: FieldPath
    reason: Reason
    message: str
    fix: str = ""
    severity: Severity = Severity.ERROR
    refused: bool = True
    unreadable: bool = False
    edit: Edit | None = None
    """What `fix` says, where it can be tried; only what was tried is called a fix."""


def path_text(path: FieldPath) -> str:
    """The path as the API server writes it: `spec.containers[0].image`, `data[etc/hosts]`."""
    text = ""
    for step in path:
        if isinstance(step, int | Key) or not _PLAIN_KEY.fullmatch(step):
            text += f"[{step}]"
        else:
            text += f".{step}"
    return text.removeprefix(".")


def shown(value: object) -> str:
    """A value in a message: text in quotes, and no longer than a line can hold."""
    text = f'"{value}"' if isinstance(value, str) else str(value)
    text = text.replace("\n", "\\n")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def invalid(
    path: FieldPath,
    value: object,
    message: str,
    fix: str = "",
    *,
    reason: Reason | None = None,
    written: object = None,
) -> FieldProblem:
    """`Invalid value`, as field.Invalid of k8s.io/apimachinery pkg/util/validation/field has it."""
    said = f"{path_text(path)}: Invalid value: {shown(value)}: {message}"
    return _problem(path, reason or Reason.INVALID_VALUE, said, fix, written=written)


def malformed(
    holder: Json, field: str, above: FieldPath, why_not: Callable[[str], str], fix: str = ""
) -> Iterator[FieldProblem]:
    """What is wrong with the text that FIELD of HOLDER, an object at ABOVE, has, if it has any.

    WHY_NOT says why a text is not of the form that it must have, "" for one that is.
    """
    value = holder.get(field)
    if has_text(value) and (why := why_not(str(value))):
        yield invalid((*above, field), value, why, fix)


def required(path: FieldPath, because: str = "", fix: str = "") -> FieldProblem:
    """`Required value`: a field that must be there, or must not be empty."""
    why = f": {because}" if because else ""
    said = f"{path_text(path)}: Required value{why}"
    return _problem(path, Reason.MISSING_FIELD, said, fix or f"Set {path_text(path)}.")


def unsupported(path: FieldPath, value: object, supported: tuple[str, ...]) -> FieldProblem:
    """`Unsupported value`: none of the words that the field takes."""
    meant = nearest(value, supported) if isinstance(value, str) else ""
    fix = f"Write {meant}." if meant else f"Write one of {', '.join(supported)}."
    said = f"{path_text(path)}: Unsupported value: {shown(value)}"
    return _problem(path, Reason.INVALID_VALUE, said, fix, written=meant or None)


def duplicate(path: FieldPath, value: object) -> FieldProblem:
    """`Duplicate value`: another item has it already."""
    said = f"{path_text(path)}: Duplicate value: {shown(value)}"
    return _problem(path, Reason.INVALID_VALUE, said, "Each needs a value of its own.")


def forbidden(path: FieldPath, because: str, fix: str = "") -> FieldProblem:
    """`Forbidden`: a field that may not be there beside others."""
    said = f"{path_text(path)}: Forbidden: {because}"
    return _problem(path, Reason.INVALID_VALUE, said, fix or f"Remove {path_text(path)}.")


def _problem(
    path: FieldPath, reason: Reason, message: str, fix: str, *, written: object = None
) -> FieldProblem:
    """What is wrong at PATH; WRITTEN is what to write there instead, where that can be tried."""
    edit = None if written is None else Edit(path, path, written)
    return FieldProblem(path, reason, message, fix, edit=edit)


def warning(
    path: FieldPath, reason: Reason, message: str, fix: str, *, written: object = None
) -> FieldProblem:
    """What the API server takes, and warns about."""
    found = _problem(path, reason, f"{path_text(path)}: {message}", fix, written=written)
    return found._replace(severity=Severity.WARNING, refused=False)


_SEPARATORS = str.maketrans("", "", "_-. ")


def squeezed(name: str) -> str:
    """NAME without what writers of other languages change: case, underscores and hyphens."""
    return name.translate(_SEPARATORS).lower()


_MEANT_HOST_ALIASES = frozenset({"hostaliases", "hostalias", "hostsaliases", "hostsalias"})


def means_host_aliases(key: str) -> bool:
    """Whether a field of this name was meant to be hostAliases."""
    return squeezed(key) in _MEANT_HOST_ALIASES


def nearest(name: str, known: Iterable[str]) -> str:
    """The one of KNOWN that NAME was most likely meant to be, "" where none is near.

    Near is the same letters, a plural for a singular, or a letter or two (of at least eight) added,
    left out, changed or swapped.
    """
    wanted = squeezed(name)
    allowed = 2 if len(wanted) >= 8 else 1 if len(wanted) >= 3 else 0
    best, best_distance = "", allowed + 1
    for each in known:
        other = squeezed(each)
        distance = _distance(wanted, other, best_distance) if not _plural(wanted, other) else 0
        if distance < best_distance:
            best, best_distance = each, distance
    return best


def _plural(one: str, other: str) -> bool:
    """Whether one of them is the plural of the other: `search` and `searches`."""
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) > 2 and longer in {f"{shorter}s", f"{shorter}es"}


def _distance(one: str, other: str, limit: int) -> int:
    """How many letters differ (optimal string alignment), LIMIT where it is that or more."""
    if abs(len(one) - len(other)) >= limit:
        return limit
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, its in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) >= limit:
            return limit
    return row[-1]


def items_of(obj: object, name: str) -> tuple[Json, ...]:
    """The objects of the list NAME of OBJ, in their places; null is an empty one."""
    found = obj.get(name) if isinstance(obj, Mapping) else None
    if not isinstance(found, list):
        return ()
    return tuple(each if isinstance(each, Mapping) else {} for each in found)


def texts_of(obj: object, name: str) -> tuple[str, ...]:
    """The texts of the list NAME of OBJ, in their places; null is an empty one."""
    found = obj.get(name) if isinstance(obj, Mapping) else None
    if not isinstance(found, list):
        return ()
    return tuple(each if isinstance(each, str) else "" for each in found)


def map_of(obj: object, name: str) -> Json:
    """The mapping NAME of OBJ, {} for none."""
    found = obj.get(name) if isinstance(obj, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def has_text(value: object) -> bool:
    """Whether VALUE is text that is not empty."""
    return isinstance(value, str) and value != ""
