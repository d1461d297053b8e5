"""Strict decoding: fields that the API does not have, and values of a type that it does not take.

As k8s.io/apimachinery pkg/runtime/serializer/json decodes with field validation Strict, which is
what `kubectl apply` asks for: names are compared with case, null is as good as absent, and text is
never turned into a number nor a number into text. The API server stops at the first wrong type;
here all are found.

The API's types are those of the `kubernetes` package, whose classes are generated from the API's
own OpenAPI document: `attribute_map` has the JSON names, `openapi_types` the types. Names are the
JSON ones throughout; the package's Python names (`host_aliases`) are unknown to the API.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.api.pod_spec import quantity
from kubectl_hosts.model.api.problems import (
    Edit,
    FieldProblem,
    Key,
    means_host_aliases,
    nearest,
    path_text,
    required,
    shown,
    squeezed,
)
from kubectl_hosts.model.api.values import REQUIRED_TOO, object_problems, value_problems
from kubectl_hosts.model.findings import Reason

if TYPE_CHECKING:
    from kubectl_hosts.model.fields import FieldPath, Json


class Type(Enum):
    """What a field holds; the value is how a message calls one."""

    TEXT = "text"
    WHOLE = "a whole number"
    NUMBER = "a number"
    FLAG = "true or false"
    TIME = "a time (RFC 3339)"
    BYTES = "text in base64"
    ANY = "any value"
    OBJECT = "an object"
    LIST = "a list"
    MAP = "a mapping"


class FieldType(NamedTuple):
    """A field's type: `of` is that of a list's items and a map's values, `model` an object's."""

    type: Type
    model: str = ""
    of: FieldType | None = None


class Model(NamedTuple):
    """One type of the API: its fields by JSON name, and those that must be there."""

    name: str
    fields: Mapping[str, FieldType]
    required: frozenset[str] = frozenset()


Models = Callable[[str], Model]
"""The model of that name (`V1PodSpec`); raises KeyError for none."""

_PLAIN = {
    "str": Type.TEXT,
    "int": Type.WHOLE,
    "float": Type.NUMBER,
    "bool": Type.FLAG,
    "datetime": Type.TIME,
    "bytes": Type.BYTES,
    "bytearray": Type.BYTES,
    "object": Type.ANY,
}
# `List[V1Container]`, `Dict[str, str]`; before release 37 `list[V1Container]`, `dict(str, str)`.
_LIST = re.compile(r"(?:List|list)\[(.+)\]")
_MAP = re.compile(r"(?:Dict\[|dict\[|dict\()\s*str,\s*(.+)[\])]")


def field_type(written: str) -> FieldType:
    """The type that `openapi_types` writes; a class name is a model."""
    if items := _LIST.fullmatch(written):
        return FieldType(Type.LIST, of=field_type(items[1]))
    if values := _MAP.fullmatch(written):
        return FieldType(Type.MAP, of=field_type(values[1]))
    if written in _PLAIN:
        return FieldType(_PLAIN[written])
    return FieldType(Type.OBJECT, model=written)


# resource.Quantity is text in the schema, and is decoded from a number too.
_QUANTITIES = frozenset(
    (
        "limits",
        "requests",
        "overhead",
        "capacity",
        "allocatable",
        "hard",
        "used",
        "divisor",
        "sizeLimit",
        "podFixed",
        "default",
        "defaultRequest",
        "max",
        "min",
    )
)
# intstr.IntOrString has no type in the schema.
_TEXT_OR_WHOLE = frozenset(("port", "targetPort", "maxSurge", "maxUnavailable", "minAvailable"))
# int64 in k8s.io/api; every other whole number is an int32.
_LONG = frozenset(
    (
        "activeDeadlineSeconds",
        "terminationGracePeriodSeconds",
        "tolerationSeconds",
        "runAsUser",
        "runAsGroup",
        "fsGroup",
        "supplementalGroups",
        "expirationSeconds",
        "generation",
        "seconds",
        "observedGeneration",
        "deletionGracePeriodSeconds",
        "startingDeadlineSeconds",
        "uid",
        "gid",
    )
)
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d([.,]\d+)?([Zz]|[+-]\d\d:\d\d)",
)
# What docs.docker.com/reference/compose-file/services calls the fields of a pod spec.
_OF_COMPOSE = {
    "extra_hosts": "hostAliases",
    "dns": "dnsConfig.nameservers",
    "dns_search": "dnsConfig.searches",
    "dns_opt": "dnsConfig.options",
}
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_VERSION = re.compile(r"V\d+((alpha|beta)\d+)?")


class Decoder:
    """Walks an object beside its model; knows where the pod spec of the object stands."""

    def __init__(self, models: Models, pod_spec: FieldPath | None) -> None:
        self._models = models
        self._pod_spec = pod_spec
        self.meant: dict[FieldPath, FieldPath] = {}
        """The unknown fields that were met, and what each of them was most likely meant to be."""
        self.moved: set[FieldPath] = set()
        """Where the unknown fields that stand in a wrong place belong."""
        self.misfits: set[FieldPath] = set()
        """Where misspelt fields have values of another type than they were meant to have."""

    def problems(self, value: object, model: str, path: FieldPath = ()) -> Iterator[FieldProblem]:
        """What is unknown or of the wrong type in VALUE, an object of MODEL that stands at PATH."""
        if not isinstance(value, Mapping):
            if value is not None:
                yield self._wrong(value, FieldType(Type.OBJECT, model), path)
            return
        known = self._models(model)
        for key, each in value.items():
            wanted = known.fields.get(key)
            if wanted is None:
                yield self._unknown(known, value, key, path)
                self._look_as_meant(known, each, (*path, key))
            elif each is not None:
                yield from self._field(each, wanted, (*path, key))
                yield from value_problems(known.name, key, each, path)
        yield from object_problems(known.name, value, path)
        yield from _missing(known, value, path)

    def _look_as_meant(self, known: Model, value: object, path: FieldPath) -> None:
        """Note what of a misspelt field has not even the type of the one that was meant."""
        meant = self.meant.get(path)
        if meant is not None and value is not None:
            found = self._field(value, known.fields[str(meant[-1])], path)
            self.misfits |= {each.path for each in found if each.unreadable}

    def _field(self, value: object, wanted: FieldType, path: FieldPath) -> Iterator[FieldProblem]:
        """What is wrong with VALUE, a field's, which is not null."""
        if wanted.type is Type.OBJECT:
            yield from self.problems(value, wanted.model, path)
        elif wanted.of and isinstance(value, dict if wanted.type is Type.MAP else list):
            for step, each in _members(value):
                yield from self._member(each, wanted.of, (*path, step))
        elif not _takes(value, wanted.type, _name(path)):
            yield self._wrong(value, wanted, path)

    def _member(self, value: object, wanted: FieldType, path: FieldPath) -> Iterator[FieldProblem]:
        """An item of a list or a value of a map: null is an empty one."""
        if value is not None:
            yield from self._field(value, wanted, path)
        elif wanted.type is Type.OBJECT:
            yield from self.problems({}, wanted.model, path)

    def _wrong(self, value: object, wanted: FieldType, path: FieldPath) -> FieldProblem:
        takes = _wanted(wanted, _name(path))
        fix, written = _rewritten(value, wanted, _name(path), self._fields_to_write(wanted))
        return FieldProblem(
            path,
            reason=Reason.WRONG_TYPE,
            message=f"{path_text(path)} is {_found(value)}: the API takes {takes}",
            fix=fix,
            unreadable=True,
            edit=None if written is None else Edit(path, path, written),
        )

    def _fields_to_write(self, wanted: FieldType) -> tuple[str, ...]:
        """The fields of the objects that are WANTED: all of a few, else those they must have."""
        model = (wanted.of or wanted).model
        if not model:
            return ()
        known = self._models(model)
        needed = sorted(known.required)
        others = [name for name in known.fields if name not in needed]
        return (*needed, *others) if len(known.fields) <= _FEW else tuple(needed)

    def _unknown(self, known: Model, value: Json, key: str, above: FieldPath) -> FieldProblem:
        """The field KEY, which KNOWN does not have: what was meant, or where it belongs."""
        path = (*above, key)
        meant = nearest(key, (name for name in known.fields if name not in value))
        item = self._item_before(known, value, key)
        if item and squeezed(key) != squeezed(meant):
            meant = ""
            there: FieldPath = (*above, *item, key)
            self.moved.add(there)
            fix = f"Indent it as the fields of {path_text((*above, *item))}: {key} is one of them."
        elif meant:
            there = self.meant[path] = (*above, meant)
            fix = f"Write {meant}."
        else:
            there, fix = self._elsewhere(known, key, above)
        return FieldProblem(
            path,
            reason=_reason_for(key, above, meant),
            message=f'unknown field "{path_text(path)}"',
            fix=fix,
            edit=None if EVERY in there else Edit(path, there),
        )

    def _item_before(self, known: Model, value: Json, key: str) -> FieldPath:
        """The item that KEY was meant to be in, where its indentation takes it out of a list.

        The list that the known field before it holds: the last item's, if items have such a field.
        """
        names = list(value)
        before = [name for name in names[: names.index(key)] if name in known.fields]
        held = value[before[-1]] if before else None
        wanted = known.fields[before[-1]] if before else None
        if not (wanted and wanted.of and wanted.of.model and isinstance(held, list) and held):
            return ()
        item = held[-1]
        is_field = isinstance(item, Mapping) and key in self._models(wanted.of.model).fields
        return (before[-1], len(held) - 1) if is_field and key not in item else ()

    def _elsewhere(self, known: Model, key: str, above: FieldPath) -> tuple[FieldPath, str]:
        """Where an unknown field that is near none of KNOWN belongs, () for nowhere; in words."""
        in_compose = _HUMP.sub("_", key).lower()
        if self._pod_spec is not None and in_compose in _OF_COMPOSE:
            name = f"{path_text(self._pod_spec)}.{_OF_COMPOSE[in_compose]}"
            return (EVERY,), f"Write {name}: {key} is Docker Compose's name."
        place = self._place(key, above)
        if place:
            self.moved.add(place)
            return place, f"Move it to {path_text(place)}."
        return (), f"Remove it: {_VERSION.sub('', known.name)} has no such field."

    def _place(self, key: str, above: FieldPath) -> FieldPath:
        """Where a field of this name belongs: on the way to the pod spec, in it, in containers."""
        spec = self._pod_spec
        if spec is None:
            return ()
        if spec[: len(above)] == above and key in spec[len(above) : -1]:
            return spec[: spec.index(key, len(above)) + 1]
        places: tuple[tuple[str, FieldPath], ...] = (
            ("V1PodSpec", spec),
            ("V1Container", (*spec, "containers", EVERY)),
        )
        for model, below in places[above == spec :]:
            fields = self._models(model).fields
            meant = key if key in fields else nearest(key, fields)
            if meant:
                return (*below, meant)
        return ()


