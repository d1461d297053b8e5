"""Every Reason stands in a rule that some command comes to."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from kubectl_hosts.model.findings import Reason
from tests.docs.reasons import facts, places
from tests.reachable import alive, definitions, mentioned, names_defined, tree_of

if TYPE_CHECKING:
    from pathlib import Path

# Worked out, and reached by no command yet.
UNWIRED: set[Reason] = set()


def produced_on_a_live_path() -> set[str]:
    """The members of Reason that stand in a finding, or a row of one, of a living definition."""
    lines_alive: dict[Path, set[int]] = {}
    for each in definitions():
        if each.name in alive():
            span = range(each.node.lineno, (each.node.end_lineno or 0) + 1)
            lines_alive.setdefault(each.module, set()).update(span)
    return {
        member
        for module, lines in lines_alive.items()
        for member, node in (
            *((member, place.node) for member, place in places(tree_of(module), {})),
            *((member, fact) for member, fact, _ in facts(tree_of(module))),
        )
        if node.lineno in lines
    }


LIVE = produced_on_a_live_path()


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param(each, marks=pytest.mark.xfail(strict=False) if each in UNWIRED else ())
        for each in Reason
    ],
    ids=lambda each: each.value,
)
def test_a_command_can_report_it(reason):
    assert reason.name in LIVE


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("def f(): ...", ("f",), id="a function"),
        pytest.param("class C: ...", ("C",), id="a class"),
        pytest.param("A, B = 1, 2", ("A", "B"), id="constants"),
        pytest.param("A: int = 1", ("A",), id="a constant with its type"),
        pytest.param("import a", (), id="an import defines nothing"),
        pytest.param("f()", (), id="nor does a call"),
    ],
)
def test_what_a_statement_defines(text, names):
    assert names_defined(ast.parse(text).body[0]) == names


def test_names_and_texts_that_could_be_names_are_mentioned():
    tree = ast.parse("a(b.c, 'verb', 'two words', 1)")
    assert sorted(mentioned(tree)) == ["a", "b", "c", "verb"]


def test_the_entry_points_are_those_of_the_package():
    assert {"main", "complete"} <= {each.name for each in definitions()}
