"""The requests of `explain` on a small cluster and on a large one, from the API server's audit log.

python -m tests.e2e.truth.scale [PODS]    makes 10, then PODS (4000) simulated pods; needs the real
cluster's script in REALCLUSTER. Exit status 1 where the two counts differ.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.bench.fleet import fleet, simulated_nodes
from tests.e2e.audit import requests_of
from tests.e2e.world import wait_until

PROGRAM = Path(sys.executable).with_name("kubectl-hosts")
SMALL = 10
NODES = 10
NAMES = ("kube-dns.kube-system", "kubernetes", "absent", "www.example.com", "10.96.0.10")


def kubectl(*argv: str) -> str:
    """What kubectl printed; raises CalledProcessError."""
    return subprocess.run(["kubectl", *argv], check=True, capture_output=True, text=True).stdout


def requests_to_explain(namespace: str, pod: str) -> dict[str, Counter[str]]:
    """For each name, how often each kind of request was made for it."""
    counts = {}
    for name in NAMES:
        user = f"scale-{namespace}-{name}"
        argv = [PROGRAM, "explain", name, "--from", pod, "-n", namespace]
        as_admin = ["--as", user, "--as-group", "system:masters"]
        with requests_of(user) as requests:
            subprocess.run([*argv, *as_admin], check=True, capture_output=True)
            kubectl("get", "--raw", "/version")  # an event after ours, so that ours are written
        counts[name] = Counter(requests.paths())
    return counts


def pods_there(namespace: str) -> int:
    """How many pods the server has in NAMESPACE."""
    first = json.loads(kubectl("get", "--raw", f"/api/v1/namespaces/{namespace}/pods?limit=1"))
    return len(first["items"]) + int(first["metadata"].get("remainingItemCount", 0))


def main(pods: int) -> int:
    """Print each name's requests at both sizes; 1 where they differ."""
    with simulated_nodes(NODES), fleet(SMALL, simulated=True) as crowd, fleet(1) as here:
        pod = kubectl("get", "pods", "-n", here, "-o", "name").strip()
        small = requests_to_explain(here, pod)
        kubectl("scale", "-n", crowd, "deployment/bench", f"--replicas={pods}")
        wait_until(f"{pods} pods", lambda: pods_there(crowd) >= pods, 420.0)
        large = requests_to_explain(here, pod)
    differing = [name for name in NAMES if small[name] != large[name]]
    for name in NAMES:
        said = ", ".join(f"{count} {what}" for what, count in sorted(small[name].items()))
        same = "the same" if name not in differing else f"then {dict(large[name])}"
        print(f"{name}: {said}; with {pods} pods {same}", flush=True)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 4000))
