"""A name through a resolver: literal, files, DNS, in its order; it asks, and never fetches.

`questions_of` says which questions one name makes, `look_up_by` how its lookup walks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.model.addresses import Family, address_text, inet_aton
from kubectl_hosts.model.cluster_dns.query_names import reverse_name
from kubectl_hosts.model.dns import Answer, Question, RecordType
from kubectl_hosts.model.hosts.readers import (
    FoundInHosts,
    OtherFamilyOnly,
    find_addresses,
    find_lines,
    find_names,
    lines_with,
)
from kubectl_hosts.model.names import ADDRESS_TYPES, is_address
from kubectl_hosts.model.resolver.dns_walk import (
    all_walk_alike,
    candidate_names,
    query_types,
    walk_dns,
)
from kubectl_hosts.model.resolver.environment import hosts_gap
from kubectl_hosts.model.resolver.libc import Libc
from kubectl_hosts.model.resolver.nsswitch import FILES_DNS, NssAction, NssService, NssStatus
from kubectl_hosts.model.resolver.outcome import (
    Lookup,
    Outcome,
    Query,
    ResolverError,
    ReverseLookup,
    Rule,
    RuleId,
    Source,
    Step,
)

if TYPE_CHECKING:
    from kubectl_hosts.model.resolver.environment import Resolver

Walk = Generator[Query, Answer, Lookup]

_LITERAL = Rule(RuleId.LITERAL, "an address is taken as it is; nothing is asked")
_LITERAL_UNKNOWN = Rule(RuleId.LITERAL_UNKNOWN, "what the program takes for an address isn't known")
_TOO_LONG = Rule(
    RuleId.NAME_TOO_LONG, "the name is longer than this resolver takes; nothing is asked"
)
_ODD_NAME = Rule(RuleId.GO_REFUSES_NAME, "Go takes this for no domain name; nothing is asked")
_FILES_FIRST = Rule(RuleId.FILES_ANSWER, "the hosts file has the name, and the lookup ends")
_FILES_OTHER = Rule(
    RuleId.OTHER_FAMILY_ENDS, "the hosts file has the other family alone; DNS isn't asked"
)
_FILES_THEN_DNS = Rule(
    RuleId.NOT_IN_FILES, "the hosts file does not have the name; DNS is asked next"
)
_FILES_THEN_OTHER = Rule(
    RuleId.NOT_IN_FILES, "the hosts file does not have the name; the next source is asked"
)
_FILES_LAST = Rule(RuleId.NOT_IN_FILES, "the hosts file does not have the name, and comes last")
_FILES_UNKNOWN = Rule(RuleId.FILES_UNKNOWN, "whether the hosts file has the name is not known")
_SERVICE_RETURNS = Rule(
    RuleId.NSS_RETURN, "nsswitch.conf says `return` here; no further source is asked"
)
_SERVICE_GOES_ON = Rule(
    RuleId.NSS_CONTINUE, "nsswitch.conf goes on though this source found it: the last one counts"
)
_SERVICE_NEXT = Rule(RuleId.NSS_CONTINUE, "the next source of nsswitch.conf is asked")
_SERVICE_UNKNOWN = Rule(RuleId.NSS_UNKNOWN, "what this source says isn't known")
_NO_SERVICE = Rule(RuleId.NSS_NO_SERVICE, "the hosts line of nsswitch.conf names no source")

# What the dns service reports to nsswitch; nss_dns/dns-host.c.
_STATUS = {
    Outcome.FOUND: NssStatus.SUCCESS,
    Outcome.SERVFAIL: NssStatus.TRYAGAIN,
    Outcome.TIMEOUT: NssStatus.UNAVAIL,
    Outcome.REFUSED: NssStatus.UNAVAIL,
}
# Go src/net/dnsclient.go isDomainName.
_GO_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_NUMERIC = re.compile(r"[0-9.]*")


def look_up(name: str, resolver: Resolver) -> Walk:
    """What a program in the container gets for NAME; getaddrinfo(3), Go net.LookupHost.

    Yields each Query, is sent its Answer, returns the Lookup. What isn't known ends the walk as
    UNKNOWN, with the names of what would have to be known.
    """
    literal = _literal(name, resolver)
    if literal is not None:
        return literal
    refused = _refused(name, resolver)
    if refused is not None:
        return refused
    aliased = dict(resolver.host_aliases).get(name, name) if "." not in name else name
    return (yield from _ask_services(name, aliased, resolver))


def look_up_records(name: str, qtype: str, resolver: Resolver) -> Walk:
    """What DNS has of another type (`SRV`, `TXT`, `CNAME`) for NAME, by this resolver's search.

    As res_search(3) asks: no literal, no hosts file.
    """
    if resolver.stub.libc is Libc.WINDOWS:
        nothing = Lookup(name=name, outcome=Outcome.NXDOMAIN)
        return _after_service(nothing, WINDOWS_CLIENT, resolver)[0]
    return (yield from walk_dns(name, resolver, (qtype,)))


def _literal(name: str, resolver: Resolver) -> Lookup | None:
    address = resolver.stub.parse_literal(name)
    if address is None:
        return _maybe_literal(name, resolver)
    step = Step(source=Source.LITERAL, name=name, outcome=Outcome.FOUND, rule=_LITERAL)
    if not resolver.families.asked.admits(address):
        return Lookup(
            name=name,
            outcome=Outcome.NODATA,
            error=resolver.stub.other_family_error,
            steps=(replace(step, outcome=Outcome.NODATA),),
        )
    return Lookup(
        name=name,
        outcome=Outcome.FOUND,
        source=Source.LITERAL,
        addresses=(address_text(address),),
        canonical_name=name,
        steps=(step,),
    )


def _maybe_literal(name: str, resolver: Resolver) -> Lookup | None:
    """`10.1` is an address to C libraries and none to Go: which of them it is must be known."""
    if resolver.stub.libc is not Libc.UNKNOWN or inet_aton(name) is None:
        return None
    what = f"whether the program takes {name} for an address, as C libraries do and Go does not"
    step = Step(source=Source.LITERAL, name=name, outcome=Outcome.UNKNOWN, rule=_LITERAL_UNKNOWN)
    return Lookup(name=name, outcome=Outcome.UNKNOWN, steps=(step,), unknown=(what,))


def _refused(name: str, resolver: Resolver) -> Lookup | None:
    stub = resolver.stub
    if not 0 < len(name.removesuffix(".").encode("utf-8", "surrogateescape")) <= stub.longest_name:
        rule = _TOO_LONG
    elif stub.refuses_odd_names and not _is_domain_name(name):
        rule = _ODD_NAME
    else:
        return None
    step = Step(source=Source.NAME, name=name, outcome=Outcome.SKIPPED, rule=rule)
    error = stub.errors[Outcome.NXDOMAIN]
    return Lookup(name=name, outcome=Outcome.NXDOMAIN, error=error, steps=(step,))


def _is_domain_name(name: str) -> bool:
    labels = name.removesuffix(".").split(".")
    return all(_GO_LABEL.fullmatch(label) for label in labels) and not _NUMERIC.fullmatch(name)


def services_asked(resolver: Resolver) -> tuple[NssService, ...]:
    """The services of a lookup in order: nsswitch.conf as this resolver obeys it, or files, dns."""
    stub = resolver.stub
    if stub.nsswitch_default is None:
        return FILES_DNS.services
    services = resolver.nss.services
    if stub.obeys_criteria or services is FILES_DNS.services:
        return services
    known = (each for each in services if each.name in {Source.FILES, Source.DNS})
    return tuple(NssService(each.name) for each in known)


def _ask_services(name: str, aliased: str, resolver: Resolver) -> Walk:
    services = services_asked(resolver)
    lookup = not_found = Lookup(name=name, outcome=Outcome.NXDOMAIN, error=_not_found(resolver))
    if not services:
        step = Step(source=Source.NSSWITCH, name=name, outcome=Outcome.SKIPPED, rule=_NO_SERVICE)
        return replace(lookup, error=ResolverError.EAI_SYSTEM, steps=(step,))
    for service in services:
        if service.name == Source.DNS:
            result = yield from walk_dns(aliased, resolver, query_types(resolver))
            lookup = _after_dns(lookup, result)
            status = _STATUS.get(result.outcome, NssStatus.NOTFOUND)
        elif service.name == Source.FILES:
            lookup, status = _after_files(lookup, resolver, services)
        else:
            lookup, status = _after_service(lookup, service.name, resolver)
        goes_on = status is NssStatus.SUCCESS and service.action_on(status) is not NssAction.RETURN
        if goes_on and lookup.outcome is not Outcome.UNKNOWN:
            # getaddrinfo.c [measured, 2.36]: what the last service comes to is the result.
            lookup = _with_last_rule(replace(not_found, steps=lookup.steps), _SERVICE_GOES_ON)
            continue
        is_over = lookup.source != "" or lookup.outcome is Outcome.UNKNOWN
        if is_over or status is NssStatus.SUCCESS:
            return lookup
        if service.action_on(status) is NssAction.RETURN:
            return _with_last_rule(lookup, _SERVICE_RETURNS)
    return lookup


def _not_found(resolver: Resolver) -> ResolverError:
    return resolver.stub.errors[Outcome.NXDOMAIN]


def _with_last_rule(lookup: Lookup, rule: Rule) -> Lookup:
    *before, last = lookup.steps
    return replace(lookup, steps=(*before, replace(last, rule=rule)))


def _after_dns(lookup: Lookup, result: Lookup) -> Lookup:
    """What DNS came to, after what LOOKUP went through before."""
    steps, unknown = lookup.steps + result.steps, lookup.unknown + result.unknown
    return replace(result, name=lookup.name, steps=steps, unknown=unknown)


def _not_in_files(services: tuple[NssService, ...]) -> Rule:
    names = [each.name for each in services]
    later = names[names.index(Source.FILES) + 1 :]
    if later and later[0] == Source.DNS:
        return _FILES_THEN_DNS
    return _FILES_THEN_OTHER if later else _FILES_LAST


def _after_files(
    lookup: Lookup, resolver: Resolver, services: tuple[NssService, ...]
) -> tuple[Lookup, NssStatus]:
    reader, family = resolver.hosts_reader, resolver.families.effective
    rule = _not_in_files(services)
    step = Step(source=Source.FILES, name=lookup.name, outcome=Outcome.NXDOMAIN, rule=rule)
    # A reader that takes all lines of a name needs the file to its end.
    is_whole = not (resolver.hosts.is_cut and reader.merges_lines)
    match find_addresses(lookup.name, resolver.hosts, reader, family):
        case FoundInHosts() as found if is_whole:
            lines = tuple(dict.fromkeys(match.line for match in found.matches))
            step = replace(step, outcome=Outcome.FOUND, rule=_FILES_FIRST, lines=lines)
            result = replace(
                lookup,
                outcome=Outcome.FOUND,
                source=Source.FILES,
                addresses=tuple(address_text(each) for each in found.addresses),
                canonical_name=found.canonical_name,
                error=None,
                steps=(*lookup.steps, step),
            )
            return result, NssStatus.SUCCESS
        case OtherFamilyOnly(matches, ends_lookup=True) if is_whole:
            lines = tuple(dict.fromkeys(match.line for match in matches))
            step = replace(step, outcome=Outcome.NODATA, rule=_FILES_OTHER, lines=lines)
            error = resolver.stub.other_family_error
            result = replace(lookup, outcome=Outcome.NODATA, error=error)
            return replace(result, steps=(*lookup.steps, step)), NssStatus.SUCCESS
        case _ if gap := hosts_gap(lookup.name, resolver):
            step = replace(step, outcome=Outcome.UNKNOWN, rule=_FILES_UNKNOWN)
            result = replace(
                lookup,
                outcome=Outcome.UNKNOWN,
                error=None,
                steps=(*lookup.steps, step),
                unknown=(*lookup.unknown, gap),
            )
            return result, NssStatus.UNAVAIL
        case _:
            return replace(lookup, steps=(*lookup.steps, step)), NssStatus.NOTFOUND


def _after_service(lookup: Lookup, service: str, resolver: Resolver) -> tuple[Lookup, NssStatus]:
    step = Step(source=service, name=lookup.name, outcome=Outcome.SKIPPED, rule=_SERVICE_NEXT)
    match ask_service(service, lookup.name, resolver):
        case ServiceFound(addresses):
            step = replace(step, outcome=Outcome.FOUND)
            result = replace(
                lookup, outcome=Outcome.FOUND, source=service, addresses=addresses, error=None
            )
            status = NssStatus.SUCCESS
        case NssStatus() as status:
            result = lookup
        case ServiceUnknown(what):
            step = replace(step, outcome=Outcome.UNKNOWN, rule=_SERVICE_UNKNOWN)
            unknown = (*lookup.unknown, what)
            result = replace(lookup, outcome=Outcome.UNKNOWN, error=None, unknown=unknown)
            status = NssStatus.UNAVAIL
    return replace(result, steps=(*lookup.steps, step)), status


# What services of nsswitch.conf(5) other than `files` and `dns` say, as far as it is known.


class ServiceFound(Struct, frozen=True):
    """The service has addresses for the name."""

    addresses: tuple[str, ...]


class ServiceUnknown(Struct, frozen=True):
    """What the service says isn't known."""

    what: str


