"""Fields of Kubernetes objects: absent reads as empty, a wrong type names its path."""

import pytest

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model import fields


@pytest.mark.parametrize(
    ("read", "path", "empty"),
    [
        (fields.text, ("spec", "hostname"), ""),
        (fields.items, ("spec", "hostAliases"), ()),
        (fields.texts, ("spec", "names"), ()),
        (fields.flag, ("spec", "hostNetwork"), False),
        (fields.number, ("spec", "replicas"), 0),
        (fields.mapping, ("spec", "dnsConfig"), {}),
    ],
)
@pytest.mark.parametrize(
    "obj", [{}, {"spec": None}, {"spec": {}}], ids=["no spec", "null", "empty"]
)
def test_an_absent_field_reads_as_empty(read, path, empty, obj):
    assert read(obj, *path) == empty


@pytest.mark.parametrize(
    ("read", "obj", "message"),
    [
        (fields.text, {"a": {"b": 7}}, "a.b: expected a string, found a number"),
        (fields.items, {"a": {"b": "x"}}, "a.b: expected a list, found a string"),
        (fields.items, {"a": {"b": ["x"]}}, "a.b[0]: expected an object, found a string"),
        (fields.texts, {"a": {"b": ["x", 7]}}, "a.b[1]: expected a string, found a number"),
        (fields.number, {"a": {"b": True}}, "a.b: expected a number, found true or false"),
        (fields.text, {"a": ["x"]}, "a: expected an object, found a list"),
    ],
)
def test_a_wrong_type_names_its_path(read, obj, message):
    with pytest.raises(BadInput) as error:
        read(obj, "a", "b")
    assert error.value.message == message
