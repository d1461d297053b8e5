"""Flowcharts of `-o mermaid`, drawn by the mermaid package as GitHub draws them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from kubectl_hosts.report.explanation import print_mermaid
from tests.fakes import run
from tests.model.explain.paper_cluster import Paper, service

GOLDEN = Path(__file__).parents[1] / "golden" / "mermaid"
PACKAGE = "mermaid@11.17.2"
PAGE = """<!doctype html><meta charset="utf-8"><body><script src="mermaid.min.js"></script><script>
mermaid.initialize({startOnLoad: false, securityLevel: 'strict'});
window.drawn = 0;
window.draw = async (text) => {
  document.querySelectorAll('body > div').forEach((each) => each.remove());
  const box = document.createElement('div');
  document.body.append(box);
  box.innerHTML = (await mermaid.render('chart' + ++window.drawn, text)).svg;
  const texts = (selector) => [...box.querySelectorAll(selector)].map((each) => each.textContent);
  return {nodes: texts('.node'), missed: texts('.node.miss'), hit: texts('.node.hit'),
          edges: box.querySelectorAll('.edgePaths path, path.flowchart-link').length,
          strangers: box.querySelectorAll('script, img, a[href], iframe, foreignObject img').length};
};
</script>"""


@pytest.fixture(scope="module")
def draw(tab, request):
    """Draws a text: its boxes, those that are missed or hit, its arrows."""
    if shutil.which("npm") is None:
        pytest.skip("no npm, which brings the mermaid package: apt-get install npm")
    folder = request.config.cache.mkdir("mermaid")
    script = folder / "node_modules" / "mermaid" / "dist" / "mermaid.min.js"
    if not script.exists():
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE]
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=300, check=False)
        if done.returncode:
            pytest.skip(f"npm could not install {PACKAGE}: {done.stderr.decode()[-200:]}")
    page = folder / "page.html"
    page.write_text(PAGE.replace("mermaid.min.js", script.as_uri()))
    tab.errors.clear()
    tab.load(page)
    tab.wait("window.mermaid !== undefined")
    return lambda text: tab.js(f"draw({json.dumps(text)})")


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.mmd")), ids=lambda each: each.stem)
def test_every_chart_on_record_is_drawn(draw, file):
    text = file.read_text()
    drawn = draw(text)
    assert len(drawn["nodes"]) == text.count(":::")
    assert len(drawn["missed"]) == text.count(":::miss")
    assert len(drawn["hit"]) == text.count(":::hit")
    assert drawn["edges"] == text.count("-->") + text.count("-.->")
    assert all(drawn["nodes"])


@pytest.mark.parametrize(
    "name",
    [
        pytest.param('x"]; click n0 call alert(1)', id="out of its quotes"),
        pytest.param("%%{init: {'theme': 'dark'}}%%", id="a directive"),
        pytest.param("`**md**`", id="markdown"),
        pytest.param("<img src=x onerror=alert(1)>", id="markup"),
        pytest.param("</div><script>alert(1)</script>", id="a script"),
        pytest.param("#quot; &lt;b&gt; #35;", id="entities"),
        pytest.param("a\n    n9-->n0", id="lines"),
        pytest.param("end", id="a word of the language"),
        pytest.param("\u202egnp.exe\x1b[31m", id="what reorders and colours"),
    ],
)
def test_no_name_is_more_than_a_text(draw, name):
    plain = Paper((service("shop", "redis"),)).explain("redis")
    expected = draw(print_mermaid([plain]))
    drawn = draw(print_mermaid([replace(plain, name=name, pod=name, container=name)]))
    assert (len(drawn["nodes"]), drawn["edges"]) == (len(expected["nodes"]), expected["edges"])
    assert drawn["strangers"] == 0


def test_the_names_of_an_object_are_drawn(capfd, draw):
    manifests = Path(__file__).parents[1] / "cases" / "public-manifests" / "stateful-peers.yaml"
    for each in ("svc/mysql", "sts/mysql"):
        status, out, _ = run(capfd, "names", each, "-f", str(manifests), "-o", "mermaid")
        assert status == 0
        drawn = draw(out)
        lines = out.splitlines()
        assert len(drawn["nodes"]) == sum(each.lstrip().count('["') > 0 for each in lines) > 2
        assert drawn["edges"] == out.count("-->") + out.count("-.->")
