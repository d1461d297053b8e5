"""The kubectl executable, with the user's own flags: for what only its client speaks.

It runs commands in containers (exec.py), and it is the way to a cluster that the thin client cannot
reach or log in to: `kubectl proxy` listens on a Unix socket in a folder that only this user may
enter, and all requests go through it. With proxies that are not plain HTTP it carries reads only,
since kubectl proxy dials upgrades directly: execs then go by `kubectl exec`.

The executable is KUBECTL_PATH (kubectl 1.37 sets it for plugins), else `kubectl` on PATH.
Source: k8s.io/kubectl pkg/cmd/proxy, pkg/proxy/proxy_server.go.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.cluster.connection import PREFIX, Connection, Deadline
from kubectl_hosts.cluster.connection_flags import kubectl_flags
from kubectl_hosts.cluster.programs import PrivateFolder, Program, run_program
from kubectl_hosts.errors import ExecFailed, HostsError, Unreachable, system_words

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping, Sequence

    from kubectl_hosts.cluster.connection_flags import ConnectionFlags

# kubectl reads its configuration and may ask an identity provider before it listens.
_START_SECONDS = 60.0
# sun_path of unix(7) and of macOS.
_LONGEST_SOCKET = 100
_LARGEST_ANSWER = 1 << 20


def find_kubectl() -> str:
    """The executable's path, "" where there is none."""
    return os.environ.get("KUBECTL_PATH") or shutil.which("kubectl") or ""


def start_kubectl(flags: ConnectionFlags, words: Sequence[str], stdin: bytes) -> Program:
    """`kubectl WORDS`, running. Raises ExecFailed where it does not start."""
    executable = find_kubectl()
    if not executable:
        raise ExecFailed(
            "no kubectl executable on PATH",
            hint="--transport kubectl needs one; --transport api does not.",
        )
    with tempfile.TemporaryFile() as file:
        file.write(stdin)
        file.seek(0)
        try:
            return Program([executable, *kubectl_flags(flags), *words], stdin=file)
        except (OSError, ValueError) as error:
            raise ExecFailed(f"{executable}: {system_words(error)}") from error


def ask_kubectl(flags: ConnectionFlags, environ: Mapping[str, str], *words: str) -> str:
    """What `kubectl WORDS` prints. Raises HostsError with its own words."""
    program = Program([find_kubectl(), *words, *kubectl_flags(flags)], environ=environ)
    try:
        ended = run_program(program, limit=_LARGEST_ANSWER, deadline=Deadline(_START_SECONDS))
    except TimeoutError as error:
        raise HostsError(f"kubectl {words[0]} did not end within {_START_SECONDS:g} s") from error
    if ended.status != 0:
        raise _own_error(ended.stderr)
    return ended.stdout.decode(errors="replace")


def _own_error(stderr: bytes) -> HostsError:
    """Its words are the user's answer: the configuration is one that only kubectl reads."""
    words = stderr.decode(errors="replace").strip().removeprefix("error: ")
    return HostsError(
        words or "kubectl ended without a message",
        hint="kubectl itself says so: `kubectl get --raw /version` takes the same way.",
    )


class KubectlProxy:
    """Connections to the API server through `kubectl proxy`, started with the first of them.

    It ends with `close`, and with this process however that ends; so does the socket's folder.
    """

    relays = True

    def __init__(self, flags: ConnectionFlags, environ: Mapping[str, str], why: str) -> None:
        """WHY says what the thin client does not speak. Raises Unreachable where this cannot be."""
        if not hasattr(socket, "AF_UNIX"):
            raise Unreachable(
                f"{why} is not supported, and this Python has no Unix sockets for kubectl proxy",
                hint="Run `kubectl proxy` by hand and add --server http://127.0.0.1:8001 "
                "--transport kubectl.",
            )
        if not find_kubectl():
            raise Unreachable(
                f"{why} is not supported, and there is no kubectl on PATH that supports it",
                hint="Put kubectl on PATH, or use a kubeconfig with a token or certificate.",
            )
        self._argv = [find_kubectl(), "proxy", *kubectl_flags(flags._replace(request_timeout=""))]
        self._environ = environ
        self._lock = threading.Lock()
        self._running: _Running | None = None

    def dial(self, context: ssl.SSLContext | None, deadline: Deadline) -> Connection:
        """A new connection. Raises HostsError in kubectl's words."""
        del context  # kubectl does the TLS
        with self._lock:
            if self._running is None:
                self._running = _Running(self._argv, self._environ, deadline)
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.settimeout(deadline.remaining())
            sock.connect(self._running.path)
        except OSError as error:
            sock.close()
            raise Unreachable(
                f"{PREFIX}kubectl proxy has ended", hint="Something stopped it; try again."
            ) from error
        return Connection(sock)

    def keep_session(self, connection: Connection) -> None:
        """Nothing: there is no TLS on a Unix socket."""

    def close(self) -> None:
        """End the proxy; the next `dial` starts another one."""
        with self._lock:
            running, self._running = self._running, None
        if running is not None:
            running.stop()


