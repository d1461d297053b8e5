"""Label and field selectors, read and matched as the API server does; what a read selects.

k8s.io/apimachinery pkg/labels/selector.go and pkg/fields/selector.go. A label selector is read
once into requirements, which `kubectl -l`, a Corefile's `labels` and paper clusters all match.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.fields import field, items, string_map, text, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.model.reads import Found, Objects

# A label key: an optional DNS prefix, a slash, a name.
_NAME = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?"
_KEY = rf"(?P<key>{_NAME}(?:/{_NAME})?)"
_VALUE = rf"(?P<value>(?:{_NAME})?)"
_SET = re.compile(rf"{_KEY}\s+(?P<operator>in|notin)\s*\((?P<values>[^()]*)\)")
_EQUALITY = re.compile(rf"{_KEY}\s*(?P<operator>==|!=|=|>|<)\s*{_VALUE}")
_EXISTENCE = re.compile(rf"(?P<operator>!?)\s*{_KEY}")
_OUTSIDE_PARENTHESES = re.compile(r",(?![^(]*\))")
_NUMBER = re.compile(r"-?[0-9]{1,18}")


def as_label_selector(labels: Iterable[tuple[str, str]]) -> str:
    """`app=web,tier=db`: the selector of what has all of LABELS, as `kubectl -l` takes it."""
    return ",".join(f"{key}={value}" for key, value in labels)


class Operator(Enum):
    """What a requirement asks of a label; `=` is IN with one value, `!=` NOT_IN."""

    IN = "in"
    NOT_IN = "notin"
    EXISTS = "exists"
    ABSENT = "!"
    ABOVE = ">"
    BELOW = "<"


_OPERATORS = {
    "=": Operator.IN,
    "==": Operator.IN,
    "!=": Operator.NOT_IN,
    ">": Operator.ABOVE,
    "<": Operator.BELOW,
    "in": Operator.IN,
    "notin": Operator.NOT_IN,
    "": Operator.EXISTS,
    "!": Operator.ABSENT,
}


class Requirement(Struct, frozen=True, kw_only=True):
    """One requirement of a label selector; values are those of IN, NOT_IN, ABOVE and BELOW."""

    key: str
    operator: Operator
    values: frozenset[str] = frozenset()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether LABELS meet it; NOT_IN holds where there is no such label."""
        found = labels.get(self.key)
        match self.operator:
            case Operator.IN:
                return found in self.values
            case Operator.NOT_IN:
                return found not in self.values
            case Operator.EXISTS:
                return found is not None
            case Operator.ABSENT:
                return found is None
            case _:
                return self._compares(found)

    def _compares(self, found: str | None) -> bool:
        (wanted,) = self.values
        if found is None or not (_NUMBER.fullmatch(found) and _NUMBER.fullmatch(wanted)):
            return False
        if self.operator is Operator.ABOVE:
            return int(found) > int(wanted)
        return int(found) < int(wanted)


def parse_label_selector(selector: str) -> tuple[Requirement, ...]:
    """The requirements of `-l`'s text, all of which must hold; "" has none.

    Raises BadInput as kubectl fails.
    """
    parts = _OUTSIDE_PARENTHESES.split(selector) if selector.strip() else []
    return tuple(_requirement(selector, part.strip()) for part in parts)


def _requirement(selector: str, part: str) -> Requirement:
    if found := _SET.fullmatch(part):
        values = frozenset(value.strip() for value in found["values"].split(","))
    elif found := _EQUALITY.fullmatch(part):
        values = frozenset({found["value"]})
    elif found := _EXISTENCE.fullmatch(part):
        values = frozenset()
    else:
        raise BadInput(
            f'unable to parse the label selector "{selector}": "{part}" is not a requirement',
            hint="A requirement reads app=web, app!=web, app, !app, app in (web,api), "
            "app notin (web).",
        )
    return Requirement(key=found["key"], operator=_OPERATORS[found["operator"]], values=values)


def selects(selector: tuple[Requirement, ...], labels: Mapping[str, str]) -> bool:
    """Whether LABELS meet every requirement."""
    return all(each.holds(labels) for each in selector)


def label_selector(selector: str) -> Callable[[Json], bool]:
    """A test for objects from `-l`'s text; "" selects all. Raises BadInput as kubectl fails."""
    requirements = parse_label_selector(selector)
    return lambda obj: selects(requirements, string_map(obj, "metadata", "labels"))


def field_selector(selector: str) -> Callable[[Json], bool]:
    """A test for objects from `--field-selector`'s text; "" selects all.

    An absent field reads as "". Raises BadInput for text that is no field selector.
    """
    parts = re.split(r"(?<!\\),", selector) if selector.strip() else []
    terms = tuple(_term(selector, part) for part in parts)
    return lambda obj: all((_value(obj, path) == value) == equal for path, equal, value in terms)


def _term(selector: str, part: str) -> tuple[tuple[str, ...], bool, str]:
    found = re.fullmatch(r"\s*([A-Za-z.]+)\s*(!=|==|=)(.*)", part, re.DOTALL)
    if found is None:
        raise BadInput(
            f"invalid field selector: {selector!r}; can't understand {part!r}",
            hint="A term reads status.phase=Running or spec.nodeName!=node-1.",
        )
    value = re.sub(r"\\(.)", r"\1", found[3])
    return tuple(found[1].split(".")), found[2] != "!=", value


def _value(obj: Json, path: tuple[str, ...]) -> str:
    match path, field(obj, *path):
        case ("status", "podIP"), None:
            # The API server fills one of the two in from the other; manifests may not.
            return next((text(each, "ip") for each in items(obj, "status", "podIPs")), "")
        case ("spec", "clusterIP"), None:
            return next(iter(texts(obj, "spec", "clusterIPs")), "")
        case _, None:
            return ""
        case _, bool(value):
            return "true" if value else "false"
        case _, value:
            return str(value)


def select(read: Objects, objects: Iterable[Json]) -> Found:
    """What READ finds among OBJECTS (each with its `kind`), as the API server would find it.

    A cluster IP of a Service has an IPAddress object, which manifests leave to the control plane.
    Raises BadInput for a field of the wrong type, or a selector that is none.
    """
    from kubectl_hosts.model.objects import parse_object  # noqa: PLC0415  objects.py is heavy
    from kubectl_hosts.model.reads import Found  # noqa: PLC0415

    has_labels, has_fields = label_selector(read.labels), field_selector(read.fields)
    listed = _ip_addresses(objects) if read.kind == "IPAddress" else objects
    chosen = tuple(
        obj
        for obj in listed
        if text(obj, "kind") == read.kind
        and read.name in {"", text(obj, "metadata", "name")}
        and read.namespace in {"", text(obj, "metadata", "namespace")}
        and has_labels(obj)
        and has_fields(obj)
    )
    return Found(tuple(parse_object(read.kind, obj) for obj in chosen), raw=chosen)


def _ip_addresses(objects: Iterable[Json]) -> Iterator[Json]:
    """The IPAddress objects of OBJECTS, and those that the API server would make; KEP-1880."""
    for obj in objects:
        if text(obj, "kind") == "IPAddress":
            yield obj
        elif text(obj, "kind") == "Service":
            parent = {
                "resource": "services",
                "namespace": text(obj, "metadata", "namespace"),
                "name": text(obj, "metadata", "name"),
            }
            for address in texts(obj, "spec", "clusterIPs"):
                yield {
                    "kind": "IPAddress",
                    "metadata": {"name": address},
                    "spec": {"parentRef": parent},
                }
