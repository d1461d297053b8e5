"""Fault by verb: the status, the words, the time; never a traceback, and never the other pods."""

from __future__ import annotations

import gc
import time

import pytest
from cluster import three_pods, works_but_for
from misbehaving import SWITCHED, answers, floods, frame, misbehaving, says
from test_faults import ANYWHERE, BODIES, STATUSES, STREAMS

from tests.fakes import run

# Connections are kept for the next request and end with the process: it is this one here.
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
SECONDS = 0.6
IN_TIME = 20.0

ONE = {
    "show": (["show", "bad", "-n", "shop"], 1),
    "diff": (["diff", "bad", "-n", "shop"], 2),
    "explain": (["explain", "redis", "--from", "bad", "-n", "shop"], 1),
    "show -A": (["show", "-A"], 1),
    "diff -A": (["diff", "-A"], 2),
    "explain -A": (["explain", "redis", "-A"], 1),
    "check -A": (["check", "-A"], 2),
}
"""Verb -> its words, and its status in trouble."""


def said(capfd, fault, argv, *, seconds=SECONDS, most=IN_TIME):
    """(status, stdout, stderr) of a command line, which ends in time and never in a traceback."""
    with misbehaving(fault) as server:
        began = time.monotonic()
        status, out, err = run(
            capfd,
            *argv,
            f"--server={server.url}",
            "--transport=api",
            f"--request-timeout={seconds}s",
        )
        assert time.monotonic() - began < most
    gc.collect()
    assert "Traceback" not in out + err
    assert "unexpected " not in err.replace("unexpected EOF", "")
    return status, out, err


@pytest.mark.parametrize("verb", ["show", "diff", "explain", "show -A"])
@pytest.mark.parametrize("fault", ANYWHERE)
def test_a_server_that_gives_no_answer_is_one_error(capfd, fault, verb):
    behaviour, (words, *_) = ANYWHERE[fault]
    argv, status = ONE[verb]
    ended, out, err = said(capfd, behaviour, argv)
    assert (ended, out) == (status, "")
    assert words in err
    _, *rest = err.splitlines()
    assert [each.partition(" ")[0] for each in rest] == ["hint:"]


# The pods come, the node does not: the report stands on an assumption, and says so.
@pytest.mark.parametrize("verb", ["show", "diff", "show -A", "diff -A"])
@pytest.mark.parametrize("fault", BODIES)
def test_a_node_that_cannot_be_read_is_an_assumption(capfd, fault, verb):
    behaviour = works_but_for(BODIES[fault][0], lambda target: "/nodes/" in target)
    argv, _ = ONE[verb]
    status, out, err = said(capfd, behaviour, argv, most=30.0)
    assert status == 0
    assert "the kubelet's version is current" in out + err


@pytest.mark.parametrize("fault", STATUSES)
@pytest.mark.parametrize("verb", ["show -A", "diff -A", "explain -A"])
def test_a_list_that_is_refused_is_one_error(capfd, fault, verb):
    body, words = STATUSES[fault]
    behaviour = works_but_for(answers(body, "500 Error"), lambda target: "/pods" in target)
    argv, status = ONE[verb]
    ended, out, err = said(capfd, behaviour, argv)
    assert (ended, out) == (status, "")
    assert words in err


def bad_exec(target):
    return "/pods/bad/exec" in target


@pytest.mark.parametrize("fault", STREAMS)
def test_one_stream_that_is_none_costs_one_row(capfd, fault):
    behaviour = works_but_for(STREAMS[fault][0], bad_exec)
    status, out, _ = said(capfd, behaviour, ["show", "-A", "-o", "wide"])
    assert status == 0
    rows = {row.split()[1]: row for row in out.splitlines() if row.startswith("shop ")}
    assert list(rows) == ["good-1", "bad", "good-2"]
    assert {"matches the spec" in rows[each] for each in ("good-1", "good-2")} == {True}
    assert "could not look" in rows["bad"]


@pytest.mark.parametrize("channel", [b"\x01", b"\x02"], ids=["stdout", "stderr"])
@pytest.mark.parametrize("verb", ["show -A", "diff -A", "explain -A", "check -A"])
def test_what_writes_without_end_costs_one_row(capfd, channel, verb):
    behaviour = works_but_for(floods(SWITCHED, frame(channel + b"10.0.0.1 x\n" * 2900)), bad_exec)
    argv, trouble = ONE[verb]
    status, out, err = said(capfd, behaviour, argv, seconds=20.0)
    assert status == (trouble if verb == "diff -A" else 0)
    assert verb == "explain -A" or "writes without end" in out + err


@pytest.mark.parametrize("fault", STREAMS)
def test_one_stream_that_is_none_is_trouble_for_diff(capfd, fault):
    behaviour = works_but_for(STREAMS[fault][0], bad_exec)
    status, out, err = said(capfd, behaviour, ["diff", "-A"])
    assert (status, out) == (2, "")
    assert "error: could not look into shop/bad, container main: " in err


@pytest.mark.parametrize("fault", STREAMS)
def test_explain_says_what_it_could_not_see(capfd, fault):
    behaviour = works_but_for(STREAMS[fault][0], lambda target: "/exec" in target)
    status, out, err = said(capfd, behaviour, [*ONE["explain"][0], "-o", "wide"])
    assert status == 0
    assert "container main" in out + err


