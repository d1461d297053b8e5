"""Writes a capture as JSON: the opposite of `capture.parse_capture`."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from kubectl_hosts.errors import HostsError, ServerRefused
from kubectl_hosts.offline.capture import API_VERSION, KIND

if TYPE_CHECKING:
    from kubectl_hosts.probes.ports import CompletedExec
    from kubectl_hosts.model.fields import Json
    from kubectl_hosts.offline.capture import Capture, ExecKey, ReadKey


def capture_document(capture: Capture) -> Json:
    """CAPTURE as a JSON object.

    What was read stands in the order of its keys: two captures of the same reads differ only where
    the cluster did.
    """
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "namespace": capture.namespace,
        "marker": capture.marker,
        "objects": {
            str(key): list(capture.objects[key]) for key in sorted(capture.objects, key=str)
        },
        "reads": [_read(key, capture.reads[key]) for key in sorted(capture.reads, key=repr)],
        "execs": [_exec(key, capture.execs[key]) for key in sorted(capture.execs, key=repr)],
    }


def _read(key: ReadKey, error: HostsError | None) -> Json:
    written = {
        "resource": str(key.resource),
        "name": key.name,
        "namespace": key.selection.namespace,
        "labelSelector": key.selection.label_selector,
        "fieldSelector": key.selection.field_selector,
    }
    present: dict[str, object] = {name: value for name, value in written.items() if value}
    return present if error is None else {**present, "error": _error(error)}


def _error(error: HostsError) -> Json:
    common: dict[str, object] = {"class": type(error).__name__, "message": error.message}
    if error.hint:
        common["hint"] = error.hint
    if isinstance(error, ServerRefused):
        common |= {"status": error.status, "reason": error.reason}
    return common


def _exec(key: ExecKey, result: CompletedExec | HostsError) -> Json:
    written: dict[str, object] = {
        "namespace": key.namespace,
        "pod": key.pod,
        "container": key.container,
        "argv": list(key.argv),
    }
    if key.stdin:
        written["stdin"] = _bytes(key.stdin)
    if isinstance(result, HostsError):
        return {**written, "error": _error(result)}
    written |= {"stdout": _bytes(result.stdout), "exitCode": result.exit_code}
    if result.stderr:
        written["stderr"] = _bytes(result.stderr)
    return {**written, "truncated": True} if result.truncated else written


def _bytes(data: bytes) -> Json:
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}
