"""`show` for people: the verdict first, then the lines and their origins, then findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from kubectl_hosts.model.findings import Severity
from kubectl_hosts.model.hosts.hosts_report import VerdictKind, compared_by
from kubectl_hosts.model.hosts.supplier import describe_supplier
from kubectl_hosts.report.finding_words import (
    colours,
    pods_in_words,
    print_findings,
    print_kinds_not_read,
    without_repeats,
)
from kubectl_hosts.report.hosts_one import (
    Layout,
    block,
    on_a_screen,
    print_lines,
    print_one,
    print_verdict,
    shown_text,
)
from kubectl_hosts.report.json_documents import (
    finding_documents,
    hosts_document,
    list_head,
    one_or_list,
    print_document,
    print_json_list,
)
from kubectl_hosts.report.terminal import escape, fit, folded, print_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kubectl_hosts.model.api.review import ManifestsVerdict
    from kubectl_hosts.model.findings import Finding
    from kubectl_hosts.model.hosts.hosts_report import ContainerReport, HostsReport
    from kubectl_hosts.report.json_documents import JsonDocument


def print_reports(
    reports: Sequence[HostsReport],
    manifests: ManifestsVerdict | None,
    layout: Layout,
    *,
    single: bool,
) -> str:
    """The reports in the format of LAYOUT, with what the API server would say of MANIFESTS.

    The manifests' errors come first: one is the first line, several are counted there. Of a single
    pod so do warnings, where there are no errors; of many pods the summary says more.
    """
    findings = manifests.findings if manifests else ()
    reports = without_repeats(reports, findings)
    if layout.output == "name":
        return "".join(f"pod/{escape(each.name)}\n" for each in reports)
    if layout.output not in {"table", "wide"}:
        return print_document(hosts_documents(reports, findings, single=single), layout.output)
    if not layout.headers:
        return _bare_rows(reports, layout, single=single)
    leading = (Severity.ERROR, *([Severity.WARNING] if single else []))
    by_severity = ([each for each in findings if each.severity is kind] for kind in leading)
    first = next(filter(None, by_severity), [])
    others = [each for each in findings if each not in first]
    body = _body(reports, layout, single=single) + block(print_findings(others, layout.style))
    body = body.lstrip("\n")
    if manifests is None or not first:
        return body
    printed = print_findings(first, layout.style)
    lead = f"{_lead(first, manifests, layout)}\n\n" if len(first) > 1 else ""
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


def _lead(first: Sequence[Finding], manifests: ManifestsVerdict, layout: Layout) -> str:
    """`3 errors in the manifests: the API server refuses Deployment web`."""
    severity = first[0].severity
    counted = colours(layout.style)[severity](f"{len(first)} {severity.value}s in the manifests")
    refused = manifests.refused
    if not refused:
        return counted
    several = f"{len(refused)} of {manifests.given} objects"
    return (
        f"{counted}: the API server refuses {escape(refused[0]) if len(refused) == 1 else several}"
    )


def _bare_rows(reports: Sequence[HostsReport], layout: Layout, *, single: bool) -> str:
    """The rows of the table and nothing else, so that `wc -l` counts them as kubectl's."""
    if not single:
        return _table(reports, layout)
    shown = (each for each in reports[0].containers if not each.same_as)
    return "".join(print_lines(each, layout) for each in shown)


def _body(reports: Sequence[HostsReport], layout: Layout, *, single: bool) -> str:
    if not single and all(each.verdict.kind is VerdictKind.REFUSED for each in reports):
        return ""
    return print_one(reports[0], layout) if single else print_fleet(reports, layout)


def hosts_documents(
    reports: Sequence[HostsReport], findings: Sequence[Finding], *, single: bool
) -> JsonDocument:
    """A HostsReport, or a HostsReportList; the manifests' FINDINGS are among its `findings`."""
    document = one_or_list([hosts_document(each) for each in reports], "HostsReport", single=single)
    if findings:
        own = document.get("findings", [])
        assert isinstance(own, list)
        document["findings"] = [*finding_documents(findings), *own]
    return document


# Many pods: how many match their specs, a row each, and the whole report of the others.

SHOWN = 10
"""Pods whose whole report stands below the table."""
_SHOWN_FINDINGS = 10
_NARROWEST_WHY, _WIDEST_WHY = 24, 160


class _Words(NamedTuple):
    """A verdict in a cell, and in the summary for one pod and for several."""

    cell: str
    one: str
    several: str


