"""How glibc, musl and Go resolve a name: one row each, with the rules that end a search.

Measured on glibc 2.36, musl 1.2.3 and Go 1.26 (cluster-dns.md 5.1), and read in glibc
resolv/res_query.c and res_send.c, musl src/network/lookup_name.c and res_msend.c, Go
src/net/dnsclient_unix.go.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kubectl_hosts.model.addresses import inet_aton, musl_literal, parse_zoned
from kubectl_hosts.model.hosts import readers
from kubectl_hosts.model.resolver import resolv_conf
from kubectl_hosts.model.resolver.nsswitch import (
    DNS_FILES,
    DNS_UNLESS_UNAVAILABLE_FILES,
    FILES_DNS,
)
from kubectl_hosts.model.resolver.outcome import After, Consequence, Outcome, ResolverError, Rule
from kubectl_hosts.model.resolver.stub import (
    FamilyRule,
    Libc,
    SearchRule,
    ServerRule,
    StubResolver,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


# res_hnok, which nss_dns holds against the name it asked: `*` and a first dash fail [measured].
_GLIBC_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_.-]+")
# dns_parse.c takes a byte of 128 or more for the end of the question [measured: 1.2.3].
_ASCII_NAME = re.compile(r"[\x01-\x7f]+")

_HIT = Consequence(After.HIT, Rule("Hit", "an address was found; the search ends"))
_UNKNOWN = Consequence(After.UNKNOWN, Rule("Unknown", "what follows depends on this answer"))


def _next(rule: str, sentence: str) -> Consequence:
    return Consequence(After.NEXT, Rule(rule, sentence))


_GLIBC_LEAVES = "glibc leaves the search list when no server answers, and asks the absolute name"
_NOT_SENT = "the name can't be sent: a label is empty or longer than 63, or all is too long"
_NO_SUCH_NAME = _next("NextAfterNxdomain", "the name does not exist; the next candidate is asked")

GLIBC = StubResolver(
    id="glibc",
    libc=Libc.GLIBC,
    hosts_reader=readers.GLIBC,
    resolv_conf_reader=resolv_conf.GLIBC,
    parse_literal=lambda text: inet_aton(text) or parse_zoned(text),
    search_rule=SearchRule.LIST_ALWAYS,
    server_rule=ServerRule.TOGETHER,
    family_rule=FamilyRule.ANY_HIT,
    # res_query.c __res_context_search; "answer section that is not empty" [measured].
    consequences={
        Outcome.FOUND: _HIT,
        Outcome.UNKNOWN: _UNKNOWN,
        Outcome.NXDOMAIN: _NO_SUCH_NAME,
        Outcome.NODATA: _next(
            "GlibcNextAfterNodata", "glibc remembers an empty answer and goes on with the list"
        ),
        Outcome.SERVFAIL: _next(
            "GlibcNextAfterServfail", "glibc remembers a SERVFAIL and goes on with the list"
        ),
        Outcome.ALIAS_ALONE: Consequence(
            After.STOP,
            Rule("GlibcStopsAtAliasAlone", "glibc stops at an answer without an address it takes"),
            ResolverError.EAI_NONAME,
        ),
        # res_mkquery fails: NO_RECOVERY
        Outcome.SKIPPED: Consequence(After.ABSOLUTE, Rule("GlibcCannotSend", _NOT_SENT)),
        Outcome.REFUSED: Consequence(
            After.ABSOLUTE, Rule("GlibcLeavesListOnRefused", _GLIBC_LEAVES)
        ),
        Outcome.TIMEOUT: Consequence(
            After.ABSOLUTE, Rule("GlibcLeavesListOnTimeout", _GLIBC_LEAVES)
        ),
    },
    errors={
        Outcome.NXDOMAIN: ResolverError.EAI_NONAME,
        Outcome.NODATA: ResolverError.EAI_NODATA,
        Outcome.SERVFAIL: ResolverError.EAI_AGAIN,
        Outcome.REFUSED: ResolverError.EAI_AGAIN,
        Outcome.TIMEOUT: ResolverError.EAI_AGAIN,
        Outcome.SKIPPED: ResolverError.EAI_FAIL,
    },
    other_family_error=ResolverError.EAI_ADDRFAMILY,
    nsswitch_default=FILES_DNS,
    obeys_criteria=True,
    reads_host_conf=True,
    reads_environment=True,
    checks_owner=True,
    readable_name=_GLIBC_HOST_NAME,
    knows_lame=True,
    remembers_failures=True,
    knows_no_aaaa=True,
)
# 2.36 NEWS: `no-aaaa`. nss_database.c, with `files dns` as the default, came with 2.33 [U].
GLIBC_BEFORE_2_36 = replace(GLIBC, id="glibc < 2.36", knows_no_aaaa=False)
GLIBC_BEFORE_2_33 = replace(
    GLIBC_BEFORE_2_36, id="glibc < 2.33", nsswitch_default=DNS_UNLESS_UNAVAILABLE_FILES
)
GLIBC_BEFORE_2_26 = replace(
    GLIBC_BEFORE_2_33, id="glibc < 2.26", resolv_conf_reader=resolv_conf.GLIBC_BEFORE_2_26
)


def _musl_stops(rule: str, sentence: str, error: ResolverError) -> Consequence:
    return Consequence(After.STOP, Rule(rule, sentence), error)


def _musl_consequences(no_data: ResolverError) -> Mapping[Outcome, Consequence]:
    again = ResolverError.EAI_AGAIN
    return {
        Outcome.FOUND: _HIT,
        Outcome.UNKNOWN: _UNKNOWN,
        Outcome.NXDOMAIN: _NO_SUCH_NAME,
        Outcome.SKIPPED: _musl_stops("MuslCannotSend", _NOT_SENT, ResolverError.EAI_NONAME),
        Outcome.NODATA: _musl_stops("MuslStopsAtNodata", "musl stops at an empty answer", no_data),
        Outcome.ALIAS_ALONE: _musl_stops(
            "MuslStopsAtAliasAlone", "musl stops at an alias that leads to no address", no_data
        ),
        Outcome.SERVFAIL: _musl_stops("MuslStopsAtServfail", "musl stops at a SERVFAIL", again),
        Outcome.REFUSED: _musl_stops(
            "MuslStopsAtRefused", "musl takes a refusal for no answer and stops", again
        ),
        Outcome.TIMEOUT: _musl_stops(
            "MuslStopsAtTimeout", "musl stops when no server answers", again
        ),
    }


MUSL = StubResolver(
    id="musl",
    libc=Libc.MUSL,
    hosts_reader=readers.MUSL,
    resolv_conf_reader=resolv_conf.MUSL,
    parse_literal=musl_literal,
    search_rule=SearchRule.LIST_BELOW_NDOTS,
    server_rule=ServerRule.ALL_AT_ONCE,
    family_rule=FamilyRule.A_THEN_AAAA,
    # lookup_name.c 1.2.4: "treat names rejected by res_mkquery as nonexistent".
    consequences={
        **_musl_consequences(ResolverError.EAI_NODATA),
        Outcome.SKIPPED: _next("MuslSkipsCandidate", _NOT_SENT),
    },
    joins_root=True,
    readable_name=_ASCII_NAME,
    errors={Outcome.NXDOMAIN: ResolverError.EAI_NONAME},
    other_family_error=ResolverError.EAI_NODATA,
    longest_name=254,  # lookup_name.c: strnlen(name, 255)-1 >= 254 is EAI_NONAME
)
# 1.2.4: TCP, EAI_NODATA apart from EAI_NONAME, `search .`; WHATSNEW of musl.
MUSL_BEFORE_1_2_4 = replace(
    MUSL,
    id="musl < 1.2.4",
    consequences=_musl_consequences(ResolverError.EAI_NONAME),
    other_family_error=ResolverError.EAI_NONAME,
    sends_double_dot=True,
    uses_tcp=False,
)
# 1.2.2: one failing family fails the candidate; 1.1.13: the search list.
MUSL_BEFORE_1_2_2 = replace(
    MUSL_BEFORE_1_2_4, id="musl < 1.2.2", family_rule=FamilyRule.ANY_HIT_ELSE_A
)
MUSL_BEFORE_1_1_13 = replace(MUSL_BEFORE_1_2_2, id="musl < 1.1.13", search_rule=SearchRule.NO_LIST)

_GO_GOES_ON = {
    outcome: _next(f"GoNextAfter{outcome.name.title().replace('_', '')}", sentence)
    for outcome, sentence in (
        (Outcome.NODATA, "Go goes on after an empty answer"),
        (Outcome.ALIAS_ALONE, "Go goes on after an alias that leads to no address"),
        (Outcome.SERVFAIL, "Go goes on after a SERVFAIL"),
        (Outcome.REFUSED, "Go goes on after a refusal"),
        (Outcome.TIMEOUT, "Go goes on when no server answers"),
        (Outcome.SKIPPED, _NOT_SENT),
    )
}
GO = StubResolver(
    id="go",
    libc=Libc.GO,
    hosts_reader=readers.GO,
    resolv_conf_reader=resolv_conf.GO,
    parse_literal=parse_zoned,
    search_rule=SearchRule.LIST_ALWAYS,
    server_rule=ServerRule.EACH,
    family_rule=FamilyRule.ANY_HIT,
    consequences={
        Outcome.FOUND: _HIT,
        Outcome.UNKNOWN: _UNKNOWN,
        Outcome.NXDOMAIN: _NO_SUCH_NAME,
        **_GO_GOES_ON,
    },
    errors={
        Outcome.NXDOMAIN: ResolverError.NO_SUCH_HOST,
        Outcome.NODATA: ResolverError.NO_SUCH_HOST,
        Outcome.ALIAS_ALONE: ResolverError.NO_SUCH_HOST,
        Outcome.SERVFAIL: ResolverError.SERVER_MISBEHAVING,
        Outcome.REFUSED: ResolverError.SERVER_MISBEHAVING,
        Outcome.TIMEOUT: ResolverError.IO_TIMEOUT,
    },
    other_family_error=ResolverError.NO_SUITABLE_ADDRESS,
    nsswitch_default=FILES_DNS,
    longest_name=253,  # dnsclient.go isDomainName
    refuses_odd_names=True,
)
# golang/go#35305, #40920: without nsswitch.conf DNS came first.
GO_BEFORE_1_16 = replace(GO, id="go < 1.16", nsswitch_default=DNS_FILES)

ROWS = (
    GLIBC,
    GLIBC_BEFORE_2_36,
    GLIBC_BEFORE_2_33,
    GLIBC_BEFORE_2_26,
    MUSL,
    MUSL_BEFORE_1_2_4,
    MUSL_BEFORE_1_2_2,
    MUSL_BEFORE_1_1_13,
    GO,
    GO_BEFORE_1_16,
)
