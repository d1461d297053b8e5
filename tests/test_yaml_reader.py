"""Plain scalars, as `kubectl patch --local -o json` 1.34 showed them."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.yaml_reader import (
    RepeatedKey,
    YamlDocument,
    YamlError,
    lines_in,
    parse_yaml,
)


@pytest.fixture(params=["libyaml", "Python alone"], autouse=True, scope="module")
def loader(request):
    """PyYAML with libyaml, and as it is built where libyaml is missing."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "Python alone":
            patch.delattr(yaml, "CSafeLoader", raising=False)
        yield


def value_of(text):
    (document,) = parse_yaml(text)
    return document.value


@pytest.mark.parametrize(
    ("plain", "value"),
    [
        pytest.param("y", True, id="y is true"),
        pytest.param("Off", False, id="Off is false"),
        pytest.param("~", None, id="a tilde is null"),
        pytest.param("010", 8, id="a leading zero is octal"),
        pytest.param("0o10", 8, id="0o is octal"),
        pytest.param("09", 9, id="no octal digit: decimal"),
        pytest.param("0x1F", 31, id="hexadecimal"),
        pytest.param("0b11", 3, id="binary"),
        pytest.param("1_000", 1000, id="underscores are taken out"),
        pytest.param("+5", 5, id="a plus sign"),
        pytest.param("1e3", 1000, id="an exponent without a dot"),
        pytest.param("10.1", 10.1, id="half an address is a number"),
        pytest.param("99999999999999999999", 1e20, id="beyond 64 bits"),
        pytest.param("!!binary aGk=", "hi", id="binary is text"),
    ],
)
def test_a_plain_scalar_is_what_kubectl_makes_of_it(plain, value):
    assert value_of(f"- {plain}") == [value]


@pytest.mark.parametrize(
    "plain",
    [
        pytest.param("010.1.2.3", id="an address with leading zeros"),
        pytest.param("12:30", id="no number in base 60"),
        pytest.param("1:2:3:4:5:6:7:8", id="an IPv6 address of digits"),
        pytest.param("2020-01-01", id="a date"),
        pytest.param(".inf1", id="nearly infinite"),
        pytest.param('"5"', id="quoted"),
        pytest.param("!!str 5", id="tagged as text"),
        pytest.param("1" * 400, id="400 digits"),
        pytest.param("1e999", id="more than a float holds"),
    ],
)
def test_text_stays_text(plain):
    assert value_of(f"- {plain}") == [plain.removeprefix("!!str ").strip('"')]


def test_keys_are_text():
    assert value_of("1: a\ntrue: b\n~: c\n1.5: d") == {
        "1": "a",
        "true": "b",
        "null": "c",
        "1.5": "d",
    }


def test_a_merge_key_gives_way_to_the_mapping_and_to_earlier_ones():
    text = "- &a {x: 1, z: 1}\n- &b {x: 2, w: 2}\n- {<<: [*a, *b], z: 3}"
    assert value_of(text)[2] == {"x": 1, "w": 2, "z": 3}


def test_documents_know_their_first_line():
    assert list(parse_yaml("# c\na: 1\n---\n\n- b\n---\n")) == [
        YamlDocument({"a": 1}, 2),
        YamlDocument(["b"], 5),
        YamlDocument(None, 7),
    ]


BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 8)
)


def refusal(text):
    """What parse_yaml says of text that it does not take, and the line."""
    with pytest.raises(YamlError) as caught:
        list(parse_yaml(text))
    return caught.value.problem, caught.value.line


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        pytest.param(BOMB, "document contains excessive aliasing", 6, id="a bomb"),
        pytest.param("\n" + "[" * 201 + "]" * 201, "exceeded max depth of 200", 2, id="201 levels"),
        pytest.param("a: &a [*a]", "anchor 'a' value contains itself", 1, id="a loop"),
        pytest.param("\na: *b", "unknown anchor 'b' referenced", 2, id="an alias of nothing"),
        pytest.param("? [a]\n: 1", "a mapping's key must be a scalar", 1, id="a list as a key"),
        pytest.param(
            "<<: [1]", "map merge requires map or sequence of maps as the value", 1, id="merge"
        ),
        pytest.param(
            "!!binary x", "!!binary value contains invalid base64 data", 1, id="no base64"
        ),
    ],
)
def test_what_kubectl_would_not_take_is_said_with_its_line(text, problem, line):
    assert refusal(text) == (problem, line)


def test_200_levels_are_read():
    value = value_of("[" * 200 + "]" * 200)
    assert json.dumps(value) == "[" * 200 + "]" * 200


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("a:\n\tb: 2", 2, id="a tab"),
        pytest.param("a: b: c", 1, id="two colons"),
        pytest.param("a: 1\nb: \x01", 2, id="a control character"),
        pytest.param("[" * 100_000, 1, id="nesting without an end"),
    ],
)
def test_what_is_no_yaml_is_said_with_its_line_in_pyyamls_words(text, line):
    problem, where = refusal(text)
    assert (problem != "", where) == (True, line)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.text(st.characters(codec="ascii")),
    lambda below: st.lists(below) | st.dictionaries(st.text(st.characters(codec="ascii")), below),
)


@given(JSON.filter(lambda value: "<<" not in json.dumps(value)))
def test_json_is_yaml_and_means_the_same(value):
    assert value_of(json.dumps([value])) == [value]


MANIFEST = """# one Pod
spec:
  hostAliases:
  - ip: 10.1.2.3
    hostnames: [a]
    hostnames:
    - b
  dnsConfig: {nameservers: [10.0.0.1],
    nameservers: [10.0.0.2]}
---
spec: 1
"""


def test_a_key_given_twice_is_noticed_with_both_lines_and_the_last_wins():
    first, second = parse_yaml(MANIFEST)
    assert first.value == {
        "spec": {
            "hostAliases": [{"ip": "10.1.2.3", "hostnames": ["b"]}],
            "dnsConfig": {"nameservers": ["10.0.0.2"]},
        }
    }
    assert first.repeated == (
        RepeatedKey(("spec", "hostAliases", 0, "hostnames"), 5, 6, ["a"]),
        RepeatedKey(("spec", "dnsConfig", "nameservers"), 8, 9, ["10.0.0.1"]),
    )
    assert (second.repeated, second.line) == ((), 11)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{a: {x: 1}, b: {x: 1}}", id="the same key of two mappings"),
        pytest.param("- x: 1\n- x: 1", id="the same key of two items"),
        pytest.param(
            "a: &a {x: 1}\nb: {<<: *a, x: 2}", id="a key that takes the place of a merged one"
        ),
        pytest.param("a: &a {x: 1}\nb: {<<: *a, <<: *a}", id="two merges"),
        pytest.param("x: 1\n---\nx: 1", id="the same key of two documents"),
    ],
)
def test_keys_that_are_not_given_twice(text):
    assert [each.repeated for each in parse_yaml(text) if each.repeated] == []


def test_every_key_and_item_has_its_line_and_a_repeated_key_the_last():
    assert lines_in(MANIFEST) == {
        ("spec",): 2,
        ("spec", "hostAliases"): 3,
        ("spec", "hostAliases", 0): 4,
        ("spec", "hostAliases", 0, "ip"): 4,
        ("spec", "hostAliases", 0, "hostnames"): 6,
        ("spec", "hostAliases", 0, "hostnames", 0): 7,
        ("spec", "dnsConfig"): 8,
        ("spec", "dnsConfig", "nameservers"): 9,
        ("spec", "dnsConfig", "nameservers", 0): 9,
    }
