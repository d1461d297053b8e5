"""Whatever a manifest says, there is a verdict on it: what the server would refuse, it is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_hosts.model.api.kinds import Kind, at, pod_spec_path
from kubectl_hosts.model.api.review import review
from kubectl_hosts.offline.manifests import api_model
from kubectl_hosts.yaml_reader import parse_yaml
from tests.model.api.table import TABLE

OBJECTS = [
    document.value
    for row in TABLE
    for document in parse_yaml(row.text)
    if isinstance(document.value.get("kind"), str) and "apiVersion" in document.value
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


def places(value, path=()):
    """Every path of VALUE."""
    members = value.items() if isinstance(value, dict) else ()
    members = enumerate(value) if isinstance(value, list) else members
    for step, each in members:
        yield (*path, step)
        yield from places(each, (*path, step))


def replaced(value, path, new):
    if not path:
        return new
    step, *rest = path
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[step] = replaced(copied[step], rest, new)
    return copied


@settings(deadline=None)  # the first of them reads the models
@given(st.data())
def test_a_value_of_any_type_at_any_place_has_a_verdict(data):
    obj = data.draw(st.sampled_from(OBJECTS))
    own = [each for each in places(obj) if each not in {("kind",), ("apiVersion",)}]
    changed = replaced(obj, data.draw(st.sampled_from(own)), data.draw(VALUES))
    found = review(changed, api_model)
    assert found.refused or not found.unreadable
    assert all(each.message and each.evidence for each in found.findings)


@settings(deadline=None)  # the first of them reads the models
@given(st.sampled_from(OBJECTS), st.text(min_size=1))
def test_a_field_that_the_api_does_not_have_is_refused_wherever_it_stands(obj, name):
    spec = pod_spec_path(obj)
    inside = at(obj, spec) if spec else None
    if isinstance(inside, dict) and name not in api_model("V1PodSpec").fields:
        found = review(replaced(obj, spec, {**inside, name: "x"}), api_model)
        assert found.refused or not Kind(obj["apiVersion"], obj["kind"]).model


@pytest.mark.parametrize(
    ("kind", "model"),
    [
        pytest.param(Kind("v1", "Service"), "V1Service", id="the core Service"),
        pytest.param(Kind("serving.knative.dev/v1", "Service"), "", id="Knative's Service"),
        pytest.param(Kind("apps/v1", "Deployment"), "V1Deployment", id="a workload"),
        pytest.param(Kind("apps/v1beta1", "Deployment"), "", id="a version that is gone"),
        pytest.param(
            Kind("autoscaling/v2", "HorizontalPodAutoscaler"),
            "V2HorizontalPodAutoscaler",
            id="version 2",
        ),
    ],
)
def test_a_kind_is_known_by_its_group_and_version(kind, model):
    assert kind.model == model
    assert not model or api_model(model).name == model
