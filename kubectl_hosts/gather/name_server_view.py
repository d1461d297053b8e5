"""What the nameservers of a pod say about names: on paper, and as asked from inside the pod."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.gather.resolver import NODE_SEARCH_DOMAINS
from kubectl_hosts.model.cluster_dns.causes import find_causes
from kubectl_hosts.model.cluster_dns.chain import unknown
from kubectl_hosts.model.cluster_dns.needs import UpstreamAsk, answer_asks
from kubectl_hosts.model.cluster_dns.server import serve
from kubectl_hosts.model.dns import Answer, NoReply, Question, Reply, UnknownReply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kubectl_hosts.gather.objects import ObjectReader
    from kubectl_hosts.model.cluster_dns.chain import Client, Served
    from kubectl_hosts.model.cluster_dns.locate import DnsServer
    from kubectl_hosts.model.cluster_dns.needs import Ask, Told
    from kubectl_hosts.model.explain.inputs import Exchange
    from kubectl_hosts.model.findings import Finding


class Paper(NamedTuple):
    """An answer on paper, and the questions that it leaves to servers outside."""

    served: Served | None
    outside: tuple[Question, ...] = ()


def answer_on_paper(
    question: Question,
    server: DnsServer,
    client: Client,
    reader: ObjectReader,
    replies: Mapping[tuple[str, Question], Answer],
) -> Paper:
    """What SERVER says to QUESTION; names sent outside take their answer from REPLIES.

    A name outside is asked at the same nameserver: it sends it on, as it does for the pod.
    """
    if NODE_SEARCH_DOMAINS in question.name:
        name = question.name.partition(f".{NODE_SEARCH_DOMAINS}")[0]
        return Paper(unknown(f"what {name} is below the node's search domains, which nobody read"))
    if server.model is None:
        return Paper(None, (question,))
    outside: list[Question] = []
    tell = _teller(server, reader, replies, outside)
    served = answer_asks(serve(question, server.model, client), tell)
    if isinstance(served.answer, UnknownReply) and question not in outside:
        outside.append(question)
    return Paper(served, tuple(outside))


def _teller(
    server: DnsServer,
    reader: ObjectReader,
    replies: Mapping[tuple[str, Question], Answer],
    outside: list[Question],
) -> Callable[[Ask], Told]:
    def tell(ask: Ask) -> Told:
        if not isinstance(ask, UpstreamAsk):
            return reader(ask)
        if not ask.same_at_nameserver:
            return ask.unknown
        outside.append(ask.question)
        answer = replies.get((server.address, ask.question))
        if isinstance(answer, (Reply, NoReply)):
            return answer
        return UnknownReply(f"what servers outside say to {ask.question.name} {ask.question.type}")

    return tell


def causes_of(
    exchange: Exchange,
    server: DnsServer,
    client: Client,
    reader: ObjectReader,
    replies: Mapping[tuple[str, Question], Answer],
) -> tuple[Finding, ...]:
    """What explains the answer of one exchange, from objects and Corefile."""
    if server.model is None or exchange.served is None:
        return ()
    asking = find_causes(exchange.question, exchange.served, server.model, client)
    return answer_asks(asking, _teller(server, reader, replies, []))
