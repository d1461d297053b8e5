"""One exec for `explain`: a container's files, its C library, and that library's view of names.

After the files, each argument that is no absolute path is a name (names.py has checked it); all
are looked up, at most AT_ONCE together, and each line that comes back is printed behind the marker
and the name. A name whose lookup hangs is given up alone, with the others' answers kept: the
script has a time to stop at. Nothing is written, and no name stands in a script's text.
"""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.dns import LibcView, ViewOutcome
from kubectl_hosts.model.evidence import RESOLVER_PATHS
from kubectl_hosts.model.names import is_address
from kubectl_hosts.model.reads import LibcSeen
from kubectl_hosts.probes.files import (
    FILE_SECONDS,
    NODE_FILES,
    PERL_DONE,
    PERL_FILES,
    PYTHON_DONE,
    PYTHON_FILES,
    SHELL_FILES,
    FilesRead,
    Reader,
    Scripts,
    first_that_reads,
    readers,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kubectl_hosts.probes.ports import Cluster, ExecTarget

AT_ONCE = 16
"""Lookups together in one container; what is more waits, so that no pids limit is hit."""

# getaddrinfo(3) as `getent ahosts` calls it: AF_UNSPEC, AI_CANONNAME and AI_ADDRCONFIG; each prints
# `ADDRESS STREAM [CANONICAL NAME]`, and ends with 2 where nothing was found.
_PYTHON_ONE = (
    "import socket as s, sys\n"
    "try: r = s.getaddrinfo(sys.argv[1], None, 0, s.SOCK_STREAM, 0, s.AI_CANONNAME|s.AI_ADDRCONFIG)"
    "\nexcept (OSError, UnicodeError) as e: print(e); sys.exit(2)\n"
    'for a in r: print(a[4][0], "STREAM", a[3])'
)
_NODE_ONE = (
    'const d = require("dns"); d.lookup(process.argv[1], {all: true, hints: d.ADDRCONFIG, '
    "verbatim: true}, (e, r) => { if (e) { console.log(e.code); process.exitCode = 2; } "
    'else r.forEach((a) => console.log(a.address, "STREAM")); })'
)
_PERL_ONE = (
    'use Socket 1.97 qw(:addrinfo SOCK_STREAM); my ($e, @r) = getaddrinfo(shift, "", {socktype => '
    "SOCK_STREAM, flags => AI_CANONNAME | AI_ADDRCONFIG}); if ($e) { print qq($e\\n); exit 2 } "
    "for (@r) { my ($x, $a) = getnameinfo($_->{addr}, NI_NUMERICHOST, NIx_NOSERV); "
    'print join(" ", $a, "STREAM", $_->{canonname} // ""), qq(\\n) }'
)
_RUBY_ONE = (
    "begin; Addrinfo.getaddrinfo(ARGV[0], nil, nil, :STREAM, nil, Socket::AI_CANONNAME | "
    'Socket::AI_ADDRCONFIG).each { |a| puts [a.ip_address, "STREAM", a.canonname].join(" ") }; '
    "rescue SocketError => e; puts e; exit 2; end"
)

# The exec's own environment is the container's; /proc/1/environ would be the application's and is
# not read. RESOLV_MULTI: host.conf(5).
_VARIABLES = ("LOCALDOMAIN", "RES_OPTIONS", "HOSTALIASES", "RESOLV_MULTI")
_TOOLS = ("bash", "python3", "perl", "node", "nc", "od", "socat")

# The musl loader says its version when it is run alone; glibc's loader since 2.33 with --version,
# before that the library itself (both executable: Debian, Fedora).
_SHELL_SURROUNDINGS = (
    "for f in /lib/ld-musl-*.so.1 /lib*/ld-linux*.so.* /lib*/libc.so.6 /lib/*/libc.so.6; do "
    '[ -e "$f" ] && printf "%s library %s\\n" "$m" "$f"; done; '
    'for f in /lib/ld-musl-*.so.1; do [ -x "$f" ] && '
    'printf "%s version %s\\n%s\\n" "$m" "$f" "$("$f" 2>&1)"; done; '
    "for f in /lib64/ld-linux*.so.* /lib/ld-linux*.so.* /lib*/libc.so.6 /lib/*/libc.so.6; do "
    '[ -x "$f" ] || continue; case $f in */libc.so.6) v=$("$f" 2>/dev/null) ;; '
    '*) v=$("$f" --version 2>/dev/null) ;; esac; '
    '[ -n "$v" ] && printf "%s version %s\\n%s\\n" "$m" "$f" "$v" && break; done; '
    "for f in /lib*/libnss_*.so.2 /lib/*/libnss_*.so.2 /usr/lib*/libnss_*.so.2 "
    '/usr/lib/*/libnss_*.so.2; do [ -e "$f" ] && printf "%s library %s\\n" "$m" "$f"; done; '
    + "".join(
        f'[ -n "${{{each}+set}}" ] && printf "%s variable {each}\\n%s\\n" "$m" "${each}"; '
        for each in _VARIABLES
    )
    + '[ -f "$HOSTALIASES" ] && { printf "%s file %s\\n" "$m" "$HOSTALIASES"; '
    f'limited {FILE_SECONDS} head -c 65536 "$HOSTALIASES" 5>&1; '
    'printf "%s end %s\\n" "$m" "$?"; }; '
    f'for t in {" ".join(_TOOLS)}; do command -v "$t" >/dev/null 2>&1 && '
    'printf "%s tool %s\\n" "$m" "$t"; done; '
)

# getent of musl-utils had no ahosts once: then it ends with 1 (getent(1): database unknown).
# busybox's ping looks the name up, prints what it found, and fails to send a packet that is longer
# than IP allows (RFC 791 3.1): none leaves the pod, nothing is waited for. iputils refuses that
# size, of an address too; then one packet goes out for each name. Nothing that may hang runs below
# a shell of its own: when that is ended, what it runs would live on.
_SHELL_CHOICE = (
    "for by in getent python3 node perl ruby ping none; do "
    '[ "$by" = none ] && break; command -v "$by" >/dev/null 2>&1 || continue; '
    '[ "$by" = getent ] || break; getent ahosts 127.0.0.1 >/dev/null 2>&1; [ $? -ne 1 ] && break; '
    'done; printf "%s by %s\\n" "$m" "$by"; '
    'size=; [ "$by" = ping ] && case $(ping -c 1 -W 1 -s 65535 127.0.0.1 2>&1) in '
    '*"PING "*) size="-s 65535" ;; esac; '
    'how() { case $by in getent) exec getent ahosts "$1" ;; '
    f"python3) exec python3 -c '{_PYTHON_ONE}' \"$1\" ;; "
    f"node) exec node -e '{_NODE_ONE}' -- \"$1\" ;; "
    f"perl) exec perl -e '{_PERL_ONE}' \"$1\" ;; "
    f"ruby) exec ruby -rsocket -e '{_RUBY_ONE}' \"$1\" ;; "
    'ping) exec ping -c 1 -W 1 $size "$1" 2>&1 ;; esac; }; '
)

# resolv.conf(5): each nameserver is waited for `timeout` seconds, `attempts` times; RES_OPTIONS
# counts last. A lookup that takes longer than all of them together has met none that answers, and
# would go on with the next candidate of the search list (glibc res_search: with the name as it
# is), only to wait as long again. The caps are resolv.conf(5)'s own.
_SHELL_PATIENCE = (
    "n=0 t=5 q=2 i=0; options() { for o in $*; do case $o in timeout:?|timeout:??) t=${o#*:} ;; "
    "attempts:?) q=${o#*:} ;; esac; done; }; set -f; "
    "[ -f /etc/resolv.conf ] && while [ $i -lt 200 ] && { IFS=' \t' read -r w o || [ \"$w\" ]; }; "
    "do i=$((i + 1)); "
    "case $w in nameserver) n=$((n + 1)) ;; options) options $o ;; esac; done </etc/resolv.conf; "
    "options $RES_OPTIONS; set +f; case $t in *[!0-9]*) t=5 ;; esac; t=${t#0}; "
    "case $q in [1-5]) ;; *) q=2 ;; esac; [ ${t:-0} -ge 1 ] || t=1; [ $t -le 30 ] || t=30; "
    "[ $n -ge 1 ] || n=1; [ $n -le 3 ] || n=3; most=$((t * q * n + (n > 1))); "
)

# One worker for every AT_ONCEth name. /proc/uptime is a clock that needs no program.
_SHELL_LOOKUPS = (
    "look() { read -r a _ </proc/uptime; b=$a; s=124; l=$((stop - ${a%.*})); "
    '[ "$l" -gt "$most" ] && l=$most; [ "$l" -gt 0 ] && '
    '{ limited "$l" how "$1" 5>&1; s=$?; read -r b _ </proc/uptime; }; '
    'printf "\\n= %s %s %s\\n" "$s" "$a" "$b"; }; '
    'work() { j=0; for n in "$@"; do case $n in /*) continue ;; esac; '
    f'[ $((j % {AT_ONCE})) -eq "$k" ] && look "$n" | while IFS= read -r x; do '
    'printf "%s view %s %s\\n" "$m" "$n" "$x"; case $x in "= "*) break ;; esac; '
    "done; j=$((j + 1)); done; }; "
    f'k=0; while [ "$by" != none ] && [ $k -lt {AT_ONCE} ] && [ $k -lt $# ]; do '
    'work "$@" & k=$((k + 1)); done; wait; '
)

_SHELL = (
    "read -r a _ </proc/uptime; stop=$((${a%.*} + SECONDS)); "
    + SHELL_FILES
    + 'look_inside() { files "$@"; '
    + _SHELL_SURROUNDINGS
    + _SHELL_CHOICE
    + _SHELL_PATIENCE
    + _SHELL_LOOKUPS
    + '}; whole $((SECONDS + 1)) look_inside "$@"'
)

_PYTHON_LOOKUPS = f"""
import re, socket, threading, time
for g in ("/lib*/libnss_*.so.2", "/lib/*/libnss_*.so.2", "/usr/lib/*/libnss_*.so.2"):
    for f in glob.glob(g): out.write(m + b" library " + f.encode() + b"\\n")
for v in {_VARIABLES!r}:
    if v in os.environ:
        out.write(m + b" variable " + v.encode() + b"\\n" + os.environb[v.encode()] + b"\\n")
try: out.write(m + b" version libc\\n" + os.confstr("CS_GNU_LIBC_VERSION").encode() + b"\\n")
except (OSError, ValueError, AttributeError): pass
out.write(m + b" tool python3\\n" + m + b" by python3\\n")
names, views, stop = [a for a in sys.argv[2:] if a[0] != "/"], {{}}, time.monotonic() + SECONDS
todo = list(reversed(names))
def look(n):
    s = socket
    try:
        return 0, [(a[4][0], "STREAM", a[3]) for a in s.getaddrinfo(
            n, None, 0, s.SOCK_STREAM, 0, s.AI_CANONNAME | s.AI_ADDRCONFIG)]
    except (OSError, UnicodeError) as e: return 2, [(str(e),)]
def work():
    while todo and time.monotonic() < stop:
        n, a = todo.pop(), time.monotonic()
        views[n] = (*look(n), a, time.monotonic())
workers = [threading.Thread(target=work, daemon=True) for _ in names[:{AT_ONCE}]]
for w in workers: w.start()
for w in workers: w.join(max(0, stop - time.monotonic()))
for n in names:
    s, rows, a, b = views.get(n, (124, [], 0, 0))
    for r in (*(" ".join(row) for row in rows), f"= {{s}} {{a:.2f}} {{b:.2f}}"):
        out.write(m + f" view {{n}} {{r}}\\n".encode())
"""
_PYTHON_END = "\nout.flush(); os._exit(0)"

_NODE_LOOKUPS = f"""
process.env.UV_THREADPOOL_SIZE = "{AT_ONCE}";
const {{lookup, ADDRCONFIG}} = require("dns"), names = rest.filter((a) => a[0] !== "/");
for (const v of {list(_VARIABLES)!r}) if (v in process.env)
  out.push(`${{m}} variable ${{v}}\\n${{process.env[v]}}\\n`);
out.push(`${{m}} tool node\\n${{m}} by node\\n`);
const end = () => done(() => process.exit(0));
let left = names.length;
if (!left) end();
setTimeout(end, SECONDS * 1000);
for (const n of names) {{
  const a = process.uptime(), say = (t) => out.push(`${{m}} view ${{n}} ${{t}}\\n`);
  lookup(n, {{all: true, hints: ADDRCONFIG, verbatim: true}}, (e, r) => {{
    if (e) say(e.code); else for (const x of r) say(`${{x.address}} STREAM`);
    say(`= ${{e ? 2 : 0}} ${{a}} ${{process.uptime()}}`);
    if (!--left) end();
  }});
}}
"""

# One process a name: nothing else can give up a getaddrinfo that hangs.
_PERL_LOOKUPS = f"""
use Socket 1.97 qw(:addrinfo SOCK_STREAM); use Time::HiRes qw(time);
for my $v (qw({" ".join(_VARIABLES)})) {{
  print "$m variable $v\\n$ENV{{$v}}\\n" if exists $ENV{{$v}}
}}
print "$m tool perl\\n$m by perl\\n"; $| = 1; my %at;
sub say_of {{ syswrite(STDOUT, "$m view $_[0] $_[1]\\n") }}
sub look {{
  my ($n, $t) = (shift, time);
  my ($e, @r) = getaddrinfo($n, "", {{socktype => SOCK_STREAM,
    flags => AI_CANONNAME | AI_ADDRCONFIG}});
  say_of($n, "$e") if $e;
  for (@r) {{
    my ($x, $a) = getnameinfo($_->{{addr}}, NI_NUMERICHOST, NIx_NOSERV);
    say_of($n, join(" ", $a, "STREAM", $_->{{canonname}} // ""));
  }}
  say_of($n, sprintf("= %d %.2f %.2f", $e ? 2 : 0, $t, time)); exit 0;
}}
$SIG{{ALRM}} = sub {{ kill "TERM", keys %at }}; alarm SECONDS;
for my $n (grep {{ !m{{^/}} }} @ARGV) {{
  if (keys %at >= {AT_ONCE}) {{ delete $at{{wait()}} }}
  my $p = fork; if (!$p) {{ look($n) }} $at{{$p}} = 1;
}}
while (keys %at) {{ my $p = wait; last if $p < 0; delete $at{{$p}} }}
"""


def lookups(seconds: int) -> tuple[Reader, ...]:
    """Readers of files that also look up names, none for longer than until SECONDS have passed."""

    def within(script: str) -> str:
        return script.replace("SECONDS", str(seconds))

    return readers(
        Scripts(
            shell=within(_SHELL),
            python=within(PYTHON_FILES + _PYTHON_LOOKUPS + PYTHON_DONE) + _PYTHON_END,
            node=within(NODE_FILES + _NODE_LOOKUPS),
            perl=within(PERL_FILES + _PERL_LOOKUPS + PERL_DONE),
        )
    )


# Of an exec's deadline: what starting it and bringing its output back may take.
_MARGIN_SECONDS = 4
_SHELLS = {
    "sh": ("sh", "-c"),
    "/busybox/sh": ("/busybox/sh", "-c"),
    "/bin/busybox": ("/bin/busybox", "sh", "-c"),
}


class Tools(NamedTuple):
    """Programs of a container that can carry bytes; `shell` is () where it has none."""

    shell: tuple[str, ...] = ()
    """The argv that a script's text is appended to."""
    names: frozenset[str] = frozenset()


class LookupsRead(NamedTuple):
    """What one exec told about a container; `views` has one of each name, in their order."""

    read: FilesRead
    views: tuple[LibcView, ...]
    tools: Tools = Tools()
    libc: LibcSeen = LibcSeen()


def look_inside(
    cluster: Cluster,
    target: ExecTarget,
    names: Sequence[str],
    paths: Sequence[str] = RESOLVER_PATHS,
    *,
    deadline: float = 30.0,
) -> LookupsRead:
    """Files at PATHS, C library and views of NAMES (model/names.py checked them) in one exec.

    DEADLINE is in seconds. Raises a child of ExecFailed where nothing reads there; a name that
    could not be looked up is a LibcView that says so. (With `cat` alone: three execs, no views.)
    """
    within = max(1, int(deadline) - _MARGIN_SECONDS)
    looked = first_that_reads(cluster, target, lookups(within), (*paths, *names), deadline)
    sections = _sections(looked.stdout, looked.marker)
    via = looked.read.via
    tools = frozenset(rest for kind, rest, _ in sections if kind == "tool")
    return LookupsRead(
        looked.read,
        parse_views(names, sections, via),
        Tools(_SHELLS.get(via, ()), tools),
        LibcSeen(
            looked.read.libraries,
            _version([body for kind, _, body in sections if kind == "version"]),
            tuple(
                (head, body.removesuffix("\n"))
                for kind, head, body in sections
                if kind == "variable"
            ),
        ),
    )


def _sections(stdout: bytes, marker: str) -> tuple[tuple[str, str, str], ...]:
    """(kind, rest of its line, text below it) of everything that is not a file."""
    if not marker:
        return ()
    parts = (part.partition(b"\n") for part in stdout.split(marker.encode())[1:])
    read = ((_text(head).strip().partition(" "), _text(body)) for head, _, body in parts)
    return tuple((kind, rest, body) for (kind, _, rest), body in read)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _version(said: Sequence[str]) -> str:
    """The two lines in which a loader names itself and its version (musl: on the second)."""
    if len(said) != 1:
        return ""
    return " ".join(said[0].split("\n")[:2]).strip()


_LABELS = {"getent": "getent ahosts"}
# busybox and iputils: `PING NAME (ADDRESS)`, `PING NAME(NAME (ADDRESS))`; ping6 alike.
_PING = re.compile(r"PING .*\((?P<address>[0-9A-Fa-f.:%a-z]+)\)")
_SAID_LIMIT = 200
# 124 is timeout(1)'s and our script's; 137 and 143 are 128 + SIGKILL, SIGTERM.
_GIVEN_UP = {124, 137, 143}


class _Ended(NamedTuple):
    status: int
    seconds: float | None


def parse_views(
    names: Sequence[str], sections: Sequence[tuple[str, str, str]], via: str
) -> tuple[LibcView, ...]:
    """The view of each of NAMES; could not look where the output says nothing about it.

    SECTIONS are (kind, rest of the line, ...); VIA is how the files were read.
    """
    lines: dict[str, list[str]] = {}
    ended = any(kind == "done" and rest in {"", "0"} for kind, rest, _ in sections)
    by = "nothing" if ended else ""
    for kind, rest, _ in sections:
        if kind == "view":
            name, _, line = rest.partition(" ")
            lines.setdefault(name, []).append(line)
        elif kind == "by":
            by = rest
    why = _why_nobody(by, via)
    return tuple(
        parse_view(name, lines[name], by) if name in lines else _unseen(name, why) for name in names
    )


def _why_nobody(by: str, via: str) -> str:
    if via in {"head", "cat"}:
        return f"the container has {via}, but no shell to look names up with"
    if by == "none":
        return "the container has no getent, python3, node, perl, ruby or ping"
    if by:
        return "not looked up when this was recorded"
    return "the output ended before it"


def _unseen(name: str, why: str) -> LibcView:
    return LibcView(name=name, outcome=ViewOutcome.COULD_NOT_LOOK, why=why)


def parse_view(name: str, lines: Sequence[str], by: str) -> LibcView:
    """The view of NAME from LINES: `ADDRESS TYPE [CANONICAL]`, ping's words, or an error.

    The last line is `= STATUS BEGIN END` (seconds of one clock); without it nobody saw the end.
    """
    ended = _ended(lines[-1]) if lines else None
    said = [line for line in lines if line.strip() and not line.startswith("= ")]
    rows = _ping_rows(said) if by == "ping" else _rows(said)
    addresses = tuple(dict.fromkeys(address for address, _ in rows))
    outcome, why = _outcome(bool(addresses), ended, said, by)
    return LibcView(
        name=name,
        outcome=outcome,
        addresses=addresses if outcome is ViewOutcome.FOUND else (),
        canonical_name=next((canonical for _, canonical in rows if canonical), ""),
        by=_LABELS.get(by, by),
        seconds=ended.seconds if ended else None,
        why=why,
    )


def _outcome(
    found: bool,  # noqa: FBT001  the first of the four things it depends on
    ended: _Ended | None,
    said: Sequence[str],
    by: str,
) -> tuple[ViewOutcome, str]:
    """getent(1): 0 found, 2 not found; ping ends with 1 when a host that it found is silent."""
    words = said[-1][:_SAID_LIMIT] if said else ""
    if ended is None:
        return ViewOutcome.COULD_NOT_LOOK, "the output ended before it"
    if found and (by == "ping" or ended.status == 0):
        return ViewOutcome.FOUND, ""
    if ended.status in _GIVEN_UP:
        spent = f" after {ended.seconds:.0f} s" if ended.seconds else ""
        return ViewOutcome.COULD_NOT_LOOK, f"given up{spent}: {by} had not ended"
    if ended.status in {1, 2}:
        return ViewOutcome.NOT_FOUND, words
    return ViewOutcome.COULD_NOT_LOOK, words or f"{by} ended with exit code {ended.status}"


def _ended(line: str) -> _Ended | None:
    words = line.split()
    if len(words) != 4 or words[0] != "=":
        return None
    try:
        status, begin, end = int(words[1]), float(words[2]), float(words[3])
    except ValueError:
        return None
    if not (isfinite(begin) and isfinite(end)):
        return None
    return _Ended(status, max(0.0, round(end - begin, 3)))


def _rows(lines: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(address, canonical name) of getent's lines; glibc names it on the first one alone."""
    return tuple(
        (words[0], words[2] if len(words) > 2 else "")
        for words in map(str.split, lines)
        if len(words) > 1 and is_address(words[0])
    )


def _ping_rows(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        found = _PING.match(line)
        if found and is_address(found["address"]):
            yield found["address"], ""
