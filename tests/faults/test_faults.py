"""Fault by command: what is said, that it is said in time, and in how much memory."""

from __future__ import annotations

import gzip
import inspect
import json
import subprocess
import sys
import textwrap
import time
import zlib
from contextlib import closing
from http.client import HTTPResponse

import pytest
import websocket
from misbehaving import (
    OK,
    SWITCHED,
    answers,
    drips,
    floods,
    frame,
    misbehaving,
    pages,
    resets,
    says,
    status_frame,
    then_waits,
)

from kubectl_hosts.cluster.connection_flags import ConnectionFlags
from kubectl_hosts.cluster.live import connect
from kubectl_hosts.errors import ExecFailed, ExecTimedOut, HostsError, ServerRefused, Unreachable
from kubectl_hosts.model.resources import Resource, Selection
from kubectl_hosts.probes.ports import CompletedExec, ExecTarget

ABNF = websocket.ABNF
POD = Resource("pods")
TARGET = ExecTarget("n", "p", "c")
SECONDS = 0.7
"""What the user allows for a request."""
IN_TIME = 20.0
"""What a busy machine may take for that: without a deadline none of this ends."""

TIMED_OUT = "Client.Timeout exceeded while awaiting headers"
EOF = "Unable to connect to the server: EOF"
MALFORMED = "Unable to connect to the server: malformed HTTP response"
NO_JSON = "the server's answer is not a JSON object: is this an API server?"
DEEP = b'{"a":' + b"[" * 200_000
NUMBER = b'{"a":' + b"7" * 1_000_000 + b"}"


def reading(live):
    live.get(POD, "p", namespace="n")


def listing(live):
    list(live.list(POD, Selection(namespace="n")))


def executing(live):
    live.exec(TARGET, ("cat", "/etc/hosts"), deadline=SECONDS)


def forwarding(live):
    with closing(live.forward("n", "p", 53, deadline=SECONDS)) as stream:
        stream.send(b"?")
        while stream.recv(1 << 16):
            pass


COMMANDS = {"get": reading, "list": listing, "exec": executing, "forward": forwarding}


def outcome(fault, command, *, tls=False, seconds=SECONDS, most=IN_TIME):
    """The error of COMMAND, which comes in time; None where there is none."""
    with misbehaving(fault, tls=tls) as server:
        flags = ConnectionFlags(
            server=server.url,
            transport="api",
            request_timeout=f"{seconds}s",
            insecure_skip_tls_verify=tls,
            token="t" if tls else "",
        )
        began = time.monotonic()
        with closing(connect(flags, {})) as live:
            try:
                COMMANDS[command](live)
            except HostsError as error:
                found = error
            else:
                found = None
        assert time.monotonic() - began < most
    return found


