"""The slices on paper are those that the real controllers make, object by object."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Any

import pytest

from kubectl_hosts.model.control_plane import (
    MANAGED_BY_LABEL,
    MIRRORING_CONTROLLER,
    SERVICE_NAME_LABEL,
    SLICE_CONTROLLER,
    follow,
    mirrored_slices,
    slices_for,
)
from tests.e2e.control_plane.cluster import Namespace, settled
from tests.e2e.control_plane.manifests import OTHERS, READY, ROWS, Row
from tests.e2e.control_plane.slices import as_predicted, comparable, comparable_by_pod
from tests.e2e.release import server_release

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
CONTROLLERS = {SLICE_CONTROLLER, MIRRORING_CONTROLLER}


@pytest.fixture(scope="module")
def namespace() -> Iterator[Namespace]:
    made = Namespace(f"control-plane-{secrets.token_hex(2)}")
    try:
        made.build([*READY, *OTHERS, *(each for row in ROWS for each in row.objects())])
        made.wait_for_pods()
        yield made
    finally:
        if not os.environ.get("E2E_KEEP"):
            made.close()


class Found:
    """What is there, by kind and name."""

    def __init__(self, objects: list[Json]) -> None:
        self.objects = objects
        self.nodes = {each["metadata"]["name"]: each for each in self.of("Node")}

    def of(self, kind: str) -> list[Json]:
        return [each for each in self.objects if each["kind"] == kind]

    def named(self, kind: str, name: str) -> Json | None:
        return next((each for each in self.of(kind) if each["metadata"]["name"] == name), None)

    def slices(self, name: str) -> list[Json]:
        """The slices that a controller made for the Service NAME."""
        return [
            each
            for each in self.of("EndpointSlice")
            if each["metadata"].get("labels", {}).get(SERVICE_NAME_LABEL) == name
            and each["metadata"]["labels"].get(MANAGED_BY_LABEL) in CONTROLLERS
        ]


def test_slices_are_those_that_the_controllers_make_of_the_pods_that_run(namespace: Namespace):
    """Live: the real Services, pods and nodes go in."""

    def differences() -> list[tuple[str, Any, Any]]:
        found = Found(namespace.objects())
        rows = [
            (row.name, comparable(_made(row, found)), comparable(found.slices(row.name)))
            for row in ROWS
            if row.name not in _otherwise()
        ]
        return [each for each in rows if each[1] != each[2]]

    assert len(ROWS) >= 60
    assert settled(differences) == []


def _otherwise() -> set[str]:
    """The rows that an older release makes otherwise.

    A sidecar's port by its name: endpointslice utils.go has it in 1.34. A mirrored address is
    written as net.IP writes it since 1.33: endpointslicemirroring utils.go, addressToEndpoint.
    """
    changed = {"side": (1, 34), "hand-six": (1, 33)}
    return {name for name, release in changed.items() if server_release() < release}


def _made(row: Row, found: Found) -> tuple[Json, ...]:
    service = found.named("Service", row.name)
    made = slices_for(service, found.of("Pod"), nodes=found.nodes) if service else ()
    if row.endpoints is None:
        return made
    endpoints = found.named("Endpoints", row.name)
    assert endpoints is not None
    return (*made, *mirrored_slices(endpoints, service))


ASSUMED = [row for row in ROWS if row.is_assumed]


def placed(objects: Any, namespace: str) -> list[Json]:
    """The manifests with their namespace, as offline/documents.py fills it in."""
    return [{**each, "metadata": {**each["metadata"], "namespace": namespace}} for each in objects]


def test_slices_from_files_alone_are_those_that_come_of_them(namespace: Namespace):
    """From files: nothing of the cluster goes in but its nodes; pods stand for their addresses."""

    def differences() -> list[tuple[str, Any, Any]]:
        found = Found(namespace.objects())
        files = [*READY, *(each for row in ASSUMED for each in row.objects())]
        paper = Found(list(follow([*placed(files, namespace.name), *found.nodes.values()]).objects))
        names = {each["metadata"]["name"]: as_predicted(each) for each in found.of("Pod")}
        rows = [
            (
                row.name,
                comparable_by_pod(paper.slices(row.name), {}),
                comparable_by_pod(found.slices(row.name), names),
            )
            for row in ASSUMED
            if row.name not in _otherwise()
        ]
        return [each for each in rows if each[1] != each[2]]

    assert len(ASSUMED) >= 60
    assert settled(differences) == []


# The fields of a Service that a name resolves by, and that the API server fills in.
STORED = ("type", "ipFamilies", "ipFamilyPolicy", "ports", "selector", "externalName")


@pytest.mark.parametrize("row", [row for row in ROWS if row.has_service], ids=lambda row: row.name)
def test_services_are_stored_as_the_api_server_stores_them(
    namespace: Namespace, stored: Found, row: Row
):
    real = stored.named("Service", row.name)
    assert real is not None
    made = follow([*placed([row.service()], namespace.name), *stored.nodes.values()])
    paper = Found(list(made.objects)).named("Service", row.name)
    assert paper is not None
    assert _fields(paper) == _fields(real)
    assert [_kind(each) for each in paper["spec"].get("clusterIPs", [])] == [
        _kind(each) for each in real["spec"].get("clusterIPs", [])
    ]


@pytest.fixture(scope="module")
def stored(namespace: Namespace) -> Found:
    return Found(namespace.objects())


def _fields(service: Json) -> Json:
    spec = service["spec"]
    ports = [
        {key: value for key, value in port.items() if key != "nodePort"}
        for port in spec.get("ports", [])
    ]
    return {key: spec.get(key) or None for key in STORED} | {"ports": ports}


def _kind(address: str) -> str:
    return address if address == "None" else "IPv6" if ":" in address else "IPv4"


def test_pods_from_files_alone_are_those_that_come_of_them(namespace: Namespace, stored: Found):
    """Names, host names and labels of every pod that runs; those of 0 replicas are none."""
    paper = Found(list(follow([*placed(READY, namespace.name), *stored.nodes.values()]).objects))
    others = {each["metadata"]["labels"]["app"] for each in (*OTHERS_TEMPLATES,)}
    real = [each for each in stored.of("Pod") if each["metadata"]["labels"]["app"] not in others]
    predicted = {
        _pod(each, each["metadata"]["name"]) for each in paper.of("Pod") if each.get("status")
    }
    assert predicted == {_pod(each, as_predicted(each)) for each in real}


OTHERS_TEMPLATES = [each if each["kind"] == "Pod" else each["spec"]["template"] for each in OTHERS]


def _pod(pod: Json, name: str) -> tuple[Any, ...]:
    # Hashes of revisions, and uids, are the cluster's.
    ours = {
        key: value
        for key, value in pod["metadata"]["labels"].items()
        if key not in {"pod-template-hash", "controller-revision-hash", "pod-template-generation"}
        and "controller-uid" not in key
    }
    spec = pod["spec"]
    return name, spec.get("hostname", ""), spec.get("subdomain", ""), tuple(sorted(ours.items()))
