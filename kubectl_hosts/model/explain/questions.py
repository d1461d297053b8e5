"""Which questions one name makes, and what the server on paper says to each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.addresses import parse_zoned
from kubectl_hosts.model.cluster_dns.causes import find_causes
from kubectl_hosts.model.cluster_dns.server import serve
from kubectl_hosts.model.dns import Question
from kubectl_hosts.model.explain.inputs import Exchange
from kubectl_hosts.model.resolver.dns_walk import candidate_names, query_types
from kubectl_hosts.model.resolver.reverse import reverse_name

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.chain import Client, ClusterDNS
    from kubectl_hosts.model.cluster_dns.needs import Asking
    from kubectl_hosts.model.resolver.environment import Resolver


def questions_for(name: str, qtype: str, resolver: Resolver) -> tuple[Question, ...]:
    """Every question that RESOLVER may send for NAME: each candidate in order, each type.

    QTYPE "" asks for the resolver's families. An address gives its PTR question. The hosts file
    may keep all of them from being asked; they say what DNS has in its place.
    """
    if parse_zoned(name) is not None:
        return (Question(reverse_name(name), "PTR"),)
    types = (qtype,) if qtype else query_types(resolver)
    candidates = candidate_names(name, resolver.resolv_conf, resolver.stub)
    return tuple(Question(each.name, asked) for each in candidates for asked in types)


def exchange_on_paper(
    question: Question, nameserver: str, server: ClusterDNS, client: Client | None = None
) -> Asking[Exchange]:
    """QUESTION put to SERVER on paper, with the causes of what it says; see `serve`."""
    served = yield from serve(question, server, client)
    causes = yield from find_causes(question, served, server, client)
    return Exchange(question=question, nameserver=nameserver, served=served, causes=causes)
