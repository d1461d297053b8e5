"""What moves DNS messages over TCP from inside a container, by what its image has.

Every script takes PORT SECONDS, then for each connection its server, how many messages it carries
and their bytes, escaped for printf(1) (or `-`: they are the next line of stdin). All connections
run at once. What comes back is printed as `N HEX` lines, N the connection's place, in any number of
pieces; a line `N WORDS` says why one failed. Nothing is written.
"""

from __future__ import annotations

from typing import NamedTuple

from kubectl_hosts.probes.readers import SHELL_LIMITED

# Lines of several connections may be printed at once, so each is one write(2) of one whole line.
_SHELL = (
    SHELL_LIMITED
    + "{talk}; "
    + 'P=$1 T=$2 c=0; shift 2; while [ $# -gt 2 ]; do S=$1 q=$3; [ "$q" = - ] && IFS= read -r q; '
    + 'talk "$2" "$q" | while IFS= read -r x; do printf "%s %s\\n" "$c" "$x"; done & '
    + "shift 3; c=$((c + 1)); done; wait"
)

# Builtins only: an image may have bash and nothing else. `read -d ''` stops at each NUL, and takes
# all other bytes as they are in the C locale.
_BASH_TALK = r"""LC_ALL=C
rd() { x= n=$1; while [ $n -gt 0 ]; do IFS= read -r -d '' -n $n -u 3 s || return
for ((i = 0; i < ${#s}; i++)); do printf -v d %d "'${s:i:1}"; printf -v h %02x $((d & 255)); x+=$h
done; n=$((n - ${#s})); [ $n -gt 0 ] && x+=00 n=$((n - 1))
done; return 0; }
tcp() { exec 3<>/dev/tcp/$S/$P || return; printf "$2" >&3
for ((k = 0; k < $1; k++)); do rd 2 || return; printf '%s\n' $x; rd $((16#$x)) || return
while [ "$x" ]; do printf '%s\n' ${x:0:1000}; x=${x:1000}; done; done; }
talk() { limited "$T" tcp "$1" "$2" 5>&1; }"""

# The end of stdin closes our half of the connection: busybox's nc does that by itself (and CoreDNS
# answers all before it closes: cluster-dns.md 6.3), OpenBSD's with -N.
_NC_TALK = (
    'case $(nc -h 2>&1) in *OpenBSD*) o=-N ;; *) o= ;; esac; talk() { { printf "$2" | '
    'limited "$T" nc $o "$S" "$P" 5>&6 | od -An -v -tx1; } 6>&1; }'
)
_SOCAT_TALK = (
    'talk() { case $S in *:*) a="[$S]" ;; *) a=$S ;; esac; { printf "$2" | '
    'limited "$T" socat -t "$T" - "TCP:$a:$P" 5>&6 | od -An -v -tx1; } 6>&1; }'
)

_PYTHON = r"""
import re, socket, sys, threading, time
(P, T), rest = sys.argv[1:3], sys.argv[3:]
end, lock = time.monotonic() + int(T), threading.Lock()
def say(c, t):
    with lock: sys.stdout.write("%d %s\n" % (c, t)); sys.stdout.flush()
def left(): return max(0.01, end - time.monotonic())
def talk(c, S, n, q):
    b = b""
    try:
        s = socket.create_connection((S, int(P)), left()); s.sendall(q)
        while n > 0:
            s.settimeout(left()); p = s.recv(65536); b += p
            if not p: return
            say(c, p.hex())
            while len(b) > 1 and len(b) >= 2 + b[0] * 256 + b[1]:
                b = b[2 + b[0] * 256 + b[1]:]; n -= 1
    except socket.timeout: pass
    except OSError as e: say(c, e)
all = []
for c, (S, n, q) in enumerate(zip(rest[::3], rest[1::3], rest[2::3])):
    q = (sys.stdin.readline().strip() if q == "-" else q).encode()
    q = re.sub(rb"\\(\d{3})", lambda o: bytes((int(o[1], 8),)), q)
    all.append(threading.Thread(target=talk, args=(c, S, int(n), q), daemon=True))
for t in all: t.start()
for t in all: t.join(left())
"""

_PERL = r"""
use IO::Socket::IP; my ($P, $T) = splice @ARGV, 0, 2; my ($c, @all) = (0);
while (my ($S, $n, $q) = splice @ARGV, 0, 3) {
  if ($q eq "-") { $q = <STDIN>; chomp $q }
  $q =~ s/\\(\d{3})/chr oct $1/ge;
  my $p = fork;
  if (!$p) {
    my $b = ""; alarm $T;
    my $s = IO::Socket::IP->new(PeerHost => $S, PeerPort => $P, Proto => "tcp");
    if (!$s) { syswrite(STDOUT, "$c $@\n"); exit }
    syswrite($s, $q);
    while ($n > 0 && sysread($s, my $r, 1500)) {
      syswrite(STDOUT, "$c " . unpack("H*", $r) . "\n"); $b .= $r;
      while (length $b > 1 && length $b >= (my $l = 2 + unpack("n", $b))) {
        substr($b, 0, $l) = ""; $n--;
      }
    }
    exit;
  }
  push @all, $p; $c++;
}
waitpid($_, 0) for @all;
"""

_NODE = r"""
const net = require("net"), [P, T, ...rest] = process.argv.slice(1);
const lines = rest.includes("-") ? require("fs").readFileSync(0, "latin1").split("\n") : [];
const say = (c, t) => process.stdout.write(`${c} ${t}\n`);
const octal = (_, o) => String.fromCharCode(parseInt(o, 8));
for (let c = 0; 3 * c < rest.length; c++) {
  let [S, n, q] = rest.slice(3 * c, 3 * c + 3), b = Buffer.alloc(0);
  q = (q === "-" ? lines.shift() : q).replace(/\\(\d{3})/g, octal);
  const s = net.connect(+P, S, () => s.write(Buffer.from(q, "latin1")));
  s.on("error", (e) => say(c, e.message)); s.on("data", (p) => {
    say(c, p.toString("hex")); b = Buffer.concat([b, p]);
    while (b.length > 1 && b.length >= 2 + b.readUInt16BE(0)) {
      b = b.subarray(2 + b.readUInt16BE(0)); n--;
    }
    if (n <= 0) s.destroy();
  });
  setTimeout(() => s.destroy(), T * 1000).unref();
}
"""


class Carrier(NamedTuple):
    """One way to move messages; `by` is its program, `needs` all that the image must have for it.

    argv is followed by the arguments; with in_shell it follows the container's own `sh -c`.
    """

    by: str
    needs: frozenset[str]
    argv: tuple[str, ...]
    in_shell: bool = False


def _shell_script(talk: str) -> str:
    return _SHELL.replace("{talk}", talk)


# The first that an image has is taken. bash is measured on the real cluster, and is what images of
# Debian, Red Hat and Amazon have; busybox's nc is what Alpine and busybox have (6.1).
CARRIERS = (
    Carrier("bash", frozenset({"bash"}), ("bash", "-c", _shell_script(_BASH_TALK), "bash")),
    Carrier("python3", frozenset({"python3"}), ("python3", "-c", _PYTHON)),
    Carrier("perl", frozenset({"perl"}), ("perl", "-e", _PERL)),
    Carrier("node", frozenset({"node"}), ("node", "-e", _NODE, "--")),
    Carrier("nc", frozenset({"nc", "od"}), (_shell_script(_NC_TALK), "sh"), in_shell=True),
    Carrier("socat", frozenset({"socat", "od"}), (_shell_script(_SOCAT_TALK), "sh"), in_shell=True),
)
