"""What a role lets the program see, and how often it asks the server."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.e2e.answers import container, report
from tests.e2e.images import REALCLUSTER_STATE
from tests.e2e.release import server_release

READ = ("get list", "pods")
AUDIT_LOG = REALCLUSTER_STATE / "log" / "audit.log"


def test_without_the_right_to_exec_there_is_the_prediction(world, hosts):
    token = world.user("reader", READ)
    env = {"KUBECONFIG": world.write_kubeconfig("reader", token=token)}
    document = container(report(hosts("show", "default", "-o", "json", env=env)))
    assert 'cannot create resource "pods/exec"' in document["unreadable"]
    text = "".join(f"{line['text']}\n" for line in document["lines"])
    assert text.encode() == world.hosts("default")


@pytest.fixture
def shown(world, hosts):
    """What `show` prints for who may read pods, and has VERB alone on pods/exec."""

    def show(verb):
        token = world.user(f"{verb}-exec", READ, (verb, "pods/exec"))
        env = {"KUBECONFIG": world.write_kubeconfig(f"{verb}-exec", token=token)}
        return hosts("show", "default", "-o", "hosts", env=env)

    return show


def test_create_on_pods_exec_is_enough_since_kubectl_falls_back_to_it(world, shown):
    assert shown("create").stdout == world.hosts("default")


def test_get_on_pods_exec_is_enough_before_1_35(world, shown):
    done = shown("get")
    if server_release() < (1, 35):  # gate AuthorizePodWebsocketUpgradeCreatePermission
        assert done.stdout == world.hosts("default")
    else:
        assert (done.returncode, done.stdout) == (1, b"")
        assert b'resources: ["pods/exec"], verbs: ["get", "create"]' in done.stderr


@pytest.mark.skipif(not AUDIT_LOG.exists(), reason="the server's audit log is not on this machine")
@pytest.mark.parametrize(
    ("argv", "requests"),
    [
        pytest.param(
            ["show", "default"],
            ["get nodes", "get pods", "get pods/exec"],
            id="one pod: the pod, its node, one exec",
        ),
        pytest.param(
            ["show", "default", "--expected"],
            ["get nodes", "get pods"],
            id="the prediction alone: no exec",
        ),
        pytest.param(
            ["diff", "kinds", "-c", "app"],
            ["get nodes", "get pods", "get pods/exec"],
            id="containers that share the file: one exec",
        ),
        pytest.param(
            ["show", "-l", "scenario in (default,aliases,fqdn)"],
            ["get nodes", *["get pods/exec"] * 3, "list pods", "list servicecidrs"],
            id="many pods: one list, one exec each, a node once, what aliases may pin once",
        ),
    ],
)
def test_no_read_that_the_question_does_not_need(world, hosts, request, argv, requests):
    name = f"counted-{abs(hash(request.node.name)) % 10**6}"
    token = world.user(name, READ, ("get create", "pods/exec"))
    env = {"KUBECONFIG": world.write_kubeconfig(name, token=token)}
    hosts(*argv, env=env)
    assert _requests_of(f"system:serviceaccount:{world.namespace}:{name}") == requests


def _requests_of(user: str) -> list[str]:
    """`verb resource[/subresource]` of each request of USER, sorted."""
    time.sleep(0.5)
    seen = {}
    for line in Path(AUDIT_LOG).read_text().splitlines():
        if user in line and (event := json.loads(line))["user"]["username"] == user:
            target = event["objectRef"]
            path = [target["resource"], target.get("subresource", "")]
            seen[event["auditID"]] = f"{event['verb']} {'/'.join(filter(None, path))}"
    return sorted(seen.values())


def test_looking_changes_nothing(world, hosts):
    before = _settled(world)
    hosts("show", "-l", "scenario in (default,appended,kinds)", "--all-containers")
    hosts("diff", "-l", "scenario in (default,appended,kinds)")
    assert _settled(world) == before
    assert world.hosts("appended").endswith(b"192.0.2.66\tintruder\n")


def _settled(world):
    """By the uid of each settled pod: what others than its kubelet write, and what runs there.

    A kubelet that has just started writes each pod's status once more (seen on 1.37).
    """
    return {
        pod["metadata"]["uid"]: (
            {k: v for k, v in pod["metadata"].items() if k not in _OF_EACH_WRITE},
            pod["spec"],
            [
                (each["name"], each.get("containerID"), each["restartCount"])
                for kind in ("containerStatuses", "ephemeralContainerStatuses")
                for each in pod["status"].get(kind, ())
            ],
        )
        for pod in world.pods()
        if pod["metadata"]["labels"]["until"] == "Ready"
    }


_OF_EACH_WRITE = {"resourceVersion", "managedFields"}
