"""Patches, as the API server applies them: strategicpatch, RFC 7386, RFC 6902."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.change import Create, EditCorefile, Patch, Restart, patched, touched

POD = {
    "spec": {
        "hostname": "a",
        "hostAliases": [{"ip": "10.1.1.1", "hostnames": ["x"]}, {"ip": "10.2.2.2"}],
        "containers": [
            {"name": "main", "volumeMounts": [{"name": "v", "mountPath": "/etc/hosts"}]}
        ],
    }
}


def _after(patch, kind="strategic"):
    return patched(POD, Patch("Pod", "shop", "a", patch, kind))["spec"]


@pytest.mark.parametrize(
    ("patch", "kind", "field", "value"),
    [
        pytest.param({"spec": {"hostname": "b"}}, "merge", "hostname", "b", id="a value"),
        pytest.param({"spec": {"hostname": None}}, "merge", "hostname", None, id="null takes a field away"),
        pytest.param({"spec": {"hostAliases": [{"ip": "10.3.3.3"}]}}, "merge", "hostAliases", [{"ip": "10.3.3.3"}], id="a merge patch replaces a list"),
        pytest.param({"spec": {"hostAliases": [{"ip": "10.3.3.3"}]}}, "strategic", "hostAliases", [{"ip": "10.3.3.3"}, *POD["spec"]["hostAliases"]], id="a new item of a merged list goes first"),
        pytest.param({"spec": {"hostAliases": [{"ip": "10.1.1.1", "hostnames": ["y"]}]}}, "strategic", "hostAliases", [{"ip": "10.1.1.1", "hostnames": ["y"]}, {"ip": "10.2.2.2"}], id="an item by its key"),
        pytest.param({"spec": {"hostAliases": [{"ip": "10.1.1.1", "$patch": "delete"}]}}, "strategic", "hostAliases", [{"ip": "10.2.2.2"}], id="an item goes"),
        pytest.param({"spec": {"containers": [{"name": "main", "volumeMounts": [{"mountPath": "/etc/hosts", "$patch": "delete"}]}]}}, "strategic", "containers", [{"name": "main", "volumeMounts": []}], id="a mount goes"),
        pytest.param(({"op": "add", "path": "/spec/hostAliases/1/hostnames", "value": ["z"]},), "json", "hostAliases", [{"ip": "10.1.1.1", "hostnames": ["x"]}, {"ip": "10.2.2.2", "hostnames": ["z"]}], id="an operation"),
        pytest.param(({"op": "remove", "path": "/spec/hostname"},), "json", "hostname", None, id="a removal"),
    ],
)  # fmt: skip
def test_a_patch_applied(patch, kind, field, value):
    assert _after(patch, kind).get(field) == value


def test_what_is_patched_is_left_as_it_was():
    before = repr(POD)
    _after({"spec": {"hostAliases": [{"ip": "10.1.1.1", "$patch": "delete"}]}})
    assert repr(POD) == before


@pytest.mark.parametrize(
    ("patch", "replaces"),
    [
        pytest.param(Patch("Pod", "s", "a", {"spec": {"hostname": "b"}}), True, id="a pod's spec"),
        pytest.param(Patch("Pod", "s", "a", {"metadata": {}}), False, id="a pod's labels"),
        pytest.param(Patch("StatefulSet", "s", "a", {"spec": {"serviceName": "b"}}), True, id="serviceName"),
        pytest.param(Patch("StatefulSet", "s", "a", {"spec": {"replicas": 2}}), False, id="replicas"),
    ],
)  # fmt: skip
def test_what_has_to_be_made_anew(patch, replaces):
    assert patch.replaces is replaces


def test_the_object_that_a_change_touches():
    changes = (
        Create({"kind": "Service", "metadata": {"namespace": "shop", "name": "pods"}}),
        EditCorefile("kube-system", "coredns", "Corefile", "", ""),
        Restart("Deployment", "shop", "web"),
    )
    assert [str(touched(each)) for each in changes] == [
        "Service shop/pods",
        "ConfigMap kube-system/coredns",
        "Deployment shop/web",
    ]
