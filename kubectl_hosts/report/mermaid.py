"""The path of a lookup as a Mermaid flowchart, which GitHub and others draw: `-o mermaid`.

Every text stands in quotes, and every character in it that could mean something to Mermaid or to
HTML as an entity code (https://mermaid.js.org/syntax/flowchart.html, "Entity codes to escape
characters"), so that any name is safe. Colour never says anything that the words do not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.report.explanation import answer_in_words, answers_in_words, together
from kubectl_hosts.report.origins import describe_origin
from kubectl_hosts.report.terminal import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubectl_hosts.model.explanation import ExplainedStep, Explanation

_PLAIN = re.compile(r"[^A-Za-z0-9 ._,:/()@=+-]")
_CLASSES = """\
    classDef hit fill:#e6f4ea,stroke:#1e7e34,color:#12391b
    classDef miss fill:#fdecea,stroke:#b3261e,color:#410e0b
    classDef plain fill:#f4f4f5,stroke:#52525b,color:#18181b
"""


class _Chart:
    """The lines of a flowchart; nodes are n0, n1, ... in the order they are added."""

    def __init__(self) -> None:
        self._nodes: list[str] = []
        self._edges: list[str] = []
        self._broken: list[int] = []

    def node(self, text: str, kind: str) -> str:
        name = f"n{len(self._nodes)}"
        self._nodes.append(f'    {name}["{quoted(text)}"]:::{kind}')
        return name

    def edge(self, start: str, end: str, text: str = "", *, arrow: str = "-->") -> None:
        label = f'|"{quoted(text)}"|' if text else ""
        self._edges.append(f"    {start} {arrow}{label} {end}")

    def broken(self, start: str, end: str, text: str) -> None:
        """An edge that did not lead there: dotted, red, with the reason on it."""
        self._broken.append(len(self._edges))
        self.edge(start, end, text, arrow="-.->")

    def text(self) -> str:
        style = [f"    linkStyle {','.join(map(str, self._broken))} stroke:#b3261e"]
        lines = ["flowchart LR", *self._nodes, *self._edges, *(style if self._broken else [])]
        return "\n".join(lines) + "\n" + _CLASSES


def quoted(text: str) -> str:
    """TEXT as it may stand within quotes of a flowchart: what is not plain is `#N;`."""
    return _PLAIN.sub(lambda found: f"#{ord(found[0])};", escape(" ".join(text.split())))


def print_mermaid(explanations: Sequence[Explanation]) -> str:
    """A flowchart for each explanation, a blank line between two."""
    return "\n".join(map(_flowchart, explanations))


def _flowchart(explanation: Explanation) -> str:
    chart = _Chart()
    where = f"pod {explanation.namespace}/{explanation.pod}, container {explanation.container}"
    before = chart.node(where, "plain")
    reason = f"looks up {explanation.name}"
    was_missed = False
    for group in together(explanation.steps):
        is_hit = any(each.outcome is Outcome.FOUND and not each.asked for each in group)
        here = chart.node(_place(group[0]), "hit" if is_hit else "miss")
        (chart.broken if was_missed else chart.edge)(before, here, reason)
        before, reason, was_missed = here, _outcome(group), not is_hit
        if is_hit:
            before, reason = _behind(chart, here, group), ""
    _shadow(chart, explanation, before)
    answer = chart.node(f"{explanation.name}: {answer_in_words(explanation)}", _kind(explanation))
    (chart.broken if was_missed else chart.edge)(before, answer, reason)
    return chart.text()


def _place(step: ExplainedStep) -> str:
    if step.source != "dns":
        return {"files": "hosts file", "literal": "the name itself"}.get(step.source, step.source)
    server = f" at {step.server}" if step.server else ""
    return f"{step.name}{server}"


def _outcome(group: tuple[ExplainedStep, ...]) -> str:
    """What came of it, and why: `A, AAAA: NXDOMAIN: no Service shop/api`."""
    first = group[0]
    if first.source != "dns":
        return first.rule
    said = next((f"the server says {each.asked}" for each in group if each.asked), "")
    why = next((each.because for each in group if each.because), "")
    return ": ".join(filter(None, (said or "; ".join(answers_in_words(group)), why)))


def _behind(chart: _Chart, here: str, group: tuple[ExplainedStep, ...]) -> str:
    """The line, or the server block, the plugins and the object that gave the answer."""
    step = next(each for each in group if each.outcome is Outcome.FOUND)
    words = [
        f"line {line.number}: {line.text}, from {describe_origin(line.origin)}"
        for line in step.lines
    ]
    words += list(step.trail)
    words += [describe_origin(step.origin)] if step.origin and step.source == "dns" else []
    for each in words:
        there = chart.node(each, "plain")
        chart.edge(here, there)
        here = there
    return here


def _shadow(chart: _Chart, explanation: Explanation, before: str) -> None:
    """What cluster DNS would have said, behind an edge that nobody went."""
    shadowed = explanation.shadowed
    if shadowed:
        origin = f" from {describe_origin(shadowed.origin)}" if shadowed.origin else ""
        hidden = chart.node(f"{', '.join(shadowed.addresses)}{origin}", "plain")
        chart.broken(before, hidden, "DNS is not asked")


def _kind(explanation: Explanation) -> str:
    if explanation.outcome is Outcome.UNKNOWN:
        return "plain"
    return "hit" if explanation.outcome is Outcome.FOUND else "miss"
