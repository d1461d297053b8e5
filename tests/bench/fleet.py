"""Pods to measure with: a namespace of their own, one Deployment, gone afterwards."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.pods import template
from tests.e2e.world import kubectl, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

# The real cluster's script: only it can add simulated nodes.
REALCLUSTER = Path(os.environ.get("REALCLUSTER", "../shared/realcluster")) / "cluster"
ON_SIMULATED_NODES = {
    "nodeSelector": {"type": "simulated"},
    "tolerations": [{"operator": "Exists"}],
}


@contextmanager
def fleet(pods: int, *, simulated: bool = False) -> Iterator[str]:
    """The namespace of that many running pods."""
    namespace = f"hosts-bench-{secrets.token_hex(2)}"
    kubectl("create", "namespace", namespace)
    try:
        wait_until("the default service account", lambda: _service_account(namespace))
        kubectl("apply", "-n", namespace, "-f", "-", stdin=_deployment(pods, simulated=simulated))
        wait_until(f"{pods} running pods", lambda: _ready(namespace) >= pods, 600.0)
        yield namespace
    finally:
        kubectl("delete", "namespace", namespace, "--wait=false")


@contextmanager
def simulated_nodes(count: int) -> Iterator[None]:
    """That many simulated nodes; those that were there before stay."""
    before = kubectl("get", "nodes", "-l", "type=simulated", "-o", "name").split()
    if not before:
        subprocess.run([REALCLUSTER, "simulate", str(count)], check=True)
    try:
        yield
    finally:
        if not before:
            kubectl("delete", "nodes", "-l", "type=simulated")
            subprocess.run([REALCLUSTER, "stop", "kwok"], check=True)


def _deployment(pods: int, *, simulated: bool) -> bytes:
    manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "bench"},
        "spec": {
            "replicas": pods,
            "selector": {"matchLabels": {"scenario": "bench"}},
            "template": template("bench", **(ON_SIMULATED_NODES if simulated else {})),
        },
    }
    return json.dumps(manifest).encode()


def _service_account(namespace: str) -> bytes:
    return kubectl("get", "sa", "default", "-n", namespace, "-o", "name", "--ignore-not-found")


def _ready(namespace: str) -> int:
    status = kubectl("get", "deployment/bench", "-n", namespace, "-o", "json")
    return int(json.loads(status)["status"].get("readyReplicas", 0))
