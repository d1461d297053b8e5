"""One DNS exchange as values: question, records, reply or none; RFC 1035, words of RFC 9499."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubectl_hosts.model.origin import Origin

# RFC 1034 3.6.2: an alias stands for every type but itself; chains longer than this are loops.
_LONGEST_CHAIN = 16


class Rcode(Enum):
    """Response codes by their names in the IANA DNS RCODE registry (RFC 6895 2.3)."""

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


class RecordType(str, Enum):
    """The types that a resolver asks for by itself; a question may have any other type as text."""

    A = "A"
    AAAA = "AAAA"
    CNAME = "CNAME"
    PTR = "PTR"

    def __str__(self) -> str:
        """The value, in every release of Python."""
        return self.value


@dataclass(frozen=True, slots=True)
class Question:
    """QNAME (absolute, with its final dot, as sent) and QTYPE (`A`, `AAAA`, `SRV`, ...)."""

    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A resource record; data is RDATA in presentation form, names in it absolute."""

    name: str
    type: str
    data: str
    ttl: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
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


@dataclass(frozen=True, slots=True)
class NoReply:
    """Nothing came back from the server within `after_seconds`."""

    after_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class UnknownReply:
    """What the server would say isn't known; `what` names the part that isn't (a noun phrase).

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
