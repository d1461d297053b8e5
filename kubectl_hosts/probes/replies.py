"""Asks DNS servers over TCP: from inside a container, in one exec for all questions to all servers.

Where nothing in a container can ask, the server's own pod is asked through a port-forward: another
place to ask from. The server then sees 127.0.0.1 as the client (acl, view and autopath judge by
that), and neither a NodeLocal cache nor a NetworkPolicy nor a service mesh is on the way;
cluster-dns.md 6.3.
"""

from __future__ import annotations

import re
from contextlib import closing
from ipaddress import ip_address
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.errors import HostsError, one_line
from kubectl_hosts.model.dns import Asked, NoReply, Reply, UnknownReply
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.probes.carriers import CARRIERS, Carrier
from kubectl_hosts.probes.dns_messages import build_queries, match_replies, split_stream
from kubectl_hosts.probes.files import complaint, why

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kubectl_hosts.model.dns import Answer, Question
    from kubectl_hosts.probes.dns_messages import Query
    from kubectl_hosts.probes.lookups import Tools
    from kubectl_hosts.probes.ports import Cluster, CompletedExec, ExecTarget, PodStream

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


class Asking(NamedTuple):
    """What one server is asked: the queries of each connection, and what no query can hold."""

    server: str
    connections: tuple[tuple[Query, ...], ...]
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
) -> tuple[Asked, ...]:
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
        server: Asked(server=server, failure=_failure(server, fault))
        for server, fault in faults.items()
        if fault
    }
    if carrier and asking:
        seconds = max(1, min(seconds, int(deadline) - 4))
        argv, stdin = _command(carrier, tools, (str(port), str(seconds)), asking)
        try:
            done = cluster.exec(target, argv, stdin=stdin, limit=_LIMIT, deadline=deadline)
        except HostsError as error:
            told = [_unasked(each, carrier, why(error), error.hint) for each in asking]
        else:
            told = _heard_from(asking, carrier, done, float(seconds))
        asked |= {each.server: each for each in told}
    return tuple(asked[server] for server in wanted)


def _asking(server: str, questions: Sequence[Question], zone: str, servers: int) -> Asking:
    queries, refused = build_queries(tuple(dict.fromkeys(questions)))
    outside = max(1, _CONNECTIONS_OUTSIDE // servers)
    return Asking(server, share_out(queries, zone, outside=outside), refused)


def _unasked(asking: Asking, carrier: Carrier, reason: str, hint: str = "") -> Asked:
    failure = _failure(asking.server, reason, hint)
    return Asked(server=asking.server, by=carrier.by, failure=failure)


def _heard_from(
    asking: Sequence[Asking], carrier: Carrier, done: CompletedExec, seconds: float
) -> list[Asked]:
    """What each server said, its connections being in the order in which they were asked."""
    heard = read_output(done.stdout, sum(len(each.connections) for each in asking))
    if done.exit_code != 0 and not any(each.stream for each in heard):
        return [_unasked(each, carrier, complaint(done, carrier.by)) for each in asking]
    told, rest = [], iter(heard)
    for each in asking:
        own = tuple(islice(rest, len(each.connections)))
        answers = answers_of(each.connections, own, seconds)
        told.append(
            Asked(
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
        return f"{nameserver} is no IP address"
    return "" if carrier else "the container has no bash, python3, perl, node, nc or socat"


def _choose(tools: Tools) -> Carrier | None:
    for each in CARRIERS:
        if each.needs <= tools.names and (tools.shell or not each.in_shell):
            return each
    return None


def _failure(server: str, reason: str, hint: str = "") -> CouldNotLook:
    return CouldNotLook(what=f"DNS server {server}", why=reason, hint=hint)


def share_out(
    queries: Sequence[Query], zone: str, *, outside: int = _CONNECTIONS_OUTSIDE
) -> tuple[tuple[Query, ...], ...]:
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
    asking: Sequence[Asking],
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


def _escaped(queries: Sequence[Query]) -> str:
    """The messages in their order, as a format that printf(1) writes out as their bytes."""
    data = b"".join(query.framed for query in queries)
    return "".join(
        chr(byte) if byte < 128 and chr(byte).isalnum() else f"\\{byte:03o}" for byte in data
    )


class Heard(NamedTuple):
    """What came back on one connection, and the last words of the carrier about it."""

    stream: bytes
    words: str = ""


def read_output(stdout: bytes, connections: int) -> tuple[Heard, ...]:
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
    return tuple(Heard(bytes.fromhex(each), said) for each, said in zip(even, words, strict=True))


def answers_of(
    connections: Sequence[tuple[Query, ...]], heard: Sequence[Heard], seconds: float
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


def _unanswered(heard: Heard, blocker: str, seconds: float) -> NoReply | UnknownReply:
    if heard.words:
        return UnknownReply(f"a reply over TCP ({heard.words})")
    if blocker:
        return UnknownReply(f"a reply behind the one about {blocker}, which did not come in time")
    return NoReply(seconds)


def failure_of(
    server: str, answers: Sequence[tuple[Question, Answer]], heard: Sequence[Heard]
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
) -> Asked:
    """What POD (namespace, name; of CoreDNS, say) replies to QUESTIONS over TCP PORT.

    At most two connections, DEADLINE seconds for each; names in ZONE go first. Raises nothing that
    stands in the cluster's way: the failure is in the value.
    """
    server = "/".join(pod)
    queries, refused = build_queries(tuple(dict.fromkeys(questions)))
    connections = share_out(queries, zone, outside=1)
    heard = [_talk(cluster, pod, port, each, deadline) for each in connections]
    answers = answers_of(connections, heard, deadline)
    return Asked(
        server=server,
        answers=(*answers, *refused),
        by=f"port-forward to {server}",
        vantage=f"pod {server} itself, not the pod that was asked about",
        failure=failure_of(server, answers, heard),
    )


def _talk(
    cluster: Cluster, pod: tuple[str, str], port: int, queries: tuple[Query, ...], deadline: float
) -> Heard:
    """All that comes back until every query has an answer, the deadline, or the end."""
    received = bytearray()
    try:
        with closing(cluster.forward(*pod, port, deadline=deadline)) as stream:
            stream.send(b"".join(query.framed for query in queries))
            _receive(stream, len(queries), received)
    except HostsError as error:
        return Heard(bytes(received), "" if received else one_line(why(error))[:_WORDS])
    return Heard(bytes(received))


def _receive(stream: PodStream, messages: int, received: bytearray) -> None:
    while sum(1 for _ in split_stream(bytes(received))) < messages:
        piece = stream.recv(_PIECE)
        if not piece:
            return
        received += piece