# What no command can do anything with: fault -> words for get and list, for exec, for forward.
ENDLESS = (TIMED_OUT, "did not end within", TIMED_OUT)
CLOSED = (EOF, EOF, EOF)
NO_HTTP = (MALFORMED, MALFORMED, MALFORMED)
ANYWHERE = {
    "closes at once": (says(), CLOSED),
    "resets at once": (resets(), CLOSED),
    "says nothing": (then_waits(), ENDLESS),
    # http.client takes the end for the end of the head: an answer without a body.
    "closes in the head": (says(b"HTTP/1.1 200 OK\r\nX: y"), (NO_JSON, "", "Error from server")),
    "resets in the head": (resets(b"HTTP/1.1 200"), ("Unable to connect",) * 3),
    "stops in the head": (then_waits(b"HTTP/1.1 200 OK\r\nX: "), ENDLESS),
    "a status line a byte at a time": (drips(b"", b"HTTP/1.1 200 OK" + b" " * 999), ENDLESS),
    "a header a byte at a time": (drips(OK, b"X: " + b"y" * 999), ENDLESS),
    "100 Continue for ever": (
        floods(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        ("Unable to connect", "", "Unable to connect"),
    ),
    "102 Processing for ever": (
        floods(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
        ("Unable to connect", "", "Unable to connect"),
    ),
    "100 Continue at a time": (drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 99), ENDLESS),
    "headers for ever": (floods(OK, b"X: y\r\n" * 99), NO_HTTP),
    "a line without end": (floods(OK + b"X: ", b"y" * 4096), NO_HTTP),
    "a first line without end": (floods(b"", b"y" * 4096), NO_HTTP),
    "an SSH server": (says(b"SSH-2.0-OpenSSH_9.9\r\n"), NO_HTTP),
    "an SMTP server": (says(b"220 mail.example.org ESMTP\r\n"), NO_HTTP),
    "HTTP/2": (says(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\r\n"), NO_HTTP),
    "HTTP/9": (says(b"HTTP/9.9 200 OK\r\n\r\n"), NO_HTTP),
    "no status": (says(b"HTTP/1.1\r\n\r\n"), NO_HTTP),
    "a status that is text": (says(b"HTTP/1.1 yes OK\r\n\r\n"), NO_HTTP),
    "status 0": (says(b"HTTP/1.1 000 OK\r\n\r\n"), NO_HTTP),
    "status 99999": (says(b"HTTP/1.1 99999 OK\r\n\r\n"), NO_HTTP),
    "NUL bytes": (says(b"\0" * 100 + b"\r\n"), NO_HTTP),
}


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("fault", ANYWHERE)
def test_no_answer_is_an_error_in_time(fault, command, tls):
    behaviour, (read, executed, forwarded) = ANYWHERE[fault]
    words = {"exec": executed, "forward": forwarded}.get(command, read)
    error = outcome(behaviour, command, tls=tls)
    assert isinstance(error, (Unreachable, ExecFailed, ServerRefused))
    assert words in error.message


def bad(*words):
    return "Unable to connect to the server: " + " ".join(words)


# Later patch releases of Python stop at a hundred trailers; the others at our deadline.
BOUNDS_TRAILERS = "_MAXHEADERS" in inspect.getsource(HTTPResponse._read_and_discard_trailer)
BOMB = zlib.compressobj(9, wbits=31)
BOMB = BOMB.compress(b" " * (200 << 20)) + BOMB.flush()
BODIES = {
    "a length beyond reason": (
        says(OK + b"Content-Length: 1" + b"0" * 30 + b"\r\n\r\n{}"),
        bad("an answer of 1000"),
    ),
    "a length of 5,000 digits": (
        then_waits(OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}"),
        TIMED_OUT,
    ),
    "a body that ends early": (says(OK + b"Content-Length: 99\r\n\r\n{"), bad("unexpected EOF")),
    "a body that stops": (then_waits(OK + b"Content-Length: 99\r\n\r\n{"), TIMED_OUT),
    "a body a byte at a time": (drips(OK + b"Content-Length: 999\r\n\r\n", b" " * 999), TIMED_OUT),
    "a body without end": (
        floods(OK + b"Connection: close\r\n\r\n", b" " * (1 << 20)),
        bad("the answer is larger"),
    ),
    "a chunk beyond reason": (
        says(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n{}"),
        bad("unexpected EOF"),
    ),
    "a negative chunk": (
        says(OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n{}"),
        bad("unexpected EOF"),
    ),
    "a chunk of minus one": (
        floods(OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", b" " * (1 << 20)),
        bad("the answer is larger"),
    ),
    "a chunk without a size": (
        says(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}"),
        bad("unexpected EOF"),
    ),
    "chunks that end early": (
        says(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"),
        bad("unexpected EOF"),
    ),
    "chunks without end": (
        floods(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n"),
        bad("the answer is larger"),
    ),
    "trailers without end": (
        floods(OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", b"X: y\r\n" * 999),
        bad("unexpected EOF, or a chunk") if BOUNDS_TRAILERS else TIMED_OUT,
    ),
    "gzip that is none": (
        answers(b"{}", "200 OK", "Content-Encoding: gzip"),
        bad("gzip: invalid data"),
    ),
    "gzip that ends early": (
        answers(gzip.compress(b"{}" * 999)[:-12], "200 OK", "Content-Encoding: gzip"),
        bad("gzip: unexpected EOF"),
    ),
    "a gzip bomb": (
        answers(BOMB, "200 OK", "Content-Encoding: gzip"),
        bad("gzip: the answer inflates too far"),
    ),
    "nothing": (answers(b""), NO_JSON),
    "a page": (answers(b"<html>log in</html>"), NO_JSON),
    "half an object": (answers(b'{"kind": "Pod"'), NO_JSON),
    "a list": (answers([]), NO_JSON),
    "a word": (answers("Pod"), NO_JSON),
    "another object": (
        answers({"kind": "Pod", "metadata": {"name": "q", "namespace": "n"}}),
        "is this an API server?",
    ),
    "a list of Services": (
        answers({"kind": "ServiceList", "metadata": {}, "items": []}),
        "is this an API server?",
    ),
    "a list of names alone": (
        answers({"kind": "PartialObjectMetadataList", "metadata": {}, "items": []}),
        "is this an API server?",
    ),
    "a list with a Service in it": (
        answers({"kind": "PodList", "metadata": {}, "items": [{"kind": "Service"}]}),
        "is this an API server?",
    ),
    "a Service of the pod's name": (
        answers({"kind": "Service", "metadata": {"name": "p", "namespace": "n"}}),
        "is this an API server?",
    ),
    "a table": (answers({"kind": "Table", "metadata": {}, "rows": []}), "is this an API server?"),
    "a Status of 200": (answers({"kind": "Status", "message": "sent"}), "Error from server: sent"),
    "JSON 200,000 deep": (answers(DEEP), NO_JSON),
    "a number of a million digits": (answers(NUMBER), NO_JSON),
    "Infinity": (answers(b'{"a": Infinity}'), NO_JSON),
    "NaN": (answers(b'{"a": NaN}'), NO_JSON),
    "no UTF-8": (answers(b'{"a": "\xff"}'), NO_JSON),
    "ten million empty lists": (answers(b"[" + b"[]," * 10_000_000 + b"[]]"), NO_JSON),
    "204": (says(b"HTTP/1.1 204 No Content\r\n\r\n"), NO_JSON),
    "304": (says(b"HTTP/1.1 304 Not Modified\r\n\r\n"), "Error from server"),
    "a redirect": (answers(b"", "302 Found", "Location: http://example.org"), "Error from server"),
}


@pytest.mark.parametrize("command", ["get", "list"])
@pytest.mark.parametrize("fault", BODIES)
def test_an_answer_that_is_none_is_an_error(fault, command):
    behaviour, words = BODIES[fault]
    seconds = SECONDS if words == TIMED_OUT else 20.0  # 64 MiB come before they are too many
    error = outcome(behaviour, command, seconds=seconds, most=20.0)
    assert isinstance(error, (Unreachable, ServerRefused))
    assert words in error.message


STATUSES = {
    "a message that is a number": ({"kind": "Status", "message": 7}, "unknown"),
    "a message that is an object": ({"kind": "Status", "message": {"a": 1}}, "unknown"),
    "a reason that is a list": (
        {"kind": "Status", "reason": ["x"], "message": "m"},
        "Error from server: m",
    ),
    "nothing but its kind": ({"kind": "Status"}, "unknown"),
    "details that are text": ({"kind": "Status", "message": "m", "details": "x"}, ": m"),
    "a code of its own": ({"kind": "Status", "message": "m", "code": "many"}, ": m"),
    "a list": ([{"kind": "Status"}], "Error from server"),
    "null": (None, "Error from server"),
    "a page": (b"<html>" + b"x" * 9999, "Error from server"),
    "200,000 deep": (DEEP, "Error from server"),
    "terminal escapes": ({"kind": "Status", "message": "\x1b[2J"}, "Error from server"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("code", ["400 Bad Request", "409 Conflict", "410 Gone", "500 Error"])
@pytest.mark.parametrize("status", STATUSES)
def test_any_refusal_has_words(status, code, command):
    body, words = STATUSES[status]
    error = outcome(answers(body, code), command)
    assert isinstance(error, (ServerRefused, ExecFailed))
    assert words in error.message
    assert len(error.message) < 3000


@pytest.mark.parametrize("code", ["429 Too Many Requests", "500 Error", "503 Unavailable"])
def test_a_server_in_trouble_is_no_reason_to_name_another_container(code):
    body = {"kind": "Status", "status": "Failure", "reason": "X", "message": "later"}
    error = outcome(answers(body, code), "exec")
    assert "later" in error.message
    assert error.hint
    assert "-c" not in error.hint


@pytest.mark.parametrize("code", ["429 Too Many Requests", "503 Unavailable"])
@pytest.mark.parametrize("wait", ["1", "30", "9" * 400, "-1", "soon"])
def test_a_server_that_asks_to_wait_is_waited_for_until_the_deadline(code, wait):
    error = outcome(answers(b"later", code, f"Retry-After: {wait}"), "get")
    assert isinstance(error, HostsError)
    assert error.message


def page_with(token, items=()):
    return json.dumps({"metadata": {"continue": token}, "items": list(items)}).encode()


def gone(token):
    body = {
        "kind": "Status",
        "reason": "Expired",
        "message": "old",
        "metadata": {"continue": token},
    }
    return json.dumps({**body, "code": 410}).encode()


LISTS = {
    "the same continue": pages(lambda _: [page_with("a", [{}])]),
    "two continues in turn": pages(lambda peer: [page_with("ab"[peer.number % 2], [{}])]),
    "a continue that has no UTF-8": pages(lambda _: [page_with("\ud800", [{}])]),
    "pages without items": pages(lambda peer: [page_with(f"t{peer.number}")]),
}


@pytest.mark.parametrize("fault", LISTS)
def test_a_list_that_does_not_end_is_left(fault):
    error = outcome(LISTS[fault], "list")
    assert isinstance(error, ServerRefused)
    assert error.message.startswith("the server's list of pods does not end")


@pytest.mark.parametrize("token", ["same", "new", ""])
def test_a_list_that_always_expires_is_left(token):
    def fault(peer):
        body = (
            page_with("t0", [{}]) if peer.number == 0 else gone(token and token + str(peer.number))
        )
        status = b"200 OK" if peer.number == 0 else b"410 Gone"
        peer.send(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))

    fault.keeps_open = True
    error = outcome(fault, "list")
    assert isinstance(error, ServerRefused)
    assert error.message == "Error from server (Expired): old"


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"7", DEEP, b'{"metadata": []}'])
def test_a_410_that_is_no_status_ends_the_list(body):
    def fault(peer):
        page = page_with("t", [{}])
        if peer.number == 0:
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page))
        else:
            peer.send(b"HTTP/1.1 410 Gone\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    fault.keeps_open = True
    error = outcome(fault, "list")
    assert isinstance(error, ServerRefused)
    assert error.message.startswith("Error from server")


@pytest.mark.parametrize("items", [7, "x", {}, None, [7, "x", None, []]])
def test_items_that_are_no_objects_are_none(items):
    body = json.dumps({"items": items, "metadata": {"continue": None}}).encode()
    assert outcome(answers(body), "list") is None


@pytest.mark.parametrize("metadata", [7, "x", [], {"continue": {}}, {"continue": 0}])
def test_metadata_of_another_type_ends_the_list(metadata):
    assert outcome(answers({"items": [], "metadata": metadata}), "list") is None


NO_STATUS = "the stream ended before the command's exit status arrived"
NO_WEBSOCKET = "the server's stream is not a websocket stream"
NOT_IN_TIME = "cat in n/p/c did not end within 0.7 s"
PROTOCOL = "error stream protocol error"
HUGE = b"\x82\x7f" + (1 << 62).to_bytes(8, "big")
LARGE = b"\x82\x7f" + (64 << 20).to_bytes(8, "big")


def failure(**fields):
    return status_frame({"status": "Failure", **fields})


def exit_code(message):
    causes = [{"reason": "ExitCode", "message": message}]
    return failure(reason="NonZeroExitCode", details={"causes": causes})


STREAMS = {
    "closed": (says(SWITCHED), NO_STATUS),
    "reset": (resets(SWITCHED), ""),  # the handshake's answer may be lost with it
    "silent": (then_waits(SWITCHED), NOT_IN_TIME),
    "cut in a frame's head": (says(SWITCHED, b"\x82"), NO_STATUS),
    "cut in a frame": (says(SWITCHED, frame(b"\x01abc")[:-1]), NO_STATUS),
    "stopped in a frame": (then_waits(SWITCHED, frame(b"\x01abc")[:-1]), NOT_IN_TIME),
    "a byte at a time": (drips(SWITCHED, frame(b"\x01" + b"x" * 999)), NOT_IN_TIME),
    "an HTTP answer": (says(SWITCHED, b"HTTP/1.1 400 Bad Request\r\n\r\n"), NO_WEBSOCKET),
    "reserved bits": (says(SWITCHED, b"\xf2\x01\x01"), NO_WEBSOCKET),
    "an opcode that is none": (says(SWITCHED, b"\x83\x01\x01"), NO_WEBSOCKET),
    "a frame of 4 EiB": (says(SWITCHED, HUGE, b"\x01abc"), NO_WEBSOCKET),
    "a frame of 64 MiB": (floods(SWITCHED + LARGE, b"\x01" * 65536), NO_WEBSOCKET),
    "pings for ever": (floods(SWITCHED, frame(b"", ABNF.OPCODE_PING) * 99), ""),
    "pongs for ever": (floods(SWITCHED, frame(b"", ABNF.OPCODE_PONG) * 99), NOT_IN_TIME),
    "a channel nobody knows, for ever": (
        floods(SWITCHED, frame(b"\x07" + b"x" * 32768)),
        NOT_IN_TIME,
    ),
    "empty frames for ever": (floods(SWITCHED, frame(b"") * 999), NOT_IN_TIME),
    "one message without end": (
        floods(SWITCHED + frame(b"\x07", fin=0), frame(b"x" * 9999, ABNF.OPCODE_CONT, 0)),
        NOT_IN_TIME,
    ),
    "an error channel without end": (floods(SWITCHED, frame(b"\x03" + b"x" * 32768)), PROTOCOL),
    "a close frame of one byte": (
        says(SWITCHED, frame(b"x", ABNF.OPCODE_CLOSE)),
        NO_WEBSOCKET,
    ),
    "a status that is no JSON": (says(SWITCHED, frame(b"\x03no")), PROTOCOL),
    "a status that is a list": (says(SWITCHED, status_frame([])), PROTOCOL),
    "a status that is null": (says(SWITCHED, status_frame(None)), PROTOCOL),
    "a status 200,000 deep": (says(SWITCHED, frame(b"\x03" + DEEP[:200_000])), PROTOCOL),
    "a status that is no UTF-8": (says(SWITCHED, frame(b"\x03\xff\xfe")), PROTOCOL),
    "a status of numbers": (says(SWITCHED, status_frame({"status": 1})), PROTOCOL),
    "a failure without words": (says(SWITCHED, failure()), "the command could not be run"),
    "a failure whose words are a list": (
        says(SWITCHED, failure(message=["x"])),
        "the command could not be run",
    ),
    "details that are text": (
        says(SWITCHED, failure(reason="NonZeroExitCode", details="x")),
        PROTOCOL,
    ),
    "causes that are numbers": (
        says(SWITCHED, failure(reason="NonZeroExitCode", details={"causes": [7]})),
        PROTOCOL,
    ),
    "an exit code of 400 digits": (says(SWITCHED, exit_code("9" * 400)), PROTOCOL),
    "an exit code of 5,000 digits": (says(SWITCHED, exit_code("1" * 5000)), PROTOCOL),
    "a negative exit code": (says(SWITCHED, exit_code("-1")), PROTOCOL),
    "an exit code of Arabic digits": (says(SWITCHED, exit_code("٣")), ""),
    "an exit code that is an object": (says(SWITCHED, exit_code({})), PROTOCOL),
}


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("fault", STREAMS)
def test_a_stream_that_is_none_is_an_error_in_time(fault, tls):
    behaviour, words = STREAMS[fault]
    error = outcome(behaviour, "exec", tls=tls)
    assert error is None or isinstance(error, (ExecFailed, Unreachable))
    assert words in (error.message if error else "")
    if error:
        assert len(error.message) < 8000


SAID = CompletedExec(stdout=b"all LAST", stderr=b"", exit_code=0)


@pytest.mark.parametrize(
    ("pieces", "completed"),
    [
        pytest.param([frame(b"\x01all LAST")], SAID, id="the words"),
        pytest.param([frame(b"\x01all LA"), frame(b"\x01ST")], SAID, id="the words in two frames"),
        pytest.param(
            [frame(b"\x01all LAST"), exit_code("3"), b"\x88\x02\x03\xe8"],
            SAID._replace(exit_code=3),
            id="the words and the status",
        ),
        pytest.param([frame(b"\x01all"), frame(b"\x02LAST")], None, id="other words"),
    ],
)
def test_a_command_that_has_said_all_is_not_waited_for(pieces, completed):
    """A child of it holds the stream open."""
    began = time.monotonic()
    with misbehaving(then_waits(SWITCHED, *pieces)) as server:
        flags = ConnectionFlags(server=server.url, transport="api")
        with closing(connect(flags, {})) as live:
            seconds = 20.0 if completed else SECONDS
            try:
                done = live.exec(TARGET, ("sh",), deadline=seconds, last=b"LAST")
            except ExecTimedOut:
                done = None
    assert done == completed
    assert time.monotonic() - began < 15.0


FORWARDED = {
    "closed": (says(SWITCHED), ""),
    "silent": (then_waits(SWITCHED), "no answer from port 53 of pod n/p in time"),
    "reset": (resets(SWITCHED), ""),
    "reserved bits": (then_waits(SWITCHED, b"\xf2\x01\x01"), NO_WEBSOCKET),
    "a frame of 4 EiB": (then_waits(SWITCHED, HUGE, b"\x01abc"), NO_WEBSOCKET),
    "an error without end": (
        floods(SWITCHED, frame(b"\x01" + b"x" * 32768)),
        "error forwarding to port 53 of pod n/p: xxx",
    ),
    "pongs for ever": (
        floods(SWITCHED, frame(b"", ABNF.OPCODE_PONG) * 99),
        "no answer from port 53 of pod n/p in time",
    ),
    "a port a byte at a time": (
        drips(SWITCHED, frame(b"\x00" + b"x" * 999)),
        "no answer from port 53 of pod n/p in time",
    ),
}


@pytest.mark.parametrize("fault", FORWARDED)
def test_a_port_that_misbehaves_is_an_error_in_time(fault):
    behaviour, words = FORWARDED[fault]
    error = outcome(behaviour, "forward")
    assert words in (error.message if error else "")


HANDSHAKES = {
    "closes": (says(), EOF),
    "resets": (resets(), EOF),
    "says nothing": (then_waits(), ""),
    "speaks HTTP": (says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "server gave HTTP response"),
    "a record without end": (floods(b"\x16\x03\x03\xff\xff", b"\x00" * 4096), ""),
    "a record a byte at a time": (drips(b"", b"\x16\x03\x03\x40\x00" + b"\x02" * 9999), ""),
    "an alert": (says(b"\x15\x03\x03\x00\x02\x02\x28"), "remote error: tls: handshake failure"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("fault", HANDSHAKES)
def test_a_tls_handshake_that_fails_is_an_error_in_time(fault, command):
    behaviour, words = HANDSHAKES[fault]
    with misbehaving(behaviour, before=True) as server:
        flags = ConnectionFlags(
            server=server.url.replace("http:", "https:"),
            transport="api",
            request_timeout=f"{SECONDS}s",
            insecure_skip_tls_verify=True,
            token="t",
        )
        began = time.monotonic()
        with closing(connect(flags, {})) as live, pytest.raises(HostsError) as error:
            COMMANDS[command](live)
        assert time.monotonic() - began < IN_TIME
    assert words in error.value.message


def test_a_tls_name_that_no_server_can_have_is_an_error():
    with misbehaving(says(), tls=True) as server:
        flags = ConnectionFlags(server=server.url, transport="api", token="t")
        named = flags._replace(tls_server_name="a\0b", insecure_skip_tls_verify=True)
        with closing(connect(named, {})) as live, pytest.raises(Unreachable, match="no such host"):
            reading(live)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(says(), "EOF", id="closes"),
        pytest.param(then_waits(), TIMED_OUT, id="says nothing"),
        pytest.param(drips(b"HTTP/1.1 ", b"2" * 999), TIMED_OUT, id="a byte at a time"),
        pytest.param(floods(OK, b"X: y\r\n" * 99), "malformed HTTP", id="headers without end"),
        pytest.param(says(b"SSH-2.0\r\n"), "malformed HTTP response from proxy", id="SSH"),
        pytest.param(answers(b"no", "403 Forbidden"), "Forbidden", id="refuses"),
    ],
)
def test_a_proxy_that_misbehaves_is_an_error_in_time(fault, words):
    with misbehaving(fault) as proxy:
        flags = ConnectionFlags(
            server="https://api.example.org:6443", token="t", request_timeout=f"{SECONDS}s"
        )
        environ = {"HTTPS_PROXY": f"http://user:hunter2@127.0.0.1:{proxy.port}"}
        began = time.monotonic()
        with closing(connect(flags, environ)) as live, pytest.raises(Unreachable) as error:
            reading(live)
        assert time.monotonic() - began < IN_TIME
    assert words in error.value.message
    assert "hunter2" not in error.value.message + error.value.hint


IN_ONE_PROCESS = """
import sys, threading
sys.path[:0] = {path!r}
from kubectl_hosts.cluster.live import connect
from kubectl_hosts.cluster.connection_flags import ConnectionFlags
from kubectl_hosts.errors import HostsError
from kubectl_hosts.model.resources import Resource, Selection
from kubectl_hosts.probes.ports import ExecTarget
live = connect(ConnectionFlags(server={url!r}, transport="api", request_timeout="20s"), {{}})
said = []
def work():
    try:
        {work}
    except HostsError as error:
        said.append(error.message)
threads = [threading.Thread(target=work) for _ in range({threads})]
for each in threads: each.start()
for each in threads: each.join()
# getrusage(2) keeps what the process that forked us had; proc_pid_status(5) starts at our exec.
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(len(said), int(status["VmHWM"].split()[0]) // 1024)
"""
EXEC = 'live.exec(ExecTarget("n", "p", "c"), ("cat",), deadline=20)'
LIST = 'list(live.list(Resource("pods"), Selection()))'


@pytest.mark.parametrize(
    ("fault", "work", "threads"),
    [
        pytest.param(floods(SWITCHED + LARGE, b"\x01" * 65536), EXEC, 30, id="frames of 64 MiB"),
        pytest.param(
            floods(SWITCHED, frame(b"\x03" + b"x" * 32768)), EXEC, 30, id="endless error channels"
        ),
        pytest.param(BODIES["a gzip bomb"][0], LIST, 1, id="a gzip bomb"),
        pytest.param(BODIES["a body without end"][0], LIST, 1, id="a body without end"),
        pytest.param(BODIES["ten million empty lists"][0], LIST, 1, id="ten million lists"),
        pytest.param(BODIES["JSON 200,000 deep"][0], LIST, 1, id="deep JSON"),
    ],
)
def test_what_has_no_end_takes_at_most_400_mb(fault, work, threads):
    with misbehaving(fault) as server:
        program = IN_ONE_PROCESS.format(
            path=sys.path, url=server.url, work=textwrap.dedent(work), threads=threads
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
        )
    failed, megabytes = map(int, done.stdout.split())
    assert failed == threads
    assert megabytes < 400
