"""Label and field selectors, read and matched as the API server does.

k8s.io/apimachinery pkg/labels/selector.go and pkg/fields/selector.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.fields import field, string_map

if TYPE_CHECKING:
    from kubectl_hosts.model.fields import Json

Matches = Callable[[str | None], bool]
"""Whether a label's value (None: no such label) meets one requirement."""

# A label key: an optional DNS prefix, a slash, a name.
_NAME = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?"
_KEY = rf"(?P<key>{_NAME}(?:/{_NAME})?)"
_VALUE = rf"(?P<value>(?:{_NAME})?)"
_SET = re.compile(rf"{_KEY}\s+(?P<operator>in|notin)\s*\((?P<values>[^()]*)\)")
_EQUALITY = re.compile(rf"{_KEY}\s*(?P<operator>==|!=|=|>|<)\s*{_VALUE}")
_EXISTENCE = re.compile(rf"(?P<operator>!?)\s*{_KEY}")
_OUTSIDE_PARENTHESES = re.compile(r",(?![^(]*\))")

_OPERATORS: Mapping[str, Callable[[str], Matches]] = {
    "=": lambda wanted: lambda found: found == wanted,
    "==": lambda wanted: lambda found: found == wanted,
    "!=": lambda wanted: lambda found: found != wanted,
    ">": lambda wanted: lambda found: _is_number(found, wanted) and int(found or 0) > int(wanted),
    "<": lambda wanted: lambda found: _is_number(found, wanted) and int(found or 0) < int(wanted),
}


def _is_number(*values: str | None) -> bool:
    return all(value is not None and re.fullmatch(r"-?[0-9]{1,18}", value) for value in values)


def label_selector(selector: str) -> Callable[[Json], bool]:
    """A test for objects from `-l`'s text; "" selects all. Raises BadInput as kubectl fails."""
    parts = _OUTSIDE_PARENTHESES.split(selector) if selector.strip() else []
    requirements = tuple(_requirement(selector, part.strip()) for part in parts)

    def selects(obj: Json) -> bool:
        labels = string_map(obj, "metadata", "labels")
        return all(matches(labels.get(key)) for key, matches in requirements)

    return selects


def _requirement(selector: str, text: str) -> tuple[str, Matches]:
    if found := _SET.fullmatch(text):
        values = {value.strip() for value in found["values"].split(",")}
        if found["operator"] == "in":
            return found["key"], lambda value: value in values
        return found["key"], lambda value: value not in values
    if found := _EQUALITY.fullmatch(text):
        return found["key"], _OPERATORS[found["operator"]](found["value"])
    if found := _EXISTENCE.fullmatch(text):
        exists = not found["operator"]
        return found["key"], lambda value: (value is not None) == exists
    raise BadInput(
        f'unable to parse the label selector "{selector}": "{text}" is no requirement',
        hint="A requirement reads app=web, app!=web, app, !app, app in (web,api), app notin (web).",
    )


def field_selector(selector: str) -> Callable[[Json], bool]:
    """A test for objects from `--field-selector`'s text; "" selects all.

    An absent field reads as "". Raises BadInput for text that is no field selector.
    """
    parts = re.split(r"(?<!\\),", selector) if selector.strip() else []
    terms = tuple(_term(selector, part) for part in parts)
    return lambda obj: all((_value(obj, path) == value) == equal for path, equal, value in terms)


def _term(selector: str, text: str) -> tuple[tuple[str, ...], bool, str]:
    found = re.fullmatch(r"\s*([A-Za-z.]+)\s*(!=|==|=)(.*)", text, re.DOTALL)
    if found is None:
        raise BadInput(
            f"invalid field selector: {selector!r}; can't understand {text!r}",
            hint="A term reads status.phase=Running or spec.nodeName!=node-1.",
        )
    value = re.sub(r"\\(.)", r"\1", found[3])
    return tuple(found[1].split(".")), found[2] != "!=", value


def _value(obj: Json, path: tuple[str, ...]) -> str:
    value = field(obj, *path)
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)
