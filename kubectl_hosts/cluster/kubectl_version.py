"""What `kubectl version` says: the release of the executable, and that of the server it reaches."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.cluster.flags import kubectl_flags
from kubectl_hosts.cluster.kubectl import find_kubectl

if TYPE_CHECKING:
    from kubectl_hosts.cluster.flags import ConnectionFlags

# Nobody waits longer for a version.
_SECONDS = 3


class Versions(NamedTuple):
    """`v1.34.4` each, or why it is not known, in parentheses."""

    kubectl: str
    server: str


def kubectl_versions(flags: ConnectionFlags) -> Versions:
    """The versions by the kubectl on PATH; the server gets three seconds."""
    executable = find_kubectl()
    if not executable:
        return Versions("(not on PATH)", "(no kubectl to ask it)")
    argv = [executable, "version", "-o", "json"]
    argv += kubectl_flags(flags._replace(request_timeout=f"{_SECONDS}s"))
    try:
        done = subprocess.run(argv, capture_output=True, timeout=2 * _SECONDS, check=False)
        said = json.loads(done.stdout or b"{}")
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return Versions("(does not answer)", "(not reached)")
    return Versions(
        _release(said, "clientVersion") or "(does not answer)",
        _release(said, "serverVersion") or "(not reached)",
    )


def _release(said: object, which: str) -> str:
    version = said.get(which) if isinstance(said, dict) else None
    release = version.get("gitVersion") if isinstance(version, dict) else None
    return release if isinstance(release, str) else ""
