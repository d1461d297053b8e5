"""Which pods the user means."""

from __future__ import annotations

import pytest

from kubectl_hosts.cli.targets import (
    TargetOptions,
    find_targets,
    joined_names,
    label_selector,
    parse_target,
    require_namespace,
)
from kubectl_hosts.errors import BadInput, Forbidden, HostsError, NotFound
from kubectl_hosts.model.workload import is_predicted
from tests.fakes import FakeCluster, a_pod


def names(targets):
    return [f"{each['metadata']['namespace']}/{each['metadata']['name']}" for each in targets.pods]


def status(phase="Running", *, ready=True, restarts=0):
    return {
        "phase": phase,
        "conditions": [{"type": "Ready", "status": str(ready)}],
        "containerStatuses": [{"name": "main", "restartCount": restarts}],
    }


def workload(kind, name, **spec):
    metadata = {"name": name, "namespace": "shop", "uid": f"{kind}-{name}"}
    return {"kind": kind, "metadata": metadata, "spec": spec}


WEB = {"app": "web"}
CLUSTER = FakeCluster(
    [
        a_pod("web-pending", labels=WEB, status=status("Pending", ready=False)),
        a_pod("web-done", labels=WEB, status=status("Succeeded", ready=False)),
        a_pod("web-restarted", labels=WEB, status=status(restarts=3)),
        a_pod("web-good", labels=WEB, status=status()),
        a_pod("web-not-ready", labels=WEB, status=status(ready=False)),
        a_pod("web-going", labels=WEB, status=status(), deletionTimestamp="2026-01-02T03:04:05Z"),
        a_pod("alone"),
        a_pod("alone", namespace="other"),
        a_pod("tick-1", labels={"job": "tick-1"}),
        workload("Deployment", "web", selector={"matchLabels": WEB}),
        workload("Deployment", "none", selector={"matchLabels": {"app": "none"}}),
        workload("Service", "web", selector=WEB),
        workload("Service", "external", externalName="example.org"),
        workload("CronJob", "tick"),
        {
            **workload("Job", "tick-1", selector={"matchLabels": {"job": "tick-1"}}),
            "metadata": {
                "name": "tick-1",
                "namespace": "shop",
                "ownerReferences": [{"uid": "CronJob-tick"}],
            },
        },
    ]
)


def find(*words, **options):
    return find_targets(CLUSTER, TargetOptions(names=words, namespace="shop", **options))


def test_a_name_is_a_pod_of_the_namespace():
    targets = find("alone")
    assert (names(targets), targets.named, targets.notes) == (["shop/alone"], True, ())


def test_a_pod_named_twice_counts_once():
    assert names(find("alone", "pod/alone")) == ["shop/alone"]


@pytest.mark.parametrize("kind", ["deploy", "Deployment", "deployments", "deployments.apps", "svc"])
def test_of_a_workload_the_pod_that_kubectl_prefers_is_taken(kind):
    targets = find(f"{kind}/web")
    assert names(targets) == ["shop/web-good"]
    assert targets.notes == ("Found 6 pods, using pod/web-good (--all-pods for all of them)",)


def test_all_pods_of_a_workload_are_taken_when_asked_for():
    targets = find("deploy/web", all_pods=True)
    assert names(targets) == [
        "shop/web-good",
        "shop/web-restarted",
        "shop/web-not-ready",
        "shop/web-pending",
        "shop/web-done",
        "shop/web-going",
    ]
    assert targets.notes == ()


def test_the_pods_of_a_cron_job_are_those_of_its_jobs():
    assert names(find("cj/tick")) == ["shop/tick-1"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({"label_selector": "app=web,!x"}, 6, id="labels"),
        pytest.param({"field_selector": "metadata.name=alone"}, 1, id="fields"),
        pytest.param({"all_namespaces": True}, 9, id="all namespaces beat -n"),
        pytest.param({}, 8, id="the namespace"),
        pytest.param({"label_selector": "app=none"}, 0, id="nothing"),
    ],
)
def test_a_selection_takes_what_it_selects(options, expected):
    targets = find(**options)
    assert (len(targets.pods), targets.named) == (expected, False)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(("web-0",), ("web-0",), id="a pod"),
        pytest.param(("pod", "web-0", "web-1"), ("pod/web-0", "pod/web-1"), id="TYPE NAME NAME"),
        pytest.param(("deploy", "web"), ("deploy/web",), id="a workload"),
        pytest.param(("pods",), (), id="a type alone selects all"),
        pytest.param(("pod/pod",), ("pod/pod",), id="a pod that is called like a type"),
        pytest.param(("pod", "deploy/web"), ("pod", "deploy/web"), id="mixed is left alone"),
    ],
)
def test_words_are_joined_as_kubectl_get_joins_them(words, expected):
    assert joined_names(words) == expected


