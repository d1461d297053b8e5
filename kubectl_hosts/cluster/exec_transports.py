"""Which transport runs a command: the API server's websocket, or the kubectl executable.

kubectl falls back from a websocket to SPDY when the handshake fails, 403 included, because the
two need different rights: a websocket is a GET (verb `get` on pods/exec, from 1.35 also
`create`, kubernetes/kubernetes#134577), SPDY a POST (`create`). No Python client speaks SPDY, so
kubectl itself is the second transport.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.cluster.exec_status import exec_error
from kubectl_hosts.cluster.exec_stream import HandshakeRefused, run_over_websocket
from kubectl_hosts.cluster.refusals import Refusal, refused, words
from kubectl_hosts.errors import ContainerNotRunning, ExecFailed, ExecForbidden, HostsError

if TYPE_CHECKING:
    from kubectl_hosts.cluster.exec_command import ExecCommand
    from kubectl_hosts.cluster.flags import ConnectionFlags
    from kubectl_hosts.cluster.http_requests import Requests
    from kubectl_hosts.probes.ports import CompletedExec


_CONTAINER_HINT = "-c names one of the pod's containers; `kubectl get pod -o wide` shows the pod."
_PROXY_HINT = "A proxy between here and the API server may block websockets."


def run_exec(requests: Requests, flags: ConnectionFlags, command: ExecCommand) -> CompletedExec:
    """Run COMMAND over the transport that FLAGS choose; `auto` is api, then kubectl.

    Raises NotFound for a pod that is gone, a child of ExecFailed, or Unreachable.
    """
    if flags.transport == "kubectl":
        return _run_with_kubectl(flags, command, "lacks the verb create")
    try:
        return run_over_websocket(requests, command)
    except HandshakeRefused as handshake:
        error = _refusal_error(handshake.refusal, command)
        if flags.transport == "api" or _is_final(handshake.refusal, error):
            raise error from handshake
        return _run_second(flags, command, error)


def _run_second(flags: ConnectionFlags, command: ExecCommand, first: HostsError) -> CompletedExec:
    from kubectl_hosts.cluster.kubectl_exec import find_kubectl  # noqa: PLC0415

    if not find_kubectl():
        raise first
    try:
        return _run_with_kubectl(flags, command, "has neither of the verbs get and create")
    except HostsError as second:
        raise second from first


def _run_with_kubectl(flags: ConnectionFlags, command: ExecCommand, lack: str) -> CompletedExec:
    from kubectl_hosts.cluster.kubectl_exec import run_with_kubectl  # noqa: PLC0415

    try:
        return run_with_kubectl(flags, command)
    except ExecForbidden as error:
        error.hint = _missing_rule(command, lack)
        raise


def _is_final(refusal: Refusal, error: HostsError) -> bool:
    """The server's own answer about this pod: another transport would get the same."""
    is_answer = refusal.is_status and refusal.code in {400, 401, 404}
    return is_answer or isinstance(error, ContainerNotRunning)


def _refusal_error(refusal: Refusal, command: ExecCommand) -> HostsError:
    if refusal.code == 403:
        return ExecForbidden(words(refusal), hint=_missing_rule(command, "lacks the verb get"))
    if refusal.code in {401, 404}:
        return refused(refusal)
    error = exec_error(words(refusal))
    if type(error) is ExecFailed:
        error.hint = _CONTAINER_HINT if refusal.is_status else _PROXY_HINT
    return error


def _missing_rule(command: ExecCommand, lack: str) -> str:
    namespace = command.target.namespace
    return (
        f"The user {lack} on pods/exec in namespace {namespace}; the rule that is missing: "
        'apiGroups: [""], resources: ["pods/exec"], verbs: ["get", "create"].'
    )
