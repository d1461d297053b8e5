"""How glibc, musl and Go resolve a name: the rules in which stub resolvers differ, a row each.

Measured on glibc 2.36, musl 1.2.3 and Go 1.26 (cluster-dns.md 5.1), and read in glibc
resolv/res_query.c and res_send.c, musl src/network/lookup_name.c and res_msend.c, Go
src/net/dnsclient_unix.go. A difference between releases is a row with one field replaced, and
the release's source beside it.
"""

from __future__ import annotations

import re
from enum import Enum
from fnmatch import fnmatch
from re import Pattern
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from kubectl_hosts.model.addresses import inet_aton, musl_literal, parse_zoned
from kubectl_hosts.model.hosts import readers
from kubectl_hosts.model.resolver import resolv_conf
from kubectl_hosts.model.resolver.nsswitch import DNS_FILES, DNS_UNLESS_UNAVAILABLE_FILES, FILES_DNS
from kubectl_hosts.model.resolver.outcome import (
    After,
    Consequence,
    Outcome,
    ResolverError,
    Rule,
    RuleId,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kubectl_hosts.model.addresses import InetAddress
    from kubectl_hosts.model.hosts.readers import HostsReader
    from kubectl_hosts.model.resolver.nsswitch import NssHosts
    from kubectl_hosts.model.resolver.resolv_conf import ResolvConfReader


class Libc(Enum):
    """Whose resolver it is; the value is what JSON prints."""

    GLIBC = "glibc"
    MUSL = "musl"
    GO = "go"
    WINDOWS = "windows"
    UNKNOWN = "unknown"


class SearchRule(Enum):
    """When the search list is used; resolv.conf(5) `ndots`."""

    __hash__ = object.__hash__  # as that of Outcome

    LIST_ALWAYS = "ndots decides whether the list comes before or after the absolute name"
    LIST_BELOW_NDOTS = "with ndots dots or more the list is not used"
    NO_LIST = "the list is not used"


class ServerRule(Enum):
    """In which order the nameservers are asked."""

    __hash__ = object.__hash__  # as that of Outcome

    TOGETHER = "A and AAAA go to one server, then both to the next"
    EACH = "each question goes to one server, then to the next"
    ALL_AT_ONCE = "every server is asked at once, the first usable reply wins"


class FamilyRule(Enum):
    """How the outcomes of A and AAAA make one outcome of the candidate."""

    __hash__ = object.__hash__  # as that of Outcome

    ANY_HIT = "an address of either family is a hit"
    A_THEN_AAAA = "A is judged first, and either family can end it"
    ANY_HIT_ELSE_A = "an address of either family is a hit, else A decides"


_ANY_NAME = re.compile(".*", re.DOTALL)


class StubResolver(Struct, frozen=True, kw_only=True, eq=False):
    """One resolver's rules; fields that share a row of cluster-dns.md 5.1 share its name."""

    id: str
    libc: Libc
    hosts_reader: HostsReader
    resolv_conf_reader: ResolvConfReader
    parse_literal: Callable[[str], InetAddress | None]
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
    """Whether such a name is sent all the same, as a broken message [measured: musl 1.2.3].

    Before 1.2.4 res_mkquery takes off one final dot and counts the other into the last label.
    CoreDNS answers FORMERR at once; res_msend hears only codes 0, 2 and 3, and waits in vain.
    """
    longest_name: int = 1024
    """Characters of a name, final dot apart, beyond which nothing is asked."""
    refuses_odd_names: bool = False
    """Go's isDomainName: numeric names and odd characters are refused without a query."""
    uses_tcp: bool = True


# res_hnok, which nss_dns holds against the name it asked: `*` and a first dash fail [measured].
_GLIBC_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_.-]+")
# dns_parse.c takes a byte of 128 or more for the end of the question [measured: 1.2.3].
_ASCII_NAME = re.compile(r"[\x01-\x7f]+")

