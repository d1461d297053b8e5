"""Files out of a container: one exec brings them all, whatever the image has to read them with.

Each command prints every file between markers that no file can hold: the marker is an argument, 128
random bits new for each exec. Paths travel as arguments too, never in a script's text. Nothing is
written.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.errors import ExecFailed, HostsError, NoSuchExecutable, one_line
from kubectl_hosts.model.evidence import (
    HOSTS_PATHS,
    CouldNotLook,
    FileAbsent,
    FileEvidence,
    FileRead,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kubectl_hosts.probes.ports import Cluster, CompletedExec, ExecTarget

    Read = Callable[[Cluster, ExecTarget, Sequence[str], float], "OneExec"]

FILE_LIMIT = 1 << 20
"""Bytes of one file that are brought back; a hosts file is a few hundred."""

FILE_SECONDS = 10
"""What reading files may take: a named pipe, or a file of a dead FUSE server, has no end.

The program is ended inside the container then: who closes an exec's stream ends nothing there.
"""

WHOLE_SECONDS = 26
"""What a script may take in all: `cat` reads a file at a time. An exec's deadline is 30."""

# `limited SECONDS COMMAND...`: timeout(1) is missing in images with bash alone, its options differ
# (busybox before 1.30: -t), and busybox's keeps the output open for up to a second too long. The
# command gets our stdin through fd 3 (a shell gives a background command /dev/null), and fd 5 is
# its stderr: the function's own is for what the shell says of jobs that end. The sleep holds none
# of them. What runs the command ends the sleep, which we wait for; the other way round (a shell
# that waits for the sleep is told to end it) a signal can come before that shell is ready, and
# the lookup then lasts for SECONDS [seen in dash, with 40 lookups that end at once].
_SHELL_LIMITED = (
    'limited() { t=$1; shift; sleep "$t" >/dev/null </dev/null 3<&- 5>&- 6>&- & z=$!; '
    '{ ("$@" 2>&5 <&3 3<&- 5>&- & p=$!; trap \'kill -9 "$p"; wait "$p"\' TERM; '
    'wait "$p"; s=$?; kill "$z"; exit "$s") & } 3<&0; w=$!; '
    'wait "$z" && kill "$w"; wait "$w"; } 2>/dev/null; '
)

# `whole SECONDS COMMAND...`: all that a script does. The line at its end, behind the marker, tells
# that the command has ended, and how, also where a child of it holds the output open: `last_words`.
# Then what is left in our process group is told to end; where the command itself had to be told,
# the group is killed, and we with it. A runtime gives each exec a group of its own (runc, crun:
# setsid(2)); where /proc does not show that it did (proc_pid_stat(5), field 5), nothing is ended.
SHELL_WHOLE = _SHELL_LIMITED + (
    'whole() { limited "$@" 5>&2; s=$?; printf "%s done %s\\n" "$m" "$s"; '
    '{ read -r _ _ _ _ g _ </proc/$$/stat && [ "$g" = $$ ] && { [ "$s" = 143 ] && kill -9 0; '
    'trap "" TERM; kill 0; }; } 2>/dev/null; exit "$s"; }; '
)

# A process costs a container more than all else that this does: one `head` reads all files. It
# parts them with a heading that names the path ("==> %s <==": POSIX, head, several files), and the
# path is spelled as no file can know: behind a root of slashes and dots that files.py makes of the
# marker. /dev/null comes first, so that each heading begins a new line, and last, so that the file
# before it is known to be whole.
HEAD = ("head", "-c", str(FILE_LIMIT), "/dev/null")

# POSIX shell; $r is that root. `cat` stands in where an image has no head, a file at a time. An
# argument that is no absolute path is none of this part's business (lookups.py looks names
# up).
SHELL_FILES = (
    "m=$1 r=$2; shift 2; " + SHELL_WHOLE + 'one() { printf "%s file %s\\n" "$m" "$1"; '
    f'limited {FILE_SECONDS} cat "$1" 5>&1; printf "%s end %s\\n" "$m" "$?"; }}; '
    'files() { for f in "$@"; do shift; case $f in /*) ;; *) continue ;; esac; '
    'if [ -d "$f" ]; then printf "%s directory %s\\n" "$m" "$f"; '
    'elif [ -p "$f" ]; then printf "%s pipe %s\\n" "$m" "$f"; '
    'elif [ ! -e "$f" ]; then printf "%s absent %s\\n" "$m" "$f"; '
    'elif [ "$head" ]; then set -- "$@" "$r$f"; else one "$f"; fi; done; '
    '[ "$head" ] || return 0; printf "%s files\\n" "$m"; '
    f'limited {FILE_SECONDS} {" ".join(HEAD)} "$@" "$r/dev/null" 5>&2; }}; '
    "command -v head >/dev/null 2>&1 && head=yes || head=; "
)

