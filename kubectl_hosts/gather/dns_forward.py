"""Asks a DNS server's pod through a port-forward: the last resort, and another place to ask from.

The server sees 127.0.0.1 as the client (acl, view and autopath judge by that), and neither a
NodeLocal cache nor a NetworkPolicy nor a service mesh is on the way; cluster-dns.md 6.3.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from kubectl_hosts.errors import HostsError, one_line
from kubectl_hosts.gather.dns_carriers import (
    DNS_PORT,
    SECONDS,
    Heard,
    answers_of,
    failure_of,
    share_out,
)
from kubectl_hosts.gather.dns_messages import build_queries, split_stream
from kubectl_hosts.gather.files import why
from kubectl_hosts.model.observation import Asked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubectl_hosts.gather.dns_messages import Query
    from kubectl_hosts.gather.ports import Cluster, PodStream
    from kubectl_hosts.model.dns import Question

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
