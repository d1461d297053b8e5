"""The real cluster with something wrong in between, or missing: one row, one line, and in time."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.between import Fault, between, refusal
from tests.e2e.images import on_realcluster
from tests.e2e.world import kubectl, reachable, wait_until

ROOT = Path(__file__).parents[2]

SELECTED = ("-l", "scenario in (default,aliases)")
MATCHES = "2 of 2 pods match their specs"


def exec_of(name):
    return lambda target: f"/pods/{name}/exec" in target


def is_list(target):
    return "/pods?" in target


def anything(_):
    return True


# fault, status, words on stdout, words on stderr
ONE = {
    "a stream cut in a frame": (
        Fault(exec_of("default"), after=3),
        (0, "the stream ended before the command's exit status arrived", ""),
    ),
    "a reset when an exec begins": (
        Fault(exec_of("default"), resets=True),
        (0, "could not look", ""),
    ),
    "a slow drip": (
        Fault(exec_of("default"), seconds=0.3),
        (0, "did not end within 3 s", ""),
    ),
    "a list cut midway": (Fault(is_list, after=2000), (1, "", "unexpected EOF")),
    "a list that drips": (
        Fault(is_list, seconds=0.05),
        (1, "", "Client.Timeout exceeded while awaiting headers"),
    ),
    "429 for a while": (
        Fault(anything, 2, refusal("429 Too Many Requests", "Retry-After: 1")),
        (0, MATCHES, ""),
    ),
    "503 for a while": (
        Fault(is_list, 2, refusal("503 Service Unavailable", "Retry-After: 1")),
        (0, MATCHES, ""),
    ),
    "503 without end": (
        Fault(is_list, instead=refusal("503 Service Unavailable")),
        (1, "", "Error from server"),
    ),
    "a token that expired midway": (
        Fault(exec_of("default"), token="gone"),
        (0, "You must be logged in to the server", ""),
    ),
    "a token that expired before": (
        Fault(anything, token="gone"),
        (1, "", "You must be logged in to the server"),
    ),
}


@pytest.mark.parametrize("fault", ONE)
def test_what_goes_wrong_in_between_costs_one_row_or_is_one_error(world, hosts, fault):
    behaviour, (status, out, err) = ONE[fault]
    with between(behaviour) as proxy:
        env = {"KUBECONFIG": world.write_kubeconfig("between", server=proxy.url)}
        began = time.monotonic()
        done = hosts(
            *("show", *SELECTED, "-o", "wide", "--request-timeout=3s", "--transport=api"), env=env
        )
        assert time.monotonic() - began < 20
        assert proxy.met
    assert done.returncode == status, done.stderr
    assert out in done.stdout.decode()
    assert err in done.stderr.decode()
    assert b"unexpected " not in done.stderr.replace(b"unexpected EOF", b"")
    if status == 0:  # the other pod is not the worse for it
        rows = [each.split() for each in done.stdout.decode().splitlines()]
        assert any(row[:1] == ["aliases"] and "matches" in row for row in rows)
    else:
        assert done.stdout == b""


def test_an_exec_that_is_refused_for_a_while_goes_the_other_way(world, hosts):
    fault = Fault(exec_of("default"), 1, refusal("503 Service Unavailable"))
    with between(fault) as proxy:
        env = {"KUBECONFIG": world.write_kubeconfig("between", server=proxy.url)}
        done = hosts("show", *SELECTED, "--request-timeout=20s", env=env)
    assert MATCHES in done.stdout.decode()


# What only somebody who has the machine can do: the components of ../shared/realcluster.


@pytest.fixture
def component(world, hosts):
    """`component("stop", "kubelet")`; all that was stopped runs again afterwards."""
    script = Path(os.environ.get("REALCLUSTER", ROOT.parent / "shared/realcluster")) / "cluster"
    if not on_realcluster() or not script.exists():
        pytest.skip("the components are not this machine's")
    stopped = []

    def do(what, name):
        if what == "stop":
            stopped.append(name)
        subprocess.run([script, what, name], check=True, capture_output=True, timeout=90)

    yield do
    for each in stopped:
        do("start", each)
    wait_until("the API server", reachable, 60)
    wait_until("the node", _is_node_ready, 90)
    # A kubelet that has not heard from the API server yet says "pod does not exist".
    wait_until("the pods", lambda: MATCHES in hosts("show", *SELECTED).stdout.decode(), 90)


def _is_node_ready():
    nodes = json.loads(kubectl("get", "nodes", "-o", "json"))["items"]
    return all(
        ("Ready", "True") in [(e["type"], e["status"]) for e in each["status"]["conditions"]]
        for each in nodes
        if each["metadata"]["name"] != DEAD
    )


def test_without_a_kubelet_each_pod_is_a_row(world, hosts, component):
    component("stop", "kubelet")
    began = time.monotonic()
    done = hosts("show", *SELECTED, "-o", "wide", "--request-timeout=5s")
    assert time.monotonic() - began < 20
    assert done.returncode == 0
    assert done.stdout.decode().startswith("0 of 2 pods match their specs; 2 could not be read")
    assert hosts("diff", *SELECTED, "--request-timeout=5s").returncode == 2


def test_an_api_server_that_is_restarted_is_an_error_or_none(world, hosts, start, component):
    running = start("diff", *SELECTED, "--request-timeout=20s")
    component("restart", "kube-apiserver")
    stdout, stderr = running.communicate(timeout=60)
    assert running.returncode in {0, 2}, stderr
    assert b"Traceback" not in stderr
    assert b"unexpected " not in stderr.replace(b"unexpected EOF", b"")
    assert stdout == b""


def test_without_coredns_the_name_does_not_resolve(world, hosts):
    deployment = ("-n", "kube-system", "deployment", "coredns")
    before = kubectl("get", *deployment, "-o", "jsonpath={.spec.replicas}").decode()
    pods = ("-n", "kube-system", "get", "pods", "-l", "k8s-app=kube-dns", "-o", "name")
    try:
        kubectl("scale", *deployment, "--replicas=0")
        wait_until("the end of CoreDNS", lambda: not kubectl(*pods), 60)
        began = time.monotonic()
        done = hosts("explain", "kubernetes.default", "--from", "default")
        assert time.monotonic() - began < 40
    finally:
        kubectl("scale", *deployment, f"--replicas={before}")
        kubectl("rollout", "status", *deployment, "--timeout=90s")
    assert done.returncode == 0
    first, *others = done.stdout.decode().splitlines()
    assert "Service kube-system/kube-dns selects no pod" in first
    assert not any(each.startswith("fix:") for each in others)


# A node that nothing answers for: TEST-NET-1 (RFC 5737) leads nowhere.
DEAD = "hosts-e2e-dead-node"


@pytest.fixture
def fifty_on_a_dead_node(world):
    """Fifty pods that are said to run on a node that is not there."""
    names = [f"dead-{number}" for number in range(50)]
    world.core.create_node(
        {"metadata": {"name": DEAD}, "spec": {"unschedulable": True}},
    )
    try:
        address = [{"type": "InternalIP", "address": "192.0.2.1"}]
        world.core.patch_node_status(DEAD, {"status": {"addresses": address}})
        for name in names:
            container = {"name": "main", "image": "none"}
            spec = {"nodeName": DEAD, "containers": [container], "terminationGracePeriodSeconds": 0}
            metadata = {"name": name, "labels": {"scenario": "dead", "until": "Ready"}}
            world.core.create_namespaced_pod(world.namespace, {"metadata": metadata, "spec": spec})
            started = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
            status = {
                "phase": "Running",
                "podIPs": [{"ip": "10.255.0.1"}],
                "containerStatuses": [
                    container | {"imageID": "", "restartCount": 0, "ready": True, "state": started}
                ],
            }
            world.core.patch_namespaced_pod_status(name, world.namespace, {"status": status})
        yield
    finally:
        world.core.delete_collection_namespaced_pod(
            world.namespace, label_selector="scenario=dead", grace_period_seconds=0
        )
        world.core.delete_node(DEAD)


@pytest.mark.usefixtures("fifty_on_a_dead_node")
def test_fifty_pods_on_a_dead_node_cost_two_deadlines_and_nothing_else(hosts):
    began = time.monotonic()
    selected = ("-l", "scenario in (default,aliases,dead)")
    done = hosts("show", *selected, "--request-timeout=4s", "--transport=api")
    assert time.monotonic() - began < 30
    assert done.returncode == 0
    first, *_ = done.stdout.decode().splitlines()
    assert first == "2 of 52 pods match their specs; 50 could not be read"
