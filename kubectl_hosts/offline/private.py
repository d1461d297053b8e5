"""What never goes into a capture: Secrets, and what a pod is started with that names don't need."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kubectl_hosts.model.fields import items, mapping, text
from kubectl_hosts.model.pod import DEFAULT_CONTAINER_ANNOTATION, LAST_APPLIED_ANNOTATION

if TYPE_CHECKING:
    from kubectl_hosts.model.fields import Json

# resolv.conf(5), hostname(7), Go's package net, Node's --dns-result-order: variables that bear on
# names. The value of any other may be a password.
_RESOLVER_VARIABLES = frozenset({"LOCALDOMAIN", "RES_OPTIONS", "HOSTALIASES", "GODEBUG"})
# Of a container: what may hold a password, and says nothing about names.
_LEFT_OUT = frozenset(
    {"command", "args", "lifecycle", "livenessProbe", "readinessProbe", "startupProbe"}
)
# The annotations that the model reads (model/pod.py, objects.py, hosts/supplier.py), and ours.
_ANNOTATIONS = frozenset(
    {
        DEFAULT_CONTAINER_ANNOTATION,
        LAST_APPLIED_ANNOTATION,
        "kubernetes.io/config.hash",
        "service.alpha.kubernetes.io/tolerate-unready-endpoints",
        "control-plane.alpha.kubernetes.io/leader",
    }
)
_OURS = "kubectl-hosts/"
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
    if "annotations" in metadata:
        metadata["annotations"] = _annotations(mapping(metadata, "annotations"))
    kept = {key: _kept(value) for key, value in obj.items() if key != "metadata"}
    return {**kept, "metadata": metadata}


def _bears_on_names(annotation: str) -> bool:
    return annotation in _ANNOTATIONS or annotation.startswith(_OURS)


def _manages_aliases(entry: Json) -> bool:
    return '"f:hostAliases"' in json.dumps(mapping(entry, "fieldsV1"))


def _annotations(annotations: Json) -> Json:
    """Those that bear on names; the last applied manifest is the object again, as text."""
    annotations = {key: each for key, each in annotations.items() if _bears_on_names(key)}
    if LAST_APPLIED_ANNOTATION not in annotations:
        return annotations
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
    return {key: _kept_under(key, each) for key, each in value.items()}


def _kept_under(key: str, value: object) -> object:
    if key in _CONTAINER_LISTS and isinstance(value, list):
        return [_container(each) for each in value]
    if key == "annotations" and isinstance(value, Mapping):
        return {name: each for name, each in value.items() if _bears_on_names(name)}
    return _kept(value)


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
