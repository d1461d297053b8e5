"""Sets of manifests as charts bring them, and the names that their pods ask for.

Each set is a namespace's; `{ns}` in a name is that namespace. Names that nothing answers end in a
dot: without it the last question goes to an upstream that no file names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.e2e.control_plane.manifests import (
    HEADLESS,
    UNREADY,
    container,
    pod,
    port,
    template,
    workload,
)
from tests.e2e.images import image

Manifest = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Set:
    """Manifests, the pods to ask from under their predicted names, and names parted by blanks.

    knows_dns: the files hold the Service and the Corefile of the cluster's DNS too.
    """

    name: str
    objects: tuple[Manifest, ...]
    pods: tuple[str, ...]
    names: str
    knows_dns: bool = False


def service(name: str, app: str = "", *ports: Manifest, **spec: Any) -> Manifest:
    """A Service on the pods of APP, its own name unless given; without ports it gets one."""
    chosen = {"selector": {"app": app or name}, "ports": list(ports) or [port(80)]}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": chosen | spec,
    }


def headless(name: str, app: str = "", *ports: Manifest, **spec: Any) -> Manifest:
    """The same without a cluster IP."""
    return service(name, app, *ports, **HEADLESS, **spec)


def external(name: str, target: str, *ports: Manifest) -> Manifest:
    """An ExternalName."""
    spec: Manifest = {"type": "ExternalName", "externalName": target}
    chosen = spec | ({"ports": list(ports)} if ports else {})
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": chosen}


def unselecting(name: str, **spec: Any) -> Manifest:
    """A Service without a selector."""
    body = {"ports": [port(80)]} | spec
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": body}


def endpoints(name: str, *subsets: Manifest, **metadata: Any) -> Manifest:
    """Endpoints by hand."""
    meta = {"name": name} | metadata
    return {"apiVersion": "v1", "kind": "Endpoints", "metadata": meta, "subsets": list(subsets)}


def slice_of(name: str, addresses: dict[str, str], **labels: str) -> Manifest:
    """An EndpointSlice by hand: hostname by address."""
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": name, "labels": labels},
        "addressType": "IPv6" if ":" in next(iter(addresses)) else "IPv4",
        "ports": [{"name": "", "port": 80}],
        "endpoints": [
            {"addresses": [ip]} | ({"hostname": host} if host else {})
            for ip, host in addresses.items()
        ],
    }


def on(libc: str, **fields: Any) -> Manifest:
    """spec.containers with one container of that C library; `shell-less` is static Go."""
    made = container(image=image(libc), ports=[], **fields)
    if libc == "shell-less":
        del made["command"]
    return {"containers": [made]}


def deployment(name: str, libc: str, *, replicas: int = 1, **spec: Any) -> Manifest:
    """A Deployment."""
    return workload("Deployment", name, template(name, **on(libc), **spec), replicas=replicas)


def stateful(name: str, libc: str, governing: str, replicas: int = 2, **spec: Any) -> Manifest:
    """A StatefulSet whose pods start side by side."""
    return workload(
        "StatefulSet",
        name,
        template(name, **on(libc), **spec),
        serviceName=governing,
        replicas=replicas,
        podManagementPolicy="Parallel",
    )


def of(name: str) -> str:
    """The predicted name of a Deployment's pods."""
    return f"{name}-{'x' * 10}-{'x' * 5}"


DOMAIN = "{ns}.svc.cluster.local."

