"""Every image of the suite: one row a logical name, one column a place where the cluster runs."""

from __future__ import annotations

import os
from pathlib import Path

REALCLUSTER_STATE = Path(os.environ.get("REALCLUSTER_DIR", "/var/lib/realcluster"))

#            on ../shared/realcluster     with a public registry (kind, k3d, ...)
_TABLE = {
    "busybox": ("localhost/busybox:1", "docker.io/library/busybox:1.36"),
    "glibc": ("localhost/glibc:1", "docker.io/library/debian:12-slim"),
    "musl": ("localhost/musl:1", "docker.io/library/alpine:3.20"),
    "shell-less": ("localhost/shell-less:1", "registry.k8s.io/pause:3.10"),
    "coredns": ("localhost/coredns:1", "registry.k8s.io/coredns/coredns:v1.12.1"),
    "missing": ("localhost/never-built:1", "localhost/never-built:1"),
}


def on_realcluster() -> bool:
    """Whether KUBECONFIG is the real cluster's, unless E2E_IMAGES says it."""
    chosen = os.environ.get("E2E_IMAGES", "")
    if chosen:
        return chosen == "realcluster"
    return os.environ.get("KUBECONFIG", "").startswith(f"{REALCLUSTER_STATE}/")


def image(name: str) -> str:
    """The image of that logical name where the suite runs now."""
    ours, public = _TABLE[name]
    return ours if on_realcluster() else public
