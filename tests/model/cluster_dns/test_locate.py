"""Which server a nameserver's address leads to, and what of it is read or assumed."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
from kubectl_hosts.model.cluster_dns.corefile import Corefile
from kubectl_hosts.model.cluster_dns.locate import (
    ASSUMED,
    cluster_domain_of,
    find_cluster_dns,
    find_dns_server,
    parse_corefile,
)
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.reads import answered
from kubectl_hosts.model.selectors import select

CACHE = "169.254.20.10"
ADDRESS = "10.96.0.10"
FORBIDDEN = "forbidden"


def dns_service(name="kube-dns", address=ADDRESS, namespace="kube-system", second=()):
    return {
        "kind": "Service",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {
            "clusterIP": address,
            "clusterIPs": [address, *second],
            "selector": {"k8s-app": "kube-dns"},
        },
    }


def config_map(name, corefile, namespace="kube-system"):
    return {
        "kind": "ConfigMap",
        "metadata": {"namespace": namespace, "name": name},
        "data": {"Corefile": corefile},
    }


def dns_pod(*config_maps, namespace="kube-system", container="coredns"):
    """A pod that mounts ConfigMaps by name, the first at /etc/coredns."""
    directories = ("/etc/coredns", "/etc/coredns/custom")
    mounts = list(zip(config_maps, directories, strict=False))
    return {
        "kind": "Pod",
        "metadata": {
            "namespace": namespace,
            "name": "coredns-1",
            "labels": {"k8s-app": "kube-dns"},
        },
        "spec": {
            "containers": [
                {
                    "name": container,
                    "image": "registry.example/coredns:v1.12.1",
                    "args": ["-conf", "/etc/coredns/Corefile"],
                    "volumeMounts": [{"name": n, "mountPath": path} for n, path in mounts],
                }
            ],
            "volumes": [{"name": n, "configMap": {"name": n}} for n in config_maps],
        },
        "status": {"podIPs": [{"ip": "10.1.0.2"}]},
    }


def found(asking, objects, refused=()):
    """What is found among OBJECTS, where the kinds REFUSED may not be read."""

    def tell(read):
        if read.kind in refused:
            return CouldNotLook(what=f"{read.kind} {read.name}".rstrip(), why=FORBIDDEN)
        return select(read, objects)

    return answered(asking, tell)


OWN = ".:53 {\n kubernetes corp.internal in-addr.arpa {\n }\n}\n"
KUBE_DNS = dns_service()
UPSTREAM = dns_service("kube-dns-upstream", "10.96.0.99")
COREDNS = config_map("coredns", OWN)
WHOLE = [KUBE_DNS, COREDNS, dns_pod("coredns")]
EVERYTHING = ("Service", "Pod", "ConfigMap")
NODE_LOCAL = "ConfigMap node-local-dns"
NO_SERVICE = ("the DNS Service", "no Service kube-dns")
NO_POD = ("the cluster DNS server", "Service kube-system/kube-dns selects no pod")


def summary(server):
    """(domain of its Corefile or why there is none, version, Service, assumed, what was missed)."""
    model = server.model
    if model is None:
        return None
    corefile = model.corefile
    domain = cluster_domain_of(model) if isinstance(corefile, Corefile) else corefile.why
    missed = tuple((each.what, each.why) for each in server.not_checked)
    return domain, model.version, model.service, server.assumed, missed


def forbidden(*kinds):
    return tuple((kind, FORBIDDEN) for kind in kinds)


@pytest.mark.parametrize(
    ("objects", "refused", "expected"),
    [
        pytest.param(
            WHOLE,
            (),
            ("corp.internal", (1, 12, 1), "kube-system/kube-dns", "", ()),
            id="the Service, its pods and their ConfigMap",
        ),
        pytest.param(
            [KUBE_DNS, COREDNS],
            (),
            ("corp.internal", None, "kube-system/kube-dns", "", (NO_POD,)),
            id="two objects are enough",
        ),
        pytest.param(
            [KUBE_DNS],
            (),
            ("shop.example", None, "kube-system/kube-dns", ASSUMED, (NO_POD,)),
            id="a Service alone",
        ),
        pytest.param([COREDNS], (), None, id="no Service has the address: a server outside"),
        pytest.param(
            WHOLE,
            ("Pod",),
            ("corp.internal", None, "kube-system/kube-dns", "", forbidden("Pod")),
            id="pods that may not be read",
        ),
        pytest.param(
            WHOLE,
            ("Service",),
            ("corp.internal", None, "", "", forbidden("Service")),
            id="Services that may not be read",
        ),
        pytest.param(
            WHOLE,
            ("ConfigMap",),
            (
                "shop.example",
                (1, 12, 1),
                "kube-system/kube-dns",
                ASSUMED,
                forbidden("ConfigMap coredns", NODE_LOCAL),
            ),
            id="a ConfigMap that may not be read",
        ),
        pytest.param(
            WHOLE,
            EVERYTHING,
            (
                "shop.example",
                None,
                "",
                ASSUMED,
                forbidden("Service", "ConfigMap coredns", NODE_LOCAL),
            ),
            id="nothing may be read",
        ),
        pytest.param(
            [KUBE_DNS, dns_pod("coredns")],
            (),
            (
                'configmaps "coredns" not found',
                (1, 12, 1),
                "kube-system/kube-dns",
                "",
                (("ConfigMap kube-system/coredns", 'configmaps "coredns" not found'),),
            ),
            id="a ConfigMap that is mounted and not there is no assumption",
        ),
        pytest.param(
            [dns_service(namespace="dns"), dns_pod("own", namespace="dns")],
            ("ConfigMap",),
            (FORBIDDEN, (1, 12, 1), "dns/kube-dns", "", forbidden("ConfigMap own", NODE_LOCAL)),
            id="a server of somebody's own is not taken for kubeadm's",
        ),
        pytest.param(
            [dns_service(namespace="dns"), COREDNS],
            (),
            (
                "Service dns/kube-dns selects no pod",
                None,
                "dns/kube-dns",
                "",
                (("the cluster DNS server", "Service dns/kube-dns selects no pod"),),
            ),
            id="a Service of another namespace does not have the Corefile of kube-system",
        ),
    ],
)
def test_the_server_at_an_address(objects, refused, expected):
    server = found(find_dns_server(ADDRESS, "shop.example"), objects, refused)
    assert (server.address, summary(server)) == (ADDRESS, expected)


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        pytest.param(
            [], ("cluster.local", None, "", ASSUMED, (NO_SERVICE,)), id="no cluster DNS at all"
        ),
        pytest.param([COREDNS], ("corp.internal", None, "", "", (NO_SERVICE,)), id="a ConfigMap"),
        pytest.param(
            [dns_service(address="10.96.7.7", namespace="shop"), *WHOLE],
            ("corp.internal", (1, 12, 1), "kube-system/kube-dns", "", ()),
            id="that of kube-system before one that only has the name",
        ),
        pytest.param(
            [
                dns_service("dns-default", namespace="openshift-dns"),
                config_map("dns-default", OWN, namespace="openshift-dns"),
                dns_pod("dns-default", namespace="openshift-dns"),
            ],
            ("corp.internal", (1, 12, 1), "openshift-dns/dns-default", "", ()),
            id="OpenShift's",
        ),
        pytest.param(
            [dns_service("rke2-coredns-rke2-coredns"), COREDNS, dns_pod("coredns")],
            ("corp.internal", (1, 12, 1), "kube-system/rke2-coredns-rke2-coredns", "", ()),
            id="RKE2's",
        ),
        pytest.param(
            [dns_service("coredns", namespace="edge"), dns_pod("own", namespace="edge")],
            ("cluster.local", None, "", ASSUMED, (NO_SERVICE,)),
            id="left alone: a DNS server of somebody's own",
        ),
    ],
)
def test_the_cluster_dns_without_an_address(objects, expected):
    assert summary(found(find_cluster_dns(""), objects)) == expected


def test_a_second_family_is_found_by_its_ip_address_object():
    server = found(
        find_dns_server("fd00::a", "cluster.local"), [dns_service(second=["fd00::a"]), COREDNS]
    )
    assert (server.address, server.model and server.model.service) == (
        "fd00::a",
        "kube-system/kube-dns",
    )


def test_a_pod_of_dnsmasq_is_kube_dns():
    server = found(
        find_dns_server(ADDRESS, "shop.example"), [KUBE_DNS, dns_pod(container="dnsmasq")]
    )
    assert server.model is not None
    assert (server.model.provider, cluster_domain_of(server.model)) == ("kube-dns", "shop.example")


@pytest.mark.parametrize(
    ("services", "addresses"),
    [
        pytest.param([KUBE_DNS], (ADDRESS,), id="kube-dns alone, as IPVS mode names it"),
        pytest.param([KUBE_DNS, UPSTREAM], ("10.96.0.99", ADDRESS), id="either of the two"),
        pytest.param([], (CACHE,), id="no such Service: whatever the words stand for"),
    ],
)
def test_a_cache_on_the_node_sends_on_to_the_cluster_dns(services, addresses):
    corefile = "cluster.local:53 {\n forward . 10.96.0.10\n}\n"
    maps = [config_map("node-local-dns", corefile), config_map("coredns", ".:53 {\n}\n")]
    server = found(find_dns_server(CACHE, "cluster.local"), [*services, *maps])
    assert server.model is not None
    assert (server.address, server.model.behind_addresses) == (CACHE, addresses)


@pytest.mark.parametrize(
    ("address", "is_cluster_dns"),
    [
        pytest.param("fe80::1%3", False, id="the node's own line: an interface's address"),
        pytest.param("fe80::1", False, id="without its zone"),
        pytest.param("192.0.2.53", False, id="a server outside"),
        pytest.param(CACHE, True, id="the cache on the node"),
        pytest.param(ADDRESS, True, id="the Service"),
    ],
)
def test_an_address_that_no_service_has_is_not_the_cluster_dns(address, is_cluster_dns):
    ranges = {"kind": "ServiceCIDR", "metadata": {"name": "kubernetes"}, "spec": {"cidrs": []}}
    server = found(find_dns_server(address, "cluster.local"), [KUBE_DNS, ranges])
    assert (server.model is not None) is is_cluster_dns


@pytest.mark.parametrize(
    ("address", "name", "cache"),
    [
        pytest.param(CACHE, "node-local-dns", True, id="of kubernetes, at its own address"),
        pytest.param(ADDRESS, "node-local-dns", True, id="of kubernetes, at the Service's address"),
        pytest.param(CACHE, "nodelocaldns", True, id="of kubespray"),
        pytest.param(ADDRESS, "nodelocaldns", False, id="kubespray leaves the Service its address"),
        pytest.param(CACHE, "nodelocal", False, id="of nobody known"),
    ],
)
def test_the_cache_on_the_node_has_its_configuration_where_installers_put_it(address, name, cache):
    services = [dns_service("coredns"), UPSTREAM]
    maps = [config_map(name, ".:53 {\n}\n"), config_map("coredns", ".:53 {\n}\n")]
    model = found(find_dns_server(address, "cluster.local"), [*services, *maps]).model
    behind = ("10.96.0.99", ADDRESS) if address == CACHE else (ADDRESS, "10.96.0.99")
    assert model is not None
    assert (model.object, model.behind_addresses) == (
        (f"kube-system/{name}", behind) if cache else ("kube-system/coredns", ())
    )


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        pytest.param(OWN, "corp.internal", id="the zone of the plugin"),
        pytest.param(
            "c.example a.example:53 {\n kubernetes\n}\n", "c.example", id="the block's zones"
        ),
        pytest.param(
            ".:53 {\n kubernetes 10.0.0.0/8 Corp.Internal\n}\n", "corp.internal", id="no reverse"
        ),
        pytest.param(".:53 {\n forward . 192.0.2.1\n}\n", None, id="no kubernetes at all"),
        pytest.param(".:53 {\n kubernetes in-addr.arpa\n}\n", None, id="a reverse zone alone"),
        pytest.param(".:53 {\n kubernetes {\n", None, id="a Corefile that does not load"),
    ],
)
def test_the_cluster_domain_is_that_of_the_corefile(text, domain):
    assert cluster_domain_of(ClusterDNS(corefile=parse_corefile(text))) == domain
