"""`show` for people: the verdict first, then the lines and their origins, then findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubectl_hosts.model.hosts.report import LineStatus, VerdictKind
from kubectl_hosts.model.hosts.verdict import describe_supplier
from kubectl_hosts.report.findings import print_findings, print_not_checked
from kubectl_hosts.report.hosts_document import hosts_document
from kubectl_hosts.report.origins import describe_origin
from kubectl_hosts.report.structured import one_or_list, print_document
from kubectl_hosts.report.table import print_table
from kubectl_hosts.report.terminal import Style, escape, fit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kubectl_hosts.model.findings import Finding
    from kubectl_hosts.model.hosts.report import ContainerReport, HostsReport, ReportLine


class Layout(NamedTuple):
    """How to print: the format, colours, the terminal's width (None: no limit), headers."""

    output: str
    style: Style
    width: int | None = None
    headers: bool = True


def print_reports(
    reports: Sequence[HostsReport], findings: Sequence[Finding], layout: Layout, *, single: bool
) -> str:
    """The reports in the format of LAYOUT; FINDINGS are the manifests' own."""
    if layout.output == "name":
        return "".join(f"pod/{escape(each.name)}\n" for each in reports)
    if layout.output not in {"table", "wide"}:
        documents = [hosts_document(each) for each in reports]
        return print_document(one_or_list(documents, "HostsReport", single=single), layout.output)
    body = _one(reports[0], layout) if single else _many(reports, layout)
    return body + _block(print_findings(findings, layout.style))


def _block(text: str) -> str:
    """TEXT after a blank line, nothing for nothing."""
    return f"\n{text}" if text else ""


def headline(report: HostsReport, style: Style) -> str:
    """The verdict in one line."""
    sentence = escape(report.verdict.sentence)
    where = f"pod {escape(report.namespace)}/{escape(report.name)}"
    match report.verdict.kind:
        case VerdictKind.HOLDS | VerdictKind.PREDICTED:
            return f"{where}: /etc/hosts {style.good(sentence)}\n"
        case VerdictKind.DIFFERS:
            return f"{where}: /etc/hosts {style.bad(sentence)}\n"
        case VerdictKind.OWN_MOUNT | VerdictKind.NOT_THE_KUBELET:
            return f"{where}: /etc/hosts {style.warning(sentence)}\n"
        case VerdictKind.COULD_NOT_LOOK | VerdictKind.NO_FILE:
            return f"{where}: {style.warning(sentence)}\n"


def _one(report: HostsReport, layout: Layout) -> str:
    fix = f"fix: {escape(report.verdict.fix)}\n" if report.verdict.fix else ""
    shown = [each for each in report.containers if not each.same_as]
    several = len(report.containers) > 1
    parts = [_container(each, report, layout, named=several) for each in shown]
    return (
        headline(report, layout.style) + fix + "".join(map(_block, parts)) + _rest(report, layout)
    )


def _rest(report: HostsReport, layout: Layout) -> str:
    assumed = "".join(f"Assumed: {escape(each)}.\n" for each in report.assumptions)
    return (
        _block(print_findings(report.findings, layout.style))
        + _block(print_not_checked(report.not_checked))
        + _block(assumed)
    )


def _container(
    container: ContainerReport, report: HostsReport, layout: Layout, *, named: bool
) -> str:
    sharing = [each.name for each in report.containers if each.same_as == container.name]
    names = ", ".join((container.name, *sharing))
    title = f"Container {escape(names)}:\n" if named else ""
    return title + _lines(container, layout) + _supplied(container, report.namespace)


def _lines(container: ContainerReport, layout: Layout) -> str:
    if not container.lines:
        return ""
    wide = layout.output == "wide"
    differs = any(each.status is not LineStatus.EXPECTED for each in container.lines)
    headers = ["LINE", *(["STATUS"] if differs or wide else []), "TEXT", "FROM"]
    headers += ["KIND", "OBJECT"] if wide else []
    rows = [
        [
            "" if line.number is None else str(line.number),
            *([line.status.value] if differs or wide else []),
            shown_text(line.text),
            describe_line(line),
            *([line.origin.kind.value, escape(line.origin.object)] if wide else []),
        ]
        for line in container.lines
    ]
    table = print_table(headers, rows, show_headers=layout.headers)
    return _coloured(table, container.lines, layout)


