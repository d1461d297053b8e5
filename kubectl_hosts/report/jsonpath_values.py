"""JSON values as kubectl's jsonpath prints and compares them: Go's text of numbers, Go's kinds."""

from __future__ import annotations

import json
import operator
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_GO_TYPES = {
    dict: "map[string]interface {}",
    list: "[]interface {}",
    str: "string",
    bool: "bool",
    int: "int64",
    float: "float64",
}
_OPERATORS: dict[str, Callable[..., bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_EQUALITIES = {"==", "!="}
# encoding/json escapes these beyond what JSON asks for (json.HTMLEscape).
_HTML_ESCAPES = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}


class ExecutionError(Exception):
    """The template cannot be applied to the value; the message is kubectl's."""


class NoValue:
    """A null that a range stands on: kubectl prints it otherwise than a null it comes across."""


def go_type(value: object) -> str:
    """Go's name of the type that kubectl decodes such a JSON value into."""
    return _GO_TYPES.get(type(value), "<nil>")


def value_text(value: object) -> str:
    """The value as `{...}` prints it: strings bare, objects and lists as compact JSON."""
    if isinstance(value, NoValue):
        return "<no value>"
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        # fmt's %v: shortest digits, an exponent from 1e+06 on; measured on kubectl 1.32.
        return _float_text(value, plain=range(-4, 6))
    return _json_text(value)


def compare(left: object, sign: str, right: object) -> bool:
    """Whether `left sign right` holds; numbers with and without a fraction do not compare.

    Raises ExecutionError for an operator, a type or a pair of types that kubectl refuses.
    """
    if sign not in _OPERATORS:
        raise ExecutionError(f"unrecognized filter operator {sign}")
    kinds = {type(left), type(right)}
    if not kinds <= {bool, int, float, str}:
        raise ExecutionError("invalid type for comparison")
    if len(kinds) > 1:
        raise ExecutionError("incompatible types for comparison")
    if kinds == {bool} and sign not in _EQUALITIES:
        raise ExecutionError("invalid type for comparison")
    return _OPERATORS[sign](left, right)


def _json_text(value: object) -> str:
    """Compact JSON as encoding/json writes it: keys in order, `<` `>` `&` escaped."""
    match value:
        case dict():
            members = (f"{_json_text(key)}:{_json_text(value[key])}" for key in sorted(value))
            return f"{{{','.join(members)}}}"
        case list():
            return f"[{','.join(_json_text(each) for each in value)}]"
        case float():
            return _float_text(value, plain=range(-6, 21)).replace("e-0", "e-")
        case _:
            return json.dumps(value, ensure_ascii=False).translate(_HTML_ESCAPES)


def _float_text(value: float, *, plain: range) -> str:
    """The shortest digits that give the value back, without an exponent where it is in `plain`."""
    shortest = Decimal(repr(value)).normalize()
    exponent = shortest.adjusted()
    if not shortest or exponent in plain or not shortest.is_finite():
        return format(shortest, "f")
    mantissa = format(shortest.scaleb(-exponent), "f")
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
