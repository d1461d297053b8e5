"""A check as one page of HTML: problems, and the matrix of workloads and names.

Everything that comes from the cluster is escaped where it is markup, and a text node where the
script puts it; what hides or reorders text is made visible first (terminal.escape).
"""

from __future__ import annotations

import json
from html import escape as markup
from typing import TYPE_CHECKING

from kubectl_hosts.model.check.report import NameOutcome
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.report.check_document import plural, summary
from kubectl_hosts.report.check_page import SCRIPT, STYLE, policy
from kubectl_hosts.report.findings import describe_origin
from kubectl_hosts.report.terminal import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kubectl_hosts.model.check.report import (
        CheckedName,
        CheckReport,
        Ignored,
        ObjectRef,
        Problem,
    )
    from kubectl_hosts.model.explanation import ExplainedStep
    from kubectl_hosts.report.documents import Document

_ORDER = (
    NameOutcome.NXDOMAIN,
    NameOutcome.NODATA,
    NameOutcome.SERVFAIL,
    NameOutcome.UNKNOWN,
    NameOutcome.OUTSIDE,
    NameOutcome.FOUND,
)
_WORDS = {
    NameOutcome.FOUND: "found",
    NameOutcome.NXDOMAIN: "not found",
    NameOutcome.NODATA: "no address",
    NameOutcome.SERVFAIL: "failed",
    NameOutcome.OUTSIDE: "outside",
    NameOutcome.UNKNOWN: "unknown",
}
_COLUMNS = 40
"""Names with a column of their own, the gravest first; the others share the last one."""


