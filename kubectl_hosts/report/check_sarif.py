"""A check as SARIF 2.1.0 (OASIS), which code hosts show on the manifest's line.

Each problem is a result; one that stands in no file has the object as a logical location alone, and
points at the file that GitHub asks for only where there is one. Ignored problems are suppressed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import quote

from kubectl_hosts import __version__
from kubectl_hosts.model.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kubectl_hosts.model.check.report import CheckReport, Problem
    from kubectl_hosts.model.origin import Origin
    from kubectl_hosts.report.documents import Document

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def print_sarif(report: CheckReport) -> str:
    """REPORT as one SARIF log with one run."""
    ignored = {id(each.problem): each.because for each in report.ignored}
    problems = (*report.problems, *(each.problem for each in report.ignored))
    reasons = tuple(dict.fromkeys(each.reason.value for each in problems))
    log: Document = {
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
                                "message": {"text": f"not checked: {each.what}: {each.why}"},
                            }
                            for each in report.not_checked
                        ],
                    }
                ],
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(reason: str) -> Document:
    return {"id": reason, "name": reason, "shortDescription": {"text": _in_words(reason)}}


def _in_words(reason: str) -> str:
    """`MentionedNameNotFound` as `Mentioned name not found`."""
    words = "".join(f" {each.lower()}" if each.isupper() else each for each in reason).strip()
    return words[:1].upper() + words[1:]


def _result(problem: Problem, rule: int, because: str | None) -> Document:
    result: Document = {
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
    return f"{_name(problem)}: {problem.message}{fixes}{hint}"


def _name(problem: Problem) -> str:
    ref = problem.object
    return f"{ref.kind} {'/'.join(filter(None, (ref.namespace, ref.name)))}"


def _fingerprint(problem: Problem) -> str:
    """The same for the same problem, wherever its line has moved."""
    said = "\n".join((problem.reason.value, _name(problem), problem.message))
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:32]


def _locations(problem: Problem) -> list[Document]:
    logical = [{"fullyQualifiedName": _name(problem), "kind": "object"}]
    places = tuple(_physical(problem.evidence))
    if not places:
        return [{"logicalLocations": logical}]
    return [{"physicalLocation": each, "logicalLocations": logical} for each in places]


def _physical(evidence: Iterable[Origin]) -> Iterable[Document]:
    for each in evidence:
        if not each.file or each.file == "-":
            continue
        path = PurePath(each.file)
        uri = path.as_uri() if path.is_absolute() else quote(path.as_posix(), safe="/")
        place: Document = {"artifactLocation": {"uri": uri}}
        if each.line:
            place["region"] = {"startLine": each.line}
        yield place
