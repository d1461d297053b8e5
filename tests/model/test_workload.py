"""Pods as the controllers would make them: names, host names, labels, owners."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.pod import parse_pod
from kubectl_hosts.model.workload import (
    MAX_PREDICTED,
    PREDICTED_ANNOTATION,
    as_created,
    predicted_objects,
    predicted_pods,
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