PYTHON_FILES = f"""
import glob, os, pathlib, signal, sys
signal.alarm({FILE_SECONDS})
m, out = sys.argv[1].encode(), sys.stdout.buffer
for f in (a for a in sys.argv[2:] if a[0] == "/"):
    p = f.encode()
    if os.path.isdir(f): out.write(m + b" directory " + p + b"\\n")
    elif pathlib.Path(f).is_fifo(): out.write(m + b" pipe " + p + b"\\n")
    elif not os.path.exists(f): out.write(m + b" absent " + p + b"\\n")
    else:
        out.write(m + b" file " + p + b"\\n")
        try: out.write(open(f, "rb").read({FILE_LIMIT})); s = b"0"
        except OSError as e: out.write(str(e).encode()); s = b"1"
        out.write(m + b" end " + s + b"\\n")
signal.alarm(0)
for g in ("/lib/ld-musl-*.so.1", "/lib*/ld-linux*.so.*", "/lib*/libc.so.6", "/lib/*/libc.so.6"):
    for f in glob.glob(g): out.write(m + b" library " + f.encode() + b"\\n")
"""
PYTHON_DONE = 'out.write(m + b" done\\n")'

NODE_FILES = f"""
const fs = require("fs"), [m, ...rest] = process.argv.slice(1), out = [];
for (const f of rest.filter((a) => a[0] === "/")) {{
  let st = null; try {{ st = fs.statSync(f); }} catch (e) {{ }}
  if (!st) {{ out.push(`${{m}} absent ${{f}}\\n`); continue; }}
  if (st.isFIFO()) {{ out.push(`${{m}} pipe ${{f}}\\n`); continue; }}
  if (st.isDirectory()) {{ out.push(`${{m}} directory ${{f}}\\n`); continue; }}
  out.push(`${{m}} file ${{f}}\\n`);
  try {{ out.push(fs.readFileSync(f).subarray(0, {FILE_LIMIT})); out.push(`${{m}} end 0\\n`); }}
  catch (e) {{ out.push(e.message); out.push(`${{m}} end 1\\n`); }}
}}
for (const l of ["/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-aarch64.so.1",
  "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"])
  if (fs.existsSync(l)) out.push(`${{m}} library ${{l}}\\n`);
const done = (then) => {{
  out.push(`${{m}} done\\n`);
  process.stdout.write(Buffer.concat(out.map((b) => Buffer.from(b))), then);
}};
"""
NODE_DONE = "done();"

PERL_FILES = f"""
my $m = shift; binmode STDOUT; alarm {FILE_SECONDS};
for my $f (grep {{ m{{^/}} }} @ARGV) {{
  if (-d $f) {{ print "$m directory $f\\n" }} elsif (-p $f) {{ print "$m pipe $f\\n" }}
  elsif (!-e $f) {{ print "$m absent $f\\n" }}
  else {{
    print "$m file $f\\n";
    my ($h, $b);
    if (open($h, "<:raw", $f) && defined(read($h, $b, {FILE_LIMIT}))) {{ print $b, "$m end 0\\n" }}
    else {{ print "$!", "$m end 1\\n" }}
  }}
}}
alarm 0;
for my $f (glob("/lib/ld-musl-*.so.1 /lib*/ld-linux*.so.* /lib*/libc.so.6 /lib/*/libc.so.6")) {{
  print "$m library $f\\n" if -e $f
}}
"""
PERL_DONE = 'print "$m done\\n";'


class Reader(NamedTuple):
    """One way to read files; `argv` is followed by the marker and the paths."""

    via: str
    argv: tuple[str, ...]
    by_heading: bool = False
    """Whether the root that headings are known by follows the marker."""


