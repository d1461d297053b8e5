"""Each complaint of cluster-dns.md 7.4-7.7 that configuration and objects show, as a finding."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from kubectl_hosts.model.cluster_dns.causes import (
    find_causes,
    find_custom_keys,
    find_domain_mismatch,
    find_istio,
)
from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
from kubectl_hosts.model.cluster_dns.locate import parse_corefile
from kubectl_hosts.model.cluster_dns.needs import UpstreamAsk
from kubectl_hosts.model.cluster_dns.server import serve
from kubectl_hosts.model.dns import NoReply, Question, Rcode, Record, Reply
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.reads import answered
from kubectl_hosts.model.selectors import select
from tests.model.cluster_dns.paper_coredns import namespaces


def service(namespace, name, **spec):
    spec = {"clusterIPs": ["10.96.0.7"], "ports": [{"name": "pg", "port": 5432}], **spec}
    return {"kind": "Service", "metadata": {"namespace": namespace, "name": name}, "spec": spec}


def endpoints(namespace, name, *ready, **more):
    return {
        "kind": "EndpointSlice",
        "metadata": {
            "namespace": namespace,
            "name": f"{name}-x",
            "labels": {"kubernetes.io/service-name": name},
        },
        "addressType": "IPv4",
        "endpoints": [
            {"addresses": [f"10.1.0.{index}"], "conditions": {"ready": each}, **more}
            for index, each in enumerate(ready, 1)
        ],
        "ports": [{"name": "pg", "port": 5432, "protocol": "TCP"}],
    }


def pod(name, address="10.1.0.1", labels=(), ready="True", **spec):
    return {
        "kind": "Pod",
        "metadata": {"namespace": "shop", "name": name, "labels": dict(labels)},
        "spec": spec,
        "status": {
            "phase": "Running",
            "podIP": address,
            "conditions": [{"type": "Ready", "status": ready}],
        },
    }


HEADLESS = {"clusterIPs": ["None"], "clusterIP": "None"}
STOCK = """\
.:53 {
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    forward . 192.0.2.1
}
"""
OUTSIDE = {
    ("db.corp.example.", "A"): Reply(
        answer=(Record(name="db.corp.example.", type="A", data="192.0.2.5", ttl=9),)
    ),
    ("silent.example.", "A"): NoReply(),
}


def causes(qname, qtype="A", objects=(), corefile=STOCK, tell=None, **server):
    dns = ClusterDNS(
        corefile=parse_corefile(corefile),
        object="kube-system/coredns",
        version=(1, 12, 1),
        **server,
    )

    def cluster(need):
        if isinstance(need, UpstreamAsk):
            key = (need.question.name.lower(), need.question.type)
            return OUTSIDE.get(key, Reply(rcode=Rcode.NXDOMAIN))
        return select(need, [*namespaces(["shop", "bank"]), *objects])

    question = Question(qname, qtype)
    served = answered(serve(question, dns), tell or cluster)
    return answered(find_causes(question, served, dns), tell or cluster)


def reasons(*args, **keywords):
    return [each.reason.value for each in causes(*args, **keywords)]


ZONE = "svc.cluster.local."
FOUND = [
    pytest.param(
        f"db.shop.{ZONE}",
        "A",
        [service("shop", "db")],
        ["ServiceWithoutEndpoints"],
        id="C40 DNS is right, nothing listens",
    ),
    pytest.param(
        f"web.db.shop.{ZONE}",
        "A",
        [service("shop", "db"), endpoints("shop", "db", True, True, hostname="web")],
        ["SharedHostname"],
        id="C37 two pods, one hostname",
    ),
    pytest.param(
        "10-1-0-9.shop.pod.cluster.local.",
        "A",
        [],
        ["PodsInsecureProvesNothing"],
        id="C42 no pod has that address",
    ),
    pytest.param(
        "1.0.1.10.in-addr.arpa.",
        "PTR",
        [pod("cart-7d")],
        ["PodWithoutPointer"],
        id="C43 no Service selects the pod",
    ),
    pytest.param(
        "1.0.1.10.in-addr.arpa.",
        "PTR",
        [endpoints("shop", "db", True), endpoints("shop", "cache", True)],
        ["SeveralPointers"],
        id="C43 two Services select the pod",
    ),
    pytest.param(f"*.shop.{ZONE}", "A", [], ["WildcardQuery"], id="C46 wildcards are gone"),
    pytest.param(
        f"db.shop.{ZONE}",
        "A",
        [service("shop", "db", type="ExternalName", clusterIPs=[], externalName="192.0.2.7")],
        ["ExternalNameIsAddress"],
        id="C48 an address as externalName",
    ),
    pytest.param(
        f"db.shop.{ZONE}",
        "A",
        [service("shop", "db", type="ExternalName", clusterIPs=[], externalName="db.corp.example")],
        ["ExternalNameHost"],
        id="C49 the server sees another host",
    ),
    pytest.param(
        f"db.shop.{ZONE}",
        "A",
        [
            service(
                "shop", "db", type="ExternalName", clusterIPs=[], externalName=f"x.db.shop.{ZONE}"
            )
        ],
        ["ExternalNameLoop"],
        id="C50 below its own name",
    ),
    pytest.param(
        f"db.shop.{ZONE}",
        "A",
        [
            service(
                "shop", "db", type="ExternalName", clusterIPs=[], externalName=f"gone.shop.{ZONE}"
            )
        ],
        ["ExternalNameWithoutRecord"],
        id="C50 the target has no record",
    ),
    pytest.param(
        f"db.shop.{ZONE}",
        "A",
        [service("shop", "db", type="ExternalName", clusterIPs=[], externalName="web")],
        ["ExternalNameWithoutRecord", "ExternalNameNotQualified"],
        id="C52 a short target",
    ),
    pytest.param("silent.example.", "A", [], ["UpstreamSilent"], id="C70b nobody answers outside"),
]

READY = [service("shop", "db"), endpoints("shop", "db", True)]
ALONE = [
    pytest.param(f"db.shop.{ZONE}", "A", READY, id="a Service with endpoints"),
    pytest.param(f"db.shop.{ZONE}", "AAAA", READY, id="NODATA of a Service with endpoints"),
    pytest.param(f"nope.shop.{ZONE}", "A", READY, id="a name that nothing explains"),
    pytest.param(
        f"db.shop.{ZONE}",
        "A",
        [service("shop", "db", **HEADLESS), endpoints("shop", "db", None, False)],
        id="ready where the slice does not say",
    ),
    pytest.param("x.example.", "A", [], id="a name outside"),
    pytest.param(
        "10-1-0-1.shop.pod.cluster.local.", "A", [pod("cart-7d")], id="a pod that is there"
    ),
    pytest.param(
        f"web.aaa.shop.{ZONE}",
        "A",
        [pod("busybox-1", hostname="web", subdomain="aaa"), service("bank", "aaa")],
        id="what an absent Service or endpoint lacks: its reading says that",
    ),
]


@pytest.mark.parametrize(("qname", "qtype", "objects", "expected"), FOUND)
def test_a_complaint_has_its_reason(qname, qtype, objects, expected):
    assert reasons(qname, qtype, objects) == expected


@pytest.mark.parametrize(("qname", "qtype", "objects"), ALONE)
def test_what_is_as_it_should_be_is_left_alone(qname, qtype, objects):
    assert reasons(qname, qtype, objects) == []


HOSTS = "hosts {\n 192.0.2.9 harbor.corp db.shop.svc.cluster.local\n %s\n}\n"
CONFIGURED = [
    pytest.param(HOSTS % "", "x.corp.", "A", ["HostsWithoutFallthrough"], id="C54"),
    pytest.param(HOSTS % "fallthrough", "harbor.corp.", "AAAA", ["HostsOwnsEveryType"], id="C55"),
    pytest.param("hosts {\n fallthrough\n}\n", "localhost.", "A", ["HostsReadsPodFile"], id="C56"),
    pytest.param(HOSTS % "fallthrough", f"db.shop.{ZONE}", "A", ["HostsShadowsService"], id="C57"),
    pytest.param(
        HOSTS.replace("hosts", "hosts harbor.corp") % "fallthrough",
        "harbor.corp.",
        "A",
        ["HostsFileIsAZone"],
        id="a zone in the place of FILE",
    ),
    pytest.param(2 * (HOSTS % "fallthrough"), "harbor.corp.", "A", ["PluginTwice"], id="C58"),
    pytest.param(
        "rewrite name suffix .corp .shop.svc.cluster.local\n",
        "db.corp.",
        "A",
        ["RewriteLeavesForeignName"],
        id="C60",
    ),
    pytest.param(
        "rewrite cname a b\nrewrite name db.corp db.shop.svc.cluster.local\n",
        "db.corp.",
        "A",
        ["RewriteRuleUnreachable"],
        id="C60b",
    ),
    pytest.param("cache 30\n", f"nope.shop.{ZONE}", "A", ["NegativeAnswerCached"], id="C33"),
    pytest.param(HOSTS % "fallthrough", "harbor.corp.", "A", [], id="hosts as it should be"),
    pytest.param(
        "rewrite name suffix .corp .shop.svc.cluster.local answer auto\n",
        "db.corp.",
        "A",
        [],
        id="a rule that puts the name back",
    ),
    pytest.param(
        "cache 30 {\n disable denial cluster.local\n disable success cluster.local\n}\n",
        f"nope.shop.{ZONE}",
        "A",
        [],
        id="a cache that keeps nothing of the cluster",
    ),
]


BEHIND = "Add the line `fallthrough` to the hosts block, below its entries."
ALONE = "Add the name to the hosts block: no plugin of its block would answer behind it."


@pytest.mark.parametrize(
    ("corefile", "lacks", "fix"),
    [
        pytest.param(
            f". {{\n{HOSTS % ''} forward . 192.0.2.1\n}}", "no `fallthrough`", BEHIND, id="none"
        ),
        pytest.param(
            f". {{\n{HOSTS % 'fallthrough arpa'} forward . 192.0.2.1\n}}",
            "no `fallthrough` for it",
            BEHIND,
            id="of another zone",
        ),
        pytest.param(f". {{\n{HOSTS % ''}}}", "no `fallthrough`", ALONE, id="nothing behind it"),
    ],
)
def test_what_would_follow_hosts_decides_what_helps(corefile, lacks, fix):
    (found,) = causes("x.corp.", corefile=corefile)
    others = "every other name of its zones fails with SERVFAIL"
    assert (found.message, found.fix) == (
        f"`hosts` in kube-system/coredns has {lacks}: {others}",
        fix,
    )


@pytest.mark.parametrize(("lines", "qname", "qtype", "expected"), CONFIGURED)
def test_a_corefile_line_has_its_reason(lines, qname, qtype, expected):
    corefile = STOCK.replace("    forward", f"{lines}    forward")
    assert reasons(qname, qtype, READY, corefile=corefile) == expected


@pytest.mark.parametrize(
    ("corefile", "qname", "expected"),
    [
        pytest.param("a.example {\n forward . 192.0.2.1\n}", "x.", ["NoServerBlock"], id="C69"),
        pytest.param(". {\n errors\n}", "x.", ["PluginChainEnds"], id="C59"),
        pytest.param(". {\n errors\n", "x.", ["CorefileBroken"], id="C60c"),
        pytest.param(
            ". {\n forward . 192.0.2.1 192.0.2.2\n}", "x.", ["UpstreamByChance"], id="C65"
        ),
        pytest.param(
            ". {\n forward . 192.0.2.1\n forward . 192.0.2.2\n}",
            "x.",
            ["PluginTwice"],
            id="the first of two `forward` takes every name",
        ),
        pytest.param(
            ". {\n forward . 192.0.2.1 {\n next NXDOMAIN\n }\n forward . 192.0.2.2\n}",
            "x.",
            [],
            id="the first of two `forward` hands on",
        ),
        pytest.param(
            ". {\n forward corp 192.0.2.1\n forward . 192.0.2.2\n}",
            "x.",
            [],
            id="two `forward` of two zones",
        ),
        pytest.param(
            ". {\n forward . 192.0.2.1 192.0.2.2 {\n policy sequential\n}\n}",
            "x.",
            [],
            id="one upstream after the other",
        ),
        pytest.param(
            ". {\n hosts {\n 192.0.2.9 harbor.corp\n}\n}\ncorp {\n forward . 192.0.2.1\n}",
            "harbor.corp.",
            ["HostsInOtherBlock"],
            id="a block of a longer zone has no such entry",
        ),
        pytest.param(
            ". {\n hosts {\n 192.0.2.9 harbor.corp\n}\n}\ncorp {\n forward . 192.0.2.1\n}",
            "other.corp.",
            [],
            id="another name than the entry's",
        ),
        pytest.param(
            ". {\n hosts {\n 192.0.2.9 harbor.corp\n}\n}\n"
            "corp {\n view v {\n expr false\n}\n forward . 192.0.2.1\n}",
            "harbor.corp.",
            [],
            id="a view chooses among the blocks",
        ),
        pytest.param(
            "corp {\n rewrite name suffix .corp .shop.svc.cluster.local\n}\n" + STOCK,
            "db.corp.",
            ["PluginChainEnds"],
            id="a rewrite to a Service, and nothing that answers",
        ),
        pytest.param(
            "corp {\n rewrite name suffix .corp .shop.svc.cluster.local\n forward . 192.0.2.1\n}\n"
            + STOCK,
            "db.corp.",
            ["RewriteLeavesKubernetes"],
            id="a rewrite to a Service that is sent outside",
        ),
        pytest.param(
            "corp {\n rewrite name suffix .corp .example\n forward . 192.0.2.1\n}\n" + STOCK,
            "db.corp.",
            [],
            id="a rewrite to a name outside",
        ),
        pytest.param(
            ". {\n kubernetes lab.home\n forward . 192.0.2.1\n}\n",
            "grafana.lab.home.",
            ["KubernetesWithoutFallthrough"],
            id="a zone that has other names than those of Services",
        ),
        pytest.param(
            ". {\n kubernetes lab.home {\n fallthrough\n}\n forward . 192.0.2.1\n}\n",
            "grafana.lab.home.",
            [],
            id="with fallthrough the upstream decides",
        ),
        pytest.param(
            ". {\n kubernetes lab.home\n}\n", "grafana.lab.home.", [], id="nothing stands behind"
        ),
        pytest.param(
            ". {\n hosts {\n 192.0.2.9 vpn.corp\n}\n"
            ' template IN A corp {\n answer "{{ .Name }} 60 IN A 192.0.2.7"\n}\n}\n',
            "vpn.corp.",
            ["HostsEntryNotReached"],
            id="template before hosts",
        ),
        pytest.param(
            ". {\n hosts {\n 192.0.2.9 vpn.corp\n}\n template IN A corp {\n match ^x\n"
            " fallthrough\n}\n}\n",
            "vpn.corp.",
            [],
            id="a template that lets the name pass",
        ),
        pytest.param(
            ". {\n hosts /dev/null corp {\n 192.0.2.9 vpn.corp\n}\n}\n",
            "vpn.corp.",
            [],
            id="a zone behind the file",
        ),
        pytest.param(
            ". {\n hosts names.txt corp {\n 192.0.2.9 vpn.corp\n}\n}\n",
            "vpn.corp.",
            [],
            id="a zone behind a file of no folder",
        ),
    ],
)
def test_a_corefile_has_its_reason(corefile, qname, expected):
    assert reasons(qname, corefile=corefile) == expected


def test_a_slice_by_hand_is_nothing_to_a_coredns_that_reads_endpoints():
    objects = [service("shop", "db", **HEADLESS), endpoints("shop", "db", True)]
    question, server = (
        Question(f"db.shop.{ZONE}", "A"),
        ClusterDNS(corefile=parse_corefile(STOCK), version=(1, 8, 0)),
    )

    def tell(read):
        return select(read, [*namespaces(["shop"]), *objects])

    served = answered(serve(question, server), tell)
    found = answered(find_causes(question, served, server), tell)
    assert [each.reason.value for each in found] == ["EndpointSliceNotRead"]
    assert served.rule == (
        "Service shop/db has no Endpoints, and CoreDNS before 1.8.1 reads no EndpointSlice"
    )
    newer = replace(server, version=(1, 8, 1))
    assert [each.data for each in answered(serve(question, newer), tell).answered] != []
    label = {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}
    objects[1]["metadata"]["labels"] |= label
    assert [each.data for each in answered(serve(question, server), tell).answered] != []


def test_the_message_names_object_and_fix():
    (found,) = causes(f"db.shop.{ZONE}", objects=[service("shop", "db")])
    assert found.message == (
        "DNS is right, but Service shop/db has no ready endpoints: connections to its cluster IP fail"
    )
    assert found.fix.startswith("See `kubectl get endpointslices -n shop -l ")
    assert found.evidence[0].object == "shop/db"


def test_objects_that_may_not_be_read_make_no_findings():
    def refuse(need):
        return CouldNotLook(what=type(need).__name__, why="forbidden")

    assert reasons(f"db.shop.{ZONE}", tell=refuse) == []


CUSTOM = {
    "/etc/coredns/custom/a.server": "a.example {\n forward . 192.0.2.1\n}\n",
    "/etc/coredns/custom/b.conf": "b.example:53 {\n forward . 192.0.2.1\n}\n",
    "/etc/coredns/custom/names": "192.0.2.9 c.corp\n",
    "/etc/coredns/NodeHosts": "192.0.2.9 node-1\n",
}
IMPORTS = (
    STOCK.replace(
        "    forward", "    hosts /etc/coredns/custom/names {\n fallthrough\n}\n    forward"
    )
    + "import custom/*.server\n"
)


def importing(files=CUSTOM, text=IMPORTS):
    return ClusterDNS(
        corefile=parse_corefile(text, files=files),
        object="kube-system/coredns",
        files=files,
        file_sources=dict.fromkeys(files, "kube-system/coredns-custom"),
    )


@pytest.mark.parametrize(
    ("server", "fields"),
    [
        pytest.param(importing(), ["data[b.conf]"], id="a key with another ending"),
        pytest.param(importing(text=STOCK), [], id="a Corefile that imports nothing"),
        pytest.param(importing(text="import /etc/coredns/custom/*\n"), [], id="one that takes all"),
    ],
)
def test_keys_that_no_import_takes_are_named(server, fields):
    assert [each.evidence[0].field for each in find_custom_keys(server)] == fields


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("db.b.example.", ["CustomKeyNotImported"], id="the key has the zone"),
        pytest.param("B.example.", ["CustomKeyNotImported"], id="the zone itself"),
        pytest.param("db.a.example.", [], id="a zone that is imported"),
        pytest.param("db.other.example.", [], id="a name that no key has"),
        pytest.param("c.corp.", [], id="a key that a plugin reads"),
    ],
)
def test_a_key_that_is_not_imported_explains_the_names_in_it(name, expected):
    server = importing()
    question = Question(name, "A")

    def tell(read):
        return Reply(rcode=Rcode.NXDOMAIN) if isinstance(read, UpstreamAsk) else select(read, [])

    served = answered(serve(question, server), tell)
    found = answered(find_causes(question, served, server), tell)
    assert [each.reason.value for each in found] == expected


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        pytest.param(("a.svc.corp.local", "svc.corp.local", "corp.local"), 1, id="another domain"),
        pytest.param(("a.svc.cluster.local", "svc.cluster.local"), 0, id="the same"),
        pytest.param(("corp.example",), 0, id="no cluster domain at all"),
    ],
)
def test_the_searched_domain_and_the_zone_are_compared(search, expected):
    server = ClusterDNS(corefile=parse_corefile(STOCK))
    assert len(find_domain_mismatch(search, server)) == expected


def test_istio_gives_itself_away_by_its_addresses():
    assert len(find_istio(["10.0.0.1", "240.240.3.4"])) == 1
    assert find_istio(["10.0.0.1", "2001:db8::1"]) == ()


def below_a_node_local_cache(rules):
    """What is said of an outside name where the cache on the node sends it out by itself."""
    cluster = parse_corefile(
        f".:53 {{\n{rules} kubernetes cluster.local\n forward . 192.0.2.1\n}}\n"
    )
    cache = parse_corefile("cluster.local:53 {\n forward . 10.96.0.10\n}\n.:53 {\n forward . 192.0.2.2\n}\n")  # fmt: skip
    behind = ClusterDNS(corefile=cluster, object="kube-system/coredns", version=(1, 12, 1))
    server = ClusterDNS(
        corefile=cache,
        object="kube-system/node-local-dns",
        version=(1, 12, 1),
        behind=behind,
        behind_addresses=("10.96.0.10",),
    )

    def tell(need):
        if isinstance(need, UpstreamAsk):
            return OUTSIDE[("db.corp.example.", "A")]
        return select(need, namespaces(["shop"]))

    question = Question("db.corp.example.", "A")
    served = answered(serve(question, server), tell)
    found = answered(find_causes(question, served, server), tell)
    return [each.reason.value for each in found]


def test_what_a_node_local_cache_passes_by():
    entry = " hosts {\n 192.0.2.9 db.corp.example\n fallthrough\n}\n"
    assert below_a_node_local_cache(entry) == ["NodeLocalSkipsCoreDNS"]
    assert below_a_node_local_cache("") == []


def test_kube_dns_looks_an_external_name_up_past_its_stub_domains():
    objects = [service("shop", "db", type="ExternalName", externalName="db.corp.example")]
    asked = (f"db.shop.{ZONE}", "A", objects)
    assert "ExternalNameSkipsStubDomains" in reasons(*asked, provider="kube-dns")
    assert "ExternalNameSkipsStubDomains" not in reasons(*asked)