SETS: tuple[Set, ...] = (
    Set(
        name="web-and-database",
        objects=(
            deployment("web", "shell-less", replicas=2),
            deployment("api", "musl"),
            stateful("postgres", "musl", "postgres-hl", 2),
            service("web"),
            service("api"),
            service("postgres"),
            headless("postgres-hl", "postgres", port(5432)),
        ),
        pods=(of("web"), of("api"), "postgres-0"),
        names=f"web api web.{{ns}} postgres postgres-hl postgres-0.postgres-hl "
        f"postgres-1.postgres-hl.{{ns}}.svc postgres-2.postgres-hl.{DOMAIN} postgres-0.postgres.{DOMAIN} "
        f"postgres-0.{DOMAIN} database.{DOMAIN} localhost kubernetes.default",
    ),
    Set(
        name="redis-sentinel",
        objects=(
            stateful("redis", "shell-less", "redis-headless", 3),
            headless("redis-headless", "redis", port(6379), **UNREADY),
            service("redis", "redis", port(6379, name="redis"), port(26379, name="sentinel")),
        ),
        pods=("redis-0", "redis-2"),
        names=f"redis redis-headless redis-0.redis-headless redis-1.redis-headless.{{ns}} "
        f"redis-2.redis-headless.{{ns}}.svc.cluster.local redis-3.redis-headless.{DOMAIN} "
        f"redis-0.redis.{DOMAIN} redis-master.{DOMAIN} redis-0 redis.default.svc.cluster.local.",
    ),
    Set(
        name="kafka-zookeeper",
        objects=(
            stateful("zookeeper", "shell-less", "zookeeper-headless", 3),
            stateful("kafka", "glibc", "kafka-headless", 2),
            headless("zookeeper-headless", "zookeeper", port(2181, name="client")),
            headless("kafka-headless", "kafka", port(9092, name="broker")),
            service("zookeeper", "zookeeper", port(2181)),
            service("kafka", "kafka", port(9092)),
        ),
        pods=("kafka-0", "zookeeper-1"),
        names=f"kafka zookeeper kafka-headless zookeeper-headless kafka-0.kafka-headless "
        f"kafka-1.kafka-headless.{{ns}}.svc zookeeper-0.zookeeper-headless.{{ns}} "
        f"zookeeper-2.zookeeper-headless.{{ns}}.svc.cluster.local kafka-2.kafka-headless.{DOMAIN} "
        f"kafka-0.kafka.{DOMAIN} zk-0.zookeeper-headless.{DOMAIN}",
    ),
    Set(
        name="governing-service-forgotten",
        objects=(stateful("mongo", "shell-less", "mongodb", 2), service("mongo")),
        pods=("mongo-0", "mongo-1"),
        names=f"mongo mongo-0.mongodb.{DOMAIN} mongo-0.mongo.{DOMAIN} mongodb.{DOMAIN} mongo-0 "
        f"mongo.{{ns}}.svc mongo-1.{DOMAIN} localhost",
    ),
    Set(
        name="governing-service-misspelt",
        objects=(stateful("etcd", "musl", "etcd-peer", 2), headless("etcd", "etcd", port(2379))),
        pods=("etcd-0", "etcd-1"),
        names=f"etcd etcd.{{ns}} etcd-0.etcd.{DOMAIN} etcd-0.etcd-peer.{DOMAIN} etcd-peer.{DOMAIN} "
        f"etcd.{{ns}}.svc.cluster.local etcd-1",
    ),
    Set(
        name="hostname-and-subdomain",
        objects=(
            pod("busybox1", "busybox", hostname="busybox-1", subdomain="busybox-subdomain", **on("glibc")),
            pod("busybox2", "busybox", hostname="busybox-2", subdomain="busybox-subdomain", **on("musl")),
            pod("busybox3", "busybox", subdomain="busybox-subdomain", **on("musl")),
            pod("busybox4", "busybox", hostname="busybox-4", **on("glibc")),
            headless("busybox-subdomain", "busybox"),
        ),
        pods=("busybox1", "busybox3"),
        names=f"busybox-subdomain busybox-1.busybox-subdomain busybox-2.busybox-subdomain.{{ns}} "
        f"busybox-2.busybox-subdomain.{{ns}}.svc.cluster.local busybox-3.busybox-subdomain.{DOMAIN} "
        f"busybox3.busybox-subdomain.{DOMAIN} busybox-4.busybox-subdomain.{DOMAIN} "
        f"busybox1.{DOMAIN} busybox-1.{DOMAIN}",
    ),
    Set(
        name="deployment-with-hostname",
        objects=(
            workload(
                "Deployment",
                "gate",
                template("gate", hostname="gate", subdomain="gates", **on("shell-less")),
                replicas=3,
            ),
            headless("gates", "gate"),
            service("gate"),
        ),
        pods=(of("gate"),),
        names=f"gate gates gate.gates gate.gates.{{ns}}.svc gates.{{ns}} gate-0.gates.{DOMAIN} "
        f"gate.{{ns}}.svc.cluster.local other.gates.{DOMAIN}",
    ),
    Set(
        name="selector-misses",
        objects=(
            deployment("front", "glibc"),
            service("front", "frontend"),
            headless("front-headless", "frontend"),
            service("front-right", "front"),
        ),
        pods=(of("front"),),
        names=f"front front.{{ns}} front-right front-right.{{ns}}.svc.cluster.local "
        f"front-headless.{DOMAIN} frontend.{DOMAIN} front.{{ns}}.svc",
    ),
    Set(
        name="aliases-by-name",
        objects=(
            deployment("caller", "musl"),
            deployment("target", "glibc"),
            service("target"),
            headless("target-headless", "target"),
            external("alias", "target.{ns}.svc.cluster.local"),
            external("alias-headless", "target-headless.{ns}.svc.cluster.local"),
            external("alias-chain", "alias.{ns}.svc.cluster.local"),
            external("alias-nowhere", "gone.{ns}.svc.cluster.local"),
            external("alias-kubernetes", "kubernetes.default.svc.cluster.local"),
        ),
        pods=(of("caller"), of("target")),
        names=f"target alias alias.{{ns}} alias-headless alias-chain.{DOMAIN} alias-kubernetes "
        f"alias-nowhere.{DOMAIN} target-headless alias.{{ns}}.svc.cluster.local x.alias.{DOMAIN}",
    ),
    Set(
        name="endpoints-by-hand",
        objects=(
            deployment("asker", "glibc"),
            unselecting("legacy"),
            endpoints("legacy", {"addresses": [{"ip": "192.0.2.10"}], "ports": [{"port": 80}]}),
            unselecting("legacy-headless", **HEADLESS),
            endpoints(
                "legacy-headless",
                {
                    "addresses": [{"ip": "192.0.2.20", "hostname": "one"}, {"ip": "192.0.2.21"}],
                    "notReadyAddresses": [{"ip": "192.0.2.22", "hostname": "sick"}],
                    "ports": [{"port": 80}],
                },
            ),
            unselecting("legacy-skipped", **HEADLESS),
            endpoints(
                "legacy-skipped",
                {"addresses": [{"ip": "192.0.2.30"}]},
                labels={"endpointslice.kubernetes.io/skip-mirror": "true"},
            ),
            endpoints("without-service", {"addresses": [{"ip": "192.0.2.40"}]}),
        ),
        pods=(of("asker"),),
        names=f"legacy legacy-headless one.legacy-headless 192-0-2-21.legacy-headless "
        f"sick.legacy-headless.{DOMAIN} legacy-skipped.{DOMAIN} without-service.{DOMAIN} "
        f"legacy.{{ns}}.svc 192-0-2-10.legacy.{{ns}}.svc 192-0-2-20.legacy-headless.{DOMAIN} two.legacy-headless.{DOMAIN}",
    ),
    Set(
        name="slices-by-hand",
        objects=(
            deployment("asker", "musl"),
            unselecting("mine", **HEADLESS),
            slice_of("mine-1", {"192.0.2.50": "a", "192.0.2.51": ""}, **{"kubernetes.io/service-name": "mine"}),
            slice_of("mine-six", {"2001:db8:1::50": "a"}, **{"kubernetes.io/service-name": "mine"}),
            unselecting("unlabelled", **HEADLESS),
            slice_of("unlabelled-1", {"192.0.2.60": "a"}),
        ),
        pods=(of("asker"),),
        names=f"mine a.mine 192-0-2-51.mine mine.{{ns}}.svc.cluster.local a.mine.{{ns}} unlabelled.{DOMAIN} "
        f"a.unlabelled.{DOMAIN} b.mine.{DOMAIN}",
    ),
    Set(
        name="families",
        objects=(
            deployment("both", "glibc", replicas=2),
            service("four", "both"),
            service("six", "both", ipFamilies=["IPv6"]),
            service("dual", "both", ipFamilyPolicy="RequireDualStack"),
            service("prefers", "both", ipFamilyPolicy="PreferDualStack"),
            headless("four-headless", "both"),
            headless("six-headless", "both", ipFamilies=["IPv6"]),
            headless("dual-headless", "both", ipFamilyPolicy="RequireDualStack"),
        ),
        pods=(of("both"),),
        names=f"four six dual prefers four-headless six-headless dual-headless dual.{{ns}} "
        f"six.{{ns}}.svc dual-headless.{{ns}}.svc.cluster.local eight.{DOMAIN}",
    ),
    Set(
        name="kinds-of-services",
        objects=(
            deployment("app", "musl"),
            service("node-port", "app", type="NodePort"),
            service("balanced", "app", type="LoadBalancer"),
            service("fixed", "app", externalIPs=["198.51.100.7"]),
            service("named-port", "app", port(80, "http", name="http")),
            headless("no-such-port", "app", port(80, "nope", name="http")),
        ),
        pods=(of("app"),),
        names=f"node-port balanced fixed named-port no-such-port balanced.{{ns}}.svc "
        f"node-port.{{ns}}.svc.cluster.local fixed.{{ns}} ports.{DOMAIN}",
    ),
    Set(
        name="host-network",
        objects=(
            workload(
                "Deployment",
                "proxy",
                template("proxy", hostNetwork=True, dnsPolicy="ClusterFirstWithHostNet", **on("glibc")),
            ),
            deployment("behind", "musl"),
            headless("proxy"),
            service("behind"),
        ),
        pods=(of("proxy"), of("behind")),
        names=f"proxy behind proxy.{{ns}}.svc behind.{{ns}} proxy.{{ns}}.svc.cluster.local beyond.{DOMAIN}",
    ),
    Set(
        name="daemon-set",
        objects=(
            workload("DaemonSet", "agent", template("agent", **on("glibc"))),
            headless("agent"),
            service("agent-local", "agent", internalTrafficPolicy="Local"),
        ),
        pods=("agent-xxxxx",),
        names=f"agent agent-local agent.{{ns}} agent-local.{{ns}}.svc.cluster.local agent-0.agent.{DOMAIN} "
        f"agents.{DOMAIN}",
    ),
    Set(
        name="indexed-job",
        objects=(
            workload(
                "Job",
                "train",
                template("train", restartPolicy="Never", subdomain="train", **on("shell-less")),
                completionMode="Indexed",
                completions=3,
                parallelism=3,
            ),
            headless("train", **UNREADY),
        ),
        pods=("train-0-xxxxx", "train-2-xxxxx"),
        names=f"train train-0.train train-1.train.{{ns}} train-2.train.{{ns}}.svc.cluster.local "
        f"train-3.train.{DOMAIN} train-1.{DOMAIN} train.{{ns}}.svc",
    ),
    Set(
        name="no-search",
        objects=(
            deployment("plain", "glibc"),
            workload(
                "Deployment",
                "short",
                template("short", dnsConfig={"options": [{"name": "ndots", "value": "1"}]}, **on("musl")),
            ),
            service("plain"),
            service("short"),
        ),
        pods=(of("plain"), of("short")),
        names=f"plain short plain.{{ns}}.svc.cluster.local short.{DOMAIN} plain.{DOMAIN} missing.{DOMAIN} "
        "kubernetes.default.svc.cluster.local",
    ),
    Set(
        name="host-aliases",
        objects=(
            workload(
                "Deployment",
                "pinned",
                template(
                    "pinned",
                    hostAliases=[
                        {"ip": "192.0.2.70", "hostnames": ["db.example.org", "backend"]},
                        {"ip": "2001:db8:1::70", "hostnames": ["six.example.org"]},
                    ],
                    **on("shell-less"),
                ),
            ),
            deployment("backend", "musl"),
            service("backend"),
            service("pinned"),
        ),
        pods=(of("pinned"), of("backend")),
        names="backend pinned backend.{ns} backend.{ns}.svc.cluster.local pinned.{ns}.svc localhost",
    ),
    Set(
        name="aliases-alone",
        objects=(
            pod(
                "aliased",
                hostAliases=[
                    {"ip": "127.0.0.1", "hostnames": ["foo.local", "bar.local"]},
                    {"ip": "10.1.2.3", "hostnames": ["foo.remote", "bar.remote"]},
                ],
                **on("musl"),
            ),
            pod("unaliased", **on("shell-less")),
            headless("aliased"),
        ),
        pods=("aliased", "unaliased"),
        names=f"aliased aliased.{{ns}} aliased.aliased.{DOMAIN} localhost unaliased.{DOMAIN} kubernetes.default.svc",
    ),
    Set(
        name="custom-resolver",
        knows_dns=True,
        objects=(
            workload(
                "Deployment",
                "custom",
                template(
                    "custom",
                    dnsPolicy="None",
                    dnsConfig={
                        "nameservers": ["10.96.0.10"],
                        "searches": ["svc.cluster.local", "cluster.local"],
                        "options": [{"name": "ndots", "value": "2"}],
                    },
                    **on("glibc"),
                ),
            ),
            service("custom"),
            headless("custom-headless", "custom"),
        ),
        pods=(of("custom"),),
        names=f"custom.{{ns}} custom.{{ns}}.svc custom.{DOMAIN} custom-headless.{{ns}} kubernetes.default "
        f"custom.{{ns}}.svc.cluster.local none.{DOMAIN}",
    ),
    Set(
        name="long-and-odd-names",
        objects=(
            deployment("a" * 52, "glibc"),
            service("a" * 52),
            stateful("s" * 52, "musl", "peers", 1),
            headless("peers", "s" * 52),
            headless("x-1"),
        ),
        pods=(f"{'s' * 52}-0",),
        names=f"{'a' * 52} {'s' * 52}-0.peers peers {'s' * 52}-0.peers.{{ns}}.svc {'A' * 52} PEERS "
        f"{'s' * 52}-1.peers.{DOMAIN} x-1.{DOMAIN} {'a' * 52}.{{ns}}",
    ),
    Set(
        name="ordinals-and-zero",
        objects=(
            workload(
                "StatefulSet",
                "shard",
                template("shard", **on("shell-less")),
                serviceName="shard",
                replicas=2,
                ordinals={"start": 3},
                podManagementPolicy="Parallel",
            ),
            headless("shard"),
            deployment("idle", "musl", replicas=0),
            service("idle"),
            headless("idle-headless", "idle"),
        ),
        pods=("shard-3", "shard-4"),
        names=f"shard shard-3.shard shard-4.shard.{{ns}}.svc shard-0.shard.{DOMAIN} shard-5.shard.{DOMAIN} "
        f"idle idle.{{ns}} idle-headless.{DOMAIN}",
    ),
    Set(
        name="services-on-one-pod",
        objects=(
            stateful("node", "shell-less", "nodes", 2),
            headless("nodes", "node"),
            service("first", selector={"statefulset.kubernetes.io/pod-name": "node-0"}),
            headless("second", selector={"apps.kubernetes.io/pod-index": "1", "app": "node"}),
            headless("everything", selector={}),
        ),
        pods=("node-0", "node-1"),
        names=f"nodes first second node-0.nodes node-1.nodes.{{ns}} node-1.second.{DOMAIN} "
        f"first.{{ns}}.svc.cluster.local second.{{ns}}.svc everything.{DOMAIN}",
    ),
    Set(
        name="cron-and-job",
        objects=(
            workload("CronJob", "nightly", template("nightly", restartPolicy="Never", **on("musl"))),
            workload("Job", "migrate", template("migrate", restartPolicy="Never", **on("glibc")), parallelism=2),
            headless("nightly"),
            headless("migrate"),
            service("migrate-vip", "migrate"),
        ),
        pods=("migrate-xxxxx",),
        names=f"migrate migrate-vip migrate.{{ns}}.svc nightly.{DOMAIN} migrate-0.migrate.{DOMAIN} migrate-vip.{DOMAIN}",
    ),
)  # fmt: skip
