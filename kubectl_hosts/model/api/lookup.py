"""Reads what a manifest has, where a value of another type is as good as none.

Wrong types are told by `decoding`; the rules that follow it judge what is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubectl_hosts.model.fields import Json


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
