"""What a capture leaves out of the objects it holds."""

from __future__ import annotations

import json

import pytest

from kubectl_hosts.offline.recorder import without_private

CONTAINER = {
    "name": "app",
    "command": ["run", "--password=x"],
    "args": ["x"],
    "livenessProbe": {"exec": {"command": ["ask", "--password=x"]}},
    "readinessProbe": {"httpGet": {"httpHeaders": [{"name": "Authorization", "value": "x"}]}},
    "startupProbe": {"exec": {"command": ["ask", "--password=x"]}},
    "env": [
        {"name": "PASSWORD", "value": "x"},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
        {"name": "RES_OPTIONS", "value": "ndots:1"},
    ],
    "volumeMounts": [{"name": "own", "mountPath": "/etc/hosts"}],
}
STRIPPED = {
    "name": "app",
    "env": [
        {"name": "PASSWORD"},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
        {"name": "RES_OPTIONS", "value": "ndots:1"},
    ],
    "volumeMounts": [{"name": "own", "mountPath": "/etc/hosts"}],
}
CONTAINER_MEANT = "kubectl.kubernetes.io/default-container"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def manifest(container):
    return {
        "metadata": {"name": "web"},
        "spec": {"template": {"spec": {"initContainers": [container]}}},
    }


def test_commands_and_values_are_left_out_however_deep_the_template_stands():
    assert without_private(manifest(CONTAINER)) == manifest(STRIPPED)


def test_the_last_applied_manifest_is_treated_as_the_object_is():
    written = json.dumps(manifest(CONTAINER))
    kept = without_private({"metadata": {"annotations": {LAST_APPLIED: written}}})
    assert json.loads(kept["metadata"]["annotations"][LAST_APPLIED]) == manifest(STRIPPED)


def test_a_last_applied_manifest_that_is_not_json_is_left_out():
    kept = without_private(
        {"metadata": {"annotations": {LAST_APPLIED: "{", CONTAINER_MEANT: "app"}}}
    )
    assert kept == {"metadata": {"annotations": {CONTAINER_MEANT: "app"}}}


def test_only_annotations_that_bear_on_names_are_kept_in_templates_as_well():
    annotations = {
        "acme.example/token": "x",
        CONTAINER_MEANT: "app",
        "kubectl-hosts/predicted": "y",
    }
    kept = {CONTAINER_MEANT: "app", "kubectl-hosts/predicted": "y"}

    def workload(of_template):
        template = {"metadata": {"annotations": of_template}, "spec": {}}
        return {"metadata": {"annotations": of_template}, "spec": {"template": template}}

    assert without_private(workload(annotations)) == workload(kept)


@pytest.mark.parametrize(
    "obj",
    [
        pytest.param(
            {"metadata": {"name": "coredns"}, "data": {"Corefile": ".:53 {}"}}, id="a ConfigMap"
        ),
        pytest.param(
            {"metadata": {"name": "web"}, "status": {"podIPs": [{"ip": "192.0.2.1"}]}},
            id="a status",
        ),
        pytest.param(manifest(STRIPPED), id="what was stripped before"),
    ],
)
def test_the_rest_is_left_alone(obj):
    assert without_private(obj) == obj


def test_of_managed_fields_only_who_manages_host_aliases_stays():
    aliases = {"manager": "helm", "fieldsV1": {"f:spec": {"f:hostAliases": {}}}}
    other = {"manager": "kubelet", "fieldsV1": {"f:status": {}}}
    kept = without_private({"metadata": {"managedFields": [aliases, other]}})
    assert kept == {"metadata": {"managedFields": [aliases]}}
