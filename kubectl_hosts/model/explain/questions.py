"""Which questions one name makes, and how its lookup walks through the answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.addresses import Family
from kubectl_hosts.model.dns import Question
from kubectl_hosts.model.names import ADDRESS_TYPES, is_address
from kubectl_hosts.model.resolver.dns_walk import candidate_names, query_types
from kubectl_hosts.model.resolver.lookup import (
    look_up,
    look_up_address,
    look_up_records,
    reverse_name,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    from kubectl_hosts.model.dns import Answer
    from kubectl_hosts.model.resolver.environment import Resolver
    from kubectl_hosts.model.resolver.lookup import ReverseLookup
    from kubectl_hosts.model.resolver.outcome import Lookup, Query

_FAMILIES = {"A": Family.INET, "AAAA": Family.INET6}


def questions_of(name: str, qtype: str, resolver: Resolver) -> tuple[Question, ...]:
    """Every question that RESOLVER may send for NAME: each candidate in order, each type.

    QTYPE "" asks for the resolver's families. An address gives its PTR question, a literal of the
    C library none. The hosts file may keep all of them from being asked; they say what DNS has in
    its place.
    """
    if is_address(name):
        return (Question(reverse_name(name.partition("%")[0]), "PTR"),)
    if resolver.stub.parse_literal(name) is not None:
        return ()
    types = (qtype,) if qtype else query_types(resolver)
    candidates = candidate_names(name, resolver.resolv_conf, resolver.stub)
    return tuple(Question(each.name, asked) for each in candidates for asked in types)


def look_up_by(
    name: str, qtype: str, resolver: Resolver
) -> Generator[Query, Answer, Lookup | ReverseLookup]:
    """The walk of a lookup of NAME: it yields each query, is sent the answer, returns the result.

    QTYPE "", `A` or `AAAA` walks as getaddrinfo(3) does for the resolver's families; another type
    asks DNS alone; an address is looked up in reverse.
    """
    if is_address(name):
        return look_up_address(name, resolver)
    if qtype in ADDRESS_TYPES:
        return look_up(name, resolver)
    return look_up_records(name, qtype, resolver)


def resolver_for(qtype: str, resolver: Resolver) -> Resolver:
    """The resolver as a program uses it that wants one family alone (`A`, `AAAA`)."""
    if qtype not in _FAMILIES:
        return resolver
    return replace(resolver, families=replace(resolver.families, asked=_FAMILIES[qtype]))
