"""What the names of the matrix stand for: Services of every kind, in two namespaces."""

from __future__ import annotations

from typing import Any

Manifest = dict[str, Any]

HAND_MADE = "192.0.2.77"
LOAD_BALANCER = "203.0.113.99"


def service(name: str, namespace: str, **spec: Any) -> Manifest:
    """A Service of one named port, unless SPEC says otherwise."""
    ports = [{"name": "http", "port": 80, "protocol": "TCP"}]
    if spec.get("type") == "ExternalName":
        ports = []
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"ports": ports} | spec,
    }


def external(name: str, namespace: str, target: str) -> Manifest:
    """An ExternalName Service."""
    return service(name, namespace, type="ExternalName", externalName=target)


def endpoints(name: str, namespace: str, *addresses: Manifest) -> Manifest:
    """Endpoints as made by hand: the controller mirrors them into an EndpointSlice."""
    ports = [{"name": "http", "port": 80, "protocol": "TCP"}]
    return {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {"name": name, "namespace": namespace},
        "subsets": [{"addresses": list(addresses), "ports": ports}],
    }


def services(ns: str, other: str) -> list[Manifest]:
    """Every kind of Service that a name can be about; a pod's label `app` is its row's name."""
    zone = f"{ns}.svc.cluster.local"
    members = {"selector": {"member": "db"}}
    plain = {"selector": {"app": "busybox"}}
    dual = {"ipFamilyPolicy": "RequireDualStack"}
    return [
        service("redis", ns, **plain),
        service("shadowed", ns, **plain),
        service("db", ns, clusterIP="None", **members, **dual),
        service("dash", ns, clusterIP="None", **plain, **dual),
        service("node-port", ns, type="NodePort", **plain),
        service("balanced", ns, type="LoadBalancer", **plain),
        service("dual", ns, **plain, **dual),
        service("only-six", ns, ipFamilies=["IPv6"], **plain),
        service("nobody", ns, selector={"app": "nobody"}),
        service("nobody-headless", ns, clusterIP="None", selector={"app": "nobody"}),
        service("by-hand", ns),
        service("by-hand-headless", ns, clusterIP="None"),
        endpoints("by-hand", ns, {"ip": HAND_MADE}),
        endpoints("by-hand-headless", ns, {"ip": "192.0.2.78", "hostname": "hand"}),
        service("cache", other, **plain),
        service(other, ns, **plain),
        external("mysql", ns, "my.database.example.com"),
        external("ext-alias", ns, "alias.example.com"),
        external("ext-dangling", ns, "dangling.example.com"),
        external("ext-gone", ns, "gone.example.com"),
        external("ext-six", ns, "six.example.com"),
        external("ext-in", ns, f"redis.{zone}"),
        external("ext-headless", ns, f"db.{zone}"),
        external("ext-chain", ns, f"ext-in.{zone}"),
        external("ext-absent", ns, f"no-such-service.{zone}"),
        external("ext-loop", ns, f"ext-loop-back.{zone}"),
        external("ext-loop-back", ns, f"ext-loop.{zone}"),
        external("ext-short", ns, "redis"),
    ]


def config_map(ns: str) -> Manifest:
    """The files that pods mount over their own."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "files", "namespace": ns},
        "data": {
            "hosts": "127.0.0.1 localhost\n192.0.2.53 mine.example.org mine redis\n",
            "dns-files": "hosts: dns files\n",
            "files": "hosts: files\n",
            "dns-or-nothing": "hosts: dns [NOTFOUND=return] files\n",
            "files-or-nothing": "hosts: files [NOTFOUND=return] dns\n",
            "unknown": "hosts: files wins dns\n",
            "multi-on": "multi on\n",
        },
    }
