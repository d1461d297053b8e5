"""Selectors, as pkg/labels/selector.go and pkg/fields/selector.go read them."""

from __future__ import annotations

import pytest

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.selectors import field_selector, label_selector

POD = {
    "metadata": {"name": "web", "labels": {"app": "web", "example.org/tier": "front", "n": "5"}},
    "spec": {"hostNetwork": True, "nodeName": "node-1"},
}


@pytest.mark.parametrize(
    "selector",
    [
        pytest.param("", id="nothing selects all"),
        pytest.param("app=web", id="equality"),
        pytest.param("app == web , n!=6", id="two with blanks"),
        pytest.param("absent!=x", id="an absent label differs from every value"),
        pytest.param("app", id="existence"),
        pytest.param("!absent", id="absence"),
        pytest.param("app in (web,api),example.org/tier", id="a set, and a prefixed key"),
        pytest.param("app notin (api)", id="outside a set"),
        pytest.param("absent notin (api)", id="an absent label is outside every set"),
        pytest.param("n>4,n<6", id="numbers"),
    ],
)
def test_a_label_selector_selects(selector):
    assert label_selector(selector)(POD)


@pytest.mark.parametrize(
    "selector",
    [
        pytest.param("app=api", id="another value"),
        pytest.param("app!=web", id="the same value"),
        pytest.param("!app", id="it exists"),
        pytest.param("absent", id="it does not exist"),
        pytest.param("absent=", id="an absent label is not an empty one"),
        pytest.param("app in (api)", id="outside the set"),
        pytest.param("app>4", id="not a number"),
        pytest.param("app=web,n=6", id="one of two"),
    ],
)
def test_a_label_selector_leaves_out(selector):
    assert not label_selector(selector)(POD)


@pytest.mark.parametrize(
    "selector", ["a=b=c", "a,,b", "a in b", "a in (b", "=a", "a b", "-a", "a=b/c"]
)
def test_a_selector_that_kubectl_refuses_is_bad_input(selector):
    with pytest.raises(BadInput, match="unable to parse the label selector"):
        label_selector(selector)


@pytest.mark.parametrize(
    ("selector", "selects"),
    [
        pytest.param("", True, id="nothing selects all"),
        pytest.param("metadata.name=web,spec.nodeName==node-1", True, id="two terms"),
        pytest.param("spec.hostNetwork=true", True, id="a boolean"),
        pytest.param("status.phase=", True, id="an absent field is empty"),
        pytest.param("status.phase!=Running", True, id="absent differs"),
        pytest.param("metadata.name!=web", False, id="the same"),
        pytest.param(r"metadata.name=a\,b", False, id="an escaped comma"),
    ],
)
def test_a_field_selector(selector, selects):
    assert field_selector(selector)(POD) is selects


@pytest.mark.parametrize("selector", ["metadata.name", "metadata.name=web,,", "a b=c"])
def test_a_field_selector_that_the_server_refuses_is_bad_input(selector):
    with pytest.raises(BadInput, match="invalid field selector"):
        field_selector(selector)
