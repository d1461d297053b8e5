"""How an exec ended: the Status on the error channel, and the refusals before the stream.

Sources: client-go tools/remotecommand/v4.go errorDecoderV4; hosts-file.md section 10 (measured
on kubelet 1.34 and containerd); the other runtimes' words from their sources as noted.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from kubectl_hosts.errors import (
    ContainerNotRunning,
    ExecFailed,
    ExecTimedOut,
    HostsError,
    NoSuchExecutable,
)

if TYPE_CHECKING:
    from kubectl_hosts.cluster.exec_command import ExecCommand
    from kubectl_hosts.model.fields import Json

# Words in the message -> what they mean, what would help. The first that is found counts.
# Compiled when there is a message: most execs have none.
_MEANINGS: tuple[tuple[str, type[ExecFailed], str], ...] = (
    (
        # runc "executable file not found in $PATH" and `stat /bin/cat: no such file or directory`;
        # crun "executable file `cat` not found"; gVisor "no such file or directory".
        (
            r"executable file .*not found|exec: \"[^\"]*\": stat [^:]*: no such file or directory"
            r"|error finding executable|no such file or directory: unknown"
        ),
        NoSuchExecutable,
        "The image has no such program; another container of the pod may have it (-c).",
    ),
    (
        # kubelet server.go getExec/containerNotFound; cri-o "container is not running";
        # containerd "cannot exec in a stopped state"; kubelet "pod does not exist".
        (
            r"container not found \(|completed pod|does not have a host assigned"
            r"|pod does not exist|is not running|not in running state|in CONTAINER_EXITED state"
            r"|cannot exec in a (deleted|stopped|paused)|ContainerNotRunning"
        ),
        ContainerNotRunning,
        "Only a running container can be read; `kubectl describe pod` says why it is not.",
    ),
)
_ANY_FAILURE_HINT = "`kubectl exec` in the same container shows whether exec works there at all."


def exec_error(message: str) -> ExecFailed:
    """The child of ExecFailed that MESSAGE, the server's or kubectl's words, stands for."""
    for pattern, kind, hint in _MEANINGS:
        if re.search(pattern, message):
            return kind(message, hint=hint)
    return ExecFailed(message, hint=_ANY_FAILURE_HINT)


def timed_out(command: ExecCommand) -> ExecTimedOut:
    """The deadline passed before the exit status arrived."""
    target = command.target
    where = f"{target.namespace}/{target.pod}" + (
        f"/{target.container}" if target.container else ""
    )
    return ExecTimedOut(
        f"{command.argv[0]} in {where} did not end within {command.deadline:g} s",
        hint="The container or its node may be stuck; `kubectl exec` would wait for ever.",
    )


def exit_code(status: bytes) -> int:
    """The exit code in the Status of the error channel. Raises ExecFailed where there is none."""
    try:
        parsed = json.loads(status)
    except ValueError as error:
        words = status[:500].decode(errors="replace")
        raise exec_error(f"error stream protocol error: {error} in {json.dumps(words)}") from error
    match parsed:
        case {"status": "Success"}:
            return 0
        case {"status": "Failure", "reason": "NonZeroExitCode"}:
            return _cause_exit_code(parsed)
        case {"status": "Failure"}:
            raise exec_error(str(parsed.get("message") or "the command could not be run"))
    raise exec_error("error stream protocol error: unknown error")


def _cause_exit_code(status: Json) -> int:
    details = status.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    for cause in causes if isinstance(causes, list) else ():
        if isinstance(cause, dict) and cause.get("reason") == "ExitCode":
            code = str(cause.get("message"))
            if code.isdecimal() and int(code) < 256:
                return int(code)
            raise exec_error(f'error stream protocol error: invalid exit code value "{code}"')
    raise exec_error("error stream protocol error: no ExitCode cause given")


def no_status() -> HostsError:
    """The stream ended without a Status: what was read cannot be trusted."""
    return ExecFailed(
        "the stream ended before the command's exit status arrived",
        hint="The pod was deleted, its node lost the connection, or a proxy cut it: try again.",
    )
