"""One connection: TLS sessions, deadlines that bound it all, any bytes, what is told while it waits."""

from __future__ import annotations

import gc
import io
import select
import socket
import ssl
import struct
import sys
import time
from contextlib import closing, suppress

import pytest
from fake_api_server import CA, Reply, api_server, thing_at
from hypothesis import example, given
from hypothesis import strategies as st

from kubectl_hosts.cluster import connection
from kubectl_hosts.cluster.access import ServerAddress
from kubectl_hosts.cluster.connection import BadAnswer, Connection, Deadline, Dialer
from kubectl_hosts.cluster.connection_flags import ConnectionFlags
from kubectl_hosts.cluster.http_requests import Upgraded
from kubectl_hosts.cluster.live import connect
from kubectl_hosts.cluster.streams import Channels
from kubectl_hosts.errors import ExecFailed, Unreachable
from kubectl_hosts.model.resources import Resource

POD = Resource("pods")
PATH = "/api/v1/namespaces/n/pods/p"


def test_a_second_connection_resumes_the_tls_session():
    with api_server(tls=True) as server:
        server.routes[PATH] = [Reply(headers=(("Connection", "close"),))]
        flags = ConnectionFlags(server=server.url, certificate_authority=str(CA), token="t")
        with closing(connect(flags, {})) as live:
            for _ in range(3):
                live.get(POD, "p", namespace="n")
        assert [each.connection for each in server.seen] == [0, 1, 2]
        assert server.resumed == [False, True, True]


@pytest.mark.parametrize(
    ("seconds", "at_most", "remaining"),
    [
        (None, None, None),
        (None, 3.0, 3.0),
        (5.0, 3.0, 3.0),
        (-1.0, 3.0, 0.001),
        (1e18, None, 1e6),
    ],
)
def test_what_remains_is_a_timeout_that_a_socket_takes(seconds, at_most, remaining):
    found = Deadline(seconds).remaining(at_most)
    assert found == remaining
    with closing(socket.socket()) as sock:
        sock.settimeout(found)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_long_wait_is_told_on_a_terminal_once(monkeypatch):
    monkeypatch.setattr(connection, "_PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(sys, "stderr", Terminal())
    with api_server() as server:
        server.routes[PATH] = [Reply(delay=0.5)]
        with closing(connect(ConnectionFlags(server=server.url), {})) as live:
            assert live.get(POD, "p", namespace="n") == thing_at(PATH)
    assert sys.stderr.getvalue() == (
        "\rstill waiting for the API server; --request-timeout bounds it\n"
    )


def test_a_wait_that_the_server_asks_for_is_told_on_a_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with api_server() as server:
        busy = Reply(429, b"later", (("Retry-After", "1"),))
        server.routes[PATH] = [busy, Reply()]
        with closing(connect(ConnectionFlags(server=server.url), {})) as live:
            assert live.get(POD, "p", namespace="n") == thing_at(PATH)
    assert sys.stderr.getvalue() == "\rthe API server asks to wait for 1 s\n"


def test_nothing_is_told_where_nobody_sits(monkeypatch):
    monkeypatch.setattr(connection, "_PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with api_server() as server:
        server.routes[PATH] = [Reply(delay=0.3)]
        with closing(connect(ConnectionFlags(server=server.url), {})) as live:
            live.get(POD, "p", namespace="n")
    assert sys.stderr.getvalue() == ""


def test_a_retry_does_not_outlive_the_deadline():
    with api_server() as server:
        server.routes[PATH] = [Reply(429, b"later", (("Retry-After", "30"),))]
        flags = ConnectionFlags(server=server.url, request_timeout="300ms")
        began = time.monotonic()
        with closing(connect(flags, {})) as live, pytest.raises(Unreachable):
            live.get(POD, "p", namespace="n")
        assert time.monotonic() - began < 20  # of the 30 s that the server asks for


def test_several_addresses_share_the_time(monkeypatch):
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda *_, **__: [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 9)) for _ in range(50)
        ],
    )
    flags = ConnectionFlags(server="http://many.example.org:9", request_timeout="500ms")
    began = time.monotonic()
    with pytest.raises(Unreachable):
        connect(flags, {}).get(POD, "p", namespace="n")
    assert time.monotonic() - began < 20  # of the 25 s that 50 addresses take one by one


