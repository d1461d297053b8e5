"""Reads answered from lists: what a selector finds by index is what it finds by looking at all."""

from __future__ import annotations

import pytest

from kubectl_hosts.model.check.inventory import Inventory, from_inventory
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.reads import Found, Objects
from kubectl_hosts.model.selectors import select
from kubectl_hosts.run import run


def service(namespace, name, **labels):
    return {
        "kind": "Service",
        "metadata": {"namespace": namespace, "name": name, "labels": labels},
        "spec": {"clusterIP": f"10.96.0.{len(name)}"},
    }


SERVICES = (
    service("shop", "redis", app="redis", tier="db"),
    service("shop", "web", app="web"),
    service("bank", "redis", app="redis"),
)


@pytest.mark.parametrize(
    "read",
    [
        Objects("Service", "shop", "redis"),
        Objects("Service", "shop", "nope"),
        Objects("Service", "shop"),
        Objects("Service"),
        Objects("Service", name="redis"),
        Objects("Service", fields="metadata.name=redis"),
        Objects("Service", "bank", fields="metadata.name=redis"),
        Objects("Service", fields="spec.clusterIP=10.96.0.5"),
        Objects("Service", fields="metadata.namespace!=shop"),
        Objects("Service", labels="app=redis"),
        Objects("Service", "shop", labels="app=redis,tier=db"),
        Objects("Service", labels="app!=redis"),
        Objects("Service", labels="app in (web,redis),!tier"),
    ],
    ids=str,
)
def test_lists_give_what_the_api_server_would(read):
    found = Inventory({"Service": SERVICES}).answer(read)
    assert isinstance(found, Found)
    assert found.raw == select(read, SERVICES).raw
    assert found.objects == select(read, SERVICES).objects


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(Objects("Service", "bank", "redis"), id="another namespace"),
        pytest.param(Objects("Service"), id="every namespace"),
        pytest.param(Objects("Ingress", "shop"), id="a kind that was not listed"),
    ],
)
def test_what_the_lists_do_not_hold_is_left_to_others(read):
    assert Inventory({"Service": SERVICES[:2]}, "shop").answer(read) is None


def test_a_list_that_was_refused_is_no_absence():
    refused = CouldNotLook(what="services", why="forbidden")
    inventory = Inventory({"Service": refused})
    assert inventory.answer(Objects("Service", "shop", "redis")) == refused
    assert inventory.failures == (refused,)
    assert not inventory.answers_all("Service")


def test_a_diagnosis_asks_others_for_the_rest_alone():
    known, other = Objects("Service", "shop", "web"), Objects("Node", name="n1")
    asked = []

    def diagnosis():
        given = yield (known, other)
        return {each: len(given[each].objects) for each in given}

    def answering(reads):
        asked.extend(reads)
        return {each: Found() for each in reads}

    result = run(from_inventory(diagnosis(), Inventory({"Service": SERVICES})), answering)
    assert result == {known: 1, other: 0}
    assert asked == [other]
