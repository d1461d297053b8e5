"""The readers of readers.py that also look names up, by the C library that the image has.

After the files, each argument that is no absolute path is a name (names.py has checked it); all
are looked up, at most AT_ONCE together, and each line that comes back is printed behind the marker
and the name. A name whose lookup hangs is given up alone, with the others' answers kept: the
script has a time to stop at. Nothing is written, and no name stands in a script's text.
"""

from __future__ import annotations

from kubectl_hosts.probes import readers
from kubectl_hosts.probes.readers import FILE_SECONDS, Reader, Scripts

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

# One worker for every AT_ONCEth name. /proc/uptime is a clock that needs no program.
_SHELL_LOOKUPS = (
    'look() { read -r a _ </proc/uptime; b=$a; s=124; l=$((stop - ${a%.*})); [ "$l" -gt 0 ] && '
    '{ limited "$l" how "$1" 5>&1; s=$?; read -r b _ </proc/uptime; }; '
    'printf "\\n= %s %s %s\\n" "$s" "$a" "$b"; }; '
    'work() { j=0; for n in "$@"; do case $n in /*) continue ;; esac; '
    f'[ $((j % {AT_ONCE})) -eq "$k" ] && look "$n" | while IFS= read -r x; do '
    'printf "%s view %s %s\\n" "$m" "$n" "$x"; done; j=$((j + 1)); done; }; '
    f'k=0; while [ "$by" != none ] && [ $k -lt {AT_ONCE} ] && [ $k -lt $# ]; do '
    'work "$@" & k=$((k + 1)); done; wait; '
)

_SHELL = (
    "read -r a _ </proc/uptime; stop=$((${a%.*} + SECONDS)); "
    + readers.SHELL_FILES
    + _SHELL_SURROUNDINGS
    + _SHELL_CHOICE
    + _SHELL_LOOKUPS
    + readers.SHELL_DONE
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

    return readers.readers(
        Scripts(
            shell=within(_SHELL),
            python=within(readers.PYTHON_FILES + _PYTHON_LOOKUPS + readers.PYTHON_DONE)
            + _PYTHON_END,
            node=within(readers.NODE_FILES + _NODE_LOOKUPS),
            perl=within(readers.PERL_FILES + _PERL_LOOKUPS + readers.PERL_DONE),
        )
    )
