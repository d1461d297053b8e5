"""Which questions a lookup may put to a nameserver, and what a name is asked as."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from kubectl_hosts.model.addresses import Family, parse_zoned
from kubectl_hosts.model.explain.questions import questions_for
from kubectl_hosts.model.resolver.lookup import look_up, look_up_records
from kubectl_hosts.model.resolver.reverse import ReverseLookup, look_up_address

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from kubectl_hosts.model.dns import Answer, Question
    from kubectl_hosts.model.resolver.environment import Resolver
    from kubectl_hosts.model.resolver.steps import Lookup, Query

_SERVICE_NAME = re.compile(r"_[^.]+\._(tcp|udp|sctp)\.", re.IGNORECASE)
Found = TypeVar("Found", "Lookup", "ReverseLookup")
_ADDRESS_TYPES = frozenset({"", "A", "AAAA"})
_FAMILIES = {"A": Family.INET, "AAAA": Family.INET6}


def type_asked(name: str, given: str) -> str:
    """The type asked for; `_port._proto.name` means SRV unless the user says otherwise."""
    return given or ("SRV" if _SERVICE_NAME.match(name) else "")


def is_for_libc(name: str, given: str) -> bool:
    """Whether the C library is asked: for addresses of names, not for other types or reverse."""
    return type_asked(name, given) in _ADDRESS_TYPES and not is_address(name)


def is_address(name: str) -> bool:
    """Whether NAME is an IP address, to be looked up in reverse."""
    return parse_zoned(name.partition("%")[0]) is not None


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
        return _drive(look_up_address(name, resolver), answer)
    if qtype in _ADDRESS_TYPES:
        return _drive(look_up(name, resolver), answer)
    return _drive(look_up_records(name, qtype, resolver), answer)


def _drive(walk: Generator[Query, Answer, Found], answer: Callable[[Query], Answer]) -> Found:
    try:
        query = next(walk)
        while True:
            query = walk.send(answer(query))
    except StopIteration as ended:
        found: Found = ended.value
        return found


def resolver_for(qtype: str, resolver: Resolver) -> Resolver:
    """The resolver as a program uses it that wants one family alone (`A`, `AAAA`)."""
    if qtype not in _FAMILIES:
        return resolver
    return replace(resolver, families=replace(resolver.families, asked=_FAMILIES[qtype]))
