"""A changed world: what is read for it, and what becomes of the addresses that are to come."""

import pytest

from kubectl_hosts.model.change import Create, Patch
from kubectl_hosts.model.control_plane import follow
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.objects import parse_object
from kubectl_hosts.model.reads import Found, Objects
from kubectl_hosts.model.selectors import select
from kubectl_hosts.model.what_if import World, change_world

SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "api", "namespace": "shop"},
    "spec": {"clusterIP": "None", "selector": {"app": "api"}, "ports": [{"port": 80}]},
}
WORKLOAD = {
    "apiVersion": "apps/v1",
    "kind": "StatefulSet",
    "metadata": {"name": "api", "namespace": "shop"},
    "spec": {
        "serviceName": "api",
        "replicas": 1,
        "selector": {"matchLabels": {"app": "api"}},
        "template": {
            "metadata": {"labels": {"app": "api"}},
            "spec": {"containers": [{"name": "api", "image": "example.org/api"}]},
        },
    },
}
BY_HAND = {
    "apiVersion": "v1",
    "kind": "Endpoints",
    "metadata": {"name": "db", "namespace": "shop"},
    "subsets": [{"addresses": [{"ip": "192.0.2.9"}], "ports": [{"port": 5432}]}],
}
DB = {**SERVICE, "metadata": {"name": "db", "namespace": "shop"}, "spec": {"clusterIP": "None"}}
OTHER = {**SERVICE, "metadata": {"name": "web", "namespace": "shop"}, "spec": {"clusterIP": ""}}


def changed(objects, change, *, refused=()):
    """The world of OBJECTS with CHANGE made, and the kinds that were listed for it."""
    made = follow(objects)
    making = change_world([change], {}, {}, placeholders=made.placeholders)
    listed = []
    try:
        batch = next(making)
        while True:
            (read,) = batch
            assert isinstance(read, Objects)
            listed += [read.kind] if not read.name else []
            if read.kind in refused:
                batch = making.send({read: CouldNotLook(what=read.kind, why="forbidden")})
                continue
            raw = select(read, made.objects).raw
            typed = tuple(parse_object(read.kind, each) for each in raw)
            batch = making.send({read: Found(typed, True, raw)})
    except StopIteration as ended:
        return ended.value, listed, made.placeholders


def addresses(world, kind, name):
    for each in world.objects:
        if each["kind"] == kind and each["metadata"]["name"].startswith(name):
            return [ip for endpoint in each["endpoints"] for ip in endpoint["addresses"]]
    return None


def test_placeholders_stay_what_they_are_and_new_ones_differ():
    world, _, before = changed([SERVICE, WORKLOAD], Create(OTHER))
    assert isinstance(world, World)
    assert before.items() <= world.placeholders.items()
    new = set(world.placeholders.values()) - set(before.values())
    assert new == {"the cluster IP that Service shop/web will get"}
    assert len(world.placeholders) == len(before) + 1


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        pytest.param(Create(DB), ["Pod", "Service", "EndpointSlice", "Endpoints"], id="a Service"),
        pytest.param(
            Patch("StatefulSet", "shop", "api", {"spec": {"replicas": 2}}, "merge"),
            ["Pod", "Service", "EndpointSlice"],
            id="a workload",
        ),
    ],
)
def test_endpoints_are_read_only_where_they_would_be_mirrored(change, kinds):
    assert changed([SERVICE, WORKLOAD, BY_HAND], change)[1] == kinds


def test_a_new_service_mirrors_the_endpoints_of_its_name():
    world, _, _ = changed([SERVICE, WORKLOAD, BY_HAND], Create(DB))
    assert addresses(world, "EndpointSlice", "db") == ["192.0.2.9"]


def test_endpoints_that_may_not_be_read_are_no_reason_to_give_up():
    world, _, _ = changed([SERVICE, WORKLOAD], Create(OTHER), refused=("Endpoints",))
    assert isinstance(world, World)
    world, _, _ = changed([SERVICE, WORKLOAD], Create(OTHER), refused=("Pod",))
    assert isinstance(world, CouldNotLook)
