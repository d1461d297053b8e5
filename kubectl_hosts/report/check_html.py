"""A check as one page of HTML: problems, and the matrix of workloads and names.

Everything that comes from the cluster is escaped where it is markup, and comes to the script as
data and into the page as text nodes; what hides or reorders text is made visible first
(terminal.escape). The page asks nothing of anybody: its policy names its style and script by their
hashes (CSP 3, 2.3.1) and forbids all else.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from html import escape as markup
from typing import TYPE_CHECKING

from kubectl_hosts.model.check.check_report import NameOutcome
from kubectl_hosts.model.findings import counted
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.report.check_document import summary
from kubectl_hosts.report.explanation import outcome_words
from kubectl_hosts.report.finding_words import describe_origin, missed_in_words
from kubectl_hosts.report.terminal import escape, escape_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kubectl_hosts.model.check.check_report import (
        CheckedName,
        CheckReport,
        Ignored,
        ObjectRef,
        Problem,
    )
    from kubectl_hosts.model.explanation import ExplainedStep
    from kubectl_hosts.report.json_documents import JsonDocument

STYLE = """\
:root{color-scheme:light dark;--bg:#fff;--fg:#18181b;--soft:#f4f4f5;--line:#d4d4d8;--faint:#52525b;
--good-bg:#e6f4ea;--good:#12391b;--bad-bg:#fdecea;--bad:#7a1712;--warn-bg:#fff4d6;--warn:#573b00;
--open-bg:#e8eefc;--open:#1a2f6b;--focus:#1d4ed8}
@media (prefers-color-scheme:dark){:root{--bg:#18181b;--fg:#f4f4f5;--soft:#27272a;--line:#3f3f46;
--faint:#a1a1aa;--good-bg:#12391b;--good:#c9efd3;--bad-bg:#5c1410;--bad:#ffdad6;--warn-bg:#4a3400;
--warn:#ffe8b3;--open-bg:#1a2f6b;--open:#dbe5ff;--focus:#93b4ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:90rem;padding:1rem;background:var(--bg);color:var(--fg);
font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.3rem;margin:0 0 .5rem}h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
h3{font-size:1rem;margin:.8rem 0 .2rem}
code,pre{font:.875rem/1.4 ui-monospace,monospace}pre{white-space:pre-wrap;margin:.3rem 0;
padding:.5rem;background:var(--soft);border-radius:.3rem}
ul{margin:0;padding-left:1.2rem}li{margin:.3rem 0}
.error,.nxdomain,.nodata,.servfail{background:var(--bad-bg);color:var(--bad)}
.warning,.unknown{background:var(--warn-bg);color:var(--warn)}
.found{background:var(--good-bg);color:var(--good)}.outside,.info{background:var(--open-bg);color:var(--open)}
.tag{display:inline-block;border-radius:.3rem;padding:0 .4rem;font-size:.875rem;font-weight:600}
.faint{color:var(--faint)}
form{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;margin:.5rem 0}
input[type=search]{font:inherit;padding:.3rem .5rem;min-width:12rem;max-width:100%;border:1px solid
var(--line);border-radius:.3rem;background:var(--bg);color:var(--fg)}
.scroll{overflow:auto;max-height:80vh;border:1px solid var(--line);border-radius:.3rem}
table{border-collapse:separate;border-spacing:0}
th,td{padding:.2rem .4rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;
font-size:.875rem}
thead th{position:sticky;top:0;background:var(--soft);z-index:2;min-width:6rem;max-width:14rem}
tbody th{position:sticky;left:0;background:var(--bg);z-index:1;min-width:8rem;max-width:40vw;
font-weight:600}
td button{font:inherit;font-size:.875rem;border:1px solid transparent;border-radius:.3rem;
padding:.1rem .4rem;margin:.1rem;cursor:pointer;text-align:left}
:focus-visible{outline:3px solid var(--focus);outline-offset:1px}
dialog{max-width:min(60rem,94vw);width:100%;max-height:90vh;overflow:auto;
border:1px solid var(--line);border-radius:.5rem;background:var(--bg);color:var(--fg);padding:1rem}
dialog::backdrop{background:rgb(0 0 0 / .5)}
dialog button{font:inherit;padding:.2rem .8rem;float:right}
dl{display:grid;grid-template-columns:minmax(5rem,auto) 1fr;gap:.2rem .8rem;margin:.5rem 0}
dt{color:var(--faint)}dd{margin:0}
svg{width:30rem;max-width:100%;height:auto}svg text{font:13px system-ui,sans-serif;fill:var(--fg)}
svg rect{fill:var(--soft);stroke:var(--line)}svg .found rect{fill:var(--good-bg);stroke:var(--good)}
svg .missed rect{fill:var(--bad-bg);stroke:var(--bad)}
svg path{stroke:var(--faint);fill:none;stroke-width:1.5}
svg .broken{stroke:var(--bad);stroke-dasharray:4 4}
[hidden]{display:none!important}
@media (max-width:30rem){body{padding:.6rem}dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}
"""

SCRIPT = """\
'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const dialog = document.getElementById('why');
  const body = document.getElementById('why-body');
  const words = document.getElementById('words');
  if (!words) return;
  const boxes = [...document.querySelectorAll('input[name=outcome]')];
  const count = document.getElementById('count');
  const svgns = 'http://www.w3.org/2000/svg';
  const add = (parent, tag, text, name) => {
    const node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    if (name) node.className = name;
    parent.append(node);
    return node;
  };
  const shape = (parent, tag, attributes, text) => {
    const node = document.createElementNS(svgns, tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    parent.append(node);
    return node;
  };
  const cut = (text) => text.length > 62 ? text.slice(0, 61) + '\\u2026' : text;
  const draw = (parent, steps) => {
    const high = 46, gap = 26, wide = 470;
    const svg = shape(parent, 'svg', {
      viewBox: `0 0 ${wide + 10} ${steps.length * (high + gap)}`, role: 'img',
      'aria-label': 'The path: ' + steps.map((each) => each.join(', ')).join('; then ')});
    steps.forEach(([title, detail, state], at) => {
      const top = at * (high + gap) + 2;
      const group = shape(svg, 'g', {class: state});
      shape(group, 'rect', {x: 2, y: top, width: wide, height: high, rx: 6});
      shape(group, 'text', {x: 12, y: top + 18, 'font-weight': 600}, cut(title));
      shape(group, 'text', {x: 12, y: top + 36}, cut(detail));
      if (at + 1 < steps.length) {
        const broken = state === 'missed' ? 'broken' : '';
        shape(svg, 'path', {class: broken,
          d: `M 40 ${top + high} v ${gap - 4} m -5 -7 l 5 7 l 5 -7`});
      }
    });
  };
  const open = (at) => {
    const each = data.names[at];
    body.replaceChildren();
    add(body, 'h2', each.name).id = 'why-title';
    add(body, 'p', each.headline);
    const list = add(body, 'dl');
    for (const [key, value] of each.facts) {
      add(list, 'dt', key);
      add(list, 'dd', value);
    }
    for (const fix of each.fixes) {
      add(body, 'h3', 'Fix: ' + fix.sentence);
      if (fix.commands.length) add(body, 'pre', fix.commands.join('\\n'));
      add(body, 'p', 'Then: ' + fix.then, 'faint');
    }
    if (each.path.length) {
      add(body, 'h3', 'The path');
      draw(body, each.path);
    }
    dialog.showModal();
  };
  const filter = () => {
    const said = words.value.trim().toLowerCase();
    const kinds = new Set(boxes.filter((each) => each.checked).map((each) => each.value));
    let shown = 0;
    for (const row of document.querySelectorAll('tbody tr')) {
      const own = row.querySelector('th').textContent.toLowerCase();
      let some = false;
      for (const cell of row.querySelectorAll('button')) {
        const each = data.names[cell.dataset.at];
        const fits = kinds.has(each.outcome) &&
          (!said || own.includes(said) || each.name.toLowerCase().includes(said));
        cell.hidden = !fits;
        some = some || fits;
      }
      row.hidden = !some;
      shown += some ? 1 : 0;
    }
    count.textContent = `${shown} shown`;
  };
  document.addEventListener('click', (event) => {
    const cell = event.target.closest('button[data-at]');
    if (cell) open(cell.dataset.at);
  });
  document.getElementById('close').addEventListener('click', () => dialog.close());
  words.addEventListener('input', filter);
  boxes.forEach((each) => each.addEventListener('change', filter));
  document.querySelector('form').addEventListener('submit', (event) => event.preventDefault());
  document.addEventListener('keydown', (event) => {
    const cell = event.target.closest && event.target.closest('button[data-at]');
    const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
    if (!cell || !step) return;
    let cells = [...document.querySelectorAll('button[data-at]')].filter((each) => !each.hidden);
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const column = cell.closest('td').cellIndex;
      cells = cells.filter((each) => each.closest('td').cellIndex === column);
    }
    const next = cells[cells.indexOf(cell) + step];
    if (next) { next.focus(); event.preventDefault(); }
  });
  filter();
})();
"""


def policy() -> str:
    """The Content-Security-Policy of the page."""
    return (
        f"default-src 'none'; style-src '{_hash(STYLE)}'; script-src '{_hash(SCRIPT)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


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
    pods = f' <span class="faint">{counted(problem.count, "pod")}</span>' if problem.count else ""
    return f"<h3>{_text(problem.object.in_words)}{pods}</h3>\n"


def _problem(problem: Problem) -> str:
    severity = problem.severity.value
    places = ", ".join(filter(None, (each.place for each in problem.evidence)))
    said = f"{_text(problem.reason.value)}: {_text(problem.message)}"
    lines = [f'<li><span class="tag {severity}">{severity}</span> {said}']
    if places:
        lines.append(f'<div class="faint">{_text(places)}</div>')
    for each in problem.fixes:
        commands = markup(escape_lines("\n".join(each.commands)))
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
        f'<tr><th scope="row">{_text(ref.in_words)}</th>'
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
        ("Not checked", [missed_in_words(each) for each in report.not_checked]),
    ):
        if lines:
            items = "".join(f"<li>{_text(each)}</li>\n" for each in lines)
            parts.append(f"<h2>{title}</h2>\n<ul>\n{items}</ul>\n")
    return "".join(parts)


def _ignored(ignored: Ignored) -> str:
    problem = ignored.problem
    return f"{problem.object.in_words}: {problem.message} (ignored: {ignored.because})"


def _data(names: Sequence[CheckedName]) -> str:
    """The names as JSON that no parser of HTML takes for anything else."""
    written = json.dumps({"names": [_name(each) for each in names]}, ensure_ascii=True)
    return written.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _name(name: CheckedName) -> JsonDocument:
    mention = name.mention
    facts = [
        ("Outcome", _WORDS[name.outcome]),
        ("Addresses", ", ".join(name.answer)),
        ("From", describe_origin(name.origin) if name.origin else ""),
        ("Object", name.owner.in_words),
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
                "commands": [escape_lines(command) for command in each.commands],
                "then": escape(each.then.in_words),
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
    yield [name.owner.in_words, escape(f"asks {name.mention.name}"), "plain"]
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
    outcome = outcome_words(step.outcome)
    return f"{outcome}: {words}" if words else outcome