@pytest.mark.parametrize(
    ("words", "options", "error", "message"),
    [
        pytest.param(
            ("alone",),
            {"label_selector": "a=b"},
            BadInput,
            "name cannot be provided when a selector is specified",
            id="a name and a selector",
        ),
        pytest.param(
            ("alone",),
            {"all_namespaces": True},
            BadInput,
            "a resource cannot be retrieved by name across all namespaces",
            id="a name and -A",
        ),
        pytest.param(
            ("nope",), {}, NotFound, 'Error from server (NotFound): pods "nope" not found', id="pod"
        ),
        pytest.param(
            ("widget/web",),
            {},
            BadInput,
            'the server doesn\'t have a resource type "widget"',
            id="an unknown TYPE",
        ),
        pytest.param(
            ("deploy/",),
            {},
            BadInput,
            "arguments in resource/name form must have a single resource and name",
            id="a TYPE without a name",
        ),
        pytest.param(
            ("a/b/c",),
            {},
            BadInput,
            "arguments in resource/name form must have a single resource and name",
            id="two slashes",
        ),
        pytest.param(("svc",), {}, BadInput, "no name was given for svc", id="a TYPE alone"),
        pytest.param(
            ("svc/external",),
            {},
            HostsError,
            "no pods found for services/external in namespace shop",
            id="a Service without pods",
        ),
        pytest.param(
            ("svc/external",),
            {},
            HostsError,
            "no pods found for services/external in namespace shop",
            id="a Service without a selector selects nothing, not everything",
        ),
    ],
)
def test_what_cannot_be_found_says_so_in_kubectls_words(words, options, error, message):
    with pytest.raises(error) as raised:
        find(*words, **options)
    assert raised.value.message == message


def test_every_name_of_a_type_leads_to_it():
    assert {parse_target(f"{each}/x")[0].plural for each in ("po", "pod", "pods", "PODS")} == {
        "pods"
    }


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        pytest.param({"app": "web", "tier": "1"}, "app=web,tier=1", id="a Service's map"),
        pytest.param({"matchLabels": {"app": "web"}}, "app=web", id="matchLabels"),
        pytest.param(
            {
                "matchLabels": {"app": "web"},
                "matchExpressions": [
                    {"key": "tier", "operator": "In", "values": ["a", "b"]},
                    {"key": "zone", "operator": "NotIn", "values": ["c"]},
                    {"key": "x", "operator": "Exists"},
                    {"key": "y", "operator": "DoesNotExist"},
                ],
            },
            "app=web,tier in (a,b),zone notin (c),x,!y",
            id="matchExpressions",
        ),
        pytest.param({}, "", id="none"),
    ],
)
def test_a_selector_object_becomes_the_text_of_one(selector, text):
    assert label_selector({"spec": {"selector": selector}}) == text


def namespace(name):
    return {"kind": "Namespace", "metadata": {"name": name}}


SPACES = FakeCluster(
    [
        *(namespace(each) for each in ("shop", "other", "prod")),
        a_pod("web-0"),
        a_pod("ledger-0", namespace="other"),
        workload("Deployment", "web", selector={"matchLabels": WEB}),
        workload("StatefulSet", "db", selector={"matchLabels": WEB}),
        workload("Service", "cache", selector=WEB),
    ]
)


@pytest.mark.parametrize(
    ("target", "space", "hint"),
    [
        pytest.param("web", "shop", "Did you mean deploy/web?", id="the name of a Deployment"),
        pytest.param("db", "shop", "Did you mean sts/db?", id="the name of a StatefulSet"),
        pytest.param("db-7", "shop", "Did you mean sts/db?", id="a pod that a StatefulSet has not"),
        pytest.param("cache", "shop", "Did you mean svc/cache?", id="the name of a Service"),
        pytest.param("wbe-0", "shop", "Did you mean web-0?", id="two letters exchanged"),
        pytest.param("deploy/wep", "shop", "Did you mean deploy/web?", id="another letter"),
        pytest.param(
            "ledger-0", "shop", "It is in namespace other: ledger-0 -n other", id="elsewhere"
        ),
        pytest.param(
            "web-0", "shpo", "There is no namespace shpo. Did you mean shop?", id="a namespace"
        ),
        pytest.param("web-0", "zzz", "There is no namespace zzz.", id="a namespace like no other"),
    ],
)
def test_what_is_not_there_was_perhaps_another(target, space, hint):
    with pytest.raises(NotFound) as error:
        find_targets(SPACES, TargetOptions(names=(target,), namespace=space))
    assert error.value.hint == hint


