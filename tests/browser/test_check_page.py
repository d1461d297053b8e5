"""The page of `check -o html`, in a browser: what it shows, its keys, its width, and its silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubectl_hosts.model.check.check_report import CheckReport
from kubectl_hosts.report.check_html import print_html
from tests.fakes import run
from tests.report.test_check_reports import HOSTILE, report

PUBLIC = Path(__file__).parents[1] / "cases" / "public-manifests"
TAB, ENTER, ESCAPE, RIGHT, DOWN = 9, 13, 27, 39, 40
# What a box needs to lie within the window.
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# WCAG 2.2, 1.4.3: the contrast of each text with what is behind it.
CONTRAST = """
(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = channels(color).map((c) => {
      const s = c / 255;
      return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      const parts = channels(color);
      if (parts.length < 4 || parts[3] > 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  let worst = 21;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !node.getClientRects().length) continue;
    const [a, b] = [light(getComputedStyle(node).color), light(behind(node))].sort((x, y) => y - x);
    worst = Math.min(worst, (a + 0.05) / (b + 0.05));
  }
  return worst;
})()
"""


@pytest.fixture
def shown(tab, tmp_path):
    """Loads a page into the tab, which has forgotten all others."""

    def load(text, width=1200, scheme="light"):
        file = tmp_path / "check.html"
        file.write_text(text)
        tab.requests.clear()
        tab.errors.clear()
        tab.size(width, scheme=scheme)
        tab.load(file)
        return tab

    return load


@pytest.fixture
def page(capfd):
    """The page of public manifests, one of whose names leads nowhere."""
    manifests = PUBLIC / "online-boutique.yaml"
    status, out, _ = run(capfd, "check", "-f", str(manifests), "-o", "html")
    assert status == 1
    return out


def test_the_page_asks_nothing_of_anybody_and_complains_of_nothing(shown, page):
    tab = shown(page)
    tab.js("document.querySelector('button[data-at]').click()")
    assert [each for each in tab.requests if not each.startswith("file:")] == []
    assert len(tab.requests) == 1
    assert tab.errors == []
    assert tab.js("fetch('https://example.com/').then(() => 'asked', () => 'refused')") == "refused"


def test_a_cell_opens_its_explanation_and_its_path(shown, page):
    tab = shown(page)
    tab.js("document.querySelector('button.nxdomain').focus()")
    tab.press("Enter", ENTER)
    tab.wait("document.getElementById('why').open")
    assert tab.js("document.getElementById('why-title').textContent") == "shoppingassistantservice"
    assert tab.js("document.querySelectorAll('#why-body svg rect').length") > 2
    assert "no Service shoppingassistantservice" in tab.js(
        "document.getElementById('why-body').textContent"
    )
    tab.press("Escape", ESCAPE)
    tab.wait("!document.getElementById('why').open")
    assert tab.js("document.activeElement.className") == "nxdomain"


def test_keys_reach_every_cell(shown, page):
    tab = shown(page)
    tab.js("document.querySelector('button[data-at]').focus()")
    reached = [tab.js("document.activeElement.dataset.at")]
    for _ in range(40):
        tab.press("ArrowRight", RIGHT)
        reached.append(tab.js("document.activeElement.dataset.at"))
    cells = tab.js("[...document.querySelectorAll('button[data-at]')].map((e) => e.dataset.at)")
    assert set(reached) == set(cells)
    tab.js("document.getElementById('words').focus()")
    tab.press("Tab", TAB)
    assert tab.js("document.activeElement.name") == "outcome"
    assert tab.js("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_filters_leave_what_fits(shown, page):
    tab = shown(page)
    rows = "[...document.querySelectorAll('tbody tr')].filter((e) => !e.hidden).length"
    everything = tab.js(rows)
    tab.js("document.getElementById('words').focus()")
    for letter in "redis-cart":
        tab.press(letter, 0)
    assert (tab.js(rows), tab.js("document.getElementById('count').textContent")) == (1, "1 shown")
    tab.js(
        "(() => { const w = document.getElementById('words'); w.value = '';"
        " w.dispatchEvent(new Event('input')); })()"
    )
    assert tab.js(rows) == everything
    tab.js("document.querySelector('input[value=found]').click()")
    assert tab.js(rows) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
def test_it_fits_and_can_be_read(shown, page, width, scheme):
    tab = shown(page, width, scheme)
    assert tab.js(OVERFLOW) == 0
    assert tab.js(CONTRAST) >= 4.5
    tab.js("document.querySelector('button.nxdomain').click()")
    assert tab.js("document.getElementById('why').getBoundingClientRect().right") <= width
    assert tab.js("document.getElementById('why').scrollWidth") <= width
    assert tab.js(CONTRAST) >= 4.5


def test_hostile_names_are_text(shown):
    tab = shown(print_html(report(HOSTILE)))
    tab.js("document.querySelector('button[data-at]').click()")
    assert tab.js("document.querySelectorAll('img').length") == 0
    assert tab.js("document.scripts.length") == 2
    assert tab.errors == []
    assert "</script><img" in tab.js("document.getElementById('why-title').textContent")
    everything = tab.js("document.body.innerText")
    assert not {"\x1b", "\u202e", "\x00"} & set(everything)


def test_a_page_without_names_has_its_verdict(shown):
    tab = shown(print_html(CheckReport()))
    assert tab.js("document.querySelector('h1').textContent").startswith("no problem found")
    assert tab.errors == []
