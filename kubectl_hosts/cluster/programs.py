"""Programs that are started here: with bounds, and none outlives us, however we end.

kubectl and credential plugins are killed when we are: `_Reaper`, a shell that waits for the end of
a pipe which only we hold open, kills what is left and removes what it was told of. Nothing of ours
has to run for that, so it holds for SIGKILL too, on every Unix; without a shell, and on Windows,
a program that we start ends when it notices by itself. KUBECTL_EXTERNAL_DIFF is the user's own
program at the user's terminal, and is left alone.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import threading
from contextlib import suppress
from typing import IO, TYPE_CHECKING, NamedTuple

from kubectl_hosts.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kubectl_hosts.cluster.connection import Deadline

# `+ WHAT` and `- WHAT` a line: a process, a process group (-7) or a folder (/x) to clean away.
_REAP = r"""
trap '' HUP INT TERM
set -f
nl='
'
left=$nl
while IFS=' ' read -r sign what; do
  case $sign$left in
  +*) left=$left$what$nl ;;
  -*"$nl$what$nl"*) left=${left%%"$nl$what$nl"*}$nl${left#*"$nl$what$nl"} ;;
  esac
done
IFS=$nl
for each in $left; do
  case $each in
  /*) rm -rf "$each" ;;
  *) kill -9 "$each" ;;
  esac
done
"""


class _Reaper:
    """The shell, started with the first program. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pipe = -1
        """The end that only we hold; a descriptor, for it is closed by our end alone."""
        self._started_by = 0

    def wait_for_us(self) -> None:
        """Run, so that what is told next is known at once: we may be killed right after it."""
        with self._lock:
            if self._started_by != os.getpid():
                self._start()

    def clean_up(self, what: str) -> None:
        """WHAT goes when we have gone."""
        self._tell("+", what)

    def forget(self, what: str) -> None:
        """WHAT is gone already."""
        self._tell("-", what)

    def _tell(self, sign: str, what: str) -> None:
        self.wait_for_us()
        with self._lock, suppress(OSError):
            if self._pipe >= 0:
                os.write(self._pipe, os.fsencode(f"{sign} {what}\n"))

    def _start(self) -> None:
        self._started_by = os.getpid()
        self._pipe = -1
        if os.name != "posix":
            return
        reads, writes = os.pipe()
        try:
            shell = subprocess.Popen(  # pylint: disable=consider-using-with
                ["/bin/sh", "-c", _REAP],
                cwd="/",
                stdin=reads,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            os.close(writes)
            return
        finally:
            os.close(reads)
        # It outlives us: to wait for it is not ours.
        shell.returncode = 0
        self._pipe = writes


_REAPER = _Reaper()


class Program:
    """A running program; `stop` it, or it is stopped when we end.

    One that shares the terminal (INTERACTIVE) may ask there, and gets ^C from it; any other has a
    session of its own and is stopped with all that it has started.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        stdin: IO[bytes] | int | None = subprocess.DEVNULL,
        stderr: IO[bytes] | int | None = subprocess.PIPE,
        environ: Mapping[str, str] | None = None,
        interactive: bool = False,
    ) -> None:
        _REAPER.wait_for_us()
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            argv,
            env=environ,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            bufsize=0,
            start_new_session=not interactive,
        )
        pid = self.process.pid
        self._what = str(pid if interactive or os.name != "posix" else -pid)
        _REAPER.clean_up(self._what)

    def stop(self) -> None:
        """Kill it and what it has started, and collect its exit status."""
        with suppress(OSError):
            if self._what.startswith("-"):
                os.killpg(self.process.pid, 9)
            elif self.process.poll() is None:
                self.process.kill()
        self.process.wait()
        self.leave()

    def leave(self) -> None:
        """It has ended; what it left to run in the background is its own."""
        _REAPER.forget(self._what)


class Completed(NamedTuple):
    """How a program ended; `status` is None where it had written enough, and was stopped."""

    status: int | None
    stdout: bytes
    stderr: bytes


def run_program(
    program: Program, *, limit: int, deadline: Deadline, last: bytes = b""
) -> Completed:
    """Let PROGRAM end, or stop it: a stream has more than LIMIT bytes, or LAST was written.

    Raises TimeoutError after DEADLINE.
    """
    process = program.process
    outputs = [_Output(pipe, limit, program, last) for pipe in (process.stdout, process.stderr)]
    said_all = False
    try:
        said_all = bool(last) and outputs[0].says_last(deadline)
        status = process.wait(deadline.remaining(_LINGER_SECONDS if said_all else None))
        for each in outputs:
            each.join(deadline.remaining(_LINGER_SECONDS))
        if any(each.goes_on for each in outputs):
            return Completed(None, *(each.kept for each in outputs))
    except subprocess.TimeoutExpired as error:
        program.stop()
        if said_all:
            return Completed(None, *(each.kept for each in outputs))
        raise TimeoutError from error
    except BaseException:
        program.stop()
        raise
    program.leave()
    return Completed(status, *(each.kept for each in outputs))


# What a program started and left may hold its pipes for ever; what it wrote itself is there.
_LINGER_SECONDS = 1.0


class _Output(threading.Thread):
    """Reads a pipe to its end, or until it has more than LIMIT bytes: PROGRAM is then stopped."""

    def __init__(self, pipe: IO[bytes] | None, limit: int, program: Program, last: bytes) -> None:
        super().__init__(daemon=True)
        self._last = last
        self._has_enough = threading.Event()
        self._pipe = pipe
        self._limit = limit
        self._program = program
        self._data = bytearray()
        self.start()

    def run(self) -> None:
        if self._pipe is None:
            return
        # Closed here, where it is read: what a program started may hold its other end for long.
        with self._pipe, suppress(OSError):
            while len(self._data) <= self._limit and (piece := self._pipe.read(1 << 16)):
                self._data += piece
                if self._last and self._last in self._data[-len(piece) - len(self._last) :]:
                    self._has_enough.set()
        self._has_enough.set()
        if self.goes_on:
            self._program.stop()

    def says_last(self, deadline: Deadline) -> bool:
        """Wait for the last words, or the end; whether they came."""
        self._has_enough.wait(deadline.remaining())
        return self._last in self._data

    @property
    def goes_on(self) -> bool:
        """Whether there was more than was wanted."""
        return len(self._data) > self._limit

    @property
    def kept(self) -> bytes:
        return bytes(self._data[: self._limit])


class PrivateFolder:
    """A new folder with mode 0700 that is gone after `remove`, or when we are."""

    def __init__(self, parent: str, prefix: str) -> None:
        self.path = os.path.join(parent, prefix + os.urandom(6).hex())
        _REAPER.clean_up(self.path)
        os.mkdir(self.path, 0o700)

    def remove(self) -> None:
        """Take it away with what is in it."""
        import shutil  # noqa: PLC0415

        shutil.rmtree(self.path, ignore_errors=True)
        _REAPER.forget(self.path)


# kubectl passes on only such words of the variable: k8s.io/kubectl/pkg/cmd/diff DiffProgram.
_ARGUMENT = re.compile(r"^[a-zA-Z0-9=-]+$")


def run_external_diff(program: str, expected: bytes, observed: bytes) -> None:
    """KUBECTL_EXTERNAL_DIFF, the user's own diff program, called as kubectl diff calls it.

    Run PROGRAM with two folders, EXPECTED-x and OBSERVED-x, that hold one file `hosts` each.
    Raises BadInput where it cannot be run or ends with more than 1.
    """
    name, *words = program.split() or [""]
    arguments = [each for each in words if _ARGUMENT.match(each)]
    hint = "KUBECTL_EXTERNAL_DIFF must name a program that takes two folders."
    folders = []
    try:
        for side, content in (("EXPECTED-", expected), ("OBSERVED-", observed)):
            folders.append(PrivateFolder(tempfile.gettempdir(), side))
            with open(os.path.join(folders[-1].path, "hosts"), "wb") as file:
                file.write(content)
        paths = [each.path for each in folders]
        status = subprocess.run([name, *arguments, *paths], check=False).returncode
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise BadInput(f'failed to run "{name}": {why}', hint=hint) from error
    finally:
        for folder in folders:
            folder.remove()
    if status > 1:
        raise BadInput(f'"{name}" ended with exit code {status}', hint=hint)
