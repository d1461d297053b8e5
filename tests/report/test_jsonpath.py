"""`-o jsonpath=`: templates and documents in, what kubectl prints for them out."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kubectl_hosts.errors import BadInput
from kubectl_hosts.report.jsonpath import print_jsonpath

MEASURED = json.loads((Path(__file__).parents[1] / "cases/jsonpath.json").read_text("utf-8"))
EXPLANATION = {
    "kind": "Explanation",
    "name": "db",
    "pod": {"namespace": "shop", "name": "web", "labels": {"example.org/tier": "front", "b": "a"}},
    "steps": [
        {"source": "files", "name": "db", "outcome": "nxdomain", "records": []},
        {
            "source": "dns",
            "name": "db.shop.svc.cluster.local.",
            "outcome": "found",
            "records": [{"data": "192.0.2.1", "ttl": 5}, {"data": "192.0.2.2", "ttl": 30}],
        },
    ],
    "verdict": None,
}


def refusal(template, document=EXPLANATION):
    with pytest.raises(BadInput) as caught:
        print_jsonpath(template, document)
    return caught.value.message


# kubectl lets a word without meaning pass where no value reaches it or where it fails in a filter.
WORDS_KUBECTL_PASSES_OVER = ["{.steps[?(hello)].ttl}", "{.steps[?(@.x==hello)].ttl}"]
PRINTS = [each for each in MEASURED["prints"] if each[0] not in WORDS_KUBECTL_PASSES_OVER]
REFUSES = [template for template, _ in MEASURED["refuses"]]


@pytest.mark.parametrize(("template", "text"), PRINTS)
def test_a_template_prints_what_kubectl_prints(template, text):
    assert print_jsonpath(template, MEASURED["document"]) == text


@pytest.mark.parametrize("template", [*REFUSES, *WORDS_KUBECTL_PASSES_OVER])
def test_a_template_that_kubectl_refuses_is_refused(template):
    message = refusal(template, MEASURED["document"])
    opening = f"jsonpath {template}: "
    assert message.startswith((f"error parsing {opening}", f"error executing {opening}"))


@pytest.mark.parametrize(
    ("template", "text"),
    [
        pytest.param("{.pod.name}", "web", id="a string is bare"),
        pytest.param(".pod.name", ".pod.name", id="without braces all is text"),
        pytest.param("{.name}/{.kind}", "db/Explanation", id="text between braces stays"),
        pytest.param("{.steps[*].source}", "files dns", id="a space between the values of a path"),
        pytest.param("{.name}{.kind}", "dbExplanation", id="nothing between two paths"),
        pytest.param("{.nope}{.nope.deeper}{.nope[3]}", "", id="a missing key prints nothing"),
        pytest.param("{.verdict}", "null", id="a null is null"),
        pytest.param(
            "{.pod.labels}",
            '{"b":"a","example.org/tier":"front"}',
            id="an object's keys are sorted",
        ),
        pytest.param(r"{.pod.labels.example\.org/tier}", "front", id="a dot behind a backslash"),
        pytest.param(r"{.pod.labels['example\.org/tier']}", "front", id="also within brackets"),
        pytest.param("{.steps[-1].source}", "dns", id="from the end"),
        pytest.param("{..data}", "192.0.2.1 192.0.2.2", id="at any depth"),
        pytest.param(
            '{.steps[?(@.outcome=="found")].records[0].data}',
            "192.0.2.1",
            id="what a filter leaves",
        ),
        pytest.param("{..records[?(@.ttl>5)].data}", "192.0.2.2", id="a number compares"),
        pytest.param("{.steps[0]['source','name']}", "files db", id="a union"),
        pytest.param(
            r'{range .steps[*]}{.source}:{range .records[*]}{" "}{.data}{end}{"\n"}{end}',
            "files:\ndns: 192.0.2.1 192.0.2.2\n",
            id="a range within a range",
        ),
        pytest.param(
            "{range .steps[*]}{$.source}{end}", "filesdns", id="$ is no way out of a range"
        ),
    ],
)
def test_a_template_picks(template, text):
    assert print_jsonpath(template, EXPLANATION) == text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        pytest.param('{.pod["name"]}', "web", id="double quotes around a key"),
        pytest.param("{.pod.labels.*}", "a front", id="values of an object by sorted key"),
        pytest.param(
            "{.pod..}",
            '{"labels":{"b":"a","example.org/tier":"front"},"name":"web","namespace":"shop"}'
            ' {"b":"a","example.org/tier":"front"} a front web shop',
            id="descent too",
        ),
        pytest.param(
            "{range .nope[*]}{[0]}{end}done", "done", id="an index in a range over nothing"
        ),
    ],
)
def test_where_kubectl_refuses_shuffles_or_panics_there_is_an_answer(template, text):
    assert print_jsonpath(template, EXPLANATION) == text


@pytest.mark.parametrize(
    ("template", "message"),
    [
        pytest.param("", "template format specified but no template given", id="nothing at all"),
        pytest.param("{.name", 'error parsing jsonpath {.name: "}" is missing', id="no brace"),
        pytest.param("{.a[", 'error parsing jsonpath {.a[: "]" is missing', id="no bracket"),
        pytest.param(
            "{.a[?(@.b]}",
            'error parsing jsonpath {.a[?(@.b]}: ")]" is missing',
            id="no end of filter",
        ),
        pytest.param(
            '{"a}', 'error parsing jsonpath {"a}: a quote is missing', id="a text without its end"
        ),
        pytest.param(
            "{.steps[ 1 ]}",
            "error parsing jsonpath {.steps[ 1 ]}: [ 1 ] is not an index, a slice or a key in quotes",
            id="a blank beside an index",
        ),
        pytest.param(
            "{kind}",
            'error parsing jsonpath {kind}: "kind" means nothing: a key is written .kind, '
            "a text in quotes",
            id="a key without its dot",
        ),
        pytest.param(
            '{.steps[?(@.a=="b" && @.c)]}',
            'error parsing jsonpath {.steps[?(@.a=="b" && @.c)]}: "&" is not allowed there',
            id="and, which the dialect lacks",
        ),
        pytest.param(
            "{.name}{end}",
            "error parsing jsonpath {.name}{end}: {end} without a {range} before it",
            id="an end of nothing",
        ),
        pytest.param(
            "{range .steps[*]}" * 13,
            f"error parsing jsonpath {'{range .steps[*]}' * 13}: "
            "more than 12 ranges within each other",
            id="ranges without end",
        ),
        pytest.param(
            '{.kind[?(@.x=="y")]}',
            'error executing jsonpath {.kind[?(@.x=="y")]}: a string has no filter, '
            "only a list has one",
            id="a filter on a string names its type, not its value",
        ),
        pytest.param(
            "{.steps[7].name}",
            "error executing jsonpath {.steps[7].name}: index 7 is outside a list of 2",
            id="an index outside",
        ),
        pytest.param(
            "{..records[?(@.ttl=='5')]}",
            "error executing jsonpath {..records[?(@.ttl=='5')]}: cannot compare 5 == \"5\"",
            id="a number against a text",
        ),
    ],
)
def test_a_template_is_refused(template, message):
    assert refusal(template) == message


FRAGMENTS = (
    *(
        "{",
        "}",
        ".",
        "..",
        "[",
        "]",
        "[?(",
        ")]",
        "@",
        "$",
        "*",
        '"',
        "'",
        "\\",
        ",",
        ":",
        " ",
        "\n",
    ),
    *(
        "{end}",
        "{range ",
        "{range .a[*]}",
        ".a",
        "['a']",
        "['a','b']",
        "[*]",
        "[0]",
        "[-1]",
        "[::2]",
    ),
    *(
        "[?(@.a==1)]",
        '[?(@.a<"b")]',
        "[?(@.a)]",
        "==",
        "<",
        "-",
        "1",
        "2.5",
        "9" * 30,
        "true",
        "{.a}",
    ),
)
TEMPLATES = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), max_size=12).map("".join)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "", "é"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(TEMPLATES, DOCUMENTS)
@example(r'{"\ud800"}{"\xff"}', {})
@example("{" + "9" * 5000 + "}", {})
@example("{[" + "9" * 5000 + "]}", [])
@example("{.*}", "\udcff")
def test_no_template_raises_anything_but_bad_input(template, document):
    with contextlib.suppress(BadInput):
        assert isinstance(print_jsonpath(template, document), str)


@given(st.text(st.characters(exclude_characters="{"), min_size=1))
def test_text_without_an_opening_brace_prints_itself(text):
    assert print_jsonpath(text, EXPLANATION) == text


@pytest.mark.parametrize(
    "template",
    [
        pytest.param("{range ..}" * 12, id="descents within each other"),
        pytest.param("{range @}{..}{..}" * 12 + "{..}" * 99, id="ranges that have no end"),
        pytest.param("{" + "..@" * 30 + "}", id="descents in one path"),
    ],
)
def test_a_template_that_multiplies_ends_soon(template):
    assert refusal(template).endswith("it goes through the same values more than a hundred times")


@pytest.mark.parametrize("template", ["{range ..}{range ..}{.name}{end}{end}", "{..}{..}" * 40])
def test_one_that_goes_through_all_many_times_is_left_alone(template):
    assert print_jsonpath(template, EXPLANATION)


@given(DOCUMENTS.filter(lambda value: isinstance(value, dict | list)))
def test_the_whole_document_is_json_again(document):
    text = print_jsonpath("{$}", {"a": document}).replace("Infinity", "1").replace("NaN", "1")
    assert set(json.loads(text)) == {"a"}