@pytest.mark.parametrize("target", ["zzz-9", "deploy/zzz"])
def test_what_is_like_nothing_else_keeps_its_hint(target):
    with pytest.raises(NotFound) as error:
        find_targets(SPACES, TargetOptions(names=(target,), namespace="shop"))
    assert "Did you mean" not in error.value.hint


def test_where_nothing_may_be_asked_the_error_is_the_first_one():
    class OnlyPods(FakeCluster):
        def get(self, resource, name, *, namespace=""):
            if resource.plural != "pods":
                raise HostsError("forbidden")
            return super().get(resource, name, namespace=namespace)

        def list(self, resource, selection):
            raise HostsError("forbidden")

    with pytest.raises(NotFound) as error:
        find_targets(OnlyPods([a_pod("web-0")]), TargetOptions(names=("web",), namespace="shop"))
    assert error.value.message == 'Error from server (NotFound): pods "web" not found'


TEMPLATE = {"metadata": {"labels": {"app": "idle"}}, "spec": {"containers": [{"name": "main"}]}}
IDLE = FakeCluster(
    [
        workload(
            "Deployment",
            "idle",
            replicas=0,
            selector={"matchLabels": {"app": "idle"}},
            template=TEMPLATE,
        ),
        workload("CronJob", "nightly", jobTemplate={"spec": {"template": TEMPLATE}}),
        workload(
            "StatefulSet",
            "db",
            replicas=2,
            serviceName="db",
            selector={"matchLabels": {"app": "db"}},
            template=TEMPLATE,
        ),
        a_pod("web-0"),
    ]
)


@pytest.mark.parametrize(
    ("target", "all_pods", "expected"),
    [
        pytest.param(
            "deploy/idle", False, ["shop/idle-xxxxxxxxxx-xxxxx"], id="a Deployment at 0 replicas"
        ),
        pytest.param(
            "cronjob/nightly",
            False,
            ["shop/nightly-xxxxxxxx-xxxxx"],
            id="a CronJob that never ran",
        ),
        pytest.param("sts/db", False, ["shop/db-0"], id="the first of a StatefulSet"),
        pytest.param("sts/db", True, ["shop/db-0", "shop/db-1"], id="all of a StatefulSet"),
    ],
)
def test_a_workload_without_pods_is_represented_by_those_that_it_would_have(
    target, all_pods, expected
):
    options = TargetOptions(names=(target,), namespace="shop", all_pods=all_pods)
    targets = find_targets(IDLE, options)
    kind, _, name = target.partition("/")
    plural = {"deploy": "deployments", "cronjob": "cronjobs", "sts": "statefulsets"}[kind]
    assert names(targets) == expected
    assert targets.notes == (f"{plural}/{name} has no pods now: predicted from its template",)
    assert all(is_predicted(each) for each in targets.pods)


def test_a_workload_without_pods_has_none_to_compare():
    options = TargetOptions(names=("sts/db",), namespace="shop", predicts=False)
    targets = find_targets(IDLE, options)
    assert targets.pods == ()
    assert targets.notes == ("statefulsets/db has no pods now: there is nothing to compare",)


def test_pods_that_exist_are_not_predicted():
    targets = find_targets(IDLE, TargetOptions(namespace="shop"))
    assert [is_predicted(each) for each in targets.pods] == [False]


def test_which_pods_were_asked_for_by_name_is_kept():
    assert find("alone", "pod/web-done", "deploy/web").pods_named == {"alone", "web-done"}


def space(name):
    return {"kind": "Namespace", "metadata": {"name": name}}


@pytest.mark.parametrize(
    ("cluster", "namespace"),
    [
        pytest.param(FakeCluster([space("shop")]), "shop", id="it is there"),
        pytest.param(
            FakeCluster(
                failures={("namespaces", "shop"): Forbidden("no", status=403, hint="Ask.")}
            ),
            "shop",
            id="it may not be read",
        ),
    ],
)
def test_an_empty_namespace_is_no_error(cluster, namespace):
    assert require_namespace(cluster, namespace) is None


def test_a_namespace_that_is_not_there_is_an_error_with_a_near_name():
    with pytest.raises(NotFound) as caught:
        require_namespace(FakeCluster([space("shop"), space("bank")]), "shp")
    assert caught.value.message == 'Error from server (NotFound): namespaces "shp" not found'
    assert caught.value.hint == "There is no namespace shp. Did you mean shop?"
