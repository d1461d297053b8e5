"""What a server sends outside, and whether its nameserver would send the same question there."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.cluster_dns.chain import ClusterDNS
from kubectl_hosts.model.cluster_dns.locate import node_local
from kubectl_hosts.model.cluster_dns.needs import UpstreamAsk
from kubectl_hosts.model.cluster_dns.server import serve
from kubectl_hosts.model.dns import Question, Rcode, Reply, UnknownReply
from kubectl_hosts.model.reads import answered
from kubectl_hosts.model.selectors import select
from tests.model.cluster_dns.paper_coredns import corefile_of, namespaces

ALIAS = {
    "kind": "Service",
    "metadata": {"namespace": "shop", "name": "shop"},
    "spec": {"type": "ExternalName", "externalName": "shop.example.org"},
}
OBJECTS = [*namespaces(["shop"]), ALIAS]
TWO_BLOCKS = """\
shop.test {
    rewrite name suffix .shop.test .shop.svc.cluster.local
    forward . 192.0.2.1
}
. {
    kubernetes cluster.local
    forward . 192.0.2.2
}
"""
ONE_BLOCK = """\
. {
    rewrite name old.example.org new.example.org
    rewrite name exact into.example.org held.example.org
    hosts {
        192.0.2.9 held.example.net
        fallthrough
    }
    kubernetes cluster.local
    forward . 192.0.2.2
}
"""
CHAIN = """\
. {
    rewrite name a.example.org b.example.org
    rewrite name b.example.org c.example.org
    forward . 192.0.2.2
}
"""
TO_ANOTHER = """\
example.net {
    forward . 192.0.2.3
}
. {
    rewrite name www.example.org www.example.net
    forward . 192.0.2.2
}
"""


def asked(text, name, **server):
    """(name, first server, same_at_nameserver) of each question that goes outside."""
    dns = text if isinstance(text, ClusterDNS) else ClusterDNS(corefile=corefile_of(text), **server)
    found = []

    def tell(read):
        if isinstance(read, UpstreamAsk):
            found.append((read.question.name, read.servers[0], read.same_at_nameserver))
            return Reply(rcode=Rcode.NXDOMAIN)
        return select(read, OBJECTS)

    answered(serve(Question(name, "A"), dns), tell)
    return found


def behind_a_cache():
    """NodeLocal DNSCache, with upstreams of its own, before a CoreDNS that has others."""
    cache = "cluster.local {\n forward . 10.96.0.10\n}\n. {\n forward . 192.0.2.4\n}\n"
    behind = ClusterDNS(corefile=corefile_of(ONE_BLOCK))
    return node_local(cache, behind=behind, behind_addresses=("10.96.0.10",))


@pytest.mark.parametrize(
    ("server", "name", "expected"),
    [
        pytest.param(
            ONE_BLOCK,
            "www.example.org.",
            [("www.example.org.", "192.0.2.2", True)],
            id="the question itself",
        ),
        pytest.param(
            TWO_BLOCKS,
            "API.Shop.test.",
            [("api.shop.svc.cluster.local.", "192.0.2.1", False)],
            id="a rewritten name that another block would answer",
        ),
        pytest.param(
            TO_ANOTHER,
            "www.example.org.",
            [("www.example.net.", "192.0.2.2", False)],
            id="a rewritten name that another block would send elsewhere",
        ),
        pytest.param(
            ONE_BLOCK,
            "old.example.org.",
            [("new.example.org.", "192.0.2.2", True)],
            id="a rewritten name of the same block that nothing on the way answers",
        ),
        pytest.param(
            CHAIN,
            "a.example.org.",
            [("b.example.org.", "192.0.2.2", False)],
            id="a rewritten name that would be rewritten again",
        ),
        pytest.param(
            ONE_BLOCK,
            "shop.shop.svc.cluster.local.",
            [("shop.example.org.", "192.0.2.2", True)],
            id="the target of an ExternalName",
        ),
        pytest.param(
            behind_a_cache(),
            "shop.shop.svc.cluster.local.",
            [("shop.example.org.", "192.0.2.2", False)],
            id="a target that the cache on the node would send to its own upstream",
        ),
        pytest.param(
            behind_a_cache(),
            "www.example.org.",
            [("www.example.org.", "192.0.2.4", True)],
            id="what the cache on the node sends out itself",
        ),
    ],
)
def test_what_is_sent_outside(server, name, expected):
    assert asked(server, name) == expected


@pytest.mark.parametrize(
    ("name", "at", "expected"),
    [
        pytest.param(
            "api.shop.test.", "10.96.0.10", [], id="the block that knows Services answers"
        ),
        pytest.param(
            "api.shop.test.",
            "10.96.0.99",
            [("api.shop.svc.cluster.local.", "10.96.0.10", False)],
            id="another server",
        ),
    ],
)
def test_a_block_may_forward_to_the_server_that_it_is_in(name, at, expected):
    text = TWO_BLOCKS.replace("192.0.2.1", "10.96.0.10")
    assert asked(text, name, at=at) == expected


@pytest.mark.parametrize(
    ("to", "port", "in_pod_network", "loops"),
    [
        pytest.param("10.96.0.10", 53, True, True, id="the Service's address"),
        pytest.param("127.0.0.53", 53, True, True, id="a loopback address of its pod"),
        pytest.param("127.0.0.53", 53, False, False, id="one of the node, with hostNetwork"),
        pytest.param("127.0.0.1:5399", 53, True, False, id="another port"),
        pytest.param("127.0.0.1", 5353, True, False, id="a server that listens on another port"),
    ],
)
def test_what_comes_back_to_the_same_block_again_and_again_is_not_known(
    to, port, in_pod_network, loops
):
    dns = ClusterDNS(
        corefile=corefile_of(f".:{port} {{\n forward . {to}\n}}\n"),
        at="10.96.0.10",
        is_in_pod_network=in_pod_network,
    )
    asking = serve(Question("www.example.org.", "A"), dns)
    served = answered(asking, lambda _read: Reply(rcode=Rcode.NXDOMAIN))
    assert ("again and again: a loop" in served.rule) is loops


def test_what_nobody_can_ask_is_unknown_by_the_name_of_the_upstream():
    ask = UpstreamAsk(question=Question("a.b.", "A"), servers=("192.0.2.1", "192.0.2.2"), line=3)
    assert ask.unknown == UnknownReply("what 192.0.2.1, 192.0.2.2 answers for a.b. A")
