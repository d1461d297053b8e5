"""`show` for people: the verdict first, then the lines and their origins, then findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubectl_hosts.model.findings import Severity
from kubectl_hosts.model.hosts.report import VerdictKind
from kubectl_hosts.report.findings import print_findings, without_repeats
from kubectl_hosts.report.hosts_document import hosts_document
from kubectl_hosts.report.hosts_one import Layout, block, print_one
from kubectl_hosts.report.structured import (
    finding_documents,
    list_head,
    one_or_list,
    print_document,
    print_json_list,
)
from kubectl_hosts.report.terminal import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kubectl_hosts.model.api.review import ManifestsVerdict
    from kubectl_hosts.model.findings import Finding
    from kubectl_hosts.model.hosts.report import HostsReport
    from kubectl_hosts.report.structured import Document


def print_reports(
    reports: Sequence[HostsReport],
    manifests: ManifestsVerdict | None,
    layout: Layout,
    *,
    single: bool,
) -> str:
    """The reports in the format of LAYOUT, with what the API server would say of MANIFESTS.

    A manifest's error comes first: alone it is the first line, several are counted there.
    """
    findings = manifests.findings if manifests else ()
    reports = without_repeats(reports, findings)
    if layout.output == "name":
        return "".join(f"pod/{escape(each.name)}\n" for each in reports)
    if layout.output not in {"table", "wide"}:
        return print_document(hosts_documents(reports, findings, single=single), layout.output)
    errors = [each for each in findings if each.severity is Severity.ERROR]
    others = [each for each in findings if each.severity is not Severity.ERROR]
    body = _body(reports, layout, single=single) + block(print_findings(others, layout.style))
    body = body.lstrip("\n")
    if manifests is None or not errors:
        return body
    printed = print_findings(errors, layout.style)
    lead = f"{_lead(len(errors), manifests, layout)}\n\n" if len(errors) > 1 else ""
    return f"{lead}{printed}{block(body)}"


def print_pieces(
    reports: Sequence[HostsReport],
    manifests: ManifestsVerdict | None,
    layout: Layout,
    *,
    single: bool,
) -> Iterator[str]:
    """What `print_reports` gives, in pieces where it is long."""
    if layout.output == "json" and manifests is None and not single:
        yield from print_json_list(list_head("HostsReport"), map(hosts_document, reports))
    else:
        yield print_reports(reports, manifests, layout, single=single)


def _lead(errors: int, manifests: ManifestsVerdict, layout: Layout) -> str:
    """`3 errors in the manifests: the API server refuses Deployment web`."""
    counted = layout.style.bad(f"{errors} errors in the manifests")
    refused = manifests.refused
    if not refused:
        return counted
    several = f"{len(refused)} of {manifests.given} objects"
    return (
        f"{counted}: the API server refuses {escape(refused[0]) if len(refused) == 1 else several}"
    )


def _body(reports: Sequence[HostsReport], layout: Layout, *, single: bool) -> str:
    if not single and all(each.verdict.kind is VerdictKind.REFUSED for each in reports):
        return ""
    return print_one(reports[0], layout) if single else _print_fleet(reports, layout)


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
