"""The mistakes, as a table: objects that are wrong, and the name that somebody asks for.

NAMESPACE and NAMESPACE-b stand for two namespaces of the row's own, ASKER for the image of the pod
that asks: a row without one is made for both C libraries. What is right is not said here: a fix is
right if the pod's own resolver gives what it promised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Object = dict[str, object]
LIBCS = ("glibc", "musl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One row: objects, names that are asked with them, and what is done before."""

    kind: str
    names: tuple[str, ...]
    objects: tuple[Object, ...] = ()
    asker: str = "pod/asker"
    """TYPE/NAME of who asks."""
    spec: Mapping[str, object] | None = None
    """Fields of the asking pod's spec beside the usual."""
    libcs: tuple[str, ...] = LIBCS
    type: str = ""
    prepare: tuple[tuple[str, ...], ...] = ()
    """kubectl command lines, run in NAMESPACE once everything is up."""
    value: tuple[str, ...] = ()
    """kubectl arguments whose output replaces VALUE in the names."""
    corefile: tuple[tuple[str, str], ...] = ()
    """Changes of the cluster's Corefile, each (text, other text); ("", TEXT): a block at the end."""
    is_refused: bool = False
    """Whether CoreDNS does not start with that Corefile."""
    has_fix: bool = True
    """Whether any change of what the user can see would help."""


