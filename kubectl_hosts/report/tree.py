"""The path of a lookup as a tree: sources and candidates as branches, the answer as the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.findings import Severity
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.report.explanation import answer_in_words, answers_in_words, together
from kubectl_hosts.report.origins import describe_origin
from kubectl_hosts.report.terminal import escape, fit

if TYPE_CHECKING:
    from collections.abc import Callable

    from kubectl_hosts.model.explanation import ExplainedStep, Explanation
    from kubectl_hosts.report.hosts_one import Layout


class Branch(NamedTuple):
    """A line of the tree, its colour, and what hangs from it."""

    text: str
    branches: tuple[Branch, ...] = ()
    paint: Callable[[str], str] = str


def print_tree(explanation: Explanation, layout: Layout) -> str:
    """The tree, cut at the terminal's width; where stdout has no such glyphs, `encodable` helps."""
    where = f"pod {explanation.namespace}/{explanation.pod}, container {explanation.container}"
    title = escape(f"{explanation.name} in {where}")
    width = layout.width
    text = f"{title if width is None else fit(title, width)}\n"
    for before, words, paint in _draw(_branches(explanation, layout)):
        shown = words if width is None else fit(words, max(1, width - len(before)))
        text += f"{before}{paint(shown)}\n"
    return text


def _draw(
    branches: tuple[Branch, ...], before: str = ""
) -> list[tuple[str, str, Callable[[str], str]]]:
    """What stands before each line's words, the words, their colour."""
    lines: list[tuple[str, str, Callable[[str], str]]] = []
    for branch in branches:
        is_last = branch is branches[-1]
        lines.append((f"{before}{'└─ ' if is_last else '├─ '}", branch.text, branch.paint))
        lines += _draw(branch.branches, before + ("   " if is_last else "│  "))
    return lines


def _branches(explanation: Explanation, layout: Layout) -> tuple[Branch, ...]:
    style = layout.style
    steps = tuple(_branch(each, layout) for each in together(explanation.steps))
    shadowed = explanation.shadowed
    origin = f" from {describe_origin(shadowed.origin)}" if shadowed and shadowed.origin else ""
    hidden = (
        (Branch(f"shadowed: {escape(', '.join(shadowed.addresses))}{origin}", paint=style.faint),)
        if shadowed
        else ()
    )
    paints: dict[Severity, Callable[[str], str]] = {
        Severity.ERROR: style.bad,
        Severity.WARNING: style.warning,
        Severity.INFO: str,
    }
    findings = tuple(
        Branch(
            escape(f"{each.severity.value} {each.reason.value}: {each.message}"),
            paint=paints[each.severity],
        )
        for each in explanation.findings
    )
    paint = style.good if explanation.outcome is Outcome.FOUND else style.bad
    return (*steps, *hidden, Branch(f"answer: {answer_in_words(explanation)}", findings, paint))


def _branch(group: tuple[ExplainedStep, ...], layout: Layout) -> Branch:
    """One source, or one candidate at one nameserver with its A and its AAAA."""
    step = group[0]
    is_hit = any(each.outcome is Outcome.FOUND and not each.asked for each in group)
    paint = layout.style.good if is_hit else layout.style.faint
    if step.source != "dns":
        lines = tuple(
            Branch(
                f"line {line.number}: {escape('  '.join(line.text.split()))}",
                (Branch(f"from {describe_origin(line.origin)}"),),
            )
            for line in step.lines
        )
        return Branch(f"{escape(step.source)}: {escape(step.rule)}", lines, paint)
    server = f" @{escape(step.server)}" if step.server else ""
    answers = "; ".join(answers_in_words(group))
    trail = [Branch(escape(words)) for words in dict.fromkeys(w for e in group for w in e.trail)]
    said = dict.fromkeys(escape(each.asked) for each in group if each.asked)
    trail += [Branch(f"but the server in fact says: {words}") for words in said]
    return Branch(f"dns{server} {escape(step.name)} {answers}", tuple(trail), paint)
