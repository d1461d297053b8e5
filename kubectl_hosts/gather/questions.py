"""Which questions a lookup may put to a nameserver, and what it makes of the answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.addresses import Family
from kubectl_hosts.model.asking import answered
from kubectl_hosts.model.explain.questions import questions_for
from kubectl_hosts.model.names import ADDRESS_TYPES, is_address
from kubectl_hosts.model.resolver.lookup import look_up, look_up_records
from kubectl_hosts.model.resolver.reverse import look_up_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubectl_hosts.model.dns import Answer, Question
    from kubectl_hosts.model.resolver.environment import Resolver
    from kubectl_hosts.model.resolver.reverse import ReverseLookup
    from kubectl_hosts.model.resolver.steps import Lookup, Query

_FAMILIES = {"A": Family.INET, "AAAA": Family.INET6}


def questions_of(name: str, qtype: str, resolver: Resolver) -> tuple[Question, ...]:
    """All questions that a lookup of NAME may put to a nameserver, in order; a literal has none."""
    if is_address(name):
        return questions_for(name.partition("%")[0], "PTR", resolver)
    if resolver.stub.parse_literal(name) is not None:
        return ()
    return questions_for(name, qtype, resolver)


def look_up_by(
    name: str, qtype: str, resolver: Resolver, answer: Callable[[Query], Answer]
) -> Lookup | ReverseLookup:
    """What a program gets for NAME where ANSWER says what the nameservers say."""
    if is_address(name):
        return answered(look_up_address(name, resolver), answer)
    if qtype in ADDRESS_TYPES:
        return answered(look_up(name, resolver), answer)
    return answered(look_up_records(name, qtype, resolver), answer)


def resolver_for(qtype: str, resolver: Resolver) -> Resolver:
    """The resolver as a program uses it that wants one family alone (`A`, `AAAA`)."""
    if qtype not in _FAMILIES:
        return resolver
    return replace(resolver, families=replace(resolver.families, asked=_FAMILIES[qtype]))
