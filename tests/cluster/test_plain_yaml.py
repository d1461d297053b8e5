"""The YAML of kubeconfigs without PyYAML: every answer is PyYAML's, or there is none."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kubectl_hosts.cluster.plain_yaml import Beyond, read_plain_yaml

BY_KUBECTL = b"""apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUM=
    server: https://192.0.2.1:6443
  name: prod
contexts:
- context:
    cluster: prod
    namespace: web
    user: me@example.org
  name: prod
current-context: prod
kind: Config
preferences: {}
users:
- name: me@example.org
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      args:
      - --region
      - eu-west
      command: aws
      env: null
      interactiveMode: IfAvailable
      provideClusterInfo: false
"""
IN_BRACES = b"""apiVersion: v1
clusters: [{name: real, cluster: {server: "https://192.0.2.1:6443"}}]
users: [{name: admin, user: {client-key-data: LS0t, as-groups: [a, 'b c']}}]
contexts: []
"""


@pytest.mark.parametrize("text", [BY_KUBECTL, IN_BRACES])
def test_a_kubeconfig_as_tools_write_it_needs_no_library(text):
    assert read_plain_yaml(text) == yaml.safe_load(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"a: 1", id="a number"),
        pytest.param(b"a: 2001-01-01", id="a date"),
        pytest.param(b"a: yes", id="a boolean of YAML 1.1"),
        pytest.param(b"yes: a", id="a boolean as key"),
        pytest.param(b"a: &x b", id="an anchor"),
        pytest.param(b"a: !!str b", id="a tag"),
        pytest.param(b"a: |\n  b", id="a block of text"),
        pytest.param(b"a: b # c", id="a comment"),
        pytest.param(b"a: b\n  c", id="a second line"),
        pytest.param(b"a: b: c", id="a colon in a word"),
        pytest.param(b'a: "\\n"', id="an escape"),
        pytest.param(b"a: 'b''c'", id="a quote in quotes"),
        pytest.param(b"---\na: b", id="a document marker"),
        pytest.param(b"a:\tb", id="a tab"),
        pytest.param("a: é".encode(), id="more than ASCII"),
        pytest.param(b"{a: b", id="a brace that stays open"),
        pytest.param(b"- " * 30 + b"a", id="lists in lists"),
        pytest.param(b"a: " + b"[" * 5000, id="five thousand brackets"),
    ],
)
def test_anything_else_is_left_to_the_library(text):
    with pytest.raises(Beyond):
        read_plain_yaml(text)


WORD = st.from_regex(r"[A-Za-z/.:@'\"=~<>0-9-]{1,8}", fullmatch=True)
NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | WORD | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORD, inner, max_size=3),
    max_leaves=12,
)
STYLE = st.sampled_from([True, False, None])
PIECES = ["a", "key", "true", "No", "1", ":", ": ", ":", "- ", "-", "--x", "\n", "\n  ", "\n    "]
PIECES += [" ", "{", "}", "[", "]", ", ", ",", '"', "'", "/", "=", ".", "@", "null", "~", "?", "? "]


@given(NESTED, STYLE)
def test_what_is_read_of_a_written_document_is_the_document(value, style):
    assert_like_pyyaml(yaml.safe_dump(value, default_flow_style=style).encode())


@settings(max_examples=1000)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@example("a:\n- b\n- c: d\n  e:\n  - f\ng: h")
@example("a: [b, c: d]")
@example("a: {b: c}\n  d: e")
def test_what_is_read_of_any_text_is_what_pyyaml_reads(text):
    assert_like_pyyaml(text.encode())


def assert_like_pyyaml(text: bytes) -> None:
    try:
        found = read_plain_yaml(text)
    except Beyond:
        return
    assert found == yaml.safe_load(text)
