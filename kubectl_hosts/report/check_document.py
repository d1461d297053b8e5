"""CheckReport as a document: `schemas/check-report.json` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.check.report import NameOutcome
from kubectl_hosts.model.findings import Severity
from kubectl_hosts.report.documents import (
    API_VERSION,
    Document,
    fix_document,
    not_checked_documents,
    origin_document,
)

if TYPE_CHECKING:
    from kubectl_hosts.model.check.report import CheckedName, CheckReport, Problem


def check_document(report: CheckReport) -> Document:
    """The whole report. What is absent is null or empty, never left out."""
    checked = report.checked
    return {
        "apiVersion": API_VERSION,
        "kind": "CheckReport",
        "names": [_name(each) for each in report.names],
        "problems": [_problem(each) for each in report.problems],
        "ignored": [{**_problem(each.problem), "because": each.because} for each in report.ignored],
        "checked": {
            "workloads": checked.workloads,
            "pods": checked.pods,
            "names": checked.names,
            "services": checked.services,
        },
        "notChecked": not_checked_documents(report.not_checked),
        "assumptions": list(report.assumptions),
        "placeholders": {
            address: words for each in report.names for address, words in each.placeholders
        },
    }


def _name(name: CheckedName) -> Document:
    mention = name.mention
    return {
        "workload": str(name.owner),
        "namespace": name.namespace,
        "container": mention.container,
        "where": mention.where,
        "text": mention.text,
        "name": mention.name,
        "form": mention.form.value,
        "outcome": name.outcome.value,
        "headline": name.headline,
        "addresses": list(name.addresses),
        "origin": origin_document(name.origin) if name.origin else None,
        "place": origin_document(name.place) if name.place else None,
        "fixes": [fix_document(each) for each in name.fixes],
    }


def _problem(problem: Problem) -> Document:
    return {
        "reason": problem.reason.value,
        "severity": problem.severity.value,
        "object": str(problem.object),
        "namespace": problem.object.namespace,
        "message": problem.message,
        "hint": problem.advice,
        "evidence": [origin_document(each) for each in problem.evidence],
        "count": problem.count,
        "fixes": [fix_document(each) for each in problem.fixes],
    }


# The verdict in one sentence, as people read it.


def plural(count: int, noun: str) -> str:
    """`1 name`, `2 names`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def summary(report: CheckReport) -> str:
    """The verdict in one sentence."""
    checked = report.checked
    looked_at = f"{plural(checked.names, 'name')} in {plural(checked.workloads, 'workload')}"
    errors, warnings = report.count(Severity.ERROR), report.count(Severity.WARNING)
    counts = [
        plural(count, noun) for count, noun in ((errors, "error"), (warnings, "warning")) if count
    ]
    outside = sum(each.outcome is NameOutcome.OUTSIDE for each in report.names)
    unknown = sum(each.outcome is NameOutcome.UNKNOWN for each in report.names)
    rest = "".join(
        f", {count} {words}"
        for count, words in ((outside, "of the outside not asked"), (unknown, "not known"))
        if count
    )
    if counts:
        return f"{' and '.join(counts)} among {looked_at}{rest}"
    if not checked.names:
        return f"nothing is wrong; no names in {plural(checked.workloads, 'workload')}"
    return f"{looked_at} {'resolves' if checked.names == 1 else 'resolve'}{rest}"
