"""Files that cannot be read: one sentence, with the file, the document and the line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_hosts.offline.documents import BadDocument, read_documents


def places(data):
    found = read_documents("f", data)
    return [(each.number, each.line) for each in found if not isinstance(each, BadDocument)]


def bad_document(data, source="f"):
    (bad,) = (each for each in read_documents(source, data) if isinstance(each, BadDocument))
    return bad


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"a: 1\n---\nb: 2\n", [(1, 1), (2, 3)], id="two documents"),
        pytest.param(
            b"---\n# nothing\n---\na: 1\n", [(1, 4)], id="an empty document does not count"
        ),
        pytest.param(b'{"a":1}\n\n{"b":2}', [(1, 1), (2, 3)], id="a stream of JSON"),
        pytest.param(b'{"a":1}\n---\n{"b":2}', [(1, 1), (2, 3)], id="JSON with a mark between"),
        pytest.param(b'{"a":1}---\nb: 2\n', [(1, 1), (2, 2)], id="JSON, and YAML behind a mark"),
        pytest.param(b'{"a":1}\n---\n\n---\nb: 2', [(1, 1), (2, 5)], id="JSON and an empty one"),
        pytest.param(b'{"a":1,\n# c\n"b":Pod}', [(1, 1)], id="YAML that looks like JSON"),
        pytest.param(b'{"a":1}\n---\nb: [\n---\nc: 1\n', [(1, 1)], id="bad YAML behind JSON"),
        pytest.param(b"", [], id="an empty file"),
        pytest.param("\ufeffa: 1".encode("utf-16-le"), [(1, 1)], id="what PowerShell writes"),
        pytest.param(b"\xef\xbb\xbfa: 1", [(1, 1)], id="UTF-8 with a byte order mark"),
        pytest.param(
            b"\xef\xbb\xbfa: 1\n---\n\xef\xbb\xbfb: 1",
            [(1, 1), (2, 3)],
            id="two such files put together",
        ),
        pytest.param(b"a: 1\n--- # c\nb: 1\n---  \n", [(1, 1), (2, 3)], id="a comment behind ---"),
        pytest.param(b"a: 1\r\n---\r\nb: 2\r\n", [(1, 1), (2, 3)], id="CRLF"),
    ],
)
def test_documents_are_counted_with_their_lines(data, expected):
    assert places(data) == expected


CAPTURE = json.dumps(
    {"apiVersion": "kubectl-hosts/v1", "kind": "Capture", "objects": {"pods": [{}, {"spec": {}}]}}
)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(
            b"a: 1\n---\nb: [\n",
            "error parsing f: error converting YAML to JSON: yaml: line 4: did not find expected node content",
            id="YAML, counted from the top of the file",
        ),
        pytest.param(
            b"a: 1\n--- {b: 1}\n",
            "error parsing f: invalid Yaml document separator: {b: 1}",
            id="an object behind the mark",
        ),
        pytest.param(
            b"just text",
            'unable to decode "f": document 1 (line 1) is of type string, not an object',
            id="text",
        ),
        pytest.param(
            b"a: 1\n---\n[1]",
            'unable to decode "f": document 2 (line 3) is of type array, not an object',
            id="a list",
        ),
        pytest.param(
            b"a: 1\nb: \xff", "error parsing f: line 2: byte 0xff is not UTF-8", id="not UTF-8"
        ),
        pytest.param(
            b"\x7fELF\x02\x01\x01\x00\x00",
            "error parsing f: error converting YAML to JSON: yaml: line 1: control characters are not allowed",
            id="a program",
        ),
        pytest.param(
            b'{"a":1,\n"b":]}',
            "error parsing f: json: line 2: Expecting value",
            id="neither JSON nor YAML: told as what it starts as",
        ),
        pytest.param(
            b'{"a":1}\n{"b":1}\n---\n{"c":1}',
            "error parsing f: json: line 3: Expecting value",
            id="a mark after two values of JSON",
        ),
        pytest.param(
            b'{"a":1}\n...\n',
            "error parsing f: json: line 2: Expecting value",
            id="an end without a document",
        ),
        pytest.param(
            b'{"a":1}]',
            "error parsing f: json: line 1: Expecting value",
            id="text after the object",
        ),
        pytest.param(
            b'{"a":' + b"[" * 100_000, "error parsing f: json: exceeded max depth", id="deep JSON"
        ),
        pytest.param(
            b'{"a":' + b"[" * 300 + b"]" * 300 + b"}",
            "error parsing f: json: exceeded max depth of 200",
            id="rather deep JSON",
        ),
        pytest.param(
            b'{"metadata":{"name":"web"},\n"spec":{"containers":[{"name":"a"},{"ima',
            "error parsing f: unexpected EOF: the file ends at line 2, in spec.containers[1].ima",
            id="JSON cut short",
        ),
        pytest.param(
            b'{"a": tr',
            "error parsing f: unexpected EOF: the file ends at line 1, in a",
            id="cut in a word",
        ),
        pytest.param(
            CAPTURE[: CAPTURE.index("spec")].encode(),
            "error parsing f: unexpected EOF: the capture ends at line 1, in objects.pods[1]",
            id="a capture cut short",
        ),
    ],
)
def test_what_cannot_be_read_is_a_bad_document(data, message):
    assert bad_document(data).message == message


def test_a_truncated_capture_says_which_sections_are_whole():
    assert bad_document(CAPTURE[:-2].encode(), "c.json").hint == (
        "Whole: nothing; cut or missing: namespace, objects, reads, containers. "
        "c.json was cut short: copy or write it again."
    )


def test_half_a_surrogate_pair_becomes_the_replacement_character():
    (document,) = read_documents("f", rb'{"a": "\ud800", "b": "\ud83d\ude00"}')
    assert document.value == {"a": "\ufffd", "b": "\U0001f600"}


@given(st.binary() | st.text().map(str.encode) | st.text('{}[]",: \n-&*a1!').map(str.encode))
def test_any_bytes_are_documents_or_bad_ones(data):
    found = list(read_documents("f", data))
    json.dumps([each.value for each in found if not isinstance(each, BadDocument)]).encode()


@given(st.integers(min_value=1))
def test_a_capture_cut_anywhere_says_that_it_ends_too_early(length):
    text = CAPTURE[: 1 + length % (len(CAPTURE) - 1)]
    assert "unexpected EOF" in bad_document(text.encode()).message


def test_a_capture_cut_in_its_last_section_says_that_the_rest_is_whole():
    text = json.dumps(
        {"kind": "Capture", "namespace": "shop", "objects": {}, "reads": [], "containers": [{}]}
    )
    hint = bad_document(text[:-3].encode(), "c.json").hint
    assert hint.startswith("Whole: namespace, objects, reads; cut or missing: containers.")


def test_after_a_syntax_error_the_next_document_is_read():
    data = b"a: 1\n---\nb: [\n---\nc: 3\n---\n\td: 4\n---\ne: 5\n"
    found = list(read_documents("f", data))
    assert [(each.line, isinstance(each, BadDocument)) for each in found] == [
        (1, False),
        (4, True),
        (5, False),
        (7, True),
        (9, False),
    ]


@given(st.lists(st.sampled_from([b"a: 1", b"b: [", b"{", b"'", b"- 1", b"", b"\tc", b"&a *a"])))
def test_every_document_is_looked_at_whatever_stands_before_it(parts):
    whole = b"\n---\n".join([*parts, b"last: 1"])
    found = list(read_documents("f", whole if not whole.startswith(b"{") else b"#\n" + whole))
    assert any(getattr(each, "value", None) == {"last": 1} for each in found)


@pytest.mark.parametrize(
    ("data", "read", "rest"),
    [
        pytest.param(
            b"a: 'x\n---\nb: 1\n",
            [3],
            (2, "found unexpected end of stream"),
            id="a quote without its end",
        ),
        pytest.param(
            b"%YAML 1.1\n---\na: 1\n",
            [3],
            (2, "did not find expected <document start>"),
            id="a directive is a document of its own to kubectl",
        ),
        pytest.param(
            b"a: 1\n...\n# c\nb: 1\n---\nc: 1\n",
            [1, 6],
            (4, "it stands behind the end of a document (...)"),
            id="what stands behind the end of a document",
        ),
        pytest.param(b"a: 1\n...\n# c\n---\nb: 1\n", [1, 5], None, id="an end, and a comment"),
        pytest.param(b"a: |\n  x\n  ...\n  y\n", [1], None, id="three dots of a text"),
    ],
)
def test_what_is_wrong_with_one_document_is_none_of_the_next(data, read, rest):
    found = list(read_documents("f", data))
    assert [each.line for each in found if not isinstance(each, BadDocument)] == read
    bad = [each for each in found if isinstance(each, BadDocument)]
    assert [each.line for each in bad] == ([rest[0]] if rest else [])
    assert all(rest[1] in each.message for each in bad)


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        pytest.param(
            b"a:\n\t- b\n",
            "Indent that line with blanks: YAML takes no tabs there.",
            id="a tab in the indentation",
        ),
        pytest.param(
            b"a: &x 1\n---\nb: *x\n",
            "Write its value out: an anchor holds in its own document, up to ---.",
            id="an anchor of another document",
        ),
        pytest.param(
            b"a: [\tb\n",
            "Correct f there; lines are counted from the top of the file.",
            id="a tab elsewhere",
        ),
    ],
)
def test_what_to_do_about_bad_yaml(data, hint):
    assert bad_document(data).hint == hint
