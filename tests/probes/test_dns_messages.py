"""Questions into bytes; any bytes into replies."""

import dns.exception
import dns.flags
import dns.message
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.model.dns import Question, Rcode, Record, Reply, UnknownReply
from kubectl_hosts.probes.replies import (
    build_queries,
    match_replies,
    parse_reply,
    split_stream,
)

A = Question("redis.shop.svc.cluster.local.", "A")
SRV = Question("_http._tcp.web.shop.svc.cluster.local.", "SRV")


def reply_wire(question, *answer, rcode=0, flags="", message_id=1, authority=()):
    query = dns.message.make_query(question.name, question.type, id=message_id)
    response = dns.message.make_response(query)
    response.set_rcode(rcode)
    for each in flags.split():
        response.flags |= dns.flags.from_text(each)
    response.answer = [dns.rrset.from_text(*row) for row in answer]
    response.authority = [dns.rrset.from_text(*row) for row in authority]
    return response.to_wire()


def test_a_query_is_what_glibc_sends():
    (query,), refused = build_queries([A])
    assert query.wire == (
        b"\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
        b"\x05redis\x04shop\x03svc\x07cluster\x05local\x00\x00\x01\x00\x01"
    )
    assert query.framed == b"\x00\x2e" + query.wire
    assert refused == ()


@pytest.mark.parametrize("qtype", ["A", "AAAA", "CNAME", "PTR", "SRV", "TXT", "MX"])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a.", id="one label"),
        pytest.param("_http._tcp.Web-1.shop.svc.cluster.local.", id="as written"),
        pytest.param("x" * 63 + ".", id="the longest label"),
        pytest.param("A-b." * 63 + "a.", id="the longest name"),
        pytest.param("A-b." * 63 + "ab.", id="one octet too long"),
        pytest.param("x" * 64 + ".", id="one letter too long"),
        pytest.param(".", id="the root"),
        pytest.param("a..", id="an empty label"),
        pytest.param(r"a\.b.", id="an escape"),
        pytest.param("\u00e9.example.", id="no ASCII"),
        pytest.param("a.\n", id="a line break"),
    ],
)
def test_a_query_has_the_bytes_that_dnspython_gives_it(name, qtype):
    try:
        wire = dns.message.make_query(name, qtype, id=1).to_wire()
    except (dns.exception.DNSException, ValueError):
        wire = b""
    queries, _ = build_queries([Question(name, qtype)])
    assert [each.wire for each in queries] == ([wire] if wire else [])


def test_the_same_questions_give_the_same_bytes():
    first, again = build_queries([A, SRV])[0], build_queries([A, SRV])[0]
    assert first == again
    assert len({query.id for query in first}) == 2


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(Question("a" * 64 + ".", "A"), id="a label of 64 bytes"),
        pytest.param(Question("a..b.", "A"), id="an empty label"),
        pytest.param(Question("a.", "NONSENSE"), id="no type"),
    ],
)
def test_what_no_message_can_hold_is_unknown(question):
    queries, refused = build_queries([question])
    assert queries == ()
    assert refused == ((question, UnknownReply(f"{question.name}: no DNS name")),)


def test_a_reply_is_read_in_presentation_form_and_in_order():
    wire = reply_wire(
        SRV,
        (SRV.name, 30, "IN", "SRV", "0 50 80 b.web.shop.svc.cluster.local."),
        (SRV.name, 30, "IN", "SRV", "0 50 80 a.web.shop.svc.cluster.local."),
        flags="AA",
    )
    assert parse_reply(wire, SRV) == Reply(
        answer=tuple(
            Record(
                name=SRV.name, type="SRV", data=f"0 50 80 {x}.web.shop.svc.cluster.local.", ttl=30
            )
            for x in "ba"
        ),
        authoritative=True,
        recursion_available=False,
    )


def test_a_negative_answer_keeps_its_soa_and_flags():
    soa = ("cluster.local.", 30, "IN", "SOA", "ns.dns. hostmaster. 1 7200 1800 86400 30")
    found = parse_reply(reply_wire(A, rcode=3, flags="RA TC", authority=[soa]), A)
    assert isinstance(found, Reply)
    assert (found.rcode, found.recursion_available, found.truncated) == (Rcode.NXDOMAIN, True, True)
    assert found.soa
    assert found.soa.data == "ns.dns. hostmaster. 1 7200 1800 86400 30"


def test_an_answer_to_another_question_is_none():
    assert parse_reply(reply_wire(SRV), A) is None
    assert parse_reply(build_queries([A])[0][0].wire, A) is None  # a query is no reply


def test_a_name_comes_back_in_any_case():
    assert parse_reply(reply_wire(Question(A.name.upper(), "A")), A) == Reply(
        recursion_available=False
    )


def test_replies_are_matched_by_id_in_any_order():
    queries, _ = build_queries([A, SRV])
    late = reply_wire(A, rcode=3, message_id=1)
    early = reply_wire(SRV, rcode=2, message_id=2)
    matched = match_replies(queries, [early, b"", b"\x00", reply_wire(A, message_id=9), late])
    assert {question: reply.rcode for question, reply in matched.items()} == {
        A: Rcode.NXDOMAIN,
        SRV: Rcode.SERVFAIL,
    }


def test_a_message_cut_short_is_left_out():
    (query,), _ = build_queries([A])
    stream = query.framed * 2
    assert list(split_stream(stream)) == [query.wire, query.wire]
    assert list(split_stream(stream[:-1])) == [query.wire]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_reply_or_unknown_or_nothing(noise):
    assert isinstance(parse_reply(noise, A), (Reply, UnknownReply, type(None)))
    assert all(isinstance(each, bytes) for each in split_stream(noise))


@given(st.data())
def test_a_damaged_reply_is_a_value(data):
    wire = bytearray(
        reply_wire(
            A,
            (A.name, 30, "IN", "A", "10.96.0.77"),
            (A.name, 30, "IN", "CNAME", "db.example.org."),
            (A.name, 30, "IN", "TXT", '"text"'),
        )
    )
    for _ in range(data.draw(st.integers(1, 8))):
        wire[data.draw(st.integers(0, len(wire) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(parse_reply(bytes(wire), A), (Reply, UnknownReply, type(None)))
