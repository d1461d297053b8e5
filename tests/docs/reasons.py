"""docs/reasons.md: every Reason, as the code that finds it words it.

python -m tests.docs.reasons    writes the page

The words are read out of the source, where a reason stands beside its severity, message and fix;
`…` stands for what is put in at run time.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from kubectl_hosts.model.findings import Reason, Severity
from kubectl_hosts.model.hosts.readers import HostsRule

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "kubectl_hosts"
PAGE = ROOT / "docs" / "reasons.md"
ENUM = PACKAGE / "model" / "findings.py"
HEAD = """\
# Reasons

A finding is one thing worth telling: a reason for machines, a severity, a message and one fix.
Reasons are CamelCase words, as in Kubernetes conditions.
They do not change within v1; new ones may come.

- `error`: a name does not resolve as the objects ask, or an object is wrong.
- `warning`: it works, and somebody will be surprised.
- `info`: it is right and looks odd.

Below each reason stand the sentences that the program prints and, after the arrow, what to do.
`fix:` is what `explain` and `check` proved; where no arrow stands, that is all there is.
`…` stands for a name, an address or a number.
Jump to the one that you have: `kubectl hosts show POD -o json` prints it as `findings[].reason`.

This page is generated from the source by `python -m tests.docs.reasons`; a test keeps it so.
"""

# What else makes a finding, in model/api/problems.py: where its reason, message and fix stand.
MAKERS = {
    "problem": (1, 2, 3),
    "_problem": (1, 2, 3),
    "fieldproblem": (1, 2, 3),
    "warning": (1, 2, 3),
    "invalid": (9, 2, 3),
    "malformed": (9, 3, 4),
}
_OF_VALUES = {"invalid", "malformed"}
INVALID = "…: Invalid value: …: "

Names = Mapping[str, tuple[ast.expr, ...]]
"""What names are assigned: the package's constants, and the locals of the function around."""


class Wording(NamedTuple):
    """What one place in the source says about a reason."""

    severities: tuple[str, ...]
    message: str
    fix: str


class Place(NamedTuple):
    """Where a reason stands: the call or table row around it, and the names known there."""

    node: ast.Call | ast.Tuple
    key: ast.expr | None
    names: Names
    from_row: ast.Call | None
    """The Finding that is made of this module's table rows."""


def literal(  # noqa: C901, PLR0911  a row for each form of a string
    node: ast.expr | None, names: Names
) -> str:
    """The text of a string expression, `…` for each part that is known at run time only."""
    match node:
        case ast.Constant(value=str() as value):
            return re.sub(r"\{[\w.]*\}", "…", value)
        case ast.JoinedStr(values=parts):
            return "".join(literal(part, names) for part in parts)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return literal(left, names) + literal(right, names)
        case ast.IfExp(body=body, orelse=orelse):
            return " | ".join(filter(None, (literal(body, names), literal(orelse, names))))
        case ast.BoolOp(values=values):
            return " | ".join(filter(None, (literal(each, names) for each in values)))
        case ast.Name(id=name) if name in names:
            return " | ".join(filter(None, (literal(each, names) for each in names[name])))
        case ast.FormattedValue(value=ast.Name(id=name) as constant) if name.isupper():
            return literal(constant, names)
        case ast.FormattedValue(value=ast.Name(id="lacks") as opening):  # of a fact's sentence
            return literal(opening, names)
        case ast.Attribute(value=ast.Name(id="HostsRule"), attr=rule):
            return HostsRule[rule].value
        case None:
            return ""
        case _:
            return "…"


def members(node: ast.AST | None, enum: str) -> list[str]:
    """The members of ENUM that stand in NODE, in order, those of calls inside it left out."""
    if node is None:
        return []
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return [node.attr] if node.value.id == enum else []
    inside = (each for each in ast.iter_child_nodes(node) if not isinstance(each, ast.Call))
    return [member for each in inside for member in members(each, enum)]


def argument(call: ast.Call, name: str, position: int) -> ast.expr | None:
    """The argument NAME of a call that makes a finding, given by keyword or in its place."""
    keyword = next((each.value for each in call.keywords if each.arg == name), None)
    if keyword is not None:
        return keyword
    return call.args[position] if position < len(call.args) else None


