"""Pods as the controllers would make them: names, host names, labels, owners."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.workload import (
    MAX_PREDICTED,
    PREDICTED_ANNOTATION,
    as_created,
    generated_name,
    merge,
    owns,
    pods_for,
    predicted_objects,
    predicted_pods,
    stands_for,
)

TEMPLATE = {
    "metadata": {"labels": {"app": "web"}},
    "spec": {"hostname": "h", "hostAliases": [{"ip": "192.0.2.1", "hostnames": ["db"]}]},
}


def workload(kind, *, name="web", api_version="apps/v1", **spec):
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"template": TEMPLATE, **spec},
    }


def cron_job(**spec):
    job = {"spec": {"template": TEMPLATE, **spec}}
    metadata = {"name": "tick", "namespace": "shop"}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": metadata,
        "spec": {"jobTemplate": job},
    }


LONG = "a" * 60


@pytest.mark.parametrize(
    ("obj", "names"),
    [
        pytest.param(
            workload("Deployment", replicas=3),
            [("web-xxxxxxxxxx-xxxxx", "h", "")],
            id="a Deployment: one for all",
        ),
        pytest.param(
            workload("Deployment"), [("web-xxxxxxxxxx-xxxxx", "h", "")], id="one replica by default"
        ),
        pytest.param(workload("Deployment", replicas=0), [], id="scaled to nothing"),
        pytest.param(workload("ReplicaSet"), [("web-xxxxx", "h", "")], id="a ReplicaSet"),
        pytest.param(
            workload("ReplicationController"),
            [("web-xxxxx", "h", "")],
            id="a ReplicationController",
        ),
        pytest.param(workload("DaemonSet"), [("web-xxxxx", "h", "")], id="a DaemonSet"),
        pytest.param(
            workload("ReplicaSet", name=LONG),
            [("a" * 58 + "xxxxx", "h", "")],
            id="a long name is cut at 58",
        ),
        pytest.param(
            workload("StatefulSet", replicas=2, serviceName="dbs"),
            [("web-0", "web-0", "dbs"), ("web-1", "web-1", "dbs")],
            id="a StatefulSet overwrites hostname and subdomain",
        ),
        pytest.param(
            workload("StatefulSet"), [("web-0", "web-0", "")], id="no serviceName, no subdomain"
        ),
        pytest.param(
            workload("StatefulSet", ordinals={"start": 5}),
            [("web-5", "web-5", "")],
            id="the first ordinal",
        ),
        pytest.param(workload("Job"), [("web-xxxxx", "h", "")], id="a Job"),
        pytest.param(
            workload("Job", completionMode="Indexed", completions=2),
            [("web-0-xxxxx", "web-0", ""), ("web-1-xxxxx", "web-1", "")],
            id="an Indexed Job sets the hostname",
        ),
        pytest.param(
            workload("Job", name=LONG, completionMode="Indexed", completions=1),
            [("a" * 55 + "-0-xxxxx", LONG + "-0", "")],
            id="a long Indexed Job keeps the index",
        ),
        pytest.param(cron_job(), [("tick-xxxxxxxx-xxxxx", "h", "")], id="a CronJob"),
        pytest.param({"kind": "Service"}, [], id="left alone: a Service"),
        pytest.param({"kind": "Pod"}, [], id="left alone: a Pod"),
    ],
)
def test_pods_have_the_names_that_their_controller_gives(obj, names):
    pods = [parse_pod(each) for each in predicted_pods(obj)]
    assert [(pod.name, pod.hostname, pod.subdomain) for pod in pods] == names


def test_a_predicted_pod_says_so_and_has_the_templates_spec_and_no_ip():
    (pod,) = (parse_pod(each) for each in predicted_pods(workload("Deployment", replicas=3)))
    assert pod.annotation(PREDICTED_ANNOTATION) == (
        "predicted from the template; x in the name is a hash or random part; stands for 3 pods"
    )
    assert (pod.namespace, pod.pod_ips, pod.host_aliases[0].ip) == ("shop", (), "192.0.2.1")
    assert dict(pod.labels) == {"app": "web", "pod-template-hash": "xxxxxxxxxx"}


def test_owner_references_lead_back_to_the_workload():
    deployment = workload("Deployment")
    made = {each["metadata"]["name"]: parse_pod(each) for each in predicted_objects(deployment)}
    chain = [(each.owner.kind, each.owner.name) for each in made.values()]
    assert chain == [("Deployment", "web"), ("ReplicaSet", "web-xxxxxxxxxx")]


def test_a_huge_set_is_cut_and_says_so():
    pods = predicted_pods(workload("StatefulSet", replicas=10**9))
    assert len(pods) == MAX_PREDICTED
    assert (
        parse_pod(pods[0])
        .annotation(PREDICTED_ANNOTATION)
        .endswith("one of the first 500 of 1000000000 pods")
    )


@pytest.mark.parametrize(
    ("obj", "selector"),
    [
        pytest.param(
            workload("Job"), {"matchLabels": {"batch.kubernetes.io/job-name": "web"}}, id="a Job"
        ),
        pytest.param(
            workload("ReplicationController"), {"app": "web"}, id="a ReplicationController"
        ),
        pytest.param(
            workload("Job", selector={"matchLabels": {"a": "b"}}),
            {"matchLabels": {"a": "b"}},
            id="left alone: its own",
        ),
    ],
)
def test_a_workload_as_created_selects_its_pods(obj, selector):
    created = as_created(obj)
    assert (created["spec"]["selector"], created["spec"]["template"]) == (selector, TEMPLATE)


def test_owners_are_told_apart_by_their_uids():
    cron = cron_job()
    (job, pod) = predicted_objects(cron)
    assert job["metadata"]["ownerReferences"][0]["uid"] == as_created(cron)["metadata"]["uid"]
    assert pod["metadata"]["ownerReferences"][0]["uid"] == job["metadata"]["uid"]


@pytest.mark.parametrize(
    "obj",
    [
        pytest.param({"kind": "Pod", "metadata": {"name": "web"}}, id="a pod"),
        pytest.param({"kind": "Service", "spec": {}}, id="a Service"),
    ],
)
def test_other_kinds_are_left_alone(obj):
    assert as_created(obj) == obj


@pytest.mark.parametrize(
    ("obj", "counts"),
    [
        pytest.param(workload("Deployment", replicas=3), [3], id="a Deployment's replicas"),
        pytest.param(workload("DaemonSet"), [1], id="a DaemonSet"),
        pytest.param(workload("StatefulSet", replicas=2), [1, 1], id="a StatefulSet"),
        pytest.param(workload("StatefulSet", name="x" * 53), [0], id="a name that is refused"),
        pytest.param(workload("StatefulSet", name="x" * 52), [1], id="the longest name"),
        pytest.param(workload("Job"), [1], id="a Job"),
        pytest.param(workload("Job", parallelism=4), [4], id="a Job's parallelism"),
        pytest.param(
            workload("Job", parallelism=4, completions=2), [2], id="no more than are left"
        ),
        pytest.param(workload("Job", suspend=True), [0], id="a suspended Job"),
        pytest.param(cron_job(), [0], id="a CronJob between its times"),
        pytest.param(
            workload("Job", completionMode="Indexed", completions=3, parallelism=2),
            [1, 1, 0],
            id="the first indexes run first",
        ),
    ],
)
def test_a_predicted_pod_stands_for_those_that_run_at_once(obj, counts):
    assert [stands_for(each) for each in predicted_pods(obj)] == counts


@pytest.mark.parametrize("said", ["", "many", "-1", "9" * 5000, "\u0661"])
def test_a_count_that_is_none_counts_as_one(said):
    assert stands_for({"metadata": {"annotations": {"kubectl-hosts/stands-for": said}}}) == 1


@pytest.mark.parametrize(
    ("obj", "names"),
    [
        pytest.param(
            workload("Deployment", replicas=0), ["web-xxxxxxxxxx-xxxxx"], id="a Deployment"
        ),
        pytest.param(workload("StatefulSet", replicas=0), ["web-0"], id="a StatefulSet"),
    ],
)
def test_a_workload_of_no_replicas_has_a_pod_that_stands_for_none_where_asked_for(obj, names):
    pods = predicted_pods(obj, at_zero=True)
    assert [parse_pod(each).name for each in pods] == names
    assert [stands_for(each) for each in pods] == [0]
    assert parse_pod(pods[0]).annotation(PREDICTED_ANNOTATION).endswith("stands for 0 pods")


def test_names_of_one_base_differ():
    names = [generated_name("a" * 70, nth) for nth in range(2000)]
    assert (names[0], names[1], len(set(names))) == (
        "a" * 58 + "xxxxx",
        "a" * 58 + "xxxx2",
        2000,
    )
    assert {len(name) for name in names} == {63}


@pytest.mark.parametrize(
    ("owner", "kind", "name", "is_owned"),
    [
        pytest.param(workload("Deployment"), "ReplicaSet", "web-5d4f8c7b9", True, id="a hash"),
        pytest.param(workload("Deployment"), "ReplicaSet", "web-api-5d4f8c7b9", False, id="longer"),
        pytest.param(workload("Deployment"), "Deployment", "web", True, id="a ReplicaSet itself"),
        pytest.param(workload("Deployment"), "StatefulSet", "web", False, id="another kind"),
        pytest.param(workload("StatefulSet"), "StatefulSet", "web", True, id="a StatefulSet"),
        pytest.param(cron_job(), "Job", "tick-29384710", True, id="a Job at its time"),
        pytest.param(cron_job(), "Job", "tick-tock", False, id="a Job of that name"),
    ],
)
def test_a_pod_is_owned_by_name(owner, kind, name, is_owned):
    reference = {"kind": kind, "name": name, "controller": True}
    pod = {"metadata": {"namespace": "shop", "ownerReferences": [reference]}}
    assert owns(owner, pod) is is_owned
    assert not owns(owner, {"metadata": {**pod["metadata"], "namespace": "other"}})


@pytest.mark.parametrize(
    ("current", "old", "new", "merged"),
    [
        pytest.param({"a": 1, "b": 2}, {"a": 1}, {"a": 3}, {"a": 3, "b": 2}, id="changed"),
        pytest.param({"a": 1, "b": 2}, {"a": 1}, {}, {"b": 2}, id="taken out"),
        pytest.param({"b": 2}, {}, {"a": 1}, {"b": 2, "a": 1}, id="added"),
        pytest.param({"a": 9}, {"a": 1}, {"a": 1}, {"a": 9}, id="left alone: not changed"),
        pytest.param(
            {"m": {"a": 1, "z": 0}},
            {"m": {"a": 1}},
            {"m": {"a": 2}},
            {"m": {"a": 2, "z": 0}},
            id="within",
        ),
        pytest.param(
            {"c": [{"name": "main", "x": 1}, {"name": "injected"}]},
            {"c": [{"name": "main"}, {"name": "old"}]},
            {"c": [{"name": "main", "y": 2}, {"name": "new"}]},
            {"c": [{"name": "main", "x": 1, "y": 2}, {"name": "injected"}, {"name": "new"}]},
            id="lists by name",
        ),
        pytest.param(
            {"c": [{"name": "a", "mountPath": "/a"}, {"name": "a", "mountPath": "/b"}]},
            {"c": [{"name": "a", "mountPath": "/a"}]},
            {"c": []},
            {"c": [{"name": "a", "mountPath": "/b"}]},
            id="mounts by path",
        ),
        pytest.param({"l": ["a", "b"]}, {"l": ["a"]}, {"l": ["c"]}, {"l": ["c"]}, id="plain lists"),
    ],
)
def test_changes_are_merged_as_apply_merges_them(current, old, new, merged):
    assert merge(current, old, new) == merged


def running(name, *, ready=True, created="2026-01-01T00:00:00Z", kind="ReplicaSet", owner="web-1"):
    return {
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "shop",
            "creationTimestamp": created,
            "ownerReferences": [{"kind": kind, "name": owner, "controller": True}],
        },
        "spec": {},
        "status": {"conditions": [{"type": "Ready", "status": str(ready)}]},
    }


def test_the_unready_and_the_youngest_go_first():
    pods = [
        running("young", created="2026-02-01T00:00:00Z"),
        running("unready", ready=False),
        running("old"),
    ]
    was = workload("Deployment", replicas=3)
    kept = pods_for(workload("Deployment", replicas=1), pods, before=was)
    assert [each["metadata"]["name"] for each in kept] == ["old"]


def test_pods_that_are_lacking_are_predicted():
    was = workload("Deployment", replicas=1)
    made = pods_for(workload("Deployment", replicas=4), [running("one")], before=was)
    assert [(each["metadata"]["name"], stands_for(each)) for each in made] == [
        ("one", 1),
        ("web-xxxxxxxxxx-xxxxx", 3),
    ]


@pytest.mark.parametrize(
    ("spec", "is_replaced"),
    [
        pytest.param({}, True, id="a Deployment"),
        pytest.param({"paused": True}, False, id="left alone: paused"),
    ],
)
def test_a_deployment_replaces_its_pods_unless_it_is_paused(spec, is_replaced):
    was = workload("Deployment", **spec)
    template = {**TEMPLATE, "spec": {**TEMPLATE["spec"], "dnsPolicy": "None"}}
    (pod,) = pods_for(
        workload("Deployment", **spec) | {"spec": {"template": template, **spec}},
        [running("one")],
        before=was,
    )
    assert (pod["spec"] == {"dnsPolicy": "None"}) is is_replaced


@pytest.mark.parametrize("kind", ["ReplicaSet", "Job"])
def test_pods_of_other_workloads_wait_until_somebody_deletes_them(kind):
    pod = running("one", kind=kind, owner="web")
    after = workload(kind) | {"spec": {"template": {"spec": {"dnsPolicy": "None"}}}}
    assert pods_for(after, [pod], before=workload(kind)) == (pod,)