ServiceAnswer = ServiceFound | NssStatus | ServiceUnknown
"""Addresses, the status of a service that has none, or what is not known."""

_LOOPBACK = {
    Family.UNSPEC: ("::1", "127.0.0.1"),
    Family.INET: ("127.0.0.1",),
    Family.INET6: ("::1",),
}


def ask_service(service: str, name: str, resolver: Resolver) -> ServiceAnswer:
    """What SERVICE says to NAME. A service whose library is missing is skipped [measured]."""
    libraries = resolver.nss_libraries
    if libraries is not None and service not in libraries:
        return NssStatus.UNAVAIL
    model = _SERVICES.get(service)
    if model is None:
        return ServiceUnknown(f"what the nsswitch service `{service}` says to {name}")
    return model(service, name, resolver)


def _myhostname(service: str, name: str, resolver: Resolver) -> ServiceAnswer:
    """nss-myhostname(8): localhost names, the own host name, `_gateway` and `_outbound`."""
    asked = name.lower().removesuffix(".")
    if asked in {"localhost", "localhost.localdomain"} or asked.endswith(
        (".localhost", ".localhost.localdomain")
    ):
        return ServiceFound(_LOOPBACK[resolver.families.effective])
    if asked in {"_gateway", "_outbound"} or not resolver.hostname:
        return ServiceUnknown(f"what the nsswitch service `{service}` says to {name}")
    if asked == resolver.hostname.lower():
        return ServiceUnknown("the addresses of this host as nss-myhostname lists them")
    return NssStatus.NOTFOUND