def made_by(call: ast.Call) -> str:
    """The name of what is called, without its module and in lower case."""
    is_name = isinstance(call.func, (ast.Name, ast.Attribute))
    return ast.unparse(call.func).rpartition(".")[2].lower() if is_name else ""


def strings(call: ast.Call) -> tuple[ast.expr | None, ast.expr | None]:
    """Message and fix of a call: after the severity where that has a place, else after the reason."""
    if made_by(call) in MAKERS:
        _, message, fix = MAKERS[made_by(call)]
        return argument(call, "message", message), argument(call, "fix", fix)
    after = 2 if len(call.args) > 1 and members(call.args[1], "Severity") else 1
    by_variable = len(call.args) > 2 and isinstance(call.args[1], ast.Name)
    after = 2 if by_variable else after
    return argument(call, "message", after), argument(call, "fix", after + 1)


def wording(place: Place) -> Wording:
    """The words of one place."""
    if isinstance(place.node, ast.Call):
        message, fix = strings(place.node)
        maker = made_by(place.node)
        if maker in MAKERS:
            opening = INVALID if maker in _OF_VALUES else ""
            severity = argument(place.node, "severity", 9)
            default = "WARNING" if maker == "warning" else "ERROR"
            return Wording(
                tuple(members(severity, "Severity")) or (default,),
                opening + literal(message, place.names),
                literal(fix, place.names),
            )
        severity = argument(place.node, "severity", 1)
        found = place.names.get(severity.id, ()) if isinstance(severity, ast.Name) else (severity,)
        return Wording(
            tuple(each for one in found for each in members(one, "Severity"))
            or _severities_of(place.node),
            literal(message, place.names),
            literal(fix, place.names),
        )
    return _row_wording(place)


def _severities_of(call: ast.Call) -> tuple[str, ...]:
    """What a call says that names no severity: a `warning` is one."""
    return ("WARNING",) if ast.unparse(call.func) == "warning" else ("ERROR",)


def _row_wording(place: Place) -> Wording:
    row = [each for each in place.node.elts if not members(each, "Reason")]  # type: ignore[union-attr]
    severities = tuple(member for each in row for member in members(each, "Severity"))
    texts = [literal(each, place.names) for each in row if not members(each, "Severity")]
    if members(place.key, "HostsRule"):  # the rule says what is wrong
        return Wording(severities, literal(place.key, place.names), texts[0])
    made = place.from_row
    assert made is not None, f"line {place.node.lineno}: no Finding is made of this row"
    shared = members(argument(made, "severity", 9), "Severity")
    return Wording(severities or tuple(shared), texts[0], literal(strings(made)[1], place.names))


def places(tree: ast.Module, constants: Names) -> Iterator[tuple[str, Place]]:
    """(member of Reason, place) for each place of a module that makes a finding."""
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]
    from_row = next((each for each in calls if _is_made_of_a_row(each)), None)
    keys = {
        value: key
        for each in ast.walk(tree)
        if isinstance(each, ast.Dict)
        for key, value in zip(each.keys, each.values, strict=True)
    }
    returned = {
        each.name: members(each, "Reason")
        for each in ast.walk(tree)
        if isinstance(each, ast.FunctionDef) and ast.unparse(each.returns or each) == "Reason"
    }
    for node, around in _with_functions(tree):
        for member in _reasons_of(node, returned):
            names = {**constants, **(assigned(around) if around else {})}
            assert isinstance(node, (ast.Call, ast.Tuple))
            yield member, Place(node, keys.get(node), names, from_row)


def facts(tree: ast.Module) -> Iterator[tuple[str, ast.ClassDef, list[Wording]]]:
    """(member of Reason, class, its sentences) for each fact of a module that is a finding.

    What a reading lacks (model/explain/missing.py) is an error, or a warning beside an answer.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            told = [m for each in node.body for m in dict.fromkeys(_found_as(each))]
            sentences = [Wording(("ERROR", "WARNING"), each, "") for each in _words_of(node)]
            yield from ((member, node, sentences) for member in told)


def _found_as(node: ast.stmt) -> list[str]:
    """The members of Reason that a line of a fact's class makes its own."""
    match node:
        case ast.AnnAssign(target=ast.Name(id="found_as"), value=value):
            return members(value, "Reason")
        case ast.FunctionDef(name="reason", body=body):
            returned = (each.value for each in body if isinstance(each, ast.Return))
            return [member for each in returned for member in members(each, "Reason")]
        case _:
            return []


