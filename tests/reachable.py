"""Which definitions of the package a command can come to: by the names that they mention.

python -m tests.reachable    lists what no command comes to

From the entry points on (and what a library calls: vulture_whitelist.py), each top-level function,
class or constant that is alive makes alive what it names. Names are not told apart by module, so
that more counts as alive than is, never less.
"""

from __future__ import annotations

import ast
import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parents[1] / "kubectl_hosts"
WHITELIST = PACKAGE.parent / "vulture_whitelist.py"
ENTRY_POINTS = frozenset({"main", "complete"})  # [project.scripts] of pyproject.toml


class Definition(NamedTuple):
    """A top-level function, class or constant, and the module that it stands in."""

    name: str
    module: Path
    node: ast.stmt


@functools.cache
def tree_of(module: Path) -> ast.Module:
    """The syntax tree of a module: one for all who ask, so that nodes can be compared."""
    return ast.parse(module.read_text(encoding="utf-8"))


def definitions() -> Iterator[Definition]:
    """Every top-level definition of the package."""
    for module in sorted(PACKAGE.rglob("*.py")):
        for node in tree_of(module).body:
            yield from (Definition(name, module, node) for name in names_defined(node))


def names_defined(node: ast.stmt) -> tuple[str, ...]:
    """The names that a statement defines: none for an import, or for what merely runs."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.Assign(targets=targets):
            inside = (each for target in targets for each in ast.walk(target))
            return tuple(each.id for each in inside if isinstance(each, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            return (name,)
        case _:
            return ()


def mentioned(node: ast.AST) -> Iterator[str]:
    """The names in NODE, and the texts that could be one: verbs and completions are found by text."""
    for each in ast.walk(node):
        match each:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.Constant(value=str() as text) if text.isidentifier():
                yield text


@functools.cache
def alive() -> frozenset[str]:
    """The names that a command can come to."""
    by_name: dict[str, list[ast.stmt]] = {}
    for each in definitions():
        by_name.setdefault(each.name, []).append(each.node)
    found: set[str] = set()
    waiting = {*ENTRY_POINTS, *mentioned(tree_of(WHITELIST))}
    while waiting:
        name = waiting.pop()
        found.add(name)
        for node in by_name.get(name, ()):
            waiting |= set(mentioned(node)) - found
    return frozenset(found)


def unreached() -> list[Definition]:
    """What no command comes to: tests may use it, or nothing does."""
    return [each for each in definitions() if each.name not in alive()]


if __name__ == "__main__":
    for each in unreached():
        print(f"{each.module.relative_to(PACKAGE.parent)}:{each.node.lineno}: {each.name}")
    sys.exit(1 if unreached() else 0)
