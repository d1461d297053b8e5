"""DNS data as values: question, records, reply or none, and what was seen of names in a pod.

RFC 1035; the words are those of RFC 9499.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from kubectl_hosts.model.evidence import CouldNotLook
    from kubectl_hosts.model.origin import Origin

# RFC 1034 3.6.2: an alias stands for every type but itself; chains longer than this are loops.
_LONGEST_CHAIN = 16


class Rcode(Enum):
    """Response codes by their names in the IANA DNS RCODE registry (RFC 6895 2.3)."""

    __hash__ = object.__hash__  # as that of Outcome

    NOERROR = "NOERROR"
    FORMERR = "FORMERR"
    SERVFAIL = "SERVFAIL"
    NXDOMAIN = "NXDOMAIN"
    NOTIMP = "NOTIMP"
    REFUSED = "REFUSED"
    YXDOMAIN = "YXDOMAIN"
    YXRRSET = "YXRRSET"
    NXRRSET = "NXRRSET"
    NOTAUTH = "NOTAUTH"
    NOTZONE = "NOTZONE"


# miekg/dns types.go, msg.go: the words that CoreDNS knows in a Corefile.
CLASSES = frozenset({"IN", "CS", "CH", "HS", "NONE", "ANY"})
"""Classes by name."""
RCODES = frozenset(
    (
        *(each.value for each in Rcode),
        *("DSOTYPENI", "BADSIG", "BADVERS", "BADKEY", "BADTIME", "BADMODE", "BADNAME", "BADALG"),
        *("BADTRUNC", "BADCOOKIE"),
    )
)
"""Response codes by name."""
TYPES = frozenset(
    "A NS MD MF CNAME SOA MB MG MR NULL PTR HINFO MINFO MX TXT RP AFSDB X25 ISDN RT NSAP-PTR SIG "  # noqa: SIM905
    "KEY PX GPOS AAAA LOC NXT EID NIMLOC SRV ATMA NAPTR KX CERT DNAME OPT APL DS SSHFP IPSECKEY "
    "RRSIG NSEC DNSKEY DHCID NSEC3 NSEC3PARAM TLSA SMIMEA HIP NINFO RKEY TALINK CDS CDNSKEY "
    "OPENPGPKEY CSYNC ZONEMD SVCB HTTPS SPF UINFO UID GID UNSPEC NID L32 L64 LP EUI48 EUI64 NXNAME "
    "URI CAA AVC AMTRELAY RESINFO TKEY TSIG IXFR AXFR MAILB MAILA ANY TA DLV None Reserved".split()
)
"""Types by name."""


class RecordType(str, Enum):
    """The types that a resolver asks for by itself; a question may have any other type as text."""

    A = "A"
    AAAA = "AAAA"
    CNAME = "CNAME"
    PTR = "PTR"

    __str__ = str.__str__  # the value, in every release of Python
    __hash__ = str.__hash__


class Question(Struct, frozen=True):
    """QNAME (absolute, with its final dot, as sent) and QTYPE (`A`, `AAAA`, `SRV`, ...)."""

    name: str
    type: str


class Record(Struct, frozen=True, kw_only=True):
    """A resource record; data is RDATA in presentation form, names in it absolute."""

    name: str
    type: str
    data: str
    ttl: int = 0


class Reply(Struct, frozen=True, kw_only=True):
    """A reply that arrived, or that the model knows would arrive.

    `authoritative` and `recursion_available` are the AA and RA bits; `truncated` is TC. `origin`
    is what made the server answer so, where that is known.
    """

    rcode: Rcode = Rcode.NOERROR
    answer: tuple[Record, ...] = ()
    authority: tuple[Record, ...] = ()
    additional: tuple[Record, ...] = ()
    authoritative: bool = False
    recursion_available: bool = True
    truncated: bool = False
    origin: Origin | None = None

    @property
    def is_nodata(self) -> bool:
        """NOERROR with an empty answer section; RFC 2308 2.2 (an alias alone is not that)."""
        return self.rcode is Rcode.NOERROR and not self.answer

    @property
    def is_lame(self) -> bool:
        """Empty NOERROR with neither AA nor RA: glibc's res_send.c takes it for a refusal."""
        return self.is_nodata and not self.authoritative and not self.recursion_available

    @property
    def soa(self) -> Record | None:
        """The SOA of a negative answer; RFC 2308 3."""
        return next((record for record in self.authority if record.type == "SOA"), None)


