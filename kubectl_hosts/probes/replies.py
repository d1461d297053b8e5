"""Asks DNS servers over TCP: from inside a container, in one exec for all questions to all servers.

A script moves the messages (RFC 1035 4.2.2) by what the image has. It takes PORT SECONDS, then for
each connection its server, how many messages it carries and their bytes, escaped for printf(1) (or
`-`: they are the next line of stdin). All connections run at once. What comes back is printed as
`N HEX` lines, N the connection's place, in any number of pieces; a line `N WORDS` says why one
failed. dnspython builds and reads the messages; it is imported when the first is needed: 0.1 s.

Where nothing in a container can ask, the server's own pod is asked through a port-forward: another
place to ask from. The server then sees 127.0.0.1 as the client (acl, view and autopath judge by
that), and neither a NodeLocal cache nor a NetworkPolicy nor a service mesh is on the way;
cluster-dns.md 6.3.
"""

from __future__ import annotations

import re
import struct
from contextlib import closing
from ipaddress import ip_address
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.errors import HostsError, one_line
from kubectl_hosts.model.dns import NoReply, Rcode, Record, Reply, ServerReplies, UnknownReply
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.probes.files import SHELL_WHOLE, complaint, last_words, why

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dns.message import Message
    from dns.rrset import RRset

    from kubectl_hosts.model.dns import Answer, Question
    from kubectl_hosts.probes.lookups import Tools
    from kubectl_hosts.probes.ports import Cluster, CompletedExec, ExecTarget, PodStream

