"""Exec through the kubectl executable, with the same flags: the transport for what only it can.

The executable is KUBECTL_PATH (kubectl 1.37 sets it for plugins), else `kubectl` on PATH.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import threading
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from kubectl_hosts.cluster.dial import Deadline
from kubectl_hosts.cluster.dial_errors import PREFIX
from kubectl_hosts.cluster.exec_status import exec_error, timed_out
from kubectl_hosts.errors import ExecFailed, ExecForbidden, HostsError, NotFound, Unreachable
from kubectl_hosts.probes.ports import CompletedExec

if TYPE_CHECKING:
    from kubectl_hosts.cluster.exec_command import ExecCommand
    from kubectl_hosts.cluster.flags import ConnectionFlags

# k8s.io/client-go util/exec CodeExitError: how kubectl reports the command's own exit status.
_EXITED = re.compile(rb"command terminated with exit code (\d+)\n?\Z")
_DEFAULTED = re.compile(rb"\ADefaulted container [^\n]*\n")


def find_kubectl() -> str:
    """The executable's path, "" where there is none."""
    return os.environ.get("KUBECTL_PATH") or shutil.which("kubectl") or ""


def run_with_kubectl(flags: ConnectionFlags, command: ExecCommand) -> CompletedExec:
    """Run COMMAND with `kubectl exec`. Raises as the websocket transport does."""
    executable = find_kubectl()
    if not executable:
        raise ExecFailed(
            "no kubectl executable on PATH",
            hint="--transport kubectl needs one; --transport api does not.",
        )
    argv = [executable, *kubectl_flags(flags), *exec_arguments(command)]
    with tempfile.TemporaryFile() as stdin:
        stdin.write(command.stdin)
        stdin.seek(0)
        try:
            process = subprocess.Popen(
                argv, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
            )
        except OSError as error:
            raise ExecFailed(f"{executable}: {(error.strerror or str(error)).lower()}") from error
    with process:
        return _completed_in_time(process, command)


class _Output(threading.Thread):
    """Reads a pipe to its end, or until it has more than LIMIT bytes: the writer then stops."""

    def __init__(self, pipe: IO[bytes], limit: int) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._limit = limit
        self._data = bytearray()
        self.start()

    def run(self) -> None:
        # A process that is stopped at its deadline has its pipes closed under the reader.
        with suppress(OSError, ValueError):
            while not self.is_over and (piece := self._pipe.read(1 << 16)):
                self._data += piece

    @property
    def is_over(self) -> bool:
        return len(self._data) > self._limit

    @property
    def kept(self) -> bytes:
        return bytes(self._data[: self._limit])


def _completed_in_time(process: subprocess.Popen[bytes], command: ExecCommand) -> CompletedExec:
    assert process.stdout is not None
    assert process.stderr is not None
    deadline = Deadline(command.deadline)
    outputs = [_Output(pipe, command.limit) for pipe in (process.stdout, process.stderr)]
    try:
        for output in outputs:
            output.join(deadline.remaining())
            if output.is_over:
                return CompletedExec(
                    stdout=outputs[0].kept, stderr=outputs[1].kept, exit_code=0, truncated=True
                )
        status = process.wait(deadline.remaining())
    except subprocess.TimeoutExpired as error:
        raise timed_out(command) from error
    finally:
        if process.poll() is None:
            process.kill()
    return _completed(status, outputs[0].kept, outputs[1].kept)


def kubectl_flags(flags: ConnectionFlags) -> list[str]:
    """The connection flags that were given, as kubectl spells them."""
    single = {
        "kubeconfig": flags.kubeconfig,
        "context": flags.context,
        "cluster": flags.cluster,
        "user": flags.user,
        "server": flags.server,
        "token": flags.token,
        "username": flags.username,
        "password": flags.password,
        "as": flags.as_user,
        "as-uid": flags.as_uid,
        "certificate-authority": flags.certificate_authority,
        "client-certificate": flags.client_certificate,
        "client-key": flags.client_key,
        "insecure-skip-tls-verify": "true" if flags.insecure_skip_tls_verify else "",
        "tls-server-name": flags.tls_server_name,
        "request-timeout": flags.request_timeout,
    }
    given = [f"--{name}={value}" for name, value in single.items() if value]
    given += [f"--as-group={group}" for group in flags.as_groups]
    return given + [f"--as-user-extra={pair}" for pair in flags.as_user_extra]


def exec_arguments(command: ExecCommand) -> list[str]:
    """`exec POD -n NAMESPACE -c CONTAINER [-i] -- ARGV`; the pod's name never reads as a flag."""
    target = command.target
    return [
        "exec",
        f"pod/{target.pod}",
        f"--namespace={target.namespace}",
        *([f"--container={target.container}"] if target.container else []),
        *(["--stdin"] if command.stdin else []),
        "--",
        *command.argv,
    ]


def _completed(status: int, stdout: bytes, stderr: bytes) -> CompletedExec:
    stderr = _DEFAULTED.sub(b"", stderr)
    exited = _EXITED.search(stderr)
    if status and not (exited and int(exited[1]) == status):
        raise _failed(stderr.decode(errors="replace").strip() or f"kubectl ended with {status}")
    if exited:
        stderr = stderr[: exited.start()]
    return CompletedExec(stdout=stdout, stderr=stderr, exit_code=status)


def _failed(words: str) -> HostsError:
    """The error line of kubectl as the error that the other transport would raise."""
    last = words.splitlines()[-1].removeprefix("error: ")
    if last.startswith("Error from server (NotFound)"):
        return NotFound(
            last, status=404, reason="NotFound", hint="Check the name and -n NAMESPACE."
        )
    if last.startswith("Error from server (Forbidden)"):
        return ExecForbidden(last)
    if last.startswith((PREFIX, "The connection to the server")):
        return Unreachable(last, hint="kubectl itself could not connect.")
    return exec_error(last)
