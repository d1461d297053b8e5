"""Which object owns an address, in the first line."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.explanation import Agreement
from tests.model.explain.paper_cluster import (
    COREFILE,
    Paper,
    headless,
    pod_object,
    service,
    slices,
)

REDIS = service("shop", "redis")
BALANCED = {
    **service("shop", "edge"),
    "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}},
}
DB = slices("shop", "db", ("10.1.0.9", True, "db-0"), ("10.1.0.8", False, "db-1"))
NODE = {
    "kind": "Node",
    "metadata": {"name": "node-1"},
    "status": {"addresses": [{"type": "InternalIP", "address": "192.0.2.1"}]},
}


@pytest.mark.parametrize(
    ("paper", "address", "owners", "line"),
    [
        pytest.param(
            Paper((REDIS,)),
            "10.96.0.77",
            {"services": (REDIS,)},
            "10.96.0.77 is the cluster IP of Service shop/redis; its name in pod shop/cart-7d is "
            "redis.shop.svc.cluster.local",
            id="a cluster IP",
        ),
        pytest.param(
            Paper((BALANCED,)),
            "192.0.2.7",
            {"services": (BALANCED,)},
            "192.0.2.7 is an external IP of Service shop/edge; it has no name in pod shop/cart-7d",
            id="the address of a load balancer",
        ),
        pytest.param(
            Paper((headless("shop", "db"), DB)),
            "10.1.0.9",
            {"slices": (DB,), "pods": (pod_object("db-0", ip="10.1.0.9"),)},
            "10.1.0.9 is an endpoint of Service shop/db and the address of pod shop/db-0; its name "
            "in pod shop/cart-7d is db-0.db.shop.svc.cluster.local",
            id="an endpoint that is a pod",
        ),
        pytest.param(
            Paper((headless("shop", "db"), DB)),
            "10.1.0.8",
            {"slices": (DB,)},
            "10.1.0.8 is an endpoint of Service shop/db, not ready; it has no name in pod shop/cart-7d",
            id="an endpoint that is not ready",
        ),
        pytest.param(
            Paper(),
            "192.0.2.1",
            {"nodes": (NODE,)},
            "192.0.2.1 is the InternalIP of node node-1; it has no name in pod shop/cart-7d",
            id="a node",
        ),
        pytest.param(
            Paper(pod=pod_object(aliases=[("10.1.2.3", "foo.local", "bar.local")])),
            "10.1.2.3",
            {},
            "10.1.2.3 is what hostAliases[0] of pod shop/cart-7d gives foo.local and bar.local; its "
            "name in pod shop/cart-7d is foo.local",
            id="a hostAlias",
        ),
        pytest.param(
            Paper(),
            "203.0.113.9",
            {},
            "203.0.113.9 is owned by no Service, EndpointSlice, Pod, Node or hostAlias that was "
            "read; it has no name in pod shop/cart-7d",
            id="nothing",
        ),
        pytest.param(
            Paper(corefile=COREFILE.replace("fallthrough in-addr.arpa ip6.arpa", "ttl 30")),
            "203.0.113.9",
            {},
            "203.0.113.9 is owned by no Service, EndpointSlice, Pod, Node or hostAlias that was "
            "read; it has no name in pod shop/cart-7d: `kubernetes` (Corefile line 3) has none, and "
            "passes nothing on",
            id="a reverse zone that is not passed on",
        ),
        pytest.param(
            Paper(),
            "127.0.0.1",
            {},
            "127.0.0.1 is a loopback address: the pod itself; its name in pod shop/cart-7d is "
            "localhost",
            id="loopback",
        ),
        pytest.param(
            Paper(resolv_conf="nameserver 169.254.20.10\n"),
            "169.254.20.10",
            {},
            "169.254.20.10 is a nameserver of pod shop/cart-7d, a cache on the node (NodeLocal "
            "DNSCache, or the platform's own); it has no name in pod shop/cart-7d",
            id="the pod's own nameserver",
        ),
    ],
)
def test_the_owner_of_an_address_is_named(paper, address, owners, line):
    assert paper.explain_address(address, **owners).headline == line


def test_what_dns_says_is_no_observation_of_a_name_in_the_hosts_file():
    paper = Paper(pod=pod_object(aliases=[("10.1.2.3", "foo.local")]))
    explanation = paper.explain_address("10.1.2.3")
    assert explanation.verdict is Agreement.PREDICTED_ONLY
    assert explanation.predicted.data == ("foo.local",)
    assert explanation.findings == ()
