"""Which container is looked at, what is said about the choice, and which can stand in."""

from __future__ import annotations

import pytest

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.hosts.volumes import siblings
from kubectl_hosts.model.pod import (
    container_named,
    default_container,
    defaulted_note,
    parse_pod,
    why_not_running,
)
from tests.fakes import a_pod

OWN = [{"name": "own", "mountPath": "/etc/hosts"}]


def pod(*, annotations=None, status=None, **spec):
    return parse_pod(a_pod("web", annotations=annotations or {}, status=status, spec=spec))


def named(*names):
    return [{"name": each} for each in names]


KINDS = {
    "containers": named("app", "proxy"),
    "initContainers": [{"name": "setup"}, {"name": "side", "restartPolicy": "Always"}],
    "ephemeralContainers": named("debugger"),
}


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        pytest.param(None, "app", id="the first app container"),
        pytest.param("proxy", "proxy", id="the annotated one"),
        pytest.param("setup", "setup", id="the annotated one may be an init container"),
        pytest.param("gone", "app", id="an annotation that names nothing counts for nothing"),
    ],
)
def test_the_default_container_is_kubectls(annotation, expected):
    annotations = {"kubectl.kubernetes.io/default-container": annotation} if annotation else {}
    assert default_container(pod(annotations=annotations, **KINDS)).name == expected


def test_the_note_about_the_choice_is_kubectls():
    assert defaulted_note(pod(**KINDS)) == (
        'Defaulted container "app" out of: app, proxy, debugger (ephem), setup (init), side (init)'
    )


def test_one_container_is_no_choice():
    assert defaulted_note(pod(containers=named("app"))) == ""


@pytest.mark.parametrize("name", ["app", "setup", "side", "debugger"])
def test_a_container_of_any_kind_can_be_named(name):
    assert container_named(pod(**KINDS), name).name == name


def test_a_container_that_is_not_there_is_an_error_that_lists_those_that_are():
    with pytest.raises(BadInput) as raised:
        container_named(pod(**KINDS), "nope")
    assert raised.value.message == "container nope not found in pod web"
    assert "app, proxy, debugger (ephem), setup (init), side (init)" in raised.value.hint


def test_a_pod_without_containers_is_an_error():
    with pytest.raises(BadInput, match="pod web has no containers"):
        default_container(pod(containers=[]))


def state(phase="Running", **state):
    return {"phase": phase, "containerStatuses": [{"name": "main", "state": state}]}


@pytest.mark.parametrize(
    ("status", "spec", "reason"),
    [
        pytest.param(state(running={"startedAt": "2026-01-02T03:04:05Z"}), {}, "", id="running"),
        pytest.param(state(), {}, "", id="no status: the server will say"),
        pytest.param(
            state("Succeeded", terminated={"reason": "Completed"}),
            {},
            "cannot exec into a container in a completed pod; current phase is Succeeded",
            id="a finished pod, in kubectl's words",
        ),
        pytest.param(
            state("Pending"),
            {"nodeName": ""},
            "pod web does not have a host assigned",
            id="pending",
        ),
        pytest.param(
            state(waiting={"reason": "ErrImageNeverPull"}),
            {},
            'container "main" is not running: waiting, ErrImageNeverPull',
            id="an image never pulled",
        ),
        pytest.param(
            state(terminated={"reason": "Error"}),
            {},
            'container "main" is not running: terminated, Error',
            id="a container that ended",
        ),
    ],
)
def test_where_no_command_can_run_the_status_says_why(status, spec, reason):
    one = pod(status=status, containers=named("main"), **spec)
    assert why_not_running(one, one.containers[0]) == reason


def test_a_sibling_is_a_running_container_without_a_mount_of_its_own():
    running = {"running": {"startedAt": "2026-01-02T03:04:05Z"}}
    one = pod(
        containers=[*named("main", "sidecar", "ended"), {"name": "own", "volumeMounts": OWN}],
        status={
            "phase": "Running",
            "containerStatuses": [
                {"name": "main", "state": running},
                {"name": "sidecar", "state": running},
                {"name": "ended", "state": {"terminated": {}}},
                {"name": "own", "state": running},
            ],
        },
    )
    main, _, _, own = one.containers
    assert [each.name for each in siblings(one, main, "/etc/hosts")] == ["sidecar"]
    assert list(siblings(one, own, "/etc/hosts")) == []
