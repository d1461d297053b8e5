"""The manifests of the comparison: workloads in every state, and Services of every kind on them.

A manifest is a Service with the pods that it selects, or with the Endpoints of its name. Workloads
are shared, so that 30 pods serve them all.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from tests.e2e.images import image

Manifest = dict[str, Any]

PORTS = [
    {"name": "http", "containerPort": 8080},
    {"name": "dns", "containerPort": 53, "protocol": "UDP"},
    {"name": "metrics", "containerPort": 9090},
]
FOREVER = ["sleep", "100000"]
# Takes no notice of SIGTERM, so that a deleted pod goes on terminating while the suite looks.
STUBBORN = ["sh", "-c", "trap '' TERM; while true; do sleep 1; done"]


def container(name: str = "main", **fields: Any) -> Manifest:
    """A busybox that sleeps, with named ports."""
    return {
        "name": name,
        "image": image("busybox"),
        "imagePullPolicy": "IfNotPresent",
        "command": FOREVER,
        "ports": PORTS,
    } | fields


def template(app: str, labels: dict[str, str] | None = None, **spec: Any) -> Manifest:
    """metadata and spec of a pod with the label app."""
    return {
        "metadata": {"labels": {"app": app} | (labels or {})},
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "automountServiceAccountToken": False,
            "containers": [container()],
        }
        | spec,
    }


def pod(name: str, app: str = "", labels: dict[str, str] | None = None, **spec: Any) -> Manifest:
    """A Pod; its label app is its name unless given."""
    body = template(app or name, labels, **spec)
    body["metadata"]["name"] = name
    return {"apiVersion": "v1", "kind": "Pod"} | body


def workload(kind: str, name: str, pod_template: Manifest, **spec: Any) -> Manifest:
    """A workload that selects its pods by app, where its kind asks for a selector."""
    batch = kind in {"Job", "CronJob"}
    body: Manifest = {"template": pod_template} | spec
    if kind == "CronJob":
        body = {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": body}}
    elif not batch:
        body["selector"] = {"matchLabels": {"app": pod_template["metadata"]["labels"]["app"]}}
    return {
        "apiVersion": "batch/v1" if batch else "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": body,
    }


NOT_READY = {
    "containers": [container(readinessProbe={"exec": {"command": ["false"]}, "periodSeconds": 1})]
}
ENDS = {"containers": [container(command=["sleep", "3"])], "restartPolicy": "Never"}
FAILS = {
    "containers": [container(command=["sh", "-c", "sleep 3; exit 1"])],
    "restartPolicy": "Never",
}

# Pods that run and are ready: what `follow` assumes of all.
READY: tuple[Manifest, ...] = (
    workload("Deployment", "web", template("web"), replicas=3),
    workload("Deployment", "idle", template("idle"), replicas=0),
    workload(
        "Deployment", "hosted", template("hosted", hostname="h", subdomain="hosted"), replicas=2
    ),
    workload("ReplicaSet", "rs", template("rs"), replicas=2),
    workload("StatefulSet", "db", template("db"), serviceName="db", replicas=3),
    workload(
        "StatefulSet",
        "cache",
        template("cache", hostname="overwritten", subdomain="overwritten"),
        serviceName="cache-peers",
        replicas=2,
        ordinals={"start": 5},
        podManagementPolicy="Parallel",
    ),
    workload("StatefulSet", "lone", template("lone"), replicas=1),
    workload("StatefulSet", "x" * 53, template("too-long"), serviceName="too-long", replicas=1),
    workload("DaemonSet", "agent", template("agent")),
    workload(
        "DaemonSet",
        "on-node",
        template("on-node", hostNetwork=True, containers=[container(ports=[])]),
    ),
    workload("Job", "batch", template("batch", restartPolicy="Never"), parallelism=2),
    workload("Job", "suspended", template("suspended", restartPolicy="Never"), suspend=True),
    workload(
        "Job",
        "indexed",
        template("indexed", restartPolicy="Never", subdomain="indexed"),
        completionMode="Indexed",
        completions=3,
        parallelism=2,
    ),
    workload("CronJob", "tick", template("tick", restartPolicy="Never")),
    pod("busybox-1", "busybox", hostname="busybox-1", subdomain="busybox"),
    pod("busybox-2", "busybox", hostname="busybox-2", subdomain="busybox"),
    pod("no-hostname", "busybox", subdomain="busybox"),
    pod("no-subdomain", "busybox", hostname="no-subdomain"),
    pod("one-port", "mixed", containers=[container(ports=[PORTS[0]])]),
    pod("no-port", "mixed", containers=[container(ports=[])]),
    pod(
        "other-port", "mixed", containers=[container(ports=[{"name": "http", "containerPort": 81}])]
    ),
    pod(
        "sidecar",
        initContainers=[
            container(
                "side", restartPolicy="Always", ports=[{"name": "side", "containerPort": 15000}]
            )
        ],
        containers=[
            container(),
            container("second", ports=[{"name": "second", "containerPort": 8443}]),
        ],
    ),
    pod(
        "in-init",
        initContainers=[
            container("setup", command=["true"], ports=[{"name": "setup", "containerPort": 1}])
        ],
    ),
    pod("labelled", labels={"tier": "front", "release": "a"}),
)
# Pods in states that no manifest tells.
OTHERS: tuple[Manifest, ...] = (
    workload("Deployment", "sick", template("sick", **NOT_READY), replicas=1),
    workload(
        "StatefulSet",
        "halting",
        template("halting", **NOT_READY),
        serviceName="halting",
        replicas=2,
    ),
    workload(
        "StatefulSet",
        "unready",
        template("unready", **NOT_READY),
        serviceName="unready",
        replicas=2,
        podManagementPolicy="Parallel",
    ),
    pod("well-again", "partly", hostname="well-again", subdomain="partly"),
    pod("unwell", "partly", hostname="unwell", subdomain="partly", **NOT_READY),
    pod("ended", **ENDS),
    pod("failed", **FAILS),
    pod("unscheduled", nodeSelector={"e2e": "no-such-node"}),
    pod(
        "terminating",
        terminationGracePeriodSeconds=600,
        containers=[container(command=STUBBORN)],
        hostname="terminating",
        subdomain="terminating",
    ),
    pod("gated", readinessGates=[{"conditionType": "example.org/never"}]),
)
DELETED = ("terminating",)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A Service by name: its spec, metadata, and the Endpoints of its name if there are any.

    is_assumed: its pods run and are ready, as `follow` takes for granted.
    """

    name: str
    spec: Manifest = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    endpoints: Manifest | None = None
    has_service: bool = True
    is_assumed: bool = True

    def service(self) -> Manifest:
        """The Service."""
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": self.name, "labels": self.labels},
            "spec": self.spec,
        }

    def endpoints_object(self) -> Manifest:
        """The Endpoints."""
        body = self.endpoints or {}
        metadata = {"name": self.name} | body.get("metadata", {})
        return {"apiVersion": "v1", "kind": "Endpoints"} | body | {"metadata": metadata}

    def objects(self) -> tuple[Manifest, ...]:
        """Both, or one of them."""
        service = (self.service(),) if self.has_service else ()
        return (*service, self.endpoints_object()) if self.endpoints else service


