"""A capture: what was read from a cluster, objects and exec results, as one JSON document.

The format is `apiVersion: kubectl-hosts/v1, kind: Capture`. Keys that are not known here are
ignored, so that captures of later releases within v1 still play.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubectl_hosts.errors import (
    BadInput,
    ContainerNotRunning,
    ExecFailed,
    ExecForbidden,
    ExecTimedOut,
    Forbidden,
    HostsError,
    NoSuchExecutable,
    NotFound,
    ServerRefused,
    Unreachable,
)
from kubectl_hosts.model.resources import Selection
from kubectl_hosts.probes.ports import CompletedExec
from kubectl_hosts.model.fields import Json, field, flag, items, mapping, number, text, texts
from kubectl_hosts.offline.objects import ResourceKey

if TYPE_CHECKING:
    from collections.abc import Mapping

_EVERYTHING = Selection()
API_VERSION = "kubectl-hosts/v1"
KIND = "Capture"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadKey:
    """One read: a get by name, or a list by selection (then name is "")."""

    resource: ResourceKey
    name: str = ""
    selection: Selection = _EVERYTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecKey:
    """One exec: the container and the command, with the capture's marker in it."""

    namespace: str
    pod: str
    container: str
    argv: tuple[str, ...]
    stdin: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What was read: objects by type, each read (None, or its error), each exec (or its error)."""

    namespace: str
    marker: str
    objects: Mapping[ResourceKey, tuple[Json, ...]]
    reads: Mapping[ReadKey, HostsError | None]
    execs: Mapping[ExecKey, CompletedExec | HostsError]


# Every error that a Cluster raises, under the name it is captured by.
_REFUSALS = {each.__name__: each for each in (ServerRefused, NotFound, Forbidden)}
_FAILURES: Mapping[str, type[HostsError]] = {
    each.__name__: each
    for each in (
        Unreachable,
        ExecFailed,
        NoSuchExecutable,
        ContainerNotRunning,
        ExecForbidden,
        ExecTimedOut,
    )
}


def is_capture(obj: Json) -> bool:
    """Whether a document is a capture, of any version."""
    return field(obj, "kind") == KIND and str(field(obj, "apiVersion")).startswith("kubectl-hosts/")


def parse_capture(obj: Json) -> Capture:
    """The capture in OBJ. Raises BadInput for another version, or a field of the wrong type."""
    if text(obj, "apiVersion") != API_VERSION:
        raise BadInput(
            f'no matches for kind "{KIND}" in version "{text(obj, "apiVersion")}"',
            hint=f"This kubectl hosts reads {API_VERSION}: record the capture again with it.",
        )
    return Capture(
        namespace=text(obj, "namespace") or "default",
        marker=text(obj, "marker"),
        objects={
            ResourceKey.parse(key): items(obj, "objects", key) for key in mapping(obj, "objects")
        },
        reads=dict(_parse_read(item) for item in items(obj, "reads")),
        execs=dict(_parse_exec(item) for item in items(obj, "execs")),
    )


def _parse_read(item: Json) -> tuple[ReadKey, HostsError | None]:
    key = ReadKey(
        resource=ResourceKey.parse(text(item, "resource")),
        name=text(item, "name"),
        selection=Selection(
            namespace=text(item, "namespace"),
            label_selector=text(item, "labelSelector"),
            field_selector=text(item, "fieldSelector"),
        ),
    )
    error = mapping(item, "error")
    return key, _parse_error(error, unknown=Unreachable) if error else None


def _parse_error(error: Json, *, unknown: type[HostsError]) -> HostsError:
    """The error as it was raised; one that a later release has more names for is UNKNOWN."""
    kind, message, hint = text(error, "class"), text(error, "message"), text(error, "hint")
    refusal = _REFUSALS.get(kind)
    if refusal is None:
        return _FAILURES.get(kind, unknown)(message, hint=hint)
    status, reason = number(error, "status"), text(error, "reason")
    return refusal(message, status=status, reason=reason, hint=hint)


def _parse_exec(item: Json) -> tuple[ExecKey, CompletedExec | HostsError]:
    key = ExecKey(
        namespace=text(item, "namespace"),
        pod=text(item, "pod"),
        container=text(item, "container"),
        argv=texts(item, "argv"),
        stdin=_parse_bytes(item, "stdin"),
    )
    error = mapping(item, "error")
    if error:
        return key, _parse_error(error, unknown=ExecFailed)
    return key, CompletedExec(
        stdout=_parse_bytes(item, "stdout"),
        stderr=_parse_bytes(item, "stderr"),
        exit_code=number(item, "exitCode"),
        truncated=flag(item, "truncated"),
    )


def _parse_bytes(item: Json, name: str) -> bytes:
    """Bytes as `{"text": ...}` when they are UTF-8, else as `{"base64": ...}`."""
    encoded = text(item, name, "base64")
    if not encoded:
        return text(item, name, "text").encode()
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput(
            f"{name} of an exec in pod {text(item, 'pod')} is not base64",
            hint="Record the capture again; it was edited or damaged.",
        ) from error