def arrived(data):
    """A connection on which DATA has come, and its end."""
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(data)
    return closing(Connection(ours))


def ask(link):
    response = link.ask("/", (), Deadline(5))
    return response.status, link.read_body(response)


HEAD = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.0 200 OK\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 102 Processing\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\n",
    ]
)
PIECES = st.lists(st.binary(min_size=1, max_size=40), max_size=3)


def chunked(pieces):
    return b"".join(b"%x;x=y\r\n%s\r\n" % (len(each), each) for each in (*pieces, b""))


@given(HEAD, PIECES, st.sampled_from(["length", "chunks", "end"]))
def test_a_body_is_what_was_sent_however_it_is_framed(head, pieces, framing):
    body = b"".join(pieces)
    framed = {
        "length": b"Content-Length: %d\r\n\r\n%s" % (len(body), body),
        "chunks": b"Transfer-Encoding: chunked\r\n\r\n" + chunked(pieces),
        "end": b"\r\n" + body,
    }[framing]
    with arrived(head + framed) as link, suppress(BrokenPipeError):
        assert ask(link) == (200, body)


@given(st.binary(max_size=80) | st.binary(max_size=80).map(lambda rest: b"HTTP/1.1 " + rest))
@example(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n")
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort")
@example(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nshort")
@example(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000)
def test_any_bytes_are_an_answer_or_an_error(data):
    with arrived(data) as link, suppress(BadAnswer, OSError):
        status, body = ask(link)
        assert (type(status), type(body)) == (int, bytes)


def test_a_header_that_has_no_utf_8_is_sent_all_the_same():
    ours, theirs = socket.socketpair()
    with theirs, closing(Connection(ours)) as link:
        theirs.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
        answer = link.ask("/", (("Authorization", "Bearer \ud800"),), Deadline(5))
        assert answer.status == 401
        assert theirs.recv(1 << 12) == b"GET / HTTP/1.1\r\nAuthorization: Bearer ?\r\n\r\n"


def test_frames_that_have_come_do_not_outlive_the_deadline():
    ours, theirs = socket.socketpair()
    with theirs, closing(Connection(ours)) as link:
        channels = Channels(Upgraded(link, ""))
        theirs.sendall(b"\x82\x02\x01x" + b"\x89\x00" * 999)
        assert channels.receive(Deadline(5)) == (1, b"x")
        with pytest.raises(TimeoutError):
            channels.receive(Deadline(0))
        theirs.setblocking(False)
        with pytest.raises(BlockingIOError):  # no ping was answered
            theirs.recv(1)


@given(
    st.binary(max_size=200)
    | st.lists(
        st.sampled_from(
            [
                b"\x82",
                b"\x02",
                b"\x00",
                b"\x80",
                b"\x88",
                b"\x89",
                b"\x8a",
                b"\x81",
                b"\x7e",
                b"\x7f",
                b"\x03",
            ]
        ),
        max_size=30,
    ).map(b"".join)
)
def test_any_bytes_are_pieces_of_channels_or_an_error(data):
    with arrived(data) as link, suppress(ExecFailed, OSError):
        channels = Channels(Upgraded(link, ""))
        while (piece := channels.receive(Deadline(5))) is not None:
            channel, part = piece
            assert channel in range(256)
            assert isinstance(part, bytes)


@pytest.mark.filterwarnings("error")
def test_a_peer_that_is_gone_before_the_handshake_leaves_no_socket(monkeypatch):
    unraisable = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        taken, _ = server.accept()
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        taken.close()  # socket(7), SO_LINGER of no time: a reset
        select.select([client], [], [], 10)
        endpoint = ServerAddress("https", "127.0.0.1", server.getsockname()[1], authority="gone")
        dialer = Dialer(endpoint, None)
        monkeypatch.setattr(dialer, "_connect", lambda _deadline: client)
        with pytest.raises(Unreachable):
            dialer.dial(ssl.create_default_context(), Deadline(5.0))
    gc.collect()
    assert (client.fileno(), unraisable) == (-1, [])
