"""What a user can get wrong: one error line, one hint, the right exit status, no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.answers import complaint

CAPTURE = Path(__file__).parents[2] / "examples" / "capture.json"
DEPLOYMENT_WITHOUT_TEMPLATE = b"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n"
CONFIG_MAP = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"


@pytest.mark.parametrize("verb", ["show", "diff"])
@pytest.mark.parametrize(
    ("argv", "words"),
    [
        pytest.param(["no-such-pod"], 'pods "no-such-pod" not found', id="no such pod"),
        pytest.param(["default", "-n", "no-such-ns"], "not found", id="no such namespace"),
        pytest.param(["default", "-c", "nope"], "nope", id="no such container"),
        pytest.param(["gadget/default"], "gadget", id="an unknown TYPE"),
        pytest.param(["deploy/nope"], 'deployments.apps "nope" not found', id="no such owner"),
        pytest.param(["default", "--context", "nope"], "nope", id="a context that is not there"),
        pytest.param(["default", "--kubeconfig", "/nope"], "/nope", id="no such kubeconfig"),
        pytest.param(["-f", "/no/such/file"], "/no/such/file", id="no such manifest"),
        pytest.param(
            ["default", "--server", "https://127.0.0.1:9"], "127.0.0.1:9", id="no cluster there"
        ),
    ],
)
def test_a_mistake_is_one_error_and_one_hint(hosts, verb, argv, words):
    done = hosts(verb, *argv)
    assert words in complaint(done)[0]
    assert (done.returncode, done.stdout) == ({"show": 1, "diff": 2}[verb], b"")


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param(b"kind: Pod\n  bad: [indent\n", id="no YAML at all"),
        pytest.param(b"", id="an empty file"),
        pytest.param(CONFIG_MAP, id="a manifest with no pod in it"),
        pytest.param(b"\xff\xfe\x00\x01", id="bytes that are no text"),
    ],
)
def test_a_manifest_that_says_nothing_is_an_error(hosts, manifest):
    done = hosts("show", "-f", "-", stdin=manifest, env={"KUBECONFIG": "/nonexistent"})
    complaint(done)
    assert (done.returncode, done.stdout) == (1, b"")


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        pytest.param(DEPLOYMENT_WITHOUT_TEMPLATE, "MissingField", id="no template"),
        pytest.param(b'{"kind": "Pod", "spec": []}', "error", id="a field of the wrong type"),
    ],
)
def test_a_manifest_that_the_server_refuses_is_the_first_line(hosts, manifest, reason):
    done = hosts("show", "-f", "-", stdin=manifest, env={"KUBECONFIG": "/nonexistent"})
    assert done.returncode == 1
    assert reason in done.stdout.decode()
    assert done.stdout.decode().splitlines()[0].split()[1:2] != ["pod"]


def test_a_capture_cut_short_is_an_error(hosts, tmp_path):
    whole = CAPTURE.read_bytes()
    cut = tmp_path / "capture.json"
    cut.write_bytes(whole[: len(whole) // 2])
    done = hosts("show", "-f", str(cut), env={"KUBECONFIG": "/nonexistent"})
    assert str(cut) in complaint(done)[0]
    assert (done.returncode, done.stdout) == (1, b"")


def test_a_token_that_expired_is_an_error_and_no_traceback(world, hosts):
    token = world.user("expired", ("get list", "pods"))
    world.core.delete_namespaced_service_account("expired", world.namespace)
    env = {"KUBECONFIG": world.write_kubeconfig("expired", token=token)}
    done = hosts("show", "default", env=env)
    assert "You must be logged in to the server" in complaint(done)[0]
    assert done.returncode == 1
