"""DNS messages over TCP: questions into bytes, whatever bytes came back into replies; RFC 1035.

dnspython builds and reads the messages. It is imported when the first one is needed: 0.1 s.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.dns import Rcode, Record, Reply, UnknownReply

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dns.message import Message
    from dns.rrset import RRset

    from kubectl_hosts.model.dns import Question

# RFC 1035 4.2.2: over TCP each message follows its length, two bytes, big endian.
_LENGTH = struct.Struct("!H")
_RCODES = {each.value: each for each in Rcode}


class Query(NamedTuple):
    """A question as it is sent: with RD, without EDNS, as glibc sends it (resolv.conf(5) edns0)."""

    id: int
    question: Question
    wire: bytes
    """Without the length."""

    @property
    def framed(self) -> bytes:
        """As it travels over TCP."""
        return _LENGTH.pack(len(self.wire)) + self.wire


def build_queries(
    questions: Sequence[Question],
) -> tuple[tuple[Query, ...], tuple[tuple[Question, UnknownReply], ...]]:
    """The queries, and those questions that no message can hold (a label of 64 bytes).

    The message's ID is the question's place: the same questions give the same bytes, so that
    a capture of them plays back.
    """
    queries: list[Query] = []
    refused: list[tuple[Question, UnknownReply]] = []
    for index, question in enumerate(questions):
        wire = _query_wire(question, index + 1)
        if wire:
            queries.append(Query(index + 1, question, wire))
        else:
            refused.append((question, UnknownReply(f"{question.name}: no DNS name")))
    return tuple(queries), tuple(refused)


def _query_wire(question: Question, message_id: int) -> bytes:
    """The message, b"" for a name or a type that cannot stand in one."""
    import dns.exception  # noqa: PLC0415
    import dns.message  # noqa: PLC0415
    import dns.rdatatype  # noqa: PLC0415

    try:
        query = dns.message.make_query(question.name, question.type, id=message_id)
    except (dns.exception.DNSException, ValueError):
        return b""
    return query.to_wire()


def split_stream(stream: bytes) -> Iterator[bytes]:
    """The messages of a TCP stream; one that was cut short is left out."""
    at = 0
    while at + _LENGTH.size <= len(stream):
        (length,) = _LENGTH.unpack_from(stream, at)
        at += _LENGTH.size
        if at + length > len(stream):
            return
        yield stream[at : at + length]
        at += length


def match_replies(
    queries: Sequence[Query], messages: Sequence[bytes]
) -> dict[Question, Reply | UnknownReply]:
    """The reply to each of QUERIES that is among MESSAGES, by ID and question; RFC 5452 9.1.

    A reply that cannot be read is an UnknownReply; what answers none of them is passed over.
    """
    by_id = {query.id: query for query in queries}
    replies: dict[Question, Reply | UnknownReply] = {}
    for message in messages:
        query = by_id.get(int.from_bytes(message[:2], "big"))
        if query is not None and len(message) > 2:
            reply = parse_reply(message, query.question)
            if reply is not None:
                replies.setdefault(query.question, reply)
    return replies


def parse_reply(wire: bytes, question: Question) -> Reply | UnknownReply | None:
    """The reply to QUESTION in WIRE; None where it answers another question, or is no reply.

    Any bytes give a value.
    """
    import dns.exception  # noqa: PLC0415
    import dns.message  # noqa: PLC0415

    try:
        message = dns.message.from_wire(wire, one_rr_per_rrset=True, ignore_trailing=True)
        return _reply(message) if _answers(message, question) else None
    except (dns.exception.DNSException, ValueError, NotImplementedError) as error:
        return UnknownReply(f"a reply that cannot be read ({type(error).__name__})")


def _answers(message: Message, question: Question) -> bool:
    """Whether it is a reply to QUESTION; one without a question section (FORMERR) is taken too."""
    import dns.flags  # noqa: PLC0415
    import dns.name  # noqa: PLC0415
    import dns.rdatatype  # noqa: PLC0415

    if not message.flags & dns.flags.QR:
        return False
    return all(
        asked.name == dns.name.from_text(question.name)
        and asked.rdtype == dns.rdatatype.from_text(question.type)
        for asked in message.question
    )


def _reply(message: Message) -> Reply | UnknownReply:
    import dns.flags  # noqa: PLC0415
    import dns.rcode  # noqa: PLC0415

    name = dns.rcode.to_text(message.rcode())
    rcode = _RCODES.get(name)
    if rcode is None:
        return UnknownReply(f"a reply with the response code {name}")
    return Reply(
        rcode=rcode,
        answer=tuple(_records(message.answer)),
        authority=tuple(_records(message.authority)),
        additional=tuple(_records(message.additional)),
        authoritative=bool(message.flags & dns.flags.AA),
        recursion_available=bool(message.flags & dns.flags.RA),
        truncated=bool(message.flags & dns.flags.TC),
    )


def _records(section: list[RRset]) -> Iterator[Record]:
    import dns.rdatatype  # noqa: PLC0415

    for rrset in section:
        for rdata in rrset:
            yield Record(
                name=rrset.name.to_text(),
                type=dns.rdatatype.to_text(rrset.rdtype),
                data=rdata.to_text(),
                ttl=rrset.ttl,
            )
