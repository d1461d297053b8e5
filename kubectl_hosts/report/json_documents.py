"""The results as documents of `kubectl-hosts/v1`, additive within v1, and their JSON and YAML.

The schemas stand in schemas/.
"""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING

from kubectl_hosts.model.explanation import Observed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubectl_hosts.model.evidence import CouldNotLook
    from kubectl_hosts.model.explanation import (
        Cause,
        ExplainedStep,
        Explanation,
        Fix,
        Observation,
        Predicted,
        ResolverUsed,
        Shadowed,
    )
    from kubectl_hosts.model.findings import Finding
    from kubectl_hosts.model.hosts.hosts_report import (
        ContainerReport,
        HostsReport,
        ReportLine,
        Verdict,
    )
    from kubectl_hosts.model.hosts.kubelet import LastWritten
    from kubectl_hosts.model.hosts.supplier import Supplier
    from kubectl_hosts.model.origin import Origin

API_VERSION = "kubectl-hosts/v1"
JsonDocument = dict[str, object]


def print_document(document: object, output: str) -> str:
    """A document as `json`, `yaml` or `jsonpath=TEMPLATE`: the others have what JSON has.

    Raises BadInput for the template, ValueError for a number that JSON does not have.
    """
    if output == "json":
        return print_json(document) + "\n"
    document = json.loads(json.dumps(document, allow_nan=False))
    if output.startswith("jsonpath"):
        from kubectl_hosts.report.jsonpath import print_jsonpath  # noqa: PLC0415

        return print_jsonpath(output.partition("=")[2], document)
    import yaml  # noqa: PLC0415

    from kubectl_hosts.report.terminal import has_unsafe  # noqa: PLC0415

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=True)
    if has_unsafe(text):
        # What is not ASCII is written as escapes then, in all of it: YAML has no finer choice.
        text = yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=False)
    return text


def print_json(document: object) -> str:
    """JSON as kubectl indents it; what commands a terminal, or hides on it, is escaped.

    Raises ValueError for a number that JSON does not have.
    """
    from kubectl_hosts.report.terminal import json_escape  # noqa: PLC0415

    return json_escape(json.dumps(document, indent=4, ensure_ascii=False, allow_nan=False))


def print_json_list(head: JsonDocument, items: Iterable[JsonDocument]) -> Iterator[str]:
    """HEAD with ITEMS as its `items`, as `print_document` prints it, piece by piece.

    Of a fleet one item is held at a time.
    """
    yield print_json({**head, "items": []}).removesuffix("]\n}")
    before, after = "", "]\n}\n"
    for each in items:
        yield f"{before}{_indented(print_json(each), 8)}"
        before, after = ",", "\n    ]\n}\n"
    yield after


def _indented(text: str, by: int) -> str:
    blanks = "\n" + " " * by  # no string of JSON has a newline in it
    return f"{blanks}{text.replace(chr(10), blanks)}"


def one_or_list(items: list[JsonDocument], kind: str, *, single: bool) -> JsonDocument:
    """One result is the object itself, several are a list, as kubectl does."""
    if single and len(items) == 1:
        return items[0]
    return {**list_head(kind), "items": items}


def list_head(kind: str) -> JsonDocument:
    """A list of KIND without its items."""
    return {"apiVersion": API_VERSION, "kind": f"{kind}List"}


def origin_document(origin: Origin) -> JsonDocument:
    """`{kind, object, field or line}`; what is empty is left out."""
    document = {
        "kind": origin.kind.value,
        "object": origin.object,
        "field": origin.field,
        "line": origin.line,
        "file": origin.file,
    }
    return {name: value for name, value in document.items() if value not in ("", None)}


def finding_documents(findings: Iterable[Finding]) -> list[JsonDocument]:
    """Findings with their evidence."""
    return [
        {
            "reason": each.reason.value,
            "severity": each.severity.value,
            "message": each.message,
            "fix": each.fix,
            **({"proved": True} if each.proved else {}),
            **({"hint": each.hint} if each.hint else {}),
            "evidence": [origin_document(origin) for origin in each.evidence],
        }
        for each in findings
    ]


def not_checked_documents(missed: Iterable[CouldNotLook]) -> list[JsonDocument]:
    """What nobody could look at, and why."""
    return [missed_document(each) for each in missed]


def missed_document(missed: CouldNotLook) -> JsonDocument:
    """One thing that nobody could look at."""
    return {"what": missed.what, "why": missed.why, "hint": missed.hint}


# HostsReport as a document: `schemas/hosts-report.json` describes it.


def hosts_document(report: HostsReport) -> JsonDocument:
    """One pod's report."""
    return {
        "apiVersion": API_VERSION,
        "kind": "HostsReport",
        "pod": {"namespace": report.namespace, "name": report.name},
        "path": report.path,
        "verdict": _verdict(report.verdict),
        "containers": [_container(each) for each in report.containers],
        "findings": finding_documents(report.findings),
        "notChecked": not_checked_documents(report.not_checked),
        "assumptions": list(report.assumptions),
    }


def _verdict(verdict: Verdict) -> JsonDocument:
    return {"kind": verdict.kind.value, "sentence": verdict.sentence, "fix": verdict.fix}


def _container(report: ContainerReport) -> JsonDocument:
    return {
        "name": report.name,
        "managedBy": _supplier(report.managed_by),
        "lastWritten": _last_written(report.last_written),
        "drift": report.drift,
        "unreadable": report.unreadable,
        "verdict": _verdict(report.verdict),
        "lines": [_line(each) for each in report.lines],
        "notes": list(report.notes),
        "sameAs": report.same_as or None,
        "readFrom": report.read_from or None,
        "via": report.via or None,
    }


