"""The steps of a jsonpath, as https://kubernetes.io/docs/reference/kubectl/jsonpath/ lists them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quoted:
    """`"text"`: these characters, whatever came before."""

    text: str


@dataclass(frozen=True, slots=True)
class Constant:
    """`5`, `1.5`, `true`: this value in place of each."""

    value: bool | int | float


@dataclass(frozen=True, slots=True)
class Field:
    """`.name` or `['name']`."""

    name: str


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`.*`: all values of an object or items of a list."""


@dataclass(frozen=True, slots=True)
class Descent:
    """`..`: each value, and all within it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """`[start:stop:step]` as written; an index `[n]` has `is_index` and no `stop`."""

    start: int | None = None
    stop: int | None = None
    step: int | None = None
    is_index: bool = False


@dataclass(frozen=True, slots=True)
class Union:
    """`[a,b]`: what each gives, one after the other."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Exists:
    """`[?(@.path)]`."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`[?(@.path == other)]`, the operator as written."""

    left: Path
    operator: str
    right: Path


@dataclass(frozen=True, slots=True)
class Identifier:
    """A bare word: `range` and `end` are the two that mean something."""

    name: str


Step = (
    Quoted
    | Constant
    | Field
    | Wildcard
    | Descent
    | Slice
    | Union
    | Exists
    | Comparison
    | Identifier
)
Path = tuple[Step, ...]
