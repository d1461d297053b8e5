"""The API's types: which fields an object of the API has, of what type, and which it must have.

The tables are those of the `kubernetes` package, whose classes are generated from the API's own
OpenAPI document: `attribute_map` has the JSON names, `openapi_types` the types. Names are the JSON
ones throughout; the package's Python names (`host_aliases`) are unknown to the API.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import NamedTuple


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
