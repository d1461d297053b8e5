"""The Corefile of the cluster under test: read, replaced, and put back as it was."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from tests.e2e.world import kubectl, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

SYSTEM = ("-n", "kube-system")


def corefile() -> str:
    """The Corefile as it is in the ConfigMap."""
    read = json.loads(kubectl(*SYSTEM, "get", "configmap", "coredns", "-o", "json"))
    return read["data"]["Corefile"]


def serve(text: str) -> None:
    """Make CoreDNS serve this Corefile now: restarted, no minute is spent on `reload`."""
    patch = json.dumps({"data": {"Corefile": text}})
    kubectl(*SYSTEM, "patch", "configmap", "coredns", "-p", patch)
    kubectl(*SYSTEM, "rollout", "restart", "deployment", "coredns")
    kubectl(*SYSTEM, "rollout", "status", "deployment", "coredns", "--timeout=120s")
    # The rollout ends while the pods of before still answer, for their lameduck.
    wait_until("the end of the older CoreDNS pods", _is_replaced, 60)


def _is_replaced() -> bool:
    deployment = json.loads(kubectl(*SYSTEM, "get", "deployment", "coredns", "-o", "json"))
    pods = kubectl(*SYSTEM, "get", "pods", "-l", "k8s-app=kube-dns", "-o", "name").split()
    return len(pods) == deployment["spec"]["replicas"]


@contextlib.contextmanager
def served(text: str) -> Iterator[None]:
    """CoreDNS with this Corefile; afterwards, whatever happened, with the one before."""
    before = corefile()
    try:
        serve(text)
        yield
    finally:
        if corefile() != before:
            serve(before)