# Lines of several connections may be printed at once, so each is one write(2) of one whole line.
_MARKER = "=="
_SHELL = (
    SHELL_WHOLE
    + "{talk}; "
    + f"m={_MARKER} P=$1 T=$2 c=0; shift 2; "
    + 'ask() { while [ $# -gt 2 ]; do S=$1 q=$3; [ "$q" = - ] && IFS= read -r q; '
    + 'talk "$2" "$q" | while IFS= read -r x; do printf "%s %s\\n" "$c" "$x"; done & '
    + 'shift 3; c=$((c + 1)); done; wait; }; whole $((T + 2)) ask "$@"'
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

# RFC 1035 4.2.2: over TCP each message follows its length, two bytes, big endian.
_LENGTH = struct.Struct("!H")
_RCODES = {each.value: each for each in Rcode}


class MessageQuery(NamedTuple):
    """A question as it is sent: with RD, without EDNS, as glibc sends it (resolv.conf(5) edns0)."""

    id: int
    question: Question
    wire: bytes
    """Without the length."""

    @property
    def framed(self) -> bytes:
        """As it travels over TCP."""
        return _LENGTH.pack(len(self.wire)) + self.wire


def build_queries(
    questions: Sequence[Question],
) -> tuple[tuple[MessageQuery, ...], tuple[tuple[Question, UnknownReply], ...]]:
    """The queries, and those questions that no message can hold (a label of 64 bytes).

    The message's ID is the question's place: the same questions give the same bytes, so that
    a capture of them plays back.
    """
    queries: list[MessageQuery] = []
    refused: list[tuple[Question, UnknownReply]] = []
    for index, question in enumerate(questions):
        wire = _query_wire(question, index + 1)
        if wire:
            queries.append(MessageQuery(index + 1, question, wire))
        else:
            refused.append((question, UnknownReply(f"{question.name}: no DNS name")))
    return tuple(queries), tuple(refused)


# RFC 1035 3.2.2, RFC 3596, RFC 2782; and the class IN of 3.2.4.
_TYPE_CODES = {"A": 1, "CNAME": 5, "PTR": 12, "TXT": 16, "AAAA": 28, "SRV": 33}
_IN = 1
_HEADER = struct.Struct("!6H")
_RD = 0x0100
_TYPE_AND_CLASS = struct.Struct("!2H")
# A name that its labels' own bytes stand for, without escapes (RFC 1035 5.1) and IDNA.
_PLAIN_NAME = re.compile(r"(?=.{2,254}\Z)(?:[A-Za-z0-9_-]{1,63}\.)+")


def _query_wire(question: Question, message_id: int) -> bytes:
    """The message, b"" for a name or a type that cannot stand in one; RFC 1035 4.1.

    Most names are plain: for these, what reads the replies is imported while the servers answer,
    which takes as long.
    """
    code = _TYPE_CODES.get(question.type)
    if code is None or not _PLAIN_NAME.fullmatch(question.name):
        return _any_query_wire(question, message_id)
    labels = (bytes((len(each),)) + each for each in question.name.encode().split(b"."))
    header = _HEADER.pack(message_id, _RD, 1, 0, 0, 0)
    return header + b"".join(labels) + _TYPE_AND_CLASS.pack(code, _IN)


def _any_query_wire(question: Question, message_id: int) -> bytes:
    import dns.exception  # noqa: PLC0415
    import dns.message  # noqa: PLC0415
    import dns.rdatatype  # noqa: PLC0415

    try:
        query = dns.message.make_query(question.name, question.type, id=message_id)
    except (dns.exception.DNSException, ValueError):
        return b""
    return query.to_wire()


def split_stream(stream: bytes) -> Iterator[bytes]:
    """The messages of a TCP stream; one that was cut short is left out."""
    at = 0
    while at + _LENGTH.size <= len(stream):
        (length,) = _LENGTH.unpack_from(stream, at)
        at += _LENGTH.size
        if at + length > len(stream):
            return
        yield stream[at : at + length]
        at += length


def match_replies(
    queries: Sequence[MessageQuery], messages: Sequence[bytes]
) -> dict[Question, Reply | UnknownReply]:
    """The reply to each of QUERIES that is among MESSAGES, by ID and question; RFC 5452 9.1.

    A reply that cannot be read is an UnknownReply; what answers none of them is passed over.
    """
    by_id = {query.id: query for query in queries}
    replies: dict[Question, Reply | UnknownReply] = {}
    for message in messages:
        query = by_id.get(int.from_bytes(message[:2], "big"))
        if query is not None and len(message) > 2:
            reply = parse_reply(message, query.question)
            if reply is not None:
                replies.setdefault(query.question, reply)
    return replies


def parse_reply(wire: bytes, question: Question) -> Reply | UnknownReply | None:
    """The reply to QUESTION in WIRE; None where it answers another question, or is no reply.

    Any bytes give a value.
    """
    import dns.exception  # noqa: PLC0415
    import dns.message  # noqa: PLC0415

    try:
        message = dns.message.from_wire(wire, one_rr_per_rrset=True, ignore_trailing=True)
        return _reply(message) if _answers(message, question) else None
    except (dns.exception.DNSException, ValueError, NotImplementedError) as error:
        return UnknownReply(f"a reply that cannot be read ({type(error).__name__})")


def _answers(message: Message, question: Question) -> bool:
    """Whether it is a reply to QUESTION; one without a question section (FORMERR) is taken too."""
    import dns.flags  # noqa: PLC0415
    import dns.name  # noqa: PLC0415
    import dns.rdatatype  # noqa: PLC0415

    if not message.flags & dns.flags.QR:
        return False
    return all(
        asked.name == dns.name.from_text(question.name)
        and asked.rdtype == dns.rdatatype.from_text(question.type)
        for asked in message.question
    )


def _reply(message: Message) -> Reply | UnknownReply:
    import dns.flags  # noqa: PLC0415
    import dns.rcode  # noqa: PLC0415

    name = dns.rcode.to_text(message.rcode())
    rcode = _RCODES.get(name)
    if rcode is None:
        return UnknownReply(f"a reply with the response code {name}")
    return Reply(
        rcode=rcode,
        answer=tuple(_records(message.answer)),
        authority=tuple(_records(message.authority)),
        additional=tuple(_records(message.additional)),
        authoritative=bool(message.flags & dns.flags.AA),
        recursion_available=bool(message.flags & dns.flags.RA),
        truncated=bool(message.flags & dns.flags.TC),
    )


def _records(section: list[RRset]) -> Iterator[Record]:
    import dns.rdatatype  # noqa: PLC0415

    for rrset in section:
        for rdata in rrset:
            yield Record(
                name=rrset.name.to_text(),
                type=dns.rdatatype.to_text(rrset.rdtype),
                data=rdata.to_text(),
                ttl=rrset.ttl,
            )


DNS_PORT = 53
# CoreDNS gives up a silent upstream after 6 s (cluster-dns.md 5.1).
SECONDS = 20
"""How long a connection is listened to."""
# What goes elsewhere than the cluster's own zone may be answered late, and a server answers the
# questions of one connection in their order (cluster-dns.md 6.3).
_CONNECTIONS_OUTSIDE = 16
# argv travels in the URL of a websocket exec, stdin does not; stdin needs v5.channel.k8s.io
# (Kubernetes 1.29). Load balancers refuse URLs from 8 KiB on; an escape has six bytes there.
_ARGUMENTS_LIMIT = 2048
_LIMIT = 8 << 20
_PLACE = re.compile(r"[0-9]{1,6}")
_HEX = re.compile(r"[0-9a-f ]+")
# Where in its script a shell saw an error: `environment: line 6: `, `sh: 1: `.
_SCRIPT_LINE = re.compile(r"^\w+: (line )?\d+: ")


class ServerQueries(NamedTuple):
    """What one server is asked: the queries of each connection, and what no query can hold."""

    server: str
    connections: tuple[tuple[MessageQuery, ...], ...]
    refused: tuple[tuple[Question, Answer], ...]


def ask_dns(  # noqa: PLR0913  who asks whom, what, with what and for how long
    cluster: Cluster,
    target: ExecTarget,
    wanted: Mapping[str, Sequence[Question]],
    *,
    tools: Tools,
    zone: str = "cluster.local.",
    deadline: float = 30.0,
    seconds: int = SECONDS,
    port: int = DNS_PORT,
) -> tuple[ServerReplies, ...]:
    """What each server of WANTED (IP address: questions) replies to questions sent from TARGET.

    TOOLS is what `look_inside` found there; names in ZONE go first. One exec, DEADLINE in seconds;
    each server is listened to for SECONDS at most.
    Raises nothing that stands in the cluster's way: the failure is in the value.
    """
    carrier = _choose(tools)
    faults = {server: _fault(server, carrier) for server in wanted}
    asking = [
        _asking(server, questions, zone, len(wanted))
        for server, questions in wanted.items()
        if not faults[server]
    ]
    asked = {
        server: ServerReplies(server=server, failure=_failure(server, fault))
        for server, fault in faults.items()
        if fault
    }
    if carrier and asking:
        seconds = max(1, min(seconds, int(deadline) - 4))
        argv, stdin = _command(carrier, tools, (str(port), str(seconds)), asking)
        try:
            done = cluster.exec(
                target,
                argv,
                stdin=stdin,
                limit=_LIMIT,
                deadline=deadline,
                last=last_words(_MARKER),
            )
        except HostsError as error:
            told = [_unasked(each, carrier, why(error), error.hint) for each in asking]
        else:
            told = _heard_from(asking, carrier, done, float(seconds))
        asked |= {each.server: each for each in told}
    return tuple(asked[server] for server in wanted)


def _asking(server: str, questions: Sequence[Question], zone: str, servers: int) -> ServerQueries:
    queries, refused = build_queries(tuple(dict.fromkeys(questions)))
    outside = max(1, _CONNECTIONS_OUTSIDE // servers)
    return ServerQueries(server, share_out(queries, zone, outside=outside), refused)


def _unasked(asking: ServerQueries, carrier: Carrier, reason: str, hint: str = "") -> ServerReplies:
    failure = _failure(asking.server, reason, hint)
    return ServerReplies(server=asking.server, by=carrier.by, failure=failure)


def _heard_from(
    asking: Sequence[ServerQueries], carrier: Carrier, done: CompletedExec, seconds: float
) -> list[ServerReplies]:
    """What each server said, its connections being in the order in which they were asked."""
    heard = read_output(done.stdout, sum(len(each.connections) for each in asking))
    if done.exit_code != 0 and not any(each.stream for each in heard):
        return [_unasked(each, carrier, complaint(done, carrier.by)) for each in asking]
    told, rest = [], iter(heard)
    for each in asking:
        own = tuple(islice(rest, len(each.connections)))
        answers = answers_of(each.connections, own, seconds)
        told.append(
            ServerReplies(
                server=each.server,
                answers=(*answers, *each.refused),
                by=carrier.by,
                failure=failure_of(each.server, answers, own),
            )
        )
    return told


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _fault(nameserver: str, carrier: Carrier | None) -> str:
    if not _is_address(nameserver):
        return f"{nameserver} is not an IP address"
    return "" if carrier else "the container has no bash, python3, perl, node, nc or socat"


def _choose(tools: Tools) -> Carrier | None:
    for each in CARRIERS:
        if each.needs <= tools.names and (tools.shell or not each.in_shell):
            return each
    return None


def _failure(server: str, reason: str, hint: str = "") -> CouldNotLook:
    return CouldNotLook(what=f"DNS server {server}", why=reason, hint=hint)


def share_out(
    queries: Sequence[MessageQuery], zone: str, *, outside: int = _CONNECTIONS_OUTSIDE
) -> tuple[tuple[MessageQuery, ...], ...]:
    """The queries of each connection: names in ZONE on one, the others on at most OUTSIDE."""
    inside = tuple(each for each in queries if _is_below(each.question.name, zone))
    others = tuple(each for each in queries if not _is_below(each.question.name, zone))
    lanes = (others[place::outside] for place in range(outside))
    return tuple(each for each in (inside, *lanes) if each)


def _is_below(name: str, zone: str) -> bool:
    absolute, below = name.rstrip(".").lower(), zone.rstrip(".").lower()
    return absolute == below or absolute.endswith(f".{below}")


def _command(
    carrier: Carrier,
    tools: Tools,
    settings: tuple[str, ...],
    asking: Sequence[ServerQueries],
) -> tuple[tuple[str, ...], bytes]:
    """What to run and its stdin: the same for the same questions, so that a capture plays back."""
    program = (*tools.shell, *carrier.argv) if carrier.in_shell else carrier.argv
    lanes = [(each.server, queries) for each in asking for queries in each.connections]
    messages = [_escaped(queries) for _, queries in lanes]
    by_stdin = sum(map(len, messages)) > _ARGUMENTS_LIMIT
    connections = (
        (server, str(len(queries)), "-" if by_stdin else message)
        for (server, queries), message in zip(lanes, messages, strict=True)
    )
    stdin = "".join(f"{each}\n" for each in messages).encode() if by_stdin else b""
    return (*program, *settings, *chain.from_iterable(connections)), stdin


def _escaped(queries: Sequence[MessageQuery]) -> str:
    """The messages in their order, as a format that printf(1) writes out as their bytes."""
    data = b"".join(query.framed for query in queries)
    return "".join(
        chr(byte) if byte < 128 and chr(byte).isalnum() else f"\\{byte:03o}" for byte in data
    )


class CameBack(NamedTuple):
    """What came back on one connection, and the last words of the carrier about it."""

    stream: bytes
    words: str = ""


def read_output(stdout: bytes, connections: int) -> tuple[CameBack, ...]:
    """What each connection gave, from `N HEX` and `N WORDS` lines; other lines are passed over."""
    streams = ["" for _ in range(connections)]
    words = ["" for _ in range(connections)]
    for line in stdout.decode("utf-8", "replace").splitlines():
        place, _, rest = line.partition(" ")
        if not (_PLACE.fullmatch(place) and int(place) < connections):
            continue
        if _HEX.fullmatch(rest):
            streams[int(place)] += rest.replace(" ", "")
        elif rest.strip():
            words[int(place)] = _SCRIPT_LINE.sub("", rest.strip())[:200]
    even = (each[: len(each) // 2 * 2] for each in streams)
    return tuple(
        CameBack(bytes.fromhex(each), said) for each, said in zip(even, words, strict=True)
    )


def answers_of(
    connections: Sequence[tuple[MessageQuery, ...]], heard: Sequence[CameBack], seconds: float
) -> tuple[tuple[Question, Answer], ...]:
    """The answer to each question: NoReply to those that were listened for in vain.

    A server answers the questions of a connection in their order, so those behind one that it is
    silent about were not listened for, unless it is silent about everything.
    """
    replies = [
        match_replies(queries, tuple(split_stream(each.stream)))
        for queries, each in zip(connections, heard, strict=True)
    ]
    is_silent = not any(replies)
    found: list[tuple[Question, Answer]] = []
    for queries, replied, each in zip(connections, replies, heard, strict=True):
        blocker = ""
        for query in queries:
            answer = replied.get(query.question)
            if answer is None:
                found.append((query.question, _unanswered(each, blocker, seconds)))
                blocker = "" if is_silent else blocker or query.question.name
            else:
                found.append((query.question, answer))
    return tuple(found)


def _unanswered(heard: CameBack, blocker: str, seconds: float) -> NoReply | UnknownReply:
    if heard.words:
        return UnknownReply(f"a reply over TCP ({heard.words})")
    if blocker:
        return UnknownReply(f"a reply behind the one about {blocker}, which did not come in time")
    return NoReply(seconds)


def failure_of(
    server: str, answers: Sequence[tuple[Question, Answer]], heard: Sequence[CameBack]
) -> CouldNotLook | None:
    """Why the server could not be reached, where no reply came and the carrier said something."""
    said = next((each.words for each in heard if each.words), "")
    has_replied = any(isinstance(answer, Reply) for _, answer in answers)
    return None if has_replied or not said else _failure(server, said)


_PIECE = 1 << 16
_WORDS = 200


def ask_dns_by_port_forward(
    cluster: Cluster,
    pod: tuple[str, str],
    questions: Sequence[Question],
    *,
    zone: str = "cluster.local.",
    port: int = DNS_PORT,
    deadline: float = float(SECONDS),
) -> ServerReplies:
    """What POD (namespace, name; of CoreDNS, say) replies to QUESTIONS over TCP PORT.

    At most two connections, DEADLINE seconds for each; names in ZONE go first. Raises nothing that
    stands in the cluster's way: the failure is in the value.
    """
    server = "/".join(pod)
    queries, refused = build_queries(tuple(dict.fromkeys(questions)))
    connections = share_out(queries, zone, outside=1)
    heard = [_talk(cluster, pod, port, each, deadline) for each in connections]
    answers = answers_of(connections, heard, deadline)
    return ServerReplies(
        server=server,
        answers=(*answers, *refused),
        by=f"port-forward to {server}",
        vantage=f"pod {server} itself, not the pod that was asked about",
        failure=failure_of(server, answers, heard),
    )


def _talk(
    cluster: Cluster,
    pod: tuple[str, str],
    port: int,
    queries: tuple[MessageQuery, ...],
    deadline: float,
) -> CameBack:
    """All that comes back until every query has an answer, the deadline, or the end."""
    received = bytearray()
    try:
        with closing(cluster.forward(*pod, port, deadline=deadline)) as stream:
            stream.send(b"".join(query.framed for query in queries))
            _receive(stream, len(queries), received)
    except HostsError as error:
        return CameBack(bytes(received), "" if received else one_line(why(error))[:_WORDS])
    return CameBack(bytes(received))


def _receive(stream: PodStream, messages: int, received: bytearray) -> None:
    while sum(1 for _ in split_stream(bytes(received))) < messages:
        piece = stream.recv(_PIECE)
        if not piece:
            return
        received += piece