def _mdns_minimal(service: str, name: str, _resolver: Resolver) -> ServiceAnswer:
    """nss-mdns: the minimal variants answer `NAME.local` alone, with two labels."""
    labels = name.lower().removesuffix(".").split(".")
    if labels[-1] == "local" and len(labels) == 2:
        return ServiceUnknown(f"what multicast DNS (`{service}`) says to {name}")
    return NssStatus.UNAVAIL


WINDOWS_CLIENT = "Windows"
"""What stands for the DNS client of Windows among the services of a lookup."""


def _windows(_service: str, name: str, _resolver: Resolver) -> ServiceAnswer:
    return ServiceUnknown(f"what the resolver of Windows says to {name}, which is not modelled")


DNS_UNREAD = "DNS"
"""What stands for `dns` where resolv.conf was not read to its end."""


def _dns_unread(_service: str, name: str, _resolver: Resolver) -> ServiceAnswer:
    return ServiceUnknown(f"what DNS says to {name}: resolv.conf was not read to its end")


_SERVICES: dict[str, Callable[[str, str, Resolver], ServiceAnswer]] = {
    WINDOWS_CLIENT: _windows,
    DNS_UNREAD: _dns_unread,
    Source.MYHOSTNAME: _myhostname,
    "mdns_minimal": _mdns_minimal,
    "mdns4_minimal": _mdns_minimal,
    "mdns6_minimal": _mdns_minimal,
}


