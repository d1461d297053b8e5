"""Pods grouped by answer: the outlier, and what sets it apart."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.explain.agreement import group_by_answer, summarize
from tests.model.explain.paper_cluster import RESOLV_CONF, Paper, pod_object, service

REDIS = (service("shop", "redis"), service("foo", "x"))


def fleet(odd, name="redis", **usual):
    pods = [Paper(REDIS, pod=pod_object(f"cart-{n}"), **usual).explain(name) for n in range(3)]
    return group_by_answer([odd.explain(name), *pods])


OUTLIERS = [
    pytest.param(
        Paper(REDIS, pod=pod_object("odd", aliases=[("10.1.2.3", "redis")])),
        "redis resolves to 10.96.0.77 in 3 of 4 pods; to 10.1.2.3 in shop/odd (hostAliases[0], "
        "elsewhere no hosts line)",
        id="a hostAlias",
    ),
    pytest.param(
        Paper(
            REDIS,
            pod=pod_object("odd", dnsPolicy="Default"),
            resolv_conf="nameserver 192.0.2.2\n",
            upstream={},
        ),
        "redis resolves to 10.96.0.77 in 3 of 4 pods; does not resolve in shop/odd (dnsPolicy "
        "Default, elsewhere dnsPolicy ClusterFirst)",
        id="dnsPolicy",
    ),
    pytest.param(
        Paper(
            REDIS,
            pod=pod_object("odd"),
            resolv_conf=RESOLV_CONF.replace("shop.svc", "foo.svc"),
        ),
        "redis resolves to 10.96.0.77 in 3 of 4 pods; does not resolve in shop/odd (search list "
        "foo.svc.cluster.local, svc.cluster.local, cluster.local, elsewhere search list "
        "shop.svc.cluster.local, svc.cluster.local, cluster.local)",
        id="another search list",
    ),
]


@pytest.mark.parametrize(("odd", "line"), OUTLIERS)
def test_the_outlier_is_named_with_its_cause(odd, line):
    assert summarize(fleet(odd)) == line


def test_the_library_is_the_cause_where_nothing_else_differs():
    musl = Paper(REDIS, pod=pod_object("odd"), libc="musl 1.2.3", upstream={"foo.": "192.0.2.1"})
    groups = fleet(musl, "foo", upstream={"foo.": "192.0.2.1"})
    assert summarize(groups) == (
        "foo resolves to 192.0.2.1 in 3 of 4 pods; does not resolve in shop/odd (C library musl "
        "1.2.3, elsewhere C library glibc 2.36)"
    )


def test_one_answer_is_one_group():
    groups = fleet(Paper(REDIS, pod=pod_object("cart-9")))
    assert summarize(groups) == "redis resolves to 10.96.0.77 in all 4 pods"
    assert [each.differs for each in groups] == [""]


def test_the_largest_group_comes_first_whatever_the_order_of_the_pods():
    groups = fleet(Paper(REDIS, pod=pod_object("odd", aliases=[("10.1.2.3", "redis")])))
    assert [(each.values, len(each.explanations)) for each in groups] == [
        (("10.96.0.77",), 3),
        (("10.1.2.3",), 1),
    ]
