"""The rules in which stub resolvers differ, as one value: a row of libc.py."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from re import Pattern
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kubectl_hosts.model.addresses import IPAddress
    from kubectl_hosts.model.hosts.readers import HostsReader
    from kubectl_hosts.model.resolver.nsswitch import NssHosts
    from kubectl_hosts.model.resolver.outcome import Consequence, Outcome, ResolverError
    from kubectl_hosts.model.resolver.resolv_conf import ResolvConfReader


class Libc(Enum):
    """Whose resolver it is; the value is what JSON prints."""

    GLIBC = "glibc"
    MUSL = "musl"
    GO = "go"
    UNKNOWN = "unknown"


class SearchRule(Enum):
    """When the search list is used; resolv.conf(5) `ndots`."""

    LIST_ALWAYS = "ndots decides whether the list comes before or after the absolute name"
    LIST_BELOW_NDOTS = "with ndots dots or more the list is not used"
    LIST_WITHOUT_DOTS = "the list is used for a name without a dot, and then alone"
    NO_LIST = "the list is not used"


class ServerRule(Enum):
    """In which order the nameservers are asked."""

    TOGETHER = "A and AAAA go to one server, then both to the next"
    EACH = "each question goes to one server, then to the next"
    ALL_AT_ONCE = "every server is asked at once, the first usable reply wins"


class FamilyRule(Enum):
    """How the outcomes of A and AAAA make one outcome of the candidate."""

    ANY_HIT = "an address of either family is a hit"
    A_THEN_AAAA = "A is judged first, and either family can end it"
    ANY_HIT_ELSE_A = "an address of either family is a hit, else A decides"


_ANY_NAME = re.compile(".*", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class StubResolver:
    """One resolver's rules; fields that share a row of cluster-dns.md 5.1 share its name."""

    id: str
    libc: Libc
    hosts_reader: HostsReader
    resolv_conf_reader: ResolvConfReader
    parse_literal: Callable[[str], IPAddress | None]
    search_rule: SearchRule
    server_rule: ServerRule
    family_rule: FamilyRule
    consequences: Mapping[Outcome, Consequence]
    errors: Mapping[Outcome, ResolverError]
    """The error when the absolute name's outcome decides."""
    other_family_error: ResolverError
    """A literal, or a hosts line, of the other family alone."""
    nsswitch_default: NssHosts | None = None
    """None: nsswitch.conf is not read, and files come before DNS."""
    obeys_criteria: bool = False
    """Whether `[NOTFOUND=return]` and services other than files and dns count."""
    reads_host_conf: bool = False
    reads_environment: bool = False
    checks_owner: bool = False
    """Only records at the end of the alias chain count; else any record of the type."""
    knows_lame: bool = False
    """An empty NOERROR with neither AA nor RA counts as a refusal."""
    readable_name: Pattern[str] = _ANY_NAME
    """The names for which an address in a reply is taken."""
    remembers_failures: bool = False
    """Whether a NODATA or SERVFAIL in the list outweighs the absolute name's error."""
    knows_no_aaaa: bool = False
    joins_root: bool = False
    """A search domain `.` makes a name with an empty label, which can't be sent."""
    sends_double_dot: bool = False
    """Whether such a name is sent all the same, and never answered [measured: musl 1.2.3]."""
    longest_name: int = 1024
    """Characters of a name, final dot apart, beyond which nothing is asked."""
    refuses_odd_names: bool = False
    """Go's isDomainName: numeric names and odd characters are refused without a query."""
    uses_tcp: bool = True
