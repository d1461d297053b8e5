"""The name of an address: the hosts file, then the PTR record; getnameinfo(3), RFC 1035 3.5."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubectl_hosts.model.addresses import parse_zoned
from kubectl_hosts.model.dns import RecordType
from kubectl_hosts.model.hosts.readers import find_lines, find_names
from kubectl_hosts.model.resolver.dns_walk import walk_dns
from kubectl_hosts.model.resolver.lookup import services_asked
from kubectl_hosts.model.resolver.outcome import Outcome, Query, Rule, RuleId, Source, Step

if TYPE_CHECKING:
    from collections.abc import Generator

    from kubectl_hosts.model.dns import Answer
    from kubectl_hosts.model.resolver.environment import Resolver

_FROM_FILES = Rule(RuleId.FILES_ANSWER, "the hosts file has the address; DNS is not asked")
_NOT_IN_FILES = Rule(RuleId.NOT_IN_FILES, "the hosts file does not have the address")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseLookup:
    """The names a program gets for an address, and the steps; source as in Lookup."""

    address: str
    outcome: Outcome
    source: str = ""
    names: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    unknown: tuple[str, ...] = ()


def reverse_name(address: str) -> str:
    """`4.3.2.1.in-addr.arpa.`, or under `ip6.arpa.`; "" where the text is no address."""
    parsed = parse_zoned(address.partition("%")[0])
    return f"{parsed.reverse_pointer}." if parsed else ""


def look_up_address(address: str, resolver: Resolver) -> Generator[Query, Answer, ReverseLookup]:
    """The names of ADDRESS by files and dns in the resolver's order."""
    steps: tuple[Step, ...] = ()
    outcome = Outcome.NXDOMAIN
    unknown: tuple[str, ...] = ()
    for service in services_asked(resolver):
        if service.name == Source.FILES:
            names = find_names(address, resolver.hosts, resolver.hosts_reader)
            outcome = Outcome.FOUND if names else Outcome.NXDOMAIN
            rule = _FROM_FILES if names else _NOT_IN_FILES
            lines = find_lines(address, resolver.hosts, resolver.hosts_reader)
            step = Step(source=Source.FILES, name=address, outcome=outcome, rule=rule, lines=lines)
            steps += (step,)
            if names:
                return ReverseLookup(
                    address=address, outcome=outcome, source=Source.FILES, names=names, steps=steps
                )
        elif service.name == Source.DNS and reverse_name(address):
            result = yield from walk_dns(reverse_name(address), resolver, (RecordType.PTR,))
            steps, outcome, unknown = steps + result.steps, result.outcome, result.unknown
            if result.addresses:
                return ReverseLookup(
                    address=address,
                    outcome=outcome,
                    source=Source.DNS,
                    names=result.addresses,
                    steps=steps,
                )
    return ReverseLookup(address=address, outcome=outcome, steps=steps, unknown=unknown)
