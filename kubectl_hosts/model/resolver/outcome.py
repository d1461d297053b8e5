"""What became of a question, a candidate and a lookup, and what a resolver does about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from kubectl_hosts.model.dns import (
    Answer,
    NoReply,
    Question,
    Rcode,
    Record,
    Reply,
    UnknownReply,
    follow_aliases,
    same_name,
)

if TYPE_CHECKING:
    from re import Pattern


class Outcome(Enum):
    """How a question, a candidate or a whole lookup ended; the value is what JSON prints."""

    FOUND = "found"
    NXDOMAIN = "nxdomain"
    NODATA = "nodata"
    ALIAS_ALONE = "aliasAlone"
    """An answer section without an address of the type asked: NODATA to a reader, more to glibc."""
    SERVFAIL = "servfail"
    REFUSED = "refused"
    """REFUSED, NOTIMP, FORMERR and the rest: the server will not answer this question."""
    TIMEOUT = "timeout"
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


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a resolver: a stable id, and a sentence for people."""

    id: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from an outcome: the next move, the rule behind it, the error if it stops."""

    after: After
    rule: Rule
    error: ResolverError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One question's final answer: its outcome, the addresses in it, and what isn't known."""

    question: Question
    outcome: Outcome
    answer: Answer | None = None
    records: tuple[Record, ...] = ()
    """The records of the type asked that the resolver takes."""
    unknown: str = ""


_ADDRESS_TYPES = frozenset({"A", "AAAA"})
_BY_RCODE = {Rcode.NXDOMAIN: Outcome.NXDOMAIN, Rcode.SERVFAIL: Outcome.SERVFAIL}


class ReplyRules(Protocol):
    """The part of a resolver's row that decides what a reply means to it."""

    @property
    def checks_owner(self) -> bool:
        """Whether only records at the end of the alias chain count."""
        ...

    @property
    def knows_lame(self) -> bool:
        """Whether an empty NOERROR with neither AA nor RA is a refusal."""
        ...

    @property
    def readable_name(self) -> Pattern[str]:
        """The names for which an address in a reply is taken."""
        ...


def hear(question: Question, answer: Answer, stub: ReplyRules) -> Heard:
    """What an answer means to a stub resolver with these rules."""
    match answer:
        case NoReply():
            return Heard(question=question, outcome=Outcome.TIMEOUT, answer=answer)
        case UnknownReply(what):
            return Heard(question=question, outcome=Outcome.UNKNOWN, answer=answer, unknown=what)
        case Reply():
            records = _taken(question, answer, stub)
            outcome = _reply_outcome(answer, records, knows_lame=stub.knows_lame)
            return Heard(question=question, outcome=outcome, answer=answer, records=records)


def _taken(question: Question, reply: Reply, stub: ReplyRules) -> tuple[Record, ...]:
    if reply.rcode is not Rcode.NOERROR:
        return ()
    # RFC 1034 3.6.2: a question for the alias itself is not led on by it.
    is_alias_asked = question.type == "CNAME"
    owner = question.name if is_alias_asked else follow_aliases(question, reply.answer)[-1]
    of_type = tuple(record for record in reply.answer if record.type == question.type)
    if question.type in _ADDRESS_TYPES and not stub.readable_name.fullmatch(question.name):
        return ()
    if not stub.checks_owner:
        return of_type
    return tuple(record for record in of_type if same_name(record.name, owner))


def _reply_outcome(reply: Reply, records: tuple[Record, ...], *, knows_lame: bool) -> Outcome:
    if reply.rcode is not Rcode.NOERROR:
        return _BY_RCODE.get(reply.rcode, Outcome.REFUSED)
    if records:
        return Outcome.FOUND
    if reply.answer:
        return Outcome.ALIAS_ALONE
    return Outcome.REFUSED if knows_lame and reply.is_lame else Outcome.NODATA
