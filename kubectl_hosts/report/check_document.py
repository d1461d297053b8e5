"""A check for programs: `schemas/check-report.json`, SARIF 2.1.0 (OASIS), JUnit XML.

In SARIF, which code hosts show on the manifest's line, each problem is a result; one that stands in
no file has the object as a logical location alone, and points at the file that GitHub asks for only
where there is one. Ignored problems are suppressed.

JUnit is that of the Jenkins xUnit plugin (junit-10.xsd), which every CI reads: a suite for each
workload, a case for each name and each other problem. A problem is a failure of its case, a warning
too; a name that nobody could look up is skipped.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from kubectl_hosts import __version__
from kubectl_hosts.model.check.check_report import NameOutcome
from kubectl_hosts.model.findings import Severity, counted
from kubectl_hosts.report.finding_words import missed_in_words
from kubectl_hosts.report.json_documents import (
    API_VERSION,
    JsonDocument,
    fix_document,
    not_checked_documents,
    origin_document,
    print_json,
)
from kubectl_hosts.report.terminal import escape_lines as visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubectl_hosts.model.check.check_report import CheckedName, CheckReport, ObjectRef, Problem
    from kubectl_hosts.model.origin import Origin


def check_document(report: CheckReport) -> JsonDocument:
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


def _name(name: CheckedName) -> JsonDocument:
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


def _problem(problem: Problem) -> JsonDocument:
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


def summary(report: CheckReport) -> str:
    """The verdict in one sentence."""
    checked = report.checked
    looked_at = f"{counted(checked.names, 'name')} in {counted(checked.workloads, 'workload')}"
    errors, warnings = report.count(Severity.ERROR), report.count(Severity.WARNING)
    counts = [
        counted(count, noun) for count, noun in ((errors, "error"), (warnings, "warning")) if count
    ]
    outside = sum(each.outcome is NameOutcome.OUTSIDE for each in report.names)
    unknown = sum(each.outcome is NameOutcome.UNKNOWN for each in report.names)
    rest = "".join(
        f", {count} {words}"
        for count, words in ((outside, "external and not looked up"), (unknown, "not known"))
        if count
    )
    if counts:
        return f"{' and '.join(counts)} among {looked_at}{rest}"
    if not checked.names:
        return f"no problem found; no names in {counted(checked.workloads, 'workload')}"
    found = checked.names - outside - unknown
    of_all = "" if found == checked.names else f"{found} of "
    return f"{of_all}{looked_at} {'resolves' if found == 1 else 'resolve'}{rest}"


SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def print_sarif(report: CheckReport) -> str:
    """REPORT as one SARIF log with one run."""
    ignored = {id(each.problem): each.because for each in report.ignored}
    problems = (*report.problems, *(each.problem for each in report.ignored))
    reasons = tuple(dict.fromkeys(each.reason.value for each in problems))
    log: JsonDocument = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "kubectl-hosts",
                        "version": __version__,
                        "rules": [_rule(each) for each in reasons],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(each, reasons.index(each.reason.value), ignored.get(id(each)))
                    for each in problems
                ],
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [
                            {
                                "level": "note",
                                "message": {"text": f"not checked: {missed_in_words(each)}"},
                            }
                            for each in report.not_checked
                        ],
                    }
                ],
            }
        ],
    }
    return print_json(log) + "\n"


def _rule(reason: str) -> JsonDocument:
    return {"id": reason, "name": reason, "shortDescription": {"text": _in_words(reason)}}


def _in_words(reason: str) -> str:
    """`MentionedNameNotFound` as `Mentioned name not found`."""
    words = "".join(f" {each.lower()}" if each.isupper() else each for each in reason).strip()
    return words[:1].upper() + words[1:]


def _result(problem: Problem, rule: int, because: str | None) -> JsonDocument:
    result: JsonDocument = {
        "ruleId": problem.reason.value,
        "ruleIndex": rule,
        "level": _LEVELS[problem.severity],
        "message": {"text": _message(problem)},
        "locations": _locations(problem),
        "partialFingerprints": {"kubectlHosts/v1": _fingerprint(problem)},
    }
    if because is not None:
        result["suppressions"] = [{"kind": "external", "justification": because}]
    return result


def _message(problem: Problem) -> str:
    fixes = "".join(f"\nFix: {each.sentence}" for each in problem.fixes)
    hint = f"\nHint: {problem.advice}" if problem.advice and not problem.fixes else ""
    return f"{problem.object.in_words}: {problem.message}{fixes}{hint}"


def _fingerprint(problem: Problem) -> str:
    """The same for the same problem, wherever its line has moved."""
    said = f"{problem.reason.value}\n{problem.object.in_words}\n{problem.message}"
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:32]


def _locations(problem: Problem) -> list[JsonDocument]:
    logical = [{"fullyQualifiedName": problem.object.in_words, "kind": "object"}]
    places = tuple(_physical(problem.evidence))
    if not places:
        return [{"logicalLocations": logical}]
    return [{"physicalLocation": each, "logicalLocations": logical} for each in places]


def _physical(evidence: Iterable[Origin]) -> Iterable[JsonDocument]:
    for each in evidence:
        if not each.file or each.file == "-":
            continue
        path = Path(each.file)
        uri = path.as_uri() if path.is_absolute() else quote(path.as_posix(), safe="/")
        place: JsonDocument = {"artifactLocation": {"uri": uri}}
        if each.line:
            place["region"] = {"startLine": each.line}
        yield place


# XML 1.0, 2.2 Char: what may stand in a document at all. Only JUnit is XML, and what that needs is
# not loaded for the others.
_NOT_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


def print_junit(report: CheckReport) -> str:
    """REPORT as one `testsuites` document."""
    names: dict[ObjectRef, list[CheckedName]] = {}
    problems: dict[ObjectRef, list[Problem]] = {}
    for name in report.names:
        names.setdefault(name.owner, []).append(name)
    for each in report.problems:
        problems.setdefault(each.object, []).append(each)
    suites = [
        _suite(ref, names.get(ref, []), problems.get(ref, [])) for ref in {**names, **problems}
    ]
    total = sum(each.count("<testcase ") for each in suites)
    failures = sum(each.count("<failure ") for each in suites)
    head = f'<testsuites name="kubectl-hosts check" tests="{total}" failures="{failures}">'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{"".join(suites)}</testsuites>\n'


def _suite(ref: ObjectRef, names: list[CheckedName], problems: list[Problem]) -> str:
    told: set[int] = set()
    cases = []
    for name in names:
        failed = [each for each in problems if name.is_missing and _is_about(each, name)]
        told |= {id(each) for each in failed}
        cases.append(_case(ref, _label(name), _name_body(name, failed)))
    for each in problems:
        if id(each) not in told:
            cases.append(_case(ref, each.reason.value, _failure(each)))
    text = "".join(cases)
    failures, skipped = text.count("<failure "), text.count("<skipped ")
    return (
        f'  <testsuite name={_attribute(_full(ref))} tests="{len(cases)}" '
        f'failures="{failures}" errors="0" skipped="{skipped}">\n{text}  </testsuite>\n'
    )


def _is_about(problem: Problem, name: CheckedName) -> bool:
    return problem.message.startswith(f"{name.mention.name}:") or (
        f"({name.mention.where})" in problem.message
    )


def _label(name: CheckedName) -> str:
    mention = name.mention
    container = f" of {mention.container}" if mention.container else ""
    return f"{mention.name} ({mention.where}{container})"


def _name_body(name: CheckedName, failed: list[Problem]) -> str:
    if failed:
        return "".join(map(_failure, failed))
    if name.outcome in {NameOutcome.OUTSIDE, NameOutcome.UNKNOWN}:
        return f"      <skipped message={_attribute(name.headline)}/>\n"
    return ""


def _failure(problem: Problem) -> str:
    from xml.sax.saxutils import escape  # noqa: PLC0415

    kind = _attribute(f"{problem.severity.value} {problem.reason.value}")
    body = "\n".join(_details(problem))
    return (
        f"      <failure message={_attribute(problem.message)} type={kind}>"
        f"{escape(_clean(body))}</failure>\n"
    )


def _details(problem: Problem) -> Iterator[str]:
    yield from filter(None, (each.place for each in problem.evidence))
    for each in problem.fixes:
        yield f"fix: {each.sentence}"
        yield from each.commands
    if problem.advice and not problem.fixes:
        yield f"hint: {problem.advice}"


def _case(ref: ObjectRef, name: str, body: str) -> str:
    head = f"    <testcase name={_attribute(name)} classname={_attribute(_full(ref))}"
    return f"{head}>\n{body}    </testcase>\n" if body else f"{head}/>\n"


def _full(ref: ObjectRef) -> str:
    return "/".join(filter(None, (ref.namespace, ref.kind, ref.name)))


def _attribute(text: str) -> str:
    from xml.sax.saxutils import quoteattr  # noqa: PLC0415

    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    """TEXT with what commands a terminal escaped, and what XML cannot hold as U+FFFD."""
    return re.sub(_NOT_XML, "\ufffd", visible(text))
