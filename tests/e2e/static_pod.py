"""A pod that the kubelet runs from a file: the cluster's own, or one made for the test."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.bench.fleet import REALCLUSTER
from tests.e2e.images import REALCLUSTER_STATE
from tests.e2e.pods import aliases, pod
from tests.e2e.world import kubectl, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

_MIRROR = "kubernetes.io/config.mirror"
_NAME = "hosts-e2e-static"
_KUBELET = REALCLUSTER_STATE / "etc" / "kubelet.yaml"


@contextmanager
def static_pod() -> Iterator[tuple[str, str]]:
    """(namespace, name) of a static pod; ("", "") on a cluster that has none and can't be told to.

    The kubelet of the real cluster is given a folder of manifests (staticPodPath) and restarted,
    and restarted again without it.
    """
    theirs = _mirrors("kube-system")
    if theirs or not (REALCLUSTER.exists() and _KUBELET.exists()):
        yield ("kube-system", theirs[0]) if theirs else ("", "")
        return
    before = _KUBELET.read_text()
    with TemporaryDirectory(prefix="hosts-e2e-") as folder:
        manifest = pod("static", name=_NAME, hostAliases=aliases("10.1.2.3 foo.remote"))
        Path(folder, "pod.json").write_text(json.dumps(manifest))
        try:
            _KUBELET.write_text(f"{before}staticPodPath: {folder}\n")
            _restart_kubelet()
            wait_until("the static pod", lambda: _running(f"{_NAME}-node-1"), 60.0)
            yield "default", f"{_NAME}-node-1"
        finally:
            _KUBELET.write_text(before)
            _restart_kubelet()
            wait_until("no static pod", lambda: not _mirrors("default"), 60.0)


def _restart_kubelet() -> None:
    subprocess.run([REALCLUSTER, "restart", "kubelet"], check=True, capture_output=True)


def _mirrors(namespace: str) -> list[str]:
    listed = json.loads(kubectl("get", "pods", "-n", namespace, "-o", "json"))["items"]
    found = [each["metadata"] for each in listed]
    return [each["name"] for each in found if _MIRROR in each.get("annotations", {})]


def _running(name: str) -> bool:
    shown = kubectl("get", "pod", name, "-n", "default", "-o", "json", "--ignore-not-found")
    return bool(shown) and json.loads(shown)["status"]["phase"] == "Running"
