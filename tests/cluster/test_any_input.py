"""Whatever stands in a kubeconfig or comes from a server is read, or is an error with a message."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kubectl_hosts.cluster.access import (
    Kubeconfig,
    ServerAddress,
    load_kubeconfig,
    parse_document,
    parse_server,
)
from kubectl_hosts.cluster.exec import exit_code
from kubectl_hosts.cluster.http_requests import parse_refusal, refused
from kubectl_hosts.errors import ExecFailed, HostsError, ServerRefused

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.binary() | st.text().map(str.encode))
@example(b"{]")
@example(b"&a [*a, *a]")
@example(b"{? [1, 2] : 3}")
def test_any_bytes_are_a_document_or_an_error(text):
    with suppress(ValueError):
        assert isinstance(parse_document(text), dict)


NAMED = st.fixed_dictionaries(
    {}, optional={"name": JSON, "user": JSON, "cluster": JSON, "context": JSON}
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "current-context": JSON,
            "users": JSON | st.lists(NAMED, max_size=3),
            "clusters": JSON | st.lists(NAMED, max_size=3),
            "contexts": JSON | st.lists(NAMED, max_size=3),
        },
    )
)
def test_any_object_is_a_kubeconfig_or_an_error(tmp_path_factory, document):
    path = tmp_path_factory.getbasetemp() / "any-kubeconfig"
    path.write_text(json.dumps(document))
    with suppress(HostsError):
        assert isinstance(load_kubeconfig(str(path), {}), Kubeconfig)


@given(st.text() | st.text("htps:/[]@.-:0123456789abcé"))
@example("https://[")
@example("https://a:99999")
@example("https://\u2100")
def test_any_text_is_a_server_or_an_error(text):
    with suppress(HostsError):
        assert isinstance(parse_server(text), ServerAddress)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
@example(b'{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[7]}}')
@example(
    '{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"²"}]}}'.encode()
)
def test_any_status_is_an_exit_code_or_an_error(status):
    with suppress(ExecFailed):
        assert 0 <= exit_code(status) < 256


@given(st.integers(300, 599), st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_refusal_has_words(code, body):
    error = refused(parse_refusal(code, body))
    assert isinstance(error, ServerRefused)
    assert error.message


# Up to Python 3.10 uuid, which msgspec has, brings subprocess: its platform.py imports it.
SUBPROCESS = ["subprocess"] if sys.version_info >= (3, 11) else []


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        (
            "kubectl_hosts.cluster.connection_flags",
            ["ssl", "json", "yaml", "http.client", "subprocess"],
        ),
        ("kubectl_hosts.cluster.live", ["ssl", "json", "yaml", "http.client", *SUBPROCESS]),
        (
            "kubectl_hosts.cluster.exec",
            ["kubernetes", "websocket", "yaml", "http.client", *SUBPROCESS],
        ),
    ],
)
def test_an_import_brings_nothing_heavy(module, heavy):
    program = f"import sys, {module}; print([m for m in {heavy!r} if m in sys.modules])"
    printed = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}; {program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout == "[]\n"