EVERY = Key("*")
_FEW = 4  # fields that a sentence can name


def _members(value: object) -> Iterator[tuple[str | int, object]]:
    if isinstance(value, list):
        yield from enumerate(value)
    elif isinstance(value, dict):
        yield from ((Key(key), each) for key, each in value.items())


def _reason_for(key: str, above: FieldPath, meant: str) -> Reason:
    """The reason of an unknown field; those about hostAliases have theirs for longer."""
    if "hostAliases" in above:
        return Reason.HOST_ALIAS_FIELD_UNKNOWN
    is_misplaced = not meant and means_host_aliases(key)
    return Reason.HOST_ALIASES_MISPLACED if is_misplaced else Reason.UNKNOWN_FIELD


# Required in the schema, and empty to an API server that takes it; or judged elsewhere with more
# to say than that it is missing.
_NOT_REQUIRED = frozenset(
    {
        ("V1HTTPHeader", "value"),
        ("V1HostAlias", "ip"),
        ("V1PodFailurePolicy", "rules"),
        ("V1Sysctl", "value"),
    }
)
_OF_THE_SERVER = ("status",)


def _missing(known: Model, value: Json, path: FieldPath) -> Iterator[FieldProblem]:
    """The fields that KNOWN must have and VALUE has not; empty text and an empty list are none."""
    if path[:1] == _OF_THE_SERVER:
        return
    for name in sorted({*known.required, *REQUIRED_TOO.get(known.name, ())}):
        plain = known.fields[name].type not in {Type.OBJECT, Type.MAP, Type.ANY}
        if plain and value.get(name) in (None, "", []) and (known.name, name) not in _NOT_REQUIRED:
            yield required((*path, name))


