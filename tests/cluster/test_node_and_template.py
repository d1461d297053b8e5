"""Nodes and templates: read once, and what cannot be read is a value."""

from __future__ import annotations

import pytest

from kubectl_hosts.cluster.live import LiveBackend
from kubectl_hosts.errors import Forbidden
from kubectl_hosts.model.evidence import CouldNotLook, NodeEvidence, Template
from kubectl_hosts.model.hosts.diagnosis import PodLook, read_evidence
from kubectl_hosts.model.pod import HostAlias, parse_pod
from kubectl_hosts.run import Answering, run, run_many
from tests.fakes import FakeCluster, a_node, a_pod, failing

ALIASES = [{"ip": "192.0.2.1", "hostnames": ["db"]}]
ALIAS = (HostAlias("192.0.2.1", ("db",)),)


def evidence(cluster, pod):
    look = PodLook(predict_only=True)
    return run(read_evidence(parse_pod(pod), look), Answering(LiveBackend(cluster)))


def owned_by(kind, name):
    reference = {"kind": kind, "name": name, "controller": True}
    return a_pod("web-1", ownerReferences=[reference])


def workload(kind, name, *, owner=None, spec=None, **metadata):
    references = [{"kind": owner[0], "name": owner[1], "controller": True}] if owner else []
    return {
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop", "ownerReferences": references, **metadata},
        "spec": spec or {"template": {"spec": {"hostAliases": ALIASES}}},
    }


def test_the_node_is_read_once_for_all_its_pods():
    cluster = FakeCluster([a_node()])
    pods = [parse_pod(a_pod(f"web-{number}")) for number in range(20)]
    answering, look = Answering(LiveBackend(cluster)), PodLook(predict_only=True)
    gathered = run_many(lambda pod: read_evidence(pod, look), pods, answering)
    found = {each.node for _, each in gathered}
    assert found == {
        NodeEvidence(name="node-1", kubelet_version="v1.34.4", operating_system="linux")
    }
    assert cluster.asked == [("get", "nodes", "node-1")]


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        pytest.param(
            a_pod("web", spec={"nodeName": ""}),
            CouldNotLook(what="the node", why="the pod has no node yet"),
            id="a pending pod",
        ),
        pytest.param(
            a_pod("web"),
            CouldNotLook(
                what="Node node-1",
                why="no right to it",
                hint="Ask.",
                reason="Forbidden",
                request="get nodes",
            ),
            id="no right, in one line",
        ),
    ],
)
def test_a_node_that_cannot_be_read_is_a_value(pod, expected):
    refusal = failing(Forbidden, "no right\nto it", status=403, reason="Forbidden")
    cluster = FakeCluster(failures={("nodes", "node-1"): refusal})
    assert evidence(cluster, pod).node == expected


@pytest.mark.parametrize(
    ("pod", "objects", "expected"),
    [
        pytest.param(a_pod("web"), [], None, id="nobody owns it"),
        pytest.param(
            owned_by("Node", "node-1"), [], None, id="a static pod's node has no template"
        ),
        pytest.param(owned_by("Rollout", "web"), [], None, id="a type that is not modelled"),
        pytest.param(
            owned_by("StatefulSet", "web"),
            [workload("StatefulSet", "web")],
            Template("StatefulSet", "web", ALIAS, revision=("controller-revision-hash", "")),
            id="a StatefulSet",
        ),
        pytest.param(
            owned_by("ReplicaSet", "web-5d"),
            [workload("ReplicaSet", "web-5d")],
            Template("ReplicaSet", "web-5d", ALIAS),
            id="a ReplicaSet of its own",
        ),
        pytest.param(
            owned_by("ReplicaSet", "web-5d"),
            [
                workload("ReplicaSet", "web-5d", owner=("Deployment", "web")),
                workload("Deployment", "web"),
            ],
            Template("Deployment", "web", ALIAS, made_from=ALIAS),
            id="a Deployment stands above its ReplicaSet",
        ),
        pytest.param(
            owned_by("Job", "tick-1"),
            [
                workload("Job", "tick-1", owner=("CronJob", "tick")),
                workload(
                    "CronJob",
                    "tick",
                    spec={
                        "jobTemplate": {"spec": {"template": {"spec": {"hostAliases": ALIASES}}}}
                    },
                ),
            ],
            Template("CronJob", "tick", ALIAS, made_from=ALIAS),
            id="a CronJob's template stands one level deeper",
        ),
    ],
)
def test_the_template_is_that_of_the_topmost_owner(pod, objects, expected):
    assert evidence(FakeCluster(objects), pod).template == expected


def test_an_owner_that_is_gone_is_a_value():
    found = evidence(FakeCluster(), owned_by("ReplicaSet", "web-5d")).template
    assert found == CouldNotLook(
        what="ReplicaSet shop/web-5d", why='replicasets "web-5d" not found'
    )


def test_the_template_knows_what_was_last_applied_and_who_manages_its_aliases():
    applied = '{"kind": "Deployment"}'
    fields = {"f:spec": {"f:template": {"f:spec": {"f:hostAliases": {}}}}}
    deployment = workload(
        "Deployment",
        "web",
        annotations={"kubectl.kubernetes.io/last-applied-configuration": applied},
        managedFields=[
            {"manager": "helm", "fieldsV1": fields},
            {"manager": "kubelet", "fieldsV1": {"f:status": {}}},
            {"manager": "helm", "fieldsV1": fields},
        ],
    )
    found = evidence(FakeCluster([deployment]), owned_by("Deployment", "web")).template
    assert isinstance(found, Template)
    assert (found.last_applied, found.managers) == (applied, ("helm",))
