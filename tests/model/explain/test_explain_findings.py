"""The questions of plugin-conventions.md section 8 where files and objects can tell: each a finding."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from kubectl_hosts.model.dns import NoReply, Question, Rcode, Record, Reply
from kubectl_hosts.model.explain.case import Exchange, answer_from, conclude
from kubectl_hosts.model.explain.explain import explain
from kubectl_hosts.model.explain.fixes import Proved
from kubectl_hosts.model.explain.missing import NotClusterDNS
from kubectl_hosts.model.explain.why import let_dns_through, why_no_nameserver
from kubectl_hosts.model.explanation import FixKind, Observed
from kubectl_hosts.model.findings import Reason, Severity
from kubectl_hosts.model.objects import Namespace
from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.reads import answered
from kubectl_hosts.model.resolver.lookup import look_up_by
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.model.resolver.resolv_conf import GLIBC, parse_resolv_conf
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
HEADER = "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n"
NODE_RESOLV_CONF = "search corp.example\nnameserver 192.0.2.2\n"
CORP = RESOLV_CONF.replace("cluster.local\n", "cluster.local corp.example\n", 1)
HOSTS_BLOCK = COREFILE.replace(
    "    errors\n", "    errors\n    hosts {\n        192.0.2.9 harbor.corp\n    }\n"
)
WILDCARD = {"example.org.": "192.0.2.80", "example.org.corp.example.": "192.0.2.66"}
BUSYBOX = pod_object("busybox-1", ip="10.1.0.8", hostname="busybox-1", subdomain="aaa")
NO_EGRESS = {
    "kind": "NetworkPolicy",
    "metadata": {"namespace": "shop", "name": "deny"},
    "spec": {"podSelector": {}, "policyTypes": ["Egress"]},
}
SILENT = {
    (f"{name}", qtype): NoReply()
    for name in ("redis.shop.svc.cluster.local.", "redis.svc.cluster.local.")
    for qtype in ("A", "AAAA")
}
ISTIO = Observed(outcome=Outcome.FOUND, by="getent ahosts", addresses=("240.240.0.1",))
SLOW = Observed(outcome=Outcome.FOUND, by="getent ahosts", addresses=("10.96.0.77",), seconds=5.01)
STALE = Reply(answer=(Record(name="redis.", type="A", data="10.96.0.5"),))


def reasons(explanation):
    return [each.reason.value for each in explanation.findings]


QUESTIONS = [
    pytest.param(
        lambda: Paper((service("bank", "api"),)).explain("api"),
        "ServiceInOtherNamespace",
        id="1 a Service of another namespace",
    ),
    pytest.param(
        lambda: Paper(REDIS).explain("redis.shop"),
        "LookupCommandDiffers",
        id="2 nslookup and the program differ",
    ),
    pytest.param(
        lambda: Paper(resolv_conf=CORP, upstream=WILDCARD).explain("example.org"),
        "CapturedBySearchDomain",
        id="3 a wildcard below a search domain",
    ),
    pytest.param(
        lambda: Paper(
            resolv_conf=CORP, upstream={"db.corp.example.": Reply(rcode=Rcode.REFUSED)}
        ).explain("db"),
        "SearchListAbandoned",
        id="4 a candidate ends the list",
    ),
    pytest.param(
        lambda: Paper((service("foo", "x"),), libc="musl 1.2.3").explain("foo"),
        "MuslStoppedAtEmptyAnswer",
        id="5 Alpine fails, Debian works",
    ),
    pytest.param(
        lambda: Paper(hosts=HEADER + "10.9.9.9\tredis\n").explain("redis"),
        "NameFromForeignLine",
        id="6 an edit that the next start takes away",
    ),
    pytest.param(
        lambda: Paper(pod=pod_object(aliases=[("10.1.2.3", "db")]), hosts=HEADER).explain("db"),
        "HostAliasNotInFile",
        id="7 a hostAlias that is not in the file",
    ),
    pytest.param(
        lambda: Paper(
            REDIS,
            pod=pod_object(aliases=[("10.1.2.3", "redis")]),
            files={"/etc/nsswitch.conf": "hosts: dns files\n"},
        ).explain("redis"),
        "FilesNotFirst",
        id="8 which wins, hosts or DNS",
    ),
    pytest.param(
        lambda: Paper(
            REDIS, pod=pod_object(hostNetwork=True), resolv_conf=NODE_RESOLV_CONF
        ).explain("redis"),
        "HostNetworkNodeDNS",
        id="9 hostNetwork with ClusterFirst",
    ),
    pytest.param(
        lambda: Paper(pod=pod_object(hostNetwork=True, aliases=[("10.1.2.3", "node-1")])).explain(
            "node-1"
        ),
        "NodeEntryBeforeHostAlias",
        id="10 the node's entries beat the alias",
    ),
    pytest.param(
        lambda: Paper((external("shop", "mysql", "db.example.org"),)).explain("mysql"),
        "ExternalNameHost",
        id="11 ExternalName: Host and TLS name",
    ),
    pytest.param(
        lambda: Paper((service("org", "example"),)).explain("example.org"),
        "CapturedByEarlierName",
        id="12 a namespace hijacks a name of the internet",
    ),
    pytest.param(
        lambda: Paper(
            (headless("shop", "db"), slices("shop", "db", ("10.1.0.1", False, "db-0")))
        ).explain("db"),
        "NoReadyEndpoints",
        id="13 headless, until ready",
    ),
    pytest.param(
        lambda: Paper((BUSYBOX,)).explain("busybox-1.aaa"),
        "SubdomainWithoutService",
        id="14 a subdomain without a Service",
    ),
    pytest.param(
        lambda: Paper((pod_object("web-1"),)).explain("web-1"),
        "PodNameNotInDNS",
        id="14 a Deployment's pod name",
    ),
    pytest.param(
        lambda: Paper(
            (
                headless("shop", "db", selector={"app": "db"}),
                pod_object("db-0", hostname="db-0", subdomain="db"),
            )
        ).explain("db-0.db"),
        "EndpointMissing",
        id="C36 the Service does not select the pod",
    ),
    pytest.param(
        lambda: Paper().explain("db.nowhere.svc.cluster.local"),
        "NamespaceNotFound",
        id="there is no such namespace",
    ),
    pytest.param(
        lambda: Paper(
            (service("bank", "api"),), corefile=COREFILE.replace("pods insecure", "namespaces shop")
        ).explain("api.bank"),
        "NamespaceNotExposed",
        id="C44 the Corefile leaves the namespace out",
    ),
    pytest.param(
        lambda: Paper(corefile=HOSTS_BLOCK).explain("example.org."),
        "HostsWithoutFallthrough",
        id="15 hosts without fallthrough",
    ),
    pytest.param(
        lambda: Paper().explain("example.org"), "SearchListWasted", id="16 names asked in vain"
    ),
    pytest.param(
        lambda: Paper(REDIS).explain("redis", observed=SLOW), "SlowAnswer", id="17 five seconds"
    ),
    pytest.param(
        lambda: Paper().explain("host.minikube.internal"),
        "NodeEntryNotInherited",
        id="19 a name of the node's file",
    ),
    pytest.param(
        lambda: Paper().explain("node-1"), "NodeEntryNotInherited", id="19 the node's own name"
    ),
    pytest.param(
        lambda: Paper(hosts="10.1.0.7\tcart-7d\n").explain("localhost"),
        "LocalhostNotInHosts",
        id="20 localhost goes to DNS",
    ),
    pytest.param(
        lambda: Paper(
            REDIS, resolv_conf=RESOLV_CONF.replace("10.96.0.10", "169.254.20.10")
        ).explain("redis"),
        "NodeLocalDNSCache",
        id="21 169.254.20.10",
    ),
    pytest.param(
        lambda: Paper().explain("example.org", observed=ISTIO), "AnsweredByIstio", id="22 Istio"
    ),
    pytest.param(
        lambda: Paper(
            REDIS,
            pod=pod_object(dnsConfig={"nameservers": ["192.0.2.4", "192.0.2.5", "192.0.2.6"]}),
            resolv_conf=RESOLV_CONF + "nameserver 192.0.2.4\nnameserver 192.0.2.5\n",
        ).explain("redis"),
        "DNSConfigCut",
        id="23 three nameservers at most",
    ),
    pytest.param(
        lambda: Paper(resolv_conf="nameserver 127.0.0.53\n").explain("example.org."),
        "LoopbackNameserver",
        id="24 the node's loopback stub",
    ),
    pytest.param(
        lambda: Paper(REDIS, asked=SILENT, policies=(NO_EGRESS,)).explain("redis", observed=()),
        "NameserverSilent",
        id="25 no reply at all",
    ),
    pytest.param(
        lambda: Paper().explain("REDIS_SERVICE_HOST"),
        "ServiceEnvironmentVariable",
        id="next ten: an environment variable",
    ),
    pytest.param(
        lambda: Paper().explain("db.shop.svc.clusterset.local"),
        "ClustersetNotServed",
        id="next ten: clusterset.local",
    ),
    pytest.param(
        lambda: Paper((service("shop", "db"),)).explain(
            "_pg._tcp.db.shop.svc.cluster.local.", "SRV"
        ),
        "PortNameUnknown",
        id="next ten: SRV of a port without that name",
    ),
    pytest.param(
        lambda: Paper(REDIS, pod=pod_object(aliases=[("10.1.2.3", "redis")])).explain("redis"),
        "HostsFileShadowsDNS",
        id="C01 a hostAlias shadows a Service",
    ),
    pytest.param(
        lambda: Paper(REDIS, asked={("redis.shop.svc.cluster.local.", "A"): STALE}).explain(
            "redis", observed=("10.96.0.5",)
        ),
        "ServerDiffers",
        id="9.3 the server says something else",
    ),
    pytest.param(
        lambda: Paper(REDIS).explain("redis", observed=("10.9.9.9",)),
        "PredictionDiffers",
        id="9.3 the program got something else",
    ),
    pytest.param(
        lambda: Paper().explain("metadata.google.internal"), "MetadataServer", id="9.4 metadata"
    ),
]


@pytest.mark.parametrize(("explained", "reason"), QUESTIONS)
def test_what_users_ask_is_a_finding(explained, reason):
    explanation = explained()
    assert reason in reasons(explanation)
    found = next(each for each in explanation.findings if each.reason.value == reason)
    assert found.message


LEFT_ALONE = [
    pytest.param(lambda: Paper(REDIS).explain("redis"), id="a Service by its short name"),
    pytest.param(
        lambda: Paper(REDIS).explain("redis.shop.svc.cluster.local."), id="an absolute name"
    ),
    pytest.param(lambda: Paper().explain("10.0.0.1"), id="an address"),
    pytest.param(
        lambda: Paper(REDIS).explain_address("10.96.0.77", services=REDIS[:1]), id="a reverse name"
    ),
    pytest.param(
        lambda: Paper(
            REDIS,
            asked={
                ("redis.shop.svc.cluster.local.", "A"): Reply(
                    answer=(Record(name="redis.", type="A", data="10.96.0.77"),)
                )
            },
        ).explain("redis"),
        id="a server that says what paper says",
    ),
]


@pytest.mark.parametrize("explained", LEFT_ALONE)
def test_a_name_that_is_as_it_should_be_has_no_findings(explained):
    assert reasons(explained()) == []


def test_question_18_an_older_answer_is_the_applications_own():
    assert (
        "API, cluster DNS and this pod agree: an application that has another address keeps an "
        "older answer itself"
    ) in Paper(REDIS).explain("redis").notes


def test_the_gravest_finding_stands_first_and_is_no_fix():
    """What was proved is a fix, and nothing else."""
    explanation = Paper((service("bank", "api"),)).explain("api")
    severities = [each.severity.value for each in explanation.findings]
    assert severities == sorted(severities, key=("error", "warning", "info").index)
    assert {explanation.fix, *(each.fix for each in explanation.findings)} == {""}


def test_a_finding_is_told_once():
    explanation = Paper((service("foo", "x"),), libc="musl 1.2.3").explain("foo")
    assert len(set(reasons(explanation))) == len(explanation.findings)


DNS_POD = replace(
    parse_pod(pod_object("coredns-1", namespace="kube-system", ip="10.1.0.2")),
    labels=(("k8s-app", "kube-dns"),),
)
UDP_53 = {"port": 53, "protocol": "UDP"}
OF_KUBE_SYSTEM = {
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
    "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
}


def policy(name="more", **rule):
    """A policy of all pods of the namespace with one egress rule."""
    spec = {"podSelector": {}, "policyTypes": ["Egress"], "egress": [rule]}
    return {
        "kind": "NetworkPolicy",
        "metadata": {"namespace": "shop", "name": name},
        "spec": spec,
    }


@pytest.mark.parametrize(
    ("rule", "port", "is_blamed"),
    [
        pytest.param({}, 53, False, id="all peers and ports"),
        pytest.param({"ports": [UDP_53]}, 53, False, id="port 53 of all"),
        pytest.param({"ports": [{"port": 53}]}, 53, True, id="TCP alone, as a port is by default"),
        pytest.param({"ports": [{"port": 80}]}, 53, True, id="another port"),
        pytest.param(
            {"ports": [{**UDP_53, "port": 1, "endPort": 99}]}, 53, False, id="a range of ports"
        ),
        pytest.param({"ports": [{**UDP_53, "port": "dns"}]}, 53, False, id="a name: not known"),
        pytest.param({"ports": [UDP_53]}, 5353, True, id="the Service's port, not the pods'"),
        pytest.param({"ports": [UDP_53], "to": [OF_KUBE_SYSTEM]}, 53, False, id="the DNS pods"),
        pytest.param(
            {"ports": [UDP_53], "to": [{"podSelector": {}}]},
            53,
            True,
            id="a podSelector alone is of the policy's own namespace",
        ),
        pytest.param(
            {"ports": [UDP_53], "to": [{"namespaceSelector": {}}]}, 53, False, id="all namespaces"
        ),
        pytest.param(
            {"to": [{"namespaceSelector": {"matchLabels": {"team": "infra"}}}]},
            53,
            False,
            id="labels of a namespace that nobody read",
        ),
        pytest.param(
            {"to": [{**OF_KUBE_SYSTEM, "podSelector": {"matchLabels": {"app": "dns"}}}]},
            53,
            True,
            id="other pods of the namespace",
        ),
        pytest.param(
            {"to": [{"podSelector": {"matchExpressions": [{"key": "a", "operator": "Exists"}]}}]},
            53,
            False,
            id="expressions are not looked at",
        ),
        pytest.param({"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}, 53, False, id="all addresses"),
        pytest.param(
            {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}]},
            53,
            True,
            id="all addresses but those of the pods",
        ),
    ],
)
def test_what_a_policy_allows_decides_whether_it_is_blamed(rule, port, is_blamed):
    paper = Paper(REDIS, asked=SILENT, policies=(NO_EGRESS, policy(**rule)))
    silent = paper.explain("redis", observed=(), dns_pods=(DNS_POD,), dns_port=port)
    assert ("NetworkPolicy shop/" in silent.headline) is is_blamed


@pytest.mark.parametrize(
    ("labels", "is_blamed"),
    [
        pytest.param({"team": "infra"}, False, id="a label that it has"),
        pytest.param({"team": "infra", "a": "b"}, True, id="one that it lacks, of two"),
        pytest.param({"team": "web"}, True, id="another value"),
        pytest.param({"kubernetes.io/metadata.name": "kube-system"}, False, id="its name"),
    ],
)
def test_the_labels_of_the_dns_namespace_that_was_read_decide(labels, is_blamed):
    rule = {"to": [{"namespaceSelector": {"matchLabels": labels}}]}
    paper = Paper(REDIS, asked=SILENT, policies=(NO_EGRESS, policy(**rule)))
    read = Namespace(name="kube-system", labels=(("team", "infra"),))
    silent = paper.explain("redis", observed=(), dns_pods=(DNS_POD,), dns_namespace=read)
    assert ("NetworkPolicy shop/" in silent.headline) is is_blamed


def test_a_policy_that_lets_dns_through_is_added_to_those_that_do_not():
    inputs = Paper(REDIS, asked=SILENT, policies=(NO_EGRESS,)).inputs(
        "redis", observed=(), dns_pods=(DNS_POD,)
    )
    case = conclude(inputs)

    def prove(changes, name):
        yield from ()
        found = "redis.shop.svc.cluster.local."
        return Proved(Outcome.FOUND, ("10.96.0.77",), found, f"{len(changes)} change, {name}")

    (fix,) = answered(let_dns_through(case, prove), lambda _read: None)
    assert (fix.kind, fix.sentence) == (
        FixKind.CREATE,
        "Allow the pods of namespace shop egress to DNS",
    )
    assert fix.then.addresses == ("10.96.0.77",)
    assert "kubernetes.io/metadata.name: kube-system" in fix.commands[0]
    allowed = conclude(replace(inputs, policies=()))
    assert answered(let_dns_through(allowed, prove), lambda _read: None) == ()


def test_a_silent_nameserver_before_one_that_answers_is_why_it_is_slow():
    dead, alive = "192.0.2.1", "10.96.0.10"
    both = RESOLV_CONF.replace(f"nameserver {alive}", f"nameserver {dead}\nnameserver {alive}")
    paper = Paper(REDIS, resolv_conf=both)
    asked = paper.exchanges("redis")
    exchanges = (
        *(Exchange(question=each.question, nameserver=dead, asked=NoReply()) for each in asked),
        *(replace(each, nameserver=alive) for each in asked),
    )
    lookup = answered(look_up_by("redis", "", paper.resolver), answer_from(exchanges))
    inputs = replace(paper.inputs("redis", observed=SLOW, lookup=lookup), exchanges=exchanges)
    explanation = explain(conclude(inputs))
    assert explanation.predicted.addresses == SLOW.addresses
    (finding,) = explanation.findings
    assert (finding.reason, finding.severity) == (Reason.NAMESERVER_SILENT, Severity.WARNING)
    assert finding.message.endswith("before the next nameserver is asked (5.0 s here)")


def test_a_silent_nameserver_before_one_that_knows_no_such_name_is_not_its_cause():
    dead, alive = "192.0.2.1", "10.96.0.10"
    both = RESOLV_CONF.replace(f"nameserver {alive}", f"nameserver {dead}\nnameserver {alive}")
    paper = Paper(resolv_conf=both)
    asked = paper.exchanges("nope")
    exchanges = (
        *(Exchange(question=each.question, nameserver=dead, asked=NoReply()) for each in asked),
        *(replace(each, nameserver=alive) for each in asked),
    )
    lookup = answered(look_up_by("nope", "", paper.resolver), answer_from(exchanges))
    inputs = replace(paper.inputs("nope", observed=(), lookup=lookup), exchanges=exchanges)
    silent = explain(conclude(inputs)).findings[0]
    assert (silent.reason, silent.severity) == (Reason.NAMESERVER_SILENT, Severity.WARNING)


@pytest.mark.parametrize(
    ("endpoints", "libc", "is_cut"),
    [
        pytest.param(40, "musl 1.2.3", True, id="more than 512 bytes, and no TCP"),
        pytest.param(20, "musl 1.2.3", False, id="it fits"),
        pytest.param(40, "musl 1.2.4", False, id="musl asks again over TCP"),
        pytest.param(40, "glibc 2.36", False, id="glibc asks again over TCP"),
    ],
)
def test_an_answer_that_is_too_large_for_udp_is_cut_for_old_musl(endpoints, libc, is_cut):
    ready = [(f"10.1.2.{n}", True, "") for n in range(1, endpoints + 1)]
    objects = (headless("shop", "many"), slices("shop", "many", *ready))
    found = reasons(Paper(objects, libc=libc).explain("many"))
    assert ("AnswerTruncated" in found) is is_cut


@pytest.mark.parametrize(("explained", "reason"), QUESTIONS)
def test_every_finding_names_the_place_that_it_is_about(explained, reason):
    findings = explained().findings
    assert reason in {each.reason.value for each in findings}
    assert all(each.evidence for each in findings)


@pytest.mark.parametrize(
    ("heard", "type_", "data", "meant"),
    [
        pytest.param(
            "redis.bank.", "A", "192.0.2.7", ["redis.bank. outside of the cluster"], id="the name"
        ),
        pytest.param(
            "redis.bank.",
            "AAAA",
            "2001:db8::7",
            ["redis.bank. outside of the cluster"],
            id="with an address of the other family",
        ),
        pytest.param("redis.bank.", "TXT", "192.0.2.7", [], id="another record of it"),
        pytest.param("www.example.com.", "A", "192.0.2.7", [], id="another name in the same go"),
    ],
)
def test_what_an_earlier_candidate_captures_is_a_name_of_its_own(heard, type_, data, meant):
    replies = {
        ("10.96.0.10", Question(heard, type_)): Reply(
            answer=(Record(name=heard, type=type_, data=data),)
        )
    }
    cause = Paper((service("bank", "redis"),)).explain("redis.bank", replies=replies).cause
    assert [each.reading for each in (cause,) if each] == meant


def test_an_entry_that_is_not_reached_names_its_line_and_the_one_before_it():
    corefile = HOSTS_BLOCK.replace(
        "    hosts {\n", "    rewrite name harbor.corp harbor.example.org\n    hosts {\n"
    )
    found = Paper(corefile=corefile).explain("harbor.corp.").findings
    lines = {
        each.reason.value: [(origin.object, origin.line) for origin in each.evidence]
        for each in found
    }
    rewrite = corefile.splitlines().index("    rewrite name harbor.corp harbor.example.org") + 1
    entry = corefile.splitlines().index("        192.0.2.9 harbor.corp") + 1
    place = "kube-system/coredns"
    assert lines["HostsEntryNotReached"] == [(place, entry), (place, rewrite)]


OWN_MOUNT = "812 790 8:1 /var/lib/kubelet/pods/u/volumes/kubernetes.io~configmap/own/hosts /etc/hosts ro - ext4 /dev/sda1 rw\n"
SIX = "10.1.0.7\tcart-7d\n::1\tlocalhost\n127.0.0.1\tlocalhost\n"


@pytest.mark.parametrize(
    ("reason", "found", "near"),
    [
        ("LocalhostBothFamilies", lambda: Paper(hosts=SIX, libc="musl 1.2.3").explain("localhost"), lambda: Paper(hosts=SIX.replace("::1\tlocalhost\n", ""), libc="musl 1.2.3").explain("localhost")),
        ("OwnNameOnlyInOwnFile", lambda: Paper(pod=pod_object(hostname="cart", subdomain="")).explain("cart"), lambda: Paper(REDIS).explain("redis")),
        ("ClusterDomainMismatch", lambda: Paper(REDIS, resolv_conf=RESOLV_CONF.replace("cluster.local", "prod.example")).explain("redis"), lambda: Paper().explain("redis")),
        ("FamilyWithoutAddress", lambda: Paper((service("shop", "both", clusterIPs=["10.96.0.8", "fd00::8"], ipFamilies=["IPv4", "IPv6"]),)).explain("both"), lambda: Paper(REDIS).explain("redis")),
        ("NameFromOwnMount", lambda: Paper(hosts="10.9.9.9\tdb\n", files={"mountinfo": OWN_MOUNT}, pod=OWN_HOSTS).explain("db"), lambda: Paper(hosts="10.9.9.9\tdb\n").explain("db")),
    ],
)  # fmt: skip
def test_a_reason_is_found_and_its_near_miss_is_not(reason, found, near):
    assert reason in [each.reason.value for each in found().findings]
    assert reason not in [each.reason.value for each in near().findings]


OWN_HOSTS = pod_object()
OWN_HOSTS["spec"]["containers"] = [
    {
        "name": "app",
        "volumeMounts": [{"name": "own", "mountPath": "/etc/hosts", "subPath": "hosts"}],
    }
]
OWN_HOSTS["spec"]["volumes"] = [{"name": "own", "configMap": {"name": "own"}}]


@pytest.mark.parametrize(
    ("libc", "said"),
    [
        pytest.param("glibc 2.36", True, id="glibc drops the answer: the cause says why"),
        pytest.param("musl 1.2.3", False, id="musl takes it: nothing is missing"),
    ],
)
def test_a_name_that_rewrite_leaves_is_said_once(libc, said):
    corefile = COREFILE.replace(
        "    errors\n",
        "    errors\n    rewrite name regex (.*)\\.corp {1}.shop.svc.cluster.local\n",
    )
    found = Paper(REDIS, corefile=corefile, libc=libc).explain("redis.corp.")
    assert "RewriteLeavesForeignName" in [each.reason.value for each in found.findings]
    reasons = found.cause.reasons if found.cause else ()
    assert (Reason.REWRITE_LEAVES_FOREIGN_NAME in reasons) is said


@pytest.mark.parametrize(
    ("resolv_conf", "said"),
    [
        pytest.param(
            RESOLV_CONF.replace("\n", "\r\n"),
            "no nameserver of its resolv.conf counts: line 2: its address ends with a carriage "
            "return (CRLF line ends)",
            id="line ends of Windows",
        ),
        pytest.param(
            RESOLV_CONF.replace("10.96.0.10", "kube-dns"),
            "no nameserver of its resolv.conf counts: line 2: its first word is not an address",
            id="a name for an address",
        ),
    ],
)
def test_why_no_nameserver_of_a_file_counts_is_the_cause(resolv_conf, said):
    why = why_no_nameserver(parse_resolv_conf(resolv_conf.encode(), GLIBC))
    fact = NotClusterDNS(policy="ClusterFirst", nameserver="127.0.0.1", ignored=why)
    assert fact.words == said


def test_a_file_with_one_nameserver_that_counts_lacks_none():
    both = RESOLV_CONF.replace("10.96.0.10", "kube-dns\nnameserver 10.96.0.10")
    assert why_no_nameserver(parse_resolv_conf(both.encode(), GLIBC)) == ""