def _supplier(supplier: Supplier) -> JsonDocument:
    """`{kind, ...}`: the supplier's class and its fields, under the API's spelling."""
    values = {_camel(each): getattr(supplier, each) for each in supplier.__struct_fields__}
    return {
        "kind": type(supplier).__name__,
        **{
            name: value.value if isinstance(value, Enum) else value
            for name, value in values.items()
        },
    }


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def _last_written(written: LastWritten) -> JsonDocument | None:
    if not written.at:
        return None
    return {"at": written.at, "by": written.by, "orLater": written.or_later or None}


def _line(line: ReportLine) -> JsonDocument:
    document: JsonDocument = {
        "number": line.number,
        "text": line.text,
        "address": line.address,
        "names": list(line.names),
        "origin": origin_document(line.origin),
        "status": line.status.value,
    }
    if line.difference is not None:
        document["difference"] = line.difference.value
    if line.instead_of:
        document["insteadOf"] = line.instead_of
    return document


# Explanation as a document: `schemas/explanation.json` describes it.


def explanation_document(explanation: Explanation) -> JsonDocument:
    """One name in one container. What is absent is null or empty, never left out."""
    return {
        "apiVersion": API_VERSION,
        "kind": "Explanation",
        "name": explanation.name,
        "type": explanation.type,
        "headline": explanation.headline,
        "fix": explanation.fix,
        "cause": _cause(explanation.cause),
        "fixes": [fix_document(each) for each in explanation.fixes],
        "pod": {
            "namespace": explanation.namespace,
            "name": explanation.pod,
            "container": explanation.container,
            "image": explanation.image,
            "dnsPolicy": explanation.dns_policy,
            "hostNetwork": explanation.host_network,
        },
        "resolver": _resolver(explanation.resolver),
        "steps": [_step(each) for each in explanation.steps],
        "predicted": _predicted(explanation.predicted),
        "observed": _observed(explanation.observed),
        "verdict": explanation.verdict.value,
        "shadowed": _shadowed(explanation.shadowed),
        "owners": [origin_document(each) for each in explanation.owners],
        "findings": finding_documents(explanation.findings),
        "notChecked": not_checked_documents(explanation.not_checked),
        "notes": list(explanation.notes),
        "placeholders": dict(explanation.placeholders),
    }


def _cause(cause: Cause | None) -> JsonDocument | None:
    return {"reading": cause.reading, "missing": list(cause.missing)} if cause else None


def fix_document(fix: Fix) -> JsonDocument:
    """A proved change; `name` only where another name is to be asked."""
    return {
        "kind": fix.kind.value,
        "sentence": fix.sentence,
        **({"name": fix.name} if fix.name else {}),
        "commands": list(fix.commands),
        "proved": True,
        "then": {
            "outcome": fix.then.outcome.value,
            "addresses": list(fix.then.addresses),
            "origin": fix.then.origin,
        },
    }


def _resolver(used: ResolverUsed) -> JsonDocument:
    return {
        "libc": used.libc.value,
        "version": used.version,
        "rules": used.row,
        "sources": list(used.sources),
        "searchList": list(used.search_list),
        "ndots": used.ndots,
        "nameservers": list(used.nameservers),
        "doubt": used.doubt,
    }


def _step(step: ExplainedStep) -> JsonDocument:
    return {
        "source": step.source,
        "name": step.name,
        "type": step.type,
        "server": step.server,
        "search": step.suffix,
        "outcome": step.outcome.value,
        "records": [
            {"name": each.name, "type": str(each.type), "data": each.data, "ttl": each.ttl}
            for each in step.records
        ],
        "lines": [
            {"number": each.number, "text": each.text, "origin": origin_document(each.origin)}
            for each in step.lines
        ],
        "origin": _origin(step.origin),
        "rule": {"id": step.rule_id, "sentence": step.rule},
        "because": step.because,
        "trail": list(step.trail),
        "asked": step.asked or None,
    }


def _origin(origin: Origin | None) -> JsonDocument | None:
    return origin_document(origin) if origin else None


def _predicted(predicted: Predicted) -> JsonDocument:
    return {
        "outcome": predicted.outcome.value,
        "source": predicted.source,
        "addresses": list(predicted.addresses),
        "data": list(predicted.data),
        "canonicalName": predicted.canonical_name,
        "origin": _origin(predicted.origin),
        "error": predicted.error or None,
        "unknown": list(predicted.unknown),
    }


def _observed(observed: Observation) -> JsonDocument:
    """What was observed; `couldNotLook` where nobody could, with an outcome of null."""
    if not isinstance(observed, Observed):
        return {
            "outcome": None,
            "addresses": [],
            "data": [],
            "canonicalName": "",
            "by": None,
            "couldNotLook": missed_document(observed),
        }
    return {
        "outcome": observed.outcome.value,
        "addresses": list(dict.fromkeys(observed.addresses)),
        "data": list(observed.data),
        "canonicalName": observed.canonical_name,
        "by": observed.by,
        "error": observed.error or None,
        "seconds": observed.seconds,
    }


def _shadowed(shadowed: Shadowed | None) -> JsonDocument | None:
    if shadowed is None:
        return None
    return {
        "name": shadowed.name,
        "addresses": list(shadowed.addresses),
        "origin": _origin(shadowed.origin),
    }
