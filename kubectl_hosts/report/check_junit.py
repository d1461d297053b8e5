"""A check as JUnit XML: a suite for each workload, a case for each name and each other problem.

The format is that of the Jenkins xUnit plugin (junit-10.xsd), which every CI reads: a problem is a
failure of its case, a warning too; a name that nobody could look up is skipped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from kubectl_hosts.model.check.report import NameOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubectl_hosts.model.check.report import CheckedName, CheckReport, ObjectRef, Problem

# XML 1.0, 2.2 Char: what may stand in a document at all.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
    kind = _attribute(f"{problem.severity.value} {problem.reason.value}")
    body = "\n".join(_details(problem))
    return (
        f"      <failure message={_attribute(problem.message)} type={kind}>"
        f"{escape(_clean(body))}</failure>\n"
    )


def _details(problem: Problem) -> Iterator[str]:
    for origin in problem.evidence:
        if origin.file and origin.line:
            yield f"{origin.file}:{origin.line}"
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
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    """TEXT with what XML cannot hold as U+FFFD."""
    return _NOT_XML.sub("\ufffd", text)
