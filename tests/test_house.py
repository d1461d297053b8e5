"""The rules of the house that no linter knows; CONTRIBUTING.md gives the reasons."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

REPOSITORY = Path(__file__).parents[1]
PACKAGE = REPOSITORY / "kubectl_hosts"
MODULES = sorted(PACKAGE.rglob("*.py"))
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "common", "manager", "data", "info", "misc"}


def relative(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_a_module_is_named_after_what_it_knows(module: Path):
    assert module.stem not in NAMES_THAT_SAY_NOTHING


# Files that are named after what they are of: a verb, what is printed, what a package diagnoses.
NAMED_ALIKE = {
    "capture": {"cli", "offline"},
    "check": {"cli", "report"},
    "diagnosis": {"model/check", "model/explain", "model/hosts"},
    "explain": {"cli", "model/explain"},
    "explanation": {"model", "report"},
    "hosts": {"cli", "report"},
    "names": {"cli", "model"},
    "names_of": {"model/explain", "report"},
}


def test_no_two_modules_are_called_alike_without_a_reason():
    folders: dict[str, set[str]] = {}
    for module in MODULES:
        folders.setdefault(module.stem, set()).add(relative(module.parent))
    alike = {name: found for name, found in folders.items() if len(found) > 1}
    del alike["__init__"]
    assert alike == NAMED_ALIKE


def classes_of(module: Path) -> set[str]:
    """The classes of MODULE, and its names for types."""
    found = set()
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            is_variable = ast.unparse(node.value).startswith("TypeVar(")
            if name.lstrip("_")[:1].isupper() and not (name.isupper() or is_variable):
                found.add(name)
    return {each.lstrip("_") for each in found}


def test_a_class_has_its_name_for_itself():
    homes: dict[str, list[str]] = {}
    for module in MODULES:
        for name in classes_of(module):
            homes.setdefault(name, []).append(relative(module))
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}


def imports_of(module: Path) -> set[Path]:
    """The modules of the package that MODULE imports at run time, in functions too."""
    found = set()
    for node in run_time(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kubectl_hosts"):
            folder = REPOSITORY / (node.module or "").replace(".", "/")
            found |= {folder / f"{each.name}.py" for each in node.names}
            found.add(folder.with_suffix(".py"))
    return found & set(MODULES)


def run_time(tree):
    """The nodes of TREE without those that stand there for a type checker alone."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from run_time(node)


def reached(module: Path, imports: dict[Path, set[Path]]) -> set[Path]:
    """What MODULE imports, and what that imports."""
    found: set[Path] = set()
    ahead = list(imports[module])
    while ahead:
        each = ahead.pop()
        if each not in found:
            found.add(each)
            ahead += imports[each]
    return found


def test_no_module_comes_back_to_itself():
    imports = {module: imports_of(module) for module in MODULES}
    assert [relative(each) for each in MODULES if each in reached(each, imports)] == []


def test_a_module_imports_nothing_above_it():
    contracts = importlib.import_module("importlinter.cli").lint_imports(no_cache=True)
    assert contracts == 0


def test_make_bench_still_finds_the_exec_that_it_times():
    bench = importlib.import_module("tests.bench.__main__")
    assert bench.the_exec()[5] == "head"
    assert bench.the_exec()[-2].endswith("/etc/hosts")


LOCK = (REPOSITORY / "requirements-dev.lock").read_text(encoding="utf-8")
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)", re.MULTILINE)


def required():
    """What pyproject.toml asks for: to run, to develop, to make an archive."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = (project["dependencies"], *project["optional-dependencies"].values())
    return [Requirement(each) for group in groups for each in group]


@pytest.mark.parametrize("requirement", required(), ids=str)
def test_the_lock_serves_pyproject_or_make_lock_was_forgotten(requirement):
    pinned = [
        m["version"] for m in PIN.finditer(LOCK) if m["name"] == canonicalize_name(requirement.name)
    ]
    assert pinned
    assert all(requirement.specifier.contains(each, prereleases=True) for each in pinned)


def test_every_pin_has_hashes_and_no_registry_is_named():
    pins, hashes = PIN.findall(LOCK), re.findall(r"--hash=sha256:[0-9a-f]{64}", LOCK)
    assert len(pins) > 50
    assert len(hashes) >= len(pins)
    assert [line for line in LOCK.splitlines() if "://" in line or line.startswith("-")] == []
    bare = [each for each in re.split(r"\n(?=\S)", LOCK) if "--hash=" not in each]
    assert bare == []


def test_every_reason_is_named_by_a_test_that_has_it():
    """By its value or its member: a rule that no test names may never have been seen to fire."""
    from kubectl_hosts.model.findings import Reason  # noqa: PLC0415  what the model has

    words = set()
    for test in (REPOSITORY / "tests").rglob("test_*.py"):
        words |= set(re.findall(r"\w+", test.read_text(encoding="utf-8")))
    assert [each.value for each in Reason if not words & {each.value, each.name}] == []
