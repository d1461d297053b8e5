"""A check for people: what is wrong, a row each, grouped by object; then what nobody could see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.findings import Severity, counted
from kubectl_hosts.report.check_document import summary
from kubectl_hosts.report.finding_words import colours, describe_origin, missed_in_words
from kubectl_hosts.report.terminal import escape, escape_lines, fit, print_table, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubectl_hosts.model.check.check_report import CheckedName, CheckReport, Problem
    from kubectl_hosts.model.evidence import CouldNotLook
    from kubectl_hosts.report.hosts_one import Layout

_SHOWN = 10


def print_check(report: CheckReport, layout: Layout) -> str:
    """REPORT in the format of LAYOUT. Raises BadInput for a template that does not fit."""
    match layout.output:
        case "table" | "wide":
            return _print_text(report, layout)
        case "sarif":
            from kubectl_hosts.report.check_document import print_sarif  # noqa: PLC0415

            return print_sarif(report)
        case "junit":
            from kubectl_hosts.report.check_document import print_junit  # noqa: PLC0415

            return print_junit(report)
        case "html":
            from kubectl_hosts.report.check_html import print_html  # noqa: PLC0415

            return print_html(report)
        case _:
            from kubectl_hosts.report.check_document import check_document  # noqa: PLC0415
            from kubectl_hosts.report.json_documents import print_document  # noqa: PLC0415

            return print_document(check_document(report), layout.output)


def _print_text(report: CheckReport, layout: Layout) -> str:
    paint = layout.style.bad if report.count(Severity.ERROR) else layout.style.good
    if report.problems and not report.count(Severity.ERROR):
        paint = layout.style.warning
    if not layout.headers:  # the rows alone, so that a script that counts them counts problems
        return _problems(report.problems, layout)
    parts = [f"{paint(escape(summary(report)))}\n"]
    if report.problems:
        parts += ["\n", _problems(report.problems, layout)]
    if layout.output == "wide" and report.names:
        parts += ["\n", _names(report.names, layout)]
    parts += [_ignored(report), _assumed(report, layout), _not_checked(report.not_checked, layout)]
    return "".join(parts)


def _problems(problems: Sequence[Problem], layout: Layout) -> str:
    """One row a problem, and its fix below it."""
    paint = colours(layout.style)
    lines: list[str] = []
    before = None
    for each in problems:
        if each.object != before:
            lines.append(f"{escape(_heading(each))}\n")
            before = each.object
        row = f"{each.severity.value} {each.reason.value}: {_place(each)}{escape(each.message)}"
        text = wrapped(row, layout.width, indent="  ", hanging="    ")
        word = each.severity.value
        lines.append(text.replace(word, paint[each.severity](word), 1))
        lines += _fixes(each, layout)
    return "".join(lines)


def _heading(problem: Problem) -> str:
    pods = f" ({counted(problem.count, 'pod')})" if problem.count > 1 else ""
    return f"{problem.object.in_words}{pods}"


def _place(problem: Problem) -> str:
    """`web.yaml:12: ` of a problem that stands in a manifest, "" of others."""
    place = next(filter(None, (each.place for each in problem.evidence)), "")
    return f"{escape(place)}: " if place else ""


def _fixes(problem: Problem, layout: Layout) -> list[str]:
    """The proved fixes (the first, unless wide), else what to look at."""
    shown = problem.fixes if layout.output == "wide" else problem.fixes[:1]
    lines = []
    for each in shown:
        text = escape(f"{each.sentence} (then: {each.then.in_words})")
        lines.append(wrapped(text, layout.width, indent="    fix: ", hanging="         "))
        lines += [f"         {escape_lines(command)}\n" for command in each.commands]
    if not shown and problem.advice:
        text = escape(problem.advice)
        lines.append(wrapped(text, layout.width, indent="    hint: ", hanging="          "))
    return lines


def _names(names: Sequence[CheckedName], layout: Layout) -> str:
    rows = [
        [
            escape(each.owner.namespace),
            escape(str(each.owner)),
            escape(each.mention.container) or "-",
            escape(each.mention.where),
            escape(each.mention.name),
            each.outcome.value,
            escape(",".join(each.answer)) or "-",
            describe_origin(each.origin) if each.origin else "-",
        ]
        for each in names
    ]
    headers = [
        *("NAMESPACE", "OBJECT", "CONTAINER", "WHERE", "NAME", "OUTCOME", "ADDRESSES", "FROM"),
    ]
    return print_table(headers, rows, show_headers=layout.headers)


def _ignored(report: CheckReport) -> str:
    if not report.ignored:
        return ""
    reasons = dict.fromkeys(each.problem.reason.value for each in report.ignored)
    count = counted(len(report.ignored), "problem")
    return f"\nIgnored: {count} ({', '.join(reasons)}); -o json says which and why\n"


def _assumed(report: CheckReport, layout: Layout) -> str:
    if not report.assumptions:
        return ""
    return "\n" + wrapped(f"Assumed: {'; '.join(report.assumptions)}", layout.width)


def _not_checked(missed: Sequence[CouldNotLook], layout: Layout) -> str:
    """How many things could not be looked at, and which: the first ones, unless wide."""
    if not missed:
        return ""
    shown = missed if layout.output == "wide" else missed[:_SHOWN]
    lines = [f"\nNot checked: {counted(len(missed), 'thing')}\n"]
    for each in shown:
        lines.append(f"{fit(f'  {escape(missed_in_words(each))}', layout.width)}\n")
    if len(missed) > len(shown):
        lines.append(f"  and {len(missed) - len(shown)} more (-o wide)\n")
    return "".join(lines)