def port(number: int = 80, target: int | str | None = None, **fields: Any) -> Manifest:
    """A port of a Service."""
    return {"port": number} | ({} if target is None else {"targetPort": target}) | fields


HTTP = [port(80, "http", name="http")]
HEADLESS = {"clusterIP": "None"}
UNREADY = {"publishNotReadyAddresses": True}


def selecting(name: str, app: str, *ports: Manifest, **spec: Any) -> Row:
    """A Service on the pods of APP."""
    return Row(name=name, spec={"selector": {"app": app}, "ports": list(ports) or HTTP} | spec)


def headless(name: str, app: str, *ports: Manifest, **spec: Any) -> Row:
    """A headless Service on the pods of APP, without a port unless one is given."""
    chosen = {"ports": list(ports)} if ports else {}
    return Row(name=name, spec=HEADLESS | {"selector": {"app": app}} | chosen | spec)


def unassumed(row: Row) -> Row:
    """The same, its pods in a state that `follow` does not take for granted."""
    return replace(row, is_assumed=False)


def by_hand(name: str, *subsets: Manifest, spec: Manifest | None = None, **metadata: Any) -> Row:
    """A Service without a selector, and its Endpoints."""
    body = {"metadata": metadata, "subsets": list(subsets)}
    return Row(name=name, spec={"ports": HTTP} if spec is None else spec, endpoints=body)