# The name of an address: the hosts file, then the PTR record; getnameinfo(3), RFC 1035 3.5.

_FROM_FILES = Rule(RuleId.FILES_ANSWER, "the hosts file has the address; DNS is not asked")
_NOT_IN_FILES = Rule(RuleId.NOT_IN_FILES, "the hosts file does not have the address")
_FILES_UNKNOWN_OF_ADDRESS = Rule(
    RuleId.FILES_UNKNOWN, "whether the hosts file has the address is not known"
)


def look_up_address(address: str, resolver: Resolver) -> Walk:
    """The names of ADDRESS by files and dns in the resolver's order."""
    lookup: Lookup = ReverseLookup(name=address, outcome=Outcome.NXDOMAIN)
    for service in services_asked(resolver):
        if service.name == Source.FILES:
            lookup = _names_in_files(lookup, resolver)
            if lookup.outcome is Outcome.UNKNOWN:
                return lookup
        elif service.name == Source.DNS:
            result = yield from walk_dns(reverse_name(address), resolver, (RecordType.PTR,))
            lookup = replace(
                lookup,
                outcome=result.outcome,
                source=result.source,
                addresses=result.addresses,
                steps=lookup.steps + result.steps,
                unknown=result.unknown,
            )
        if lookup.source:
            return lookup
    return lookup


