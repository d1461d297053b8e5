"""The reading that leads, and what it lacks: by objects, and by nothing but objects."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
from kubectl_hosts.model.cluster_dns.locate import node_local, parse_corefile
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explain.readings import (
    Asked,
    Kind,
    cause_of,
    is_near,
    near_names,
    read_name,
)
from kubectl_hosts.model.resolver.outcome import Outcome
from tests.model.explain.paper_objects import (
    ASKER,
    alias,
    answer,
    context,
    ingress,
    namespace,
    node,
    pod,
    service,
    slice_of,
    stateful_set,
)

SET_POD = {"labels": {"app": "pg"}, "owner": "StatefulSet/pg"}
PG = service("pg", headless=True)
NO_SUCH_TARGET = (
    "no container has the port that targetPort of Service shop/db names, so EndpointSlice "
    "shop/db-1 has none, and no SRV records"
)


def _lead(name, objects, qtype="", **known):
    return answer(read_name(name, qtype, context(**known)), objects)[0]


MYSQL = {"name": "main", "image": "example.org/library/mysql:8.4@sha256:0"}
CAUSES = [
    pytest.param(
        "redis",
        (),
        Kind.SERVICE,
        ("no Service redis in namespace shop",),
        id="nothing has the name",
    ),
    pytest.param(
        "redis",
        (service("redis", namespace="bank"), namespace("bank")),
        Kind.SERVICE,
        ("no Service redis in namespace shop, but one in bank",),
        id="another namespace has it",
    ),
    pytest.param(
        "redis",
        (service("redis", namespace="shop-b"), service("redis", namespace="aaa")),
        Kind.SERVICE,
        ("no Service redis in namespace shop, but one in shop-b and aaa",),
        id="of several namespaces the one that is called alike comes first",
    ),
    pytest.param(
        "web_service",
        (service("web-service"),),
        Kind.SERVICE,
        ("no Service web_service in namespace shop; there is web-service",),
        id="an underscore",
    ),
    pytest.param(
        "paymetns",
        (service("payments"),),
        Kind.SERVICE,
        ("no Service paymetns in namespace shop; there is payments",),
        id="a slip",
    ),
    pytest.param(
        "redis",
        (service("shop-redis"),),
        Kind.SERVICE,
        ("no Service redis in namespace shop; there is shop-redis",),
        id="a release in front",
    ),
    *(
        pytest.param(
            f"redis.{each}",
            (service("redis"), namespace(each)),
            Kind.SERVICE,
            (f"no Service redis in namespace {each}, but one in shop",),
            id=f"a namespace called {each}",
        )
        for each in ("dev", "qa", "int", "app", "pg", "io", "com", "local")
    ),
    pytest.param(
        "redis.bnak",
        (service("redis", namespace="bank"), namespace("bank")),
        Kind.SERVICE,
        ("there is no namespace bnak; Service redis is in bank",),
        id="the namespace is absent, the Service is elsewhere",
    ),
    pytest.param(
        "api.shop.svc.",
        (service("api"),),
        Kind.SERVICE,
        ("its final dot ends the search, and cluster.local is not in it",),
        id="a final dot too early",
    ),
    pytest.param(
        "api.shop.svc.prod-west",
        (service("api"),),
        Kind.SERVICE,
        ("prod-west is not this cluster's domain, which is cluster.local",),
        id="the domain of another cluster",
    ),
    pytest.param(
        "api.shop.svc.k8s.example.com.",
        (service("api"),),
        Kind.SERVICE,
        ("k8s.example.com is not this cluster's domain, which is cluster.local",),
        id="the domain of another cluster, with a final dot",
    ),
    pytest.param(
        "api.shop.cluster.local",
        (service("api"),),
        Kind.SERVICE,
        ("svc is missing from the name: it reads api.shop.svc.cluster.local",),
        id="without svc",
    ),
    pytest.param(
        "api.svc.cluster.local",
        (service("api"),),
        Kind.SERVICE,
        ("the namespace is missing from the name: it reads api.shop.svc.cluster.local",),
        id="without a namespace",
    ),
    pytest.param(
        "shop.api",
        (service("api"),),
        Kind.SERVICE,
        ("the Service comes first: api.shop",),
        id="swapped",
    ),
    pytest.param(
        "API_SERVICE_HOST",
        (service("api"),),
        Kind.SERVICE,
        ("it is an environment variable's name; the Service's would be api",),
        id="an environment variable",
    ),
    pytest.param(
        "pg-0.pg",
        (PG, pod("pg-0", ready=False, hostname="pg-0", subdomain="pg", **SET_POD)),
        Kind.ENDPOINT,
        ("pod pg-0 is not ready, and Service pg publishes ready pods only",),
        id="a pod that is not ready",
    ),
    pytest.param(
        "pg-0.pg.shop.svc.cluster.local",
        (PG, pod("pg-0", ready=False, hostname="pg-0", subdomain="pg", **SET_POD)),
        Kind.ENDPOINT,
        ("pod pg-0 is not ready, and Service pg publishes ready pods only",),
        id="the same by its whole name",
    ),
    pytest.param(
        "pg-0.pg",
        (PG, pod("pg-0", hostname="pg-0", **SET_POD)),
        Kind.ENDPOINT,
        ("StatefulSet shop/pg has no serviceName, so its pods have no subdomain",),
        id="a StatefulSet without serviceName",
    ),
    pytest.param(
        "pg-0.pg",
        (PG, pod("pg-0", hostname="pg-0", subdomain="pg-hs", **SET_POD)),
        Kind.ENDPOINT,
        ("serviceName of StatefulSet shop/pg is pg-hs, not pg",),
        id="a StatefulSet with another serviceName",
    ),
    pytest.param(
        "pg-5.pg",
        (PG, stateful_set("pg", replicas=2)),
        Kind.ENDPOINT,
        ("StatefulSet shop/pg has 2 replicas, so there is no pod pg-5",),
        id="an ordinal beyond the replicas",
    ),
    pytest.param(
        "pg-1.pg",
        (PG, stateful_set("pg", replicas=1)),
        Kind.ENDPOINT,
        ("StatefulSet shop/pg has 1 replica, so there is no pod pg-1",),
        id="the first ordinal beyond",
    ),
    pytest.param(
        "zk-0.zk-hs",
        (),
        Kind.ENDPOINT,
        ("no Service zk-hs in namespace shop",),
        id="a pod called after a Service that is not there",
    ),
    pytest.param(
        "zk-0.zk-hs",
        (service("zk-hs", namespace="data", headless=True),),
        Kind.ENDPOINT,
        ("no Service zk-hs in namespace shop, but one in data",),
        id="the same, and the Service is elsewhere",
    ),
    pytest.param(
        "one.team",
        (service("team", headless=True), pod("one", labels={"app": "team"}, subdomain="team")),
        Kind.ENDPOINT,
        ("pod shop/one has no spec.hostname",),
        id="a subdomain without a hostname",
    ),
    pytest.param(
        "one.team",
        (service("team", headless=True), pod("one", labels={"app": "team"}, hostname="one")),
        Kind.ENDPOINT,
        ("pod shop/one has no spec.subdomain",),
        id="a hostname without a subdomain",
    ),
    pytest.param(
        "one.team",
        (
            service("team", headless=True),
            pod("one", labels={"app": "team"}, hostname="1st", subdomain="team"),
        ),
        Kind.ENDPOINT,
        ("the hostname of pod shop/one is 1st",),
        id="another hostname",
    ),
    pytest.param(
        "one.team",
        (service("team", headless=True), pod("one", hostname="one", subdomain="team")),
        Kind.ENDPOINT,
        ("Service shop/team (app=team) does not select one",),
        id="a pod that is not selected",
    ),
    pytest.param(
        "one.team",
        (pod("one", hostname="one", subdomain="team"),),
        Kind.ENDPOINT,
        ("pod one has the subdomain team, and there is no Service shop/team",),
        id="a subdomain without a Service",
    ),
    pytest.param(
        "rabbit-0",
        (
            service("rabbit", headless=True),
            pod("rabbit-0", labels={"app": "rabbit"}, hostname="rabbit-0", subdomain="rabbit"),
        ),
        Kind.POD,
        ("pods are not in DNS by their bare name; pod rabbit-0 is rabbit-0.rabbit",),
        id="a bare StatefulSet pod",
    ),
    pytest.param(
        "pg-0",
        (PG, pod("pg-0", hostname="pg-0", subdomain="pg", ready=False, **SET_POD)),
        Kind.POD,
        ("pods are not in DNS by their bare name; pod pg-0 is pg-0.pg once it is ready",),
        id="a bare StatefulSet pod that is not ready",
    ),
    pytest.param(
        "web-7d9c",
        (pod("web-7d9c"),),
        Kind.POD,
        ("web-7d9c is a pod of shop: pods are not in DNS by their name",),
        id="a bare pod",
    ),
    pytest.param(
        "worker-1",
        (node("worker-1", "192.0.2.5"),),
        Kind.NODE,
        ("worker-1 is a node (192.0.2.5): nodes are not in the cluster's DNS",),
        id="a node",
    ),
    pytest.param(
        "web",
        (service("web", headless=True), slice_of("web-x", service="web", endpoints=[])),
        Kind.SERVICE,
        ("the selector app=web of headless Service shop/web finds no pod",),
        id="a selector that finds nothing",
    ),
    pytest.param(
        "web",
        (
            service("web", headless=True, ipFamilies=["IPv6"]),
            pod("web-7d9c", labels={"app": "web"}),
        ),
        Kind.SERVICE,
        ("Service shop/web is for IPv6, and pod web-7d9c has no such IP",),
        id="pods without an address of its family",
    ),
    pytest.param(
        "web",
        (
            service("web", headless=True, ipFamilies=["IPv6", "IPv4"]),
            pod("web-7d9c", labels={"app": "web"}),
        ),
        Kind.SERVICE,
        ("no EndpointSlice of Service shop/web has pod web-7d9c yet",),
        id="a pod that the slices lack",
    ),
    pytest.param(
        "pg-0.pg",
        (
            service("pg", headless=True, ipFamilies=["IPv6"]),
            pod("pg-0", hostname="pg-0", subdomain="pg", **SET_POD),
        ),
        Kind.ENDPOINT,
        ("Service shop/pg is for IPv6, and pod pg-0 has no such IP",),
        id="a pod without an address of the Service's family",
    ),
    pytest.param(
        "web",
        (
            service("web", headless=True),
            slice_of(
                "web-x",
                service="web",
                endpoints=[
                    {
                        "addresses": ["10.244.0.9"],
                        "conditions": {"ready": False},
                        "targetRef": {"name": "web-1"},
                    }
                ],
            ),
        ),
        Kind.SERVICE,
        ("the only pod of headless Service shop/web, web-1, is not ready",),
        id="the only pod is not ready",
    ),
    pytest.param(
        "db",
        (service("db", headless=True, selector={}), slice_of("db-1")),
        Kind.SERVICE,
        (
            "Service shop/db has no selector, and EndpointSlice db-1 lacks the label kubernetes.io/service-name",
        ),
        id="a slice without its label",
    ),
    pytest.param(
        "db",
        (service("db", headless=True, selector={}),),
        Kind.SERVICE,
        (
            "Service shop/db has no selector and no EndpointSlice with its label kubernetes.io/service-name",
        ),
        id="neither selector nor slice",
    ),
    pytest.param(
        "half",
        (alias("half", "ring.bank"), service("ring", namespace="bank")),
        Kind.SERVICE,
        (
            "Service shop/half is an alias of ring.bank, which is taken as a whole name; ring.bank.svc.cluster.local exists",
        ),
        id="an alias of two labels",
    ),
    pytest.param(
        "db-0.db",
        (
            service("db", headless=True, selector={}),
            slice_of("db-1", service="db"),
        ),
        Kind.ENDPOINT,
        ("no endpoint of Service shop/db has the hostname db-0: slice db-1 gives none",),
        id="a slice that people wrote, without host names",
    ),
    pytest.param(
        "db-0.db",
        (
            service("db", headless=True, selector={}),
            slice_of(
                "db-1",
                service="db",
                endpoints=[{"addresses": ["192.0.2.7"], "hostname": "db-a"}],
            ),
        ),
        Kind.ENDPOINT,
        ("no endpoint of Service shop/db has the hostname db-0; there is db-a",),
        id="a slice that people wrote, with another host name",
    ),
    pytest.param(
        "db-0.db",
        (service("db", headless=True, selector={}),),
        Kind.ENDPOINT,
        (
            "Service shop/db has no selector and no EndpointSlice with its label kubernetes.io/service-name",
        ),
        id="no slice at all",
    ),
    pytest.param(
        "half",
        (alias("half", "ring"), service("ring", namespace="bank")),
        Kind.SERVICE,
        (
            "Service shop/half is an alias of ring, which is taken as a whole name; ring.bank.svc.cluster.local exists",
        ),
        id="an alias of one label, whose Service stands in another namespace",
    ),
    pytest.param(
        "half",
        (alias("half", "ring.lab"), service("ring", namespace="bank")),
        Kind.SERVICE,
        (),
        id="an alias of two labels whose namespace has no such Service, as a name outside would be",
    ),
    pytest.param(
        "half",
        (alias("half", "ring.bank.svc.prod-west"), service("ring", namespace="bank")),
        Kind.SERVICE,
        (
            "Service shop/half is an alias of ring.bank.svc.prod-west, in another domain; ring.bank.svc.cluster.local exists",
        ),
        id="an alias of a name of another cluster",
    ),
    pytest.param(
        "db",
        (alias("db", "192.0.2.1"),),
        Kind.SERVICE,
        ("externalName of Service shop/db is the address 192.0.2.1; an alias needs a name",),
        id="an alias of an address",
    ),
    pytest.param(
        "www.old",
        (alias("old", "x.example"),),
        Kind.ENDPOINT,
        ("Service shop/old is an alias: nothing is below its name",),
        id="below an alias",
    ),
    pytest.param(
        "_http._udp.api",
        (service("api"),),
        Kind.PORT,
        ("Service shop/api has no port _http._udp; it has _http._tcp",),
        id="another protocol",
    ),
    pytest.param(
        "_pg._tcp.db",
        (
            service("db", headless=True, selector={}),
            slice_of("db-1", service="db", ports=[{"port": 5432, "protocol": "TCP"}]),
        ),
        Kind.PORT,
        ("the ports of EndpointSlice shop/db-1 have no name, so there is no _pg",),
        id="the slice's port has no name",
    ),
    pytest.param(
        "_pg._tcp.db",
        (
            service("db", headless=True, ports=[{"name": "pg", "port": 80, "targetPort": "sql"}]),
            slice_of("db-1", service="db", ports=[]),
        ),
        Kind.PORT,
        (NO_SUCH_TARGET,),
        id="no container has the port",
    ),
    pytest.param(
        "_pg._tcp.db",
        (
            service("db", headless=True, selector={}),
            slice_of("db-1", service="db", ports=[]),
        ),
        Kind.PORT,
        ("EndpointSlice shop/db-1 has no ports, so it has no SRV records",),
        id="a slice of people without ports",
    ),
    pytest.param(
        "pg-5",
        (PG, stateful_set("pg", replicas=2, service_name="pg"), pod("pg-0", **SET_POD)),
        Kind.POD,
        ("StatefulSet shop/pg has 2 replicas, so there is no pod pg-5",),
        id="the bare name of a pod that the set does not have",
    ),
    pytest.param(
        "pg-0.pg",
        (
            PG,
            pod(
                "pg-0",
                **SET_POD,
                hostname="pg-0",
                subdomain="pg",
                ready=False,
                ip="",
                phase="Pending",
            ),
        ),
        Kind.ENDPOINT,
        ("pod pg-0 has no IP yet (Pending): see kubectl describe pod",),
        id="a pod that no node runs yet, published or not",
    ),
    pytest.param(
        "pg",
        (PG, pod("pg-0", **SET_POD, ready=False, ip="", phase="Pending")),
        Kind.SERVICE,
        ("pod pg-0 has no IP yet (Pending): see kubectl describe pod",),
        id="the selector finds a pod, which has no address",
    ),
    pytest.param(
        "pg",
        (PG, pod("pg-0", namespace="bank", **SET_POD)),
        Kind.SERVICE,
        (
            (
                "the selector app=pg of headless Service shop/pg finds no pod in its own "
                "namespace; such pods are in bank"
            ),
        ),
        id="the pods are in another namespace",
    ),
    pytest.param(
        "ledger",
        (
            service("ledger", headless=True, selector={}),
            {"kind": "Endpoints", "metadata": {"namespace": "shop", "name": "ledger-db"}},
        ),
        Kind.SERVICE,
        ("Service shop/ledger has no selector, and its Endpoints have another name: ledger-db",),
        id="Endpoints that are called otherwise",
    ),
    pytest.param(
        "ledger",
        (
            service("ledger", headless=True, selector={}),
            service("billing", headless=True, selector={}),
            {"kind": "Endpoints", "metadata": {"namespace": "shop", "name": "billing"}},
        ),
        Kind.SERVICE,
        (
            (
                "Service shop/ledger has no selector and no EndpointSlice with its label "
                "kubernetes.io/service-name"
            ),
        ),
        id="Endpoints of another Service are its own",
    ),
    pytest.param(
        "pg.pg-0",
        (PG, pod("pg-0", **SET_POD, hostname="pg-0", subdomain="pg")),
        Kind.ENDPOINT,
        ("`pg-0` does not belong there: it reads pg-0.pg",),
        id="the Service before its pod",
    ),
    pytest.param(
        "kube-dns",
        (service("coredns", ports=[{"name": "dns", "port": 53}]), service("web")),
        Kind.SERVICE,
        ("no Service kube-dns in namespace shop; there is coredns",),
        id="the cluster's DNS under another name",
    ),
    pytest.param(
        "_http._tcp.pg-0.pg.shop.svc.cluster.local",
        (PG, pod("pg-0", **SET_POD), slice_of("pg-1", service="pg")),
        Kind.PORT,
        ("`pg-0` does not belong there: it reads _http._tcp.pg.shop.svc",),
        id="SRV below a pod",
    ),
    pytest.param(
        "_http._tcp.api.blue.shop.svc.cluster.local",
        (service("api"),),
        Kind.PORT,
        ("`blue` does not belong there: it reads _http._tcp.api.shop.svc",),
        id="SRV with a word between the Service and its namespace",
    ),
    pytest.param(
        "pg-0.pg.shop.pod.cluster.local",
        (PG, pod("pg-0", **SET_POD, hostname="pg-0", subdomain="pg")),
        Kind.ENDPOINT,
        ("`pod` does not belong there: it reads pg-0.pg.shop.svc.cluster.local",),
        id="`pod` for `svc`, below a Service",
    ),
    pytest.param(
        "10.244.0.9.shop.pod.cluster.local",
        (pod("web"),),
        Kind.POD_ADDRESS,
        ("an address in a pod's name has dashes for dots: 10-244-0-9.shop.pod.cluster.local",),
        id="four labels that are an address",
    ),
    pytest.param(
        "web-65ccfdbf89-ltv5b.web",
        (
            service("web", headless=True),
            pod("web-7bbffb6f49-cxqc8", labels={"app": "web"}, owner="ReplicaSet/web-7bbffb6f49"),
        ),
        Kind.ENDPOINT,
        (
            "pod shop/web-7bbffb6f49-cxqc8 has no spec.hostname",
            "pod shop/web-7bbffb6f49-cxqc8 has no spec.subdomain",
        ),
        id="a pod that its Deployment has replaced",
    ),
    pytest.param(
        "web.pool",
        (
            service("pool", headless=True),
            pod(
                "web-7bbffb6f49-cxqc8",
                labels={"app": "pool"},
                owner="ReplicaSet/web-7bbffb6f49",
                subdomain="pool",
            ),
        ),
        Kind.ENDPOINT,
        ("pod shop/web-7bbffb6f49-cxqc8 has no spec.hostname",),
        id="a Deployment for its pod",
    ),
    pytest.param(
        "cart.pool",
        (
            service("pool", headless=True),
            pod("web-7bbffb6f49-cxqc8", labels={"app": "pool"}, owner="ReplicaSet/web-7bbffb6f49"),
        ),
        Kind.ENDPOINT,
        ("no pod cart in namespace shop",),
        id="another workload's pod is not it",
    ),
    pytest.param(
        "train-0.train",
        (
            service("train", headless=True),
            pod("train-lx2vq", labels={"app": "train"}, owner="Job/train", subdomain="train"),
        ),
        Kind.ENDPOINT,
        ("pod shop/train-lx2vq has no spec.hostname: Job train is not Indexed",),
        id="a Job that gives its pods no index",
    ),
    pytest.param(
        "train-0",
        (
            service("train", headless=True),
            pod(
                "train-0-lx2vq",
                labels={"app": "train", "job-name": "train"},
                owner="Job/train",
                hostname="train-0",
                subdomain="train",
            ),
        ),
        Kind.POD,
        ("pods are not in DNS by their bare name; pod train-0-lx2vq is train-0.train",),
        id="the bare host name of an Indexed Job's pod",
    ),
    pytest.param(
        "bee",
        (
            service("hive", headless=True),
            pod("worker", labels={"app": "hive"}, hostname="bee", subdomain="hive"),
        ),
        Kind.SERVICE,
        ("pods are not in DNS by their bare name; pod worker is bee.hive",),
        id="the hostname of a pod that is called otherwise",
    ),
    pytest.param(
        "bee",
        (
            service("hive", headless=True),
            pod("worker", labels={"app": "other"}, hostname="bee", subdomain="hive"),
        ),
        Kind.SERVICE,
        ("no Service bee in namespace shop",),
        id="the hostname of a pod that the Service of its subdomain does not select",
    ),
    pytest.param(
        "mysql",
        (service("db"), pod("db-1", labels={"app": "db"}, containers=[MYSQL])),
        Kind.SERVICE,
        ("no Service mysql in namespace shop; there is db",),
        id="the Service of the image that is called so",
    ),
    pytest.param(
        "mysql",
        (
            service("db"),
            service("db2"),
            pod("db-1", labels={"app": "db"}, containers=[MYSQL]),
            pod("db-2", labels={"app": "db2"}, containers=[MYSQL]),
        ),
        Kind.SERVICE,
        ("no Service mysql in namespace shop",),
        id="two of them: which is meant is not known",
    ),
    pytest.param(
        "mysql",
        (service("asker"), {**ASKER, "spec": {**ASKER["spec"], "containers": [MYSQL]}}),
        Kind.SERVICE,
        ("no Service mysql in namespace shop",),
        id="who asks means another",
    ),
    pytest.param(
        "pg-0.db",
        (alias("db", "pg.example"), pod("pg-0", **SET_POD)),
        Kind.ENDPOINT,
        ("Service shop/db is an alias: nothing is below its name",),
        id="a pod below an alias",
    ),
]


@pytest.mark.parametrize(("name", "objects", "kind", "missing"), CAUSES)
def test_the_reading_with_the_least_missing_leads(name, objects, kind, missing):
    lead = _lead(name, (namespace("shop"), *objects))
    assert (lead.meaning.kind, tuple(each.words for each in lead.missing)) == (kind, missing)


@pytest.mark.parametrize(
    ("name", "objects"),
    [
        pytest.param("api", (service("api"),), id="a Service with a cluster IP"),
        pytest.param(
            "api.bank",
            (service("api", namespace="bank"), namespace("bank")),
            id="a Service of another namespace",
        ),
        pytest.param(
            "web",
            (service("web", headless=True), slice_of("w", service="web")),
            id="a headless Service with a ready endpoint",
        ),
        pytest.param(
            "pg-0.pg",
            (PG, pod("pg-0", hostname="pg-0", subdomain="pg", **SET_POD)),
            id="an endpoint by its hostname",
        ),
        pytest.param(
            "pg-0.pg",
            (
                service("pg", headless=True, publishNotReadyAddresses=True),
                pod("pg-0", ready=False, hostname="pg-0", subdomain="pg", **SET_POD),
            ),
            id="an endpoint that is published before it is ready",
        ),
        pytest.param("_http._tcp.api", (service("api"),), id="a port by its name"),
        pytest.param("10-244-0-9.shop.pod", (pod("web"),), id="a pod by its address"),
    ],
)
def test_a_name_that_the_objects_have_lacks_nothing(name, objects):
    lead = _lead(name, (namespace("shop"), *objects))
    assert lead.is_complete
    assert cause_of((lead,)) is None


WRITTEN = [
    pytest.param(
        "shop.api.svc.cluster.local",
        (service("api"),),
        "the Service comes first: api.shop",
        id="swapped in a whole name",
    ),
    pytest.param(
        "api.svc.shop.cluster.local",
        (service("api"),),
        "`svc` does not belong there: it reads api.shop.svc.cluster.local",
        id="svc before the namespace",
    ),
    pytest.param(
        "api.svc.shop",
        (service("api"),),
        "`svc` does not belong there: it reads api.shop.svc",
        id="svc before the namespace, without a domain",
    ),
    pytest.param(
        "api.shop.service.cluster.local",
        (service("api"),),
        "`service` does not belong there: it reads api.shop.svc.cluster.local",
        id="another word for svc",
    ),
    pytest.param(
        "10.244.0.9.shop.pod.cluster.local",
        (pod("web"),),
        "an address in a pod's name has dashes for dots: 10-244-0-9.shop.pod.cluster.local",
        id="dots in a pod's address",
    ),
    pytest.param(
        "web.shop.pod.cluster.local",
        (),
        "a name below `pod` is a pod's address with dashes, and web is none",
        id="no address below pod",
    ),
    pytest.param(
        "web.shop.pod.cluster.local",
        (pod("web"),),
        "web is a pod of shop: pods are not in DNS by their name",
        id="a pod's name below pod",
    ),
    pytest.param(
        "pg-0.shop.svc.cluster.local",
        (PG, pod("pg-0", hostname="pg-0", subdomain="pg", **SET_POD)),
        "pods are not in DNS by their bare name; pod pg-0 is pg-0.pg",
        id="a pod as if it were a Service",
    ),
    pytest.param(
        "10-244-0-9.pg",
        (PG, pod("pg-0", hostname="pg-0", subdomain="pg", **SET_POD)),
        "the hostname of pod shop/pg-0 is pg-0",
        id="an endpoint with a hostname by its address",
    ),
    pytest.param(
        "*.pg",
        (PG, pod("pg-0", **SET_POD), slice_of("pg-1", service="pg")),
        "`*` is no wildcard: CoreDNS answers none since 1.9.0",
        id="a wildcard",
    ),
    pytest.param(
        "a" * 64 + ".shop",
        (),
        "a label has at most 63 characters, and this one has 64",
        id="a label that is too long",
    ),
    pytest.param(
        "pg-0.pg",
        (
            PG,
            pod("pg-0", ready=False, phase="Succeeded", hostname="pg-0", subdomain="pg", **SET_POD),
        ),
        "pod pg-0 has finished (Succeeded), so it is no endpoint",
        id="a pod that has finished",
    ),
    pytest.param(
        "pg-0.pg",
        (PG, pod("pg-0", deleted=True, hostname="pg-0", subdomain="pg", **SET_POD)),
        "pod pg-0 is being deleted, so it is no endpoint",
        id="a pod that is being deleted",
    ),
    pytest.param(
        "host.docker.internal",
        (),
        "Docker Desktop puts host.docker.internal into the node's /etc/hosts, which pods do not "
        "inherit, and cluster DNS has no such entry",
        id="an entry of the node's file",
    ),
    pytest.param(
        "ext",
        (
            service("ext", headless=True, selector={}),
            slice_of("ext-1", service="ext-db"),
        ),
        "Service shop/ext has no selector, and EndpointSlice ext-1 has the label "
        "kubernetes.io/service-name=ext-db, which is no Service",
        id="a slice that is labelled for nothing",
    ),
    pytest.param(
        "ext",
        (
            service("ext", headless=True, selector={}),
            service("ext-db", headless=True, selector={}),
            slice_of("ext-1", service="ext-db"),
        ),
        "Service shop/ext has no selector and no EndpointSlice with its label "
        "kubernetes.io/service-name",
        id="a slice of another Service",
    ),
    pytest.param(
        "web",
        (alias("web", "https://www.example.com/"),),
        "externalName of Service shop/web: it is a URL, not a name; the name in it is "
        "www.example.com",
        id="an alias of a URL",
    ),
    pytest.param(
        "db",
        (alias("db", "postgres.shop.svc.cluster.local"), service("postgresql")),
        "Service shop/db is an alias of postgres.shop.svc.cluster.local: no Service postgres in "
        "namespace shop; there is postgresql",
        id="an alias of what is called alike",
    ),
    pytest.param(
        "db-host",
        (
            service("ledger", selector={"app": "ledger"}),
            pod("ledger-7d", labels={"app": "ledger"}, hostname="db-host"),
        ),
        "no Service db-host in namespace shop; there is ledger",
        id="the hostname of a Service's pods",
    ),
    pytest.param(
        "db-host",
        (
            service("ledger", selector={"app": "ledger"}),
            pod("ledger-7d", labels={"app": "other"}, hostname="db-host"),
        ),
        "no Service db-host in namespace shop",
        id="of pods that no Service leads to",
    ),
    pytest.param(
        "pg-2.pg",
        (
            PG,
            stateful_set("pg", replicas=3),
            pod("pg-0", ready=False, hostname="pg-0", subdomain="pg", **SET_POD),
        ),
        "no pod pg-2 in namespace shop yet: its StatefulSet makes it once pg-0 is ready",
        id="a pod that waits for one before it",
    ),
    pytest.param(
        "pg-2.pg",
        (
            PG,
            stateful_set("pg", replicas=3, podManagementPolicy="Parallel"),
            pod("pg-0", ready=False, hostname="pg-0", subdomain="pg", **SET_POD),
        ),
        "no pod pg-2 in namespace shop; there is pg-0",
        id="one that waits for none",
    ),
    pytest.param(
        "pg-2.pg",
        (
            PG,
            stateful_set("pg", replicas=3),
            pod("pg-0", hostname="pg-0", subdomain="pg", **SET_POD),
        ),
        "no pod pg-2 in namespace shop; there is pg-0",
        id="all before it are ready",
    ),
    pytest.param(
        "cat-0.other",
        (PG, pod("cat-0", hostname="cat-0", subdomain="pg", **SET_POD)),
        "no Service other in namespace shop; there is pg",
        id="the Service of the pod's own subdomain",
    ),
    pytest.param(
        "cat-0.other",
        (PG, pod("cat-0", hostname="cat-0", subdomain="gone", **SET_POD)),
        "no Service other in namespace shop",
        id="which there is not",
    ),
    pytest.param(
        "pg-0.pg.ring.shop.svc.cluster.local",
        (PG, pod("pg-0", hostname="pg-0", subdomain="pg", **SET_POD)),
        "`ring` does not belong there: it reads pg-0.pg.shop.svc",
        id="a label too many behind the Service",
    ),
    pytest.param(
        "pg-0.ring.pg.shop.svc",
        (PG, pod("pg-0", hostname="pg-0", subdomain="pg", **SET_POD)),
        "`ring` does not belong there: it reads pg-0.pg.shop.svc",
        id="and before it",
    ),
    pytest.param(
        "a-0.a.ring.shop.svc.cluster.local",
        (PG,),
        "there is no such name",
        id="which it is not where neither the pod nor the Service is there",
    ),
    pytest.param(
        "pg-0.pg.ring.shop",
        (PG, pod("pg-0", hostname="pg-0", subdomain="pg", **SET_POD)),
        "there is no such name",
        id="a name of the outside: no svc",
    ),
    pytest.param(
        "pg-0.pg",
        (PG, stateful_set("pg", replicas=2, start=1)),
        "the ordinals of StatefulSet shop/pg start at 1, so there is no pod pg-0",
        id="an ordinal before the first",
    ),
]


@pytest.mark.parametrize(("name", "objects", "words"), WRITTEN)
def test_what_is_meant_is_known_by_the_objects_however_it_is_written(name, objects, words):
    lead = _lead(name, (namespace("shop"), *objects))
    assert "; ".join(each.words for each in lead.missing) == words


@pytest.mark.parametrize(
    ("name", "asker", "words"),
    [
        pytest.param(
            "redis",
            pod("asker", containers=[{"name": "main"}, {"name": "redis"}]),
            "redis is a container of this pod, which is reached as localhost",
            id="another container of the pod",
        ),
        pytest.param(
            "main",
            pod("asker", containers=[{"name": "main"}, {"name": "redis"}]),
            "no Service main in namespace shop",
            id="the container itself",
        ),
        pytest.param(
            "postgres",
            pod(
                "asker", containers=[{"name": "main"}, {"name": "svc-0", "image": "a/postgres:15"}]
            ),
            "svc-0 is a container of this pod that runs postgres, which is reached as localhost",
            id="by its image",
        ),
        pytest.param(
            "a__postgres",
            pod(
                "asker",
                containers=[
                    {"name": "main", "image": "r.example/a/postgres:15"},
                    {"name": "svc-0", "image": "a/postgres:15"},
                ],
            ),
            "svc-0 is a container of this pod that runs a__postgres, which is reached as localhost",
            id="by its image with its path, as GitLab's runner calls a service",
        ),
        pytest.param(
            "b__postgres",
            pod(
                "asker", containers=[{"name": "main"}, {"name": "svc-0", "image": "a/postgres:15"}]
            ),
            "no Service b__postgres in namespace shop",
            id="an image of another path",
        ),
        pytest.param(
            "postgres",
            pod(
                "asker",
                containers=[
                    {"name": "main", "image": "postgres"},
                    {"name": "svc-0", "image": "postgres"},
                ],
            ),
            "no Service postgres in namespace shop",
            id="by an image that the container itself runs",
        ),
        pytest.param(
            "postgres",
            pod(
                "asker",
                containers=[{"name": "main"}],
                initContainers=[{"name": "wait", "image": "postgres"}, {"name": "postgres"}],
            ),
            "no Service postgres in namespace shop",
            id="init containers, which have ended",
        ),
    ],
)
def test_the_containers_of_a_pod_have_no_names(name, asker, words):
    lead = _lead(name, (namespace("shop"),), asker=asker)
    assert [each.words for each in lead.missing] == [words]


@pytest.mark.parametrize(
    ("provider", "lacks"),
    [
        pytest.param("CoreDNS", [], id="CoreDNS"),
        pytest.param(
            "kube-dns",
            ["Service shop/pg is not headless: kube-dns gives its pods no names"],
            id="kube-dns",
        ),
    ],
)
def test_kube_dns_gives_no_names_below_a_cluster_ip(provider, lacks):
    objects = (service("pg"), pod("pg-0", hostname="pg-0", subdomain="pg", **SET_POD))
    server = replace(_served_by(), provider=provider)
    lead = _lead("pg-0.pg", objects, server=server)
    assert [each.words for each in lead.missing] == lacks


def _served_by(*options, more="", rules=""):
    """A server with OPTIONS in the braces of `kubernetes`, RULES before it, MORE blocks behind."""
    inner = "".join(f"    {each}\n" for each in options)
    text = f".:53 {{\n{rules}  kubernetes cluster.local {{\n{inner}  }}\n}}\n{more}"
    return ClusterDNS(corefile=parse_corefile(text), object="kube-system/coredns")


HOSTS = "  hosts {\n    192.0.2.9 db.corp.example\n  }\n"


def _behind_a_cache(*zones, rules=HOSTS, more="", own=""):
    """The server with RULES behind a cache on the node that sends ZONES to it, and no others."""
    blocks = "".join(f"{each}:53 {{\n  forward . 10.96.0.10\n}}\n" for each in zones)
    text = f"{blocks}.:53 {{\n{own}  forward . 192.0.2.53\n}}\n"
    behind = _served_by(rules=rules, more=more)
    return node_local(text, behind=behind, behind_addresses=("10.96.0.10",))


COREFILES = [
    pytest.param(
        "api",
        _served_by("labels dns=yes"),
        "`labels dns=yes` of the Corefile (line 2) leaves Service shop/api out",
        id="labels leaves it out",
    ),
    pytest.param("api", _served_by("labels dns!=no"), "", id="labels lets it in"),
    pytest.param(
        "api",
        _served_by("namespace_labels dns=yes"),
        "`namespace_labels dns=yes` of the Corefile (line 2) leaves namespace shop out",
        id="namespace_labels leaves it out",
    ),
    pytest.param(
        "api",
        _served_by("namespaces bank"),
        "`namespaces bank` of the Corefile (line 2) leaves namespace shop out",
        id="namespaces leaves it out",
    ),
    pytest.param("api", _served_by("namespaces bank shop"), "", id="namespaces lets it in"),
    pytest.param(
        "api",
        _served_by("ignore empty_service"),
        "Service shop/api has no ready endpoints, and `ignore empty_service` (Corefile line 2) "
        "hides it",
        id="nothing behind a cluster IP",
    ),
    pytest.param("web", _served_by("ignore empty_service"), "", id="something behind it"),
    pytest.param(
        "web",
        _served_by("noendpoints"),
        "`noendpoints` (Corefile line 2): headless Services have no addresses",
        id="noendpoints",
    ),
    pytest.param(
        "10-244-0-9.shop.pod",
        _served_by(),
        "`kubernetes` (Corefile line 2) answers no names of pods: option `pods`",
        id="no names of pods",
    ),
    pytest.param("10-244-0-9.shop.pod", _served_by("pods verified"), "", id="names of pods"),
    pytest.param(
        "cluster.local",
        _served_by("fallthrough"),
        "cluster.local is a zone of the kubernetes plugin (Corefile line 2), which exists without "
        "an address",
        id="the zone itself",
    ),
    pytest.param(
        "api",
        _served_by(more="local:53 {\n  forward . 192.0.2.7\n}\n"),
        "block local (Corefile line 5) answers for the name, and has no `kubernetes`",
        id="a block of a shorter zone",
    ),
    pytest.param(
        "api.corp.example",
        _served_by(rules="  rewrite name api.corp.example apis.shop.svc.cluster.local\n"),
        "`rewrite` (Corefile line 2) makes it apis.shop.svc.cluster.local: no Service apis in "
        "namespace shop; there is api",
        id="rewritten to what is not there",
    ),
    pytest.param(
        "api.corp.example",
        _served_by(rules="  rewrite name api.corp.example api.shop.svc.cluster.local\n"),
        "",
        id="rewritten to what is there",
    ),
    pytest.param(
        "db.corp.example",
        _served_by(rules=HOSTS, more="corp.example:53 {\n  forward . 192.0.2.7\n}\n"),
        "the `hosts` entry 192.0.2.9 (Corefile line 3) has no effect: block corp.example (line 8) "
        "answers first",
        id="an entry in a block that is not asked",
    ),
    pytest.param(
        "db.corp.example",
        _served_by(rules=f"  template IN A corp.example {{\n    rcode NXDOMAIN\n  }}\n{HOSTS}"),
        "the `hosts` entry 192.0.2.9 (Corefile line 6) has no effect: `template` (line 2) answers "
        "first",
        id="an entry behind a template",
    ),
    pytest.param(
        "db.corp.example",
        _served_by(rules=f"  rewrite name db.corp.example db.example.org\n{HOSTS}"),
        "the `hosts` entry 192.0.2.9 (Corefile line 4) has no effect: `rewrite` (line 2) answers "
        "first",
        id="an entry of a name that is rewritten",
    ),
    pytest.param(
        "db.corp.example",
        _behind_a_cache(
            "cluster.local",
            rules="",
            own="  rewrite name db.corp.example api.shop.svc.cluster.local\n",
        ),
        "node-local-dns rewrites it to api.shop.svc.cluster.local (line 5), and does not ask the "
        "cluster's DNS for that",
        id="a rule of the cache on the node, for a name of the cluster",
    ),
    pytest.param(
        "db.corp.example",
        _behind_a_cache(
            "cluster.local", rules="", own="  rewrite name db.corp.example db.example.org\n"
        ),
        "there is no such name",
        id="a rule of the cache on the node, for a name of the outside",
    ),
    pytest.param("db.corp.example", _served_by(rules=HOSTS), "", id="an entry that is asked"),
    pytest.param(
        "db.corp.example",
        _behind_a_cache("cluster.local"),
        "the `hosts` entry 192.0.2.9 (Corefile line 3) has no effect: the cache on the node, "
        "node-local-dns (line 4) answers first",
        id="an entry that the cache on the node does not ask for",
    ),
    pytest.param(
        "db.corp.example",
        _behind_a_cache("cluster.local", "corp.example"),
        "",
        id="an entry that the cache on the node asks for",
    ),
    pytest.param(
        "api.corp.example",
        _served_by(
            rules="  rewrite name regex (.+)\\.corp\\.example {1}.{a/b}.svc.cluster.local\n"
        ),
        "`rewrite` (Corefile line 2) makes it api.{a/b}.svc.cluster.local: there is no namespace "
        "{a/b}; Service api is in shop",
        id="rewrite takes no metadata in a name",
    ),
]


NOBODY_HAS_IT = "there is no such name"
BY_CACHE = "the cache on the node, node-local-dns (line 4) answers first"


def _template(pattern, family="A", answer="a"):
    return f"  template IN {family} corp.test {{\n    match {pattern}\n    answer {answer}\n  }}\n"


def _hosts(line, release=(1, 12, 1)):
    server = _served_by(rules=f"  hosts {{\n    {line}\n    fallthrough\n  }}\n")
    return replace(server, version=release)


def _left_out(plugin, text, zone="corp.test"):
    path, rule = "/etc/coredns/own", f"  {plugin} /etc/coredns/own {zone}\n"
    return replace(
        _served_by(rules=rule),
        directories=frozenset({"/etc/coredns"}),
        left_out={path: text},
        file_sources={path: "kube-system/coredns"},
    )


COREFILES += [
    pytest.param(
        "gone",
        _left_out("hosts", "192.0.2.9 gone.shop.svc.cluster.local\n", "cluster.local"),
        "`hosts` (Corefile line 2) reads key own of ConfigMap kube-system/coredns, which the DNS "
        "pods do not mount",
        id="an entry for a Service that is none, in a file that is not mounted",
    ),
    pytest.param(
        "gone",
        _left_out("hosts", "192.0.2.9 other.shop.svc.cluster.local\n", "cluster.local"),
        "no Service gone in namespace shop",
        id="an entry of another name",
    ),
    pytest.param(
        "gone",
        _left_out("file", "gone.shop.svc IN A 192.0.2.9\n", "cluster.local"),
        "no Service gone in namespace shop",
        id="a zone file behind kubernetes",
    ),
    pytest.param(
        "db.corp.test",
        _left_out("hosts", "192.0.2.9 db.corp.test\n"),
        "`hosts` (Corefile line 2) reads key own of ConfigMap kube-system/coredns, which the DNS "
        "pods do not mount",
        id="a hosts file that is not mounted",
    ),
    pytest.param(
        "db.corp.test",
        _left_out("file", "db IN A 192.0.2.9\n"),
        "`file` (Corefile line 2) reads key own of ConfigMap kube-system/coredns, which the DNS "
        "pods do not mount",
        id="a zone file that is not mounted",
    ),
    pytest.param(
        "git.corp.test",
        _left_out("hosts", "192.0.2.9 db.corp.test\n"),
        NOBODY_HAS_IT,
        id="a hosts file without the name",
    ),
    pytest.param(
        "db.other.test",
        _left_out("file", "db IN A 192.0.2.9\n"),
        NOBODY_HAS_IT,
        id="a zone file of another zone",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(rules="  rewrite name regex ^(.*)[.]corp[.]test$ {1}.shop.svc.cluster.local\n"),
        "`rewrite` (Corefile line 2) never matches: a name ends with a dot there, and "
        "^(.*)[.]corp[.]test$ does not",
        id="an expression of rewrite without the final dot",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(rules=_template("^db[.]corp[.]test$")),
        "`template` (Corefile line 3) never matches: a name ends with a dot there, and "
        "^db[.]corp[.]test$ does not",
        id="an expression of template without it",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(rules=_template(".*", "CNAME", '"{{ .Name }} IN CNAME redis.shop.svc"')),
        "`template` (Corefile line 2) answers questions of type CNAME alone",
        id="a template for aliases alone",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(rules=_template("^web", "CNAME", '"{{ .Name }} IN CNAME redis.shop.svc"')),
        NOBODY_HAS_IT,
        id="a template for aliases of other names",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(rules=_template(".*", "A", '"{{ .Name }} 60 IN A redis.shop.svc"')),
        "`template` writes redis.shop.svc as an address (Corefile line 4)",
        id="a template that writes a name as an address",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(rules=_template(".*", "AAAA", '"{{ .Name }} 60 IN AAAA 2001:db8::5"')),
        NOBODY_HAS_IT,
        id="a template that writes an address of the other family",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(rules=_template(".*", "TXT", '"{{ .Name }} IN TXT A redis"')),
        NOBODY_HAS_IT,
        id="a template for texts",
    ),
    pytest.param(
        "db.other.test",
        _served_by(rules=_template("^db[.]other[.]test$")),
        NOBODY_HAS_IT,
        id="a template of another zone",
    ),
    pytest.param(
        "x.corp.test",
        _served_by(rules=_template("^db[.]corp[.]test$")),
        NOBODY_HAS_IT,
        id="an expression that would not match with it either",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(more="*.corp.test:53 {\n  forward . 192.0.2.1\n}\n"),
        "block *.corp.test (Corefile line 5) has no effect: block . (line 1) answers first",
        id="a zone is no pattern",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(more="corp.test:5353 {\n  forward . 192.0.2.1\n}\n"),
        "block corp.test on port 5353 (Corefile line 5) has no effect: block . (line 1) answers "
        "first",
        id="a port that nobody asks",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(
            rules="  forward corp.test 127.0.0.1:5353\n",
            more="corp.test:5353 {\n  forward . 192.0.2.1\n}\n",
        ),
        NOBODY_HAS_IT,
        id="a port that a forward asks",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(more="corp.test:53 {\n  forward . 192.0.2.1\n}\n"),
        NOBODY_HAS_IT,
        id="a block that is asked",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(
            rules="  forward corp.test 127.0.0.1:5399\n", more="corp.test:5399 {\n  log\n}\n"
        ),
        NOBODY_HAS_IT,
        id="a block that another one asks",
    ),
    pytest.param(
        "api.shop.svc.cluster.local",
        _served_by(more="shop.svc.cluster.local:5399 {\n  log\n}\n"),
        "",
        id="a name that an object has",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(more="tls://corp.test {\n  forward . 192.0.2.1\n}\n"),
        NOBODY_HAS_IT,
        id="a block of another transport is for others",
    ),
    pytest.param(
        "db.corp.test",
        _hosts("192.0.2.9 *.corp.test"),
        "`hosts` has *.corp.test for 192.0.2.9 (Corefile line 3): it knows no wildcards before "
        "CoreDNS 1.14.5",
        id="a wildcard in hosts",
    ),
    pytest.param(
        "db.corp.test",
        _hosts("192.0.2.9 *.corp.test", (1, 14, 5)),
        NOBODY_HAS_IT,
        id="a wildcard of a release that knows them",
    ),
    pytest.param(
        "a.db.corp.test",
        _hosts("192.0.2.9 *.corp.test"),
        NOBODY_HAS_IT,
        id="a wildcard stands for one label",
    ),
    pytest.param(
        "db.corp.test",
        _hosts("db.corp.test 192.0.2.9"),
        "`hosts` has db.corp.test for 192.0.2.9 (Corefile line 3): an entry has its address first, "
        "and names with blanks between them",
        id="a name before its address",
    ),
    pytest.param(
        "db.corp.test",
        _hosts("192.0.2.9 db.corp.test, git.corp.test"),
        "`hosts` has db.corp.test, for 192.0.2.9 (Corefile line 3): an entry has its address "
        "first, and names with blanks between them",
        id="a comma behind a name",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(rules="  rewrite name db.corp.test api.shop\n"),
        "`rewrite` (Corefile line 2) makes it api.shop: svc.cluster.local is missing from the "
        "name: it reads api.shop.svc.cluster.local",
        id="rewrite to a Service without the domain",
    ),
    pytest.param(
        "api",
        _served_by("except db.corp.test"),
        "CoreDNS refuses line 3 of kube-system/coredns (plugin/kubernetes: unknown property 'except'), and serves "
        "what it loaded before",
        id="a Corefile that CoreDNS refuses",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(rules="  rewrite name db.corp.test 192.0.2.7\n"),
        "`rewrite` (Corefile line 2) makes the name 192.0.2.7 of it, which is an address: "
        "no answer comes of it",
        id="rewrite to an address",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(rules="  rewrite name db.corp.test www.example\n"),
        NOBODY_HAS_IT,
        id="rewrite to a name of the outside",
    ),
    pytest.param(
        "db.corp.test",
        _behind_a_cache(
            "cluster.local", rules="  rewrite name db.corp.test api.shop.svc.cluster.local\n"
        ),
        f"`rewrite` (Corefile line 2) has no effect: {BY_CACHE}",
        id="a rule behind a cache on the node",
    ),
    pytest.param(
        "db.corp.test",
        _behind_a_cache("cluster.local", rules=_template(".*")),
        f"`template` (Corefile line 2) has no effect: {BY_CACHE}",
        id="a template behind it",
    ),
    pytest.param(
        "db.corp.test",
        _behind_a_cache("cluster.local", more="corp.test:53 {\n  forward . 192.0.2.1\n}\n"),
        f"block corp.test (Corefile line 8) has no effect: {BY_CACHE}",
        id="a stub domain behind it",
    ),
    pytest.param(
        "db.other.test",
        _behind_a_cache("cluster.local", more="corp.test:53 {\n  forward . 192.0.2.1\n}\n"),
        NOBODY_HAS_IT,
        id="a name that no rule behind it is for",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(rules=f"{_template('.*')}  hosts {{\n    192.0.2.9 db.corp.test\n  }}\n"),
        "the `hosts` entry 192.0.2.9 (Corefile line 7) has no effect: `template` (line 2) answers "
        "first",
        id="a template before the entry",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(rules=f"{_template('^x[.]')}  hosts {{\n    192.0.2.9 db.corp.test\n  }}\n"),
        "",
        id="one that does not match the name",
    ),
    pytest.param(
        "db.corp.test",
        _served_by(
            rules=f"{_template('.*', 'AAAA')}  hosts {{\n    192.0.2.9 db.corp.test\n  }}\n"
        ),
        "",
        id="one of the other family",
    ),
    pytest.param(
        "db.corp.example",
        _served_by(rules=_template(".*") + HOSTS),
        "",
        id="one of another zone",
    ),
]


@pytest.mark.parametrize(("name", "server", "words"), COREFILES)
def test_what_the_corefile_keeps_from_a_name_is_its_cause(name, server, words):
    objects = (
        namespace("shop"),
        service("api"),
        service("web", headless=True),
        slice_of("web-1", service="web"),
        pod("web"),
    )
    asked = (Asked("api.shop.svc.cluster.local.", Outcome.NXDOMAIN),)
    lead = _lead(name, objects, server=server, asked=asked if name == "api" and words else ())
    assert "; ".join(each.words for each in lead.missing) == words


# Two zones of one plugin; what the second one lacks goes on to another server.
TWO_ZONES = ClusterDNS(
    corefile=parse_corefile(
        ".:53 {\n  kubernetes cluster.local lab.example {\n    fallthrough lab.example\n  }\n"
        "  forward . 192.0.2.53\n}\n"
    )
)


@pytest.mark.parametrize(
    ("name", "objects", "missing"),
    [
        pytest.param("api.shop.svc.lab.example", (service("api"),), (), id="another zone of it"),
        pytest.param(
            "api.shop.svc.lab.example.", (service("api"),), (), id="another zone, with its dot"
        ),
        pytest.param(
            "api.shop.lab.example",
            (service("api"),),
            ("svc is missing from the name: it reads api.shop.svc.lab.example",),
            id="another zone, without svc",
        ),
        pytest.param(
            "api.shop.svc.other.example",
            (service("api"),),
            ("other.example is not this cluster's domain, which is cluster.local",),
            id="a zone that no kubernetes plugin serves",
        ),
        pytest.param(
            "db",
            (alias("db", "ring.shop.svc.cluster.local"),),
            (
                (
                    "Service shop/db is an alias of ring.shop.svc.cluster.local: "
                    "no Service ring in namespace shop"
                ),
            ),
            id="an alias of nothing in its own zone",
        ),
        pytest.param(
            "db.shop.svc.lab.example",
            (alias("db", "ring.shop.svc.lab.example"),),
            (
                (
                    "Service shop/db is an alias of ring.shop.svc.lab.example: no Service ring in "
                    "namespace shop, and `fallthrough` does not apply to targets"
                ),
            ),
            id="an alias of nothing in its own zone, which falls through",
        ),
        pytest.param(
            "db",
            (alias("db", "ring.shop.svc.lab.example"),),
            (),
            id="a target in another zone falls through",
        ),
        pytest.param(
            "db",
            (
                alias("db", "ring.shop.svc.cluster.local"),
                alias("ring", "db.shop.svc.cluster.local"),
            ),
            (
                (
                    "Service shop/db is an alias of ring.shop.svc.cluster.local: Service shop/ring is "
                    "an alias of db.shop.svc.cluster.local: that leads back to Service shop/db"
                ),
            ),
            id="two aliases of each other",
        ),
        pytest.param(
            "db",
            (
                alias("db", "ring.shop.svc.cluster.local"),
                service("ring", headless=True),
                slice_of("ring-1", service="ring", ready=False),
            ),
            (
                (
                    "Service shop/db is an alias of ring.shop.svc.cluster.local: "
                    "the only endpoint of headless Service shop/ring is not ready"
                ),
            ),
            id="an alias of a Service that has no address",
        ),
        pytest.param(
            "db",
            (alias("db", "ring.shop.svc.cluster.local"), service("ring")),
            (),
            id="an alias of a Service with an address",
        ),
    ],
)
def test_every_zone_that_a_kubernetes_plugin_serves_is_the_clusters(name, objects, missing):
    """2.5: a target in the zone of its alias is looked up in `kubernetes` alone."""
    lead = _lead(name, (namespace("shop"), *objects), server=TWO_ZONES)
    assert tuple(each.words for each in lead.missing) == missing


@pytest.mark.parametrize(
    "name",
    [
        "www.example.com",
        "example.com",
        "registry.k8s.io",
        "a.b.dev",
        pytest.param("web-0.example", id="a number, and another second label"),
    ],
)
def test_where_nothing_speaks_for_the_cluster_the_name_asked_last_leads(name):
    """No list of top-level domains: there is no such namespace, Service or pod."""
    assert _lead(name, (namespace("shop"),)).meaning.kind is Kind.OUTSIDE


@pytest.mark.parametrize(
    ("name", "objects", "words"),
    [
        pytest.param(
            "cache.shop.svc.cluster.locl",
            (namespace("shop"), service("cache")),
            "cluster.locl is not this cluster's domain, which is cluster.local",
            id="the Service is there, the domain is misspelt",
        ),
        pytest.param(
            "cache.bank",
            (namespace("shop"), namespace("bank"), service("cache")),
            "no Service cache in namespace bank, but one in shop",
            id="the Service is in another namespace",
        ),
        pytest.param(
            "cache.bnak.svc",
            (namespace("shop"), service("cache")),
            "there is no namespace bnak; Service cache is in shop",
            id="the namespace is none, the Service is in another",
        ),
        pytest.param(
            "cache.bnak",
            (namespace("shop"),),
            "the hosts file has cache (10.9.9.9), and is matched to the letter",
            id="left alone: nothing has either name",
        ),
        pytest.param(
            "cache.example.com",
            (namespace("shop"), service("cache")),
            "the hosts file has cache (10.9.9.9), and is matched to the letter",
            id="left alone: no object has the rest",
        ),
    ],
)
def test_an_entry_that_a_name_begins_with_says_less_than_objects(name, objects, words):
    lead = _lead(name, objects, hosts=(("cache", "10.9.9.9"),))
    assert [each.words for each in lead.missing] == [words]


def test_of_two_labels_that_are_nothing_both_readings_are_said():
    asked = (Asked("redis.nosuch.", Outcome.NXDOMAIN, "upstream DNS says no such name"),)
    readings = answer(read_name("redis.nosuch", "", context(asked=asked)), (namespace("shop"),))
    cause = cause_of(readings)
    assert cause is not None
    assert cause.missing == ("upstream DNS says no such name", "there is no namespace nosuch")


@pytest.mark.parametrize(
    ("name", "searched", "words"),
    [
        pytest.param(
            "api.shop.svc",
            ("shop.svc.cluster.local", "svc.cluster.local"),
            [
                (
                    "api.shop.svc.cluster.local exists and was not asked: the search list has no "
                    "cluster.local"
                )
            ],
            id="the one that makes it is not in the list",
        ),
        pytest.param(
            "api",
            ("corp.example",),
            [
                (
                    "api.shop.svc.cluster.local exists and was not asked: the search list has no cluster "
                    "domains"
                )
            ],
            id="no domain of the list makes it",
        ),
        pytest.param(
            "api", ("shop.svc.cluster.local",), [], id="one does, if the search comes to it"
        ),
    ],
)
def test_a_name_that_no_search_domain_makes_is_not_asked(name, searched, words):
    asked = (Asked(f"{name}.", Outcome.UNKNOWN),)
    lead = _lead(name, (service("api"),), search_list=searched, asked=asked)
    assert [each.words for each in lead.missing] == words


CLUSTER_DNS = ClusterDNS(
    corefile=parse_corefile(".:53 {\n  kubernetes cluster.local\n}\n"), at="10.96.0.10"
)
V6 = {"clusterIP": "fd00::7", "clusterIPs": ["fd00::7"]}
BOTH = {"clusterIP": "fd00::7", "clusterIPs": ["fd00::7", "10.96.0.77"]}
SAYS_NODATA = "the objects have api.shop.svc.cluster.local, and the server says NODATA"


@pytest.mark.parametrize(
    ("ips", "asker", "outcome", "words"),
    [
        pytest.param(
            V6,
            pod("asker"),
            Outcome.NODATA,
            "Service shop/api has an IPv6 address alone, and the pod, which has none, does not ask "
            "for it",
            id="IPv6 alone, for a pod with IPv4",
        ),
        pytest.param(
            {},
            pod("asker", ip="fd00::9"),
            Outcome.NODATA,
            "Service shop/api has an IPv4 address alone, and the pod, which has none, does not ask "
            "for it",
            id="IPv4 alone, for a pod with IPv6",
        ),
        pytest.param(BOTH, pod("asker"), Outcome.NODATA, SAYS_NODATA, id="both"),
        pytest.param(
            V6,
            pod("asker"),
            Outcome.NXDOMAIN,
            SAYS_NODATA.replace("NODATA", "NXDOMAIN"),
            id="the server knows nothing of it",
        ),
    ],
)
def test_who_has_no_address_of_a_family_asks_for_none(ips, asker, outcome, words):
    asked = (Asked("api.shop.svc.cluster.local.", outcome),)
    lead = _lead("api", (service("api", **ips),), asker=asker, asked=asked)
    assert [each.words for each in lead.missing] == [words]


@pytest.mark.parametrize(
    ("name", "objects", "words"),
    [
        pytest.param(
            "pg-hl",
            (pod("pg-0", hostname="pg-0", subdomain="pg-hl"),),
            "pod pg-0 has the subdomain pg-hl, and there is no Service shop/pg-hl",
            id="the Service that pods count on",
        ),
        pytest.param(
            "pg-hl",
            (pod("pg-0", subdomain="pg-hl"),),
            "no Service pg-hl in namespace shop",
            id="pods without a host name count on none",
        ),
        pytest.param(
            "pg-hl",
            (pod("pg-0", hostname="pg-0", subdomain="pg-hl"), service("pg-hl2")),
            "no Service pg-hl in namespace shop; there is pg-hl2",
            id="a near name comes before",
        ),
        pytest.param(
            "api.cluster.local",
            (service("api"),),
            "shop.svc is missing from the name: it reads api.shop.svc.cluster.local",
            id="namespace and svc left out",
        ),
        pytest.param(
            "db",
            (alias("db", "api.shop.cluster.local"), service("api")),
            "Service shop/db is an alias of api.shop.cluster.local, which is taken as a whole "
            "name; api.shop.svc.cluster.local exists",
            id="svc left out of a target",
        ),
    ],
)
def test_what_was_left_out_is_looked_for(name, objects, words):
    lead = _lead(name, objects, server=CLUSTER_DNS)
    assert "; ".join(each.words for each in lead.missing) == words


RESOLV_CONF = {
    "volumeMounts": [{"name": "own", "mountPath": "/etc/resolv.conf", "subPath": "resolv.conf"}]
}
OTHER_DNS = [
    # nameservers, what they said, what musl makes of it, the pod, what is missing
    pytest.param(
        ("192.0.2.53", "10.96.0.10"),
        ((Outcome.NXDOMAIN, "192.0.2.53"),),
        {},
        {"dnsPolicy": "None"},
        "192.0.2.53, which is asked first, is not the cluster's DNS",
        id="another is asked first",
    ),
    pytest.param(
        ("10.96.0.10", "192.0.2.53"),
        ((Outcome.NXDOMAIN, "10.96.0.10"),),
        {},
        {},
        "the objects have api.shop.svc.cluster.local, and the server says NXDOMAIN",
        id="the cluster's own is asked first",
    ),
    pytest.param(
        ("10.96.0.10", "192.0.2.53"),
        ((Outcome.FOUND, "10.96.0.10"), (Outcome.NXDOMAIN, "192.0.2.53")),
        {"asks_all_at_once": True},
        {},
        "musl asks 192.0.2.53 as well, which is not the cluster's DNS",
        id="both at once",
    ),
    pytest.param(
        ("169.254.20.10", "10.96.0.10"),
        ((Outcome.NXDOMAIN, "169.254.20.10"), (Outcome.FOUND, "10.96.0.10")),
        {"asks_all_at_once": True},
        {},
        "",
        id="both are the cluster's",
    ),
    pytest.param(
        ("192.0.2.53",),
        ((Outcome.NXDOMAIN, "192.0.2.53"),),
        {"uses_cluster_dns": False},
        {},
        "its resolv.conf names 192.0.2.53, which is not the cluster's DNS",
        id="a resolv.conf that somebody wrote",
    ),
    pytest.param(
        ("192.0.2.53",),
        ((Outcome.NXDOMAIN, "192.0.2.53"),),
        {"uses_cluster_dns": False},
        {"containers": [{"name": "main", "image": "a", **RESOLV_CONF}]},
        "volume own at /etc/resolv.conf names 192.0.2.53, not the cluster's DNS",
        id="a resolv.conf that is mounted",
    ),
    pytest.param(
        ("192.0.2.53",),
        ((Outcome.NXDOMAIN, "192.0.2.53"),),
        {"uses_cluster_dns": False},
        {"dnsPolicy": "Default"},
        "dnsPolicy Default: the pod asks the node's DNS, which knows no Services",
        id="the node's",
    ),
    pytest.param(
        ("10.96.0.10", "192.0.2.53"),
        ((Outcome.FOUND, "10.96.0.10"), (Outcome.FOUND, "192.0.2.53")),
        {"asks_all_at_once": True},
        {},
        "",
        id="both have it",
    ),
]


DENIED = "  template IN AAAA . {{\n    rcode {}\n  }}\n"


@pytest.mark.parametrize(
    ("name", "outcomes", "is_musl", "words"),
    [
        pytest.param(
            "api",
            (Outcome.FOUND, Outcome.NXDOMAIN),
            True,
            "`template` (Corefile line 2) says NXDOMAIN to one family of it, and musl takes the "
            "name as missing",
            id="a Service",
        ),
        pytest.param(
            "db.corp.test",
            (Outcome.FOUND, Outcome.NXDOMAIN),
            True,
            "`template` (Corefile line 2) says NXDOMAIN to one family of it, and musl takes the "
            "name as missing",
            id="a name of the outside",
        ),
        pytest.param("api", (Outcome.FOUND, Outcome.NODATA), True, "", id="an empty answer"),
        pytest.param("api", (Outcome.FOUND, Outcome.NXDOMAIN), False, "", id="glibc takes one"),
    ],
)
def test_a_family_that_does_not_exist_hides_the_other_from_musl(name, outcomes, is_musl, words):
    whole = "api.shop.svc.cluster.local." if name == "api" else f"{name}."
    lead = _lead(
        name,
        (service("api"),),
        server=_served_by(rules=DENIED.format("NXDOMAIN")),
        asks_all_at_once=is_musl,
        asked=tuple(Asked(whole, outcome, server="10.96.0.10") for outcome in outcomes),
    )
    assert "; ".join(each.words for each in lead.missing) == words


@pytest.mark.parametrize(("nameservers", "said", "how", "spec", "words"), OTHER_DNS)
def test_a_nameserver_that_is_not_the_clusters_is_the_cause(nameservers, said, how, spec, words):
    name = "api.shop.svc.cluster.local."
    asked = tuple(Asked(name, outcome, server=server) for outcome, server in said)
    lead = _lead(
        "api",
        (service("api"),),
        server=CLUSTER_DNS,
        **how,
        nameservers=nameservers,
        asked=asked,
        asker=pod("asker", **spec),
    )
    assert "; ".join(each.words for each in lead.missing) == words


def test_what_may_not_be_read_is_not_absent():
    refused = CouldNotLook(what="Service", why="forbidden")
    readings = answer(
        read_name("api", "", context()), (namespace("shop"),), unread=[("Service", refused)]
    )
    (fact,) = readings[0].missing
    assert fact.words == "Service shop/api could not be read (forbidden)"


def test_a_pod_that_asks_another_dns_lacks_the_clusters():
    lead = _lead(
        "api", (service("api"),), uses_cluster_dns=False, asker=pod("asker", dnsPolicy="Default")
    )
    assert [each.words for each in lead.missing] == [
        "dnsPolicy Default: the pod asks the node's DNS, which knows no Services"
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("payment", "payments", id="a character more"),
        pytest.param("paymentss", "payments", id="a character less"),
        pytest.param("paymetns", "payments", id="two swapped"),
        pytest.param("paymemts", "payments", id="another character"),
        pytest.param("a_b_c", "a-b-c", id="underscores"),
    ],
)
def test_one_slip_is_near(one, other):
    assert is_near(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("db", "dc", id="two characters are near to nothing"),
        pytest.param("redis", "redux", id="two slips"),
        pytest.param("cart", "crater", id="other words"),
    ],
)
def test_more_than_one_slip_is_not_near(one, other):
    assert not is_near(one, other)


@pytest.mark.parametrize(
    ("name", "there", "near"),
    [
        pytest.param(
            "cart-redis-master",
            ("shop-redis-master", "shop-api"),
            ("shop-redis-master",),
            id="one chart under another release's name",
        ),
        pytest.param(
            "cart-redis-master",
            ("shop-redis-master", "bank-redis-master"),
            (),
            id="which of two releases is not known",
        ),
        pytest.param(
            "shop-redis-master",
            ("shop-eu-redis-master", "shop-eu-api"),
            ("shop-eu-redis-master",),
            id="a word between",
        ),
        pytest.param(
            "rel-web-redis",
            ("rel-web", "rel-web-redis-headless", "rel-web-redis-master"),
            ("rel-web-redis-master", "rel-web-redis-headless", "rel-web"),
            id="what has all words comes before what lacks one",
        ),
        pytest.param(
            "web-service",
            ("web-service-monitor", "web"),
            ("web", "web-service-monitor"),
            id="`service` is a word that says nothing",
        ),
        pytest.param("shop-master", ("bank-master",), (), id="one word at the end is too little"),
        pytest.param(
            "shopserver-pg",
            ("shop-pg", "bank-pg"),
            ("shop-pg",),
            id="a chart's name for its release",
        ),
        pytest.param("sho-pg", ("shopping-pg",), (), id="three letters are too few"),
        pytest.param("shop-pgs", ("shopping-pg",), (), id="another word at the end"),
        pytest.param(
            "shop-redis-master",
            ("shop-cache-master", "shop-cache-api"),
            ("shop-cache-master",),
            id="another name in the middle",
        ),
        pytest.param("shop-redis-master", ("shop-redis2-api",), (), id="two words are others"),
        pytest.param(
            "shop-pg",
            ("shop-pg-read", "shop-pg-primary", "shop-pg-hl"),
            ("shop-pg-primary", "shop-pg-hl", "shop-pg-read"),
            id="what takes all requests comes first",
        ),
    ],
)
def test_names_of_releases_are_alike_word_by_word(name, there, near):
    assert near_names(name, there) == near


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param(
            "api.dev.example",
            "the hosts file has *.dev.example (192.0.2.7), and hosts files have no wildcards",
            id="below a wildcard",
        ),
        pytest.param("api.qa.example", "there is no such name", id="not below it"),
    ],
)
def test_a_wildcard_in_a_hosts_file_is_a_name_like_others(name, words):
    reading = _lead(name, (namespace("shop"),), hosts=(("*.dev.example", "192.0.2.7"),))
    assert reading.missing[0].words == words


@pytest.mark.parametrize(
    ("host", "words"),
    [
        pytest.param(
            "api.example.org",
            "it is a host of Ingress shop/web, which makes no name in DNS: no such name",
            id="a host of an Ingress",
        ),
        pytest.param(
            "*.example.org",
            "it is a host of Ingress shop/web, which makes no name in DNS: no such name",
            id="below a wildcard of one",
        ),
        pytest.param("example.org", "no such name", id="another host"),
    ],
)
def test_the_host_of_an_ingress_is_no_name_in_dns(host, words):
    reading = _lead(
        "api.example.org",
        (namespace("shop"), ingress(host)),
        asked=(Asked("api.example.org.", Outcome.NXDOMAIN, "no such name"),),
    )
    assert [each.words for each in reading.missing] == [words]


ZONE_FILE = replace(
    _served_by(rules="  file /etc/coredns/own corp.test\n"),
    files={"/etc/coredns/own": "@ IN SOA a b 1 2 3 4 5\nldap IN A 192.0.2.9\nmail IN MX 5 ldap\n"},
)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("git.corp.test", "", id="no record, and none that is alike"),
        pytest.param("ldpa.corp.test", "; there is ldap.corp.test", id="one that is alike"),
        pytest.param("mails.corp.test", "", id="without an address it is not meant"),
    ],
)
def test_a_zone_file_has_names_of_its_own(name, words):
    asked = (Asked(f"{name}.", Outcome.NXDOMAIN),)
    lead = _lead(name, (service("ldap"),), server=ZONE_FILE, asked=asked)
    lacks = "zone file /etc/coredns/own of zone corp.test has no such name"
    assert [each.words for each in lead.missing] == [f"{lacks}{words}"]


def test_a_zone_file_that_passes_names_on_is_not_what_lacks_one():
    server = replace(
        _served_by(rules="  file /etc/coredns/own corp.test {\n    fallthrough\n  }\n"),
        files=ZONE_FILE.files,
    )
    asked = (Asked("git.corp.test.", Outcome.NXDOMAIN),)
    lead = _lead("git.corp.test", (), server=server, asked=asked)
    assert [each.words for each in lead.missing] == ["there is no such name"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        pytest.param("db.corp.example.bad.test.", ["musl stops here"], id="before it was asked"),
        pytest.param("db.corp.example.", [], id="after it was asked"),
    ],
)
def test_an_entry_is_not_asked_for_where_the_search_stops_before_it(asked, words):
    known = {"server": _served_by(rules=HOSTS), "stopped": "musl stops here"}
    lead = _lead("db.corp.example", (), asked=(Asked(asked, Outcome.NODATA),), **known)
    assert [each.words for each in lead.missing] == words


def test_what_an_earlier_search_domain_answered_is_why_the_rest_was_not_asked():
    asked = (Asked("redis.corp.example.", Outcome.FOUND),)
    reading = _lead(
        "redis",
        (service("redis"), namespace("shop")),
        search_list=("corp.example", "shop.svc.cluster.local"),
        asked=asked,
    )
    assert cause_of((reading,)).missing == (
        "redis.corp.example is asked first (search domain corp.example) and answered",
    )


def test_slips_come_before_longer_names():
    assert near_names("redis", ("shop-redis", "rediss", "other")) == ("rediss", "shop-redis")
