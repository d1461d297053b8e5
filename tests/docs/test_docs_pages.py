"""The pages name what the program has: fields, kinds, releases, commands, and each other."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
import yaml

from kubectl_hosts.cli.main import COMMANDS
from kubectl_hosts.model.explanation import Agreement
from kubectl_hosts.model.hosts.hosts_report import DriftKind, LineStatus, VerdictKind
from kubectl_hosts.model.hosts.kubelet import LAYOUTS
from kubectl_hosts.model.origin import OriginKind
from kubectl_hosts.model.resolver.outcome import Outcome
from tests.docs.sessions import PAGES, ROOT, run

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = ROOT / "docs"
INDEX = DOCS / "README.md"
JSON_PAGE = DOCS / "json.md"
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
_YAML = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_leads_to_a_file(page):
    broken = [to for to in _LINK.findall(page.read_text()) if not (page.parent / to).exists()]
    assert broken == []


def test_the_index_has_every_page():
    listed = set(_LINK.findall(INDEX.read_text()))
    assert listed == {page.name for page in DOCS.glob("*.md") if page != INDEX}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_a_line_in_the_index_and_an_example_in_its_help(command):
    assert f"`kubectl hosts {command}`" in INDEX.read_text()
    usage = run(f"$ kubectl hosts {command} --help")
    assert re.search(rf"Examples:(\n    .*)*\n    kubectl hosts {command}", usage)


def test_the_roles_only_read():
    verbs = {
        (resource, verb)
        for block in _YAML.findall((DOCS / "permissions.md").read_text())
        for role in yaml.safe_load_all(block)
        for rule in role.get("rules", ())
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    assert {resource for resource, verb in verbs if verb not in {"get", "list"}} == {
        "pods/exec",
        "pods/portforward",
    }


def keys(value: object) -> Iterator[str]:
    """Every field name in a document."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield name
            yield from keys(below)
    elif isinstance(value, list):
        for below in value:
            yield from keys(below)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("show --all-containers", id="HostsReportList"),
        pytest.param("show edited", id="HostsReport with differences"),
        pytest.param("explain redis --from deploy/cart", id="Explanation by the hosts file"),
        pytest.param("explain mysql --from default-pod", id="Explanation by DNS"),
    ],
)
def test_every_field_of_a_document_is_on_the_page(command):
    page = JSON_PAGE.read_text()
    missing = {
        key
        for key in keys(
            json.loads(run(f"$ kubectl hosts {command} -f examples/capture.json -o json"))
        )
        if key not in page
    }
    assert missing == set()


@pytest.mark.parametrize(
    "values", [OriginKind, LineStatus, DriftKind, VerdictKind, Outcome, Agreement]
)
def test_every_value_of_an_enum_is_on_the_page(values):
    page = JSON_PAGE.read_text()
    assert [each.value for each in values if f"`{each.value}`" not in page] == []


def test_every_kubelet_layout_has_its_row():
    page = (DOCS / "how-it-decides.md").read_text()
    rows = re.findall(r"^\| (1\.\d+) \|", page, re.MULTILINE)
    assert rows == [".".join(map(str, each.since)) for each in LAYOUTS]
