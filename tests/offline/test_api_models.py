"""The tables that are read from the source of the kubernetes package are those that it runs with."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from kubectl_hosts.model.api.decoding import FieldType, Type, field_type
from kubectl_hosts.offline import manifests
from kubectl_hosts.offline.manifests import api_model

KINDS = ("V1Pod", "V1CronJob", "V1StatefulSet", "V1Service", "V1EndpointSlice", "V1Endpoints")


def reachable(names):
    """Those models, and all that their fields lead to."""
    found, todo = {}, list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = api_model(name)
            todo += [model for each in found[name].fields.values() for model in models_in(each)]
    return found


def models_in(field):
    return [field.model] if field.model else models_in(field.of) if field.of else []


def test_the_tables_of_every_model_that_a_manifest_can_have_are_those_of_its_class():
    classes = import_module("kubernetes.client.models")
    for name, model in reachable(KINDS).items():
        found = getattr(classes, name)
        expected = {
            json_name: field_type(found.openapi_types[own])
            for own, json_name in found.attribute_map.items()
        }
        assert model.fields == expected


def test_what_must_be_there_is_what_the_class_asks_for():
    classes = import_module("kubernetes.client.models")
    for name, model in reachable(KINDS).items():
        found = getattr(classes, name)
        if hasattr(found, "model_fields"):  # since release 37
            asked = {own for own, each in found.model_fields.items() if each.is_required()}
            assert model.required == {found.attribute_map[own] for own in asked}


def test_without_sources_the_classes_themselves_are_asked(monkeypatch):
    whole = api_model("V1HostAlias")
    monkeypatch.setattr(manifests, "_source", lambda _: "")
    assert api_model.__wrapped__("V1HostAlias") == whole


def test_there_is_no_model_of_an_unknown_name():
    with pytest.raises(KeyError):
        api_model("V1Nothing")


# kubernetes 31, client/models/v1_host_alias.py, cut.
OF_RELEASE_31 = """
class V1HostAlias(object):
    openapi_types = {
        'hostnames': 'list[str]',
        'ip': 'str'
    }

    attribute_map = {
        'hostnames': 'hostnames',
        'ip': 'ip'
    }

    def __init__(self, hostnames=None, ip=None, local_vars_configuration=None):  # noqa: E501
        self._ip = None

    @ip.setter
    def ip(self, ip):
        if self.local_vars_configuration.client_side_validation and ip is None:  # noqa: E501
            raise ValueError("Invalid value for `ip`, must not be `None`")  # noqa: E501
"""


def test_releases_before_37_are_read_as_well(monkeypatch):
    whole = api_model("V1HostAlias")
    monkeypatch.setattr(manifests, "_source", lambda _: OF_RELEASE_31)
    assert api_model.__wrapped__("V1HostAlias") == whole


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("str", FieldType(Type.TEXT), id="text"),
        pytest.param("List[int]", FieldType(Type.LIST, of=FieldType(Type.WHOLE)), id="a list"),
        pytest.param("list[int]", FieldType(Type.LIST, of=FieldType(Type.WHOLE)), id="an old list"),
        pytest.param("Dict[str, bytes]", FieldType(Type.MAP, of=FieldType(Type.BYTES)), id="a map"),
        pytest.param(
            "dict(str, str)", FieldType(Type.MAP, of=FieldType(Type.TEXT)), id="an old map"
        ),
        pytest.param(
            "dict(str, list[str])",
            FieldType(Type.MAP, of=FieldType(Type.LIST, of=FieldType(Type.TEXT))),
            id="lists in a map",
        ),
        pytest.param("V1PodSpec", FieldType(Type.OBJECT, model="V1PodSpec"), id="a model"),
    ],
)
def test_types_are_read_in_the_words_of_every_release(written, expected):
    assert field_type(written) == expected


def test_reading_a_model_imports_nothing_of_the_package():
    code = (
        "import sys; from kubectl_hosts.offline.manifests import api_model;"
        "api_model('V1PodSpec'); print('kubernetes' in sys.modules, 'pydantic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"
