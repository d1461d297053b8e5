"""HTTP/1.1 off the wire, against http.client on the same bytes."""

from __future__ import annotations

import http.client
import io
import socket
from contextlib import closing, suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kubectl_hosts.cluster.http_wire import BadAnswer, Connection, NoAnswer, Response, read_head


class Wire:
    """What http.client asks of a socket: bytes that arrive."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, *_):
        return io.BytesIO(self._data)


def ours(data: bytes) -> Response:
    connection = Connection(Wire(data))
    return connection.receive()


def theirs(data: bytes) -> http.client.HTTPResponse:
    response = http.client.HTTPResponse(Wire(data), method="GET")
    response.begin()
    return response


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x;x=y\r\n%s\r\n" % (len(each), each) for each in (*pieces, b""))


BODY = st.binary(max_size=40)
FRAMED = st.one_of(
    BODY.map(lambda body: (b"Content-Length: %d\r\n" % len(body), body)),
    st.lists(BODY.filter(bool), max_size=3).map(
        lambda pieces: (b"Transfer-Encoding: chunked\r\n", chunked(*pieces))
    ),
    BODY.map(lambda body: (b"Connection: close\r\n", body)),
    BODY.map(lambda body: (b"", body)),
)
HEADER = st.sampled_from(
    [b"Retry-After: 1\r\n", b"retry-after:  2\r\n", b"Connection: keep-alive\r\n", b"X: \xe9\r\n"]
)
FIRST = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.0 200 OK\r\n",
        b"HTTP/1.1 404\r\n",
        b"HTTP/1.1 204 No Content\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Service Unavailable\r\n",
    ]
)


@given(FIRST, st.lists(HEADER, max_size=3), FRAMED)
def test_an_answer_is_read_as_http_client_reads_it(first, headers, framed):
    head, body = framed
    data = first + b"".join(headers) + head + b"\r\n" + body
    mine, reference = ours(data), theirs(data)
    assert mine.status == reference.status
    assert mine.headers.get("retry-after") == reference.headers.get("Retry-After")
    assert mine.will_close == reference.will_close
    assert mine.read() == reference.read()


@given(st.binary(max_size=80) | st.binary(max_size=80).map(lambda rest: b"HTTP/1.1 " + rest))
@example(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n")
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort")
@example(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000)
def test_any_bytes_are_an_answer_or_an_error(data):
    with suppress(BadAnswer, NoAnswer):
        assert isinstance(ours(data).read(), bytes)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        pytest.param(b"", NoAnswer, id="nothing"),
        pytest.param(b"SSH-2.0\r\n", BadAnswer, id="another protocol"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: y", BadAnswer, id="a head cut short"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200, BadAnswer, id="too many headers"),
    ],
)
def test_a_head_that_is_none_is_refused(data, error):
    with pytest.raises(error):
        read_head(io.BytesIO(data))


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "a\0"])
def test_a_header_cannot_break_out_of_its_line(value):
    left, right = socket.socketpair()
    with closing(Connection(left)) as connection, closing(right):
        with pytest.raises(ValueError, match="Authorization"):
            connection.send("/", [("Authorization", value)])
        connection.send("/", [("Authorization", "Bearer ünï")])
        assert right.recv(99) == "GET / HTTP/1.1\r\nAuthorization: Bearer ünï\r\n\r\n".encode()
