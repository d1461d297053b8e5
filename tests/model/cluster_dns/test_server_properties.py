"""Whatever stands in a Corefile and a question, the paper server answers or names what it lacks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.model.cluster_dns.causes import find_causes
from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
from kubectl_hosts.model.cluster_dns.locate import parse_corefile
from kubectl_hosts.model.cluster_dns.needs import UpstreamAsk
from kubectl_hosts.model.cluster_dns.server import serve
from kubectl_hosts.model.dns import NoReply, Question, Reply, UnknownReply
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.reads import answered
from kubectl_hosts.model.selectors import select
from tests.model.cluster_dns.paper_coredns import TABLES, namespaces

OBJECTS = [
    *namespaces(TABLES["fixtures"]["unit-serve"]["namespaces"]),
    *TABLES["fixtures"]["unit-serve"]["objects"],
]
LINES = st.sampled_from(
    [
        "kubernetes cluster.local in-addr.arpa {\n pods verified\n fallthrough\n}",
        "kubernetes cluster.local {\n zonal\n multicluster cluster.local\n namespace_labels a in (\n}",
        "hosts {\n 10.0.0.1 a\n x y\n fallthrough\n}",
        "hosts x y {\n}",
        "rewrite name regex ( {1}",
        "rewrite name regex (.*)[.]a[.]$ {1}.{7}",
        "rewrite",
        "rewrite name suffix .a .testns.svc.cluster.local answer auto",
        "rewrite cname regex .* svc1.testns.svc.cluster.local",
        "rewrite ttl . x-y",
        "rewrite rcode regex .* NXDOMAIN NOPE",
        "template IN A {\n match (\n}",
        'template IN ANY a {\n answer "{{ .Name }} IN {{ .Type }} x"\n}',
        "template",
        "acl {\n block type net x\n}",
        "autopath @kubernetes",
        "autopath",
        "dns64 x",
        "file /z",
        "k8s_external a",
        "forward",
        "forward . 192.0.2.1 {\n except\n}",
        "cache x {\n disable\n success\n}",
        "view v {\n expr (\n}",
        "local",
        "unheard of",
    ]
)
NAMES = st.sampled_from(
    [
        ".",
        "a.",
        "x.a.",
        "cluster.local.",
        "svc1.testns.svc.cluster.local.",
        "é.a.",
        "..",
        "_a._b.",
        "external.testns.svc.cluster.local.",
        "1.0.0.10.in-addr.arpa.",
        "in-addr.arpa.",
        "*.a.",
        "a.b.c.d.e.svc.cluster.local.",
        "10-240-0-1.podns.pod.cluster.local.",
        "x..ip6.arpa.",
    ]
)
TYPES = st.sampled_from(
    ["A", "AAAA", "SRV", "PTR", "TXT", "NS", "SOA", "CNAME", "MX", "ANY", "AXFR"]
)


def tell(need):
    if isinstance(need, UpstreamAsk):
        return NoReply() if need.question.name.startswith("x") else UnknownReply("outside")
    return select(need, OBJECTS)


@given(st.lists(LINES, max_size=6), NAMES, TYPES)
def test_a_question_always_ends_in_an_answer(lines, name, qtype):
    corefile = parse_corefile(".:53 {\n" + "\n".join(lines) + "\n}\n")
    server = ClusterDNS(corefile=corefile, service="kube-system/kubedns", files={"/z": "x"})
    question = Question(name, qtype)
    served = answered(serve(question, server, "10.240.0.1"), tell)
    assert isinstance(served.answer, (Reply, NoReply, UnknownReply))
    assert served.rule
    answered(find_causes(question, served, server), tell)


@pytest.mark.parametrize("case", TABLES["cases"][:60], ids=lambda case: case["id"])
def test_the_number_of_asks_does_not_grow_with_the_cluster(case):
    def asks(objects):
        seen = []

        def counted(need):
            seen.append(need)
            return tell(need) if isinstance(need, UpstreamAsk) else select(need, objects)

        corefile = parse_corefile(".:53 {\n kubernetes cluster.local\n forward . 192.0.2.1\n}\n")
        server = ClusterDNS(corefile=corefile)
        answered(serve(Question(case["qname"], case["qtype"]), server), counted)
        return seen

    many = [
        {"kind": "Service", "metadata": {"namespace": "other", "name": f"s{i}"}, "spec": {}}
        for i in range(200)
    ]
    few = asks(OBJECTS)
    assert asks([*OBJECTS, *many]) == few
    assert len(few) <= 3


def test_where_nobody_may_look_the_answer_says_so():
    def refuse(need):
        return CouldNotLook(what="Service testns/svc1", why="forbidden")

    corefile = parse_corefile(".:53 {\n kubernetes cluster.local\n}\n")
    question = Question("svc1.testns.svc.cluster.local.", "A")
    served = answered(serve(question, ClusterDNS(corefile=corefile)), refuse)
    assert served.answer == UnknownReply("Service testns/svc1 (forbidden)")
