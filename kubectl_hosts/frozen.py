"""`@dataclass(frozen=True, slots=True)` as the standard library has it, at a tenth of its price.

The library writes the methods of each class as text and compiles them while the module is loaded:
0.45 ms a class, and `explain` has 225 of them, a quarter of all that it computes. Here they are
written when the first value of the class is made, which most runs never do, and what need not be
fast is shared. To a type checker, and to `fields`, these classes are the library's.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from dataclasses import dataclass, replace

    Fields = Mapping[str, dataclasses.Field[Any]]

T = TypeVar("T")

__all__ = ["dataclass", "replace"]


def _frozen(*, frozen: bool, slots: bool, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """The decorator, of this one kind. `__fields__` has the defaults: the class has the slots."""
    assert frozen
    assert slots

    def decorate(cls: type[T]) -> type[T]:
        members = {name: each for name, each in vars(cls).items() if name not in _OF_NO_SLOTS}
        inherited: Fields = getattr(cls, "__fields__", {})
        own = {
            name: _field(members.pop(name, dataclasses.MISSING))
            for name, annotation in members.get("__annotations__", {}).items()
            if not annotation.startswith("ClassVar")
        }
        members |= {
            "__qualname__": cls.__qualname__,
            "__slots__": tuple(each for each in own if each not in inherited),
            "__fields__": {**inherited, **own},
            "__match_args__": (*getattr(cls, "__match_args__", ()), *(() if kw_only else own)),
        }
        metaclass: Any = type(cls)
        made: type[T] = metaclass(cls.__name__, cls.__bases__, _SHARED | members)
        return made

    return decorate


def _field(default: Any) -> dataclasses.Field[Any]:  # noqa: ANN401  what the class has there
    if isinstance(default, dataclasses.Field):
        return default
    made: dataclasses.Field[Any] = dataclasses.field(default=default)
    return made


def _replaced(value: Any, /, **changes: object) -> Any:  # noqa: ANN401  a value, and another
    """The library's `replace`, without a look at what these classes never have."""
    held = {each: getattr(value, each) for each in value.__fields__}
    return value.__class__(**(held | changes))


if not TYPE_CHECKING:
    dataclass, replace = _frozen, _replaced


def _first(self: object, *given: object, **named: object) -> None:
    """`__init__` until the first value is made; two threads at once write the same."""
    cls: Any = next(each for each in type(self).__mro__ if "__fields__" in vars(each))
    scope: dict[str, Any] = {}
    exec(_text_of(cls, scope), scope)  # noqa: S102  our own fields' names
    for name in ("__eq__", "__hash__", "__init__"):  # the last is the sign that all are there
        scope[name].__qualname__ = f"{cls.__qualname__}.{name}"
        setattr(cls, name, scope[name])
    cls.__init__(self, *given, **named)


def _text_of(cls: Any, scope: dict[str, Any]) -> str:  # noqa: ANN401  a class with `__fields__`
    """The methods of CLS as the library writes them; what they name is added to SCOPE."""
    fields: Fields = cls.__fields__
    scope["MISSING"] = dataclasses.MISSING
    positional, named, fills = ["self"], ["*"], []
    for name, field in fields.items():
        scope[f"fill_{name}"] = getattr(cls, name).__set__
        scope[f"default_{name}"], scope[f"make_{name}"] = field.default, field.default_factory
        is_made = field.default_factory is not dataclasses.MISSING
        is_required = not is_made and field.default is dataclasses.MISSING
        parameter = name if is_required else f"{name}=default_{name}"
        (positional if name in cls.__match_args__ else named).append(parameter)
        value = f"make_{name}() if {name} is MISSING else {name}" if is_made else name
        fills.append(f" fill_{name}(self, {value})")
    mine, others = (
        "".join(f"{whose}.{name}, " for name, each in fields.items() if each.compare)
        for whose in ("self", "other")
    )
    return "\n".join(
        (
            f"def __init__({', '.join(positional + (named if named[1:] else []))}):",
            *(fills or [" pass"]),
            "def __eq__(self, other):",
            " if other.__class__ is not self.__class__:",
            "  return NotImplemented",
            f" return ({mine}) == ({others})",
            "def __hash__(self):",
            f" return hash(({mine}))",
        )
    )


def _described(self: Any) -> str:  # noqa: ANN401  a value of such a class
    shown = (name for name, each in self.__fields__.items() if each.repr)
    held = ", ".join(f"{each}={getattr(self, each)!r}" for each in shown)
    return f"{type(self).__qualname__}({held})"


def _refuse(_: object, name: str, *__: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


class _LibraryFields:
    """The fields as the library describes them, once its `fields` asks."""

    def __get__(self, _: object, owner: Any) -> Fields:  # noqa: ANN401
        rows = [(name, object, each) for name, each in owner.__fields__.items()]
        made = dataclasses.make_dataclass(owner.__name__, rows, init=False, repr=False, eq=False)
        found: Fields = vars(made)["__dataclass_fields__"]
        owner.__dataclass_fields__ = found
        return found


_OF_NO_SLOTS = frozenset({"__dict__", "__weakref__"})
_SHARED = {
    "__init__": _first,
    "__repr__": _described,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
    "__dataclass_fields__": _LibraryFields(),
}
