"""A check as SARIF, JUnit XML and HTML: valid, complete, and safe with hostile names."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft4Validator, Draft7Validator
from xmlschema import XMLSchema

from kubectl_hosts.model.check.check_report import (
    Checked,
    CheckedName,
    CheckReport,
    Ignored,
    NameOutcome,
    ObjectRef,
    Problem,
)
from kubectl_hosts.model.check.mentions import Mention
from kubectl_hosts.model.evidence import CouldNotLook
from kubectl_hosts.model.explanation import Fix, FixKind, Then
from kubectl_hosts.model.findings import Reason, Severity
from kubectl_hosts.model.origin import Origin, OriginKind
from kubectl_hosts.model.resolver.outcome import Outcome
from kubectl_hosts.report.check import print_check
from kubectl_hosts.report.check_document import print_junit, print_sarif, summary
from kubectl_hosts.report.check_html import print_html
from kubectl_hosts.report.hosts_one import Layout
from kubectl_hosts.report.terminal import Style

SARIF = json.loads((Path(__file__).parent / "sarif-2.1.0.json").read_text())
JUNIT = XMLSchema(Path(__file__).parent / "junit.xsd")
WEB = ObjectRef("Deployment", "shop", "web")
HOSTILE = "</script><img src=x onerror=alert(1)>\"'&\x1b[31m\u202e]]>\x00"
PLACE = Origin(
    kind=OriginKind.MANIFEST,
    object="Deployment shop/web",
    field="spec.template.spec.containers[0].env[0].value",
    line=14,
    file="deploy/web app.yaml",
)
FIX = Fix(
    kind=FixKind.ASK_NAME,
    sentence="Ask redis",
    name="redis",
    then=Then(outcome=Outcome.FOUND, addresses=("10.96.0.7",)),
)


def name(text="redsi", outcome=NameOutcome.NXDOMAIN, where="env CACHE"):
    return CheckedName(
        owner=WEB,
        namespace="shop",
        mention=Mention("web", where, f"{text}:6379", text),
        outcome=outcome,
        headline=f"{text}: {outcome.value}",
        place=PLACE,
    )


def problem(text="redsi", severity=Severity.ERROR, ref=WEB, evidence=(PLACE,)):
    return Problem(
        reason=Reason.MENTIONED_NAME_NOT_FOUND,
        severity=severity,
        object=ref,
        message=f"{text}: not found (env CACHE of web)",
        evidence=evidence,
        count=3,
        fixes=(FIX,),
    )


def report(text="redsi"):
    return CheckReport(
        names=(name(text), name("api.example.com", NameOutcome.OUTSIDE, "env API")),
        problems=(
            problem(text),
            problem(text, Severity.WARNING, ObjectRef("Service", "shop", text), ()),
        ),
        ignored=(Ignored(problem=problem("old"), because=f"so it is {text}"),),
        checked=Checked(workloads=1, pods=3, names=2, services=1),
        not_checked=(CouldNotLook(what=text, why="nobody looked"),),
    )


REPORTS = [
    pytest.param(report(), id="plain"),
    pytest.param(report(HOSTILE), id="hostile"),
    pytest.param(CheckReport(), id="empty"),
]


@pytest.mark.parametrize("given", REPORTS)
def test_sarif_is_valid(given):
    log = json.loads(print_sarif(given))
    checker = Draft4Validator if "draft-04" in SARIF["$schema"] else Draft7Validator
    checker(SARIF).validate(log)
    (run,) = log["runs"]
    assert len(run["results"]) == len(given.problems) + len(given.ignored)
    rules = [each["id"] for each in run["tool"]["driver"]["rules"]]
    assert all(rules[each["ruleIndex"]] == each["ruleId"] for each in run["results"])


def test_sarif_points_at_the_line_of_the_manifest():
    first, second, ignored = json.loads(print_sarif(report()))["runs"][0]["results"]
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "deploy/web%20app.yaml"},
        "region": {"startLine": 14},
    }
    assert (first["level"], second["level"]) == ("error", "warning")
    assert "physicalLocation" not in second["locations"][0]
    assert ignored["suppressions"] == [{"kind": "external", "justification": "so it is redsi"}]


@pytest.mark.parametrize("given", REPORTS)
def test_junit_is_valid(given):
    JUNIT.validate(print_junit(given))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<testsuites/>", id="no counts"),
        pytest.param('<testsuites name="x" tests="1" failures="some"/>', id="no number"),
    ],
)
def test_what_is_no_junit_report_is_told_from_one(text):
    assert not JUNIT.is_valid(text)


@pytest.mark.parametrize("given", REPORTS)
def test_junit_counts_what_it_has(given):
    root = ET.fromstring(print_junit(given))
    suites = root.findall("testsuite")
    cases = root.findall("testsuite/testcase")
    failures = root.findall("testsuite/testcase/failure")
    assert (root.tag, int(root.get("tests")), int(root.get("failures"))) == (
        "testsuites",
        len(cases),
        len(failures),
    )
    assert len(failures) == len(given.problems)
    for suite in suites:
        assert int(suite.get("tests")) == len(suite.findall("testcase"))
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("skipped")) == len(suite.findall("testcase/skipped"))


def test_junit_has_a_case_for_each_name():
    root = ET.fromstring(print_junit(report()))
    cases = {each.get("name"): [child.tag for child in each] for each in root.iter("testcase")}
    assert cases == {
        "redsi (env CACHE of web)": ["failure"],
        "api.example.com (env API of web)": ["skipped"],
        "MentionedNameNotFound": ["failure"],
    }


class Page(HTMLParser):
    """The tags of a page, and the texts of its scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.texts = {}
        self.inside = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = (tag, dict(attrs).get("type", ""))

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside and self.inside[0] in {"script", "style"}:
            self.texts[self.inside] = self.texts.get(self.inside, "") + data


