"""`show` for people: the verdict first, then the lines and their origins, then findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.findings import Severity
from kubectl_hosts.report.findings import print_findings, without_repeats
from kubectl_hosts.report.hosts_document import hosts_document
from kubectl_hosts.report.hosts_one import Layout, block, print_one
from kubectl_hosts.report.structured import finding_documents, one_or_list, print_document
from kubectl_hosts.report.terminal import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubectl_hosts.model.findings import Finding
    from kubectl_hosts.model.hosts.report import HostsReport
    from kubectl_hosts.report.structured import Document


def print_reports(
    reports: Sequence[HostsReport], findings: Sequence[Finding], layout: Layout, *, single: bool
) -> str:
    """The reports in the format of LAYOUT; FINDINGS are the manifests' own."""
    reports = without_repeats(reports, findings)
    if layout.output == "name":
        return "".join(f"pod/{escape(each.name)}\n" for each in reports)
    if layout.output not in {"table", "wide"}:
        return print_document(hosts_documents(reports, findings, single=single), layout.output)
    body = print_one(reports[0], layout) if single else _print_fleet(reports, layout)
    printed = print_findings(findings, layout.style)
    errors = sum(1 for each in findings if each.severity is Severity.ERROR)
    if not errors:
        return body + block(printed)
    lead = layout.style.bad(f"{errors} {'error' if errors == 1 else 'errors'} in the manifests")
    return f"{lead}: the API server refuses them, or drops what it does not know\n{printed}\n{body}"


def _print_fleet(reports: Sequence[HostsReport], layout: Layout) -> str:
    from kubectl_hosts.report.hosts_fleet import print_fleet  # noqa: PLC0415  as report/columns.py

    return print_fleet(reports, layout)


def hosts_documents(
    reports: Sequence[HostsReport], findings: Sequence[Finding], *, single: bool
) -> Document:
    """A HostsReport, or a HostsReportList; the manifests' FINDINGS are among its `findings`."""
    document = one_or_list([hosts_document(each) for each in reports], "HostsReport", single=single)
    if findings:
        own = document.get("findings", [])
        assert isinstance(own, list)
        document["findings"] = [*finding_documents(findings), *own]
    return document
