"""docs/reasons.md is what the source says."""

from __future__ import annotations

import ast

import pytest

from kubectl_hosts.model.findings import Reason
from tests.docs.reasons import PAGE, literal, page, wordings


def test_the_page_is_what_the_source_says():
    assert PAGE.read_text() == page(), "python -m tests.docs.reasons writes it anew"


def test_every_reason_is_found_by_some_rule():
    assert {reason.name for reason in Reason} - wordings().keys() == set()


# Told in the words of the reader that could not read it.
IN_OTHERS_WORDS = {"DOCUMENT_NOT_READ"}


def test_every_reason_has_a_message():
    worded = {name: each for name, each in wordings().items() if name not in IN_OTHERS_WORDS}
    silent = [name for name in worded if not any(each.message.strip("… ") for each in worded[name])]
    assert silent == []


@pytest.mark.parametrize(
    ("source", "text"),
    [
        pytest.param('"plain"', "plain", id="a text as it is"),
        pytest.param('f"Service {name} of {a.b}"', "Service … of …", id="a value is an ellipsis"),
        pytest.param('"{name} was refused"', "… was refused", id="a field of a format is one too"),
        pytest.param('f"either. {FIX}"', "either. Do that.", id="a constant has its text"),
        pytest.param('"one" if a else "two"', "one | two", id="both ways of a choice"),
    ],
)
def test_literal(source, text):
    constants = {"FIX": (ast.Constant("Do that."),)}
    assert literal(ast.parse(source, mode="eval").body, constants) == text