def _name(path: FieldPath) -> str:
    """The name of the field at PATH: that of the list or map, for what is inside one."""
    return next((step for step in reversed(path) if not isinstance(step, int | Key)), "")


def _takes(value: object, wanted: Type, name: str) -> bool:
    """Whether the API's decoder reads VALUE as WANTED, for a field of that NAME."""
    if wanted is Type.TEXT and name in _QUANTITIES:
        return _is_quantity(value)
    if wanted is Type.WHOLE:
        return _is_whole(value, 64 if name in _LONG else 32)
    if wanted is Type.ANY:
        return name not in _TEXT_OR_WHOLE or isinstance(value, str) or _is_whole(value, 32)
    takes = _TAKES.get(wanted)
    return takes is not None and takes(value)


def _is_whole(value: object, bits: int) -> bool:
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    return -(1 << bits - 1) <= value < 1 << bits - 1


def _is_quantity(value: object) -> bool:
    if isinstance(value, str):
        return quantity(value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_bytes(value: object) -> bool:
    """Text in base64; encoding/json takes a list of numbers for bytes, too, and null for 0."""
    if isinstance(value, list):
        return all(each is None or (type(each) is int and 0 <= each <= 255) for each in value)
    return isinstance(value, str) and _is_base64(value)


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _found(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f"text ({shown(value)})"
        case int() | float():
            return f"a number ({shown(value)})"
        case list():
            return "a list"
        case _:
            return "an object"


_TAKES: Mapping[Type, Callable[[object], bool]] = {
    Type.TEXT: lambda value: isinstance(value, str),
    Type.NUMBER: lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    Type.FLAG: lambda value: isinstance(value, bool),
    Type.TIME: lambda value: isinstance(value, str) and _TIME.fullmatch(value) is not None,
    Type.BYTES: _is_bytes,
}


def _wanted(wanted: FieldType, name: str) -> str:
    if wanted.type is Type.TEXT and name in _QUANTITIES:
        return "a quantity, such as 500m or 1Gi"
    if wanted.type is Type.ANY:
        return "text or a whole number"
    if wanted.type is Type.LIST and wanted.of and wanted.of.type is Type.TEXT:
        return "a list of text"
    if wanted.type is Type.LIST and wanted.of and wanted.of.type is Type.OBJECT:
        return "a list of objects"
    return str(wanted.type.value)


def _rewritten(
    value: object, wanted: FieldType, name: str, fields: tuple[str, ...]
) -> tuple[str, object]:
    """What to write, where the value itself says it: in words, and the value, None for none.

    FIELDS are those of the objects WANTED.
    """
    match wanted.type, value:
        case Type.LIST, _:
            return _as_list(value, name, fields)
        case (Type.OBJECT, _) if fields:
            return f"Write an object: {' and '.join(fields)}.", None
        case Type.TEXT, list():
            return f"Write the text alone: {name} has a list too many here.", None
        case Type.TEXT, bool() | int() | float():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            return f'Write it in quotes, as text: "{text}"', text
        case Type.WHOLE | Type.NUMBER | Type.FLAG, str() if _is_plain(value):
            plain = int(value) if value.lstrip("-").isdigit() else value == "true"
            return f"Write it without quotes: {name}: {value}", plain
        case _:
            return "", None


def _as_list(value: object, name: str, fields: tuple[str, ...]) -> tuple[str, object]:
    if isinstance(value, str) and "\n" in value:
        words = f"Write a list: take out what makes the lines below {name} text, such as |."
        return words, None
    if isinstance(value, dict) and (not fields or value.keys() <= set(fields)):
        return f"Write a list: start each item of {name} with a hyphen.", [value]
    if fields:
        return f"Write a list whose items have {' and '.join(fields)}.", None
    if isinstance(value, bool) or name in _COMMANDS:
        return "", None
    listed = _BETWEEN.split(str(value).strip())
    return f"Write a list: {name}: [{', '.join(listed)}]", listed


_BETWEEN = re.compile(r"[,;\s]+")
_COMMANDS = frozenset({"command", "args"})  # their words are a shell's to take apart


def _is_plain(value: str) -> bool:
    """Whether the text without its quotes would be an int64's number, or true or false."""
    return re.fullmatch(r"-?[0-9]{1,18}|true|false", value) is not None
