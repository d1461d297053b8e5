"""HostsReport as a document: `schemas/hosts-report.json` describes it."""

from __future__ import annotations

from dataclasses import fields
from enum import Enum
from typing import TYPE_CHECKING

from kubectl_hosts.report.structured import (
    API_VERSION,
    Document,
    finding_documents,
    not_checked_documents,
    origin_document,
)

if TYPE_CHECKING:
    from kubectl_hosts.model.hosts.kubelet import LastWritten
    from kubectl_hosts.model.hosts.report import ContainerReport, HostsReport, ReportLine, Verdict
    from kubectl_hosts.model.hosts.supplier import Supplier


def hosts_document(report: HostsReport) -> Document:
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


def _verdict(verdict: Verdict) -> Document:
    return {"kind": verdict.kind.value, "sentence": verdict.sentence, "fix": verdict.fix}


def _container(report: ContainerReport) -> Document:
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


def _supplier(supplier: Supplier) -> Document:
    """`{kind, ...}`: the supplier's class and its fields, under the API's spelling."""
    values = {_camel(each.name): getattr(supplier, each.name) for each in fields(supplier)}
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


def _last_written(written: LastWritten) -> Document | None:
    if not written.at:
        return None
    return {"at": written.at, "by": written.by, "orLater": written.or_later or None}


def _line(line: ReportLine) -> Document:
    document: Document = {
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
