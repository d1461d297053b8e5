"""A slim Pod tells as much as a whole one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from kubectl_hosts.cli.targets import slim_pod
from kubectl_hosts.model.pod import WRITES_HOSTS, parse_pod
from tests.e2e.pods import plain_pods
from tests.fakes import a_pod

EXAMPLES = Path(__file__).parents[2] / "examples"


def captured_pods():
    for file in ("capture.json", "questions.json"):
        captured = json.loads((EXAMPLES / file).read_text())["objects"]
        yield from (each for each in captured if each["kind"] == "Pod")


EVERY_FIELD = a_pod(
    "web",
    spec={
        "hostname": "h",
        "subdomain": "s",
        "hostnameOverride": "o",
        "setHostnameAsFQDN": True,
        "hostNetwork": True,
        "dnsPolicy": "None",
        "dnsConfig": {"nameservers": ["192.0.2.53"], "options": [{"name": "ndots", "value": "1"}]},
        "os": {"name": "windows"},
        "securityContext": {"windowsOptions": {"hostProcess": True}},
        "volumes": [{"name": "own", "configMap": {"name": "own-hosts"}}],
        "initContainers": [
            {"name": "side", "restartPolicy": "Always", "env": [{"name": "A"}]},
            {"name": "edit", "args": ["sh", "-c", "echo 10.1.2.3 a >> /etc/hosts"]},
        ],
        "ephemeralContainers": [{"name": "look", "image": "busybox"}],
    },
    status={
        "phase": "Running",
        "podIP": "10.1.2.3",
        "conditions": [{"type": "Ready", "status": "True", "lastProbeTime": None}],
        "initContainerStatuses": [{"name": "side", "lastState": {"terminated": {"exitCode": 3}}}],
        "ephemeralContainerStatuses": [{"name": "look", "state": {"waiting": {"reason": "no"}}}],
    },
    annotations={"kubectl.kubernetes.io/default-container": "main"},
    ownerReferences=[{"kind": "ReplicaSet", "name": "web-1", "controller": True}],
    deletionTimestamp="2026-01-02T03:04:05Z",
    managedFields=[{"manager": "kubectl"}],
)


@pytest.mark.parametrize("obj", [EVERY_FIELD, *plain_pods(), *captured_pods()])
def test_what_is_left_parses_to_the_same_pod_but_for_what_it_runs(obj):
    whole = parse_pod(obj)
    plain = [
        each._replace(command=(WRITES_HOSTS,) if each.writes_hosts else (), args=(), env=())
        for each in whole.containers
    ]
    assert parse_pod(slim_pod(obj)) == replace(whole, containers=tuple(plain))


def test_what_nothing_reads_is_left_out():
    slim = slim_pod(EVERY_FIELD)
    assert "managedFields" not in slim["metadata"]
    assert slim["spec"]["initContainers"] == [
        {"name": "side", "restartPolicy": "Always"},
        {"name": "edit", "command": [WRITES_HOSTS]},
    ]
    assert slim["status"]["conditions"] == [{"type": "Ready", "status": "True"}]


def test_a_command_of_a_wrong_type_is_its_own_pods_trouble():
    pod = a_pod("web", spec={"containers": [{"name": "main", "command": 7}, {"name": "b"}]})
    assert slim_pod(pod)["spec"]["containers"] == [{"name": "main"}, {"name": "b"}]
