"""The path of a lookup as a tree: services and candidates as branches, the answer as the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.report.explanation import outcome_in_words
from kubectl_hosts.report.origins import describe_origin
from kubectl_hosts.report.terminal import escape, fit

if TYPE_CHECKING:
    from kubectl_hosts.model.explanation import ExplainedStep, Explanation
    from kubectl_hosts.report.hosts_one import Layout


class Branch(NamedTuple):
    """A line of the tree, and what hangs from it."""

    text: str
    branches: tuple[Branch, ...] = ()


def print_tree(explanation: Explanation, layout: Layout) -> str:
    """The tree, cut at the terminal's width; where stdout has no such glyphs, `encodable` helps."""
    where = f"pod {explanation.namespace}/{explanation.pod}, container {explanation.container}"
    lines = [escape(f"{explanation.name} in {where}"), *_draw(_branches(explanation))]
    width = layout.width
    return "".join(f"{line if width is None else fit(line, width)}\n" for line in lines)


def _draw(branches: tuple[Branch, ...], before: str = "") -> list[str]:
    lines: list[str] = []
    for branch in branches:
        is_last = branch is branches[-1]
        lines.append(f"{before}{'└─ ' if is_last else '├─ '}{branch.text}")
        lines += _draw(branch.branches, before + ("   " if is_last else "│  "))
    return lines


def _branches(explanation: Explanation) -> tuple[Branch, ...]:
    steps = tuple(_branch(each) for each in explanation.steps)
    shadowed = explanation.shadowed
    origin = f" from {describe_origin(shadowed.origin)}" if shadowed and shadowed.origin else ""
    hidden = (
        (Branch(f"shadowed: {escape(', '.join(shadowed.addresses))}{origin}"),) if shadowed else ()
    )
    findings = tuple(
        Branch(escape(f"{each.severity.value} {each.reason.value}: {each.message}"))
        for each in explanation.findings
    )
    return (*steps, *hidden, Branch(f"answer: {_answer(explanation)}", findings))


def _branch(step: ExplainedStep) -> Branch:
    if step.source != "dns":
        lines = tuple(
            Branch(
                f"line {line.number}: {escape('  '.join(line.text.split()))}",
                (Branch(f"from {describe_origin(line.origin)}"),),
            )
            for line in step.lines
        )
        return Branch(f"{escape(step.source)}: {escape(step.rule)}", lines)
    server = f" @{escape(step.server)}" if step.server else ""
    trail = tuple(Branch(escape(each)) for each in step.trail)
    return Branch(f"dns{server} {escape(step.name)} {step.type}: {outcome_in_words(step)}", trail)


def _answer(explanation: Explanation) -> str:
    answer = explanation.answer
    values = ", ".join(dict.fromkeys(answer.addresses or answer.data))
    return escape(f"{values or answer.outcome.value} ({explanation.verdict.value})")
