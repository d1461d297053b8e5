"""An explanation as it is printed: whole outputs, at 80 columns, from text inputs."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.dns import NoReply
from kubectl_hosts.report.explanation import print_explanations
from kubectl_hosts.report.hosts_one import Layout
from kubectl_hosts.report.terminal import Style, encodable
from tests.model.explain.paper_cluster import Paper, external, pod_object, service, slices

REDIS = (service("shop", "redis"), slices("shop", "redis", ("10.1.0.9", True, "")))
ALIASED = pod_object(aliases=[("10.1.2.3", "redis")])


def printed(*explanations, output="table", width=80, style=None):
    return print_explanations(explanations, Layout(output, style or Style(on=False), width))


OUTPUTS = [
    pytest.param("shadow", "table", lambda: [Paper(REDIS, pod=ALIASED).explain("redis")]),
    pytest.param("shadow-tree", "tree", lambda: [Paper(REDIS, pod=ALIASED).explain("redis")]),
    pytest.param("service-wide", "wide", lambda: [Paper(REDIS).explain("redis")]),
    pytest.param(
        "external-name",
        "table",
        lambda: [Paper((external("shop", "mysql", "db.example.org"),)).explain("mysql")],
    ),
    pytest.param(
        "other-namespace",
        "table",
        lambda: [Paper((service("bank", "api"),)).explain("api", observed=False)],
    ),
    pytest.param(
        "other-namespace-tree",
        "tree",
        lambda: [Paper((service("bank", "api"),)).explain("api", observed=False)],
    ),
    pytest.param(
        "own-fqdn",
        "table",
        lambda: [
            Paper(pod=pod_object("busybox-1", hostname="busybox-1", subdomain="aaa")).explain(
                "busybox-1.aaa.shop.svc.cluster.local"
            )
        ],
    ),
    pytest.param(
        "server-differs",
        "table",
        lambda: [
            Paper(REDIS, asked={("redis.shop.svc.cluster.local.", "A"): NoReply()}).explain(
                "redis", observed=()
            )
        ],
    ),
    pytest.param(
        "address",
        "table",
        lambda: [Paper(REDIS).explain_address("10.96.0.77", services=REDIS[:1])],
    ),
    pytest.param(
        "two-names", "table", lambda: [Paper().explain("localhost"), Paper().explain("a.")]
    ),
    pytest.param(
        "fleet",
        "table",
        lambda: [
            *(Paper(REDIS, pod=pod_object(f"cart-{n}")).explain("redis") for n in range(4)),
            Paper(REDIS, pod=ALIASED).explain("redis"),
        ],
    ),
]


@pytest.mark.parametrize(("case", "output", "explanations"), OUTPUTS)
def test_output_is_as_recorded(case, output, explanations, golden):
    text = printed(*explanations(), output=output)
    assert text == golden(f"explain/{case}.txt", text)


@pytest.mark.parametrize(("case", "output", "explanations"), OUTPUTS)
def test_no_line_is_wider_than_the_terminal(case, output, explanations):
    words_too_long = ("busybox-1.aaa.shop.svc.cluster.local",)
    wide = [line for line in printed(*explanations(), output=output).splitlines() if len(line) > 80]
    assert [line for line in wide if not any(word in line for word in words_too_long)] == []


def test_a_pipe_gets_one_line_for_the_answer():
    text = printed(Paper(REDIS, pod=ALIASED).explain("redis"), width=None)
    assert text.splitlines()[0] == (
        "redis resolves to 10.1.2.3 in pod shop/cart-7d because hostAliases[0] shadows Service "
        "shop/redis (10.96.0.77)"
    )


def test_a_tree_is_ascii_where_the_encoding_has_no_branches():
    text = encodable(printed(Paper(REDIS).explain("redis"), output="tree"), "ascii")
    assert text.isascii()
    assert text.splitlines()[1].startswith("|- files: ")
    assert text.splitlines()[-1].startswith("`- answer: 10.96.0.77")


@pytest.mark.parametrize("output", ["table", "wide", "tree"])
def test_what_a_pod_wrote_cannot_command_the_terminal(output):
    hosts = "127.0.0.1\tlocalhost\n10.9.9.9\tevil \x1b[2Jevil\r\n"
    paper = Paper(hosts=hosts, resolv_conf="search a\x1b[1m.example\nnameserver 10.96.0.10\n")
    text = printed(paper.explain("evil"), output=output)
    assert "\x1b" not in text
    assert "\r" not in text
    assert "^[[2J" in text


def test_names_are_the_pods_looked_at():
    assert printed(Paper().explain("a"), Paper().explain("b"), output="name") == "pod/cart-7d\n"


def test_colours_need_a_style_and_change_no_word():
    explanation = Paper(REDIS, pod=ALIASED).explain("redis")
    coloured = printed(explanation, style=Style(on=True), width=None)
    plain = printed(explanation, width=None)
    assert coloured != plain
    for code in ("0", "1", "2", "31", "33"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == plain