_WORDS = {
    VerdictKind.HOLDS: _Words("matches the spec", "matches its spec", "match their specs"),
    VerdictKind.PREDICTED: _Words("predicted", "will match its spec", "will match their specs"),
    VerdictKind.DIFFERS: _Words("differs", "differs", "differ"),
    VerdictKind.OWN_MOUNT: _Words(
        "own mount", "has a mount of its own", "have mounts of their own"
    ),
    VerdictKind.NOT_THE_KUBELET: _Words(
        "not the kubelet's", "has another file than the kubelet's", "have other files"
    ),
    VerdictKind.COULD_NOT_LOOK: _Words("could not look", "could not be read", "could not be read"),
    VerdictKind.REFUSED: _Words("refused", "is refused", "are refused"),
    VerdictKind.NO_FILE: _Words("no file yet", "has no file yet", "have no file yet"),
}


_FOLDED_ROWS, _FOLDED_REPORTS = 6, 2
"""On a screen: rows of pods that are not as they should be, and of those the ones with a fix."""


def print_fleet(reports: Sequence[HostsReport], layout: Layout) -> str:
    """The summary, the table, what would help, findings, and the reports of those that differ."""
    return on_a_screen(lambda chosen: _print_fleet(reports, chosen), layout)


def _print_fleet(reports: Sequence[HostsReport], layout: Layout) -> str:
    table = _folded_table(reports, layout) if layout.folds else _table(reports, layout)
    below = (
        _assumed(reports, layout),
        _not_read(reports, layout),
        _hints(reports),
        _findings(reports, layout),
        _details(reports, layout),
    )
    return f"{summary(reports)}\n\n{table}{''.join(below)}"


def summary(reports: Sequence[HostsReport]) -> str:
    """The first line: how many pods match their specs, how many do not."""
    counts = {kind: sum(1 for each in reports if each.verdict.kind is kind) for kind in VerdictKind}
    good = VerdictKind.PREDICTED if counts[VerdictKind.PREDICTED] else VerdictKind.HOLDS
    held = counts.pop(good)
    others = ", ".join(
        f"{number} {_WORDS[kind].one if number == 1 else _WORDS[kind].several}"
        for kind, number in counts.items()
        if number
    )
    pods = "pod" if len(reports) == 1 else "pods"
    verb = _WORDS[good].one if len(reports) == 1 else _WORDS[good].several
    answer = f"{held} of {len(reports)} {pods} {verb}"
    return f"{answer}; {others}" if others else answer


def _folded_table(reports: Sequence[HostsReport], layout: Layout) -> str:
    """The rows of pods that are not as they should be; the others are counted."""
    telling = [e for e in reports if e.verdict.kind not in _GOOD or _grave(e)]
    telling.sort(key=lambda each: each.verdict.kind is not VerdictKind.DIFFERS)
    shown = telling[:_FOLDED_ROWS]
    table = _table(shown, layout) if shown else ""
    left_out = len(reports) - len(shown)
    return f"{table}and {left_out} more (-o wide)\n" if left_out else table


_GOOD = frozenset({VerdictKind.HOLDS, VerdictKind.PREDICTED})


def _table(reports: Sequence[HostsReport], layout: Layout) -> str:
    spans = layout.all_namespaces or len({each.namespace for each in reports}) > 1
    wide = layout.output == "wide"
    headers = [*(["NAMESPACE"] if spans else []), "POD", "CONTAINER", "HOSTS", "WHY"]
    headers += ["SUPPLIED-BY", "LAST-WRITTEN"] if wide else []
    rows = [
        [*([escape(report.namespace)] if spans else []), *_row(report, container)]
        for report in reports
        for container in report.containers
    ]
    if wide:
        pairs = ((report, each) for report in reports for each in report.containers)
        rows = [[*row, *_more(*pair)] for row, pair in zip(rows, pairs, strict=True)]
    elif layout.width is not None:
        others = [headers[:-1], *(row[:-1] for row in rows)]
        room = max(_NARROWEST_WHY, layout.width - _taken(others))
        rows = [[*row[:-1], fit(row[-1], room)] for row in rows]
    table = print_columns([*([headers] if layout.headers else []), *rows])
    if wide or layout.width is None:
        return table
    return "".join(f"{fit(line, layout.width)}\n" for line in table.splitlines())


def _taken(rows: Sequence[Sequence[str]]) -> int:
    return sum(max(map(len, column)) + 3 for column in zip(*rows, strict=True))


