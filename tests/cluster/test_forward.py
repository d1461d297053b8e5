"""A byte stream to a pod's port: channels, the port that begins each, errors, the deadline."""

from __future__ import annotations

from contextlib import closing

import pytest
from fake_api_server import Reply, Stream, api_server, frame

from kubectl_hosts.cluster.connection_flags import ConnectionFlags
from kubectl_hosts.cluster.live import connect
from kubectl_hosts.errors import Forbidden, NotFound, ServerRefused, Unreachable

PATH = "/api/v1/namespaces/kube-system/pods/coredns-1/portforward"
V4 = "v4.channel.k8s.io"
# What a kubelet sends first: the port (53) on the data and on the error channel.
OPENED = frame(0, b"\x35\x00") + frame(1, b"\x35\x00")


@pytest.fixture
def server():
    with api_server() as running:
        yield running


def talk(server, reply, *, send=b"", seconds=10.0):
    """Everything that comes back until the end."""
    server.routes[PATH] = [reply]
    live = connect(ConnectionFlags(server=server.url), {})
    with (
        closing(live),
        closing(live.forward("kube-system", "coredns-1", 53, deadline=seconds)) as pod,
    ):
        if send:
            pod.send(send)
        received = b""
        while piece := pod.recv(3):
            assert len(piece) <= 3
            received += piece
        return received


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        pytest.param(OPENED + frame(0, b"\x00\x04answ"), b"\x00\x04answ", id="after the ports"),
        pytest.param(
            frame(0, b"\x35") + frame(0, b"\x00ans") + frame(1, b"\x35\x00") + frame(0, b"wer"),
            b"answer",
            id="a port that arrives in pieces",
        ),
        pytest.param(OPENED + frame(7, b"?") + frame(0, b"a"), b"a", id="an unknown channel"),
        pytest.param(OPENED, b"", id="closed at once"),
    ],
)
def test_bytes_come_back_without_the_framing(server, sent, received):
    assert talk(server, Stream(sent, subprotocol=V4)) == received


def test_bytes_go_out_on_the_data_channel(server):
    stream = Stream(OPENED, "answer", subprotocol=V4, after=frame(0, b"!"))
    assert talk(server, stream, send=b"\x00\x01?") == b"!"
    assert server.messages == [b"\x00\x00\x01?"]
    assert server.seen[0].target == f"{PATH}?ports=53"
    assert server.seen[0].header("sec-websocket-protocol") == V4


def refused(code, reason, message):
    return Reply(code, {"kind": "Status", "code": code, "reason": reason, "message": message})


@pytest.mark.parametrize(
    ("reply", "kind", "message"),
    [
        pytest.param(
            Stream(OPENED + frame(1, b"connect: connection refused\n"), subprotocol=V4),
            Unreachable,
            "error forwarding to port 53 of pod kube-system/coredns-1: connect: connection refused",
            id="nothing listens",
        ),
        pytest.param(
            Stream(OPENED, "hang", subprotocol=V4),
            Unreachable,
            "no answer from port 53 of pod kube-system/coredns-1 in time",
            id="silence",
        ),
        pytest.param(
            refused(404, "NotFound", 'pods "coredns-1" not found'),
            NotFound,
            'Error from server (NotFound): pods "coredns-1" not found',
            id="no such pod",
        ),
        pytest.param(
            refused(403, "Forbidden", 'pods "coredns-1" is forbidden'),
            Forbidden,
            'Error from server (Forbidden): pods "coredns-1" is forbidden',
            id="no right",
        ),
    ],
)
def test_what_goes_wrong_is_said(server, reply, kind, message):
    with pytest.raises((Unreachable, ServerRefused)) as error:
        talk(server, reply, seconds=0.3)
    assert (type(error.value), error.value.message) == (kind, message)
