"""`-o jsonpath=TEMPLATE`: a template of kubectl's dialect, filled from a document."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kubectl_hosts.errors import BadInput
from kubectl_hosts.report.jsonpath_path import Identifier
from kubectl_hosts.report.jsonpath_steps import follow
from kubectl_hosts.report.jsonpath_template import TemplateError, parse_template
from kubectl_hosts.report.jsonpath_values import ExecutionError, NoValue, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.report.jsonpath_path import Path

# kubectl has no limit; a range without its end doubles what comes after it, so we have one.
_DEEPEST_RANGE = 12
_HINT = "https://kubernetes.io/docs/reference/kubectl/jsonpath/ has examples."


@dataclass(frozen=True, slots=True)
class _Range:
    """`{range path}body{end}`: the body once for each value."""

    path: Path
    body: tuple[str | Path | _Range, ...]


def print_jsonpath(template: str, document: object) -> str:
    """The template's text with what its paths find in the document, as `kubectl get` prints it.

    DOCUMENT is plain JSON: dict, list, str, int, float, bool, None. The values of one path are
    separated by a space; strings are bare, objects and lists compact JSON; a missing key prints
    nothing; text outside braces stands for itself, so `.metadata.name` prints `.metadata.name`.
    Nothing is appended: the caller prints no newline either.

    Raises BadInput with kubectl's words for a template that cannot be read or applied.
    """
    nodes = check_template(template)
    try:
        return "".join(_print(_in_ranges(nodes), document))
    except ExecutionError as error:
        quoted = json.dumps(template, ensure_ascii=False)
        message = f"error executing jsonpath {quoted}: Error executing template: {error}"
        raise BadInput(message, hint=_HINT) from error


def check_template(template: str) -> tuple[str | Path, ...]:
    """The parts of TEMPLATE. Raises BadInput with kubectl's words for one that does not parse."""
    if not template:
        raise BadInput("template format specified but no template given", hint=_HINT)
    try:
        return parse_template(template)
    except TemplateError as error:
        raise BadInput(f"error parsing jsonpath {template}, {error}", hint=_HINT) from error


def _in_ranges(nodes: tuple[str | Path, ...]) -> tuple[str | Path | _Range, ...]:
    body, end = _body(nodes, 0, depth=0)
    if end is not None:
        raise ExecutionError("not in range, nothing to end")
    return body


def _body(
    nodes: tuple[str | Path, ...], at: int, *, depth: int
) -> tuple[tuple[str | Path | _Range, ...], int | None]:
    """The nodes from AT up to the `{end}` that closes them, and where that stands (or None)."""
    if depth > _DEEPEST_RANGE:
        raise ExecutionError(f"more than {_DEEPEST_RANGE} ranges within each other")
    body: list[str | Path | _Range] = []
    while at < len(nodes):
        node = nodes[at]
        words = _words(node)
        if "end" in words:
            return tuple(body), at
        if "range" in words:
            assert isinstance(node, tuple)
            inner, end = _body(nodes, at + 1, depth=depth + 1)
            body.append(_Range(node, inner))
            # Without its {end} a range runs to the template's last node, and what follows it is
            # then applied once more, outside of it: so kubectl 1.32.
            at = at if end is None else end
        else:
            body.append(node)
        at += 1
    return tuple(body), None


def _words(node: str | Path) -> set[str]:
    """The bare words of a path; kubectl refuses unknown ones even where no value reaches them."""
    words = {step.name for step in node if isinstance(step, Identifier)}
    for unknown in sorted(words - {"range", "end"}):
        raise ExecutionError(f"unrecognized identifier {unknown}")
    return words


def _print(nodes: tuple[str | Path | _Range, ...], value: object) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif isinstance(node, _Range):
            for each in follow(node.path, [value]):
                yield from _print(node.body, NoValue() if each is None else each)
        else:
            yield " ".join(value_text(found) for found in follow(node, [value]))