def _row(report: HostsReport, container: ContainerReport) -> list[str]:
    name = escape(container.name) or "<none>"
    kind = container.verdict.kind
    said = (_reasons(report, container), _why(report, container))
    why = fit(shown_text(": ".join(each for each in said if each)), _WIDEST_WHY)
    return [escape(report.name), name, _WORDS[kind].cell, why]


def _reasons(report: HostsReport, container: ContainerReport) -> str:
    """The gravest of the pod's findings and how many more it has, in its first row."""
    if container is not report.containers[0] or not _grave(report):
        return ""
    first, *others = dict.fromkeys(each.reason.value for each in _grave(report))
    return f"{first} +{len(others)}" if others else first


def _why(report: HostsReport, container: ContainerReport) -> str:
    """The verdict's reason without what every row of its kind repeats."""
    sentence = container.verdict.sentence
    match container.verdict.kind:
        case VerdictKind.OWN_MOUNT:
            where = describe_supplier(container.managed_by, report.namespace)
            mount = where.removeprefix("own mount (").removesuffix(")")
            return f"{mount}: {container.unreadable}" if container.unreadable else mount
        case VerdictKind.COULD_NOT_LOOK | VerdictKind.NO_FILE if container.unreadable:
            said = container.unreadable.removeprefix(f'container "{container.name}" is ')
            return said.removeprefix("Error from server ")
        case VerdictKind.DIFFERS:
            return sentence.partition(": ")[2].partition("; ")[0]
        case VerdictKind.NOT_THE_KUBELET:
            return sentence.partition(": ")[0]
        case _:
            return sentence.partition(": ")[2] or sentence


def _grave(report: HostsReport) -> tuple[Finding, ...]:
    """The findings that a fleet shows; what is only odd stands in the report of the one pod."""
    return tuple(each for each in report.findings if each.severity is not Severity.INFO)


def _more(report: HostsReport, container: ContainerReport) -> list[str]:
    """The columns that `-o wide` adds."""
    supplier = describe_supplier(container.managed_by, report.namespace)
    written = "<edited since>" if container.drift else container.last_written.at
    return [escape(supplier), written or "<none>"]


def _assumed(reports: Sequence[HostsReport], layout: Layout) -> str:
    """What the files were compared by that nobody knows."""
    pods = compared_by(reports)
    lines = (escape(f"Assumed for {pods_in_words(names)}: {each}.") for each, names in pods.items())
    return block(folded("\n".join(lines), layout.width))


def _not_read(reports: Sequence[HostsReport], layout: Layout) -> str:
    """The kinds of object that could not be read; what containers lack stands in their rows."""
    missed = ((each.name, each.not_checked) for each in reports)
    return block(folded(print_kinds_not_read(missed), layout.width))


def _hints(reports: Sequence[HostsReport]) -> str:
    """What would help with those that could not be read, each advice once."""
    unread = (VerdictKind.COULD_NOT_LOOK, VerdictKind.NO_FILE)
    fixes = dict.fromkeys(each.verdict.fix for each in reports if each.verdict.kind in unread)
    return block("".join(f"hint: {escape(each)}\n" for each in fixes if each))


def _findings(reports: Sequence[HostsReport], layout: Layout) -> str:
    """The findings of the pods whose reports are not below, each once with the pods that have it.

    Those of the reports below stand there.
    """
    pods: dict[Finding, list[str]] = {}
    for report in reports:
        if report.verdict.kind is not VerdictKind.DIFFERS:
            for each in _grave(report):
                pods.setdefault(replace(each, evidence=()), []).append(report.name)
    shown = list(pods.items())[: 1 if layout.folds else _SHOWN_FINDINGS]
    left_out = len(pods) - len(shown)
    printed = print_findings(
        [replace(each, message=f"{pods_in_words(names)}: {each.message}") for each, names in shown],
        layout.style,
    )
    more = f"{left_out} more: kubectl hosts show POD prints those of one.\n" if left_out > 0 else ""
    return block(folded(printed + more, layout.width)) if printed else ""


def _details(reports: Sequence[HostsReport], layout: Layout) -> str:
    """The whole report of each pod that differs."""
    differing = [each for each in reports if each.verdict.kind is VerdictKind.DIFFERS]
    show, most = (print_verdict, _FOLDED_REPORTS) if layout.folds else (print_one, SHOWN)
    shown = "".join(block(show(each, layout)) for each in differing[:most])
    left_out = len(differing) - most
    if left_out <= 0:
        return shown
    more = f"{left_out} more {'pod differs' if left_out == 1 else 'pods differ'}"
    return f"{shown}\n{more}: kubectl hosts show POD prints the lines of one.\n"
