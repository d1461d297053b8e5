"""A namespace with a pod for every verdict, as a cluster at our own port."""

from __future__ import annotations

from kubectl_hosts.errors import ExecForbidden
from tests.fakes import (
    OWN_VOLUME,
    FakeCluster,
    a_node,
    a_pod,
    container_files,
    failing,
    hosts_text,
)

NODE_HOSTS = "127.0.0.1 localhost\n192.0.2.10 node-1\n"
ALIASES = (("127.0.0.1", "foo.local", "bar.local"), ("10.1.2.3", "foo.remote"))
OWN_MOUNT = {
    "volumes": [{"name": "own", "configMap": {"name": "own-hosts"}}],
    "containers": [
        {
            "name": "main",
            "volumeMounts": [{"name": "own", "mountPath": "/etc/hosts", "subPath": "hosts"}],
        }
    ],
}
FINISHED = {"phase": "Succeeded", "podIPs": [{"ip": "10.244.1.5"}]}
PENDING = {"phase": "Pending"}

HOLDS = a_pod("holds", aliases=ALIASES, ips=("10.244.1.5", "fd00:10:244::5"))
EDITED = a_pod("edited", aliases=ALIASES)
OWN = a_pod("own-mount", aliases=ALIASES, spec=OWN_MOUNT)
FORBIDDEN = a_pod("forbidden", aliases=ALIASES)
HOST_NETWORK = a_pod("host-network", aliases=ALIASES[1:], spec={"hostNetwork": True})
SEVERAL = a_pod("several", containers=("main", "sidecar"))
SHELL_LESS = a_pod("shell-less", containers=("main", "sidecar"))
ESCAPES = a_pod("escapes")
NOT_UTF_8 = a_pod("not-utf-8")
IMAGE = a_pod("image")
WINDOWS = a_pod("windows", spec={"os": {"name": "windows"}})
PODS = (
    HOLDS,
    EDITED,
    OWN,
    FORBIDDEN,
    HOST_NETWORK,
    SEVERAL,
    SHELL_LESS,
    ESCAPES,
    NOT_UTF_8,
    IMAGE,
    WINDOWS,
    a_pod("finished", status=FINISHED),
    a_pod("pending", spec={"nodeName": ""}, status=PENDING),
)

_EDITED = hosts_text(EDITED, extra="203.0.113.7 metrics.example.net\n")
_HOST_NETWORK = (
    "# Kubernetes-managed hosts file (host network).\n"
    f"{NODE_HOSTS}\n# Entries added by HostAliases.\n10.1.2.3\tfoo.remote\n"
)
_FILES = {
    "holds": hosts_text(HOLDS),
    "edited": _EDITED.replace(b"10.1.2.3\t", b"10.1.2.4\t").replace(b"\n::1\t", b"\n::1 "),
    "host-network": _HOST_NETWORK.encode(),
    "several": hosts_text(SEVERAL),
    "escapes": hosts_text(ESCAPES, extra="192.0.2.66 \x1b[31mred\x1b[0m\x07 \u202efdp.exe\n"),
    "not-utf-8": hosts_text(NOT_UTF_8) + b"192.0.2.66 \xe9t\xe9\n",
}


def tour() -> FakeCluster:
    """The cluster; its pods are those of PODS."""
    files = {(name, "main"): container_files(hosts) for name, hosts in _FILES.items()}
    files["own-mount", "main"] = container_files(b"127.0.0.1 localhost\n", mountinfo=OWN_VOLUME)
    files["image", "main"] = container_files(b"127.0.0.1 localhost\n", mountinfo="7 1 8:1 / /\n")
    files["several", "sidecar"] = files["several", "main"]
    files["shell-less", "sidecar"] = container_files(hosts_text(SHELL_LESS))
    refusal = 'Error from server (Forbidden): pods "forbidden" is forbidden: no create pods/exec'
    return FakeCluster(
        objects=[a_node(), *PODS],
        files=files,
        programs={("shell-less", "main"): set()},
        failures={("forbidden", "main"): failing(ExecForbidden, refusal)},
    )
