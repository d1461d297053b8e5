"""What is recorded plays back: the same answers to the same questions, errors included."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kubectl_hosts.offline.capture_json import capture_document
from kubectl_hosts.offline.record import RecordingCluster

from kubectl_hosts.errors import (
    BadInput,
    ContainerNotRunning,
    ExecFailed,
    Forbidden,
    HostsError,
    NoSuchExecutable,
    NotFound,
    Unreachable,
)
from kubectl_hosts.model.resources import Resource, Selection
from kubectl_hosts.offline.capture import parse_capture
from kubectl_hosts.offline.load import load
from kubectl_hosts.probes.ports import CompletedExec, ExecTarget

PODS, SERVICES, SECRETS = Resource("pods"), Resource("services"), Resource("secrets")
CONFIG_MAPS = Resource("configmaps")
MARKER, LATER_MARKER = f"=={'a' * 32}==", f"=={'b' * 32}=="
WEB = ExecTarget(namespace="shop", pod="web", container="app")
DONE = ExecTarget(namespace="shop", pod="done", container="app")


def probe(marker, *paths, script="cat"):
    return ("sh", "-c", script, "sh", marker, *paths)


def pod(name, **spec):
    return {"metadata": {"name": name, "namespace": "shop"}, "spec": spec}


class ScriptedCluster:
    """A cluster with two pods, one of them running; ConfigMaps are forbidden."""

    namespace = "shop"

    def get(self, resource, name, *, namespace=""):
        if resource == CONFIG_MAPS:
            raise Forbidden("configmaps is forbidden", status=403, reason="Forbidden", hint="Ask.")
        for obj in self.list(resource, Selection(namespace=namespace)):
            if obj["metadata"]["name"] == name:
                return {**obj, "status": {"phase": "Running"}}
        raise NotFound(f'{resource.plural} "{name}" not found', status=404, reason="NotFound")

    def list(self, resource, selection):
        yield from (pod("web"), pod("done")) if resource != SERVICES else ()

    def exec(self, target, argv, *, stdin=b"", limit=1 << 20, deadline=30.0):
        if target == DONE:
            raise ContainerNotRunning("container not found", hint="It ended.")
        marker = argv[4].encode() if len(argv) > 4 else b""
        return CompletedExec(stdout=marker + b"\n\xff" + stdin + marker, stderr=b"e", exit_code=3)


def recorded(ask):
    """The cluster that plays what ASK read from the scripted one."""
    recorder = RecordingCluster(ScriptedCluster())
    ask(recorder)
    text = json.dumps(capture_document(recorder.capture()))
    return load(["-"], namespace="", stdin=text.encode)


def outcome(ask, cluster):
    try:
        return ask(cluster)
    except HostsError as error:
        return comparable(error)


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda cluster: cluster.namespace, id="the namespace"),
        pytest.param(lambda cluster: cluster.get(PODS, "web", namespace="shop"), id="a pod"),
        pytest.param(lambda cluster: cluster.get(PODS, "gone", namespace="shop"), id="no such pod"),
        pytest.param(
            lambda cluster: cluster.get(CONFIG_MAPS, "coredns", namespace="kube-system"),
            id="forbidden",
        ),
        pytest.param(
            lambda cluster: list(cluster.list(PODS, Selection(namespace="shop"))), id="pods"
        ),
        pytest.param(
            lambda cluster: list(cluster.list(SERVICES, Selection(label_selector="a=b"))),
            id="no Service",
        ),
        pytest.param(lambda cluster: cluster.exec(WEB, ["cat", "/etc/hosts"]), id="an exec"),
        pytest.param(lambda cluster: cluster.exec(WEB, ["cat"], stdin=b"in"), id="standard input"),
        pytest.param(lambda cluster: cluster.exec(DONE, ["cat"]), id="a container that ended"),
    ],
)
def test_the_same_question_has_the_same_answer(ask):
    def ask_quietly(cluster):
        return outcome(ask, cluster)

    assert ask_quietly(recorded(ask_quietly)) == ask_quietly(ScriptedCluster())


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(probe(LATER_MARKER, "/etc/hosts"), id="another marker"),
        pytest.param(
            probe(LATER_MARKER, "/etc/hosts", script="head"), id="a script of another release"
        ),
        pytest.param(
            probe(LATER_MARKER, "/etc/hosts", "/etc/new"), id="a later release asks for more"
        ),
    ],
)
def test_a_probe_plays_back_with_the_marker_it_is_given_now(later):
    cluster = recorded(lambda live: live.exec(WEB, probe(MARKER, "/etc/hosts")))
    marker = LATER_MARKER.encode()
    assert cluster.exec(WEB, later).stdout == marker + b"\n\xff" + marker


@pytest.mark.parametrize(
    ("target", "argv"),
    [
        pytest.param(WEB, probe(LATER_MARKER, "/etc/resolv.conf"), id="another file"),
        pytest.param(WEB, ("sh", "-c", "head", "sh", "no marker", "/etc/hosts"), id="no probe"),
        pytest.param(WEB, probe(LATER_MARKER, "redis"), id="a name without a file"),
        pytest.param(DONE, probe(LATER_MARKER, "/etc/hosts"), id="another pod"),
    ],
)
def test_what_was_never_run_has_no_output(target, argv):
    cluster = recorded(lambda live: live.exec(WEB, probe(MARKER, "/etc/hosts")))
    with pytest.raises(ExecFailed, match="was captured in STDIN"):
        cluster.exec(target, argv)


def test_a_program_that_was_not_run_is_passed_over_for_one_that_was():
    """Whoever reads files tries `head` and a shell: one of them was recorded, the other will do."""
    cluster = recorded(lambda live: live.exec(WEB, probe(MARKER, "/etc/hosts")))
    with pytest.raises(NoSuchExecutable, match="python3 was not run while STDIN was recorded"):
        cluster.exec(WEB, ("python3", "-c", "x", LATER_MARKER, "/etc/hosts"))


def test_output_is_cut_at_the_limit():
    cluster = recorded(lambda live: live.exec(WEB, ["cat"], stdin=b"0123456789"))
    done = cluster.exec(WEB, ["cat"], stdin=b"0123456789", limit=4)
    assert (done.stdout, done.truncated) == (b"\n\xff01", True)


def test_what_nobody_looked_for_is_unreachable_not_absent():
    cluster = recorded(lambda live: list(live.list(SERVICES, Selection(namespace="shop"))))
    assert list(cluster.list(SERVICES, Selection(namespace="shop", label_selector="a=b"))) == []
    with pytest.raises(NotFound):
        cluster.get(SERVICES, "db", namespace="shop")
    with pytest.raises(Unreachable, match='services "db": not read while STDIN was recorded'):
        cluster.get(SERVICES, "db", namespace="elsewhere")
    with pytest.raises(Unreachable, match="the services: not read"):
        cluster.list(SERVICES, Selection())


def test_captured_pods_can_be_listed_however_they_were_read():
    cluster = recorded(lambda live: live.get(PODS, "web", namespace="shop"))
    assert [each["metadata"]["name"] for each in cluster.list(PODS, Selection())] == ["web"]


def test_a_list_does_not_replace_what_a_get_showed():
    def ask(live):
        live.get(PODS, "web", namespace="shop")
        list(live.list(PODS, Selection(namespace="shop")))

    assert recorded(ask).get(PODS, "web", namespace="shop")["status"] == {"phase": "Running"}


def test_a_list_left_half_way_is_not_taken_for_all():
    cluster = recorded(lambda live: next(live.list(CONFIG_MAPS, Selection(namespace="shop"))))
    with pytest.raises(Unreachable):
        cluster.list(CONFIG_MAPS, Selection(namespace="shop"))


def test_secrets_are_passed_on_and_never_recorded():
    recorder = RecordingCluster(ScriptedCluster())
    assert recorder.get(SECRETS, "web", namespace="shop")
    assert len(list(recorder.list(SECRETS, Selection()))) == 2
    document = capture_document(recorder.capture())
    assert (document["objects"], document["reads"]) == ({}, [])


def test_unknown_keys_of_a_later_release_are_ignored():
    document = {
        "apiVersion": "kubectl-hosts/v1",
        "kind": "Capture",
        "namespace": "shop",
        "recordedBy": "a later release",
        "objects": {"pods": [pod("web")]},
        "execs": [
            {
                "namespace": "shop",
                "pod": "web",
                "container": "app",
                "argv": ["x"],
                "error": {"class": "NewFailure", "message": "m", "when": 1},
            }
        ],
    }
    cluster = load(["-"], namespace="", stdin=json.dumps(document).encode)
    assert cluster.get(PODS, "web", namespace="shop") == pod("web")
    with pytest.raises(ExecFailed, match=r"^m$"):
        cluster.exec(WEB, ["x"])


def test_a_manifest_beside_a_capture_wins():
    capture = {
        "apiVersion": "kubectl-hosts/v1",
        "kind": "Capture",
        "objects": {"pods": [pod("web")]},
    }
    manifest = {"apiVersion": "v1", "kind": "Pod", **pod("web", hostname="new")}
    text = json.dumps(capture) + json.dumps(manifest)
    cluster = load(["-"], namespace="", stdin=text.encode)
    assert cluster.get(PODS, "web", namespace="shop")["spec"] == {"hostname": "new"}


@pytest.mark.parametrize(
    ("item", "message"),
    [
        pytest.param(
            {"stdout": {"base64": "?"}}, "stdout of an exec in pod  is not base64", id="no base64"
        ),
        pytest.param(
            {"argv": "x"}, "argv: expected a list, found a string", id="a string for argv"
        ),
        pytest.param(
            {"exitCode": "0"},
            "exitCode: expected a number, found a string",
            id="a string for a number",
        ),
    ],
)
def test_a_damaged_capture_is_bad_input(item, message):
    document = {"apiVersion": "kubectl-hosts/v1", "kind": "Capture", "execs": [item]}
    with pytest.raises(BadInput) as caught:
        load(["-"], namespace="", stdin=json.dumps(document).encode)
    assert caught.value.message == f'error validating "STDIN": document 1 (line 1): {message}'


class Answers(ScriptedCluster):
    """Execs give these results, one after another."""

    def __init__(self, results):
        self.results = iter(results)

    def exec(self, target, argv, *, stdin=b"", limit=1 << 20, deadline=30.0):
        result = next(self.results)
        if isinstance(result, HostsError):
            raise result
        return result


def comparable(result):
    return (type(result), vars(result)) if isinstance(result, HostsError) else result


NAMES = st.text(max_size=5)
RESULTS = st.builds(
    CompletedExec,
    stdout=st.binary(),
    stderr=st.binary(),
    exit_code=st.integers(0, 255),
    truncated=st.booleans(),
)


@given(
    st.lists(
        st.tuples(
            st.lists(NAMES),
            st.binary(max_size=5),
            RESULTS | NAMES.map(ExecFailed) | NAMES.map(Unreachable),
        ),
        max_size=5,
    )
)
def test_any_output_survives_the_file(commands):
    recorder = RecordingCluster(Answers([result for _, _, result in commands]))
    for argv, stdin, _ in commands:
        with contextlib.suppress(HostsError):
            recorder.exec(WEB, argv, stdin=stdin)
    capture = recorder.capture()
    played = parse_capture(json.loads(json.dumps(capture_document(capture))))
    assert played.marker == capture.marker
    assert {key: comparable(each) for key, each in played.execs.items()} == {
        key: comparable(each) for key, each in capture.execs.items()
    }
