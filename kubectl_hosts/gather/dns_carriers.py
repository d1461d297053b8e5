"""Asks a DNS server from inside a container, over TCP, in one exec for all questions."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.errors import HostsError
from kubectl_hosts.gather.carrier_scripts import CARRIERS, Carrier
from kubectl_hosts.gather.dns_messages import build_queries, match_replies, split_stream
from kubectl_hosts.gather.files import complaint, why
from kubectl_hosts.model.dns import NoReply, Reply, UnknownReply
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.observation import Asked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubectl_hosts.gather.dns_messages import Query
    from kubectl_hosts.gather.inside import Tools
    from kubectl_hosts.gather.ports import Cluster, ExecTarget
    from kubectl_hosts.model.dns import Answer, Question

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
_HEX = re.compile(r"[0-9a-f ]+")
# Where in its script a shell saw an error: `environment: line 6: `, `sh: 1: `.
_SCRIPT_LINE = re.compile(r"^\w+: (line )?\d+: ")


def ask_dns(  # noqa: PLR0913  who asks whom, what, with what and for how long
    cluster: Cluster,
    target: ExecTarget,
    nameserver: str,
    questions: Sequence[Question],
    *,
    tools: Tools,
    zone: str = "cluster.local.",
    deadline: float = 30.0,
    port: int = DNS_PORT,
) -> Asked:
    """What NAMESERVER (an IP address) replies to QUESTIONS that are sent from TARGET.

    TOOLS is what `look_inside` found there; names in ZONE go first. One exec, DEADLINE in seconds.
    Raises nothing that stands in the cluster's way: the failure is in the value.
    """
    carrier = _choose(tools)
    if carrier is None or not _is_address(nameserver):
        return Asked(server=nameserver, failure=_failure(nameserver, _fault(nameserver)))
    queries, refused = build_queries(tuple(dict.fromkeys(questions)))
    connections = share_out(queries, zone)
    seconds = max(1, min(SECONDS, int(deadline) - 4))
    argv, stdin = _command(carrier, tools, (nameserver, str(port), str(seconds)), connections)
    try:
        done = cluster.exec(target, argv, stdin=stdin, limit=_LIMIT, deadline=deadline)
    except HostsError as error:
        failure = _failure(nameserver, why(error), error.hint)
        return Asked(server=nameserver, by=carrier.by, failure=failure)
    heard = read_output(done.stdout, len(connections))
    if done.exit_code != 0 and not any(each.stream for each in heard):
        failure = _failure(nameserver, complaint(done, carrier.by))
        return Asked(server=nameserver, by=carrier.by, failure=failure)
    answers = answers_of(connections, heard, float(seconds))
    return Asked(
        server=nameserver,
        answers=(*answers, *refused),
        by=carrier.by,
        failure=failure_of(nameserver, answers, heard),
    )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _fault(nameserver: str) -> str:
    if not _is_address(nameserver):
        return f"{nameserver} is no IP address"
    return "the container has no bash, python3, perl, node, nc or socat"


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
    connections: Sequence[tuple[Query, ...]],
) -> tuple[tuple[str, ...], bytes]:
    """What to run and its stdin: the same for the same questions, so that a capture plays back."""
    program = (*tools.shell, *carrier.argv) if carrier.in_shell else carrier.argv
    messages = [_escaped(queries) for queries in connections]
    counts = [str(len(queries)) for queries in connections]
    if sum(map(len, messages)) <= _ARGUMENTS_LIMIT:
        pairs, stdin = zip(counts, messages, strict=True), b""
    else:
        pairs = zip(counts, "-" * len(counts), strict=True)
        stdin = "".join(f"{each}\n" for each in messages).encode()
    return (*program, *settings, *(each for pair in pairs for each in pair)), stdin


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
        if not (place.isascii() and place.isdigit() and int(place[:6]) < connections):
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
