"""The records and response codes of the cluster zone; coredns plugin/backend_lookup.go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.cluster_dns.kubernetes import find_backings
from kubectl_hosts.model.cluster_dns.names import absolute, is_below, parse_address, record_type
from kubectl_hosts.model.dns import Question, Record, Reply, UnknownReply, same_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubectl_hosts.model.cluster_dns.backing import Backing, Found, View
    from kubectl_hosts.model.cluster_dns.chain import Served
    from kubectl_hosts.model.cluster_dns.needs import Asking

# backend_lookup.go maxCnameChainLength: the twelfth alias of a chain is dropped.
_LONGEST_CHAIN = 10
_SOA_TTL_CAP = 300


class UpstreamUnknown(Exception):
    """The answer hangs on a name outside, and nobody could ask for it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def soa(zone: str, ttl: int) -> Record:
    """The SOA that marks what the `kubernetes` plugin said; its serial is the time of a change."""
    return Record(
        name=zone,
        type="SOA",
        data=f"ns.dns.{zone} hostmaster.{zone} 0 7200 1800 86400 {ttl}",
        ttl=min(ttl, _SOA_TTL_CAP),
    )


def address_records(
    view: View, question: Question, enter: Callable[[Question], Asking[Served]]
) -> Asking[tuple[Found, tuple[Record, ...]]]:
    """What is behind a name and its A or AAAA records, aliases followed.

    Targets in the zone are looked up here; others through the whole server again. Raises NotKnown,
    and UpstreamUnknown where a target outside was not asked.
    """
    return (yield from _addresses(view, question, enter, ()))


def _addresses(
    view: View,
    question: Question,
    enter: Callable[[Question], Asking[Served]],
    before: tuple[Record, ...],
) -> Asking[tuple[Found, tuple[Record, ...]]]:
    found = yield from find_backings(view, question.name.lower())
    records: list[Record] = []
    for backing in found.backings:
        kind = record_type(backing.host)
        if kind == "CNAME":
            records += yield from _through_alias(view, question, backing, enter, before)
        elif kind == question.type:
            record = address_record(question.name, backing.host, view.options.ttl)
            if record not in records:
                records.append(record)
    return found, tuple(records)


def _through_alias(
    view: View,
    question: Question,
    backing: Backing,
    enter: Callable[[Question], Asking[Served]],
    before: tuple[Record, ...],
) -> Asking[tuple[Record, ...]]:
    # backend_lookup.go A: a target equal to or below the own name is dropped as a loop.
    target = absolute(backing.host)
    if is_below(question.name, target) or len(before) > _LONGEST_CHAIN:
        return ()
    alias = Record(name=question.name, type="CNAME", data=target, ttl=view.options.ttl)
    if any(same_name(alias.name, each.name) and same_name(target, each.data) for each in before):
        return ()
    asked = Question(target, question.type)
    if is_below(view.zone, target):
        _, records = yield from _addresses(view, asked, enter, (*before, alias))
        return (alias, *records) if records else ()
    served = yield from enter(asked)
    if isinstance(served.answer, UnknownReply):
        raise UpstreamUnknown(served.answer.what)
    answered = served.answer.answer if isinstance(served.answer, Reply) else ()
    return (alias, *answered)


def address_record(name: str, host: str, ttl: int) -> Record:
    """The A or AAAA record of an address, in the form that Go and RFC 5952 give it."""
    return Record(name=name, type=record_type(host), data=str(parse_address(host)), ttl=ttl)


def service_records(
    name: str, backings: tuple[Backing, ...], ttl: int
) -> tuple[tuple[Record, ...], tuple[Record, ...]]:
    """The SRV records for addresses behind NAME, and the addresses of their targets.

    The weight is 100 divided by the number of what is behind the name, ports without a number
    counted; one record for a (target, port), one address record for a (target, address).
    """
    addresses = tuple(each for each in backings if record_type(each.host) != "CNAME")
    weight = max(100 // len(addresses), 1) if addresses else 0
    pairs = [
        (
            Record(name=name, type="SRV", data=f"0 {weight} {each.port} {each.owner}", ttl=ttl),
            address_record(each.owner, each.host, ttl),
        )
        for each in addresses
        if each.port != -1
    ]
    return (
        tuple(dict.fromkeys(record for record, _ in pairs)),
        tuple(dict.fromkeys(address for _, address in pairs)),
    )
