"""Flowcharts: whole ones, and that no name can get out of its quotes."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from kubectl_hosts.report.explanation import print_mermaid, quoted
from tests.model.explain.paper_cluster import Paper, pod_object, service

REDIS = (service("shop", "redis"),)
# What a line of ours may be; a text is what stands between quotes.
TEXT = r'"[A-Za-z0-9 ._,:/()@=+;#-]*"'
LINES = re.compile(
    r"flowchart LR"
    rf"|    n\d+\[{TEXT}\]:::(hit|miss|plain)"
    rf"|    n\d+ (-->|-\.->)(\|{TEXT}\|)? n\d+"
    r"|    linkStyle \d+(,\d+)* stroke:#b3261e"
    r"|    classDef (hit|miss|plain) fill:#\w{6},stroke:#\w{6},color:#\w{6}"
    r"|"
)


@pytest.mark.parametrize(
    ("case", "explained"),
    [
        pytest.param("found", lambda: Paper(REDIS).explain("redis")),
        pytest.param("not-found", lambda: Paper((service("bank", "api"),)).explain("api")),
        pytest.param(
            "shadow",
            lambda: Paper(REDIS, pod=pod_object(aliases=[("10.1.2.3", "redis")])).explain("redis"),
        ),
    ],
)
def test_a_flowchart_is_as_recorded(case, explained, golden):
    text = print_mermaid([explained()])
    assert text == golden(f"mermaid/{case}.mmd", text)
    assert [line for line in text.splitlines() if not LINES.fullmatch(line)] == []


FOUND = Paper(REDIS).explain("redis")


@given(st.text(max_size=30))
@example('x"]; click n0 call alert(1)')
@example("%%{init: {}}%%")
@example("`**md**`")
@example("<script>alert(1)</script>\n    n9-->n0")
def test_any_name_stays_within_its_quotes(name):
    explanation = replace(FOUND, name=name, pod=name, container=name)
    for line in print_mermaid([explanation]).splitlines():
        assert LINES.fullmatch(line), line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("redis.shop", "redis.shop", id="a name is left alone"),
        pytest.param(
            "Service shop/redis (spec.clusterIPs[0])",
            "Service shop/redis (spec.clusterIPs#91;0#93;)",
            id="brackets",
        ),
        pytest.param('say "x" #1', "say #34;x#34; #35;1", id="quotes and the code's own sign"),
        pytest.param("a\n\tb", "a b", id="lines"),
        pytest.param("a\x1bb", "a#94;#91;b", id="a control character"),
    ],
)
def test_a_text_is_quoted(text, shown):
    assert quoted(text) == shown


def test_several_explanations_are_several_charts():
    text = print_mermaid([Paper(REDIS).explain("redis"), Paper().explain("nope")])
    assert text.count("flowchart LR\n") == 2
