"""What counts as the same answer, and what does not."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explain.agreement import compare
from kubectl_hosts.model.explanation import Agreement, Observed, Predicted
from kubectl_hosts.model.resolver.outcome import Outcome

V4, V6 = "192.0.2.1", "2001:db8::1"


def predicted(*addresses, outcome=Outcome.FOUND, data=()):
    return Predicted(outcome=outcome, addresses=addresses, data=data)


def observed(*addresses, outcome=Outcome.FOUND, addrconfig=False, data=(), error="", by=""):
    return Observed(
        outcome=outcome,
        by=by or "getent ahosts",
        addresses=addresses,
        addrconfig=addrconfig,
        data=data,
        error=error,
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(predicted(V4), observed(V4), id="the same address"),
        pytest.param(predicted(V4, V6), observed(V6, V4), id="another order is no difference"),
        pytest.param(predicted(V4), observed(V4, V4, V4), id="getent repeats addresses"),
        pytest.param(predicted(V4), observed(f"::ffff:{V4}"), id="a mapped address is IPv4"),
        pytest.param(predicted("2001:DB8:0::1"), observed(V6), id="IPv6 text is compared as value"),
        pytest.param(
            predicted(V4, V6), observed(V4, addrconfig=True), id="AI_ADDRCONFIG in an IPv4 pod"
        ),
        pytest.param(
            predicted(V6),
            observed(outcome=Outcome.NXDOMAIN, addrconfig=True),
            id="AI_ADDRCONFIG leaves nothing of an IPv6 answer",
        ),
        pytest.param(
            predicted(outcome=Outcome.NODATA),
            observed(outcome=Outcome.NXDOMAIN),
            id="a program tells NODATA and NXDOMAIN alike",
        ),
        pytest.param(
            predicted(outcome=Outcome.SERVFAIL),
            observed(outcome=Outcome.TIMEOUT),
            id="a program tells failures alike",
        ),
        pytest.param(predicted(V4, V6), observed(V4, by="ping"), id="ping shows the first alone"),
        pytest.param(
            predicted(outcome=Outcome.SERVFAIL),
            observed(outcome=Outcome.NXDOMAIN, error="Try again"),
            id="musl says `Try again` of a SERVFAIL",
        ),
        pytest.param(
            predicted(outcome=Outcome.SERVFAIL),
            observed(outcome=Outcome.NXDOMAIN),
            id="glibc's getent says nothing of any failure",
        ),
        pytest.param(
            predicted(outcome=Outcome.NXDOMAIN),
            observed(outcome=Outcome.NXDOMAIN, error="Name does not resolve"),
            id="musl says so of a name that is not there",
        ),
        pytest.param(
            predicted(data=("a.example.",)), observed(data=("A.example",)), id="names as DNS does"
        ),
    ],
)
def test_no_difference_that_matters_is_agreement(one, other):
    assert compare("db", one, other, (V4,)) is Agreement.AGREE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(predicted(V4), observed("192.0.2.9"), id="another address"),
        pytest.param(predicted(V4), observed(V4, "192.0.2.9"), id="one address more"),
        pytest.param(predicted(V4, V6), observed(V4), id="a family is missing without addrconfig"),
        pytest.param(predicted(V4), observed(outcome=Outcome.NXDOMAIN), id="predicted, not found"),
        pytest.param(predicted(outcome=Outcome.NXDOMAIN), observed(V4), id="found, not predicted"),
        pytest.param(
            predicted(outcome=Outcome.NXDOMAIN),
            observed(outcome=Outcome.TIMEOUT),
            id="no such name is not a failure",
        ),
        pytest.param(
            predicted(outcome=Outcome.NXDOMAIN),
            observed(outcome=Outcome.NXDOMAIN, error="Temporary failure in name resolution"),
            id="a failure where the name is absent",
        ),
        pytest.param(
            predicted(outcome=Outcome.SERVFAIL),
            observed(outcome=Outcome.NXDOMAIN, error="Name or service not known"),
            id="absence where the server fails",
        ),
        pytest.param(predicted(V4), observed("192.0.2.9", by="ping"), id="ping, and another one"),
        pytest.param(predicted("127.0.0.1"), observed("::1"), id="a loopback of another family"),
    ],
)
def test_what_a_program_would_notice_is_disagreement(one, other):
    assert compare("db", one, other, (V4,)) is Agreement.DISAGREE


def test_localhost_may_be_any_loopback_address():
    assert compare("localhost", predicted("127.0.0.1"), observed("::1"), ()) is Agreement.AGREE


NOBODY = CouldNotLook(what="the answer", why="no shell")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(predicted(V4), NOBODY, Agreement.PREDICTED_ONLY, id="nobody could look"),
        pytest.param(
            predicted(outcome=Outcome.UNKNOWN), NOBODY, Agreement.UNKNOWN, id="neither is known"
        ),
        pytest.param(
            predicted(outcome=Outcome.UNKNOWN),
            observed(V4),
            Agreement.UNKNOWN,
            id="an observation alone confirms nothing",
        ),
    ],
)
def test_what_is_not_known_is_neither(one, other, expected):
    assert compare("db", one, other, (V4,)) is expected