class Scripts(NamedTuple):
    """What each kind of program runs."""

    shell: str
    python: str
    node: str
    perl: str


FILES_ALONE = Scripts(
    f'{SHELL_FILES}whole {WHOLE_SECONDS} files "$@"',
    PYTHON_FILES + PYTHON_DONE,
    NODE_FILES + NODE_DONE,
    PERL_FILES + PERL_DONE,
)


def readers(scripts: Scripts) -> tuple[Reader, ...]:
    """A shell, then what can stand in for one, by how common it is in images without.

    The order is that of cluster-dns.md 6.1: distroless python3, nodejs, *:debug.
    """
    return (
        Reader("sh", ("sh", "-c", scripts.shell, "sh"), by_heading=True),
        Reader("python3", ("python3", "-c", scripts.python)),
        Reader("node", ("node", "-e", scripts.node, "--")),
        Reader("perl", ("perl", "-e", scripts.perl)),
        Reader("/busybox/sh", ("/busybox/sh", "-c", scripts.shell, "sh"), by_heading=True),
        Reader("/bin/busybox", ("/bin/busybox", "sh", "-c", scripts.shell, "sh"), by_heading=True),
    )


_STREAM_LIMIT = 4 * FILE_LIMIT
# What busybox's head says of a directory; a shell, or cat, knows better.
_IO_ERROR = "Input/output error"
_OUTPUT_ENDED = "the output ended before it"
# A shell knows a named pipe when it sees one.
_GIVEN_UP = f"given up after {FILE_SECONDS} s: head had not ended"
# POSIX sh, "Exit Status for Commands".
_NOT_FOUND = 127


class FilesRead(NamedTuple):
    """What one container gave: files by path, C libraries seen, how it was read."""

    files: tuple[tuple[str, FileEvidence], ...]
    libraries: frozenset[str]
    via: str


def read_files(
    cluster: Cluster,
    target: ExecTarget,
    paths: Sequence[str] = HOSTS_PATHS,
    *,
    deadline: float,
) -> FilesRead:
    """The files at PATHS in TARGET. Raises a child of ExecFailed where nothing reads there.

    DEADLINE is in seconds, for each exec. One exec where there is `head`, a shell, python3, node,
    perl or busybox; three where there is `cat` alone.
    """
    choice = readers(FILES_ALONE)
    return first_that_reads(cluster, target, choice, paths, deadline, head_first=True).read


class OneExec(NamedTuple):
    """What one container gave, and the whole output that it was read from."""

    read: FilesRead
    stdout: bytes = b""
    marker: str = ""


def first_that_reads(
    cluster: Cluster,
    target: ExecTarget,
    choice: Sequence[Reader],
    arguments: Sequence[str],
    deadline: float,
    *,
    head_first: bool = False,
) -> OneExec:
    """The output of the first reader that the image has: a shell, `head`, `cat`, another program.

    ARGUMENTS are absolute paths, and what else the readers take. HEAD_FIRST is for who wants files
    alone: a shell would only start it. Raises as `read_files` does.
    """
    paths = tuple(each for each in arguments if each.startswith("/"))
    shell, *others = (_with(reader, arguments) for reader in choice)
    first: tuple[Read, ...] = (_read_with_head, shell) if head_first else (shell, _read_with_head)
    doubtful: OneExec | None = None
    for read in (*first, _read_with_cat, *others):
        with suppress(NoSuchExecutable):
            looked = read(cluster, target, paths, deadline)
            if not _is_doubtful(looked.read):
                return looked
            doubtful = looked
    if doubtful is not None:
        return doubtful
    raise NoSuchExecutable(
        f"container {target.container} has no shell, head, cat, python3, node, perl or busybox",
        hint="A sibling container of the pod with one of them shows the same file.",
    )


def _is_doubtful(read: FilesRead) -> bool:
    files = [found for _, found in read.files]
    return read.via == "head" and any(
        isinstance(each, CouldNotLook) and each.why.endswith((_IO_ERROR, _GIVEN_UP))
        for each in files
    )


def new_marker() -> str:
    """What parts the files in the output: 128 random bits, so that no file can hold it."""
    return f"=={os.urandom(16).hex()}=="