@pytest.mark.parametrize("given", REPORTS)
def test_the_page_asks_nothing_of_anybody(given):
    page = Page(print_html(given))
    allowed = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3"}
    allowed |= {"span", "ul", "li", "div", "pre", "form", "label", "input", "output", "table"}
    allowed |= {"thead", "tbody", "tr", "th", "td", "button", "dialog", "script"}
    assert {tag for tag, _ in page.tags} <= allowed
    for _, attributes in page.tags:
        assert not {"src", "href", "action", "srcset", "style"} & attributes.keys()
        assert not any(each.startswith("on") for each in attributes)


@pytest.mark.parametrize("given", REPORTS)
def test_the_policy_lets_in_its_own_script_and_style_alone(given):
    page = Page(print_html(given))
    (policy,) = [
        each["content"]
        for tag, each in page.tags
        if tag == "meta" and each.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(each.strip().split(" ", 1) for each in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for rule, key in (("script-src", ("script", "")), ("style-src", ("style", ""))):
        digest = b64encode(sha256(page.texts[key].encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"


def test_the_data_of_the_page_are_the_names():
    page = Page(print_html(report(HOSTILE)))
    data = json.loads(page.texts["script", "application/json"])
    assert [each["outcome"] for each in data["names"]] == ["nxdomain", "outside"]
    assert "\x1b" not in data["names"][0]["name"]
    assert "\u202e" not in data["names"][0]["name"]
    buttons = [each for tag, each in page.tags if tag == "button" and "data-at" in each]
    assert [each["class"] for each in buttons] == ["nxdomain", "outside"]


def test_the_table_is_safe_for_a_terminal():
    layout = Layout(output="wide", style=Style(on=False), width=80)
    text = print_check(report(HOSTILE), layout)
    assert not re.search("[\x00-\x08\x1b\u202e]", text)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param(
            report(),
            "1 error and 1 warning among 2 names in 1 workload, 1 external and not looked up",
        ),
        pytest.param(
            CheckReport(
                names=(name("a", NameOutcome.FOUND),), checked=Checked(workloads=38, names=412)
            ),
            "412 names in 38 workloads resolve",
        ),
        pytest.param(CheckReport(), "no problem found; no names in 0 workloads"),
    ],
)
def test_the_first_line(given, words):
    assert summary(given) == words
