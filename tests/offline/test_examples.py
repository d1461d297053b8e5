"""The examples are what they say they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubectl_hosts.model.evidence import HOSTS
from kubectl_hosts.model.findings import Reason
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.reads import PodRef
from kubectl_hosts.model.resources import Resource, Selection
from kubectl_hosts.offline.backend import load

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
    assert cluster.manifests.findings == ()


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
            },
            id="what the API server refuses",
        ),
    ],
)
def test_each_mistake_is_found(name, reasons):
    assert {each.reason for each in example(f"mistakes/{name}").manifests.findings} == reasons


def test_the_capture_plays_every_pod_of_the_tour_with_its_hosts_file():
    cluster = example("capture.json")
    capture = cluster.captures[0]
    pods = [pod.name for pod in map(parse_pod, cluster.list(PODS, Selection(namespace="shop")))]
    with_hosts = {
        pod.name
        for (pod, _), record in capture.containers.items()
        if b"localhost" in getattr(record.files.get(HOSTS), "data", b"")
    }
    assert (cluster.namespace, len(pods), sorted(with_hosts)) == ("shop", 8, sorted(pods))


def test_the_capture_holds_what_was_edited_by_hand():
    record = example("capture.json").captures[0].containers[PodRef("shop", "edited"), "main"]
    edited = b"10.1.2.4\tdb.example.org\n203.0.113.7 metrics.example.net\n"
    assert edited in record.files[HOSTS].data


@pytest.mark.parametrize("name", ["capture.json", "questions.json"])
def test_a_capture_holds_no_commands_no_tokens_and_no_secret(name):
    text = (EXAMPLES / name).read_text()
    kinds = {kind for _, kind in example(name).objects}
    assert {"Pod", "Node", "Service", "ConfigMap"} <= kinds
    assert "Secret" not in kinds
    assert [word for word in ('"command"', '"args"', "Bearer ", "eyJ") if word in text] == []
