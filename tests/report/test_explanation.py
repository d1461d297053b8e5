"""An explanation as it is printed: whole outputs, at 80 columns, from text inputs."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from kubectl_hosts.model.dns import NoReply
from kubectl_hosts.model.explanation import Cause, Fix, FixKind, Then
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.report.explanation import print_explanations
from kubectl_hosts.report.hosts_one import Layout
from kubectl_hosts.report.terminal import Style, encodable
from tests.model.explain.paper_cluster import Paper, external, pod_object, service, slices

REDIS = (service("shop", "redis"), slices("shop", "redis", ("10.1.0.9", True, "")))
ALIASED = pod_object(aliases=[("10.1.2.3", "redis")])


ASK = Fix(
    kind=FixKind.ASK_NAME,
    sentence="Ask api.bank",
    name="api.bank",
    then=Then(outcome=Outcome.FOUND, addresses=("10.96.0.77",), origin="Service bank/api"),
)
CREATE = Fix(
    kind=FixKind.CREATE,
    sentence="Create an ExternalName Service api in namespace shop that leads to api.bank.",
    commands=(
        "kubectl create service externalname api -n shop --external-name api.bank.svc.cluster.local",
    ),
    then=Then(outcome=Outcome.FOUND, addresses=("10.96.0.77",), origin="Service bank/api"),
)
PATCH = Fix(
    kind=FixKind.PATCH,
    sentence="Add the search domain bank.svc.cluster.local to the pod's dnsConfig",
    commands=("kubectl edit pod cart-7d -n shop",),
    then=Then(outcome=Outcome.FOUND, origin="Service bank/api"),
)


def elsewhere(*fixes):
    """A Service that only namespace bank has, and what would help."""
    explanation = Paper((service("bank", "api"),)).explain("api")
    cause = Cause(reading="Service api in namespace shop", missing=("Service shop/api",))
    return replace(explanation, cause=cause, fix=fixes[0].sentence, fixes=fixes)


def printed(*explanations, output="table", width=80, style=None, single=True):
    layout = Layout(output, style or Style(on=False), width)
    return print_explanations(explanations, layout, single=single)


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
    pytest.param("one-fix", "table", lambda: [elsewhere(ASK)]),
    pytest.param("three-fixes", "table", lambda: [elsewhere(ASK, PATCH, CREATE)]),
    pytest.param("three-fixes-wide", "wide", lambda: [elsewhere(ASK, PATCH, CREATE)]),
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
    words_too_long = ("busybox-1.aaa.shop.svc.cluster.local", "     kubectl create ")
    wide = [line for line in printed(*explanations(), output=output).splitlines() if len(line) > 80]
    assert [line for line in wide if not any(word in line for word in words_too_long)] == []


@pytest.mark.parametrize(("case", "output", "explanations"), OUTPUTS)
def test_the_default_report_of_a_name_takes_ten_rows(case, output, explanations):
    if output == "table":
        for each in explanations():
            assert len(printed(each).splitlines()) <= 10


@pytest.mark.parametrize(
    ("fixes", "shown", "more"),
    [
        pytest.param((ASK,), 1, "-o wide adds: each step, ", id="one"),
        pytest.param((ASK, ASK), 2, "-o wide adds: each step, ", id="two that fit"),
        pytest.param((ASK, PATCH), 1, "-o wide adds: 1 more fix, each step, ", id="one too long"),
        pytest.param(
            (ASK, PATCH, ASK), 2, "-o wide adds: 1 more fix, each step", id="the third fits"
        ),
        pytest.param(
            (ASK, PATCH, CREATE), 1, "-o wide adds: 2 more fixes, each ", id="two too long"
        ),
    ],
)
def test_more_fixes_stand_there_as_far_as_ten_rows_reach(fixes, shown, more):
    text = printed(elsewhere(*fixes))
    assert (text.count("fix: "), more in text, len(text.splitlines()) <= 10) == (shown, True, True)
    assert printed(elsewhere(*fixes, ASK, ASK, ASK), output="wide").count("\nfix: ") == 3


@pytest.mark.parametrize(
    ("fix", "words"),
    [
        pytest.param(
            ASK,
            "fix: Ask api.bank; it then resolves to 10.96.0.77 (Service bank/api)\n",
            id="another name",
        ),
        pytest.param(
            PATCH,
            "fix: Add the search domain bank.svc.cluster.local to the pod's dnsConfig; the name then "
            "resolves to Service bank/api\n     kubectl edit pod cart-7d -n shop\n",
            id="a change and its command",
        ),
        pytest.param(
            replace(PATCH, commands=(), then=Then(outcome=Outcome.FOUND)),
            "fix: Add the search domain bank.svc.cluster.local to the pod's dnsConfig; the name then "
            "resolves\n",
            id="an answer without address or origin",
        ),
        pytest.param(
            replace(
                PATCH, commands=("kubectl get \x1b[2Jpods",), then=Then(outcome=Outcome.NXDOMAIN)
            ),
            "fix: Add the search domain bank.svc.cluster.local to the pod's dnsConfig; the name then "
            "does not resolve\n     kubectl get ^[[2Jpods\n",
            id="a name that is to go away, a hostile command",
        ),
    ],
)
def test_a_fix_says_what_it_gives(fix, words):
    assert words in printed(elsewhere(fix), width=None)


@pytest.mark.parametrize(
    ("explanations", "text"),
    [
        pytest.param(lambda: [Paper(REDIS).explain("redis")], "10.96.0.77\n", id="an address"),
        pytest.param(lambda: [Paper().explain("nope")], "", id="none"),
        pytest.param(
            lambda: [Paper(REDIS).explain("redis"), Paper().explain("nope")],
            "NAME    POD            ANSWER\n"
            "redis   shop/cart-7d   10.96.0.77\n"
            "nope    shop/cart-7d   <none>\n",
            id="several names",
        ),
    ],
)
def test_the_bare_answer(explanations, text):
    assert printed(*explanations(), output="short") == text


GREEN, RED, FAINT = "\x1b[32m", "\x1b[31m", "\x1b[2m"


@pytest.mark.parametrize("output", ["table", "wide", "tree"])
def test_colour_tells_what_resolves_from_what_does_not(output):
    found = printed(Paper(REDIS).explain("redis"), output=output, style=Style(on=True))
    missed = printed(Paper().explain("nope"), output=output, style=Style(on=True))
    assert GREEN in found
    assert RED not in found
    assert GREEN not in missed
    assert RED in missed


@pytest.mark.parametrize("headers", [True, False])
def test_in_a_fleet_colour_tells_the_pods_that_find_the_name(headers):
    found = Paper(REDIS).explain("redis")
    missed = Paper(pod=pod_object("cart-8d")).explain("redis")
    layout = Layout("table", Style(on=True), 80, headers=headers)
    text = print_explanations([found, found, missed], layout, single=False)
    table = text.split("\n\n")[int(headers)].splitlines()
    colours = [line[:5] for line in table[headers:]]
    assert (len(table), colours) == (2 + headers, [GREEN, RED])


def test_colour_tells_the_hit_from_the_misses():
    tree = printed(Paper().explain("example.org"), output="tree", style=Style(on=True))
    hits = [line for line in tree.splitlines() if GREEN in line and "dns @" in line]
    misses = [line for line in tree.splitlines() if FAINT in line and "dns @" in line]
    assert [line.partition("dns @10.96.0.10 ")[2].split()[0] for line in hits] == ["example.org."]
    assert len(misses) == 3


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
    for code in ("0", "2", "31", "32", "33"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == plain