_HIT = Consequence(After.HIT, Rule(RuleId.HIT, "an address was found; the search ends"))
_UNKNOWN = Consequence(After.UNKNOWN, Rule(RuleId.UNKNOWN, "what follows depends on this answer"))


def _next(rule: RuleId, sentence: str) -> Consequence:
    return Consequence(After.NEXT, Rule(rule, sentence))


_GLIBC_LEAVES = "glibc leaves the search list when no server answers, and asks the absolute name"
_NOT_SENT = "the name can't be sent: a label is empty or longer than 63, or all is too long"
_NO_SUCH_NAME = _next(
    RuleId.NEXT_AFTER_NXDOMAIN, "the name does not exist; the next candidate is asked"
)

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
            RuleId.GLIBC_NEXT_AFTER_NODATA,
            "glibc remembers an empty answer and goes on with the list",
        ),
        Outcome.SERVFAIL: _next(
            RuleId.GLIBC_NEXT_AFTER_SERVFAIL, "glibc remembers a SERVFAIL and goes on with the list"
        ),
        Outcome.ALIAS_ALONE: Consequence(
            After.STOP,
            Rule(
                RuleId.GLIBC_STOPS_AT_ALIAS_ALONE,
                "glibc stops at an answer without an address it takes",
            ),
            ResolverError.EAI_NONAME,
        ),
        # res_mkquery fails: NO_RECOVERY
        Outcome.SKIPPED: Consequence(After.ABSOLUTE, Rule(RuleId.GLIBC_CANNOT_SEND, _NOT_SENT)),
        Outcome.REFUSED: Consequence(
            After.ABSOLUTE, Rule(RuleId.GLIBC_LEAVES_LIST_ON_REFUSED, _GLIBC_LEAVES)
        ),
        Outcome.TIMEOUT: Consequence(
            After.ABSOLUTE, Rule(RuleId.GLIBC_LEAVES_LIST_ON_TIMEOUT, _GLIBC_LEAVES)
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


def _musl_stops(rule: RuleId, sentence: str, error: ResolverError) -> Consequence:
    return Consequence(After.STOP, Rule(rule, sentence), error)


def _musl_consequences(no_data: ResolverError) -> Mapping[Outcome, Consequence]:
    again = ResolverError.EAI_AGAIN
    return {
        Outcome.FOUND: _HIT,
        Outcome.UNKNOWN: _UNKNOWN,
        Outcome.NXDOMAIN: _NO_SUCH_NAME,
        Outcome.SKIPPED: _musl_stops(RuleId.MUSL_CANNOT_SEND, _NOT_SENT, ResolverError.EAI_NONAME),
        Outcome.NODATA: _musl_stops(
            RuleId.MUSL_STOPS_AT_NODATA, "musl stops at an empty answer", no_data
        ),
        Outcome.ALIAS_ALONE: _musl_stops(
            RuleId.MUSL_STOPS_AT_ALIAS_ALONE,
            "musl stops at an alias that leads to no address",
            no_data,
        ),
        Outcome.SERVFAIL: _musl_stops(
            RuleId.MUSL_STOPS_AT_SERVFAIL, "musl stops at a SERVFAIL", again
        ),
        Outcome.REFUSED: _musl_stops(
            RuleId.MUSL_STOPS_AT_REFUSED, "musl takes a refusal for no answer and stops", again
        ),
        Outcome.TIMEOUT: _musl_stops(
            RuleId.MUSL_STOPS_AT_TIMEOUT, "musl stops when no server answers", again
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
        Outcome.SKIPPED: _next(RuleId.MUSL_SKIPS_CANDIDATE, _NOT_SENT),
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
    consequences={
        **_musl_consequences(ResolverError.EAI_NONAME),
        Outcome.MALFORMED: _musl_stops(
            RuleId.MUSL_SENDS_MALFORMED,
            "the search domain `.` makes a name that musl before 1.2.4 can't ask; it gives up",
            ResolverError.EAI_AGAIN,
        ),
    },
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
    Outcome.NODATA: _next(RuleId.GO_NEXT_AFTER_NODATA, "Go goes on after an empty answer"),
    Outcome.ALIAS_ALONE: _next(
        RuleId.GO_NEXT_AFTER_ALIAS_ALONE, "Go goes on after an alias that leads to no address"
    ),
    Outcome.SERVFAIL: _next(RuleId.GO_NEXT_AFTER_SERVFAIL, "Go goes on after a SERVFAIL"),
    Outcome.REFUSED: _next(RuleId.GO_NEXT_AFTER_REFUSED, "Go goes on after a refusal"),
    Outcome.TIMEOUT: _next(RuleId.GO_NEXT_AFTER_TIMEOUT, "Go goes on when no server answers"),
    Outcome.SKIPPED: _next(RuleId.GO_NEXT_AFTER_SKIPPED, _NOT_SENT),
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


# Which resolver a container has: from its loader, its C library and its os-release(5).

_MUSL_PATHS = ("/lib/ld-musl-*.so.1", "*/ld-musl-*.so.1", "*/libc.musl-*.so.1")
_GLIBC_PATHS = ("*/libc.so.6", "*/ld-linux*.so.*", "*/ld64.so.*")

# Releases -> C library, as the distributions' package indexes list them.
_RELEASES: Mapping[str, Mapping[str, str]] = {
    "alpine": {
        "3.10": "1.1.22",
        "3.11": "1.1.24",
        "3.12": "1.1.24",
        "3.13": "1.2.2",
        "3.14": "1.2.2",
        "3.15": "1.2.2",
        "3.16": "1.2.3",
        "3.17": "1.2.3",
        "3.18": "1.2.4",
        "3.19": "1.2.4",
        "3.20": "1.2.5",
        "3.21": "1.2.5",
        "3.22": "1.2.5",
    },
    "debian": {"9": "2.24", "10": "2.28", "11": "2.31", "12": "2.36", "13": "2.41"},
    "ubuntu": {
        "16.04": "2.23",
        "18.04": "2.27",
        "20.04": "2.31",
        "22.04": "2.35",
        "24.04": "2.39",
        "25.04": "2.41",
    },
    "rhel": {"7": "2.17", "8": "2.28", "9": "2.34", "10": "2.39"},
    "amzn": {"2": "2.26", "2023": "2.34"},
    "fedora": {"38": "2.37", "39": "2.38", "40": "2.39", "41": "2.40", "42": "2.41"},
}
_SAME_AS = {"centos": "rhel", "rocky": "rhel", "almalinux": "rhel", "ol": "rhel"}
_MUSL_DISTRIBUTIONS = frozenset({"alpine", "postmarketos", "chimera"})

# Newest first: from this version on, this row.
_ROWS: Mapping[str, tuple[tuple[tuple[int, ...], StubResolver], ...]] = {
    "glibc": (
        ((2, 36), GLIBC),
        ((2, 33), GLIBC_BEFORE_2_36),
        ((2, 26), GLIBC_BEFORE_2_33),
        ((), GLIBC_BEFORE_2_26),
    ),
    "musl": (
        ((1, 2, 4), MUSL),
        ((1, 2, 2), MUSL_BEFORE_1_2_4),
        ((1, 1, 13), MUSL_BEFORE_1_2_2),
        ((), MUSL_BEFORE_1_1_13),
    ),
    "go": (((1, 16), GO), ((), GO_BEFORE_1_16)),
}
STATIC = replace(GO, id="unknown", libc=Libc.UNKNOWN)
CANDIDATES = (GLIBC, MUSL, GO)
"""Whose rules a program may follow that nobody saw: what they have in common is its answer."""
# A Windows container has no C library of this table, and no nsswitch.conf: its one service is the
# DNS client of Windows, which nobody models here.
WINDOWS = replace(GO, id="windows", libc=Libc.WINDOWS, obeys_criteria=True)


class LibcEvidence(Struct, frozen=True, kw_only=True):
    """What a probe saw of the C library; every field may be empty.

    paths: loaders and C libraries in the image. os_release: the file's bytes. version: text that
    names a version, such as what running the musl loader prints, `ldd --version` or `go version`.
    looked is False where nobody could look for them.
    """

    paths: frozenset[str] = frozenset()
    os_release: bytes = b""
    version: str = ""
    looked: bool = True


class DetectedLibc(Struct, frozen=True, kw_only=True):
    """The row to predict with, its version ("" if unknown), and what it assumes ("": nothing)."""

    stub: StubResolver
    version: str = ""
    doubt: str = ""


def detect_libc(evidence: LibcEvidence) -> DetectedLibc:
    """The C library of an image; a program of another kind (static Go, JVM, c-ares) may differ."""
    musl = _first_match(evidence.paths, _MUSL_PATHS)
    glibc = _first_match(evidence.paths, _GLIBC_PATHS)
    release = parse_os_release(evidence.os_release)
    distribution = release.get("ID", "")
    if musl and glibc:
        is_musl = distribution in _MUSL_DISTRIBUTIONS
        kind = "musl" if is_musl else "glibc"
        return _detected(kind, evidence, release, f"{musl} and {glibc} are both there")
    if musl or glibc:
        return _detected("musl" if musl else "glibc", evidence, release, "")
    if re.search(r"\bgo1\.\d+", evidence.version):
        return _detected("go", evidence, {}, "")
    known = _RELEASES.get(_SAME_AS.get(distribution, distribution))
    if known is not None and distribution:
        kind = "musl" if distribution in _MUSL_DISTRIBUTIONS else "glibc"
        return _detected(kind, evidence, release, "no C library was seen")
    if not evidence.looked:
        return DetectedLibc(stub=STATIC, doubt="its C library was not seen")
    return DetectedLibc(stub=STATIC, doubt="no C library in the image: a static program")


def _first_match(paths: frozenset[str], patterns: tuple[str, ...]) -> str:
    found = (path for path in sorted(paths) if any(fnmatch(path, each) for each in patterns))
    return next(found, "")


def _detected(
    kind: str, evidence: LibcEvidence, release: Mapping[str, str], doubt: str
) -> DetectedLibc:
    version = _version_in(evidence.version) or _release_version(kind, release)
    unknown = "" if version else f"the version of {kind} isn't known, the newest is assumed"
    return DetectedLibc(
        stub=row_for(kind, version),
        version=version,
        doubt="; ".join(each for each in (doubt, unknown) if each),
    )


def row_for(kind: str, version: str) -> StubResolver:
    """The row of `glibc`, `musl` or `go` for a version such as `1.2.3`; "" gives the newest."""
    rows = _ROWS[kind]
    if not version:
        return rows[0][1]
    numbers = tuple(int(part) for part in version.split("."))
    return next(row for since, row in rows if numbers >= since)


_VERSION = re.compile(r"(?<![0-9.])[0-9]{1,4}(?:\.[0-9]{1,4}){1,2}(?![0-9])")


def _version_in(text: str) -> str:
    found = _VERSION.findall(text)
    return found[-1] if found else ""


def _release_version(kind: str, release: Mapping[str, str]) -> str:
    distribution = release.get("ID", "")
    if (kind == "musl") != (distribution in _MUSL_DISTRIBUTIONS):
        return ""
    versions = _RELEASES.get(_SAME_AS.get(distribution, distribution), {})
    parts = release.get("VERSION_ID", "").split(".")
    return versions.get(".".join(parts[:2])) or versions.get(parts[0]) or ""


def parse_os_release(data: bytes) -> dict[str, str]:
    """The assignments of os-release(5), quotes taken off."""
    pairs = (line.partition("=") for line in data.decode("utf-8", "replace").split("\n"))
    return {
        key.strip(): value.strip().strip("\"'") for key, equals, value in pairs if equals and key
    }
