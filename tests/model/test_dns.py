import pytest

from kubectl_hosts.model.dns import (
    NoReply,
    Question,
    Rcode,
    Record,
    Reply,
    ServerReplies,
    UnknownReply,
    follow_aliases,
)


def alias(name, target):
    return Record(name=name, type="CNAME", data=target)


ADDRESS = Record(name="a.example.", type="A", data="192.0.2.1")
SOA = Record(name="example.", type="SOA", data="ns.example. hostmaster.example. 1 2 3 4 5")


@pytest.mark.parametrize(
    ("reply", "is_nodata"),
    [
        pytest.param(Reply(), True, id="NOERROR and no answer"),
        pytest.param(Reply(authority=(SOA,)), True, id="the SOA of a negative answer is no answer"),
        pytest.param(Reply(answer=(ADDRESS,)), False, id="an address"),
        pytest.param(Reply(answer=(alias("a.", "b."),)), False, id="an alias alone"),
        pytest.param(Reply(rcode=Rcode.NXDOMAIN), False, id="NXDOMAIN"),
    ],
)
def test_nodata_is_noerror_with_an_empty_answer_section(reply, is_nodata):
    assert reply.is_nodata is is_nodata


@pytest.mark.parametrize(
    ("authoritative", "recursion_available", "is_lame"),
    [(False, False, True), (True, False, False), (False, True, False)],
)
def test_a_lame_server_sets_neither_aa_nor_ra(authoritative, recursion_available, is_lame):
    reply = Reply(authoritative=authoritative, recursion_available=recursion_available)
    assert reply.is_lame is is_lame


def test_the_soa_is_found_in_the_authority_section():
    assert Reply(authority=(SOA,)).soa == SOA
    assert Reply().soa is None


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        pytest.param((ADDRESS,), ("a.example.",), id="no alias"),
        pytest.param(
            (alias("b.", "c."), alias("A.example.", "b.")),
            ("a.example.", "b.", "c."),
            id="a chain in any order and case",
        ),
        pytest.param(
            (alias("a.example.", "b."), alias("b.", "a.example.")),
            ("a.example.", "b."),
            id="a loop ends",
        ),
    ],
)
def test_aliases_are_followed_by_owner_name(answer, names):
    assert follow_aliases(Question("a.example.", "A"), answer) == names


A, B = Question(name="a.", type="A"), Question(name="b.", type="A")
LATE = UnknownReply("a reply of 10.0.0.1, which did not come in time")


@pytest.mark.parametrize(
    ("answers", "then"),
    [
        pytest.param(
            ((A, UnknownReply("x")), (B, NoReply())),
            ((A, UnknownReply("x")), (B, LATE)),
            id="one of two did not come",
        ),
        pytest.param(
            ((A, NoReply()), (B, NoReply())),
            ((A, NoReply()), (B, NoReply())),
            id="left alone: nothing came at all",
        ),
        pytest.param((), (), id="left alone: nothing was asked"),
    ],
)
def test_no_reply_of_a_server_that_answers_late_is_not_known(answers, then):
    assert ServerReplies(server="10.0.0.1", answers=answers).if_late().answers == then