def _coloured(table: str, lines: Sequence[ReportLine], layout: Layout) -> str:
    """The rows cut to the terminal's width, those that differ in colour."""
    text = table.splitlines()
    header, rows = (text[:1], text[1:]) if layout.headers else ([], text)
    paint: dict[LineStatus, Callable[[str], str]] = {
        LineStatus.EXPECTED: str,
        LineStatus.EXTRA: layout.style.warning,
        LineStatus.MISSING: layout.style.bad,
        LineStatus.CHANGED: layout.style.bad,
    }
    shown = [_cut(each, layout.width) for each in header]
    shown += [
        paint[line.status](_cut(row, layout.width)) for row, line in zip(rows, lines, strict=True)
    ]
    return "".join(f"{each}\n" for each in shown)


def _cut(row: str, width: int | None) -> str:
    return row if width is None else fit(row, width)


def shown_text(text: str) -> str:
    """A line of the file in a cell: tabs as two spaces, control characters visible."""
    return "  ".join(escape(part) for part in text.split("\t")).rstrip() or "<blank>"


def describe_line(line: ReportLine) -> str:
    """Where a line comes from, and what it should be where it is another."""
    words = describe_origin(line.origin)
    if line.instead_of:
        return f"{words}: {shown_text(line.instead_of)}"
    return words


def _supplied(container: ContainerReport, namespace: str) -> str:
    read = f" read through container {container.read_from}" if container.read_from else ""
    words = f"Supplied by: {describe_supplier(container.managed_by, namespace)}{read}\n"
    written = container.last_written
    if written.at:
        later = f", or later: {written.or_later}" if written.or_later else ""
        words += f"Last written: {written.at}, when container {written.by} started{later}\n"
    notes = "".join(f"Note: {each}\n" for each in container.notes)
    return escape(words + notes)


_WORDS = {
    VerdictKind.HOLDS: "as the spec asks",
    VerdictKind.DIFFERS: "differs",
    VerdictKind.OWN_MOUNT: "own mount",
    VerdictKind.NOT_THE_KUBELET: "not the kubelet's",
    VerdictKind.COULD_NOT_LOOK: "could not look",
    VerdictKind.PREDICTED: "predicted",
    VerdictKind.NO_FILE: "no file yet",
}


def _many(reports: Sequence[HostsReport], layout: Layout) -> str:
    spans = len({each.namespace for each in reports}) > 1
    headers = [*(["NAMESPACE"] if spans else []), "POD", "CONTAINER", "HOSTS", "WHY"]
    headers += ["SUPPLIED-BY", "LAST-WRITTEN"] if layout.output == "wide" else []
    rows = [
        [*([escape(report.namespace)] if spans else []), *_row(report, container, layout)]
        for report in reports
        for container in report.containers
    ]
    table = print_table(headers, rows, show_headers=layout.headers)
    body = "".join(f"{_cut(line, layout.width)}\n" for line in table.splitlines())
    return f"{summary(reports)}\n\n{body}{_details(reports, layout)}"


def _row(report: HostsReport, container: ContainerReport, layout: Layout) -> list[str]:
    verdict = container.verdict
    why = container.unreadable or verdict.sentence.partition(": ")[2] or verdict.sentence
    row = [escape(report.name), escape(container.name) or "<none>", _WORDS[verdict.kind]]
    row.append(shown_text(why.split("\n")[0]))
    if layout.output == "wide":
        supplier = describe_supplier(container.managed_by, report.namespace)
        row += [escape(supplier), container.last_written.at or "<none>"]
    return row


def summary(reports: Sequence[HostsReport]) -> str:
    """The first line for many pods: how many are as their specs ask, how many are not."""
    counts: dict[VerdictKind, int] = {}
    for each in reports:
        counts[each.verdict.kind] = counts.get(each.verdict.kind, 0) + 1
    held = counts.pop(VerdictKind.HOLDS, 0)
    others = ", ".join(f"{number} {_WORDS[kind]}" for kind, number in counts.items())
    answer = f"{held} of {len(reports)} pods hold what their specs ask"
    return f"{answer}; {others}" if others else answer


def _details(reports: Sequence[HostsReport], layout: Layout) -> str:
    """The whole report of each pod that differs."""
    shown = [each for each in reports if each.verdict.kind is VerdictKind.DIFFERS]
    return "".join(_block(_one(each, layout)) for each in shown)
