"""What becomes of a question, a candidate and a lookup: outcomes, rules, and the steps taken.

A lookup is told as data: every step names the source or the server that was asked, what came of
it, and the rule that applied.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from kubectl_hosts.model.dns import Question, Record
    from kubectl_hosts.model.origin import Origin


class Outcome(Enum):
    """How a question, a candidate or a whole lookup ended; the value is what JSON prints."""

    __hash__ = object.__hash__  # in C; that of Enum hashes the name anew, a million times a check

    FOUND = "found"
    NXDOMAIN = "nxdomain"
    NODATA = "nodata"
    ALIAS_ALONE = "aliasAlone"
    """An answer section without an address of the type asked: NODATA to a reader, more to glibc."""
    SERVFAIL = "servfail"
    REFUSED = "refused"
    """REFUSED, NOTIMP, FORMERR and the rest: the server will not answer this question."""
    TIMEOUT = "timeout"
    MALFORMED = "malformed"
    """The message itself is broken: servers answer it with FORMERR, which is no answer to musl."""
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class ResolverError(Enum):
    """The error as a program gets it: getaddrinfo(3) codes, and Go's net.DNSError texts."""

    EAI_NONAME = "EAI_NONAME"
    EAI_NODATA = "EAI_NODATA"
    EAI_AGAIN = "EAI_AGAIN"
    EAI_FAIL = "EAI_FAIL"
    EAI_SYSTEM = "EAI_SYSTEM"
    EAI_ADDRFAMILY = "EAI_ADDRFAMILY"
    NO_SUCH_HOST = "no such host"
    SERVER_MISBEHAVING = "server misbehaving"
    IO_TIMEOUT = "i/o timeout"
    NO_SUITABLE_ADDRESS = "no suitable address found"


class After(Enum):
    """What a resolver does after a candidate."""

    HIT = "take the answer"
    NEXT = "ask the next candidate"
    STOP = "end the search"
    ABSOLUTE = "leave the search list and ask the absolute name"
    UNKNOWN = "depends on what isn't known"


class RuleId(Enum):
    """The rules of the resolvers, by names that JSON prints and that do not change within v1."""

    __hash__ = object.__hash__  # as that of Outcome

    HIT = "Hit"
    UNKNOWN = "Unknown"
    NEXT_NAMESERVER = "NextNameserver"
    NEXT_AFTER_NXDOMAIN = "NextAfterNxdomain"
    ASSUMED_ABSENT = "AssumedAbsent"
    LIBRARIES_DIFFER = "LibrariesDiffer"
    PROXY_ANSWERS = "ProxyAnswers"
    LITERAL = "Literal"
    LITERAL_UNKNOWN = "LiteralUnknown"
    NAME_TOO_LONG = "NameTooLong"
    FILES_ANSWER = "FilesAnswer"
    FILES_UNKNOWN = "FilesUnknown"
    OTHER_FAMILY_ENDS = "OtherFamilyEnds"
    NOT_IN_FILES = "NotInFiles"
    NSS_RETURN = "NssReturn"
    NSS_CONTINUE = "NssContinue"
    NSS_UNKNOWN = "NssUnknown"
    NSS_NO_SERVICE = "NssNoService"
    GLIBC_NEXT_AFTER_NODATA = "GlibcNextAfterNodata"
    GLIBC_NEXT_AFTER_SERVFAIL = "GlibcNextAfterServfail"
    GLIBC_STOPS_AT_ALIAS_ALONE = "GlibcStopsAtAliasAlone"
    GLIBC_STOPS_WITHOUT_A = "GlibcStopsWithoutA"
    GLIBC_CANNOT_SEND = "GlibcCannotSend"
    GLIBC_LEAVES_LIST_ON_REFUSED = "GlibcLeavesListOnRefused"
    GLIBC_LEAVES_LIST_ON_TIMEOUT = "GlibcLeavesListOnTimeout"
    MUSL_CANNOT_SEND = "MuslCannotSend"
    MUSL_SENDS_MALFORMED = "MuslSendsMalformed"
    MUSL_SKIPS_CANDIDATE = "MuslSkipsCandidate"
    MUSL_STOPS_AT_NODATA = "MuslStopsAtNodata"
    MUSL_STOPS_AT_ALIAS_ALONE = "MuslStopsAtAliasAlone"
    MUSL_STOPS_AT_SERVFAIL = "MuslStopsAtServfail"
    MUSL_STOPS_AT_REFUSED = "MuslStopsAtRefused"
    MUSL_STOPS_AT_TIMEOUT = "MuslStopsAtTimeout"
    GO_REFUSES_NAME = "GoRefusesName"
    GO_NEXT_AFTER_NODATA = "GoNextAfterNodata"
    GO_NEXT_AFTER_ALIAS_ALONE = "GoNextAfterAliasAlone"
    GO_NEXT_AFTER_SERVFAIL = "GoNextAfterServfail"
    GO_NEXT_AFTER_REFUSED = "GoNextAfterRefused"
    GO_NEXT_AFTER_TIMEOUT = "GoNextAfterTimeout"
    GO_NEXT_AFTER_SKIPPED = "GoNextAfterSkipped"


class Source(str, Enum):
    """Who can answer, or end, a look-up; its value is what JSON prints.

    Sources of nsswitch.conf(5) that are not here go by the name that the file has for them.
    """

    LITERAL = "literal"
    NAME = "name"
    """The name itself, which the resolver does not take."""
    NSSWITCH = "nsswitch"
    FILES = "files"
    DNS = "dns"
    MYHOSTNAME = "myhostname"

    __str__ = str.__str__  # the value, in every release of Python
    __hash__ = str.__hash__


class Rule(Struct, frozen=True):
    """A rule of a resolver: its id, and a sentence for people."""

    id: RuleId
    sentence: str


class Consequence(Struct, frozen=True):
    """What follows from an outcome: the next move, the rule behind it, the error if it stops."""

    after: After
    rule: Rule
    error: ResolverError | None = None


class Query(Struct, frozen=True):
    """A question a resolver sends to a nameserver (address text as in resolv.conf)."""

    question: Question
    nameserver: str


class Step(Struct, frozen=True, kw_only=True):
    """One step: a service asked (files), or one question to one nameserver (dns).

    lines are the lines of the hosts file that answered; suffix is the search domain that made
    the candidate, None for the name as asked.
    """

    source: str
    name: str
    outcome: Outcome
    rule: Rule
    type: str = ""
    server: str = ""
    suffix: str | None = None
    records: tuple[Record, ...] = ()
    lines: tuple[int, ...] = ()
    origin: Origin | None = None


class Lookup(Struct, frozen=True, kw_only=True):
    """What a program gets for a name, and the way there.

    addresses are in the order received (hosts: file order); the C library may sort them by
    RFC 6724 before a program sees them. For another type than addresses they are the records' data.
    unknown says what isn't known when outcome is UNKNOWN.
    """

    name: str
    outcome: Outcome
    source: str = ""
    """A Source, another service of nsswitch.conf by its name, or "" when nothing answered."""
    addresses: tuple[str, ...] = ()
    canonical_name: str = ""
    error: ResolverError | None = None
    steps: tuple[Step, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def candidates(self) -> tuple[str, ...]:
        """The names asked for over DNS, each once, in order."""
        return tuple(dict.fromkeys(step.name for step in self.steps if step.source == Source.DNS))


class ReverseLookup(Lookup, frozen=True, kw_only=True):
    """The names a program gets for an address: they stand in `addresses`, it is the `name`."""
