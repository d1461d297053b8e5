"""What follows from a change, on paper and by the real controllers: slices object by object."""

from __future__ import annotations

import copy
import json
import os
import secrets
from typing import TYPE_CHECKING, Any

import pytest

from kubectl_hosts.model.control_plane import follow, identity
from tests.e2e.control_plane.cluster import Namespace, settled
from tests.e2e.control_plane.manifests import (
    NOT_READY,
    UNREADY,
    by_hand,
    headless,
    pod,
    selecting,
    subset,
    template,
    workload,
)
from tests.e2e.control_plane.slices import as_predicted, comparable_by_pod
from tests.e2e.control_plane.test_control_plane import CONTROLLERS, Found
from tests.e2e.world import kubectl

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
EP = [{"name": "http", "port": 8080}]


def deployment(name: str, replicas: int = 1, **fields: Any) -> Json:
    return workload("Deployment", name, template(name), replicas=replicas, **fields)


def stateful(name: str, replicas: int, **fields: Any) -> Json:
    chosen = {"serviceName": name, "podManagementPolicy": "Parallel"} | fields
    return workload("StatefulSet", name, template(name), replicas=replicas, **chosen)


def services(name: str, **spec: Any) -> tuple[Json, ...]:
    """A Service and a headless one on the pods of that name."""
    return selecting(f"{name}-vip", name, **spec).service(), headless(name, name, **spec).service()


WORLD: tuple[Json, ...] = (
    deployment("left-alone", 2),
    deployment("more", 0),
    deployment("fewer", 3),
    deployment("named"),
    deployment("ports"),
    deployment("deleted"),
    deployment("relabelled"),
    deployment("reselected"),
    deployment("orphaned"),
    workload("Deployment", "sick", template("sick", **NOT_READY), replicas=1),
    stateful("shrunk", 3),
    stateful("grown", 1),
    stateful("governed", 2),
    stateful("parted", 2, updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}),
    stateful("waiting", 2, updateStrategy={"type": "OnDelete"}),
    pod("lone", labels={"tier": "x"}),
    *(
        each
        for name in ["left-alone", "more", "fewer", "named", "ports", "deleted", "relabelled", "reselected", "orphaned", "sick", "shrunk", "grown", "governed", "parted", "waiting", "lone"]
        for each in services(name)
    ),
    *(each for row in (
        by_hand("hand", subset("192.0.2.10", EP)),
        by_hand("hand-moved", subset("192.0.2.10=a", EP)),
        by_hand("hand-skipped", subset("192.0.2.10", EP)),
        by_hand("hand-selecting", subset("192.0.2.10", EP)),
        by_hand("hand-deleted", subset("192.0.2.10", EP)),
    ) for each in row.objects()),
)  # fmt: skip


def template_of(workload: Json) -> Json:
    return workload["spec"]["template"]["spec"]


def change(objects: dict[tuple[str, str], Json]) -> None:
    """All changes at once, each on objects of its own."""

    def at(kind: str, name: str) -> Json:
        return objects[kind, name]

    at("Deployment", "more")["spec"]["replicas"] = 2
    at("Deployment", "fewer")["spec"]["replicas"] = 1
    template_of(at("Deployment", "named")).update(hostname="here", subdomain="named")
    template_of(at("Deployment", "ports"))["containers"][0]["ports"] = [
        {"name": "http", "containerPort": 8888, "protocol": "TCP"}
    ]
    del objects["Deployment", "deleted"]
    at("Service", "relabelled")["metadata"]["labels"] = {"team": "new"}
    at("Service", "reselected")["spec"]["selector"] = {"app": "left-alone"}
    del objects["Service", "orphaned"]
    at("Service", "orphaned-vip")["spec"].pop("selector")
    at("Service", "sick")["spec"].update(UNREADY)
    at("StatefulSet", "shrunk")["spec"]["replicas"] = 1
    at("StatefulSet", "grown")["spec"]["replicas"] = 3
    at("StatefulSet", "governed")["spec"]["serviceName"] = "other"
    for name in ("parted", "waiting"):
        template_of(at("StatefulSet", name))["containers"][0]["ports"] = [
            {"name": "http", "containerPort": 8888, "protocol": "TCP"}
        ]
    at("Pod", "lone")["metadata"]["labels"]["app"] = "nobody"
    at("Service", "left-alone-vip")["spec"]["ipFamilyPolicy"] = "RequireDualStack"
    at("Endpoints", "hand-moved")["subsets"] = [subset("192.0.2.20=b 2001:db8::20", EP)]
    labels = {"endpointslice.kubernetes.io/skip-mirror": "true"}
    at("Endpoints", "hand-skipped")["metadata"]["labels"] = labels
    at("Service", "hand-selecting")["spec"]["selector"] = {"app": "left-alone"}
    del objects["Service", "hand-deleted"]


