"""JSON and YAML: documents of `kubectl-hosts/v1`, additive within v1; schemas stand in schemas/."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kubectl_hosts.model.evidence import CouldNotLook
    from kubectl_hosts.model.findings import Finding
    from kubectl_hosts.model.origin import Origin

API_VERSION = "kubectl-hosts/v1"
Document = dict[str, object]


def print_document(document: object, output: str) -> str:
    """A document as `json`, `yaml` or `jsonpath=TEMPLATE`. Raises BadInput for the template."""
    if output.startswith("jsonpath"):
        from kubectl_hosts.report.jsonpath import print_jsonpath  # noqa: PLC0415

        return print_jsonpath(output.partition("=")[2], document)
    if output == "json":
        return print_json(document) + "\n"
    import yaml  # noqa: PLC0415

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    from kubectl_hosts.report.terminal import has_unsafe  # noqa: PLC0415

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


def print_json_list(head: Document, items: Iterable[Document]) -> Iterator[str]:
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


def one_or_list(items: list[Document], kind: str, *, single: bool) -> Document:
    """One result is the object itself, several are a list, as kubectl does."""
    if single and len(items) == 1:
        return items[0]
    return {**list_head(kind), "items": items}


def list_head(kind: str) -> Document:
    """A list of KIND without its items."""
    return {"apiVersion": API_VERSION, "kind": f"{kind}List"}


def origin_document(origin: Origin) -> Document:
    """`{kind, object, field or line}`; what is empty is left out."""
    document: Document = {"kind": origin.kind.value}
    if origin.object:
        document["object"] = origin.object
    if origin.field:
        document["field"] = origin.field
    if origin.line is not None:
        document["line"] = origin.line
    if origin.file:
        document["file"] = origin.file
    return document


def finding_documents(findings: Iterable[Finding]) -> list[Document]:
    """Findings with their evidence."""
    return [
        {
            "reason": each.reason.value,
            "severity": each.severity.value,
            "message": each.message,
            "fix": each.fix,
            "evidence": [origin_document(origin) for origin in each.evidence],
        }
        for each in findings
    ]


def not_checked_documents(missed: Iterable[CouldNotLook]) -> list[Document]:
    """What nobody could look at, and why."""
    return [{"what": each.what, "why": each.why, "hint": each.hint} for each in missed]