class _Running:
    """A `kubectl proxy` that listens at `path`."""

    def __init__(self, argv: list[str], environ: Mapping[str, str], deadline: Deadline) -> None:
        self._folder = PrivateFolder(_socket_parent(environ), "kubectl-hosts-")
        self._program: Program | None = None
        self.path = os.path.join(self._folder.path, "socket")
        try:
            self._start(argv, environ, Deadline(deadline.remaining(_START_SECONDS)))
        except BaseException:
            self.stop()
            raise

    def _start(self, argv: list[str], environ: Mapping[str, str], deadline: Deadline) -> None:
        # What it may not forward by default is what this is for: pods/exec.
        argv = [*argv, f"--unix-socket={self.path}", "--reject-paths=^$"]
        said = os.path.join(self._folder.path, "stderr")
        with open(said, "wb") as stderr:
            self._program = program = Program(argv, stderr=stderr, environ=environ)
        pipe = program.process.stdout
        assert pipe is not None
        with pipe:
            # `Starting to serve on PATH`, or the end.
            serves = _first_line(pipe.fileno(), deadline)
        if serves:
            return
        with open(said, "rb") as file:
            words = file.read(_LARGEST_ANSWER)
        if deadline.has_passed and not words:
            raise HostsError("kubectl proxy did not start in time")
        raise _own_error(words)

    def stop(self) -> None:
        """Kill it and take its folder away."""
        if self._program is not None:
            self._program.stop()
        self._folder.remove()


def _first_line(descriptor: int, deadline: Deadline) -> bytes:
    import select  # noqa: PLC0415

    ready, _, _ = select.select([descriptor], [], [], deadline.remaining())
    return os.read(descriptor, 1 << 12) if ready else b""


def _socket_parent(environ: Mapping[str, str]) -> str:
    """Where a socket's folder may stand: its path must fit, whatever TMPDIR says."""
    for parent in (environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), "/tmp"):  # noqa: S108
        room = _LONGEST_SOCKET - len("/kubectl-hosts-/socket") - 12
        if parent and len(os.fsencode(parent)) <= room and os.access(parent, os.W_OK | os.X_OK):
            return os.path.abspath(parent)
    return tempfile.gettempdir()


# What `kubectl version` says: the release of the executable, and that of the server it reaches.

# Nobody waits longer for a version.
_SECONDS = 3


class Versions(NamedTuple):
    """`v1.34.4` each, or why it is not known, in parentheses."""

    kubectl: str
    server: str


def kubectl_versions(flags: ConnectionFlags) -> Versions:
    """The versions by the kubectl on PATH; the server gets three seconds."""
    executable = find_kubectl()
    if not executable:
        return Versions("(not on PATH)", "(no kubectl to ask it)")
    argv = [executable, "version", "-o", "json"]
    argv += kubectl_flags(flags._replace(request_timeout=f"{_SECONDS}s"))
    try:
        done = subprocess.run(argv, capture_output=True, timeout=2 * _SECONDS, check=False)
        said = json.loads(done.stdout or b"{}")
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return Versions("(does not answer)", "(not reached)")
    return Versions(
        _release(said, "clientVersion") or "(does not answer)",
        _release(said, "serverVersion") or "(not reached)",
    )


def _release(said: object, which: str) -> str:
    version = said.get(which) if isinstance(said, dict) else None
    release = version.get("gitVersion") if isinstance(version, dict) else None
    return release if isinstance(release, str) else ""
