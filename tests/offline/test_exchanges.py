"""Port-forwards, recorded and played."""

import pytest
from kubectl_hosts.offline.capture_json import capture_document
from kubectl_hosts.offline.cluster import OfflineCluster
from kubectl_hosts.offline.record import RecordingCluster

from kubectl_hosts.errors import Unreachable
from kubectl_hosts.offline.capture import parse_capture

WHERE = ("kube-system", "coredns-1", 53)


class Echo:
    """A cluster whose pods send back what they get, reversed; port 54 is closed."""

    namespace = "default"

    def forward(self, namespace, pod, port, *, deadline=10.0):
        if port == 54:
            raise Unreachable("connection refused", hint="listen")
        return EchoStream()


class EchoStream:
    data = b""

    def send(self, data):
        self.data = data[::-1]

    def recv(self, size):
        piece, self.data = self.data[:size], self.data[size:]
        return piece

    def close(self):
        self.data = b""


def talk(cluster, sent, where=WHERE):
    stream = cluster.forward(*where)
    stream.send(sent)
    received = b""
    while piece := stream.recv(2):
        received += piece
    stream.close()
    return received


def played(recording):
    capture = parse_capture(capture_document(recording.capture()))
    return OfflineCluster(namespace="default", objects={}, captures=(capture,))


def test_what_came_back_comes_back_again():
    recording = RecordingCluster(Echo())
    assert talk(recording, b"\x00\xffabc") == b"cba\xff\x00"
    assert talk(played(recording), b"\x00\xffabc") == b"cba\xff\x00"


def test_what_was_never_sent_is_unreachable():
    recording = RecordingCluster(Echo())
    talk(recording, b"abc")
    with pytest.raises(Unreachable, match="not read while"):
        talk(played(recording), b"xyz")


def test_a_port_that_was_closed_is_closed_again():
    recording = RecordingCluster(Echo())
    where = ("kube-system", "coredns-1", 54)
    with pytest.raises(Unreachable):
        talk(recording, b"abc", where)
    with pytest.raises(Unreachable, match="connection refused") as error:
        talk(played(recording), b"abc", where)
    assert error.value.hint == "listen"