class NoReply(Struct, frozen=True):
    """Nothing came back from the server within `after_seconds`."""

    after_seconds: float = 5.0


NOBODY_ASKED_OUTSIDE = "nobody asked DNS outside the cluster for "
"""How `what` of an UnknownReply starts where a name was sent to servers outside."""


class UnknownReply(Struct, frozen=True):
    """What the server would say isn't known.

    `what` names the part that isn't (a noun phrase), or says that nobody asked.
    `assumed_absent`: the search goes on as after an NXDOMAIN, and whoever asked says so.
    """

    what: str
    origin: Origin | None = None
    assumed_absent: bool = False


Answer = Reply | NoReply | UnknownReply


def same_name(one: str, other: str) -> bool:
    """Whether two absolute names are equal: ASCII letters without regard to case; RFC 4343."""
    return one.rstrip(".").lower() == other.rstrip(".").lower()


def follow_aliases(question: Question, answer: tuple[Record, ...]) -> tuple[str, ...]:
    """The names from QNAME along the CNAMEs of ANSWER, QNAME first; a loop ends the walk."""
    names = [question.name]
    for _ in range(_LONGEST_CHAIN):
        target = next(
            (
                record.data
                for record in answer
                if record.type == "CNAME" and same_name(record.name, names[-1])
            ),
            None,
        )
        if target is None or any(same_name(target, name) for name in names):
            break
        names.append(target)
    return tuple(names)


# What was seen of names in a pod: the C library's own answers, and a DNS server's replies.


class ViewOutcome(Enum):
    """How a lookup by the pod's own C library ended; the value is what JSON prints."""

    FOUND = "found"
    NOT_FOUND = "not-found"
    COULD_NOT_LOOK = "could-not-look"


class LibcView(Struct, frozen=True, kw_only=True):
    """One name as the C library in a container resolves it: getaddrinfo(3), AF_UNSPEC.

    addresses are in the order of the answer, each once. canonical_name is AI_CANONNAME's, "" where
    the program shows none.
    """

    name: str
    outcome: ViewOutcome
    addresses: tuple[str, ...] = ()
    canonical_name: str = ""
    by: str = ""
    """What looked: `getent ahosts`, `python3`, `node`, `perl`, `ruby`, `ping`."""
    seconds: float | None = None
    """How long it took; None where nothing measured it."""
    why: str = ""
    """What the program said of its failure, or why nobody could look."""

    @property
    def is_partial(self) -> bool:
        """Whether there may be more addresses than these: ping shows the first alone."""
        return self.by == "ping" and bool(self.addresses)


class ServerReplies(Struct, frozen=True, kw_only=True):
    """What one DNS server replied to questions.

    vantage is "" for questions that were sent from the pod itself, else it names the place they
    were sent from. failure tells why the server could not be asked at all, or not be reached.
    """

    server: str
    answers: tuple[tuple[Question, Answer], ...] = ()
    by: str = ""
    """What carried the messages: `bash`, `python3`, `perl`, `node`, `nc`, `socat`, `port-forward
    to POD`."""
    vantage: str = ""
    failure: CouldNotLook | None = None

    def answer(self, question: Question) -> Answer:
        """The answer to QUESTION; UnknownReply where it was not asked."""
        for asked, answer in self.answers:
            if asked == question:
                return answer
        why = self.failure.why if self.failure else "it was not asked"
        return UnknownReply(f"what {self.server} says to {question.name} {question.type} ({why})")

    @property
    def is_silent(self) -> bool:
        """Whether something was asked and nothing at all came back."""
        return bool(self.answers) and all(isinstance(each, NoReply) for _, each in self.answers)

    def if_late(self) -> ServerReplies:
        """The same of a server that is known to answer late: no reply in time is no silence."""
        if self.is_silent:
            return self
        late = UnknownReply(f"a reply of {self.server}, which did not come in time")
        answers = (
            (asked, late if isinstance(answer, NoReply) else answer)
            for asked, answer in self.answers
        )
        return replace(self, answers=tuple(answers))