def _words_of(fact: ast.ClassDef) -> Iterator[str]:
    for node in fact.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="says")], value=value):
                yield literal(value, {})
            case ast.FunctionDef(name="_words"):
                names = assigned(node)
                returns = (each.value for each in ast.walk(node) if isinstance(each, ast.Return))
                yield from filter(
                    lambda each: each.strip("…"), (literal(e, names) for e in returns)
                )


def _with_functions(
    node: ast.AST, around: ast.AST | None = None
) -> Iterator[tuple[ast.AST, ast.AST | None]]:
    """Each node below NODE and the function that it stands in."""
    for each in ast.iter_child_nodes(node):
        yield each, around
        yield from _with_functions(each, each if isinstance(each, ast.FunctionDef) else around)


def _reasons_of(node: ast.AST, returned: Mapping[str, list[str]]) -> list[str]:
    if isinstance(node, ast.Call):
        maker = made_by(node)
        if maker in MAKERS:
            reason = argument(node, "reason", MAKERS[maker][0])
            if isinstance(reason, ast.Call):
                return returned.get(ast.unparse(reason.func), [])
            default = ["INVALID_VALUE"] if maker in _OF_VALUES and reason is None else []
            return members(reason, "Reason") or default
        return members(argument(node, "reason", 0), "Reason") if maker == "finding" else []
    if isinstance(node, ast.Tuple) and _is_worded(node):
        return members(node, "Reason")
    return []


def _is_made_of_a_row(call: ast.Call) -> bool:
    reason = argument(call, "reason", 9)
    return isinstance(reason, ast.Name) and reason.id == "reason"


def _is_worded(row: ast.Tuple) -> bool:
    return any(isinstance(each, (ast.Constant, ast.JoinedStr)) for each in row.elts) or any(
        members(each, "Severity") for each in row.elts
    )


def assigned(around: ast.AST) -> dict[str, tuple[ast.expr, ...]]:
    """What each name is assigned in a function, or in a module by all of it."""
    found: dict[str, tuple[ast.expr, ...]] = {}
    for node in ast.walk(around):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            found[name] = (*found.get(name, ()), node.value)
    return found


@functools.cache
def wordings() -> dict[str, list[Wording]]:
    """What the source says about each member of Reason."""
    trees = [ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py")) if path != ENUM]
    constants = {
        name: values
        for tree in trees
        for name, values in assigned(tree).items()
        if name.isupper() and len(values) == 1
    }
    found: dict[str, list[Wording]] = {}
    for tree in trees:
        for member, place in places(tree, constants):
            worded = wording(place)
            if worded not in found.setdefault(member, []):
                found[member].append(worded)
        for member, _, sentences in facts(tree):
            found.setdefault(member, []).extend(sentences)
    return found


def sections() -> Iterator[tuple[str, list[Reason]]]:
    """The sections of the enum and their members; a section opens with a comment."""
    title, found = "", []
    for line in ENUM.read_text().partition("class Reason")[2].splitlines():
        comment = re.fullmatch(r"    # ([^(.]+?)(?: \(.*\))?\.?", line)
        member = re.match(r"    ([A-Z0-9_]+) = ", line)
        if comment:
            if found:
                yield title, found
            title, found = comment[1], []
        elif member:
            found.append(Reason[member[1]])
    yield title, found


def page() -> str:
    """The whole page."""
    found = wordings()
    parts = [HEAD]
    for title, reasons in sections():
        parts.append(f"\n## {title}\n")
        parts += [entry(reason, found.get(reason.name, [])) for reason in reasons]
    return "".join(parts)


def entry(reason: Reason, worded: list[Wording]) -> str:
    """One reason: its name and severities, and a line for each sentence it is told with."""
    severities = dict.fromkeys(
        Severity[each].value for wording in worded for each in wording.severities
    )
    lines = [f"\n### {reason.value}\n\n{' or '.join(f'`{each}`' for each in severities)}\n\n"]
    for each in worded:
        is_known = each.fix.strip("…")
        lines.append(f"- {each.message}\n" + (f"  → {each.fix}\n" if is_known else ""))
    return "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page())