def pod(
    name: str, *, labels: str = "", ready: bool = True, namespace: str = "", **spec: object
) -> Object:
    """A pod that sleeps; label `app` is its name unless LABELS says another."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": _metadata(name, namespace, {"app": labels or name}),
        "spec": _spec(ready=ready, **spec),
    }


def _metadata(name: str, namespace: str = "", labels: Mapping[str, str] | None = None) -> Object:
    return {
        "name": name,
        "namespace": namespace or "NAMESPACE",
        **({"labels": dict(labels)} if labels else {}),
    }


def _spec(
    *, ready: bool = True, only_first: bool = False, image: str = "glibc", **spec: object
) -> Object:
    container: Object = {
        "name": "main",
        "image": f"IMAGE-{image}",
        "imagePullPolicy": "IfNotPresent",
        "command": ["sleep", "infinity"],
    }
    if not ready:
        container["readinessProbe"] = {
            "periodSeconds": 1,
            "exec": {"command": ["test", "-e", "/no"]},
        }
    if only_first:
        probe = {"command": ["sh", "-c", "case $HOSTNAME in *-0) ;; *) exit 1;; esac"]}
        container["readinessProbe"] = {"periodSeconds": 1, "exec": probe}
    container.update(spec.pop("container", {}))  # type: ignore[call-overload]
    return {"terminationGracePeriodSeconds": 0, "containers": [container], **spec}


def workload(
    kind: str,
    name: str,
    *,
    replicas: int = 1,
    namespace: str = "",
    labels: Mapping[str, str] | None = None,
    set_spec: Mapping[str, object] | None = None,
    **spec: object,
) -> Object:
    """A Deployment or StatefulSet of pods that sleep."""
    chosen = dict(labels or {"app": name})
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": _metadata(name, namespace),
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": chosen},
            "template": {"metadata": {"labels": chosen}, "spec": _spec(**spec)},  # type: ignore[arg-type]
            **({"podManagementPolicy": "Parallel"} if kind == "StatefulSet" else {}),
            **(set_spec or {}),
        },
    }


def service(
    name: str,
    *,
    namespace: str = "",
    app: str = "",
    headless: bool = False,
    selector: Mapping[str, str] | None = None,
    **spec: object,
) -> Object:
    """A Service with port 80 called http; it selects `app: APP` (default: its name)."""
    chosen = selector if selector is not None else {"app": app or name}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(name, namespace),
        "spec": {
            "ports": [{"name": "http", "port": 80}],
            **({"selector": dict(chosen)} if chosen else {}),
            **({"clusterIP": "None"} if headless else {}),
            **spec,
        },
    }


def alias(name: str, target: str, *, namespace: str = "") -> Object:
    """An ExternalName Service."""
    spec = {"type": "ExternalName", "externalName": target}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(name, namespace),
        "spec": spec,
    }


def endpoint_slice(
    name: str, address: str, *, service: str = "", ready: bool = True, port: str | None = "http"
) -> Object:
    """A hand-made EndpointSlice, of no Service unless SERVICE says one."""
    labels = {"kubernetes.io/service-name": service} if service else None
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": _metadata(name, labels=labels),
        "addressType": "IPv4",
        "ports": [{"port": 80, "protocol": "TCP", **({"name": port} if port is not None else {})}],
        "endpoints": [{"addresses": [address], "conditions": {"ready": ready}}],
    }


def _config_map(name: str, key: str, text: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": _metadata(name),
        "data": {key: text},
    }


_MOUNT: Object = {
    "volumes": [{"name": "own", "configMap": {"name": "own-hosts"}}],
    "container": {"volumeMounts": [{"name": "own", "mountPath": "/etc/hosts", "subPath": "hosts"}]},
}
_WEB = (service("api", app="web"), pod("web"))
_RABBIT = (
    service("rabbit", headless=True),
    workload("StatefulSet", "rabbit", set_spec={"serviceName": "rabbit"}),
)
_SET_NOT_READY = (
    service("pgsql", headless=True),
    workload(
        "StatefulSet", "pgsql", replicas=2, only_first=True, set_spec={"serviceName": "pgsql"}
    ),
)
_ALIASED = {"hostAliases": [{"ip": "192.0.2.7", "hostnames": ["db.shop.example", "cache"]}]}

MISTAKES = (
    # --- the name as it was written
    Mistake(
        kind="service of another namespace by its bare name",
        objects=(service("redis", namespace="NAMESPACE-b"),),
        names=("redis", "redis.NAMESPACE.svc", "redis.NAMESPACE.svc.cluster.local"),
    ),
    Mistake(
        kind="own Service asked in another namespace",
        objects=(service("redis"),),
        names=("redis.NAMESPACE-b", "redis.NAMESPACE-b.svc.cluster.local."),
    ),
    Mistake(
        kind="namespace that is not there",
        objects=(service("redis", namespace="NAMESPACE-b"),),
        names=("redis.NAMESPACE-c", "redis.NAMESPACE-c.svc.cluster.local"),
    ),
    Mistake(
        kind="slip in the Service's name",
        objects=(service("payments"),),
        names=("payment", "paymetns", "paymentss"),
    ),
    Mistake(
        kind="underscore in a Service's name",
        objects=(service("web-service"),),
        names=("web_service", "web_service.NAMESPACE"),
    ),
    Mistake(
        kind="release in front of the Service's name",
        objects=(service("shop-redis"),),
        names=("redis",),
    ),
    Mistake(kind="suffix left out", objects=(service("web-svc"),), names=("web",)),
    Mistake(
        kind="final dot too early",
        objects=_WEB,
        names=("api.NAMESPACE.svc.", "api.NAMESPACE.", "api."),
    ),
    Mistake(
        kind="domain of another cluster",
        objects=_WEB,
        names=("api.NAMESPACE.svc.prod-west", "api.NAMESPACE.svc.k8s.example.com"),
    ),
    Mistake(
        kind="slip in the cluster domain",
        objects=_WEB,
        names=("api.NAMESPACE.svc.cluster.loca", "api.NAMESPACE.svc.cluster"),
    ),
    Mistake(
        kind="svc left out before the domain", objects=_WEB, names=("api.NAMESPACE.cluster.local",)
    ),
    Mistake(
        kind="namespace left out before svc",
        objects=_WEB,
        names=("api.svc.cluster.local", "api.svc"),
    ),
    Mistake(kind="namespace and Service swapped", objects=_WEB, names=("NAMESPACE.api",)),
    Mistake(kind="name of an environment variable", objects=_WEB, names=("API_SERVICE_HOST",)),
    # --- pods by name
    Mistake(
        kind="bare name of a StatefulSet's pod",
        objects=_RABBIT,
        names=("rabbit-0", "rabbit-0.NAMESPACE.svc.cluster.local"),
    ),
    Mistake(
        kind="StatefulSet's pod of another namespace",
        objects=(
            service("rabbit", headless=True, namespace="NAMESPACE-b"),
            workload(
                "StatefulSet", "rabbit", namespace="NAMESPACE-b", set_spec={"serviceName": "rabbit"}
            ),
        ),
        names=("rabbit-0.rabbit",),
    ),
    Mistake(
        kind="StatefulSet's pod that is not ready",
        objects=_SET_NOT_READY,
        names=("pgsql-1.pgsql", "pgsql-1.pgsql.NAMESPACE.svc.cluster.local"),
    ),
    Mistake(
        kind="StatefulSet without serviceName",
        objects=(
            service("node", headless=True),
            workload("StatefulSet", "node", set_spec={"serviceName": ""}),
        ),
        names=("node-0.node",),
    ),
    Mistake(
        kind="StatefulSet with the name of another Service",
        objects=(
            service("web", headless=True),
            service("web-headless", headless=True, app="web"),
            workload("StatefulSet", "web", set_spec={"serviceName": "web-headless"}),
        ),
        names=("web-0.web",),
    ),
    Mistake(
        kind="StatefulSet with the name of no Service",
        objects=(
            service("web", headless=True),
            workload("StatefulSet", "web", set_spec={"serviceName": "nosuch"}),
        ),
        names=("web-0.web",),
    ),
    Mistake(
        kind="StatefulSet whose Service was never made",
        objects=(workload("StatefulSet", "kafka", set_spec={"serviceName": "kafka-hs"}),),
        names=("kafka-0.kafka-hs",),
    ),
    Mistake(kind="ordinal beyond the replicas", objects=_RABBIT, names=("rabbit-2.rabbit",)),
    Mistake(
        kind="subdomain without hostname",
        objects=(service("team", headless=True), pod("index-1", labels="team", subdomain="team")),
        names=("index-1.team",),
    ),
    Mistake(
        kind="hostname without subdomain",
        objects=(service("team", headless=True), pod("index-1", labels="team", hostname="index-1")),
        names=("index-1.team",),
    ),
    Mistake(
        kind="neither hostname nor subdomain",
        objects=(service("team", headless=True), pod("index-1", labels="team")),
        names=("index-1.team", "index-1.team.NAMESPACE"),
    ),
    Mistake(
        kind="subdomain that no Service has",
        objects=(pod("grid-0", hostname="grid-0", subdomain="pods"),),
        names=("grid-0.pods",),
    ),
    Mistake(
        kind="subdomain of another Service",
        objects=(
            service("team", headless=True),
            service("crew", headless=True, app="team"),
            pod("index-1", labels="team", hostname="index-1", subdomain="crew"),
        ),
        names=("index-1.team",),
    ),
    Mistake(
        kind="hostname that is not the pod's name",
        objects=(
            service("team", headless=True),
            pod("index-1", labels="team", hostname="first", subdomain="team"),
        ),
        names=("index-1.team",),
    ),
    Mistake(
        kind="hostname of a Deployment's pod",
        objects=(
            service("team", headless=True),
            workload("Deployment", "lead", labels={"app": "team"}, subdomain="team"),
        ),
        names=("lead.team",),
        has_fix=False,
    ),
    Mistake(
        kind="pod that its Service does not select",
        objects=(
            service("team", headless=True),
            pod("index-1", hostname="index-1", subdomain="team"),
        ),
        names=("index-1.team",),
    ),
    Mistake(
        kind="pod of a hostname that is not ready",
        objects=(
            service("team", headless=True),
            pod("index-1", labels="team", hostname="index-1", subdomain="team", ready=False),
        ),
        names=("index-1.team",),
    ),
    Mistake(kind="bare pod by its name", objects=(pod("shop-7d9c"),), names=("shop-7d9c",)),
    Mistake(
        kind="Deployment's pod by its name",
        objects=(service("front", headless=True), workload("Deployment", "front")),
        names=("VALUE",),
        value=("get", "pod", "-l", "app=front", "-o", "jsonpath={.items[0].metadata.name}"),
    ),
    Mistake(
        kind="Deployment's pod below its Service",
        objects=(service("front", headless=True), workload("Deployment", "front")),
        names=("VALUE.front",),
        value=("get", "pod", "-l", "app=front", "-o", "jsonpath={.items[0].metadata.name}"),
    ),
    Mistake(
        kind="dashed address without pod",
        objects=(pod("web"),),
        names=("VALUE.NAMESPACE",),
        value=("get", "pod", "web", "-o", "jsonpath={.status.podIP}"),
    ),
    Mistake(
        kind="name of a node",
        names=("VALUE",),
        value=("get", "node", "-o", "jsonpath={.items[0].metadata.name}"),
    ),
    # --- Services
    Mistake(
        kind="slip in the selector of a headless Service",
        objects=(service("web", headless=True, app="wbe"), workload("Deployment", "web")),
        names=("web", "web.NAMESPACE"),
    ),
    Mistake(
        kind="selector with another key",
        objects=(
            service("web", headless=True, selector={"app.kubernetes.io/name": "web"}),
            workload("Deployment", "web"),
        ),
        names=("web",),
    ),
    Mistake(
        kind="selector with a label too much",
        objects=(
            service("web", headless=True, selector={"app": "web", "tier": "front"}),
            workload("Deployment", "web"),
        ),
        names=("web",),
    ),
    Mistake(
        kind="headless Service of which no pod is ready",
        objects=(service("web", headless=True), workload("Deployment", "web", ready=False)),
        names=("web", "web.NAMESPACE.svc.cluster.local"),
    ),
    Mistake(
        kind="EndpointSlice without its label",
        objects=(
            service("extdb", headless=True, selector={}),
            endpoint_slice("extdb", "192.0.2.40"),
        ),
        names=("extdb", "extdb.NAMESPACE.svc.cluster.local"),
    ),
    Mistake(
        kind="hand-made EndpointSlice that is not ready",
        objects=(
            service("extdb", headless=True, selector={}),
            endpoint_slice("extdb-1", "192.0.2.41", service="extdb", ready=False),
        ),
        names=("extdb",),
    ),
    Mistake(
        kind="headless Service without selector and slice",
        objects=(service("web", headless=True, selector={}), workload("Deployment", "web")),
        names=("web",),
    ),
    Mistake(
        kind="Service without selector, and pods with its labels",
        objects=(
            {
                **service("front", headless=True, selector={}),
                "metadata": _metadata("front", labels={"app": "shop"}),
            },
            workload("Deployment", "web", labels={"app": "shop"}),
        ),
        names=("front",),
    ),
    Mistake(
        kind="Deployment without a Service",
        objects=(workload("Deployment", "orders"),),
        names=("orders", "orders.NAMESPACE.svc.cluster.local"),
    ),
    Mistake(
        kind="externalName of two labels",
        objects=(service("ring", namespace="NAMESPACE-b"), alias("halfway", "ring.NAMESPACE-b")),
        names=("halfway",),
    ),
    Mistake(
        kind="externalName up to svc",
        objects=(
            service("ring", namespace="NAMESPACE-b"),
            alias("halfway", "ring.NAMESPACE-b.svc"),
        ),
        names=("halfway",),
    ),
    Mistake(
        kind="externalName of one label",
        objects=(service("ring"), alias("short", "ring")),
        names=("short", "short.NAMESPACE"),
    ),
    Mistake(
        kind="externalName of one label, of another namespace",
        objects=(service("ring", namespace="NAMESPACE-b"), alias("short", "ring")),
        names=("short",),
    ),
    Mistake(
        kind="externalName that is an address",
        objects=(alias("extdb", "192.0.2.50"),),
        names=("extdb", "extdb.NAMESPACE.svc.cluster.local"),
    ),
    Mistake(
        kind="slip in an externalName of the cluster",
        objects=(service("orders"), alias("old", "order.NAMESPACE.svc.cluster.local")),
        names=("old",),
    ),
    Mistake(
        kind="externalName in the wrong namespace",
        objects=(
            service("orders", namespace="NAMESPACE-b"),
            alias("old", "orders.NAMESPACE.svc.cluster.local"),
        ),
        names=("old",),
    ),
    Mistake(
        kind="slice without the hostname that is asked",
        objects=(
            service("yb", headless=True, selector={}),
            endpoint_slice("yb-1", "10.60.7.13", service="yb"),
        ),
        names=("yb-0.yb",),
    ),
    Mistake(
        kind="hostname of a pod that is called otherwise",
        objects=(
            service("hive", headless=True),
            pod("worker", labels="hive", hostname="bee", subdomain="hive"),
        ),
        names=("bee",),
    ),
    Mistake(
        kind="name that an init container writes into the hosts file",
        spec={
            "initContainers": [
                {
                    "name": "early",
                    "image": "IMAGE-ASKER",
                    "imagePullPolicy": "IfNotPresent",
                    "command": ["sh", "-c", "echo 192.0.2.9 ledger.corp.test >> /etc/hosts"],
                }
            ]
        },
        names=("ledger.corp.test",),
    ),
    Mistake(
        kind="search list of another cluster's domain",
        objects=(service("orders"),),
        spec={
            "dnsPolicy": "None",
            "dnsConfig": {
                "nameservers": ["10.96.0.10"],
                "searches": ["NAMESPACE.svc.lab.test", "svc.lab.test", "lab.test"],
                "options": [{"name": "ndots", "value": "5"}],
            },
        },
        names=("orders",),
    ),
    Mistake(
        kind="name below an ExternalName",
        objects=(service("orders"), alias("old", "orders.NAMESPACE.svc.cluster.local")),
        names=("www.old",),
    ),
    # --- SRV
    Mistake(
        kind="slip in a port's name",
        objects=_WEB,
        names=("_htp._tcp.api.NAMESPACE.svc.cluster.local",),
        type="SRV",
    ),
    Mistake(
        kind="protocol of another port",
        objects=_WEB,
        names=("_http._udp.api.NAMESPACE.svc.cluster.local",),
        type="SRV",
    ),
    Mistake(
        kind="port without a name",
        objects=(service("db", app="web", ports=[{"port": 5432}]), pod("web")),
        names=("_pg._tcp.db.NAMESPACE.svc.cluster.local",),
        type="SRV",
    ),
    Mistake(
        kind="port without a name in a slice",
        objects=(
            service("mongo", headless=True, selector={}, ports=[{"name": "mongo", "port": 80}]),
            endpoint_slice("mongo-1", "192.0.2.44", service="mongo", port=None),
        ),
        names=("_mongo._tcp.mongo.NAMESPACE.svc.cluster.local",),
        type="SRV",
    ),
    # --- the pod that asks
    Mistake(
        kind="hostNetwork with ClusterFirst",
        objects=_WEB,
        spec={"hostNetwork": True},
        names=("api",),
    ),
    Mistake(
        kind="hostNetwork with ClusterFirst, of a Deployment",
        objects=_WEB,
        asker="deployment/asker",
        spec={"hostNetwork": True},
        names=("api.NAMESPACE", "api"),
    ),
    Mistake(
        kind="dnsPolicy Default",
        objects=_WEB,
        spec={"dnsPolicy": "Default"},
        names=("api", "api.NAMESPACE.svc.cluster.local"),
    ),
    Mistake(
        kind="dnsPolicy Default, of a Deployment",
        objects=_WEB,
        asker="deployment/asker",
        spec={"dnsPolicy": "Default"},
        names=("api",),
    ),
    Mistake(
        kind="dnsPolicy None with an outside nameserver",
        objects=_WEB,
        spec={"dnsPolicy": "None", "dnsConfig": {"nameservers": ["UPSTREAM"]}},
        names=("api", "api.NAMESPACE.svc.cluster.local"),
    ),
    Mistake(
        kind="dnsPolicy None without a search list",
        objects=_WEB,
        spec={"dnsPolicy": "None", "dnsConfig": {"nameservers": ["CLUSTERDNS"]}},
        names=("api", "api.NAMESPACE"),
    ),
    Mistake(
        kind="ndots 1 on musl",
        objects=_WEB,
        spec={"dnsConfig": {"options": [{"name": "ndots", "value": "1"}]}},
        libcs=("musl",),
        names=("api.NAMESPACE", "api.NAMESPACE.svc"),
    ),
    Mistake(
        kind="search list that ends in a dot on musl",
        spec={"dnsConfig": {"searches": ["."]}},
        libcs=("musl",),
        names=("www.example.com",),
    ),
    Mistake(
        kind="search domain with a wildcard",
        spec={"dnsConfig": {"searches": ["wild.example.com"]}},
        names=("www.example.com",),
    ),
    # --- names in another form
    Mistake(
        kind="parts of a name in another order",
        objects=_WEB,
        names=(
            "NAMESPACE.api.svc.cluster.local",
            "api.svc.NAMESPACE.cluster.local",
            "api.NAMESPACE.service.cluster.local",
            "api.svc.NAMESPACE",
        ),
    ),
    Mistake(
        kind="pod below pod by its name",
        objects=(pod("web"),),
        names=("web.NAMESPACE.pod.cluster.local",),
    ),
    Mistake(
        kind="address with dots in a pod's name",
        objects=(pod("web"),),
        value=("get", "pod", "web", "-o", "jsonpath={.status.podIP}"),
        names=("VALUE.NAMESPACE.pod.cluster.local",),
    ),
    Mistake(
        kind="wildcard below a headless Service",
        objects=(service("ring", headless=True), pod("ring")),
        names=("*.ring", "any.ring"),
    ),
    Mistake(
        kind="ordinal beyond replicas that start at 5",
        objects=(
            service("late", headless=True),
            workload(
                "StatefulSet",
                "late",
                set_spec={"serviceName": "late", "ordinals": {"start": 5}},
            ),
        ),
        names=("late-6.late",),
    ),
    Mistake(
        kind="slice that is labelled for no Service",
        objects=(
            service("ext", headless=True, selector={}),
            endpoint_slice("ext-1", "192.0.2.5", service="ext-db"),
        ),
        names=("ext",),
    ),
    Mistake(
        kind="alias of what is called alike",
        objects=(alias("db", "postgres.NAMESPACE.svc.cluster.local"), service("postgresql")),
        names=("db",),
    ),
    # --- hosts files
    Mistake(
        kind="alias of another pod", objects=(pod("other", **_ALIASED),), names=("db.shop.example",)
    ),
    Mistake(
        kind="alias hidden by an own mount",
        objects=(_config_map("own-hosts", "hosts", "127.0.0.1 localhost\n"),),
        spec={**_ALIASED, **_MOUNT},
        names=("db.shop.example", "cache"),
    ),
    Mistake(
        kind="own mount that is older than its ConfigMap",
        objects=(_config_map("own-hosts", "hosts", "192.0.2.9 old.shop.example\n"),),
        asker="deployment/asker",
        spec=_MOUNT,
        prepare=(
            (
                "patch",
                "configmap",
                "own-hosts",
                "-p",
                '{"data":{"hosts":"192.0.2.9 old.shop.example new.shop.example\\n"}}',
            ),
        ),
        names=("new.shop.example",),
    ),
    Mistake(kind="slip in an alias", spec=_ALIASED, names=("db.shop.exampel", "bd.shop.example")),
    Mistake(
        kind="alias in capitals on musl", spec=_ALIASED, libcs=("musl",), names=("DB.shop.example",)
    ),
    Mistake(
        kind="alias asked with a search domain",
        spec=_ALIASED,
        names=("cache.NAMESPACE.svc.cluster.local",),
    ),
    Mistake(
        kind="alias that shadows a Service",
        objects=(service("cache"),),
        spec=_ALIASED,
        names=("cache",),
    ),
    Mistake(
        kind="alias with a cluster IP that is gone",
        objects=(service("peer0"),),
        spec={"hostAliases": [{"ip": "10.96.250.250", "hostnames": ["peer0.example.org"]}]},
        names=("peer0.example.org",),
    ),
    Mistake(
        kind="hand-written line that shadows a Service",
        objects=(service("cache"),),
        prepare=(("exec", "asker", "--", "sh", "-c", "echo 192.0.2.99 cache >> /etc/hosts"),),
        names=("cache",),
    ),
    Mistake(
        kind="alias of a template that is paused",
        asker="deployment/asker",
        prepare=(
            ("rollout", "pause", "deployment/asker"),
            (
                "patch",
                "deployment",
                "asker",
                "-p",
                '{"spec":{"template":{"spec":{"hostAliases":[{"ip":"192.0.2.8","hostnames":["late.shop.example"]}]}}}}',
            ),
        ),
        names=("late.shop.example",),
    ),
    Mistake(
        kind="pod name longer than a label",
        asker="pod/platform-kube-scheduler-guard-ci-run-4hj6pnwf-4f6ab-lv57z-master-0",
        names=("platform-kube-scheduler-guard-ci-run-4hj6pnwf-4f6ab-lv57z-master-0",),
    ),
    # --- names of charts, pods without a name or an address of their own, and hand-made objects
    Mistake(
        kind="another release's name in front of a Service's",
        objects=(service("mailer-redis-master"),),
        names=("postman-redis-master", "postman-redis-master.NAMESPACE"),
    ),
    Mistake(
        kind="word left out in the middle of a Service's name",
        objects=(service("shop-eu-redis-master"), service("shop-eu")),
        names=("shop-redis-master",),
    ),
    Mistake(
        kind="last word left out, of several Services",
        objects=(service("shop-redis"), service("shop-redis-db-master"), service("shop")),
        names=("shop-redis-db",),
    ),
    Mistake(
        kind="bare name of a StatefulSet's pod that is not ready",
        objects=_SET_NOT_READY,
        names=("pgsql-1", "pgsql-1.NAMESPACE"),
    ),
    Mistake(
        kind="bare name of a pod that the StatefulSet does not have",
        objects=_RABBIT,
        names=("rabbit-3",),
    ),
    Mistake(
        kind="Service away from its pods",
        objects=(
            service("ledger", headless=True, namespace="NAMESPACE-b"),
            workload("Deployment", "ledger"),
        ),
        names=("ledger.NAMESPACE-b",),
    ),
    Mistake(
        kind="Endpoints of another name than the Service",
        objects=(
            service("ledger", headless=True, selector={}),
            {
                "apiVersion": "v1",
                "kind": "Endpoints",
                "metadata": _metadata("ledger-db"),
                "subsets": [
                    {
                        "addresses": [{"ip": "198.51.100.7"}, {"ip": "198.51.100.8"}],
                        "ports": [{"name": "db", "port": 5432}],
                    }
                ],
            },
        ),
        names=("ledger",),
    ),
    Mistake(
        kind="subdomain of a pod without labels",
        objects=(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": _metadata("member"),
                "spec": _spec(hostname="one", subdomain="team"),
            },
        ),
        names=("one.team",),
    ),
    Mistake(
        kind="wildcard in a hosts file",
        prepare=(("exec", "asker", "--", "sh", "-c", "echo 192.0.2.9 *.dev.test >> /etc/hosts"),),
        names=("api.dev.test",),
    ),
    Mistake(
        kind="host of an Ingress",
        objects=(
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": _metadata("web"),
                "spec": {
                    "defaultBackend": {"service": {"name": "web", "port": {"number": 80}}},
                    "rules": [{"host": "NAMESPACE.example.invalid"}],
                },
            },
        ),
        prepare=(
            (
                "patch",
                "ingress",
                "web",
                "--subresource=status",
                "--type=merge",
                "-p",
                '{"status":{"loadBalancer":{"ingress":[{"ip":"203.0.113.80"}]}}}',
            ),
        ),
        names=("NAMESPACE.example.invalid",),
    ),
    Mistake(
        kind="SRV name below a pod",
        objects=_RABBIT,
        names=("_http._tcp.rabbit-0.rabbit.NAMESPACE.svc.cluster.local",),
        type="SRV",
        libcs=("glibc",),
    ),
    # --- what nothing can be done about
    Mistake(kind="nothing is called so", names=("nosuch.example.invalid",), has_fix=False),
)


_REWRITTEN = """
shop.test:53 {
    rewrite stop {
        name regex (.*)\\.shop\\.test {1}.NAMESPACE.svc.cluster.local
        answer name (.*)\\.NAMESPACE\\.svc\\.cluster\\.local {1}.shop.test
    }
%s}
"""
_KUBERNETES = "kubernetes cluster.local in-addr.arpa ip6.arpa {"

OF_COREFILES = (
    Mistake(
        kind="block that rewrites to a Service and forwards",
        objects=_WEB,
        corefile=(("", _REWRITTEN % "    forward . /etc/resolv.conf\n"),),
        names=("api.shop.test",),
    ),
    Mistake(
        kind="block that rewrites to a Service and answers nothing",
        objects=_WEB,
        corefile=(("", _REWRITTEN % ""),),
        names=("api.shop.test",),
    ),
    Mistake(
        kind="namespace that the Corefile leaves out",
        objects=_WEB,
        libcs=("glibc",),
        corefile=((_KUBERNETES, f"{_KUBERNETES}\n        namespaces default kube-system"),),
        names=("api", "api.NAMESPACE"),
    ),
    Mistake(
        kind="hosts without fallthrough",
        objects=_WEB,
        libcs=("musl",),
        corefile=(
            (_KUBERNETES, f"hosts {{\n        192.0.2.70 db.test\n    }}\n    {_KUBERNETES}"),
        ),
        names=("api",),
    ),
    Mistake(
        kind="hosts without fallthrough, in a Corefile without reload",
        objects=_WEB,
        libcs=("musl",),
        corefile=(
            ("    reload\n", ""),
            (_KUBERNETES, f"hosts {{\n        192.0.2.70 db.test\n    }}\n    {_KUBERNETES}"),
        ),
        names=("api",),
    ),
    Mistake(
        kind="block that takes the cluster's names",
        objects=_WEB,
        corefile=(("", "\nlocal:53 {\n    forward . /etc/resolv.conf\n}\n"),),
        names=("api", "api.NAMESPACE.svc.cluster.local"),
    ),
    Mistake(
        kind="Service without the label that the Corefile wants",
        objects=_WEB,
        libcs=("glibc",),
        corefile=((_KUBERNETES, f"{_KUBERNETES}\n        labels dns=yes"),),
        names=("api.NAMESPACE.svc.cluster.local",),
    ),
    Mistake(
        kind="template for aliases alone",
        objects=_WEB,
        libcs=("glibc",),
        corefile=(
            (
                _KUBERNETES,
                (
                    "template ANY CNAME corp.test {\n        "
                    'answer "{{ .Name }} 60 IN CNAME api.NAMESPACE.svc.cluster.local"\n'
                    f"    }}\n    {_KUBERNETES}"
                ),
            ),
        ),
        names=("db.corp.test",),
    ),
    Mistake(
        kind="template that writes a name as an address",
        objects=_WEB,
        libcs=("musl",),
        corefile=(
            (
                _KUBERNETES,
                (
                    "template ANY A corp.test {\n        "
                    'answer "{{ .Name }} 60 IN A api.NAMESPACE.svc.cluster.local"\n'
                    f"    }}\n    {_KUBERNETES}"
                ),
            ),
        ),
        names=("db.corp.test",),
    ),
    Mistake(
        kind="endpoints that the Corefile leaves out",
        objects=(service("pg", headless=True), pod("pg")),
        libcs=("glibc",),
        corefile=((_KUBERNETES, f"{_KUBERNETES}\n        noendpoints"),),
        names=("pg",),
    ),
    Mistake(
        kind="template before an entry of hosts",
        corefile=(
            (
                _KUBERNETES,
                (
                    'template IN A corp.test {\n        answer "{{ .Name }} 60 IN A 192.0.2.1"\n'
                    "    }\n    hosts {\n        192.0.2.70 db.corp.test\n        fallthrough\n    }\n"
                    f"    {_KUBERNETES}"
                ),
            ),
        ),
        names=("db.corp.test.",),
    ),
    Mistake(
        kind="entry of hosts in a block that is not asked",
        corefile=(
            (
                _KUBERNETES,
                (
                    "hosts {\n        192.0.2.70 db.corp.test\n        fallthrough\n    }\n"
                    f"    {_KUBERNETES}"
                ),
            ),
            ("", "\ncorp.test:53 {\n    forward . /etc/resolv.conf\n}\n"),
        ),
        names=("db.corp.test.",),
    ),
    Mistake(
        kind="rule that rewrites to no Service",
        objects=_WEB,
        corefile=(
            (
                _KUBERNETES,
                f"rewrite name apis.corp.test apis.NAMESPACE.svc.cluster.local\n    {_KUBERNETES}",
            ),
        ),
        names=("apis.corp.test.",),
    ),
    Mistake(
        kind="rule that leaves another name in the answer",
        objects=_WEB,
        libcs=("glibc",),
        corefile=(
            (
                _KUBERNETES,
                (
                    "rewrite name regex api\\.corp\\.test api.NAMESPACE.svc.cluster.local\n"
                    f"    {_KUBERNETES}"
                ),
            ),
        ),
        names=("api.corp.test.",),
    ),
    Mistake(
        kind="rule that leaves the name of a hosts entry in the answer",
        objects=_WEB,
        libcs=("glibc",),
        corefile=(
            (
                _KUBERNETES,
                (
                    "hosts {\n        192.0.2.44 edge\n        fallthrough\n    }\n"
                    f"    rewrite name regex .*\\.corp\\.test edge\n    {_KUBERNETES}"
                ),
            ),
        ),
        names=("api.corp.test",),
    ),
    Mistake(
        kind="plugin of the Corefile with a slip in its name",
        objects=_WEB,
        libcs=("glibc",),
        corefile=(("forward .", "foward ."),),
        is_refused=True,
        names=("api",),
    ),
    Mistake(
        kind="brace of the Corefile that is missing",
        objects=_WEB,
        libcs=("glibc",),
        corefile=(("ttl 30\n    }\n", "ttl 30\n"),),
        is_refused=True,
        names=("api",),
    ),
    Mistake(
        kind="entry of hosts behind its fallthrough",
        libcs=("glibc",),
        corefile=(
            (
                _KUBERNETES,
                (
                    "hosts {\n        fallthrough\n        192.0.2.70 db.corp.test\n    }\n"
                    f"    {_KUBERNETES}"
                ),
            ),
        ),
        is_refused=True,
        names=("db.corp.test.",),
    ),
)
"""Rows that change the cluster's Corefile meanwhile: one after the other, and alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One name of a row, asked by one C library."""

    mistake: Mistake
    name: str
    libc: str

    @property
    def id(self) -> str:
        """What tells it from the others."""
        return f"{self.mistake.kind}: {self.name} ({self.libc})"


def cases(mistakes: tuple[Mistake, ...] = MISTAKES) -> Iterator[Case]:
    """Every name of every row, by each C library of the row."""
    for mistake in mistakes:
        for name in mistake.names:
            for libc in mistake.libcs:
                yield Case(mistake=mistake, name=name, libc=libc)