def subset(addresses: str, ports: list[Manifest] | None = None, not_ready: str = "") -> Manifest:
    """A subset from addresses parted by blanks; `IP=HOSTNAME` has one."""

    def listed(text: str) -> list[Manifest]:
        parts = (each.partition("=") for each in text.split())
        return [{"ip": ip} | ({"hostname": name} if name else {}) for ip, _, name in parts]

    made = {"addresses": listed(addresses), "notReadyAddresses": listed(not_ready), "ports": ports}
    return {key: value for key, value in made.items() if value}


EP_HTTP = [{"name": "http", "port": 8080}]
EP_TWO = [*EP_HTTP, {"name": "dns", "port": 53, "protocol": "UDP"}]

ROWS: tuple[Row, ...] = (
    # Ports.
    selecting("web", "web"),
    selecting("web-number", "web", port(80, 8080)),
    selecting("web-same-port", "web", port(8080)),
    selecting("web-zero-target", "web", port(8080, 0)),
    selecting("web-unnamed", "web", port(80, "http")),
    selecting("web-two", "web", port(80, "http", name="http"), port(53, "dns", name="dns", protocol="UDP")),
    selecting("web-wrong-protocol", "web", port(53, "dns", name="dns")),
    selecting("web-no-such-port", "web", port(80, "nope", name="http")),
    selecting("web-one-of-two", "web", port(80, "nope", name="nope"), port(90, "metrics", name="m")),
    selecting("web-app-protocol", "web", port(80, "http", name="http", appProtocol="kubernetes.io/h2c")),
    selecting("web-sctp", "web", port(132, protocol="SCTP")),
    selecting("mixed", "mixed"),
    selecting("mixed-two", "mixed", port(80, "http", name="http"), port(90, "metrics", name="m")),
    selecting("mixed-number", "mixed", port(80, 8080)),
    headless("mixed-headless", "mixed", port(80, "http", name="http")),
    selecting("side", "sidecar", port(80, "side")),
    selecting("second", "sidecar", port(80, "second")),
    selecting("setup", "in-init", port(80, "setup")),
    # Kinds and families of Services.
    selecting("web-node-port", "web", type="NodePort"),
    selecting("web-balanced", "web", type="LoadBalancer"),
    selecting("web-dual", "web", ipFamilyPolicy="RequireDualStack"),
    selecting("web-prefers-dual", "web", ipFamilyPolicy="PreferDualStack"),
    selecting("web-six", "web", ipFamilies=["IPv6"]),
    selecting("web-six-first", "web", ipFamilies=["IPv6", "IPv4"], ipFamilyPolicy="PreferDualStack"),
    selecting("web-external-ips", "web", externalIPs=["198.51.100.7"]),
    selecting("web-local", "web", internalTrafficPolicy="Local", sessionAffinity="ClientIP"),
    Row(name="web-labels", labels={"team": "a", "endpointslice.kubernetes.io/managed-by": "me", "service.kubernetes.io/headless": ""}, spec={"selector": {"app": "web"}, "ports": HTTP}),
    Row(name="web-annotated", spec={"selector": {"app": "web"}, "ports": HTTP}, labels={"service.kubernetes.io/service-proxy-name": "other"}),
    Row(name="external", spec={"type": "ExternalName", "externalName": "www.example.com"}),
    Row(name="external-selecting", spec={"type": "ExternalName", "externalName": "www.example.com", "selector": {"app": "web"}}),
    Row(name="no-selector", spec={"ports": HTTP}),
    Row(name="empty-selector", spec={"ports": HTTP, "selector": {}}),
    Row(name="no-selector-headless", spec=HEADLESS | {"ports": HTTP}),
    selecting("nobody", "no-such-app"),
    headless("nobody-headless", "no-such-app"),
    headless("nobody-dual", "no-such-app", ipFamilyPolicy="RequireDualStack"),
    Row(name="tier", spec={"selector": {"tier": "front", "release": "a"}, "ports": HTTP}),
    Row(name="tier-other", spec={"selector": {"tier": "front", "release": "b"}, "ports": HTTP}),
    # Workloads, and host names.
    headless("web-headless", "web"),
    headless("web-headless-port", "web", port(80, "http", name="http")),
    headless("web-headless-dual", "web", ipFamilyPolicy="PreferDualStack"),
    headless("web-headless-six", "web", ipFamilies=["IPv6"]),
    selecting("idle", "idle"),
    headless("hosted", "hosted"),
    selecting("rs", "rs"),
    headless("db", "db"),
    headless("db-unready", "db", **UNREADY),
    selecting("db-client", "db"),
    Row(name="db-first", spec={"selector": {"statefulset.kubernetes.io/pod-name": "db-0"}, "ports": HTTP}),
    Row(name="db-index", spec={"selector": {"app": "db", "apps.kubernetes.io/pod-index": "1"}, "ports": HTTP}),
    headless("cache-peers", "cache", port(6379, name="redis")),
    headless("cache-dual", "cache", ipFamilyPolicy="RequireDualStack"),
    headless("overwritten", "cache"),
    headless("lone", "lone"),
    headless("too-long", "too-long"),
    headless("agent", "agent"),
    selecting("on-node", "on-node", port(80)),
    headless("on-node-headless", "on-node"),
    headless("batch", "batch"),
    Row(name="batch-by-job", spec=HEADLESS | {"selector": {"job-name": "batch"}}),
    headless("suspended", "suspended"),
    headless("indexed", "indexed"),
    headless("tick", "tick"),
    headless("busybox", "busybox"),
    headless("busybox-other", "busybox"),
    selecting("busybox-client", "busybox"),
    # States.
    unassumed(selecting("sick", "sick")),
    unassumed(selecting("sick-unready", "sick", **UNREADY)),
    unassumed(headless("halting", "halting")),
    unassumed(headless("unready", "unready")),
    unassumed(headless("unready-published", "unready", **UNREADY)),
    unassumed(headless("partly", "partly")),
    unassumed(headless("partly-dual", "partly", ipFamilyPolicy="PreferDualStack")),
    unassumed(headless("ended", "ended")),
    unassumed(headless("failed", "failed", **UNREADY)),
    unassumed(headless("unscheduled", "unscheduled", **UNREADY)),
    unassumed(headless("terminating", "terminating")),
    unassumed(selecting("terminating-unready", "terminating", **UNREADY)),
    unassumed(selecting("gated", "gated")),
    # Endpoints by hand.
    by_hand("hand", subset("192.0.2.10 192.0.2.11", EP_HTTP)),
    by_hand("hand-not-ready", subset("192.0.2.10", EP_HTTP, "192.0.2.12")),
    by_hand("hand-hostname", subset("192.0.2.10=one 192.0.2.11=two", EP_HTTP), spec=HEADLESS),
    by_hand("hand-no-ports", subset("192.0.2.10"), spec=HEADLESS),
    by_hand("hand-two-ports", subset("192.0.2.10", EP_TWO)),
    by_hand("hand-two-subsets", subset("192.0.2.10", EP_HTTP), subset("192.0.2.11", EP_TWO)),
    by_hand("hand-same-ports", subset("192.0.2.10", EP_HTTP), subset("192.0.2.11", EP_HTTP)),
    by_hand("hand-same-address", subset("192.0.2.10", EP_HTTP), subset("192.0.2.10", [{"name": "m", "port": 9}])),
    by_hand("hand-both", subset("192.0.2.10", EP_HTTP, "192.0.2.10")),
    by_hand("hand-dual", subset("192.0.2.10 2001:db8::10", EP_HTTP), spec=HEADLESS),
    by_hand("hand-six", subset("2001:db8:0::10", EP_HTTP), spec={"ports": HTTP, "ipFamilies": ["IPv6"]}),
    by_hand("hand-unnamed", subset("192.0.2.10", [{"port": 8080}])),
    by_hand("hand-labels", subset("192.0.2.10", EP_HTTP), labels={"team": "a"}, annotations={"note": "b"}),
    by_hand("hand-skipped", subset("192.0.2.10", EP_HTTP), labels={"endpointslice.kubernetes.io/skip-mirror": "true"}),
    by_hand("hand-not-skipped", subset("192.0.2.10", EP_HTTP), labels={"endpointslice.kubernetes.io/skip-mirror": "false"}),
    by_hand("hand-leader", subset("192.0.2.10", EP_HTTP), annotations={"control-plane.alpha.kubernetes.io/leader": "{}"}),
    by_hand("hand-external", subset("192.0.2.10", EP_HTTP), spec={"type": "ExternalName", "externalName": "www.example.com"}),
    by_hand("hand-empty"),
    Row(name="hand-alone", has_service=False, endpoints={"subsets": [subset("192.0.2.10", EP_HTTP)]}),
)  # fmt: skip
