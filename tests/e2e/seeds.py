"""The cases that the project began with, as objects: Services, aliases, subdomains, two names of a pod."""

from __future__ import annotations

from typing import Any

from tests.e2e.images import image
from tests.e2e.pods import aliases
from tests.e2e.truth.objects import HAND_MADE, endpoints, external, service

Manifest = dict[str, Any]

ZONE = "svc.cluster.local"


def runner(name: str, what: str, labels: Manifest, **spec: Any) -> Manifest:
    """A Pod that runs the image WHAT until it is deleted."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "automountServiceAccountToken": False,
            "containers": [
                {
                    "name": "main",
                    "image": image(what),
                    "imagePullPolicy": "IfNotPresent",
                    "command": ["sleep", "infinity"],
                }
            ],
        }
        | spec,
    }


def everything(namespace: str) -> list[Manifest]:
    """All objects of the seeds' namespace."""
    redis = {"selector": {"app": "redis"}}
    subdomain = {"name": "busybox"}
    return [
        service("redis", namespace, **redis),
        service("headless", namespace, clusterIP="None", **redis),
        service("node-port", namespace, type="NodePort", **redis),
        service("balanced", namespace, type="LoadBalancer", **redis),
        service("by-hand", namespace),
        endpoints("by-hand", namespace, {"ip": HAND_MADE}),
        external("mysql", namespace, "my.database.example.com"),
        service("default-subdomain", namespace, clusterIP="None", selector=subdomain),
        runner("redis-0", "busybox", {"app": "redis"}),
        runner("client", "glibc", {"fleet": "all"}),
        runner("client-musl", "musl", {"fleet": "all"}),
        runner(
            "aliased",
            "glibc",
            {"fleet": "all"},
            hostAliases=aliases("10.1.2.3 redis"),
        ),
        runner(
            "seeds-aliases",
            "glibc",
            {},
            hostAliases=aliases("127.0.0.1 foo.local bar.local", "10.1.2.3 foo.remote bar.remote"),
        ),
        runner("busybox-1", "glibc", subdomain, hostname="busybox-1", subdomain="aaa"),
        runner("busybox-2", "glibc", subdomain, hostname="busybox-2", subdomain="bbb"),
    ]
