"""Each reason that a manifest alone can give, and the manifest beside it that does not."""

from __future__ import annotations

import json

import pytest

from tests.fakes import run

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers: [{name: main, image: x%(container)s}]%(spec)s
"""
SET = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: %(replicas)s
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {hostname: db, containers: [{name: main, image: x}]}
"""

SERVICE = """\
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {type: %s, externalName: db.example.com, ports: [{port: 80}]}
"""
THING = """\
---
apiVersion: %s
kind: Thing
metadata: {name: one, namespace: shop}
spec: {}
"""


def pod(spec="", container=""):
    return POD % {"spec": spec and f"\n  {spec}", "container": container}


@pytest.mark.parametrize(
    ("reason", "fires", "near_miss"),
    [
        pytest.param(
            "UnknownField", pod("hostAlias: []"), pod("hostAliases: []"), id="a misspelling"
        ),
        pytest.param(
            "UnknownKind", pod().replace("v1", "v2"), pod(), id="a version that is not served"
        ),
        pytest.param(
            "InvalidValue",
            pod("dnsPolicy: Any"),
            pod("dnsPolicy: None\n  dnsConfig: {nameservers: [10.0.0.1]}"),
            id="a policy",
        ),
        pytest.param(
            "HostNameIgnored",
            pod("hostNetwork: true\n  hostname: db"),
            pod("hostNetwork: false\n  hostname: db"),
            id="a host name on the host network",
        ),
        pytest.param(
            "DroppedField",
            pod() + SERVICE % "ClusterIP",
            pod() + SERVICE % "ExternalName",
            id="an alias of a Service that is none",
        ),
        pytest.param(
            "HostNameNotALabel",
            pod().replace("name: web", "name: web.v1"),
            pod().replace("name: web", "name: web-v1"),
            id="a name with a dot",
        ),
        pytest.param(
            "ResourceNotRead",
            pod() + THING % "example.com/v1",
            pod(),
            id="a kind that nobody here knows",
        ),
        pytest.param(
            "HostNameOfEveryReplica", SET % {"replicas": 2}, SET % {"replicas": 1}, id="a hostname"
        ),
    ],
)
def test_a_reason_fires_and_its_near_miss_does_not(capfd, tmp_path, reason, fires, near_miss):
    def reasons(text):
        file = tmp_path / "x.yaml"
        file.write_text(text)
        _, out, err = run(capfd, "show", "-f", str(file), "-o", "json")
        found = json.loads(out) if out else {}
        return {*_reasons(found), *err.split()}

    assert reason in reasons(fires)
    assert reason not in reasons(near_miss)


def _reasons(value):
    if isinstance(value, dict):
        if isinstance(value.get("reason"), str):
            yield value["reason"]
        for each in value.values():
            yield from _reasons(each)
    elif isinstance(value, list):
        for each in value:
            yield from _reasons(each)
