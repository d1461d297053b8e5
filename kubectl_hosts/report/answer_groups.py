"""A fleet's answers: a line a name, a row a group of pods, the outlier and its cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.explain.groups import AnswerGroup, group_by_answer, summarize
from kubectl_hosts.report.table import print_table
from kubectl_hosts.report.terminal import escape, fit
from kubectl_hosts.report.wrapping import wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kubectl_hosts.model.explanation import Explanation
    from kubectl_hosts.report.hosts_one import Layout

_SHOWN = 3


def print_groups(
    explanations: Sequence[Explanation],
    layout: Layout,
    show: Callable[[Explanation, Layout], str],
) -> str:
    """For each name the summary and a row a group; then, where answers differ, one pod of each.

    SHOW prints one explanation. -o wide and -o tree show one pod of each group in any case.
    """
    names = dict.fromkeys((each.name, each.type) for each in explanations)
    parts = []
    for name in names:
        groups = group_by_answer(tuple(e for e in explanations if (e.name, e.type) == name))
        parts.append(_of_name(groups, layout, show))
    return "\n".join(parts)


def _of_name(
    groups: tuple[AnswerGroup, ...], layout: Layout, show: Callable[[Explanation, Layout], str]
) -> str:
    lines = wrapped(escape(summarize(groups)), layout.width).splitlines()
    summary = "".join(f"{layout.style.bold(line)}\n" for line in lines)
    text = f"{summary}\n{_table(groups, layout)}"
    is_detailed = layout.output in {"wide", "tree"}
    shown = groups if is_detailed else groups[1:]
    return text + "".join(f"\n{show(each.explanations[0], layout)}" for each in shown)


def _table(groups: tuple[AnswerGroup, ...], layout: Layout) -> str:
    rows = [
        [
            escape(", ".join(each.values)) or each.outcome.value,
            str(len(each.explanations)),
            escape(each.differs) or "<none>",
            _pods(each),
        ]
        for each in groups
    ]
    headers = ("ANSWER", "COUNT", "DIFFERS-IN", "PODS")
    table = print_table(headers, rows, show_headers=layout.headers)
    width = layout.width
    return "".join(
        f"{line if width is None else fit(line, width)}\n" for line in table.splitlines()
    )


def _pods(group: AnswerGroup) -> str:
    names = [f"{each.namespace}/{each.pod}" for each in group.explanations]
    more = len(names) - _SHOWN
    return escape(", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else ""))
