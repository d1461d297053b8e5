"""The pods of the matrix: a row is a resolver in a situation, and the names that its file gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from tests.e2e.images import image

Manifest = dict[str, Any]
Asks = Literal["all", "core", "few"]

CLUSTER_DNS = "10.96.0.10"

ALIASES = [
    {"ip": "127.0.0.1", "hostnames": ["foo.local", "bar.local"]},
    {"ip": "10.1.2.3", "hostnames": ["foo.remote", "bar.remote", "shadowed"]},
    {"ip": "192.0.2.1", "hostnames": ["pair.local"]},
    {"ip": "192.0.2.2", "hostnames": ["pair.local"]},
    {"ip": "192.0.2.3", "hostnames": ["mixed.local"]},
    {"ip": "2001:db8::3", "hostnames": ["mixed.local"]},
    {"ip": "2001:db8::6", "hostnames": ["sixth.local"]},
]
BOILERPLATE = ("localhost", "ip6-localhost", "ip6-loopback", "ip6-allnodes", "ip6-localnet")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A pod: which C library its program has, its spec, and what is its file's to answer.

    `mounts` are keys of the ConfigMap `files` by the path that they cover. `node_file` says that
    the file is a copy of the node's.
    """

    name: str
    libc: Literal["glibc", "musl", "busybox", "shell-less"]
    asks: Asks = "core"
    spec: Manifest = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    mounts: dict[str, str] = field(default_factory=dict)

    @property
    def has_own_file(self) -> bool:
        """Whether it mounts a hosts file of its own."""
        return "/etc/hosts" in self.mounts

    @property
    def is_on_host_network(self) -> bool:
        """Whether its hosts file is a copy of the node's."""
        return bool(self.spec.get("hostNetwork"))

    def manifest(self, namespace: str) -> Manifest:
        """The Pod."""
        container: Manifest = {
            "name": "main",
            "image": image(self.libc),
            "imagePullPolicy": "IfNotPresent",
        }
        if self.libc != "shell-less":
            container["command"] = ["sleep", "infinity"]
        mounts = [
            {"name": "files", "mountPath": path, "subPath": key}
            for path, key in self.mounts.items()
        ]
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": self.name,
                "namespace": namespace,
                "labels": {"app": self.name} | self.labels,
            },
            "spec": {
                "terminationGracePeriodSeconds": 0,
                "automountServiceAccountToken": False,
                "containers": [container | {"volumeMounts": mounts}],
                "volumes": [{"name": "files", "configMap": {"name": "files"}}],
            }
            | self.spec,
        }

    def kinds_in_file(self) -> dict[str, str]:
        """The kind of origin of each name that the pod's hosts file gives, in lower case."""
        if self.has_own_file:
            return dict.fromkeys(("localhost", "mine.example.org", "mine", "redis"), "OwnMount")
        if self.is_on_host_network:
            return dict.fromkeys(BOILERPLATE, "NodeHosts")
        hostname = self.spec.get("hostname", self.name)
        return {
            **dict.fromkeys(BOILERPLATE, "KubeletBoilerplate"),
            hostname: "PodIP",
            f"{hostname}.{self.spec.get('subdomain')}.{{ns}}.svc.cluster.local": "PodIP",
            **{
                name: "HostAlias"
                for alias in self.spec.get("hostAliases", [])
                for name in alias["hostnames"]
            },
        }


_CLUSTER_SEARCHES = ("{ns}.svc.cluster.local", "svc.cluster.local", "cluster.local")
_NODE_SEARCHES = ("corp.example.com", "example.com")


def _none(ndots: str, *searches: str) -> Manifest:
    """dnsPolicy None with the cluster's nameserver."""
    options = [{"name": "ndots", "value": ndots}]
    config = {"nameservers": [CLUSTER_DNS], "searches": list(searches), "options": options}
    return {"dnsPolicy": "None", "dnsConfig": config}


_CLUSTER_FIRST = _none("5", *_CLUSTER_SEARCHES, *_NODE_SEARCHES)


def _searching(libc: Literal["glibc", "musl", "shell-less"], domain: str, asks: Asks) -> Row:
    """A pod whose first search domain is one where every name ends in the same way."""
    return Row(
        name=f"{domain.partition('.')[0]}-{libc}",
        libc=libc,
        asks=asks,
        spec=_none("5", domain, *_CLUSTER_SEARCHES[:2]),
    )


def _ndots(value: str) -> Manifest:
    return {"dnsConfig": {"options": [{"name": "ndots", "value": value}]}}


FAILING: tuple[tuple[str, Asks], ...] = (
    ("servfail.example.net", "few"),
    ("refused.example.net", "few"),
    ("silent.example.net", "few"),
    ("wild.example.com", "core"),
)

ROWS: tuple[Row, ...] = (
    Row(
        name="glibc",
        libc="glibc",
        asks="all",
        labels={"member": "db"},
        spec={"hostname": "member-0", "subdomain": "db", "hostAliases": ALIASES},
    ),
    Row(
        name="musl",
        libc="musl",
        asks="all",
        labels={"member": "db"},
        spec={"hostname": "member-1", "subdomain": "db", "hostAliases": ALIASES},
    ),
    # As ClusterFirst makes it, by dnsConfig: nothing in the image shows what the node would add.
    Row(name="go", libc="shell-less", asks="all", spec=_CLUSTER_FIRST | {"hostAliases": ALIASES}),
    Row(name="cluster-first-go", libc="shell-less", asks="few", spec={"hostAliases": ALIASES}),
    Row(name="busybox", libc="busybox", asks="core", spec={"hostAliases": ALIASES}),
    Row(name="host-net-glibc", libc="glibc", spec={"hostNetwork": True}),
    Row(
        name="host-net-musl",
        libc="musl",
        spec={"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"},
    ),
    Row(name="default-glibc", libc="glibc", spec={"dnsPolicy": "Default"}),
    Row(name="default-go", libc="shell-less", asks="few", spec={"dnsPolicy": "Default"}),
    Row(name="ndots-1-glibc", libc="glibc", spec=_ndots("1")),
    Row(name="ndots-1-musl", libc="musl", spec=_ndots("1")),
    Row(name="ndots-0-go", libc="shell-less", spec=_none("0", *_CLUSTER_SEARCHES)),
    Row(name="own-file-glibc", libc="glibc", mounts={"/etc/hosts": "hosts"}),
    Row(name="own-file-musl", libc="musl", mounts={"/etc/hosts": "hosts"}),
    *(
        Row(
            name=f"{key}-{libc}",
            libc=libc,
            # Nobody can read what is mounted in an image without a program that reads.
            asks="few" if libc == "shell-less" else "core",
            spec={"hostAliases": ALIASES},
            mounts={"/etc/nsswitch.conf": key},
        )
        for key, libc in (
            ("dns-files", "glibc"),
            ("dns-files", "shell-less"),
            ("files", "glibc"),
            ("files", "shell-less"),
            ("dns-or-nothing", "glibc"),
            ("files-or-nothing", "glibc"),
        )
    ),
    Row(
        name="unknown-glibc",
        libc="glibc",
        asks="few",
        mounts={"/etc/nsswitch.conf": "unknown"},
    ),
    Row(
        name="multi-on",
        libc="glibc",
        spec={"hostAliases": ALIASES},
        mounts={"/etc/host.conf": "multi-on"},
    ),
    *(
        _searching(libc, domain, asks)
        for domain, asks in FAILING
        for libc in ("glibc", "musl", "shell-less")
    ),
)
