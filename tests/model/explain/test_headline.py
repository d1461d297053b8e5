"""The first line, whole, for each kind of source and each way not to find a name."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.dns import (
    NOBODY_ASKED_OUTSIDE,
    NoReply,
    Rcode,
    Reply,
    UnknownReply,
)
from kubectl_hosts.model.explanation import Agreement, Observed
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.resolver.outcome import Outcome
from tests.model.explain.paper_cluster import (
    COREFILE,
    RESOLV_CONF,
    Paper,
    external,
    headless,
    pod_object,
    service,
    slices,
)

REDIS = (service("shop", "redis"), slices("shop", "redis", ("10.1.0.9", True, "")))
DB = (
    headless("shop", "db"),
    slices("shop", "db", ("10.1.0.1", True, "db-0"), ("10.1.0.2", True, "db-1")),
)
HARBOR = COREFILE.replace(
    "    errors\n",
    "    errors\n    hosts {\n        192.0.2.9 harbor.example.org\n    fallthrough\n    }\n",
)
BUSYBOX = pod_object("busybox-1", hostname="busybox-1", subdomain="aaa")
HEADER = "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n"
POD = "in pod shop/cart-7d"
BELOW_ALIAS = (
    external("shop", "nginx", "one.nginx.svc.cluster.local"),
    service("nginx", "one", "10.96.0.81"),
    service("nginx", "two", "10.96.0.82"),
    {"kind": "Namespace", "metadata": {"name": "nginx"}},
)
FOUND = [
    pytest.param(
        Paper(BELOW_ALIAS, version=(1, 9, 3)),
        "two.nginx",
        f"two.nginx resolves to 10.96.0.81 {POD} because ExternalName Service shop/nginx is an "
        "alias of one.nginx.svc.cluster.local (asked as two.nginx.shop.svc.cluster.local); CoreDNS "
        "before 1.10.1 answers below an ExternalName; two.nginx.svc.cluster.local exists too",
        id="a name below an ExternalName that an older CoreDNS answers",
    ),
    pytest.param(
        Paper((external("shop", "org", "db.example.org"),), version=(1, 10, 1)),
        "www.example.org",
        f"www.example.org resolves to 192.0.2.81 {POD} because ExternalName Service shop/org is an "
        "alias of db.example.org (asked as www.example.org.shop.svc.cluster.local); CoreDNS before "
        "1.11.0 answers below an ExternalName; www.example.org itself was not asked",
        id="a name of the outside, two labels below an ExternalName",
    ),
    pytest.param(
        Paper((external("shop", "org", "db.example.org"),), version=(1, 11, 0)),
        "www.example.org",
        f"www.example.org does not resolve {POD}: upstream DNS (192.0.2.53) says www.example.org: "
        "no such name",
        id="and that a newer one asks outside",
    ),
    pytest.param(
        Paper(BELOW_ALIAS),
        "two.nginx",
        f"two.nginx resolves to 10.96.0.82 {POD} because that is the cluster IP of Service "
        "nginx/two (asked as two.nginx.svc.cluster.local)",
        id="and that a newer one does not",
    ),
    pytest.param(
        Paper(REDIS, pod=pod_object(aliases=[("10.1.2.3", "redis")])),
        "redis",
        f"redis resolves to 10.1.2.3 {POD} because hostAliases[0] shadows Service shop/redis "
        "(10.96.0.77)",
        id="a hostAlias that shadows a Service",
    ),
    pytest.param(
        Paper(REDIS, pod=pod_object(aliases=[("10.96.0.77", "redis")])),
        "redis",
        f"redis resolves to 10.96.0.77 {POD} because hostAliases[0] says so (line 11 of its hosts "
        "file), as Service shop/redis (10.96.0.77) does now",
        id="a hostAlias that pins what DNS says",
    ),
    pytest.param(
        Paper(pod=pod_object(aliases=[("10.1.2.3", "foo.local", "bar.local")])),
        "bar.local",
        f"bar.local resolves to 10.1.2.3 {POD} because hostAliases[0] says so (line 11 of its "
        "hosts file)",
        id="a hostAlias that DNS knows nothing of",
    ),
    pytest.param(
        Paper(),
        "cart-7d",
        f"cart-7d resolves to 10.1.0.7 {POD} because the kubelet writes the pod's own name into "
        "line 8 of its hosts file; cluster DNS has no such name",
        id="the pod's own name",
    ),
    pytest.param(
        Paper(pod=BUSYBOX),
        "busybox-1.aaa.shop.svc.cluster.local",
        "busybox-1.aaa.shop.svc.cluster.local resolves to 10.1.0.7 in pod shop/busybox-1 because "
        "the kubelet writes the pod's own name into line 8 of its hosts file; cluster DNS has no "
        "such name",
        id="the pod's own FQDN without a Service of the subdomain",
    ),
    pytest.param(
        Paper(),
        "localhost",
        f"localhost resolves to 127.0.0.1 {POD} because the kubelet writes it into line 2 of its "
        "hosts file",
        id="localhost",
    ),
    pytest.param(
        Paper(REDIS, hosts=HEADER + "10.9.9.9\tredis\n"),
        "redis",
        f"redis resolves to 10.9.9.9 {POD} because line 3 of its hosts file says so, which is not "
        "in the pod's spec; it shadows Service shop/redis (10.96.0.77)",
        id="a line that nobody declared",
    ),
    pytest.param(
        Paper(pod=pod_object(hostNetwork=True, dnsPolicy="ClusterFirstWithHostNet")),
        "node-1",
        f"node-1 resolves to 192.0.2.1 {POD} because line 3 of its hosts file is a copy of node "
        "node-1's /etc/hosts",
        id="an entry of the node",
    ),
    pytest.param(
        Paper(REDIS),
        "redis",
        f"redis resolves to 10.96.0.77 {POD} because that is the cluster IP of Service shop/redis "
        "(asked as redis.shop.svc.cluster.local)",
        id="a Service by its short name",
    ),
    pytest.param(
        Paper(REDIS),
        "redis.shop.svc.cluster.local.",
        f"redis.shop.svc.cluster.local. resolves to 10.96.0.77 {POD} because that is the cluster "
        "IP of Service shop/redis",
        id="a Service by its absolute name",
    ),
    pytest.param(
        Paper(DB),
        "db",
        f"db resolves to 10.1.0.1 and 10.1.0.2 {POD} because headless Service shop/db answers "
        "with its endpoints (asked as db.shop.svc.cluster.local)",
        id="a headless Service",
    ),
    pytest.param(
        Paper(DB),
        "db-0.db",
        f"db-0.db resolves to 10.1.0.1 {POD} because db-0 is an endpoint in slice shop/db-x "
        "(asked as db-0.db.shop.svc.cluster.local)",
        id="an endpoint by its hostname",
    ),
    pytest.param(
        Paper((external("shop", "mysql", "db.example.org"),)),
        "mysql",
        f"mysql resolves to 192.0.2.81 {POD} because ExternalName Service shop/mysql is an alias "
        "of db.example.org (asked as mysql.shop.svc.cluster.local)",
        id="an ExternalName to an outside name",
    ),
    pytest.param(
        Paper((pod_object(),)),
        "10-1-0-7.shop.pod",
        f"10-1-0-7.shop.pod resolves to 10.1.0.7 {POD} because of its pod record: `pods insecure` "
        "gives the address in the name back: no proof that a pod has it (asked as "
        "10-1-0-7.shop.pod.cluster.local)",
        id="a dashed pod name",
    ),
    pytest.param(
        Paper(corefile=HARBOR),
        "harbor.example.org",
        f"harbor.example.org resolves to 192.0.2.9 {POD} because the hosts block of the Corefile "
        "(kube-system/coredns, line 4) gives it",
        id="an entry of the Corefile's hosts block",
    ),
    pytest.param(
        Paper(),
        "example.org",
        f"example.org resolves to 192.0.2.80 {POD} because upstream DNS (192.0.2.53) has it",
        id="an outside name",
    ),
    pytest.param(
        Paper(
            resolv_conf=RESOLV_CONF.replace("cluster.local\n", "cluster.local corp.example\n", 1),
            upstream={"api.corp.example.": "192.0.2.7"},
        ),
        "api",
        f"api resolves to 192.0.2.7 {POD} because upstream DNS (192.0.2.53) has it (asked as "
        "api.corp.example)",
        id="an outside name by way of the search list",
    ),
    pytest.param(
        Paper(
            corefile="corp.example:53 {\n forward . 192.0.2.99\n}\n" + COREFILE,
            upstream={"git.corp.example.": "192.0.2.8"},
        ),
        "git.corp.example",
        f"git.corp.example resolves to 192.0.2.8 {POD} because the stub domain's server "
        "(192.0.2.99) has it",
        id="a stub domain",
    ),
    pytest.param(
        Paper(),
        "10.0.0.1",
        f"10.0.0.1 resolves to 10.0.0.1 {POD} because it is an address: nothing is asked",
        id="a literal",
    ),
]
NOT_FOUND = [
    pytest.param(
        Paper((service("bank", "api"),)),
        "api",
        f"api does not resolve {POD}: no Service api in namespace shop, but one in bank",
        id="the Service is in another namespace",
    ),
    pytest.param(
        Paper(REDIS, resolv_conf=RESOLV_CONF.replace("cluster.local", "prod.example")),
        "redis",
        f"redis does not resolve {POD}: redis.shop.svc.cluster.local exists and was not asked: the "
        "search list has no shop.svc.cluster.local",
        id="the pod searches another cluster domain than the one that is served",
    ),
    pytest.param(
        Paper(),
        "nope",
        f"nope does not resolve {POD}: no Service nope in namespace shop",
        id="nothing has the name",
    ),
    pytest.param(
        Paper(),
        "redis.bnak",
        f"redis.bnak does not resolve {POD}: upstream DNS (192.0.2.53) says redis.bnak: no such "
        "name; there is no namespace bnak",
        id="no such namespace",
    ),
    pytest.param(
        Paper(),
        "www.misspelt.com",
        f"www.misspelt.com does not resolve {POD}: upstream DNS (192.0.2.53) says www.misspelt.com: "
        "no such name",
        id="an outside name that does not exist",
    ),
    pytest.param(
        Paper((BUSYBOX,)),
        "busybox-1.aaa.shop.svc.cluster.local",
        f"busybox-1.aaa.shop.svc.cluster.local does not resolve {POD}: pod busybox-1 has the "
        "subdomain aaa, and there is no Service shop/aaa",
        id="another pod's FQDN without a Service of the subdomain",
    ),
    pytest.param(
        Paper((service("foo", "x"),), libc="musl 1.2.3"),
        "foo",
        f"foo does not resolve {POD}: musl stops at an empty answer (foo.svc.cluster.local: the "
        "name exists, without a record of this type)",
        id="the rule of a C library that ends the search",
    ),
    pytest.param(
        Paper(
            libc="musl 1.2.3",
            resolv_conf=RESOLV_CONF.replace("search ", "search fails.test "),
            upstream={"www.fails.test.": Reply(rcode=Rcode.SERVFAIL)},
        ),
        "www",
        f"www fails to resolve {POD}: musl stops at a SERVFAIL (www.fails.test: SERVFAIL)",
        id="a server outside that fails for what the search list makes",
    ),
    pytest.param(
        Paper(upstream={"example.org.": Reply(rcode=Rcode.SERVFAIL)}),
        "example.org.",
        f"example.org. fails to resolve {POD}: upstream DNS (192.0.2.53) says example.org: "
        "SERVFAIL",
        id="a server that fails",
    ),
    pytest.param(
        Paper(
            REDIS,
            corefile=COREFILE.replace(
                "    errors\n",
                "    errors\n    rewrite name regex redis\\.corp redis.shop.svc.cluster.local\n",
            ),
        ),
        "redis.corp",
        f"redis.corp does not resolve {POD}: `rewrite` (Corefile line 3) leaves "
        "redis.shop.svc.cluster.local in the answer, which glibc does not take for the name that "
        "it asked",
        id="an answer under another name",
    ),
    *(
        pytest.param(
            Paper(
                corefile=COREFILE.replace(
                    "    errors\n",
                    "    errors\n    hosts {\n        192.0.2.20 edge\n        fallthrough\n    }\n"
                    f"    rewrite name regex .*\\.edge\\.test edge{rule}\n",
                )
            ),
            "www.edge.test",
            f"www.edge.test {said}",
            id=id_,
        )
        for rule, said, id_ in (
            (
                "",
                (
                    f"does not resolve {POD}: `rewrite` (Corefile line 7) leaves edge in the "
                    "answer, which glibc does not take for the name that it asked"
                ),
                "an entry of hosts under another name",
            ),
            (
                " answer auto",
                (
                    f"resolves to 192.0.2.20 {POD} because the hosts block of the Corefile "
                    "(kube-system/coredns, line 4) gives it (asked as "
                    "www.edge.test.shop.svc.cluster.local)"
                ),
                "an entry of hosts under the name that was asked",
            ),
        )
    ),
    pytest.param(
        Paper(),
        "a" * 300,
        f"{'a' * 300} does not resolve {POD}: a label has at most 63 characters, and this one has "
        "300",
        id="a name that cannot be sent",
    ),
]


@pytest.mark.parametrize(("paper", "name", "line"), FOUND + NOT_FOUND)
def test_the_first_line_answers_the_question(paper, name, line):
    explanation = paper.explain(name)
    assert explanation.headline == line
    assert explanation.verdict is Agreement.AGREE


def test_a_prediction_alone_is_said_as_one():
    explanation = Paper(REDIS).explain("redis.shop.svc.cluster.local.", observed=False)
    assert explanation.headline == (
        f"redis.shop.svc.cluster.local. should resolve to 10.96.0.77 {POD} because that is the "
        "cluster IP of Service shop/redis"
    )
    assert explanation.verdict is Agreement.PREDICTED_ONLY


def test_a_disagreement_names_both_sides():
    explanation = Paper(REDIS).explain("redis.shop.svc.cluster.local.", observed=("10.9.9.9",))
    assert explanation.headline == (
        f"redis.shop.svc.cluster.local. resolves to 10.9.9.9 {POD}, where 10.96.0.77 is expected "
        "because that is the cluster IP of Service shop/redis"
    )


def test_what_nobody_knows_is_said_by_name():
    paper = Paper(upstream={"example.org.": UnknownReply("what 192.0.2.53 answers (not asked)")})
    assert paper.explain("example.org.", observed=False).headline == (
        f"what example.org. resolves to {POD} is not known: what 192.0.2.53 answers (not asked)"
    )
    assert paper.explain("example.org.", observed=("192.0.2.80",)).headline == (
        f"example.org. resolves to 192.0.2.80 {POD}; why is not known: what 192.0.2.53 answers "
        "(not asked)"
    )


@pytest.mark.parametrize(
    ("file", "line"),
    [
        pytest.param(
            "/etc/own/hosts",
            "what api resolves to in pod shop/cart-7d is not known: /etc/own/hosts of the DNS "
            "server's pod (hosts, line 3); no Service api in namespace shop, but one in bank",
            id="a hosts file of the DNS server",
        ),
        pytest.param(
            "",
            "api should not resolve in pod shop/cart-7d unless DNS outside the cluster has it: no "
            "Service api in namespace shop, but one in bank",
            id="servers outside",
        ),
    ],
)
def test_who_else_may_have_the_name_is_who_was_not_asked(file, line):
    hosts = f"    errors\n    hosts {file} {{\n        fallthrough\n    }}\n"
    corefile = COREFILE.replace("    errors\n", hosts if file else "    errors\n")
    nobody = {"api.": UnknownReply(f"{NOBODY_ASKED_OUTSIDE}api")}
    paper = Paper((service("bank", "api"),), corefile=corefile, upstream=nobody)
    assert paper.explain("api", observed=False).headline == line


@pytest.mark.parametrize(
    ("more", "field"),
    [
        pytest.param({}, "status.loadBalancer.ingress", id="a load balancer's"),
        pytest.param({"externalIPs": ["192.0.2.7"]}, "spec.externalIPs", id="the Service's own"),
    ],
)
def test_an_external_ip_is_told_where_it_stands(more, field):
    edge = {
        **service("shop", "edge", **more),
        "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}},
    }
    corefile = COREFILE.replace("    cache", "    k8s_external out.test\n    cache")
    explanation = Paper((edge,), corefile=corefile).explain("edge.shop.out.test.")
    assert explanation.headline == (
        f"edge.shop.out.test. resolves to 192.0.2.7 {POD} because that is an external IP of "
        "Service shop/edge"
    )
    assert explanation.predicted.origin.field == field


MULTICLUSTER = "api.shop.svc.set.example"


@pytest.mark.parametrize(
    ("corefile", "line"),
    [
        pytest.param(
            f"{COREFILE}set.example:53 {{\n    forward . 10.96.0.99\n}}\n",
            f"what {MULTICLUSTER} resolves to {POD} is not known: what Service dns/other "
            f"(10.96.0.99) says to {MULTICLUSTER}",
            id="a block leads to another DNS of the cluster",
        ),
        pytest.param(
            COREFILE.replace("kubernetes", "kubernets"),
            f"what {MULTICLUSTER} resolves to {POD} is not known: CoreDNS refuses line 3 of "
            "kube-system/coredns (Unknown directive 'kubernets'), and serves what it loaded "
            "before",
            id="nobody knows what CoreDNS serves",
        ),
        pytest.param(
            COREFILE,
            f"{MULTICLUSTER} should not resolve {POD} unless DNS outside the cluster has it: "
            "set.example is not this cluster's domain, which is cluster.local",
            id="no block has that domain",
        ),
    ],
)
def test_a_domain_is_foreign_where_the_corefile_is_known_and_has_none_such(corefile, line):
    nobody = {f"{MULTICLUSTER}.": UnknownReply(f"{NOBODY_ASKED_OUTSIDE}{MULTICLUSTER}")}
    there = (service("shop", "api"), service("dns", "other", "10.96.0.99"))
    paper = Paper(there, corefile=corefile, upstream=nobody)
    assert paper.explain(MULTICLUSTER, observed=False).headline == line


def test_a_name_below_an_alias_of_the_outside_is_told_though_nobody_asked_there():
    nobody = {"db.example.com.": UnknownReply(f"{NOBODY_ASKED_OUTSIDE}db.example.com")}
    alias = (external("shop", "org", "db.example.com"),)
    old = Paper(alias, version=(1, 10, 1), upstream=nobody)
    assert old.explain("www.example.org", observed=False).headline == (
        "what www.example.org resolves to in pod shop/cart-7d is not known: CoreDNS before 1.11.0 "
        "answers below an ExternalName; www.example.org itself was not asked"
    )
    assert old.explain("org", observed=False).headline == (
        "what org resolves to in pod shop/cart-7d is not known: nobody asked DNS outside the "
        "cluster for db.example.com"
    )


def test_other_records_are_told_as_they_stand():
    assert Paper(REDIS).explain("_tcp._tcp.redis.shop.svc.cluster.local.", "SRV").headline == (
        "_tcp._tcp.redis.shop.svc.cluster.local. (SRV) resolves to 0 100 80 "
        f"redis.shop.svc.cluster.local {POD} because Service shop/redis has such a record"
    )
    assert Paper(DB).explain("1.0.1.10.in-addr.arpa.", "PTR").headline == (
        "1.0.1.10.in-addr.arpa. (PTR) resolves to db-0.db.shop.svc.cluster.local "
        f"{POD} because 10.1.0.1 is an endpoint in slice shop/db-x"
    )


def test_a_nameserver_that_nobody_but_the_node_reaches_is_why():
    paper = Paper(
        resolv_conf="nameserver 127.0.0.1\n",
        upstream={"www.example.org.": UnknownReply("what 127.0.0.1 says")},
    )
    lost = Observed(outcome=Outcome.NXDOMAIN, by="getent ahosts")
    assert paper.explain("www.example.org.", observed=lost).headline == (
        f"www.example.org. does not resolve {POD}: the nameserver 127.0.0.1 is the pod itself: the "
        "node's resolv.conf names a stub that only the node can reach"
    )


@pytest.mark.parametrize(
    ("name", "addresses", "lacks"),
    [
        ("redis", None, "selects no pod"),
        ("rediss", None, "selects no pod"),
        ("redis", ("10.244.0.2",), "has no ready pod"),
    ],
)
def test_a_dns_service_without_pods_is_why(name, addresses, lacks):
    """Whether the objects have the name or not."""
    lost = Observed(outcome=Outcome.NXDOMAIN, by="getent ahosts")
    found = Paper(REDIS, is_down=True, dns_addresses=addresses).explain(name, observed=lost)
    assert found.headline == (
        f"{name} does not resolve {POD}: Service kube-system/kube-dns {lacks}, so that nothing "
        "answers DNS"
    )
    assert found.fixes == ()


def test_a_dns_service_without_pods_is_left_alone_where_nobody_looked():
    found = Paper(REDIS, is_down=True).explain("redis")
    assert found.headline.startswith("redis resolves to ")


@pytest.mark.parametrize(
    ("corefile", "ended"),
    [
        pytest.param(COREFILE, "", id="what ended it is not known"),
        pytest.param(
            COREFILE.replace("forward . 192.0.2.53", "forward . 127.0.0.1\n    loop"),
            ": `loop` ends CoreDNS, since `forward` (line 8) leads back to it",
            id="its own plugin ended it",
        ),
        pytest.param(
            COREFILE.replace("forward . 192.0.2.53", "forward . 127.0.0.1"),
            "",
            id="without the plugin it goes round in circles",
        ),
        pytest.param(
            COREFILE.replace("ttl 30", "except a.test"),
            ": CoreDNS refuses line 6 of kube-system/coredns (plugin/kubernetes: unknown "
            "property 'except')",
            id="it refuses its Corefile",
        ),
    ],
)
def test_a_cluster_dns_that_is_not_ready_answers_nobody(corefile, ended):
    paper = Paper(REDIS, is_down=True, dns_addresses=("10.244.0.2",), corefile=corefile)
    assert paper.explain("redis", observed=False).headline == (
        f"redis should get no answer {POD}: Service kube-system/kube-dns has no ready pod, so that "
        f"nothing answers DNS{ended}"
    )


@pytest.mark.parametrize(
    ("name", "rules", "first"),
    [
        pytest.param(
            "redis",
            [],
            f"redis should get no answer {POD} where NetworkPolicies are enforced: shop/strict "
            "allows no egress to DNS",
            id="a policy that lets no question out",
        ),
        pytest.param(
            "redis",
            [{"ports": [{"port": 53, "protocol": "UDP"}]}],
            f"redis should resolve to 10.96.0.77 {POD} because that is the cluster IP of Service "
            "shop/redis (asked as redis.shop.svc.cluster.local)",
            id="one that lets it out",
        ),
        pytest.param(
            "redis",
            [{"to": [{"namespaceSelector": {"matchLabels": {"name": "kube-system"}}}]}],
            f"redis should resolve to 10.96.0.77 {POD} because that is the cluster IP of Service "
            "shop/redis (asked as redis.shop.svc.cluster.local); NetworkPolicy shop/strict may "
            "keep it from DNS",
            id="one by a label that nobody read",
        ),
        pytest.param(
            "redis",
            [
                {"to": [{"namespaceSelector": {"matchLabels": {"name": "kube-system"}}}]},
                {"to": [{"namespaceSelector": {}}]},
            ],
            f"redis should resolve to 10.96.0.77 {POD} because that is the cluster IP of Service "
            "shop/redis (asked as redis.shop.svc.cluster.local)",
            id="left alone: another rule lets it out",
        ),
        pytest.param(
            "localhost",
            [],
            f"localhost should resolve to 127.0.0.1 {POD} because the kubelet writes it into line "
            "2 of its hosts file",
            id="no question is asked",
        ),
    ],
)
def test_what_a_policy_keeps_from_dns_gets_no_answer(name, rules, first):
    strict = {
        "metadata": {"namespace": "shop", "name": "strict"},
        "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": rules},
    }
    paper = Paper(REDIS, policies=(strict,))
    dns = parse_pod(pod_object("coredns-1", namespace="kube-system", ip="10.1.0.2"))
    assert paper.explain(name, observed=False, dns_pods=(dns,)).headline == first


def test_silence_is_not_absence():
    paper = Paper(REDIS, asked={("redis.shop.svc.cluster.local.", "A"): NoReply()})
    found = paper.explain("redis.shop.svc.cluster.local.", observed=())
    assert "NameserverSilent" in [each.reason.value for each in found.findings]
