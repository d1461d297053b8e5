"""The style and script of the page that `check -o html` writes, and the policy for them alone.

The page asks nothing of anybody: the policy names these two by their hashes (CSP 3, 2.3.1) and
forbids all else. Text from the cluster comes to the script as data and into the page as text nodes.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

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
svg{max-width:100%;height:auto}svg text{font:13px system-ui,sans-serif;fill:var(--fg)}
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
