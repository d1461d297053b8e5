"""Workloads to check: each mentions three names, one of its namespace, one of another, one in full.

They have no pods (`replicas: 0`), so that what is measured is the check and not the kubelets.
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.e2e.world import kubectl, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

SPACES = 10
_WORKLOAD = """\
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: app-{own}, namespace: {space}-{mine}}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: app-{own}}}}}
  template:
    metadata: {{labels: {{app: app-{own}}}}}
    spec:
      containers:
      - name: main
        image: example.org/app:1
        env:
        - {{name: NEXT_ADDR, value: "app-{near}:80"}}
        - {{name: OTHER_URL, value: "http://app-{far}.{space}-{theirs}/x"}}
        - {{name: FULL_HOST, value: app-{far}.{space}-{theirs}.svc.cluster.local}}
---
apiVersion: v1
kind: Service
metadata: {{name: app-{own}, namespace: {space}-{mine}}}
spec: {{selector: {{app: app-{own}}}, ports: [{{port: 80}}]}}
"""


def manifests(workloads: int, *, space: str = "team", replicas: int = 1) -> str:
    """That many Deployments, each with its Service, in namespaces SPACE-0, SPACE-1, ..."""
    return "".join(
        _WORKLOAD.format(
            own=own,
            mine=own % SPACES,
            near=(own + SPACES) % workloads,
            far=(own + 1) % workloads,
            theirs=(own + 1) % SPACES,
            space=space,
            replicas=replicas,
        )
        for own in range(workloads)
    )


@contextmanager
def deployed(workloads: int) -> Iterator[None]:
    """The workloads in the cluster, without pods; gone afterwards."""
    space = f"hosts-bench-{secrets.token_hex(2)}"
    names = [f"{space}-{each}" for each in range(SPACES)]
    for each in names:
        kubectl("create", "namespace", each)
    try:
        text = manifests(workloads, space=space, replicas=0)
        kubectl("create", "-f", "-", stdin=text.encode())
        wait_until("a slice for each Service", lambda: _slices(names) >= workloads, 600.0)
        yield
    finally:
        kubectl("delete", "namespace", *names, "--wait=false")


def _slices(namespaces: list[str]) -> int:
    columns = "custom-columns=NAMESPACE:.metadata.namespace"
    listed = kubectl("get", "endpointslices", "-A", "--no-headers", "-o", columns).decode()
    return sum(each in namespaces for each in listed.split())
