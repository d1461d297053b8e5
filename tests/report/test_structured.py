"""JSON and YAML: the values come back, and nothing in the text commands a terminal."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.report.json_documents import print_document, print_json_list

# UTF-8 has no surrogates; YAML readers differ over what JSON's escapes of them mean.
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
RAW = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"


@given(st.dictionaries(TEXT, TEXT | st.lists(TEXT) | st.integers() | st.none()))
def test_json_comes_back_as_it_was(document):
    text = print_document(document, "json")
    assert json.loads(text) == document
    assert not re.search(RAW, text)


@given(st.dictionaries(TEXT, TEXT))
def test_yaml_commands_no_terminal(document):
    text = print_document(document, "yaml")
    assert not re.search(RAW, text)
    assert yaml.safe_load(text) == document


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        pytest.param("\x1b[2J", '"\\u001b[2J"', id="ESC"),
        pytest.param("\x7f", '"\\u007f"', id="DEL"),
        pytest.param("\x9b2J", '"\\u009b2J"', id="CSI of C1"),
        pytest.param("a\u202eb", '"a\\u202eb"', id="a bidirectional override"),
        pytest.param("\U000e0041", '"\\udb40\\udc41"', id="a tag, in two units"),
        pytest.param("Zürich", '"Zürich"', id="letters are left alone"),
        pytest.param("日本", '"日本"', id="wide ones too"),
    ],
)
@pytest.mark.parametrize("output", ["json", "jsonpath={.a}"])
def test_only_what_acts_or_hides_is_escaped(text, printed, output):
    document = {"a": [text]}
    assert printed in print_document(document, output)


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_a_number_that_json_lacks_is_never_printed(number):
    with pytest.raises(ValueError, match="JSON compliant"):
        print_document({"a": [number]}, "json")


@pytest.mark.parametrize("items", [[], [{}], [{"a": "x\ny"}, {"b": [1, {"c": []}]}]])
def test_a_list_is_printed_as_the_whole_document_is(items):
    head = {"apiVersion": "v1", "kind": "List"}
    printed = "".join(print_json_list(head, items))
    assert printed == print_document({**head, "items": items}, "json")