# The Services whose slices a change above must touch; the others are left alone. A pod template
# reaches `named` and `ports` by a rollout; `waiting` waits, and so does the first pod of `parted`.
# `orphaned-vip` without its selector keeps its slices, and its Endpoints are mirrored beside them.
FOLLOWED = {
    *("more", "more-vip", "fewer", "fewer-vip", "named", "ports-vip", "deleted", "deleted-vip"),
    *(
        "relabelled",
        "reselected",
        "orphaned",
        "orphaned-vip",
        "sick",
        "shrunk",
        "shrunk-vip",
        "grown",
    ),
    *("grown-vip", "governed", "parted-vip", "lone", "lone-vip", "left-alone-vip"),
    *("hand-moved", "hand-skipped", "hand-selecting", "hand-deleted"),
}


def recreated(obj: Json) -> bool:
    """A StatefulSet's serviceName cannot be patched: it is deleted and made again."""
    return (obj["kind"], obj["metadata"]["name"]) == ("StatefulSet", "governed")


@pytest.fixture(scope="module")
def namespace() -> Iterator[Namespace]:
    made = Namespace(f"control-changes-{secrets.token_hex(2)}")
    try:
        made.build(WORLD)
        made.wait_for_pods(delete=())
        yield made
    finally:
        if not os.environ.get("E2E_KEEP"):
            made.close()


def make(before: list[Json], after: list[Json], namespace: str) -> None:
    """Bring the cluster from BEFORE to AFTER."""
    old = {identity(each): each for each in before}
    new = {identity(each): each for each in after}
    for kind, _, name in old.keys() - new.keys():
        kubectl("delete", kind, name, "-n", namespace, "--wait=false")
    changed = [each for key, each in new.items() if old.get(key) != each]
    bare = [_bare(each) for each in changed]
    forced, replaced = [e for e in bare if recreated(e)], [e for e in bare if not recreated(e)]
    for objects, flags in ((replaced, ()), (forced, ("--force",))):
        listed = {"apiVersion": "v1", "kind": "List", "items": objects}
        kubectl("replace", *flags, "-n", namespace, "-f", "-", stdin=json.dumps(listed).encode())


def _bare(obj: Json) -> Json:
    dropped = ("resourceVersion", "uid", "managedFields", "creationTimestamp", "generation")
    meta = {key: value for key, value in obj["metadata"].items() if key not in dropped}
    return {key: value for key, value in obj.items() if key != "status"} | {"metadata": meta}


def test_slices_after_a_change_are_those_that_the_controllers_make(namespace: Namespace):
    before = settled_objects(namespace)
    changed = {(each["kind"], each["metadata"]["name"]): copy.deepcopy(each) for each in before}
    change(changed)
    after = list(changed.values())
    paper = Found(list(follow(after, before=before).objects))
    make(before, after, namespace.name)

    def differences() -> list[tuple[str, Any, Any]]:
        found = Found(namespace.objects())
        rows = [(name, _slices(paper, name), _slices(found, name)) for name in names]
        return [each for each in rows if each[1] != each[2]]

    names = [each["metadata"]["name"] for each in before if each["kind"] == "Service"]
    there = Found(before)
    followed = {name for name in names if _slices(there, name) != _slices(paper, name)}
    assert followed == FOLLOWED
    assert settled(differences, 60.0) == []


def test_what_the_change_does_not_touch_is_left_alone(namespace: Namespace):
    before = namespace.objects()
    assert list(follow(before, before=before).objects) == before


def settled_objects(namespace: Namespace) -> list[Json]:
    """All objects once the slices have every pod."""
    kept = {"Pod", "Service", "Endpoints", "EndpointSlice", "Node"}
    kinds = kept | {"Deployment", "StatefulSet"}

    def made() -> bool:
        found = Found(namespace.objects())
        return any(len(found.slices(each["metadata"]["name"])) == 0 for each in found.of("Service"))

    settled(made)
    return [each for each in namespace.objects() if each["kind"] in kinds]


def _slices(found: Found, name: str) -> list[Any]:
    names = {each["metadata"]["name"]: as_predicted(each) for each in found.of("Pod")}
    managed = [
        each
        for each in found.slices(name)
        if each["metadata"]["labels"]["endpointslice.kubernetes.io/managed-by"] in CONTROLLERS
    ]
    return comparable_by_pod(managed, names)
