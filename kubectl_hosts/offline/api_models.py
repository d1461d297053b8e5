"""The API's types out of the `kubernetes` package, without running it.

Importing one of its models brings a hundred others, each of which makes a validator: 0.4 s and
40 MB for a pod. The tables that are needed stand in the source of every model as two literals, and
are read from there: 0.3 ms each, and only those of the types that a manifest has.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from kubectl_hosts.errors import HostsError
from kubectl_hosts.model.api.decoding import Model, field_type

if TYPE_CHECKING:
    from collections.abc import Mapping

_MODULES = "kubernetes.client.models"
# `openapi_types: ClassVar[Dict[str, str]] = {...}` from release 37 on, without the type before.
_TABLE = re.compile(
    r"^    (openapi_types|attribute_map)\b[^=\n]*= (\{.*?^    \})", re.MULTILINE | re.DOTALL
)
# A field of release 37 that must be there has no Optional; before, its setter refuses None.
_REQUIRED = re.compile(
    r"^    (\w+): (?!Optional\[|ClassVar\[)|client_side_validation and (\w+) is None:", re.MULTILINE
)
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@cache
def api_model(name: str) -> Model:
    """The model NAME (`V1PodSpec`). Raises KeyError for none, HostsError without the package."""
    module = _WORDS.sub("_", name).lower()
    text = _source(module)
    if not text:
        return _imported(module, name)
    tables = {table: ast.literal_eval(literal) for table, literal in _TABLE.findall(text)}
    required = {found for pair in _REQUIRED.findall(text) for found in pair if found}
    return _model(name, tables["attribute_map"], tables["openapi_types"], required)


def _model(
    name: str, names: Mapping[str, str], types: Mapping[str, str], required: set[str]
) -> Model:
    return Model(
        name,
        {json_name: field_type(types[own]) for own, json_name in names.items()},
        frozenset(json_name for own, json_name in names.items() if own in required),
    )


@cache
def _folder() -> Path | None:
    """Where the models' sources stand; None where the package has none (a frozen program)."""
    package = find_spec("kubernetes")
    if package is None:
        raise HostsError(
            "the package kubernetes is missing: manifests cannot be checked",
            hint="pip install kubernetes",
        )
    for place in package.submodule_search_locations or ():
        folder = Path(place, "client", "models")
        if folder.is_dir():
            return folder
    return None


def _source(module: str) -> str:
    folder = _folder()
    if folder is None:
        return ""
    try:
        return (folder / f"{module}.py").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _imported(module: str, name: str) -> Model:
    """The model by import, where its source cannot be read."""
    try:
        found = getattr(import_module(f"{_MODULES}.{module}"), name)
    except (ImportError, AttributeError) as error:
        raise KeyError(name) from error
    fields = getattr(found, "model_fields", {})
    required = {own for own, each in fields.items() if each.is_required()}
    return _model(name, found.attribute_map, found.openapi_types, required)
