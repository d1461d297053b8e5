"""The commands that print files out of a container, by what its image has: argv, run by others.

Each prints every file between markers that no file can hold: the marker is an argument, 128 random
bits new for each exec. Paths travel as arguments too, never in a script's text. Nothing is written.
"""

from __future__ import annotations

from typing import NamedTuple

FILE_LIMIT = 1 << 20
"""Bytes of one file that are brought back; a hosts file is a few hundred."""

FILE_SECONDS = 10
"""What reading files may take: a named pipe, or a file of a dead FUSE server, has no end.

The program is ended inside the container then: who closes an exec's stream ends nothing there.
"""

# `limited SECONDS COMMAND...`: timeout(1) is missing in images with bash alone, its options differ
# (busybox before 1.30: -t), and busybox's keeps the output open for up to a second too long. The
# command gets our stdin through fd 3 (a shell gives a background command /dev/null), and fd 5 is
# its stderr: the function's own is for what the shell says of jobs that end. The sleep holds none
# of them. What runs the command ends the sleep, which we wait for; the other way round (a shell
# that waits for the sleep is told to end it) a signal can come before that shell is ready, and
# the lookup then lasts for SECONDS [seen in dash, with 40 lookups that end at once].
SHELL_LIMITED = (
    'limited() { t=$1; shift; sleep "$t" >/dev/null </dev/null 3<&- 5>&- 6>&- & z=$!; '
    '{ ("$@" 2>&5 <&3 3<&- 5>&- & p=$!; trap \'kill "$p"; wait "$p"\' TERM; '
    'wait "$p"; s=$?; kill "$z"; exit "$s") & } 3<&0; w=$!; '
    'wait "$z" && kill "$w"; wait "$w"; } 2>/dev/null; '
)

# A process costs a container more than all else that this does: one `head` reads all files. It
# parts them with a heading that names the path ("==> %s <==": POSIX, head, several files), and the
# path is spelled as no file can know: behind a root of slashes and dots that files.py makes of the
# marker. /dev/null comes first, so that each heading begins a new line, and last, so that the file
# before it is known to be whole.
HEAD = ("head", "-c", str(FILE_LIMIT), "/dev/null")

# POSIX shell; $r is that root. `cat` stands in where an image has no head, a file at a time. An
# argument that is no absolute path is none of this part's business (explain_readers.py looks names
# up).
SHELL_FILES = (
    "m=$1 r=$2; shift 2; " + SHELL_LIMITED + 'one() { printf "%s file %s\\n" "$m" "$1"; '
    f'limited {FILE_SECONDS} cat "$1" 5>&1; printf "%s end %s\\n" "$m" "$?"; }}; '
    'files() { for f in "$@"; do shift; case $f in /*) ;; *) continue ;; esac; '
    'if [ -d "$f" ]; then printf "%s directory %s\\n" "$m" "$f"; '
    'elif [ -p "$f" ]; then printf "%s pipe %s\\n" "$m" "$f"; '
    'elif [ ! -e "$f" ]; then printf "%s absent %s\\n" "$m" "$f"; '
    'elif [ "$head" ]; then set -- "$@" "$r$f"; else one "$f"; fi; done; '
    '[ "$head" ] || return 0; printf "%s files\\n" "$m"; '
    f'limited {FILE_SECONDS} {" ".join(HEAD)} "$@" "$r/dev/null" 5>&2; }}; '
    "command -v head >/dev/null 2>&1 && head=yes || head=; "
    'files "$@"; '
)
SHELL_DONE = 'printf "%s done\\n" "$m"'

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
    SHELL_FILES + SHELL_DONE,
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
