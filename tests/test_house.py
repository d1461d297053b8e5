"""The rules of the house that no linter knows; CONTRIBUTING.md gives the reasons."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "kubectl_hosts"
MODULES = sorted(PACKAGE.rglob("*.py"))
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "common", "manager", "data", "info", "misc"}


def relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_a_module_is_named_after_what_it_knows(module: Path):
    assert module.stem not in NAMES_THAT_SAY_NOTHING


def test_make_bench_still_finds_the_exec_that_it_times():
    bench = importlib.import_module("tests.bench.__main__")
    assert bench.the_exec()[0] == "head"
    assert bench.the_exec()[-2].endswith("/etc/hosts")
