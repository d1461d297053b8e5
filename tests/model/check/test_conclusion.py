"""From what was found out to the report."""

from __future__ import annotations

import pytest

from kubectl_hosts.errors import BadInput
from kubectl_hosts.model.check.check_report import CheckedName, NameOutcome, ObjectRef, Problem
from kubectl_hosts.model.check.conclusion import (
    BesideSubjects,
    IgnoreRule,
    conclude,
    parse_annotation,
    parse_ignore,
)
from kubectl_hosts.model.check.diagnosis import SubjectReport
from kubectl_hosts.model.check.inventory import Inventory
from kubectl_hosts.model.check.mentions import Mention
from kubectl_hosts.model.check.subjects import Subjects
from kubectl_hosts.model.findings import Reason, Severity

WEB, API = ObjectRef("Deployment", "shop", "web"), ObjectRef("Deployment", "shop", "api")


def concluded(reports, rules=(), **around):
    return conclude(
        reports, Subjects(), Inventory({}), BesideSubjects(**around), rules, lambda each: each
    )


def problem(ref, severity, message="x"):
    return Problem(
        reason=Reason.MENTIONED_NAME_NOT_FOUND, severity=severity, object=ref, message=message
    )


def test_objects_stand_together_and_the_gravest_first():
    report = SubjectReport(
        problems=(
            problem(API, Severity.WARNING, "a"),
            problem(WEB, Severity.WARNING, "b"),
            problem(WEB, Severity.ERROR, "c"),
        )
    )
    found = concluded([report]).problems
    assert [(each.object.name, each.message) for each in found] == [
        ("web", "c"),
        ("web", "b"),
        ("api", "a"),
    ]


@pytest.mark.parametrize(
    ("text", "hidden", "shown"),
    [
        pytest.param("amqp://guest:s3cret@mq:5672", True, "amqp://guest:***@mq:5672", id="a URL"),
        pytest.param("root:pw@tcp(db:3306)/x", True, "root:***@tcp(db:3306)/x", id="a DSN"),
        pytest.param("http://user@db:80", True, "http://user@db:80", id="no password"),
        pytest.param("mq:5672", True, "mq:5672", id="no user"),
        pytest.param("amqp://a:b@mq", False, "amqp://a:b@mq", id="a manifest's own text"),
    ],
)
def test_passwords_of_a_cluster_are_not_repeated(text, hidden, shown):
    name = CheckedName(
        owner=WEB,
        namespace="shop",
        mention=Mention("main", "env X", text, "mq"),
        outcome=NameOutcome.FOUND,
    )
    (found,) = concluded([SubjectReport((name,))], hides_passwords=hidden).names
    assert found.mention.text == shown


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("NoReadyEndpoints", IgnoreRule(Reason.NO_READY_ENDPOINTS, "", "--ignore")),
        (
            "noreadyendpoints=svc/db",
            IgnoreRule(Reason.NO_READY_ENDPOINTS, "Service/db", "--ignore"),
        ),
        ("NoReadyEndpoints=a/db", IgnoreRule(Reason.NO_READY_ENDPOINTS, "a/db", "--ignore")),
    ],
)
def test_what_ignore_takes(written, rule):
    assert parse_ignore(written) == rule


def test_an_annotation_has_a_reason_and_a_text_in_each_line():
    assert parse_annotation("NoReadyEndpoints it starts late\n\nForeignLines  ours") == (
        IgnoreRule(Reason.NO_READY_ENDPOINTS, because="it starts late"),
        IgnoreRule(Reason.FOREIGN_LINES, because="ours"),
    )


@pytest.mark.parametrize("written", ["NoReadyEndpoints", "Nonsense because", "NoReadyEndpoints  "])
def test_an_annotation_that_says_nothing(written):
    with pytest.raises(BadInput):
        parse_annotation(written)
