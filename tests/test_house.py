"""The rules of the house that no linter knows; CONTRIBUTING.md gives the reasons."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "kubectl_hosts"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FUNCTION = 40
LONGEST_MODULE = 300
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "common", "manager", "data", "info", "misc"}


def relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_no_function_is_longer_than_40_lines(module: Path):
    tree = ast.parse(module.read_text(encoding="utf-8"))
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    lengths = {each.name: (each.end_lineno or 0) - each.lineno + 1 for each in functions}
    assert {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_no_module_outgrows_its_topic(module: Path):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_a_module_is_named_after_what_it_knows(module: Path):
    assert module.stem not in NAMES_THAT_SAY_NOTHING


def test_make_bench_still_finds_the_exec_that_it_times():
    bench = importlib.import_module("tests.bench.__main__")
    assert bench.the_exec()[0] == "head"
    assert bench.the_exec()[-2].endswith("/etc/hosts")