def _names_in_files(lookup: Lookup, resolver: Resolver) -> Lookup:
    address, reader = lookup.name, resolver.hosts_reader
    names = find_names(address, resolver.hosts, reader)
    step = Step(source=Source.FILES, name=address, outcome=Outcome.NXDOMAIN, rule=_NOT_IN_FILES)
    gap = hosts_gap(address, resolver)
    if gap and (not names or reader.all_names_in_reverse):
        step = replace(step, outcome=Outcome.UNKNOWN, rule=_FILES_UNKNOWN_OF_ADDRESS)
        steps = (*lookup.steps, step)
        return replace(lookup, outcome=Outcome.UNKNOWN, steps=steps, unknown=(gap,))
    if names:
        lines = find_lines(address, resolver.hosts, reader)
        step = replace(step, outcome=Outcome.FOUND, rule=_FROM_FILES, lines=lines)
        lookup = replace(lookup, source=Source.FILES, addresses=names)
    return replace(lookup, outcome=step.outcome, steps=(*lookup.steps, step))


_FAMILIES = {"A": Family.INET, "AAAA": Family.INET6}


def questions_of(name: str, qtype: str, resolver: Resolver) -> tuple[Question, ...]:
    """Every question that RESOLVER may send for NAME: each candidate in order, each type.

    QTYPE "" asks for the resolver's families. An address gives its PTR question, a literal of the
    C library none. The hosts file may keep all of them from being asked; they say what DNS has in
    its place.
    """
    if is_address(name):
        return (Question(reverse_name(name), "PTR"),)
    if resolver.stub.parse_literal(name) is not None:
        return ()
    types = (qtype,) if qtype else query_types(resolver)
    candidates = candidate_names(name, resolver.resolv_conf, resolver.stub)
    return tuple(Question(each.name, asked) for each in candidates for asked in types)


def look_up_by(name: str, qtype: str, resolver: Resolver) -> Walk:
    """The walk of a lookup of NAME: it yields each query, is sent the answer, returns the result.

    QTYPE "", `A` or `AAAA` walks as getaddrinfo(3) does for the resolver's families; another type
    asks DNS alone; an address is looked up in reverse.
    """
    if is_address(name):
        return look_up_address(name, resolver)
    if qtype in ADDRESS_TYPES:
        return look_up(name, resolver)
    return look_up_records(name, qtype, resolver)


def all_come_to(
    lookup: Lookup,
    one: Resolver,
    others: tuple[Resolver, ...],
    answer: Callable[[Query], Answer],
) -> bool:
    """Whether OTHERS come to LOOKUP, which is ONE's, as is sure of most names without their walks.

    It is where no file has the name, and each ANSWER of the one nameserver is alike to all of them.
    """
    if [each.rule for each in lookup.steps[:1]] != [_FILES_THEN_DNS]:
        return False
    name, asked = lookup.name, lookup.steps[1:]
    return all(
        services_asked(each) == FILES_DNS.services
        and not (each.host_aliases or lines_with(name, each.hosts) or hosts_gap(name, each))
        and (_literal(name, each) or _refused(name, each)) is None
        for each in others
    ) and all_walk_alike(name, asked, one, others, answer)


def resolver_for(qtype: str, resolver: Resolver) -> Resolver:
    """The resolver as a program uses it that wants one family alone (`A`, `AAAA`)."""
    if qtype not in _FAMILIES:
        return resolver
    return replace(resolver, families=replace(resolver.families, asked=_FAMILIES[qtype]))
