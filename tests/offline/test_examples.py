"""The examples are what they say they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubectl_hosts.gather.ports import Resource, Selection
from kubectl_hosts.model.findings import Reason
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.offline.load import load

EXAMPLES = Path(__file__).parents[2] / "examples"
PODS = Resource("pods")


def example(name):
    return load([str(EXAMPLES / name)], namespace="", stdin=bytes)


def test_the_manifests_hold_the_pods_of_the_tour_and_no_mistake():
    cluster = example("manifests")
    pods = {pod.name: pod for pod in map(parse_pod, cluster.list(PODS, Selection()))}
    assert sorted(pods) == [
        "busybox-1",
        "busybox-2",
        "cart-xxxxxxxxxx-xxxxx",
        "default-pod",
        "edited",
        "host-network",
        "hostaliases-pod",
        "own-mount",
    ]
    assert [pods[name].subdomain for name in ("busybox-1", "busybox-2")] == ["aaa", "bbb"]
    assert cluster.findings == ()


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        pytest.param("wrong-level.yaml", {Reason.HOST_ALIASES_MISPLACED}, id="the wrong level"),
        pytest.param("duplicate-ips.yaml", {Reason.HOST_ALIAS_IP_DUPLICATE}, id="one ip twice"),
        pytest.param(
            "refused.yaml",
            {
                Reason.HOST_ALIAS_IP_INVALID,
                Reason.HOST_ALIAS_NAME_INVALID,
                Reason.HOST_ALIAS_IP_NOT_CANONICAL,
                Reason.HOST_ALIAS_FIELD_UNKNOWN,
                Reason.HOST_ALIAS_WITHOUT_NAMES,
            },
            id="what the API server refuses",
        ),
    ],
)
def test_each_mistake_is_found(name, reasons):
    assert {each.reason for each in example(f"mistakes/{name}").findings} == reasons