def print_html(report: CheckReport) -> str:
    """REPORT as a page that asks nothing of anybody."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{markup(policy())}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>kubectl hosts check</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{_text(summary(report))}</h1>\n{_problems(report.problems)}{_matrix(report.names)}"
        f"{_rest(report)}</main>\n"
        '<dialog id="why" aria-labelledby="why-title"><button type="button" id="close">Close'
        '</button><div id="why-body"></div></dialog>\n'
        f'<script type="application/json" id="data">{_data(report.names)}</script>\n'
        f"<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def _text(text: str) -> str:
    """TEXT as it may stand in markup and in an attribute."""
    return markup(escape(text))


def _problems(problems: Sequence[Problem]) -> str:
    if not problems:
        return ""
    parts = ["<h2>Problems</h2>\n"]
    before = None
    for each in problems:
        if each.object != before:
            parts.append(f"</ul>\n{_heading(each)}<ul>\n" if before else f"{_heading(each)}<ul>\n")
            before = each.object
        parts.append(_problem(each))
    return "".join(parts) + "</ul>\n"


def _heading(problem: Problem) -> str:
    pods = f' <span class="faint">{plural(problem.count, "pod")}</span>' if problem.count else ""
    return f"<h3>{_text(_full(problem.object))}{pods}</h3>\n"


def _full(ref: ObjectRef) -> str:
    return f"{ref.kind} {'/'.join(filter(None, (ref.namespace, ref.name)))}"


def _problem(problem: Problem) -> str:
    severity = problem.severity.value
    places = ", ".join(
        f"{each.file}:{each.line}" for each in problem.evidence if each.file and each.line
    )
    said = f"{_text(problem.reason.value)}: {_text(problem.message)}"
    lines = [f'<li><span class="tag {severity}">{severity}</span> {said}']
    if places:
        lines.append(f'<div class="faint">{_text(places)}</div>')
    for each in problem.fixes:
        commands = "\n".join(map(_text, each.commands))
        lines.append(f"<div>Fix: {_text(each.sentence)}</div>")
        lines += [f"<pre>{commands}</pre>"] if commands else []
    if problem.advice and not problem.fixes:
        lines.append(f'<div class="faint">Hint: {_text(problem.advice)}</div>')
    return "".join(lines) + "</li>\n"


def _matrix(names: Sequence[CheckedName]) -> str:
    if not names:
        return ""
    columns = _columns(names)
    rows: dict[ObjectRef, list[tuple[int, CheckedName]]] = {}
    for at, each in enumerate(names):
        rows.setdefault(each.owner, []).append((at, each))
    shared = len(columns) < len({each.mention.name for each in names})
    heads = "".join(f'<th scope="col">{_text(each)}</th>' for each in columns)
    heads += '<th scope="col">other names</th>' if shared else ""
    body = "".join(_row(ref, cells, columns, shared=shared) for ref, cells in rows.items())
    return (
        f"<h2>Workloads and names</h2>\n{_filters(names)}"
        '<div class="scroll" tabindex="0" role="region" aria-label="Workloads and names">'
        f'<table><thead><tr><th scope="col">Workload</th>{heads}</tr></thead>\n'
        f"<tbody>\n{body}</tbody></table></div>\n"
    )


def _columns(names: Sequence[CheckedName]) -> dict[str, int]:
    """The names with a column, and its place: those that lead nowhere come first."""
    worst: dict[str, int] = {}
    often: dict[str, int] = {}
    for each in names:
        name, rank = each.mention.name, _ORDER.index(each.outcome)
        worst[name] = min(rank, worst.get(name, rank))
        often[name] = often.get(name, 0) + 1
    ordered = sorted(worst, key=lambda name: (worst[name], -often[name], name))
    return {name: at for at, name in enumerate(ordered[:_COLUMNS])}


def _row(
    ref: ObjectRef,
    cells: Iterable[tuple[int, CheckedName]],
    columns: dict[str, int],
    *,
    shared: bool,
) -> str:
    row = ["" for _ in range(len(columns) + shared)]
    for at, each in cells:
        place = columns.get(each.mention.name, len(columns))
        row[place] += _cell(at, each, named=place == len(columns))
    return (
        f'<tr><th scope="row">{_text(_full(ref))}</th>'
        + "".join(f"<td>{each}</td>" for each in row)
        + "</tr>\n"
    )


def _cell(at: int, name: CheckedName, *, named: bool) -> str:
    words = _WORDS[name.outcome]
    shown = f"{name.mention.name}: {words}" if named else words
    label = f"{name.mention.name} in {name.owner}, {name.mention.where}: {words}"
    return (
        f'<button type="button" class="{name.outcome.value}" data-at="{at}" '
        f'aria-haspopup="dialog" aria-label="{_text(label)}">{_text(shown)}</button>'
    )


def _filters(names: Sequence[CheckedName]) -> str:
    there = {each.outcome for each in names}
    boxes = "".join(
        f'<label><input type="checkbox" name="outcome" value="{each.value}" checked> '
        f'<span class="tag {each.value}">{_WORDS[each]}</span></label>'
        for each in _ORDER
        if each in there
    )
    return (
        '<form><label>Filter <input type="search" id="words" placeholder="workload or name">'
        f'</label>{boxes}<output id="count" class="faint"></output></form>\n'
    )


def _rest(report: CheckReport) -> str:
    parts = []
    for title, lines in (
        ("Ignored", list(map(_ignored, report.ignored))),
        ("Assumed", list(report.assumptions)),
        ("Not checked", [f"{each.what}: {each.why}" for each in report.not_checked]),
    ):
        if lines:
            items = "".join(f"<li>{_text(each)}</li>\n" for each in lines)
            parts.append(f"<h2>{title}</h2>\n<ul>\n{items}</ul>\n")
    return "".join(parts)


def _ignored(ignored: Ignored) -> str:
    problem = ignored.problem
    return f"{_full(problem.object)}: {problem.message} (ignored: {ignored.because})"


def _data(names: Sequence[CheckedName]) -> str:
    """The names as JSON that no parser of HTML takes for anything else."""
    written = json.dumps({"names": [_name(each) for each in names]}, ensure_ascii=True)
    return written.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _name(name: CheckedName) -> Document:
    mention = name.mention
    facts = [
        ("Outcome", _WORDS[name.outcome]),
        ("Addresses", ", ".join(name.answer)),
        ("From", describe_origin(name.origin) if name.origin else ""),
        ("Object", _full(name.owner)),
        ("Container", mention.container),
        ("Where", mention.where),
        ("Text", mention.text),
        ("File", f"{name.place.file}:{name.place.line}" if name.place and name.place.file else ""),
    ]
    return {
        "name": escape(mention.name),
        "outcome": name.outcome.value,
        "headline": escape(name.headline),
        "facts": [[key, escape(value)] for key, value in facts if value],
        "fixes": [
            {
                "sentence": escape(each.sentence),
                "commands": [escape(command) for command in each.commands],
                "then": escape(
                    ", ".join(each.then.addresses) or each.then.origin or each.then.outcome.value
                ),
            }
            for each in name.fixes
        ],
        "path": list(_path(name)),
    }


def _path(name: CheckedName) -> Iterator[list[str]]:
    """The boxes of the drawing: [title, detail, state], from the pod to the answer."""
    explanation = name.explanation
    if explanation is None:
        return
    yield [_full(name.owner), escape(f"asks {name.mention.name}"), "plain"]
    for step in explanation.steps:
        state = "found" if step.outcome is Outcome.FOUND else "missed"
        yield [escape(_asked(step)), escape(_answer(step)), state]


def _asked(step: ExplainedStep) -> str:
    if step.source != "dns":
        return f"{step.source}: {step.name}"
    return f"DNS {step.server}: {step.name} {step.type}".strip()


def _answer(step: ExplainedStep) -> str:
    data = ", ".join(dict.fromkeys(each.data for each in step.records))
    origin = describe_origin(step.origin) if step.origin else ""
    words = " from ".join(filter(None, (data, origin))) or step.because
    return f"{step.outcome.value}: {words}" if words else step.outcome.value
