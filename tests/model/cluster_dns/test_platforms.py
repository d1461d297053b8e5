"""How the configuration in ConfigMaps becomes one server, platform by platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kubectl_hosts.model.cluster_dns.corefile import Corefile
from kubectl_hosts.model.cluster_dns.locate import (
    PLACES,
    config_maps_of,
    coredns_at,
    coredns_of,
    kube_dns,
    node_local,
    stub_domains,
)
from kubectl_hosts.model.cluster_dns.needs import UpstreamAsk
from kubectl_hosts.model.cluster_dns.server import serve
from kubectl_hosts.model.dns import Question, Rcode, UnknownReply
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.reads import answered
from kubectl_hosts.model.selectors import select

if TYPE_CHECKING:
    from kubectl_hosts.model.cluster_dns.chain import ClusterDNS

K3S_COREFILE = """\
.:53 {
    kubernetes cluster.local in-addr.arpa ip6.arpa {
      pods insecure
      fallthrough in-addr.arpa ip6.arpa
    }
    hosts /etc/coredns/NodeHosts {
      ttl 60
      reload 15s
      fallthrough
    }
    forward . /etc/resolv.conf
    import /etc/coredns/custom/*.override
}
import /etc/coredns/custom/*.server
"""
K3S = {
    "coredns": {"Corefile": K3S_COREFILE, "NodeHosts": "172.18.0.2 k3s-node-1\n"},
    "coredns-custom": {
        "corp.server": "corp.example:53 {\n forward . 192.0.2.1\n}\n",
        "old.override": "rewrite name old.corp k3s-node-1\n",
        "ignored.txt": "{{{{",
    },
}


def pod(*volumes, image="rancher/mirrored-coredns-coredns:1.12.1"):
    return parse_pod(
        {
            "metadata": {"namespace": "kube-system", "name": "coredns-1"},
            "spec": {
                "containers": [
                    {
                        "name": "coredns",
                        "image": image,
                        "args": ["-conf", "/etc/coredns/Corefile"],
                        "volumeMounts": [{"name": n, "mountPath": path} for n, path, _ in volumes],
                    }
                ],
                "volumes": [{"name": n, "configMap": source} for n, _, source in volumes],
            },
        }
    )


K3S_POD = pod(
    ("config-volume", "/etc/coredns", {"name": "coredns"}),
    ("custom", "/etc/coredns/custom", {"name": "coredns-custom", "optional": True}),
)


def ask_server(server: ClusterDNS, qname, qtype="A", objects=()):
    asked = []

    def tell(need):
        if isinstance(need, UpstreamAsk):
            asked.append((need.question.name, need.servers))
            return UnknownReply(f"what {need.servers[0]} says")
        return select(need, objects)

    return answered(serve(Question(qname, qtype), server), tell), asked


def test_k3s_node_names_come_from_node_hosts():
    server = coredns_of(K3S_POD, K3S)
    served, _ = ask_server(server, "k3s-node-1.")
    assert [r.data for r in served.answered] == ["172.18.0.2"]
    assert (served.answered[0].ttl, served.origin.object) == (60, "kube-system/coredns")
    assert (served.origin.field, served.origin.line) == ("/etc/coredns/NodeHosts", 1)


def test_custom_overrides_and_servers_are_imported():
    server = coredns_of(K3S_POD, K3S)
    assert server.version == (1, 12, 1)
    served, _ = ask_server(server, "old.corp.")
    assert [r.data for r in served.answered] == ["172.18.0.2"]
    _, asked = ask_server(server, "db.corp.example.")
    assert asked == [("db.corp.example.", ("192.0.2.1",))]


def test_an_optional_config_map_may_be_absent():
    server = coredns_of(K3S_POD, {**K3S, "coredns-custom": None})
    assert isinstance(server.corefile, Corefile)


@pytest.mark.parametrize("name", ["coredns", "coredns-custom"])
def test_a_config_map_that_may_not_be_read_leaves_nothing_known(name):
    forbidden = CouldNotLook(what=f"ConfigMap kube-system/{name}", why="forbidden")
    server = coredns_of(K3S_POD, {**K3S, name: forbidden})
    served, _ = ask_server(server, "x.default.svc.cluster.local.")
    assert served.answer == UnknownReply(f"ConfigMap kube-system/{name} (forbidden)")


def test_keys_become_files_under_the_paths_of_items():
    items = [{"key": "Corefile", "path": "Corefile"}]
    mounted = config_maps_of(pod(("v", "/etc/coredns", {"name": "coredns", "items": items})))
    assert mounted[0].files({"Corefile": ".", "NodeHosts": ""}) == {"/etc/coredns/Corefile": "."}


def test_without_pods_the_table_of_places_serves():
    place = next(place for place in PLACES if place.platform == "k3s, AKS")
    served, _ = ask_server(coredns_at(place, K3S), "k3s-node-1.")
    assert [r.data for r in served.answered] == ["172.18.0.2"]


def test_openshift_listens_on_its_own_port():
    place = next(place for place in PLACES if place.platform == "OpenShift")
    text = "corp.example:5353 {\n forward . 192.0.2.9\n}\n.:5353 {\n kubernetes cluster.local\n forward . /etc/resolv.conf\n}\n"
    _, asked = ask_server(coredns_at(place, {"dns-default": {"Corefile": text}}), "a.corp.example.")
    assert asked == [("a.corp.example.", ("192.0.2.9",))]


NODE_LOCAL = """\
__PILLAR__DNS__DOMAIN__:53 {
    cache {
        success 9984 30
        denial 9984 5
    }
    bind __PILLAR__LOCAL__DNS__ __PILLAR__DNS__SERVER__
    forward . __PILLAR__CLUSTER__DNS__ {
        force_tcp
    }
}
.:53 {
    cache 30
    forward . __PILLAR__UPSTREAM__SERVERS__
}
"""
SERVICE = {
    "kind": "Service",
    "metadata": {"namespace": "shop", "name": "db"},
    "spec": {"clusterIPs": ["10.96.0.7"]},
}


def cache_on_the_node():
    corefile = ".:53 {\n hosts {\n 192.0.2.9 harbor.corp\n fallthrough\n }\n kubernetes cluster.local\n forward . /etc/resolv.conf\n}\n"
    behind = coredns_of(
        pod(("v", "/etc/coredns", {"name": "coredns"})), {"coredns": {"Corefile": corefile}}
    )
    config = stub_domains(
        {"stubDomains": '{"corp.example": ["192.0.2.1"]}', "upstreamNameservers": '["192.0.2.2"]'}
    )
    return node_local(NODE_LOCAL, behind=behind, behind_addresses=("10.96.0.99",), config=config)


def test_node_local_asks_the_cluster_dns_for_cluster_names():
    served, asked = ask_server(cache_on_the_node(), "db.shop.svc.cluster.local.", objects=[SERVICE])
    assert ([r.data for r in served.answered], asked) == (["10.96.0.7"], [])
    assert [step.plugin for step in served.trail] == [
        "server",
        "forward",
        "server",
        "hosts",
        "kubernetes",
    ]


@pytest.mark.parametrize(
    ("name", "servers"),
    [
        pytest.param("harbor.corp.", ("192.0.2.2",), id="the hosts of CoreDNS never apply"),
        pytest.param("db.corp.example.", ("192.0.2.1",), id="stub domains of kube-dns"),
    ],
)
def test_node_local_sends_other_names_past_the_cluster_dns(name, servers):
    _, asked = ask_server(cache_on_the_node(), name)
    assert [ask[1] for ask in asked] == [servers]


def test_kube_dns_has_stub_domains_and_at_most_three_upstreams():
    config = stub_domains(
        {
            "stubDomains": '{"corp.example": ["192.0.2.1"]}',
            "upstreamNameservers": '["192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"]',
        }
    )
    server = kube_dns("cluster.local", config)
    assert ask_server(server, "x.example.")[1][0][1] == ("192.0.2.2", "192.0.2.3", "192.0.2.4")
    assert ask_server(server, "x.corp.example.")[1][0][1] == ("192.0.2.1",)


@pytest.mark.parametrize(
    ("name", "cluster_ip", "rcode"),
    [
        pytest.param("pg-0.pg", "None", Rcode.NOERROR, id="a pod of a headless Service"),
        pytest.param("pg-0.pg", "10.96.0.7", Rcode.NXDOMAIN, id="a pod of another one"),
        pytest.param("10-244-0-9.pg", "None", Rcode.NXDOMAIN, id="a pod by its address"),
        pytest.param("pg", "10.96.0.7", Rcode.NOERROR, id="the other one itself"),
    ],
)
def test_kube_dns_names_the_pods_of_headless_services_alone(name, cluster_ip, rcode):
    ports = [{"name": "sql", "port": 5432, "protocol": "TCP"}]
    pg = {"clusterIP": cluster_ip, "clusterIPs": [cluster_ip], "ports": ports}
    ready = {"ready": True}
    behind = {"addresses": ["10.244.0.8"], "hostname": "pg-0", "conditions": ready}
    nameless = {"addresses": ["10.244.0.9"], "conditions": ready}
    labels = {"kubernetes.io/service-name": "pg"}
    objects = [
        {"kind": "Service", "metadata": {"namespace": "shop", "name": "pg"}, "spec": pg},
        {
            "kind": "EndpointSlice",
            "metadata": {"namespace": "shop", "name": "pg-x", "labels": labels},
            "addressType": "IPv4",
            "endpoints": [behind, nameless],
            "ports": ports,
        },
    ]
    server = kube_dns("cluster.local", stub_domains({}))
    served, _ = ask_server(server, f"{name}.shop.svc.cluster.local.", objects=objects)
    assert served.answer.rcode is rcode


@pytest.mark.parametrize("text", ["{", "[]", '{"a": "b"}', '{"a": [1]}'])
def test_a_kube_dns_that_does_not_parse_says_so(text):
    assert isinstance(stub_domains({"stubDomains": text}), CouldNotLook)


ITEMS = {"name": "coredns", "items": [{"key": "Corefile", "path": "Corefile"}]}


@pytest.mark.parametrize(
    ("volume", "left_out", "lacks"),
    [
        pytest.param(ITEMS, {"/etc/coredns/own": "a"}, True, id="items that leave a key out"),
        pytest.param({"name": "coredns"}, {}, False, id="every key is a file"),
    ],
)
def test_what_a_volume_leaves_out_is_no_file(volume, left_out, lacks):
    maps = {"coredns": {"Corefile": ".:53 {\n}\n", "own": "a"}}
    server = coredns_of(pod(("config", "/etc/coredns", volume)), maps)
    assert (server.left_out, server.lacks("/etc/coredns/own")) == (left_out, lacks)
    assert (server.lacks("/etc/coredns/other"), server.lacks("/zones/other")) == (True, False)


def test_a_directory_that_nobody_read_may_have_any_file():
    refused = {"coredns": CouldNotLook(what="ConfigMap coredns", why="forbidden")}
    server = coredns_of(pod(("config", "/etc/coredns", ITEMS)), refused)
    assert not server.lacks("/etc/coredns/own")


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        pytest.param("file /etc/coredns/own db.test", "Servfail", id="a zone file"),
        pytest.param("hosts /etc/coredns/own db.test", "Servfail", id="a hosts file"),
        pytest.param("file /zones/own db.test", "Unknown", id="a file that nobody looked for"),
    ],
)
def test_a_file_that_is_not_there_fails_its_zone(rule, what):
    maps = {"coredns": {"Corefile": f".:53 {{\n {rule}\n forward . 192.0.2.1\n}}\n"}}
    server = coredns_of(pod(("config", "/etc/coredns", ITEMS)), maps)
    answer = answered(serve(Question("db.test.", "A"), server), lambda _: ()).answer
    is_unknown = isinstance(answer, UnknownReply)
    assert ("Unknown" if is_unknown else answer.rcode.value.title()) == what
