"""What `check -A` asks the API server for: one list a kind, however many workloads there are."""

from __future__ import annotations

import json
import subprocess
import sys

import yaml

from tests.bench.workloads import SPACES, manifests
from tests.cluster.fake_api_server import Reply, api_server

COREFILE = ".:53 {\n    kubernetes cluster.local\n    forward . /etc/resolv.conf\n}\n"
CONFIG_MAPS = "/api/v1/namespaces/kube-system/configmaps"
LISTS = {"Deployment": "/apis/apps/v1/deployments", "Service": "/api/v1/services"}


def checked(workloads):
    """(the names that were found, the requests) of a check of the cluster."""
    objects = list(yaml.safe_load_all(manifests(workloads, replicas=0)))
    with api_server() as server:
        server.routes[f"{CONFIG_MAPS}/coredns"] = [Reply(200, {"data": {"Corefile": COREFILE}})]
        server.routes[f"{CONFIG_MAPS}/node-local-dns"] = [Reply(404)]
        for kind, path in LISTS.items():
            items = [each for each in objects if each and each["kind"] == kind]
            for at, each in enumerate(items):
                each["spec"] |= {"clusterIP": f"10.96.1.{at}"} if kind == "Service" else {}
            server.routes[path] = [Reply(200, {"items": items})]
        # A process of its own: the connections end with it.
        command = (sys.executable, "-m", "kubectl_hosts", "check", "-A", "--no-exec", "-o", "json")
        done = subprocess.run(
            [*command, "--server", server.url], capture_output=True, text=True, check=False
        )
        asked = sorted(each.target for each in server.seen)
    assert done.stderr == ""
    names = json.loads(done.stdout)["names"]
    return sum(each["outcome"] == "found" for each in names), asked


def test_a_check_lists_each_kind_once_and_asks_for_few_objects_beside():
    found, asked = checked(2 * SPACES)
    assert found == 6 * SPACES
    lists = [each for each in asked if "limit=" in each]
    assert len(lists) == len(set(lists))
    assert sum("/networkpolicies" in each for each in asked) == 1
    assert len(asked) - len(lists) <= 3 * SPACES


def test_twice_as_many_workloads_take_the_same_requests():
    assert checked(4 * SPACES)[1] == checked(2 * SPACES)[1]
