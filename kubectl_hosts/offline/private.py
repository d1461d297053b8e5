"""What never goes into a capture: Secrets, and what a pod is started with that names don't need."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kubectl_hosts.model.fields import field, items, mapping, text
from kubectl_hosts.model.pod import LAST_APPLIED_ANNOTATION

if TYPE_CHECKING:
    from kubectl_hosts.model.fields import Json

# resolv.conf(5), hostname(7), Go's package net, Node's --dns-result-order: variables that bear on
# names. The value of any other may be a password.
_RESOLVER_VARIABLES = frozenset({"LOCALDOMAIN", "RES_OPTIONS", "HOSTALIASES", "GODEBUG"})
# Of a container: what may hold a password, and says nothing about names.
_LEFT_OUT = frozenset(
    {"command", "args", "lifecycle", "livenessProbe", "readinessProbe", "startupProbe"}
)
_CONTAINER_LISTS = frozenset({"containers", "initContainers", "ephemeralContainers"})


def is_secret(kind: str) -> bool:
    """Whether objects of this kind are never captured."""
    return kind == "Secret"


def without_private(obj: Json) -> Json:
    """OBJ without commands and environment values, in its last-applied form too.

    Of managedFields only who manages hostAliases stays: the rest is bulk.
    """
    metadata = dict(mapping(obj, "metadata"))
    managers = [each for each in items(metadata, "managedFields") if _manages_aliases(each)]
    metadata = {key: value for key, value in metadata.items() if key != "managedFields"}
    if managers:
        metadata["managedFields"] = managers
    if field(metadata, "annotations", LAST_APPLIED_ANNOTATION) is not None:
        metadata["annotations"] = _annotations(mapping(metadata, "annotations"))
    kept = {key: _kept(value) for key, value in obj.items() if key != "metadata"}
    return {**kept, "metadata": metadata}


def _manages_aliases(entry: Json) -> bool:
    return '"f:hostAliases"' in json.dumps(mapping(entry, "fieldsV1"))


def _annotations(annotations: Json) -> Json:
    """The last applied manifest is the object again, as text."""
    try:
        applied = json.loads(text(annotations, LAST_APPLIED_ANNOTATION))
    except ValueError:
        return {key: each for key, each in annotations.items() if key != LAST_APPLIED_ANNOTATION}
    written = json.dumps(without_private(applied) if isinstance(applied, dict) else {})
    return {**annotations, LAST_APPLIED_ANNOTATION: written + "\n"}


def _kept(value: object) -> object:
    """VALUE with every list of containers in it stripped, however deep the template stands."""
    if isinstance(value, list):
        return [_kept(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {
        key: [_container(each) for each in each_value]
        if key in _CONTAINER_LISTS and isinstance(each_value, list)
        else _kept(each_value)
        for key, each_value in value.items()
    }


def _container(container: object) -> object:
    if not isinstance(container, Mapping):
        return container
    kept = {key: value for key, value in container.items() if key not in _LEFT_OUT}
    env = kept.get("env")
    if isinstance(env, list):
        kept["env"] = [_variable(each) for each in env]
    return kept


def _variable(variable: object) -> object:
    if not isinstance(variable, Mapping) or variable.get("name") in _RESOLVER_VARIABLES:
        return variable
    return {key: value for key, value in variable.items() if key != "value"}