def argv_of(reader: Reader, marker: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """What READER is run with in a container."""
    return (*reader.argv, marker, *((root_of(marker),) if reader.by_heading else ()), *arguments)


def last_words(marker: str) -> bytes:
    """What a script writes when all is done that it was started for."""
    return f"{marker} done".encode()


def root_of(marker: str) -> str:
    """The root directory, spelled with 64 bits of MARKER: `//` and `/.` lead where `/` leads.

    A heading that names a path behind it is one of ours, as no file could know it.
    """
    bits = int(marker.strip("=")[:16], 16)
    return "/." + "".join("/." if bits >> bit & 1 else "/" for bit in range(64))


def _with(reader: Reader, arguments: Sequence[str]) -> Read:
    return partial(_read_with, reader, arguments)


def _read_with(
    reader: Reader,
    arguments: Sequence[str],
    cluster: Cluster,
    target: ExecTarget,
    paths: Sequence[str],
    deadline: float,
) -> OneExec:
    marker = new_marker()
    argv = argv_of(reader, marker, arguments)
    last = last_words(marker)
    done = cluster.exec(target, argv, limit=_STREAM_LIMIT, deadline=deadline, last=last)
    files, libraries = parse_sections(done.stdout, marker, done.stderr)
    if not files:
        raise ExecFailed(complaint(done, reader.via))
    return OneExec(
        FilesRead(_with_unread(files, paths), libraries, reader.via), done.stdout, marker
    )


def complaint(done: CompletedExec, via: str) -> str:
    """How a command failed: its exit code and the last line of what it said."""
    if done.truncated:
        return f"{via} writes without end"
    said = done.stderr.decode("utf-8", "backslashreplace").strip().splitlines()
    return f"{via} ended with exit code {done.exit_code}" + (f": {said[-1]}" if said else "")


def _with_unread(
    files: dict[str, FileEvidence], paths: Sequence[str], unread: str = _OUTPUT_ENDED
) -> tuple[tuple[str, FileEvidence], ...]:
    """PATHS first and in their order; then what was read besides (the HOSTALIASES file)."""
    asked = {path: files.get(path) or CouldNotLook(what=path, why=unread) for path in paths}
    return tuple({**asked, **files}.items())


def parse_sections(
    stdout: bytes, marker: str, stderr: bytes = b""
) -> tuple[dict[str, FileEvidence], frozenset[str]]:
    """Files and libraries out of a reader's output; a file whose end is missing is truncated."""
    files: dict[str, FileEvidence] = {}
    libraries: set[str] = set()
    path, data = "", b""
    for section in stdout.split(marker.encode())[1:]:
        head, ended, body = section.partition(b"\n")
        kind, _, rest = head.decode("utf-8", "replace").strip().partition(" ")
        match kind if ended else "cut":
            case "file":
                path, data = rest, body
                files[path] = FileRead(data, truncated=True)
            case "end":
                files[path] = _ended(path, data, status=rest)
            case "files":
                files |= _under_headings(body, root_of(marker), stderr)
            case "absent":
                files[rest] = FileAbsent()
            case "directory" | "pipe":
                files[rest] = CouldNotLook(what=rest, why=f"{rest} is a {_NO_FILES[kind]}")
            case "library":
                libraries.add(rest)
    return files, frozenset(libraries)


_NO_FILES = {"directory": "directory", "pipe": "named pipe"}
_LAST = "/dev/null"


def _under_headings(body: bytes, root: str, stderr: bytes) -> dict[str, FileEvidence]:
    """The files that one `head` printed, each under its heading, and those it complained of."""
    _, *parts = body.split(f"\n==> {root}".encode())
    read = [part.partition(b" <==\n") for part in parts]
    files = {path.decode("utf-8", "replace"): _capped(data) for path, _, data in read[:-1]}
    for heading, is_whole, data in read[-1:]:
        path = heading.decode("utf-8", "replace")
        if is_whole and path != _LAST:
            files[path] = FileRead(data[:FILE_LIMIT], truncated=True)
    return files | _complaints(stderr, root)


def _capped(data: bytes) -> FileEvidence:
    return FileRead(data[:FILE_LIMIT], truncated=len(data) >= FILE_LIMIT)


def _complaints(stderr: bytes, root: str) -> dict[str, FileEvidence]:
    """`head: cannot open 'ROOT/etc/hosts' for reading: Permission denied`, by path."""
    lines = stderr.decode("utf-8", "backslashreplace").splitlines()
    behind_root = re.compile(f"{re.escape(root)}([^':]+)")
    named = ((behind_root.search(line), line) for line in lines)
    return {path[1]: _complained(path[1], line.replace(root, "")) for path, line in named if path}


def _complained(path: str, said: str) -> FileEvidence:
    """What a program that reads files means by what it says of PATH, in the words of libc."""
    if "No such file" in said:
        return FileAbsent()
    why = f"{path} is a directory" if said.endswith("Is a directory") else one_line(said)
    return CouldNotLook(what=path, why=why)


def _ended(path: str, data: bytes, *, status: str) -> FileEvidence:
    if status == "0":
        return _capped(data)
    said = data.decode("utf-8", "backslashreplace").strip().splitlines()
    return CouldNotLook(what=path, why=said[-1] if said else f"exit code {status}")


def _read_with_head(
    cluster: Cluster, target: ExecTarget, paths: Sequence[str], deadline: float
) -> OneExec:
    marker = new_marker()
    root, last = root_of(marker), last_words(marker)
    argv = head_of(paths, root)
    try:
        bounded = limited(marker, argv)
        done = cluster.exec(target, bounded, limit=_STREAM_LIMIT, deadline=deadline, last=last)
    except NoSuchExecutable:  # no shell; nothing bounds `head` there but its own end
        last = f"==> {root}{_LAST} <==\n".encode()
        done = cluster.exec(target, argv, limit=_STREAM_LIMIT, deadline=deadline, last=last)
    if done.exit_code == _NOT_FOUND and not done.stdout.partition(last)[0]:
        raise NoSuchExecutable(complaint(done, "sh"))
    stdout, _, status = done.stdout.partition(last_words(marker))
    files = _under_headings(stdout, root, done.stderr)
    was_killed = status.strip() in _KILLED
    if not files:
        raise ExecFailed(_GIVEN_UP if was_killed else complaint(done, "head"))
    unread = _GIVEN_UP if was_killed else _OUTPUT_ENDED
    return OneExec(FilesRead(_with_unread(files, paths, unread), frozenset(), "head"))


# What a shell says of a program that a signal ended: 128 + SIGKILL, SIGTERM; busybox: timeout(1).
_KILLED = {b"124", b"137", b"143"}


def limited(marker: str, argv: Sequence[str]) -> tuple[str, ...]:
    """ARGV run by the container's shell, which ends it after FILE_SECONDS."""
    script = f'm=$1; shift; {SHELL_WHOLE}whole {FILE_SECONDS} "$@"'
    return ("sh", "-c", script, "sh", marker, *argv)


def head_of(paths: Sequence[str], root: str) -> tuple[str, ...]:
    """The `head` that prints the files at PATHS under headings that are known by ROOT."""
    return (*HEAD, *(f"{root}{path}" for path in (*paths, _LAST)))


def _read_with_cat(
    cluster: Cluster, target: ExecTarget, paths: Sequence[str], deadline: float
) -> OneExec:
    files = {path: _cat(cluster, target, path, deadline) for path in HOSTS_PATHS}
    not_asked = {path: CouldNotLook(what=path, why="not read: no shell") for path in paths}
    return OneExec(FilesRead(_with_unread({**not_asked, **files}, paths), frozenset(), "cat"))


def _cat(cluster: Cluster, target: ExecTarget, path: str, deadline: float) -> FileEvidence:
    done = cluster.exec(target, ("cat", path), limit=FILE_LIMIT, deadline=deadline)
    if done.exit_code == 0:
        return FileRead(done.stdout, truncated=done.truncated)
    said = done.stderr.decode("utf-8", "backslashreplace").strip()
    return _complained(path, said or f"exit code {done.exit_code}")


def why(error: HostsError) -> str:
    """An error as a reason inside a report: its message in one line, without kubectl's opening."""
    return one_line(error.message).removeprefix("error: ")
