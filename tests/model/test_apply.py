"""`kubectl apply` on paper: the three-way patch, and which change each manifest is."""

from __future__ import annotations

import json

import pytest

from kubectl_hosts.model.change import Create, Delete, EditCorefile, Patch, patched
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.reads import Found, Objects
from kubectl_hosts.model.what_if import (
    Applied,
    ToApply,
    apply_changes,
    apply_patch,
    change_in_words,
)


def service(name="redis", *, last=None, **spec):
    annotations = {"other": "kept"}
    if last is not None:
        annotations["kubectl.kubernetes.io/last-applied-configuration"] = json.dumps(last)
    metadata = {"name": name, "namespace": "shop", "uid": "u", "annotations": annotations}
    return {"kind": "Service", "metadata": metadata, "spec": spec}


def manifest(**spec):
    metadata = {"name": "redis", "namespace": "shop", "creationTimestamp": None}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


PORTS = [{"name": "a", "port": 1, "nodePort": 30001}, {"name": "b", "port": 2, "nodePort": 30002}]


@pytest.mark.parametrize(
    ("there", "wanted", "spec"),
    [
        pytest.param(
            service(clusterIP="10.96.0.9", selector={"app": "a"}),
            manifest(selector={"app": "b"}),
            {"clusterIP": "10.96.0.9", "selector": {"app": "b"}},
            id="what the API server filled in stays",
        ),
        pytest.param(
            service(last=manifest(selector={"app": "a", "tier": "x"}), selector={"app": "a", "tier": "x"}),
            manifest(selector={"app": "a"}),
            {"selector": {"app": "a"}},
            id="what was applied and is no more goes",
        ),
        pytest.param(
            service(selector={"app": "a", "tier": "x"}),
            manifest(selector={"app": "a"}),
            {"selector": {"app": "a", "tier": "x"}},
            id="what somebody else set stays",
        ),
        pytest.param(
            service(last=manifest(ports=[{"port": 1}, {"port": 2}]), ports=PORTS),
            manifest(ports=[{"port": 2}]),
            {"ports": [PORTS[1]]},
            id="an item of a merged list goes",
        ),
        pytest.param(
            service(last=manifest(ports=[{"port": 1, "name": "a"}]), ports=PORTS),
            manifest(ports=[{"port": 1}]),
            {"ports": [{"port": 1, "nodePort": 30001}, PORTS[1]]},
            id="a field of an item goes",
        ),
    ],
)  # fmt: skip
def test_an_object_is_patched_as_kubectl_apply_does_it(there, wanted, spec):
    after = patched(there, Patch("Service", "shop", "redis", apply_patch(there, wanted)))
    assert after == {**there, "spec": spec}


def changes(manifests, objects, refused=()):
    diagnosis = apply_changes(ToApply(tuple(manifests), frozenset(refused)))
    batch = next(diagnosis)
    given = {each: objects.get(each.name, Found()) for each in batch}
    with pytest.raises(StopIteration) as ended:
        diagnosis.send(given)
    return batch, ended.value.value


def found(obj):
    return Found(raw=(obj,))


THERE = service(clusterIP="10.96.0.9", selector={"app": "a"})
GONE = {**manifest(), "$patch": "delete"}
COREFILE = {"kind": "ConfigMap", "metadata": {"name": "coredns", "namespace": "kube-system"}}
MONITOR = {"kind": "ServiceMonitor", "metadata": {"name": "web", "namespace": "shop"}}
REDIS = "Service", "shop", "redis"


@pytest.mark.parametrize(
    ("manifests", "objects", "refused", "expected"),
    [
        pytest.param([manifest(selector={"app": "a"})], {}, (), Applied((Create(manifest(selector={"app": "a"})),)), id="one that is not there is made"),
        pytest.param([manifest(selector={"app": "a"})], {"redis": found(THERE)}, (), Applied(()), id="one that is there already changes nothing"),
        pytest.param([GONE], {"redis": found(THERE)}, (), Applied((Delete(*REDIS),)), id="$patch: delete"),
        pytest.param([GONE], {}, (), Applied(()), id="what is not there cannot be deleted"),
        pytest.param([{**COREFILE, "data": {"Corefile": "new"}}], {"coredns": found({**COREFILE, "data": {"Corefile": "old", "x": "y"}})}, (), Applied((EditCorefile("kube-system", "coredns", "Corefile", "old", "new"),)), id="a Corefile"),
        pytest.param([MONITOR, GONE], {}, (), Applied((), ("ServiceMonitor web",)), id="what no name depends on is passed over"),
        pytest.param([manifest()], {"redis": CouldNotLook(what="Service", why="forbidden")}, (), CouldNotLook(what="Service", why="forbidden"), id="what may not be read leaves it open"),
        pytest.param([manifest()], {}, [REDIS], CouldNotLook(what="Service redis", why="the API server refuses Service redis", hint="kubectl hosts show -f says what is wrong with it."), id="one that would not be created"),
    ],
)  # fmt: skip
def test_a_manifest_is_a_change(manifests, objects, refused, expected):
    batch, given = changes(manifests, objects, refused)
    assert given == expected
    assert all(isinstance(each, Objects) for each in batch)


def test_half_a_manifest_is_a_patch_of_an_object_that_is_there():
    _, given = changes([manifest(selector={"app": "b"})], {"redis": found(THERE)}, [REDIS])
    assert [change_in_words(each) for each in given.changes] == ["changes Service shop/redis"]


@pytest.mark.parametrize(
    ("refused", "spec"),
    [
        pytest.param(
            [REDIS], {"selector": {"app": "b"}, "type": "ClusterIP"}, id="half a manifest"
        ),
        pytest.param([], {"selector": {"app": "b"}}, id="a whole one takes away what it has not"),
    ],
)
def test_a_patch_takes_nothing_away(refused, spec):
    """`kubectl patch` knows nothing of what was applied last."""
    there = service(
        last=manifest(selector={"app": "a"}, type="ClusterIP"),
        selector={"app": "a"},
        type="ClusterIP",
    )
    _, given = changes([manifest(selector={"app": "b"})], {"redis": found(there)}, refused)
    (change,) = given.changes
    assert patched(there, change)["spec"] == spec