WRONG = {
    "hostAliases that are text": ("spec", "hostAliases", "10.1.2.3 db"),
    "an alias that is a number": ("spec", "hostAliases", [7]),
    "a host name that is a number": ("spec", "hostname", 7),
    "containers that are text": ("spec", "containers", "main"),
    "init containers that are numbers": ("spec", "initContainers", [7]),
    "annotations that are a list": ("metadata", "annotations", ["a"]),
    "owners that are text": ("metadata", "ownerReferences", "web"),
    "a uid that is a list": ("metadata", "uid", ["x"]),
    "a phase that is an object": ("status", "phase", {}),
    "pod IPs that are text": ("status", "podIPs", "10.1.2.3"),
    "container statuses that are numbers": ("status", "containerStatuses", [7]),
}


def with_a_wrong_type(part, name, value):
    cluster = three_pods()
    bad = next(each for each in cluster.objects if each["metadata"]["name"] == "bad")
    bad[part][name] = value
    return works_but_for(says(), lambda _: False, cluster)


@pytest.mark.parametrize("change", WRONG)
def test_a_pod_of_wrong_types_costs_one_row(capfd, change):
    status, out, _ = said(capfd, with_a_wrong_type(*WRONG[change]), ["show", "-A", "-o", "wide"])
    rows = {row.split()[1]: row for row in out.splitlines() if row.startswith("shop ")}
    assert list(rows) == ["good-1", "bad", "good-2"]
    assert {"matches the spec" in rows[each] for each in ("good-1", "good-2")} == {True}
    assert f"{WRONG[change][1]}" in rows["bad"]
    assert status == 0


def test_a_pod_that_no_api_server_would_take_costs_one_row(capfd):
    behaviour = with_a_wrong_type("spec", "hostname", "UPPER\ncase")
    status, out, _ = said(capfd, behaviour, ["show", "-A", "-o", "wide"])
    assert status == 0
    assert "2 of 3 pods match their specs; 1 could not be read" in out


def test_a_line_break_in_an_alias_makes_no_row(capfd):
    alias = [{"ip": "10.0.0.1\n10.0.0.2", "hostnames": ["a\nb"]}]
    behaviour = with_a_wrong_type("spec", "hostAliases", alias)
    status, out, _ = said(capfd, behaviour, ["show", "-A", "-o", "wide"])
    assert status == 0
    assert r"10.0.0.1\n10.0.0.2  a\nb" in out


def with_owners_in_a_circle(cluster):
    owner = {"ownerReferences": [{"kind": "ReplicaSet", "name": "r", "controller": True}]}
    cluster.objects[1]["metadata"] |= owner
    own = {"name": "r", "namespace": "shop", **owner}
    cluster.objects.append({"kind": "ReplicaSet", "metadata": own, "spec": {}})


def with_a_version_without_end(cluster):
    node = next(each for each in cluster.objects if each["kind"] == "Node")
    node["status"]["nodeInfo"]["kubeletVersion"] = f"v{'9' * 5000}.1.1"


@pytest.mark.parametrize("verb", ["show -A", "diff -A", "explain -A", "check -A"])
@pytest.mark.parametrize("spoil", [with_owners_in_a_circle, with_a_version_without_end])
def test_what_the_api_server_takes_and_nobody_means_costs_nothing(capfd, spoil, verb):
    cluster = three_pods()
    spoil(cluster)
    behaviour = works_but_for(says(), lambda _: False, cluster)
    status, _, err = said(capfd, behaviour, ONE[verb][0], seconds=20.0)
    assert (status, "error" in err) == (0, False)


SERVICE = {
    "kind": "Service",
    "metadata": {"name": "db", "namespace": "shop"},
    "spec": {"clusterIP": "10.96.1.1", "clusterIPs": ["10.96.1.1"], "selector": {"app": "db"}},
}
SPOILT = {
    "a cluster IP that is a number": ("spec", "clusterIP", 7),
    "a selector that is a list": ("spec", "selector", ["app"]),
    "a name that is an object": ("metadata", "name", {}),
}


@pytest.mark.parametrize("change", SPOILT)
def test_a_service_of_wrong_types_is_what_check_does_not_check(capfd, change):
    part, name, value = SPOILT[change]
    spoilt = {**SERVICE, part: {**SERVICE[part], name: value}}
    cluster = three_pods(spoilt)
    argv = ["check", "-A", "-o", "wide"]
    status, out, _ = said(capfd, works_but_for(says(), lambda _: False, cluster), argv)
    assert status == 0
    assert f"Service shop{'/db' if name != 'name' else ''}: {part}.{name} is " in out
    assert "3 workloads" in out


@pytest.mark.parametrize("kinds", ["/pods", "/"], ids=["pods", "nothing"])
def test_check_is_no_judge_of_what_it_could_not_list(capfd, kinds):
    behaviour = works_but_for(answers(b"<html>"), lambda target: kinds in target)
    status, out, err = said(capfd, behaviour, ["check", "-A"])
    assert (status, out) == (2, "")
    assert "is this an API server?" in err


@pytest.mark.parametrize("change", WRONG)
def test_a_pod_of_wrong_types_is_trouble_for_diff(capfd, change):
    status, out, err = said(capfd, with_a_wrong_type(*WRONG[change]), ["diff", "-A"])
    assert (status, out) == (2, "")
    assert WRONG[change][1] in err
    assert "shop/bad" in err


@pytest.mark.parametrize("verb", ["show", "diff", "explain"])
@pytest.mark.parametrize("change", WRONG)
def test_a_pod_of_wrong_types_alone_is_named(capfd, change, verb):
    argv, status = ONE[verb]
    ended, out, err = said(capfd, with_a_wrong_type(*WRONG[change]), argv)
    assert (ended, out) == (status, "")
    assert WRONG[change][1] in err
    assert "shop/bad" in err
