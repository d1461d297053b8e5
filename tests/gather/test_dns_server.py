"""Which server a nameserver's address leads to."""

from __future__ import annotations

import pytest

from kubectl_hosts.gather.dns_server import find_dns_server
from kubectl_hosts.gather.objects import ObjectReader
from tests.fakes import FakeCluster

CACHE = "169.254.20.10"


def dns_service(name, address):
    return {
        "kind": "Service",
        "metadata": {"namespace": "kube-system", "name": name},
        "spec": {"clusterIP": address, "selector": {"k8s-app": "kube-dns"}},
    }


def config_map(name, corefile):
    return {
        "kind": "ConfigMap",
        "metadata": {"namespace": "kube-system", "name": name},
        "data": {"Corefile": corefile},
    }


KUBE_DNS = dns_service("kube-dns", "10.96.0.10")
UPSTREAM = dns_service("kube-dns-upstream", "10.96.0.99")


@pytest.mark.parametrize(
    ("services", "addresses"),
    [
        pytest.param([KUBE_DNS], ("10.96.0.10",), id="kube-dns alone, as IPVS mode names it"),
        pytest.param([KUBE_DNS, UPSTREAM], ("10.96.0.99", "10.96.0.10"), id="either of the two"),
        pytest.param([], (CACHE,), id="no such Service: whatever the words stand for"),
    ],
)
def test_a_cache_on_the_node_sends_on_to_the_cluster_dns(services, addresses):
    corefile = "cluster.local:53 {\n forward . 10.96.0.10\n}\n"
    maps = [config_map("node-local-dns", corefile), config_map("coredns", ".:53 {\n}\n")]
    cluster = FakeCluster([*services, *maps])
    found = find_dns_server(cluster, ObjectReader(cluster), CACHE, domain="cluster.local")
    assert found.model is not None
    assert (found.address, found.model.behind_addresses) == (CACHE, addresses)
